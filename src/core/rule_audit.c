// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* IOPF030: the trace's books against the kernel's own lists, as the walk at the end saw them. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "judge.h"
#include "life.h"
#include "rule_files.h"

/* Notes when an object's records came, so that only quiet ones are audited. */
void rule_active(struct iopf_engine *e, const struct rules_step *step)
{
	struct judged *j = judge_object(e, step->object);

	if (j)
		j->active_ns = e->last_ns;
}

/* The same of calls that came to nothing: they may have had a group in their hands. */
void rule_active_call(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_read *rd = (const void *)step->rec;
	const struct iopf_rec_write *wr = (const void *)step->rec;
	struct object *o = objects_find(&e->objects,
					step->rec->type == IOPF_REC_READ ? rd->object : wr->object);

	if (o && o->judged)
		o->judged->active_ns = e->last_ns;
}

/* Marks the groups that the walk at the end saw. */
void rule_mark_held(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_waiting *r = (const void *)step->rec;
	struct group *g = r->waiting & IOPF_WAITING_END ? life_latest(e, r->group) : NULL;

	if (!g)
		return;
	g->marks |= MARK_HELD;
	if (!(r->waiting & IOPF_WAITING_DELIVERED))
		return;
	g->state |= GROUP_HANDED_OUT;
	if (g->marks & MARK_SUSPECT && r->waiting & IOPF_WAITING_NAMED)
		suspicions_cookie(e, g, r->cookie);
}

/* Notes that the walk at the end was at an object: its groups should have been in its lists. */
void rule_audit(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_walked *r = (const void *)step->rec;
	struct object *o = objects_find(&e->objects, r->object);

	if (!(r->waiting & IOPF_WAITING_END) || !o || !objects_whole(e, o) ||
	    r->waiting & IOPF_WALKED_CUT || !o->judged || o->judged->active_ns >= r->enter_ns)
		return;
	o->judged->walk.seq = r->h.seq;
	o->judged->walk.enter_ns = r->enter_ns;
	o->judged->walk.time_ns = r->h.time_ns;
	o->judged->walk.queued = r->queued;
	o->judged->walk.delivered = r->delivered;
}

/* A call that has not returned may have a group in its hands, in no list; or have answered it. */
void rule_inside(struct iopf_engine *e, const struct rules_step *step)
{
	const uint32_t answering =
		IOPF_CTX_WRITE | IOPF_CTX_AUTO | IOPF_CTX_DESTROY | IOPF_CTX_QREMOVE;
	const struct iopf_rec_inside *r = (const void *)step->rec;
	struct object *o = r->object ? objects_find(&e->objects, r->object) : NULL;
	struct judged *j = o ? judge_object(e, o) : NULL;
	bool answers = r->h.context & answering;
	uint64_t *answering_ns = j ? &j->answering_ns : !r->object ? &e->judge.answering_ns : NULL;
	uint64_t *reading_ns = j ? &j->reading_ns : !r->object ? &e->judge.reading_ns : NULL;

	if (r->h.context == IOPF_CTX_RESPONSE)
		return; /* told of a group, beside its call */
	if (j) {
		j->inside = true;
		j->answering |= answers;
	} else if (!r->object) {
		e->judge.inside = true;
		e->judge.answering |= answers;
	}
	if (answering_ns && answers && (!*answering_ns || r->enter_ns < *answering_ns))
		*answering_ns = r->enter_ns;
	if (reading_ns && r->h.context & IOPF_CTX_READ &&
	    (!*reading_ns || r->enter_ns < *reading_ns))
		*reading_ns = r->enter_ns;
}

/* Whether the walk at the end should have seen a group, and has not. */
bool rule_is_missing(const struct iopf_engine *e, const struct judged *j, const struct group *g)
{
	return j->walk.seq > g->seq && judge_certain(e->epoch, g) &&
	       !(g->state & (GROUP_ANSWERED | GROUP_REPLACED)) && !(g->marks & MARK_HELD) &&
	       g->queue_ns < j->walk.enter_ns;
}

/* Whether it is told: nothing went on beside the walk. */
bool rule_tells_missing(const struct iopf_engine *e, const struct judged *j)
{
	return !j->inside && !e->judge.inside && j->active_ns < j->walk.enter_ns;
}

/* IOPF030: a group that is in none of the kernel's lists. */
void rule_vanished(struct iopf_engine *e, const struct rules_step *step)
{
	const struct judged *j = step->object->judged;
	struct iopf_case *c;

	if (!j || !rule_is_missing(e, j, step->group) || !rule_tells_missing(e, j))
		return;
	c = findings_begin(e, 30, IOPF_SEVERITY_ERROR, step->object);
	if (!c)
		return;
	findings_group(e, c, step->group, NULL);
	findings_step(e,
		      (struct iopf_step){ .kind = IOPF_STEP_END,
					  .offending = true,
					  .has_seq = true,
					  .seq = j->walk.seq,
					  .time_ns = j->walk.time_ns,
					  .enter_ns = j->walk.enter_ns },
		      0, "the kernel has %u queued and %u delivered: not this one", j->walk.queued,
		      j->walk.delivered);
	findings_end(e, c, IOPF_BLAME_KERNEL, "the kernel still holds what it has not answered",
		     "a group that was never answered is in none of the kernel's lists");
}
