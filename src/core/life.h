/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The life of a group: it is enqueued, delivered and answered. */
#ifndef IOPF_CORE_LIFE_H
#define IOPF_CORE_LIFE_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "core.h"

/* An answer as a record tells it. */
struct reply {
	struct answer answer;
	uint64_t caller_ns; /* when the call that gave it was entered; 0 = not known */
	uint64_t group, object, dev; /* kernel addresses; 0 = not known */
	uint32_t pasid, grpid;
	const struct iopf_rec *rec;
};

/* Takes an ENQUEUE record. */
void life_enqueue(struct iopf_engine *e, const struct iopf_rec *rec);

/*
 * A read delivered a group from an object. Returns the pages of the group that it was, 0 when that
 * is not known.
 */
uint32_t life_deliver(struct iopf_engine *e, struct object *o, const struct delivery *d,
		      const struct iopf_rec *rec);

/*
 * A read delivered @records records that cannot be read; @d has what is known of the read. Goes by
 * the order of the queue.
 */
void life_deliver_unread(struct iopf_engine *e, struct object *o, const struct delivery *d,
			 uint64_t records, const struct iopf_rec *rec);

/* The latest of the groups with a pointer of which the answer was not seen, or NULL. */
struct group *life_latest(const struct iopf_engine *e, uint64_t pointer);

/* A group was answered. */
void life_answer(struct iopf_engine *e, const struct reply *r);

#endif /* IOPF_CORE_LIFE_H */
