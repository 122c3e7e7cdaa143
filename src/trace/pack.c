// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define TRACE_PRIVATE
#include "pack.h"

#include <errno.h>

/* How one frame is packed. */
struct frame {
	unsigned int width; /* bits of each number */
	unsigned int patches; /* numbers that are wider */
	unsigned int patch_bytes; /* of what each of them has beyond */
	size_t bytes; /* in all, its first byte included */
};

/* The number of bits that a number needs. */
static inline unsigned int bits_of(uint64_t number)
{
	return number ? 64 - (unsigned int)__builtin_clzll(number) : 0;
}

/* The bytes of a frame of @nr numbers. */
static size_t frame_bytes(const struct frame *f, size_t nr)
{
	size_t bytes = 1 + (nr * f->width + 7) / 8;

	return f->patches ? bytes + 2 + (size_t)f->patches * (1 + f->patch_bytes) : bytes;
}

/* The width with which a frame is smallest: a few numbers that are wider are patched. */
static struct frame choose(const uint64_t *number, size_t nr)
{
	unsigned int with[65] = { 0 }, widest, width, wider = 0;
	struct frame best, f;
	uint64_t all = 0;

	for (size_t i = 0; i < nr; i++) {
		all |= number[i];
		with[bits_of(number[i])]++;
	}
	widest = bits_of(all);
	best = (struct frame){ .width = widest > TRACE_FRAME_WIDTH_MAX ? 64 : widest };
	best.bytes = frame_bytes(&best, nr);
	for (width = widest; width-- > 0;) {
		wider += with[width + 1];
		/* One byte for its place, and at least one for its bits: it can only get worse. */
		if (2 * (size_t)wider >= best.bytes)
			break;
		if (width > TRACE_FRAME_WIDTH_MAX)
			continue;
		f = (struct frame){ width, wider, (widest - width + 7) / 8, 0 };
		f.bytes = frame_bytes(&f, nr);
		if (f.bytes < best.bytes)
			best = f;
	}
	return best;
}

size_t pack_bytes(const uint64_t *number, size_t nr)
{
	size_t bytes = 0;

	for (size_t i = 0; i < nr; i += TRACE_FRAME)
		bytes += choose(number + i, nr - i < TRACE_FRAME ? nr - i : TRACE_FRAME).bytes;
	return bytes;
}

/* The lowest bits of each number. There is room for PACK_SLACK bytes more than they take. */
static void put_bits(uint8_t *at, const uint64_t *number, size_t nr, unsigned int width)
{
	uint64_t mask = (1ULL << width) - 1, word = 0;
	unsigned int used = 0;

	for (size_t i = 0; i < nr; i++) {
		word |= (number[i] & mask) << used;
		used += width;
		/* At most 7 bits stay, so that the next number, at most 56, always fits. */
		memcpy(at, &word, sizeof(word));
		at += used / 8;
		word >>= used & ~7U;
		used &= 7;
	}
}

/* What the numbers that are wider have beyond, after their places. */
static void put_patches(struct buffer *out, const uint64_t *number, size_t nr,
			const struct frame *f)
{
	buffer_u8(out, (uint8_t)f->patches);
	buffer_u8(out, (uint8_t)f->patch_bytes);
	for (size_t i = 0; i < nr; i++)
		if (number[i] >> f->width)
			buffer_u8(out, (uint8_t)i);
	for (size_t i = 0; i < nr; i++) {
		uint64_t beyond = number[i] >> f->width;

		if (beyond)
			buffer_put(out, &beyond, f->patch_bytes);
	}
}

void pack_put_frame(struct buffer *out, const uint64_t *number, size_t nr)
{
	struct frame f = choose(number, nr);
	size_t bytes = (nr * f.width + 7) / 8;
	uint8_t *at;

	buffer_u8(out, (uint8_t)(f.width | (f.patches ? TRACE_FRAME_PATCHED : 0)));
	if (f.width == 64) {
		buffer_put(out, number, nr * sizeof(*number));
	} else if (f.width) {
		at = buffer_extend(out, bytes + PACK_SLACK);
		if (!at)
			return;
		put_bits(at, number, nr, f.width);
		out->bytes -= PACK_SLACK;
	}
	if (f.patches)
		put_patches(out, number, nr, &f);
}

