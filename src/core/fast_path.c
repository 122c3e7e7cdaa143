// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The short way of records that nothing is remarkable about. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "adopt.h"
#include "answers.h"
#include "fast_path.h"
#include "judge.h"
#include "life.h"
#include "match.h"
#include "remember.h"
#include "settle.h"

#define STATE_QUEUED (GROUP_USED | GROUP_BY_POINTER | GROUP_BY_REQUEST | GROUP_QUEUED)
#define STATE_DELIVERED \
	(GROUP_USED | GROUP_BY_POINTER | GROUP_BY_REQUEST | GROUP_BY_COOKIE | GROUP_DELIVERED)

/* What stays as it is while one such record follows another. */
struct run {
	struct iopf_engine *e;
	struct object *object; /* the last one that was found calm; NULL = none yet */
	bool whole; /* all groups of it are known */
	const struct handle *handle; /* the last one that was found, with this device; NULL = none */
	uint64_t dev;
};

/* Whether a call was within its deadline. */
static bool is_quick(const struct iopf_engine *e, const struct iopf_rec *rec, uint64_t enter_ns)
{
	uint64_t deadline = e->judge.deadline_ns[IOPF_DEADLINE_CALL];

	return !deadline || (rec->time_ns >= enter_ns && rec->time_ns - enter_ns <= deadline);
}

/* Whether an object is of the scope, has an owner, and nothing is open about it: looked up. */
static bool become_calm(struct run *run, struct object *o)
{
	const struct judged *j = o->judged;

	if (!j || !o->id || !o->in_scope || !o->owner_tgid || o->dead || o->unfollowed ||
	    o->nr_early || j->nr_strange || j->nr_masked || j->repeats ||
	    o->outstanding_epoch != run->e->epoch)
		return false;
	run->object = o;
	run->whole = objects_whole(run->e, o);
	return true;
}

/* The same, of the last one that was so. */
static inline bool is_calm(struct run *run, struct object *o)
{
	return o == run->object || become_calm(run, o);
}

/* The object that a record is about, if it is calm; else NULL. */
static inline struct object *find_calm(struct run *run, uint64_t address, uint32_t id)
{
	struct object *o = run->object;

	if (!o || o->address != address)
		o = objects_find(&run->e->objects, address);
	return o && o->id == id && is_calm(run, o) ? o : NULL;
}

/* A record of an object came. */
static void note_event(const struct iopf_engine *e, struct object *o, const struct iopf_rec *rec)
{
	o->epoch = e->epoch;
	o->events++;
	o->judged->active_ns = rec->time_ns;
}

/* The number of the handle in use that a group is queued by, if it is known with its device; else 0. */
static uint32_t find_handle(struct run *run, const struct iopf_rec_enqueue *r)
{
	const struct handles *hs = &run->e->handles;
	const struct handle *h = run->handle;
	uint32_t number;

	if (h && h->address == r->handle && h->dev_id == r->dev_id && run->dev == r->dev)
		return (uint32_t)(h - hs->handle);
	for (number = handles_find(hs, r->handle); number; number = h->next) {
		h = handles_at(hs, number);
		if (h->dev_id != r->dev_id || !h->device || h->retired_ns ||
		    devices_at(&run->e->devices, h->device)->address != r->dev)
			continue;
		run->handle = h;
		run->dev = r->dev;
		break;
	}
	return number;
}

/* Whether one more group can be kept without asking for memory. */
static bool has_room(const struct groups *gs)
{
	return gs->nr_used < gs->limit && groups_has_place(gs) &&
	       groups_index_has_room(&gs->by_pointer) && groups_index_has_room(&gs->by_request);
}

