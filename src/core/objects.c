// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The fault objects. */
#define IOPF_CORE_PRIVATE
#include "objects.h"

#include <string.h>

#include "breakdown.h"
#include "core.h"
#include "early.h"
#include "judge.h"

#define FIRST_OBJECTS 16

/* Makes an object under a number. */
static struct object *make_object(struct iopf_engine *e, uint32_t number, uint64_t address)
{
	struct object *o = memory_calloc(&e->memory, 1, sizeof(*o));

	if (!o)
		return NULL;
	o->address = address;
	o->number = number;
	o->epoch = e->epoch;
	o->in_scope = e->scope.everything;
	if (!o->in_scope) {
		o->own = memory_calloc(&e->memory, 1, sizeof(*o->own));
		if (!o->own) {
			memory_free(&e->memory, o);
			return NULL;
		}
		o->own->slowest.limit = e->total.slowest.limit;
		o->own->slowest.memory = &e->memory;
		o->own->spare = &e->objects.spare_hists;
	}
	o->tally = o->in_scope ? &e->total : o->own;
	e->objects.object[number] = o;
	return o;
}

/* Makes it, with object 0 in it. */
int objects_init(struct iopf_engine *e)
{
	struct objects *os = &e->objects;

	os->object = memory_calloc(&e->memory, FIRST_OBJECTS, sizeof(*os->object));
	os->free = memory_calloc(&e->memory, FIRST_OBJECTS, sizeof(*os->free));
	os->spare_hists = TALLY_SPARE_HISTS;
	if (!os->object || !os->free || !make_object(e, 0, 0))
		return -ENOMEM;
	os->max = FIRST_OBJECTS;
	os->nr = 1;
	return 0;
}

/* Frees the tally of its own that an object has. */
static void free_own(struct iopf_engine *e, struct object *o)
{
	if (o->own)
		tally_free(o->own);
	memory_free(&e->memory, o->own);
	o->own = NULL;
}

/* Frees an object. */
static void free_object(struct iopf_engine *e, struct object *o)
{
	if (!o)
		return;
	free_own(e, o);
	judge_forget(&e->judge, o->judged);
	memory_free(&e->memory, o);
}

/* Frees it. */
void objects_free(struct iopf_engine *e)
{
	struct objects *os = &e->objects;

	for (uint32_t i = 0; i < os->nr; i++)
		free_object(e, os->object[i]);
	memory_free(&e->memory, os->object);
	memory_free(&e->memory, os->free);
	map_free(&os->by_address);
}

/* Makes room for one more object, and for its number when it goes. */
static int grow(struct iopf_engine *e)
{
	struct objects *os = &e->objects;
	struct object **object;
	uint32_t *numbers;

	if (os->nr < os->max)
		return 0;
	object = memory_realloc(&e->memory, os->object, 2 * os->max * sizeof(*object));
	if (!object)
		return -ENOMEM;
	os->object = object;
	numbers = memory_realloc(&e->memory, os->free, 2 * os->max * sizeof(*numbers));
	if (!numbers)
		return -ENOMEM;
	os->free = numbers;
	os->max *= 2;
	return 0;
}

/* Makes an address known. Object 0 when that is not possible. */
static struct object *add_object(struct iopf_engine *e, uint64_t address)
{
	struct objects *os = &e->objects;
	uint32_t number = os->nr_free ? os->free[os->nr_free - 1] : os->nr;
	struct object *o;

	if (number == OBJECTS_MAX) {
		core_limit(e, IOPF_LIMIT_OBJECTS);
		return os->object[0];
	}
	if ((number == os->nr && grow(e)) || map_set(&os->by_address, address, number)) {
		core_out_of_memory(e);
		return os->object[0];
	}
	o = make_object(e, number, address);
	if (!o) {
		map_remove(&os->by_address, address);
		core_out_of_memory(e);
		return os->object[0];
	}
	if (number == os->nr)
		os->nr++;
	else
		os->nr_free--;
	return o;
}

