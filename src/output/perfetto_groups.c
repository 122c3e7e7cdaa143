// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define OUTPUT_PERFETTO_PRIVATE
#include <stdlib.h>

#include "perfetto_private.h"

/*
 * As many answered groups are remembered for the walk at the beginning, which is over by then; after
 * that only losses bring groups that are not known.
 */
#define MAX_ANSWERED 4096

/* As many groups are found by the same cookie. */
#define MAX_SAME 64

/* Appends a group to a list, or puts it where its number belongs when it comes back. */
static void list_add(struct pf_list *list, struct pf_group *g)
{
	struct pf_group *at = list->tail;

	while (at && at->number > g->number)
		at = at->before;
	g->before = at;
	g->behind = at ? at->behind : list->head;
	if (g->behind)
		g->behind->before = g;
	else
		list->tail = g;
	if (at)
		at->behind = g;
	else
		list->head = g;
	list->nr++;
}

static void list_remove(struct pf_list *list, struct pf_group *g)
{
	if (g->before)
		g->before->behind = g->behind;
	else
		list->head = g->behind;
	if (g->behind)
		g->behind->before = g->before;
	else
		list->tail = g->before;
	list->nr--;
}

/* Makes an object; not known by an address yet. */
static struct pf_object *new_object(struct perfetto *p, uint32_t id)
{
	struct pf_object *o = calloc(1, sizeof(*o));

	if (!o) {
		p->failed = true;
		return NULL;
	}
	o->number = ++p->last_object;
	o->id = id;
	o->in_scope = p->opts.everything;
	return o;
}

struct pf_object *pf_object_get(struct perfetto *p, uint64_t address, uint32_t id)
{
	struct pf_link *link = pf_table_find(&p->objects, address, NULL);
	struct pf_object *o = link ? PF_OF(link, struct pf_object, link) : NULL;
	bool replaced = o && address && id && o->id && o->id != id;

	if (replaced) {
		pf_life_close(p, o);
		pf_object_retire(p, o);
	}
	if (!o || replaced) {
		o = new_object(p, id);
		if (!o)
			return NULL;
		pf_table_add(&p->objects, &o->link, address);
		if (replaced) /* answers that name no id may have been its own already */
			o->doubtful_ns = p->last_ns;
	}
	if (id)
		o->id = id;
	o->epoch = p->epoch;
	return o;
}

void pf_object_fold(struct pf_object *o)
{
	if (o->dead && !o->held)
		free(o);
}

void pf_object_retire(struct perfetto *p, struct pf_object *o)
{
	if (o->dead || !o->link.key)
		return;
	pf_table_remove(&p->objects, &o->link);
	o->dead = true;
	pf_object_fold(o);
}

bool pf_object_whole(const struct perfetto *p, const struct pf_object *o)
{
	return o->created == p->epoch + 1;
}

/* Puts a group first into the list of the fresh, or of the stale. */
static void link_group(struct pf_group **head, struct pf_group *g)
{
	g->prev = NULL;
	g->next = *head;
	if (g->next)
		g->next->prev = g;
	*head = g;
}

static void unlink_group(struct pf_group **head, struct pf_group *g)
{
	if (g->prev)
		g->prev->next = g->next;
	else
		*head = g->next;
	if (g->next)
		g->next->prev = g->prev;
}

struct pf_group *pf_group_new(struct perfetto *p, struct pf_object *o, const struct iopf_rec *rec)
{
	struct pf_group *g = calloc(1, sizeof(*g));

	if (!g) {
		p->failed = true;
		return NULL;
	}
	g->object = o;
	g->number = ++p->last_group;
	g->seq = rec->seq;
	g->seen_ns = rec->time_ns;
	o->held++;
	link_group(&p->fresh, g);
	return g;
}

void pf_group_free(struct perfetto *p, struct pf_group *g)
{
	struct pf_object *o = g->object;

	unlink_group(g->state & PF_STALE ? &p->stale : &p->fresh, g);
	pf_group_unset_pointer(p, g);
	pf_group_unset_cookie(p, g);
	pf_group_state(g, 0);
	free(g);
	o->held--;
	pf_object_fold(o);
}

