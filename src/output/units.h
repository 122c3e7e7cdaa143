/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Numbers as people write and read them. Independent of the locale, exact where the text is exact.
 */
#ifndef OUTPUT_UNITS_H
#define OUTPUT_UNITS_H

#include <stdint.h>

/* The unit times are shown in. */
enum units_time {
	UNITS_AUTO, /* whichever makes the number short */
	UNITS_NS,
	UNITS_US,
	UNITS_MS,
	UNITS_S,
};

/* A short text by value, so that it can stand in an argument list: units_count(n).s */
struct units_text {
	char s[32];
};

/*
 * A duration with two or three significant digits: "610ns", "1.1us", "94us", "2.4s", "17m". With a
 * fixed unit at most 12 characters, by exponent when it must be ("6.1e-7s").
 */
struct units_text units_duration(uint64_t ns, enum units_time unit);

/* How long a run took: "203 ms", "12.4 s", "12 min 34 s", "3 h 25 min". */
struct units_text units_elapsed(uint64_t ns);

/* A moment of a run: "1.203 s". */
struct units_text units_seconds(uint64_t ns);

/*
 * The same with as many decimals as @step_ns has: "1.2035", of steps of 500 us; with three more where it
 * lies between two steps. No unit.
 */
struct units_text units_moment(uint64_t ns, uint64_t step_ns);

/* "16,384" */
struct units_text units_count(uint64_t n);

/* A size in the largest unit that is exact: "64M", "4K", "100". */
struct units_text units_size(uint64_t bytes);

/* Up to six decimals, without trailing zeros: "99.9", "50". @value is taken between 0 and 1e9. */
struct units_text units_decimal(double value);

/* A share between 0 and 1 as a percentage: "84.9%", "100%", "<0.1%". */
struct units_text units_share(double share);

/*
 * The parsers take the whole of @text. They return 0, or -EINVAL or -ERANGE with @why set to what is
 * wrong with it, a phrase that follows the text: "5 parsecs: unknown unit ...".
 */

/* "5ms", "100us", "1.5s", "2m"; a number without a unit is in seconds. */
int units_parse_duration(const char *text, uint64_t *ns, const char **why);

/* "4096", "4K", "1.5M", "1GiB": always powers of 1024. */
int units_parse_size(const char *text, uint64_t *bytes, const char **why);

/* "50", "99.9": from 0 to 100, at most six decimals. */
int units_parse_percent(const char *text, double *percent, const char **why);

/* "311", "0x137": a whole number between @min and @max. */
int units_parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *n, const char **why);

#endif /* OUTPUT_UNITS_H */
