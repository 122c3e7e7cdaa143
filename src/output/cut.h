/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The figures of some of the groups, for showing them. */
#ifndef OUTPUT_CUT_H
#define OUTPUT_CUT_H

#include "iopftrace/report.h"
#include "units.h"

/* One stage of it as a report has them. @stats: overwritten; 30 KiB, so one for many. */
void cut_stage(const struct iopf_cut *cut, enum iopf_stage stage, struct iopf_stage_stats *stats);

/* The answer that a row is of: "success", ..., "none yet", "unknown". */
struct units_text cut_code(uint32_t code);

/* Whether groups are told apart by a key. */
bool cut_has_key(const struct iopf_breakdown *b, enum iopf_key key);

#endif /* OUTPUT_CUT_H */
