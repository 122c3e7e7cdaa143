// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The report as KTAP version 1 (Documentation/dev-tools/ktap.rst of the kernel). What there is to
 * read about a test stands before its result, as diagnostic lines.
 */
#include <string.h>

#include "output.h"
#include "tests.h"

struct ktap {
	FILE *out;
	size_t nr;
};

/* Each line of a text as a diagnostic line. */
static void put_diagnostics(FILE *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		fprintf(out, len ? "# %.*s\n" : "#\n", (int)len, text);
		text += len;
		text += *text == '\n';
	}
}

/* A directive with its reason, in which another '#' might be taken for one. */
static void put_directive(FILE *out, const char *directive, const char *why)
{
	fprintf(out, " # %s ", directive);
	for (; *why; why++)
		putc(*why == '#' ? '_' : *why, out);
}

/* One test. */
static int put(void *arg, const struct test *test, const char *story)
{
	bool ok = test->result == TEST_PASSED || test->result == TEST_SKIPPED;
	struct ktap *k = arg;

	k->nr++;
	if (test->why.len && (test->result == TEST_PASSED || test->result == TEST_FAILED))
		fprintf(k->out, "# %s: %s\n", test->name, test->why.s);
	put_diagnostics(k->out, story);
	fprintf(k->out, "%s %zu %s", ok ? "ok" : "not ok", k->nr, test->name);
	if (test->result == TEST_SKIPPED)
		put_directive(k->out, "SKIP", test->why.s);
	if (test->result == TEST_ERROR)
		put_directive(k->out, "ERROR", test->why.s);
	putc('\n', k->out);
	return 0;
}

int output_ktap(const struct iopf_report *report, const struct output_opts *opts, FILE *out)
{
	struct ktap k = { .out = out };
	int err;

	fprintf(out, "KTAP version 1\n1..%zu\n", tests_number(report, opts));
	err = tests_each(report, opts, put, &k);
	return err ? err : output_flush(out);
}
