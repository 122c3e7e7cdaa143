// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The stage table for each combination of keys. */
#include <inttypes.h>

#define OUTPUT_TEXT_PRIVATE
#include "cut.h"
#include "text_private.h"

/* Combinations below one head, and how many are shown. */
#define BATCH (TEXT_TABLE_ROWS / IOPF_STAGES)
#define SHOWN_BRIEF BATCH
#define SHOWN_VERBOSE (8 * BATCH)

#define NAME_COLUMNS 24

/* One key of a row. */
static void put_key(struct text_flow *f, const struct iopf_by_row *row, enum iopf_key key)
{
	switch (key) {
	case IOPF_KEY_DEVICE:
		text_flow_item(f, "device %s",
			       names_device(row->device, row->dev_id, NAME_COLUMNS).s);
		break;
	case IOPF_KEY_PASID:
		if (row->has_pasid)
			text_flow_item(f, "pasid %" PRIu32, row->pasid);
		else
			text_flow_item(f, "pasid -");
		break;
	case IOPF_KEY_PROCESS:
		if (row->tgid)
			text_flow_item(f, "read by %s", text_task(row->process, row->tgid).s);
		else
			text_flow_item(f, "not read");
		break;
	case IOPF_KEY_CODE:
		text_flow_item(f, "code %s", cut_code(row->code).s);
		break;
	case IOPF_KEY_FAULT_ID:
		if (row->fault_id)
			text_flow_item(f, "fault-id %" PRIu32, row->fault_id);
		else
			text_flow_item(f, "fault-id ?");
		if (row->fault_nr)
			text_flow_item(f, "number %" PRIu32 " with it", row->fault_nr);
		break;
	case IOPF_KEYS:
		break;
	}
}

/* A count that is worth a word only when there are any. */
static void put_any(struct text_flow *f, uint64_t n, const char *what)
{
	if (n)
		text_flow_item(f, "%s %s", units_count(n).s, what);
}

/* The line above the stages of a row: its keys, its groups and what became of them. */
static void put_head(const struct text *t, const struct iopf_by_row *row)
{
	const struct iopf_breakdown *b = t->r->breakdown;
	const struct iopf_cut *cut = &row->cut;
	double all = (double)b->all.stage[IOPF_STAGE_TOTAL].sum;
	struct text_flow f;

	text_style(t, TEXT_BOLD);
	putc(' ', t->out);
	text_flow_begin(&f, t, " \xc2\xb7 ", 3, 1);
	if (row->other)
		text_flow_item(&f, "all others");
	for (size_t i = 0; !row->other && i < b->opts.nr_by; i++)
		put_key(&f, row, b->opts.by[i]);
	text_style(t, TEXT_PLAIN);
	text_flow_item(&f, "%s group%s", units_count(cut->groups).s, text_plural(cut->groups));
	if (cut->stage[IOPF_STAGE_TOTAL].sum)
		text_flow_item(&f, "%s of the time",
			       units_share((double)cut->stage[IOPF_STAGE_TOTAL].sum / all).s);
	put_any(&f, cut->code[IOPF_CODE_INVALID], "invalid");
	put_any(&f, cut->code[IOPF_CODE_FAILURE], "failure");
	put_any(&f, cut->answered_kernel, "by the kernel");
	put_any(&f, cut->outstanding, "outstanding");
	put_any(&f, cut->unknown, "unknown");
	text_flow_end(&f);
}

/* Adds the stages of a row in which anything was counted; gives how many. */
static unsigned int add_stages(const struct text *t, struct stage_table *s,
			       const struct iopf_cut *cut)
{
	unsigned int stage, nr = 0;

	for (stage = 0; stage < IOPF_STAGES; stage++) {
		struct iopf_stage_stats stats;

		if (!cut->stage[stage].count)
			continue;
		cut_stage(cut, (enum iopf_stage)stage, &stats);
		text_stage_row(t, s, (enum iopf_stage)stage, &stats.hist,
			       cut_share_of(cut, (enum iopf_stage)stage));
		nr++;
	}
	return nr;
}

/* Rows below one head, from percentile @from on; gives the first that found no place. */
static size_t put_batch(const struct text *t, const struct iopf_by_row *rows, size_t nr,
			size_t from)
{
	struct stage_table s = { .from = from };
	unsigned int stages[BATCH], at = 0;

	text_stage_columns(t, &s);
	for (size_t i = 0; i < nr; i++)
		stages[i] = add_stages(t, &s, &rows[i].cut);
	text_table_fit(&s.table, t->opts->width, t->opts->width);
	putc('\n', t->out);
	text_table_heads(t, &s.table);
	putc('\n', t->out);
	for (size_t i = 0; i < nr; i++) {
		put_head(t, &rows[i]);
		for (; stages[i]; stages[i]--) {
			text_table_row(t, &s.table, at++);
			putc('\n', t->out);
		}
	}
	return text_stage_next(t, &s);
}

/* What it is divided by, and how many there are. */
static void put_title(const struct text *t)
{
	const struct iopf_breakdown *b = t->r->breakdown;
	struct text_flow f;

	putc('\n', t->out);
	text_flow_label(&f, t, "by");
	for (size_t i = 0; i < b->opts.nr_by; i++)
		text_flow_item(&f, "%s", iopf_key_name(b->opts.by[i]));
	text_flow_item(&f, "%s row%s, the most time in total first", units_count(b->nr_rows).s,
		       text_plural(b->nr_rows));
	text_flow_end(&f);
}

void text_by(const struct text *t)
{
	const struct iopf_breakdown *b = t->r->breakdown;
	size_t shown = t->opts->verbose ? SHOWN_VERBOSE : SHOWN_BRIEF;

	if (!b || !b->opts.nr_by)
		return;
	put_title(t);
	if (shown > b->nr_rows)
		shown = b->nr_rows;
	for (size_t i = 0; i < shown; i += BATCH) {
		size_t nr = shown - i < BATCH ? shown - i : BATCH;
		size_t next = put_batch(t, &b->rows[i], nr, 0);

		while (next < t->opts->nr_percentiles)
			next = put_batch(t, &b->rows[i], nr, next);
	}
	if (shown < b->nr_rows)
		fprintf(t->out, "          and %s more: -f csv or -f json has all of them\n",
			units_count(b->nr_rows - shown).s);
	if (b->nr_rows && b->rows[b->nr_rows - 1].other)
		fprintf(t->out, "          beyond %s rows all others are one\n",
			units_count(b->opts.max_rows).s);
}
