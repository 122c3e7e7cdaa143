/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * --on-violation: what is done at the moment a rule is seen broken, while what led to it is still
 * there to be looked at. It is not yet known then whether the whole run will bear the finding out.
 */
#ifndef CMD_VIOLATION_H
#define CMD_VIOLATION_H

#include <sys/types.h>

#include "iopftrace/engine.h"

struct violation {
	const char *action; /* "snapshot", or a shell command; NULL = nothing is done */
	const char *beside; /* the output file; NULL or "-" = the current directory */
	bool ran; /* the command has been run: it is, once */
	pid_t pid; /* of the command, while it runs; 0 = it does not */
	unsigned int snapshots; /* made so far */
};

/* For iopf_engine_opts.on_finding; @arg is a struct violation. Waits for nothing. */
void violation_finding(void *arg, const struct iopf_rule *rule, enum iopf_severity severity,
		       const struct iopf_case *c);

/*
 * At the end: tells of the first violation if none could be told of before (@report may be NULL), and
 * gives a command that still runs some time to end; one that does not is left running.
 */
void violation_end(struct violation *v, const struct iopf_report *report);

#endif /* CMD_VIOLATION_H */
