/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The engine as its own files see it. */
#ifndef IOPF_CORE_CORE_H
#define IOPF_CORE_CORE_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/engine.h"

#include "devices.h"
#include "groups.h"
#include "groups_index.h"
#include "handles.h"
#include "judge.h"
#include "map.h"
#include "memory.h"
#include "objects.h"
#include "reads.h"
#include "scope.h"
#include "tally.h"
#include "tasks.h"

/*
 * Gaps. The engine counts epochs: a gap begins a new one. Whatever remembers the epoch of its own
 * beginning can tell whether a gap has happened since, and nothing has to be walked at a gap.
 */
struct iopf_engine {
	struct map_seed seed; /* of all maps */
	struct memory memory; /* the account of all that grows */
	struct scope scope;
	struct tasks tasks;
	struct devices devices;
	struct objects objects;
	struct handles handles;
	struct groups groups;
	struct reads reads;
	struct map answered; /* by pointer: groups that were answered while walks may go on */
	struct map
		unattributed; /* by thread: answers whose caller was not seen, since its last write */
	struct tally total; /* of all objects in scope */
	struct breakdown *breakdown; /* NULL = not asked for */
	uint64_t min_groups;
	enum iopf_on_loss on_loss;
	bool verdict_only;
	struct judge judge;

	uint64_t next_seq; /* the sequence number to come next */
	uint64_t last_ns; /* time of the last record */
	uint32_t epoch;
	uint64_t epoch_ns; /* time of the first record of this epoch; 0 in the first one */
	bool continued; /* there was something before the first one, which was not seen */
	struct {
		uint64_t count, missing; /* gaps, and sequence numbers in them */
		uint64_t between; /* of these, those between records */
		uint64_t first_seq, last_seq; /* the lowest and the highest number missing */
		uint64_t first_ns; /* time of the last record before the first gap */
	} gap;

	uint64_t outstanding, outstanding_max; /* in scope, and without a gap in their life */
	bool ending; /* there will be no more records */
	bool fast; /* unremarkable records may take the fast path */
	uint32_t limits; /* that were reached, but for those that the parts know: set of 1 << enum iopf_limit */
	bool blind; /* core_is_blind(), since blind_ns */
	uint64_t blind_ns;
	int error; /* of the record being fed */
};

/* Memory ran out: something is left out of the report. */
static inline void core_out_of_memory(struct iopf_engine *e)
{
	if (!e->memory.reached)
		e->memory.failed = true;
	e->error = -ENOMEM;
}

/* A limit of the checker is reached. */
static inline void core_limit(struct iopf_engine *e, enum iopf_limit limit)
{
	e->limits |= 1U << limit;
}

/*
 * Whether something that rules rely on could not be kept. Not every rule can tell what it does not know for
 * want of room, so none is believed from then on.
 */
static inline bool core_is_blind(const struct iopf_engine *e)
{
	return e->memory.reached || e->memory.failed || e->limits & 1U << IOPF_LIMIT_OBJECTS;
}

/* There is no room for a group: the limit of groups is reached (@full), or memory ran out. */
static inline void core_no_room(struct iopf_engine *e, bool full)
{
	if (full)
		core_limit(e, IOPF_LIMIT_GROUPS);
	else
		core_out_of_memory(e);
}

/* Notes an error from a part that has only one to give. */
static inline void core_check(struct iopf_engine *e, int err)
{
	if (__builtin_expect(err < 0, 0))
		core_out_of_memory(e);
}

/* The number of a device; when there is no room for it, the report says so. */
static inline uint32_t core_device(struct iopf_engine *e, uint64_t address)
{
	return devices_get(&e->devices, address);
}

/* The number of a handle that a group is held of; when there is no room for it, the report says so. */
static inline uint32_t core_hold(struct iopf_engine *e, uint64_t address, uint32_t device,
				 uint32_t dev_id)
{
	return handles_hold(&e->handles, address, device, dev_id);
}

/* The number of a group's device, 0 = not known. */
static inline uint32_t core_device_of(const struct iopf_engine *e, const struct group *g)
{
	return handles_at(&e->handles, g->handle)->device;
}

/* iommufd's id of a group's device, 0 = not known. */
static inline uint32_t core_dev_id(const struct iopf_engine *e, const struct group *g)
{
	return handles_at(&e->handles, g->handle)->dev_id;
}

/* The object of a group. */
static inline struct object *core_object_of(const struct iopf_engine *e, const struct group *g)
{
	return objects_at(&e->objects, g->object);
}

/*
 * Whether all groups of an object are known: then what is read from it can be no other. So it is
 * from its creation to the first gap.
 */
static inline bool objects_whole(const struct iopf_engine *e, const struct object *o)
{
	return o->created && o->created_epoch == e->epoch && !o->unfollowed;
}

/*
 * A group of an object began or ceased to be outstanding. Only groups that have seen no gap are
 * counted as outstanding, so a gap takes the count to 0, and @g is ignored if it has seen one.
 */
static inline void objects_outstanding(struct iopf_engine *e, struct object *o,
				       const struct group *g, int step)
{
	if (g->epoch != e->epoch)
		return;
	if (o->outstanding_epoch != e->epoch) {
		o->outstanding_epoch = e->epoch;
		o->outstanding = 0;
	}
	o->outstanding += step;
	if (o->outstanding > o->outstanding_max)
		o->outstanding_max = o->outstanding;
	if (!o->in_scope)
		return;
	e->outstanding += step;
	if (e->outstanding > e->outstanding_max)
		e->outstanding_max = e->outstanding;
}

#endif /* IOPF_CORE_CORE_H */
