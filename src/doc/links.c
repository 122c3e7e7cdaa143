// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "links.h"

#include <stdio.h>
#include <string.h>

static const struct page pages[] = {
	{ "docs/trace-format.md", "iopftrace-trace-file", 5,
	  "the file that iopftrace record writes" },
	{ "docs/formats.md", "iopftrace-formats", 5, "the output formats of iopftrace" },
	{ "docs/rules.md", "iopftrace-rules", 7, "the protocol rules that iopftrace judges by" },
};

#define PAGES (sizeof(pages) / sizeof(pages[0]))

const struct page *links_pages(size_t *nr)
{
	*nr = PAGES;
	return pages;
}

const char *links_page(const char *target, size_t len)
{
	static char name[64];
	size_t i;

	for (i = 0; i < PAGES; i++) {
		size_t size = strlen(pages[i].file), base = strlen("docs/");

		if ((len != size || memcmp(target, pages[i].file, len)) &&
		    (len != size - base || memcmp(target, pages[i].file + base, len)))
			continue;
		snprintf(name, sizeof(name), "%s(%d)", pages[i].name, pages[i].section);
		return name;
	}
	return NULL;
}
