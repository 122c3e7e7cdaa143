/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Between which values a figure of a histogram may lie, given how many samples it is made of. */
#ifndef IOPF_CORE_INTERVAL_H
#define IOPF_CORE_INTERVAL_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stdint.h>

#include "iopftrace/histogram.h"

/* A figure is within the two with IOPF_COMPARE_CONFIDENCE. */
struct interval {
	double low, high;
};

/*
 * The ranks, from 1, of the sorted samples that enclose the share @p (between 0 and 1, neither of
 * them) of what @n samples were taken from. False when there are too few for that.
 */
bool interval_ranks(uint64_t n, double p, uint64_t *low, uint64_t *high);

/* How many samples there have to be for interval_ranks(); 0 = more than can be counted. */
uint64_t interval_needed(double p);

/* Of a percentile, between 0 and 100. False when there are too few samples. */
bool interval_percentile(const struct iopf_hist *h, double percent, struct interval *interval);

/* How values lie around their mean. */
struct spread {
	double sigma; /* standard deviation */
	double skewness; /* without its sign */
};

struct spread interval_spread(const struct iopf_hist *h);

/* How many samples there have to be for interval_mean(); 0 = more than can be counted. */
uint64_t interval_mean_needed(const struct spread *spread);

/*
 * Of the mean, of values of this spread, which need not be that of these samples: few of them do not
 * show it. False when there are too few.
 */
bool interval_mean(const struct iopf_hist *h, const struct spread *spread,
		   struct interval *interval);

#endif /* IOPF_CORE_INTERVAL_H */
