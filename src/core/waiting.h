/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Records that wait for earlier ones: a priority queue of copies, smallest sequence number first.
 *
 * Records nearly always arrive in rising order even when they have to wait (all that follow a lost
 * one do), so those that rise go to a plain queue and cost O(1); only the displaced ones go to a
 * heap. The smallest is at the front of one or the other.
 */
#ifndef IOPF_CORE_WAITING_H
#define IOPF_CORE_WAITING_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/event.h"

/* Copies live in blocks that are freed, or used again, when all their copies have gone. */
struct waiting_block {
	uint32_t used; /* bytes of data[] */
	uint32_t live; /* copies */
	uint64_t data[];
};

/* A copy, which remembers its block. */
struct waiting_copy {
	struct waiting_block *block;
	struct iopf_rec rec; /* and the rest of it */
};

struct waiting_slot {
	uint64_t seq;
	struct waiting_copy *copy;
};

struct waiting {
	struct waiting_slot *queue; /* a ring */
	size_t head, nr_queue, max_queue; /* max_queue is a power of two */
	struct waiting_slot *heap;
	size_t nr_heap, max_heap;
	struct waiting_block *block; /* being filled */
	size_t bytes; /* in blocks */
};

/* Frees everything; a zeroed struct is empty. */
void waiting_free(struct waiting *w);

/* Copies a record in. 0 or -ENOMEM. */
int waiting_add(struct waiting *w, const struct iopf_rec *rec);

/* Takes the one with the smallest number out. Not to be called when there is none. */
struct waiting_copy *waiting_take(struct waiting *w);

/* Frees what waiting_take() gave. */
void waiting_release(struct waiting *w, struct waiting_copy *copy);

/* How many wait. */
static inline size_t waiting_count(const struct waiting *w)
{
	return w->nr_queue + w->nr_heap;
}

/* The smallest sequence number that waits. Not to be called when there is none. */
static inline uint64_t waiting_first(const struct waiting *w)
{
	if (!w->nr_queue)
		return w->heap[0].seq;
	if (!w->nr_heap || w->queue[w->head].seq <= w->heap[0].seq)
		return w->queue[w->head].seq;
	return w->heap[0].seq;
}

#endif /* IOPF_CORE_WAITING_H */
