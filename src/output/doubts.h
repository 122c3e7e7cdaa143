/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Why a run cannot say more than it says, in words and with what to do about it. */
#ifndef OUTPUT_DOUBTS_H
#define OUTPUT_DOUBTS_H

#include "iopftrace/report.h"
#include "sentence.h"

/* A doubt in a few words. */
const char *doubt_brief(enum iopf_doubt doubt);

/* A doubt with its figures, and what to do. */
void doubt_say(struct sentence *s, const struct iopf_report *r, enum iopf_doubt doubt);

/* All doubts of a report in a few words each; nothing when there are none. */
void doubts_say_brief(struct sentence *s, const struct iopf_report *r);

#endif /* OUTPUT_DOUBTS_H */
