// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "event_line.h"
#include "json_writer.h"
#include "names.h"
#include "output.h"
#include "utf8.h"

/* A time that may not be known. */
static void put_time(struct jw *j, const char *key, uint64_t ns)
{
	jw_maybe(j, key, ns != 0, ns);
}

/* A kernel object, by address; it tells events of the same object from others. */
static void put_address(struct jw *j, const char *key, uint64_t address)
{
	if (address)
		jw_hex(j, key, address);
	else
		jw_null(j, key);
}

/* A device: address and name. */
static void put_device(struct jw *j, const struct event_names *names, uint64_t dev)
{
	put_address(j, "dev", dev);
	jw_name(j, "device", names->device ? names->device(names->arg, dev) : NULL);
}

/* Which fault object. */
static void put_object(struct jw *j, uint64_t object, uint32_t id)
{
	put_address(j, "object", object);
	jw_maybe(j, "object_id", id, id);
}

/* Whose request and what it asks for. */
static void put_request(struct jw *j, uint32_t flags, uint32_t pasid, uint32_t grpid, uint64_t addr,
			uint32_t perm)
{
	jw_maybe(j, "pasid", flags & IOPF_PRQ_PASID_VALID, pasid);
	jw_u64(j, "grpid", grpid);
	jw_hex(j, "addr", addr);
	jw_string(j, "perm", names_perm(perm).s);
	jw_bool(j, "last_page", flags & IOPF_PRQ_LAST_PAGE);
}

/* A request that did not become a group of iommufd. */
static void json_report(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_report *r = (const void *)rec;

	put_time(j, "report_ns", r->report_ns);
	put_device(j, names, r->dev);
	put_request(j, r->flags, r->pasid, r->grpid, r->addr, r->perm);
	jw_i64(j, "ret", r->ret);
	jw_bool(j, "sva", r->seen & IOPF_REPORT_SVA);
	jw_bool(j, "answered", r->seen & IOPF_REPORT_ANSWERED);
}

/* A group was queued. */
static void json_enqueue(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_enqueue *e = (const void *)rec;

	put_time(j, "report_ns", e->report_ns);
	put_address(j, "group", e->group);
	put_object(j, e->object, e->object_id);
	put_address(j, "handle", e->handle);
	put_device(j, names, e->dev);
	jw_u64(j, "dev_id", e->dev_id);
	put_request(j, e->flags, e->pasid, e->grpid, e->addr, e->perm);
	jw_u64(j, "pages", e->pages);
}

/* The pages of the group queued just before. */
static void json_pages(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_pages *p = (const void *)rec;
	unsigned int nr = event_entries(rec, p->nr, offsetof(struct iopf_rec_pages, page),
					sizeof(p->page[0]), IOPF_PAGES_PER_REC);
	unsigned int i;

	(void)names;
	put_address(j, "group", p->group);
	jw_u64(j, "first", p->first);
	jw_array(j, "list");
	for (i = 0; i < nr; i++) {
		jw_object(j, NULL);
		jw_hex(j, "addr", p->page[i].addr);
		jw_string(j, "perm", names_perm(p->page[i].perm).s);
		jw_bool(j, "last_page", p->page[i].flags & IOPF_PRQ_LAST_PAGE);
		jw_close(j);
	}
	jw_close(j);
}

/* Records as user space got them. */
static void put_faults(struct jw *j, const struct iopf_pgfault *f, unsigned int nr)
{
	jw_array(j, "faults");
	for (; nr > 0; nr--, f++) {
		jw_object(j, NULL);
		jw_u64(j, "cookie", f->cookie);
		jw_u64(j, "dev_id", f->dev_id);
		put_request(j, f->flags, f->pasid, f->grpid, f->addr, f->perm);
		jw_u64(j, "flags", f->flags);
		jw_u64(j, "length", f->length);
		jw_close(j);
	}
	jw_close(j);
}

/* A read returned. */
static void json_read(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_read *r = (const void *)rec;

	(void)names;
	put_time(j, "enter_ns", r->enter_ns);
	put_object(j, r->object, r->object_id);
	jw_u64(j, "bytes", r->count);
	jw_i64(j, "ret", r->ret);
	jw_bool(j, "unreadable", r->flags & IOPF_READ_UNREADABLE);
	jw_bool(j, "not_empty", r->flags & IOPF_READ_NOT_EMPTY);
	jw_bool(j, "still_held", r->flags & IOPF_READ_STILL_HELD);
	put_faults(j, &r->fault, r->ret > 0 && !(r->flags & IOPF_READ_UNREADABLE) ? 1 : 0);
}

