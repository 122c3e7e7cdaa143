/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A builder of histories for the engine's tests: write down what happened, then ask for the report.
 *
 * Records get their sequence numbers in the order they are written down. Times are given by the
 * caller, so a test reads like a timetable. h_lose() leaves numbers out. Whoever acts is set by
 * h_task() and stays until changed.
 */
#ifndef IOPFTRACE_TESTS_HISTORY_H
#define IOPFTRACE_TESTS_HISTORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "iopftrace/engine.h"

/* A group as a test sees it. */
struct h_group {
	uint64_t pointer, object, dev, addr;
	uint32_t dev_id, pasid, grpid, perm, flags, pages;
	uint32_t cookie; /* that the kernel gives it when it is read */
};

struct history {
	struct iopf_engine_opts opts;
	struct iopf_run run;
	char *bytes; /* the records, one after the other */
	size_t nr_bytes, max_bytes;
	uint64_t seq; /* of the next record */
	uint64_t last_ns; /* time of the last one */
	uint32_t tgid, tid;
	uint32_t object_id; /* given in records that have one; 0 = unknown */
	struct iopf_report *report;
};

#define H_OBJECT 0xffff888100000400ULL
#define H_OBJECT2 0xffff888100000800ULL
#define H_DEVICE 0xffff888200000000ULL
#define H_DEVICE2 0xffff888200001000ULL
#define H_TGID 1000

/* An empty history. */
static inline struct history *h_new(void)
{
	struct history *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	h->tgid = H_TGID;
	h->tid = H_TGID;
	h->run.version = "test";
	h->run.kernel = "6.12";
	return h;
}

static inline void h_free(struct history *h)
{
	iopf_report_free(h->report);
	free(h->bytes);
	free(h);
}

/* A test that is given an empty history. */
#define H_TEST(test) cmocka_unit_test_setup_teardown(test, h_setup, h_teardown)

static inline int h_setup(void **state)
{
	*state = h_new();
	return 0;
}

static inline int h_teardown(void **state)
{
	h_free(*state);
	return 0;
}

/* Who acts from now on. */
static inline void h_task(struct history *h, uint32_t tgid, uint32_t tid)
{
	h->tgid = tgid;
	h->tid = tid;
}

/* Group number @n: all that identifies it depends on @n. */
static inline struct h_group h_group(uint32_t n)
{
	return (struct h_group){
		.pointer = 0xffff888300000000ULL + n * 0x100,
		.object = H_OBJECT,
		.dev = H_DEVICE,
		.addr = 0x7f0000000000ULL + n * 0x1000ULL,
		.dev_id = 3,
		.pasid = 5,
		.grpid = n,
		.perm = 1,
		.flags = IOPF_PRQ_PASID_VALID | IOPF_PRQ_LAST_PAGE,
		.pages = 1,
		.cookie = n,
	};
}

/* Appends a record of any kind: fills in the header. Time 0 is that of the record before. */
static inline void h_put(struct history *h, void *record, size_t size, uint16_t type,
			 uint64_t time_ns, uint32_t context)
{
	struct iopf_rec *rec = record;
	size_t room = (size + 7) & ~(size_t)7;

	if (h->nr_bytes + room > h->max_bytes) {
		h->max_bytes = 2 * (h->max_bytes + room);
		h->bytes = realloc(h->bytes, h->max_bytes);
		assert_non_null(h->bytes);
	}
	h->last_ns = time_ns ? time_ns : h->last_ns;
	rec->seq = h->seq++;
	rec->time_ns = h->last_ns;
	rec->type = type;
	rec->size = (uint16_t)size;
	rec->context = context;
	rec->tgid = h->tgid;
	rec->tid = h->tid;
	memcpy(h->bytes + h->nr_bytes, rec, size);
	h->nr_bytes += room;
}

#define H_PUT(h, rec, type, time_ns, context) h_put(h, &(rec), sizeof(rec), type, time_ns, context)

/* Records are lost here. */
static inline void h_lose(struct history *h, uint64_t records)
{
	h->seq += records;
}

/* A request that became no group: not the last of one, or refused. */
static inline void h_report(struct history *h, uint64_t report_ns, uint64_t dev, uint32_t flags,
			    int32_t ret, uint32_t seen)
{
	struct iopf_rec_report r = {
		.report_ns = report_ns,
		.dev = dev,
		.flags = flags,
		.ret = ret,
		.seen = seen,
	};

	H_PUT(h, r, IOPF_REC_REPORT, report_ns + 10, IOPF_CTX_REPORT);
}

