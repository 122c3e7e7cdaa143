// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Events as CSV: the same columns for all types, empty where a type has no such field. An event that
 * lists things (the pages of a group, what a read returned, what a write was given) has a row for
 * each of them, so that every cookie and every address is in its column.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "csv_writer.h"
#include "event_line.h"
#include "names.h"
#include "output.h"

#define UNKNOWN INT64_MIN

/* The fields of a row that not all types have; 0, NULL or UNKNOWN is empty. */
struct row {
	uint64_t object, group, dev;
	int64_t object_id, dev_id, pasid, grpid, cookie, perm, pages, code, ret, bytes, answered;
	bool has_addr;
	uint64_t addr;
	const char *answered_by;
	uint64_t enter_ns, report_ns, response_ns, ack_ns;
};

static const struct row empty = {
	.object_id = UNKNOWN,
	.dev_id = UNKNOWN,
	.pasid = UNKNOWN,
	.grpid = UNKNOWN,
	.cookie = UNKNOWN,
	.perm = UNKNOWN,
	.pages = UNKNOWN,
	.code = UNKNOWN,
	.ret = UNKNOWN,
	.bytes = UNKNOWN,
	.answered = UNKNOWN,
};

/* Which fault object; its id is not always known. */
static void object(struct row *row, uint64_t address, uint32_t id)
{
	row->object = address;
	row->object_id = id ? (int64_t)id : UNKNOWN;
}

/* Whose request and what it asks for. */
static void request(struct row *row, uint32_t flags, uint32_t pasid, uint32_t grpid, uint64_t addr,
		    uint32_t perm)
{
	row->pasid = flags & IOPF_PRQ_PASID_VALID ? (int64_t)pasid : UNKNOWN;
	row->grpid = grpid;
	row->has_addr = true;
	row->addr = addr;
	row->perm = perm;
}

/* A record as user space got it. */
static void fault(struct row *row, const struct iopf_pgfault *f)
{
	row->cookie = f->cookie;
	row->dev_id = f->dev_id;
	request(row, f->flags, f->pasid, f->grpid, f->addr, f->perm);
}

/* A request that did not become a group of iommufd. */
static void row_report(struct row *row, const struct iopf_rec_report *r)
{
	row->report_ns = r->report_ns;
	row->dev = r->dev;
	row->ret = r->ret;
	request(row, r->flags, r->pasid, r->grpid, r->addr, r->perm);
}

/* A group was queued. */
static void row_enqueue(struct row *row, const struct iopf_rec_enqueue *e)
{
	row->report_ns = e->report_ns;
	row->group = e->group;
	object(row, e->object, e->object_id);
	row->dev = e->dev;
	row->dev_id = e->dev_id;
	row->pages = e->pages;
	request(row, e->flags, e->pasid, e->grpid, e->addr, e->perm);
}

/* A page of the group queued just before; @i of @nr. */
static void row_pages(struct row *row, const struct iopf_rec_pages *p, unsigned int i,
		      unsigned int nr)
{
	row->group = p->group;
	if (i >= nr)
		return;
	row->has_addr = true;
	row->addr = p->page[i].addr;
	row->perm = p->page[i].perm;
}

/* A read returned, with its first record. */
static void row_read(struct row *row, const struct iopf_rec_read *r)
{
	row->enter_ns = r->enter_ns;
	object(row, r->object, r->object_id);
	row->bytes = (int64_t)r->count;
	row->ret = r->ret;
	if (r->ret > 0 && !(r->flags & IOPF_READ_UNREADABLE))
		fault(row, &r->fault);
}

/* A further record of a read. */
static void row_read_more(struct row *row, const struct iopf_rec_read_more *m, unsigned int i,
			  unsigned int nr)
{
	row->object = m->object;
	if (i < nr && !(m->flags & IOPF_READ_UNREADABLE))
		fault(row, &m->fault[i]);
}

/* A group was answered. */
static void row_response(struct row *row, const struct iopf_rec_response *r)
{
	row->response_ns = r->response_ns;
	row->ack_ns = r->ack_ns;
	row->enter_ns = r->caller_ns;
	row->group = r->group;
	row->object = r->object;
	row->dev = r->dev;
	row->pasid = r->pasid;
	row->grpid = r->grpid;
	row->cookie = iopf_response_named(r) ? (int64_t)r->cookie : UNKNOWN;
	row->code = r->code;
	row->answered_by = iopf_responder_name(names_responder(r->h.context));
}

