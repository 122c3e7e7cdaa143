/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The manual pages. */
#ifndef DOC_PAGES_H
#define DOC_PAGES_H

#include "cmd/verbs.h"
#include "markdown.h"
#include "source.h"

/* iopftrace(1): docs/man/iopftrace.md. */
void page_overview(const struct source *s);

/* iopftrace-VERB(1): the tables, docs/man/VERB.md where there is one, and what iopftrace.md has for all. */
void page_verb(const struct source *s, enum verb_id id);

/* A document of the source as a page, with the rules where they stand in it. */
void page_document(const struct source *s, const char *file);

/* The lines {{...}} of documents: @arg is the struct source. Returns 0 or -1. */
int page_directive(struct mdoc *m, const char *directive, size_t len, void *arg);

/* Opens a page and writes its NAME. */
void page_begin(const struct source *s, struct mdoc *m, const char *name, int section,
		const char *summary);

/* Writes SEE ALSO, with all pages but this one, and closes it. */
void page_end(struct mdoc *m, const char *name);

/* The exit codes of the verbs in a set of VERB_BIT(). */
void page_exit_codes(struct mdoc *m, unsigned int verbs);

/* The options of a verb, by group. */
void page_options(struct mdoc *m, enum verb_id id);

/* docs/rules.md: what is under "The rules", each rule with what its table says. */
void page_rules(struct mdoc *m, const char *text, size_t len);

#endif /* DOC_PAGES_H */
