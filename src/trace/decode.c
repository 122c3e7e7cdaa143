// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define TRACE_PRIVATE
#include "decode.h"

#include <errno.h>
#include <stdbool.h>

#include "iopftrace/event.h"
#include "pack.h"

/* A column that is not constant. */
struct column {
	uint64_t value; /* of the last record, for differences from the one before */
	const uint64_t *table;
	uint16_t distinct; /* values in the table */
	uint16_t offset; /* of the field in its record */
	uint16_t reference; /* of the field that it is told from */
	uint8_t width, method, sign, shift;
};

struct decoder {
	/* The block that is decoded. */
	struct input in;
	uint8_t *image;
	size_t image_bytes, records;
	struct trace_columns_head head;
	struct trace_class class[TRACE_CLASSES_MAX];
	uint32_t first[TRACE_CLASSES_MAX]; /* place in by_class of the first record of each class */

	/* Offsets in the image; the arrays have room for @room records. */
	size_t room;
	uint8_t *class_of; /* in order */
	uint32_t *in_order, *by_class;

	/* The class that is decoded. */
	struct column *column; /* those that are not constant; room for @column_room */
	size_t columns, column_room;
	uint64_t link; /* the number of the last record that one referred to, + 1 */
	uint64_t table[TRACE_TABLES_MAX]; /* of its columns, one after the other */
	size_t tables;
	uint8_t like[UINT16_MAX + 8]; /* a record with all that is constant in it */
};

struct decoder *decoder_new(void)
{
	return calloc(1, sizeof(struct decoder));
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	free(d->class_of);
	free(d->in_order);
	free(d->by_class);
	free(d->column);
	free(d);
}

static int make_room(struct decoder *d, size_t records)
{
	if (records <= d->room)
		return 0;
	d->room = 0;
	free(d->class_of);
	free(d->in_order);
	free(d->by_class);
	d->class_of = malloc(records);
	d->in_order = malloc(records * sizeof(*d->in_order));
	d->by_class = malloc(records * sizeof(*d->by_class));
	if (!d->class_of || !d->in_order || !d->by_class)
		return -ENOMEM;
	d->room = records;
	return 0;
}

static uint32_t padded(const struct trace_class *class)
{
	return (class->size + 7U) & ~7U;
}

/* The head and the classes: together they have as many records and bytes as was said. */
static int take_classes(struct decoder *d)
{
	uint64_t records = 0, bytes = 0;

	if (!input_get(&d->in, &d->head, sizeof(d->head)) || !d->head.classes ||
	    d->head.classes > TRACE_CLASSES_MAX ||
	    !input_get(&d->in, d->class, d->head.classes * sizeof(*d->class)))
		return -EBADMSG;
	for (size_t c = 0; c < d->head.classes; c++) {
		const struct trace_class *class = &d->class[c];

		if (class->size < sizeof(struct iopf_rec) || !class->records ||
		    (class->link != TRACE_NO_LINK && class->link >= c))
			return -EBADMSG;
		d->first[c] = (uint32_t)records;
		records += class->records;
		bytes += (uint64_t) class->records * padded(class);
	}
	return records == d->records && bytes == d->image_bytes ? 0 : -EBADMSG;
}

/* Which class each record is of. */
static int take_order(struct decoder *d)
{
	uint64_t number[TRACE_FRAME];

	if (d->head.classes == 1) {
		memset(d->class_of, 0, d->records);
		return 0;
	}
	for (size_t i = 0; i < d->records; i += TRACE_FRAME) {
		size_t nr = d->records - i < TRACE_FRAME ? d->records - i : TRACE_FRAME;
		uint64_t most = 0;

		if (pack_get_frame(&d->in, number, nr))
			return -EBADMSG;
		for (size_t j = 0; j < nr; j++) {
			most = number[j] > most ? number[j] : most;
			d->class_of[i + j] = (uint8_t)number[j];
		}
		if (most >= d->head.classes)
			return -EBADMSG;
	}
	return 0;
}

/* Where each record will be. */
static int place_records(struct decoder *d)
{
	uint32_t next[TRACE_CLASSES_MAX], size[TRACE_CLASSES_MAX], at = 0;

	for (size_t c = 0; c < d->head.classes; c++) {
		next[c] = d->first[c];
		size[c] = padded(&d->class[c]);
	}
	for (size_t i = 0; i < d->records; i++) {
		unsigned int c = d->class_of[i];

		/* Checked at once: a class with too many would write into the next one's. */
		if (next[c] - d->first[c] == d->class[c].records)
			return -EBADMSG;
		d->in_order[i] = at;
		d->by_class[next[c]++] = at;
		at += size[c];
	}
	return 0;
}

