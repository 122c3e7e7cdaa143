// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Rules about answers: who gave them, how many, when, through what. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "judge.h"
#include "life.h"
#include "remember.h"
#include "rule_files.h"

/* Groups that a call which tells the time pays for: with 2^20 of them, one of 64 looks at them. */
#define LOOKS_PER_CALL (1U << 14)

/* The object of a ghost; NULL when it has gone without being of the scope. */
static const struct object *ghost_object(const struct iopf_engine *e, const struct ghost *ghost)
{
	const struct object *o = objects_held(&e->objects, ghost->object);

	return o && o->address == ghost->address ? o : NULL;
}

/* The group that was answered last with this pointer, if nothing can have happened to it since. */
static const struct ghost *find_ghost(struct iopf_engine *e, uint64_t pointer)
{
	const struct ghost *ghost = remember_place(&e->judge, pointer);

	return pointer && ghost->pointer == pointer && ghost->epoch == e->epoch &&
			       ghost_object(e, ghost) ?
		       ghost :
		       NULL;
}

/* Remembers a group that has been answered; one that is adopted may have been another's memory. */
void rule_remember_ghost(struct iopf_engine *e, const struct rules_step *step)
{
	const struct group *g = step->group;

	if (!judge_certain(e->epoch, g))
		return;
	remember_ghost(e, step->object, g, step->answer, step->reply->group);
	if (step->before & GROUP_REPLACED) /* its memory is another's already */
		remember_place(&e->judge, step->reply->group)->pointer = 0;
}

/* The memory of an answered group is used again. */
void rule_forget_ghost(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_enqueue *r = (const void *)step->rec;

	judge_object(e, step->object);
	remember_no_ghost(&e->judge, step->object, r->group);
}

/* Puts what is known of an answered group into a case. */
static void put_ghost(struct iopf_engine *e, struct iopf_case *c, const struct ghost *ghost)
{
	struct group g = {
		.seq = ghost->seq,
		.queue_ns = ghost->queue_ns,
		.object = ghost->object,
		.pasid = ghost->pasid,
		.grpid = ghost->grpid,
		.flags = (uint8_t)ghost->flags,
		.epoch = ghost->epoch,
		.pages = 1,
	};

	findings_group(e, c, &g, &ghost->answer);
	c->group.device = findings_device(e, ghost->device);
}

/* The step of an answer, which offends: when it was given, if that was seen, else when it was done. */
#define answer_step(e, step, ...) \
	findings_step(e, offending_answer(step), \
		      tasks_get(&(e)->tasks, (step)->reply->answer.tgid, \
				(step)->reply->answer.tid), \
		      __VA_ARGS__)

static struct iopf_step offending_answer(const struct rules_step *step)
{
	const struct reply *r = step->reply;

	return (struct iopf_step){
		.kind = IOPF_STEP_ANSWER,
		.offending = true,
		.has_seq = true,
		.seq = step->rec->seq,
		.time_ns = r->answer.write_ns ? r->answer.write_ns : r->answer.ack_ns,
		.enter_ns = r->caller_ns,
	};
}

/* IOPF002: an answer for a group that has had one. */
void rule_answered_twice(struct iopf_engine *e, const struct rules_step *step)
{
	const struct reply *r = step->reply;
	const struct ghost *ghost = find_ghost(e, r->group);
	struct iopf_case *c;

	/* What the core aborts may be a group of its own handler, in the same memory. */
	if (!ghost || ghost->grpid != r->grpid || r->answer.by == IOPF_BY_ABORT ||
	    r->answer.by == IOPF_BY_UNKNOWN)
		return;
	c = findings_begin(e, 2, IOPF_SEVERITY_ERROR, ghost_object(e, ghost));
	if (!c)
		return;
	put_ghost(e, c, ghost);
	answer_step(e, step, "answered again, by %s, with status %u",
		    iopf_responder_name(r->answer.by), r->answer.code);
	findings_end(e, c, IOPF_BLAME_KERNEL, "one answer for each group",
		     "a group that had been answered by %s was answered by %s",
		     iopf_responder_name(ghost->answer.by), iopf_responder_name(r->answer.by));
}

