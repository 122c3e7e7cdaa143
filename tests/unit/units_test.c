// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Numbers and names as people write and read them. */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>
#include <cmocka.h>

#include "output/units.h"
#include "output/utf8.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static void durations_are_short(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0ns" },
		{ 7, "7ns" },
		{ 610, "610ns" },
		{ 999, "999ns" },
		{ 1000, "1.0us" },
		{ 1149, "1.1us" },
		{ 1150, "1.2us" },
		{ 9949, "9.9us" },
		{ 9950, "10us" },
		{ 12345, "12us" },
		{ 999499, "999us" },
		{ 999500, "1.0ms" },
		{ 2400000000, "2.4s" },
		{ 119499999999, "119s" },
		{ 119500000000, "2.0m" },
		{ 3600000000000, "60m" },
		{ 7200000000000, "2.0h" },
		{ 86400000000000, "24h" },
		{ 172800000000000, "2.0d" },
		{ UINT64_MAX, "213504d" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(units_duration(cases[i].ns, UNITS_AUTO).s, cases[i].text);
}

static void durations_keep_their_unit(void **state)
{
	static const struct {
		uint64_t ns;
		enum units_time unit;
		const char *text;
	} cases[] = {
		{ 0, UNITS_US, "0.00us" },
		{ 610, UNITS_NS, "610ns" },
		{ 610, UNITS_US, "0.610us" },
		{ 14, UNITS_US, "0.014us" },
		{ 999600, UNITS_MS, "1.00ms" },
		{ 610, UNITS_MS, "6.1e-4ms" },
		{ 610, UNITS_S, "6.1e-7s" },
		{ 9994, UNITS_US, "9.99us" },
		{ 9996, UNITS_US, "10.0us" },
		{ 12345, UNITS_US, "12.3us" },
		{ 9700000, UNITS_US, "9700us" },
		{ 9700000, UNITS_NS, "9700000ns" },
		{ 9700000, UNITS_MS, "9.70ms" },
		{ 999999999, UNITS_NS, "999999999ns" },
		{ 1000000000, UNITS_NS, "1.0e9ns" },
		{ 1449999999999, UNITS_NS, "1.4e12ns" },
		{ 9960000000000, UNITS_NS, "1.0e13ns" },
		{ UINT64_MAX, UNITS_NS, "1.8e19ns" },
		{ UINT64_MAX, UNITS_S, "1.8e10s" },
		{ 1, UNITS_S, "1e-9s" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(units_duration(cases[i].ns, cases[i].unit).s, cases[i].text);
}

/* Whatever is shown is close to the truth, reads back, and is narrow. */
static void durations_read_back(void **state)
{
	static const unsigned int widths[] = { 7, 12, 12, 12, 12 };
	uint64_t ns = 1;
	unsigned int unit;

	(void)state;
	for (; ns < UINT64_MAX / 2; ns += ns / 4 + 1) {
		for (unit = UNITS_AUTO; unit <= UNITS_S; unit++) {
			struct units_text text = units_duration(ns, (enum units_time)unit);
			const char *why = "";
			uint64_t back;

			assert_true(strlen(text.s) <= widths[unit]);
			if (strchr(text.s, 'e'))
				continue;
			assert_int_equal(units_parse_duration(text.s, &back, &why), 0);
			assert_true(back > ns - ns / 18 - 1 && back < ns + ns / 18 + 1);
		}
	}
}

static void elapsed_times_are_words(void **state)
{
	(void)state;
	assert_string_equal(units_elapsed(0).s, "0 ns");
	assert_string_equal(units_elapsed(4560).s, "4.56 us");
	assert_string_equal(units_elapsed(203000000).s, "203 ms");
	assert_string_equal(units_elapsed(1203000000).s, "1.20 s");
	assert_string_equal(units_elapsed(12403000000).s, "12.4 s");
	assert_string_equal(units_elapsed(99960000000).s, "100 s");
	assert_string_equal(units_elapsed(754000000000).s, "12 min 34 s");
	assert_string_equal(units_elapsed(12300000000000).s, "3 h 25 min");
	assert_string_equal(units_seconds(1203000000).s, "1.203 s");
	assert_string_equal(units_seconds(999999999).s, "1.000 s");
}

static void counts_and_shares(void **state)
{
	(void)state;
	assert_string_equal(units_count(0).s, "0");
	assert_string_equal(units_count(999).s, "999");
	assert_string_equal(units_count(1000).s, "1,000");
	assert_string_equal(units_count(UINT64_MAX).s, "18,446,744,073,709,551,615");
	assert_string_equal(units_size(0).s, "0");
	assert_string_equal(units_size(1000).s, "1000");
	assert_string_equal(units_size(4096).s, "4K");
	assert_string_equal(units_size(64 << 20).s, "64M");
	assert_string_equal(units_size(1536).s, "1536");
	assert_string_equal(units_decimal(99.9).s, "99.9");
	assert_string_equal(units_decimal(50).s, "50");
	assert_string_equal(units_decimal(0).s, "0");
	assert_string_equal(units_decimal(99.999999).s, "99.999999");
	assert_string_equal(units_decimal(-1).s, "0");
	assert_string_equal(units_share(0.849).s, "84.9%");
	assert_string_equal(units_share(1).s, "100%");
	assert_string_equal(units_share(0).s, "0%");
	assert_string_equal(units_share(0.0001).s, "<0.1%");
	assert_string_equal(units_share(0.9996).s, "100%");
}

static void durations_parse(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {
		{ "5ms", 5000000 },
		{ "100us", 100000 },
		{ "1.5s", 1500000000 },
		{ "5", 5000000000 },
		{ ".5", 500000000 },
		{ "2.", 2000000000 },
		{ "7ns", 7 },
		{ "2m", 120000000000 },
		{ "1h", 3600000000000 },
		{ "1\xc2\xb5s", 1000 },
		{ "1\xce\xbcs", 1000 },
		{ "0", 0 },
		{ "0.000000001", 1 },
		{ "1.50000us", 1500 },
		{ "0.0005ms", 500 },
		{ "18446744073709551615ns", UINT64_MAX },
	};
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "is not a number" },
		{ "ms", "is not a number" },
		{ "-5", "is not a number" },
		{ " 5", "is not a number" },
		{ "5 ms", "has an unknown unit: use ns, us, ms, s, m, h or d" },
		{ "5x", "has an unknown unit: use ns, us, ms, s, m, h or d" },
		{ "1.2.3", "has an unknown unit: use ns, us, ms, s, m, h or d" },
		{ "1.5ns", "is finer than a nanosecond" },
		{ "0.0000000001", "is finer than a nanosecond" },
		{ "0.0000000000000000001", "has too many decimals" },
		{ "18446744073709551616ns", "is too large" },
		{ "99999999999", "is too large" },
	};
	const char *why;
	uint64_t ns;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(units_parse_duration(good[i].text, &ns, &why), 0);
		assert_true(ns == good[i].ns);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_true(units_parse_duration(bad[i].text, &ns, &why) < 0);
		assert_string_equal(why, bad[i].why);
	}
}

