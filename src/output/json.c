// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The report as one JSON object, schema iopftrace-report/1. Names are for ever: add, never rename.
 * What is not known is null, never 0. Addresses of kernel objects are left out: reports are shown
 * to others, and they would tell where the kernel lies in memory.
 */
#define OUTPUT_JSON_PRIVATE
#include "json_private.h"

#include "cut.h"
#include "doubts.h"
#include "names.h"
#include "units.h"

#define UNKNOWN UINT64_MAX

/* A time of the run as the time since its start. */
static void put_since_start(struct jw *j, const char *key, const struct iopf_report *r, uint64_t ns)
{
	jw_maybe(j, key, ns && ns >= r->start_ns, ns - r->start_ns);
}

/* What this was and how it ended. */
static void put_run(struct jw *j, const struct iopf_report *r, const struct output_opts *opts)
{
	bool host = !opts->deterministic;

	jw_string(j, "schema", "iopftrace-report/1");
	jw_bool(j, "complete", r->complete);
	jw_string(j, "verdict", iopf_verdict_name(r->verdict));
	jw_i64(j, "exit_code", r->exit_code);
	jw_string(j, "exit_because", iopf_because_name(r->exit_because));
	jw_name(j, "version", host ? r->version : NULL);
	jw_name(j, "kernel", host ? r->kernel : NULL);
	jw_maybe(j, "start_realtime_ns", host && r->start_realtime_ns, r->start_realtime_ns);
	jw_u64(j, "duration_ns", r->duration_ns);
}

/* Why it cannot say more. */
static void put_doubts(struct jw *j, const struct iopf_report *r)
{
	unsigned int doubt;

	jw_array(j, "doubts");
	for (doubt = 0; doubt < IOPF_DOUBTS; doubt++)
		if (r->doubt[doubt])
			jw_string(j, NULL, names_doubt((enum iopf_doubt)doubt));
	jw_close(j);
}

/* The counts of groups. */
static void put_groups(struct jw *j, const struct iopf_report *r)
{
	unsigned int by;

	jw_object_lines(j, "groups");
	jw_u64(j, "reported", r->groups.reported);
	jw_u64(j, "enqueued", r->groups.enqueued);
	jw_u64(j, "delivered", r->groups.delivered);
	jw_u64(j, "answered_user", r->groups.answered_user);
	jw_u64(j, "answered_kernel", r->groups.answered_kernel);
	jw_u64(j, "outstanding", r->groups.outstanding);
	jw_u64(j, "outstanding_max", r->groups.outstanding_max);
	jw_u64(j, "pages", r->groups.pages);
	jw_u64(j, "adopted", r->groups.adopted);
	jw_u64(j, "unknown", r->groups.unknown);
	jw_u64(j, "partial", r->groups.partial);
	jw_u64(j, "refused", r->groups.refused);
	jw_u64(j, "min_wanted", r->min_groups);
	jw_object(j, "answered_by");
	for (by = 0; by < IOPF_RESPONDERS; by++)
		if (by != IOPF_BY_NOBODY)
			jw_u64(j, iopf_responder_name((enum iopf_responder)by),
			       r->groups.answered_by[by]);
	jw_close(j);
	jw_close(j);
}

/* Answers and calls. */
static void put_calls(struct jw *j, const struct iopf_report *r)
{
	jw_object(j, "responses");
	jw_u64(j, "success", r->responses.success);
	jw_u64(j, "invalid", r->responses.invalid);
	jw_u64(j, "failure", r->responses.failure);
	jw_u64(j, "rejected", r->responses.rejected);
	jw_close(j);
	jw_object(j, "calls");
	jw_u64(j, "reads", r->calls.reads);
	jw_u64(j, "empty_reads", r->calls.empty_reads);
	jw_u64(j, "failed_reads", r->calls.failed_reads);
	jw_u64(j, "writes", r->calls.writes);
	jw_u64(j, "failed_writes", r->calls.failed_writes);
	jw_close(j);
}

/*
 * How often each program was skipped, and how often another program told what it would have. Old recordings
 * do not have the second number.
 */
static void put_misses(struct jw *j, const struct iopf_report *r)
{
	unsigned int i;

	jw_object(j, "probe_misses_by");
	for (i = 0; i < IOPF_PROBES; i++) {
		uint64_t missed = r->misses.left[i] + r->misses.made_good[i];

		if (!missed)
			continue;
		jw_object(j, iopf_probe_name((enum iopf_probe)i));
		jw_u64(j, "missed", missed);
		jw_maybe(j, "made_good", r->misses.told, r->misses.made_good[i]);
		jw_close(j);
	}
	jw_close(j);
}

