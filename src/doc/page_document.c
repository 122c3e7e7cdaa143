// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Documents that are pages as a whole, and the rules in one of them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "iopftrace/report.h"
#include "iopftrace/rules.h"
#include "links.h"
#include "pages.h"

#define RULES "The rules"

/* Words of a rule's table as a sentence, behind @before. */
static void put_sentence(struct mdoc *m, const char *before, size_t len, const char *words)
{
	char text[512];

	snprintf(text, sizeof(text), "%.*s %c%s.", (int)len, before,
		 toupper((unsigned char)words[0]), words + 1);
	mdoc_text(m, text);
	mdoc_break(m);
}

/* The probes without which a rule is not judged. */
static void put_needs(struct mdoc *m, const struct iopf_rule *rule)
{
	unsigned int i;
	bool any = false;

	mdoc_line(m, ".It needs");
	for (i = 0; i < IOPF_PROBES; i++) {
		if (!(rule->needs & 1U << i))
			continue;
		if (any)
			mdoc_line(m, " ,");
		any = true;
		mdoc_break(m);
		fputs(".Sy ", m->out);
		mdoc_code(m->out, iopf_probe_name((enum iopf_probe)i));
	}
	putc('\n', m->out);
}

/* One rule: "**ID name** [severity] evidence". */
static void put_rule(struct mdoc *m, const struct iopf_rule *rule, const char *text,
		     const char *end)
{
	char title[64], bracket[64];
	size_t head, severity;

	head = (size_t)snprintf(title, sizeof(title), "**%s %s** ", rule->id, rule->name);
	snprintf(bracket, sizeof(bracket), "[%s", iopf_severity_name(rule->severity));
	if ((size_t)(end - text) < head || memcmp(text, title, head))
		source_fail("the rule is not in docs/rules.md, or by another name", rule->id);
	severity = strcspn(text + head, "]") + 1;
	if (strncmp(text + head, bracket, strlen(bracket)))
		source_fail("another severity in docs/rules.md", rule->id);
	mdoc_subsection(m, title + 2, head - 5);
	put_sentence(m, text + head, severity, rule->statement);
	mdoc_line(m, ".Bl -tag -width evidence");
	mdoc_line(m, ".It evidence");
	mdoc_words(m, text + head + severity, (size_t)(end - text) - head - severity);
	mdoc_line(m, ".It look at");
	put_sentence(m, "", 0, rule->fix);
	put_needs(m, rule);
	mdoc_line(m, ".El");
}

void page_rules(struct mdoc *m, const char *text, size_t len)
{
	const char *end = text + len, *at, *next;
	unsigned int i;

	for (i = 1; i <= IOPF_RULES; i++) {
		const struct iopf_rule *rule = iopf_rule(i);
		char id[16];

		snprintf(id, sizeof(id), "**%s ", rule->id);
		at = memmem(text, len, id, strlen(id));
		next = at ? memmem(at + 2, (size_t)(end - at) - 2, "\n**IOPF", 7) : NULL;
		if (at)
			put_rule(m, rule, at, next ? next : end);
		else
			source_fail("the rule is not in docs/rules.md", rule->id);
	}
}

/* The page of a file. */
static const struct page *find(const char *file)
{
	const struct page *pages;
	size_t nr, i;

	pages = links_pages(&nr);
	for (i = 0; i < nr; i++)
		if (!strcmp(pages[i].file, file))
			return &pages[i];
	source_fail("is no page", file);
}

void page_document(const struct source *s, const char *file)
{
	const struct page *page = find(file);
	struct markdown md = { page_directive, (void *)s, 0 };
	char *text = source_read(s, file, true);
	const char *rules;
	struct mdoc m;
	size_t len;

	page_begin(s, &m, page->name, page->section, page->summary);
	mdoc_section(&m, "Description", 11);
	rules = markdown_section(text, RULES, &len);
	markdown_write(&md, &m, text, rules ? (size_t)(rules - text) : strlen(text));
	if (rules) {
		page_rules(&m, rules, len);
		markdown_write(&md, &m, rules + len, strlen(rules + len));
	}
	page_end(&m, page->name);
	free(text);
}
