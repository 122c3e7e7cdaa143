/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Groups whose beginning was not seen: queued before tracing began, or in a gap. They are adopted
 * when they show, by a read that delivers them or by their answer.
 */
#ifndef IOPF_CORE_ADOPT_H
#define IOPF_CORE_ADOPT_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "core.h"
#include "life.h"

/* A read delivered a group that is not known. */
void adopt_delivery(struct iopf_engine *e, struct object *o, const struct delivery *d,
		    const struct iopf_rec *rec);

/*
 * What was read of a group was another one's, that is not known. Makes one that looks the same, for
 * its delivery to be given to; NULL when there is no room.
 */
struct group *adopt_twin(struct iopf_engine *e, const struct group *g);

/*
 * As many groups that were answered just before the walk at the beginning told of them are
 * remembered; after that only losses bring more.
 */
#define ADOPT_ANSWERED_MAX 4096

/* A group was answered: the walk at the beginning may have seen it before that, and tell of it now. */
static inline void adopt_note_answered(struct iopf_engine *e, uint64_t pointer)
{
	if (pointer && e->answered.used < ADOPT_ANSWERED_MAX && !map_get(&e->answered, pointer))
		core_check(e, map_set(&e->answered, pointer, 1));
}

/* A group that is not known was answered. */
void adopt_answer(struct iopf_engine *e, const struct reply *r);

/* Takes a WAITING record. */
void adopt_waiting(struct iopf_engine *e, const struct iopf_rec *rec);

#endif /* IOPF_CORE_ADOPT_H */
