/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What report_json.c is made of: a stage with its histogram, and how errors are told. */
#ifndef CMD_REPORT_JSON_HIST_H
#define CMD_REPORT_JSON_HIST_H

#include <jansson.h>

#include "report_json.h"

/* Says what is wrong, made printable. Returns -EINVAL. */
__attribute__((format(printf, 2, 3))) int report_json_fail(char why[REPORT_JSON_WHY],
							   const char *fmt, ...);

/* The value of a whole number that is not negative; false when it is none. */
bool report_json_number(const json_t *number, uint64_t *value);

/* Reads a whole number that is not negative; @of is where @object is, "" = at the top. */
int report_json_count(const json_t *object, const char *of, const char *key, uint64_t *value,
		      char why[REPORT_JSON_WHY]);

/* Reads a stage. Its buckets must be those of struct iopf_hist, and add up. 0 or -EINVAL. */
int report_json_stage(const json_t *stage, const char *name, struct iopf_stage_stats *stats,
		      char why[REPORT_JSON_WHY]);

#endif /* CMD_REPORT_JSON_HIST_H */
