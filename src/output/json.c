// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The report as one JSON object, schema iopftrace-report/1. Names are for ever: add, never rename.
 * What is not known is null, never 0. Addresses of kernel objects are left out: reports are shown
 * to others, and they would tell where the kernel lies in memory.
 */
#include "json_writer.h"
#include "names.h"
#include "output.h"
#include "units.h"

#define UNKNOWN UINT64_MAX

/* A time of the run as the time since its start. */
static void put_since_start(struct json *j, const char *key, const struct iopf_report *r,
			    uint64_t ns)
{
	json_maybe(j, key, ns && ns >= r->start_ns, ns - r->start_ns);
}

/* What this was and how it ended. */
static void put_run(struct json *j, const struct iopf_report *r, const struct output_opts *opts)
{
	bool host = !opts->deterministic;

	json_string(j, "schema", "iopftrace-report/1");
	json_bool(j, "complete", r->complete);
	json_string(j, "verdict", iopf_verdict_name(r->verdict));
	json_i64(j, "exit_code", r->exit_code);
	json_name(j, "version", host ? r->version : NULL);
	json_name(j, "kernel", host ? r->kernel : NULL);
	json_maybe(j, "start_realtime_ns", host && r->start_realtime_ns, r->start_realtime_ns);
	json_u64(j, "duration_ns", r->duration_ns);
}

/* Why it cannot say more. */
static void put_doubts(struct json *j, const struct iopf_report *r)
{
	unsigned int doubt;

	json_array(j, "doubts");
	for (doubt = 0; doubt < IOPF_DOUBTS; doubt++)
		if (r->doubt[doubt])
			json_string(j, NULL, names_doubt((enum iopf_doubt)doubt));
	json_close(j);
}

/* The counts of groups. */
static void put_groups(struct json *j, const struct iopf_report *r)
{
	unsigned int by;

	json_object_lines(j, "groups");
	json_u64(j, "reported", r->groups.reported);
	json_u64(j, "enqueued", r->groups.enqueued);
	json_u64(j, "delivered", r->groups.delivered);
	json_u64(j, "answered_user", r->groups.answered_user);
	json_u64(j, "answered_kernel", r->groups.answered_kernel);
	json_u64(j, "outstanding", r->groups.outstanding);
	json_u64(j, "outstanding_max", r->groups.outstanding_max);
	json_u64(j, "pages", r->groups.pages);
	json_u64(j, "adopted", r->groups.adopted);
	json_u64(j, "unknown", r->groups.unknown);
	json_u64(j, "partial", r->groups.partial);
	json_u64(j, "refused", r->groups.refused);
	json_u64(j, "min_wanted", r->min_groups);
	json_object(j, "answered_by");
	for (by = 0; by < IOPF_RESPONDERS; by++)
		if (by != IOPF_BY_NOBODY)
			json_u64(j, iopf_responder_name((enum iopf_responder)by),
				 r->groups.answered_by[by]);
	json_close(j);
	json_close(j);
}

/* Answers and calls. */
static void put_calls(struct json *j, const struct iopf_report *r)
{
	json_object(j, "responses");
	json_u64(j, "success", r->responses.success);
	json_u64(j, "invalid", r->responses.invalid);
	json_u64(j, "failure", r->responses.failure);
	json_u64(j, "rejected", r->responses.rejected);
	json_close(j);
	json_object(j, "calls");
	json_u64(j, "reads", r->calls.reads);
	json_u64(j, "empty_reads", r->calls.empty_reads);
	json_u64(j, "failed_reads", r->calls.failed_reads);
	json_u64(j, "writes", r->calls.writes);
	json_u64(j, "failed_writes", r->calls.failed_writes);
	json_close(j);
}

