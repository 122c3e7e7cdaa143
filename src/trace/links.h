/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Finds the ENQUEUE record that another record is about, among those of a block. */
#ifndef TRACE_LINKS_H
#define TRACE_LINKS_H

#ifndef TRACE_PRIVATE
#error "private to src/trace: use reader.h and writer.h"
#endif

#include <stddef.h>
#include <stdint.h>

#include "schema.h"

struct links_entry {
	uint64_t key;
	uint32_t number; /* of the ENQUEUE record, + 1; 0 = free */
};

struct links {
	struct links_entry *table[2]; /* by kind of key */
	size_t mask;
	uint32_t enqueues; /* in the block */
};

/* For blocks of at most @records; 0 or -ENOMEM. */
int links_init(struct links *l, size_t records);
void links_free(struct links *l);

/* Begins a block with so many ENQUEUE records, at least one. */
void links_begin(struct links *l, uint32_t enqueues);

/* The next record of the block is an ENQUEUE, the one with this number. */
void links_enqueue(struct links *l, const struct iopf_rec_enqueue *rec, uint32_t number);

/* The latest ENQUEUE that a record leads to; @otherwise, or the last, when there is none. */
uint32_t links_find(const struct links *l, const struct iopf_rec *rec, uint32_t otherwise);

#endif /* TRACE_LINKS_H */
