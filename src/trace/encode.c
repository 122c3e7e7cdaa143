// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define TRACE_PRIVATE
#include "encode.h"

#include <errno.h>

#include "column.h"
#include "links.h"
#include "pack.h"
#include "schema.h"

/* Records of one type and size. */
struct class
{
	uint16_t type, size;
	uint32_t records;
	uint32_t first; /* place of its first record in by_class */
	uint8_t number; /* in the file */
};

struct encoder {
	uint8_t *image;
	size_t bytes; /* of the image */
	size_t records;
	uint32_t offset[ENCODER_RECORDS]; /* of each record, in order */
	uint8_t class_of[ENCODER_RECORDS];
	struct class class[TRACE_CLASSES_MAX];
	size_t classes;
	const uint8_t *by_class[ENCODER_RECORDS]; /* the records, those of a class together */
	uint32_t link[ENCODER_RECORDS]; /* by_class: its ENQUEUE, by number */
	uint64_t number[ENCODER_RECORDS];
	int64_t difference[ENCODER_RECORDS];
	struct column_maker maker;
	struct links links;
	int linked; /* the class of the ENQUEUE records, -1 = there are none */
};

struct encoder *encoder_new(void)
{
	struct encoder *enc = calloc(1, sizeof(*enc));

	if (!enc)
		return NULL;
	enc->image = malloc(ENCODER_IMAGE);
	if (enc->image && !column_maker_init(&enc->maker, ENCODER_RECORDS) &&
	    !links_init(&enc->links, ENCODER_RECORDS))
		return enc;
	encoder_free(enc);
	return NULL;
}

void encoder_free(struct encoder *enc)
{
	if (!enc)
		return;
	column_maker_free(&enc->maker);
	links_free(&enc->links);
	free(enc->image);
	free(enc);
}

size_t encoder_records(const struct encoder *enc)
{
	return enc->records;
}

size_t encoder_image(const struct encoder *enc)
{
	return enc->bytes;
}

/* The class of a record, made if there is none; -ENOSPC when there are too many. */
static int class_of(struct encoder *enc, const struct iopf_rec *rec)
{
	size_t i;

	for (i = 0; i < enc->classes; i++)
		if (enc->class[i].type == rec->type && enc->class[i].size == rec->size)
			return (int)i;
	if (i == TRACE_CLASSES_MAX)
		return -ENOSPC;
	enc->class[enc->classes++] = (struct class){ .type = rec->type, .size = rec->size };
	return (int)i;
}

int encoder_add(struct encoder *enc, const struct iopf_rec *rec)
{
	size_t padded = (rec->size + 7U) & ~(size_t)7;
	int class;

	if (enc->records == ENCODER_RECORDS || enc->bytes + padded > ENCODER_IMAGE)
		return -ENOSPC;
	class = class_of(enc, rec);
	if (class < 0)
		return class;
	memcpy(enc->image + enc->bytes, rec, rec->size);
	enc->offset[enc->records] = (uint32_t)enc->bytes;
	enc->class_of[enc->records++] = (uint8_t) class;
	enc->class[class].records++;
	enc->bytes += padded;
	return 0;
}

static const struct iopf_rec *record(const struct encoder *enc, size_t i)
{
	return (const struct iopf_rec *)(enc->image + enc->offset[i]);
}

/*
 * Numbers the classes: in the order in which they came, but that the ENQUEUE records, which others
 * refer to, come first. Puts the records of each class together.
 */
static void sort_classes(struct encoder *enc)
{
	uint32_t next[TRACE_CLASSES_MAX], first = 0;

	enc->linked = -1;
	for (size_t i = 0; i < enc->records && enc->linked < 0; i++)
		if (schema_is_enqueue(record(enc, i)))
			enc->linked = enc->class_of[i];
	for (size_t c = 0; c < enc->classes; c++) {
		enc->class[c].number = (uint8_t)((int)c == enc->linked ? 0 :
						 (int)c < enc->linked  ? c + 1 :
									 c);
		enc->class[c].first = next[c] = first;
		first += enc->class[c].records;
	}
	for (size_t i = 0; i < enc->records; i++)
		enc->by_class[next[enc->class_of[i]]++] = enc->image + enc->offset[i];
}

