// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Intervals that choose their own width: nobody knows how long a run will last. They begin narrow and
 * become twice as wide whenever there would be too many. Neighbours are added up, so that all is as if
 * they had been that wide from the beginning.
 */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include <stdlib.h>

#include "breakdown.h"

/* Moves figures to where there are none yet, or adds them. 0 or -ENOMEM. */
static int put(struct breakdown *b, struct iopf_cut *to, struct iopf_cut *from, size_t *buckets)
{
	int err;

	if (!to->groups) {
		*to = *from;
		*from = (struct iopf_cut){ 0 };
		return 0;
	}
	err = cuts_add(to, from, buckets, &b->left_out);
	cuts_free_cut(from, buckets);
	return err;
}

/* Adds up each pair of neighbours of one table. */
static void widen_times(struct iopf_engine *e, struct cuts *times)
{
	/* Two become one, which needs no more than both had: limits do not matter on the way. */
	size_t had = SIZE_MAX / 2, buckets = had, rows = had;
	struct breakdown *b = e->breakdown;
	struct cuts wide = { .other = times->other, .by_hash.seed = times->by_hash.seed };

	times->other = (struct iopf_cut){ 0 };
	for (size_t i = 0; i < times->nr; i++) {
		struct cuts_key key = { { times->row[i].key.v[0] / 2 } };
		struct iopf_cut *to = cuts_get(&wide, &key, &rows);

		core_check(e, to ? put(b, to, &times->row[i].cut, &buckets) : -ENOMEM);
	}
	cuts_free(times, &rows, &buckets);
	b->times_left += rows - had;
	b->buckets_left += buckets - had;
	*times = wide;
}

/* The same of what is known beside groups. */
static void widen_moments(struct breakdown *b)
{
	size_t nr = 0;

	for (size_t i = 0; i < b->nr_moments; i += 2) {
		struct breakdown_moment m = b->moment[i];

		if (i + 1 < b->nr_moments) {
			const struct breakdown_moment *next = &b->moment[i + 1];

			m.outstanding = next->outstanding;
			m.queued = next->queued;
			m.findings += next->findings;
			if (m.queue_max < next->queue_max)
				m.queue_max = next->queue_max;
		}
		b->moment[nr++] = m;
	}
	b->nr_moments = nr;
}

/* Makes intervals so wide that there are no more than may be. */
void breakdown_widen(struct iopf_engine *e, uint64_t duration_ns)
{
	struct breakdown *b = e->breakdown;
	uint64_t from_ns;

	while (iopf_breakdown_intervals(&b->opts, duration_ns, &from_ns) > b->opts.max_intervals &&
	       b->opts.interval_ns <= UINT64_MAX / 2) {
		widen_times(e, &b->scope.times);
		for (uint32_t i = 0; i < b->nr_parts; i++)
			widen_times(e, &b->part[i]->times);
		widen_moments(b);
		b->opts.interval_ns *= 2;
	}
}
