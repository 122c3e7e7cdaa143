/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A map from 64-bit keys to 32-bit values other than 0: open addressing, linear probing, at most
 * three quarters full, no tombstones.
 */
#ifndef IOPF_CORE_MAP_H
#define IOPF_CORE_MAP_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stddef.h>
#include <stdint.h>

struct map_slot {
	uint64_t key;
	uint32_t value; /* 0 = empty */
};

/* A zeroed struct is an empty map. */
struct map {
	struct map_slot *slot;
	size_t size; /* a power of two, or 0 */
	size_t used;
};

/* Frees it; it is empty then. */
void map_free(struct map *m);

/* Sets the value of a key. 0 or -ENOMEM. */
int map_set(struct map *m, uint64_t key, uint32_t value);

/* Takes a key out, if it is there. */
void map_remove(struct map *m, uint64_t key);

/* Spreads a key over all bits: kernel addresses differ in few. */
static inline uint64_t map_hash(uint64_t key)
{
	key *= 0x9e3779b97f4a7c15ULL;
	return key ^ (key >> 32);
}

/* Where a key is, or where it would be put. The map must have an empty slot. */
static inline size_t map_slot_of(const struct map *m, uint64_t key)
{
	size_t i = map_hash(key) & (m->size - 1);

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
