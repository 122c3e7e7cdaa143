// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define TRACE_PRIVATE
#include "column.h"

#include <errno.h>

#include "pack.h"

/* With fewer records a table is not worth trying. */
#define TABLE_RECORDS_MIN 32

/* A way to tell a column. Its numbers are in column_maker.number. */
struct way {
	enum trace_method method;
	enum trace_sign sign;
	uint8_t shift;
	uint16_t reference; /* offset of the field it is told from */
	size_t bytes;
};

int column_maker_init(struct column_maker *m, size_t records)
{
	m->value = malloc(records * sizeof(*m->value));
	m->number[0] = malloc(records * sizeof(**m->number));
	m->number[1] = malloc(records * sizeof(**m->number));
	m->difference = malloc(records * sizeof(*m->difference));
	return m->value && m->number[0] && m->number[1] && m->difference ? 0 : -ENOMEM;
}

void column_maker_free(struct column_maker *m)
{
	free(m->value);
	free(m->number[0]);
	free(m->number[1]);
	free(m->difference);
	buffer_free(&m->shapes);
	buffer_free(&m->constants);
	buffer_free(&m->heads);
	buffer_free(&m->frames);
	buffer_free(&m->frame_bytes);
}

/* Reads a field; inlined, with a width that is known to the compiler. */
static inline __attribute__((always_inline)) uint64_t load(const uint8_t *at, unsigned int width)
{
	uint64_t value = 0;

	memcpy(&value, at, width);
	return value;
}

#define FOR_WIDTH(width, call) \
	switch (width) { \
	case 8: \
		call(8); \
		break; \
	case 4: \
		call(4); \
		break; \
	default: \
		call(1); \
		break; \
	}

/* Reads the column; whether all its values are the same. */
static bool gather(struct column_maker *m, const struct schema_field *f)
{
	uint64_t differs = 0;

#define GATHER(width) \
	for (size_t i = 0; i < m->records; i++) { \
		m->value[i] = load(m->record[i] + f->offset, width); \
		differs |= m->value[i] ^ m->value[0]; \
	}
	FOR_WIDTH(f->width, GATHER)
#undef GATHER
	return !differs;
}

/* How much the values differ from what a method makes one expect. */
static void differences(struct column_maker *m, const struct schema_field *f, const struct way *way)
{
	uint64_t before = 0;

	if (way->method == TRACE_METHOD_PREVIOUS) {
		for (size_t i = 0; i < m->records; i++) {
			m->difference[i] = (int64_t)(m->value[i] - before);
			before = m->value[i];
		}
	} else if (way->method == TRACE_METHOD_FIELD) {
#define FROM_FIELD(width) \
	for (size_t i = 0; i < m->records; i++) \
		m->difference[i] = \
			(int64_t)(m->value[i] - load(m->record[i] + way->reference, width));
		FOR_WIDTH(f->width, FROM_FIELD)
#undef FROM_FIELD
	} else {
#define FROM_LINKED(width) \
	for (size_t i = 0; i < m->records; i++) \
		m->difference[i] = (int64_t)(m->value[i] - \
					     load(m->linked[m->link[i]] + way->reference, width));
		FOR_WIDTH(f->width, FROM_LINKED)
#undef FROM_LINKED
	}
	/* Fields narrower than 8 bytes wrap where they end. */
	if (f->width == 4)
		for (size_t i = 0; i < m->records; i++)
			m->difference[i] = (int32_t)m->difference[i];
}

enum trace_sign column_sign(const int64_t *difference, size_t nr)
{
	bool below = false, above = false;

	for (size_t i = 0; i < nr; i++) {
		below |= difference[i] < 0;
		above |= difference[i] > 0;
	}
	return !below ? TRACE_SIGN_PLUS : !above ? TRACE_SIGN_MINUS : TRACE_SIGN_BOTH;
}

/* Makes numbers of the differences: without sign, and without the low bits that none of them has. */
static void make_numbers(struct column_maker *m, struct way *way, uint64_t *number)
{
	uint64_t all = 0;

	for (size_t i = 0; i < m->records; i++)
		all |= (uint64_t)m->difference[i];
	way->shift = all ? (uint8_t)__builtin_ctzll(all) : 0;
	way->sign = column_sign(m->difference, m->records);
	for (size_t i = 0; i < m->records; i++)
		number[i] = column_unsigned(m->difference[i] >> way->shift, way->sign);
}

/* Takes @way as the best if it is. */
static void compare(struct column_maker *m, struct way *best, const struct way *way)
{
	uint64_t *number = m->number[1];

	if (way->bytes >= best->bytes)
		return;
	m->number[1] = m->number[0];
	m->number[0] = number;
	*best = *way;
}

/* Tells the column by differences, in number[1]; false when there is nothing to differ from. */
static bool by_differences(struct column_maker *m, const struct schema_field *f,
			   enum trace_method method, uint16_t reference, struct way *way)
{
	*way = (struct way){ .method = method, .reference = reference };
	if (reference == SCHEMA_NONE || (method == TRACE_METHOD_LINKED && !m->link))
		return false;
	differences(m, f, way);
	make_numbers(m, way, m->number[1]);
	return true;
}

