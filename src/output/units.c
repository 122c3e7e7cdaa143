// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "units.h"

#define NS_PER_US 1000ULL
#define NS_PER_MS 1000000ULL
#define NS_PER_S 1000000000ULL
#define NS_PER_MIN (60 * NS_PER_S)
#define NS_PER_HOUR (3600 * NS_PER_S)
#define NS_PER_DAY (86400 * NS_PER_S)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Formats into a text. What does not fit is cut; nothing here comes near. */
__attribute__((format(printf, 1, 2))) static struct units_text format(const char *fmt, ...)
{
	struct units_text text;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text.s, sizeof(text.s), fmt, args);
	va_end(args);
	return text;
}

/* @a / @b rounded half up, without overflow. */
static uint64_t divide(uint64_t a, uint64_t b)
{
	return a / b + (a % b >= b - b / 2 ? 1 : 0);
}

/* @ns in tenths of @unit_ns, rounded half up; only for values that are below some units. */
static uint64_t tenths(uint64_t ns, uint64_t unit_ns)
{
	return (uint64_t)(((unsigned __int128)ns * 10 + unit_ns / 2) / unit_ns);
}

/* Whichever unit keeps the number below its limit. */
static struct units_text duration_auto(uint64_t ns)
{
	static const struct {
		uint64_t ns, limit;
		const char *name;
	} units[] = {
		{ NS_PER_US, 1000, "us" }, { NS_PER_MS, 1000, "ms" },
		{ NS_PER_S, 120, "s" },	   { NS_PER_MIN, 120, "m" },
		{ NS_PER_HOUR, 48, "h" },  { NS_PER_DAY, UINT64_MAX, "d" },
	};
	size_t i;

	if (ns < NS_PER_US)
		return format("%uns", (unsigned int)ns);
	for (i = 0; i < ARRAY_SIZE(units) - 1; i++)
		if (divide(ns, units[i].ns) < units[i].limit)
			break;
	if (ns < 10 * units[i].ns && tenths(ns, units[i].ns) < 100)
		return format("%u.%u%s", (unsigned int)tenths(ns, units[i].ns) / 10,
			      (unsigned int)tenths(ns, units[i].ns) % 10, units[i].name);
	return format("%llu%s", (unsigned long long)divide(ns, units[i].ns), units[i].name);
}

/* @ns in units of 10^@digits ns as "1.2e12" or "6.1e-7": two digits and the exponent. */
static struct units_text duration_exponent(uint64_t ns, int digits, const char *name)
{
	uint64_t power = 1;
	int exponent = -digits;
	unsigned int mantissa;

	if (ns < 10)
		return format("%ue%d%s", (unsigned int)ns, exponent, name);
	for (exponent++; ns / power >= 100; exponent++)
		power *= 10;
	mantissa = (unsigned int)divide(ns, power);
	if (mantissa == 100) {
		mantissa = 10;
		exponent++;
	}
	return format("%u.%ue%d%s", mantissa / 10, mantissa % 10, exponent, name);
}

/* @ns in units of @unit / @scale ns, rounded. */
static unsigned int fixed_point(uint64_t ns, uint64_t unit, unsigned int scale)
{
	return (unsigned int)divide(ns * scale, unit);
}

/* In the unit of 10^@digits ns, with three significant digits where there are fewer than that. */
static struct units_text duration_fixed(uint64_t ns, int digits, const char *name)
{
	uint64_t unit = 1;
	unsigned int n;
	int i;

	for (i = 0; i < digits; i++)
		unit *= 10;
	if (ns / unit >= NS_PER_S || (ns > 0 && ns < unit / 100))
		return duration_exponent(ns, digits, name);
	if (unit == 1 || ns >= 100 * unit)
		return format("%llu%s", (unsigned long long)divide(ns, unit), name);
	n = fixed_point(ns, unit, 1000);
	if (ns && n < 1000)
		return format("0.%03u%s", n, name);
	n = fixed_point(ns, unit, 100);
	if (n < 1000)
		return format("%u.%02u%s", n / 100, n % 100, name);
	n = fixed_point(ns, unit, 10);
	return format("%u.%u%s", n / 10, n % 10, name);
}

