/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A small model of the kernel's side: fault objects with queues and cookies, readers and writers,
 * detaching, destruction, failing copies, calls that overlap. It makes random legal histories, and
 * knows the truth about every group in them.
 *
 * What makes records late or uncertain in reality does so here: a read's records come some steps
 * after its copy, an enqueued group may take its place in the queue after another that was seen
 * later, cookies and pointers are used again at once, before the answer's record if that is late.
 */
#ifndef IOPFTRACE_TESTS_MODEL_H
#define IOPFTRACE_TESTS_MODEL_H

#include "history.h"

#define M_OBJECTS 3
#define M_DEVICES 6
#define M_TASKS 6
#define M_COOKIES 512
#define M_POINTERS 600
#define M_READS 8

/* What a history may have in it. */
struct m_opts {
	uint64_t seed;
	unsigned int steps;
	bool races; /* calls overlap */
	bool twins; /* groups may look alike */
	bool unreadable; /* buffers may be unreadable */
	bool before; /* there were groups before tracing began */
	bool kernel; /* the kernel answers, too */
	bool failures; /* copies and writes fail */
	bool scoped; /* only tasks 0 to 2 are of the scope */
	bool unacked; /* the driver is not told, so that records of answers are late */
};

struct m_group {
	struct h_group g;
	uint64_t seq, report_ns, queue_ns, deliver_ns, write_ns, ack_ns;
	uint32_t object; /* index of the incarnation: struct m_life */
	uint32_t device, code;
	enum iopf_responder by;
	bool before, delivered, counted;
};

/* One incarnation of an object, and what is true of it. */
struct m_life {
	uint64_t address;
	uint32_t id;
	bool in_scope;
	uint64_t reads, failed_reads, writes, failed_writes, rejected;
};

struct m_object {
	uint32_t life;
	uint32_t queue[M_POINTERS]; /* groups, by index plus one */
	uint32_t nr_queue;
	uint32_t cookie[M_COOKIES]; /* the group that has it, plus one */
	uint32_t seen[8]; /* enqueued, but not in the queue yet */
	uint32_t nr_seen;
};

/* A read that has copied and not returned. */
struct m_read {
	bool used, unreadable;
	uint32_t object, task, nr, done, delay;
	uint64_t enter_ns, exit_ns, seq;
	uint32_t group[64], nr_groups, told; /* of which @told are seen to be delivered */
	struct iopf_pgfault fault[160];
};

/* An answer of which the record has still to come, from the task that gave it. */
struct m_late {
	bool used;
	uint32_t delay, group, context, tgid, tid;
	struct iopf_rec_response r;
};

struct model {
	struct m_opts opts;
	struct history *h;
	uint64_t random_state, now, addr;
	struct m_object object[M_OBJECTS];
	struct m_life *life;
	uint32_t nr_lives;
	struct m_group *group;
	uint32_t nr_groups, max_groups;
	uint64_t pointer[M_POINTERS]; /* free ones */
	uint32_t nr_pointers;
	struct m_read read[M_READS];
	struct m_late late[M_TASKS];
	uint64_t outstanding, outstanding_max;
	uint64_t reported[M_DEVICES], partial[M_DEVICES], aborted[M_DEVICES];
};

/* A random number below @n. */
static inline uint32_t m_random(struct model *m, uint32_t n)
{
	m->random_state ^= m->random_state << 13;
	m->random_state ^= m->random_state >> 7;
	m->random_state ^= m->random_state << 17;
	return (uint32_t)((m->random_state >> 20) % n);
}

/* Whether something happens that does so once in @n times. */
static inline bool m_one_in(struct model *m, uint32_t n)
{
	return !m_random(m, n);
}

/* Lets some time pass. */
static inline uint64_t m_pass(struct model *m)
{
	m->now += 1 + m_random(m, 3000);
	return m->now;
}

/* The task @task acts: two threads in each of three processes. */
static inline void m_act(struct model *m, uint32_t task)
{
	h_task(m->h, 100 + task / 2 + (task >= 3 ? 100 : 0), 1000 + task);
}

