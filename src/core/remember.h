/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What rules remember of every group, whichever way its records are taken. */
#ifndef IOPF_CORE_REMEMBER_H
#define IOPF_CORE_REMEMBER_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "core.h"
#include "judge.h"

/* Remembers how many pages were queued on an object, and that groups of it have so many. */
static inline void remember_queued(struct judged *j, uint32_t pages, uint16_t size)
{
	j->pages_queued += pages;
	for (uint32_t i = 0; i < j->nr_sizes && i < SIZES_MAX; i++) {
		if (j->size[i] == size)
			return;
	}
	if (j->nr_sizes++ < SIZES_MAX)
		j->size[j->nr_sizes - 1] = size;
}

/* Remembers a group that was queued with nothing beside it. */
static inline void remember_alone(struct judge *judge, const struct group *g)
{
	judge->alone[judge->nr_alone++ % ALONE_MAX] = g->seq;
}

/* A number for all that a delivered record says. */
static inline uint64_t remember_hash(const struct iopf_pgfault *f)
{
	uint64_t hash = map_hash(f->addr ^ (uint64_t)f->cookie << 32 ^ f->grpid);

	return map_hash(hash ^ (uint64_t)f->pasid << 40 ^ (uint64_t)f->dev_id << 16 ^
			(uint64_t)f->perm << 8 ^ f->flags);
}

/*
 * Whether just this has been delivered before: then the buffer may have been used for two reads at a
 * time, or shows what an earlier one left there. Remembers it.
 */
static inline bool remember_seen(struct judge *judge, const struct iopf_pgfault *f)
{
	uint64_t hash = remember_hash(f), *place = &judge->seen[hash & (SEEN_MAX - 1)];
	bool seen = *place == hash;

	*place = hash;
	return seen;
}

/* Remembers a group that was queued after all that have been delivered, and the read that did. */
static inline void remember_newest(struct iopf_engine *e, struct judged *j, const struct group *g,
				   uint64_t read_seq, uint64_t deliver_ns, uint32_t reader)
{
	j->newest_seq = g->seq;
	if (!j->newest)
		j->newest = memory_calloc(&e->memory, NEWEST_MAX, sizeof(*j->newest));
	if (!j->newest) /* then less can be said, nothing wrong */
		return;
	j->newest[j->nr_newest++ % NEWEST_MAX] = (struct newest){
		.seq = g->seq,
		.read_seq = read_seq,
		.deliver_ns = deliver_ns,
		.device = core_device_of(e, g),
		.grpid = g->grpid,
		.reader = reader,
	};
}

/* The place of a pointer among the ghosts. */
static inline struct ghost *remember_place(struct judge *judge, uint64_t pointer)
{
	return &judge->ghost[map_hash(pointer) & (GHOSTS - 1)];
}

/* Remembers a group that has been answered. */
static inline void remember_ghost(struct iopf_engine *e, const struct object *o,
				  const struct group *g, const struct answer *a, uint64_t pointer)
{
	*remember_place(&e->judge, pointer) = (struct ghost){
		.pointer = pointer,
		.address = o->address,
		.seq = g->seq,
		.queue_ns = g->queue_ns,
		.answer = *a,
		.object = g->object,
		.device = core_device_of(e, g),
		.pasid = g->pasid,
		.grpid = g->grpid,
		.flags = g->flags,
		.epoch = e->epoch,
	};
}

/* The memory of an answered group is used again, by one that is queued on this object. */
static inline void remember_no_ghost(struct judge *judge, struct object *o, uint64_t pointer)
{
	struct ghost *ghost = remember_place(judge, pointer);

	if (ghost->pointer != pointer)
		return;
	if (o->judged && ghost->object == o->number &&
	    o->judged->reused_ns < ghost->answer.write_ns)
		o->judged->reused_ns = ghost->answer.write_ns;
	ghost->pointer = 0;
}

/* What a page of cookies of an object is found by. */
static inline uint64_t remember_fates_key(const struct object *o, uint32_t cookie)
{
	return (uint64_t)o->number << 32 | cookie / FATES_PER_PAGE;
}

/* The page that a cookie is on; NULL when nothing is remembered of any on it. */
static inline struct fate_page *remember_fates(const struct judge *judge, const struct object *o,
					       uint32_t cookie)
{
	uint64_t key = remember_fates_key(o, cookie);
	struct fate_page *last = o->judged->fates_last;
	uint32_t number;

	if (last && last->key == key)
		return last;
	number = map_get(&judge->fates.by_key, key);
	return number ? judge->fates.page[number] : NULL;
}

/* What became of a cookie in this epoch; NULL when there is no place for it. */
static inline struct cookie_fate *remember_fate_of(const struct iopf_engine *e,
						   const struct object *o, uint32_t cookie)
{
	struct fate_page *page;

	if (!o->judged || o->judged->fates_epoch != e->epoch)
		return NULL;
	page = remember_fates(&e->judge, o, cookie);
	if (!page)
		return NULL;
	o->judged->fates_last = page;
	return &page->fate[cookie % FATES_PER_PAGE];
}

/* Where what is shown of a cookie's fate is, if it is remembered. */
static inline struct fate_detail *remember_detail(const struct judge *judge, const struct object *o,
						  uint32_t cookie)
{
	return &judge->fates.detail[(cookie + o->number * 1021U) & (FATE_DETAILS - 1)];
}

/* Remembers how the group was answered that had a cookie. */
static inline void remember_fate(struct iopf_engine *e, const struct object *o,
				 struct cookie_fate *fate, const struct group *g,
				 const struct answer *a, uint32_t cookie, uint32_t task)
{
	uint64_t write_ns = a->write_ns ? a->write_ns : a->ack_ns;

	fate->by = write_ns ? (uint8_t)a->by : IOPF_BY_NOBODY;
	fate->groups += fate->groups < 3;
	fate->owed += iopf_responder_is_substitute(a->by) && fate->owed < UINT8_MAX;
	*remember_detail(&e->judge, o, cookie) = (struct fate_detail){
		.key = (uint64_t)o->number << 32 | cookie,
		.write_ns = write_ns,
		.group_seq = g->seq,
		.task = task,
		.grpid = g->grpid,
	};
}

#endif /* IOPF_CORE_REMEMBER_H */
