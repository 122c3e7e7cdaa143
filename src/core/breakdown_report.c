// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Figures by keys and by time, as reports have them. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include <stdlib.h>
#include <string.h>

#include "breakdown.h"
#include "report.h"

/* The names of keys, as the command line and every output have them. */
const char *iopf_key_name(enum iopf_key key)
{
	static const char *const names[IOPF_KEYS] = {
		[IOPF_KEY_DEVICE] = "device",	  [IOPF_KEY_PASID] = "pasid",
		[IOPF_KEY_PROCESS] = "process",	  [IOPF_KEY_CODE] = "code",
		[IOPF_KEY_FAULT_ID] = "fault-id",
	};

	return key < IOPF_KEYS ? names[key] : "";
}

/* Frees it. */
void breakdown_report_free(struct iopf_breakdown *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->nr_rows; i++)
		cuts_free_cut(&b->rows[i].cut, NULL);
	for (size_t i = 0; i < b->nr_intervals; i++)
		cuts_free_cut(&b->intervals[i].cut, NULL);
	cuts_free_cut(&b->all, NULL);
	free(b->rows);
	free(b->intervals);
	free(b->stage);
	free(b->slowest);
	free(b);
}

/* Moves figures: the buckets change hands. */
static void move(struct iopf_cut *to, struct iopf_cut *from)
{
	*to = *from;
	memset(from, 0, sizeof(*from));
}

/* Whether an object is one of those that ids are counted over. */
static bool has_groups(const struct object *o)
{
	return o && o->in_scope && o->groups;
}

/*
 * Objects of different contexts may have the same id, and so may one that came after another: which
 * of them each is, by object number; 0 where there is only one. NULL when out of memory.
 */
static uint32_t *number_ids(const struct objects *os)
{
	uint32_t *nr_of = calloc(os->nr + 1, sizeof(*nr_of));
	struct map seen = { .seed = os->by_address.seed };
	int err = nr_of ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < os->nr && !err; i++) {
		if (!has_groups(os->object[i]))
			continue;
		nr_of[i] = map_get(&seen, os->object[i]->id) + 1;
		err = map_set(&seen, os->object[i]->id, nr_of[i]);
	}
	for (uint32_t i = 0; i < os->nr && !err; i++) {
		if (has_groups(os->object[i]) && map_get(&seen, os->object[i]->id) == 1)
			nr_of[i] = 0;
	}
	map_free(&seen);
	if (err) {
		free(nr_of);
		return NULL;
	}
	return nr_of;
}

/* The name of a process: its leader's, or that of the thread that read first. */
static const char *process_name(const struct iopf_engine *e, uint32_t tgid)
{
	const struct task *leader = tasks_at(&e->tasks, tasks_find(&e->tasks, tgid));
	uint32_t reader = map_get(&e->breakdown->reader_of, tgid);

	if (leader->tgid == tgid && *leader->comm)
		return leader->comm;
	return reader ? tasks_at(&e->tasks, reader - 1)->comm : "";
}

/* Fills in the keys of a row. */
static int fill_keys(struct iopf_report *r, const struct iopf_engine *e, struct iopf_by_row *row,
		     const struct cuts_key *key, const uint32_t *nr_of)
{
	const struct device *d = devices_at(&e->devices, key->v[IOPF_KEY_DEVICE]);
	const struct object *o = objects_held(&e->objects, key->v[IOPF_KEY_FAULT_ID]);

	row->device = report_string(r, d->name);
	row->dev_id = d->dev_id;
	row->has_pasid = key->v[IOPF_KEY_PASID] != 0;
	row->pasid = row->has_pasid ? key->v[IOPF_KEY_PASID] - 1 : 0;
	row->tgid = key->v[IOPF_KEY_PROCESS];
	row->process = report_string(r, row->tgid ? process_name(e, row->tgid) : "");
	row->code = key->v[IOPF_KEY_CODE];
	row->fault_id = o && key->v[IOPF_KEY_FAULT_ID] ? o->id : 0;
	row->fault_nr = nr_of[key->v[IOPF_KEY_FAULT_ID]];
	return row->device && row->process ? 0 : -ENOMEM;
}

/* For qsort() and its kin: numbers in order. */
static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* Rows by their keys. Devices are told apart by their names, those without by their ids. */
static int compare_keys(const void *left, const void *right)
{
	const struct iopf_by_row *a = left, *b = right;
	int order = strcmp(a->device, b->device);

	if (!order && !*a->device)
		order = compare(a->dev_id, b->dev_id);
	if (!order)
		order = compare(a->has_pasid, b->has_pasid);
	if (!order)
		order = compare(a->pasid, b->pasid);
	if (!order)
		order = compare(a->tgid, b->tgid);
	if (!order)
		order = compare(a->code, b->code);
	if (!order)
		order = compare(a->fault_id, b->fault_id);
	return order ? order : compare(a->fault_nr, b->fault_nr);
}