/* Finds the ENQUEUE record of each record that leads to one. */
static void find_links(struct encoder *enc)
{
	uint32_t next[TRACE_CLASSES_MAX] = { 0 };

	if (enc->linked < 0)
		return;
	links_begin(&enc->links, enc->class[enc->linked].records);
	for (size_t i = 0; i < enc->records; i++) {
		unsigned int c = enc->class_of[i];
		uint32_t place = enc->class[c].first + next[c];
		const struct iopf_rec *rec = record(enc, i);

		if ((int)c == enc->linked)
			links_enqueue(&enc->links, (const struct iopf_rec_enqueue *)rec, next[c]);
		else
			enc->link[place] = links_find(&enc->links, rec,
						      next[c] ? enc->link[place - 1] + 1 : 0);
		next[c]++;
	}
}

/* Whether the records of a class lead to ENQUEUE records. */
static bool has_links(const struct encoder *enc, const struct class *class)
{
	const struct iopf_rec *rec = (const struct iopf_rec *)enc->by_class[class->first];
	enum schema_key kind;
	uint64_t key;

	return enc->linked >= 0 && class->number && schema_key(rec, &kind, &key);
}

/* How many columns the records of a class make. */
static uint16_t count_columns(const struct class *class)
{
	struct schema_field field;
	uint16_t columns = 0;

	for (uint32_t at = TRACE_COLUMNS_FROM; at < class->size; at += field.width) {
		schema_field(class->type, class->size, at, &field);
		columns++;
	}
	return columns;
}

/* The classes in the order of their numbers. */
static void put_classes(struct encoder *enc, struct buffer *out)
{
	struct trace_class *table = buffer_extend(out, enc->classes * sizeof(*table));

	for (size_t c = 0; table && c < enc->classes; c++) {
		const struct class *class = &enc->class[c];
		struct trace_class entry = {
			.type = class->type,
			.size = class->size,
			.records = class->records,
			.columns = count_columns(class),
			.link = has_links(enc, class) ? 0 : TRACE_NO_LINK,
		};

		memcpy(&table[class->number], &entry, sizeof(entry));
	}
}

/* Which class each record is of, its sequence number and its time: in the order of the records. */
static void put_order(struct encoder *enc, struct buffer *out, uint8_t sign)
{
	size_t i;

	for (i = 0; i < enc->records; i++)
		enc->number[i] = enc->class[enc->class_of[i]].number;
	if (enc->classes > 1)
		pack_put(out, enc->number, enc->records);
	for (i = 1, enc->number[0] = 0; i < enc->records; i++)
		enc->number[i] = record(enc, i)->seq - record(enc, i - 1)->seq - 1;
	pack_put(out, enc->number, enc->records);
	for (i = 0; i < enc->records; i++)
		enc->number[i] = column_unsigned(enc->difference[i], sign);
	pack_put(out, enc->number, enc->records);
}

/* The columns of a class. */
static void put_class(struct encoder *enc, const struct class *class, struct buffer *out)
{
	struct column_maker *m = &enc->maker;
	struct schema_field field;

	m->type = class->type;
	m->record = enc->by_class + class->first;
	m->records = class->records;
	m->link = has_links(enc, class) ? enc->link + class->first : NULL;
	m->linked = m->link ? enc->by_class + enc->class[enc->linked].first : NULL;
	column_maker_begin(m);
	for (uint32_t at = TRACE_COLUMNS_FROM; at < class->size; at += field.width) {
		schema_field(class->type, class->size, at, &field);
		column_make(m, &field);
	}
	column_maker_put(m, out);
}

/* The differences of time from record to record; returns their sign. */
static uint8_t take_times(struct encoder *enc)
{
	size_t i;

	for (i = 1, enc->difference[0] = 0; i < enc->records; i++)
		enc->difference[i] =
			(int64_t)(record(enc, i)->time_ns - record(enc, i - 1)->time_ns);
	return column_sign(enc->difference, enc->records);
}

int encoder_finish(struct encoder *enc, struct buffer *out)
{
	struct trace_columns_head head = {
		.seq = record(enc, 0)->seq,
		.time_ns = record(enc, 0)->time_ns,
		.classes = (uint16_t)enc->classes,
		.time_sign = take_times(enc),
	};
	const struct class *by_number[TRACE_CLASSES_MAX];

	sort_classes(enc);
	find_links(enc);
	column_maker_begin_block(&enc->maker);
	buffer_put(out, &head, sizeof(head));
	put_classes(enc, out);
	put_order(enc, out, head.time_sign);
	for (size_t c = 0; c < enc->classes; c++)
		by_number[enc->class[c].number] = &enc->class[c];
	for (size_t c = 0; c < enc->classes; c++)
		put_class(enc, by_number[c], out);
	enc->records = 0;
	enc->bytes = 0;
	enc->classes = 0;
	return out->failed ? -ENOMEM : 0;
}
