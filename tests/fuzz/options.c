// SPDX-License-Identifier: GPL-2.0-only
/* Command lines: a word on each line. Nothing is run by them but --help. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/help.h"
#include "cmd/options.h"
#include "harness.h"

#define WORDS_MAX 64

/* What help there is. */
static void show_help(const struct options *options)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	if (options->verb_given)
		help_verb(options->verb, out);
	else
		help_overview(out);
	fclose(out);
	fuzz_is_printable(text, size);
	free(text);
}

/* What was taken is what it may be. */
static void check_options(const struct options *o)
{
	for (size_t i = 0; i < o->show.nr_percentiles; i++)
		if (!(o->show.percentile[i] >= 0 && o->show.percentile[i] <= 100))
			fuzz_fail("a percentile of %g", o->show.percentile[i]);
	if (o->nr_pids > OPTIONS_PIDS_MAX || o->nr_operands > OPTIONS_OPERANDS_MAX ||
	    o->nr_assertions > OPTIONS_ASSERTIONS_MAX || o->nr_fail_on > OPTIONS_CONDITIONS_MAX ||
	    o->nr_by > IOPF_KEYS || o->show.nr_percentiles > OUTPUT_PERCENTILES_MAX)
		fuzz_fail("more of something than there is room for");
	if (o->buffer_bytes & (o->buffer_bytes - 1))
		fuzz_fail("a buffer of %llu bytes", (unsigned long long)o->buffer_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[4096], *rest = text, *word, *argv[WORDS_MAX + 1] = { "iopftrace" };
	struct iopf_breakdown_opts breakdown = { 0 };
	struct options_error error = { .text = "" };
	struct options options;
	int argc = 1;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	while (argc < WORDS_MAX && (word = strsep(&rest, "\n")))
		argv[argc++] = word;
	fuzz_begin();
	if (options_parse(&options, argc, argv, &error)) {
		if (!*error.text)
			fuzz_fail("it is wrong, and nobody says how");
		fuzz_is_printable(error.text, strlen(error.text));
	} else if (options.action == OPTIONS_HELP) {
		show_help(&options);
	} else if (options.action == OPTIONS_RUN) {
		check_options(&options);
		options_breakdown(&options, &breakdown);
	}
	fuzz_end(4 << 20, 500000000);
	return 0;
}
