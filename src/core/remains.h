/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What is left at the end: the groups that have not been answered, and the objects. */
#ifndef IOPF_CORE_REMAINS_H
#define IOPF_CORE_REMAINS_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "core.h"

#define REMAINS_WAITING 16

struct remains {
	/* Those of the scope that are certainly outstanding, oldest first. */
	struct group *waiting[REMAINS_WAITING];
	size_t nr_waiting;
	uint64_t unfollowed; /* groups in scope that were not followed, and not answered */
	uint64_t out_objects, out_events, out_groups; /* not of the scope */
	size_t nr_objects; /* in scope */
};

/* Judges what is left when the trace ended: afterwards the tally of the scope is complete. */
void remains_judge(struct iopf_engine *e, struct remains *r, uint64_t end_ns);

#endif /* IOPF_CORE_REMAINS_H */
