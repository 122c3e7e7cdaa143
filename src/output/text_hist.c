// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define OUTPUT_TEXT_PRIVATE
#include "text_private.h"

/*
 * The rows are octaves (from a power of two to the next), fewer than ROWS_MAX. Where only a few
 * octaves are used they are divided into equal parts, where many are used neighbours are merged.
 */
#define ROWS_MIN 8
#define ROWS_MAX 16
#define PARTS_MAX 8 /* of an octave */
#define OCTAVES 64

struct row {
	uint64_t lo, hi; /* lo <= value <= hi */
	uint64_t count;
};

struct rows {
	unsigned int nr;
	struct row row[ROWS_MAX];
};

/* The octave of a value: its power of two; 0 and 1 share the first. */
static unsigned int octave_of(uint64_t value)
{
	return value ? 63 - (unsigned int)__builtin_clzll(value) : 0;
}

/* The lower edge of part @part of @parts of an octave; octaves too small for it are not divided. */
static uint64_t edge(unsigned int octave, unsigned int part, unsigned int parts)
{
	uint64_t lo = octave ? 1ULL << octave : 0;

	return part == 0 ? lo : lo + (1ULL << octave) / parts * part;
}

/* Appends the part of the octaves that lies between two edges, when there is room. */
static bool add_row(struct rows *rows, const struct iopf_hist *h, uint64_t lo, uint64_t hi)
{
	if (rows->nr == ROWS_MAX)
		return false;
	rows->row[rows->nr++] =
		(struct row){ .lo = lo, .hi = hi, .count = iopf_hist_between(h, lo, hi) };
	return true;
}

/* Rows of @merge octaves each; false when there would be too many. */
static bool merged_rows(struct rows *rows, const struct iopf_hist *h, unsigned int merge)
{
	unsigned int last = octave_of(h->max), octave;

	rows->nr = 0;
	for (octave = octave_of(h->min) / merge * merge; octave <= last; octave += merge) {
		unsigned int end = octave + merge;
		uint64_t hi = end >= OCTAVES ? UINT64_MAX : edge(end, 0, 1) - 1;

		if (!add_row(rows, h, edge(octave, 0, 1), hi))
			return false;
	}
	return true;
}

/* Rows of 1/@parts octave each, from that of the minimum to that of the maximum. */
static bool divided_rows(struct rows *rows, const struct iopf_hist *h, unsigned int parts)
{
	unsigned int last = octave_of(h->max), octave, part;

	rows->nr = 0;
	for (octave = octave_of(h->min); octave <= last; octave++) {
		for (part = 0; part < parts; part++) {
			uint64_t lo = edge(octave, part, parts);
			uint64_t size = (1ULL << octave) / parts;

			if (lo > h->max || lo + (size - 1) < h->min)
				continue;
			if (!add_row(rows, h, lo, lo + (size - 1)))
				return false;
		}
	}
	return true;
}

/* The coarsest rows of which there are enough, else the finest. */
static void choose_rows(struct rows *rows, const struct iopf_hist *h)
{
	struct rows finer;
	unsigned int parts, merge = 1;

	while (!merged_rows(rows, h, merge))
		merge++;
	if (merge > 1 || octave_of(h->min) < 3)
		return;
	for (parts = 2; parts <= PARTS_MAX && rows->nr < ROWS_MIN; parts *= 2)
		if (divided_rows(&finer, h, parts))
			*rows = finer;
}

/* Draws a bar of @width for @count; what is too small for a whole step is still seen. */
static void put_bar(const struct text *t, uint64_t count, uint64_t most, unsigned int width)
{
	unsigned int length = (unsigned int)((unsigned __int128)count * width / most), i;

	putc('|', t->out);
	for (i = 0; i < length; i++)
		putc('#', t->out);
	if (length == 0 && count > 0) {
		putc('.', t->out);
		length = 1;
	}
	text_spaces(t, width - length);
	fputs("|\n", t->out);
}

/* "16us - 33us"; the upper edge is the lower one of the next. */
static void put_edges(const struct text *t, struct text_table *table, unsigned int column,
		      const struct row *row)
{
	uint64_t end = row->hi == UINT64_MAX ? row->hi : row->hi + 1;

	text_table_cell(table, column, "%6s - %6s", units_duration(row->lo, t->opts->unit).s,
			units_duration(end, t->opts->unit).s);
}

/* The labels of the rows as a table, so that they line up. */
static void fill_table(const struct text *t, struct text_table *table, const struct rows *rows,
		       const char *name, uint64_t total)
{
	unsigned int range = text_table_column(table, name, 15, true, 0);
	unsigned int count = text_table_column(table, "count", 8, false, 0);
	unsigned int cum = text_table_column(table, "cum", 6, false, 0);
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < rows->nr; i++) {
		sum += rows->row[i].count;
		text_table_next(table);
		put_edges(t, table, range, &rows->row[i]);
		text_table_cell(table, count, "%s", units_count(rows->row[i].count).s);
		text_table_cell(table, cum, "%s", units_share((double)sum / (double)total).s);
	}
	text_table_fit(table, t->opts->width - 20, t->opts->width - 20);
}

void text_hist(const struct text *t, enum iopf_stage stage)
{
	const struct iopf_hist *h = &t->r->stage[stage].hist;
	struct text_table table = { 0 };
	uint64_t most = 1;
	struct rows rows;
	unsigned int i;

	if (h->count == 0)
		return;
	choose_rows(&rows, h);
	for (i = 0; i < rows.nr; i++)
		most = rows.row[i].count > most ? rows.row[i].count : most;
	fill_table(t, &table, &rows, iopf_stage_name(stage), h->count);
	putc('\n', t->out);
	text_table_heads(t, &table);
	putc('\n', t->out);
	for (i = 0; i < rows.nr; i++) {
		unsigned int used = text_table_row(t, &table, i);

		putc(' ', t->out);
		put_bar(t, rows.row[i].count, most, t->opts->width - used - 3);
	}
}
