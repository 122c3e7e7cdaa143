// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* How groups live: what a record means for the group it is about. */
#define OUTPUT_PERFETTO_PRIVATE
#include "perfetto_private.h"

/* As many groups can have had the same memory, or cookie, before the record that ends them comes. */
#define MAX_REPLACED 4
#define MAX_SAME_COOKIE 8
#define MAX_EARLY (1U << 16)

/* Writes a group, and forgets it. */
static void end(struct perfetto *p, struct pf_group *g, enum pf_ending ending, uint64_t end_ns)
{
	pf_show_group(p, g, ending, end_ns);
	pf_group_free(p, g);
}

/* A group has ended, and how was not seen. */
static void end_unseen(struct perfetto *p, struct pf_group *g)
{
	end(p, g, PF_ENDS_UNKNOWN, g->gone_ns ? g->gone_ns : p->last_ns);
}

/*
 * A group's memory is used again, so it was answered. The record of that may still come, unless it
 * was in a gap.
 */
static void replace(struct perfetto *p, uint64_t pointer, uint64_t time_ns)
{
	struct pf_group *g = pf_group_by_pointer(p, pointer, NULL), *oldest = NULL;
	int replaced = 0;

	while (g) {
		struct pf_group *next = pf_group_by_pointer(p, pointer, g);

		if (g->state & PF_STALE) {
			end_unseen(p, g);
		} else if (g->state & PF_REPLACED) {
			replaced++;
			if (!oldest || g->number < oldest->number)
				oldest = g;
		} else {
			pf_group_state(g, g->state | PF_REPLACED);
			g->gone_ns = time_ns;
		}
		g = next;
	}
	if (replaced == MAX_REPLACED)
		end_unseen(p, oldest);
}

void pf_life_enqueue(struct perfetto *p, const struct iopf_rec_enqueue *r)
{
	struct pf_object *o = pf_object_get(p, r->object, r->object_id);
	struct pf_group *g;

	if (!o)
		return;
	replace(p, r->group, r->h.time_ns);
	g = pf_group_new(p, o, &r->h);
	if (!g)
		return;
	g->report_ns = r->report_ns;
	g->queue_ns = r->h.time_ns;
	g->dev = r->dev;
	g->addr = r->addr;
	g->dev_id = r->dev_id;
	g->pasid = r->pasid;
	g->grpid = r->grpid;
	g->flags = r->flags;
	g->perm = r->perm;
	g->pages = r->pages;
	pf_group_set_pointer(p, g, r->group);
	pf_group_state(g, PF_QUEUED);
}

void pf_life_waiting(struct perfetto *p, const struct iopf_rec_waiting *r)
{
	struct pf_object *o = pf_object_get(p, r->object, r->object_id);
	bool named = iopf_waiting_named(r);
	struct pf_group *g;

	if (!o || r->waiting & IOPF_WAITING_END || pf_group_by_pointer(p, r->group, NULL) ||
	    pf_table_find(&p->answered, r->group, NULL) ||
	    (named && pf_match_holder(p, o, r->cookie)))
		return;
	g = pf_group_new(p, o, &r->h);
	if (!g)
		return;
	g->dev = r->dev;
	g->addr = r->addr;
	g->dev_id = r->dev_id;
	g->pasid = r->pasid;
	g->grpid = r->grpid;
	g->flags = r->flags;
	g->perm = r->perm;
	g->pages = r->pages;
	pf_group_set_pointer(p, g, r->group);
	pf_group_state(g, PF_ADOPTED);
	if (r->waiting & IOPF_WAITING_DELIVERED)
		pf_set_handover(p, g, &(struct pf_handover){ .cookie = r->cookie, .named = named });
	else
		pf_group_state(g, PF_ADOPTED | PF_QUEUED);
}

/* When a group began, as far as is known. */
static uint64_t begin_of(const struct pf_group *g)
{
	if (g->report_ns)
		return g->report_ns;
	return g->queue_ns ? g->queue_ns : g->seen_ns;
}

