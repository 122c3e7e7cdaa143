// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Records that wait for earlier ones. */
#define IOPF_CORE_PRIVATE
#include "waiting.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES (256U << 10)
#define BLOCK_DATA (BLOCK_BYTES - sizeof(struct waiting_block))
#define FIRST_SLOTS 256

/* Frees everything. */
void waiting_free(struct waiting *w)
{
	while (waiting_count(w))
		waiting_release(w, waiting_take(w));
	free(w->block);
	free(w->queue);
	free(w->heap);
	memset(w, 0, sizeof(*w));
}

/* Room for a copy of @bytes in the block being filled, or in a new one. */
static struct waiting_copy *new_copy(struct waiting *w, size_t bytes)
{
	struct waiting_block *b = w->block;
	struct waiting_copy *copy;

	if (!b || b->used + bytes > BLOCK_DATA) {
		b = malloc(BLOCK_BYTES);
		if (!b)
			return NULL;
		b->used = 0;
		b->live = 0;
		/* A full block lives as long as its last copy; an idle one can go now. */
		if (w->block && !w->block->live) {
			free(w->block);
			w->bytes -= BLOCK_BYTES;
		}
		w->block = b;
		w->bytes += BLOCK_BYTES;
	}
	copy = (struct waiting_copy *)((char *)b->data + b->used);
	copy->block = b;
	b->used += bytes;
	b->live++;
	return copy;
}

/* Frees a copy. */
void waiting_release(struct waiting *w, struct waiting_copy *copy)
{
	struct waiting_block *b = copy->block;

	if (--b->live)
		return;
	if (b == w->block) {
		b->used = 0;
		return;
	}
	free(b);
	w->bytes -= BLOCK_BYTES;
}

/* Makes room for one more in the ring, which is copied straight when it grows. */
static int grow_queue(struct waiting *w)
{
	size_t max = w->max_queue ? w->max_queue * 2 : FIRST_SLOTS;
	struct waiting_slot *queue;

	if (w->nr_queue < w->max_queue)
		return 0;
	queue = malloc(max * sizeof(*queue));
	if (!queue)
		return -ENOMEM;
	for (size_t i = 0; i < w->nr_queue; i++)
		queue[i] = w->queue[(w->head + i) & (w->max_queue - 1)];
	free(w->queue);
	w->queue = queue;
	w->max_queue = max;
	w->head = 0;
	return 0;
}

/* Makes room for one more in the heap. */
static int grow_heap(struct waiting *w)
{
	size_t max = w->max_heap ? w->max_heap * 2 : FIRST_SLOTS;
	struct waiting_slot *heap;

	if (w->nr_heap < w->max_heap)
		return 0;
	heap = realloc(w->heap, max * sizeof(*heap));
	if (!heap)
		return -ENOMEM;
	w->heap = heap;
	w->max_heap = max;
	return 0;
}

/* Puts a slot into the heap. */
static void heap_push(struct waiting *w, struct waiting_slot slot)
{
	size_t i = w->nr_heap++;

	while (i && w->heap[(i - 1) / 2].seq > slot.seq) {
		w->heap[i] = w->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	w->heap[i] = slot;
}

/* Takes the smallest slot out of the heap. */
static struct waiting_slot heap_pop(struct waiting *w)
{
	struct waiting_slot top = w->heap[0], last = w->heap[--w->nr_heap];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < w->nr_heap) {
		if (child + 1 < w->nr_heap && w->heap[child + 1].seq < w->heap[child].seq)
			child++;
		if (w->heap[child].seq >= last.seq)
			break;
		w->heap[i] = w->heap[child];
		i = child;
	}
	w->heap[i] = last;
	return top;
}

/* The last one in the ring. */
static uint64_t queue_last(const struct waiting *w)
{
	return w->queue[(w->head + w->nr_queue - 1) & (w->max_queue - 1)].seq;
}

/* Copies a record in. */
int waiting_add(struct waiting *w, const struct iopf_rec *rec)
{
	size_t bytes = offsetof(struct waiting_copy, rec) + ((rec->size + 7U) & ~7U);
	bool rises = !w->nr_queue || queue_last(w) < rec->seq;
	struct waiting_slot slot = { .seq = rec->seq };
	int err = rises ? grow_queue(w) : grow_heap(w);

	if (err)
		return err;
	slot.copy = new_copy(w, bytes);
	if (!slot.copy)
		return -ENOMEM;
	memcpy(&slot.copy->rec, rec, rec->size);
	if (rises)
		w->queue[(w->head + w->nr_queue++) & (w->max_queue - 1)] = slot;
	else
		heap_push(w, slot);
	return 0;
}

/* Takes the one with the smallest number out. */
struct waiting_copy *waiting_take(struct waiting *w)
{
	struct waiting_slot slot;

	if (w->nr_heap && (!w->nr_queue || w->heap[0].seq < w->queue[w->head].seq))
		return heap_pop(w).copy;
	slot = w->queue[w->head];
	w->head = (w->head + 1) & (w->max_queue - 1);
	w->nr_queue--;
	return slot.copy;
}
