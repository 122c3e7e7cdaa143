// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <stdio.h>
#include <string.h>

#include "utf8.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct range {
	uint32_t first, last;
};

/* Whether @cp is in one of the ranges. */
static bool in_ranges(const struct range *ranges, size_t nr, uint32_t cp)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return true;
	return false;
}

size_t utf8_decode(const char *s, size_t len, uint32_t *cp)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *u = (const unsigned char *)s;
	size_t n, i;

	if (len == 0)
		return 0;
	if (u[0] < 0x80) {
		*cp = u[0];
		return 1;
	}
	n = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
	if (u[0] < 0xc2 || u[0] > 0xf4 || n > len)
		return 0;
	*cp = u[0] & (0x7fU >> n);
	for (i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (u[i] & 0x3f);
	}
	if (*cp < smallest[n] || *cp > 0x10ffff || (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return n;
}

bool utf8_printable(uint32_t cp)
{
	static const struct range hidden[] = {
		{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x00ad, 0x00ad }, { 0x061c, 0x061c },
		{ 0x115f, 0x1160 }, { 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
		{ 0x2060, 0x206f }, { 0x3164, 0x3164 }, { 0xd800, 0xf8ff }, { 0xfe00, 0xfe0f },
		{ 0xfeff, 0xfeff }, { 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0xe0000, 0x10ffff },
	};

	return !in_ranges(hidden, ARRAY_SIZE(hidden), cp);
}

unsigned int utf8_width(uint32_t cp)
{
	static const struct range wide[] = {
		{ 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2329, 0x232a },
		{ 0x23e9, 0x23f3 },   { 0x25fd, 0x25fe },   { 0x2614, 0x27bf },
		{ 0x2b1b, 0x2b55 },   { 0x2e80, 0xa4cf },   { 0xa960, 0xa97f },
		{ 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },   { 0xfe10, 0xfe6f },
		{ 0xff01, 0xff60 },   { 0xffe0, 0xffe6 },   { 0x16fe0, 0x1b2ff },
		{ 0x1f000, 0x1faff }, { 0x20000, 0x3fffd },
	};

	return in_ranges(wide, ARRAY_SIZE(wide), cp) ? 2 : 1;
}

unsigned int utf8_columns_of(const char *s, size_t len)
{
	unsigned int columns = 0;
	size_t n;
	uint32_t cp;

	for (; len > 0; s += n, len -= n) {
		n = 1;
		/* Nearly all is printable ASCII. */
		if (*s >= ' ' && *s <= '~') {
			columns++;
			continue;
		}
		n = utf8_decode(s, len, &cp);
		columns += n ? utf8_width(cp) : 1;
		n = n ? n : 1;
	}
	return columns;
}

unsigned int utf8_columns(const char *s)
{
	return utf8_columns_of(s, strlen(s));
}

/* One character of a name as it is shown, in @shown; gives the bytes of the name it took. */
static size_t show_char(const char *s, size_t len, char shown[5])
{
	uint32_t cp;
	size_t n = utf8_decode(s, len, &cp);

	if (n == 0 || !utf8_printable(cp) || (cp == ' ' && len == 1)) {
		snprintf(shown, 5, "\\x%02x", (unsigned char)*s);
		return 1;
	}
	if (cp == '\\') {
		memcpy(shown, "\\\\", 3);
		return 1;
	}
	memcpy(shown, s, n);
	shown[n] = '\0';
	return n;
}

struct utf8_name utf8_name(const char *name, unsigned int columns)
{
	struct utf8_name out = { "" };
	size_t len = name ? strlen(name) : 0;
	size_t fits = 0; /* bytes of out.s that leave a column for the mark */
	size_t used = 0;
	unsigned int width = 0;

	if (columns > UTF8_NAME_MAX - 1)
		columns = UTF8_NAME_MAX - 1;
	while (len > 0) {
		char shown[5];
		size_t n = show_char(name, len, shown);

		width += utf8_columns(shown);
		if (width > columns) {
			out.s[fits] = '\0';
			if (columns)
				memcpy(out.s + fits, "~", 2);
			break;
		}
		memcpy(out.s + used, shown, strlen(shown) + 1);
		used += strlen(shown);
		if (width < columns)
			fits = used;
		name += n;
		len -= n;
	}
	return out;
}

void utf8_text(char *out, size_t size, const char *text)
{
	size_t len = text ? strlen(text) : 0;
	size_t fits = 0; /* bytes that leave room for the mark */
	size_t used = 0;

	while (len > 0) {
		char shown[5];
		size_t n = show_char(text, len, shown);

		if (used + strlen(shown) + 1 > size) {
			memcpy(out + fits, "~", 2);
			return;
		}
		memcpy(out + used, shown, strlen(shown));
		used += strlen(shown);
		if (used + 2 <= size)
			fits = used;
		text += n;
		len -= n;
	}
	out[used] = '\0';
}

void utf8_put(const char *text, FILE *out)
{
	size_t len = strlen(text), n;

	for (; len > 0; text += n, len -= n) {
		char shown[5];

		n = 1;
		if (*text == '\\' || *text == ' ') {
			putc(*text, out);
			continue;
		}
		n = show_char(text, len, shown);
		fputs(shown, out);
	}
}
