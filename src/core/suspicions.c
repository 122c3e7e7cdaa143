// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Suspicions: findings that are made when their group ends. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "judge.h"
#include "suspicions.h"

/* Frees it. */
void suspicions_free(struct suspicions *s)
{
	memory_free(s->by_group.memory, s->pool);
	map_free(&s->by_group);
}

/* A free place, or 0. */
static uint32_t new_place(struct suspicions *s)
{
	uint32_t max = s->max ? 2 * s->max : 64;
	struct suspicion *pool;

	if (s->free) {
		uint32_t place = s->free;

		s->free = s->pool[place].next;
		return place;
	}
	if (s->nr + 1 >= s->max) {
		s->full |= max > SUSPICIONS_MAX;
		if (max > SUSPICIONS_MAX)
			return 0;
		pool = memory_realloc(s->by_group.memory, s->pool, max * sizeof(*pool));
		if (!pool)
			return 0;
		s->pool = pool;
		s->max = max;
	}
	return ++s->nr;
}

/* Raises one. */
void suspicions_add(struct iopf_engine *e, struct group *g, const struct suspicion *suspicion)
{
	struct suspicions *s = &e->judge.suspicions;
	uint32_t place = new_place(s);

	if (!place)
		return;
	s->pool[place] = *suspicion;
	s->pool[place].next = map_get(&s->by_group, g->id);
	if (map_set(&s->by_group, g->id, place)) {
		s->pool[place].next = s->free;
		s->free = place;
		core_out_of_memory(e);
		return;
	}
	g->marks |= MARK_SUSPECT;
}

/* What was found, for each rule that has suspicions. */
struct story {
	enum iopf_step_kind kind;
	const char *step; /* words of the offending step */
	const char *text, *expected;
	enum iopf_blame blame;
};

static const struct story *story_of(unsigned int rule)
{
	static const struct story stories[] = {
		[12] = { IOPF_STEP_ANSWER, "another group is answered by its cookie",
			 "a cookie was given to a group while another still had it",
			 "each cookie names one outstanding group of an object",
			 IOPF_BLAME_KERNEL },
		[16] = { IOPF_STEP_DETACH, "its handle is answered for, and this group is not",
			 "a group was left outstanding when its handle had been answered for",
			 "a detach or replace answers all groups of its handle",
			 IOPF_BLAME_KERNEL },
		[19] = { IOPF_STEP_DESTROY, "its fault object is destroyed",
			 "a group was left outstanding when its fault object was destroyed",
			 "the destruction of a fault object answers all its groups",
			 IOPF_BLAME_KERNEL },
		[21] = { IOPF_STEP_REPORT, "the device uses its group index again",
			 "a device used a group index again while its group was outstanding",
			 "a group index is free again when its group was answered",
			 IOPF_BLAME_DEVICE },
		[25] = { IOPF_STEP_READ, "a read returns 0 all the same",
			 "a read returned 0 though this group was queued all the time",
			 "a read returns 0 only if the queue is empty", IOPF_BLAME_KERNEL },
	};

	return &stories[rule];
}

/* Makes the finding. */
static void confirm(struct iopf_engine *e, const struct group *g, const struct answer *a,
		    const struct suspicion *s, unsigned int rule)
{
	const struct story *story = story_of(s->rule);
	struct iopf_case *c =
		findings_begin(e, rule, iopf_rule(rule)->severity, core_object_of(e, g));

	if (!c)
		return;
	findings_group(e, c, g, a);
	findings_step(e,
		      (struct iopf_step){ .kind = story->kind,
					  .offending = true,
					  .has_seq = true,
					  .seq = s->seq,
					  .time_ns = s->since_ns,
					  .enter_ns = s->enter_ns },
		      s->task, "%s", story->step);
	if (rule == 12) /* which cookie a group has is what its reader's buffer says */
		findings_hold(e, core_object_of(e, g), true);
	findings_end(e, c, story->blame, story->expected, "%s", story->text);
}

