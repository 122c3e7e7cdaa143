/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* How a group ends: it is counted, and let go. */
#ifndef IOPF_CORE_ENDS_H
#define IOPF_CORE_ENDS_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "core.h"
#include "stages.h"

/*
 * Ends a group that was answered as @a says: all that can be known of it is known now. Its object
 * may be gone afterwards.
 */
void ends_answered(struct iopf_engine *e, struct group *g, const struct answer *a);

/* Ends a group of which it shows that it has been answered, though its answer was not seen. */
void ends_unseen(struct iopf_engine *e, struct group *g);

/* Lets a group go without counting it. Its object may be gone afterwards. */
void ends_drop(struct iopf_engine *e, struct group *g);

/* Makes what is kept of a slow group that was answered. */
void ends_slow(struct iopf_engine *e, const struct group *g, const struct answer *a,
	       const struct stages *stages, struct slow_group *slow);

/* Counts the stages of a group that have not been counted at its beginning. */
void ends_count_stages(struct iopf_engine *e, struct tally *t, const struct stages *stages);

#endif /* IOPF_CORE_ENDS_H */
