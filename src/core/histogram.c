// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The log-linear histogram; see the header for its shape and its error. */
#include <stddef.h>
#include <string.h>

#include "iopftrace/histogram.h"

/* Percentages are taken as multiples of 10^-9, so that 99.9 means 99.9 and not its nearest double. */
#define PERCENT_UNIT 1000000000ULL
#define PERCENT_FULL (100 * PERCENT_UNIT)

/* Empties a histogram. */
void iopf_hist_init(struct iopf_hist *h)
{
	memset(h, 0, sizeof(*h));
	h->min = UINT64_MAX;
}

/* Adds another histogram's values. */
void iopf_hist_merge(struct iopf_hist *h, const struct iopf_hist *from)
{
	if (!from->count)
		return;
	for (size_t i = 0; i < IOPF_HIST_BUCKETS; i++)
		h->bucket[i] += from->bucket[i];
	h->count += from->count;
	h->sum += from->sum;
	if (from->min < h->min)
		h->min = from->min;
	if (from->max > h->max)
		h->max = from->max;
}

/* The edges of a bucket. */
void iopf_hist_edges(unsigned int index, uint64_t *lo, uint64_t *hi)
{
	unsigned int shift = index < 2 * IOPF_HIST_SUB ? 0 : index / IOPF_HIST_SUB - 1;
	uint64_t base = index - shift * IOPF_HIST_SUB;

	*lo = base << shift;
	*hi = *lo + ((1ULL << shift) - 1);
}

/* The rank, from 1, of a percentile: the smallest that is at least that share of all values. */
static uint64_t nearest_rank(uint64_t count, double percent)
{
	uint64_t share = (uint64_t)(percent * (double)PERCENT_UNIT + 0.5);
	unsigned __int128 scaled = (unsigned __int128)share * count;

	return (uint64_t)((scaled + PERCENT_FULL - 1) / PERCENT_FULL);
}

/* The middle of a bucket, but never outside of what was really seen. */
uint64_t iopf_hist_value(const struct iopf_hist *h, unsigned int index)
{
	uint64_t lo, hi, middle;

	iopf_hist_edges(index, &lo, &hi);
	middle = lo + (hi - lo) / 2;
	if (middle < h->min)
		return h->min;
	return middle > h->max ? h->max : middle;
}

/* A percentile by nearest rank; the first and the last rank are known exactly. */
uint64_t iopf_hist_percentile(const struct iopf_hist *h, double percent)
{
	uint64_t rank, seen = 0;

	if (!h->count)
		return 0;
	if (!(percent > 0)) /* a NaN too */
		return h->min;
	rank = percent >= 100 ? h->count : nearest_rank(h->count, percent);
	if (rank >= h->count)
		return h->max;
	if (rank <= 1)
		return h->min;
	for (unsigned int i = 0; i < IOPF_HIST_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen >= rank)
			return iopf_hist_value(h, i);
	}
	return h->max;
}

/* The arithmetic mean. */
uint64_t iopf_hist_mean(const struct iopf_hist *h)
{
	return h->count ? (uint64_t)(h->sum / h->count) : 0;
}

/* How many values lie between two bucket edges. */
uint64_t iopf_hist_between(const struct iopf_hist *h, uint64_t lo, uint64_t hi)
{
	uint64_t n = 0;

	if (lo > hi)
		return 0;
	for (unsigned int i = iopf_hist_index(lo); i <= iopf_hist_index(hi); i++)
		n += h->bucket[i];
	return n;
}

/* How many values do not exceed a limit. */
uint64_t iopf_hist_at_most(const struct iopf_hist *h, uint64_t limit)
{
	unsigned int last = iopf_hist_index(limit);
	uint64_t n = 0;

	for (unsigned int i = 0; i < last; i++)
		n += h->bucket[i];
	return iopf_hist_value(h, last) <= limit ? n + h->bucket[last] : n;
}