struct units_text units_duration(uint64_t ns, enum units_time unit)
{
	switch (unit) {
	case UNITS_NS:
		return duration_fixed(ns, 0, "ns");
	case UNITS_US:
		return duration_fixed(ns, 3, "us");
	case UNITS_MS:
		return duration_fixed(ns, 6, "ms");
	case UNITS_S:
		return duration_fixed(ns, 9, "s");
	case UNITS_AUTO:
		break;
	}
	return duration_auto(ns);
}

/* A number of thousandths with three significant digits: "4.56", "45.6", "456". */
static struct units_text three_digits(uint64_t thousandths, const char *unit)
{
	if (thousandths < 9995)
		return format("%u.%02u %s", (unsigned int)divide(thousandths, 10) / 100,
			      (unsigned int)divide(thousandths, 10) % 100, unit);
	if (thousandths < 99950)
		return format("%u.%u %s", (unsigned int)divide(thousandths, 100) / 10,
			      (unsigned int)divide(thousandths, 100) % 10, unit);
	return format("%llu %s", (unsigned long long)divide(thousandths, 1000), unit);
}

struct units_text units_elapsed(uint64_t ns)
{
	uint64_t s = divide(ns, NS_PER_S);

	if (ns < NS_PER_US)
		return format("%u ns", (unsigned int)ns);
	if (ns < NS_PER_MS)
		return three_digits(ns, "us");
	if (ns < NS_PER_S)
		return three_digits(divide(ns, NS_PER_US), "ms");
	if (s < 120)
		return three_digits(divide(ns, NS_PER_MS), "s");
	if (s < 7200)
		return format("%u min %u s", (unsigned int)s / 60, (unsigned int)s % 60);
	return format("%llu h %u min", (unsigned long long)(s / 3600),
		      (unsigned int)(s % 3600) / 60);
}

struct units_text units_seconds(uint64_t ns)
{
	uint64_t ms = divide(ns, NS_PER_MS);

	return format("%llu.%03u s", (unsigned long long)(ms / 1000), (unsigned int)(ms % 1000));
}

struct units_text units_moment(uint64_t ns, uint64_t step_ns)
{
	unsigned long long unit = 1;
	int decimals = 9;

	if (step_ns && ns % step_ns)
		step_ns = step_ns > 1000 ? step_ns / 1000 : 1;
	for (; decimals && step_ns % 10 == 0; step_ns /= 10, unit *= 10)
		decimals--;
	if (!decimals)
		return format("%llu", ns / NS_PER_S);
	return format("%llu.%0*llu", ns / NS_PER_S, decimals, ns % NS_PER_S / unit);
}

struct units_text units_count(uint64_t n)
{
	char reversed[32];
	struct units_text text;
	size_t len = 0, i;
	int digits = 0;

	do {
		if (digits && digits % 3 == 0)
			reversed[len++] = ',';
		reversed[len++] = (char)('0' + n % 10);
		digits++;
		n /= 10;
	} while (n);
	for (i = 0; i < len; i++)
		text.s[i] = reversed[len - 1 - i];
	text.s[len] = '\0';
	return text;
}

struct units_text units_size(uint64_t bytes)
{
	static const char suffix[] = { '\0', 'K', 'M', 'G', 'T' };
	size_t i = 0;

	while (bytes && bytes % 1024 == 0 && i < ARRAY_SIZE(suffix) - 1) {
		bytes /= 1024;
		i++;
	}
	if (!suffix[i])
		return format("%llu", (unsigned long long)bytes);
	return format("%llu%c", (unsigned long long)bytes, suffix[i]);
}

struct units_text units_decimal(double value)
{
	uint64_t millionths;
	struct units_text text;
	size_t len;

	if (!(value > 0))
		value = 0;
	if (value > 1e9)
		value = 1e9;
	millionths = (uint64_t)(value * 1e6 + 0.5);
	text = format("%llu.%06u", (unsigned long long)(millionths / 1000000),
		      (unsigned int)(millionths % 1000000));
	len = strlen(text.s);
	while (text.s[len - 1] == '0')
		text.s[--len] = '\0';
	if (text.s[len - 1] == '.')
		text.s[len - 1] = '\0';
	return text;
}

struct units_text units_share(double share)
{
	unsigned int permille;

	if (!(share > 0))
		return format("0%%");
	permille = share > 99 ? 99000 : (unsigned int)(share * 1000 + 0.5);
	if (permille == 0)
		return format("<0.1%%");
	if (permille >= 1000)
		return format("%u%%", (permille + 5) / 10);
	return format("%u.%u%%", permille / 10, permille % 10);
}
