// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "explain_group.h"
#include "output/names.h"

void explain_group_begin(struct explain_group *g, uint64_t seq)
{
	*g = (struct explain_group){ .seq = seq };
}

/* Adds a step; without a task when @rec is NULL. */
__attribute__((format(printf, 5, 6))) static void
add(struct explain_group *g, struct iopf_step step, const struct iopf_rec *rec,
    const struct event_names *names, const char *fmt, ...)
{
	const char *comm = rec ? names->comm(names->arg, rec->tid) : "";
	size_t i = g->nr_steps;
	va_list args;

	if (i == EXPLAIN_GROUP_STEPS)
		return;
	va_start(args, fmt);
	vsnprintf(g->text[i], sizeof(g->text[i]), fmt, args);
	va_end(args);
	snprintf(g->comm[i], sizeof(g->comm[i]), "%s", comm);
	step.tgid = rec ? rec->tgid : 0;
	step.tid = rec ? rec->tid : 0;
	g->step[i] = step;
	g->nr_steps++;
}

/* Whether a record of user space's buffer is of the group, as far as names tell. */
static bool is_fault_of(const struct explain_group *g, const struct iopf_pgfault *f)
{
	bool pasid = g->view.flags & IOPF_PRQ_PASID_VALID;

	/* A group is called by the address of its last page. */
	if (f->flags & IOPF_PRQ_LAST_PAGE && f->addr != g->view.addr)
		return false;
	return f->grpid == g->view.grpid && f->dev_id == g->view.dev_id &&
	       (!pasid || f->pasid == g->view.pasid);
}

/* A new group: the one that was asked for? */
static bool take_enqueue(struct explain_group *g, const struct iopf_rec *rec,
			 const struct event_names *names)
{
	const struct iopf_rec_enqueue *e = (const void *)rec;

	if (rec->seq != g->seq)
		return false;
	g->found = true;
	g->pointer = e->group;
	g->object = e->object;
	snprintf(g->device, sizeof(g->device), "%s", names->device(names->arg, e->dev));
	g->view = (struct iopf_group_view){
		.seq = rec->seq,
		.addr = e->addr,
		.object_id = e->object_id,
		.dev_id = e->dev_id,
		.pasid = e->pasid,
		.grpid = e->grpid,
		.perm = e->perm,
		.flags = e->flags,
		.pages = e->pages,
	};
	if (e->report_ns)
		add(g, (struct iopf_step){ .kind = IOPF_STEP_REPORT, .time_ns = e->report_ns },
		    NULL, names, "the device asks for %u page%s", e->pages,
		    e->pages == 1 ? "" : "s");
	add(g, (struct iopf_step){ .kind = IOPF_STEP_QUEUE, .time_ns = rec->time_ns }, NULL, names,
	    "queued");
	return true;
}

/* A group that was there before the trace. */
static bool take_waiting(struct explain_group *g, const struct iopf_rec *rec,
			 const struct event_names *names)
{
	const struct iopf_rec_waiting *w = (const void *)rec;

	if (rec->seq != g->seq)
		return false;
	g->found = true;
	g->pointer = w->group;
	g->object = w->object;
	snprintf(g->device, sizeof(g->device), "%s", names->device(names->arg, w->dev));
	g->view = (struct iopf_group_view){
		.seq = rec->seq,
		.addr = w->addr,
		.object_id = w->object_id,
		.dev_id = w->dev_id,
		.pasid = w->pasid,
		.grpid = w->grpid,
		.perm = w->perm,
		.flags = w->flags,
		.pages = w->pages,
		.cookie = iopf_waiting_named(w) ? w->cookie : 0,
		.cookie_zero = iopf_waiting_named(w) && !w->cookie,
	};
	add(g, (struct iopf_step){ .kind = IOPF_STEP_QUEUE, .time_ns = rec->time_ns }, NULL, names,
	    w->waiting & IOPF_WAITING_DELIVERED ? "it had been read when tracing began" :
						  "it was queued when tracing began");
	return true;
}

/* Whether its cookie is known. */
static bool is_named(const struct explain_group *g)
{
	return g->view.cookie || g->view.cookie_zero;
}

/* It is this one. */
static void name(struct explain_group *g, uint32_t cookie)
{
	g->view.cookie = cookie;
	g->view.cookie_zero = !cookie;
}

/* A read, or more of one, that may have returned it. */
static bool take_faults(struct explain_group *g, const struct iopf_rec *rec, uint64_t enter_ns,
			const struct iopf_pgfault *f, unsigned int nr,
			const struct event_names *names)
{
	for (; nr > 0; nr--, f++) {
		if (!is_fault_of(g, f))
			continue;
		if (!is_named(g))
			add(g,
			    (struct iopf_step){ .kind = IOPF_STEP_READ,
						.time_ns = rec->time_ns,
						.enter_ns = enter_ns },
			    rec, names, "read, with cookie %" PRIu32, f->cookie);
		name(g, f->cookie);
		return true;
	}
	return false;
}

static bool take_read(struct explain_group *g, const struct iopf_rec *rec,
		      const struct event_names *names)
{
	const struct iopf_rec_read *r = (const void *)rec;
	bool any = r->ret > 0 && !(r->flags & IOPF_READ_UNREADABLE);

	return r->object == g->object && take_faults(g, rec, r->enter_ns, &r->fault, any, names);
}