/* Tries to tell the column by differences. */
static void try_differences(struct column_maker *m, const struct schema_field *f,
			    enum trace_method method, uint16_t reference, struct way *best)
{
	struct way way;

	if (!by_differences(m, f, method, reference, &way))
		return;
	way.bytes = 3 + pack_bytes(m->number[1], m->records);
	compare(m, best, &way);
}

/* The entry of a value, or the free one where it would be. */
static size_t table_find(const struct column_maker *m, uint64_t value)
{
	size_t at = value * 0x9e3779b97f4a7c15ULL >> 32 & (COLUMN_TABLE_ENTRIES - 1);

	while (m->table[at].number && m->table[at].value != value)
		at = (at + 1) & (COLUMN_TABLE_ENTRIES - 1);
	return at;
}

/* Frees the first entries that were used: far fewer than there are. */
static void table_clear(struct column_maker *m, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		m->table[m->used[i]].number = 0;
}

/* Collects the distinct values; how many, 0 = too many for a table. */
static size_t collect(struct column_maker *m)
{
	size_t most = m->records / 4 < TRACE_TABLE_MAX ? m->records / 4 : TRACE_TABLE_MAX, nr = 0;

	for (size_t i = 0; i < m->records; i++) {
		size_t at = table_find(m, m->value[i]);

		if (m->table[at].number)
			continue;
		if (nr == most) {
			table_clear(m, nr);
			return 0;
		}
		m->used[nr] = (uint16_t)at;
		m->table[at].value = m->value[i];
		m->table[at].number = 1;
		m->distinct[nr++] = m->value[i];
	}
	return nr;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Makes differences of the table's values from one to the next, and numbers of these. */
static struct way pack_table(struct column_maker *m, size_t nr, uint64_t *number)
{
	struct way way = { .sign = TRACE_SIGN_PLUS };
	uint64_t all = 0;

	number[0] = 0;
	for (size_t i = 1; i < nr; i++)
		all |= m->distinct[i] - m->distinct[i - 1];
	way.shift = all ? (uint8_t)__builtin_ctzll(all) : 0;
	for (size_t i = 1; i < nr; i++)
		number[i] = (m->distinct[i] - m->distinct[i - 1]) >> way.shift;
	way.bytes = 3 + sizeof(uint64_t) + pack_bytes(number, nr);
	return way;
}

/*
 * Tells the column by places in a table of its values, in number[1]; false when there are too many.
 * Its bytes are those of the table.
 */
static bool by_table(struct column_maker *m, struct way *way, size_t *distinct)
{
	size_t nr = m->records < TABLE_RECORDS_MIN ? 0 : collect(m);
	uint64_t *number = m->number[1];

	if (!nr || m->distinct_all + nr > TRACE_TABLES_MAX) {
		table_clear(m, nr);
		return false;
	}
	qsort(m->distinct, nr, sizeof(*m->distinct), by_value);
	for (size_t i = 0; i < nr; i++)
		m->table[table_find(m, m->distinct[i])].number = (uint16_t)(i + 1);
	*way = pack_table(m, nr, number);
	way->method = TRACE_METHOD_TABLE;
	for (size_t i = 0; i < m->records; i++)
		number[i] = m->table[table_find(m, m->value[i])].number - 1U;
	table_clear(m, nr);
	*distinct = nr;
	return true;
}

/* Tries to tell the column by a table. */
static void try_table(struct column_maker *m, struct way *best, size_t *distinct)
{
	struct way way;

	if (!by_table(m, &way, distinct))
		return;
	way.bytes += pack_bytes(m->number[1], m->records);
	compare(m, best, &way);
}

/* Packs the numbers of one column. */
static void put_frames(struct column_maker *m, const uint64_t *number)
{
	for (size_t i = 0; i < m->records; i += TRACE_FRAME) {
		size_t nr = m->records - i < TRACE_FRAME ? m->records - i : TRACE_FRAME;
		size_t before = m->frames.bytes;

		pack_put_frame(&m->frames, number + i, nr);
		buffer_u16(&m->frame_bytes, (uint16_t)(m->frames.bytes - before));
	}
	m->frame_columns++;
}

/* Writes the column in the way that was found. */
static void put(struct column_maker *m, const struct schema_field *f, const struct way *way,
		size_t distinct)
{
	unsigned int log2_width = (unsigned int)__builtin_ctz(f->width);

	buffer_u8(&m->shapes, (uint8_t)TRACE_SHAPE(log2_width, way->method, way->sign));
	if (way->method == TRACE_METHOD_TABLE) {
		struct way table = pack_table(m, distinct, m->number[1]);

		buffer_u8(&m->heads, table.shift);
		buffer_u16(&m->heads, (uint16_t)distinct);
		buffer_put(&m->heads, m->distinct, sizeof(*m->distinct));
		pack_put(&m->heads, m->number[1], distinct);
		m->distinct_all += distinct;
	} else {
		buffer_u8(&m->heads, way->shift);
		if (way->method != TRACE_METHOD_PREVIOUS)
			buffer_u16(&m->heads, way->reference);
	}
	put_frames(m, m->number[0]);
}

/* The links: most often to the one after that of the record before. */
static void put_links(struct column_maker *m)
{
	for (size_t i = 0; i < m->records; i++) {
		int64_t step = (int64_t)m->link[i] - (i ? (int64_t)m->link[i - 1] + 1 : 0);

		m->number[0][i] = column_unsigned(step, TRACE_SIGN_BOTH);
	}
	put_frames(m, m->number[0]);
}

void column_maker_begin(struct column_maker *m)
{
	buffer_reset(&m->shapes);
	buffer_reset(&m->constants);
	buffer_reset(&m->heads);
	buffer_reset(&m->frames);
	buffer_reset(&m->frame_bytes);
	m->frame_columns = 0;
	m->distinct_all = 0;
	if (m->link)
		put_links(m);
}

void column_maker_begin_block(struct column_maker *m)
{
	if (m->blocks++ % COLUMN_REMEMBERED == 0)
		memset(m->best, 0, sizeof(m->best));
}

/* Tries all ways to tell the column. */
static struct way try_all(struct column_maker *m, const struct schema_field *f, size_t *distinct)
{
	struct way best = { .bytes = SIZE_MAX };

	try_differences(m, f, TRACE_METHOD_LINKED, f->near_linked, &best);
	try_differences(m, f, TRACE_METHOD_FIELD, f->near_field, &best);
	/* One bit for each is about what can be hoped for elsewhere. */
	if (best.bytes > m->records / 8) {
		try_differences(m, f, TRACE_METHOD_PREVIOUS, 0, &best);
		try_table(m, &best, distinct);
	}
	return best;
}

/* Takes the way that was best before, if it can be had: it is not compared, and so costs little. */
static bool take_again(struct column_maker *m, const struct schema_field *f,
		       enum trace_method method, struct way *way, size_t *distinct)
{
	struct way none = { .bytes = SIZE_MAX };
	bool can = false;

	if (method == TRACE_METHOD_TABLE)
		can = by_table(m, way, distinct);
	else if (method == TRACE_METHOD_PREVIOUS)
		can = by_differences(m, f, method, 0, way);
	else if (method == TRACE_METHOD_FIELD)
		can = by_differences(m, f, method, f->near_field, way);
	else if (method == TRACE_METHOD_LINKED)
		can = by_differences(m, f, method, f->near_linked, way);
	if (can)
		compare(m, &none, way);
	return can;
}

void column_make(struct column_maker *m, const struct schema_field *f)
{
	unsigned int log2_width = (unsigned int)__builtin_ctz(f->width);
	bool known = m->type < COLUMN_TYPES && f->offset / 4 < COLUMN_OFFSETS;
	uint8_t *method = known ? &m->best[m->type][f->offset / 4] : NULL;
	struct way best = { .method = TRACE_METHOD_CONSTANT };
	size_t distinct = 0;

	if (gather(m, f)) {
		buffer_u8(&m->shapes, (uint8_t)TRACE_SHAPE(log2_width, TRACE_METHOD_CONSTANT, 0));
		buffer_put(&m->constants, m->value, f->width);
		return;
	}
	if (!known || !take_again(m, f, *method, &best, &distinct))
		best = try_all(m, f, &distinct);
	if (known)
		*method = best.method;
	put(m, f, &best, distinct);
}

/* The frames: of each column the first, then of each the second, and so on. */
static void put_by_frame(const struct column_maker *m, struct buffer *out)
{
	size_t per_column = (m->records + TRACE_FRAME - 1) / TRACE_FRAME, i = 0;
	const uint16_t *bytes = (const uint16_t *)m->frame_bytes.data;
	size_t *at = calloc(m->frame_columns + 1, sizeof(*at));
	size_t sum = 0;

	if (!at) {
		out->failed = true;
		return;
	}
	for (size_t c = 0; c < m->frame_columns; c++) {
		at[c] = sum;
		for (size_t f = 0; f < per_column; f++)
			sum += bytes[i++];
	}
	for (size_t f = 0; f < per_column; f++) {
		for (size_t c = 0; c < m->frame_columns; c++) {
			size_t nr = bytes[c * per_column + f];

			buffer_put(out, m->frames.data + at[c], nr);
			at[c] += nr;
		}
	}
	free(at);
}

void column_maker_put(struct column_maker *m, struct buffer *out)
{
	if (m->shapes.failed || m->constants.failed || m->heads.failed || m->frames.failed ||
	    m->frame_bytes.failed) {
		out->failed = true;
		return;
	}
	buffer_put(out, m->shapes.data, m->shapes.bytes);
	buffer_put(out, m->constants.data, m->constants.bytes);
	buffer_put(out, m->heads.data, m->heads.bytes);
	put_by_frame(m, out);
}
