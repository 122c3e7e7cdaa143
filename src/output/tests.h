/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A report as a list of tests, for the formats that CI systems read: one for the run being
 * conclusive, one for each rule, one for each assertion, always in this order; and one for the command
 * if there was one.
 */
#ifndef OUTPUT_TESTS_H
#define OUTPUT_TESTS_H

#include "output.h"
#include "sentence.h"

enum test_result {
	TEST_PASSED,
	TEST_FAILED,
	TEST_ERROR, /* it could not be told */
	TEST_SKIPPED,
	TEST_RESULTS
};

struct test {
	const char *suite; /* "run", "rules", "assertions" */
	const char *type; /* of a failure: "IOPF003", "assertion", ... */
	char name[128]; /* printable, without '#', unique in its suite */
	enum test_result result;
	struct sentence why; /* one line, printable; empty when there is nothing to say */
	FILE *story; /* what there is to read beside it goes here; lines that end */
};

/* Called for each; @story is the text of test->story, maybe empty. 0, or what ends it. */
typedef int (*test_fn)(void *arg, const struct test *test, const char *story);

/* How many there are. */
size_t tests_number(const struct iopf_report *r, const struct output_opts *opts);

/* Goes through all of them. Returns 0, what @fn returned, or -ENOMEM. */
int tests_each(const struct iopf_report *r, const struct output_opts *opts, test_fn fn, void *arg);

#endif /* OUTPUT_TESTS_H */
