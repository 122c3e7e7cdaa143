/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A steady load as a VMM makes it, for what depends on how records look: groups of one page from
 * two devices, reported by their interrupt threads at random times, read by one thread, answered in
 * another order by four. Pointers, cookies and group indexes are given out as the kernel does it.
 */
#ifndef IOPFTRACE_TESTS_STEADY_H
#define IOPFTRACE_TESTS_STEADY_H

/*
 * Of thousands of cases that are alike, sanitizers take one in so many, and of hundreds more of them. An
 * engine costs them twenty times as much: its tables are mapped, cleared and unmapped each time.
 */
#ifdef SANITIZED
#define STEADY_STEP 37
#define STEADY_STEP_OF_HUNDREDS 7
#else
#define STEADY_STEP 1
#define STEADY_STEP_OF_HUNDREDS 1
#endif

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "iopftrace/event.h"

#define STEADY_WAITING 512 /* groups at one time, at most */
#define STEADY_DEVICES 2
#define STEADY_WORKERS 4

/* One group that is outstanding. */
struct steady_group {
	uint64_t pointer, addr, queue_ns, answer_ns;
	uint32_t device, grpid, cookie, perm;
	bool read;
};

struct steady {
	uint64_t random;
	uint64_t seq, now_ns, reader_ns;
	uint32_t grpid[STEADY_DEVICES];
	uint64_t slab[STEADY_WAITING]; /* free groups, the last one freed on top */
	size_t free;
	bool cookie[STEADY_WAITING + 1]; /* in use */
	struct steady_group group[STEADY_WAITING]; /* oldest first */
	size_t groups;
	uint64_t arrival_ns; /* of the next group */
};

union steady_rec {
	struct iopf_rec h;
	struct iopf_rec_enqueue enqueue;
	struct iopf_rec_read read;
	struct iopf_rec_response response;
};

static inline uint64_t steady_random(struct steady *s)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return s->random;
}

/* Between 0 and 1, neither of them. */
static inline double steady_uniform(struct steady *s)
{
	return ((double)(steady_random(s) >> 12) + 0.5) / 4503599627370496.0;
}

/* Times as they come: most near the median, some many times as long. */
static inline uint64_t steady_time(struct steady *s, double median_ns, double spread)
{
	double u = steady_uniform(s), v = steady_uniform(s);

	return (uint64_t)(median_ns * exp(spread * sqrt(-2 * log(u)) * cos(6.283185307 * v)));
}

static inline uint64_t steady_gap(struct steady *s, double mean_ns)
{
	return 1 + (uint64_t)(-mean_ns * log(steady_uniform(s)));
}

static inline void steady_begin(struct steady *s, uint64_t seed)
{
	*s = (struct steady){ .random = seed * 2 + 1, .now_ns = 86400000000000ULL };
	/* 21 groups of 192 bytes to a page of a slab; pages are anywhere. */
	for (size_t i = 0; i < STEADY_WAITING; i++) {
		if (i % 21 == 0)
			s->slab[i] = 0xffff888000000000ULL + (steady_random(s) % (1 << 22)) * 4096;
		else
			s->slab[i] = s->slab[i - 1] + 192;
	}
	s->free = STEADY_WAITING;
	s->arrival_ns = s->now_ns + 1000;
}

static inline void steady_head(struct steady *s, union steady_rec *r, uint16_t type, uint16_t size,
			       uint32_t context, uint32_t tgid, uint32_t tid)
{
	r->h = (struct iopf_rec){ s->seq++, s->now_ns, type, size, context, tgid, tid };
}

static inline void steady_enqueue(struct steady *s, union steady_rec *r)
{
	uint32_t device = (uint32_t)(steady_random(s) % STEADY_DEVICES);
	struct steady_group g = {
		.pointer = s->slab[--s->free],
		.addr = 0x7f1200000000ULL + (steady_random(s) % (1 << 21)) * 4096,
		.queue_ns = s->arrival_ns,
		.device = device,
		.grpid = s->grpid[device]++ % 512,
		.perm = 1 + (steady_random(s) % 4 == 0),
	};

	if (g.queue_ns < s->now_ns)
		g.queue_ns = s->now_ns;
	s->now_ns = g.queue_ns;
	*r = (union steady_rec){ .h = { 0 } };
	steady_head(s, r, IOPF_REC_ENQUEUE, sizeof(r->enqueue), IOPF_CTX_REPORT, 1400 + device,
		    1400 + device);
	r->enqueue.report_ns = s->now_ns - steady_time(s, 1000, 0.4);
	r->enqueue.group = g.pointer;
	r->enqueue.object = 0xffff88810a4c2c00ULL;
	r->enqueue.handle = 0xffff888104d1a0c0ULL + device * 0x3a40;
	r->enqueue.dev = 0xffff8881036130c8ULL + device * 0x22000;
	r->enqueue.addr = g.addr;
	r->enqueue.object_id = 4;
	r->enqueue.dev_id = 2 + device;
	r->enqueue.pasid = 5;
	r->enqueue.grpid = g.grpid;
	r->enqueue.perm = g.perm;
	r->enqueue.flags = IOPF_PRQ_PASID_VALID | IOPF_PRQ_LAST_PAGE;
	r->enqueue.pages = 1;
	r->enqueue.order = steady_random(s) % 8 ? IOPF_ENQUEUE_ALONE : 0;
	s->group[s->groups++] = g;
	s->arrival_ns = s->now_ns + steady_gap(s, 12000);
}

