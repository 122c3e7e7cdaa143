/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Why a run cannot say more than it says, in words and with what to do about it. */
#ifndef OUTPUT_DOUBTS_H
#define OUTPUT_DOUBTS_H

#include "iopftrace/report.h"
#include "sentence.h"

/*
 * The doubts of a report in the order in which they are told: of a file that breaks off, that comes
 * first, since others may follow from it. Gives the one at @i, or that after it that the report has;
 * IOPF_DOUBTS at the end. @i then is the place after it.
 */
enum iopf_doubt doubts_next(const struct iopf_report *r, unsigned int *i);

/* A doubt with its figures, and what to do. */
void doubt_say(struct sentence *s, const struct iopf_report *r, enum iopf_doubt doubt);

/* Why a finding is not proven: what was not seen, which may explain it. */
void doubt_say_unproven(struct sentence *s, const struct iopf_report *r,
			const struct iopf_finding *f);

/* All doubts of a report in a few words each; nothing when there are none. */
void doubts_say_brief(struct sentence *s, const struct iopf_report *r);

#endif /* OUTPUT_DOUBTS_H */