/*
 * Draws the arrow from a group to the read that delivered it. Readers take an arrow to go from what
 * began earlier, so there is none to a read that was entered before the group was reported.
 */
static uint64_t draw(struct perfetto *p, const struct pf_read *read, const struct pf_group *g)
{
	uint64_t enter_ns = read->h.enter_ns ? read->h.enter_ns : read->h.deliver_ns;

	if (!read->call || begin_of(g) > enter_ns)
		return 0;
	if (!pf_thread_flow(&p->threads, read->thread, read->call, p->last_flow + 1))
		return 0;
	return ++p->last_flow;
}

/* A group was delivered, as @f if that is known. If it may have been another one, when it was is not known. */
static void delivered(struct perfetto *p, const struct pf_read *read, struct pf_group *g,
		      const struct iopf_pgfault *f)
{
	struct pf_handover h = read->h;
	bool early = g->state & PF_ANSWERED;

	h.cookie = f ? f->cookie : 0;
	h.named = f;
	read->object->zero |= f && !f->cookie;
	if (g->state & PF_STALE || pf_match_doubtful(p, read->object, h.enter_ns))
		h.deliver_ns = 0;
	h.flow = draw(p, read, g);
	if (early)
		g->h = h;
	else
		pf_set_handover(p, g, &h);
	if (early)
		end(p, g, PF_ENDS_ANSWERED, 0);
}

/* A read delivered a group that is not known. */
static void adopt(struct perfetto *p, const struct pf_read *read, const struct iopf_pgfault *f,
		  uint32_t pages)
{
	struct pf_group *g;

	if ((!f->cookie && !f->dev_id) || pf_object_whole(p, read->object))
		return;
	g = pf_group_new(p, read->object, read->rec);
	if (!g)
		return;
	g->seq = read->seq;
	g->addr = f->addr;
	g->dev_id = f->dev_id;
	g->pasid = f->pasid;
	g->grpid = f->grpid;
	g->flags = f->flags;
	g->perm = f->perm;
	g->pages = pages;
	if (read->h.enter_ns)
		g->seen_ns = read->h.enter_ns;
	pf_group_state(g, PF_ADOPTED | PF_ORPHAN);
	if (pf_match_doubtful(p, read->object, read->h.enter_ns))
		pf_group_stale(p, g, read->rec->time_ns);
	delivered(p, read, g, f);
}

void pf_life_deliver(struct perfetto *p, const struct pf_read *read, const struct iopf_pgfault *f,
		     uint32_t pages)
{
	struct pf_object *o = read->object;
	struct pf_group *g = pf_match_early(p, o, f, read->h.enter_ns), *holder;

	if (g) {
		delivered(p, read, g, f);
		return;
	}
	holder = pf_match_holder(p, o, f->cookie);
	if (holder && holder->state & PF_STALE) {
		if (f->cookie) /* else one that the buffer did not show */
			end_unseen(p, holder);
		holder = NULL;
	}
	g = pf_match_queue(o, f);
	if (g)
		delivered(p, read, g, f);
	else if (!holder || holder->state & PF_REPLACED || !pf_match_fault(holder, f))
		adopt(p, read, f, pages);
}

/* The group that the next delivery must be about, when all are known. */
static struct pf_group *next_of(const struct pf_object *o, uint64_t enter_ns)
{
	struct pf_group *best = NULL, *head = o->queue.head;

	for (struct pf_group *g = o->early.head; g; g = g->behind) {
		uint64_t answer_ns = g->write_ns ? g->write_ns : g->ack_ns;

		if ((!enter_ns || !answer_ns || enter_ns <= answer_ns) &&
		    (!best || g->number < best->number))
			best = g;
	}
	return best && (!head || best->number < head->number) ? best : head;
}

void pf_life_deliver_unread(struct perfetto *p, const struct pf_read *read, uint64_t records)
{
	struct pf_object *o = read->object;
	struct pf_group *g;

	while (records && pf_object_whole(p, o) && (g = next_of(o, read->h.enter_ns)) &&
	       g->pages <= records) {
		records -= g->pages ? g->pages : 1;
		delivered(p, read, g, NULL);
	}
}

