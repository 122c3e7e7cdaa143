/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Tables of things that have a link in them, found by a 64-bit key that several may share. Of those
 * that do, the one that was added last comes first. All of them are in the order they were added, which
 * is how they are walked: where a key falls depends on a seed, so that nobody can choose keys that all
 * fall on one place.
 */
#ifndef OUTPUT_PERFETTO_TABLE_H
#define OUTPUT_PERFETTO_TABLE_H

#ifndef OUTPUT_PERFETTO_PRIVATE
#error "private to src/output/perfetto*.c: use perfetto.h"
#endif

#include <stddef.h>
#include <stdint.h>

struct pf_link {
	struct pf_link *next, *prev; /* of the chain */
	struct pf_link *older, *newer; /* of all */
	uint64_t key;
};

struct pf_table {
	struct pf_link **head;
	size_t size; /* a power of two */
	size_t used;
	struct pf_link *oldest, *newest;
	uint64_t seed;
};

/* The thing that a link is in. */
#define PF_OF(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

/* 0 or -ENOMEM. */
int pf_table_init(struct pf_table *t, uint64_t seed);

/* Frees the table, not what is in it. */
void pf_table_free(struct pf_table *t);

void pf_table_add(struct pf_table *t, struct pf_link *link, uint64_t key);

/* Takes out what must be in it. */
void pf_table_remove(struct pf_table *t, const struct pf_link *link);

/* The first with a key, or the one after @after; NULL = no more. */
struct pf_link *pf_table_find(const struct pf_table *t, uint64_t key, const struct pf_link *after);

#endif /* OUTPUT_PERFETTO_TABLE_H */