/* IOPF013: the driver is told about a group that has had its answer. */
void rule_driver_again(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_driver *r = (const void *)step->rec;
	const struct ghost *ghost = find_ghost(e, r->group);
	struct iopf_case *c;

	if (!(r->h.context & (IOPF_CTX_WRITE | IOPF_CTX_AUTO | IOPF_CTX_DESTROY)) ||
	    r->h.context & IOPF_CTX_QREMOVE || r->flags & IOPF_DRIVER_OTHER || !ghost ||
	    ghost->grpid != r->grpid || groups_by_pointer(&e->groups, r->group, NULL))
		return;
	c = findings_begin(e, 13, IOPF_SEVERITY_ERROR, ghost_object(e, ghost));
	if (!c)
		return;
	put_ghost(e, c, ghost);
	findings_record(e, IOPF_STEP_DRIVER, &r->h, 0, "the driver is told again, with status %u",
			r->code);
	findings_end(e, c, IOPF_BLAME_KERNEL, "the driver is told once for each group",
		     "the driver was told a second time about a group that had been answered");
}

/* The case of an answer that is wrong in itself. */
static struct iopf_case *answer_case(struct iopf_engine *e, const struct rules_step *step,
				     unsigned int rule)
{
	const struct reply *r = step->reply;
	struct iopf_case *c;

	if (step->group)
		c = findings_begin(e, rule, iopf_rule(rule)->severity, step->object);
	else
		c = findings_begin_device(e, rule, iopf_rule(rule)->severity,
					  core_device(e, r->dev));
	if (!c)
		return NULL;
	if (step->group) {
		findings_group(e, c, step->group, NULL);
	} else {
		c->has_group = true;
		c->group.seq = step->rec->seq;
		c->group.pasid = r->pasid;
		c->group.grpid = r->grpid;
		c->group.cookie = r->answer.cookie;
		c->group.device = findings_device(e, core_device(e, r->dev));
		c->group.reader = c->group.writer = "";
	}
	if (r->answer.cookie)
		c->group.cookie = r->answer.cookie;
	c->group.code = r->answer.code;
	c->group.by = r->answer.by;
	return c;
}

/* Ends such a case with the answer as its offending step. */
#define ANSWER_CASE_END(e, c, step, words, blame, expected, ...) \
	do { \
		const struct answer *answer_ = &(step)->reply->answer; \
		answer_step(e, step, "answered with status %u by %s%s", answer_->code, \
			    iopf_responder_name(answer_->by), words); \
		findings_end(e, c, blame, expected, __VA_ARGS__); \
	} while (0)

/* IOPF013: the driver is told another status than the group was given, or more than once. */
void rule_driver_status(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_response *r = (const void *)step->rec;
	struct iopf_case *c;

	if (r->h.type != IOPF_REC_RESPONSE || !r->driver_calls ||
	    (r->driver_calls == 1 && r->driver_code == r->code))
		return;
	c = answer_case(e, step, 13);
	if (!c)
		return;
	ANSWER_CASE_END(
		e, c, step, "", IOPF_BLAME_KERNEL,
		"the driver is told once, with the status the group was given",
		"the driver was told %u time%s, last with status %u; the group was given %u",
		r->driver_calls, r->driver_calls == 1 ? "" : "s", r->driver_code, r->code);
}

/* The group that a DRIVER record is about, which has no answer yet; NULL = none that is known. */
static const struct group *told_group(const struct iopf_engine *e, const struct iopf_rec_driver *r)
{
	const struct group *g = NULL;

	if (r->h.context & (IOPF_CTX_RESPONSE | IOPF_CTX_QREMOVE))
		g = life_latest(e, r->group);
	return g && g->epoch == e->epoch && !(g->state & (GROUP_ANSWERED | GROUP_REPLACED)) ? g :
											      NULL;
}

/* What the driver was told that is not the group's. */
static const char *told_wrong(const struct iopf_engine *e, const struct group *g,
			      const struct iopf_rec_driver *r)
{
	if (!g)
		return "request";
	if (devices_at(&e->devices, core_device_of(e, g))->address != r->dev)
		return "device";
	return g->grpid != r->grpid ? "group index" : "PASID";
}

