/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Strings that live as long as what they are part of. */
#ifndef IOPF_CORE_STRINGS_H
#define IOPF_CORE_STRINGS_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdarg.h>

struct string;

/* A NULL pointer is an empty list. */
struct strings {
	struct string *first;
};

/* A copy of a text, which may be NULL; "" costs nothing. NULL when out of memory. */
const char *strings_copy(struct strings *s, const char *text);

/* A text in the manner of printf(); cut when it is longer than 1,000 bytes. NULL when out of memory. */
const char *strings_format(struct strings *s, const char *format, va_list args);

/* Gives all of one list to another; takes as long as @from has strings. */
void strings_move(struct strings *to, struct strings *from);

/* Frees them all. */
void strings_free(struct strings *s);

#endif /* IOPF_CORE_STRINGS_H */
