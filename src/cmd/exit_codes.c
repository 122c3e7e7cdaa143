// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>

#include "exit_codes.h"
#include "verbs.h"

/* Verbs by what their exit codes can be. */
#define JUDGES (VERB_BIT(VERB_RUN) | VERB_BIT(VERB_CHECK) | VERB_BIT(VERB_REPORT))
#define TRACES \
	(VERB_BIT(VERB_RUN) | VERB_BIT(VERB_CHECK) | VERB_BIT(VERB_TRACE) | VERB_BIT(VERB_RECORD))

static const struct exit_code_help table[] = {
	{ "0", VERB_ALL, "pass, or done" },
	{ "1", JUDGES, "protocol violation, or events were lost and --on-loss is fail" },
	{ "1", VERB_BIT(VERB_RECORD), "with --flight-recorder, protocol violation" },
	{ "2", JUDGES, "an assertion on latency or counts failed" },
	{ "2", VERB_BIT(VERB_DIFF), "a --fail-on holds" },
	{ "3", VERB_ALL, "usage error: options, expressions, policy, or a file that is no trace" },
	{ "4", TRACES,
	  "cannot run here: no iommufd, no BTF, missing capability, a required probe" },
	{ "5", JUDGES | TRACES, "inconclusive: events were lost, or too few were seen" },
	{ "5", VERB_BIT(VERB_EXPLAIN),
	  "everything that the recording has was told, but something is missing from it: it is incomplete "
	  "or damaged, or events were lost" },
	{ "5", VERB_BIT(VERB_DIFF),
	  "it cannot be told whether a --fail-on holds: a side is inconclusive, or has too few "
	  "groups" },
	{ "6", VERB_ALL, "runtime error" },
	{ "125", TRACES, "CMD could not be set up" },
	{ "126", TRACES, "CMD is not executable" },
	{ "127", TRACES,
	  "CMD, or what it takes to run it (an interpreter, a loader), was not found" },
	{ "other", VERB_BIT(VERB_TRACE) | VERB_BIT(VERB_RECORD),
	  "CMD's own, 128 + n for signal n; 1, 2 and 5 come before it" },
	{ "other", VERB_BIT(VERB_RUN) | VERB_BIT(VERB_CHECK),
	  "after a pass, the exit code of CMD, which may be 1, 2 or 5 itself; 128 + n if signal n ended "
	  "it; never with --verdict-only" },
	{ "other", VERB_BIT(VERB_REPORT),
	  "after a pass, the exit code of the recorded CMD, as it was; never with --verdict-only" },
};

const struct exit_code_help *exit_codes_table(size_t *nr)
{
	*nr = sizeof(table) / sizeof(table[0]);
	return table;
}

enum exit_code exit_code_of_input(int err)
{
	switch (-err) {
	case ENOENT:
	case ENOTDIR:
	case EISDIR:
	case EACCES:
	case EPERM:
	case ELOOP:
	case ENAMETOOLONG:
	case ENXIO: /* a socket, or a device that is not there */
	case ENODEV:
	case EINVAL: /* what cannot be read, such as a directory of some kernel interface */
		return EXIT_USAGE;
	default:
		return EXIT_RUNTIME;
	}
}
