// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "markdown.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

size_t markdown_line(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return (size_t)((newline ? newline : end) - at);
}

/* The line after the one at @at. */
static const char *next_line(const char *at, const char *end)
{
	at += markdown_line(at, end);
	return at < end ? at + 1 : end;
}

/* Whether a line begins so. */
static bool begins(const char *at, const char *end, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(end - at) >= len && !memcmp(at, with, len);
}

static bool is_blank(const char *at, const char *end)
{
	size_t len = markdown_line(at, end);

	return strspn(at, " \t") >= len;
}

/* How long the mark of a list's item is, "- " or "12. "; 0 when the line begins no item. */
static size_t item_mark(const char *at, const char *end)
{
	size_t digits = 0;

	if (begins(at, end, "- "))
		return 2;
	while (at + digits < end && isdigit((unsigned char)at[digits]))
		digits++;
	return digits && begins(at + digits, end, ". ") ? digits + 2 : 0;
}

/* Whether a line begins something that is no paragraph. */
static bool begins_block(const char *at, const char *end)
{
	return is_blank(at, end) || *at == '#' || *at == '|' || item_mark(at, end) ||
	       begins(at, end, "```") || begins(at, end, "{{");
}

/* "## Section" and "### Subsection"; the title of the document is that of the page. */
static const char *put_heading(struct mdoc *m, const char *at, const char *end)
{
	size_t len = markdown_line(at, end), depth = strspn(at, "#"), skip;

	skip = depth + strspn(at + depth, " ");
	if (depth == 2)
		mdoc_section(m, at + skip, len - skip);
	else if (depth > 2)
		mdoc_subsection(m, at + skip, len - skip);
	return next_line(at, end);
}

/* What is between ``` and ```. */
static const char *put_fence(struct mdoc *m, const char *at, const char *end)
{
	const char *first = next_line(at, end), *last = first;

	while (last < end && !begins(last, end, "```"))
		last = next_line(last, end);
	mdoc_literal(m, first, last > first ? (size_t)(last - first) - 1 : 0);
	return next_line(last, end);
}

/* Lines that are indented by four. */
static const char *put_indented(struct mdoc *m, const char *at, const char *end)
{
	const char *last = at, *line;

	for (line = at; line < end; line = next_line(line, end)) {
		if (begins(line, end, "    "))
			last = line + markdown_line(line, end);
		else if (!is_blank(line, end))
			break;
	}
	mdoc_literal(m, at, (size_t)(last - at));
	return next_line(last, end);
}

static const char *put_paragraph(struct mdoc *m, const char *at, const char *end)
{
	const char *last = next_line(at, end);

	while (last < end && !begins_block(last, end))
		last = next_line(last, end);
	mdoc_part(m);
	mdoc_words(m, at, (size_t)(last - at));
	mdoc_break(m);
	return last;
}

static const char *put_table(struct mdoc *m, const char *at, const char *end)
{
	const char *last = at;

	while (last < end && *last == '|')
		last = next_line(last, end);
	markdown_table(m, at, (size_t)(last - at));
	return last;
}

/* Where an item ends: at the next of its list, or at what is not indented behind its mark. */
static const char *item_end(const char *at, const char *end, size_t mark)
{
	const char *line = next_line(at, end);

	while (line < end) {
		if (is_blank(line, end)) {
			const char *after = next_line(line, end);

			if (after >= end || strspn(after, " ") < mark)
				return line;
		} else if (strspn(line, " ") < mark) {
			return line;
		}
		line = next_line(line, end);
	}
	return end;
}

/* An item: what it has, without its mark and the indentation, is a document of its own. */
static void put_item(struct markdown *md, struct mdoc *m, const char *at, const char *end,
		     size_t mark)
{
	char *text = malloc((size_t)(end - at) + 1);
	size_t used = 0;
	const char *line;

	if (!text)
		abort();
	for (line = at; line < end; line = next_line(line, end)) {
		size_t len = markdown_line(line, end), cut = len < mark ? len : mark;

		memcpy(text + used, line + cut, len - cut);
		used += len - cut;
		text[used++] = '\n';
	}
	mdoc_line(m, ".It");
	m->parted = false;
	markdown_write(md, m, text, used);
	free(text);
}

/* All items of a list. */
static const char *put_list(struct markdown *md, struct mdoc *m, const char *at, const char *end)
{
	bool bullets = *at == '-';
	size_t mark;

	mdoc_part(m);
	mdoc_line(m, ".Bl -%s -compact", bullets ? "bullet" : "enum");
	while (at < end && (*at == '-') == bullets) {
		const char *last;

		mark = item_mark(at, end);
		if (!mark)
			break;
		last = item_end(at, end, mark);
		put_item(md, m, at, last, mark);
		at = last;
	}
	mdoc_line(m, ".El");
	m->parted = true;
	return at;
}

/* A line {{...}}. */
static const char *put_directive(struct markdown *md, struct mdoc *m, const char *at,
				 const char *end)
{
	size_t len = markdown_line(at, end);

	if (len < 4 || memcmp(at + len - 2, "}}", 2) || !md->directive ||
	    md->directive(m, at + 2, len - 4, md->arg))
		md->err = -1;
	return next_line(at, end);
}

void markdown_write(struct markdown *md, struct mdoc *m, const char *text, size_t len)
{
	const char *at = text, *end = text + len;

	while (at < end) {
		if (is_blank(at, end))
			at = next_line(at, end);
		else if (*at == '#')
			at = put_heading(m, at, end);
		else if (begins(at, end, "```"))
			at = put_fence(m, at, end);
		else if (begins(at, end, "    "))
			at = put_indented(m, at, end);
		else if (begins(at, end, "{{"))
			at = put_directive(md, m, at, end);
		else if (*at == '|')
			at = put_table(m, at, end);
		else if (item_mark(at, end))
			at = put_list(md, m, at, end);
		else
			at = put_paragraph(m, at, end);
	}
}

const char *markdown_section(const char *text, const char *heading, size_t *len)
{
	const char *at, *end = text + strlen(text), *last;
	size_t size = strlen(heading);

	for (at = text; at < end; at = next_line(at, end)) {
		if (!begins(at, end, "## ") || markdown_line(at, end) != size + 3 ||
		    memcmp(at + 3, heading, size))
			continue;
		at = next_line(at, end);
		last = at;
		while (last < end && !begins(last, end, "## "))
			last = next_line(last, end);
		*len = (size_t)(last - at);
		return at;
	}
	return NULL;
}

size_t markdown_lead(const char *text)
{
	const char *heading = strstr(text, "\n## ");

	if (!strncmp(text, "## ", 3))
		return 0;
	return heading ? (size_t)(heading + 1 - text) : strlen(text);
}
