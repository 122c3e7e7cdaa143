// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Perfetto: reads, and what they delivered. */
#define OUTPUT_PERFETTO_PRIVATE
#include <stdlib.h>

#include "perfetto_private.h"

/* Reads of which not all records have come, as many as the engine keeps. */
#define MAX_READINGS 256

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
static struct pf_call *read_call(struct pf_taking *t, const struct pf_object *o)
{
	const struct iopf_rec_read *r = (const void *)t->rec;
	struct pf_call *call = pf_take_call(t, "read", IOPF_CTX_READ, r->enter_ns);

	if (!call)
		return NULL;
	pf_take_note_object(call, o);
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
		struct pf_link *link = p->readings.oldest;

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
static void taken(struct pf_taking *t, const struct pf_reading *reading)
{
	if (reading->next < reading->total)
		keep_reading(t->p, reading);
	else
		pf_take_leave(t, IOPF_CTX_READ);
}

void pf_take_read(struct pf_taking *t)
{
	const struct iopf_rec_read *r = (const void *)t->rec;
	struct pf_object *o = pf_take_object(t, r->object, r->object_id, true);
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

void pf_take_read_more(struct pf_taking *t)
{
	const struct iopf_rec_read_more *r = (const void *)t->rec;
	struct pf_object *o = pf_take_object(t, r->object, 0, false);
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
