/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Writes mdoc(7) source: what is escaped, where lines end, where a paragraph begins. */
#ifndef DOC_MDOC_H
#define DOC_MDOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct mdoc {
	FILE *out;
	unsigned int column; /* in the source line; 0 = at its beginning */
	bool whole; /* the line is not broken: it is a row of a table */
	bool parted; /* something stands before: what comes is a new paragraph */
	const char *placeholder; /* a word that is set as an argument is; NULL = none */
};

/* The title lines of page @title(@section). */
void mdoc_begin(struct mdoc *m, FILE *out, const char *title, int section, const char *date);

/* A line of its own, taken as it is. */
__attribute__((format(printf, 2, 3))) void mdoc_line(struct mdoc *m, const char *fmt, ...);

/* .Sh and .Ss, of @len characters; a section's title is made upper case. */
void mdoc_section(struct mdoc *m, const char *title, size_t len);
void mdoc_subsection(struct mdoc *m, const char *title, size_t len);

/* Begins a paragraph, unless one has just begun. */
void mdoc_part(struct mdoc *m);

/* Words with **strong**, `code` and [links](to): filled, a new line for each sentence. */
void mdoc_words(struct mdoc *m, const char *text, size_t len);
void mdoc_text(struct mdoc *m, const char *text);

/* Lines that are not filled, without the indentation that all of them have. */
void mdoc_literal(struct mdoc *m, const char *text, size_t len);

/* Ends the source line, if one has begun. */
void mdoc_break(struct mdoc *m);

/* One character, escaped; @code: as programs are written, where a hyphen is a minus. */
void mdoc_char(FILE *out, char c, bool code);

/* A string in code, escaped, for arguments of macros. */
void mdoc_code(FILE *out, const char *text);

#endif /* DOC_MDOC_H */