/* More of what a read returned. */
static void json_read_more(struct jw *j, const struct iopf_rec *rec,
			   const struct event_names *names)
{
	const struct iopf_rec_read_more *m = (const void *)rec;
	unsigned int nr = event_entries(rec, m->nr, offsetof(struct iopf_rec_read_more, fault),
					sizeof(m->fault[0]), IOPF_FAULTS_PER_REC);

	(void)names;
	put_object(j, m->object, 0);
	jw_u64(j, "seq_of_read", m->seq_of_read);
	jw_u64(j, "first", m->first);
	jw_bool(j, "unreadable", m->flags & IOPF_READ_UNREADABLE);
	put_faults(j, m->fault, m->flags & IOPF_READ_UNREADABLE ? 0 : nr);
}

/* A group was answered. */
static void json_response(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_response *r = (const void *)rec;

	put_time(j, "response_ns", r->response_ns);
	put_time(j, "ack_ns", r->ack_ns);
	put_time(j, "caller_ns", r->caller_ns);
	put_address(j, "group", r->group);
	put_address(j, "object", r->object);
	put_device(j, names, r->dev);
	jw_u64(j, "pasid", r->pasid);
	jw_u64(j, "grpid", r->grpid);
	jw_maybe(j, "cookie", iopf_response_named(r), r->cookie);
	jw_string(j, "code", names_code(r->code).s);
	jw_string(j, "answered_by", iopf_responder_name(names_responder(rec->context)));
	jw_u64(j, "driver_calls", r->driver_calls);
	jw_string(j, "driver_code", r->driver_calls ? names_code(r->driver_code).s : NULL);
	if (rec->context & IOPF_CTX_WRITE)
		jw_bool(j, "compared", r->flags & IOPF_RESPONSE_COMPARED);
	else
		jw_string(j, "compared", NULL);
}

/* A write that did not answer all it was given. */
static void json_write(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_write *w = (const void *)rec;
	unsigned int nr = event_entries(rec, w->nr, offsetof(struct iopf_rec_write, answer),
					sizeof(w->answer[0]), IOPF_ANSWERS_PER_REC);
	unsigned int i;

	(void)names;
	put_time(j, "enter_ns", w->enter_ns);
	put_object(j, w->object, w->object_id);
	jw_u64(j, "bytes", w->count);
	jw_i64(j, "ret", w->ret);
	jw_u64(j, "answered", w->answered);
	jw_u64(j, "first", w->first);
	jw_array(j, "answers");
	for (i = 0; i < nr; i++) {
		jw_object(j, NULL);
		jw_u64(j, "cookie", w->answer[i].cookie);
		jw_string(j, "code", names_code(w->answer[i].code).s);
		jw_close(j);
	}
	jw_close(j);
}

/* The driver was told outside of a group's response. */
static void json_driver(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_driver *d = (const void *)rec;

	put_address(j, "group", d->group);
	put_device(j, names, d->dev);
	jw_u64(j, "pasid", d->pasid);
	jw_u64(j, "grpid", d->grpid);
	jw_string(j, "code", names_code(d->code).s);
	jw_bool(j, "other", d->flags & IOPF_DRIVER_OTHER);
}

/* What was written is not what is answered. */
static void json_written(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_written *w = (const void *)rec;

	(void)names;
	put_time(j, "enter_ns", w->enter_ns);
	put_address(j, "object", w->object);
	put_address(j, "group", w->group);
	jw_u64(j, "index", w->index);
	jw_u64(j, "cookie", w->group_cookie);
	jw_string(j, "code", names_code(w->status).s);
	jw_u64(j, "written_cookie", w->cookie);
	jw_string(j, "written_code", names_code(w->code).s);
}

/* Auto-response returned. */
static void json_auto(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_auto *a = (const void *)rec;

	(void)names;
	put_time(j, "enter_ns", a->enter_ns);
	put_object(j, a->object, a->object_id);
	put_address(j, "handle", a->handle);
	jw_u64(j, "answered", a->answered);
}

/* A fault object is gone. */
static void json_destroy(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_destroy *d = (const void *)rec;

	(void)names;
	put_time(j, "enter_ns", d->enter_ns);
	put_object(j, d->object, d->object_id);
	jw_u64(j, "answered", d->answered);
}

/* A device left its queue. */
static void json_qremove(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_qremove *q = (const void *)rec;

	put_time(j, "enter_ns", q->enter_ns);
	put_address(j, "queue", q->queue);
	put_device(j, names, q->dev);
}

/* Partial requests were dropped. */
static void json_discard(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_discard *d = (const void *)rec;

	(void)names;
	put_address(j, "queue", d->queue);
}

/* A fault object was made. */
static void json_alloc(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_alloc *a = (const void *)rec;

	(void)names;
	put_object(j, a->object, a->object_id);
	jw_i64(j, "fd", a->fd);
	jw_i64(j, "ret", a->ret);
}

/* A fault FD was closed for good. */
static void json_release(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_release *r = (const void *)rec;

	(void)names;
	put_object(j, r->object, r->object_id);
}

/* The name of a task: the same as "comm", but from the record itself. */
static void json_task(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_task *t = (const void *)rec;
	char comm[IOPF_COMM_LEN + 1] = "";

	(void)names;
	memcpy(comm, t->comm, IOPF_COMM_LEN);
	jw_name(j, "name", comm);
}