static bool take_read_more(struct explain_group *g, const struct iopf_rec *rec,
			   const struct event_names *names)
{
	const struct iopf_rec_read_more *m = (const void *)rec;
	unsigned int nr = event_entries(rec, m->nr, offsetof(struct iopf_rec_read_more, fault),
					sizeof(m->fault[0]), IOPF_FAULTS_PER_REC);

	if (m->object != g->object || m->flags & IOPF_READ_UNREADABLE)
		return false;
	return take_faults(g, rec, 0, m->fault, nr, names);
}

/* Its answer. */
static bool take_response(struct explain_group *g, const struct iopf_rec *rec,
			  const struct event_names *names)
{
	const struct iopf_rec_response *r = (const void *)rec;
	enum iopf_responder by = names_responder(rec->context);
	uint64_t at_ns = r->response_ns ? r->response_ns : rec->time_ns;

	if (r->group != g->pointer)
		return false;
	g->done = true;
	if (iopf_response_named(r))
		name(g, r->cookie);
	add(g,
	    (struct iopf_step){
		    .kind = IOPF_STEP_ANSWER, .time_ns = at_ns, .enter_ns = r->caller_ns },
	    rec, names, "answered %s by %s", names_code(r->code).s, iopf_responder_name(by));
	if (r->ack_ns)
		add(g, (struct iopf_step){ .kind = IOPF_STEP_DRIVER, .time_ns = r->ack_ns }, NULL,
		    names, "the driver has been told");
	return true;
}

/* In its answer the driver is told of another request. */
static bool take_other(struct explain_group *g, const struct iopf_rec *rec,
		       const struct event_names *names)
{
	const struct iopf_rec_driver *d = (const void *)rec;

	add(g, (struct iopf_step){ .kind = IOPF_STEP_DRIVER, .time_ns = rec->time_ns }, rec, names,
	    "the driver is told %s for another request: group index %" PRIu32 ", PASID %" PRIu32,
	    names_code(d->code).s, d->grpid, d->pasid);
	return true;
}

/* Another answer was written than the one that it is given. */
static bool take_written(struct explain_group *g, const struct iopf_rec *rec,
			 const struct event_names *names)
{
	const struct iopf_rec_written *w = (const void *)rec;

	if (w->group != g->pointer)
		return false;
	add(g,
	    (struct iopf_step){
		    .kind = IOPF_STEP_WRITE, .time_ns = rec->time_ns, .enter_ns = w->enter_ns },
	    rec, names, "written for it: cookie %" PRIu32 ", code %" PRIu32, w->cookie, w->code);
	return true;
}

/* Queue removal answers at the driver, without a response. */
static bool take_driver(struct explain_group *g, const struct iopf_rec *rec,
			const struct event_names *names)
{
	const struct iopf_rec_driver *d = (const void *)rec;

	if (d->group == g->pointer && rec->context & IOPF_CTX_RESPONSE &&
	    d->flags & IOPF_DRIVER_OTHER)
		return take_other(g, rec, names);
	if (d->group != g->pointer || !(rec->context & IOPF_CTX_QREMOVE))
		return false;
	g->done = true;
	add(g, (struct iopf_step){ .kind = IOPF_STEP_DRIVER, .time_ns = rec->time_ns }, rec, names,
	    "the driver is told %s by %s", names_code(d->code).s,
	    iopf_responder_name(IOPF_BY_QREMOVE));
	return true;
}

/* A write that names its cookie, and was refused. */
static bool take_write(struct explain_group *g, const struct iopf_rec *rec,
		       const struct event_names *names)
{
	const struct iopf_rec_write *w = (const void *)rec;

	if (w->object != g->object || !w->nr || !is_named(g) ||
	    w->answer[0].cookie != g->view.cookie)
		return false;
	add(g,
	    (struct iopf_step){
		    .kind = IOPF_STEP_WRITE, .time_ns = rec->time_ns, .enter_ns = w->enter_ns },
	    rec, names, "writes cookie %" PRIu32 ", code %" PRIu32 ": refused", w->answer[0].cookie,
	    w->answer[0].code);
	return true;
}

bool explain_group_take(struct explain_group *g, const struct iopf_rec *rec,
			const struct event_names *names)
{
	bool begins = rec->type == IOPF_REC_ENQUEUE || rec->type == IOPF_REC_WAITING;

	if (!event_is_whole(rec))
		return false;
	if (begins && !g->first)
		g->first = rec->seq;
	if (begins && !g->next && rec->seq > g->seq)
		g->next = rec->seq;
	if (begins)
		g->last = rec->seq;
	if (rec->type == IOPF_REC_ENQUEUE)
		return take_enqueue(g, rec, names);
	if (rec->type == IOPF_REC_WAITING)
		return take_waiting(g, rec, names);
	if (!g->found || g->done)
		return false;
	switch (rec->type) {
	case IOPF_REC_PAGES:
		return ((const struct iopf_rec_pages *)rec)->group == g->pointer;
	case IOPF_REC_READ:
		return take_read(g, rec, names);
	case IOPF_REC_READ_MORE:
		return take_read_more(g, rec, names);
	case IOPF_REC_RESPONSE:
		return take_response(g, rec, names);
	case IOPF_REC_DRIVER:
		return take_driver(g, rec, names);
	case IOPF_REC_WRITE:
		return take_write(g, rec, names);
	case IOPF_REC_WRITTEN:
		return take_written(g, rec, names);
	default:
		return false;
	}
}

struct iopf_case explain_group_case(struct explain_group *g)
{
	size_t i;

	g->view.device = g->device;
	for (i = 0; i < g->nr_steps; i++) {
		g->step[i].text = g->text[i];
		g->step[i].comm = g->comm[i];
	}
	return (struct iopf_case){
		.has_group = true,
		.group = g->view,
		.step = g->step,
		.nr_steps = g->nr_steps,
	};
}
