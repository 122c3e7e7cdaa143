// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Rules about what user space writes: cookies and codes. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "judge.h"
#include "life.h"
#include "match.h"
#include "remember.h"
#include "rule_files.h"

/* Remembers what became of a cookie: the kernel's own word, as the group's answer has it. */
void rule_remember_cookie(struct iopf_engine *e, const struct rules_step *step)
{
	const struct answer *a = step->answer;
	struct answer unwritten = *a;
	/* The record of an answer by queue removal does not tell it. */
	uint32_t cookie = a->cookie ? a->cookie : step->group->cookie;
	bool named = groups_answer_named(a) ||
		     (step->group->state & GROUP_DELIVERED && groups_named(step->group));
	struct cookie_fate *fate = named ? judge_fate(e, step->object, cookie) : NULL;

	if (!fate)
		return;
	/* Who will answer it has not done so yet. */
	if (step->group->marks & MARK_UNWRITTEN) {
		unwritten.by = IOPF_BY_UNKNOWN;
		a = &unwritten;
	}
	remember_fate(e, step->object, fate, step->group, a, cookie,
		      tasks_get(&e->tasks, a->tgid, a->tid));
}

/* What became of a cookie in this epoch, or NULL. */
static struct cookie_fate *find_fate(const struct iopf_engine *e, const struct object *o,
				     uint32_t cookie)
{
	struct cookie_fate *fate = remember_fate_of(e, o, cookie);

	return fate && fate->by != IOPF_BY_NOBODY ? fate : NULL;
}

/* Whether the kernel refused an entry of a write: the first one that it did not count. */
static bool refused(const struct iopf_rec_write *r)
{
	if (!r->nr || !r->enter_ns)
		return false;
	if (r->ret == -EINVAL)
		return true;
	return r->ret > 0 && (uint64_t)r->ret < r->count &&
	       (uint64_t)r->ret == sizeof(struct iopf_answer) * (uint64_t)r->answered;
}

/*
 * What a read returned twice, or wrongly, the writer may have answered in good faith: then the case
 * waits until it is known whether what reads showed adds up.
 */
static void hold_if_odd(struct iopf_engine *e, const struct object *o)
{
	if (o->judged && (o->judged->odd || o->judged->nr_strange))
		findings_hold(e, o, true);
}

/* Ends the case of a refused entry. */
static void end_refused(struct iopf_engine *e, struct iopf_case *c, const struct iopf_rec_write *r,
			const char *expected, const char *text)
{
	uint32_t cookie = r->answer[0].cookie, code = r->answer[0].code;

	c->group.cookie = cookie;
	findings_record(e, IOPF_STEP_WRITE, &r->h, r->enter_ns,
			"writes cookie %u, code %u: refused", cookie, code);
	findings_end(e, c, IOPF_BLAME_USER, expected, text, cookie);
}

/* Adds the answer that used a cookie up: whose it was and when, if that is still remembered. */
static void put_fate(struct iopf_engine *e, struct iopf_case *c, const struct object *o,
		     const struct cookie_fate *fate, uint32_t cookie)
{
	const struct fate_detail *detail = remember_detail(&e->judge, o, cookie);
	const struct fate_detail none = { 0 };

	if (detail->key != ((uint64_t)o->number << 32 | cookie))
		detail = &none;
	c->has_group = detail != &none;
	c->group.seq = detail->group_seq;
	c->group.grpid = detail->grpid;
	c->group.cookie = cookie;
	c->group.device = c->group.reader = c->group.writer = "";
	findings_step(e,
		      (struct iopf_step){ .kind = IOPF_STEP_ANSWER, .time_ns = detail->write_ns },
		      detail->task, "cookie %u is answered by %s", cookie,
		      iopf_responder_name(fate->by));
}

