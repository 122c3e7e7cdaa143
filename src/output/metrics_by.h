/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The figures of a report by device and code, as metrics. */
#ifndef OUTPUT_METRICS_BY_H
#define OUTPUT_METRICS_BY_H

#include "metrics.h"

/* Writes their families; nothing when they were not asked for. */
void metrics_by(const struct iopf_report *report, FILE *out, const struct metrics_format *format);

#endif /* OUTPUT_METRICS_BY_H */
