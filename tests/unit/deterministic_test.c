// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* --deterministic: the same run on another host, at another time, by another version, shows the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cmd/options.h"
#include "sample_report.h"

/* What a format writes of the sample; to be freed. */
static char *shown(const struct output_format *format, bool deterministic, bool elsewhere)
{
	static struct sample s;
	struct output_opts opts;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	sample_pass(&s);
	s.report.version = elsewhere ? "7.7.7" : "6.6.6";
	s.report.kernel = elsewhere ? "6.17.0-there" : "6.12.0-here";
	s.report.start_realtime_ns = elsewhere ? 1800000000000000000ULL : 1700000000000000000ULL;
	output_opts_init(&opts);
	opts.verbose = true;
	opts.deterministic = deterministic;
	assert_int_equal(format->write(&s.report, &opts, f), 0);
	fclose(f);
	return text;
}

/* Whether the same is shown of both. */
static bool is_same(const struct output_format *format, bool deterministic)
{
	char *here = shown(format, deterministic, false),
	     *there = shown(format, deterministic, true);
	bool same = strcmp(here, there) == 0;

	if (deterministic && (strstr(here, "6.6.6") || strstr(here, "-here")))
		same = false;
	free(here);
	free(there);
	return same;
}

static void every_format(void **state)
{
	const struct output_format *formats;
	size_t nr, differ = 0;

	(void)state;
	formats = output_formats(&nr);
	for (size_t i = 0; i < nr; i++) {
		if (!formats[i].write)
			continue;
		differ += !is_same(&formats[i], false);
		if (!is_same(&formats[i], true))
			fail_msg("%s tells of the host, of the time or of the version",
				 formats[i].name);
	}
	assert_true(differ >= 4); /* without it they do tell */
}

static void it_can_be_asked_for(void **state)
{
	char *argv[] = { "iopftrace", "report", "--deterministic", NULL };
	struct options_error error;
	struct options options;

	(void)state;
	assert_int_equal(options_parse(&options, 2, argv, &error), 0);
	assert_false(options.show.deterministic);
	assert_int_equal(options_parse(&options, 3, argv, &error), 0);
	assert_true(options.show.deterministic);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format),
		cmocka_unit_test(it_can_be_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
