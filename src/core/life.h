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

/* Whether an answer came through another object than its group's. */
static inline bool life_is_elsewhere(const struct reply *r, const struct object *o)
{
	return r->object && r->object != o->address;
}

/* Fills in a group that is queued on an object by a handle: all of it, whatever it was before. */
static inline void life_begin(struct group *g, const struct iopf_rec_enqueue *r, uint32_t object,
			      uint32_t handle, uint32_t epoch)
{
	*g = (struct group){
		.pointer = r->group,
		.seq = r->h.seq,
		.report_ns = r->report_ns,
		.queue_ns = r->h.time_ns,
		.enter_ns = 0,
		.deliver_ns = 0,
		.addr = r->addr,
		.id = g->id,
		.prev = 0,
		.next = 0,
		.next_by_pointer = 0,
		.next_by_cookie = 0,
		.next_by_request = 0,
		.object = object,
		.flags = (uint8_t)r->flags,
		.perm = r->perm & 0xf,
		.handle = handle,
		.pasid = r->pasid,
		.grpid = r->grpid,
		.cookie = 0,
		.epoch = epoch,
		.reader = 0,
		.marks = r->order & IOPF_ENQUEUE_ALONE ? MARK_ALONE : 0,
		.state = GROUP_USED | GROUP_QUEUED,
		.pages = groups_pages(r->pages),
	};
}

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
