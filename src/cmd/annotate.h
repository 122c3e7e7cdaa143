/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Findings as workflow commands of GitHub: the forge shows them beside the run. */
#ifndef CMD_ANNOTATE_H
#define CMD_ANNOTATE_H

#include <stdio.h>

#include "iopftrace/report.h"

/*
 * Writes "::error title=IOPF003 stray-response::..." for what makes a run fail, ::warning and
 * ::notice for the rest. Returns 0 or a negative errno.
 */
int annotate(const struct iopf_report *report, FILE *out);

#endif /* CMD_ANNOTATE_H */
