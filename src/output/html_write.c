// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define OUTPUT_HTML_PRIVATE
#include "html_private.h"

struct html_key html_key(const char *fmt, ...)
{
	struct html_key key;
	va_list args;

	va_start(args, fmt);
	vsnprintf(key.s, sizeof(key.s), fmt, args);
	va_end(args);
	return key;
}

void html_raw(const struct html *h, const char *markup)
{
	fputs(markup, h->out);
}

/* Printable text, escaped for content and for attributes. */
static void escape(const struct html *h, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			fputs("&amp;", h->out);
			break;
		case '<':
			fputs("&lt;", h->out);
			break;
		case '>':
			fputs("&gt;", h->out);
			break;
		case '"':
			fputs("&quot;", h->out);
			break;
		case '\'':
			fputs("&#39;", h->out);
			break;
		default:
			putc(*s, h->out);
		}
	}
}

/* Formats printable text and escapes it. */
static void say(const struct html *h, const char *fmt, va_list args)
{
	char text[sizeof(struct sentence)];

	vsnprintf(text, sizeof(text), fmt, args);
	escape(h, text);
}

void html_say(const struct html *h, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(h, fmt, args);
	va_end(args);
}

void html_outside(const struct html *h, const char *text, const char *otherwise)
{
	struct sentence s = { "", 0 };

	sentence_add_text(&s, text);
	escape(h, s.len ? s.s : otherwise);
}

void html_task(const struct html *h, const char *comm, uint32_t tid)
{
	html_outside(h, comm, "?");
	fprintf(h->out, "/%" PRIu32, tid);
}

/* The beginning of an element that shows a number; the caller closes the tag. */
static void begin_number(const struct html *h, const char *element, const struct html_key *key)
{
	fprintf(h->out, "<%s class=\"n\"", element);
	if (key->s[0]) {
		fputs(" data-key=\"", h->out);
		escape(h, key->s);
		putc('"', h->out);
	}
}

void html_count(const struct html *h, const char *element, uint64_t n, struct html_key key)
{
	begin_number(h, element, &key);
	fprintf(h->out, " data-value=\"%" PRIu64 "\">%s</%s>", n, units_count(n).s, element);
}

void html_time(const struct html *h, const char *element, bool known, uint64_t ns,
	       struct html_key key)
{
	begin_number(h, element, &key);
	if (known)
		fprintf(h->out, " data-value=\"%" PRIu64 "\" title=\"%s ns\">%s</%s>", ns,
			units_count(ns).s, units_duration(ns, h->opts->unit).s, element);
	else
		fprintf(h->out, " data-value=\"null\" title=\"not known\">-</%s>", element);
}

void html_element(const struct html *h, const char *element, const char *fmt, ...)
{
	va_list args;

	fprintf(h->out, "<%s>", element);
	va_start(args, fmt);
	say(h, fmt, args);
	va_end(args);
	fprintf(h->out, "</%s>", element);
}

void html_section(const struct html *h, const char *id, const char *title)
{
	fprintf(h->out, "\n<section id=\"%s\" aria-labelledby=\"%s-h\">\n<h2 id=\"%s-h\">", id, id,
		id);
	escape(h, title);
	html_raw(h, "</h2>\n");
}

void html_section_end(const struct html *h)
{
	html_raw(h, "</section>\n");
}

/* One head, up to @len. */
static void put_head(const struct html *h, const char *head, size_t len)
{
	bool number = len && *head == '>';

	fprintf(h->out, "<th scope=\"col\"%s>%.*s</th>", number ? " class=\"n\"" : "",
		(int)(len - number), head + number);
}

void html_table(const struct html *h, const char *class, const char *caption, const char *heads)
{
	/* Who has no mouse scrolls with the keyboard, which takes something to focus. */
	fprintf(h->out,
		"<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"%s\">"
		"<table class=\"%s\">\n<caption>%s</caption>\n<thead><tr>",
		caption, class, caption);
	while (*heads) {
		size_t len = strcspn(heads, "|");

		put_head(h, heads, len);
		heads += len;
		heads += *heads == '|';
	}
	html_raw(h, "</tr></thead>\n<tbody>\n");
}

void html_table_end(const struct html *h)
{
	html_raw(h, "</tbody></table></div>\n");
}

void html_lines(const struct html *h, const char *element, const struct sentence *s)
{
	const char *line = s->s;

	while (*line) {
		size_t len = strcspn(line, "\n");

		html_element(h, element, "%.*s", (int)len, line);
		putc('\n', h->out);
		line += len;
		line += *line == '\n';
	}
}

void html_figure(const struct html *h, const char *id, const char *caption, const char *description,
		 unsigned int height)
{
	fprintf(h->out,
		"<figure id=\"%s\">\n<figcaption>%s</figcaption>\n"
		"<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"%s\">"
		"<svg class=\"plot\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %u\" "
		"role=\"img\" aria-labelledby=\"%s-d\">\n<desc id=\"%s-d\">",
		id, caption, caption, HTML_PLOT_WIDTH, height, id, id);
	html_say(h, "%s", description);
	html_raw(h, "</desc>\n");
}
