// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Groups whose beginning was not seen. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "adopt.h"
#include "answers.h"
#include "early.h"
#include "ends.h"
#include "match.h"
#include "rules.h"
#include "settle.h"

/* Counts a group that is adopted. */
static void count_adopted(struct object *o)
{
	o->groups++;
	o->tally->n[TALLY_ADOPTED]++;
}

/* A new group of an object that was first seen at a record; NULL when there is no room. */
static struct group *new_group(struct iopf_engine *e, struct object *o, uint64_t seq)
{
	bool full;
	struct group *g = groups_new(&e->groups, &full);

	if (!g) {
		core_no_room(e, full);
		return NULL;
	}
	g->seq = seq;
	g->object = o->number;
	g->epoch = e->epoch;
	g->state |= GROUP_ADOPTED;
	o->held++;
	return g;
}

/* A group that is adopted by its delivery is outstanding. */
static void add_orphan(struct iopf_engine *e, struct object *o, struct group *g)
{
	g->state |= GROUP_ORPHAN;
	groups_append(&e->groups, &o->orphans, g);
	objects_outstanding(e, o, g, 1);
}

/*
 * A read delivered a group that is not known. What names no device does not come from the kernel; it
 * stands for a group that cannot be followed. (A cookie of 0 may: Linux hands it out once user space
 * has written it.)
 */
void adopt_delivery(struct iopf_engine *e, struct object *o, const struct delivery *d,
		    const struct iopf_rec *rec)
{
	struct rules_step step = { .kind = RULES_ADOPTED, .rec = rec };
	struct group *g;

	if (!d->cookie && !d->dev_id) {
		o->tally->n[TALLY_UNCLEAR]++;
		return;
	}
	o->tally->n[TALLY_DELIVERED]++;
	if (o->unfollowed) /* it is one of those, and already counted */
		return;
	count_adopted(o);
	g = new_group(e, o, d->seq);
	if (!g) {
		o->unfollowed++;
		return;
	}
	g->addr = d->addr;
	g->handle = core_hold(e, 0, 0, d->dev_id);
	g->pasid = d->pasid;
	g->grpid = d->grpid;
	g->flags = d->flags;
	g->perm = d->perm;
	g->pages = groups_pages(d->pages);
	if (match_is_doubtful(e, o, d->enter_ns))
		g->epoch--; /* it must not be taken for outstanding */
	settle_set(e, g,
		   &(struct handover){ d->enter_ns, d->deliver_ns, d->cookie, d->reader,
				       d->pages != 0 });
	add_orphan(e, o, g);
	groups_index_request(&e->groups, g); /* a walk may tell of it yet */
	step.group = g;
	step.object = o;
	step.delivery = d;
	rules_step(e, &step);
}

/* A walk found a group, which is outstanding since then at least: who it is. */
static void found(struct iopf_engine *e, struct object *o, struct group *g,
		  const struct iopf_rec_waiting *r)
{
	uint32_t device = core_device(e, r->dev);

	g->pointer = r->group;
	g->handle = core_hold(e, r->handle, device, r->dev_id);
	g->flags = r->flags;
	g->marks |= MARK_FOUND;
	if (r->h.time_ns > e->judge.walk_ns)
		e->judge.walk_ns = r->h.time_ns;
	if (device && r->dev_id)
		devices_set_id(devices_at(&e->devices, device), r->dev_id);
	core_check(e, tally_device(o->tally, device, 1));
	groups_index_pointer(&e->groups, g);
}

/* Fills in a group that a walk found. Since when it waits is not known. */
static void begin_found(struct iopf_engine *e, struct object *o, struct group *g,
			const struct iopf_rec_waiting *r)
{
	g->addr = r->addr;
	g->pasid = r->pasid;
	g->grpid = r->grpid;
	g->perm = r->perm;
	g->pages = groups_pages(r->pages);
	found(e, o, g, r);
	if (r->waiting & IOPF_WAITING_DELIVERED) {
		settle_set(e, g,
			   &(struct handover){ .cookie = r->cookie,
					       .named = iopf_waiting_named(r) });
		add_orphan(e, o, g);
	} else {
		g->state |= GROUP_QUEUED;
		groups_append(&e->groups, &o->queue, g);
		objects_outstanding(e, o, g, 1);
	}
}

/*
 * The group that a walk tells of, if a read that returned before the record of the walk came has
 * delivered it: with the cookie that the walk saw, or after the walk saw it in the queue.
 */
static struct group *find_delivered(struct iopf_engine *e, struct object *o,
				    const struct iopf_rec_waiting *r)
{
	struct delivery d = {
		.flags = r->flags,
		.dev_id = r->dev_id,
		.pasid = r->pasid,
		.grpid = r->grpid,
		.addr = r->addr,
	};
	struct group *g = NULL;

	/* Its device is not known, but for its dev_id */
	while ((g = groups_by_request(&e->groups, 0, r->grpid, g))) {
		if (g->object == o->number && g->state & GROUP_ORPHAN && !g->pointer &&
		    g->epoch == e->epoch && match_request(e, g, &d) &&
		    (iopf_waiting_named(r) ? g->cookie == r->cookie :
					     g->deliver_ns >= r->h.time_ns))
			return g;
	}
	return NULL;
}

/*
 * Takes a WAITING record of the walk at the beginning. A group that is known already was queued, or
 * delivered, after the probes were on.
 */
