// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Answers: who gave them, and how they are counted. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "answers.h"

/*
 * Who answers in a context. The set does not tell the order of nesting, so of several the one is
 * taken that can only be the innermost: a write calls none of the others; auto-response is a part of
 * detaching; queue removal can be a part of destruction; and all of these can happen below a report.
 */
static enum iopf_responder responder_of(uint32_t context)
{
	if (context & IOPF_CTX_WRITE)
		return IOPF_BY_USER;
	if (context & IOPF_CTX_AUTO)
		return IOPF_BY_DETACH;
	if (context & IOPF_CTX_QREMOVE)
		return IOPF_BY_QREMOVE;
	if (context & IOPF_CTX_DESTROY)
		return IOPF_BY_DESTROY;
	return context & IOPF_CTX_REPORT ? IOPF_BY_ABORT : IOPF_BY_UNKNOWN;
}

/* Counts the answer of a group of an object. */
void answers_count(struct iopf_engine *e, struct object *o, const struct reply *r)
{
	if (r->answer.by == IOPF_BY_USER) {
		objects_used_by(e, o, r->rec);
		/* The answers of one write follow each other among those of its task. */
		if (tasks_new_write(&e->tasks, tasks_get(&e->tasks, r->answer.tgid, r->answer.tid),
				    r->caller_ns))
			o->tally->n[TALLY_WRITES]++;
	}
	if (r->answer.by == IOPF_BY_UNKNOWN)
		core_check(e, map_set(&e->unattributed, r->answer.tid,
				      map_get(&e->unattributed, r->answer.tid) + 1));
	o->tally->by[r->answer.by]++;
	if (r->answer.code <= IOPF_CODE_FAILURE)
		o->tally->n[TALLY_SUCCESS + r->answer.code]++;
}

/*
 * Takes a RESPONSE record. Without a time from the driver, that at which the core was done with it
 * stands for the acknowledgement. A cookie, or an answer by user space, means that the kernel had
 * handed the group out.
 */
void answers_response(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_response *r = (const struct iopf_rec_response *)rec;
	enum iopf_responder by = responder_of(rec->context);
	struct reply reply = {
		.answer = {
			.write_ns = r->response_ns,
			.ack_ns = r->ack_ns ? r->ack_ns : rec->time_ns,
			.caller_ns = r->caller_ns,
			.seq = rec->seq,
			.cookie = r->cookie,
			.code = r->code,
			.tgid = rec->tgid,
			.tid = rec->tid,
			.by = by,
			.fetched = r->cookie || by == IOPF_BY_USER,
		},
		.caller_ns = r->caller_ns,
		.group = r->group,
		.object = r->object,
		.dev = r->dev,
		.pasid = r->pasid,
		.grpid = r->grpid,
		.rec = rec,
	};

	answers_compared(e, r);
	if (!r->cookie)
		reply.answer.fetched |= judge_gives_zero(objects_find(&e->objects, r->object));
	life_answer(e, &reply);
}

/*
 * Takes a DRIVER record. Queue removal gives its answers to the driver directly; other calls that
 * come without iopf_group_response() are about no group.
 */
void answers_driver(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_driver *r = (const struct iopf_rec_driver *)rec;
	struct reply reply = {
		.answer = {
			.ack_ns = rec->time_ns,
			.seq = rec->seq,
			.code = r->code,
			.tgid = rec->tgid,
			.tid = rec->tid,
			.by = IOPF_BY_QREMOVE,
			.fetched = true, /* it may have been: the record does not tell */
		},
		.group = r->group,
		.dev = r->dev,
		.pasid = r->pasid,
		.grpid = r->grpid,
		.rec = rec,
	};

	if (rec->context & IOPF_CTX_QREMOVE && groups_by_pointer(&e->groups, r->group, NULL))
		life_answer(e, &reply);
}

/*
 * Whether the kernel refused an answer of a write: the one where it stopped. After some answers the
 * error shows only as a short count. A copy that failed stops a write too, but refuses nothing:
 * then there is no entry, or (before Linux 7.1) a count of bytes that answered nothing.
 */
static bool refused_answer(const struct iopf_rec_write *r)
{
	if (!r->nr)
		return false;
	if (r->ret == -EINVAL)
		return true;
	return r->ret > 0 && (uint64_t)r->ret < r->count &&
	       (uint64_t)r->ret == sizeof(struct iopf_answer) * (uint64_t)r->answered;
}

/*
 * A write whose entry was missed: its answers were counted as given by nobody known. They are those
 * of this thread since its last write, when they are as many as the write says it gave.
 */
static void attribute_answers(struct iopf_engine *e, struct object *o,
			      const struct iopf_rec_write *r)
{
	uint32_t answers = map_get(&e->unattributed, r->h.tid);

	map_remove(&e->unattributed, r->h.tid);
	if (r->ret != (int64_t)(answers * sizeof(struct iopf_answer)) ||
	    o->tally->by[IOPF_BY_UNKNOWN] < answers)
		return;
	o->tally->by[IOPF_BY_UNKNOWN] -= answers;
	o->tally->by[IOPF_BY_USER] += answers;
}

/* Takes a WRITE record. A write that answered something is counted by its answers. */
void answers_write(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_write *r = (const struct iopf_rec_write *)rec;
	struct object *o = objects_get(e, r->object, r->object_id);

	objects_used_by(e, o, rec);
	if (!r->enter_ns && r->ret > 0)
		attribute_answers(e, o, r);
	if (r->enter_ns || r->ret != (int64_t)r->count)
		o->tally->n[TALLY_FAILED_WRITES]++;
	if (!r->answered)
		o->tally->n[TALLY_WRITES]++;
	if (refused_answer(r))
		o->tally->n[TALLY_REJECTED]++;
}
