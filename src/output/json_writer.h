/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Writes JSON (RFC 8259). Whatever is called, in whatever order of values, what comes out is valid:
 * commas, nesting, escaping and the text of numbers are taken care of here and nowhere else.
 *
 * Every function that writes a value takes its @key inside an object and NULL inside an array. Times
 * are numbers of nanoseconds; addresses, which pass 2^53, are strings (json_hex()).
 */
#ifndef OUTPUT_JSON_WRITER_H
#define OUTPUT_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH_MAX 16

struct json {
	FILE *out;
	unsigned int depth;
	struct {
		char end; /* what closes it */
		bool any; /* has a value */
		bool lines; /* one value a line */
	} level[JSON_DEPTH_MAX];
};

/* Begins a document on @out. */
void json_begin(struct json *j, FILE *out);

/* Ends it with a newline. Returns 0, or a negative errno when anything was not written. */
int json_end(struct json *j);

/*
 * Containers. With _lines each value begins a line of its own; the others, and all that is inside
 * them, stay on one line.
 */
void json_object(struct json *j, const char *key);
void json_object_lines(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
void json_array_lines(struct json *j, const char *key);

/* Closes the innermost container. */
void json_close(struct json *j);

void json_null(struct json *j, const char *key);
void json_bool(struct json *j, const char *key, bool value);
void json_u64(struct json *j, const char *key, uint64_t value);
void json_i64(struct json *j, const char *key, int64_t value);

/* @value when @known, else null. */
void json_maybe(struct json *j, const char *key, bool known, uint64_t value);

/* A number with at most six decimals, between 0 and 1e9. */
void json_decimal(struct json *j, const char *key, double value);

/* "0x7f12a4000000" */
void json_hex(struct json *j, const char *key, uint64_t value);

/* Any bytes up to a NUL: what is not UTF-8 becomes U+FFFD. NULL is written as null. */
void json_string(struct json *j, const char *key, const char *value);

/* The same, but the empty string, which means unknown, is written as null. */
void json_name(struct json *j, const char *key, const char *value);

#endif /* OUTPUT_JSON_WRITER_H */