/* A group is reported and enters its object. */
static inline void h_enqueue(struct history *h, const struct h_group *g, uint64_t report_ns,
			     uint64_t queue_ns)
{
	struct iopf_rec_enqueue r = {
		.report_ns = report_ns,
		.group = g->pointer,
		.object = g->object,
		.handle = 0xffff888400000000ULL,
		.dev = g->dev,
		.addr = g->addr,
		.object_id = h->object_id,
		.dev_id = g->dev_id,
		.pasid = g->pasid,
		.grpid = g->grpid,
		.perm = g->perm,
		.flags = g->flags,
		.pages = g->pages,
	};

	H_PUT(h, r, IOPF_REC_ENQUEUE, queue_ns, IOPF_CTX_REPORT);
}

/* What user space gets of one page of a group. */
static inline struct iopf_pgfault h_fault(const struct h_group *g, uint32_t page)
{
	struct iopf_pgfault f = {
		.flags = g->flags,
		.dev_id = g->dev_id,
		.pasid = g->pasid,
		.grpid = g->grpid,
		.perm = g->perm,
		.addr = g->addr - (g->pages - 1 - page) * 0x1000ULL,
		.cookie = g->cookie,
	};

	if (page + 1 < g->pages)
		f.flags &= ~IOPF_PRQ_LAST_PAGE;
	return f;
}

/* A read returned, without anything that could be looked at. */
static inline void h_read_result(struct history *h, uint64_t object, uint64_t enter_ns,
				 uint64_t exit_ns, int64_t ret, uint32_t flags)
{
	struct iopf_rec_read r = {
		.enter_ns = enter_ns,
		.object = object,
		.count = 4096,
		.ret = ret,
		.object_id = h->object_id,
		.flags = flags,
	};

	H_PUT(h, r, IOPF_REC_READ, exit_ns, IOPF_CTX_READ);
}

/* A read returned these records, in one READ record and as many READ_MORE as it takes. */
static inline void h_read_faults(struct history *h, uint64_t object, uint64_t enter_ns,
				 uint64_t exit_ns, const struct iopf_pgfault *fault, uint32_t nr)
{
	struct iopf_rec_read r = {
		.enter_ns = enter_ns,
		.object = object,
		.count = 1 << 20,
		.ret = (int64_t)(nr * sizeof(*fault)),
		.object_id = h->object_id,
		.fault = fault[0],
	};
	uint64_t seq = h->seq;

	H_PUT(h, r, IOPF_REC_READ, exit_ns, IOPF_CTX_READ);
	for (uint32_t i = 1; i < nr; i += IOPF_FAULTS_PER_REC) {
		struct iopf_rec_read_more m = {
			.object = object,
			.seq_of_read = seq,
			.first = i,
		};

		m.nr = nr - i < IOPF_FAULTS_PER_REC ? nr - i : IOPF_FAULTS_PER_REC;
		memcpy(m.fault, &fault[i], m.nr * sizeof(*fault));
		H_PUT(h, m, IOPF_REC_READ_MORE, exit_ns + i, IOPF_CTX_READ);
	}
}

/* A read returned @nr groups. */
static inline void h_read_groups(struct history *h, uint64_t enter_ns, uint64_t exit_ns,
				 const struct h_group *g, uint32_t nr)
{
	struct iopf_pgfault fault[256] = { { 0 } };
	uint32_t n = 0;

	for (uint32_t i = 0; i < nr; i++) {
		for (uint32_t page = 0; page < g[i].pages; page++) {
			assert_true(n < 256);
			fault[n++] = h_fault(&g[i], page);
		}
	}
	h_read_faults(h, g->object, enter_ns, exit_ns, fault, n);
}

/* A read returned one group. */
static inline void h_read(struct history *h, const struct h_group *g, uint64_t enter_ns,
			  uint64_t exit_ns)
{
	h_read_groups(h, enter_ns, exit_ns, g, 1);
}

/* A group was answered, in a context; with its cookie if @cookie. */
static inline void h_respond(struct history *h, const struct h_group *g, uint64_t write_ns,
			     uint64_t ack_ns, uint32_t code, uint32_t context, uint32_t cookie)
{
	struct iopf_rec_response r = {
		.response_ns = write_ns,
		.ack_ns = ack_ns,
		.caller_ns = write_ns - 1,
		.group = g->pointer,
		.object = context & ~(IOPF_CTX_REPORT | IOPF_CTX_RESPONSE) ? g->object : 0,
		.dev = g->dev,
		.cookie = cookie,
		.code = code,
		.pasid = g->pasid,
		.grpid = g->grpid,
		.driver_calls = 1,
		.flags = context & IOPF_CTX_WRITE ? IOPF_RESPONSE_COMPARED : 0,
		.driver_code = code,
	};

	H_PUT(h, r, IOPF_REC_RESPONSE, ack_ns ? ack_ns + 1 : write_ns + 50, context);
}

/* User space answered a group with success. */
static inline void h_answer(struct history *h, const struct h_group *g, uint64_t write_ns,
			    uint64_t ack_ns)
{
	h_respond(h, g, write_ns, ack_ns, IOPF_CODE_SUCCESS, IOPF_CTX_WRITE, g->cookie);
}