/* What was not seen: how much, why and where. */
static void put_lost(struct json *j, const struct iopf_report *r)
{
	unsigned int reason;

	json_object(j, "lost");
	json_u64(j, "events", r->lost.events);
	json_u64(j, "probe_misses", r->lost.probe_misses);
	for (reason = 0; reason < IOPF_LOST_REASONS; reason++)
		json_u64(j, names_lost((enum iopf_lost)reason), r->lost.reason[reason]);
	json_u64(j, "gaps", r->lost.gaps);
	json_maybe(j, "first_gap_seq", r->lost.gaps, r->lost.first_gap_seq);
	json_maybe(j, "last_gap_seq", r->lost.gaps, r->lost.last_gap_seq);
	put_since_start(j, "first_gap_after_ns", r, r->lost.gaps ? r->lost.first_gap_ns : 0);
	json_close(j);
	json_object(j, "out_of_scope");
	json_u64(j, "objects", r->out_of_scope.objects);
	json_u64(j, "groups", r->out_of_scope.groups);
	json_u64(j, "events", r->out_of_scope.events);
	json_close(j);
}

/* The buckets that are in use: lowest and highest value (both inside), count. */
static void put_histogram(struct json *j, const struct iopf_hist *h)
{
	unsigned int i;

	json_array(j, "histogram");
	for (i = 0; i < IOPF_HIST_BUCKETS; i++) {
		uint64_t lo, hi;

		if (!h->bucket[i])
			continue;
		iopf_hist_edges(i, &lo, &hi);
		json_array(j, NULL);
		json_u64(j, NULL, lo);
		json_u64(j, NULL, hi);
		json_u64(j, NULL, h->bucket[i]);
		json_close(j);
	}
	json_close(j);
}

/* One stage. */
static void put_stage(struct json *j, const struct iopf_report *r, const struct output_opts *opts,
		      enum iopf_stage stage)
{
	const struct iopf_hist *h = &r->stage[stage].hist;
	const struct iopf_hist *total = &r->stage[IOPF_STAGE_TOTAL].hist;
	bool any = h->count > 0;
	size_t i;

	json_object_lines(j, iopf_stage_name(stage));
	json_u64(j, "count", h->count);
	json_u64(j, "negative", r->stage[stage].negative);
	json_maybe(j, "min_ns", any, h->min);
	json_maybe(j, "mean_ns", any, iopf_hist_mean(h));
	json_maybe(j, "max_ns", any, h->max);
	if (any && total->sum)
		json_decimal(j, "share", (double)h->sum / (double)total->sum);
	else
		json_null(j, "share");
	json_object(j, "percentiles");
	for (i = 0; i < opts->nr_percentiles; i++)
		json_maybe(j, units_decimal(opts->percentile[i]).s, any,
			   iopf_hist_percentile(h, opts->percentile[i]));
	json_close(j);
	put_histogram(j, h);
	json_close(j);
}

/* All stages, the total first. */
static void put_stages(struct json *j, const struct iopf_report *r, const struct output_opts *opts)
{
	unsigned int stage;

	json_object_lines(j, "stages");
	put_stage(j, r, opts, IOPF_STAGE_TOTAL);
	for (stage = 0; stage < IOPF_STAGE_TOTAL; stage++)
		put_stage(j, r, opts, (enum iopf_stage)stage);
	json_close(j);
}

/* A task, or null. */
static void put_task(struct json *j, const char *key, uint32_t tgid, uint32_t tid, const char *comm)
{
	if (!tid) {
		json_null(j, key);
		return;
	}
	json_object(j, key);
	json_u64(j, "tgid", tgid);
	json_u64(j, "tid", tid);
	json_name(j, "comm", comm);
	json_close(j);
}

/* When a group was where, since the start, and how long it took. */
static void put_group_times(struct json *j, const struct iopf_report *r,
			    const struct iopf_group_view *g)
{
	static const char *const moments[] = { "report", "queue", "deliver", "write", "ack" };
	unsigned int i;

	json_object(j, "at_ns");
	for (i = 0; i < IOPF_MOMENTS; i++)
		put_since_start(j, moments[i], r, g->at_ns[i]);
	json_close(j);
	json_object(j, "stages_ns");
	for (i = 0; i < IOPF_STAGES; i++)
		json_maybe(j, iopf_stage_name((enum iopf_stage)i), g->stage_ns[i] != UNKNOWN,
			   g->stage_ns[i]);
	json_close(j);
}