/* The name of a device. */
static void json_device(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_device *d = (const void *)rec;
	char name[IOPF_DEVNAME_LEN + 1] = "";

	(void)names;
	memcpy(name, d->name, IOPF_DEVNAME_LEN);
	put_address(j, "dev", d->dev);
	jw_name(j, "name", name);
}

/* A process of the scope made one. */
static void json_fork(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_fork *f = (const void *)rec;

	(void)names;
	jw_u64(j, "child_tgid", f->child_tgid);
	jw_u64(j, "child_tid", f->child_tid);
}

/* A process of the scope is gone: the header says which. */
static void json_exit(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	(void)j;
	(void)rec;
	(void)names;
}

/* A handle begins to be used. */
static void json_attach(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_attach *a = (const void *)rec;

	(void)names;
	put_address(j, "handle", a->handle);
}

/* A group that was found in its object. */
static void json_waiting(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_waiting *w = (const void *)rec;

	put_address(j, "group", w->group);
	put_object(j, w->object, w->object_id);
	put_address(j, "handle", w->handle);
	put_device(j, names, w->dev);
	jw_u64(j, "dev_id", w->dev_id);
	put_request(j, w->flags, w->pasid, w->grpid, w->addr, w->perm);
	jw_u64(j, "pages", w->pages);
	jw_maybe(j, "cookie", iopf_waiting_named(w), w->cookie);
	jw_bool(j, "delivered", w->waiting & IOPF_WAITING_DELIVERED);
	jw_bool(j, "end", w->waiting & IOPF_WAITING_END);
}

/* An object was walked. */
static void json_walked(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_walked *w = (const void *)rec;

	(void)names;
	put_time(j, "enter_ns", w->enter_ns);
	put_object(j, w->object, w->object_id);
	jw_u64(j, "queued", w->queued);
	jw_u64(j, "delivered", w->delivered);
	jw_bool(j, "whole", !(w->waiting & IOPF_WALKED_CUT));
	jw_bool(j, "end", w->waiting & IOPF_WAITING_END);
}

/* A call has not returned. */
static void json_inside(struct jw *j, const struct iopf_rec *rec, const struct event_names *names)
{
	const struct iopf_rec_inside *i = (const void *)rec;

	(void)names;
	put_time(j, "enter_ns", i->enter_ns);
	put_object(j, i->object, 0);
}

static void (*const handlers[])(struct jw *j, const struct iopf_rec *rec,
				const struct event_names *names) = {
	[IOPF_REC_REPORT] = json_report,       [IOPF_REC_ENQUEUE] = json_enqueue,
	[IOPF_REC_PAGES] = json_pages,	       [IOPF_REC_READ] = json_read,
	[IOPF_REC_READ_MORE] = json_read_more, [IOPF_REC_RESPONSE] = json_response,
	[IOPF_REC_WRITE] = json_write,	       [IOPF_REC_DRIVER] = json_driver,
	[IOPF_REC_AUTO] = json_auto,	       [IOPF_REC_DESTROY] = json_destroy,
	[IOPF_REC_QREMOVE] = json_qremove,     [IOPF_REC_DISCARD] = json_discard,
	[IOPF_REC_ALLOC] = json_alloc,	       [IOPF_REC_RELEASE] = json_release,
	[IOPF_REC_TASK] = json_task,	       [IOPF_REC_DEVICE] = json_device,
	[IOPF_REC_FORK] = json_fork,	       [IOPF_REC_EXIT] = json_exit,
	[IOPF_REC_ATTACH] = json_attach,       [IOPF_REC_WAITING] = json_waiting,
	[IOPF_REC_WALKED] = json_walked,       [IOPF_REC_INSIDE] = json_inside,
	[IOPF_REC_WRITTEN] = json_written,
};

_Static_assert(sizeof(handlers) / sizeof(handlers[0]) == IOPF_REC_TYPES, "a type has no JSON");

int event_json(FILE *out, const struct iopf_rec *rec, const struct event_names *names)
{
	const char *name = event_name(rec->type);
	struct jw j;

	errno = 0;
	jw_begin(&j, out);
	jw_object(&j, NULL);
	jw_u64(&j, "seq", rec->seq);
	put_time(&j, "t_ns", rec->time_ns);
	jw_string(&j, "event", name);
	if (!name)
		jw_u64(&j, "type", rec->type);
	jw_u64(&j, "tgid", rec->tgid);
	jw_u64(&j, "tid", rec->tid);
	jw_name(&j, "comm", names->comm ? names->comm(names->arg, rec->tid) : NULL);
	if (event_is_whole(rec))
		handlers[rec->type](&j, rec, names);
	else
		jw_u64(&j, name ? "malformed_size" : "size", rec->size);
	jw_close(&j);
	putc('\n', out);
	return output_error(out);
}