/* What was not seen: how much, why and where. */
static void put_lost(struct jw *j, const struct iopf_report *r)
{
	unsigned int reason;

	jw_object(j, "lost");
	jw_u64(j, "events", r->lost.events);
	jw_u64(j, "probe_misses", r->lost.probe_misses);
	jw_u64(j, "probe_misses_made_good", r->lost.made_good);
	put_misses(j, r);
	for (reason = 0; reason < IOPF_LOST_REASONS; reason++)
		jw_u64(j, names_lost((enum iopf_lost)reason), r->lost.reason[reason]);
	jw_u64(j, "missing_from_file", r->lost.missing);
	jw_u64(j, "gaps", r->lost.gaps);
	jw_maybe(j, "first_gap_seq", r->lost.gaps, r->lost.first_gap_seq);
	jw_maybe(j, "last_gap_seq", r->lost.gaps, r->lost.last_gap_seq);
	put_since_start(j, "first_gap_after_ns", r, r->lost.gaps ? r->lost.first_gap_ns : 0);
	jw_close(j);
	jw_object(j, "out_of_scope");
	jw_u64(j, "objects", r->out_of_scope.objects);
	jw_u64(j, "groups", r->out_of_scope.groups);
	jw_u64(j, "events", r->out_of_scope.events);
	jw_close(j);
}

/* The buckets that are in use: lowest and highest value (both inside), count. */
static void put_histogram(struct jw *j, const struct iopf_hist *h)
{
	unsigned int i;

	jw_array(j, "histogram");
	for (i = 0; i < IOPF_HIST_BUCKETS; i++) {
		uint64_t lo, hi;

		if (!h->bucket[i])
			continue;
		iopf_hist_edges(i, &lo, &hi);
		jw_array(j, NULL);
		jw_u64(j, NULL, lo);
		jw_u64(j, NULL, hi);
		jw_u64(j, NULL, h->bucket[i]);
		jw_close(j);
	}
	jw_close(j);
}

void json_stage(struct jw *j, const struct output_opts *opts, enum iopf_stage stage,
		const struct iopf_stage_stats *stats, double share, bool buckets)
{
	const struct iopf_hist *h = &stats->hist;
	bool any = h->count > 0;
	size_t i;

	jw_object_lines(j, iopf_stage_name(stage));
	jw_u64(j, "count", h->count);
	jw_u64(j, "negative", stats->negative);
	jw_maybe(j, "min_ns", any, h->min);
	jw_maybe(j, "mean_ns", any, iopf_hist_mean(h));
	jw_maybe(j, "max_ns", any, h->max);
	if (share >= 0)
		jw_decimal(j, "share", share);
	else
		jw_null(j, "share");
	jw_object(j, "percentiles");
	for (i = 0; i < opts->nr_percentiles; i++)
		jw_maybe(j, units_decimal(opts->percentile[i]).s, any,
			 iopf_hist_percentile(h, opts->percentile[i]));
	jw_close(j);
	if (buckets)
		put_histogram(j, h);
	jw_close(j);
}

/* One stage of all groups. */
static void put_stage(struct jw *j, const struct iopf_report *r, const struct output_opts *opts,
		      enum iopf_stage stage)
{
	json_stage(j, opts, stage, &r->stage[stage], cut_share_all(r, stage), true);
}

/* All stages, the total first. */
static void put_stages(struct jw *j, const struct iopf_report *r, const struct output_opts *opts)
{
	unsigned int stage;

	jw_object_lines(j, "stages");
	put_stage(j, r, opts, IOPF_STAGE_TOTAL);
	for (stage = 0; stage < IOPF_STAGE_TOTAL; stage++)
		put_stage(j, r, opts, (enum iopf_stage)stage);
	jw_close(j);
}

/* A task, or null. */
static void put_task(struct jw *j, const char *key, uint32_t tgid, uint32_t tid, const char *comm)
{
	if (!tid) {
		jw_null(j, key);
		return;
	}
	jw_object(j, key);
	jw_u64(j, "tgid", tgid);
	jw_u64(j, "tid", tid);
	jw_name(j, "comm", comm);
	jw_close(j);
}

/* When a group was where, since the start, and how long it took. */
static void put_group_times(struct jw *j, const struct iopf_report *r,
			    const struct iopf_group_view *g)
{
	static const char *const moments[] = { "report", "queue", "deliver", "write", "ack" };
	unsigned int i;

	jw_object(j, "at_ns");
	for (i = 0; i < IOPF_MOMENTS; i++)
		put_since_start(j, moments[i], r, g->at_ns[i]);
	jw_close(j);
	jw_object(j, "stages_ns");
	for (i = 0; i < IOPF_STAGES; i++)
		jw_maybe(j, iopf_stage_name((enum iopf_stage)i), g->stage_ns[i] != UNKNOWN,
			 g->stage_ns[i]);
	jw_close(j);
}

