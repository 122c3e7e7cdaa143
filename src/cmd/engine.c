// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "engine.h"

#include <sys/random.h>
#include <time.h>

uint64_t engine_seed(void)
{
	struct timespec now;
	uint64_t seed;

	/* Before the kernel has collected enough, the time is better than waiting. */
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) == sizeof(seed))
		return seed;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec << 32 ^ (uint64_t)now.tv_nsec;
}

struct iopf_engine *engine_new(const struct iopf_engine_opts *opts)
{
	struct iopf_engine_opts seeded = *opts;

	seeded.seed = engine_seed();
	if (!seeded.memory_limit)
		seeded.memory_limit = ENGINE_MEMORY;
	return iopf_engine_new(&seeded);
}
