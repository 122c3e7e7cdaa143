/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The exit codes, the same for every verb, and what they mean. */
#ifndef CMD_EXIT_CODES_H
#define CMD_EXIT_CODES_H

#include <stddef.h>

enum exit_code {
	EXIT_PASS = 0, /* or done */
	EXIT_VIOLATION = 1, /* of the protocol */
	EXIT_ASSERTION = 2, /* on latency or counts, failed */
	EXIT_USAGE = 3, /* options, expressions, policy, or an input that is no trace */
	EXIT_CANNOT_RUN = 4, /* here: no iommufd, no BTF, no capability, no probe */
	EXIT_INCONCLUSIVE = 5,
	EXIT_RUNTIME = 6, /* error */
	EXIT_CMD_SETUP = 125, /* CMD could not be set up */
	EXIT_CMD_NOEXEC = 126, /* CMD is not executable */
	EXIT_CMD_MISSING = 127, /* CMD was not found */
};

/*
 * The exit code when an input that was named cannot be opened or read, @err being a negative errno: a wrong
 * name, or something that is no file, is a mistake in the command line; all else went wrong here.
 */
enum exit_code exit_code_of_input(int err);

/* A line of the table that --help and the manual pages show. */
struct exit_code_help {
	const char *codes; /* a number, or "other" */
	unsigned int verbs; /* set of VERB_BIT(); those that exit with it */
	const char *meaning;
};

/* The table. */
const struct exit_code_help *exit_codes_table(size_t *nr);

#endif /* CMD_EXIT_CODES_H */
