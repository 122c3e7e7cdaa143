// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <assert.h>
#include <stdarg.h>

#define OUTPUT_TEXT_PRIVATE
#include "text_private.h"

unsigned int text_table_column(struct text_table *table, const char *head, unsigned int width,
			       bool left, unsigned int rank)
{
	struct text_column *c = &table->column[table->nr_columns];

	assert(table->nr_columns < TEXT_TABLE_COLUMNS);
	*c = (struct text_column){ .width = width, .left = left, .rank = rank };
	snprintf(c->head, sizeof(c->head), "%s", head);
	return table->nr_columns++;
}

bool text_table_next(struct text_table *table)
{
	unsigned int column;

	if (table->nr_rows == TEXT_TABLE_ROWS)
		return false;
	for (column = 0; column < TEXT_TABLE_COLUMNS; column++)
		table->cell[table->nr_rows][column][0] = '\0';
	table->nr_rows++;
	return true;
}

void text_table_cell(struct text_table *table, unsigned int column, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(table->cell[table->nr_rows - 1][column], TEXT_TABLE_CELL, fmt, args);
	va_end(args);
}

/* The columns that the content of a column needs. */
static unsigned int content(const struct text_table *table, unsigned int column)
{
	unsigned int width = utf8_columns(table->column[column].head), row;

	for (row = 0; row < table->nr_rows; row++) {
		unsigned int columns = utf8_columns(table->cell[row][column]);

		width = columns > width ? columns : width;
	}
	return width;
}

/* The columns the table takes with a space before it. */
static unsigned int total_width(const struct text_table *table)
{
	unsigned int width = 1, column;
	bool first = true;

	for (column = 0; column < table->nr_columns; column++) {
		if (table->column[column].dropped)
			continue;
		width += table->column[column].width + (first ? 0 : table->gap);
		first = false;
	}
	return width;
}

/* Drops the column that matters least; false when all of them must stay. */
static bool drop_one(struct text_table *table)
{
	struct text_column *least = NULL;
	unsigned int column;

	for (column = 0; column < table->nr_columns; column++) {
		struct text_column *c = &table->column[column];

		if (!c->dropped && c->rank && (!least || c->rank > least->rank))
			least = c;
	}
	if (least)
		least->dropped = true;
	return least != NULL;
}

unsigned int text_table_fit(struct text_table *table, unsigned int wanted, unsigned int limit)
{
	unsigned int column;

	table->gap = 2;
	for (column = 0; column < table->nr_columns; column++) {
		unsigned int width = content(table, column);

		if (width > table->column[column].width)
			table->column[column].width = width;
	}
	if (total_width(table) <= wanted)
		return total_width(table);
	for (column = 0; column < table->nr_columns; column++)
		table->column[column].width = content(table, column);
	if (total_width(table) <= wanted)
		return total_width(table);
	table->gap = 1;
	while (total_width(table) > limit)
		if (!drop_one(table))
			break;
	return total_width(table);
}

/* Writes one cell or head at the end of a line of *@used columns; trailing space is left out. */
static void put_cell(const struct text *t, const struct text_table *table, unsigned int column,
		     const char *s, unsigned int *at, unsigned int *used)
{
	const struct text_column *c = &table->column[column];
	unsigned int columns = utf8_columns(s);
	unsigned int start = *at + (c->left ? 0 : c->width - columns);

	*at += c->width + table->gap;
	if (columns == 0)
		return;
	text_spaces(t, start - *used);
	fputs(s, t->out);
	*used = start + columns;
}

unsigned int text_table_heads(const struct text *t, const struct text_table *table)
{
	unsigned int at = 1, used = 0, column;

	text_style(t, TEXT_DIM);
	for (column = 0; column < table->nr_columns; column++)
		if (!table->column[column].dropped)
			put_cell(t, table, column, table->column[column].head, &at, &used);
	text_style(t, TEXT_PLAIN);
	return used;
}

unsigned int text_table_row(const struct text *t, const struct text_table *table, unsigned int row)
{
	unsigned int at = 1, used = 0, column;

	for (column = 0; column < table->nr_columns; column++)
		if (!table->column[column].dropped)
			put_cell(t, table, column, table->cell[row][column], &at, &used);
	return used;
}

void text_table_print(const struct text *t, const struct text_table *table)
{
	unsigned int row;

	text_table_heads(t, table);
	putc('\n', t->out);
	for (row = 0; row < table->nr_rows; row++) {
		text_table_row(t, table, row);
		putc('\n', t->out);
	}
}