/* Whether a step shows that the group was still there at that time; or that it was not. */
static bool still_there(const struct rules_step *step, const struct suspicion *s)
{
	switch (step->kind) {
	case RULES_ANSWERED:
		if (s->rule == 12 &&
		    (step->answer->cookie != s->detail || !groups_answer_named(step->answer)))
			return false;
		return step->answer->write_ns > s->since_ns;
	case RULES_DELIVERED:
		return step->delivery->enter_ns > s->since_ns;
	case RULES_REMAINS:
		return true;
	default:
		return false;
	}
}

/* Whether a call that has not returned may have answered a group already: the record comes with its end. */
static bool may_be_answered(const struct iopf_engine *e, const struct rules_step *step)
{
	const struct judged *j = step->object->judged;

	return step->kind == RULES_REMAINS && (e->judge.answering || (j && j->answering));
}

/* Decides one. */
static void decide(struct iopf_engine *e, const struct rules_step *step, const struct suspicion *s)
{
	struct group *g = step->group;

	if (!judge_certain(e->epoch, g) || !still_there(step, s) || may_be_answered(e, step))
		return;
	if (step->kind == RULES_REMAINS && e->judge.unlooked) {
		e->judge.dropped |= 1U << s->rule;
		return;
	}
	if (s->rule == 25) { /* each read once, whichever group proves it first */
		struct judged *j = judge_object(e, step->object);

		if (!j || j->empty_seq == s->seq)
			return;
		j->empty_seq = s->seq;
	}
	confirm(e, g, step->answer, s, s->rule);
	if ((s->rule == 16 || s->rule == 19) && !(g->marks & MARK_LATE) &&
	    e->judge.severity[1] != IOPF_SEVERITY_OFF) {
		g->marks |= MARK_LATE;
		confirm(e, g, step->answer, s, 1);
	}
}

/* Whether a group should have been answered by a call that has returned since it began. */
static bool should_be_gone(const struct group *g, const struct teardown *t)
{
	return t->seq > g->seq && g->queue_ns && g->queue_ns < t->enter_ns;
}

/* Decides what detaching and destroying has left. */
static void decide_teardown(struct iopf_engine *e, const struct rules_step *step,
			    const struct teardown *t, unsigned int rule)
{
	if (should_be_gone(step->group, t))
		decide(e, step,
		       &(struct suspicion){ .rule = rule,
					    .since_ns = t->time_ns,
					    .enter_ns = t->enter_ns,
					    .seq = t->seq,
					    .task = t->task });
}

/* Decides those that nobody raised, since there would have been one for every group held. */
static void decide_left(struct iopf_engine *e, const struct rules_step *step)
{
	const struct judged *j = step->object->judged;
	uint32_t place = handles_at(&e->handles, step->group->handle)->teardown;

	if (j && j->destroyed.seq)
		decide_teardown(e, step, &j->destroyed, 19);
	/* What came before the group has nothing to do with it. */
	for (; place && e->handles.teardown[place].seq > step->group->seq;
	     place = e->handles.teardown[place].next)
		decide_teardown(e, step, &e->handles.teardown[place], 16);
}

/* Decides those of a group: all when it has ended, those about its delivery when it is delivered. */
void suspicions_step(struct iopf_engine *e, const struct rules_step *step)
{
	struct suspicions *s = &e->judge.suspicions;
	struct group *g = step->group;
	uint32_t place, next, kept = 0;

	if (step->kind == RULES_ANSWERED || step->kind == RULES_REMAINS)
		decide_left(e, step);
	if (!(g->marks & MARK_SUSPECT))
		return;
	for (place = map_get(&s->by_group, g->id); place; place = next) {
		next = s->pool[place].next;
		if (step->kind == RULES_DELIVERED && s->pool[place].rule != 25) {
			s->pool[place].next = kept;
			kept = place;
			continue;
		}
		decide(e, step, &s->pool[place]);
		s->pool[place].next = s->free;
		s->free = place;
	}
	map_remove(&s->by_group, g->id);
	g->marks &= ~MARK_SUSPECT;
	if (kept && !map_set(&s->by_group, g->id, kept))
		g->marks |= MARK_SUSPECT;
}
