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

/* A group's part in its delivery. */
struct handover {
	uint64_t enter_ns, deliver_ns; /* of the read; 0 = not known */
	uint32_t cookie, reader;
	bool named; /* the cookie was seen: 0 is one, too */
};

/* Makes @g, which is still outstanding, the group that was delivered with the cookie of its answer. */
void settle_delivery(struct iopf_engine *e, struct group *g, const struct answer *a);

/* Makes @g, a group that is not known but for its answer, the one that was delivered, not @holder. */
void settle_adopted(struct iopf_engine *e, struct group *g, struct group *holder);

/*
 * What a group's delivery is worth: its time can be used if no gap has happened since the group
 * began, for then there was none between its beginning and the delivery either; and it needs no
 * answer to confirm it if nothing at all was lost, or all groups of the object are known.
 */
static inline uint16_t settle_worth(const struct iopf_engine *e, const struct group *g,
				    uint64_t deliver_ns)
{
	bool sure = !e->gap.count || objects_whole(e, core_object_of(e, g));

	return (deliver_ns && g->epoch == e->epoch ? GROUP_TIMED : 0) | (sure ? GROUP_SURE : 0);
}

/* Sets what a read told about a group, which leaves the queue if it is in it. */
void settle_set(struct iopf_engine *e, struct group *g, const struct handover *h);

#endif /* IOPF_CORE_SETTLE_H */