/* One of the answers of a write that the kernel did not take. */
static void row_write(struct row *row, const struct iopf_rec_write *w, unsigned int i,
		      unsigned int nr)
{
	row->enter_ns = w->enter_ns;
	object(row, w->object, w->object_id);
	row->bytes = (int64_t)w->count;
	row->ret = w->ret;
	row->answered = w->answered;
	if (i >= nr)
		return;
	row->cookie = w->answer[i].cookie;
	row->code = w->answer[i].code;
}

/* The driver was told outside of a group's response. */
static void row_driver(struct row *row, const struct iopf_rec_driver *d)
{
	row->group = d->group;
	row->dev = d->dev;
	row->pasid = d->pasid;
	row->grpid = d->grpid;
	row->code = d->code;
}

/* What was written is not what is answered: that is what the row has, as the group's answer will. */
static void row_written(struct row *row, const struct iopf_rec_written *w)
{
	row->enter_ns = w->enter_ns;
	row->group = w->group;
	row->object = w->object;
	row->cookie = w->cookie;
	row->code = w->code;
}

/* A group that was found in its object. */
static void row_waiting(struct row *row, const struct iopf_rec_waiting *w)
{
	row->group = w->group;
	object(row, w->object, w->object_id);
	row->dev = w->dev;
	row->dev_id = w->dev_id;
	row->pages = w->pages;
	request(row, w->flags, w->pasid, w->grpid, w->addr, w->perm);
	if (iopf_waiting_named(w))
		row->cookie = w->cookie;
}

/* Auto-response returned. */
static void row_auto(struct row *row, const struct iopf_rec_auto *a)
{
	row->enter_ns = a->enter_ns;
	object(row, a->object, a->object_id);
	row->answered = a->answered;
}

/* A fault object is gone. */
static void row_destroy(struct row *row, const struct iopf_rec_destroy *d)
{
	row->enter_ns = d->enter_ns;
	object(row, d->object, d->object_id);
	row->answered = d->answered;
}

/* A device left its queue. */
static void row_qremove(struct row *row, const struct iopf_rec_qremove *q)
{
	row->enter_ns = q->enter_ns;
	row->dev = q->dev;
}

/* A fault object was made. */
static void row_alloc(struct row *row, const struct iopf_rec_alloc *a)
{
	object(row, a->object, a->object_id);
	row->ret = a->ret;
}

/* A fault FD was closed for good. */
static void row_release(struct row *row, const struct iopf_rec_release *r)
{
	object(row, r->object, r->object_id);
}

/* An object was walked. */
static void row_walked(struct row *row, const struct iopf_rec_walked *w)
{
	row->enter_ns = w->enter_ns;
	object(row, w->object, w->object_id);
}

/* A call has not returned. */
static void row_inside(struct row *row, const struct iopf_rec_inside *i)
{
	row->enter_ns = i->enter_ns;
	row->object = i->object;
}

/* How many things an event lists. */
static unsigned int entries(const struct iopf_rec *rec)
{
	const struct iopf_rec_pages *p = (const void *)rec;
	const struct iopf_rec_read_more *m = (const void *)rec;
	const struct iopf_rec_write *w = (const void *)rec;

	if (rec->type == IOPF_REC_PAGES)
		return event_entries(rec, p->nr, offsetof(struct iopf_rec_pages, page),
				     sizeof(p->page[0]), IOPF_PAGES_PER_REC);
	if (rec->type == IOPF_REC_READ_MORE)
		return event_entries(rec, m->nr, offsetof(struct iopf_rec_read_more, fault),
				     sizeof(m->fault[0]), IOPF_FAULTS_PER_REC);
	if (rec->type == IOPF_REC_WRITE)
		return event_entries(rec, w->nr, offsetof(struct iopf_rec_write, answer),
				     sizeof(w->answer[0]), IOPF_ANSWERS_PER_REC);
	return 0;
}