/* Rows as they are shown: the longest time in total first, then the most groups. */
static int compare_rows(const void *left, const void *right)
{
	const struct iopf_by_row *a = left, *b = right;
	unsigned __int128 time_a = a->cut.stage[IOPF_STAGE_TOTAL].sum;
	unsigned __int128 time_b = b->cut.stage[IOPF_STAGE_TOTAL].sum;

	if (a->other != b->other)
		return a->other ? 1 : -1;
	if (time_a != time_b)
		return time_a > time_b ? -1 : 1;
	if (a->cut.groups != b->cut.groups)
		return compare(b->cut.groups, a->cut.groups);
	return compare_keys(left, right);
}

/* Makes one row of those that are the same by name: a device that has come back at another address. */
static int merge_rows(struct breakdown *b, struct iopf_breakdown *shown)
{
	size_t kept = 0;

	for (size_t i = 1; i < shown->nr_rows; i++) {
		struct iopf_by_row *row = &shown->rows[i], *last = &shown->rows[kept];

		if (compare_keys(last, row)) {
			if (++kept != i) {
				shown->rows[kept] = *row;
				memset(row, 0, sizeof(*row));
			}
			continue;
		}
		if (cuts_add(&last->cut, &row->cut, &b->buckets_left, &b->left_out))
			return -ENOMEM;
		cuts_free_cut(&row->cut, &b->buckets_left);
	}
	if (shown->nr_rows)
		shown->nr_rows = kept + 1;
	return 0;
}

/* The rows. */
static int fill_rows(struct iopf_report *r, struct iopf_engine *e)
{
	struct cuts *rows = &e->breakdown->scope.rows;
	struct iopf_breakdown *shown = r->breakdown;
	uint32_t *nr_of = number_ids(&e->objects);
	int err = nr_of ? 0 : -ENOMEM;

	shown->rows = calloc(rows->nr + 1, sizeof(*shown->rows));
	if (!shown->rows)
		err = -ENOMEM;
	for (size_t i = 0; i < rows->nr && !err; i++) {
		struct iopf_by_row *row = &shown->rows[shown->nr_rows++];

		move(&row->cut, &rows->row[i].cut);
		err = fill_keys(r, e, row, &rows->row[i].key, nr_of);
	}
	free(nr_of);
	if (err)
		return err;
	qsort(shown->rows, shown->nr_rows, sizeof(*shown->rows), compare_keys);
	err = merge_rows(e->breakdown, shown);
	if (rows->other.groups) {
		struct iopf_by_row *row = &shown->rows[shown->nr_rows++];

		*row = (struct iopf_by_row){ .other = true, .device = "", .process = "" };
		move(&row->cut, &rows->other);
	}
	qsort(shown->rows, shown->nr_rows, sizeof(*shown->rows), compare_rows);
	return err;
}

/* How many intervals there are, and where the first begins. */
uint64_t iopf_breakdown_intervals(const struct iopf_breakdown_opts *opts, uint64_t duration_ns,
				  uint64_t *from_ns)
{
	uint64_t to_ns = duration_ns;

	*from_ns = 0;
	if (opts->filter.window) {
		*from_ns = opts->filter.from_ns - opts->filter.from_ns % opts->interval_ns;
		if (to_ns > opts->filter.to_ns)
			to_ns = opts->filter.to_ns;
	}
	return to_ns > *from_ns ? (to_ns - *from_ns - 1) / opts->interval_ns + 1 : 1;
}

/* What is known of an interval beside its groups; what came after the last one is as it was then. */
static void fill_moment(const struct breakdown *b, struct iopf_interval *to, size_t i)
{
	const struct breakdown_moment *last =
		b->nr_moments ? &b->moment[b->nr_moments - 1] : &b->before;

	if (i < b->nr_moments) {
		to->outstanding = b->moment[i].outstanding;
		to->queue_max = b->moment[i].queue_max;
		to->findings = b->moment[i].findings;
	} else {
		to->outstanding = last->outstanding;
		to->queue_max = last->queued;
	}
}

/* Cuts an interval where the window of those that are asked for begins and ends. */
static void clip(struct iopf_interval *interval, const struct iopf_filter *window)
{
	if (interval->from_ns < window->from_ns)
		interval->from_ns = window->from_ns;
	if (interval->to_ns > window->to_ns)
		interval->to_ns = window->to_ns;
	if (interval->to_ns < interval->from_ns)
		interval->to_ns = interval->from_ns;
}

