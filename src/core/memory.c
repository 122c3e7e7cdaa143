// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The account of what an engine keeps. */
#define IOPF_CORE_PRIVATE
#include "memory.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

/* Whether so many bytes more are within the limit. */
static bool allows(struct memory *m, size_t bytes)
{
	if (!m || !m->limit || (bytes <= m->limit && m->used <= m->limit - bytes))
		return true;
	m->reached = true;
	return false;
}

/* Puts what has been got on the account. */
static void *count(struct memory *m, void *got)
{
	if (!m)
		return got;
	if (got)
		m->used += malloc_usable_size(got);
	else
		m->failed = true;
	return got;
}

/* Zeroed memory. */
void *memory_calloc(struct memory *m, size_t nr, size_t size)
{
	if (size && nr > SIZE_MAX / size)
		return NULL;
	return allows(m, nr * size) ? count(m, calloc(nr, size)) : NULL;
}

/* Makes something larger. While it is moved, both are there. */
void *memory_realloc(struct memory *m, void *old, size_t size)
{
	size_t had = old ? malloc_usable_size(old) : 0;
	void *got;

	if (!allows(m, size))
		return NULL;
	got = count(m, realloc(old, size));
	if (m && got)
		m->used -= had;
	return got;
}

/* Gives it back. */
void memory_free(struct memory *m, void *old)
{
	if (m && old)
		m->used -= malloc_usable_size(old);
	free(old);
}

/* Puts on the account what is got elsewhere. */
void memory_charge(struct memory *m, size_t *before, size_t bytes)
{
	m->used += bytes - *before;
	*before = bytes;
	m->reached |= m->limit && m->used > m->limit;
}
