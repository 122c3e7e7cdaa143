/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A format of reports, as its tests use it. */
#ifndef IOPFTRACE_TESTS_FORMAT_H
#define IOPFTRACE_TESTS_FORMAT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "output/output.h"

typedef int (*format_fn)(const struct iopf_report *report, const struct output_opts *opts,
			 FILE *out);

/* What it writes; to be freed. (Inlined, gcc 12 takes what the stream allocates for the local.) */
static __attribute__((noinline, unused)) char *
format_show(format_fn format, const struct iopf_report *report, const struct output_opts *opts)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	assert_int_equal(format(report, opts, f), 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(strlen(text), size);
	return text;
}

#endif /* IOPFTRACE_TESTS_FORMAT_H */
