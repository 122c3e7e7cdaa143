// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define OUTPUT_PERFETTO_PRIVATE
#include "perfetto_private.h"

/* How far from the head of a queue is looked: more than CPUs can enqueue at one time. */
#define MAX_DEPTH 512
/* And how far for a group that was made up for a delivery; there are some only after losses. */
#define MAX_ORPHANS 4096

bool pf_match_fault(const struct pf_group *g, const struct iopf_pgfault *f)
{
	uint32_t valid = (g->state & PF_VAGUE ? f->flags : g->flags) & IOPF_PRQ_PASID_VALID;

	if (g->grpid != f->grpid || (valid && g->pasid != f->pasid))
		return false;
	if (g->state & PF_VAGUE)
		return true;
	return g->addr == f->addr && (!g->dev_id || g->dev_id == f->dev_id);
}

/* What would be read of a group, as far as it tells groups apart. */
static struct iopf_pgfault looks_of(const struct pf_group *g)
{
	return (struct iopf_pgfault){
		.flags = g->flags,
		.dev_id = g->dev_id,
		.pasid = g->pasid,
		.grpid = g->grpid,
		.addr = g->addr,
	};
}

bool pf_match_alike(const struct pf_group *a, const struct pf_group *b)
{
	struct iopf_pgfault f = looks_of(b);

	return pf_match_fault(a, &f);
}

bool pf_match_reply(const struct pf_group *g, const struct pf_reply *r)
{
	if (g->state & PF_STALE && r->object &&
	    (g->object->dead || r->object != g->object->link.key))
		return false;
	if (g->grpid != r->grpid || (g->dev && r->dev && g->dev != r->dev))
		return false;
	return !(g->flags & IOPF_PRQ_PASID_VALID) || g->pasid == r->pasid;
}

/* The first in the queue that looks like this. */
static struct pf_group *search(const struct pf_object *o, const struct iopf_pgfault *f)
{
	struct pf_group *g = o->queue.head;

	for (int depth = 0; g && depth < MAX_DEPTH; depth++, g = g->behind) {
		if (pf_match_fault(g, f))
			return g;
	}
	return NULL;
}

struct pf_group *pf_match_queue(struct pf_object *o, const struct iopf_pgfault *f)
{
	struct pf_group *found = search(o, f), *g = o->queue.head;

	if (found && found->state & PF_STALE)
		return found;
	for (int depth = 0; g && g != found && depth < MAX_DEPTH; depth++) {
		struct pf_group *behind = g->behind;

		/* It has been delivered in the gap. */
		if (g->state & PF_STALE)
			pf_group_state(g, (g->state & ~PF_QUEUED) | PF_DELIVERED);
		g = behind;
	}
	return found;
}

/* Whether a read that was entered then can have delivered it: not after its answer. */
static bool was_in_time(const struct pf_group *g, uint64_t enter_ns)
{
	uint64_t answer_ns = g->write_ns ? g->write_ns : g->ack_ns;

	return !enter_ns || !answer_ns || enter_ns <= answer_ns;
}

/* The one that was answered first of @best and @g, if that fits. */
static struct pf_group *first_of(struct pf_group *best, struct pf_group *g,
				 const struct iopf_pgfault *f, uint64_t enter_ns)
{
	if (!(g->state & PF_ANSWERED) || !was_in_time(g, enter_ns) || !pf_match_fault(g, f))
		return best;
	return !best || g->write_ns < best->write_ns ? g : best;
}

struct pf_group *pf_match_early(const struct perfetto *p, const struct pf_object *o,
				const struct iopf_pgfault *f, uint64_t enter_ns)
{
	struct pf_group *g = NULL, *best = NULL;

	if (!o->early.nr)
		return NULL;
	while ((g = pf_group_by_cookie(p, o, f->cookie, g)))
		best = first_of(best, g, f, enter_ns);
	if (best)
		return best;
	for (g = o->early.head; g; g = g->behind) {
		if (!g->answer_cookie)
			best = first_of(best, g, f, enter_ns);
	}
	return best;
}

struct pf_group *pf_match_holder(const struct perfetto *p, const struct pf_object *o,
				 uint32_t cookie)
{
	for (struct pf_group *g = NULL; (g = pf_group_by_cookie(p, o, cookie, g));) {
		if (!(g->state & PF_ANSWERED))
			return g;
	}
	return NULL;
}

bool pf_match_doubtful(const struct perfetto *p, const struct pf_object *o, uint64_t enter_ns)
{
	return p->epoch && (enter_ns <= p->epoch_ns || enter_ns <= o->doubtful_ns);
}

void pf_set_handover(struct perfetto *p, struct pf_group *g, const struct pf_handover *h)
{
	pf_group_state(g, (g->state & ~PF_QUEUED) | PF_DELIVERED);
	g->h = *h;
	if (h->named)
		pf_group_set_cookie(p, g, h->cookie);
	else
		pf_group_unset_cookie(p, g);
}

void pf_unset_handover(struct perfetto *p, struct pf_group *g)
{
	pf_group_unset_cookie(p, g);
	g->h = (struct pf_handover){ 0 };
	pf_group_state(g, g->state & ~PF_DELIVERED);
}

