// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Perfetto: what a record means for groups, for threads and for counters. Reads have their own file. */
#define OUTPUT_PERFETTO_PRIVATE
#include <errno.h>
#include <stdlib.h>

#include "names.h"
#include "perfetto_private.h"

static int init(struct perfetto *p)
{
	if (pf_threads_init(&p->threads, &p->w, &p->opts.names, p->opts.seed) ||
	    pf_table_init(&p->objects, p->opts.seed) || pf_table_init(&p->devices, p->opts.seed) ||
	    pf_table_init(&p->device_ids, p->opts.seed) ||
	    pf_table_init(&p->pointers, p->opts.seed) || pf_table_init(&p->cookies, p->opts.seed) ||
	    pf_table_init(&p->readings, p->opts.seed) || pf_table_init(&p->answered, p->opts.seed))
		return -ENOMEM;
	return 0;
}

struct perfetto *perfetto_new(FILE *out, const struct perfetto_opts *opts)
{
	struct perfetto *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->opts = *opts;
	pf_begin(&p->w, out);
	if (init(p)) {
		perfetto_free(p);
		return NULL;
	}
	return p;
}

/* Frees what is in a table that is left. */
static void free_objects(struct perfetto *p)
{
	struct pf_link *link;

	while ((link = p->objects.oldest)) {
		pf_table_remove(&p->objects, link);
		free(PF_OF(link, struct pf_object, link));
	}
	while ((link = p->devices.oldest)) {
		pf_table_remove(&p->devices, link);
		free(PF_OF(link, struct pf_device, link));
	}
	while ((link = p->readings.oldest)) {
		pf_table_remove(&p->readings, link);
		free(PF_OF(link, struct pf_reading, link));
	}
	while ((link = p->answered.oldest)) {
		pf_table_remove(&p->answered, link);
		free(link);
	}
}

void perfetto_free(struct perfetto *p)
{
	if (!p)
		return;
	while (p->fresh)
		pf_group_free(p, p->fresh);
	while (p->stale)
		pf_group_free(p, p->stale);
	free_objects(p);
	pf_threads_free(&p->threads);
	pf_table_free(&p->objects);
	pf_table_free(&p->devices);
	pf_table_free(&p->device_ids);
	pf_table_free(&p->pointers);
	pf_table_free(&p->cookies);
	pf_table_free(&p->answered);
	pf_table_free(&p->readings);
	pf_finish(&p->w);
	free(p);
}

struct pf_object *pf_take_object(struct pf_taking *t, uint64_t address, uint32_t id, bool used)
{
	struct pf_object *o = pf_object_get(t->p, address, id);

	t->object = o;
	if (!o)
		return NULL;
	if (address && used && !o->owner_tgid)
		o->owner_tgid = t->rec->tgid;
	if (address)
		o->in_scope |= t->in_scope;
	return o;
}

struct pf_call *pf_take_call(struct pf_taking *t, const char *name, uint32_t bracket,
			     uint64_t enter_ns)
{
	const struct iopf_rec *rec = t->rec;
	struct pf_thread *thread = pf_thread_of(&t->p->threads, rec);
	struct pf_call *call;

	if (!thread)
		return NULL;
	if (!enter_ns)
		enter_ns = rec->time_ns;
	pf_thread_goes_on(&t->p->threads, thread, rec->context | bracket, enter_ns);
	call = pf_thread_call(&t->p->threads, thread, bracket, enter_ns, rec->time_ns);
	if (call)
		call->name = name;
	return call;
}

void pf_take_leave(struct pf_taking *t, uint32_t bracket)
{
	struct pf_thread *thread = pf_thread_of(&t->p->threads, t->rec);

	if (thread)
		pf_thread_returned(&t->p->threads, thread, t->rec->context & ~bracket);
}

void pf_take_note_object(struct pf_call *call, const struct pf_object *o)
{
	if (o && o->id)
		pf_call_note(call, "object", o->id);
}

static void take_report(struct pf_taking *t)
{
	const struct iopf_rec_report *r = (const void *)t->rec;
	struct pf_call *call;

	if (r->seen & IOPF_REPORT_SVA)
		return;
	call = pf_take_call(t, "report", IOPF_CTX_REPORT, r->report_ns);
	if (!call)
		return;
	pf_call_note(call, "grpid", r->grpid);
	if (r->ret)
		pf_call_note(call, "ret", r->ret);
	pf_take_leave(t, IOPF_CTX_REPORT);
}