/* Fills the row for the thing @i of the @nr that an event lists, if it lists any. */
static void fill(struct row *row, const struct iopf_rec *rec, unsigned int i, unsigned int nr)
{
	const void *r = rec;

	switch ((enum iopf_rec_type)rec->type) {
	case IOPF_REC_REPORT:
		return row_report(row, r);
	case IOPF_REC_ENQUEUE:
		return row_enqueue(row, r);
	case IOPF_REC_PAGES:
		return row_pages(row, r, i, nr);
	case IOPF_REC_READ:
		return row_read(row, r);
	case IOPF_REC_READ_MORE:
		return row_read_more(row, r, i, nr);
	case IOPF_REC_RESPONSE:
		return row_response(row, r);
	case IOPF_REC_WRITE:
		return row_write(row, r, i, nr);
	case IOPF_REC_DRIVER:
		return row_driver(row, r);
	case IOPF_REC_AUTO:
		return row_auto(row, r);
	case IOPF_REC_DESTROY:
		return row_destroy(row, r);
	case IOPF_REC_QREMOVE:
		return row_qremove(row, r);
	case IOPF_REC_ALLOC:
		return row_alloc(row, r);
	case IOPF_REC_RELEASE:
		return row_release(row, r);
	case IOPF_REC_WAITING:
		return row_waiting(row, r);
	case IOPF_REC_WALKED:
		return row_walked(row, r);
	case IOPF_REC_INSIDE:
		return row_inside(row, r);
	case IOPF_REC_WRITTEN:
		return row_written(row, r);
	case IOPF_REC_DEVICE:
		row->dev = ((const struct iopf_rec_device *)r)->dev;
		return;
	case IOPF_REC_DISCARD: /* what these have beside the header is only in JSON */
	case IOPF_REC_TASK:
	case IOPF_REC_FORK:
	case IOPF_REC_EXIT:
	case IOPF_REC_ATTACH:
	case IOPF_REC_NONE:
	case IOPF_REC_TYPES:
		return;
	}
}

/* A time, or the address of a kernel object. */
static void put_time(struct csv *c, uint64_t ns)
{
	csv_maybe(c, ns != 0, ns);
}

static void put_address(struct csv *c, uint64_t address)
{
	if (address)
		csv_hex(c, address);
	else
		csv_empty(c);
}

static void put_known(struct csv *c, int64_t value)
{
	if (value != UNKNOWN)
		csv_i64(c, value);
	else
		csv_empty(c);
}

/* What every event has. */
static void put_head(struct csv *c, const struct iopf_rec *rec, const struct event_names *names)
{
	const char *name = event_name(rec->type);
	char unknown[16];

	snprintf(unknown, sizeof(unknown), "type %u", rec->type);
	csv_u64(c, rec->seq);
	put_time(c, rec->time_ns);
	csv_text(c, name ? name : unknown);
	csv_u64(c, rec->tgid);
	csv_u64(c, rec->tid);
	csv_foreign(c, names->comm ? names->comm(names->arg, rec->tid) : NULL);
}

/* What the event is about. */
static void put_row(struct csv *c, const struct row *row, const struct event_names *names)
{
	put_known(c, row->object_id);
	csv_foreign(c, row->dev && names->device ? names->device(names->arg, row->dev) : NULL);
	put_known(c, row->dev_id);
	put_known(c, row->pasid);
	put_known(c, row->grpid);
	put_known(c, row->cookie);
	if (row->has_addr)
		csv_hex(c, row->addr);
	else
		csv_empty(c);
	csv_text(c, row->perm != UNKNOWN ? names_perm((uint32_t)row->perm).s : NULL);
	put_known(c, row->pages);
	csv_text(c, row->code != UNKNOWN ? names_code((uint32_t)row->code).s : NULL);
	csv_text(c, row->answered_by);
	put_known(c, row->answered);
	put_known(c, row->bytes);
	put_known(c, row->ret);
	put_time(c, row->enter_ns);
	put_time(c, row->report_ns);
	put_time(c, row->response_ns);
	put_time(c, row->ack_ns);
	put_address(c, row->group);
	put_address(c, row->object);
	csv_end(c);
}

void event_csv_heads(FILE *out)
{
	fputs("seq,t_ns,event,tgid,tid,comm,object_id,device,dev_id,pasid,grpid,cookie,addr,perm,"
	      "pages,code,answered_by,answered,bytes,ret,enter_ns,report_ns,response_ns,ack_ns,"
	      "group,object\r\n",
	      out);
}

int event_csv(FILE *out, const struct iopf_rec *rec, const struct event_names *names)
{
	bool whole = event_is_whole(rec);
	unsigned int nr = whole ? entries(rec) : 0, i = 0;
	struct csv c = { .out = out };

	errno = 0;
	do {
		struct row row = empty;

		if (whole)
			fill(&row, rec, i, nr);
		put_head(&c, rec, names);
		put_row(&c, &row, names);
	} while (++i < nr);
	return output_error(out);
}
