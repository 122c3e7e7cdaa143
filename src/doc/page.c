// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What all pages have: their ends, and the parts that documents ask for. */
#include <stdlib.h>
#include <string.h>

#include "cmd/exit_codes.h"
#include "cmd/list.h"
#include "links.h"
#include "pages.h"

#define PAGES_MAX 64

/* A page to see. */
struct see {
	char name[48];
	int section;
};

void page_begin(const struct source *s, struct mdoc *m, const char *name, int section,
		const char *summary)
{
	char file[64];

	snprintf(file, sizeof(file), "%s.%d", name, section);
	mdoc_begin(m, source_create(s, "man", file), name, section, s->date);
	mdoc_section(m, "Name", 4);
	fputs(".Nm ", m->out);
	mdoc_code(m->out, name);
	fputs("\n.Nd ", m->out);
	mdoc_code(m->out, summary);
	putc('\n', m->out);
}

/* By section, then by name. */
static int compare(const void *a, const void *b)
{
	const struct see *x = a, *y = b;

	return x->section != y->section ? x->section - y->section : strcmp(x->name, y->name);
}

/* All pages there are. */
static size_t all(struct see list[PAGES_MAX])
{
	const struct page *pages;
	size_t nr = 0, i, documents;
	unsigned int id;

	list[nr++] = (struct see){ "iopftrace", 1 };
	for (id = 0; id < VERBS; id++, nr++) {
		list[nr].section = 1;
		snprintf(list[nr].name, sizeof(list[nr].name), "iopftrace-%s",
			 verb_get((enum verb_id)id)->name);
	}
	pages = links_pages(&documents);
	for (i = 0; i < documents; i++, nr++) {
		list[nr].section = pages[i].section;
		snprintf(list[nr].name, sizeof(list[nr].name), "%s", pages[i].name);
	}
	qsort(list, nr, sizeof(*list), compare);
	return nr;
}

void page_end(struct mdoc *m, const char *name)
{
	struct see list[PAGES_MAX];
	size_t nr = all(list), i;
	bool any = false;

	mdoc_section(m, "See also", 8);
	for (i = 0; i < nr; i++) {
		if (!strcmp(list[i].name, name))
			continue;
		if (any)
			fputs(" ,\n", m->out);
		any = true;
		fputs(".Xr ", m->out);
		mdoc_code(m->out, list[i].name);
		fprintf(m->out, " %d", list[i].section);
	}
	putc('\n', m->out);
	source_close(m->out);
}

void page_exit_codes(struct mdoc *m, unsigned int verbs)
{
	const struct exit_code_help *table;
	size_t nr, i;

	table = exit_codes_table(&nr);
	mdoc_line(m, ".Bl -tag -width other -compact");
	for (i = 0; i < nr; i++) {
		if (!(table[i].verbs & verbs))
			continue;
		mdoc_line(m, ".It Sy %s", table[i].codes);
		mdoc_text(m, table[i].meaning);
	}
	mdoc_line(m, ".El");
	m->parted = true;
}

/* The verbs, each with its page. */
static void put_verbs(struct mdoc *m)
{
	unsigned int id;

	mdoc_part(m);
	mdoc_line(m, ".Bl -tag -width explain -compact");
	for (id = 0; id < VERBS; id++) {
		mdoc_line(m, ".It Cm %s", verb_get((enum verb_id)id)->name);
		mdoc_text(m, verb_get((enum verb_id)id)->summary);
	}
	mdoc_line(m, ".It Cm help");
	mdoc_text(m, "tell about a verb, as its option --help does");
	mdoc_line(m, ".El");
	m->parted = true;
}

static void put_stages(struct mdoc *m)
{
	unsigned int i;

	mdoc_part(m);
	mdoc_line(m, ".Bl -tag -width service -compact");
	for (i = 0; i < IOPF_STAGES; i++) {
		mdoc_line(m, ".It Cm %s", iopf_stage_name((enum iopf_stage)i));
		mdoc_text(m, list_stage_meaning((enum iopf_stage)i));
	}
	mdoc_line(m, ".El");
	m->parted = true;
}

/* "FILE HEADING": that section of a document. Returns 0 or -1. */
static int put_section(const struct source *s, struct mdoc *m, char *words)
{
	char *heading = strchr(words, ' '), *text;
	struct markdown md = { page_directive, (void *)s, 0 };
	const char *part;
	size_t len;

	if (!heading)
		return -1;
	*heading++ = '\0';
	text = source_read(s, words, true);
	part = markdown_section(text, heading, &len);
	if (!part)
		source_fail("has no such section", heading);
	markdown_write(&md, m, part, len);
	free(text);
	return md.err;
}

/* A file, as it is. */
static void put_file(const struct source *s, struct mdoc *m, const char *name)
{
	char *text = source_read(s, name, true);

	mdoc_part(m);
	mdoc_literal(m, text, strlen(text) - 1);
	free(text);
}

int page_directive(struct mdoc *m, const char *directive, size_t len, void *arg)
{
	const struct source *s = arg;
	char words[128];
	int err = 0;

	snprintf(words, sizeof(words), "%.*s", (int)len, directive);
	if (!strcmp(words, "verbs"))
		put_verbs(m);
	else if (!strcmp(words, "stages"))
		put_stages(m);
	else if (!strcmp(words, "exit-codes"))
		page_exit_codes(m, VERB_ALL);
	else if (!strncmp(words, "section ", 8))
		err = put_section(s, m, words + 8);
	else if (!strncmp(words, "file ", 5))
		put_file(s, m, words + 5);
	else
		source_fail("is no directive", words);
	return err;
}
