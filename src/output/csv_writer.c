// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <inttypes.h>
#include <string.h>

#include "csv_writer.h"
#include "utf8.h"

/* Begins a field. */
static void field(struct csv *c)
{
	if (c->any)
		putc(',', c->out);
	c->any = true;
}

void csv_end(struct csv *c)
{
	fputs("\r\n", c->out);
	c->any = false;
}

void csv_empty(struct csv *c)
{
	field(c);
}

void csv_u64(struct csv *c, uint64_t value)
{
	field(c);
	fprintf(c->out, "%" PRIu64, value);
}

void csv_i64(struct csv *c, int64_t value)
{
	field(c);
	fprintf(c->out, "%" PRId64, value);
}

void csv_maybe(struct csv *c, bool known, uint64_t value)
{
	if (known)
		csv_u64(c, value);
	else
		csv_empty(c);
}

void csv_hex(struct csv *c, uint64_t value)
{
	field(c);
	fprintf(c->out, "0x%" PRIx64, value);
}

/* One character of a text; gives the bytes of the text it took. */
static size_t put_char(FILE *out, const char *s, size_t len)
{
	uint32_t cp = 0;
	size_t n = utf8_decode(s, len, &cp);
	bool control = cp < 0x20 || (cp >= 0x7f && cp < 0xa0);

	if (n == 0 || (control && cp != '\r' && cp != '\n')) {
		fputs("\xef\xbf\xbd", out); /* U+FFFD */
		return n ? n : 1;
	}
	if (cp == '"')
		putc('"', out);
	fwrite(s, 1, n, out);
	return n;
}

/* Whether a cell that begins so would be run, but for the ' before it. */
static bool is_formula(const char *s)
{
	/* As wide as an ideograph these are taken for the same: U+FF1D, U+FF0B, U+FF0D, U+FF20. */
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
					    "\xef\xbc\xa0" };

	s += strspn(s, "' \r\n"); /* blanks are skipped by some */
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (!strncmp(s, wide[i], strlen(wide[i])))
			return true;
	return *s && strchr("=+-@", *s);
}

/* A field; of a name that others chose if @foreign. */
static void put_text(struct csv *c, const char *text, bool foreign)
{
	size_t len = text ? strlen(text) : 0, n;
	/* Blanks at the ends are stripped by some readers unless they are in quotes. */
	bool quoted = len && (text[strcspn(text, foreign ? ",;\"\r\n" : ",\"\r\n")] ||
			      *text == ' ' || text[len - 1] == ' ');
	bool begins = foreign;

	field(c);
	if (quoted)
		putc('"', c->out);
	for (; len > 0; text += n, len -= n) {
		if (begins && is_formula(text))
			putc('\'', c->out);
		begins = foreign && *text == ';';
		n = put_char(c->out, text, len);
	}
	if (quoted)
		putc('"', c->out);
}

void csv_text(struct csv *c, const char *text)
{
	put_text(c, text, false);
}

void csv_foreign(struct csv *c, const char *name)
{
	put_text(c, name, true);
}
