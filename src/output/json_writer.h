/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Writes JSON (RFC 8259). Whatever is called, in whatever order of values, what comes out is valid:
 * commas, nesting, escaping and the text of numbers are taken care of here and nowhere else.
 *
 * Every function that writes a value takes its @key inside an object and NULL inside an array. Times
 * are numbers of nanoseconds; addresses, which pass 2^53, are strings (jw_hex()).
 */
#ifndef OUTPUT_JSON_WRITER_H
#define OUTPUT_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JW_DEPTH_MAX 16

struct jw {
	FILE *out;
	unsigned int depth;
	struct {
		char end; /* what closes it */
		bool any; /* has a value */
		bool lines; /* one value a line */
	} level[JW_DEPTH_MAX];
};

/* Begins a document on @out. */
void jw_begin(struct jw *j, FILE *out);

/* Ends it with a newline. Returns 0, or a negative errno when anything was not written. */
int jw_end(struct jw *j);

/*
 * Containers. With _lines each value begins a line of its own; the others, and all that is inside
 * them, stay on one line.
 */
void jw_object(struct jw *j, const char *key);
void jw_object_lines(struct jw *j, const char *key);
void jw_array(struct jw *j, const char *key);
void jw_array_lines(struct jw *j, const char *key);

/* Closes the innermost container. */
void jw_close(struct jw *j);

void jw_null(struct jw *j, const char *key);
void jw_bool(struct jw *j, const char *key, bool value);
void jw_u64(struct jw *j, const char *key, uint64_t value);
void jw_i64(struct jw *j, const char *key, int64_t value);

/* @value when @known, else null. */
void jw_maybe(struct jw *j, const char *key, bool known, uint64_t value);

/* A number with at most six decimals, between 0 and 1e9. */
void jw_decimal(struct jw *j, const char *key, double value);

/* The same with a sign, between -1e9 and 1e9. */
void jw_signed(struct jw *j, const char *key, double value);

/* "0x7f12a4000000" */
void jw_hex(struct jw *j, const char *key, uint64_t value);

/* Any bytes up to a NUL: what is not UTF-8 becomes U+FFFD. NULL is written as null. */
void jw_string(struct jw *j, const char *key, const char *value);

/* The same, but the empty string, which means unknown, is written as null. */
void jw_name(struct jw *j, const char *key, const char *value);

#endif /* OUTPUT_JSON_WRITER_H */
