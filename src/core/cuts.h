/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A table of figures by keys: so many rows, and one for all that are too many. */
#ifndef IOPF_CORE_CUTS_H
#define IOPF_CORE_CUTS_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "iopftrace/breakdown.h"
#include "map.h"

#define CUTS_KEYS IOPF_KEYS

struct cuts_key {
	uint32_t v[CUTS_KEYS];
};

struct cuts_row {
	struct cuts_key key;
	uint32_t next; /* with the same hash, from 1; 0 = none */
	struct iopf_cut cut;
};

/* A zeroed struct is empty. */
struct cuts {
	struct cuts_row *row;
	size_t nr, max;
	struct map by_hash; /* the first row, from 1 */
	struct iopf_cut other; /* of those for which there was no row */
};

/* Adds figures; values for which no bucket is left are counted in @left_out. 0 or -ENOMEM. */
int cuts_add(struct iopf_cut *to, const struct iopf_cut *from, size_t *buckets, uint64_t *left_out);

/* Frees what is in figures. */
void cuts_free_cut(struct iopf_cut *cut, size_t *buckets);

/*
 * The figures of a key; those of "other" when no row is left, which *@left counts down. NULL when out
 * of memory. Valid until the next call.
 */
struct iopf_cut *cuts_get(struct cuts *c, const struct cuts_key *key, size_t *left);

/* Frees it. Rows and buckets are given back. */
void cuts_free(struct cuts *c, size_t *left, size_t *buckets);

#endif /* IOPF_CORE_CUTS_H */
