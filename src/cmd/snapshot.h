/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A finding with its journey so far, in a file of its own. */
#ifndef CMD_SNAPSHOT_H
#define CMD_SNAPSHOT_H

#include <stdio.h>

#include "iopftrace/report.h"

/*
 * Writes iopf-violation-N.json, with the first N that is free, into the directory of the file
 * @beside (NULL or "-": here). What goes wrong is said on standard error.
 */
void snapshot(const char *beside, const struct iopf_rule *rule, enum iopf_severity severity,
	      const struct iopf_case *c);

/* What is in it. Returns 0 or a negative errno. */
int snapshot_write(FILE *out, const struct iopf_rule *rule, enum iopf_severity severity,
		   const struct iopf_case *c);

#endif /* CMD_SNAPSHOT_H */
