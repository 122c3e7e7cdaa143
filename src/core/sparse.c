// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* A histogram that holds only the buckets in use. */
#include "iopftrace/sparse.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 4

/* Frees what is in it. */
void iopf_sparse_free(struct iopf_sparse *s, size_t *left)
{
	if (left)
		*left += s->room;
	free(s->bucket);
	memset(s, 0, sizeof(*s));
}

/* Makes room for as many buckets. */
static int grow(struct iopf_sparse *s, uint32_t wanted, size_t *left)
{
	uint32_t room = s->room ? s->room : FIRST_ROOM;
	struct iopf_sparse_bucket *bucket;

	if (wanted <= s->room)
		return 0;
	while (room < wanted)
		room *= 2;
	if (room > IOPF_HIST_BUCKETS)
		room = IOPF_HIST_BUCKETS;
	if (room - s->room > *left)
		return -ENOSPC;
	bucket = realloc(s->bucket, room * sizeof(*bucket));
	if (!bucket)
		return -ENOMEM;
	*left -= room - s->room;
	s->bucket = bucket;
	s->room = room;
	return 0;
}

/* Where a bucket is, or where it would be put. */
static uint32_t find(const struct iopf_sparse *s, uint32_t index)
{
	uint32_t from = 0, to = s->nr;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;

		if (s->bucket[middle].index < index)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* Whether a bucket is at a place. */
static bool is_at(const struct iopf_sparse *s, uint32_t at, uint32_t index)
{
	return at < s->nr && s->bucket[at].index == index;
}

/* Counts in a bucket, for which there is room, at the place where it is or should be. */
static void put(struct iopf_sparse *s, uint32_t at, uint32_t index, uint64_t count)
{
	if (!is_at(s, at, index)) {
		memmove(&s->bucket[at + 1], &s->bucket[at], (s->nr - at) * sizeof(*s->bucket));
		s->bucket[at] = (struct iopf_sparse_bucket){ .index = index };
		s->nr++;
	}
	s->bucket[at].count += count;
}

/* Widens the range. */
static void widen(struct iopf_sparse *s, uint64_t min, uint64_t max)
{
	if (!s->count || min < s->min)
		s->min = min;
	if (!s->count || max > s->max)
		s->max = max;
}

/* Counts one value. */
int iopf_sparse_add(struct iopf_sparse *s, uint64_t value, size_t *left)
{
	uint32_t index = iopf_hist_index(value), at = find(s, index);
	int err = is_at(s, at, index) ? 0 : grow(s, s->nr + 1, left);

	if (err)
		return err;
	put(s, at, index, 1);
	widen(s, value, value);
	s->count++;
	s->sum += value;
	return 0;
}

/* Adds all that is in another. */
int iopf_sparse_merge(struct iopf_sparse *s, const struct iopf_sparse *from, size_t *left)
{
	uint32_t more = 0;
	int err;

	if (!from->count)
		return 0;
	for (uint32_t i = 0; i < from->nr; i++)
		more += !is_at(s, find(s, from->bucket[i].index), from->bucket[i].index);
	err = grow(s, s->nr + more, left);
	if (err)
		return err;
	for (uint32_t i = 0; i < from->nr; i++)
		put(s, find(s, from->bucket[i].index), from->bucket[i].index,
		    from->bucket[i].count);
	widen(s, from->min, from->max);
	s->count += from->count;
	s->sum += from->sum;
	s->negative += from->negative;
	return 0;
}

/* Adds all to a whole histogram. */
void iopf_sparse_expand(const struct iopf_sparse *from, struct iopf_hist *h)
{
	if (!from->count)
		return;
	for (uint32_t i = 0; i < from->nr; i++)
		h->bucket[from->bucket[i].index] += from->bucket[i].count;
	h->count += from->count;
	h->sum += from->sum;
	if (from->min < h->min)
		h->min = from->min;
	if (from->max > h->max)
		h->max = from->max;
}
