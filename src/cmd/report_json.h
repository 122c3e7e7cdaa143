/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Reads a report back that 'report -f json' wrote, as far as comparisons need it: the run, counts,
 * histograms, findings. The text is trusted in nothing; what is read is sound, or it is refused.
 */
#ifndef CMD_REPORT_JSON_H
#define CMD_REPORT_JSON_H

#include <stddef.h>

#include "iopftrace/report.h"

/* The longest text that is read: some hundred times what reports have. Bounds the memory it takes. */
#define REPORT_JSON_MAX (16U << 20)

#define REPORT_JSON_WHY 256

struct report_json;

/*
 * Returns 0 with *@read, to be freed; -EINVAL with @why set to what is wrong, as in "groups.reported
 * is no count"; or -ENOMEM.
 */
int report_json_read(struct report_json **read, const char *text, size_t size,
		     char why[REPORT_JSON_WHY]);

/*
 * The report. Groups, objects and devices one by one, assertions and cases are not in it, and means
 * are of whole nanoseconds.
 */
const struct iopf_report *report_json_report(const struct report_json *read);

/* Frees it; NULL is allowed. */
void report_json_free(struct report_json *read);

#endif /* CMD_REPORT_JSON_H */
