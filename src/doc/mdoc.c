// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "mdoc.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "links.h"

#define SOURCE_WIDTH 76 /* of lines of source, which nobody is to scroll for */

#ifndef IOPFTRACE_VERSION
#define IOPFTRACE_VERSION "unknown"
#endif

/* A word of source on its way out. */
struct word {
	char *text;
	size_t size;
	FILE *out;
	bool code, strong, emphasis;
	char last; /* its last character that ends a sentence or not; 0 = none yet */
	unsigned int dots; /* it has had, to tell "e.g." from an end */
};

void mdoc_begin(struct mdoc *m, FILE *out, const char *title, int section, const char *date)
{
	*m = (struct mdoc){ .out = out };
	/* The first line tells man(1) that there are tables. */
	fprintf(out,
		"'\\\" t\n"
		".\\\" SPDX-License-Identifier: GPL-2.0-only OR MIT\n"
		".\\\" Generated: see src/doc in the source.\n"
		".Dd %s\n.Dt ",
		date);
	for (; *title; title++)
		mdoc_char(out, (char)toupper((unsigned char)*title), false);
	fprintf(out, " %d\n.Os \"iopftrace " IOPFTRACE_VERSION "\"\n.nr doc-hyphen-flags 0\n.nh\n",
		section);
}

void mdoc_break(struct mdoc *m)
{
	if (m->column)
		putc('\n', m->out);
	m->column = 0;
}

void mdoc_line(struct mdoc *m, const char *fmt, ...)
{
	va_list args;

	mdoc_break(m);
	va_start(args, fmt);
	vfprintf(m->out, fmt, args);
	va_end(args);
	putc('\n', m->out);
}

void mdoc_char(FILE *out, char c, bool code)
{
	switch (c) {
	case '\\':
		fputs("\\e", out);
		break;
	case '\'':
		fputs("\\(aq", out);
		break;
	case '`':
		fputs("\\(ga", out);
		break;
	case '^':
		fputs("\\(ha", out);
		break;
	case '~':
		fputs("\\(ti", out);
		break;
	case '-':
		fputs(code ? "\\-" : "-", out);
		break;
	default:
		putc(c, out);
	}
}

void mdoc_code(FILE *out, const char *text)
{
	for (; *text; text++)
		mdoc_char(out, *text, true);
}

/* A heading's words. */
static void put_title(struct mdoc *m, const char *macro, const char *title, size_t len, bool upper)
{
	size_t i;

	mdoc_break(m);
	fprintf(m->out, "%s ", macro);
	for (i = 0; i < len; i++)
		mdoc_char(m->out, upper ? (char)toupper((unsigned char)title[i]) : title[i], false);
	putc('\n', m->out);
	m->parted = false;
}

void mdoc_section(struct mdoc *m, const char *title, size_t len)
{
	put_title(m, ".Sh", title, len, true);
}

void mdoc_subsection(struct mdoc *m, const char *title, size_t len)
{
	put_title(m, ".Ss", title, len, false);
}

void mdoc_part(struct mdoc *m)
{
	if (m->parted)
		mdoc_line(m, ".Pp");
	m->parted = true;
}

/* Begins an empty word, in the font that the one before had. */
static void word_begin(struct word *w)
{
	w->out = open_memstream(&w->text, &w->size);
	if (!w->out)
		abort();
	w->last = 0;
	w->dots = 0;
	if (w->code || w->strong)
		fputs("\\fB", w->out);
	else if (w->emphasis)
		fputs("\\fI", w->out);
}

/* Puts a word into the line, or the next. Ends the line behind the end of a sentence. */
static void word_end(struct mdoc *m, struct word *w)
{
	bool end = w->last && strchr(".!?", w->last) && w->dots < 2 && !w->code;

	if (w->last && (w->code || w->strong || w->emphasis))
		fputs("\\fP", w->out);
	fclose(w->out);
	if (w->last) {
		if (m->column && !m->whole && m->column + 1 + w->size > SOURCE_WIDTH)
			mdoc_break(m);
		else if (m->column)
			m->column += fprintf(m->out, " ") > 0;
		if (!m->column && strchr(".'", w->text[0]))
			fputs("\\&", m->out);
		fputs(w->text, m->out);
		m->column += (unsigned int)w->size;
		if (w->last == '.' && !end)
			fputs("\\&", m->out);
		if (end && !m->whole)
			mdoc_break(m);
	}
	free(w->text);
}

/* A character of a word. */
static void word_char(struct word *w, char c)
{
	bool dash = c == '-' && !w->last; /* of an option */

	mdoc_char(w->out, c, w->code || dash || (c == '-' && w->last == '-'));
	if (w->last && strchr(")\"'", c))
		return; /* behind the end of a sentence */
	w->last = c;
	w->dots += c == '.';
}

