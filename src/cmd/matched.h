/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What to say when a filter leaves no group. */
#ifndef CMD_MATCHED_H
#define CMD_MATCHED_H

#include "iopftrace/report.h"
#include "options.h"

/*
 * Says on standard error that no group of a recording is what the filters ask for, if so, and which
 * values there are instead; for these @file is read again, if it can be.
 */
void matched_or_say(const struct options *options, const char *file,
		    const struct iopf_report *report);

#endif /* CMD_MATCHED_H */