/* The acting task uses an object in a way that counts for the scope. */
static inline struct m_life *m_use(struct model *m, uint32_t object, uint32_t task)
{
	struct m_life *life = &m->life[m->object[object].life];

	m_act(m, task);
	m->h->object_id = life->id;
	life->in_scope |= task < 3;
	return life;
}

/* A task for an object: of the scope, not of it, or any, depending on the object. */
static inline uint32_t m_task_for(struct model *m, uint32_t object)
{
	return object == 0 ? m_random(m, 3) :
	       object == 1 ? 3 + m_random(m, 3) :
			     m_random(m, M_TASKS);
}

/* An object begins a new life at an address that was just free, or at another. */
static inline void m_begin_life(struct model *m, uint32_t object, bool told)
{
	struct m_object *o = &m->object[object];
	uint32_t task = m_task_for(m, object);

	m->life = realloc(m->life, (m->nr_lives + 1) * sizeof(*m->life));
	assert_non_null(m->life);
	m->life[m->nr_lives] = (struct m_life){
		.address = 0xffff888000000000ULL + object * 0x400 + m_random(m, 2) * 0x10000,
		.id = 2 + m_random(m, 3),
		.in_scope = !m->opts.scoped,
	};
	memset(o, 0, sizeof(*o));
	o->life = m->nr_lives++;
	if (!told)
		return;
	m_use(m, object, task);
	h_alloc(m->h, m->life[o->life].address);
}

/* A new group, with what the device reports of it. */
static inline uint32_t m_new_group(struct model *m, uint32_t object, bool before)
{
	struct m_group *g;
	uint32_t device = object * 2 + m_random(m, 2);

	if (m->nr_groups == m->max_groups) {
		m->max_groups = m->max_groups ? m->max_groups * 2 : 1024;
		m->group = realloc(m->group, m->max_groups * sizeof(*m->group));
		assert_non_null(m->group);
	}
	g = &m->group[m->nr_groups];
	memset(g, 0, sizeof(*g));
	g->g = h_group(m_random(m, 16));
	g->g.pointer = m->pointer[--m->nr_pointers];
	g->g.object = m->life[m->object[object].life].address;
	g->g.dev = H_DEVICE + device * 0x800;
	g->g.dev_id = 10 + device;
	g->g.pasid = m_random(m, 3);
	g->g.cookie = 0;
	g->g.addr = m->opts.twins ? 0x1000 * m_random(m, 2) : m->addr++ << 12;
	g->g.pages = m_one_in(m, 8) ? 1 + m_random(m, 20) : 1;
	if (m->opts.twins) {
		g->g.grpid = m_random(m, 2);
		g->g.pasid = 1;
		g->g.pages = 1;
	}
	g->device = device;
	g->object = m->object[object].life;
	g->before = before;
	return m->nr_groups++;
}

/* Groups that were seen take their places in the queue, in any order. */
static inline void m_settle(struct model *m, struct m_object *o)
{
	while (o->nr_seen) {
		uint32_t i = m_random(m, o->nr_seen);

		o->queue[o->nr_queue++] = o->seen[i];
		o->seen[i] = o->seen[--o->nr_seen];
	}
}

/* A group is outstanding from now on, as far as can be seen. */
static inline void m_count(struct model *m, struct m_group *g)
{
	g->counted = true;
	m->outstanding++;
	if (m->outstanding > m->outstanding_max)
		m->outstanding_max = m->outstanding;
}

/* A device reports a group. */
static inline void m_enqueue(struct model *m, uint32_t object)
{
	struct m_object *o = &m->object[object];
	struct m_group *g;
	uint32_t index;

	if (m->nr_pointers < 8 || o->nr_queue > M_COOKIES / 4)
		return;
	index = m_new_group(m, object, false);
	g = &m->group[index];
	m_act(m, m_random(m, M_TASKS)); /* an interrupt thread: any */
	m->h->object_id = m->life[o->life].id;
	g->report_ns = m_pass(m);
	g->queue_ns = m_pass(m);
	g->seq = m->h->seq;
	h_enqueue(m->h, &g->g, g->report_ns, g->queue_ns);
	m_count(m, g);
	o->seen[o->nr_seen++] = index + 1;
	if (!m->opts.races || o->nr_seen == 4 || !m_one_in(m, 4))
		m_settle(m, o);
}