/* The object at an address, made known, or made anew if another id shows that it is another. */
static struct object *find_or_make(struct iopf_engine *e, uint64_t address, uint32_t id)
{
	struct objects *os = &e->objects;
	struct object *o = address ? objects_find(os, address) : os->object[0];
	bool replaced = o && address && id && o->id && o->id != id;

	if (replaced)
		objects_retire(e, o);
	if (!o || replaced)
		o = add_object(e, address);
	if (replaced) /* answers that name no id may have been its own already */
		objects_doubt(o, e->last_ns);
	if (o->address) {
		os->last = o;
		if (id)
			o->id = id;
	}
	return o;
}

/* The object that a record is about: nearly always the same as for the record before. */
struct object *objects_get(struct iopf_engine *e, uint64_t address, uint32_t id)
{
	struct object *o = e->objects.last;

	if (!o || o->address != address || (id && o->id != id))
		o = find_or_make(e, address, id);
	o->epoch = e->epoch;
	o->events++;
	return o;
}

/*
 * Puts an object into the scope, with all that was counted for it. What was outstanding at one time
 * over all objects is known exactly only for those that were in scope from their beginning.
 */
static void enter_scope(struct iopf_engine *e, struct object *o)
{
	core_check(e, tally_merge(&e->total, o->own));
	if (o->own->clipped)
		core_limit(e, IOPF_LIMIT_HISTOGRAMS);
	free_own(e, o);
	o->tally = &e->total;
	o->in_scope = true;
	if (o->outstanding_epoch == e->epoch)
		e->outstanding += o->outstanding;
	if (e->outstanding_max < o->outstanding_max)
		e->outstanding_max = o->outstanding_max;
	if (e->outstanding_max < e->outstanding)
		e->outstanding_max = e->outstanding;
	breakdown_enters(e, o);
}

/* A task read or wrote an object. */
void objects_used_by(struct iopf_engine *e, struct object *o, const struct iopf_rec *rec)
{
	if (!o->address)
		return;
	if (!o->owner_tgid) {
		o->owner_tgid = rec->tgid;
		o->owner = tasks_get(&e->tasks, rec->tgid, rec->tid);
	}
	if (!o->in_scope && scope_has(&e->scope, rec->tgid))
		enter_scope(e, o);
}

/*
 * An object was created by a task. It may be older than this record, since others can use it before
 * the creating call returns; but not if there was a gap in between, where it may have been destroyed.
 */
void objects_created(struct iopf_engine *e, uint64_t address, uint32_t id,
		     const struct iopf_rec *rec)
{
	struct object *o = address ? objects_find(&e->objects, address) : NULL;
	bool known = o && !o->created && o->epoch == e->epoch;

	if (!address)
		return;
	if (o && !known)
		objects_retire(e, o);
	o = objects_get(e, address, id);
	if (!o->address)
		return;
	o->created = true;
	o->created_epoch = e->epoch;
	o->owner_tgid = 0; /* whoever used it first did not create it */
	objects_used_by(e, o, rec);
}

/*
 * Frees a dead object that nothing refers to. One in scope stays, to be shown, without what no record can
 * be about any more.
 */
static void fold(struct iopf_engine *e, struct object *o)
{
	struct objects *os = &e->objects;

	if (!o->dead || o->held)
		return;
	if (o->in_scope) {
		judge_bury(e, o);
		return;
	}
	os->left_out.objects++;
	os->left_out.events += o->events;
	os->left_out.groups += o->groups;
	breakdown_forget(e, o);
	os->object[o->number] = NULL;
	os->free[os->nr_free++] = o->number;
	free_object(e, o);
}

/* An object has gone. */
void objects_retire(struct iopf_engine *e, struct object *o)
{
	struct objects *os = &e->objects;

	if (!o->address || o->dead)
		return;
	early_close(e, o);
	if (os->last == o)
		os->last = NULL;
	map_remove(&os->by_address, o->address);
	o->dead = true;
	fold(e, o);
}

/* A group of an object is no longer held. */
void objects_release(struct iopf_engine *e, struct object *o)
{
	o->held--;
	fold(e, o);
}