/* Queue removal told the driver about a group. */
static inline void h_queue_removal(struct history *h, const struct h_group *g, uint64_t time_ns)
{
	struct iopf_rec_driver r = {
		.group = g->pointer,
		.dev = g->dev,
		.pasid = g->pasid,
		.grpid = g->grpid,
		.code = IOPF_CODE_INVALID,
	};

	H_PUT(h, r, IOPF_REC_DRIVER, time_ns, IOPF_CTX_QREMOVE);
}

/* A write that did not answer all it was given; the entry it stopped at could be read if @nr. */
static inline void h_write(struct history *h, uint64_t object, uint64_t count, int64_t ret,
			   uint32_t answered, uint16_t nr)
{
	struct iopf_rec_write r = {
		.enter_ns = 1,
		.object = object,
		.count = count,
		.ret = ret,
		.object_id = h->object_id,
		.answered = answered,
		.first = answered,
		.nr = nr,
	};

	H_PUT(h, r, IOPF_REC_WRITE, 0, IOPF_CTX_WRITE);
}

static inline void h_alloc(struct history *h, uint64_t object)
{
	struct iopf_rec_alloc r = { .object = object, .object_id = h->object_id, .fd = 7 };

	H_PUT(h, r, IOPF_REC_ALLOC, 0, 0);
}

static inline void h_destroy(struct history *h, uint64_t object)
{
	struct iopf_rec_destroy r = { .object = object, .object_id = h->object_id };

	H_PUT(h, r, IOPF_REC_DESTROY, 0, 0);
}

static inline void h_fork(struct history *h, uint32_t parent, uint32_t child)
{
	struct iopf_rec_fork r = { .child_tgid = child, .child_tid = child };
	uint32_t tgid = h->tgid, tid = h->tid;

	h_task(h, parent, parent);
	H_PUT(h, r, IOPF_REC_FORK, 0, 0);
	h_task(h, tgid, tid);
}

/* Names the acting task. */
static inline void h_name(struct history *h, const char *comm)
{
	struct iopf_rec_task r = { .comm = "" };

	strncpy(r.comm, comm, sizeof(r.comm));
	H_PUT(h, r, IOPF_REC_TASK, 0, 0);
}

static inline void h_name_device(struct history *h, uint64_t dev, const char *name)
{
	struct iopf_rec_device r = { .dev = dev };

	strncpy(r.name, name, sizeof(r.name));
	H_PUT(h, r, IOPF_REC_DEVICE, 0, 0);
}

/* The report on the history, which must be well formed; freed with it. */
static inline struct iopf_report *h_finish(struct history *h)
{
	struct iopf_engine *e = iopf_engine_new(&h->opts);

	assert_non_null(e);
	for (size_t at = 0; at < h->nr_bytes;) {
		struct iopf_rec *rec = (struct iopf_rec *)(h->bytes + at);

		assert_int_equal(iopf_engine_feed(e, rec), 0);
		at += (rec->size + 7U) & ~7U;
	}
	h->report = iopf_engine_finish(e, &h->run);
	assert_non_null(h->report);
	iopf_engine_free(e);
	return h->report;
}

/* A stage has exactly these values: their number, sum, minimum and maximum. */
static inline void h_assert_stage(const struct iopf_report *r, enum iopf_stage stage,
				  uint64_t count, uint64_t sum, uint64_t min, uint64_t max)
{
	const struct iopf_hist *hist = &r->stage[stage].hist;

	assert_int_equal(hist->count, count);
	assert_true(hist->sum == sum);
	assert_int_equal(hist->min, count ? min : UINT64_MAX);
	assert_int_equal(hist->max, max);
}

/* A stage has one value. */
static inline void h_assert_one(const struct iopf_report *r, enum iopf_stage stage, uint64_t value)
{
	h_assert_stage(r, stage, 1, value, value, value);
}

/* A stage has no value. */
static inline void h_assert_none(const struct iopf_report *r, enum iopf_stage stage)
{
	h_assert_stage(r, stage, 0, 0, 0, 0);
}

/* Nothing is in doubt. */
static inline void h_assert_pass(const struct iopf_report *r)
{
	for (int i = 0; i < IOPF_DOUBTS; i++)
		assert_false(r->doubt[i]);
	assert_int_equal(r->verdict, IOPF_PASS);
	assert_true(r->complete);
}

/* Exactly one thing is in doubt. */
static inline void h_assert_doubt(const struct iopf_report *r, enum iopf_doubt doubt)
{
	for (int i = 0; i < IOPF_DOUBTS; i++)
		assert_int_equal(r->doubt[i], i == (int)doubt);
	assert_int_equal(r->verdict, IOPF_INCONCLUSIVE);
	assert_int_equal(r->exit_code, 5);
}

#endif /* IOPFTRACE_TESTS_HISTORY_H */