/* The cookie a group gets: the lowest that is free. */
static inline uint32_t m_new_cookie(struct m_object *o, uint32_t group)
{
	uint32_t cookie = 1;

	while (o->cookie[cookie])
		cookie++;
	o->cookie[cookie] = group + 1;
	return cookie;
}

/* A read tells of its records, all or some; of which groups follows. */
static inline void m_tell(struct model *m, struct m_read *r)
{
	struct m_life *life = m_use(m, r->object, r->task);
	uint32_t pages = 0, nr = r->nr - r->done;

	life->reads += !r->done;
	if (r->unreadable) {
		r->exit_ns = m_pass(m);
		h_read_result(m->h, life->address, r->enter_ns, r->exit_ns,
			      r->nr * (int64_t)sizeof(*r->fault), IOPF_READ_UNREADABLE);
		r->done = r->nr;
	} else if (!r->done) {
		struct iopf_rec_read rec = {
			.enter_ns = r->enter_ns,
			.object = life->address,
			.ret = (int64_t)(r->nr * sizeof(*r->fault)),
			.object_id = life->id,
			.fault = r->fault[0],
		};

		r->seq = m->h->seq;
		r->exit_ns = m_pass(m);
		H_PUT(m->h, rec, IOPF_REC_READ, r->exit_ns, IOPF_CTX_READ);
		r->done = 1;
	} else {
		struct iopf_rec_read_more rec = {
			.object = life->address,
			.seq_of_read = r->seq,
			.first = r->done,
		};

		rec.nr = nr < IOPF_FAULTS_PER_REC ? nr : IOPF_FAULTS_PER_REC;
		memcpy(rec.fault, &r->fault[r->done], rec.nr * sizeof(*r->fault));
		H_PUT(m->h, rec, IOPF_REC_READ_MORE, m_pass(m), IOPF_CTX_READ);
		r->done += rec.nr;
	}
	for (uint32_t i = 0; i < r->nr_groups; i++) {
		struct m_group *g = &m->group[r->group[i]];

		pages += g->g.pages;
		if (i < r->told || pages > r->done)
			continue;
		r->told++;
		g->delivered = true;
		g->deliver_ns = r->exit_ns;
		if (g->before && !g->write_ns && !g->ack_ns) {
			g->seq = r->seq;
			m_count(m, g);
		}
	}
	r->used = r->done < r->nr;
}

/* A read returns, with all its records. */
static inline void m_return(struct model *m, struct m_read *r)
{
	while (r->used)
		m_tell(m, r);
}

/* The record of a late answer comes. */
static inline void m_flush(struct model *m, uint32_t task)
{
	struct m_late *late = &m->late[task];
	struct m_group *g;

	if (!late->used)
		return;
	late->used = false;
	g = &m->group[late->group];
	if (g->before && !g->counted)
		g->seq = m->h->seq;
	g->ack_ns = m_pass(m);
	h_task(m->h, late->tgid, late->tid);
	H_PUT(m->h, late->r, IOPF_REC_RESPONSE, g->ack_ns, late->context);
}