void pf_group_set_pointer(struct perfetto *p, struct pf_group *g, uint64_t pointer)
{
	pf_group_unset_pointer(p, g);
	pf_table_add(&p->pointers, &g->by_pointer, pointer);
	g->has_pointer = true;
}

void pf_group_unset_pointer(struct perfetto *p, struct pf_group *g)
{
	if (g->has_pointer)
		pf_table_remove(&p->pointers, &g->by_pointer);
	g->has_pointer = false;
}

/* What a group is found by that was handed out. */
static uint64_t cookie_key(const struct pf_object *o, uint32_t cookie)
{
	return (uint64_t)o->number << 32 | cookie;
}

/* Whether so many groups have a cookie already that one more is not found by it: a kernel makes one. */
static bool is_crowded(const struct perfetto *p, const struct pf_object *o, uint32_t cookie)
{
	const struct pf_group *g = NULL;
	int nr = 0;

	while (nr < MAX_SAME && (g = pf_group_by_cookie(p, o, cookie, g)))
		nr++;
	return nr == MAX_SAME;
}

void pf_group_unset_cookie(struct perfetto *p, struct pf_group *g)
{
	if (g->has_cookie)
		pf_table_remove(&p->cookies, &g->by_cookie);
	g->has_cookie = false;
}

void pf_group_set_cookie(struct perfetto *p, struct pf_group *g, uint32_t cookie)
{
	pf_group_unset_cookie(p, g);
	g->has_cookie = !is_crowded(p, g->object, cookie);
	if (g->has_cookie)
		pf_table_add(&p->cookies, &g->by_cookie, cookie_key(g->object, cookie));
}

struct pf_group *pf_group_by_pointer(const struct perfetto *p, uint64_t pointer,
				     const struct pf_group *after)
{
	struct pf_link *link =
		pf_table_find(&p->pointers, pointer, after ? &after->by_pointer : NULL);

	return link ? PF_OF(link, struct pf_group, by_pointer) : NULL;
}

struct pf_group *pf_group_by_cookie(const struct perfetto *p, const struct pf_object *o,
				    uint32_t cookie, const struct pf_group *after)
{
	struct pf_link *link =
		pf_table_find(&p->cookies, cookie_key(o, cookie), after ? &after->by_cookie : NULL);

	return link ? PF_OF(link, struct pf_group, by_cookie) : NULL;
}

/* What a group in this state adds to its object's counters. */
static void count(struct pf_object *o, uint32_t state, int step)
{
	if (state & (PF_STALE | PF_REPLACED | PF_ANSWERED))
		return;
	if (state & PF_QUEUED)
		o->queued += step;
	else if (state & PF_DELIVERED)
		o->outstanding += step;
}

void pf_group_state(struct pf_group *g, uint32_t state)
{
	struct pf_object *o = g->object;
	uint32_t changes = g->state ^ state;

	if (changes & PF_QUEUED && state & PF_QUEUED)
		list_add(&o->queue, g);
	else if (changes & PF_QUEUED)
		list_remove(&o->queue, g);
	if (changes & PF_ANSWERED && state & PF_ANSWERED)
		list_add(&o->early, g);
	else if (changes & PF_ANSWERED)
		list_remove(&o->early, g);
	count(o, g->state, -1);
	count(o, state, 1);
	g->state = state;
}

void pf_group_stale(struct perfetto *p, struct pf_group *g, uint64_t gap_ns)
{
	if (g->state & PF_STALE)
		return;
	unlink_group(&p->fresh, g);
	link_group(&p->stale, g);
	pf_group_state(g, g->state | PF_STALE);
	if (!g->gone_ns)
		g->gone_ns = gap_ns;
}

/* Each group becomes stale once, so gaps cost no more than groups. */
void pf_groups_gap(struct perfetto *p, uint64_t gap_ns)
{
	while (p->fresh)
		pf_group_stale(p, p->fresh, gap_ns);
}

void pf_note_answered(struct perfetto *p, uint64_t pointer)
{
	struct pf_link *link;

	if (!pointer || p->answered.used >= MAX_ANSWERED ||
	    pf_table_find(&p->answered, pointer, NULL))
		return;
	link = malloc(sizeof(*link));
	if (link)
		pf_table_add(&p->answered, link, pointer);
	else
		p->failed = true;
}
