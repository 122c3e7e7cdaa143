// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The figures by time: a line for each interval. */
#include <inttypes.h>

#define OUTPUT_TEXT_PRIVATE
#include "cut.h"
#include "text_private.h"

/* The stages that are shown. */
static const enum iopf_stage shown[] = { IOPF_STAGE_TOTAL, IOPF_STAGE_SERVICE };
#define SHOWN (sizeof(shown) / sizeof(shown[0]))

struct series_table {
	struct text_table table;
	unsigned int from, groups, outstanding, queue, findings;
	unsigned int percentile[SHOWN][OUTPUT_PERCENTILES_MAX], max[SHOWN];
};

/* Of percentiles that do not all find place, the usual ones stay; the last of the others goes first. */
static unsigned int rank_of(double percent, size_t place, size_t stage)
{
	bool usual = (percent >= 50 && percent <= 50) || (percent >= 99 && percent <= 99);

	return (unsigned int)((usual ? 1 : 2 + place) * SHOWN + stage);
}

/* Adds the columns. */
static void begin_series(const struct text *t, struct series_table *s)
{
	struct text_table *table = &s->table;

	table->nr_columns = 0;
	table->nr_rows = 0;
	s->from = text_table_column(table, "at s", 6, false, 0);
	s->groups = text_table_column(table, "groups", 6, false, 0);
	for (size_t k = 0; k < SHOWN; k++) {
		for (size_t i = 0; i < t->opts->nr_percentiles; i++) {
			double percent = t->opts->percentile[i];
			char head[sizeof(struct units_text) + 1];

			snprintf(head, sizeof(head), "p%s", units_decimal(percent).s);
			s->percentile[k][i] =
				text_table_column(table, head, 6, false, rank_of(percent, i, k));
		}
		s->max[k] = text_table_column(table, "max", 6, false, 0);
	}
	s->outstanding = text_table_column(table, "outst", 0, false, 0);
	s->queue = text_table_column(table, "queue", 0, false, 0);
	s->findings = text_table_column(table, "found", 0, false, 0);
}

/* The cells of an interval. */
static void add_interval(const struct text *t, struct series_table *s,
			 const struct iopf_interval *at)
{
	struct text_table *table = &s->table;

	text_table_next(table);
	text_table_cell(table, s->from, "%s",
			units_moment(at->from_ns, t->r->breakdown->opts.interval_ns).s);
	text_table_cell(table, s->groups, "%s", units_count(at->cut.groups).s);
	for (size_t k = 0; k < SHOWN; k++) {
		struct iopf_stage_stats stats;
		const struct iopf_hist *h = &stats.hist;

		cut_stage(&at->cut, shown[k], &stats);
		for (size_t i = 0; i < t->opts->nr_percentiles; i++)
			text_table_cell(table, s->percentile[k][i], "%s",
					h->count ?
						units_duration(iopf_hist_percentile(
								       h, t->opts->percentile[i]),
							       t->opts->unit)
							.s :
						"-");
		text_table_cell(table, s->max[k], "%s",
				h->count ? units_duration(h->max, t->opts->unit).s : "-");
	}
	text_table_cell(table, s->outstanding, "%s", units_count(at->outstanding).s);
	text_table_cell(table, s->queue, "%s", units_count(at->queue_max).s);
	text_table_cell(table, s->findings, "%s", units_count(at->findings).s);
}

/* The line above the heads: which stage the columns below are of. */
static void put_stages(const struct text *t, const struct series_table *s)
{
	const struct text_table *table = &s->table;
	unsigned int at = 1, used = 0, column;
	size_t k = 0;

	text_style(t, TEXT_DIM);
	for (column = 0; column < table->nr_columns; column++) {
		const struct text_column *c = &table->column[column];
		bool first = k < SHOWN && column > s->groups && column <= s->max[k] &&
			     column >= (k ? s->max[k - 1] : s->groups) + 1;

		if (c->dropped)
			continue;
		if (first) {
			/* Above the first that is left of its columns, to the right as they are. */
			text_spaces(t, at > used ? at - used : 1);
			used = (at > used ? at : used + 1) +
			       (unsigned int)fprintf(t->out, "%s", iopf_stage_name(shown[k]));
			k++;
		}
		at += c->width + table->gap;
	}
	text_style(t, TEXT_PLAIN);
	putc('\n', t->out);
}

/* Intervals below one head. */
static void put_batch(const struct text *t, const struct iopf_interval *at, size_t nr)
{
	struct series_table s = { 0 };

	begin_series(t, &s);
	for (size_t i = 0; i < nr; i++)
		add_interval(t, &s, &at[i]);
	text_table_fit(&s.table, t->opts->width, t->opts->width);
	putc('\n', t->out);
	put_stages(t, &s);
	text_table_print(t, &s.table);
}

void text_series(const struct text *t)
{
	const struct iopf_breakdown *b = t->r->breakdown;

	if (!b || !b->opts.interval_ns)
		return;
	for (size_t i = 0; i < b->nr_intervals; i += TEXT_TABLE_ROWS) {
		size_t nr = b->nr_intervals - i;

		put_batch(t, &b->intervals[i], nr < TEXT_TABLE_ROWS ? nr : TEXT_TABLE_ROWS);
	}
}
