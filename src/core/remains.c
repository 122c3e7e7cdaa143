// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What is left at the end. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include <string.h>

#include "breakdown.h"
#include "early.h"
#include "ends.h"
#include "remains.h"
#include "stages.h"

/* Keeps a group if it is one of the oldest. */
static void keep_oldest(struct remains *r, struct group *g)
{
	size_t i = r->nr_waiting;

	if (i == REMAINS_WAITING) {
		if (r->waiting[i - 1]->seq < g->seq)
			return;
		i--;
	} else {
		r->nr_waiting++;
	}
	for (; i && r->waiting[i - 1]->seq > g->seq; i--)
		r->waiting[i] = r->waiting[i - 1];
	r->waiting[i] = g;
}

/* Counts a group that has not been answered: what is known of it, and whether that is certain. */
static void count_group(struct iopf_engine *e, struct remains *r, struct group *g)
{
	struct object *o = core_object_of(e, g);
	struct stages stages = stages_of(g, NULL);
	bool unknown = g->epoch != e->epoch || g->state & GROUP_REPLACED;

	ends_count_stages(e, o->tally, &stages);
	if (e->breakdown)
		breakdown_group(e, g, NULL, &stages, !unknown);
	if (unknown) {
		o->tally->n[TALLY_UNKNOWN]++;
		o->tally->n[g->epoch == e->epoch ? TALLY_VANISHED : TALLY_UNSEEN]++;
		return;
	}
	o->tally->n[TALLY_OUTSTANDING]++;
	if (o->in_scope)
		keep_oldest(r, g);
}

/* Tells the rules of one that is outstanding, or whose memory is another's and which was not answered. */
static void tell_group(struct iopf_engine *e, struct group *g, uint64_t end_ns)
{
	struct rules_step step = {
		.kind = g->state & GROUP_REPLACED ? RULES_UNSEEN : RULES_REMAINS,
		.before = g->state,
		.group = g,
		.object = core_object_of(e, g),
		.now_ns = end_ns,
	};

	rules_step(e, &step);
}

/* Tells the rules of all: the oldest first, so that it is them of which the story is kept. */
static void tell_rules(struct iopf_engine *e, const struct remains *r, uint64_t end_ns)
{
	uint64_t told = r->nr_waiting ? r->waiting[r->nr_waiting - 1]->seq : 0;

	for (size_t i = 0; i < r->nr_waiting; i++)
		tell_group(e, r->waiting[i], end_ns);
	for (uint32_t id = 1; id <= e->groups.nr_ever; id++) {
		struct group *g = groups_at(&e->groups, id);

		if (g->state & GROUP_USED && g->epoch == e->epoch &&
		    (!core_object_of(e, g)->in_scope || g->state & GROUP_REPLACED || g->seq > told))
			tell_group(e, g, end_ns);
	}
}

/* Counts an object, and what it has held back. Object 0 is none. */
static void count_object(struct remains *r, struct object *o)
{
	o->tally->n[TALLY_UNKNOWN] += o->unfollowed;
	if (o->in_scope) {
		r->nr_objects += o->address != 0;
		r->unfollowed += o->unfollowed;
		return;
	}
	r->out_objects += o->address != 0;
	r->out_events += o->events;
	r->out_groups += o->groups;
}

/* Judges what is left. */
void remains_judge(struct iopf_engine *e, struct remains *r, uint64_t end_ns)
{
	struct objects *os = &e->objects;

	memset(r, 0, sizeof(*r));
	for (uint32_t i = 0; i < os->nr; i++) {
		if (os->object[i])
			early_close(e, os->object[i]);
	}
	for (uint32_t id = 1; id <= e->groups.nr_ever; id++) {
		struct group *g = groups_at(&e->groups, id);

		if (g->state & GROUP_USED)
			count_group(e, r, g);
	}
	if (e->judge.on)
		tell_rules(e, r, end_ns);
	for (uint32_t i = 0; i < os->nr; i++) {
		if (os->object[i])
			count_object(r, os->object[i]);
	}
	r->out_objects += os->left_out.objects;
	r->out_events += os->left_out.events;
	r->out_groups += os->left_out.groups;
}
