/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The fault objects. One is found by its kernel address until it is destroyed; a later object with
 * the same address is another one. Whether an object is of the scope may show late: until then it
 * has a tally of its own, afterwards it shares that of the scope.
 */
#ifndef IOPF_CORE_OBJECTS_H
#define IOPF_CORE_OBJECTS_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "groups.h"
#include "map.h"
#include "tally.h"

/* As many are held at one time; further ones are object 0, and the report says so. */
#define OBJECTS_MAX (1U << 17)

struct object {
	uint64_t address; /* 0 = stands for all objects that are not known */
	uint32_t number;
	uint32_t id; /* iommufd's, 0 = not known */
	bool in_scope;
	bool dead; /* destroyed, but groups of it are held */
	bool created; /* its ALLOC was seen */
	uint32_t epoch; /* in which it was last heard of */
	uint32_t created_epoch; /* in which its ALLOC was seen */
	uint32_t owner; /* task number */
	uint32_t owner_tgid;
	uint32_t held; /* groups held */
	struct group_list queue; /* not delivered yet */
	struct group_list orphans; /* adopted when they were delivered, not answered yet */
	struct group_list early; /* answered before the record of their read came */
	uint32_t nr_early;
	uint64_t events, groups;
	uint64_t doubtful_ns; /* the last answer of which it is not certain whose it was */
	uint64_t unfollowed; /* groups that are not held for want of room, and not answered */
	uint64_t outstanding, outstanding_max;
	uint32_t outstanding_epoch; /* in which outstanding was counted: see objects_outstanding() */
	struct tally *own; /* NULL when it is of the scope */
	struct tally *tally; /* its own, or the scope's */
	struct judged *judged; /* what rules remember of it; NULL = nothing */
	bool added_up; /* what reads showed of it did, when that was forgotten */
};

struct objects {
	struct object **object; /* NULL = free */
	uint32_t nr, max;
	uint32_t *free; /* numbers that may be used again */
	uint32_t nr_free;
	struct map by_address;
	struct object *last; /* found last */
	struct {
		uint64_t objects, events, groups;
	} left_out; /* those that have gone without being of the scope */
	uint32_t spare_hists;
};

struct iopf_engine;

/* Makes it. 0 or -ENOMEM. */
int objects_init(struct iopf_engine *e);

/* Frees it. */
void objects_free(struct iopf_engine *e);

/* The object with this number, which must be held. */
static inline struct object *objects_at(const struct objects *os, uint32_t number)
{
	return os->object[number];
}

/* The object with this number, or NULL if it is not held any more. */
static inline struct object *objects_held(const struct objects *os, uint32_t number)
{
	return number < os->nr ? os->object[number] : NULL;
}

/* The object that lives at an address, or NULL. */
static inline struct object *objects_find(const struct objects *os, uint64_t address)
{
	uint32_t number;

	if (os->last && os->last->address == address)
		return os->last;
	number = address ? map_get(&os->by_address, address) : 0;
	return number ? os->object[number] : NULL;
}

/*
 * The object that a record is about, which is counted as an event of it; made known if it was not.
 * @id tells it from one that had the same address before; 0 = not known.
 */
struct object *objects_get(struct iopf_engine *e, uint64_t address, uint32_t id);

/* An object was created by a task. */
void objects_created(struct iopf_engine *e, uint64_t address, uint32_t id,
		     const struct iopf_rec *rec);

/* A task read or wrote an object: which may put it into the scope. */
void objects_used_by(struct iopf_engine *e, struct object *o, const struct iopf_rec *rec);

/* An object has gone: its address names it no longer. */
void objects_retire(struct iopf_engine *e, struct object *o);

/* A group of an object is no longer held; the object may go with it if it is dead. */
void objects_release(struct iopf_engine *e, struct object *o);

/* An answer, at @time_ns, may have been that of another group than is believed. */
static inline void objects_doubt(struct object *o, uint64_t time_ns)
{
	if (o->doubtful_ns < time_ns)
		o->doubtful_ns = time_ns;
}

#endif /* IOPF_CORE_OBJECTS_H */
