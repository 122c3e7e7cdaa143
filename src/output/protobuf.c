// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <stdlib.h>
#include <string.h>

#include "protobuf.h"

/* How a field's bytes are to be taken: the low bits of its tag. */
enum wire {
	WIRE_VARINT = 0,
	WIRE_FIXED64 = 1,
	WIRE_BYTES = 2,
};

#define VARINT_MAX 10 /* bytes of a 64-bit number */

/* Room for @nr more bytes, or NULL. */
static uint8_t *room(struct pb *pb, size_t nr)
{
	size_t max = pb->max ? pb->max : 512;
	uint8_t *bytes;

	if (pb->failed)
		return NULL;
	while (max < pb->nr + nr)
		max *= 2;
	if (max != pb->max) {
		bytes = realloc(pb->bytes, max);
		if (!bytes) {
			pb->failed = true;
			return NULL;
		}
		pb->bytes = bytes;
		pb->max = max;
	}
	return pb->bytes + pb->nr;
}

/* Writes a number, seven bits a byte, the low ones first; returns its length. */
static size_t put(uint8_t *to, uint64_t value)
{
	size_t nr = 0;

	for (; value > 0x7f; value >>= 7)
		to[nr++] = (uint8_t)(value | 0x80);
	to[nr++] = (uint8_t)value;
	return nr;
}

static void add_varint(struct pb *pb, uint64_t value)
{
	uint8_t *to = room(pb, VARINT_MAX);

	if (to)
		pb->nr += put(to, value);
}

static void add_tag(struct pb *pb, uint32_t field, enum wire wire)
{
	add_varint(pb, (uint64_t)field << 3 | wire);
}

void pb_clear(struct pb *pb)
{
	pb->nr = 0;
	pb->failed = false;
}

void pb_free(struct pb *pb)
{
	free(pb->bytes);
	*pb = (struct pb){ 0 };
}

void pb_varint(struct pb *pb, uint32_t field, uint64_t value)
{
	add_tag(pb, field, WIRE_VARINT);
	add_varint(pb, value);
}

void pb_fixed64(struct pb *pb, uint32_t field, uint64_t value)
{
	uint8_t *to;

	add_tag(pb, field, WIRE_FIXED64);
	to = room(pb, sizeof(value));
	if (!to)
		return;
	for (size_t i = 0; i < sizeof(value); i++)
		to[i] = (uint8_t)(value >> (8 * i));
	pb->nr += sizeof(value);
}

void pb_text(struct pb *pb, uint32_t field, const char *text)
{
	size_t nr = strlen(text);
	uint8_t *to;

	add_tag(pb, field, WIRE_BYTES);
	add_varint(pb, nr);
	to = room(pb, nr);
	if (!to)
		return;
	memcpy(to, text, nr);
	pb->nr += nr;
}

size_t pb_open(struct pb *pb, uint32_t field)
{
	add_tag(pb, field, WIRE_BYTES);
	return pb->nr;
}

/* The length comes before what it is the length of, and is known now: that is moved up. */
void pb_close(struct pb *pb, size_t begin)
{
	uint8_t length[VARINT_MAX];
	size_t nr;

	if (!room(pb, VARINT_MAX))
		return;
	nr = put(length, pb->nr - begin);
	memmove(pb->bytes + begin + nr, pb->bytes + begin, pb->nr - begin);
	memcpy(pb->bytes + begin, length, nr);
	pb->nr += nr;
}
