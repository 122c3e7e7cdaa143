// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define TRACE_PRIVATE
#include "links.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int links_init(struct links *l, size_t records)
{
	size_t entries = 1;

	while (entries < 2 * records)
		entries *= 2;
	l->mask = entries - 1;
	l->table[0] = calloc(entries, sizeof(**l->table));
	l->table[1] = calloc(entries, sizeof(**l->table));
	return l->table[0] && l->table[1] ? 0 : -ENOMEM;
}

void links_free(struct links *l)
{
	free(l->table[0]);
	free(l->table[1]);
}

void links_begin(struct links *l, uint32_t enqueues)
{
	memset(l->table[0], 0, (l->mask + 1) * sizeof(**l->table));
	memset(l->table[1], 0, (l->mask + 1) * sizeof(**l->table));
	l->enqueues = enqueues;
}

/* The entry with a key, or the free one where it would be: half of the table is free at least. */
static struct links_entry *find(const struct links *l, enum schema_key kind, uint64_t key)
{
	struct links_entry *table = l->table[kind];
	size_t at = (key * 0x9e3779b97f4a7c15ULL >> 32) & l->mask;

	while (table[at].number && table[at].key != key)
		at = (at + 1) & l->mask;
	return &table[at];
}

void links_enqueue(struct links *l, const struct iopf_rec_enqueue *rec, uint32_t number)
{
	static const enum schema_key kinds[] = { SCHEMA_KEY_GROUP, SCHEMA_KEY_CONTENTS };

	for (int i = 0; i < 2; i++) {
		uint64_t key = schema_enqueue_key(rec, kinds[i]);
		struct links_entry *entry = find(l, kinds[i], key);

		entry->key = key;
		entry->number = number + 1;
	}
}

uint32_t links_find(const struct links *l, const struct iopf_rec *rec, uint32_t otherwise)
{
	const struct links_entry *entry;
	enum schema_key kind;
	uint64_t key;

	if (!schema_key(rec, &kind, &key))
		return 0;
	entry = find(l, kind, key);
	if (entry->number)
		return entry->number - 1;
	return otherwise < l->enqueues ? otherwise : l->enqueues - 1;
}
