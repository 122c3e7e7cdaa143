/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The figures of some of the groups, for showing them. */
#ifndef OUTPUT_CUT_H
#define OUTPUT_CUT_H

#include "iopftrace/report.h"
#include "units.h"

/* One stage of it as a report has them. @stats: overwritten; 30 KiB, so one for many. */
void cut_stage(const struct iopf_cut *cut, enum iopf_stage stage, struct iopf_stage_stats *stats);

/*
 * The share that a stage has of the time that was measured in route, wait, service and ack, where @sum
 * gives a stage's: these four add up to 1 however many groups got no further than one of them. The
 * total is all of it. Below 0 when there is none to tell.
 */
double cut_share(const unsigned __int128 sum[IOPF_STAGES], enum iopf_stage stage);
double cut_share_of(const struct iopf_cut *cut, enum iopf_stage stage);
double cut_share_all(const struct iopf_report *r, enum iopf_stage stage);

/* The answer that a row is of: "success", ..., "none yet", "unknown". */
struct units_text cut_code(uint32_t code);

/* Whether groups are told apart by a key. */
bool cut_has_key(const struct iopf_breakdown *b, enum iopf_key key);

#endif /* OUTPUT_CUT_H */
