// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "json_writer.h"
#include "output.h"
#include "units.h"
#include "utf8.h"

/* Writes a string with its quotes. */
static void quote(struct jw *j, const char *s)
{
	size_t len = strlen(s), n;
	uint32_t cp;

	putc('"', j->out);
	for (; len > 0; s += n, len -= n) {
		n = utf8_decode(s, len, &cp);
		if (n == 0) {
			fputs("\xef\xbf\xbd", j->out); /* U+FFFD */
			n = 1;
		} else if (cp == '"' || cp == '\\') {
			fprintf(j->out, "\\%c", (char)cp);
		} else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 || cp == 0x2029) {
			fprintf(j->out, "\\u%04" PRIx32, cp);
		} else {
			fwrite(s, 1, n, j->out);
		}
	}
	putc('"', j->out);
}

/* Begins a value: the comma before it, its place on the line, its key. */
static void value(struct jw *j, const char *key)
{
	unsigned int i;

	if (j->depth > 0) {
		bool *any = &j->level[j->depth - 1].any;

		if (*any)
			putc(',', j->out);
		if (j->level[j->depth - 1].lines) {
			putc('\n', j->out);
			for (i = 0; i < j->depth; i++)
				fputs("  ", j->out);
		} else if (*any) {
			putc(' ', j->out);
		}
		*any = true;
		assert((key != NULL) == (j->level[j->depth - 1].end == '}'));
	}
	if (key) {
		quote(j, key);
		fputs(": ", j->out);
	}
}

/* Opens a container. */
static void open_level(struct jw *j, const char *key, const char *ends, bool lines)
{
	assert(j->depth < JW_DEPTH_MAX);
	value(j, key);
	putc(ends[0], j->out);
	j->level[j->depth].end = ends[1];
	j->level[j->depth].any = false;
	j->level[j->depth].lines = lines && (j->depth == 0 || j->level[j->depth - 1].lines);
	j->depth++;
}

void jw_begin(struct jw *j, FILE *out)
{
	*j = (struct jw){ .out = out };
}

int jw_end(struct jw *j)
{
	assert(j->depth == 0);
	putc('\n', j->out);
	return output_flush(j->out);
}

void jw_object(struct jw *j, const char *key)
{
	open_level(j, key, "{}", false);
}

void jw_object_lines(struct jw *j, const char *key)
{
	open_level(j, key, "{}", true);
}

void jw_array(struct jw *j, const char *key)
{
	open_level(j, key, "[]", false);
}

void jw_array_lines(struct jw *j, const char *key)
{
	open_level(j, key, "[]", true);
}

void jw_close(struct jw *j)
{
	unsigned int i;

	assert(j->depth > 0);
	j->depth--;
	if (j->level[j->depth].lines && j->level[j->depth].any) {
		putc('\n', j->out);
		for (i = 0; i < j->depth; i++)
			fputs("  ", j->out);
	}
	putc(j->level[j->depth].end, j->out);
}

void jw_null(struct jw *j, const char *key)
{
	value(j, key);
	fputs("null", j->out);
}

void jw_bool(struct jw *j, const char *key, bool val)
{
	value(j, key);
	fputs(val ? "true" : "false", j->out);
}

void jw_u64(struct jw *j, const char *key, uint64_t val)
{
	value(j, key);
	fprintf(j->out, "%" PRIu64, val);
}

void jw_i64(struct jw *j, const char *key, int64_t val)
{
	value(j, key);
	fprintf(j->out, "%" PRId64, val);
}

void jw_maybe(struct jw *j, const char *key, bool known, uint64_t val)
{
	if (known)
		jw_u64(j, key, val);
	else
		jw_null(j, key);
}

void jw_decimal(struct jw *j, const char *key, double val)
{
	value(j, key);
	fputs(units_decimal(val).s, j->out);
}

void jw_signed(struct jw *j, const char *key, double val)
{
	struct units_text text = units_decimal(val < 0 ? -val : val);

	value(j, key);
	if (val < 0 && strcmp(text.s, "0"))
		putc('-', j->out);
	fputs(text.s, j->out);
}

void jw_hex(struct jw *j, const char *key, uint64_t val)
{
	value(j, key);
	fprintf(j->out, "\"0x%" PRIx64 "\"", val);
}

void jw_string(struct jw *j, const char *key, const char *val)
{
	if (!val) {
		jw_null(j, key);
		return;
	}
	value(j, key);
	quote(j, val);
}

void jw_name(struct jw *j, const char *key, const char *val)
{
	jw_string(j, key, val && *val ? val : NULL);
}
