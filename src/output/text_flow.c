// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <stdarg.h>
#include <string.h>

#define OUTPUT_TEXT_PRIVATE
#include "text_private.h"

#define ITEM_MAX 4096

void text_flow_begin(struct text_flow *f, const struct text *t, const char *separator,
		     unsigned int indent, unsigned int column)
{
	*f = (struct text_flow){
		.t = t, .separator = separator, .indent = indent, .column = column
	};
}

/* A label in @columns, and a flow with dots beside it. */
static void begin_label(struct text_flow *f, const struct text *t, const char *label,
			unsigned int columns)
{
	text_style(t, TEXT_DIM);
	fprintf(t->out, " %-*s", (int)columns - 1, label);
	text_style(t, TEXT_PLAIN);
	text_flow_begin(f, t, " \xc2\xb7 ", columns, columns);
}

void text_flow_label(struct text_flow *f, const struct text *t, const char *label)
{
	begin_label(f, t, label, TEXT_INDENT);
}

void text_flow_story(struct text_flow *f, const struct text *t, const char *label)
{
	begin_label(f, t, label, TEXT_STORY_INDENT);
}

void text_flow_break(struct text_flow *f)
{
	putc('\n', f->t->out);
	text_spaces(f->t, f->indent);
	f->column = f->indent;
	f->any = false;
}

/* How many bytes of @s fill at most @columns. */
static size_t prefix(const char *s, size_t len, unsigned int columns)
{
	unsigned int used = 0;
	size_t taken = 0;
	uint32_t cp;

	while (taken < len) {
		size_t n = utf8_decode(s + taken, len - taken, &cp);

		used += n ? utf8_width(cp) : 1;
		if (used > columns)
			break;
		taken += n ? n : 1;
	}
	return taken;
}

/* Where to break what no line can hold: after @part bytes, or at the last space before. */
static size_t break_at(const char *s, size_t part)
{
	size_t at = part;

	while (at > 0 && s[at] != ' ')
		at--;
	while (at > 0 && s[at - 1] == ' ')
		at--;
	return at ? at : part;
}

/* Writes one thing that should stay whole; it is broken only when no line could hold it. */
static void put(struct text_flow *f, const char *s, size_t len)
{
	const struct text *t = f->t;

	if (f->column > f->indent && !text_flow_fits(f, utf8_columns_of(s, len)))
		text_flow_break(f);
	if (f->any) {
		fputs(f->separator, t->out);
		f->column += utf8_columns(f->separator);
	}
	while (f->column + utf8_columns_of(s, len) > t->opts->width) {
		size_t part = break_at(s, prefix(s, len, t->opts->width - f->column));

		fwrite(s, 1, part, t->out);
		part += strspn(s + part, " ");
		s += part;
		len -= part;
		text_flow_break(f);
	}
	fwrite(s, 1, len, t->out);
	f->column += utf8_columns_of(s, len);
	f->any = true;
}

bool text_flow_fits(const struct text_flow *f, unsigned int columns)
{
	unsigned int gap = f->any ? utf8_columns(f->separator) : 0;

	return f->column + gap + columns <= f->t->opts->width;
}

void text_flow_item(struct text_flow *f, const char *fmt, ...)
{
	char item[ITEM_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(item, sizeof(item), fmt, args);
	va_end(args);
	put(f, item, strlen(item));
}

void text_flow_words(struct text_flow *f, const char *fmt, ...)
{
	char text[ITEM_MAX], *word = text;
	va_list args;
	size_t len;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	for (;;) {
		word += strspn(word, " ");
		len = strcspn(word, " ");
		if (len == 0)
			break;
		put(f, word, len);
		word += len;
	}
}

void text_flow_end(struct text_flow *f)
{
	putc('\n', f->t->out);
}
