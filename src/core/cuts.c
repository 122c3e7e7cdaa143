// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* A table of figures by keys. */
#define IOPF_CORE_PRIVATE
#include "cuts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROWS 8

/* Frees what is in figures. */
void cuts_free_cut(struct iopf_cut *cut, size_t *buckets)
{
	for (int i = 0; i < IOPF_CUT_STAGES; i++)
		iopf_sparse_free(&cut->stage[i], buckets);
}

/* Adds figures. */
int cuts_add(struct iopf_cut *to, const struct iopf_cut *from, size_t *buckets, uint64_t *left_out)
{
	int err = 0;

	to->groups += from->groups;
	to->answered_user += from->answered_user;
	to->answered_kernel += from->answered_kernel;
	for (int i = 0; i < 3; i++)
		to->code[i] += from->code[i];
	to->outstanding += from->outstanding;
	to->unknown += from->unknown;
	for (int i = 0; i < IOPF_CUT_STAGES; i++) {
		int got = iopf_sparse_merge(&to->stage[i], &from->stage[i], buckets);

		if (got == -ENOSPC)
			*left_out += from->stage[i].count;
		else if (got)
			err = got;
	}
	return err;
}

/* What the map knows a key by. */
static uint64_t hash(struct map_seed seed, const struct cuts_key *key)
{
	uint64_t h = 1;

	for (int i = 0; i < CUTS_KEYS; i++)
		h = map_mix(seed, h ^ key->v[i]);
	return h;
}

/* Makes room for one more row. */
static int grow(struct cuts *c)
{
	size_t max = c->max ? 2 * c->max : FIRST_ROWS;
	struct cuts_row *row;

	if (c->nr < c->max)
		return 0;
	row = realloc(c->row, max * sizeof(*row));
	if (!row)
		return -ENOMEM;
	c->row = row;
	c->max = max;
	return 0;
}

/* The figures of a key. */
struct iopf_cut *cuts_get(struct cuts *c, const struct cuts_key *key, size_t *left)
{
	uint64_t h;
	uint32_t first;

	if (!c->by_hash.seed.multiply)
		c->by_hash.seed = map_seed(0);
	h = hash(c->by_hash.seed, key);
	first = map_get(&c->by_hash, h);

	for (uint32_t i = first; i; i = c->row[i - 1].next) {
		if (!memcmp(&c->row[i - 1].key, key, sizeof(*key)))
			return &c->row[i - 1].cut;
	}
	if (!*left)
		return &c->other;
	if (grow(c) || map_set(&c->by_hash, h, (uint32_t)c->nr + 1))
		return NULL;
	c->row[c->nr] = (struct cuts_row){ .key = *key, .next = first };
	--*left;
	return &c->row[c->nr++].cut;
}

/* Frees it. */
void cuts_free(struct cuts *c, size_t *left, size_t *buckets)
{
	for (size_t i = 0; i < c->nr; i++)
		cuts_free_cut(&c->row[i].cut, buckets);
	cuts_free_cut(&c->other, buckets);
	*left += c->nr;
	free(c->row);
	map_free(&c->by_hash);
	*c = (struct cuts){ .by_hash = c->by_hash };
}
