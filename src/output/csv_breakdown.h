/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Columns and rows of the CSV report that divide its figures. */
#ifndef OUTPUT_CSV_BREAKDOWN_H
#define OUTPUT_CSV_BREAKDOWN_H

#include "csv_writer.h"
#include "output.h"

/* The further columns that a report needs, and their heads. None when nothing is divided. */
void csv_breakdown_heads(struct csv *c, const struct iopf_breakdown *b);

/* The same in a row of the whole run, or (@selected) of the groups that are asked for. */
void csv_breakdown_none(struct csv *c, const struct iopf_breakdown *b, bool selected);

/* The rows: of what is asked for, by keys, by time. */
void csv_breakdown(struct csv *c, const struct iopf_report *r, const struct output_opts *opts);

/*
 * The rows of a stage. @rest ends each row after its value, with what it needs.
 */
void csv_stage(struct csv *c, const struct output_opts *opts, enum iopf_stage stage,
	       const struct iopf_stage_stats *stats, void (*rest)(struct csv *c, const void *arg),
	       const void *arg);

/* The first fields of a row. */
void csv_name(struct csv *c, const char *metric, const char *stage, const char *stat,
	      const char *unit);

#endif /* OUTPUT_CSV_BREAKDOWN_H */
