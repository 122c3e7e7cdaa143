/* SPDX-License-Identifier: GPL-2.0-only */
/* What is done with fault records once they were read, and with answers. */
#ifndef LOAD_DELIVER_H
#define LOAD_DELIVER_H

#include "io.h"
#include "load.h"

/* Count the end of a read() or of a write() of @records answers */
void count_read(struct worker *w, ssize_t ret);
void count_write(struct worker *w, unsigned int records, ssize_t ret);

/*
 * Book a record that a read of object @obj returned at @now: does it equal what
 * was reported, was it delivered before? Fills @a with the answer that is right
 * for the group. Returns 0; -EINVAL when the record is not ours at all.
 */
int deliver_record(struct load *l, uint32_t obj, const struct uapi_pgfault *rec, uint64_t now,
		   struct answer *a);

/*
 * Write answers, all of one object. What the kernel refuses is noted as
 * unexpected, unless a detach explains it; the rest is written again.
 */
void answer_write(struct load *l, struct worker *w, struct io *io, struct answer *a,
		  unsigned int n);

/* Book that the kernel took answer @a */
void answer_taken(struct load *l, const struct answer *a, uint64_t t_write, uint64_t t_done);

#endif