/* Makes numbers differences again: all of a frame, so that the compiler knows how many they are. */
static void make_signed(uint64_t number[TRACE_FRAME], unsigned int sign, unsigned int shift)
{
	if (sign == TRACE_SIGN_MINUS)
		for (size_t i = 0; i < TRACE_FRAME; i++)
			number[i] = (0 - number[i]) << shift;
	else if (sign == TRACE_SIGN_BOTH)
		for (size_t i = 0; i < TRACE_FRAME; i++)
			number[i] = (number[i] >> 1 ^ (0 - (number[i] & 1))) << shift;
	else if (shift)
		for (size_t i = 0; i < TRACE_FRAME; i++)
			number[i] <<= shift;
}

/* Sequence numbers, each larger than the one before it. */
static int take_numbers(struct decoder *d)
{
	uint64_t number[TRACE_FRAME], value = d->head.seq - 1; /* the first one's step is none */
	bool backwards = false;

	for (size_t i = 0; i < d->records; i += TRACE_FRAME) {
		size_t nr = d->records - i < TRACE_FRAME ? d->records - i : TRACE_FRAME;

		if (pack_get_frame(&d->in, number, nr))
			return -EBADMSG;
		for (size_t j = 0; j < nr; j++) {
			uint64_t next = value + number[j] + 1;

			backwards |= next <= value && i + j;
			value = next;
			memcpy(d->image + d->in_order[i + j], &value, sizeof(value));
		}
	}
	return backwards ? -EBADMSG : 0;
}

/* Times: each is the one before plus its step. */
static int take_times(struct decoder *d)
{
	const size_t offset = offsetof(struct iopf_rec, time_ns);
	uint64_t number[TRACE_FRAME], value = d->head.time_ns;

	for (size_t i = 0; i < d->records; i += TRACE_FRAME) {
		size_t nr = d->records - i < TRACE_FRAME ? d->records - i : TRACE_FRAME;

		if (pack_get_frame(&d->in, number, nr))
			return -EBADMSG;
		make_signed(number, d->head.time_sign, 0);
		for (size_t j = 0; j < nr; j++) {
			value += number[j];
			memcpy(d->image + d->in_order[i + j] + offset, &value, sizeof(value));
		}
	}
	return 0;
}

/* The next @nr records that records of a class refer to: their offsets. */
static int take_links(struct decoder *d, const struct trace_class *class, uint32_t *link, size_t nr)
{
	const struct trace_class *to = &d->class[class->link];
	const uint32_t *linked = d->by_class + d->first[class->link];
	uint64_t number[TRACE_FRAME], value = d->link;

	if (pack_get_frame(&d->in, number, nr))
		return -EBADMSG;
	make_signed(number, TRACE_SIGN_BOTH, 0);
	for (size_t i = 0; i < nr; i++) {
		value += number[i];
		if (value >= to->records)
			return -EBADMSG;
		link[i] = linked[value++];
	}
	d->link = value;
	return 0;
}

/* Room for the columns of a class. */
static int make_column_room(struct decoder *d, size_t columns)
{
	if (columns <= d->column_room)
		return 0;
	d->column_room = 0;
	free(d->column);
	d->column = malloc(columns * sizeof(*d->column));
	if (!d->column)
		return -ENOMEM;
	d->column_room = columns;
	return 0;
}

/* The shapes of the columns, which are exactly a record, and the values of those that are constant. */
static int take_shapes(struct decoder *d, const struct trace_class *class)
{
	const uint8_t *shape = input_take(&d->in, class->columns);
	uint32_t at = TRACE_COLUMNS_FROM;

	if (!shape)
		return -EBADMSG;
	d->columns = 0;
	memset(d->like, 0, padded(class));
	memcpy(d->like + offsetof(struct iopf_rec, type), &class->type, sizeof(class->type));
	memcpy(d->like + offsetof(struct iopf_rec, size), &class->size, sizeof(class->size));
	for (unsigned int i = 0; i < class->columns; i++) {
		struct column c = {
			.offset = (uint16_t)at,
			.width = (uint8_t)TRACE_SHAPE_WIDTH(shape[i]),
			.method = TRACE_SHAPE_METHOD(shape[i]),
			.sign = TRACE_SHAPE_SIGN(shape[i]),
		};

		if (c.method >= TRACE_METHODS || c.sign >= TRACE_SIGNS || shape[i] >> 7 ||
		    at + c.width > class->size)
			return -EBADMSG;
		if (c.method != TRACE_METHOD_CONSTANT)
			d->column[d->columns++] = c;
		else if (!input_get(&d->in, d->like + at, c.width))
			return -EBADMSG;
		at += c.width;
	}
	return at == class->size ? 0 : -EBADMSG;
}

