/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What the files of the text format share. Nothing they write is wider than opts->width. */
#ifndef OUTPUT_TEXT_PRIVATE_H
#define OUTPUT_TEXT_PRIVATE_H

#ifndef OUTPUT_TEXT_PRIVATE
#error "text_private.h is for src/output/text*.c only"
#endif

#include "names.h"
#include "output.h"
#include "sentence.h"
#include "units.h"
#include "utf8.h"

struct text {
	FILE *out;
	const struct iopf_report *r;
	const struct output_opts *opts;
};

enum text_style {
	TEXT_PLAIN,
	TEXT_DIM,
	TEXT_BOLD,
	TEXT_GREEN,
	TEXT_YELLOW,
	TEXT_RED,
};

/* Where lines of figures begin, after their label, and lines of a story. */
#define TEXT_INDENT 10
#define TEXT_STORY_INDENT 13

/* Switches the style of what follows, when colour is wanted. */
void text_style(const struct text *t, enum text_style style);

/* @count spaces. */
void text_spaces(const struct text *t, unsigned int count);

/* "s" unless @n is 1. */
const char *text_plural(uint64_t n);

/* A task as "comm/tid"; by value, see struct units_text. */
struct task_text {
	char s[96];
};

struct task_text text_task(const char *comm, uint32_t tid);

/*
 * text_flow.c: items that stay whole, between separators, in as many lines as they need.
 */
struct text_flow {
	const struct text *t;
	const char *separator;
	unsigned int indent; /* of every line after the first */
	unsigned int column;
	bool any;
};

/* Begins a flow in a line that has @column columns already. */
void text_flow_begin(struct text_flow *f, const struct text *t, const char *separator,
		     unsigned int indent, unsigned int column);

/* Begins a line of figures: a label, then items with a dot between them. */
void text_flow_label(struct text_flow *f, const struct text *t, const char *label);

/* Begins a line of a story: its labels are longer. */
void text_flow_story(struct text_flow *f, const struct text *t, const char *label);

/* One item. */
__attribute__((format(printf, 2, 3))) void text_flow_item(struct text_flow *f, const char *fmt,
							  ...);

/* Whether an item of @columns would still fit the line. */
bool text_flow_fits(const struct text_flow *f, unsigned int columns);

/* The words of a text, broken between them. */
__attribute__((format(printf, 2, 3))) void text_flow_words(struct text_flow *f, const char *fmt,
							   ...);

/* Goes on in a new line. */
void text_flow_break(struct text_flow *f);

/* Ends the line. */
void text_flow_end(struct text_flow *f);

/*
 * text_table.c: columns as wide as what is in them.
 */
#define TEXT_TABLE_COLUMNS 24
#define TEXT_TABLE_ROWS 40
#define TEXT_TABLE_CELL 128

struct text_column {
	char head[40];
	unsigned int width; /* at least, when there is room */
	bool left; /* aligned; the others to the right */
	unsigned int rank; /* the highest goes first when the table is too wide; 0 = never */
	bool dropped;
};

struct text_table {
	unsigned int nr_columns, nr_rows, gap;
	struct text_column column[TEXT_TABLE_COLUMNS];
	char cell[TEXT_TABLE_ROWS][TEXT_TABLE_COLUMNS][TEXT_TABLE_CELL];
};

/* Adds a column; gives its number. */
unsigned int text_table_column(struct text_table *table, const char *head, unsigned int width,
			       bool left, unsigned int rank);

/* Begins a row; false when the table is full. */
bool text_table_next(struct text_table *table);

/* Fills the cell of the current row in a column. */
__attribute__((format(printf, 3, 4))) void
text_table_cell(struct text_table *table, unsigned int column, const char *fmt, ...);

/*
 * Finds the widths: generous ones if that stays within @wanted columns, else the least that is
 * needed; drops columns when that would still take more than @limit. Gives the width.
 */
unsigned int text_table_fit(struct text_table *table, unsigned int wanted, unsigned int limit);

/* Write the heads, and a row, without the end of the line. They give the columns they took. */
unsigned int text_table_heads(const struct text *t, const struct text_table *table);
unsigned int text_table_row(const struct text *t, const struct text_table *table, unsigned int row);

/* The whole table. */
void text_table_print(const struct text *t, const struct text_table *table);

/*
 * The parts of the screen, in the files named after them.
 */

/* text_verdict.c: why the verdict is not a pass, or could not be: comes first. */
void text_reason(const struct text *t);

/* text_findings.c: stories of proven errors, or of what is less: suspicions and warnings. */
void text_findings(const struct text *t, bool errors);

/* text_findings.c: what is no more than a note, one line each; rules that were not judged, and why. */
void text_notes(const struct text *t);
void text_not_checked(const struct text *t);

/* text_story.c: one case of a finding (NULL: none was kept), with its journey or as briefly as can be. */
void text_story(const struct text *t, const struct iopf_finding *f, const struct iopf_case *c,
		bool brief);

/* text_story.c: the group or object that a case is about. */
void text_subject(const struct text *t, const struct iopf_case *c);

/* text_journey.c: the steps of a case. */
void text_journey(const struct text *t, const struct iopf_case *c, enum text_style style);

/* text_assert.c: the assertions, those that fail first. */
void text_assertions(const struct text *t);

/* text_verdict.c: the verdict: comes last. */
void text_verdict(const struct text *t);

/* text_counts.c: the line above everything. */
void text_header(const struct text *t);

/* text_counts.c: who answered and how; then what is worth a word besides. */
void text_answers(const struct text *t);

/* text_counts.c: what only --verbose shows. */
void text_details(const struct text *t);

/* text_empty.c: what to say instead of tables when there was no group. */
void text_empty(const struct text *t);

/* text_stages.c: the stage table. */
void text_stages(const struct text *t);

/*
 * The same for whoever has more rows. What of the percentiles does not fit the first table goes into
 * more of them, which have no other columns.
 */
struct stage_table {
	struct text_table table;
	size_t from; /* the first percentile of the options that is in it */
	unsigned int stage, count, min, mean, max, share; /* columns; 0 = not in this table */
	unsigned int percentile[OUTPUT_PERCENTILES_MAX];
};

/* Adds the columns. The last percentiles of the list are the first to go. */
void text_stage_columns(const struct text *t, struct stage_table *s);

/* Adds a row, of groups whose time in total is @total. */
void text_stage_row(const struct text *t, struct stage_table *s, enum iopf_stage stage,
		    const struct iopf_hist *h, double share);

/* Once it is fitted: the first percentile that found no place in it. */
size_t text_stage_next(const struct text *t, const struct stage_table *s);

/* text_selection.c: which groups the tables are of; what is in none of them. */
void text_selection(const struct text *t);
void text_left_out(const struct text *t);

/* text_by.c: the stage table for each combination of keys. */
void text_by(const struct text *t);

/* text_series.c: a line for each interval of time. */
void text_series(const struct text *t);

/* text_hist.c: one stage's histogram. */
void text_hist(const struct text *t, enum iopf_stage stage);

/* text_groups.c: the slowest groups, those still waiting. */
void text_slowest(const struct text *t);
void text_waiting(const struct text *t);

#endif /* OUTPUT_TEXT_PRIVATE_H */
