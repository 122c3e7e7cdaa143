// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The finished report: what the engine knows at the end, in the form that outputs show. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include <stdlib.h>
#include <string.h>

#include "breakdown.h"
#include "remains.h"
#include "report.h"
#include "stages.h"
#include "strings.h"
#include "verdict.h"

/* Copies a string into a report. */
const char *report_string(struct iopf_report *r, const char *text)
{
	struct strings strings = { .first = r->priv };
	const char *copy = strings_copy(&strings, text);

	r->priv = strings.first;
	return copy;
}

/* Frees a report. */
void iopf_report_free(struct iopf_report *r)
{
	struct strings strings;

	if (!r)
		return;
	for (size_t i = 0; i < r->nr_findings; i++) {
		for (size_t c = 0; c < r->findings[i].nr_cases; c++)
			free(r->findings[i].cases[c].step);
		free(r->findings[i].cases);
	}
	strings.first = r->priv;
	strings_free(&strings);
	free(r->findings);
	free(r->not_checked);
	free(r->assertions);
	free(r->slowest);
	free(r->waiting);
	free(r->objects);
	free(r->devices);
	breakdown_report_free(r->breakdown);
	free(r);
}

/* The run itself. */
static int fill_run(struct iopf_report *r, const struct iopf_run *run)
{
	r->version = report_string(r, run->version);
	r->kernel = report_string(r, run->kernel);
	r->start_ns = run->start_ns;
	r->end_ns = run->end_ns;
	r->start_realtime_ns = run->start_realtime_ns;
	r->input = run->input;
	r->why_cut = run->why_cut;
	r->unfollowed = run->unfollowed;
	memcpy(r->unfollowed_by, run->unfollowed_by, sizeof(r->unfollowed_by));
	r->duration_ns = run->end_ns > run->start_ns ? run->end_ns - run->start_ns : 0;
	r->has_child = run->has_child;
	r->child_status = run->child_status;
	r->overhead.probe_runs = run->probe_runs;
	r->overhead.probe_ns = run->probe_ns;
	r->overhead.wakeups = run->wakeups;
	r->overhead.records = run->records;
	r->overhead.bytes = run->bytes;
	r->overhead.ring_bytes = run->ring_bytes;
	return r->version && r->kernel ? 0 : -ENOMEM;
}

/* What was lost: as the kernel side counted, or more if more is missing, and not from the file only. */
static void fill_lost(struct iopf_report *r, const struct iopf_engine *e,
		      const struct iopf_run *run)
{
	uint64_t missing = e->gap.between;

	if (run->until_seq > e->next_seq)
		missing += run->until_seq - e->next_seq;
	missing -= run->missing < missing ? run->missing : missing;
	for (int i = 0; i < IOPF_LOST_REASONS; i++) {
		r->lost.reason[i] = run->lost[i];
		r->lost.events += run->lost[i];
	}
	if (r->lost.events < missing)
		r->lost.events = missing;
	r->lost.missing = run->missing;
	r->lost.missing_parts = run->missing_parts;
	r->lost.probe_misses = run->probe_misses;
	r->lost.made_good = run->made_good;
	memcpy(r->misses.left, run->missed, sizeof(r->misses.left));
	memcpy(r->misses.made_good, run->made_good_by, sizeof(r->misses.made_good));
	r->misses.told = run->made_good_told || !run->made_good;
	r->lost.gaps = e->gap.count;
	r->lost.first_gap_seq = e->gap.first_seq;
	r->lost.last_gap_seq = e->gap.last_seq;
	r->lost.first_gap_ns = e->gap.first_ns;
}

/* The counts of groups. */
static void fill_groups(struct iopf_report *r, const struct iopf_engine *e)
{
	const uint64_t *n = e->total.n;

	r->groups.enqueued = n[TALLY_ENQUEUED];
	r->groups.reported = n[TALLY_ENQUEUED];
	r->groups.delivered = n[TALLY_DELIVERED];
	r->groups.pages = n[TALLY_PAGES];
	r->groups.adopted = n[TALLY_ADOPTED];
	r->groups.unknown = n[TALLY_UNKNOWN];
	r->groups.outstanding = n[TALLY_OUTSTANDING];
	r->groups.outstanding_max = e->outstanding_max;
	for (int i = 0; i < IOPF_RESPONDERS; i++)
		r->groups.answered_by[i] = e->total.by[i];
	r->responses.success = n[TALLY_SUCCESS];
	r->responses.invalid = n[TALLY_INVALID];
	r->responses.failure = n[TALLY_FAILURE];
	r->responses.rejected = n[TALLY_REJECTED];
}