void pack_put(struct buffer *out, const uint64_t *number, size_t nr)
{
	for (size_t i = 0; i < nr; i += TRACE_FRAME)
		pack_put_frame(out, number + i, nr - i < TRACE_FRAME ? nr - i : TRACE_FRAME);
}

/*
 * Each number is within the 8 bytes that begin where it begins: 7 bits before it, and 56 of it.
 * Eight numbers take as many bytes as each has bits, so that with a width that is known to the
 * compiler all else is.
 */
static inline __attribute__((always_inline)) void get_bits(const uint8_t *at, uint64_t *number,
							   size_t nr, size_t width)
{
	const uint64_t mask = (1ULL << width) - 1;
	uint64_t word;
	size_t i;

	for (i = 0; i + 8 <= nr; i += 8, at += width) {
#pragma GCC unroll 8
		for (size_t j = 0; j < 8; j++) {
			memcpy(&word, at + j * width / 8, sizeof(word));
			number[i + j] = word >> (j * width % 8) & mask;
		}
	}
	for (size_t j = 0; i + j < nr; j++) {
		memcpy(&word, at + j * width / 8, sizeof(word));
		number[i + j] = word >> (j * width % 8) & mask;
	}
}

/* The widths that are most frequent. */
static void get_by_width(const uint8_t *at, uint64_t *number, size_t nr, unsigned int width)
{
#define WIDTH(n) \
	case n: \
		get_bits(at, number, nr, n); \
		break
	switch (width) {
		WIDTH(1);
		WIDTH(2);
		WIDTH(3);
		WIDTH(4);
		WIDTH(5);
		WIDTH(6);
		WIDTH(7);
		WIDTH(8);
		WIDTH(9);
		WIDTH(10);
		WIDTH(11);
		WIDTH(12);
		WIDTH(13);
		WIDTH(14);
		WIDTH(15);
		WIDTH(16);
		WIDTH(17);
		WIDTH(18);
		WIDTH(19);
		WIDTH(20);
		WIDTH(21);
		WIDTH(22);
		WIDTH(23);
		WIDTH(24);
	default:
		get_bits(at, number, nr, width);
	}
#undef WIDTH
}

static int get_patches(struct input *in, uint64_t *number, size_t nr, unsigned int width)
{
	uint8_t patches, bytes;
	const uint8_t *place, *beyond;

	if (width > TRACE_FRAME_WIDTH_MAX || !input_get(in, &patches, 1) ||
	    !input_get(in, &bytes, 1) || bytes > 8)
		return -EBADMSG;
	place = input_take(in, patches);
	beyond = input_take(in, (size_t)patches * bytes);
	if (!place || !beyond)
		return -EBADMSG;
	for (unsigned int i = 0; i < patches; i++) {
		uint64_t word = 0;

		if (place[i] >= nr)
			return -EBADMSG;
		memcpy(&word, beyond + (size_t)i * bytes, bytes);
		number[place[i]] |= word << width;
	}
	return 0;
}

int pack_get_frame(struct input *in, uint64_t number[TRACE_FRAME], size_t nr)
{
	const uint8_t *head = input_take(in, 1), *at;
	unsigned int width;

	if (!head)
		return -EBADMSG;
	if (nr < TRACE_FRAME)
		memset(number + nr, 0, (TRACE_FRAME - nr) * sizeof(*number));
	width = *head & ~TRACE_FRAME_PATCHED;
	if (width > 64 || (width > TRACE_FRAME_WIDTH_MAX && width != 64))
		return -EBADMSG;
	at = input_take(in, (nr * width + 7) / 8);
	if (!at)
		return -EBADMSG;
	if (!width)
		memset(number, 0, nr * sizeof(*number));
	else if (width == 64)
		memcpy(number, at, nr * sizeof(*number));
	else
		get_by_width(at, number, nr, width);
	return *head & TRACE_FRAME_PATCHED ? get_patches(in, number, nr, width) : 0;
}
