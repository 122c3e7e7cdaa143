/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Which group it was that a read delivered. */
#ifndef IOPF_CORE_MATCH_H
#define IOPF_CORE_MATCH_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "core.h"
#include "life.h"

enum match_result {
	MATCH_NONE, /* none that we know of */
	MATCH_QUEUED, /* one that was in the queue */
	MATCH_EARLY, /* one that has already been answered */
	MATCH_AGAIN, /* one that had been delivered before */
};

/* Whether a delivered group looks like this one: device, PASID, group index, address. */
bool match_request(const struct iopf_engine *e, const struct group *g, const struct delivery *d);

/*
 * The groups that a delivery looks like, of all objects: one when @after is NULL, else another one after
 * that; NULL = no more. @device is for this to remember where it is, at first 0.
 */
struct group *match_look_alike(const struct iopf_engine *e, const struct delivery *d,
			       const struct group *after, uint32_t *device);

/* How far from the head of a queue is looked: more than CPUs can enqueue at one time. */
#define MATCH_DEPTH 512

/* Whether two groups could not be told apart by what is read of them. */
bool match_alike(const struct iopf_engine *e, const struct group *a, const struct group *b);

/*
 * Whether an answer can be that of a group, going by what it says of the request: if records are
 * missing, pointer and cookie may be another's by now.
 */
bool match_reply(const struct iopf_engine *e, const struct group *g, const struct reply *r);

/*
 * Whether a delivered group may have been answered already, by an answer that was lost or taken for
 * another's: then the read was entered before that was over.
 */
bool match_is_doubtful(const struct iopf_engine *e, const struct object *o, uint64_t enter_ns);

/* The first group of an object's queue that looks like another group that was delivered. */
struct group *match_twin(struct iopf_engine *e, struct object *o, const struct group *g);

/*
 * The group of an object that has been delivered with a cookie and is outstanding, or NULL. The
 * kernel hands a cookie out again only after an answer, so there is one at most, unless the user's
 * buffer lied.
 */
struct group *match_holder(struct iopf_engine *e, struct object *o, uint32_t cookie);

/* Finds the group that a delivery from an object is about. */
enum match_result match_delivery(struct iopf_engine *e, struct object *o, const struct delivery *d,
				 struct group **found);

/*
 * The group that an object's next delivery must be about, going by the order of its queue alone:
 * for deliveries whose contents cannot be read.
 */
enum match_result match_next(struct iopf_engine *e, struct object *o, uint64_t enter_ns,
			     struct group **found);

#endif /* IOPF_CORE_MATCH_H */
