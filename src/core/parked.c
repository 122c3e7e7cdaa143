// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Requests that wait for the last one of their group. */
#define IOPF_CORE_PRIVATE
#include "parked.h"

#include <stdlib.h>

/* Frees it. */
void parked_free(struct parked *p)
{
	free(p->page);
}

/* Parks one. */
bool parked_add(struct parked *p, const struct parked_page *page)
{
	if (p->nr == p->max) {
		uint32_t max = p->max ? 2 * p->max : 64;
		struct parked_page *pages;

		if (max > PARKED_MAX)
			return false;
		pages = realloc(p->page, max * sizeof(*pages));
		if (!pages)
			return false;
		p->page = pages;
		p->max = max;
	}
	p->page[p->nr++] = *page;
	return true;
}

/* Whether a page is one of a group of a device. */
static bool is_of(const struct parked_page *page, uint32_t device, uint32_t grpid)
{
	return page->device == device && page->grpid == grpid;
}

/* How many are parked for a group. */
uint32_t parked_count(const struct parked *p, uint32_t device, uint32_t grpid)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->nr; i++)
		n += is_of(&p->page[i], device, grpid);
	return n;
}

/* Takes out those of a group. */
void parked_take(struct parked *p, uint32_t device, uint32_t grpid)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < p->nr; i++) {
		if (!is_of(&p->page[i], device, grpid))
			p->page[kept++] = p->page[i];
	}
	p->nr = kept;
}

/* Takes out those of a device. */
void parked_discard(struct parked *p, uint32_t device)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; device && i < p->nr; i++) {
		if (p->page[i].device != device)
			p->page[kept++] = p->page[i];
	}
	p->nr = kept;
}
