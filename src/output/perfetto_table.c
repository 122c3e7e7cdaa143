// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define OUTPUT_PERFETTO_PRIVATE
#include <errno.h>
#include <stdlib.h>

#include "perfetto_table.h"

#define FIRST_SIZE 64

int pf_table_init(struct pf_table *t)
{
	t->head = calloc(FIRST_SIZE, sizeof(*t->head));
	t->size = FIRST_SIZE;
	t->used = 0;
	return t->head ? 0 : -ENOMEM;
}

void pf_table_free(struct pf_table *t)
{
	free(t->head);
	*t = (struct pf_table){ 0 };
}

/* Where the things with a key are: kernel addresses differ in few bits. */
static struct pf_link **head_of(const struct pf_table *t, uint64_t key)
{
	key *= 0x9e3779b97f4a7c15ULL;
	return &t->head[(key ^ key >> 32) & (t->size - 1)];
}

/* Makes it larger; if there is no memory for that it only gets slower. */
static void grow(struct pf_table *t)
{
	struct pf_table larger = { .size = 4 * t->size };

	larger.head = calloc(larger.size, sizeof(*larger.head));
	if (!larger.head)
		return;
	for (size_t i = 0; i < t->size; i++) {
		struct pf_link *link = t->head[i], *reversed = NULL;

		/* Adding turns the order round, so it is turned round before. */
		while (link) {
			struct pf_link *next = link->next;

			link->next = reversed;
			reversed = link;
			link = next;
		}
		while (reversed) {
			struct pf_link *next = reversed->next;

			pf_table_add(&larger, reversed, reversed->key);
			reversed = next;
		}
	}
	free(t->head);
	*t = larger;
}

void pf_table_add(struct pf_table *t, struct pf_link *link, uint64_t key)
{
	struct pf_link **head;

	if (t->used >= t->size)
		grow(t);
	head = head_of(t, key);
	link->key = key;
	link->next = *head;
	*head = link;
	t->used++;
}

void pf_table_remove(struct pf_table *t, const struct pf_link *link)
{
	struct pf_link **at = head_of(t, link->key);

	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	t->used--;
}

struct pf_link *pf_table_find(const struct pf_table *t, uint64_t key, const struct pf_link *after)
{
	struct pf_link *link = after ? after->next : *head_of(t, key);

	while (link && link->key != key)
		link = link->next;
	return link;
}

struct pf_link *pf_table_any(const struct pf_table *t)
{
	for (size_t i = 0; t->used && i < t->size; i++) {
		if (t->head[i])
			return t->head[i];
	}
	return NULL;
}
