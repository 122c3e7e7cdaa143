/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What the makers of a report's parts share. */
#ifndef IOPF_CORE_REPORT_H
#define IOPF_CORE_REPORT_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "core.h"

/* Copies a string into a report. NULL when out of memory. */
const char *report_string(struct iopf_report *r, const char *text);

/* The views of the slowest groups, slowest first, to be freed. 0 or -ENOMEM. */
int report_slowest(struct iopf_report *r, const struct iopf_engine *e, struct slowest *s,
		   struct iopf_group_view **views, size_t *nr);

#endif /* IOPF_CORE_REPORT_H */
