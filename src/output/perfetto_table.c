// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define OUTPUT_PERFETTO_PRIVATE
#include <errno.h>
#include <stdlib.h>

#include "perfetto_table.h"

#define FIRST_SIZE 64

int pf_table_init(struct pf_table *t, uint64_t seed)
{
	*t = (struct pf_table){ .size = FIRST_SIZE, .seed = seed };
	t->head = calloc(FIRST_SIZE, sizeof(*t->head));
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
	unsigned __int128 product = (unsigned __int128)(key ^ t->seed) *
				    ((t->seed ^ 0x9e3779b97f4a7c15ULL) * 0xbf58476d1ce4e5b9ULL | 1);

	return &t->head[((uint64_t)product ^ (uint64_t)(product >> 64)) & (t->size - 1)];
}

/* Puts a link first into the chain of its key. */
static void put_first(struct pf_table *t, struct pf_link *link)
{
	struct pf_link **head = head_of(t, link->key);

	link->prev = NULL;
	link->next = *head;
	if (link->next)
		link->next->prev = link;
	*head = link;
}

/* Makes it larger; if there is no memory for that it only gets slower. */
static void grow(struct pf_table *t)
{
	struct pf_link **head = calloc(4 * t->size, sizeof(*head));

	if (!head)
		return;
	free(t->head);
	t->head = head;
	t->size *= 4;
	for (struct pf_link *link = t->oldest; link; link = link->newer)
		put_first(t, link);
}

void pf_table_add(struct pf_table *t, struct pf_link *link, uint64_t key)
{
	if (t->used >= t->size)
		grow(t);
	link->key = key;
	put_first(t, link);
	link->older = t->newest;
	link->newer = NULL;
	if (t->newest)
		t->newest->newer = link;
	else
		t->oldest = link;
	t->newest = link;
	t->used++;
}

void pf_table_remove(struct pf_table *t, const struct pf_link *link)
{
	if (link->prev)
		link->prev->next = link->next;
	else
		*head_of(t, link->key) = link->next;
	if (link->next)
		link->next->prev = link->prev;
	if (link->older)
		link->older->newer = link->newer;
	else
		t->oldest = link->newer;
	if (link->newer)
		link->newer->older = link->older;
	else
		t->newest = link->older;
	t->used--;
}

struct pf_link *pf_table_find(const struct pf_table *t, uint64_t key, const struct pf_link *after)
{
	struct pf_link *link = after ? after->next : *head_of(t, key);

	while (link && link->key != key)
		link = link->next;
	return link;
}