/* Whether a delivery may be a group's: it was not over before the group was queued. */
static bool may_be_of(const struct pf_group *g, uint64_t deliver_ns)
{
	return deliver_ns && deliver_ns >= g->queue_ns;
}

/* The other group that is outstanding with this cookie and whose delivery may be @g's. */
static struct pf_group *rival(const struct perfetto *p, const struct pf_group *g, uint32_t cookie)
{
	for (struct pf_group *h = NULL; (h = pf_group_by_cookie(p, g->object, cookie, h));) {
		if (h == g || h->state & PF_ANSWERED || !pf_match_alike(g, h))
			continue;
		if (h->state & PF_ADOPTED && !h->h.deliver_ns ? h->seq > g->seq :
								may_be_of(g, h->h.deliver_ns))
			return h;
	}
	return NULL;
}

/* A delivery that fitted no group then was @g's: the group made up for it was none. */
static void take_over(struct perfetto *p, struct pf_group *g, struct pf_group *adopted)
{
	struct pf_handover h = adopted->h;

	g->lost_flow = g->h.flow;
	pf_group_free(p, adopted);
	pf_set_handover(p, g, &h);
}

/* The first of a list that was made up for a delivery which may have been @g's. */
static struct pf_group *find_orphan(struct pf_group *list, const struct pf_group *g)
{
	struct pf_group *first = NULL;

	for (int depth = 0; list && depth < MAX_ORPHANS; depth++, list = list->next) {
		if (list->object == g->object && list->state & PF_ORPHAN &&
		    !(list->state & PF_ANSWERED) && pf_match_alike(g, list) &&
		    may_be_of(g, list->h.deliver_ns))
			first = list;
	}
	return first;
}

/* A group has lost its delivery to another: it had one that fitted nobody then, or is still queued. */
static void give_back(struct perfetto *p, struct pf_group *g)
{
	struct pf_group *orphan = find_orphan(p->stale, g);

	if (!orphan)
		orphan = find_orphan(p->fresh, g);
	if (orphan)
		take_over(p, g, orphan);
	else
		pf_group_state(g, g->state | PF_QUEUED);
}

/* Two groups change their deliveries. */
static void exchange(struct perfetto *p, struct pf_group *g, struct pf_group *h)
{
	struct pf_handover gs = g->h, hs = h->h;
	bool delivered = g->state & PF_DELIVERED;

	pf_unset_handover(p, h);
	pf_set_handover(p, g, &hs);
	if (delivered)
		pf_set_handover(p, h, &gs);
	else
		give_back(p, h);
}

/* Makes a group that looks the same as another, of which only the delivery is known. */
static struct pf_group *twin_of(struct perfetto *p, const struct pf_group *g)
{
	struct iopf_rec rec = { .seq = p->next_seq - 1, .time_ns = g->h.deliver_ns };
	struct pf_group *twin = pf_group_new(p, g->object, &rec);

	if (!twin)
		return NULL;
	twin->dev = g->dev;
	twin->dev_id = g->dev_id;
	twin->addr = g->addr;
	twin->pasid = g->pasid;
	twin->grpid = g->grpid;
	twin->flags = g->flags;
	twin->perm = g->perm;
	twin->pages = g->pages;
	twin->state = PF_ADOPTED | PF_ORPHAN;
	if (g->state & PF_STALE)
		pf_group_stale(p, twin, g->gone_ns);
	return twin;
}

/* A group was not delivered as believed: that was one like it, in the queue or not known. */
static void give_away(struct perfetto *p, struct pf_group *g)
{
	struct iopf_pgfault f = looks_of(g);
	struct pf_group *to = search(g->object, &f);
	struct pf_handover h = g->h;

	if (to && !may_be_of(to, h.deliver_ns))
		to = NULL;
	if (!to && !pf_object_whole(p, g->object))
		to = twin_of(p, g);
	if (!to) {
		g->h.deliver_ns = 0;
		return;
	}
	pf_unset_handover(p, g);
	pf_set_handover(p, to, &h);
}

void pf_settle(struct perfetto *p, struct pf_group *g, const struct pf_reply *r)
{
	bool delivered = g->state & PF_DELIVERED;
	struct pf_group *h;

	if (!r->named || (delivered && g->h.named && g->h.cookie == r->cookie))
		return;
	h = rival(p, g, r->cookie);
	if (h && h->state & PF_ADOPTED) {
		if (delivered && g->h.named && !(g->state & PF_STALE))
			exchange(p, g, h);
		else
			take_over(p, g, h);
	} else if (delivered && !g->h.named) {
		return;
	} else if (h) {
		exchange(p, g, h);
	} else if (delivered) {
		give_away(p, g);
	}
}

void pf_settle_adopted(struct perfetto *p, struct pf_group *g, struct pf_group *holder)
{
	if (!(holder->state & PF_STALE)) {
		exchange(p, g, holder);
		return;
	}
	/* That may also have been answered in the gap: nothing is certain. */
	g->lost_flow = holder->h.flow;
	pf_unset_handover(p, holder);
	pf_group_state(holder, holder->state | PF_DELIVERED);
}