/* Of a report that queues a group no return is told: it is shown as far as that. */
static void take_enqueue(struct pf_taking *t)
{
	const struct iopf_rec_enqueue *r = (const void *)t->rec;
	struct pf_object *o = pf_take_object(t, r->object, r->object_id, false);
	struct pf_call *call;

	pf_note_device(t->p, r->dev, r->dev_id);
	pf_life_enqueue(t->p, r);
	if (!o || !o->in_scope || !r->report_ns)
		return;
	call = pf_take_call(t, "report", IOPF_CTX_REPORT, r->report_ns);
	if (!call)
		return;
	pf_take_note_object(call, o);
	pf_call_note(call, "grpid", r->grpid);
}

/* What a code is called; unlike names_code() for as long as the program runs. */
static void note_code(struct pf_call *call, uint32_t code)
{
	static const char *const names[] = { "success", "invalid", "failure" };

	if (code < sizeof(names) / sizeof(names[0]))
		pf_call_note_text(call, "code", names[code]);
	else
		pf_call_note(call, "code", code);
}

/* The call that encloses an answer, when it is known since when: it goes on at least so far. */
static void put_caller(struct pf_taking *t, struct pf_thread *thread, uint64_t caller_ns,
		       const struct pf_object *o)
{
	static const struct {
		enum iopf_responder by;
		uint32_t bracket;
		const char *name;
	} callers[] = {
		{ IOPF_BY_USER, IOPF_CTX_WRITE, "write" },
		{ IOPF_BY_DETACH, IOPF_CTX_AUTO, "detach" },
		{ IOPF_BY_QREMOVE, IOPF_CTX_QREMOVE, "queue removal" },
		{ IOPF_BY_DESTROY, IOPF_CTX_DESTROY, "destroy" },
		{ IOPF_BY_ABORT, IOPF_CTX_REPORT, "report" },
	};
	enum iopf_responder by = names_responder(t->rec->context);
	struct pf_call *call;

	for (size_t i = 0; caller_ns && i < sizeof(callers) / sizeof(callers[0]); i++) {
		if (callers[i].by != by)
			continue;
		call = pf_thread_call(&t->p->threads, thread, callers[i].bracket, caller_ns,
				      t->rec->time_ns);
		if (!call)
			return;
		call->name = callers[i].name;
		pf_take_note_object(call, o);
	}
}

/* The slice of an answer. */
static struct pf_call *put_answer(struct pf_taking *t, const struct pf_reply *r,
				  const struct pf_object *o)
{
	struct pf_thread *thread = pf_thread_of(&t->p->threads, t->rec);
	uint64_t begin_ns = r->write_ns ? r->write_ns : r->ack_ns;
	struct pf_call *call;

	if (!thread)
		return NULL;
	pf_thread_goes_on(&t->p->threads, thread, t->rec->context, r->caller_ns);
	put_caller(t, thread, r->caller_ns, o);
	call = pf_thread_call(&t->p->threads, thread, 0, begin_ns, r->ack_ns);
	if (!call)
		return NULL;
	call->name = "answer";
	if (r->named)
		pf_call_note(call, "cookie", r->cookie);
	note_code(call, r->code);
	pf_call_note(call, "grpid", r->grpid);
	return call;
}

/* A group was answered. */
static void take_answer(struct pf_taking *t, struct pf_reply *r)
{
	struct pf_object *o = pf_life_object(t->p, r);

	if (!o)
		return;
	if (r->object == o->link.key && r->object)
		o->in_scope |= t->in_scope;
	if (r->by == IOPF_BY_USER && o->link.key && !o->owner_tgid)
		o->owner_tgid = t->rec->tgid;
	if (o->in_scope)
		r->call = put_answer(t, r, o);
	o->held++; /* it may be a dead one that goes with its last group */
	r->fetched |= o->zero;
	o->zero |= r->named && !r->cookie;
	pf_life_answer(t->p, r);
	o->held--;
	pf_show_counters(t->p, o, t->rec->time_ns);
	pf_object_fold(o);
}

static void take_response(struct pf_taking *t)
{
	const struct iopf_rec_response *r = (const void *)t->rec;
	struct pf_reply reply = {
		.group = r->group,
		.object = r->object,
		.dev = r->dev,
		.write_ns = r->response_ns,
		.ack_ns = r->ack_ns ? r->ack_ns : t->rec->time_ns,
		.caller_ns = r->caller_ns,
		.pasid = r->pasid,
		.grpid = r->grpid,
		.cookie = r->cookie,
		.code = r->code,
		.by = names_responder(t->rec->context),
		.rec = t->rec,
	};

	reply.named = reply.fetched = iopf_response_named(r);
	take_answer(t, &reply);
}

