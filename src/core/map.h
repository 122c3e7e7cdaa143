/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A map from 64-bit keys to 32-bit values other than 0: open addressing, linear probing, at most
 * three quarters full, no tombstones.
 *
 * Keys may come from a file that somebody made so that they fall on one place, so maps have a seed.
 * Nothing that is shown may depend on it: a map is never walked in the order of its slots.
 */
#ifndef IOPF_CORE_MAP_H
#define IOPF_CORE_MAP_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stddef.h>
#include <stdint.h>

#include "memory.h"

struct map_slot {
	uint64_t key;
	uint32_t value; /* 0 = empty */
};

struct map_seed {
	uint64_t add, multiply; /* multiply is odd; 0 and 0 = none yet */
};

/* The two numbers that one makes. */
struct map_seed map_seed(uint64_t seed);

/* A zeroed struct is an empty map, of seed 0 when nothing sets another before the first key. */
struct map {
	struct map_slot *slot;
	size_t size; /* a power of two, or 0 */
	size_t used;
	struct map_seed seed;
	struct memory *memory; /* the account; NULL = none */
};

/* Frees it; it is empty then, and keeps its seed and its account. */
void map_free(struct map *m);

/* Sets the value of a key. 0 or -ENOMEM. */
int map_set(struct map *m, uint64_t key, uint32_t value);

/* Takes a key out, if it is there. */
void map_remove(struct map *m, uint64_t key);

/*
 * Spreads a key over all bits: kernel addresses differ in few. The same whatever the seed, for sums, and
 * for tables of which each place has one thing, the last one: what is in them must not depend on luck.
 */
static inline uint64_t map_hash(uint64_t key)
{
	key *= 0x9e3779b97f4a7c15ULL;
	return key ^ (key >> 32);
}

/* The same for chains and probes, of which nobody can know where a key falls. */
static inline uint64_t map_mix(struct map_seed seed, uint64_t key)
{
	unsigned __int128 product = (unsigned __int128)(key ^ seed.add) * seed.multiply;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Where a key is, or where it would be put. The map must have an empty slot. */
static inline size_t map_slot_of(const struct map *m, uint64_t key)
{
	size_t i = map_mix(m->seed, key) & (m->size - 1);

	while (m->slot[i].value && m->slot[i].key != key)
		i = (i + 1) & (m->size - 1);
	return i;
}

/* The value of a key, or 0. */
static inline uint32_t map_get(const struct map *m, uint64_t key)
{
	return m->size ? m->slot[map_slot_of(m, key)].value : 0;
}

#endif /* IOPF_CORE_MAP_H */
