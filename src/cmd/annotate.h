/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Findings as workflow commands of GitHub: the forge shows them beside the run. */
#ifndef CMD_ANNOTATE_H
#define CMD_ANNOTATE_H

#include <stdio.h>

#include "iopftrace/report.h"

/*
 * Writes "::error title=IOPF003 stray-response::..." for what makes a run fail, ::warning and
 * ::notice for the rest. GitHub shows ten of a kind: where there are more, the tenth names all that
 * are left. Returns 0 or a negative errno.
 */
int annotate(const struct iopf_report *report, FILE *out);

/*
 * Adds all of them, as a list in Markdown, to the file that GitHub made for the summary of a step.
 * Returns 0 or a negative errno.
 */
int annotate_summary(const struct iopf_report *report, const char *path);

#endif /* CMD_ANNOTATE_H */
