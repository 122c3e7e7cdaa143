// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Groups that were answered before the record of their read came. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include <stdlib.h>

#include "early.h"
#include "ends.h"
#include "match.h"

/*
 * How many are kept. The kernel hands a cookie out again only after it was answered, so several
 * that have the same one need as many reads between copy and return: more than a few are groups
 * whose record will not come. (Those whose cookie is not known share this limit; they are rarer.)
 */
#define MAX_SAME_COOKIE 8
#define MAX_PER_OBJECT (1U << 16)

/* Ends a group that is kept. */
void early_end(struct iopf_engine *e, struct group *g)
{
	struct answer a = *g->answer;

	ends_answered(e, g, &a);
}

/* Ends all that are kept of an object. */
void early_close(struct iopf_engine *e, struct object *o)
{
	while (o->early.head)
		early_end(e, groups_at(&e->groups, o->early.head));
}

/* Makes room for one more with this cookie. */
static void make_room(struct iopf_engine *e, struct object *o, uint32_t cookie)
{
	struct group *g = NULL, *oldest = NULL;
	int same = 0;

	while ((g = groups_by_cookie(&e->groups, o->number, cookie, g))) {
		if (!(g->state & GROUP_ANSWERED))
			continue;
		same++;
		if (!oldest || g->answer->write_ns < oldest->answer->write_ns)
			oldest = g;
	}
	if (same >= MAX_SAME_COOKIE)
		early_end(e, oldest);
	if (o->nr_early >= MAX_PER_OBJECT)
		early_end(e, groups_at(&e->groups, o->early.head));
}

/* Keeps a group. */
void early_keep(struct iopf_engine *e, struct group *g, const struct answer *a)
{
	struct object *o = core_object_of(e, g);
	struct answer *copy = memory_calloc(&e->memory, 1, sizeof(*copy));

	if (!copy) {
		core_out_of_memory(e);
		ends_answered(e, g, a);
		return;
	}
	*copy = *a;
	make_room(e, o, a->cookie);
	if (g->state & GROUP_QUEUED)
		groups_unlink(&e->groups, &o->queue, g);
	if (g->state & GROUP_ORPHAN) /* one that a walk found, with another cookie */
		groups_unlink(&e->groups, &o->orphans, g);
	groups_unindex_pointer(&e->groups, g);
	g->state &= ~(GROUP_QUEUED | GROUP_ORPHAN);
	g->state |= GROUP_ANSWERED;
	g->answer = copy;
	groups_index_cookie(&e->groups, g, a->cookie);
	groups_append(&e->groups, &o->early, g);
	o->nr_early++;
}

/* Whether a read that was entered at @enter_ns can have delivered it: not after its answer. */
static bool was_in_time(const struct group *g, uint64_t enter_ns)
{
	uint64_t answer_ns = g->answer->write_ns ? g->answer->write_ns : g->answer->ack_ns;

	return !enter_ns || !answer_ns || enter_ns <= answer_ns;
}

/* The one with this cookie that fits; of several the one that was answered first. */
static struct group *find_cookie(struct iopf_engine *e, struct object *o, uint32_t cookie,
				 const struct delivery *d)
{
	struct group *g = NULL, *best = NULL;

	while ((g = groups_by_cookie(&e->groups, o->number, cookie, g))) {
		if (!(g->state & GROUP_ANSWERED) || !was_in_time(g, d->enter_ns) ||
		    !match_request(e, g, d))
			continue;
		if (!best || g->answer->write_ns < best->answer->write_ns)
			best = g;
	}
	return best;
}

/* The group that fits a delivery: by its cookie, or one whose cookie is not known. */
struct group *early_find(struct iopf_engine *e, struct object *o, const struct delivery *d)
{
	struct group *g;

	if (!o->nr_early)
		return NULL;
	g = find_cookie(e, o, d->cookie, d);
	return g || !d->cookie ? g : find_cookie(e, o, 0, d);
}

/* The oldest group that a read may have delivered. */
struct group *early_oldest(struct iopf_engine *e, struct object *o, uint64_t enter_ns)
{
	struct group *oldest = NULL;
	uint32_t id = o->early.head;

	for (int depth = 0; id && depth < MATCH_DEPTH; depth++) {
		struct group *g = groups_at(&e->groups, id);

		if (was_in_time(g, enter_ns) && (!oldest || g->seq < oldest->seq))
			oldest = g;
		id = g->next;
	}
	return oldest;
}
