// SPDX-License-Identifier: GPL-2.0-only
/* Answers that wait for their time: a binary heap in shared memory. */
#include <sys/mman.h>

#include "clock.h"
#include "queue.h"

/* How often who waits for a far time looks whether all is abandoned */
#define LOOK_NS (200 * NSEC_PER_MSEC)

static void *map_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int init_sync(struct queue *q)
{
	pthread_mutexattr_t mutex;
	pthread_condattr_t cond;

	if (pthread_mutexattr_init(&mutex) || pthread_condattr_init(&cond) ||
	    pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED) ||
	    pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED) ||
	    pthread_condattr_setclock(&cond, CLOCK_MONOTONIC))
		return -1;
	return pthread_mutex_init(&q->lock, &mutex) || pthread_cond_init(&q->changed, &cond);
}

struct queue *queue_create(uint64_t cap, atomic_int *abandon)
{
	struct queue *q = map_shared(sizeof(*q) + cap * sizeof(struct answer));

	if (!q)
		return NULL;
	q->heap = (struct answer *)(q + 1);
	q->cap = cap;
	q->abandon = abandon;
	return init_sync(q) ? NULL : q;
}

static bool before(const struct answer *a, const struct answer *b)
{
	return a->due != b->due ? a->due < b->due : a->tie < b->tie;
}

static void sift_up(struct answer *heap, uint64_t i)
{
	while (i && before(&heap[i], &heap[(i - 1) / 2])) {
		struct answer tmp = heap[i];

		heap[i] = heap[(i - 1) / 2];
		i = (i - 1) / 2;
		heap[i] = tmp;
	}
}

static void sift_down(struct answer *heap, uint64_t len)
{
	uint64_t i = 0, least;
	struct answer tmp;

	for (;;) {
		least = 2 * i + 1;
		if (least >= len)
			return;
		if (least + 1 < len && before(&heap[least + 1], &heap[least]))
			least++;
		if (!before(&heap[least], &heap[i]))
			return;
		tmp = heap[i];
		heap[i] = heap[least];
		heap[least] = tmp;
		i = least;
	}
}

void queue_put(struct queue *q, const struct answer *a)
{
	pthread_mutex_lock(&q->lock);
	if (q->len < q->cap) {
		q->heap[q->len] = *a;
		sift_up(q->heap, q->len++);
	}
	pthread_cond_signal(&q->changed);
	pthread_mutex_unlock(&q->lock);
}

/* Called locked. Wait until the first answer is due; false = there is none */
static bool wait_due(struct queue *q, bool wait)
{
	struct timespec until;
	uint64_t now;

	while (!atomic_load(q->abandon)) {
		if (!q->len && (q->closed || !wait))
			return false;
		if (!q->len) {
			pthread_cond_wait(&q->changed, &q->lock);
			continue;
		}
		now = clock_now();
		if (q->heap[0].due <= now)
			return true;
		until = clock_timespec(q->heap[0].due - now < LOOK_NS ? q->heap[0].due :
									now + LOOK_NS);
		pthread_cond_timedwait(&q->changed, &q->lock, &until);
	}
	return false;
}

unsigned int queue_take(struct queue *q, struct answer *out, unsigned int max, bool wait)
{
	unsigned int n = 0;
	uint64_t now;

	pthread_mutex_lock(&q->lock);
	if (wait_due(q, wait)) {
		now = clock_now();
		do {
			out[n++] = q->heap[0];
			q->heap[0] = q->heap[--q->len];
			sift_down(q->heap, q->len);
		} while (n < max && q->len && q->heap[0].due <= now &&
			 q->heap[0].obj == out[0].obj);
	}
	pthread_mutex_unlock(&q->lock);
	return n;
}

void queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&q->lock);
}