static void sizes_parse(void **state)
{
	const char *why;
	uint64_t n;

	(void)state;
	assert_int_equal(units_parse_size("4096", &n, &why), 0);
	assert_true(n == 4096);
	assert_int_equal(units_parse_size("4K", &n, &why), 0);
	assert_true(n == 4096);
	assert_int_equal(units_parse_size("16MiB", &n, &why), 0);
	assert_true(n == 16 << 20);
	assert_int_equal(units_parse_size("1.5g", &n, &why), 0);
	assert_true(n == 3ULL << 29);
	assert_int_equal(units_parse_size("10b", &n, &why), 0);
	assert_true(n == 10);
	assert_int_equal(units_parse_size("1.5", &n, &why), -EINVAL);
	assert_string_equal(why, "is not a whole number of bytes");
	assert_int_equal(units_parse_size("4Q", &n, &why), -EINVAL);
	assert_string_equal(why, "has an unknown unit: use K, M, G or T");
	assert_int_equal(units_parse_size("99999999999T", &n, &why), -ERANGE);
	assert_string_equal(why, "is too large");
	assert_int_equal(units_parse_size("K", &n, &why), -EINVAL);
	assert_string_equal(why, "is not a number");
}

static void percents_and_numbers_parse(void **state)
{
	const char *why;
	double percent;
	uint64_t n;

	(void)state;
	assert_int_equal(units_parse_percent("99.9", &percent, &why), 0);
	assert_true(percent >= 99.9 && percent <= 99.9);
	assert_int_equal(units_parse_percent("100", &percent, &why), 0);
	assert_int_equal(units_parse_percent("100.1", &percent, &why), -ERANGE);
	assert_string_equal(why, "is more than 100");
	assert_int_equal(units_parse_percent("50%", &percent, &why), -EINVAL);
	assert_string_equal(why, "is not a number");
	assert_int_equal(units_parse_percent("1.0000001", &percent, &why), -EINVAL);
	assert_string_equal(why, "has more than six decimals");
	assert_int_equal(units_parse_number("0x137", 0, 1000, &n, &why), 0);
	assert_true(n == 311);
	assert_int_equal(units_parse_number("311", 0, 311, &n, &why), 0);
	assert_int_equal(units_parse_number("312", 0, 311, &n, &why), -ERANGE);
	assert_string_equal(why, "is too large");
	assert_int_equal(units_parse_number("0", 1, 311, &n, &why), -ERANGE);
	assert_string_equal(why, "is too small");
	assert_int_equal(units_parse_number("", 0, 1, &n, &why), -EINVAL);
	assert_int_equal(units_parse_number("0x", 0, 1, &n, &why), -EINVAL);
	assert_int_equal(units_parse_number("12a", 0, 99, &n, &why), -EINVAL);
	assert_string_equal(why, "is not a whole number");
	assert_int_equal(units_parse_number("18446744073709551616", 0, UINT64_MAX, &n, &why),
			 -ERANGE);
}

