// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Requests that wait for the last one of their group. */
#define IOPF_CORE_PRIVATE
#include "parked.h"

/* Frees it. */
void parked_free(struct parked *p)
{
	memory_free(p->by_group.memory, p->page);
	map_free(&p->by_group);
}

/* A free place, or 0. */
static uint32_t new_place(struct parked *p)
{
	uint32_t number = p->free, max = p->max ? 2 * p->max : 64;
	struct parked_page *pages;

	if (number) {
		p->free = parked_at(p, number)->next;
		return number;
	}
	if (p->nr_ever == p->max) {
		p->full |= max > PARKED_MAX;
		if (max > PARKED_MAX)
			return 0;
		pages = memory_realloc(p->by_group.memory, p->page, max * sizeof(*pages));
		if (!pages)
			return 0;
		p->page = pages;
		p->max = max;
	}
	return ++p->nr_ever;
}

/* Gives a place back. */
static void put_place(struct parked *p, uint32_t number)
{
	parked_at(p, number)->next = p->free;
	p->free = number;
}

/* Parks one. */
bool parked_add(struct parked *p, const struct parked_page *page)
{
	uint32_t number = new_place(p), first = parked_find(p, page->device, page->grpid);
	uint64_t key = (uint64_t)page->device << 32 | page->grpid;
	struct parked_page *to;

	if (!number)
		return false;
	if (!first && map_set(&p->by_group, key, number)) {
		put_place(p, number);
		return false;
	}
	to = parked_at(p, number);
	*to = *page;
	to->before = p->tail;
	to->behind = to->next = 0;
	if (p->tail)
		parked_at(p, p->tail)->behind = number;
	else
		p->head = number;
	p->tail = number;
	if (first)
		parked_at(p, parked_at(p, first)->last)->next = number;
	parked_at(p, first ? first : number)->last = number;
	if (!p->nr++ || to->time_ns < p->earliest_ns)
		p->earliest_ns = to->time_ns;
	return true;
}

/* Takes those of a group out. */
void parked_take(struct parked *p, uint32_t device, uint32_t grpid)
{
	uint32_t number = parked_find(p, device, grpid), next;

	if (!number)
		return;
	map_remove(&p->by_group, (uint64_t)device << 32 | grpid);
	for (; number; number = next) {
		const struct parked_page *page = parked_at(p, number);

		next = page->next;
		if (page->before)
			parked_at(p, page->before)->behind = page->behind;
		else
			p->head = page->behind;
		if (page->behind)
			parked_at(p, page->behind)->before = page->before;
		else
			p->tail = page->before;
		put_place(p, number);
		p->nr--;
	}
}

/* Takes out those of a device: what comes first of a group is met first, and takes all of it. */
void parked_discard(struct parked *p, uint32_t device)
{
	uint32_t number = p->head;

	while (number) {
		const struct parked_page page = *parked_at(p, number);

		if (device && page.device != device) {
			number = page.behind;
			continue;
		}
		parked_take(p, page.device, page.grpid);
		number = page.before ? parked_at(p, page.before)->behind : p->head;
	}
}
