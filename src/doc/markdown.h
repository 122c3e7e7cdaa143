/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Markdown to mdoc(7): the part of it that our documents use. Headings, paragraphs, bullets, numbers,
 * code, tables; within lines what mdoc_words() knows.
 */
#ifndef DOC_MARKDOWN_H
#define DOC_MARKDOWN_H

#include <stddef.h>

#include "mdoc.h"

/* Does something with a line {{...}} of a document, without its braces. Returns 0, or -1 when it is wrong. */
typedef int (*markdown_fn)(struct mdoc *m, const char *directive, size_t len, void *arg);

struct markdown {
	markdown_fn directive; /* NULL = there are none */
	void *arg; /* for it */
	int err; /* -1 once a directive was wrong */
};

/* A document, or part of one. "# Title" is left out. */
void markdown_write(struct markdown *md, struct mdoc *m, const char *text, size_t len);

/* A table: the lines of @text that begin with '|'. */
void markdown_table(struct mdoc *m, const char *text, size_t len);

/* What is under "## @heading", and how long it is; NULL when there is no such heading. */
const char *markdown_section(const char *text, const char *heading, size_t *len);

/* How long what stands before the first "## " is. */
size_t markdown_lead(const char *text);

/* How long the line at @at is, without its end. */
size_t markdown_line(const char *at, const char *end);

#endif /* DOC_MARKDOWN_H */