void adopt_waiting(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_waiting *r = (const struct iopf_rec_waiting *)rec;
	struct object *o;
	struct group *g;

	if (r->waiting & IOPF_WAITING_END)
		return;
	o = objects_get(e, r->object, r->object_id);
	if (groups_by_pointer(&e->groups, r->group, NULL) || map_get(&e->answered, r->group))
		return;
	g = find_delivered(e, o, r);
	if (g) {
		groups_unindex_request(&e->groups, g);
		handles_release(&e->handles, g->handle);
		found(e, o, g, r);
		groups_index_request(&e->groups, g);
		return;
	}
	if (iopf_waiting_named(r) && match_holder(e, o, r->cookie))
		return;
	count_adopted(o);
	g = new_group(e, o, rec->seq);
	if (g)
		begin_found(e, o, g, r);
	else
		o->unfollowed++;
}

/* Makes a group that looks the same as another. */
struct group *adopt_twin(struct iopf_engine *e, const struct group *g)
{
	struct object *o = core_object_of(e, g);
	struct group *twin = new_group(e, o, e->next_seq - 1);

	if (!twin)
		return NULL;
	count_adopted(o);
	twin->addr = g->addr;
	twin->handle = core_hold(e, 0, 0, core_dev_id(e, g));
	twin->pasid = g->pasid;
	twin->grpid = g->grpid;
	twin->flags = g->flags;
	twin->perm = g->perm;
	twin->pages = g->pages;
	twin->epoch = g->epoch;
	add_orphan(e, o, twin);
	return twin;
}

/* Counts an answer to a group that did not enter a fault object: the core could not make it. */
static void count_aborted(struct iopf_engine *e, const struct reply *r)
{
	struct device *d = devices_at(&e->devices, core_device(e, r->dev));

	d->aborted++;
	if (r->answer.code <= IOPF_CODE_FAILURE)
		d->aborted_code[r->answer.code]++;
}

/* The answer of a group that is adopted because of it, or was because of its delivery. */
static void answer_adopted(struct iopf_engine *e, struct object *o, struct group *g,
			   const struct reply *r)
{
	struct answer a = r->answer;
	struct rules_step step = {
		.kind = RULES_ANSWERED,
		.before = g->state,
		.group = g,
		.object = o,
		.answer = &a,
		.reply = r,
		.rec = r->rec,
	};

	if (!handles_at(&e->handles, g->handle)->device) {
		uint32_t device = core_device(e, r->dev), dev_id = core_dev_id(e, g);

		groups_unindex_request(&e->groups, g);
		handles_release(&e->handles, g->handle);
		g->handle = core_hold(e, 0, device, dev_id);
		core_check(e, tally_device(o->tally, device, 1));
	}
	a.certain = g->epoch == e->epoch;
	if (!a.certain)
		objects_doubt(o, r->rec->time_ns);
	rules_step(e, &step);
	if (a.fetched && groups_answer_named(&a) && !(g->state & GROUP_DELIVERED))
		early_keep(e, g, &a);
	else
		ends_answered(e, g, &a);
}

/*
 * Adopts a group when it is answered. Its read may still come, or have been before tracing began;
 * or it was taken for that of another group, @holder.
 */
static void adopt_answered(struct iopf_engine *e, struct object *o, const struct reply *r,
			   struct group *holder)
{
	struct group *g;

	count_adopted(o);
	g = new_group(e, o, r->rec->seq);
	if (!g)
		return;
	g->pasid = r->pasid;
	g->grpid = r->grpid;
	g->state |= GROUP_VAGUE;
	if (holder)
		settle_adopted(e, g, holder);
	answer_adopted(e, o, g, r);
}

/*
 * The group that was delivered with a cookie and is now answered, by a pointer that is not known.
 * Of several that are believed to have the cookie, one is taken that looks like the answer's. One
 * that does not, and was delivered after the answer, has the cookie next; one that has seen a gap
 * was answered there. Otherwise what was read of it was not the truth.
 */
static struct group *find_holder(struct iopf_engine *e, struct object *o, const struct reply *r)
{
	struct group *g = NULL, *other = NULL;

	while ((g = groups_by_cookie(&e->groups, o->number, r->answer.cookie, g))) {
		if (g->state & GROUP_ANSWERED)
			continue;
		if (match_reply(e, g, r))
			return g;
		/* With 0 it may be one that was never handed out. */
		if (r->answer.cookie &&
		    (!r->answer.write_ns || g->deliver_ns <= r->answer.write_ns))
			other = g;
	}
	if (other && other->epoch != e->epoch) {
		ends_unseen(e, other);
		return NULL;
	}
	return other;
}

/*
 * A group that is not known was answered. Not all are groups of iommufd: the kernel's own SVA
 * handler answers without a cookie and outside of everything that has to do with a fault object.
 */
void adopt_answer(struct iopf_engine *e, const struct reply *r)
{
	struct rules_step step = {
		.kind = RULES_ANSWERED_UNKNOWN,
		.reply = r,
		.answer = &r->answer,
		.rec = r->rec,
	};
	struct object *o;
	struct group *g;

	rules_step(e, &step);
	if (!r->object && !r->answer.cookie && r->answer.by != IOPF_BY_USER) {
		step.kind = RULES_ANSWERED_NO_GROUP;
		rules_step(e, &step);
		if (r->answer.by == IOPF_BY_ABORT)
			count_aborted(e, r);
		return;
	}
	adopt_note_answered(e, r->group);
	o = objects_get(e, r->object, 0);
	answers_count(e, o, r);
	g = find_holder(e, o, r);
	if (g && g->state & GROUP_ADOPTED) {
		objects_outstanding(e, o, g, -1);
		answer_adopted(e, o, g, r);
	} else if (o->unfollowed) {
		o->unfollowed--;
	} else {
		/*
		 * Every group of an object that was seen whole is known: this one has had its answer
		 * already, or was never queued. Either way the books must not balance.
		 */
		if (!g && objects_whole(e, o))
			o->tally->n[TALLY_UNCLEAR]++;
		adopt_answered(e, o, r, g);
	}
}
