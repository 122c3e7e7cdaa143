/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Answers that wait for their time, first due first out. Lives in memory that
 * processes share: any thread of any of them may put and take.
 */
#ifndef LOAD_QUEUE_H
#define LOAD_QUEUE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct answer {
	uint64_t due; /* CLOCK_MONOTONIC ns */
	uint64_t tie; /* order of those due at the same time */
	uint32_t seq; /* number of the group */
	uint32_t obj;
	uint32_t cookie;
	uint32_t code;
};

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct answer *heap; /* shared, room for @cap */
	uint64_t len;
	uint64_t cap;
	bool closed;
	atomic_int *abandon; /* set: take nothing any more, whatever is there */
};

/* A queue for at most @cap answers, or NULL. @abandon must be shared memory, too */
struct queue *queue_create(uint64_t cap, atomic_int *abandon);

void queue_put(struct queue *q, const struct answer *a);

/*
 * Take up to @max answers that are due and of one object; waits until the first
 * is. When the queue is empty, waits if @wait until it is closed. Returns how
 * many; 0 = empty.
 */
unsigned int queue_take(struct queue *q, struct answer *out, unsigned int max, bool wait);

/* No more will come: let those go who wait at an empty queue */
void queue_close(struct queue *q);

#endif
