// SPDX-License-Identifier: GPL-2.0-only
/* Writing JSON. The outer two levels get a line for each member. */
#include <inttypes.h>

#include "json.h"

#define LINE_DEPTH 2

static void put_string(struct json *j, const char *s)
{
	fputc('"', j->f);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(j->f, "\\%c", c);
		else if (c < 0x20)
			fprintf(j->f, "\\u%04x", c);
		else
			fputc(c, j->f);
	}
	fputc('"', j->f);
}

static void line(struct json *j)
{
	if (j->depth > LINE_DEPTH)
		return;
	fputc('\n', j->f);
	for (int i = 0; i < j->depth; i++)
		fputs("  ", j->f);
}

static void begin(struct json *j, const char *key)
{
	if (j->more)
		fputs(j->depth > LINE_DEPTH ? ", " : ",", j->f);
	if (j->depth)
		line(j);
	j->more = true;
	if (!key)
		return;
	put_string(j, key);
	fputs(": ", j->f);
}

void json_open(struct json *j, const char *key, char bracket)
{
	begin(j, key);
	fputc(bracket, j->f);
	j->depth++;
	j->more = false;
}

void json_close(struct json *j, char bracket)
{
	bool empty = !j->more;

	j->depth--;
	if (!empty && j->depth < LINE_DEPTH)
		line(j);
	fputc(bracket, j->f);
	j->more = true;
	if (!j->depth)
		fputc('\n', j->f);
}

void json_number(struct json *j, const char *key, int64_t value)
{
	begin(j, key);
	fprintf(j->f, "%" PRId64, value);
}

void json_string(struct json *j, const char *key, const char *value)
{
	begin(j, key);
	put_string(j, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin(j, key);
	fputs(value ? "true" : "false", j->f);
}
