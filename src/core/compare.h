/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* One figure of a stage on both sides. */
#ifndef IOPF_CORE_COMPARE_H
#define IOPF_CORE_COMPARE_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "iopftrace/compare.h"

/* Compares the means, or a percentile (0 to 100; the ends are the minimum and the maximum). */
struct iopf_time_change compare_mean(const struct iopf_hist *base, const struct iopf_hist *changed);
struct iopf_time_change compare_percentile(const struct iopf_hist *base,
					   const struct iopf_hist *changed, double percent);

#endif /* IOPF_CORE_COMPARE_H */
