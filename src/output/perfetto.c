// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Perfetto: what a record means for groups, for threads and for counters. */
#define OUTPUT_PERFETTO_PRIVATE
#include <errno.h>
#include <stdlib.h>

#include "names.h"
#include "perfetto_private.h"

/* Reads of which not all records have come, as many as the engine keeps. */
#define MAX_READINGS 256

static int init(struct perfetto *p)
{
	if (pf_threads_init(&p->threads, &p->w, &p->opts.names) || pf_table_init(&p->objects) ||
	    pf_table_init(&p->devices) || pf_table_init(&p->pointers) ||
	    pf_table_init(&p->cookies) || pf_table_init(&p->readings) ||
	    pf_table_init(&p->answered))
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

	while ((link = pf_table_any(&p->objects))) {
		pf_table_remove(&p->objects, link);
		free(PF_OF(link, struct pf_object, link));
	}
	while ((link = pf_table_any(&p->devices))) {
		pf_table_remove(&p->devices, link);
		free(PF_OF(link, struct pf_device, link));
	}
	while ((link = pf_table_any(&p->readings))) {
		pf_table_remove(&p->readings, link);
		free(PF_OF(link, struct pf_reading, link));
	}
	while ((link = pf_table_any(&p->answered))) {
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
	pf_table_free(&p->pointers);
	pf_table_free(&p->cookies);
	pf_table_free(&p->answered);
	pf_table_free(&p->readings);
	pf_finish(&p->w);
	free(p);
}

/* A record being taken. */
struct taking {
	struct perfetto *p;
	const struct iopf_rec *rec;
	bool in_scope; /* what the caller said of its object */
	struct pf_object *object; /* whose counters it may have changed; NULL = none */
};

/* The object that the record is about, which is used by the record's task if @used. */
static struct pf_object *take_object(struct taking *t, uint64_t address, uint32_t id, bool used)
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

/* A call of the record's thread that has returned, unless @context says that it is inside another. */
static struct pf_call *returned(struct taking *t, const char *name, uint32_t bracket,
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

/* All has been said about the call that has returned. */
static void leave(struct taking *t, uint32_t bracket)
{
	struct pf_thread *thread = pf_thread_of(&t->p->threads, t->rec);

	if (thread)
		pf_thread_returned(&t->p->threads, thread, t->rec->context & ~bracket);
}

/* Says which object a call is about, and what came of it. */
static void note_object(struct pf_call *call, const struct pf_object *o)
{
	if (o && o->id)
		pf_call_note(call, "object", o->id);
}

static void take_report(struct taking *t)
{
	const struct iopf_rec_report *r = (const void *)t->rec;
	struct pf_call *call;

	if (r->seen & IOPF_REPORT_SVA)
		return;
	call = returned(t, "report", IOPF_CTX_REPORT, r->report_ns);
	if (!call)
		return;
	pf_call_note(call, "grpid", r->grpid);
	if (r->ret)
		pf_call_note(call, "ret", r->ret);
	leave(t, IOPF_CTX_REPORT);
}

/* Of a report that queues a group no return is told: it is shown as far as that. */
static void take_enqueue(struct taking *t)
{
	const struct iopf_rec_enqueue *r = (const void *)t->rec;
	struct pf_object *o = take_object(t, r->object, r->object_id, false);
	struct pf_call *call;

	pf_note_device(t->p, r->dev, r->dev_id);
	pf_life_enqueue(t->p, r);
	if (!o || !o->in_scope || !r->report_ns)
		return;
	call = returned(t, "report", IOPF_CTX_REPORT, r->report_ns);
	if (!call)
		return;
	note_object(call, o);
	pf_call_note(call, "grpid", r->grpid);
}

/* Takes one entry of the buffer of a read. One that does not go with those before begins a group. */
static void take_fault(struct perfetto *p, struct pf_reading *reading, const struct pf_read *read,
		       const struct iopf_pgfault *f)
{
	if (reading->pages && (reading->cookie != f->cookie || reading->grpid != f->grpid))
		reading->pages = 0;
	reading->cookie = f->cookie;
	reading->grpid = f->grpid;
	reading->pages++;
	reading->next++;
	if (!(f->flags & IOPF_PRQ_LAST_PAGE))
		return;
	pf_life_deliver(p, read, f, reading->pages);
	reading->pages = 0;
}

/* The rest of a read, with the group that is begun, cannot be read. */
static void take_unreadable(struct perfetto *p, struct pf_reading *reading,
			    const struct pf_read *read)
{
	pf_life_deliver_unread(p, read, reading->total - reading->next + reading->pages);
	reading->pages = 0;
	reading->next = reading->total;
}

/* What the records of a read have in common. */
static struct pf_read read_of(const struct pf_reading *reading, struct pf_thread *thread,
			      struct pf_object *o, const struct iopf_rec *rec)
{
	return (struct pf_read){
		.thread = thread,
		.object = o,
		.seq = reading->link.key,
		.rec = rec,
		.h = { .enter_ns = reading->enter_ns,
		       .deliver_ns = reading->deliver_ns,
		       .tgid = rec->tgid,
		       .tid = rec->tid },
	};
}

/* The slice of a read that has returned. */
static struct pf_call *read_call(struct taking *t, const struct pf_object *o)
{
	const struct iopf_rec_read *r = (const void *)t->rec;
	struct pf_call *call = returned(t, "read", IOPF_CTX_READ, r->enter_ns);

	if (!call)
		return NULL;
	note_object(call, o);
	pf_call_note(call, "ret", r->ret);
	return call;
}

/* Keeps a read until its last record has come; those that lost it are given up in time. */
static void keep_reading(struct perfetto *p, const struct pf_reading *reading)
{
	struct pf_reading *copy = malloc(sizeof(*copy));

	if (!copy) {
		p->failed = true;
		return;
	}
	if (p->readings.used == MAX_READINGS) {
		struct pf_link *link = pf_table_any(&p->readings);

		pf_table_remove(&p->readings, link);
		free(PF_OF(link, struct pf_reading, link));
	}
	*copy = *reading;
	pf_table_add(&p->readings, &copy->link, reading->link.key);
}

/* Takes out a read that was kept; if its own record was lost, it is not known when it was. */
static struct pf_reading find_reading(struct perfetto *p, const struct iopf_rec_read_more *r)
{
	struct pf_link *link = pf_table_find(&p->readings, r->seq_of_read, NULL);
	struct pf_reading found = {
		.link = { .key = r->seq_of_read },
		.total = UINT64_MAX,
		.next = r->first,
	};

	if (link) {
		found = *PF_OF(link, struct pf_reading, link);
		pf_table_remove(&p->readings, link);
		free(PF_OF(link, struct pf_reading, link));
	}
	return found;
}

/* A record of a read has been taken. */
static void taken(struct taking *t, const struct pf_reading *reading)
{
	if (reading->next < reading->total)
		keep_reading(t->p, reading);
	else
		leave(t, IOPF_CTX_READ);
}

static void take_read(struct taking *t)
{
	const struct iopf_rec_read *r = (const void *)t->rec;
	struct pf_object *o = take_object(t, r->object, r->object_id, true);
	struct pf_thread *thread = pf_thread_of(&t->p->threads, t->rec);
	struct pf_reading reading = {
		.link = { .key = t->rec->seq },
		.total = r->ret > 0 ? (uint64_t)r->ret / sizeof(r->fault) : 0,
		.enter_ns = r->enter_ns,
		.deliver_ns = t->rec->time_ns,
	};
	struct pf_read read;

	if (!o || !thread)
		return;
	read = read_of(&reading, thread, o, t->rec);
	if (o->in_scope)
		read.call = read_call(t, o);
	if (reading.total && r->flags & IOPF_READ_UNREADABLE)
		take_unreadable(t->p, &reading, &read);
	else if (reading.total)
		take_fault(t->p, &reading, &read, &r->fault);
	taken(t, &reading);
}

static void take_read_more(struct taking *t)
{
	const struct iopf_rec_read_more *r = (const void *)t->rec;
	struct pf_object *o = take_object(t, r->object, 0, false);
	struct pf_thread *thread = pf_thread_of(&t->p->threads, t->rec);
	unsigned int nr = event_entries(t->rec, r->nr, offsetof(struct iopf_rec_read_more, fault),
					sizeof(r->fault[0]), IOPF_FAULTS_PER_REC);
	struct pf_reading reading;
	struct pf_read read;

	if (!o || !thread)
		return;
	reading = find_reading(t->p, r);
	if (reading.next != r->first) { /* what is in between was lost */
		reading.next = r->first;
		reading.pages = 0;
	}
	read = read_of(&reading, thread, o, t->rec);
	read.call = pf_thread_last(thread, IOPF_CTX_READ, reading.enter_ns);
	if (r->flags & IOPF_READ_UNREADABLE)
		take_unreadable(t->p, &reading, &read);
	for (unsigned int i = 0; i < nr && reading.next < reading.total; i++)
		take_fault(t->p, &reading, &read, &r->fault[i]);
	taken(t, &reading);
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
static void put_caller(struct taking *t, struct pf_thread *thread, uint64_t caller_ns,
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
		note_object(call, o);
	}
}

/* The slice of an answer. */
static struct pf_call *put_answer(struct taking *t, const struct pf_reply *r, uint64_t caller_ns,
				  const struct pf_object *o)
{
	struct pf_thread *thread = pf_thread_of(&t->p->threads, t->rec);
	uint64_t begin_ns = r->write_ns ? r->write_ns : r->ack_ns;
	struct pf_call *call;

	if (!thread)
		return NULL;
	pf_thread_goes_on(&t->p->threads, thread, t->rec->context, caller_ns);
	put_caller(t, thread, caller_ns, o);
	call = pf_thread_call(&t->p->threads, thread, 0, begin_ns, r->ack_ns);
	if (!call)
		return NULL;
	call->name = "answer";
	if (r->cookie)
		pf_call_note(call, "cookie", r->cookie);
	note_code(call, r->code);
	pf_call_note(call, "grpid", r->grpid);
	return call;
}

/* A group was answered, inside of a call that was entered at @caller_ns (0 = not known). */
static void take_answer(struct taking *t, struct pf_reply *r, uint64_t caller_ns)
{
	struct pf_object *o = pf_life_object(t->p, r);

	if (!o)
		return;
	if (r->object == o->link.key && r->object)
		o->in_scope |= t->in_scope;
	if (r->by == IOPF_BY_USER && o->link.key && !o->owner_tgid)
		o->owner_tgid = t->rec->tgid;
	if (o->in_scope)
		r->call = put_answer(t, r, caller_ns, o);
	o->held++; /* it may be a dead one that goes with its last group */
	pf_life_answer(t->p, r);
	o->held--;
	pf_show_counters(t->p, o, t->rec->time_ns);
}

static void take_response(struct taking *t)
{
	const struct iopf_rec_response *r = (const void *)t->rec;
	struct pf_reply reply = {
		.group = r->group,
		.object = r->object,
		.dev = r->dev,
		.write_ns = r->response_ns,
		.ack_ns = r->ack_ns ? r->ack_ns : t->rec->time_ns,
		.pasid = r->pasid,
		.grpid = r->grpid,
		.cookie = r->cookie,
		.code = r->code,
		.by = names_responder(t->rec->context),
		.rec = t->rec,
	};

	reply.fetched = reply.cookie || reply.by == IOPF_BY_USER;
	take_answer(t, &reply, r->caller_ns);
}

/* Queue removal gives its answers to the driver directly; other calls are about no group. */
static void take_driver(struct taking *t)
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
		take_answer(t, &reply, 0);
}

/* Without the time of its entry it is not known which answers were its: it is shown by these. */
static void take_write(struct taking *t)
{
	const struct iopf_rec_write *r = (const void *)t->rec;
	struct pf_object *o = take_object(t, r->object, r->object_id, true);
	struct pf_call *call;

	if (!o || !o->in_scope)
		return;
	call = returned(t, "write", IOPF_CTX_WRITE, r->enter_ns);
	if (!call)
		return;
	note_object(call, o);
	pf_call_note(call, "ret", r->ret);
	pf_call_note(call, "answered", r->answered);
	leave(t, IOPF_CTX_WRITE);
}

static void take_auto(struct taking *t)
{
	const struct iopf_rec_auto *r = (const void *)t->rec;
	struct pf_object *o = r->object ? take_object(t, r->object, r->object_id, false) : NULL;
	struct pf_call *call;

	if (o ? !o->in_scope : !t->in_scope)
		return;
	call = returned(t, "detach", IOPF_CTX_AUTO, r->enter_ns);
	if (!call)
		return;
	note_object(call, o);
	pf_call_note(call, "answered", r->answered);
	leave(t, IOPF_CTX_AUTO);
}

static void take_destroy(struct taking *t)
{
	const struct iopf_rec_destroy *r = (const void *)t->rec;
	struct pf_object *o = take_object(t, r->object, r->object_id, false);
	struct pf_call *call = NULL;

	if (o && o->in_scope)
		call = returned(t, "destroy", IOPF_CTX_DESTROY, r->enter_ns);
	if (call) {
		note_object(call, o);
		pf_call_note(call, "answered", r->answered);
		leave(t, IOPF_CTX_DESTROY);
	}
	if (!o)
		return;
	pf_life_close(t->p, o);
	pf_show_counters(t->p, o, t->rec->time_ns);
	t->object = NULL; /* it may be freed */
	pf_object_retire(t->p, o);
}

static void take_qremove(struct taking *t)
{
	const struct iopf_rec_qremove *r = (const void *)t->rec;

	if (returned(t, "queue removal", IOPF_CTX_QREMOVE, r->enter_ns))
		leave(t, IOPF_CTX_QREMOVE);
}

/* An object that others have used before this record is the same, unless a gap was in between. */
static void take_alloc(struct taking *t)
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
	o = take_object(t, r->object, r->object_id, false);
	if (!o)
		return;
	o->created = t->p->epoch + 1;
	o->owner_tgid = t->rec->tgid;
}