/* IOPF013: the driver is told of another request than the one that is answered. */
void rule_driver_other(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_driver *r = (const void *)step->rec;
	uint32_t device = core_device(e, r->dev);
	const struct group *g;
	struct iopf_case *c;

	if (!(r->flags & IOPF_DRIVER_OTHER))
		return;
	g = told_group(e, r);
	if (g)
		c = findings_begin(e, 13, IOPF_SEVERITY_ERROR, core_object_of(e, g));
	else
		c = findings_begin_device(e, 13, IOPF_SEVERITY_ERROR, device);
	if (!c)
		return;
	if (g)
		findings_group(e, c, g, NULL);
	findings_record(e, IOPF_STEP_DRIVER, &r->h, 0,
			"the driver is told status %u for group index %u, PASID %u", r->code,
			r->grpid, r->pasid);
	findings_end(e, c, IOPF_BLAME_KERNEL,
		     "the driver is told of what is answered: its device, group index and PASID",
		     "the driver was told of another %s: group index %u, PASID %u, device %s",
		     told_wrong(e, g, r), r->grpid, r->pasid,
		     *devices_at(&e->devices, device)->name ?
			     devices_at(&e->devices, device)->name :
			     "not known");
}

/* IOPF014: the driver is not told. */
void rule_driver_untold(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_response *r = (const void *)step->rec;
	struct iopf_case *c;

	if (r->h.type != IOPF_REC_RESPONSE || !(r->flags & IOPF_RESPONSE_UNTOLD))
		return;
	c = answer_case(e, step, 14);
	if (!c)
		return;
	ANSWER_CASE_END(e, c, step, ", and the driver is not told", IOPF_BLAME_KERNEL,
			"every answer reaches the driver's page_response()",
			"a group was answered, but its device was never told");
}

/*
 * IOPF033: what is given is not what was written. The entry was read just after the kernel had read it:
 * if not the kernel, then another thread has changed it, and what was meant is not known.
 */
void rule_written(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_written *r = (const void *)step->rec;
	struct object *o = objects_get(e, r->object, 0);
	struct group *g = life_latest(e, r->group);
	struct iopf_case *c = NULL;

	/* The write that gives it is the caller's: it may be the first that this process does with the object. */
	objects_used_by(e, o, &r->h);
	if (g && (g->epoch != e->epoch || g->state & (GROUP_ANSWERED | GROUP_REPLACED)))
		g = NULL;
	if (g && r->cookie != r->group_cookie)
		g->marks |= MARK_UNWRITTEN;
	if (e->judge.severity[33] != IOPF_SEVERITY_OFF)
		c = findings_begin(e, 33, IOPF_SEVERITY_ERROR, o);
	if (!c)
		return;
	if (g)
		findings_group(e, c, g, NULL);
	findings_record(e, IOPF_STEP_ANSWER, &r->h, r->enter_ns,
			"cookie %u is answered with status %u; written was cookie %u, code %u",
			r->group_cookie, r->status, r->cookie, r->code);
	if (r->cookie == r->group_cookie)
		findings_end(e, c, IOPF_BLAME_UNKNOWN, "the status that was written",
			     "code %u was written for cookie %u, and its group was given status %u",
			     r->code, r->cookie, r->status);
	else
		findings_end(
			e, c, IOPF_BLAME_UNKNOWN,
			"an answer for the group whose cookie was written",
			"an answer was written for cookie %u, and the group of cookie %u was given one",
			r->cookie, r->group_cookie);
}

/* What statuses a responder gives: a set of 1 << status. */
static uint32_t right_codes(enum iopf_responder by)
{
	switch (by) {
	case IOPF_BY_USER:
		return 1U << IOPF_CODE_SUCCESS | 1U << IOPF_CODE_INVALID;
	case IOPF_BY_DETACH:
	case IOPF_BY_DESTROY:
	case IOPF_BY_QREMOVE:
		return 1U << IOPF_CODE_INVALID;
	case IOPF_BY_ABORT:
		return 1U << IOPF_CODE_FAILURE;
	default:
		return UINT32_MAX;
	}
}

/* IOPF015: the wrong status. */
void rule_wrong_status(struct iopf_engine *e, const struct rules_step *step)
{
	const struct answer *a = &step->reply->answer;
	struct iopf_case *c;

	if (a->by == IOPF_BY_UNKNOWN || a->by == IOPF_BY_NOBODY ||
	    (a->code < 32 && right_codes(a->by) >> a->code & 1))
		return;
	c = answer_case(e, step, 15);
	if (!c)
		return;
	ANSWER_CASE_END(e, c, step, "", IOPF_BLAME_KERNEL,
			a->by == IOPF_BY_USER  ? "status 0 (SUCCESS) or 1 (INVALID)" :
			a->by == IOPF_BY_ABORT ? "status 2 (FAILURE)" :
						 "status 1 (INVALID)",
			"an answer by %s had status %u", iopf_responder_name(a->by), a->code);
}

