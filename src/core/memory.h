/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The account of what an engine keeps. Whatever grows with records asks here, and is refused at the limit as if
 * there were no memory: what asked leaves something out, and goes on. What is refused once is told at the end.
 *
 * The rest is bounded by itself: the cases that are kept of findings, and the report that is made at the end.
 */
#ifndef IOPF_CORE_MEMORY_H
#define IOPF_CORE_MEMORY_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stddef.h>

struct memory {
	size_t used, limit; /* bytes, as malloc() gives them; a limit of 0 is none */
	bool reached; /* something was refused at the limit */
	bool failed; /* the system had none */
};

/*
 * These are calloc(), realloc() and free() with an account, which may be NULL. What has been got with one is
 * resized and freed with the same.
 */
void *memory_calloc(struct memory *m, size_t nr, size_t size);
void *memory_realloc(struct memory *m, void *old, size_t size);
void memory_free(struct memory *m, void *old);

/* Puts on the account what is got elsewhere: @bytes now, *@before at the last time. */
void memory_charge(struct memory *m, size_t *before, size_t bytes);

#endif /* IOPF_CORE_MEMORY_H */
