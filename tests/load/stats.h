/* SPDX-License-Identifier: GPL-2.0-only */
/* Exact statistics of a set of times. */
#ifndef LOAD_STATS_H
#define LOAD_STATS_H

#include <stdint.h>

struct stats {
	uint64_t count;
	uint64_t min, mean, max;
	uint64_t p50, p90, p99, p999; /* nearest rank */
};

/* Sorts @values */
struct stats stats_of(uint64_t *values, uint64_t count);

#endif