/* IOPF007: a code that is none, and that the kernel took. */
void rule_bad_code_taken(struct iopf_engine *e, const struct rules_step *step)
{
	const struct answer *a = &step->reply->answer;
	struct iopf_case *c;

	if (a->by != IOPF_BY_USER || a->code <= IOPF_CODE_INVALID)
		return;
	c = answer_case(e, step, 7);
	if (!c)
		return;
	ANSWER_CASE_END(e, c, step, "", IOPF_BLAME_USER, "a code of 0 (SUCCESS) or 1 (INVALID)",
			"user space answered with code %u, and the kernel took it", a->code);
}

/* IOPF028: the core aborts a group. */
void rule_aborted(struct iopf_engine *e, const struct rules_step *step)
{
	struct iopf_case *c;

	if (step->reply->answer.by != IOPF_BY_ABORT)
		return;
	c = answer_case(e, step, 28);
	if (!c)
		return;
	ANSWER_CASE_END(e, c, step, "", IOPF_BLAME_KERNEL,
			"memory for the group, and a handler that takes it",
			"the core aborted a group");
}

/* IOPF027: answered through another object than the one it was queued on. */
void rule_answer_object(struct iopf_engine *e, const struct rules_step *step)
{
	const struct reply *r = step->reply;
	struct iopf_case *c;

	if (!judge_certain(e->epoch, step->group) || !r->object ||
	    r->object == step->object->address)
		return;
	c = answer_case(e, step, 27);
	if (!c)
		return;
	ANSWER_CASE_END(e, c, step, ", through another fault object", IOPF_BLAME_KERNEL,
			"a group is answered through the fault object it was queued on",
			"a group of one fault object was answered through another");
}

/* IOPF017: user space answers for a handle that was retired before. */
void rule_answer_retired(struct iopf_engine *e, const struct rules_step *step)
{
	const struct handle *h = handles_at(&e->handles, step->group->handle);
	const struct answer *a = step->answer;
	struct iopf_case *c;

	if (a->by != IOPF_BY_USER || !judge_certain(e->epoch, step->group) || !h->retired_ns ||
	    h->retired_epoch != e->epoch || a->write_ns <= h->retired_ns)
		return;
	c = answer_case(e, step, 17);
	if (!c)
		return;
	findings_retired(e, h);
	ANSWER_CASE_END(e, c, step, "", IOPF_BLAME_KERNEL,
			"a detached handle's groups have all been answered by the kernel",
			"user space could answer a group whose attach handle was retired");
}

/* Whether more than a deadline has passed since a moment. */
static bool is_over(uint64_t since_ns, uint64_t now_ns, uint64_t deadline_ns)
{
	return deadline_ns && since_ns && now_ns > since_ns && now_ns - since_ns > deadline_ns;
}

/* When a group began to wait, as far as is known. */
static uint64_t waits_since(const struct iopf_engine *e, const struct group *g)
{
	return g->marks & MARK_FOUND ? e->judge.walk_ns : g->queue_ns;
}

/* The record of an answer may come as late as the call ends that gave it: of a group whose memory is another's. */
#define RECORD_LATE_NS 1000000000ULL

/* IOPF001: a group has ended without an answer. */
static void ended_unanswered(struct iopf_engine *e, struct group *g)
{
	const struct object *o = core_object_of(e, g);
	const struct group *next = life_latest(e, g->pointer);
	struct iopf_case *c;

	g->marks |= MARK_LATE;
	c = findings_begin(e, 1, IOPF_SEVERITY_ERROR, o);
	if (!c)
		return;
	findings_group(e, c, g, NULL);
	findings_step(e,
		      (struct iopf_step){ .kind = IOPF_STEP_END,
					  .offending = true,
					  .time_ns =
						  next && next != g ? next->queue_ns : e->last_ns },
		      0, "its memory is another group's");
	/* Only the end tells whether all ways to answer it were seen, and whether a call goes on that did. */
	findings_hold(e, o, false);
	findings_end(e, c, IOPF_BLAME_KERNEL, "a group ends with its answer",
		     "a group ended without an answer: the kernel uses its memory for another");
}

