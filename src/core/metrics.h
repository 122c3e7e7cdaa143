/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The counts that expressions can be about. */
#ifndef IOPF_CORE_METRICS_H
#define IOPF_CORE_METRICS_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/report.h"

/* Finds the count whose name is @len bytes at @name; its number, or -1. */
int metrics_find(const char *name, size_t len);

/* The value of a count; false when there is none: it is of findings, and nothing was judged. */
bool metrics_count(const struct iopf_report *r, unsigned int count, uint64_t *value);

/* The cases of a rule; false when it was not judged at all. */
bool metrics_rule(const struct iopf_report *r, unsigned int rule, uint64_t *value);

#endif /* IOPF_CORE_METRICS_H */