/* The end of the part of @text that begins with the opening mark, or NULL when it is none. */
static const char *closing(const char *text, const char *end, const char *mark)
{
	const char *at = memmem(text, (size_t)(end - text), mark, strlen(mark));

	return at && at > text ? at : NULL;
}

/* Switches a font within a word. */
static void word_font(struct word *w, bool *font, const char *escape)
{
	*font = !*font;
	fputs(*font ? escape : "\\fP", w->out);
}

/* Whether '*' at @at begins or ends *emphasis*. */
static bool emphasis(const struct word *w, const char *at, const char *end)
{
	const char *close;

	if (w->emphasis)
		return true;
	close = closing(at + 1, end, "*");
	return close && isalnum((unsigned char)at[1]) && isalnum((unsigned char)close[-1]);
}

/* A word that is the placeholder of an option: "TIME". Returns how long it is, or 0. */
static size_t placeholder(const struct mdoc *m, const char *text, const char *at, const char *end)
{
	size_t len = m->placeholder ? strlen(m->placeholder) : 0;

	if (!len || (size_t)(end - at) < len || memcmp(at, m->placeholder, len) ||
	    (at > text && isalnum((unsigned char)at[-1])) ||
	    (at + len < end && isalnum((unsigned char)at[len])))
		return 0;
	return len;
}

/* A link as text: the manual page that it leads to, or its words. Returns where it ends, or NULL. */
static const char *put_link(struct word *w, const char *at, const char *end)
{
	const char *middle = closing(at + 1, end, "]("), *close;
	const char *page;

	close = middle ? closing(middle + 2, end, ")") : NULL;
	if (!close)
		return NULL;
	page = links_page(middle + 2, (size_t)(close - middle - 2));
	if (page) {
		w->last = 'x';
		fprintf(w->out, "%s", page);
		return close + 1;
	}
	for (at++; at < middle; at++)
		if (*at != '`')
			word_char(w, *at);
	return close + 1;
}

/* Takes what stands at @at into the word: a mark, a link, or a character. Returns what follows it. */
static const char *take(struct mdoc *m, struct word *w, const char *text, const char *at,
			const char *end)
{
	const char *next;
	size_t len;

	if (*at == '`' && (w->code || closing(at + 1, end, "`"))) {
		word_font(w, &w->code, "\\fB");
		return at + 1;
	}
	if (w->code) {
		word_char(w, *at);
		return at + 1;
	}
	if (end - at > 2 && !memcmp(at, "**", 2) && (w->strong || closing(at + 2, end, "**"))) {
		word_font(w, &w->strong, "\\fB");
		return at + 2;
	}
	if (*at == '*' && emphasis(w, at, end)) {
		word_font(w, &w->emphasis, "\\fI");
		return at + 1;
	}
	next = *at == '[' ? put_link(w, at, end) : NULL;
	if (next)
		return next;
	len = placeholder(m, text, at, end);
	if (len) {
		fprintf(w->out, "\\fI%.*s\\fP", (int)len, at);
		w->last = 'x';
		return at + len;
	}
	word_char(w, *at);
	return at + 1;
}

void mdoc_words(struct mdoc *m, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	struct word w = { .code = false };

	word_begin(&w);
	while (at < end) {
		if (!isspace((unsigned char)*at)) {
			at = take(m, &w, text, at, end);
			continue;
		}
		word_end(m, &w);
		word_begin(&w);
		at++;
	}
	word_end(m, &w);
}

void mdoc_text(struct mdoc *m, const char *text)
{
	mdoc_words(m, text, strlen(text));
}

/* How many spaces all lines begin with. */
static size_t indentation(const char *text, size_t len)
{
	const char *line, *end = text + len, *next;
	size_t least = len;

	for (line = text; line < end; line = next + 1) {
		size_t spaces = strspn(line, " ");

		next = memchr(line, '\n', (size_t)(end - line));
		if (!next)
			next = end;
		if (line + spaces < next && spaces < least)
			least = spaces;
	}
	return least;
}

void mdoc_literal(struct mdoc *m, const char *text, size_t len)
{
	size_t indent = indentation(text, len);
	const char *line, *end = text + len, *next;

	mdoc_line(m, ".Bd -literal -offset 2n");
	for (line = text; line < end; line = next + 1) {
		next = memchr(line, '\n', (size_t)(end - line));
		if (!next)
			next = end;
		line += (size_t)(next - line) > indent ? indent : (size_t)(next - line);
		if (line < next && strchr(".'", *line))
			fputs("\\&", m->out);
		for (; line < next; line++)
			mdoc_char(m->out, *line, true);
		putc('\n', m->out);
	}
	mdoc_line(m, ".Ed");
	m->parted = true;
}
