// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The life of a group. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "adopt.h"
#include "answers.h"
#include "early.h"
#include "ends.h"
#include "life.h"
#include "match.h"
#include "rules.h"
#include "settle.h"
#include "stages.h"

/* As many groups can have had the same memory before their answers are seen. */
#define MAX_REPLACED 4

/* Counts a group that enters an object, and its first stage: the rest of its life may be lost. */
static void count_enqueued(struct iopf_engine *e, struct object *o, uint32_t device,
			   const struct iopf_rec_enqueue *r)
{
	struct tally *t = o->tally;
	bool negative = r->h.time_ns < r->report_ns;

	o->groups++;
	t->n[TALLY_ENQUEUED]++;
	t->n[TALLY_PAGES] += r->pages;
	core_check(e, tally_device(t, device, 1));
	if (r->report_ns && r->h.time_ns)
		core_check(e, tally_stage(t, IOPF_STAGE_ROUTE,
					  negative ? 0 : r->h.time_ns - r->report_ns, negative));
}

/*
 * A group's memory is used again, so it should have been answered; if it never was, IOPF001 tells. The record
 * of its answer may still come, shortly: when the driver was not told, it is made at the end of the call that answered. But if there was a
 * gap, it is in that; and it does not come after the memory was used many times more.
 */
static void replace(struct iopf_engine *e, uint64_t pointer)
{
	struct group *g = groups_by_pointer(&e->groups, pointer, NULL), *oldest = NULL;
	int replaced = 0;

	while (g) {
		struct group *next = groups_by_pointer(&e->groups, pointer, g);

		if (g->epoch != e->epoch) {
			ends_unseen(e, g);
		} else if (g->state & GROUP_REPLACED) {
			replaced++;
			if (!oldest || g->seq < oldest->seq)
				oldest = g;
		} else {
			objects_outstanding(e, core_object_of(e, g), g, -1);
			g->state |= GROUP_REPLACED;
		}
		g = next;
	}
	if (replaced == MAX_REPLACED)
		ends_unseen(e, oldest);
}

/* Takes an ENQUEUE record. */
void life_enqueue(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_enqueue *r = (const struct iopf_rec_enqueue *)rec;
	struct object *o = objects_get(e, r->object, r->object_id);
	uint32_t device = core_device(e, r->dev);
	struct rules_step step = { .kind = RULES_ENQUEUED, .rec = rec };
	struct group *g;
	bool full;

	if (device && r->dev_id)
		devices_set_id(devices_at(&e->devices, device), r->dev_id);
	replace(e, r->group);
	count_enqueued(e, o, device, r);
	g = groups_new(&e->groups, &full);
	if (!g) {
		o->unfollowed++;
		core_no_room(e, full);
		return;
	}
	life_begin(g, r, o->number, core_hold(e, r->handle, device, r->dev_id), e->epoch);
	o->held++;
	groups_append(&e->groups, &o->queue, g);
	groups_index_pointer(&e->groups, g);
	groups_index_request(&e->groups, g);
	objects_outstanding(e, o, g, 1);
	step.group = g;
	step.object = o;
	rules_step(e, &step);
}

/* A group was delivered that has already been answered: it is complete now. */
static void deliver_early(struct iopf_engine *e, struct group *g, const struct handover *h)
{
	g->state |= GROUP_DELIVERED | settle_worth(e, g, h->deliver_ns);
	g->enter_ns = h->enter_ns;
	g->deliver_ns = h->deliver_ns;
	g->reader = h->reader;
	early_end(e, g);
}

/* A group was delivered. If it may have been another one, when it was is not known. */
static void delivered(struct iopf_engine *e, struct object *o, struct group *g,
		      const struct delivery *d, const struct iopf_rec *rec)
{
	bool doubtful = match_is_doubtful(e, o, d->enter_ns);
	struct handover h = {
		.enter_ns = d->enter_ns,
		.deliver_ns = doubtful ? 0 : d->deliver_ns,
		.cookie = d->cookie,
		.reader = d->reader,
		.named = d->pages != 0,
	};
	struct rules_step step = {
		.kind = RULES_DELIVERED,
		.before = g->state,
		.group = g,
		.object = o,
		.delivery = d,
		.rec = rec,
	};
	bool queued = g->state & GROUP_QUEUED;

	o->tally->n[TALLY_DELIVERED]++;
	if (queued)
		settle_set(e, g, &h);
	rules_step(e, &step);
	if (!queued)
		deliver_early(e, g, &h);
}

/*
 * A read delivered something that is none of the groups we know. If we know all that there are, the
 * buffer no longer holds what the kernel put there: which group it was is not known.
 */
