/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What tests of the text format have in common. To be included after cmocka.h. */
#ifndef TESTS_SCREEN_H
#define TESTS_SCREEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "output/output.h"
#include "sample_report.h"

/* What the text format writes; to be freed. Not inlined: gcc takes it for dangling. */
static __attribute__((noinline)) char *screen_show(const struct iopf_report *report,
						   const struct output_opts *opts)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	assert_int_equal(output_text(report, opts, f), 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

/* Makes one space of every run of spaces and line breaks. */
static inline void screen_squeeze(char *text)
{
	char *to = text;

	if (!*text)
		return;
	for (text++, to++; *text; text++) {
		char c = *text == '\n' ? ' ' : *text;

		if (c != ' ' || to[-1] != ' ')
			*to++ = c;
	}
	*to = '\0';
}

/* Whether the usual screen of a report has this text somewhere, however it is broken into lines. */
static inline void screen_assert_shows(const struct iopf_report *report, const char *expected)
{
	struct output_opts opts;
	char *text;

	output_opts_init(&opts);
	text = screen_show(report, &opts);
	screen_squeeze(text);
	if (!strstr(text, expected))
		fail_msg("'%s' is not in: %s", expected, text);
	free(text);
}

/* Every line fits the width, as the C library measures it, and nothing in it moves the cursor. */
static inline void screen_assert_fits(const char *text, unsigned int width)
{
	wchar_t wide[1024];
	char line[4096];
	size_t len, i;

	while (*text) {
		unsigned int columns = 0;

		len = strcspn(text, "\n");
		assert_true(len < sizeof(line));
		memcpy(line, text, len);
		line[len] = '\0';
		if (len > 0 && line[len - 1] == ' ')
			fail_msg("space at the end: '%s'", line);
		len = mbstowcs(wide, line, sizeof(wide) / sizeof(wide[0]));
		if (len == (size_t)-1)
			fail_msg("not UTF-8: %s", line);
		for (i = 0; i < len; i++) {
			int columns_of = wcwidth(wide[i]);

			assert_true(wide[i] >= 0x20 && wide[i] != 0x7f);
			columns += columns_of < 0 ? 1 : (unsigned int)columns_of;
		}
		if (columns > width)
			fail_msg("%u columns: %s", columns, line);
		text += strlen(line);
		assert_true(*text == '\n'); /* the last line ends, too */
		text++;
	}
}

/* Options of any kind. */
static inline void screen_any_options(struct output_opts *opts, uint64_t *random)
{
	size_t i;

	output_opts_init(opts);
	opts->nr_percentiles = sample_random(random) % (OUTPUT_PERCENTILES_MAX + 1);
	for (i = 0; i < opts->nr_percentiles; i++)
		opts->percentile[i] = (double)(sample_random(random) % 100000000) / 1e6;
	opts->unit = (enum units_time)(sample_random(random) % 5);
	opts->verbose = sample_random(random) % 2;
	opts->quiet = sample_random(random) % 8 == 0;
	opts->slowest = sample_random(random) % 20;
	opts->width = sample_random(random) % 4 ? 80 : 80 + sample_random(random) % 50;
}

#endif /* TESTS_SCREEN_H */
