// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Which delivery belongs to which group, when their cookies tell. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "adopt.h"
#include "ends.h"
#include "match.h"
#include "settle.h"

/* How many are looked at; there are more only when very many groups were adopted. */
#define MAX_DEPTH 512

/* What is known of a group's delivery. */
static struct handover handover_of(const struct group *g)
{
	return (struct handover){ g->enter_ns, g->deliver_ns, g->cookie, g->reader,
				  g->state & GROUP_BY_COOKIE };
}

/* Whether a delivery may be a group's: it was not over before the group was queued. */
static bool may_be_of(const struct group *g, uint64_t deliver_ns)
{
	return deliver_ns && deliver_ns >= g->queue_ns;
}

/* Sets what a read told about a group. */
void settle_set(struct iopf_engine *e, struct group *g, const struct handover *h)
{
	if (g->state & GROUP_QUEUED)
		groups_unlink(&e->groups, &core_object_of(e, g)->queue, g);
	g->state &= ~(GROUP_QUEUED | GROUP_TIMED | GROUP_SURE | GROUP_PASSED);
	g->state |= GROUP_DELIVERED | settle_worth(e, g, h->deliver_ns);
	g->enter_ns = h->enter_ns;
	g->deliver_ns = h->deliver_ns;
	g->reader = h->reader;
	if (h->cookie || h->named)
		groups_index_cookie(&e->groups, g, h->cookie);
	else
		groups_unindex_cookie(&e->groups, g);
	g->cookie = h->cookie;
}

/* Takes a delivery away from a group, as if it had not happened. */
static void unset(struct iopf_engine *e, struct group *g)
{
	groups_unindex_cookie(&e->groups, g);
	g->state &= ~(GROUP_DELIVERED | GROUP_TIMED);
	g->enter_ns = 0;
	g->deliver_ns = 0;
	g->cookie = 0;
	g->reader = 0;
}

/*
 * Whether what is believed to be @h's delivery may be @g's: it looks like it and came after @g was
 * enqueued. (An adopted group has the number of the read that delivered it.)
 */
static bool is_rival(const struct iopf_engine *e, const struct group *g, const struct group *h)
{
	if (h == g || h->state & GROUP_ANSWERED || !match_alike(e, g, h))
		return false;
	if (h->state & GROUP_ADOPTED && !h->deliver_ns)
		return h->seq > g->seq;
	return may_be_of(g, h->deliver_ns);
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
	settle_set(e, g, &h);
}

/*
 * A group has lost its delivery to another. Perhaps it was delivered at another time, when it could
 * not be found in the queue; else it goes back there.
 */
static void give_back(struct iopf_engine *e, struct group *g)
{
	struct object *o = core_object_of(e, g);
	uint32_t id = o->orphans.head;

	for (int depth = 0; id && depth < MAX_DEPTH; depth++) {
		struct group *orphan = groups_at(&e->groups, id);

		if (match_alike(e, g, orphan) && may_be_of(g, orphan->deliver_ns)) {
			take_over(e, g, orphan);
			return;
		}
		id = orphan->next;
	}
	g->state |= GROUP_QUEUED;
	groups_insert(&e->groups, &o->queue, g);
}

/* Two groups change their deliveries. */
static void exchange(struct iopf_engine *e, struct group *g, struct group *h)
{
	struct handover gs = handover_of(g), hs = handover_of(h);
	bool g_delivered = g->state & GROUP_DELIVERED;

	unset(e, h);
	settle_set(e, g, &hs);
	if (g_delivered) {
		settle_set(e, h, &gs);
		if (!may_be_of(h, gs.deliver_ns)) /* nor can it be @h's; a later answer will tell */
			h->state &= ~GROUP_TIMED;
		return;
	}
	give_back(e, h);
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
		g->state |= GROUP_MISNAMED;
		return;
	}
	unset(e, g);
	settle_set(e, to, &h);
}

/* Makes a group the one that was delivered with the cookie of its answer. */
void settle_delivery(struct iopf_engine *e, struct group *g, const struct answer *a)
{
	bool delivered = g->state & GROUP_DELIVERED;
	struct group *h;

	if (!groups_answer_named(a) || (delivered && groups_named(g) && g->cookie == a->cookie))
		return;
	h = rival(e, g, a->cookie);
	if (h && h->state & GROUP_ADOPTED) {
		/* After a gap, the delivery that @g had was another's, which has gone. */
		if (delivered && groups_named(g) && g->epoch == e->epoch)
			exchange(e, g, h);
		else
			take_over(e, g, h);
	} else if (delivered && !groups_named(g)) {
		return;
	} else if (h) {
		exchange(e, g, h);
	} else if (delivered) {
		give_away(e, g);
	}
}

/*
 * Makes an adopted group the one that was delivered. If the other one has seen a gap, it may also
 * have been answered there, and nothing is certain.
 */
void settle_adopted(struct iopf_engine *e, struct group *g, struct group *holder)
{
	if (holder->epoch == e->epoch) {
		exchange(e, g, holder);
	} else {
		unset(e, holder);
		holder->state |= GROUP_DELIVERED | GROUP_PASSED;
	}
}
