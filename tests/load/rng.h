/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers that depend on (seed, index) only, so that a run chooses the
 * same groups whatever the threads do.
 */
#ifndef LOAD_RNG_H
#define LOAD_RNG_H

#include <stdint.h>

/* splitmix64: advance @state and return the next number */
static inline uint64_t rng_next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* A generator of its own for each (seed, stream, index) */
static inline uint64_t rng_seed(uint64_t seed, uint64_t stream, uint64_t index)
{
	uint64_t state = seed;

	state = rng_next(&state) ^ (stream * 0xd1342543de82ef95ULL);
	state = rng_next(&state) ^ index;
	return rng_next(&state);
}

/* Uniform in [0, bound) */
static inline uint64_t rng_below(uint64_t *state, uint64_t bound)
{
	return (uint64_t)(((unsigned __int128)rng_next(state) * bound) >> 64);
}

#endif