/* Makes room among those that wait for the record of their read: many will not get it any more. */
static void make_room(struct perfetto *p, struct pf_object *o, const struct pf_group *like)
{
	struct pf_group *oldest = NULL;
	int same = 0;

	for (struct pf_group *g = NULL;
	     like->answer_named && (g = pf_group_by_cookie(p, o, like->answer_cookie, g));) {
		if (!(g->state & PF_ANSWERED))
			continue;
		same++;
		if (!oldest || g->write_ns < oldest->write_ns)
			oldest = g;
	}
	if (same >= MAX_SAME_COOKIE)
		end(p, oldest, PF_ENDS_ANSWERED, 0);
	if (o->early.nr >= MAX_EARLY)
		end(p, o->early.head, PF_ENDS_ANSWERED, 0);
}

/* Keeps a group that was answered until the record of its read comes. */
static void keep(struct perfetto *p, struct pf_group *g)
{
	struct pf_object *o = g->object;

	make_room(p, o, g);
	pf_group_unset_pointer(p, g);
	pf_group_state(g, (g->state & ~PF_QUEUED) | PF_ANSWERED);
	if (g->answer_named)
		pf_group_set_cookie(p, g, g->answer_cookie);
	else
		pf_group_unset_cookie(p, g);
}

/*
 * Sets what an answer says, and draws the arrow to it: that of the group's read, or a new one, unless
 * it would go back in time.
 */
static void set_answer(struct perfetto *p, struct pf_group *g, const struct pf_reply *r)
{
	struct pf_call *call = r->call;

	g->write_ns = r->write_ns;
	g->ack_ns = r->ack_ns;
	g->caller_ns = r->caller_ns;
	g->code = r->code;
	g->by = r->by;
	g->answer_cookie = r->cookie;
	g->answer_named = r->named;
	g->answer_tgid = r->rec->tgid;
	g->answer_tid = r->rec->tid;
	if (!call || call->begin_ns < begin_of(g) || call->begin_ns < g->h.enter_ns)
		return;
	if (!g->h.flow && !g->answer_flow)
		g->answer_flow = ++p->last_flow;
	call->last_flow = g->h.flow ? g->h.flow : g->answer_flow;
	call->correlation = g->number;
}

/* Ends a group that was answered, if its read is known or will not come. */
static void answered(struct perfetto *p, struct pf_group *g, bool wait)
{
	if (wait && !(g->state & PF_DELIVERED))
		keep(p, g);
	else
		end(p, g, PF_ENDS_ANSWERED, 0);
}

/* Of the groups that had the memory the last that began before the answer, else one that fits. */
static struct pf_group *find_answered(const struct perfetto *p, const struct pf_reply *r)
{
	struct pf_group *g = NULL, *best = NULL, *holder = NULL;

	while ((g = pf_group_by_pointer(p, r->group, g))) {
		if (r->write_ns && g->queue_ns > r->write_ns) {
			if (r->named && g->h.named && g->h.cookie == r->cookie &&
			    pf_match_reply(g, r))
				holder = g;
		} else if (!best || best->number < g->number) {
			best = g;
		}
	}
	return best ? best : holder;
}

/* Whether an answer is rather that of a group that was adopted since the gap that @g has seen. */
static bool is_of_another(const struct perfetto *p, const struct pf_group *g,
			  const struct pf_reply *r)
{
	struct pf_group *h = NULL;

	if (!(g->state & PF_STALE) || !r->named)
		return false;
	while ((h = pf_group_by_cookie(p, g->object, r->cookie, h))) {
		if (h->state & PF_ORPHAN && !(h->state & PF_STALE) && pf_match_reply(h, r) &&
		    !pf_match_alike(g, h))
			return true;
	}
	return false;
}

