// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Which group it was that a read delivered. The kernel delivers in the order of its queue, so the
 * group is the queue's head, or near it: groups that were enqueued at the same time on several CPUs
 * may have been seen in another order than they were queued.
 */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "early.h"
#include "ends.h"
#include "match.h"

/* Whether a delivered group looks like this one. What is not known fits everything. */
bool match_request(const struct iopf_engine *e, const struct group *g, const struct delivery *d)
{
	uint32_t pasid_valid =
		(g->state & GROUP_VAGUE ? d->flags : g->flags) & IOPF_PRQ_PASID_VALID;
	uint32_t dev_id;

	if (g->grpid != d->grpid || (pasid_valid && g->pasid != d->pasid))
		return false;
	if (g->state & GROUP_VAGUE)
		return true;
	dev_id = core_dev_id(e, g);
	return g->addr == d->addr && (!dev_id || dev_id == d->dev_id);
}

/*
 * The groups that a delivery looks like. It names no device but by iommufd's id, which devices of other
 * contexts may have, too.
 */
struct group *match_look_alike(const struct iopf_engine *e, const struct delivery *d,
			       const struct group *after, uint32_t *device)
{
	struct group *g = (struct group *)after;

	for (; *device < e->devices.nr; ++*device, g = NULL) {
		const struct device *of = devices_at(&e->devices, *device);

		if (*device && of->dev_id && of->dev_id != d->dev_id && !of->renamed)
			continue;
		while ((g = groups_by_request(&e->groups, *device, d->grpid, g))) {
			if (match_request(e, g, d))
				return g;
		}
	}
	return NULL;
}

/* What would be read of a group, as far as it tells groups apart. */
static struct delivery looks_of(const struct iopf_engine *e, const struct group *g)
{
	return (struct delivery){
		.flags = g->flags,
		.dev_id = core_dev_id(e, g),
		.pasid = g->pasid,
		.grpid = g->grpid,
		.addr = g->addr,
	};
}

/* Whether two groups could not be told apart. */
bool match_alike(const struct iopf_engine *e, const struct group *a, const struct group *b)
{
	struct delivery d = looks_of(e, b);

	return match_request(e, a, &d);
}

/* Whether a delivered group may have been answered already. */
bool match_is_doubtful(const struct iopf_engine *e, const struct object *o, uint64_t enter_ns)
{
	return (e->gap.count || e->continued) &&
	       (enter_ns <= e->epoch_ns || enter_ns <= o->doubtful_ns);
}

/*
 * Whether an answer can be that of a group. That it came through another object than the group was
 * on, or through one that has gone, would be an error of the kernel, unless a gap explains it.
 */
bool match_reply(const struct iopf_engine *e, const struct group *g, const struct reply *r)
{
	uint64_t dev = devices_at(&e->devices, core_device_of(e, g))->address;
	const struct object *o = core_object_of(e, g);

	if (g->epoch != e->epoch && r->object && (o->dead || r->object != o->address))
		return false;
	if (g->grpid != r->grpid || (dev && r->dev && dev != r->dev))
		return false;
	return !(g->flags & IOPF_PRQ_PASID_VALID) || g->pasid == r->pasid;
}

/*
 * A group was found in the queue behind these, or none was: those of them that have seen a gap have
 * been delivered in it. They leave the queue; when they did is not known.
 */
static void pass_over(struct iopf_engine *e, struct object *o, const struct group *end, int depth)
{
	uint32_t id = e->epoch ? o->queue.head : 0;

	while (id && depth--) {
		struct group *g = groups_at(&e->groups, id);

		if (g == end)
			return;
		id = g->next;
		if (g->epoch == e->epoch)
			continue;
		groups_unlink(&e->groups, &o->queue, g);
		g->state &= ~GROUP_QUEUED;
		g->state |= GROUP_DELIVERED | GROUP_PASSED;
	}
}

/* The first group in the queue that looks like what was delivered, or NULL. */
static struct group *search_queue(struct iopf_engine *e, struct object *o, const struct delivery *d)
{
	uint32_t id = o->queue.head;
	struct group *g;

	for (int depth = 0; id && depth < MATCH_DEPTH; depth++, id = g->next) {
		g = groups_at(&e->groups, id);
		if (match_request(e, g, d))
			return g;
	}
	return NULL;
}

/* The first group of the queue that looks like another. */
struct group *match_twin(struct iopf_engine *e, struct object *o, const struct group *g)
{
	struct delivery d = looks_of(e, g);

	return search_queue(e, o, &d);
}

/* The group that is outstanding with a cookie. */
struct group *match_holder(struct iopf_engine *e, struct object *o, uint32_t cookie)
{
	struct group *g = NULL;

	while ((g = groups_by_cookie(&e->groups, o->number, cookie, g))) {
		if (!(g->state & GROUP_ANSWERED))
			return g;
	}
	return NULL;
}

/*
 * Finds the group that a delivery is about. If its cookie is held by a group that has seen a gap, it
 * was answered there. If it is held by one that has not, this may be the same delivery again, but
 * only when there is no other group that it can be: the answer's record may be late.
 */
enum match_result match_delivery(struct iopf_engine *e, struct object *o, const struct delivery *d,
				 struct group **found)
{
	struct group *g = early_find(e, o, d), *holder;

	*found = g;
	if (g)
		return MATCH_EARLY;
	holder = match_holder(e, o, d->cookie);
	if (holder && holder->epoch != e->epoch) {
		if (d->cookie) /* else one that the buffer did not show */
			ends_unseen(e, holder);
		holder = NULL;
	}
	g = search_queue(e, o, d);
	if (!g || g->epoch == e->epoch)
		pass_over(e, o, g, MATCH_DEPTH);
	*found = g;
	if (g)
		return MATCH_QUEUED;
	if (!holder || holder->state & GROUP_REPLACED || !match_request(e, holder, d))
		return MATCH_NONE;
	*found = holder;
	return MATCH_AGAIN;
}

/* The group that the next delivery must be about. */
enum match_result match_next(struct iopf_engine *e, struct object *o, uint64_t enter_ns,
			     struct group **found)
{
	struct group *early = o->nr_early ? early_oldest(e, o, enter_ns) : NULL;
	struct group *head = o->queue.head ? groups_at(&e->groups, o->queue.head) : NULL;

	if (early && (!head || early->seq < head->seq)) {
		*found = early;
		return MATCH_EARLY;
	}
	*found = head;
	return head ? MATCH_QUEUED : MATCH_NONE;
}