/* IOPF001: a group waits for its answer for too long. */
static void late(struct iopf_engine *e, struct group *g, const struct answer *a, uint64_t now_ns)
{
	uint64_t deadline = e->judge.deadline_ns[IOPF_DEADLINE_ANSWER];
	bool gone = g->state & GROUP_REPLACED && !a;
	char why[RULE_WHY];
	struct iopf_case *c;

	if (e->judge.severity[1] == IOPF_SEVERITY_OFF || g->marks & (MARK_LATE | MARK_ANSWERING) ||
	    g->epoch != e->epoch || (g->state & GROUP_ADOPTED && !(g->marks & MARK_FOUND)) ||
	    !core_object_of(e, g)->in_scope ||
	    !is_over(waits_since(e, g), now_ns, deadline ? deadline + gone * RECORD_LATE_NS : 0))
		return;
	if (gone) {
		ended_unanswered(e, g);
		return;
	}
	g->marks |= MARK_LATE;
	c = findings_begin(e, 1, IOPF_SEVERITY_ERROR, core_object_of(e, g));
	if (!c)
		return;
	findings_group(e, c, g, a);
	findings_step(e,
		      (struct iopf_step){ .kind = IOPF_STEP_END,
					  .offending = true,
					  .time_ns = waits_since(e, g) + deadline },
		      0, "the deadline for its answer passes");
	findings_end(e, c, g->state & GROUP_DELIVERED ? IOPF_BLAME_USER : IOPF_BLAME_UNKNOWN,
		     "an answer within the deadline", "%s%s",
		     a				? "a group was answered after its deadline" :
		     g->state & GROUP_DELIVERED ? "a group was read and not answered in time" :
						  "a group was not even read in time",
		     a ? "" : rule_why(e, g, true, why, sizeof(why)));
}

/*
 * IOPF001: a group has ended, since its memory is another's, and no answer to it was seen. A record of an
 * answer that was given would have come.
 */
void rule_disappeared(struct iopf_engine *e, const struct rules_step *step)
{
	struct group *g = step->group;

	if (judge_certain(e->epoch, g) && !(g->marks & (MARK_LATE | MARK_ANSWERING)))
		ended_unanswered(e, g);
}

/*
 * IOPF001: a late answer. Where the moment was missed, it was after its call was entered; the record
 * of queue removal is the moment itself.
 */
void rule_late_answer(struct iopf_engine *e, const struct rules_step *step)
{
	const struct answer *a = step->answer;
	uint64_t at_ns = a->by == IOPF_BY_QREMOVE ? a->ack_ns : a->caller_ns;

	late(e, step->group, a, a->write_ns ? a->write_ns : at_ns);
}

/* IOPF001: at the end, the driver is still being told the answer of a group. */
void rule_being_answered(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_inside *r = (const void *)step->rec;
	struct group *g = r->h.context == IOPF_CTX_RESPONSE ? life_latest(e, r->object) : NULL;

	if (!g || g->state & GROUP_ANSWERED)
		return;
	late(e, g, NULL, r->enter_ns);
	g->marks |= MARK_ANSWERING;
}

/* IOPF026: a group waits to be read for too long. */
static void unread(struct iopf_engine *e, struct group *g, uint64_t now_ns)
{
	uint64_t deadline = e->judge.deadline_ns[IOPF_DEADLINE_READ];
	char why[RULE_WHY] = "";
	struct iopf_case *c;

	if (e->judge.severity[26] == IOPF_SEVERITY_OFF || g->marks & MARK_UNREAD ||
	    g->epoch != e->epoch || (g->state & GROUP_ADOPTED && !(g->marks & MARK_FOUND)) ||
	    !core_object_of(e, g)->in_scope || !is_over(waits_since(e, g), now_ns, deadline))
		return;
	g->marks |= MARK_UNREAD;
	c = findings_begin(e, 26, IOPF_SEVERITY_WARN, core_object_of(e, g));
	if (!c)
		return;
	findings_group(e, c, g, NULL);
	findings_step(e,
		      (struct iopf_step){ .kind = IOPF_STEP_END,
					  .offending = true,
					  .time_ns = waits_since(e, g) + deadline },
		      0, "the deadline for its read passes");
	findings_end(e, c, IOPF_BLAME_USER, "a read within the deadline",
		     "a group was not read in time%s",
		     g->state & GROUP_QUEUED ? rule_why(e, g, true, why, sizeof(why)) : why);
}

