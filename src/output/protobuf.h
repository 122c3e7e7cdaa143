/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Encodes protobuf messages: varints, fixed 64-bit numbers, text, and messages within messages. What
 * the fields mean is the caller's. Fields are written in the order of the calls.
 */
#ifndef OUTPUT_PROTOBUF_H
#define OUTPUT_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A message; a zeroed struct is an empty one. */
struct pb {
	uint8_t *bytes;
	size_t nr, max;
	bool failed; /* out of memory: what it holds is of no use until pb_clear() */
};

/* Empties it, for the next message; the memory is kept. */
void pb_clear(struct pb *pb);

/* Frees its memory. */
void pb_free(struct pb *pb);

/* int64, uint64, uint32, bool and enum fields; negative numbers as two's complement of 64 bits. */
void pb_varint(struct pb *pb, uint32_t field, uint64_t value);

/* fixed64 fields. */
void pb_fixed64(struct pb *pb, uint32_t field, uint64_t value);

/* string fields: the bytes up to NUL, which must be UTF-8. */
void pb_text(struct pb *pb, uint32_t field, const char *text);

/* A message within: what is written until pb_close(), which takes what pb_open() returned. */
size_t pb_open(struct pb *pb, uint32_t field);
void pb_close(struct pb *pb, size_t begin);

#endif /* OUTPUT_PROTOBUF_H */
