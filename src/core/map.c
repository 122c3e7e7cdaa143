// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* A map from 64-bit keys to 32-bit values. */
#define IOPF_CORE_PRIVATE
#include "map.h"

#include <errno.h>
#include <string.h>

#define FIRST_SIZE 16

/* One step of a generator of numbers (splitmix64). */
static uint64_t next_number(uint64_t *state)
{
	uint64_t n = *state += 0x9e3779b97f4a7c15ULL;

	n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9ULL;
	n = (n ^ n >> 27) * 0x94d049bb133111ebULL;
	return n ^ n >> 31;
}

/* The two numbers that one makes. */
struct map_seed map_seed(uint64_t seed)
{
	uint64_t state = seed;
	struct map_seed s = { .add = next_number(&state) };

	s.multiply = next_number(&state) | 1;
	return s;
}

/* Frees it. */
void map_free(struct map *m)
{
	memory_free(m->memory, m->slot);
	*m = (struct map){ .seed = m->seed, .memory = m->memory };
}

/* Doubles the size. */
static int grow(struct map *m)
{
	struct map bigger = {
		.size = m->size ? m->size * 2 : FIRST_SIZE,
		.used = m->used,
		.memory = m->memory,
	};

	if (!m->seed.multiply)
		m->seed = map_seed(0);
	bigger.seed = m->seed;
	bigger.slot = memory_calloc(m->memory, bigger.size, sizeof(*bigger.slot));
	if (!bigger.slot)
		return -ENOMEM;
	for (size_t i = 0; i < m->size; i++) {
		if (m->slot[i].value)
			bigger.slot[map_slot_of(&bigger, m->slot[i].key)] = m->slot[i];
	}
	memory_free(m->memory, m->slot);
	*m = bigger;
	return 0;
}

/* Sets the value of a key. */
int map_set(struct map *m, uint64_t key, uint32_t value)
{
	size_t i;
	int err;

	if ((m->used + 1) * 4 > m->size * 3) {
		err = grow(m);
		if (err)
			return err;
	}
	i = map_slot_of(m, key);
	m->used += !m->slot[i].value;
	m->slot[i] = (struct map_slot){ .key = key, .value = value };
	return 0;
}

/* Takes a key out, and moves back what had been pushed behind it. */
void map_remove(struct map *m, uint64_t key)
{
	size_t mask = m->size - 1, hole, i;

	if (!m->size)
		return;
	hole = map_slot_of(m, key);
	if (!m->slot[hole].value)
		return;
	for (i = (hole + 1) & mask; m->slot[i].value; i = (i + 1) & mask) {
		size_t home = map_mix(m->seed, m->slot[i].key) & mask;

		if (((i - home) & mask) >= ((i - hole) & mask)) {
			m->slot[hole] = m->slot[i];
			hole = i;
		}
	}
	m->slot[hole].value = 0;
	m->used--;
}
