// SPDX-License-Identifier: GPL-2.0-only
/* Exact statistics of a set of times. */
#include <stdlib.h>

#include "stats.h"

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The least value that at least @permille of the sorted values do not exceed */
static uint64_t rank(const uint64_t *sorted, uint64_t count, uint64_t permille)
{
	uint64_t at = (count * permille + 999) / 1000;

	return sorted[at ? at - 1 : 0];
}

struct stats stats_of(uint64_t *values, uint64_t count)
{
	unsigned __int128 sum = 0;

	if (!count)
		return (struct stats){ 0 };
	qsort(values, count, sizeof(*values), compare);
	for (uint64_t i = 0; i < count; i++)
		sum += values[i];
	return (struct stats){
		.count = count,
		.min = values[0],
		.mean = (uint64_t)((sum + count / 2) / count),
		.max = values[count - 1],
		.p50 = rank(values, count, 500),
		.p90 = rank(values, count, 900),
		.p99 = rank(values, count, 990),
		.p999 = rank(values, count, 999),
	};
}
