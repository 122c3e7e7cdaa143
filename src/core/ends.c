// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* How a group ends. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "breakdown.h"
#include "ends.h"
#include "judge.h"
#include "rules.h"
#include "stages.h"

/* Lets a group go. */
void ends_drop(struct iopf_engine *e, struct group *g)
{
	struct object *o = core_object_of(e, g);
	uint32_t handle;

	if (g->state & GROUP_QUEUED)
		groups_unlink(&e->groups, &o->queue, g);
	else if (g->state & GROUP_ANSWERED)
		groups_unlink(&e->groups, &o->early, g);
	else if (g->state & GROUP_ORPHAN)
		groups_unlink(&e->groups, &o->orphans, g);
	if (g->state & GROUP_ANSWERED)
		o->nr_early--;
	if (g->pages > 1)
		judge_forget_pages(&e->judge, g);
	handle = g->handle;
	groups_put(&e->groups, g); /* which looks at the handle */
	handles_release(&e->handles, handle);
	objects_release(e, o);
}

/* Counts the stages of a group but for route, which is counted when it is enqueued. */
void ends_count_stages(struct iopf_engine *e, struct tally *t, const struct stages *stages)
{
	for (int i = IOPF_STAGE_WAIT; i < IOPF_STAGES; i++) {
		if (stages->ns[i] != STAGES_UNKNOWN)
			core_check(e, tally_stage(t, i, stages->ns[i], stages->negative >> i & 1));
	}
}

/* Makes what is kept of a slow group. */
void ends_slow(struct iopf_engine *e, const struct group *g, const struct answer *a,
	       const struct stages *stages, struct slow_group *slow)
{
	const struct task *reader = tasks_at(&e->tasks, g->reader);

	*slow = (struct slow_group){ .device = core_device_of(e, g), .reader = g->reader };
	stages_view(&slow->view, g, a, stages);
	slow->view.object_id = core_object_of(e, g)->id;
	slow->view.dev_id = core_dev_id(e, g);
	slow->view.reader_tgid = reader->tgid;
	slow->view.reader_tid = reader->tid;
	slow->writer = tasks_get(&e->tasks, a->tgid, a->tid);
}

/* Keeps a group that is one of the slowest. */
static void keep_slow(struct iopf_engine *e, const struct group *g, const struct answer *a,
		      const struct stages *stages)
{
	struct slow_group slow;

	ends_slow(e, g, a, stages, &slow);
	core_check(e, slowest_add(&core_object_of(e, g)->tally->slowest, &slow));
}

/* Whether a group was answered, and no read is known that delivered it. */
static bool unread(const struct group *g)
{
	return !(g->state & (GROUP_DELIVERED | GROUP_ADOPTED));
}

/* Ends a group that was answered. */
void ends_answered(struct iopf_engine *e, struct group *g, const struct answer *a)
{
	struct tally *t = core_object_of(e, g)->tally;
	struct stages stages = stages_of(g, a);
	uint64_t total = stages.ns[IOPF_STAGE_TOTAL];

	ends_count_stages(e, t, &stages);
	if (!a->certain) {
		t->n[TALLY_UNKNOWN]++;
	} else if (unread(g)) {
		struct rules_step step = {
			.kind = RULES_UNREAD,
			.before = g->state,
			.group = g,
			.object = core_object_of(e, g),
			.answer = a,
		};

		/* At the end, its read may not have returned. */
		t->n[TALLY_UNREAD] += a->by == IOPF_BY_USER && !e->ending;
		rules_step(e, &step);
	}
	if (total != STAGES_UNKNOWN && slowest_wants(&t->slowest, total, g->seq))
		keep_slow(e, g, a, &stages);
	if (e->breakdown)
		breakdown_group(e, g, a, &stages, false);
	ends_drop(e, g);
}

/* Ends a group whose answer was not seen. */
void ends_unseen(struct iopf_engine *e, struct group *g)
{
	struct object *o = core_object_of(e, g);
	struct stages stages = stages_of(g, NULL);
	struct rules_step step = {
		.kind = RULES_UNSEEN, .before = g->state, .group = g, .object = o
	};

	ends_count_stages(e, o->tally, &stages);
	o->tally->n[TALLY_UNKNOWN]++;
	o->tally->n[g->epoch == e->epoch ? TALLY_VANISHED : TALLY_UNSEEN]++;
	if (!(g->state & GROUP_REPLACED))
		objects_outstanding(e, o, g, -1);
	rules_step(e, &step);
	if (e->breakdown)
		breakdown_group(e, g, NULL, &stages, false);
	ends_drop(e, g);
}
