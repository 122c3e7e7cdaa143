// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Strings that live as long as what they are part of. */
#define IOPF_CORE_PRIVATE
#include "strings.h"

#include <stdio.h> /* vsnprintf(): no I/O */
#include <stdlib.h>
#include <string.h>

#define FORMAT_MAX 1000

struct string {
	struct string *next;
	char text[];
};

/* A copy of a text. */
const char *strings_copy(struct strings *s, const char *text)
{
	size_t bytes = text ? strlen(text) + 1 : 0;
	struct string *string;

	if (bytes <= 1)
		return "";
	string = malloc(sizeof(*string) + bytes);
	if (!string)
		return NULL;
	memcpy(string->text, text, bytes);
	string->next = s->first;
	s->first = string;
	return string->text;
}

/* A text in the manner of printf(). */
const char *strings_format(struct strings *s, const char *format, va_list args)
{
	char text[FORMAT_MAX];

	vsnprintf(text, sizeof(text), format, args);
	return strings_copy(s, text);
}

/* Gives all of one list to another. */
void strings_move(struct strings *to, struct strings *from)
{
	struct string **end = &from->first;

	while (*end)
		end = &(*end)->next;
	*end = to->first;
	to->first = from->first;
	from->first = NULL;
}

/* Frees them all. */
void strings_free(struct strings *s)
{
	struct string *next;

	for (; s->first; s->first = next) {
		next = s->first->next;
		free(s->first);
	}
}
