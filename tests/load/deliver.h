/* SPDX-License-Identifier: GPL-2.0-only */
/* What is done with fault records once they were read, and with answers. */
#ifndef LOAD_DELIVER_H
#define LOAD_DELIVER_H

#include "io.h"
#include "load.h"

/* Count the end of a read() or of a write() of @records answers */
void count_read(struct worker *w, ssize_t ret);
void count_write(struct worker *w, unsigned int records, ssize_t ret);

/* What a read of object @obj returned at @now, as far as it is not booked yet */
struct delivered {
	const struct uapi_pgfault *rec;
	unsigned int records;
	uint32_t obj;
	uint64_t now;
};

/*
 * Book the next group: is it whole, does each record equal what was reported,
 * was it delivered before? Fills @a with the answer that is right for it.
 * Passes over records that are not ours; false = there is no more.
 */
bool deliver_next(struct load *l, struct delivered *d, struct answer *a);

/* The same for a group of one record, which is there. 0; -EINVAL when it is not ours */
int deliver_record(struct load *l, uint32_t obj, const struct uapi_pgfault *rec, uint64_t now,
		   struct answer *a);

/* Book group @seq, whatever the records look like: it came with the cookie of @rec */
void deliver_as(struct load *l, uint32_t obj, uint64_t seq, const struct uapi_pgfault *rec,
		uint64_t now, struct answer *a);

/*
 * Write answers, all of one object. What the kernel refuses is noted as
 * unexpected, unless a detach explains it; the rest is written again.
 */
void answer_write(struct load *l, struct worker *w, struct io *io, struct answer *a,
		  unsigned int n);

/* Book that the kernel took answer @a */
void answer_taken(struct load *l, const struct answer *a, uint64_t t_write, uint64_t t_done);

#endif
