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

/* Marks the groups that the walk at the end saw. */
void rule_mark_held(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_waiting *r = (const void *)step->rec;
	struct group *g = r->waiting & IOPF_WAITING_END ? life_latest(e, r->group) : NULL;

	if (g)
		g->marks |= MARK_HELD;
}

/* IOPF030: a group that is in none of the kernel's lists. */
static void vanished(struct iopf_engine *e, struct group *g, const struct iopf_rec_walked *r)
{
	struct iopf_case *c = findings_begin(e, 30, IOPF_SEVERITY_ERROR, core_object_of(e, g));

	if (!c)
		return;
	findings_group(e, c, g, NULL);
	findings_step(e, c,
		      (struct iopf_step){ .kind = IOPF_STEP_END,
					  .offending = true,
					  .has_seq = true,
					  .seq = r->h.seq,
					  .time_ns = r->h.time_ns,
					  .enter_ns = r->enter_ns },
		      0, "the kernel has %u queued and %u delivered: not this one", r->queued,
		      r->delivered);
	findings_end(e, c, IOPF_BLAME_KERNEL, "the kernel still holds what it has not answered",
		     "a group that was never answered is in none of the kernel's lists");
}

/* IOPF030: all of an object's groups that should be in its lists. */
void rule_audit(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_walked *r = (const void *)step->rec;
	struct object *o = objects_find(&e->objects, r->object);

	if (!(r->waiting & IOPF_WAITING_END))
		return;
	if (!o || !objects_whole(e, o) || r->waiting & IOPF_WALKED_CUT || !o->judged ||
	    o->judged->active_ns >= r->enter_ns)
		return;
	for (uint32_t id = 1; o->held && id <= e->groups.nr_ever; id++) {
		struct group *g = groups_at(&e->groups, id);

		if (g->state & GROUP_USED && g->object == o->number && judge_certain(e->epoch, g) &&
		    !(g->state & (GROUP_ANSWERED | GROUP_REPLACED)) && !(g->marks & MARK_HELD) &&
		    g->queue_ns < r->enter_ns)
			vanished(e, g, r);
	}
}