/* Queue removal gives its answers to the driver directly; other calls are about no group. */
static void take_driver(struct pf_taking *t)
{
	const struct iopf_rec_driver *r = (const void *)t->rec;
	struct pf_reply reply = {
		.group = r->group,
		.dev = r->dev,
		.ack_ns = t->rec->time_ns,
		.pasid = r->pasid,
		.grpid = r->grpid,
		.code = r->code,
		.by = IOPF_BY_QREMOVE,
		.fetched = true,
		.rec = t->rec,
	};

	if (t->rec->context & IOPF_CTX_QREMOVE && pf_group_by_pointer(t->p, r->group, NULL))
		take_answer(t, &reply);
}

/* The answer at which a write stopped, if it is known whose it would have been. */
static void note_refusal(struct perfetto *p, const struct pf_object *o,
			 const struct iopf_rec_write *r)
{
	struct pf_group *g = r->nr ? pf_match_holder(p, o, r->answer[0].cookie) : NULL;

	if (!g)
		return;
	g->refusal = (struct pf_refusal){
		.enter_ns = r->enter_ns,
		.time_ns = r->h.time_ns,
		.count = g->refusal.count + 1,
		.code = r->answer[0].code,
		.tgid = r->h.tgid,
		.tid = r->h.tid,
	};
}

/* Without the time of its entry it is not known which answers were its: it is shown by these. */
static void take_write(struct pf_taking *t)
{
	const struct iopf_rec_write *r = (const void *)t->rec;
	struct pf_object *o = pf_take_object(t, r->object, r->object_id, true);
	struct pf_call *call;

	if (o && (!r->nr || !r->enter_ns || !r->answer[0].cookie))
		o->zero = true;
	if (o)
		note_refusal(t->p, o, r);
	if (!o || !o->in_scope)
		return;
	call = pf_take_call(t, "write", IOPF_CTX_WRITE, r->enter_ns);
	if (!call)
		return;
	pf_take_note_object(call, o);
	pf_call_note(call, "ret", r->ret);
	pf_call_note(call, "answered", r->answered);
	pf_take_leave(t, IOPF_CTX_WRITE);
}

static void take_auto(struct pf_taking *t)
{
	const struct iopf_rec_auto *r = (const void *)t->rec;
	struct pf_object *o = r->object ? pf_take_object(t, r->object, r->object_id, false) : NULL;
	struct pf_call *call;

	if (o ? !o->in_scope : !t->in_scope)
		return;
	call = pf_take_call(t, "detach", IOPF_CTX_AUTO, r->enter_ns);
	if (!call)
		return;
	pf_take_note_object(call, o);
	pf_call_note(call, "answered", r->answered);
	pf_take_leave(t, IOPF_CTX_AUTO);
}

static void take_destroy(struct pf_taking *t)
{
	const struct iopf_rec_destroy *r = (const void *)t->rec;
	struct pf_object *o = pf_take_object(t, r->object, r->object_id, false);
	struct pf_call *call = NULL;

	if (o && o->in_scope)
		call = pf_take_call(t, "destroy", IOPF_CTX_DESTROY, r->enter_ns);
	if (call) {
		pf_take_note_object(call, o);
		pf_call_note(call, "answered", r->answered);
		pf_take_leave(t, IOPF_CTX_DESTROY);
	}
	if (!o)
		return;
	pf_life_close(t->p, o);
	pf_show_counters(t->p, o, t->rec->time_ns);
	t->object = NULL; /* it may be freed */
	pf_object_retire(t->p, o);
}

static void take_qremove(struct pf_taking *t)
{
	const struct iopf_rec_qremove *r = (const void *)t->rec;

	if (pf_take_call(t, "queue removal", IOPF_CTX_QREMOVE, r->enter_ns))
		pf_take_leave(t, IOPF_CTX_QREMOVE);
}

/* An object that others have used before this record is the same, unless a gap was in between. */
static void take_alloc(struct pf_taking *t)
{
	const struct iopf_rec_alloc *r = (const void *)t->rec;
	struct pf_link *link = pf_table_find(&t->p->objects, r->object, NULL);
	struct pf_object *o = link ? PF_OF(link, struct pf_object, link) : NULL;

	if (!r->object)
		return;
	if (o && (o->created || o->epoch != t->p->epoch)) {
		pf_life_close(t->p, o);
		pf_object_retire(t->p, o);
	}
	o = pf_take_object(t, r->object, r->object_id, false);
	if (!o)
		return;
	o->created = t->p->epoch + 1;
	o->owner_tgid = t->rec->tgid;
}

static void take_release(struct pf_taking *t)
{
	const struct iopf_rec_release *r = (const void *)t->rec;

	pf_take_object(t, r->object, r->object_id, false);
}

/* The walk tells of groups before it tells whose the object is; its task is a holder of it. */
static void take_waiting(struct pf_taking *t)
{
	const struct iopf_rec_waiting *r = (const void *)t->rec;

	if (r->waiting & IOPF_WAITING_END)
		return;
	pf_take_object(t, r->object, r->object_id, true);
	pf_note_device(t->p, r->dev, r->dev_id);
	pf_life_waiting(t->p, r);
}

