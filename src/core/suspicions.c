// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Suspicions: findings that are made when their group ends. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "judge.h"
#include "life.h"
#include "match.h"
#include "remember.h"
#include "rule_files.h"
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

/* The one that a group has of this rule, about this cookie; or NULL. */
static struct suspicion *raised(const struct suspicions *s, const struct group *g,
				unsigned int rule, uint32_t cookie)
{
	uint32_t place = g->marks & MARK_SUSPECT ? map_get(&s->by_group, g->id) : 0;

	for (; place; place = s->pool[place].next) {
		if (s->pool[place].rule == rule && s->pool[place].detail == cookie)
			return &s->pool[place];
	}
	return NULL;
}

/* The same once more. A short count, and what it left written again, are one try: that of which the error is told. */
static void add_again(struct suspicion *s, const struct suspicion *again)
{
	s->more += again->more + (s->told && again->told);
	if (s->told || !again->told)
		return;
	s->told = true;
	s->since_ns = again->since_ns;
	s->enter_ns = again->enter_ns;
	s->seq = again->seq;
	s->task = again->task;
}

/* Raises one. What it is about may go on for long, as when a cookie is used again and again. */
void suspicions_add(struct iopf_engine *e, struct group *g, const struct suspicion *suspicion)
{
	struct suspicions *s = &e->judge.suspicions;
	struct suspicion *before = NULL;
	uint32_t place;

	if (suspicion->rule == 12 || suspicion->rule == 32)
		before = raised(s, g, suspicion->rule, suspicion->detail);
	if (before) {
		add_again(before, suspicion);
		return;
	}
	place = new_place(s);
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

/* The kernel's own cookie of a group is told. */
void suspicions_cookie(struct iopf_engine *e, const struct group *g, uint32_t cookie)
{
	struct suspicions *s = &e->judge.suspicions;

	for (uint32_t place = map_get(&s->by_group, g->id); place; place = s->pool[place].next) {
		s->pool[place].cookie = cookie;
		s->pool[place].named = true;
	}
}

/* What was found, for each rule that has suspicions. */
struct story {
	enum iopf_step_kind kind;
	const char *step; /* words of the offending step */
	const char *text, *expected;
	enum iopf_blame blame;
};

/* What a refused answer turned out to be. */
#define REFUSED_STEP "an answer with the cookie that was read is refused"

static const struct story refused_late = { IOPF_STEP_WRITE, REFUSED_STEP,
					   "an answer came late: the kernel had answered",
					   "nothing: an answer may cross a detach on its way",
					   IOPF_BLAME_USER };
static const struct story refused_again = {
	IOPF_STEP_WRITE, REFUSED_STEP,
	"user space answered a group again, which another write answered",
	"each cookie is answered once", IOPF_BLAME_USER
};
static const struct story refused_after_late = {
	IOPF_STEP_WRITE, REFUSED_STEP,
	"user space answered a group again, whose answer had come late",
	"each cookie is answered once", IOPF_BLAME_USER
};
static const struct story refused_echo = {
	IOPF_STEP_WRITE, REFUSED_STEP,
	"a read returned a cookie that is not the kernel's own of the group, so its answer was refused",
	"the cookie that a read returns names its group", IOPF_BLAME_KERNEL
};
static const struct story refused_wrongly = {
	IOPF_STEP_WRITE, REFUSED_STEP,
	"the answer to an outstanding group was refused, unless what was written was changed meanwhile",
	"an answer with the cookie of an outstanding group is taken", IOPF_BLAME_UNKNOWN
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
		    const struct suspicion *s, unsigned int rule, enum iopf_severity severity,
		    const struct story *story)
{
	struct iopf_case *c = findings_begin(e, rule, severity, core_object_of(e, g));

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
	if (rule == 12 ||
	    (rule == 32 && !a)) /* which cookie it has is what its reader's buffer says */
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
	case RULES_REMAINS: /* with the kernel's own cookie, where the walk at the end told it */
		return s->rule != 12 || !s->named || s->cookie == s->detail;
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

/*
 * IOPF032: an answer was refused though it named an outstanding group, and that is outstanding still. If the
 * kernel's own cookie of it is another, the read showed a wrong one.
 */
static void refused_in_vain(struct iopf_engine *e, const struct rules_step *step,
			    const struct suspicion *s, bool named, uint32_t cookie)
{
	bool other = named && cookie != s->detail;
	unsigned int rule = other ? 12 : 32;

	/* A short count does not tell why: what could not be copied then can be read now. */
	if (!s->told) {
		judge_drop(e, step->object, rule, IOPF_UNDECIDED_SHORT);
		return;
	}

	confirm(e, step->group, step->answer, s, rule, IOPF_SEVERITY_ERROR,
		other ? &refused_echo : &refused_wrongly);
}

/*
 * The answer was refused since the group had its answer by then: from another write, so this was one too
 * many; or from the kernel, so it was late.
 */
static void refused_rightly(struct iopf_engine *e, const struct rules_step *step,
			    const struct suspicion *s)
{
	struct cookie_fate *fate = remember_fate_of(e, step->object, s->detail);
	uint64_t tries = 1ULL + s->more, late = fate && fate->owed < tries ? fate->owed : tries;
	bool by_user = step->answer->by == IOPF_BY_USER;

	if (!fate)
		late = 0;
	if (s->told && fate)
		fate->owed -= (uint8_t)late;
	if (!step->object->in_scope)
		return;
	if (late)
		confirm(e, step->group, step->answer, s, 3, IOPF_SEVERITY_NOTE, &refused_late);
	if (late > 1)
		findings_count(e, 3, IOPF_SEVERITY_NOTE, late - 1);
	if (tries == late || !objects_whole(e, step->object) ||
	    (!by_user && !(iopf_responder_is_substitute(step->answer->by) && s->told && fate)))
		return;
	confirm(e, step->group, step->answer, s, 4, IOPF_SEVERITY_ERROR,
		by_user ? &refused_again : &refused_after_late);
	findings_count(e, 4, IOPF_SEVERITY_ERROR, tries - late - 1);
}

/* Decides what a refused answer was, for which a group was believed to be outstanding. */
static void decide_refused(struct iopf_engine *e, const struct rules_step *step,
			   const struct suspicion *s)
{
	const struct answer *a = step->answer;
	struct group *holder;

	if (step->kind == RULES_REMAINS) {
		refused_in_vain(e, step, s, s->named, s->cookie);
		return;
	}
	if (a->by != IOPF_BY_QREMOVE && a->cookie != s->detail) { /* that removal does not tell */
		/* By the kernel's word that read was of another, which has this cookie. */
		holder = match_holder(e, step->object, s->detail);
		if (holder && holder != step->group && judge_certain(e->epoch, holder) &&
		    holder->deliver_ns && holder->deliver_ns <= s->enter_ns)
			suspicions_add(e, holder, s);
		else if (step->group->state & GROUP_MISNAMED && a->by != IOPF_BY_USER)
			; /* which is told of it */
		else if (a->write_ns > s->since_ns)
			refused_in_vain(e, step, s, a->fetched, a->cookie);
		else
			judge_drop(e, step->object, 32, IOPF_UNDECIDED_ANSWER);
	} else if (a->write_ns ? a->write_ns > s->since_ns : a->caller_ns > s->since_ns) {
		refused_in_vain(e, step, s, false, 0);
	} else if (a->write_ns || a->by == IOPF_BY_QREMOVE) {
		refused_rightly(e, step, s);
	} else { /* when it was answered is not known */
		judge_drop(e, step->object, 32, IOPF_UNDECIDED_ANSWER);
	}
}

/* Decides one. */
static void decide(struct iopf_engine *e, const struct rules_step *step, const struct suspicion *s)
{
	struct group *g = step->group;
	const struct judged *j = step->object->judged;

	if (!judge_certain(e->epoch, g) || (s->rule != 32 && !still_there(step, s)) ||
	    step->kind == RULES_UNSEEN)
		return;
	if (step->kind == RULES_REMAINS) {
		/* The cookie of a group that the kernel has lost is free: that it is lost is told. */
		if ((s->rule == 12 || s->rule == 32) && j && rule_is_missing(e, j, g)) {
			if (!rule_tells_missing(e, j))
				judge_drop(e, step->object, s->rule, IOPF_UNDECIDED_BUSY);
			return;
		}
		if (e->judge.unlooked || may_be_answered(e, step)) {
			judge_drop(e, step->object, s->rule, IOPF_UNDECIDED_INSIDE);
			return;
		}
	}
	if (s->rule == 32) {
		if (!s->explained)
			decide_refused(e, step, s);
		return;
	}
	/* Left at the end, and only a buffer says that it has this cookie, as it did of one like it. */
	if (s->rule == 12 && step->kind == RULES_REMAINS && !s->named && g->shown_before) {
		judge_drop(e, step->object, 12, IOPF_UNDECIDED_READS);
		return;
	}
	if (s->rule == 25) { /* each read once, whichever group proves it first */
		struct judged *of = judge_object(e, step->object);

		if (!of || of->empty_seq == s->seq)
			return;
		of->empty_seq = s->seq;
	}
	confirm(e, g, step->answer, s, s->rule, iopf_rule(s->rule)->severity, story_of(s->rule));
	if ((s->rule == 16 || s->rule == 19) && !(g->marks & MARK_LATE) &&
	    e->judge.severity[1] != IOPF_SEVERITY_OFF) {
		g->marks |= MARK_LATE;
		confirm(e, g, step->answer, s, 1, iopf_rule(1)->severity, story_of(s->rule));
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

/* A cookie that another group has been given too, and is answered by, is why the answer was refused. */
static void explain_refused(struct suspicions *s, const struct rules_step *step)
{
	uint32_t first = map_get(&s->by_group, step->group->id);

	for (uint32_t i = first; i; i = s->pool[i].next) {
		if (s->pool[i].rule != 12 || !still_there(step, &s->pool[i]))
			continue;
		for (uint32_t k = first; k; k = s->pool[k].next) {
			if (s->pool[k].rule == 32 && s->pool[k].detail == s->pool[i].detail)
				s->pool[k].explained = true;
		}
	}
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
	explain_refused(s, step);
	for (place = map_get(&s->by_group, g->id); place; place = next) {
		struct suspicion one = s->pool[place]; /* more may be raised, of other groups */

		next = one.next;
		if (step->kind == RULES_DELIVERED && one.rule != 25) {
			s->pool[place].next = kept;
			kept = place;
			continue;
		}
		decide(e, step, &one);
		s->pool[place].next = s->free;
		s->free = place;
	}
	map_remove(&s->by_group, g->id);
	g->marks &= ~MARK_SUSPECT;
	if (kept && !map_set(&s->by_group, g->id, kept))
		g->marks |= MARK_SUSPECT;
}