/* Takes an ENQUEUE record of a group of one page, of which no other has the memory, or its device the index. */
static bool take_enqueue(struct run *run, const struct iopf_rec_enqueue *r)
{
	struct iopf_engine *e = run->e;
	struct object *o = find_calm(run, r->object, r->object_id);
	uint32_t handle = o ? find_handle(run, r) : 0, device;
	uint32_t *by_pointer, *by_request;
	struct tally *t = &e->total;
	struct group *g;

	if (!handle || !r->dev_id || !r->group || r->pages != 1 || e->judge.parked.nr ||
	    !(r->flags & IOPF_PRQ_LAST_PAGE) || !r->report_ns || r->h.time_ns < r->report_ns)
		return false;
	device = handles_at(&e->handles, handle)->device;
	if (device >= t->nr_devices || !t->stage[IOPF_STAGE_ROUTE] || !has_room(&e->groups))
		return false;
	by_pointer = groups_pointer_head(&e->groups, r->group);
	by_request = groups_request_head(&e->groups, device, r->grpid);
	if (*groups_find_pointer(&e->groups, by_pointer, r->group) ||
	    *groups_find_request(&e->groups, by_request, device, r->grpid))
		return false;

	note_event(e, o, &r->h);
	devices_set_id(devices_at(&e->devices, device), r->dev_id);
	t->n[TALLY_ENQUEUED]++;
	t->n[TALLY_PAGES]++;
	t->device_groups[device]++;
	iopf_hist_add(&t->stage[IOPF_STAGE_ROUTE]->hist, r->h.time_ns - r->report_ns);

	g = groups_take(&e->groups);
	life_begin(g, r, o->number, handle, e->epoch);
	handles_at(&e->handles, handle)->groups++;
	o->groups++;
	o->held++;
	groups_append(&e->groups, &o->queue, g);
	groups_link_pointer(&e->groups, by_pointer, g);
	groups_link_request(&e->groups, by_request, g);
	objects_outstanding(e, o, g, 1);

	remember_queued(o->judged, 1, 1);
	if (g->marks & MARK_ALONE)
		remember_alone(&e->judge, g);
	remember_no_ghost(&e->judge, o, r->group);
	if (!devices_seen_index(devices_at(&e->devices, device), r->grpid, e->epoch))
		devices_note_index(&e->devices, device, r->grpid, e->epoch);
	e->judge.partly |= !run->whole;
	return true;
}

/* Whether what was read is a group just as it was queued. */
static bool is_echo(const struct iopf_engine *e, const struct group *g,
		    const struct iopf_pgfault *f)
{
	const struct handle *h = handles_at(&e->handles, g->handle);

	return f->grpid == g->grpid && f->addr == g->addr && f->perm == g->perm &&
	       (f->flags & 0xff) == g->flags && !(f->flags & JUDGE_FLAG_INTERNAL) &&
	       f->flags & IOPF_PRQ_LAST_PAGE && f->dev_id == h->dev_id && !h->retired_ns &&
	       (f->pasid == g->pasid || !(f->flags & IOPF_PRQ_PASID_VALID)) && f->cookie &&
	       !f->reserved && !f->length;
}

/*
 * The group at the head of the queue, if just that was delivered, with a cookie that is nobody else's, and
 * where the chain of that cookie begins; else NULL.
 */
static inline __attribute__((always_inline)) struct group *
find_delivered(const struct run *run, const struct object *o, const struct iopf_pgfault *f,
	       uint32_t **by_cookie)
{
	const struct groups *gs = &run->e->groups;
	struct group *g = o->queue.head ? groups_at(gs, o->queue.head) : NULL;

	if (!g || g->state != STATE_QUEUED || g->epoch != run->e->epoch || g->pages != 1 ||
	    g->marks & MARK_SUSPECT || !is_echo(run->e, g, f) ||
	    !groups_index_has_room(&gs->by_cookie) ||
	    (run->whole && g->seq <= o->judged->newest_seq))
		return NULL;
	*by_cookie = groups_cookie_head(gs, o->number, f->cookie);
	return *groups_find_cookie(gs, *by_cookie, o->number, f->cookie) ? NULL : g;
}

/* Sets what a read told about the group that was delivered. */
static inline __attribute__((always_inline)) void deliver(struct run *run, struct object *o,
							  struct group *g, uint32_t *by_cookie,
							  const struct iopf_pgfault *f,
							  const struct delivery *d)
{
	struct iopf_engine *e = run->e;

	e->total.n[TALLY_DELIVERED]++;
	groups_unlink(&e->groups, &o->queue, g);
	g->state = GROUP_DELIVERED | settle_worth(e, g, d->deliver_ns) | (g->state & ~GROUP_QUEUED);
	g->enter_ns = d->enter_ns;
	g->deliver_ns = d->deliver_ns;
	g->reader = d->reader;
	g->cookie = f->cookie;
	groups_link_cookie(&e->groups, by_cookie, g);
	remember_seen(&e->judge, f);
	if (run->whole)
		remember_newest(e, o->judged, g, d->seq, d->deliver_ns, d->reader);
}

/* Whether something is open that deliveries may have to do with. */
static bool is_open(const struct iopf_engine *e, const struct object *o, uint64_t enter_ns)
{
	return !enter_ns || e->judge.findings.nr_pending || match_is_doubtful(e, o, enter_ns);
}