static inline void steady_read(struct steady *s, union steady_rec *r, struct steady_group *g)
{
	s->now_ns = s->reader_ns;
	for (g->cookie = 1; s->cookie[g->cookie]; g->cookie++)
		;
	s->cookie[g->cookie] = true;
	g->read = true;
	g->answer_ns = s->now_ns + steady_time(s, 94000, 0.8);
	*r = (union steady_rec){ .h = { 0 } };
	steady_head(s, r, IOPF_REC_READ, sizeof(r->read), IOPF_CTX_READ, 2210, 2214);
	r->read.enter_ns = s->now_ns - steady_time(s, 900, 0.3);
	r->read.object = 0xffff88810a4c2c00ULL;
	r->read.count = 40;
	r->read.ret = 40;
	r->read.object_id = 4;
	r->read.flags = IOPF_READ_NOT_EMPTY;
	r->read.fault = (struct iopf_pgfault){
		.flags = IOPF_PRQ_PASID_VALID | IOPF_PRQ_LAST_PAGE,
		.dev_id = 2 + g->device,
		.pasid = 5,
		.grpid = g->grpid,
		.perm = g->perm,
		.addr = g->addr,
		.cookie = g->cookie,
	};
	s->reader_ns = 0;
}

static inline void steady_answer(struct steady *s, union steady_rec *r, size_t n)
{
	struct steady_group g = s->group[n];
	uint32_t worker = 2215 + (uint32_t)(steady_random(s) % STEADY_WORKERS);

	s->groups--;
	for (; n < s->groups; n++)
		s->group[n] = s->group[n + 1];
	s->now_ns = g.answer_ns;
	s->cookie[g.cookie] = false;
	s->slab[s->free++] = g.pointer;
	*r = (union steady_rec){ .h = { 0 } };
	steady_head(s, r, IOPF_REC_RESPONSE, sizeof(r->response), IOPF_CTX_WRITE, 2210, worker);
	r->response.ack_ns = s->now_ns;
	r->response.response_ns = s->now_ns - steady_time(s, 1200, 0.4);
	r->response.caller_ns = r->response.response_ns - steady_time(s, 300, 0.3);
	r->response.group = g.pointer;
	r->response.object = 0xffff88810a4c2c00ULL;
	r->response.dev = 0xffff8881036130c8ULL + g.device * 0x22000;
	r->response.cookie = g.cookie;
	r->response.code = steady_random(s) % 500 == 0;
	r->response.pasid = 5;
	r->response.grpid = g.grpid;
	r->response.driver_calls = 1;
	r->response.driver_code = r->response.code;
}

/* The next record; it is never the last one. */
static inline const struct iopf_rec *steady_next(struct steady *s, union steady_rec *r)
{
	struct steady_group *unread = NULL, *done = NULL;
	uint64_t arrival_ns;

	for (size_t i = 0; i < s->groups; i++) {
		struct steady_group *g = &s->group[i];

		if (!g->read && !unread)
			unread = g;
		if (g->read && (!done || g->answer_ns < done->answer_ns))
			done = g;
	}
	if (unread && !s->reader_ns)
		s->reader_ns = (s->now_ns > unread->queue_ns ? s->now_ns : unread->queue_ns) +
			       steady_time(s, 3000, 0.6);
	/* With as many groups as there can be, the device waits. */
	arrival_ns = s->free ? s->arrival_ns : UINT64_MAX;
	if (done && done->answer_ns < arrival_ns && (!unread || done->answer_ns < s->reader_ns)) {
		steady_answer(s, r, (size_t)(done - s->group));
	} else if (unread && s->reader_ns < arrival_ns) {
		steady_read(s, r, unread);
	} else {
		steady_enqueue(s, r);
	}
	return &r->h;
}

#endif /* IOPFTRACE_TESTS_STEADY_H */