/* Against the C library, for every character there is. */
static void utf8_agrees_with_the_library(void **state)
{
	uint32_t cp, back;
	char s[8];

	(void)state;
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	for (cp = 1; cp < 0x110000; cp++) {
		mbstate_t shift = { 0 };
		size_t n = wcrtomb(s, (wchar_t)cp, &shift);

		if (n == (size_t)-1)
			continue;
		assert_int_equal(utf8_decode(s, n, &back), n);
		assert_true(back == cp);
		assert_int_equal(utf8_decode(s, n - 1, &back), 0);
		if (!utf8_printable(cp))
			continue;
		assert_false(iswcntrl((wint_t)cp));
		assert_true(wcwidth((wchar_t)cp) <= (int)utf8_width(cp));
	}
	setlocale(LC_CTYPE, "C");
}

static void utf8_refuses_what_is_broken(void **state)
{
	static const char *const broken[] = {
		"\x80",
		"\xc0\x80",
		"\xc1\xbf",
		"\xe0\x80\x80",
		"\xed\xa0\x80",
		"\xf0\x80\x80\x80",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff",
		"\xe2\x28\xa1",
		"\xc3(",
	};
	uint32_t cp;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(broken); i++)
		assert_int_equal(utf8_decode(broken[i], strlen(broken[i]), &cp), 0);
	assert_int_equal(utf8_decode("", 0, &cp), 0);
}

static void names_are_harmless(void **state)
{
	(void)state;
	assert_string_equal(utf8_name(NULL, 10).s, "");
	assert_string_equal(utf8_name("vcpu3", 10).s, "vcpu3");
	assert_string_equal(utf8_name("\033[31m", 15).s, "\\x1b[31m");
	assert_string_equal(utf8_name("a\\b", 15).s, "a\\\\b");
	assert_string_equal(utf8_name("\xff\xc3\xa9", 15).s, "\\xff\xc3\xa9");
	assert_string_equal(utf8_name("a\xe2\x80\xae"
				      "b",
				      15)
				    .s,
			    "a\\xe2\\x80\\xaeb");
	assert_string_equal(utf8_name("iou-wrk-12345", 8).s, "iou-wrk~");
	assert_string_equal(utf8_name("iou-wrk1", 8).s, "iou-wrk1");
	assert_string_equal(utf8_name("\xe4\xbb\xae\xe6\x83\xb3", 4).s, "\xe4\xbb\xae\xe6\x83\xb3");
	assert_string_equal(utf8_name("\xe4\xbb\xae\xe6\x83\xb3", 3).s, "\xe4\xbb\xae~");
	assert_string_equal(utf8_name("abc", 0).s, "");
	assert_string_equal(utf8_name(" a ", 9).s, " a\\x20");
	assert_int_equal(utf8_columns("\xe4\xbb\xae\xc3\xa9"
				      "a"),
			 4);
}

static void moments_between_steps_are_told_finer(void **state)
{
	(void)state;
	assert_string_equal(units_moment(3000000000, 1000000000).s, "3");
	assert_string_equal(units_moment(2500000000, 1000000000).s, "2.500");
	assert_string_equal(units_moment(7483920193, 1000000000).s, "7.483");
	assert_string_equal(units_moment(1203500000, 500000).s, "1.2035");
	assert_string_equal(units_moment(17, 10).s, "0.000000017");
	assert_string_equal(units_moment(0, 0).s, "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_are_short),
		cmocka_unit_test(durations_keep_their_unit),
		cmocka_unit_test(durations_read_back),
		cmocka_unit_test(elapsed_times_are_words),
		cmocka_unit_test(counts_and_shares),
		cmocka_unit_test(durations_parse),
		cmocka_unit_test(sizes_parse),
		cmocka_unit_test(percents_and_numbers_parse),
		cmocka_unit_test(utf8_agrees_with_the_library),
		cmocka_unit_test(utf8_refuses_what_is_broken),
		cmocka_unit_test(names_are_harmless),
		cmocka_unit_test(moments_between_steps_are_told_finer),
	};

	return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}
