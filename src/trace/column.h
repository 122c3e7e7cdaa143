/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* One column of a class of records: how it is told in the fewest bytes. */
#ifndef TRACE_COLUMN_H
#define TRACE_COLUMN_H

#ifndef TRACE_PRIVATE
#error "private to src/trace: use reader.h and writer.h"
#endif

#include "buffer.h"
#include "format.h"
#include "schema.h"

/* What the values of a table are looked up by. Larger than TRACE_TABLE_MAX, a power of two. */
#define COLUMN_TABLE_ENTRIES (4 * TRACE_TABLE_MAX)

/* Columns whose best way is remembered: those of types and at offsets, by 4 bytes, below these. */
#define COLUMN_TYPES 32
#define COLUMN_OFFSETS 256

/* So many blocks it is believed to be the best still. */
#define COLUMN_REMEMBERED 16

/* Makes the columns of one class after the other. */
struct column_maker {
	/* Set by the caller for each class; the arrays are the caller's. */
	uint16_t type;
	const uint8_t *const *record;
	size_t records;
	const uint32_t *link; /* of each record, the number of another; NULL = they have none */
	const uint8_t *const *linked; /* these others */

	struct buffer shapes, constants, heads; /* of the class */
	struct buffer frames, frame_bytes; /* its frames, column by column; uint16_t each */
	size_t frame_columns; /* how many columns these are of */
	size_t distinct_all; /* values in the tables so far */
	uint64_t *value; /* of the column */
	uint64_t *number[2]; /* the best way found, and the one that is tried */
	int64_t *difference;
	struct {
		uint64_t value;
		uint16_t number; /* + 1, 0 = free */
	} table[COLUMN_TABLE_ENTRIES];
	uint64_t distinct[TRACE_TABLE_MAX];
	uint16_t used[TRACE_TABLE_MAX]; /* entries of table that are not free */
	uint8_t best[COLUMN_TYPES][COLUMN_OFFSETS]; /* enum trace_method; 0 = not known */
	unsigned int blocks;
};

/* For classes of at most @records; 0 or -ENOMEM. */
int column_maker_init(struct column_maker *m, size_t records);
void column_maker_free(struct column_maker *m);

/* Begins a block. */
void column_maker_begin_block(struct column_maker *m);

/* Begins a class, by what the caller has set. */
void column_maker_begin(struct column_maker *m);

/* Makes the column of one field. */
void column_make(struct column_maker *m, const struct schema_field *field);

/* Appends the columns that were made. Out of memory is noted in @out. */
void column_maker_put(struct column_maker *m, struct buffer *out);

/* The sign of differences, and what one becomes with it. */
enum trace_sign column_sign(const int64_t *difference, size_t nr);
static inline uint64_t column_unsigned(int64_t difference, unsigned int sign)
{
	uint64_t d = (uint64_t)difference;

	switch (sign) {
	case TRACE_SIGN_PLUS:
		return d;
	case TRACE_SIGN_MINUS:
		return 0 - d;
	default:
		return d << 1 ^ (0 - (d >> 63));
	}
}

#endif /* TRACE_COLUMN_H */
