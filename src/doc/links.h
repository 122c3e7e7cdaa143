/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Which documents of the source are manual pages when they are installed. */
#ifndef DOC_LINKS_H
#define DOC_LINKS_H

#include <stddef.h>

/* A document in docs/ that is a manual page as a whole. */
struct page {
	const char *file; /* "docs/formats.md" */
	const char *name; /* "iopftrace-formats" */
	int section;
	const char *summary; /* one line, no full stop */
};

/* All of them. */
const struct page *links_pages(size_t *nr);

/* The page that a link leads to, "iopftrace-formats(5)"; NULL = to none. */
const char *links_page(const char *target, size_t len);

#endif /* DOC_LINKS_H */
