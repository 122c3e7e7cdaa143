/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A log-linear histogram of 64-bit values: every power of two is divided into IOPF_HIST_SUB equal
 * buckets, values below 2 * IOPF_HIST_SUB have one each.
 *
 * Error: a bucket is at most 1/IOPF_HIST_SUB of its lower edge wide and a value is reported as the
 * middle of its bucket, so a reported value is off by at most 1/(2 * 64) = 0.79 % (the contract
 * allows 1 %). Minimum, maximum and sum are kept exactly, and percentiles are clamped to minimum
 * and maximum. Memory: 59 * 64 counters of 8 bytes, 30 KiB, whatever the values are.
 */
#ifndef IOPFTRACE_HISTOGRAM_H
#define IOPFTRACE_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

#define IOPF_HIST_SUB_BITS 6
#define IOPF_HIST_SUB (1U << IOPF_HIST_SUB_BITS)
#define IOPF_HIST_BUCKETS ((64 - IOPF_HIST_SUB_BITS + 1) * IOPF_HIST_SUB)

struct iopf_hist {
	uint64_t count;
	uint64_t min; /* UINT64_MAX while empty */
	uint64_t max;
	unsigned __int128 sum;
	uint64_t bucket[IOPF_HIST_BUCKETS];
};

/* Empties a histogram; to be called before first use. */
void iopf_hist_init(struct iopf_hist *h);

/*
 * The bucket that holds @value. Or-ing in IOPF_HIST_SUB makes the values below it take the linear part
 * without a branch: the shift is then 0.
 */
static inline unsigned int iopf_hist_index(uint64_t value)
{
	unsigned int shift =
		63 - IOPF_HIST_SUB_BITS - (unsigned int)__builtin_clzll(value | IOPF_HIST_SUB);

	return shift * IOPF_HIST_SUB + (unsigned int)(value >> shift);
}

/* Counts one value. */
static inline void iopf_hist_add(struct iopf_hist *h, uint64_t value)
{
	h->bucket[iopf_hist_index(value)]++;
	h->count++;
	h->sum += value;
	if (value < h->min)
		h->min = value;
	if (value > h->max)
		h->max = value;
}

/* Adds all that is in @from to @h. */
void iopf_hist_merge(struct iopf_hist *h, const struct iopf_hist *from);

/*
 * The value that @percent (0 to 100) of all values do not exceed, by nearest rank; 0 when empty.
 * 0 gives the minimum and 100 the maximum, exactly.
 */
uint64_t iopf_hist_percentile(const struct iopf_hist *h, double percent);

/* The arithmetic mean, rounded down; 0 when empty. */
uint64_t iopf_hist_mean(const struct iopf_hist *h);

/* The edges of bucket @index: it holds lo <= value <= hi. */
void iopf_hist_edges(unsigned int index, uint64_t *lo, uint64_t *hi);

/* What values in bucket @index are reported as: its middle, within minimum and maximum. */
uint64_t iopf_hist_value(const struct iopf_hist *h, unsigned int index);

/* How many values lie in [@lo, @hi], both of which must be bucket edges, such as powers of two. */
uint64_t iopf_hist_between(const struct iopf_hist *h, uint64_t lo, uint64_t hi);

/*
 * How many values do not exceed @limit, which need not be a bucket edge: the values of the bucket it
 * lies in are taken as the middle of that, within minimum and maximum, as percentiles are. So the
 * count is right for values of which each is off by at most 0.79 %, and exact from the maximum on.
 */
uint64_t iopf_hist_at_most(const struct iopf_hist *h, uint64_t limit);

#endif /* IOPFTRACE_HISTOGRAM_H */
