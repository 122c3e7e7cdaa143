// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define OUTPUT_TEXT_PRIVATE
#include "cut.h"
#include "text_private.h"

void text_stage_columns(const struct text *t, struct stage_table *s)
{
	struct text_table *table = &s->table;
	size_t i;

	s->stage = text_table_column(table, "stage", 7, true, 0);
	if (s->from == 0) {
		s->count = text_table_column(table, "count", 6, false, 0);
		s->min = text_table_column(table, "min", 6, false, 0);
		s->mean = text_table_column(table, "mean", 6, false, 0);
	}
	for (i = s->from; i < t->opts->nr_percentiles; i++) {
		char head[sizeof(struct units_text) + 1];

		snprintf(head, sizeof(head), "p%s", units_decimal(t->opts->percentile[i]).s);
		s->percentile[i] = text_table_column(table, head, 6, false, (unsigned int)i + 1);
	}
	if (s->from == 0) {
		s->max = text_table_column(table, "max", 6, false, 0);
		s->share = text_table_column(table, "share", 5, false, 0);
	}
}

/* A time in the current row; nothing that is not known is shown as a number. */
static void put_time(const struct text *t, struct stage_table *s, unsigned int column, bool known,
		     uint64_t ns)
{
	text_table_cell(&s->table, column, "%s", known ? units_duration(ns, t->opts->unit).s : "-");
}

void text_stage_row(const struct text *t, struct stage_table *s, enum iopf_stage stage,
		    const struct iopf_hist *h, double share)
{
	bool any = h->count > 0;
	size_t i;

	text_table_next(&s->table);
	text_table_cell(&s->table, s->stage, "%s", iopf_stage_name(stage));
	for (i = s->from; i < t->opts->nr_percentiles; i++)
		put_time(t, s, s->percentile[i], any,
			 iopf_hist_percentile(h, t->opts->percentile[i]));
	if (s->from > 0)
		return;
	text_table_cell(&s->table, s->count, "%s", units_count(h->count).s);
	put_time(t, s, s->min, any, h->min);
	put_time(t, s, s->mean, any, iopf_hist_mean(h));
	put_time(t, s, s->max, any, h->max);
	text_table_cell(&s->table, s->share, "%s", share < 0 ? "-" : units_share(share).s);
}

size_t text_stage_next(const struct text *t, const struct stage_table *s)
{
	size_t next = s->from;

	while (next < t->opts->nr_percentiles && !s->table.column[s->percentile[next]].dropped)
		next++;
	return next;
}

/* Prints the table from percentile @from on; gives the first that found no place in it. */
static size_t print_table(const struct text *t, size_t from)
{
	struct stage_table s = { .from = from };
	unsigned int stage;

	text_stage_columns(t, &s);
	for (stage = 0; stage < IOPF_STAGES; stage++)
		text_stage_row(t, &s, (enum iopf_stage)stage, &t->r->stage[stage].hist,
			       cut_share_all(t->r, (enum iopf_stage)stage));
	text_table_fit(&s.table, t->opts->width, t->opts->width);
	putc('\n', t->out);
	text_table_print(t, &s.table);
	return text_stage_next(t, &s);
}

void text_stages(const struct text *t)
{
	size_t next = print_table(t, 0);

	while (next < t->opts->nr_percentiles)
		next = print_table(t, next);
}