static void deliver_unknown(struct iopf_engine *e, struct object *o, const struct delivery *d,
			    const struct iopf_rec *rec)
{
	struct rules_step step = {
		.kind = RULES_DELIVERED_UNKNOWN,
		.object = o,
		.delivery = d,
		.rec = rec,
	};

	if (!objects_whole(e, o)) {
		adopt_delivery(e, o, d, rec);
		return;
	}
	o->tally->n[TALLY_DELIVERED]++;
	o->tally->n[TALLY_UNCLEAR]++;
	rules_step(e, &step);
}

/* A read delivered a group from an object. */
uint32_t life_deliver(struct iopf_engine *e, struct object *o, const struct delivery *d,
		      const struct iopf_rec *rec)
{
	uint32_t pages = 0;

	struct rules_step step = {
		.kind = RULES_DELIVERED_AGAIN,
		.object = o,
		.delivery = d,
		.rec = rec,
	};
	struct group *g;

	switch (match_delivery(e, o, d, &g)) {
	case MATCH_QUEUED:
	case MATCH_EARLY:
		pages = g->pages;
		delivered(e, o, g, d, rec);
		break;
	case MATCH_AGAIN:
		step.before = g->state;
		step.group = g;
		rules_step(e, &step);
		break;
	case MATCH_NONE:
		deliver_unknown(e, o, d, rec);
		break;
	}
	return pages;
}

/*
 * A read delivered records that cannot be read. Unless all groups of the object are known, it is not
 * known either which of them these were; they stay where they are.
 */
void life_deliver_unread(struct iopf_engine *e, struct object *o, const struct delivery *d,
			 uint64_t records, const struct iopf_rec *rec)
{
	struct group *g;

	while (records && objects_whole(e, o) && match_next(e, o, d->enter_ns, &g) != MATCH_NONE &&
	       g->pages <= records) {
		records -= g->pages ? g->pages : 1;
		delivered(e, o, g, d, rec);
	}
	if (records)
		o->tally->n[TALLY_UNCLEAR]++;
}

/* A group that is held was answered. */
static void answer_known(struct iopf_engine *e, struct group *g, const struct reply *r)
{
	struct object *o = core_object_of(e, g);
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

	o->events++;
	adopt_note_answered(e, r->group);
	a.certain = g->epoch == e->epoch;
	if (!a.certain)
		objects_doubt(o, r->rec->time_ns);
	settle_delivery(e, g, &a);
	answers_count(e, o, r);
	if (!(g->state & GROUP_REPLACED))
		objects_outstanding(e, o, g, -1);
	rules_step(e, &step);
	if (a.fetched && !(g->state & GROUP_DELIVERED) && !o->dead)
		early_keep(e, g, &a);
	else
		ends_answered(e, g, &a);
}

/*
 * The group that was answered: of those that had its memory, the last one that began before the
 * answer. If there is none, one whose cookie and request are right: then the times deceive.
 */
static struct group *find_answered(const struct iopf_engine *e, const struct reply *r)
{
	const struct answer *a = &r->answer;
	struct group *g = NULL, *best = NULL, *holder = NULL;

	while ((g = groups_by_pointer(&e->groups, r->group, g))) {
		if (a->write_ns && g->queue_ns > a->write_ns) {
			if (groups_answer_named(a) && groups_named(g) && g->cookie == a->cookie &&
			    match_reply(e, g, r))
				holder = g;
		} else if (!best || best->seq < g->seq) {
			best = g;
		}
	}
	return best ? best : holder;
}

/* The latest group with a pointer. */
struct group *life_latest(const struct iopf_engine *e, uint64_t pointer)
{
	struct group *g = NULL, *latest = NULL;

	while ((g = groups_by_pointer(&e->groups, pointer, g))) {
		if (!latest || latest->seq < g->seq)
			latest = g;
	}
	return latest;
}

/*
 * Whether an answer is rather that of a group which was adopted since the last gap, and looks
 * different, than of @g, which may have been answered in the gap.
 */
static bool is_of_another(const struct iopf_engine *e, const struct group *g, const struct reply *r)
{
	struct group *h = NULL;

	if (g->epoch == e->epoch)
		return false;
	while ((h = groups_by_cookie(&e->groups, g->object, r->answer.cookie, h))) {
		if (h->state & GROUP_ORPHAN && h->epoch == e->epoch && match_reply(e, h, r) &&
		    !match_alike(e, g, h))
			return true;
	}
	return false;
}

/*
 * A group was answered. If the answer is that of another request, the memory is another group's by
 * now, of which the beginning was not seen.
 */
void life_answer(struct iopf_engine *e, const struct reply *r)
{
	struct group *g = find_answered(e, r);

	if (g && (!match_reply(e, g, r) || is_of_another(e, g, r))) {
		ends_unseen(e, g);
		g = NULL;
	}
	if (g)
		answer_known(e, g, r);
	else
		adopt_answer(e, r);
}
