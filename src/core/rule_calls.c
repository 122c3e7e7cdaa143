// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Rules about calls as such: what they return, and how long they take. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "judge.h"
#include "rule_files.h"

/* A call may be the first that is heard of its object, and what puts it into the scope. */
void rule_meet(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_read *rd = (const void *)step->rec;
	const struct iopf_rec_write *wr = (const void *)step->rec;
	bool is_read = step->rec->type == IOPF_REC_READ;
	struct object *o = objects_get(e, is_read ? rd->object : wr->object,
				       is_read ? rd->object_id : wr->object_id);

	o->events--; /* it is counted when it is taken */
	objects_used_by(e, o, step->rec);
}

/* IOPF023: a write's result against the answers it gave. */
void rule_write_result(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_write *r = (const void *)step->rec;
	struct object *o = objects_find(&e->objects, r->object);
	struct iopf_case *c;

	if (!o || !r->enter_ns || r->ret <= 0 ||
	    (uint64_t)r->ret == sizeof(struct iopf_answer) * (uint64_t)r->answered)
		return;
	c = findings_begin(e, 23, IOPF_SEVERITY_ERROR, o);
	if (!c)
		return;
	findings_record(e, IOPF_STEP_WRITE, &r->h, r->enter_ns,
			"writes %llu bytes, answers %u group%s, returns %lld",
			(unsigned long long)r->count, r->answered, r->answered == 1 ? "" : "s",
			(long long)r->ret);
	findings_end(e, c, IOPF_BLAME_KERNEL, "8 bytes for each answer given, or an error",
		     "a write returned %lld and gave %u answer%s", (long long)r->ret, r->answered,
		     r->answered == 1 ? "" : "s");
}

/* A call as its record tells it. */
struct call {
	const char *name;
	enum iopf_step_kind kind;
	uint64_t object, dev, enter_ns;
	bool inside;
};

/* The name of a call that has not returned, by what its task was doing. */
static const char *inside_name(uint32_t context)
{
	if (context & IOPF_CTX_READ)
		return "read";
	if (context & IOPF_CTX_WRITE)
		return "write";
	if (context & IOPF_CTX_AUTO)
		return "detach";
	if (context & IOPF_CTX_DESTROY)
		return "destruction";
	return context & IOPF_CTX_QREMOVE ? "queue removal" : "report";
}

/* What call a record is of. */
static struct call call_of(const struct iopf_rec *rec)
{
	const struct iopf_rec_read *rd = (const void *)rec;
	const struct iopf_rec_write *wr = (const void *)rec;
	const struct iopf_rec_auto *au = (const void *)rec;
	const struct iopf_rec_destroy *de = (const void *)rec;
	const struct iopf_rec_qremove *qr = (const void *)rec;
	const struct iopf_rec_inside *in = (const void *)rec;

	switch (rec->type) {
	case IOPF_REC_READ:
		return (struct call){ "read", IOPF_STEP_READ, rd->object, 0, rd->enter_ns, false };
	case IOPF_REC_WRITE:
		return (struct call){ "write", IOPF_STEP_WRITE, wr->object, 0, wr->enter_ns, false };
	case IOPF_REC_AUTO:
		return (struct call){
			"detach", IOPF_STEP_DETACH, au->object, 0, au->enter_ns, false
		};
	case IOPF_REC_DESTROY:
		return (struct call){ "destruction", IOPF_STEP_DESTROY, de->object, 0, de->enter_ns,
				      false };
	case IOPF_REC_QREMOVE:
		return (struct call){ "queue removal", IOPF_STEP_QREMOVE, 0,
				      qr->dev,	       qr->enter_ns,	  false };
	default:
		return (struct call){
			inside_name(rec->context), IOPF_STEP_CALL, in->object, 0, in->enter_ns, true
		};
	}
}

/* IOPF024: the finding. */
static void stuck(struct iopf_engine *e, const struct iopf_rec *rec, const struct call *call)
{
	struct object *o = objects_find(&e->objects, call->object);
	struct iopf_case *c;

	if (call->dev || !o)
		c = findings_begin_device(e, 24, IOPF_SEVERITY_WARN, core_device(e, call->dev));
	else
		c = findings_begin(e, 24, IOPF_SEVERITY_WARN, o);
	if (!c)
		return;
	findings_record(e, call->kind, rec, call->enter_ns, "%s",
			call->inside ? "has not returned" : "returns only now");
	findings_end(e, c, IOPF_BLAME_UNKNOWN, "a return within the deadline",
		     "a %s %s inside the kernel for %llu ms", call->name,
		     call->inside ? "has been" : "stayed",
		     (unsigned long long)((rec->time_ns - call->enter_ns) / 1000000));
}

/* Whether a call was inside for longer than its deadline when a record was made. */
static bool is_long(const struct iopf_engine *e, const struct iopf_rec *rec, uint64_t enter_ns)
{
	uint64_t deadline = e->judge.deadline_ns[IOPF_DEADLINE_CALL];

	return deadline && enter_ns && rec->time_ns > enter_ns &&
	       rec->time_ns - enter_ns > deadline;
}

/* IOPF024: a call that took long, or has not returned. */
void rule_stuck_call(struct iopf_engine *e, const struct rules_step *step)
{
	struct call call = call_of(step->rec);

	if (call.inside &&
	    (step->rec->context == IOPF_CTX_REPORT || step->rec->context == IOPF_CTX_RESPONSE))
		return;
	if (!is_long(e, step->rec, call.enter_ns))
		return;
	if (step->rec->type != IOPF_REC_WRITE ||
	    tasks_stuck(&e->tasks, step->rec->tgid, step->rec->tid, call.enter_ns))
		stuck(e, step->rec, &call);
}

/* IOPF024: a write that only its answers tell of. */
void rule_stuck_write(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_response *r = (const void *)step->rec;
	struct call call = { "write", IOPF_STEP_WRITE, r->object, 0, r->caller_ns, false };

	/* Once for each write: its first answer comes late, or else the last one will. */
	if (r->h.context & IOPF_CTX_WRITE && is_long(e, step->rec, r->caller_ns) &&
	    tasks_stuck(&e->tasks, r->h.tgid, r->h.tid, r->caller_ns))
		stuck(e, step->rec, &call);
}