/* IOPF007: a code that is none. */
static void bad_code(struct iopf_engine *e, struct object *o, const struct iopf_rec_write *r)
{
	struct iopf_case *c = findings_begin(e, 7, IOPF_SEVERITY_ERROR, o);

	if (!c)
		return;
	findings_record(e, IOPF_STEP_WRITE, &r->h, r->enter_ns,
			"writes code %u for cookie %u: refused", r->answer[0].code,
			r->answer[0].cookie);
	findings_end(e, c, IOPF_BLAME_USER, "a code of 0 (SUCCESS) or 1 (INVALID)",
		     "user space wrote the code %u", r->answer[0].code);
}

/* IOPF004, and IOPF005 beside it when the cookie had named more than one group. */
static void duplicate(struct iopf_engine *e, struct object *o, const struct iopf_rec_write *r,
		      const struct cookie_fate *fate)
{
	struct iopf_case *c = NULL;

	if (e->judge.severity[4] != IOPF_SEVERITY_OFF)
		c = findings_begin(e, 4, IOPF_SEVERITY_ERROR, o);
	if (c) {
		put_fate(e, c, o, fate, r->answer[0].cookie);
		hold_if_odd(e, o);
		end_refused(e, c, r, "each cookie is answered once",
			    "user space answered cookie %u again, which was used up");
	}
	if (fate->groups < 2 || e->judge.severity[5] == IOPF_SEVERITY_OFF)
		return;
	c = findings_begin(e, 5, IOPF_SEVERITY_WARN, o);
	if (!c)
		return;
	put_fate(e, c, o, fate, r->answer[0].cookie);
	hold_if_odd(e, o);
	end_refused(e, c, r, "an answer belongs to the group it was read for",
		    "cookie %u has named several groups: the answer that used it up may have been "
		    "meant for an earlier one");
}

/*
 * IOPF003: the kernel has answered. When the cookie has been used up by another answer since, either
 * of the two may be the one too many.
 */
static void late_answer(struct iopf_engine *e, struct iopf_case *c, const struct object *o,
			const struct iopf_rec_write *r, const struct cookie_fate *fate)
{
	put_fate(e, c, o, fate, r->answer[0].cookie);
	if (fate->by != IOPF_BY_USER)
		end_refused(e, c, r, "nothing: an answer may cross a detach on its way",
			    "the answer for cookie %u came late: the kernel had answered");
	else
		end_refused(e, c, r,
			    "one answer for each cookie, but for those that cross a detach",
			    "the answer for cookie %u is one too many, unless it came late for an "
			    "earlier group that the kernel answered");
}

/* IOPF003: a cookie that nobody can answer. */
static void stray(struct iopf_engine *e, struct object *o, const struct iopf_rec_write *r,
		  const struct cookie_fate *late)
{
	struct iopf_case *c =
		findings_begin(e, 3, late ? IOPF_SEVERITY_NOTE : IOPF_SEVERITY_ERROR, o);

	if (!c)
		return;
	if (late) {
		late_answer(e, c, o, r, late);
	} else {
		/* The read that hands it out may not have returned: its record is still to come. */
		findings_hold(e, o, false);
		hold_if_odd(e, o);
		end_refused(e, c, r, "a cookie that a read returned and that is not answered yet",
			    "user space answered cookie %u, which was never handed out");
	}
}

/*
 * A refused entry names a group that is outstanding by the books, which another thread may be answering just
 * now. What becomes of it will tell: IOPF003, 004, 012 or 032.
 */
static void suspect(struct iopf_engine *e, struct object *o, struct group *holder,
		    const struct iopf_rec_write *r)
{
	if (!judge_certain(e->epoch, holder) || !objects_whole(e, o) ||
	    holder->state & GROUP_REPLACED || !holder->deliver_ns ||
	    holder->deliver_ns > r->enter_ns)
		return;
	suspicions_add(e, holder,
		       &(struct suspicion){ .rule = 32,
					    .since_ns = r->h.time_ns,
					    .enter_ns = r->enter_ns,
					    .seq = r->h.seq,
					    .task = tasks_get(&e->tasks, r->h.tgid, r->h.tid),
					    .detail = r->answer[0].cookie,
					    .told = r->ret < 0 });
}

