/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What to say instead of tables when there was no group. */
#ifndef OUTPUT_EMPTY_H
#define OUTPUT_EMPTY_H

#include "iopftrace/report.h"
#include "sentence.h"

/* Whether there was none. */
bool empty_is(const struct iopf_report *r);

/* What there was not; above the questions, if any are asked. */
const char *empty_heading(const struct iopf_report *r);

/*
 * Questions that may help, a line each; none of a recording that was not read to its end, since the
 * groups may be in the rest of it.
 */
void empty_ask(struct sentence *s, const struct iopf_report *r);

#endif /* OUTPUT_EMPTY_H */
