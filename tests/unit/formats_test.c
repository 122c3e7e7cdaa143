// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What holds for every format of a report, and for those that come. */
#include <errno.h>

#include "format.h"
#include "sample_report.h"

static void what_was_not_written_is_an_error(void **state)
{
	const struct output_format *formats;
	struct output_opts opts;
	struct sample sample;
	size_t nr, tried = 0;

	(void)state;
	output_opts_init(&opts);
	sample_pass(&sample);
	formats = output_formats(&nr);
	for (size_t i = 0; i < nr; i++) {
		FILE *full = fopen("/dev/full", "w");

		assert_non_null(full);
		if (formats[i].write && formats[i].write(&sample.report, &opts, full) != -ENOSPC)
			fail_msg("%s does not tell", formats[i].name);
		tried += formats[i].write != NULL;
		fclose(full);
	}
	assert_true(tried >= 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_not_written_is_an_error),
	};

	return cmocka_run_group_tests_name("formats", tests, NULL, NULL);
}
