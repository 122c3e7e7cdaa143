/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Text from outside: names of tasks and devices are bytes that anybody can choose. Nothing of them
 * reaches a terminal or a file as a control sequence, a line break or a broken character.
 */
#ifndef OUTPUT_UTF8_H
#define OUTPUT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Decodes the character at @s: its length in bytes and @cp, or 0 when it is not valid UTF-8. */
size_t utf8_decode(const char *s, size_t len, uint32_t *cp);

/* Whether a character can be shown as it is: no control, no format, no direction change. */
bool utf8_printable(uint32_t cp);

/* Columns it takes on a terminal, 1 or 2; an upper bound, since combining ones take none. */
unsigned int utf8_width(uint32_t cp);

/* Columns of @len bytes of text that was made printable; of all of it. */
unsigned int utf8_columns_of(const char *s, size_t len);
unsigned int utf8_columns(const char *s);

#define UTF8_NAME_MAX 64

/* A name made printable, at most UTF8_NAME_MAX - 1 columns; by value, see struct units_text. */
struct utf8_name {
	char s[4 * UTF8_NAME_MAX];
};

/*
 * @name (NULL as "") for a person: what cannot be shown, or not be seen (a space at the end), becomes
 * \xHH, a backslash \\, and what does not fit in @columns is cut and marked with "~".
 */
struct utf8_name utf8_name(const char *name, unsigned int columns);

/* The same for a text of any length, cut and marked where @size (2 at least) ends. */
void utf8_text(char *out, size_t size, const char *text);

/*
 * A message of any length for a terminal: only what cannot be shown becomes \xHH, also line breaks. Names
 * in it may have been made printable before.
 */
void utf8_put(const char *text, FILE *out);

#endif /* OUTPUT_UTF8_H */
