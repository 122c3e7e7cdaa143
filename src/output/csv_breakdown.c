// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The report's figures by keys and by time: the rows have the shape of all others, and further
 * columns that say what they are of.
 */
#include "csv_breakdown.h"

#include <inttypes.h>

#include "cut.h"

/* What a row is of. */
struct part {
	const struct iopf_breakdown *b;
	const char *name; /* "run", "selected", "by", "other", "interval" */
	const struct iopf_by_row *row; /* NULL = of no keys */
	const struct iopf_interval *interval; /* NULL = of no interval */
};

/* The heads of the columns of a key. */
static const char *const heads[IOPF_KEYS][2] = {
	[IOPF_KEY_DEVICE] = { "device", "dev_id" },	  [IOPF_KEY_PASID] = { "pasid", NULL },
	[IOPF_KEY_PROCESS] = { "process", "tgid" },	  [IOPF_KEY_CODE] = { "code", NULL },
	[IOPF_KEY_FAULT_ID] = { "fault_id", "fault_nr" },
};

void csv_breakdown_heads(struct csv *c, const struct iopf_breakdown *b)
{
	if (!b)
		return;
	csv_text(c, "part");
	for (size_t i = 0; i < b->opts.nr_by; i++) {
		csv_text(c, heads[b->opts.by[i]][0]);
		if (heads[b->opts.by[i]][1])
			csv_text(c, heads[b->opts.by[i]][1]);
	}
	if (b->opts.interval_ns) {
		csv_text(c, "from_ns");
		csv_text(c, "to_ns");
	}
}

/* The value of a key. */
static void put_key(struct csv *c, const struct iopf_by_row *row, enum iopf_key key)
{
	switch (key) {
	case IOPF_KEY_DEVICE:
		csv_foreign(c, row->device);
		csv_maybe(c, row->dev_id, row->dev_id);
		break;
	case IOPF_KEY_PASID:
		if (row->has_pasid)
			csv_u64(c, row->pasid);
		else
			csv_text(c, "-");
		break;
	case IOPF_KEY_PROCESS:
		csv_foreign(c, row->process);
		csv_maybe(c, row->tgid, row->tgid);
		break;
	case IOPF_KEY_CODE:
		csv_text(c, cut_code(row->code).s);
		break;
	case IOPF_KEY_FAULT_ID:
		csv_maybe(c, row->fault_id, row->fault_id);
		csv_maybe(c, row->fault_nr, row->fault_nr);
		break;
	case IOPF_KEYS:
		break;
	}
}

/* Ends a row of a part. */
static void end_row(struct csv *c, const void *arg)
{
	const struct part *p = arg;

	csv_text(c, p->name);
	for (size_t i = 0; i < p->b->opts.nr_by; i++) {
		enum iopf_key key = p->b->opts.by[i];

		if (p->row && !p->row->other) {
			put_key(c, p->row, key);
			continue;
		}
		csv_empty(c);
		if (heads[key][1])
			csv_empty(c);
	}
	if (p->b->opts.interval_ns) {
		csv_maybe(c, p->interval, p->interval ? p->interval->from_ns : 0);
		csv_maybe(c, p->interval, p->interval ? p->interval->to_ns : 0);
	}
	csv_end(c);
}

void csv_breakdown_none(struct csv *c, const struct iopf_breakdown *b, bool selected)
{
	const struct part none = { .b = b, .name = selected ? "selected" : "run" };

	if (b)
		end_row(c, &none);
	else
		csv_end(c);
}

/* A count of a part. */
static void put_count(struct csv *c, const struct part *p, const char *metric, uint64_t value)
{
	csv_name(c, metric, NULL, NULL, "count");
	csv_u64(c, value);
	end_row(c, p);
}

/* The counts of a part, by the names that those of the run have. */
static void put_counts(struct csv *c, const struct part *p, const struct iopf_cut *cut)
{
	put_count(c, p, "groups", cut->groups);
	put_count(c, p, "groups.answered_user", cut->answered_user);
	put_count(c, p, "groups.answered_kernel", cut->answered_kernel);
	put_count(c, p, "groups.outstanding", cut->outstanding);
	put_count(c, p, "groups.unknown", cut->unknown);
	put_count(c, p, "responses.success", cut->code[IOPF_CODE_SUCCESS]);
	put_count(c, p, "responses.invalid", cut->code[IOPF_CODE_INVALID]);
	put_count(c, p, "responses.failure", cut->code[IOPF_CODE_FAILURE]);
}

/* The stages of a part. */
static void put_stages(struct csv *c, const struct output_opts *opts, const struct part *p,
		       const struct iopf_cut *cut)
{
	struct iopf_stage_stats stats;
	unsigned int stage;

	for (stage = 0; stage < IOPF_STAGES; stage++) {
		cut_stage(cut, (enum iopf_stage)stage, &stats);
		csv_stage(c, opts, (enum iopf_stage)stage, &stats, end_row, p);
	}
}

void csv_breakdown(struct csv *c, const struct iopf_report *r, const struct output_opts *opts)
{
	const struct iopf_breakdown *b = r->breakdown;

	if (!b)
		return;
	if (b->filtered)
		put_counts(c, &(struct part){ .b = b, .name = "selected" }, &b->all);
	put_count(c, &(struct part){ .b = b, .name = "run" }, "times_left_out", b->left_out);
	for (size_t i = 0; i < b->nr_rows; i++) {
		const struct iopf_by_row *row = &b->rows[i];
		const struct part p = { b, row->other ? "other" : "by", row, NULL };

		put_counts(c, &p, &row->cut);
		put_stages(c, opts, &p, &row->cut);
	}
	for (size_t i = 0; i < b->nr_intervals; i++) {
		const struct iopf_interval *at = &b->intervals[i];
		const struct part p = { b, "interval", NULL, at };

		put_counts(c, &p, &at->cut);
		put_count(c, &p, "outstanding_at_end", at->outstanding);
		put_count(c, &p, "queue.max", at->queue_max);
		put_count(c, &p, "findings", at->findings);
		put_stages(c, opts, &p, &at->cut);
	}
}
