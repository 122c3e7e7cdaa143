/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef LIVE_CLOCK_H
#define LIVE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* A clock's time in ns. CLOCK_MONOTONIC is that of the programs, and of all records. */
static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

#endif /* LIVE_CLOCK_H */