/* The table of a column's values. */
static int take_table(struct decoder *d, struct column *c)
{
	uint64_t number[TRACE_FRAME], value;

	if (!input_get(&d->in, &c->distinct, sizeof(c->distinct)) || !c->distinct ||
	    c->distinct > TRACE_TABLE_MAX || d->tables + c->distinct > TRACE_TABLES_MAX ||
	    !input_get(&d->in, &value, sizeof(value)))
		return -EBADMSG;
	c->table = d->table + d->tables;
	for (size_t i = 0; i < c->distinct; i += TRACE_FRAME) {
		size_t nr = c->distinct - i < TRACE_FRAME ? c->distinct - i : TRACE_FRAME;

		if (pack_get_frame(&d->in, number, nr))
			return -EBADMSG;
		for (size_t j = 0; j < nr; j++)
			d->table[d->tables++] = value += number[j] << c->shift;
	}
	return 0;
}

/* What comes before the numbers of a column. */
static int take_column_head(struct decoder *d, const struct trace_class *class, struct column *c)
{
	if (!input_get(&d->in, &c->shift, sizeof(c->shift)) || c->shift > 63)
		return -EBADMSG;
	if (c->method == TRACE_METHOD_PREVIOUS)
		return 0;
	if (c->method == TRACE_METHOD_TABLE)
		return take_table(d, c);
	if (!input_get(&d->in, &c->reference, sizeof(c->reference)))
		return -EBADMSG;
	if (c->method == TRACE_METHOD_FIELD) /* of what is there already */
		return c->reference + c->width <= c->offset ? 0 : -EBADMSG;
	if (class->link == TRACE_NO_LINK)
		return -EBADMSG;
	return c->reference + c->width <= d->class[class->link].size ? 0 : -EBADMSG;
}

/* Reads and writes a field; inlined, with a width that is known to the compiler. */
static inline __attribute__((always_inline)) uint64_t load(const uint8_t *at, unsigned int width)
{
	uint64_t value = 0;

	memcpy(&value, at, width);
	return value;
}

static inline __attribute__((always_inline)) void store(uint8_t *at, uint64_t value,
							unsigned int width)
{
	memcpy(at, &value, width);
}

/*
 * Writes one frame of a column into the records at these offsets, which have these links. No number is
 * larger than @most.
 */
static inline __attribute__((always_inline)) int
write_frame(uint8_t *image, struct column *c, const uint32_t *at, const uint32_t *link,
	    const uint64_t *number, uint64_t most, size_t nr, unsigned int width)
{
	const uint8_t *from = image + c->reference;
	uint8_t *field = image + c->offset;
	uint64_t value = c->value;
	size_t i;

	switch (c->method) {
	case TRACE_METHOD_PREVIOUS:
#pragma GCC unroll 4
		for (i = 0; i < nr; i++)
			store(field + at[i], value += number[i], width);
		c->value = value;
		return 0;
	case TRACE_METHOD_FIELD:
#pragma GCC unroll 4
		for (i = 0; i < nr; i++)
			store(field + at[i], load(from + at[i], width) + number[i], width);
		return 0;
	case TRACE_METHOD_LINKED:
#pragma GCC unroll 4
		for (i = 0; i < nr; i++)
			store(field + at[i], load(from + link[i], width) + number[i], width);
		return 0;
	default: /* TRACE_METHOD_TABLE */
		for (i = 0; most >= c->distinct && i < nr; i++)
			if (number[i] >= c->distinct)
				return -EBADMSG;
#pragma GCC unroll 4
		for (i = 0; i < nr; i++)
			store(field + at[i], c->table[number[i]], width);
		return 0;
	}
}