void json_group(struct jw *j, const struct iopf_report *r, const struct iopf_group_view *g)
{
	bool answered = g->by != IOPF_BY_NOBODY;

	jw_u64(j, "seq", g->seq);
	jw_maybe(j, "object_id", g->object_id, g->object_id);
	jw_u64(j, "dev_id", g->dev_id);
	jw_name(j, "device", g->device);
	jw_maybe(j, "pasid", g->flags & IOPF_PRQ_PASID_VALID, g->pasid);
	jw_u64(j, "grpid", g->grpid);
	jw_maybe(j, "cookie", g->cookie || g->cookie_zero, g->cookie);
	jw_hex(j, "addr", g->addr);
	jw_string(j, "perm", names_perm(g->perm).s);
	jw_u64(j, "pages", g->pages);
	jw_string(j, "code", answered ? names_code(g->code).s : NULL);
	jw_string(j, "answered_by", answered ? iopf_responder_name(g->by) : NULL);
	put_task(j, "reader", g->reader_tgid, g->reader_tid, g->reader);
	put_task(j, "writer", g->writer_tgid, g->writer_tid, g->writer);
	put_group_times(j, r, g);
}

/* One group. */
static void put_group(struct jw *j, const char *key, const struct iopf_report *r,
		      const struct iopf_group_view *g)
{
	jw_object(j, key);
	json_group(j, r, g);
	jw_close(j);
}

/* The groups that are shown one by one. */
static void put_group_lists(struct jw *j, const struct iopf_report *r,
			    const struct output_opts *opts)
{
	size_t i;

	jw_array_lines(j, "slowest");
	for (i = 0; i < r->nr_slowest && i < opts->slowest; i++)
		put_group(j, NULL, r, &r->slowest[i]);
	jw_close(j);
	jw_array_lines(j, "waiting");
	for (i = 0; i < r->nr_waiting; i++)
		put_group(j, NULL, r, &r->waiting[i]);
	jw_close(j);
}

/* Fault objects and devices. */
static void put_places(struct jw *j, const struct iopf_report *r)
{
	size_t i;

	jw_array_lines(j, "objects");
	for (i = 0; i < r->nr_objects; i++) {
		const struct iopf_object_view *o = &r->objects[i];

		jw_object(j, NULL);
		jw_maybe(j, "id", o->id, o->id);
		jw_u64(j, "groups", o->groups);
		put_task(j, "owner", o->owner_tgid, o->owner_tgid, o->owner);
		jw_close(j);
	}
	jw_close(j);
	jw_array_lines(j, "devices");
	for (i = 0; i < r->nr_devices; i++) {
		jw_object(j, NULL);
		jw_u64(j, "dev_id", r->devices[i].dev_id);
		jw_name(j, "device", r->devices[i].name);
		jw_u64(j, "groups", r->devices[i].groups);
		jw_close(j);
	}
	jw_close(j);
}

/* One event of a journey. */
static void put_step(struct jw *j, const struct iopf_report *r, const struct iopf_step *s)
{
	jw_object(j, NULL);
	jw_string(j, "kind", iopf_step_name(s->kind));
	jw_bool(j, "offending", s->offending);
	jw_maybe(j, "seq", s->has_seq, s->seq);
	put_since_start(j, "time_ns", r, s->time_ns);
	put_since_start(j, "enter_ns", r, s->enter_ns);
	put_task(j, "task", s->tgid, s->tid, s->comm);
	jw_string(j, "text", s->text);
	jw_close(j);
}

/* One occurrence. */
static void put_case(struct jw *j, const char *key, const struct iopf_report *r,
		     const struct iopf_finding *f, const struct iopf_case *c)
{
	size_t i;

	jw_object_lines(j, key);
	jw_u64(j, "seq", c->seq);
	put_since_start(j, "time_ns", r, c->time_ns);
	jw_string(j, "severity", names_severity(c->severity, f->unproven));
	jw_string(j, "blame", iopf_blame_name(c->blame));
	jw_maybe(j, "object_id", c->object_id, c->object_id);
	jw_string(j, "text", c->text);
	jw_string(j, "expected", c->expected);
	if (c->has_group)
		put_group(j, "group", r, &c->group);
	else
		jw_null(j, "group");
	jw_array_lines(j, "steps");
	for (i = 0; i < c->nr_steps; i++)
		put_step(j, r, &c->step[i]);
	jw_close(j);
	jw_close(j);
}