/* IOPF003, 004, 005, 007: what a refused entry was. */
void rule_refused(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_write *r = (const void *)step->rec;
	struct object *o = objects_find(&e->objects, r->object);
	struct cookie_fate *fate;
	struct group *holder;
	bool late, again;
	uint32_t cookie;

	if (!o || !refused(r))
		return;
	cookie = r->answer[0].cookie;
	if (r->answer[0].code > IOPF_CODE_INVALID) {
		if (e->judge.severity[7] != IOPF_SEVERITY_OFF)
			bad_code(e, o, r);
		return;
	}
	holder = match_holder(e, o, cookie);
	if (holder) {
		suspect(e, o, holder, r);
		return;
	}
	/* Where groups are not all found by their cookies, one may hold it: the verdict says that much. */
	if (e->groups.crowded)
		return;
	fate = find_fate(e, o, cookie);
	/* A buffer showed it, and the kernel has not said what the group's cookie was. */
	if (!cookie && !fate && o->judged && o->judged->zero) {
		judge_drop(e, o, 3, IOPF_UNDECIDED_READS);
		return;
	}
	/* Late, though the cookie may have been another group's since, which has its answer too. */
	late = fate && fate->owed;
	if (late && r->ret < 0) /* a short count does not tell why: what is left is written again */
		fate->owed--;
	/* One answer may come late for each that the kernel gave; what comes after that is another. */
	again = fate && !late &&
		(fate->by == IOPF_BY_USER ||
		 (iopf_responder_is_substitute(fate->by) && objects_whole(e, o)));
	if (again) {
		/* Else the kernel may have answered an earlier group of that cookie unseen. */
		if (objects_whole(e, o))
			duplicate(e, o, r, fate);
		return;
	}
	if (e->judge.severity[3] != IOPF_SEVERITY_OFF &&
	    (fate ? fate->by != IOPF_BY_UNKNOWN : objects_whole(e, o)))
		stray(e, o, r, fate);
}

/* A cookie of 0 may be handed out from now on: what was said because it never is, was none. */
static void zero_is_given(struct iopf_engine *e, struct object *o, bool *how)
{
	if (*how)
		return;
	*how = true;
	if (e->judge.findings.nr_pending)
		findings_drop(e, 8, o, 0, 0);
}

/* A write made 0 a cookie: the kernel took it for the one that was answered, and marked it as free. */
void rule_zero_written(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_write *r = (const void *)step->rec;
	struct object *o = objects_find(&e->objects, r->object);
	struct judged *j = o ? judge_object(e, o) : NULL;

	if (j && (!r->nr || !r->enter_ns || !r->answer[0].cookie))
		zero_is_given(e, o, &j->zero_free);
}

/* The same when it was answered by that. */
void rule_zero_answered(struct iopf_engine *e, const struct rules_step *step)
{
	const struct group *g = step->group;
	struct judged *j = step->object->judged;

	if (j && step->answer->by == IOPF_BY_USER && !step->answer->cookie && !g->cookie &&
	    g->state & GROUP_DELIVERED && g->state & GROUP_BY_COOKIE)
		zero_is_given(e, step->object, &j->zero_free);
}

/* A read has handed it out. */
void rule_zero_read(struct iopf_engine *e, const struct rules_step *step)
{
	struct judged *j = judge_object(e, step->object);

	if (j && step->delivery->pages && !step->delivery->cookie)
		zero_is_given(e, step->object, &j->zero);
}

/* IOPF003: a read that was entered before a stray write turns out to have handed its cookie out. */
void rule_handed_out(struct iopf_engine *e, const struct rules_step *step)
{
	if (e->judge.findings.nr_pending)
		findings_drop(e, 3, step->object, step->delivery->cookie, step->delivery->enter_ns);
}

