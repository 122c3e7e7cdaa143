// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <stdlib.h>

#define OUTPUT_TEXT_PRIVATE
#include "text_diff.h"

/* What stands right of the table: the outcome, of which "too few groups" is the longest. */
#define OUTCOME_COLUMNS 15

/* The rows of a stage: its count, the mean, the maximum, and the percentiles. */
#define ROWS (3 + IOPF_COMPARE_PERCENTILES)

_Static_assert(ROWS <= TEXT_TABLE_ROWS, "a stage has more rows than a table");

/* One stage. All of them are as wide as the widest. */
struct stage_rows {
	struct text_table table;
	unsigned int stage, figure, base, changed, percent, difference, interval;
	const struct iopf_time_change *time[ROWS]; /* NULL = the row has no outcome */
};

/* The columns. With a unit that makes times long the difference goes first, then the interval. */
static void add_columns(struct stage_rows *s)
{
	struct text_table *table = &s->table;

	s->stage = text_table_column(table, "stage", 7, true, 0);
	s->figure = text_table_column(table, "figure", 6, true, 0);
	s->base = text_table_column(table, "base", 6, false, 0);
	s->changed = text_table_column(table, "new", 6, false, 0);
	s->percent = text_table_column(table, "change", 7, false, 0);
	s->difference = text_table_column(table, "diff", 7, false, 2);
	s->interval = text_table_column(table, "99.8% interval", 16, false, 1);
}

/* The count of a stage. */
static void add_count(struct stage_rows *s, const uint64_t count[IOPF_SIDES])
{
	text_table_next(&s->table);
	text_table_cell(&s->table, s->figure, "count");
	text_table_cell(&s->table, s->base, "%s", units_count(count[IOPF_BASE]).s);
	text_table_cell(&s->table, s->changed, "%s", units_count(count[IOPF_NEW]).s);
	text_table_cell(&s->table, s->percent, "%s",
			diff_percent(count[IOPF_BASE], count[IOPF_NEW]).s);
	text_table_cell(&s->table, s->difference, "%s",
			diff_count(count[IOPF_BASE], count[IOPF_NEW]).s);
}

/* Whether there is an interval of the difference. */
static bool has_interval(const struct iopf_time_change *t)
{
	return t->outcome == IOPF_WITHIN_NOISE || t->outcome == IOPF_WITHIN_RESOLUTION ||
	       t->outcome == IOPF_CHANGED;
}

/* A time of a stage. */
static void add_time(const struct text *t, struct stage_rows *s, const char *name,
		     const struct iopf_time_change *time)
{
	enum units_time unit = t->opts->unit;
	const uint64_t *ns = time->ns;

	text_table_next(&s->table);
	s->time[s->table.nr_rows - 1] = time;
	text_table_cell(&s->table, s->figure, "%s", name);
	text_table_cell(&s->table, s->base, "%s",
			time->known[IOPF_BASE] ? units_duration(ns[IOPF_BASE], unit).s : "-");
	text_table_cell(&s->table, s->changed, "%s",
			time->known[IOPF_NEW] ? units_duration(ns[IOPF_NEW], unit).s : "-");
	if (time->outcome == IOPF_NO_VALUE)
		return;
	text_table_cell(&s->table, s->percent, "%s", diff_percent(ns[IOPF_BASE], ns[IOPF_NEW]).s);
	text_table_cell(&s->table, s->difference, "%s",
			diff_duration((double)ns[IOPF_NEW] - (double)ns[IOPF_BASE], unit).s);
	if (has_interval(time))
		text_table_cell(&s->table, s->interval, "%s..%s",
				diff_duration(time->low_ns, unit).s,
				diff_duration(time->high_ns, unit).s);
}

/* All rows of a stage, its name before the first. */
static void fill(const struct text *t, struct stage_rows *s, const struct iopf_comparison *c,
		 enum iopf_stage stage)
{
	const struct iopf_stage_change *change = &c->stage[stage];

	add_columns(s);
	add_count(s, change->count);
	text_table_cell(&s->table, s->stage, "%s", iopf_stage_name(stage));
	add_time(t, s, "mean", &change->mean);
	for (size_t i = 0; i < c->nr_percentiles; i++) {
		char name[sizeof(struct units_text) + 1];

		snprintf(name, sizeof(name), "p%s", units_decimal(c->percentile_of[i]).s);
		add_time(t, s, name, &change->percentile[i]);
	}
	add_time(t, s, "max", &change->max);
}

/* Makes all tables as wide as they have to be together: a table of their widest cells says that. */
static void fit(const struct text *t, struct stage_rows *stages)
{
	unsigned int room = t->opts->width - OUTCOME_COLUMNS, stage, column, row;
	struct stage_rows widest = { .stage = 0 };

	add_columns(&widest);
	text_table_next(&widest.table);
	for (stage = 0; stage < IOPF_STAGES; stage++)
		for (row = 0; row < stages[stage].table.nr_rows; row++)
			for (column = 0; column < widest.table.nr_columns; column++) {
				const char *cell = stages[stage].table.cell[row][column];

				if (utf8_columns(cell) > utf8_columns(widest.table.cell[0][column]))
					text_table_cell(&widest.table, column, "%s", cell);
			}
	text_table_fit(&widest.table, room, room);
	for (stage = 0; stage < IOPF_STAGES; stage++) {
		stages[stage].table.gap = widest.table.gap;
		for (column = 0; column < widest.table.nr_columns; column++)
			stages[stage].table.column[column] = widest.table.column[column];
	}
}

/* The outcome in a word, and its style. */
static const char *outcome_word(const struct iopf_time_change *t, enum text_style *style)
{
	static const char *const words[] = {
		[IOPF_WITHIN_NOISE] = "within noise",
		[IOPF_WITHIN_RESOLUTION] = "too small",
		[IOPF_TOO_FEW_GROUPS] = "too few groups",
		[IOPF_NOT_JUDGED] = "not judged",
		[IOPF_NO_VALUE] = "no value",
	};

	*style = TEXT_DIM;
	if (t->outcome != IOPF_CHANGED)
		return words[t->outcome];
	*style = t->ns[IOPF_NEW] > t->ns[IOPF_BASE] ? TEXT_RED : TEXT_GREEN;
	return *style == TEXT_RED ? "slower" : "faster";
}

/* The rows of a stage with their outcomes. */
static void put_rows(const struct text *t, const struct stage_rows *s)
{
	for (unsigned int row = 0; row < s->table.nr_rows; row++) {
		unsigned int used = text_table_row(t, &s->table, row);

		if (s->time[row]) {
			enum text_style style;
			const char *word = outcome_word(s->time[row], &style);

			text_spaces(t, t->opts->width - OUTCOME_COLUMNS + 1 - used);
			text_style(t, style);
			fputs(word, t->out);
			text_style(t, TEXT_PLAIN);
		}
		putc('\n', t->out);
	}
}

int text_diff_stages(const struct text *t, const struct iopf_comparison *c)
{
	struct stage_rows *stages = calloc(IOPF_STAGES, sizeof(*stages));
	unsigned int stage;

	if (!stages)
		return -ENOMEM;
	for (stage = 0; stage < IOPF_STAGES; stage++)
		fill(t, &stages[stage], c, (enum iopf_stage)stage);
	fit(t, stages);
	putc('\n', t->out);
	text_table_heads(t, &stages[0].table);
	putc('\n', t->out);
	for (stage = 0; stage < IOPF_STAGES; stage++)
		put_rows(t, &stages[stage]);
	free(stages);
	return 0;
}