/* Takes a READ record of one group, the head of the queue. */
static bool take_read(struct run *run, const struct iopf_rec_read *r)
{
	struct iopf_engine *e = run->e;
	struct object *o = find_calm(run, r->object, r->object_id);
	struct delivery d = {
		.seq = r->h.seq,
		.enter_ns = r->enter_ns,
		.deliver_ns = r->h.time_ns,
	};
	uint32_t *by_cookie;
	struct group *g;

	if (!o || r->ret != sizeof(r->fault) || r->flags & IOPF_READ_UNREADABLE || !r->h.time_ns ||
	    is_open(e, o, r->enter_ns) || !is_quick(e, &r->h, r->enter_ns) ||
	    (run->whole && o->judged->records_read >= o->judged->pages_queued + o->judged->foreign))
		return false;
	g = find_delivered(run, o, &r->fault, &by_cookie);
	if (!g)
		return false;

	note_event(e, o, &r->h);
	e->total.n[TALLY_READS]++;
	o->judged->records_read++;
	d.reader = tasks_get(&e->tasks, r->h.tgid, r->h.tid);
	deliver(run, o, g, by_cookie, &r->fault, &d);
	return true;
}

/* A group was delivered by a read of several. */
bool fast_path_deliver(struct iopf_engine *e, struct object *o, const struct delivery *d,
		       const struct iopf_pgfault *f)
{
	struct run run = { .e = e };
	uint32_t *by_cookie;
	struct group *g;

	if (!e->fast || d->pages != 1 || !d->deliver_ns || !is_calm(&run, o) ||
	    is_open(e, o, d->enter_ns))
		return false;
	g = find_delivered(&run, o, f, &by_cookie);
	if (!g)
		return false;
	deliver(&run, o, g, by_cookie, f, d);
	o->judged->active_ns = e->last_ns;
	return true;
}

/* Whether the moments of a group that is answered are all known, and in order. */
static bool is_in_order(const struct group *g, uint64_t write_ns, uint64_t ack_ns)
{
	return g->state & GROUP_TIMED && g->report_ns && g->report_ns <= g->queue_ns &&
	       g->queue_ns <= g->deliver_ns && g->deliver_ns <= write_ns && write_ns <= ack_ns;
}

/* Whether no deadline of a group can have passed when it was answered. */
static bool is_in_time(const struct judge *j, const struct group *g, uint64_t write_ns)
{
	uint64_t answer = j->deadline_ns[IOPF_DEADLINE_ANSWER];
	uint64_t read = j->deadline_ns[IOPF_DEADLINE_READ];
	uint64_t took = write_ns - g->queue_ns;

	return (!answer || took <= answer) && (!read || took <= read);
}

/* Whether an answer is the one that a group must have: by its cookie, and told as it was given. */
static bool is_reply(const struct iopf_engine *e, const struct group *g,
		     const struct iopf_rec_response *r)
{
	const struct handle *h = handles_at(&e->handles, g->handle);

	return r->cookie && r->cookie == g->cookie && r->grpid == g->grpid && h->device &&
	       r->dev == devices_at(&e->devices, h->device)->address && !h->retired_ns &&
	       !h->gone && (r->pasid == g->pasid || !(g->flags & IOPF_PRQ_PASID_VALID)) &&
	       r->code <= IOPF_CODE_INVALID && !(r->flags & IOPF_RESPONSE_UNTOLD) &&
	       (!r->driver_calls || (r->driver_calls == 1 && r->driver_code == r->code));
}

/* A group that was answered, and the links to it. */
struct answered {
	struct group *g;
	uint32_t *by_pointer, *by_cookie;
};

/* Finds the group that was answered, if it is the only one with its memory and its cookie. */
static bool find_answered(const struct iopf_engine *e, const struct iopf_rec_response *r,
			  uint64_t ack_ns, struct answered *found)
{
	const struct groups *gs = &e->groups;
	struct group *g;

	found->by_pointer = groups_find_pointer(gs, groups_pointer_head(gs, r->group), r->group);
	found->g = g = groups_linked(gs, found->by_pointer);
	if (!g || *groups_find_pointer(gs, &g->next_by_pointer, r->group) ||
	    (g->state & ~(GROUP_TIMED | GROUP_SURE)) != STATE_DELIVERED || g->epoch != e->epoch ||
	    g->marks & (MARK_SUSPECT | MARK_UNWRITTEN) || g->pages != 1 ||
	    r->caller_ns < g->enter_ns || !is_reply(e, g, r) ||
	    !is_in_order(g, r->response_ns, ack_ns) || !is_in_time(&e->judge, g, r->response_ns))
		return false;
	found->by_cookie = groups_find_cookie(gs, groups_cookie_head(gs, g->object, g->cookie),
					      g->object, g->cookie);
	return *found->by_cookie == g->id &&
	       !*groups_find_cookie(gs, &g->next_by_cookie, g->object, g->cookie);
}

/* Whether values of all stages are counted without asking for memory, and the group is no slow one. */
static bool is_usual(const struct tally *t, const struct group *g, uint64_t total_ns)
{
	return t->stage[IOPF_STAGE_WAIT] && t->stage[IOPF_STAGE_SERVICE] &&
	       t->stage[IOPF_STAGE_ACK] && t->stage[IOPF_STAGE_TOTAL] &&
	       !slowest_wants(&t->slowest, total_ns, g->seq);
}

