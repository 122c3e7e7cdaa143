// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * docgen ROOT DATE OUT: writes the manual pages to OUT/man and the completions to OUT/completions,
 * from the program's own tables and the documents under ROOT.
 */
#include <stdio.h>

#include "complete.h"
#include "links.h"
#include "pages.h"

int main(int argc, char **argv)
{
	const struct page *pages;
	struct source s;
	unsigned int id;
	size_t nr, i;

	if (argc != 4) {
		fputs("usage: docgen ROOT DATE OUT\n", stderr);
		return 3;
	}
	s = (struct source){ .root = argv[1], .date = argv[2], .out = argv[3] };
	page_overview(&s);
	for (id = 0; id < VERBS; id++)
		page_verb(&s, (enum verb_id)id);
	pages = links_pages(&nr);
	for (i = 0; i < nr; i++)
		page_document(&s, pages[i].file);
	complete_bash(&s);
	complete_zsh(&s);
	complete_fish(&s);
	return 0;
}
