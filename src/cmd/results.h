/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Where a verdict goes: the report, the files for CI, the annotations. */
#ifndef CMD_RESULTS_H
#define CMD_RESULTS_H

#include "options.h"
#include "outfile.h"

#define RESULTS 3

struct results {
	const struct options *options;
	struct outfile
		file[RESULTS]; /* the report, JUnit, KTAP; those that were not asked for unused */
	unsigned int open;
};

/*
 * Opens everything: before anything is traced, since a report that cannot be written is better known
 * now. Returns 0, or the exit code after it has said what is wrong.
 */
int results_open(struct results *results, const struct options *options);

/* Writes everything. Returns the report's exit code; for 0 another one after it has said what failed. */
int results_write(struct results *results, const struct iopf_report *report);

/* Leaves nothing behind. */
void results_abort(struct results *results);

#endif /* CMD_RESULTS_H */