/* Counts the stages of a group but for route, which was counted when it was enqueued. */
static void count_stages(struct tally *t, const struct group *g, const struct answer *a)
{
	iopf_hist_add(&t->stage[IOPF_STAGE_WAIT]->hist, g->deliver_ns - g->queue_ns);
	iopf_hist_add(&t->stage[IOPF_STAGE_SERVICE]->hist, a->write_ns - g->deliver_ns);
	iopf_hist_add(&t->stage[IOPF_STAGE_ACK]->hist, a->ack_ns - a->write_ns);
	iopf_hist_add(&t->stage[IOPF_STAGE_TOTAL]->hist, a->ack_ns - g->report_ns);
}

/* Counts the answer of a group. */
static void count_answer(struct iopf_engine *e, struct object *o, const struct answer *a,
			 uint32_t task)
{
	struct tally *t = &e->total;

	o->events++;
	o->judged->pages_answered++;
	t->n[TALLY_WRITES] += tasks_new_write(&e->tasks, task, a->caller_ns);
	t->n[TALLY_SUCCESS + a->code]++;
	t->by[IOPF_BY_USER]++;
}

/* Lets a group go. */
static void drop(struct iopf_engine *e, struct object *o, const struct answered *found)
{
	struct group *g = found->g;

	objects_outstanding(e, o, g, -1);
	handles_at(&e->handles, g->handle)->groups--;
	groups_unlink_pointer(&e->groups, found->by_pointer, g);
	groups_unlink_cookie(&e->groups, found->by_cookie, g);
	groups_unindex_request(&e->groups, g);
	groups_release(&e->groups, g);
	o->held--;
}

/* Takes a RESPONSE record of a group that user space answered. */
static bool take_response(struct run *run, const struct iopf_rec_response *r)
{
	struct iopf_engine *e = run->e;
	uint64_t ack_ns = r->ack_ns ? r->ack_ns : r->h.time_ns;
	struct answered found;
	struct cookie_fate *fate;
	struct object *o;
	struct group *g;
	struct answer a;
	uint32_t task;

	if (!find_answered(e, r, ack_ns, &found))
		return false;
	g = found.g;
	o = core_object_of(e, g);
	if (r->object != o->address || !is_calm(run, o) || !(r->h.context & IOPF_CTX_WRITE) ||
	    !is_quick(e, &r->h, r->caller_ns) || !is_usual(&e->total, g, ack_ns - g->report_ns))
		return false;
	fate = remember_fate_of(e, o, r->cookie);
	if (!fate)
		return false;

	a = (struct answer){
		.write_ns = r->response_ns,
		.ack_ns = ack_ns,
		.caller_ns = r->caller_ns,
		.seq = r->h.seq,
		.cookie = r->cookie,
		.code = r->code,
		.tgid = r->h.tgid,
		.tid = r->h.tid,
		.by = IOPF_BY_USER,
		.certain = true,
		.fetched = true,
	};
	answers_compared(e, r);
	task = tasks_get(&e->tasks, a.tgid, a.tid);
	adopt_note_answered(e, r->group);
	o->judged->active_ns = r->h.time_ns;
	count_answer(e, o, &a, task);
	count_stages(&e->total, g, &a);
	remember_fate(e, o, fate, g, &a, a.cookie, task);
	remember_ghost(e, o, g, &a, r->group);
	drop(e, o, &found);
	return true;
}

/* Takes a record, if it is of a kind that this is for. */
static bool take(struct run *run, const struct iopf_rec *rec)
{
	switch (rec->type) {
	case IOPF_REC_ENQUEUE:
		return rec->size >= sizeof(struct iopf_rec_enqueue) &&
		       take_enqueue(run, (const void *)rec);
	case IOPF_REC_READ:
		return rec->size >= sizeof(struct iopf_rec_read) &&
		       take_read(run, (const void *)rec);
	case IOPF_REC_RESPONSE:
		return rec->size >= sizeof(struct iopf_rec_response) &&
		       take_response(run, (const void *)rec);
	default:
		return false;
	}
}

/* Takes records. */
size_t fast_path_take(struct iopf_engine *e, const struct iopf_rec **first, size_t nr)
{
	const struct iopf_rec *rec = *first;
	struct run run = { .e = e };
	uint64_t seq = e->next_seq;
	size_t n = 0;

	if (!e->fast)
		return 0;
	while (n < nr && rec->seq == seq && seq < UINT64_MAX && take(&run, rec)) {
		e->last_ns = rec->time_ns;
		rec = iopf_rec_next(rec);
		seq++;
		n++;
	}
	e->next_seq = seq;
	*first = rec;
	return n;
}
