/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The texts that pages are made of, and where pages go. */
#ifndef DOC_SOURCE_H
#define DOC_SOURCE_H

#include <stdbool.h>
#include <stdio.h>

#include "mdoc.h"

struct source {
	const char *root; /* the directory of the source */
	const char *out; /* the directory to write to */
	const char *date; /* of the version: "November 22, 2026" */
};

/* A text of the source, to be freed; NULL when there is none, which ends the program if @must. */
char *source_read(const struct source *s, const char *name, bool must);

/* Opens OUT/@dir/@name; ends the program when it cannot. */
FILE *source_create(const struct source *s, const char *dir, const char *name);

/* Closes what source_create() opened; ends the program when something was not written. */
void source_close(FILE *out);

/* Ends the program: @what is wrong, and where. */
_Noreturn void source_fail(const char *what, const char *where);

#endif /* DOC_SOURCE_H */
