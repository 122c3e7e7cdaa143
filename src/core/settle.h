/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Deliveries are first matched to groups by what the user's buffer says, which cannot tell two
 * groups with the same contents apart. The answer then brings the kernel's own word: this group had
 * that cookie. Where the two disagree, the deliveries are set right.
 */
#ifndef IOPF_CORE_SETTLE_H
#define IOPF_CORE_SETTLE_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "core.h"

/* Makes @g, which is still outstanding, the group that was delivered with this cookie. */
void settle_delivery(struct iopf_engine *e, struct group *g, uint32_t cookie);

/*
 * Makes @g, a group that is not known but for its answer, the one that was delivered with this
 * cookie, if another is believed to have been.
 */
void settle_adopted(struct iopf_engine *e, struct group *g, uint32_t cookie);

/* Sets what a read told about a group, which leaves the queue if it is in it. */
void settle_set(struct iopf_engine *e, struct group *g, uint64_t deliver_ns, uint32_t cookie,
		uint32_t reader);

#endif /* IOPF_CORE_SETTLE_H */
