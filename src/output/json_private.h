/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What the files of the JSON report share. */
#ifndef OUTPUT_JSON_PRIVATE_H
#define OUTPUT_JSON_PRIVATE_H

#ifndef OUTPUT_JSON_PRIVATE
#error "json_private.h is for src/output/json*.c only"
#endif

#include "json_writer.h"
#include "output.h"

/* One stage of some groups, with its share of the time as cut_share() has it; the histogram only if @buckets. */
void json_stage(struct jw *j, const struct output_opts *opts, enum iopf_stage stage,
		const struct iopf_stage_stats *stats, double share, bool buckets);

/* What is said of a group, in an object that is open; of @r only when it began is used. */
void json_group(struct jw *j, const struct iopf_report *r, const struct iopf_group_view *g);

/* json_breakdown.c: which groups the stages are of; figures by keys, and by time; as far as asked for. */
void json_selection(struct jw *j, const struct iopf_report *r);
void json_breakdown(struct jw *j, const struct iopf_report *r, const struct output_opts *opts);

#endif /* OUTPUT_JSON_PRIVATE_H */