/* IOPF005: the write was entered before the read that gave the cookie. */
static void stale(struct iopf_engine *e, const struct rules_step *step, const struct answer *a,
		  uint64_t enter_ns, uint32_t cookie)
{
	const struct group *g = step->group;
	struct iopf_case *c;

	if (a->by != IOPF_BY_USER || !a->caller_ns || !enter_ns || a->caller_ns >= enter_ns ||
	    a->cookie != cookie || (!cookie && !(g->state & GROUP_BY_COOKIE)) ||
	    g->epoch != e->epoch || !objects_whole(e, step->object))
		return;
	c = findings_begin(e, 5, IOPF_SEVERITY_WARN, step->object);
	if (!c)
		return;
	findings_group(e, c, g, a);
	findings_mark_last(e);
	findings_end(e, c, IOPF_BLAME_USER, "an answer by a write that was entered after the read",
		     "the write that answered cookie %u was entered before the read that gave it",
		     cookie);
}

/* IOPF005: when the answer comes after the delivery. */
void rule_stale_answer(struct iopf_engine *e, const struct rules_step *step)
{
	if (step->group->state & GROUP_DELIVERED && !(step->group->marks & MARK_UNWRITTEN))
		stale(e, step, step->answer, step->group->enter_ns, step->group->cookie);
}

/* IOPF005: when the record of the delivery comes after that of the answer. */
void rule_stale_delivery(struct iopf_engine *e, const struct rules_step *step)
{
	if (step->before & GROUP_ANSWERED && step->delivery->pages &&
	    !(step->group->marks & MARK_UNWRITTEN))
		stale(e, step, step->group->answer, step->delivery->enter_ns,
		      step->delivery->cookie);
}

/* Whether a cookie is among those of a masked write; of one that could not be read, all are. */
static bool is_masked(const struct masked *m, uint32_t cookie)
{
	for (uint32_t i = 0; i < m->nr; i++) {
		if (m->cookie[i] == cookie)
			return true;
	}
	return false;
}

/* Whether another write shows that user space goes on with what a short one left. */
static bool goes_on(const struct masked *m, uint32_t tgid, uint64_t enter_ns,
		    const uint32_t *cookie, uint32_t nr, size_t stride)
{
	if (enter_ns == m->enter_ns)
		return false;
	/* Of a write whose beginning was missed it is not known what it was given. */
	if ((!m->nr || !enter_ns) && m->tgid == tgid)
		return true;
	for (uint32_t i = 0; i < nr; i++) {
		if (is_masked(m, *(const uint32_t *)((const char *)cookie + i * stride)))
			return true;
	}
	return false;
}

/* IOPF006: short writes that another one shows not to be ignored are forgotten. */
static void acknowledge(struct judged *j, uint32_t tgid, uint64_t enter_ns, const uint32_t *cookie,
			uint32_t nr, size_t stride)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; j && i < j->nr_masked; i++) {
		if (!goes_on(&j->masked[i], tgid, enter_ns, cookie, nr, stride))
			j->masked[kept++] = j->masked[i];
	}
	if (j)
		j->nr_masked = kept;
}

/* Room for one more short write; NULL when there is none, and the report says so. */
static struct masked *new_masked(struct iopf_engine *e, struct judged *j)
{
	struct masked *masked;

	/* Those of another epoch tell nothing any more. */
	while (j->nr_masked && j->masked[j->nr_masked - 1].epoch != e->epoch)
		j->nr_masked--;
	if (j->nr_masked == MASKED_MAX) {
		core_limit(e, IOPF_LIMIT_WRITES);
		return NULL;
	}
	if (!(j->nr_masked & (j->nr_masked - 1))) { /* none, or as many as there is room for */
		masked = memory_realloc(&e->memory, j->masked,
					(j->nr_masked ? 2 * j->nr_masked : 1) * sizeof(*masked));
		if (!masked) {
			core_out_of_memory(e);
			return NULL;
		}
		j->masked = masked;
	}
	return &j->masked[j->nr_masked++];
}

