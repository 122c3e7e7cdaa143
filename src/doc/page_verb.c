// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The pages of the program and of its verbs. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/options.h"
#include "pages.h"

#define OVERVIEW "docs/man/iopftrace.md"
#define UNTRACED "docs/man/untraced.md"
#define FILES "## Files\n" /* stands behind ENVIRONMENT, and so at the end of a verb's document */

/* What follows the program's name: words to be typed are bold, those to be replaced are not. */
static void put_usage(struct mdoc *m, const char *usage)
{
	mdoc_line(m, ".Nm iopftrace");
	while (*usage) {
		bool upper = isupper((unsigned char)*usage), lower = islower((unsigned char)*usage);
		bool word = upper || lower || *usage == '-';

		if (word)
			fprintf(m->out, "\\f%c", upper ? 'I' : 'B');
		do
			mdoc_char(m->out, *usage, true);
		while (*++usage && word && (isalnum((unsigned char)*usage) || *usage == '-'));
		if (word)
			fputs("\\fP", m->out);
	}
	putc('\n', m->out);
}

/* Whether every line of a paragraph is a name, and behind two spaces or more what it is. */
static bool is_list(const char *at, const char *end)
{
	while (at < end) {
		size_t len = markdown_line(at, end), name = strcspn(at, " \n");

		if (name >= len || strncmp(at + name, "  ", 2))
			return false;
		at += len + 1;
	}
	return true;
}

/* Such lines, as a list. */
static void put_names(struct mdoc *m, const char *at, const char *end)
{
	mdoc_part(m);
	mdoc_line(m, ".Bl -tag -width metrics -compact");
	while (at < end) {
		size_t len = markdown_line(at, end), name = strcspn(at, " \n");

		mdoc_line(m, ".It Cm %.*s", (int)name, at);
		mdoc_words(m, at + name, len - name);
		at += len + 1;
	}
	mdoc_line(m, ".El");
}

/* What --help tells of the verb. */
static void put_about(struct mdoc *m, const char *about)
{
	while (*about) {
		const char *end = strstr(about, "\n\n");

		end = end ? end + 1 : about + strlen(about);
		if (is_list(about, end)) {
			put_names(m, about, end);
		} else {
			mdoc_part(m);
			mdoc_words(m, about, (size_t)(end - about));
			mdoc_break(m);
		}
		about = end + (*end == '\n');
	}
}

/* Whether a verb has an option. */
static bool has_option(enum verb_id id, const char *name)
{
	const struct option_def *table;
	size_t nr, i;

	table = options_table(&nr);
	for (i = 0; i < nr; i++)
		if ((table[i].verbs & VERB_BIT(id)) && !strcmp(table[i].name, name))
			return true;
	return false;
}

/* Whether a verb traces what happens, and does not only read what was recorded. */
static bool is_live(enum verb_id id)
{
	return has_option(id, "buffer");
}

/* A section that verbs have in common, from one of two documents: those that trace have another. */
static void put_common(const struct source *s, struct mdoc *m, enum verb_id id, const char *heading)
{
	const char *file = is_live(id) ? OVERVIEW : UNTRACED;
	struct markdown md = { page_directive, (void *)s, 0 };
	char *text = source_read(s, file, true);
	const char *part;
	size_t len;

	part = markdown_section(text, heading, &len);
	if (!part)
		source_fail("has no such section", heading);
	mdoc_section(m, heading, strlen(heading));
	markdown_write(&md, m, part, len);
	if (md.err)
		source_fail("has a wrong directive", file);
	free(text);
}

void page_verb(const struct source *s, enum verb_id id)
{
	const struct verb *verb = verb_get(id);
	struct markdown md = { page_directive, (void *)s, 0 };
	char name[48], file[64], *own, *files = NULL;
	size_t lead = 0;
	struct mdoc m;

	snprintf(name, sizeof(name), "iopftrace-%s", verb->name);
	snprintf(file, sizeof(file), "docs/man/%s.md", verb->name);
	own = source_read(s, file, false);
	page_begin(s, &m, name, 1, verb->summary);
	mdoc_section(&m, "Synopsis", 8);
	put_usage(&m, verb->usage);
	mdoc_section(&m, "Description", 11);
	put_about(&m, verb->about);
	if (own) {
		files = strstr(own, FILES);
		lead = markdown_lead(own);
		markdown_write(&md, &m, own, lead);
	}
	mdoc_section(&m, "Options", 7);
	page_options(&m, id);
	if (own)
		markdown_write(&md, &m, own + lead,
			       files ? (size_t)(files - own) - lead : strlen(own + lead));
	put_common(s, &m, id, "Signals");
	if (is_live(id))
		put_common(s, &m, id, "Overhead");
	if (is_live(id) || has_option(id, "color"))
		put_common(s, &m, id, "Environment");
	if (files)
		markdown_write(&md, &m, files, strlen(files));
	if (md.err)
		source_fail("has a wrong directive", file);
	mdoc_section(&m, "Exit status", 11);
	page_exit_codes(&m, VERB_BIT(id));
	mdoc_section(&m, "Examples", 8);
	mdoc_literal(&m, verb->examples, strlen(verb->examples) - 1);
	page_end(&m, name);
	free(own);
}

void page_overview(const struct source *s)
{
	struct markdown md = { page_directive, (void *)s, 0 };
	char *text = source_read(s, OVERVIEW, true);
	struct mdoc m;

	page_begin(s, &m, "iopftrace", 1,
		   "follow I/O page faults through iommufd: where the time goes, and whether every "
		   "group is answered");
	mdoc_section(&m, "Synopsis", 8);
	put_usage(&m, "[VERB] [OPTIONS] [-- CMD...]");
	markdown_write(&md, &m, text, strlen(text));
	if (md.err)
		source_fail("has a wrong directive", OVERVIEW);
	page_end(&m, "iopftrace");
	free(text);
}
