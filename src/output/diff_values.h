/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Differences as people read them: always with a sign. */
#ifndef OUTPUT_DIFF_VALUES_H
#define OUTPUT_DIFF_VALUES_H

#include <stdint.h>

#include "units.h"

/* "+510us", "-1.2ms", "0ns" */
struct units_text diff_duration(double ns, enum units_time unit);

/* @to less @from: "+1,204", "-3", "0" */
struct units_text diff_count(uint64_t from, uint64_t to);

/* From @from to @to in percent: "+21.3%", "-0.4%", "0.0%", "+250%", ">99999%"; "-" when @from is 0. */
struct units_text diff_percent(uint64_t from, uint64_t to);

/* The same as a number; @from is not 0. */
double diff_percent_value(uint64_t from, uint64_t to);

#endif /* OUTPUT_DIFF_VALUES_H */
