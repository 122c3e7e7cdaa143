/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The stages of a group: which of them are known, and how long they took. */
#ifndef IOPF_CORE_STAGES_H
#define IOPF_CORE_STAGES_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdint.h>

#include "groups.h"
#include "iopftrace/report.h"

#define STAGES_UNKNOWN UINT64_MAX

struct stages {
	uint64_t ns[IOPF_STAGES]; /* STAGES_UNKNOWN = not known */
	uint32_t negative; /* set of stages, as 1 << stage, that ended before they began */
};

/*
 * The stages of a group that was answered as @a says, or that was not if @a is NULL. One is known
 * when both of its moments are, and no gap makes it doubtful that they belong to the same group.
 * Service, ack and total are those of groups that user space answered.
 */
struct stages stages_of(const struct group *g, const struct answer *a);

/* Fills in a view of a group, without its names. */
void stages_view(struct iopf_group_view *view, const struct group *g, const struct answer *a,
		 const struct stages *stages);

#endif /* IOPF_CORE_STAGES_H */