/* The calls, with the reads that were only counted. */
static void fill_calls(struct iopf_report *r, const struct iopf_engine *e,
		       const struct iopf_run *run)
{
	/* Those that were only counted are the whole machine's: whose they were is not known. */
	uint64_t empty = e->scope.everything ? run->empty_reads : 0;
	const uint64_t *n = e->total.n;

	r->calls.reads = n[TALLY_READS] + empty;
	r->calls.empty_reads = n[TALLY_EMPTY_READS] + empty;
	r->calls.failed_reads = n[TALLY_FAILED_READS];
	r->calls.writes = n[TALLY_WRITES];
	r->calls.failed_writes = n[TALLY_FAILED_WRITES];
}

/* Whether a device is one of the scope: it has groups there. */
static bool device_in_scope(const struct iopf_engine *e, uint32_t device)
{
	return device < e->total.nr_devices && e->total.device_groups[device];
}

/* The devices, and what was reported of them outside of any object. */
static int fill_devices(struct iopf_report *r, const struct iopf_engine *e)
{
	r->devices = calloc(e->devices.nr, sizeof(*r->devices));
	if (!r->devices)
		return -ENOMEM;
	for (uint32_t i = 0; i < e->devices.nr; i++) {
		const struct device *d = &e->devices.device[i];
		bool in_scope = device_in_scope(e, i);
		struct iopf_device_view *view = &r->devices[r->nr_devices];

		if (in_scope || e->scope.everything) {
			r->groups.reported += d->reported;
			r->groups.refused += d->refused;
			r->groups.partial += d->partial;
			r->groups.answered_by[IOPF_BY_ABORT] += d->aborted;
			r->responses.success += d->aborted_code[IOPF_CODE_SUCCESS];
			r->responses.invalid += d->aborted_code[IOPF_CODE_INVALID];
			r->responses.failure += d->aborted_code[IOPF_CODE_FAILURE];
		}
		if (!in_scope || !i) /* 0 is the one that is not known */
			continue;
		view->dev_id = d->dev_id;
		view->groups = e->total.device_groups[i];
		view->name = report_string(r, d->name);
		if (!view->name)
			return -ENOMEM;
		r->nr_devices++;
	}
	return 0;
}

/* The objects of the scope. */
static int fill_objects(struct iopf_report *r, const struct iopf_engine *e,
			const struct remains *remains)
{
	const struct objects *os = &e->objects;

	r->out_of_scope.objects = remains->out_objects;
	r->out_of_scope.events = remains->out_events;
	r->out_of_scope.groups = remains->out_groups;
	r->objects = calloc(remains->nr_objects + 1, sizeof(*r->objects));
	if (!r->objects)
		return -ENOMEM;
	for (uint32_t i = 1; i < os->nr; i++) {
		const struct object *o = os->object[i];
		struct iopf_object_view *view = &r->objects[r->nr_objects];
		const struct task *leader, *owner;

		if (!o || !o->in_scope)
			continue;
		leader = tasks_at(&e->tasks, tasks_find(&e->tasks, o->owner_tgid));
		owner = tasks_at(&e->tasks, o->owner);
		view->address = o->address;
		view->id = o->id;
		view->in_scope = true;
		view->groups = o->groups;
		view->owner_tgid = o->owner_tgid;
		view->owner = report_string(r, *leader->comm ? leader->comm : owner->comm);
		if (!view->owner)
			return -ENOMEM;
		r->nr_objects++;
	}
	return 0;
}

/* Fills in the names of a group's view: those of a device and of two tasks, by their numbers. */
static int fill_names(struct iopf_report *r, const struct iopf_engine *e,
		      struct iopf_group_view *view, uint32_t device, uint32_t reader,
		      uint32_t writer)
{
	view->device = report_string(r, e->devices.device[device].name);
	view->reader = report_string(r, tasks_at(&e->tasks, reader)->comm);
	view->writer = report_string(r, tasks_at(&e->tasks, writer)->comm);
	return view->device && view->reader && view->writer ? 0 : -ENOMEM;
}

/* The slowest groups. */
int report_slowest(struct iopf_report *r, const struct iopf_engine *e, struct slowest *s,
		   struct iopf_group_view **views, size_t *nr)
{
	int err = 0;

	slowest_sort(s);
	*views = calloc(s->nr + 1, sizeof(**views));
	if (!*views)
		return -ENOMEM;
	for (size_t i = 0; i < s->nr && !err; i++) {
		const struct slow_group *slow = &s->group[s->nr - 1 - i];

		(*views)[i] = slow->view;
		err = fill_names(r, e, &(*views)[i], slow->device, slow->reader, slow->writer);
	}
	*nr = s->nr;
	return err;
}

