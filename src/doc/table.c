// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Tables of Markdown as tbl(1): columns as wide as what is in them, as far as 80 columns allow. */
#include <stdlib.h>
#include <string.h>

#include "markdown.h"

#define COLUMNS_MAX 8
#define WIDTH 72 /* of all columns: the rest of 80 is the page's margin */
#define GAP 3 /* between two columns */
#define NARROW 26 /* columns up to this are not broken */
#define LEAST 20 /* what the last column has in a table: with less it is a list */

struct cell {
	const char *text;
	size_t len;
};

struct table {
	size_t columns;
	size_t width[COLUMNS_MAX];
	size_t longest[COLUMNS_MAX]; /* word, which nothing breaks */
	bool broken[COLUMNS_MAX]; /* into several lines */
};

/* The cells of a row. '|' in code divides nothing. Returns how many there are. */
static size_t split(const char *row, size_t len, struct cell cells[COLUMNS_MAX])
{
	size_t i, begin = 1, nr = 0;
	bool code = false;

	for (i = 1; i < len && nr < COLUMNS_MAX; i++) {
		if (row[i] == '`')
			code = !code;
		if (row[i] != '|' || code)
			continue;
		cells[nr] = (struct cell){ row + begin, i - begin };
		while (cells[nr].len && *cells[nr].text == ' ') {
			cells[nr].text++;
			cells[nr].len--;
		}
		while (cells[nr].len && cells[nr].text[cells[nr].len - 1] == ' ')
			cells[nr].len--;
		nr++;
		begin = i + 1;
	}
	return nr;
}

/* How many columns a cell takes, and the longest of its words: marks take none. */
static size_t width(const struct cell *cell, size_t *longest)
{
	size_t i, n = 0, word = 0;

	for (i = 0; i < cell->len; i++) {
		if (cell->text[i] == '`' || cell->text[i] == '*' ||
		    ((unsigned char)cell->text[i] & 0xc0) == 0x80)
			continue;
		n++;
		word = cell->text[i] == ' ' ? 0 : word + 1;
		if (word > *longest)
			*longest = word;
	}
	return n;
}

/* Whether a row is the line below the heads. */
static bool is_rule(const char *row, size_t len)
{
	return strspn(row, "|-: ") >= len;
}

/* What all columns need. */
static void measure(struct table *t, const char *text, const char *end)
{
	struct cell cells[COLUMNS_MAX];
	size_t i, nr, len;

	for (; text < end; text += len + 1) {
		len = markdown_line(text, end);
		if (is_rule(text, len))
			continue;
		nr = split(text, len, cells);
		if (nr > t->columns)
			t->columns = nr;
		for (i = 0; i < nr; i++) {
			size_t needed = width(&cells[i], &t->longest[i]);

			if (needed > t->width[i])
				t->width[i] = needed;
		}
	}
}

/*
 * Breaks columns until the table fits: the last takes what the others leave. Returns false when that
 * is too little for words.
 */
static bool fit(struct table *t)
{
	size_t i, sum = (t->columns - 1) * GAP;

	for (i = 0; i < t->columns; i++)
		sum += t->width[i];
	if (sum <= WIDTH)
		return true;
	for (i = 0; i + 1 < t->columns; i++) {
		size_t least = t->longest[i] > NARROW ? t->longest[i] : NARROW;

		if (t->width[i] <= least)
			continue;
		sum -= t->width[i] - least;
		t->width[i] = least;
		t->broken[i] = true;
	}
	sum -= t->width[i];
	if (sum + LEAST > WIDTH)
		return false;
	t->width[i] = WIDTH - sum;
	t->broken[i] = true;
	return true;
}

/* One cell, in T{ and T} where it may have several lines. */
static void put_cell(struct mdoc *m, const struct cell *cell, bool broken)
{
	if (broken)
		fputs("T{\n", m->out);
	m->column = 0;
	m->whole = !broken;
	mdoc_words(m, cell->text, cell->len);
	m->whole = false;
	if (broken)
		mdoc_break(m);
	if (broken)
		fputs("T}", m->out);
}

static void put_row(struct mdoc *m, const struct table *t, const char *row, size_t len)
{
	struct cell cells[COLUMNS_MAX];
	size_t nr = split(row, len, cells), i;

	for (i = 0; i < nr; i++) {
		if (i)
			putc('\t', m->out);
		put_cell(m, &cells[i], t->broken[i]);
	}
	putc('\n', m->out);
	m->column = 0;
}

/* Whether the table has heads: some leave them empty. */
static bool has_heads(const char *text, size_t len)
{
	struct cell cells[COLUMNS_MAX];
	size_t nr = split(text, len, cells), i;

	for (i = 0; i < nr; i++)
		if (cells[i].len)
			return true;
	return false;
}

/* The line that tells tbl about the columns. */
static void put_layout(struct mdoc *m, const struct table *t, bool heads)
{
	size_t i;

	mdoc_line(m, ".TS\nnokeep;"); /* a terminal has no pages to be kept on */
	if (heads) {
		for (i = 0; i < t->columns; i++)
			fprintf(m->out, "%slI", i ? " " : "");
		putc('\n', m->out);
	}
	for (i = 0; i < t->columns; i++) {
		fprintf(m->out, "%sl", i ? " " : "");
		if (t->broken[i])
			fprintf(m->out, "w(%zun)", t->width[i]);
	}
	fputs(".\n", m->out);
}

/* A row as an item of a list: its first cell, the others but the last in brackets; below, the last. */
static void put_item(struct mdoc *m, const char *row, size_t len, bool head)
{
	struct cell cells[COLUMNS_MAX];
	size_t nr = split(row, len, cells), i;

	mdoc_break(m);
	fputs(".It \"", m->out);
	m->whole = true;

	for (i = 0; i + 1 < nr; i++) {
		if (!cells[i].len)
			continue;
		fputs(i ? " (" : head ? "\\fI" : "", m->out);
		m->column = 0;
		mdoc_words(m, cells[i].text, cells[i].len);
		fputs(i ? ")" : head ? "\\fP" : "", m->out);
	}
	m->whole = false;
	fputs("\"\n", m->out);
	m->column = 0;
	if (nr)
		mdoc_words(m, cells[nr - 1].text, cells[nr - 1].len);
	mdoc_break(m);
}

static void put_rows(struct mdoc *m, const struct table *t, const char *text, const char *end,
		     bool heads)
{
	bool first = true;
	size_t line;

	put_layout(m, t, heads);
	for (; text < end; text += line + 1) {
		line = markdown_line(text, end);
		if (!is_rule(text, line) && (heads || !first))
			put_row(m, t, text, line);
		first = false;
	}
	mdoc_line(m, ".TE");
}

static void put_items(struct mdoc *m, const char *text, const char *end, bool heads)
{
	bool first = true;
	size_t line;

	mdoc_line(m, ".Bl -tag -width Ds -compact");
	for (; text < end; text += line + 1) {
		line = markdown_line(text, end);
		if (!is_rule(text, line) && (heads || !first))
			put_item(m, text, line, first);
		first = false;
	}
	mdoc_line(m, ".El");
}

void markdown_table(struct mdoc *m, const char *text, size_t len)
{
	const char *end = text + len;
	struct table t = { .columns = 0 };
	bool heads = has_heads(text, markdown_line(text, end));

	measure(&t, text, end);
	if (!t.columns)
		return;
	mdoc_part(m);
	if (fit(&t))
		put_rows(m, &t, text, end, heads);
	else
		put_items(m, text, end, heads);
	m->parted = true;
}