/* IOPF026: a late read, of a group that has been answered. */
void rule_late_read(struct iopf_engine *e, const struct rules_step *step)
{
	uint64_t at_ns = step->delivery->deliver_ns;

	if (!(step->before & GROUP_ANSWERED))
		return; /* its answer may have been earlier than the read's return */
	if (step->group->answer->write_ns < at_ns)
		at_ns = step->group->answer->write_ns;
	if (step->delivery->deliver_ns && at_ns)
		unread(e, step->group, at_ns);
}

/* IOPF026: answered: it had been read by then, or was not to be read any more. */
void rule_never_read(struct iopf_engine *e, const struct rules_step *step)
{
	const struct group *g = step->group;
	uint64_t at_ns = step->answer->write_ns;

	if (g->state & GROUP_DELIVERED) {
		if (!at_ns || g->deliver_ns < at_ns)
			at_ns = g->deliver_ns;
	} else if (step->answer->fetched) {
		return; /* the record of its read may come */
	}
	if (at_ns)
		unread(e, step->group, at_ns);
}

/* When the next deadline of a group passes; UINT64_MAX = there is none to come. */
static uint64_t due_of(const struct iopf_engine *e, const struct group *g)
{
	const uint64_t *deadline_ns = e->judge.deadline_ns;
	uint64_t answer = deadline_ns[IOPF_DEADLINE_ANSWER], read = deadline_ns[IOPF_DEADLINE_READ];
	uint64_t wait = UINT64_MAX;

	if (g->epoch != e->epoch)
		return UINT64_MAX;
	if (answer && !(g->marks & MARK_LATE))
		wait = answer;
	if (read && !(g->marks & MARK_UNREAD) && !(g->state & GROUP_DELIVERED) && read < wait)
		wait = read;
	return wait == UINT64_MAX ? wait : waits_since(e, g) + wait;
}

/*
 * Whether all groups are to be looked at now. At the end they are. Before, when a deadline can have passed,
 * and not so often that this is what takes the time: a call pays for so many.
 */
static bool is_time_to_look(struct iopf_engine *e, const struct rules_step *step)
{
	struct judge *j = &e->judge;

	if (step->kind == RULES_END)
		return true;
	j->looks += LOOKS_PER_CALL;
	if (step->now_ns <= j->due_ns || j->looks < e->groups.nr_ever)
		return false;
	j->looks = 0;
	return true;
}

/* IOPF001 and IOPF026: what is outstanding now. */
void rule_deadlines(struct iopf_engine *e, const struct rules_step *step)
{
	uint64_t answer = e->judge.deadline_ns[IOPF_DEADLINE_ANSWER];
	uint64_t read = e->judge.deadline_ns[IOPF_DEADLINE_READ];
	/* What is queued from now on is not due before this. */
	uint64_t due_ns = step->now_ns + (read && (!answer || read < answer) ? read : answer);

	if ((!answer && !read) || !is_time_to_look(e, step))
		return;
	for (uint32_t id = 1; id <= e->groups.nr_ever; id++) {
		struct group *g = groups_at(&e->groups, id);
		uint64_t due;

		if (!(g->state & GROUP_USED) || g->state & GROUP_ANSWERED)
			continue;
		if (g->state & GROUP_REPLACED)
			; /* it was there no more to be read */
		else if (!(g->state & GROUP_DELIVERED))
			unread(e, g, step->now_ns);
		else if (step->kind == RULES_END && g->deliver_ns)
			unread(e, g, g->deliver_ns);
		late(e, g, NULL, step->now_ns);
		due = due_of(e, g);
		if (due < due_ns)
			due_ns = due;
	}
	e->judge.due_ns = due_ns;
}