static void take_walked(struct pf_taking *t)
{
	const struct iopf_rec_walked *r = (const void *)t->rec;

	if (!(r->waiting & IOPF_WAITING_END))
		pf_take_object(t, r->object, r->object_id, true);
}

/* A call that has not returned. That a group is being answered is told besides. */
static void take_inside(struct pf_taking *t)
{
	static const struct {
		uint32_t bracket;
		const char *name;
	} calls[] = {
		{ IOPF_CTX_READ, "read" },	 { IOPF_CTX_WRITE, "write" },
		{ IOPF_CTX_AUTO, "detach" },	 { IOPF_CTX_QREMOVE, "queue removal" },
		{ IOPF_CTX_DESTROY, "destroy" }, { IOPF_CTX_REPORT, "report" },
	};
	const struct iopf_rec_inside *r = (const void *)t->rec;
	struct pf_call *call;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (!(t->rec->context & calls[i].bracket))
			continue;
		call = pf_take_call(t, calls[i].name, calls[i].bracket, r->enter_ns);
		if (call)
			pf_call_note_text(call, "end", "has not returned");
		return;
	}
}

static void (*const takers[IOPF_REC_TYPES])(struct pf_taking *t) = {
	[IOPF_REC_REPORT] = take_report,     [IOPF_REC_ENQUEUE] = take_enqueue,
	[IOPF_REC_READ] = pf_take_read,	     [IOPF_REC_READ_MORE] = pf_take_read_more,
	[IOPF_REC_RESPONSE] = take_response, [IOPF_REC_WRITE] = take_write,
	[IOPF_REC_DRIVER] = take_driver,     [IOPF_REC_AUTO] = take_auto,
	[IOPF_REC_DESTROY] = take_destroy,   [IOPF_REC_QREMOVE] = take_qremove,
	[IOPF_REC_ALLOC] = take_alloc,	     [IOPF_REC_RELEASE] = take_release,
	[IOPF_REC_WAITING] = take_waiting,   [IOPF_REC_WALKED] = take_walked,
	[IOPF_REC_INSIDE] = take_inside,
};

static void show_all_counters(struct perfetto *p, uint64_t time_ns)
{
	for (struct pf_link *link = p->objects.oldest; link; link = link->newer)
		pf_show_counters(p, PF_OF(link, struct pf_object, link), time_ns);
}

/* @events records are missing after the last one: what was alive then may have ended in them. */
static void take_gap(struct perfetto *p, uint64_t events, uint64_t next_ns)
{
	pf_show_lost(p, events, p->last_ns);
	p->missing += events;
	p->epoch++;
	p->epoch_ns = next_ns > p->last_ns ? next_ns : p->last_ns;
	pf_groups_gap(p, p->last_ns);
	show_all_counters(p, p->last_ns);
}

/* Says what time it was at the beginning, once. */
static void begin(struct perfetto *p, uint64_t time_ns)
{
	if (!p->begun)
		pf_clock(&p->w, p->opts.start_ns ? p->opts.start_ns : time_ns,
			 p->opts.start_ns ? p->opts.start_realtime_ns : 0);
	p->begun = true;
}

/* What went wrong so far. */
static int status(const struct perfetto *p)
{
	return p->w.error ? p->w.error : p->failed || p->threads.failed ? -ENOMEM : 0;
}

int perfetto_record(struct perfetto *p, const struct iopf_rec *rec, bool in_scope)
{
	struct pf_taking t = { .p = p, .rec = rec, .in_scope = in_scope };

	begin(p, rec->time_ns);
	if (rec->seq > p->next_seq)
		take_gap(p, rec->seq - p->next_seq, rec->time_ns);
	p->next_seq = rec->seq + 1;
	p->last_ns = rec->time_ns;
	if (p->end_ns < rec->time_ns)
		p->end_ns = rec->time_ns;
	if (event_is_whole(rec) && takers[rec->type])
		takers[rec->type](&t);
	if (t.object)
		pf_show_counters(p, t.object, rec->time_ns);
	return status(p);
}

int perfetto_finish(struct perfetto *p, const struct iopf_run *run)
{
	uint64_t lost = run->lost[IOPF_LOST_RING_FULL];

	begin(p, run->start_ns);
	if (lost > p->missing || run->cut)
		take_gap(p, lost > p->missing ? lost - p->missing : 0, 0);
	if (p->end_ns < run->end_ns)
		p->end_ns = run->end_ns;
	show_all_counters(p, p->end_ns);
	pf_life_end(p);
	pf_threads_finish(&p->threads);
	return status(p);
}