/* A task reads an object. */
static inline void m_read(struct model *m, uint32_t object)
{
	struct m_object *o = &m->object[object];
	struct m_life *life = &m->life[o->life];
	struct m_read *r = &m->read[m_random(m, M_READS)];
	uint32_t room = m_one_in(m, 3) ? 1 + m_random(m, 140) : 24, taken = 0;
	uint32_t task = m_task_for(m, object);
	uint32_t fail_at = m->opts.failures && m_one_in(m, 5) ? m_random(m, 4) : UINT32_MAX;
	bool failed = false;

	if (r->used)
		m_return(m, r);
	if (!o->nr_queue) {
		m->h->run.empty_reads++; /* counted, not recorded */
		return;
	}
	memset(r, 0, sizeof(*r));
	m_flush(m, task);
	r->object = object;
	r->task = task;
	r->enter_ns = m_pass(m);
	m_pass(m);
	while (taken < o->nr_queue && r->nr_groups < 64) {
		struct m_group *g = &m->group[o->queue[taken] - 1];

		if (r->nr + g->g.pages > room)
			break;
		g->g.cookie = m_new_cookie(o, o->queue[taken] - 1);
		if (taken == fail_at) { /* goes back, with the cookie still on it */
			o->cookie[g->g.cookie] = 0;
			failed = true;
			break;
		}
		for (uint32_t page = 0; page < g->g.pages; page++)
			r->fault[r->nr++] = h_fault(&g->g, page);
		r->group[r->nr_groups++] = o->queue[taken++] - 1;
	}
	memmove(o->queue, o->queue + taken, (o->nr_queue - taken) * sizeof(*o->queue));
	o->nr_queue -= taken;
	if (!taken) {
		m_use(m, object, task);
		life->reads++;
		life->failed_reads++;
		h_read_result(m->h, life->address, r->enter_ns, m_pass(m), failed ? -14 : -22, 0);
		return;
	}
	r->used = true;
	r->unreadable = m->opts.unreadable && m_one_in(m, 3);
	r->delay = m->opts.races ? m_random(m, 12) : 0;
	if (!r->delay)
		m_return(m, r);
}

/* Reads that are inside come nearer to their return, and late answers to their records. */
static inline void m_progress(struct model *m)
{
	for (uint32_t task = 0; task < M_TASKS; task++) {
		if (m->late[task].used && !m->late[task].delay--)
			m_flush(m, task);
	}
	for (int i = 0; i < M_READS; i++) {
		struct m_read *r = &m->read[i];

		if (!r->used)
			continue;
		if (r->delay)
			r->delay--;
		else
			m_tell(m, r);
	}
}

/* A group is answered by @by in @context, and its memory freed. */
static inline void m_answer(struct model *m, uint32_t task, struct m_group *g,
			    enum iopf_responder by, uint32_t context, uint32_t code,
			    uint64_t caller_ns)
{
	struct iopf_rec_response r = {
		.caller_ns = caller_ns,
		.group = g->g.pointer,
		.object = by == IOPF_BY_UNKNOWN ? 0 : g->g.object,
		.dev = g->g.dev,
		.cookie = g->g.cookie,
		.code = code,
		.pasid = g->g.pasid,
		.grpid = g->g.grpid,
	};

	m_flush(m, task);
	m_act(m, task);
	g->by = by;
	g->code = code;
	g->write_ns = m_pass(m);
	if (g->counted)
		m->outstanding--;
	m->pointer[m->nr_pointers++] = g->g.pointer;
	r.response_ns = g->write_ns;
	if (m->opts.unacked && !(context & IOPF_CTX_QREMOVE)) {
		m->late[task] = (struct m_late){
			.used = true,
			.delay = 1 + m_random(m, 8),
			.group = g - m->group,
			.context = context,
			.tgid = m->h->tgid,
			.tid = m->h->tid,
			.r = r,
		};
		return;
	}
	g->ack_ns = m_pass(m);
	if (g->before && !g->counted)
		g->seq = m->h->seq;
	if (context & IOPF_CTX_QREMOVE) {
		g->write_ns = 0;
		h_queue_removal(m->h, &g->g, g->ack_ns);
		return;
	}
	r.ack_ns = g->ack_ns;
	H_PUT(m->h, r, IOPF_REC_RESPONSE, m_pass(m), context);
}

