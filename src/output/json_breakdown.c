// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The parts of the JSON report that divide its figures, or say which groups they are of. */
#define OUTPUT_JSON_PRIVATE
#include "json_private.h"

#include "cut.h"
#include "names.h"

/* How many groups there are, and what became of them. */
static void put_counts(struct jw *j, const struct iopf_cut *cut)
{
	jw_u64(j, "groups", cut->groups);
	jw_u64(j, "answered_user", cut->answered_user);
	jw_u64(j, "answered_kernel", cut->answered_kernel);
	jw_u64(j, "outstanding", cut->outstanding);
	jw_u64(j, "unknown", cut->unknown);
	jw_object(j, "responses");
	jw_u64(j, "success", cut->code[IOPF_CODE_SUCCESS]);
	jw_u64(j, "invalid", cut->code[IOPF_CODE_INVALID]);
	jw_u64(j, "failure", cut->code[IOPF_CODE_FAILURE]);
	jw_close(j);
}

/* Their stages, the total first. */
static void put_stages(struct jw *j, const struct output_opts *opts, const struct iopf_cut *cut,
		       bool buckets)
{
	struct iopf_stage_stats stats;
	unsigned int stage;

	jw_object(j, "stages");
	cut_stage(cut, IOPF_STAGE_TOTAL, &stats);
	json_stage(j, opts, IOPF_STAGE_TOTAL, &stats, cut_share_of(cut, IOPF_STAGE_TOTAL), buckets);
	for (stage = 0; stage < IOPF_STAGE_TOTAL; stage++) {
		cut_stage(cut, (enum iopf_stage)stage, &stats);
		json_stage(j, opts, (enum iopf_stage)stage, &stats,
			   cut_share_of(cut, (enum iopf_stage)stage), buckets);
	}
	jw_close(j);
}

/* A number that was asked for, or null. */
static void put_wanted(struct jw *j, const char *key, const struct iopf_filter_number *n)
{
	jw_maybe(j, key, n->given, n->value);
}

void json_selection(struct jw *j, const struct iopf_report *r)
{
	const struct iopf_breakdown *b = r->breakdown;
	const struct iopf_filter *f;

	if (!b || !b->filtered)
		return;
	f = &b->opts.filter;
	jw_object_lines(j, "selection");
	jw_maybe(j, "from_ns", f->window, f->from_ns);
	jw_maybe(j, "to_ns", f->window && f->to_ns != UINT64_MAX, f->to_ns);
	jw_string(j, "device", f->device);
	put_wanted(j, "dev_id", &f->dev_id);
	put_wanted(j, "fault_id", &f->fault_id);
	put_wanted(j, "pasid", &f->pasid);
	jw_string(j, "code", f->code.given ? names_code(f->code.value).s : NULL);
	jw_string(j, "comm", f->comm);
	put_counts(j, &b->all);
	jw_u64(j, "other_groups", b->filtered_out);
	jw_close(j);
}

/* The keys of a row; of the one for all that were too many they are null. */
static void put_keys(struct jw *j, const struct iopf_breakdown *b, const struct iopf_by_row *row)
{
	for (size_t i = 0; i < b->opts.nr_by; i++) {
		switch (b->opts.by[i]) {
		case IOPF_KEY_DEVICE:
			jw_name(j, "device", row->device);
			jw_maybe(j, "dev_id", row->dev_id, row->dev_id);
			break;
		case IOPF_KEY_PASID:
			jw_maybe(j, "pasid", row->has_pasid, row->pasid);
			break;
		case IOPF_KEY_PROCESS:
			jw_name(j, "process", row->process);
			jw_maybe(j, "tgid", row->tgid, row->tgid);
			break;
		case IOPF_KEY_CODE:
			jw_string(j, "code", row->other ? NULL : cut_code(row->code).s);
			break;
		case IOPF_KEY_FAULT_ID:
			jw_maybe(j, "fault_id", row->fault_id, row->fault_id);
			jw_maybe(j, "fault_nr", row->fault_nr, row->fault_nr);
			break;
		case IOPF_KEYS:
			break;
		}
	}
}

/* The figures by keys. */
static void put_by(struct jw *j, const struct iopf_breakdown *b, const struct output_opts *opts)
{
	jw_array_lines(j, "by");
	for (size_t i = 0; i < b->nr_rows; i++) {
		jw_object(j, NULL);
		put_keys(j, b, &b->rows[i]);
		jw_bool(j, "other", b->rows[i].other);
		put_counts(j, &b->rows[i].cut);
		put_stages(j, opts, &b->rows[i].cut, true);
		jw_close(j);
	}
	jw_close(j);
}

/* The figures by time. */
static void put_series(struct jw *j, const struct iopf_breakdown *b, const struct output_opts *opts)
{
	jw_array_lines(j, "series");
	for (size_t i = 0; i < b->nr_intervals; i++) {
		const struct iopf_interval *at = &b->intervals[i];

		jw_object(j, NULL);
		jw_u64(j, "from_ns", at->from_ns);
		jw_u64(j, "to_ns", at->to_ns);
		put_counts(j, &at->cut);
		jw_u64(j, "outstanding_at_end", at->outstanding);
		jw_u64(j, "queue_max", at->queue_max);
		jw_u64(j, "findings", at->findings);
		put_stages(j, opts, &at->cut, false);
		jw_close(j);
	}
	jw_close(j);
}

void json_breakdown(struct jw *j, const struct iopf_report *r, const struct output_opts *opts)
{
	const struct iopf_breakdown *b = r->breakdown;

	if (!b)
		return;
	if (b->opts.nr_by)
		put_by(j, b, opts);
	if (b->opts.interval_ns)
		put_series(j, b, opts);
	jw_u64(j, "times_left_out", b->left_out);
}