/* IOPF001: still outstanding at the end, which is no violation. */
void rule_outstanding(struct iopf_engine *e, const struct rules_step *step)
{
	struct group *g = step->group;
	char why[RULE_WHY];
	struct iopf_case *c;

	if (g->marks & MARK_LATE)
		return;
	c = findings_begin(e, 1, IOPF_SEVERITY_NOTE, step->object);
	if (!c)
		return;
	findings_group(e, c, g, NULL);
	findings_step(e,
		      (struct iopf_step){
			      .kind = IOPF_STEP_END, .offending = true, .time_ns = step->now_ns },
		      0, "tracing ends");
	findings_end(e, c, IOPF_BLAME_UNKNOWN, "no more than that: tracing ended first",
		     "a group is outstanding at the end%s",
		     rule_why(e, g, false, why, sizeof(why)));
}

/* Counts what user space has answered, to be compared with what reads returned. */
void rule_count_answered(struct iopf_engine *e, const struct rules_step *step)
{
	struct judged *j = judge_object(e, step->object);

	/* What another object's cookie answers, that one's reads have delivered. */
	if (j && step->answer->by == IOPF_BY_USER && judge_certain(e->epoch, step->group) &&
	    !life_is_elsewhere(step->reply, step->object))
		j->pages_answered += step->group->pages;
}

/* IOPF008: the finding. */
static void before_delivery(struct iopf_engine *e, const struct rules_step *step, bool hold)
{
	struct iopf_case *c = findings_begin(e, 8, IOPF_SEVERITY_ERROR, step->object);

	if (!c)
		return;
	findings_group(e, c, step->group, step->answer);
	findings_mark_last(e);
	if (hold)
		findings_hold(e, step->object, false);
	findings_end(e, c, IOPF_BLAME_KERNEL,
		     "the kernel takes an answer only for a group that a read has delivered",
		     "user space answered a group that no read had delivered, with cookie %u",
		     step->answer->cookie);
}

/*
 * IOPF008: by the kernel's own word the group has never had a cookie; unless 0 is one. It may turn out
 * that this was so: the record of the write that made it one may be late.
 */
void rule_no_cookie(struct iopf_engine *e, const struct rules_step *step)
{
	const struct answer *a = step->answer;

	if (a->by != IOPF_BY_USER || a->cookie || !a->seq ||
	    !judge_certain(e->epoch, step->group) || !objects_whole(e, step->object) ||
	    judge_gives_zero(step->object) || life_is_elsewhere(step->reply, step->object))
		return;
	before_delivery(e, step, true);
	step->group->marks |= MARK_NO_COOKIE;
	if (step->object->judged) /* so it is not to be counted among those that need a read */
		step->object->judged->pages_answered -= step->group->pages;
}

/*
 * IOPF008: the object goes, and user space has answered more than all its reads have returned. Which
 * group a read returned is what its buffer says; how many records, the kernel.
 */
void rule_before_delivery(struct iopf_engine *e, const struct rules_step *step)
{
	struct judged *j = step->object->judged;

	if (step->answer->by != IOPF_BY_USER || e->ending)
		return;
	if (j)
		j->odd = true;
	if (!judge_certain(e->epoch, step->group) || !objects_whole(e, step->object) || !j ||
	    j->bad_length || j->pages_answered <= j->records_read ||
	    e->judge.severity[8] == IOPF_SEVERITY_OFF)
		return;
	j->pages_answered -= step->group->pages;
	if (!(step->group->marks & MARK_NO_COOKIE))
		before_delivery(e, step, false);
}

/* IOPF029: the kernel answered for user space: once, with their number. */
void rule_kernel_answered(struct iopf_engine *e, const struct rules_step *step)
{
	const uint64_t *by = e->total.by;
	uint64_t n = by[IOPF_BY_DETACH] + by[IOPF_BY_DESTROY] + by[IOPF_BY_QREMOVE];
	struct iopf_case *c;

	(void)step;
	if (!n)
		return;
	c = findings_begin(e, 29, IOPF_SEVERITY_NOTE, NULL);
	if (!c)
		return;
	findings_end(
		e, c, IOPF_BLAME_UNKNOWN, "user space answers, where it still can",
		"the kernel answered %llu group%s: %llu at detach, %llu at destruction, %llu at "
		"queue removal",
		(unsigned long long)n, n == 1 ? "" : "s", (unsigned long long)by[IOPF_BY_DETACH],
		(unsigned long long)by[IOPF_BY_DESTROY], (unsigned long long)by[IOPF_BY_QREMOVE]);
	findings_count(e, 29, IOPF_SEVERITY_NOTE, n - 1);
}
