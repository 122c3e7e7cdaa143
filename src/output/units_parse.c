// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "units.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* More digits than this cannot mean anything here, and 10^18 fits 64 bits. */
#define MAX_DECIMALS 18

/* A decimal number as written: @digits / 10^@decimals. */
struct decimal {
	uint64_t digits;
	unsigned int decimals;
};

struct unit {
	const char *name;
	uint64_t factor;
};

/* Notes what is wrong. */
static int fail(int err, const char **why, const char *text)
{
	*why = text;
	return err;
}

/* Appends @len digits at @text to @d; false when it gets too large. */
static bool append_digits(struct decimal *d, const char *text, size_t len)
{
	for (; len > 0; len--, text++)
		if (__builtin_mul_overflow(d->digits, 10, &d->digits) ||
		    __builtin_add_overflow(d->digits, (uint64_t)(*text - '0'), &d->digits))
			return false;
	return true;
}

/* Reads the number at @text; gives where it ends, or NULL with @why. */
static const char *parse_decimal(const char *text, struct decimal *d, const char **why)
{
	static const char digits[] = "0123456789";
	size_t whole = strspn(text, digits);
	const char *fraction = text[whole] == '.' ? text + whole + 1 : "";
	size_t decimals = strspn(fraction, digits);
	const char *end = text + whole + (text[whole] == '.' ? 1 + decimals : 0);

	*d = (struct decimal){ 0 };
	*why = "is not a number";
	if (whole + decimals == 0)
		return NULL;
	while (decimals > 0 && fraction[decimals - 1] == '0')
		decimals--;
	*why = "has too many decimals";
	if (decimals > MAX_DECIMALS)
		return NULL;
	*why = "is too large";
	if (!append_digits(d, text, whole) || !append_digits(d, fraction, decimals))
		return NULL;
	d->decimals = (unsigned int)decimals;
	return end;
}

/* @d times @factor, which must come out whole. */
static int scale(const struct decimal *d, uint64_t factor, uint64_t *result, const char *fine,
		 const char **why)
{
	unsigned __int128 value = (unsigned __int128)d->digits * factor;
	uint64_t divisor = 1;
	unsigned int i;

	for (i = 0; i < d->decimals; i++)
		divisor *= 10;
	if (value % divisor)
		return fail(-EINVAL, why, fine);
	if (value / divisor > UINT64_MAX)
		return fail(-ERANGE, why, "is too large");
	*result = (uint64_t)(value / divisor);
	return 0;
}

/* The factor of the unit named @name, 0 = there is none. */
static uint64_t find_unit(const struct unit *units, size_t nr, const char *name)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (strcmp(units[i].name, name) == 0)
			return units[i].factor;
	return 0;
}

int units_parse_duration(const char *text, uint64_t *ns, const char **why)
{
	static const struct unit units[] = {
		{ "", 1000000000 },	 { "ns", 1 },
		{ "us", 1000 },		 { "\xc2\xb5s", 1000 }, /* U+00B5 micro sign */
		{ "\xce\xbcs", 1000 }, /* U+03BC small letter mu */
		{ "ms", 1000000 },	 { "s", 1000000000 },
		{ "m", 60000000000 },	 { "h", 3600000000000 },
		{ "d", 86400000000000 },
	};
	struct decimal d;
	uint64_t factor;

	text = parse_decimal(text, &d, why);
	if (!text)
		return -EINVAL;
	factor = find_unit(units, ARRAY_SIZE(units), text);
	if (!factor)
		return fail(-EINVAL, why, "has an unknown unit: use ns, us, ms, s, m, h or d");
	return scale(&d, factor, ns, "is finer than a nanosecond", why);
}

int units_parse_size(const char *text, uint64_t *bytes, const char **why)
{
	static const char letters[] = "KMGT";
	struct decimal d;
	uint64_t factor = 1;
	const char *letter;

	text = parse_decimal(text, &d, why);
	if (!text)
		return -EINVAL;
	letter = *text ? strchr(letters, toupper((unsigned char)*text)) : NULL;
	if (letter) {
		factor <<= 10 * (letter - letters + 1);
		text++;
		if (strncasecmp(text, "ib", 2) == 0)
			text += 2;
	}
	if (*text && strcasecmp(text, "b") != 0)
		return fail(-EINVAL, why, "has an unknown unit: use K, M, G or T");
	return scale(&d, factor, bytes, "is not a whole number of bytes", why);
}

int units_parse_percent(const char *text, double *percent, const char **why)
{
	struct decimal d;
	uint64_t millionths;
	int err;

	text = parse_decimal(text, &d, why);
	if (!text)
		return -EINVAL;
	if (*text)
		return fail(-EINVAL, why, "is not a number");
	err = scale(&d, 1000000, &millionths, "has more than six decimals", why);
	if (err)
		return err;
	if (millionths > 100 * 1000000)
		return fail(-ERANGE, why, "is more than 100");
	*percent = (double)millionths / 1e6;
	return 0;
}

/* The value of a digit of base @base, or -1. */
static int digit_value(char c, unsigned int base)
{
	int value = isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;

	if (!isxdigit((unsigned char)c) || (unsigned int)value >= base)
		return -1;
	return value;
}

int units_parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *n, const char **why)
{
	unsigned int base = 10;
	uint64_t value = 0;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	if (!*text)
		return fail(-EINVAL, why, "is not a number");
	for (; *text; text++) {
		int digit = digit_value(*text, base);

		if (digit < 0)
			return fail(-EINVAL, why, "is not a whole number");
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit, &value))
			return fail(-ERANGE, why, "is too large");
	}
	if (value < min)
		return fail(-ERANGE, why, "is too small");
	if (value > max)
		return fail(-ERANGE, why, "is too large");
	*n = value;
	return 0;
}
