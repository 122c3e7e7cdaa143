/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What a finished report says on the whole. */
#ifndef IOPF_CORE_VERDICT_H
#define IOPF_CORE_VERDICT_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "core.h"
#include "remains.h"

/* Sets those doubts of a report that what was seen so far allows; its verdict is inconclusive. */
void verdict_so_far(const struct iopf_engine *e, const struct iopf_run *run, struct iopf_report *r);

/* Sets the doubts, the verdict and the exit code of a report whose counts are complete. */
void verdict_give(const struct iopf_engine *e, const struct remains *remains,
		  const struct iopf_run *run, struct iopf_report *r);

#endif /* IOPF_CORE_VERDICT_H */
