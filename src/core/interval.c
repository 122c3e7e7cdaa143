// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Intervals of percentiles by order statistics, of means by the normal approximation. */
#define IOPF_CORE_PRIVATE
#include "interval.h"

#include <math.h>

#include "iopftrace/compare.h"

/* What may lie below an interval, and above it. */
#define TAIL ((1 - IOPF_COMPARE_CONFIDENCE) / 2)

/* Where the normal distribution has that tail. */
#define TAIL_SIGMAS 3.0902323061678132

/* From this variance on a binomial distribution is a normal one; summing it up would cost too much. */
#define NORMAL_VARIANCE 1e6

/* With fewer samples than this times the square of their skewness a mean is not normal at all. */
#define SKEWNESS_ROOM 1

/* Terms of a sum that are this much smaller than the largest are nothing. */
#define NEGLIGIBLE 1e-18

/* P(X = k - 1) / P(X = k) of a binomial distribution. */
static double step_down(double n, double p, double k)
{
	return k * (1 - p) / ((n - k + 1) * p);
}

/*
 * The sum of the terms from @mode downwards, where that is 1, to 0 or until they are nothing.
 */
static double sum_down(double n, double p, double mode)
{
	double term = 1, sum = 0;

	for (double k = mode; k >= 0 && term > NEGLIGIBLE; k--) {
		sum += term;
		term *= step_down(n, p, k);
	}
	return sum;
}

/*
 * The largest rank of which the sample is above the share @p with a probability of at most TAIL: with
 * X samples at or below that share, that is if X < rank. 0 = there is none. Terms are relative to
 * that of the mode, since factorials are larger than any number.
 */
static uint64_t rank_exact(double n, double p)
{
	double mode = fmin(floor((n + 1) * p), n), term = 1, k;
	/* The same from the other end, without the mode itself: it is in both. */
	double below = sum_down(n, p, mode), above = sum_down(n, 1 - p, n - mode) - 1;
	double limit = TAIL * (below + above);

	for (k = mode; k >= 0 && below > limit; k--) {
		below -= term;
		term *= step_down(n, p, k);
	}
	return (uint64_t)(k + 1);
}

static uint64_t rank_below(double n, double p)
{
	double variance = n * p * (1 - p);

	if (variance <= NORMAL_VARIANCE)
		return rank_exact(n, p);
	return (uint64_t)fmax(floor(n * p - TAIL_SIGMAS * sqrt(variance)), 0);
}

/* The ranks that enclose a share: from the other end it is that of the other share. */
bool interval_ranks(uint64_t n, double p, uint64_t *low, uint64_t *high)
{
	uint64_t from_top = rank_below((double)n, 1 - p);

	*low = rank_below((double)n, p);
	if (!*low || !from_top || *low > n || from_top > n)
		return false;
	*high = n - from_top + 1;
	return true;
}

/* How many samples it takes: all of them are on one side of the share with at most TAIL. */
uint64_t interval_needed(double p)
{
	double n = ceil(log(TAIL) / log(fmax(p, 1 - p)));

	return n > 0 && n < 0x1p63 ? (uint64_t)n : 0; /* a share may be so near to 1 as to be 1 */
}

/* The bucket of the sample with a rank. */
static unsigned int bucket_of(const struct iopf_hist *h, uint64_t rank)
{
	uint64_t seen = 0;

	for (unsigned int i = 0; i < IOPF_HIST_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen >= rank)
			return i;
	}
	return IOPF_HIST_BUCKETS - 1;
}

/* Of a percentile. The samples are somewhere in their buckets: at the outer edges at worst. */
bool interval_percentile(const struct iopf_hist *h, double percent, struct interval *interval)
{
	uint64_t low, high, lo, hi, other;

	if (!interval_ranks(h->count, percent / 100, &low, &high))
		return false;
	iopf_hist_edges(bucket_of(h, low), &lo, &other);
	iopf_hist_edges(bucket_of(h, high), &other, &hi);
	interval->low = (double)(lo > h->min ? lo : h->min);
	interval->high = (double)(hi < h->max ? hi : h->max);
	return true;
}

/* How far the values of a bucket are from the mean: at most, so that the spread is not less than it is. */
static double from_mean(const struct iopf_hist *h, unsigned int bucket, double mean)
{
	uint64_t lo, hi;
	double below, above;

	iopf_hist_edges(bucket, &lo, &hi);
	below = (double)(lo > h->min ? lo : h->min) - mean;
	above = (double)(hi < h->max ? hi : h->max) - mean;
	return fabs(below) > fabs(above) ? below : above;
}

/* The spread of the values. */
struct spread interval_spread(const struct iopf_hist *h)
{
	double mean = (double)iopf_hist_mean(h), squares = 0, cubes = 0;
	struct spread spread = { 0, 0 };

	for (unsigned int i = 0; i < IOPF_HIST_BUCKETS; i++) {
		double n = (double)h->bucket[i], away;

		if (!h->bucket[i])
			continue;
		away = from_mean(h, i, mean);
		squares += n * away * away;
		cubes += n * away * away * away;
	}
	if (h->count < 2 || !(squares > 0))
		return spread;
	spread.sigma = sqrt(squares / (double)(h->count - 1));
	spread.skewness = fabs(cubes / (double)h->count) / pow(squares / (double)h->count, 1.5);
	return spread;
}

/* How many samples it takes: fewer when they are not skewed. */
uint64_t interval_mean_needed(const struct spread *spread)
{
	double n = ceil(SKEWNESS_ROOM * spread->skewness * spread->skewness);

	n = fmax(n, IOPF_COMPARE_MEAN_GROUPS);
	return n < 0x1p63 ? (uint64_t)n : 0;
}

/*
 * Of the mean. The normal approximation, and what skewness adds to it at most (the first term of its
 * Edgeworth expansion, studentized), to both sides.
 */
bool interval_mean(const struct iopf_hist *h, const struct spread *spread,
		   struct interval *interval)
{
	const double z = TAIL_SIGMAS;
	uint64_t needed = interval_mean_needed(spread);
	double mean = (double)iopf_hist_mean(h), root = sqrt((double)h->count), margin;

	if (!needed || h->count < needed)
		return false;
	margin = z + (2 * z * z + 1) * spread->skewness / (6 * root);
	interval->low = mean - margin * spread->sigma / root;
	interval->high = mean + margin * spread->sigma / root;
	return true;
}
