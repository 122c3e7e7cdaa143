/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The columns of a block back into records. Trusts nothing: whatever the bytes are, no more memory
 * is read than they have, and no more written than was said there would be.
 */
#ifndef TRACE_DECODE_H
#define TRACE_DECODE_H

#ifndef TRACE_PRIVATE
#error "private to src/trace: use reader.h and writer.h"
#endif

#include <stddef.h>
#include <stdint.h>

struct decoder;

/* NULL when out of memory. */
struct decoder *decoder_new(void);
void decoder_free(struct decoder *d);

/*
 * Decodes @bytes of columns, behind which PACK_SLACK more may be read, into exactly @records that
 * take @image bytes, each padded to 8; they have TRACE_BLOCK_MAX at most. 0, -EBADMSG when they are
 * malformed, or -ENOMEM.
 */
int decoder_run(struct decoder *d, const void *columns, size_t bytes, size_t records, void *image,
		size_t image_bytes);

/* Where in the image the first record is, and the last one, after a success. */
size_t decoder_first(const struct decoder *d);
size_t decoder_last(const struct decoder *d);

/* The first bytes of the identity that they were written with: sizeof(trace_columns_head.identity). */
const uint8_t *decoder_identity(const struct decoder *d);

#endif /* TRACE_DECODE_H */
