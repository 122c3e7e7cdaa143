/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* One side of a comparison: a recording that is judged, or a report that was. */
#ifndef CMD_DIFF_SIDE_H
#define CMD_DIFF_SIDE_H

#include <stdbool.h>

#include "judging.h"
#include "report_json.h"

struct diff_side {
	const struct iopf_report *report;
	bool recording;
	struct iopf_report *judged; /* of a recording */
	struct report_json *read; /* of a JSON report */
};

/*
 * Reads a file, "-" = standard input, whichever of both it is. Says what is wrong, and returns the
 * exit code then, or 0. To be closed in any case.
 */
int diff_side_open(struct diff_side *side, const char *file, const struct judging *judging);

/* Forgets it. */
void diff_side_close(struct diff_side *side);

#endif /* CMD_DIFF_SIDE_H */