/* A task writes answers to some groups of an object, and perhaps nonsense after them. */
static inline void m_write(struct model *m, uint32_t object)
{
	struct m_object *o = &m->object[object];
	struct m_life *life = &m->life[o->life];
	uint32_t task = m_task_for(m, object), wanted = 1 + m_random(m, 5), answered = 0;
	uint64_t enter_ns = m_pass(m);
	bool fails = m->opts.failures && m_one_in(m, 4), copy_fails = m_one_in(m, 3);

	m_flush(m, task);
	for (uint32_t try = 0; try < 40 && answered < wanted; try++) {
		uint32_t cookie = 1 + m_random(m, try < 20 ? 8 : M_COOKIES - 1);
		uint32_t group = o->cookie[cookie];

		if (!group)
			continue;
		m_use(m, object, task);
		o->cookie[cookie] = 0;
		answered++;
		m_answer(m, task, &m->group[group - 1], IOPF_BY_USER, IOPF_CTX_WRITE,
			 m_one_in(m, 4) ? IOPF_CODE_INVALID : IOPF_CODE_SUCCESS, enter_ns);
	}
	life->writes += answered || fails;
	if (!m->opts.races || fails)
		m_flush(m, task);
	if (!fails)
		return;
	m_use(m, object, task);
	life->failed_writes++;
	life->rejected += !copy_fails;
	h_write(m->h, life->address, (answered + 1) * 8,
		answered   ? (int64_t)answered * 8 :
		copy_fails ? -14 :
			     -22,
		answered, !copy_fails);
}

/* The kernel answers all groups of an object that are of @device (or any: M_DEVICES). */
static inline void m_answer_all(struct model *m, uint32_t object, uint32_t device,
				enum iopf_responder by, uint32_t context)
{
	struct m_object *o = &m->object[object];
	uint32_t kept = 0, task = m_random(m, M_TASKS);
	uint64_t enter_ns;

	m_flush(m, task);
	enter_ns = m_pass(m);
	for (uint32_t i = 0; i < o->nr_queue; i++) {
		struct m_group *g = &m->group[o->queue[i] - 1];

		/* Of queue removal, what began before is not known to be iommufd's. */
		if ((device < M_DEVICES && g->device != device) ||
		    (g->before && by == IOPF_BY_QREMOVE))
			o->queue[kept++] = o->queue[i];
		else
			m_answer(m, task, g, by, context, IOPF_CODE_INVALID, enter_ns);
	}
	o->nr_queue = kept;
	if (by == IOPF_BY_QREMOVE)
		return;
	for (uint32_t cookie = 1; cookie < M_COOKIES; cookie++) {
		uint32_t group = o->cookie[cookie];

		if (!group || (device < M_DEVICES && m->group[group - 1].device != device))
			continue;
		o->cookie[cookie] = 0;
		m_answer(m, task, &m->group[group - 1], by, context, IOPF_CODE_INVALID, enter_ns);
	}
	if (!m->opts.races || by == IOPF_BY_DESTROY)
		m_flush(m, task);
}

/* The kernel does something of its own with an object. */
static inline void m_kernel(struct model *m, uint32_t object)
{
	uint32_t device = object * 2 + m_random(m, 2);

	switch (m_random(m, 4)) {
	case 0:
		m_answer_all(m, object, device, IOPF_BY_DETACH, IOPF_CTX_AUTO);
		break;
	case 1:
		if (!m->opts.twins)
			m_answer_all(m, object, device, IOPF_BY_QREMOVE, IOPF_CTX_QREMOVE);
		break;
	case 2:
		m_answer_all(m, object, device, IOPF_BY_DETACH, IOPF_CTX_AUTO | IOPF_CTX_RESPONSE);
		break;
	case 3: /* goes, and another comes */
		for (int i = 0; i < M_READS; i++) {
			if (m->read[i].used && m->read[i].object == object)
				m_return(m, &m->read[i]);
		}
		for (uint32_t task = 0; task < M_TASKS; task++)
			m_flush(m, task);
		m_settle(m, &m->object[object]);
		m_answer_all(m, object, M_DEVICES, IOPF_BY_DESTROY, IOPF_CTX_DESTROY);
		m->h->object_id = m->life[m->object[object].life].id;
		h_destroy(m->h, m->life[m->object[object].life].address);
		m_begin_life(m, object, true);
		break;
	}
}