/* The same of a frame in which all numbers are 0: nothing is added to what is there, or was last. */
static inline __attribute__((always_inline)) void
repeat_frame(uint8_t *image, const struct column *c, const uint32_t *at, const uint32_t *link,
	     size_t nr, unsigned int width)
{
	const uint8_t *from = image + c->reference;
	uint8_t *field = image + c->offset;
	uint64_t value = c->method == TRACE_METHOD_PREVIOUS ? c->value : 0;

	switch (c->method) {
	case TRACE_METHOD_FIELD:
#pragma GCC unroll 4
		for (size_t i = 0; i < nr; i++)
			store(field + at[i], load(from + at[i], width), width);
		return;
	case TRACE_METHOD_LINKED:
#pragma GCC unroll 4
		for (size_t i = 0; i < nr; i++)
			store(field + at[i], load(from + link[i], width), width);
		return;
	case TRACE_METHOD_TABLE:
		value = c->table[0];
		/* fall through */
	default: /* TRACE_METHOD_PREVIOUS */
#pragma GCC unroll 4
		for (size_t i = 0; i < nr; i++)
			store(field + at[i], value, width);
	}
}

/* The same, by the width of the column. */
static void repeat(uint8_t *image, const struct column *c, const uint32_t *at, const uint32_t *link,
		   size_t nr)
{
	switch (c->width) {
	case 8:
		repeat_frame(image, c, at, link, nr, 8);
		break;
	case 4:
		repeat_frame(image, c, at, link, nr, 4);
		break;
	case 2:
		repeat_frame(image, c, at, link, nr, 2);
		break;
	default:
		repeat_frame(image, c, at, link, nr, 1);
	}
}

/* Takes one frame of a column. */
static int take_frame(struct decoder *d, struct column *c, const uint32_t *at, const uint32_t *link,
		      size_t nr)
{
	uint64_t number[TRACE_FRAME], most;

	if (pack_zero_frame(&d->in)) {
		repeat(d->image, c, at, link, nr);
		return 0;
	}
	most = pack_most(&d->in);
	if (pack_get_frame(&d->in, number, nr))
		return -EBADMSG;
	if (c->method != TRACE_METHOD_TABLE)
		make_signed(number, c->sign, c->shift);
	switch (c->width) {
	case 8:
		return write_frame(d->image, c, at, link, number, most, nr, 8);
	case 4:
		return write_frame(d->image, c, at, link, number, most, nr, 4);
	case 2:
		return write_frame(d->image, c, at, link, number, most, nr, 2);
	default:
		return write_frame(d->image, c, at, link, number, most, nr, 1);
	}
}

/* The next @nr records of a class, at these offsets. Numbers and times are there already. */
static int take_frames(struct decoder *d, const struct trace_class *class, const uint32_t *at,
		       size_t nr)
{
	const size_t from = offsetof(struct iopf_rec, type), bytes = padded(class) - from;
	uint32_t link[TRACE_FRAME];
	int err = 0;

	if (class->link != TRACE_NO_LINK)
		err = take_links(d, class, link, nr);
	for (size_t i = 0; i < nr; i++)
		memcpy(d->image + at[i] + from, d->like + from, bytes);
	for (size_t i = 0; i < d->columns && !err; i++)
		err = take_frame(d, &d->column[i], at, link, nr);
	return err;
}

/* The records of a class: few enough at a time that they stay in the first-level cache. */
static int take_class(struct decoder *d, size_t number)
{
	const struct trace_class *class = &d->class[number];
	const uint32_t *at = d->by_class + d->first[number];
	int err = make_column_room(d, class->columns);

	d->link = 0;
	d->tables = 0;
	if (!err)
		err = take_shapes(d, class);
	for (size_t i = 0; i < d->columns && !err; i++)
		err = take_column_head(d, class, &d->column[i]);
	for (size_t i = 0; i < class->records && !err; i += TRACE_FRAME) {
		size_t left = class->records - i;

		err = take_frames(d, class, at + i, left < TRACE_FRAME ? left : TRACE_FRAME);
	}
	return err;
}

int decoder_run(struct decoder *d, const void *columns, size_t bytes, size_t records, void *image,
		size_t image_bytes)
{
	int err;

	d->in = (struct input){ columns, (const uint8_t *)columns + bytes };
	d->image = image;
	d->image_bytes = image_bytes;
	d->records = records;
	err = take_classes(d);
	if (!err)
		err = make_room(d, records);
	if (!err)
		err = take_order(d);
	if (!err)
		err = place_records(d);
	if (!err)
		err = take_numbers(d);
	if (!err)
		err = take_times(d);
	for (size_t c = 0; c < d->head.classes && !err; c++)
		err = take_class(d, c);
	return err ? err : input_left(&d->in) ? -EBADMSG : 0;
}

size_t decoder_first(const struct decoder *d)
{
	return d->in_order[0];
}

size_t decoder_last(const struct decoder *d)
{
	return d->in_order[d->records - 1];
}

const uint8_t *decoder_identity(const struct decoder *d)
{
	return d->head.identity;
}
