/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Bytes that are written one after the other, and bytes that are read so. */
#ifndef TRACE_BUFFER_H
#define TRACE_BUFFER_H

#ifndef TRACE_PRIVATE
#error "private to src/trace: use reader.h and writer.h"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Grows as it is written to. Out of memory is noted, and asked for once at the end. */
struct buffer {
	uint8_t *data;
	size_t bytes, room;
	bool failed;
};

/* Makes room for @bytes more; NULL when there is no memory. Their contents are not set. */
static inline void *buffer_extend(struct buffer *b, size_t bytes)
{
	if (b->bytes + bytes > b->room) {
		size_t room = 2 * (b->bytes + bytes);
		void *data = realloc(b->data, room);

		if (!data) {
			b->failed = true;
			return NULL;
		}
		b->data = data;
		b->room = room;
	}
	b->bytes += bytes;
	return b->data + b->bytes - bytes;
}

static inline void buffer_put(struct buffer *b, const void *bytes, size_t nr)
{
	void *at = nr ? buffer_extend(b, nr) : NULL;

	if (at)
		memcpy(at, bytes, nr);
}

static inline void buffer_u8(struct buffer *b, uint8_t value)
{
	buffer_put(b, &value, sizeof(value));
}

static inline void buffer_u16(struct buffer *b, uint16_t value)
{
	buffer_put(b, &value, sizeof(value));
}

/* Empties it, and keeps its memory. */
static inline void buffer_reset(struct buffer *b)
{
	b->bytes = 0;
	b->failed = false;
}

static inline void buffer_free(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){ 0 };
}

/* What is left to be read. */
struct input {
	const uint8_t *at, *end;
};

static inline size_t input_left(const struct input *in)
{
	return (size_t)(in->end - in->at);
}

/* The next @bytes, or NULL when fewer are left. */
static inline const void *input_take(struct input *in, size_t bytes)
{
	const uint8_t *at = in->at;

	if (bytes > input_left(in))
		return NULL;
	in->at += bytes;
	return at;
}

/* Copies the next @bytes; false when fewer are left. */
static inline bool input_get(struct input *in, void *to, size_t bytes)
{
	const void *from = input_take(in, bytes);

	if (from)
		memcpy(to, from, bytes);
	return from != NULL;
}

#endif /* TRACE_BUFFER_H */
