// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The encoding, which is described nowhere but in the source of HdrHistogram (AbstractHistogram.java,
 * ZigZagEncoding.java). All numbers of the two headers are big-endian.
 *
 *	0x1c849314, bytes that follow: a zlib stream of
 *		0x1c849313, bytes of the counts, 0, significant digits,
 *		lowest value (8), highest value (8), 1.0 (8: a double),
 *		the counts, from index 0 to that of the greatest value: each is a ZigZag LEB128
 *		number of at most 9 bytes; a negative one stands for so many zeros
 */
#include <errno.h>
#include <zlib.h>

#include "hdr_encode.h"

#define COOKIE_V2 0x1c849313U
#define COOKIE_V2_COMPRESSED 0x1c849314U
#define DIGITS 3
#define HALF_BITS 10 /* 1024 buckets in a power of two: at least 10^DIGITS */
#define LOWEST 1ULL
#define HIGHEST 3600000000000ULL /* one hour, or more when more was seen */
#define HIGHEST_MAX (uint64_t) INT64_MAX /* readers have signed numbers */
#define DOUBLE_ONE 0x3ff0000000000000ULL

#define HEAD_BYTES 40
/* A count takes 9 bytes at most, the zeros before it 3: there are less than 2^20 of them. */
#define PAYLOAD_MAX (HEAD_BYTES + (9 + 3) * (IOPF_HIST_BUCKETS + 2))
#define PACKED_HEAD_BYTES 8
#define PACKED_MAX (PACKED_HEAD_BYTES + PAYLOAD_MAX + PAYLOAD_MAX / 100 + 64)

struct payload {
	uint8_t bytes[PAYLOAD_MAX];
	size_t len;
	uint32_t next; /* index that follows what was written */
	uint32_t index; /* of the count that may still grow */
	uint64_t count;
};

/* Writes a big-endian number. */
static void put_number(uint8_t *at, uint64_t value, unsigned int bytes)
{
	while (bytes > 0) {
		at[--bytes] = (uint8_t)value;
		value >>= 8;
	}
}

/* A signed number as ZigZag LEB128, of which the ninth byte is a whole one. */
static void put_zigzag(struct payload *p, int64_t value)
{
	uint64_t rest = (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
	unsigned int i;

	for (i = 0; i < 8 && rest >= 0x80; i++) {
		p->bytes[p->len++] = (uint8_t)(rest | 0x80);
		rest >>= 7;
	}
	p->bytes[p->len++] = (uint8_t)rest;
}

/* Where HdrHistogram counts a value. */
static uint32_t index_of(uint64_t value)
{
	unsigned int shift = 63 - HALF_BITS - __builtin_clzll(value | 1ULL << HALF_BITS);

	return (shift << HALF_BITS) + (uint32_t)(value >> shift);
}

/* Writes the count that cannot grow any more, and the zeros before it. */
static void put_count(struct payload *p)
{
	uint32_t zeros = p->index - p->next;

	if (!p->count)
		return;
	if (zeros)
		put_zigzag(p, zeros > 1 ? -(int64_t)zeros : 0);
	put_zigzag(p, p->count < INT64_MAX ? (int64_t)p->count : INT64_MAX);
	p->next = p->index + 1;
	p->count = 0;
}

/* Counts @n values, which are not less than those before them. */
static void add(struct payload *p, uint64_t value, uint64_t n)
{
	uint32_t index = index_of(value < HIGHEST_MAX ? value : HIGHEST_MAX);

	if (!n)
		return;
	if (index != p->index)
		put_count(p);
	p->index = index;
	p->count += n;
}

/* All values: the least, the others, the greatest. */
static void put_values(struct payload *p, const struct iopf_hist *h)
{
	unsigned int first = iopf_hist_index(h->min), last = iopf_hist_index(h->max), i;

	add(p, h->min, 1);
	for (i = first; i <= last; i++) {
		uint64_t n = h->bucket[i];

		n -= n && i == first;
		n -= n && i == last;
		add(p, iopf_hist_value(h, i), n);
	}
	if (h->count > 1)
		add(p, h->max, 1);
	put_count(p);
}

/* The histogram, not compressed. */
static void make_payload(struct payload *p, const struct iopf_hist *h)
{
	uint64_t highest = h->max < HIGHEST ? HIGHEST : h->max;

	p->len = HEAD_BYTES;
	p->next = p->index = 0;
	p->count = 0;
	if (h->count)
		put_values(p, h);
	else
		put_zigzag(p, 0); /* none at all is no histogram to some readers */
	put_number(p->bytes, COOKIE_V2, 4);
	put_number(p->bytes + 4, p->len - HEAD_BYTES, 4);
	put_number(p->bytes + 8, 0, 4);
	put_number(p->bytes + 12, DIGITS, 4);
	put_number(p->bytes + 16, LOWEST, 8);
	put_number(p->bytes + 24, highest < HIGHEST_MAX ? highest : HIGHEST_MAX, 8);
	put_number(p->bytes + 32, DOUBLE_ONE, 8);
}

/* Base64 with padding, in one line. */
static void put_base64(const uint8_t *bytes, size_t len, FILE *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	size_t i;

	for (i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t three = (uint32_t)bytes[i] << 16 |
				 (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
				 (left > 2 ? bytes[i + 2] : 0U);

		putc(digits[three >> 18], out);
		putc(digits[three >> 12 & 63], out);
		putc(left > 1 ? digits[three >> 6 & 63] : '=', out);
		putc(left > 2 ? digits[three & 63] : '=', out);
	}
}

int hdr_encode(const struct iopf_hist *h, FILE *out)
{
	struct payload payload;
	uint8_t packed[PACKED_MAX];
	uLongf len = sizeof(packed) - PACKED_HEAD_BYTES;

	make_payload(&payload, h);
	if (compress2(packed + PACKED_HEAD_BYTES, &len, payload.bytes, payload.len,
		      Z_DEFAULT_COMPRESSION) != Z_OK)
		return -ENOMEM; /* nothing else can be wrong: there is room for anything */
	put_number(packed, COOKIE_V2_COMPRESSED, 4);
	put_number(packed + 4, len, 4);
	put_base64(packed, PACKED_HEAD_BYTES + len, out);
	return 0;
}