/* What broke one rule. Those who want no more than one example find it in "first". */
static void put_finding(struct jw *j, const struct iopf_report *r, const struct iopf_finding *f)
{
	const struct iopf_case *first = f->nr_cases ? &f->cases[0] : NULL;
	struct sentence why = { "", 0 };
	size_t i;

	if (f->unproven)
		doubt_say_unproven(&why, r, f);
	jw_object_lines(j, NULL);
	jw_string(j, "rule", f->rule->id);
	jw_string(j, "name", f->rule->name);
	jw_string(j, "severity", names_severity(f->severity, f->unproven));
	jw_string(j, "severity_if_proven", iopf_severity_name(f->severity));
	jw_u64(j, "count", f->count);
	jw_string(j, "blame", iopf_blame_name(first ? first->blame : IOPF_BLAME_UNKNOWN));
	jw_string(j, "text", first ? first->text : NULL);
	jw_bool(j, "unproven", f->unproven);
	jw_string(j, "why_unproven", f->unproven ? why.s : NULL);
	jw_string(j, "statement", f->rule->statement);
	jw_string(j, "fix", f->rule->fix);
	if (first)
		put_case(j, "first", r, f, first);
	else
		jw_null(j, "first");
	jw_array_lines(j, "cases");
	for (i = 0; i < f->nr_cases; i++)
		put_case(j, NULL, r, f, &f->cases[i]);
	jw_close(j);
	jw_close(j);
}

/* One assertion: its metric is a time or a count. */
static void put_assertion(struct jw *j, const struct iopf_assertion *a)
{
	const char *key = a->is_time ? "value_ns" : "value";
	/* Neither infinite nor beyond what is counted in: neither is a number of JSON's. */
	bool known = a->known && a->value >= 0 && a->value < 0x1p64;
	uint64_t whole = known ? (uint64_t)a->value : 0;

	jw_object(j, NULL);
	jw_string(j, "expr", a->expr);
	if (known && !a->is_time && a->value < 1e9 && a->value > (double)whole)
		jw_decimal(j, key, a->value);
	else
		jw_maybe(j, key, known, whole);
	jw_bool(j, "holds", a->holds);
	/* Of a value that may change it is not known whether it breaks the assertion. */
	jw_bool(j, "known", a->known && !a->open);
	jw_bool(j, "open", a->open);
	jw_close(j);
}

/* What the rules and assertions say. */
static void put_judgement(struct jw *j, const struct iopf_report *r)
{
	size_t i;

	jw_bool(j, "judged", r->judged);
	jw_maybe(j, "rules_checked", r->judged, r->rules_checked);
	jw_array_lines(j, "findings");
	for (i = 0; i < r->nr_findings; i++)
		put_finding(j, r, &r->findings[i]);
	jw_close(j);
	jw_array_lines(j, "not_checked");
	for (i = 0; i < r->nr_not_checked; i++) {
		jw_object(j, NULL);
		jw_string(j, "rule", r->not_checked[i].rule->id);
		jw_string(j, "name", r->not_checked[i].rule->name);
		jw_bool(j, "in_part", r->not_checked[i].in_part);
		jw_string(j, "why", r->not_checked[i].why);
		jw_close(j);
	}
	jw_close(j);
	jw_array_lines(j, "assertions");
	for (i = 0; i < r->nr_assertions; i++)
		put_assertion(j, &r->assertions[i]);
	jw_close(j);
}

/* The command, and what tracing cost. */
static void put_costs(struct jw *j, const struct iopf_report *r)
{
	jw_object(j, "child");
	if (r->has_child)
		jw_i64(j, "status", r->child_status);
	else
		jw_null(j, "status");
	jw_close(j);
	jw_object(j, "overhead");
	jw_maybe(j, "probe_runs", r->overhead.probe_runs, r->overhead.probe_runs);
	jw_maybe(j, "probe_ns", r->overhead.probe_ns, r->overhead.probe_ns);
	jw_u64(j, "wakeups", r->overhead.wakeups);
	jw_u64(j, "records", r->overhead.records);
	jw_u64(j, "bytes", r->overhead.bytes);
	jw_maybe(j, "ring_bytes", r->overhead.ring_bytes, r->overhead.ring_bytes);
	jw_close(j);
}

int output_json(const struct iopf_report *report, const struct output_opts *opts, FILE *out)
{
	struct jw j;

	jw_begin(&j, out);
	jw_object_lines(&j, NULL);
	put_run(&j, report, opts);
	put_doubts(&j, report);
	put_groups(&j, report);
	put_calls(&j, report);
	put_lost(&j, report);
	json_selection(&j, report);
	put_stages(&j, report, opts);
	json_breakdown(&j, report, opts);
	put_judgement(&j, report);
	put_group_lists(&j, report, opts);
	put_places(&j, report);
	put_costs(&j, report);
	jw_close(&j);
	return jw_end(&j);
}
