// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Which delivery belongs to which group, when their cookies tell. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "adopt.h"
#include "ends.h"
#include "match.h"
#include "settle.h"

/* A group's part in its delivery. */
struct handover {
	uint64_t deliver_ns;
	uint32_t cookie, reader;
};

/* What is known of a group's delivery. */
static struct handover handover_of(const struct group *g)
{
	return (struct handover){g->deliver_ns, g->cookie, g->reader};
}

/* Whether a delivery may be a group's: it was not over before the group was queued. */
static bool may_be_of(const struct group *g, uint64_t deliver_ns)
{
	return deliver_ns && deliver_ns >= g->queue_ns;
}

/*
 * Sets what a read told. Its time can be used if no gap has happened since the group began: then
 * there was none between its beginning and the delivery either.
 */
void settle_set(struct iopf_engine *e, struct group *g, uint64_t deliver_ns, uint32_t cookie,
		uint32_t reader)
{
	if (g->state & GROUP_QUEUED)
		groups_unlink(&e->groups, &core_object_of(e, g)->queue, g);
	g->state &= ~(GROUP_QUEUED | GROUP_TIMED | GROUP_PASSED);
	g->state |= GROUP_DELIVERED;
	g->deliver_ns = deliver_ns;
	g->reader = reader;
	if (deliver_ns && g->epoch == e->epoch)
		g->state |= GROUP_TIMED;
	if (cookie)
		groups_index_cookie(&e->groups, g, cookie);
	else
		groups_unindex_cookie(&e->groups, g);
	g->cookie = cookie;
}

/* Takes a delivery away from a group, as if it had not happened. */
static void unset(struct iopf_engine *e, struct group *g)
{
	groups_unindex_cookie(&e->groups, g);
	g->state &= ~(GROUP_DELIVERED | GROUP_TIMED);
	g->deliver_ns = 0;
	g->cookie = 0;
	g->reader = 0;
}

/* Whether two groups could not be told apart by what was read of them. */
static bool look_alike(const struct group *a, const struct group *b)
{
	struct delivery d = {
		.flags = b->flags, .dev_id = b->dev_id, .pasid = b->pasid, .grpid = b->grpid,
		.addr = b->addr,
	};

	return match_request(a, &d);
}

/*
 * Whether what is believed to be @h's delivery may be @g's: it must come after @g was enqueued. (An
 * adopted group has the number of the read that delivered it.) And if an adopted group has seen a
 * gap, it may have been another one which was answered there.
 */
static bool is_rival(const struct iopf_engine *e, const struct group *g, const struct group *h)
{
	if (h == g || h->state & GROUP_ANSWERED)
		return false;
	if (!(h->state & GROUP_ADOPTED))
		return may_be_of(g, h->deliver_ns) && look_alike(g, h);
	if (h->deliver_ns ? !may_be_of(g, h->deliver_ns) : h->seq < g->seq)
		return false;
	return h->epoch == e->epoch || look_alike(g, h);
}

/* The other group that is outstanding with this cookie and whose delivery may be @g's. */
static struct group *rival(struct iopf_engine *e, const struct group *g, uint32_t cookie)
{
	struct group *h = NULL;

	while ((h = groups_by_cookie(&e->groups, g->object, cookie, h))) {
		if (is_rival(e, g, h))
			return h;
	}
	return NULL;
}

/* Two groups change their deliveries; one that had none makes the other go back to the queue. */
static void exchange(struct iopf_engine *e, struct group *g, struct group *h)
{
	struct handover gs = handover_of(g), hs = handover_of(h);
	bool g_delivered = g->state & GROUP_DELIVERED;

	unset(e, h);
	settle_set(e, g, hs.deliver_ns, hs.cookie, hs.reader);
	if (g_delivered) {
		settle_set(e, h, gs.deliver_ns, gs.cookie, gs.reader);
		if (!may_be_of(h, gs.deliver_ns)) /* nor can it be @h's; a later answer will tell */
			h->state &= ~GROUP_TIMED;
		return;
	}
	h->state |= GROUP_QUEUED;
	groups_insert(&e->groups, &core_object_of(e, h)->queue, h);
}

/* A delivery that fitted no group then was @g's: the group made up for it goes. */
static void take_over(struct iopf_engine *e, struct group *g, struct group *adopted)
{
	struct object *o = core_object_of(e, g);
	struct handover h = handover_of(adopted);

	if (g->state & GROUP_DELIVERED && !(g->state & GROUP_PASSED))
		o->tally->n[TALLY_DELIVERED]--; /* it was counted twice */
	o->tally->n[TALLY_ADOPTED]--;
	o->groups--;
	objects_outstanding(e, o, adopted, -1);
	ends_drop(e, adopted);
	settle_set(e, g, h.deliver_ns, h.cookie, h.reader);
}

/*
 * A group was not delivered with the cookie we believed, and the right one has not come yet: its
 * delivery belongs to one like it that is still in the queue, else to one that we do not know of.
 * If there can be no such one, when the group was delivered is not known.
 */
static void give_away(struct iopf_engine *e, struct group *g)
{
	struct object *o = core_object_of(e, g);
	struct group *to = match_twin(e, o, g);
	struct handover h = handover_of(g);

	if (to && !may_be_of(to, h.deliver_ns))
		to = NULL;
	if (!to && !objects_whole(e, o))
		to = adopt_twin(e, g);
	if (!to) {
		g->state &= ~GROUP_TIMED;
		return;
	}
	unset(e, g);
	settle_set(e, to, h.deliver_ns, h.cookie, h.reader);
}

/* Makes a group the one that was delivered with this cookie. */
void settle_delivery(struct iopf_engine *e, struct group *g, uint32_t cookie)
{
	bool delivered = g->state & GROUP_DELIVERED;
	struct group *h;

	if (!cookie || (delivered && g->cookie == cookie))
		return;
	h = rival(e, g, cookie);
	if (h && h->state & GROUP_ADOPTED) {
		/* After a gap, the delivery that @g had was another's, which has gone. */
		if (delivered && g->cookie && g->epoch == e->epoch)
			exchange(e, g, h);
		else
			take_over(e, g, h);
	} else if (delivered && !g->cookie) {
		return;
	} else if (h) {
		exchange(e, g, h);
	} else if (delivered) {
		give_away(e, g);
	}
}

/*
 * Makes an adopted group the one that was delivered with this cookie. The other one goes back to the
 * queue; if it has seen a gap, it may also have been answered there, and nothing is certain.
 */
void settle_adopted(struct iopf_engine *e, struct group *g, uint32_t cookie)
{
	struct object *o = core_object_of(e, g);
	struct group *h = match_holder(e, o, cookie);

	if (h && h->epoch == e->epoch) {
		exchange(e, g, h);
	} else if (h) {
		unset(e, h);
		h->state |= GROUP_DELIVERED | GROUP_PASSED;
	}
}
