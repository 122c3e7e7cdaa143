/* SPDX-License-Identifier: GPL-2.0-only */
/* Just enough to write JSON: keeps track of commas and indentation. */
#ifndef LOAD_JSON_H
#define LOAD_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *f;
	int depth;
	bool more; /* something came before on this level */
};

/* @key is NULL inside a list. @bracket is '{' or '[' */
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);
void json_number(struct json *j, const char *key, int64_t value);
void json_string(struct json *j, const char *key, const char *value);
void json_bool(struct json *j, const char *key, bool value);

#endif
