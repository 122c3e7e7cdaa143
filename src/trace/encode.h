/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Records into the columns of a block. */
#ifndef TRACE_ENCODE_H
#define TRACE_ENCODE_H

#ifndef TRACE_PRIVATE
#error "private to src/trace: use reader.h and writer.h"
#endif

#include "buffer.h"
#include "format.h"
#include "iopftrace/event.h"

/*
 * A block has at most so many records. More of them make it smaller by little; as records they
 * should stay in the second-level cache of whoever reads them.
 */
#define ENCODER_RECORDS 4096
#define ENCODER_IMAGE (1U << 20)

struct encoder;

/* NULL when out of memory. */
struct encoder *encoder_new(void);
void encoder_free(struct encoder *enc);

/* Copies a record of at least a header; -ENOSPC when the block has to be finished first. */
int encoder_add(struct encoder *enc, const struct iopf_rec *rec);

/* How many records there are, and the bytes of them, each padded to 8. */
size_t encoder_records(const struct encoder *enc);
size_t encoder_image(const struct encoder *enc);

/* Appends the columns of what was added, at least one record, and is then empty. 0 or -ENOMEM. */
int encoder_finish(struct encoder *enc, struct buffer *out);

#endif /* TRACE_ENCODE_H */
