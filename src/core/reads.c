// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Reads of fault FDs. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include <stdlib.h>
#include <string.h>

#include "fast_path.h"
#include "judge.h"
#include "life.h"
#include "reads.h"

/* Makes it. */
int reads_init(struct reads *rs)
{
	rs->reading = calloc(READS_MAX, sizeof(*rs->reading));
	return rs->reading ? 0 : -ENOMEM;
}

/* Frees it. */
void reads_free(struct reads *rs)
{
	free(rs->reading);
}

/* The unfinished read with this sequence number, or NULL; it is nearly always one of the last. */
static struct reading *find(const struct reads *rs, uint64_t seq)
{
	for (size_t i = rs->nr; i--;) {
		if (rs->reading[i].part.seq == seq)
			return &rs->reading[i];
	}
	return NULL;
}

/* Forgets an unfinished read. */
static void forget(struct reads *rs, struct reading *r)
{
	size_t behind = &rs->reading[--rs->nr] - r;

	memmove(r, r + 1, behind * sizeof(*r));
}

/* Keeps a read until the rest of it comes; those that lost theirs are pushed out in time. */
static struct reading *keep(struct reads *rs, const struct reading *r)
{
	if (rs->nr == READS_MAX)
		forget(rs, &rs->reading[0]);
	rs->reading[rs->nr] = *r;
	return &rs->reading[rs->nr++];
}

/*
 * Adds one record of the buffer; hands the group on when it was its last. A record that does not go
 * with those before it begins another group: what came before had no end.
 */
static void add_fault(struct iopf_engine *e, struct object *o, struct reading *reading,
		      const struct iopf_pgfault *f, const struct iopf_rec *rec)
{
	struct delivery *d = &reading->part;

	uint32_t pages;

	if (d->pages && (d->cookie != f->cookie || d->grpid != f->grpid)) {
		d->pages = 0;
		reading->unknown = true;
	}
	if (!d->pages) {
		d->sum = d->odd = 0;
		d->mixed = false;
	} else if (d->dev_id != f->dev_id ||
		   (d->flags & f->flags & IOPF_PRQ_PASID_VALID && d->pasid != f->pasid)) {
		d->mixed = true;
	}
	d->flags = f->flags;
	d->dev_id = f->dev_id;
	d->pasid = f->pasid;
	d->grpid = f->grpid;
	d->perm = f->perm;
	d->cookie = f->cookie;
	d->addr = f->addr;
	d->sum = judge_page(d->sum, f->addr, f->perm, f->flags);
	d->odd |= f->reserved | f->length;
	d->pages++;
	reading->next++;
	if (!(f->flags & IOPF_PRQ_LAST_PAGE))
		return;
	pages = fast_path_deliver(e, o, d, f) ? 1 : life_deliver(e, o, d, rec);
	reading->matched += pages;
	reading->strange |= !pages;
	d->pages = 0;
}

/* The rest of a read, with the group that is begun, cannot be read. */
static void add_unreadable(struct iopf_engine *e, struct object *o, struct reading *reading,
			   const struct iopf_rec *rec)
{
	struct delivery d = reading->part;
	uint64_t records = reading->total - reading->next + d.pages;

	d.pages = 0;
	d.cookie = 0;
	reading->unknown = true;
	life_deliver_unread(e, o, &d, records, rec);
	reading->next = reading->total;
}

/* All records of a read have come. */
static void finish(struct iopf_engine *e, struct object *o, const struct reading *reading,
		   const struct iopf_rec *rec)
{
	struct rules_step step = {
		.kind = RULES_READ_DONE,
		.object = o,
		.reading = reading,
		.rec = rec,
	};

	rules_step(e, &step);
}

/* Counts a read by its result. */
static void count(struct tally *t, int64_t ret)
{
	t->n[TALLY_READS]++;
	if (ret < 0)
		t->n[TALLY_FAILED_READS]++;
	else if (!ret)
		t->n[TALLY_EMPTY_READS]++;
}

/* Takes a READ record. */
void reads_read(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_read *r = (const struct iopf_rec_read *)rec;
	struct object *o = objects_get(e, r->object, r->object_id);
	struct reading reading = {
		.total = r->ret > 0 ? (uint64_t)r->ret / sizeof(r->fault) : 0,
		.part = {
			.seq = rec->seq,
			.enter_ns = r->enter_ns,
			.deliver_ns = rec->time_ns,
			.reader = tasks_get(&e->tasks, rec->tgid, rec->tid),
		},
	};

	objects_used_by(e, o, rec);
	count(o->tally, r->ret);
	if (!reading.total)
		return;
	if (r->flags & IOPF_READ_UNREADABLE)
		add_unreadable(e, o, &reading, rec);
	else
		add_fault(e, o, &reading, &r->fault, rec);
	if (reading.next < reading.total)
		keep(&e->reads, &reading);
	else
		finish(e, o, &reading, rec);
}

/* The read that a READ_MORE record belongs to; made up, without times, if its record was lost. */
static struct reading *reading_of(struct iopf_engine *e, const struct iopf_rec_read_more *r)
{
	struct reading *found = find(&e->reads, r->seq_of_read);
	struct reading lost = {
		.total = UINT64_MAX,
		.unknown = true,
		.next = r->first,
		.part = {
			.seq = r->seq_of_read,
			.reader = tasks_get(&e->tasks, r->h.tgid, r->h.tid),
		},
	};

	return found ? found : keep(&e->reads, &lost);
}

/* Takes a READ_MORE record. */
void reads_more(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_read_more *r = (const struct iopf_rec_read_more *)rec;
	struct object *o = objects_get(e, r->object, 0);
	struct reading *reading = reading_of(e, r);

	if (reading->next != r->first) { /* what is in between was lost */
		reading->next = r->first;
		reading->part.pages = 0;
		reading->unknown = true;
	}
	if (r->flags & IOPF_READ_UNREADABLE)
		add_unreadable(e, o, reading, rec);
	for (int i = 0; i < r->nr && reading->next < reading->total; i++)
		add_fault(e, o, reading, &r->fault[i], rec);
	if (reading->next >= reading->total) {
		finish(e, o, reading, rec);
		forget(&e->reads, reading);
	}
}
