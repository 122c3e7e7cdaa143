/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A sentence in the making, of bounded length. */
#ifndef OUTPUT_SENTENCE_H
#define OUTPUT_SENTENCE_H

#include <stddef.h>

struct sentence {
	char s[4000]; /* less than a flow of words takes */
	size_t len;
};

/* Goes on with it; what is too long is cut. */
__attribute__((format(printf, 2, 3))) void sentence_add(struct sentence *s, const char *fmt, ...);

/* Goes on with a text from outside, made printable. */
void sentence_add_text(struct sentence *s, const char *text);

/* "was killed by SIGTERM", "exited with 7": what a shell's status says. */
void sentence_add_status(struct sentence *s, int status);

/* A list in it: @separator, but nothing before the first. */
struct sentence_list {
	struct sentence *s;
	const char *separator;
	unsigned int nr;
};

/* Begins the next item. */
void sentence_next(struct sentence_list *list);

#endif /* OUTPUT_SENTENCE_H */