/* The intervals, of which there are @nr from @from_ns on. */
static int fill_intervals(struct iopf_breakdown *shown, struct breakdown *b, uint64_t duration_ns,
			  uint64_t from_ns, size_t nr)
{
	struct cuts *times = &b->scope.times;
	uint64_t interval_ns = b->opts.interval_ns;

	shown->intervals = calloc(nr, sizeof(*shown->intervals));
	if (!shown->intervals)
		return -ENOMEM;
	shown->nr_intervals = nr;
	for (size_t i = 0; i < nr; i++, from_ns += interval_ns) {
		struct iopf_interval *interval = &shown->intervals[i];
		uint64_t left_ns = duration_ns > from_ns ? duration_ns - from_ns : 0;

		interval->from_ns = from_ns;
		interval->to_ns = from_ns + (left_ns < interval_ns ? left_ns : interval_ns);
		if (b->opts.filter.window)
			clip(interval, &b->opts.filter);
		fill_moment(b, interval, i);
	}
	for (size_t i = nr; i < b->nr_moments && !b->opts.filter.window; i++)
		shown->intervals[nr - 1].findings += b->moment[i].findings;
	for (size_t i = 0; i < times->nr; i++) {
		size_t at = times->row[i].key.v[0];
		struct iopf_cut *from = &times->row[i].cut;
		struct iopf_cut *to = &shown->intervals[at < nr ? at : nr - 1].cut;

		if (!to->groups)
			move(to, from);
		else if (cuts_add(to, from, &b->buckets_left, &b->left_out))
			return -ENOMEM;
		cuts_free_cut(from, &b->buckets_left);
	}
	return 0;
}

/* The series, unless it would be too long. */
static int fill_series(struct iopf_report *r, struct iopf_engine *e, const struct iopf_run *run)
{
	struct breakdown *b = e->breakdown;
	uint64_t start_ns = b->opts.start_ns, end_ns = run->end_ns ? run->end_ns : e->last_ns;
	uint64_t duration_ns = end_ns > start_ns ? end_ns - start_ns : 0, from_ns;
	uint64_t nr;

	if (b->opts.adaptive)
		breakdown_widen(e, duration_ns);
	nr = iopf_breakdown_intervals(&b->opts, duration_ns, &from_ns);
	if (nr > b->opts.max_intervals) {
		r->breakdown->too_fine = true;
		return 0;
	}
	return fill_intervals(r->breakdown, b, duration_ns, from_ns, nr);
}

/* The stages of all groups that were asked for. */
static int fill_all(struct iopf_breakdown *shown, struct breakdown *b)
{
	move(&shown->all, &b->scope.all);
	shown->stage = calloc(IOPF_STAGES, sizeof(*shown->stage));
	if (!shown->stage)
		return -ENOMEM;
	for (int i = 0; i < IOPF_STAGES; i++) {
		iopf_hist_init(&shown->stage[i].hist);
		iopf_sparse_expand(&shown->all.stage[i], &shown->stage[i].hist);
		shown->stage[i].negative = shown->all.stage[i].negative;
	}
	return 0;
}

/* Its part of the report. */
int breakdown_report(struct iopf_engine *e, const struct iopf_run *run, struct iopf_report *r)
{
	struct breakdown *b = e->breakdown;
	int err;

	if (!b)
		return 0;
	r->breakdown = calloc(1, sizeof(*r->breakdown));
	if (!r->breakdown)
		return -ENOMEM;
	r->breakdown->opts = b->opts;
	r->breakdown->filtered = b->filtered;
	r->breakdown->filtered_out = b->scope.filtered_out;
	err = fill_all(r->breakdown, b);
	if (!err && b->filtered)
		err = report_slowest(r, e, &b->scope.slowest, &r->breakdown->slowest,
				     &r->breakdown->nr_slowest);
	if (!err && b->opts.nr_by)
		err = fill_rows(r, e);
	if (!err && b->opts.interval_ns)
		err = fill_series(r, e, run);
	r->breakdown->opts.interval_ns = b->opts.interval_ns;
	r->breakdown->left_out = b->left_out;
	return err;
}

/* From now on it shows the groups that were asked for. */
void iopf_report_select(struct iopf_report *r)
{
	struct iopf_breakdown *b = r->breakdown;
	struct iopf_group_view *slowest = r->slowest;
	size_t nr = r->nr_slowest;

	if (!b || !b->filtered)
		return;
	for (int i = 0; i < IOPF_STAGES; i++)
		r->stage[i] = b->stage[i];
	r->slowest = b->slowest;
	r->nr_slowest = b->nr_slowest;
	b->slowest = slowest; /* to be freed with it */
	b->nr_slowest = nr;
}