/* IOPF006: an answer of another write. */
void rule_masked_answer(struct iopf_engine *e, const struct rules_step *step)
{
	const struct reply *r = step->reply;

	(void)e;
	if (r->answer.by == IOPF_BY_USER || r->answer.by == IOPF_BY_UNKNOWN)
		acknowledge(step->object->judged, r->answer.tgid, r->caller_ns, &r->answer.cookie,
			    1, 0);
}

/* IOPF006: a write that stopped, or that shows that user space went on. */
void rule_masked_write(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_write *r = (const void *)step->rec;
	struct object *o = objects_find(&e->objects, r->object);
	struct judged *j = o ? judge_object(e, o) : NULL;
	struct masked *m;

	if (!j)
		return;
	acknowledge(j, r->h.tgid, r->enter_ns, &r->answer[0].cookie, r->nr, sizeof(r->answer[0]));
	if (!r->enter_ns)
		return;
	if (r->ret <= 0 || (uint64_t)r->ret >= r->count || !r->answered ||
	    (uint64_t)r->ret != sizeof(struct iopf_answer) * (uint64_t)r->answered)
		return;
	m = new_masked(e, j);
	if (!m)
		return;
	*m = (struct masked){
		.epoch = e->epoch,
		.tgid = r->h.tgid,
		.task = tasks_get(&e->tasks, r->h.tgid, r->h.tid),
		.enter_ns = r->enter_ns,
		.time_ns = r->h.time_ns,
		.seq = r->h.seq,
		.count = r->count,
		.ret = r->ret,
		.nr = r->nr,
	};
	for (uint32_t i = 0; i < m->nr; i++)
		m->cookie[i] = r->answer[i].cookie;
}

/* IOPF006: nobody came back to what a short write left. */
static void ignored(struct iopf_engine *e, const struct object *o, const struct masked *m,
		    const struct rules_step *step)
{
	struct iopf_case *c;

	c = findings_begin(e, 6, IOPF_SEVERITY_WARN, o);
	if (!c)
		return;
	findings_step(e,
		      (struct iopf_step){ .kind = IOPF_STEP_WRITE,
					  .offending = true,
					  .has_seq = true,
					  .seq = m->seq,
					  .time_ns = m->time_ns,
					  .enter_ns = m->enter_ns },
		      m->task, "writes %llu bytes, and %lld are taken",
		      (unsigned long long)m->count, (long long)m->ret);
	findings_step(e,
		      (struct iopf_step){ .kind = IOPF_STEP_DESTROY,
					  .has_seq = true,
					  .seq = step->rec->seq,
					  .time_ns = step->rec->time_ns },
		      0, "the fault object goes, and nobody came back to the rest");
	findings_end(e, c, IOPF_BLAME_USER, "the rest is written again, or the error noticed",
		     "a write of %llu bytes took only %lld, and the rest was never retried",
		     (unsigned long long)m->count, (long long)m->ret);
}

/* IOPF006: the object goes: all that were ignored. */
void rule_masked_end(struct iopf_engine *e, const struct rules_step *step)
{
	uint64_t address = step->rec->type == IOPF_REC_DESTROY ?
				   ((const struct iopf_rec_destroy *)step->rec)->object :
				   ((const struct iopf_rec_release *)step->rec)->object;
	struct object *o = objects_find(&e->objects, address);
	struct judged *j = o ? o->judged : NULL;

	for (uint32_t i = 0; j && i < j->nr_masked; i++) {
		if (j->masked[i].epoch == e->epoch)
			ignored(e, o, &j->masked[i], step);
	}
	if (j)
		j->nr_masked = 0;
}
