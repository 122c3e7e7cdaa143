// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* A map from 64-bit keys to 32-bit values. */
#define IOPF_CORE_PRIVATE
#include "map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 16

/* Frees it. */
void map_free(struct map *m)
{
	free(m->slot);
	memset(m, 0, sizeof(*m));
}

/* Doubles the size. */
static int grow(struct map *m)
{
	struct map bigger = { .size = m->size ? m->size * 2 : FIRST_SIZE, .used = m->used };

	bigger.slot = calloc(bigger.size, sizeof(*bigger.slot));
	if (!bigger.slot)
		return -ENOMEM;
	for (size_t i = 0; i < m->size; i++) {
		if (m->slot[i].value)
			bigger.slot[map_slot_of(&bigger, m->slot[i].key)] = m->slot[i];
	}
	free(m->slot);
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
		size_t home = map_hash(m->slot[i].key) & mask;

		if (((i - home) & mask) >= ((i - hole) & mask)) {
			m->slot[hole] = m->slot[i];
			hole = i;
		}
	}
	m->slot[hole].value = 0;
	m->used--;
}
