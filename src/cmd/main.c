// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "exit_codes.h"
#include "help.h"
#include "options.h"
#include "verbs.h"

/* What each verb does. */
static int (*const verbs[])(const struct options *options) = {
	[VERB_RUN] = cmd_run,	  [VERB_RECORD] = cmd_record, [VERB_REPORT] = cmd_report,
	[VERB_CHECK] = cmd_check, [VERB_TRACE] = cmd_trace,   [VERB_EXPLAIN] = cmd_explain,
	[VERB_DIFF] = cmd_diff,	  [VERB_LIST] = cmd_list,
};

_Static_assert(sizeof(verbs) / sizeof(verbs[0]) == VERBS, "a verb has no function");

/* Ends a text that was asked for: an error when it could not be written. */
static int finish_text(void)
{
	int err = output_flush(stdout);

	if (!err)
		return EXIT_PASS;
	fprintf(stderr, "iopftrace: cannot write standard output: %s\n", strerror(-err));
	return EXIT_RUNTIME;
}

/* A file that may not grow any more is an error of writing like others; CMD's signals are its own. */
static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGXFSZ);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

int main(int argc, char **argv)
{
	struct options_error error;
	struct options options;

	block_signals();
	if (options_parse(&options, argc, argv, &error)) {
		fprintf(stderr, "iopftrace: %s\ntry '%s'\n", error.text, error.help);
		return EXIT_USAGE;
	}
	switch (options.action) {
	case OPTIONS_HELP:
		if (options.verb_given)
			help_verb(options.verb, stdout);
		else
			help_overview(stdout);
		return finish_text();
	case OPTIONS_VERSION:
		help_version(stdout);
		return finish_text();
	case OPTIONS_RUN:
		break;
	}
	return verbs[options.verb](&options);
}