/* A report that becomes no group. */
static inline void m_report(struct model *m, uint32_t device)
{
	struct h_group g = h_group(0x7777);
	uint64_t dev = H_DEVICE + device * 0x800;

	g.dev = dev;
	switch (m_random(m, 4)) {
	case 0:
		m->partial[device]++;
		h_report(m->h, m_pass(m), dev, 0, 0, 0);
		break;
	case 1:
		m->reported[device]++;
		h_report(m->h, m_pass(m), dev, IOPF_PRQ_LAST_PAGE, -22, IOPF_REPORT_ANSWERED);
		break;
	case 2:
		m->reported[device]++;
		m->aborted[device]++;
		h_respond(m->h, &g, m_pass(m), 0, IOPF_CODE_FAILURE, IOPF_CTX_REPORT, 0);
		h_report(m->h, m_pass(m), dev, IOPF_PRQ_LAST_PAGE, 0, IOPF_REPORT_ANSWERED);
		break;
	case 3: /* somebody else's */
		h_respond(m->h, &g, m_pass(m), 0, IOPF_CODE_SUCCESS, 0, 0);
		h_report(m->h, m_pass(m), dev, IOPF_PRQ_LAST_PAGE, 0, IOPF_REPORT_SVA);
		break;
	}
}

/* The groups there are when tracing begins: some in the queue, some with user space. */
static inline void m_start_in_the_middle(struct model *m, uint32_t object)
{
	struct m_object *o = &m->object[object];

	for (uint32_t i = m_random(m, 12); i--;) {
		uint32_t group = m_new_group(m, object, true);

		if (m_one_in(m, 2))
			m->group[group].g.cookie = m_new_cookie(o, group);
		else
			o->queue[o->nr_queue++] = group + 1;
	}
}

/* Makes a random history. */
static inline struct model *m_new(const struct m_opts *opts)
{
	static const uint32_t roots[] = { 100, 101 };
	struct model *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	m->opts = *opts;
	m->h = h_new();
	if (opts->scoped) {
		m->h->opts.roots = roots;
		m->h->opts.nr_roots = 2;
	}
	m->random_state = opts->seed * 0x9e3779b97f4a7c15ULL + 1;
	m->now = 1000000;
	m->addr = 0x100;
	for (uint32_t i = 0; i < M_POINTERS; i++)
		m->pointer[m->nr_pointers++] = 0xffff888300000000ULL + i * 192;
	for (uint32_t i = 0; i < M_OBJECTS; i++) {
		m_begin_life(m, i, !opts->before);
		if (opts->before)
			m_start_in_the_middle(m, i);
	}
	for (unsigned int step = 0; step < opts->steps; step++) {
		uint32_t object = m_random(m, M_OBJECTS), what = m_random(m, 100);

		m_progress(m);
		if (what < 40)
			m_enqueue(m, object);
		else if (what < 60)
			m_read(m, object);
		else if (what < 90)
			m_write(m, object);
		else if (what < 95)
			m_report(m, m_random(m, M_DEVICES));
		else if (opts->kernel && what < 97)
			m_kernel(m, object);
		else if (m_one_in(m, 2))
			m_settle(m, &m->object[object]);
	}
	for (uint32_t task = 0; task < M_TASKS; task++)
		m_flush(m, task);
	return m;
}

/* Everything is read and answered. */
static inline void m_drain(struct model *m)
{
	for (uint32_t object = 0; object < M_OBJECTS; object++) {
		struct m_object *o = &m->object[object];

		m_settle(m, o);
		while (o->nr_queue)
			m_read(m, object);
		for (uint32_t cookie = 1; cookie < M_COOKIES; cookie++) {
			while (o->cookie[cookie])
				m_write(m, object);
		}
	}
	for (int i = 0; i < M_READS; i++)
		m_return(m, &m->read[i]);
	for (uint32_t task = 0; task < M_TASKS; task++)
		m_flush(m, task);
}

static inline void m_free(struct model *m)
{
	h_free(m->h);
	free(m->life);
	free(m->group);
	free(m);
}

#endif /* IOPFTRACE_TESTS_MODEL_H */
