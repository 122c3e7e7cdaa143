// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "judge.h"
#include "life.h"
#include "plain.h"

/* Whether a group's handle is in use, as far as is known. */
static bool is_attached(const struct iopf_engine *e, const struct group *g)
{
	return !handles_at(&e->handles, g->handle)->retired_ns;
}

/* Whether a call was within its deadline. */
static bool is_quick(const struct iopf_engine *e, const struct iopf_rec *rec, uint64_t enter_ns)
{
	uint64_t deadline = e->judge.deadline_ns[IOPF_DEADLINE_CALL];

	return !deadline || (rec->time_ns >= enter_ns && rec->time_ns - enter_ns <= deadline);
}

/* A read that returned records, of an object that is known and was met before. */
static bool plain_read(const struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_read *r = (const void *)rec;
	const struct object *o = e->objects.last;

	return r->ret > 0 && r->ret % sizeof(struct iopf_pgfault) == 0 &&
	       is_quick(e, rec, r->enter_ns) && o && o->address == r->object && o->id &&
	       o->id == r->object_id && o->in_scope && o->owner_tgid;
}

/* A record that says nothing by itself. */
static bool plain_record(const struct iopf_engine *e, const struct iopf_rec *rec)
{
	if (rec->type == IOPF_REC_READ)
		return plain_read(e, rec);
	return rec->type == IOPF_REC_RESPONSE &&
	       is_quick(e, rec, ((const struct iopf_rec_response *)rec)->caller_ns);
}

/* Whether a group is the only one with its group index. */
static bool has_own_index(const struct iopf_engine *e, const struct group *g)
{
	return groups_by_request(&e->groups, g->grpid, NULL) == g &&
	       !groups_by_request(&e->groups, g->grpid, g);
}

/* A group whose index is its own, and whose handle is in use, with a last page. */
static bool plain_enqueued(const struct iopf_engine *e, const struct rules_step *step)
{
	const struct group *g = step->group;

	return g->flags & IOPF_PRQ_LAST_PAGE && is_attached(e, g) && has_own_index(e, g);
}

/* A group of the queue, of which nobody suspects anything. */
static bool plain_delivered(const struct iopf_engine *e, const struct rules_step *step)
{
	const struct group *g = step->group;

	return step->before & GROUP_QUEUED && !(g->marks & MARK_SUSPECT) && is_attached(e, g) &&
	       !e->judge.findings.nr_pending;
}

/* Whether no deadline of a group can have passed when it was answered. */
static bool is_in_time(const struct iopf_engine *e, const struct group *g, const struct answer *a)
{
	uint64_t answer = e->judge.deadline_ns[IOPF_DEADLINE_ANSWER];
	uint64_t read = e->judge.deadline_ns[IOPF_DEADLINE_READ];
	uint64_t took = a->write_ns - g->queue_ns;

	if (!answer && !read)
		return true;
	return g->queue_ns && a->write_ns >= g->queue_ns && (!answer || took <= answer) &&
	       (!read || took <= read);
}

/* Whether a record tells that the driver was told what the group was given, if it was watched. */
static bool is_told(const struct iopf_rec_response *r)
{
	return r->h.type == IOPF_REC_RESPONSE && !(r->flags & IOPF_RESPONSE_UNTOLD) &&
	       (!r->driver_calls || (r->driver_calls == 1 && r->driver_code == r->code));
}

/* Whether a group is the only one of its object with its cookie. */
static bool has_own_cookie(const struct iopf_engine *e, const struct group *g)
{
	return groups_by_cookie(&e->groups, g->object, g->cookie, NULL) == g &&
	       !groups_by_cookie(&e->groups, g->object, g->cookie, g);
}

/* Whether rules have nothing open about an object that an answer could settle. */
static bool is_settled(const struct judged *j)
{
	return !j || (!j->masked.pending && !j->nr_strange);
}

/* A group that was seen from its beginning, read, and answered by user space with its cookie. */
static bool plain_answered(const struct iopf_engine *e, const struct rules_step *step)
{
	const struct answer *a = step->answer;
	const struct group *g = step->group;

	return judge_certain(e->epoch, g) && step->before & GROUP_DELIVERED &&
	       !(step->before & (GROUP_REPLACED | GROUP_ANSWERED)) && !(g->marks & MARK_SUSPECT) &&
	       a->by == IOPF_BY_USER && a->code <= IOPF_CODE_INVALID && a->cookie &&
	       a->cookie == g->cookie && a->write_ns && a->caller_ns >= g->enter_ns &&
	       step->reply->object == step->object->address && is_told((const void *)step->rec) &&
	       is_in_time(e, g, a) && is_settled(step->object->judged) && is_attached(e, g) &&
	       has_own_cookie(e, g);
}

/* Whether a step is plain. */
bool plain_step(const struct iopf_engine *e, const struct rules_step *step)
{
	switch (step->kind) {
	case RULES_RECORD:
		return plain_record(e, step->rec);
	case RULES_ENQUEUED:
		return plain_enqueued(e, step);
	case RULES_DELIVERED:
		return plain_delivered(e, step);
	case RULES_ANSWERED:
		return plain_answered(e, step);
	default:
		return false;
	}
}