/* The groups that are outstanding. */
static int fill_waiting(struct iopf_report *r, const struct iopf_engine *e,
			const struct remains *remains)
{
	int err = 0;

	r->waiting = calloc(REMAINS_WAITING, sizeof(*r->waiting));
	if (!r->waiting)
		return -ENOMEM;
	for (size_t i = 0; i < remains->nr_waiting && !err; i++) {
		const struct group *g = remains->waiting[i];
		const struct task *reader = tasks_at(&e->tasks, g->reader);
		struct stages stages = stages_of(g, NULL);

		stages_view(&r->waiting[i], g, NULL, &stages);
		r->waiting[i].object_id = core_object_of(e, g)->id;
		r->waiting[i].dev_id = core_dev_id(e, g);
		r->waiting[i].reader_tgid = reader->tgid;
		r->waiting[i].reader_tid = reader->tid;
		err = fill_names(r, e, &r->waiting[i], core_device_of(e, g), g->reader, 0);
	}
	r->nr_waiting = remains->nr_waiting;
	return err;
}

/* The stages. */
static void fill_stages(struct iopf_report *r, const struct iopf_engine *e)
{
	for (int i = 0; i < IOPF_STAGES; i++) {
		if (e->total.stage[i])
			r->stage[i] = *e->total.stage[i];
		else
			iopf_hist_init(&r->stage[i].hist);
	}
}

/* The sums over the responders, once all of them are counted. */
static void sum_answers(struct iopf_report *r)
{
	for (int i = 0; i < IOPF_RESPONDERS; i++) {
		if (i == IOPF_BY_USER)
			r->groups.answered_user = r->groups.answered_by[i];
		else
			r->groups.answered_kernel += r->groups.answered_by[i];
	}
}

/* What is counted. */
static int fill_figures(struct iopf_report *r, struct iopf_engine *e, const struct iopf_run *run)
{
	int err = fill_run(r, run);

	fill_lost(r, e, run);
	fill_groups(r, e);
	fill_calls(r, e, run);
	fill_stages(r, e);
	if (!err)
		err = fill_devices(r, e);
	if (!err)
		err = report_slowest(r, e, &e->total.slowest, &r->slowest, &r->nr_slowest);
	sum_answers(r);
	r->min_groups = e->min_groups;
	return err;
}

/* Everything, when what remained has been judged. */
static int fill(struct iopf_report *r, struct iopf_engine *e, const struct remains *remains,
		const struct iopf_run *run)
{
	int err = fill_figures(r, e, run);

	if (!err)
		err = fill_objects(r, e, remains);
	if (!err)
		err = fill_waiting(r, e, remains);
	if (!err)
		err = judge_report(e, run, r);
	if (!err)
		err = breakdown_report(e, run, r);
	verdict_give(e, remains, run, r);
	return err;
}

/*
 * Records may be missing after the last one: then the kernel side has counted more of them than
 * there are places missing, or not everything was drained. What is alive may have ended in them.
 */
static void take_tail(struct iopf_engine *e, const struct iopf_run *run)
{
	uint64_t lost = run->lost[IOPF_LOST_RING_FULL];

	if (lost > e->gap.missing) {
		if (!e->gap.count++) {
			e->gap.first_seq = e->next_seq;
			e->gap.first_ns = e->last_ns;
		}
		e->gap.last_seq = e->next_seq + (lost - e->gap.missing) - 1;
		e->gap.missing = lost;
	} else if (!run->cut) {
		return;
	}
	e->epoch++;
	e->outstanding = 0;
}

/* What is counted while an engine goes on. */
struct iopf_report *iopf_engine_so_far(struct iopf_engine *e, const struct iopf_run *so_far)
{
	struct iopf_report *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	if (fill_figures(r, e, so_far)) {
		iopf_report_free(r);
		return NULL;
	}
	r->running = true;
	r->groups.outstanding = e->outstanding;
	verdict_so_far(e, so_far, r);
	return r;
}

/* Ends an engine. */
struct iopf_report *iopf_engine_finish(struct iopf_engine *e, const struct iopf_run *run)
{
	struct iopf_report *r = calloc(1, sizeof(*r));
	uint64_t end_ns = run->settled_ns ? run->settled_ns : run->end_ns;
	struct rules_step end = { .kind = RULES_END, .now_ns = end_ns, .run = run };
	struct remains remains;

	if (!r)
		return NULL;
	e->ending = true;
	e->judge.unlooked = run->cut || run->absent >> IOPF_PROBE_INSIDE & 1;
	take_tail(e, run);
	rules_step(e, &end);
	remains_judge(e, &remains, end_ns);
	if (fill(r, e, &remains, run)) {
		iopf_report_free(r);
		return NULL;
	}
	return r;
}