static void take_release(struct taking *t)
{
	const struct iopf_rec_release *r = (const void *)t->rec;

	take_object(t, r->object, r->object_id, false);
}

/* The walk tells of groups before it tells whose the object is; its task is a holder of it. */
static void take_waiting(struct taking *t)
{
	const struct iopf_rec_waiting *r = (const void *)t->rec;

	if (r->waiting & IOPF_WAITING_END)
		return;
	take_object(t, r->object, r->object_id, true);
	pf_note_device(t->p, r->dev, r->dev_id);
	pf_life_waiting(t->p, r);
}

static void take_walked(struct taking *t)
{
	const struct iopf_rec_walked *r = (const void *)t->rec;

	if (!(r->waiting & IOPF_WAITING_END))
		take_object(t, r->object, r->object_id, true);
}

/* A call that has not returned. That a group is being answered is told besides. */
static void take_inside(struct taking *t)
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
		call = returned(t, calls[i].name, calls[i].bracket, r->enter_ns);
		if (call)
			pf_call_note_text(call, "end", "has not returned");
		return;
	}
}

static void (*const takers[IOPF_REC_TYPES])(struct taking *t) = {
	[IOPF_REC_REPORT] = take_report,     [IOPF_REC_ENQUEUE] = take_enqueue,
	[IOPF_REC_READ] = take_read,	     [IOPF_REC_READ_MORE] = take_read_more,
	[IOPF_REC_RESPONSE] = take_response, [IOPF_REC_WRITE] = take_write,
	[IOPF_REC_DRIVER] = take_driver,     [IOPF_REC_AUTO] = take_auto,
	[IOPF_REC_DESTROY] = take_destroy,   [IOPF_REC_QREMOVE] = take_qremove,
	[IOPF_REC_ALLOC] = take_alloc,	     [IOPF_REC_RELEASE] = take_release,
	[IOPF_REC_WAITING] = take_waiting,   [IOPF_REC_WALKED] = take_walked,
	[IOPF_REC_INSIDE] = take_inside,
};

/* @events records are missing after the last one: what was alive then may have ended in them. */
static void take_gap(struct perfetto *p, uint64_t events, uint64_t next_ns)
{
	pf_show_lost(p, events, p->last_ns);
	p->missing += events;
	p->epoch++;
	p->epoch_ns = next_ns > p->last_ns ? next_ns : p->last_ns;
	pf_groups_gap(p, p->last_ns);
	for (size_t i = 0; i < p->objects.size; i++)
		for (struct pf_link *link = p->objects.head[i]; link; link = link->next)
			pf_show_counters(p, PF_OF(link, struct pf_object, link), p->last_ns);
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
	struct taking t = { .p = p, .rec = rec, .in_scope = in_scope };

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
	pf_life_end(p);
	pf_threads_finish(&p->threads);
	return status(p);
}
