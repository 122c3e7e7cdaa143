/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What the files of a comparison as text share. */
#ifndef OUTPUT_TEXT_DIFF_H
#define OUTPUT_TEXT_DIFF_H

#ifndef OUTPUT_TEXT_PRIVATE
#error "text_diff.h is for src/output/text*.c only"
#endif

#include "diff.h"
#include "diff_values.h"
#include "text_private.h"

/* text_diff_stages.c: the times and counts of all stages. */
int text_diff_stages(const struct text *t, const struct iopf_comparison *c);

/* text_diff_fail.c: the conditions, those that hold first. */
void text_diff_conditions(const struct text *t, const struct diff_view *view);

/* text_diff_end.c: what it comes to. */
void text_diff_conclusion(const struct text *t, const struct diff_view *view);

#endif /* OUTPUT_TEXT_DIFF_H */