/* The group that was delivered with a cookie and is answered by a pointer that is not known. */
static struct pf_group *find_holder(struct perfetto *p, struct pf_object *o,
				    const struct pf_reply *r)
{
	struct pf_group *other = NULL;

	for (struct pf_group *g = NULL; r->named && (g = pf_group_by_cookie(p, o, r->cookie, g));) {
		if (g->state & PF_ANSWERED)
			continue;
		if (pf_match_reply(g, r))
			return g;
		/* With 0 it may be one that was never handed out. */
		if (r->cookie && (!r->write_ns || g->h.deliver_ns <= r->write_ns))
			other = g;
	}
	if (other && other->state & PF_STALE) {
		end_unseen(p, other);
		return NULL;
	}
	return other;
}

/* A group that is adopted when it is answered. @holder: its read was taken for that one's. */
static struct pf_group *adopt_answered(struct perfetto *p, struct pf_object *o,
				       const struct pf_reply *r, struct pf_group *holder)
{
	struct pf_group *g = pf_group_new(p, o, r->rec);

	if (!g)
		return NULL;
	if (r->write_ns)
		g->seen_ns = r->write_ns;
	g->dev = r->dev;
	g->pasid = r->pasid;
	g->grpid = r->grpid;
	pf_group_state(g, PF_ADOPTED | PF_VAGUE);
	if (holder)
		pf_settle_adopted(p, g, holder);
	return g;
}

/* A group that is not known was answered. */
static void answer_unknown(struct perfetto *p, struct pf_object *o, const struct pf_reply *r)
{
	struct pf_group *g = find_holder(p, o, r);

	pf_note_answered(p, r->group);
	if (!g || !(g->state & PF_ADOPTED))
		g = adopt_answered(p, o, r, g);
	if (!g)
		return;
	if (!g->dev)
		g->dev = r->dev;
	if (g->state & PF_STALE)
		pf_doubt(o, r->rec->time_ns);
	set_answer(p, g, r);
	answered(p, g, r->fetched && r->named);
}

struct pf_object *pf_life_object(struct perfetto *p, const struct pf_reply *r)
{
	struct pf_group *g = find_answered(p, r);

	if (g)
		return g->object;
	if (!r->object && !r->cookie && r->by != IOPF_BY_USER)
		return NULL;
	return pf_object_get(p, r->object, 0);
}

void pf_life_answer(struct perfetto *p, const struct pf_reply *r)
{
	struct pf_group *g = find_answered(p, r);
	struct pf_object *o;

	if (g && (!pf_match_reply(g, r) || is_of_another(p, g, r))) {
		end_unseen(p, g);
		g = NULL;
	}
	if (!g) {
		o = pf_life_object(p, r);
		if (o)
			answer_unknown(p, o, r);
		return;
	}
	pf_note_answered(p, r->group);
	if (g->state & PF_STALE)
		pf_doubt(g->object, r->rec->time_ns);
	pf_settle(p, g, r);
	set_answer(p, g, r);
	answered(p, g, r->fetched && !g->object->dead);
}

void pf_life_close(struct perfetto *p, struct pf_object *o)
{
	o->held++; /* not to be freed with its last group */
	while (o->early.head)
		end(p, o->early.head, PF_ENDS_ANSWERED, 0);
	o->held--;
}

/* Ends one that is left at the end. */
static void end_rest(struct perfetto *p, struct pf_group *g)
{
	if (g->state & PF_ANSWERED)
		end(p, g, PF_ENDS_ANSWERED, 0);
	else if (g->state & (PF_STALE | PF_REPLACED))
		end_unseen(p, g);
	else
		end(p, g, PF_ENDS_NOT_ANSWERED, p->end_ns);
}

/* Ends all of a list, the oldest first. */
static void end_list(struct perfetto *p, struct pf_group *first)
{
	struct pf_group *g = first;

	while (g && g->next)
		g = g->next;
	while (g) {
		struct pf_group *prev = g->prev;

		end_rest(p, g);
		g = prev;
	}
}

void pf_life_end(struct perfetto *p)
{
	end_list(p, p->stale);
	end_list(p, p->fresh);
}