/* One group. */
static void put_group(struct json *j, const struct iopf_report *r, const struct iopf_group_view *g)
{
	bool answered = g->by != IOPF_BY_NOBODY;

	json_object(j, NULL);
	json_u64(j, "seq", g->seq);
	json_maybe(j, "object_id", g->object_id, g->object_id);
	json_u64(j, "dev_id", g->dev_id);
	json_name(j, "device", g->device);
	json_maybe(j, "pasid", g->flags & IOPF_PRQ_PASID_VALID, g->pasid);
	json_u64(j, "grpid", g->grpid);
	json_maybe(j, "cookie", g->cookie, g->cookie);
	json_hex(j, "addr", g->addr);
	json_string(j, "perm", names_perm(g->perm).s);
	json_u64(j, "pages", g->pages);
	json_string(j, "code", answered ? names_code(g->code).s : NULL);
	json_string(j, "answered_by", answered ? iopf_responder_name(g->by) : NULL);
	put_task(j, "reader", g->reader_tgid, g->reader_tid, g->reader);
	put_task(j, "writer", g->writer_tgid, g->writer_tid, g->writer);
	put_group_times(j, r, g);
	json_close(j);
}

/* The groups that are shown one by one. */
static void put_group_lists(struct json *j, const struct iopf_report *r,
			    const struct output_opts *opts)
{
	size_t i;

	json_array_lines(j, "slowest");
	for (i = 0; i < r->nr_slowest && i < opts->slowest; i++)
		put_group(j, r, &r->slowest[i]);
	json_close(j);
	json_array_lines(j, "waiting");
	for (i = 0; i < r->nr_waiting; i++)
		put_group(j, r, &r->waiting[i]);
	json_close(j);
}

/* Fault objects and devices. */
static void put_places(struct json *j, const struct iopf_report *r)
{
	size_t i;

	json_array_lines(j, "objects");
	for (i = 0; i < r->nr_objects; i++) {
		const struct iopf_object_view *o = &r->objects[i];

		json_object(j, NULL);
		json_maybe(j, "id", o->id, o->id);
		json_u64(j, "groups", o->groups);
		put_task(j, "owner", o->owner_tgid, o->owner_tgid, o->owner);
		json_close(j);
	}
	json_close(j);
	json_array_lines(j, "devices");
	for (i = 0; i < r->nr_devices; i++) {
		json_object(j, NULL);
		json_u64(j, "dev_id", r->devices[i].dev_id);
		json_name(j, "device", r->devices[i].name);
		json_u64(j, "groups", r->devices[i].groups);
		json_close(j);
	}
	json_close(j);
}

/* What the rules and assertions say; none are judged yet. */
static void put_judgement(struct json *j)
{
	static const char *const lists[] = { "findings", "not_checked", "assertions" };
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		json_array_lines(j, lists[i]);
		json_close(j);
	}
}

/* The command, and what tracing cost. */
static void put_costs(struct json *j, const struct iopf_report *r)
{
	json_object(j, "child");
	if (r->has_child)
		json_i64(j, "status", r->child_status);
	else
		json_null(j, "status");
	json_close(j);
	json_object(j, "overhead");
	json_maybe(j, "probe_runs", r->overhead.probe_runs, r->overhead.probe_runs);
	json_maybe(j, "probe_ns", r->overhead.probe_ns, r->overhead.probe_ns);
	json_u64(j, "wakeups", r->overhead.wakeups);
	json_u64(j, "records", r->overhead.records);
	json_u64(j, "bytes", r->overhead.bytes);
	json_maybe(j, "ring_bytes", r->overhead.ring_bytes, r->overhead.ring_bytes);
	json_close(j);
}

int output_json(const struct iopf_report *report, const struct output_opts *opts, FILE *out)
{
	struct json j;

	json_begin(&j, out);
	json_object_lines(&j, NULL);
	put_run(&j, report, opts);
	put_doubts(&j, report);
	put_groups(&j, report);
	put_calls(&j, report);
	put_lost(&j, report);
	put_stages(&j, report, opts);
	put_judgement(&j);
	put_group_lists(&j, report, opts);
	put_places(&j, report);
	put_costs(&j, report);
	json_close(&j);
	return json_end(&j);
}
