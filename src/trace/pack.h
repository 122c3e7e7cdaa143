/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Numbers packed into as many bits as they need: the frames of format.h. */
#ifndef TRACE_PACK_H
#define TRACE_PACK_H

#ifndef TRACE_PRIVATE
#error "private to src/trace: use reader.h and writer.h"
#endif

#include "buffer.h"
#include "format.h"

/* What may be read, never used, beyond packed numbers: their buffer has to be so much longer. */
#define PACK_SLACK 8

/* The bytes that @nr numbers take. */
size_t pack_bytes(const uint64_t *number, size_t nr);

/* Appends @nr numbers; one frame of them, at most TRACE_FRAME. */
void pack_put(struct buffer *out, const uint64_t *number, size_t nr);
void pack_put_frame(struct buffer *out, const uint64_t *number, size_t nr);

/*
 * Takes one frame of @nr numbers, at most TRACE_FRAME; what is left of @number becomes 0. -EBADMSG
 * when it is malformed.
 */
int pack_get_frame(struct input *in, uint64_t number[TRACE_FRAME], size_t nr);

/* Takes a frame of which all numbers are 0, whatever their number; false if it is another one. */
static inline bool pack_zero_frame(struct input *in)
{
	if (in->at == in->end || *in->at)
		return false;
	in->at++;
	return true;
}

/* What no number of the next frame is larger than, as far as its first byte tells. */
static inline uint64_t pack_most(const struct input *in)
{
	/* One with patches, or of whole numbers, does not tell. */
	return in->at < in->end && *in->at < 64 ? (1ULL << *in->at) - 1 : UINT64_MAX;
}

#endif /* TRACE_PACK_H */
