// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Who answered, what was answered, and what was refused. */
#include "history.h"

/* The end of a write tells whose the answers were that had no caller. */
static void test_write_whose_entry_was_missed(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		int claimed = 1 + i % 2, refused = i / 2;
		struct history *h = h_new();
		struct h_group g = h_group(1);
		struct iopf_rec_write w = {
			.object = H_OBJECT,
			.count = 8 * (claimed + refused),
			.ret = 8 * claimed,
			.object_id = h->object_id,
		};
		struct iopf_report *r;

		h_enqueue(h, &g, 100, 110);
		h_read(h, &g, 150, 200);
		h_respond(h, &g, 300, 310, IOPF_CODE_SUCCESS, 0, g.cookie);
		H_PUT(h, w, IOPF_REC_WRITE, 320, IOPF_CTX_WRITE);
		r = h_finish(h);
		/* As many as the write says, or it is not known whose they were. */
		assert_int_equal(r->groups.answered_user, claimed == 1);
		assert_int_equal(r->groups.answered_kernel, claimed != 1);
		assert_int_equal(r->verdict, claimed == 1 ? IOPF_PASS : IOPF_INCONCLUSIVE);
		assert_int_equal(r->calls.failed_writes, refused);
		h_free(h);
	}
}

static void test_responders(void **state)
{
	static const struct {
		uint32_t context;
		enum iopf_responder by;
	} cases[] = {
		{ IOPF_CTX_WRITE, IOPF_BY_USER },
		{ IOPF_CTX_WRITE | IOPF_CTX_RESPONSE, IOPF_BY_USER },
		{ IOPF_CTX_AUTO, IOPF_BY_DETACH },
		{ IOPF_CTX_DESTROY, IOPF_BY_DESTROY },
		{ IOPF_CTX_QREMOVE, IOPF_BY_QREMOVE },
		{ IOPF_CTX_REPORT, IOPF_BY_ABORT },
		{ 0, IOPF_BY_UNKNOWN },
		{ IOPF_CTX_RESPONSE, IOPF_BY_UNKNOWN },
		{ IOPF_CTX_READ, IOPF_BY_UNKNOWN },
		/* Of several, the one that can only be the innermost. */
		{ IOPF_CTX_REPORT | IOPF_CTX_WRITE, IOPF_BY_USER },
		{ IOPF_CTX_REPORT | IOPF_CTX_AUTO, IOPF_BY_DETACH },
		{ IOPF_CTX_DESTROY | IOPF_CTX_QREMOVE, IOPF_BY_QREMOVE },
		{ IOPF_CTX_AUTO | IOPF_CTX_DESTROY, IOPF_BY_DETACH },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct history *h = h_new();
		struct h_group g = h_group(1);
		struct iopf_report *r;
		bool user = cases[i].by == IOPF_BY_USER;

		h_enqueue(h, &g, 100, 110);
		h_read(h, &g, 150, 200);
		h_respond(h, &g, 300, 310, IOPF_CODE_INVALID, cases[i].context, g.cookie);
		r = h_finish(h);
		if (cases[i].by == IOPF_BY_UNKNOWN)
			assert_int_equal(r->verdict, IOPF_INCONCLUSIVE);
		else
			h_assert_pass(r);
		for (int by = 0; by < IOPF_RESPONDERS; by++)
			assert_int_equal(r->groups.answered_by[by], by == (int)cases[i].by);
		assert_int_equal(r->groups.answered_user, user);
		assert_int_equal(r->groups.answered_kernel, !user);
		assert_int_equal(r->responses.invalid, 1);
		assert_int_equal(r->groups.outstanding, 0);
		/* What the kernel answered is kept out of the latencies of user space. */
		h_assert_one(r, IOPF_STAGE_ROUTE, 10);
		h_assert_one(r, IOPF_STAGE_WAIT, 90);
		assert_int_equal(r->stage[IOPF_STAGE_SERVICE].hist.count, user);
		assert_int_equal(r->stage[IOPF_STAGE_ACK].hist.count, user);
		assert_int_equal(r->stage[IOPF_STAGE_TOTAL].hist.count, user);
		assert_int_equal(r->nr_slowest, user);
		h_free(h);
	}
}

static void test_detach_with_groups_waiting(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3);
	struct iopf_rec_auto detach = { .object = H_OBJECT, .answered = 2 };
	struct iopf_report *r;

	h_alloc(h, H_OBJECT);
	h_enqueue(h, &a, 100, 100);
	h_enqueue(h, &b, 100, 100);
	h_read(h, &a, 150, 200);
	h_respond(h, &b, 300, 310, IOPF_CODE_INVALID, IOPF_CTX_AUTO, 0);
	h_respond(h, &a, 320, 330, IOPF_CODE_INVALID, IOPF_CTX_AUTO, 1);
	H_PUT(h, detach, IOPF_REC_AUTO, 340, 0);
	c.cookie = 1;
	h_enqueue(h, &c, 400, 400);
	h_read(h, &c, 410, 420);
	h_answer(h, &c, 430, 431);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.answered_by[IOPF_BY_DETACH], 2);
	assert_int_equal(r->groups.delivered, 2);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 120, 20, 100);
	h_assert_one(r, IOPF_STAGE_SERVICE, 10);
}

/* Detached between the copy to user space and the return of the read. */
static void test_detach_before_the_reads_record(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 100);
	h_respond(h, &a, 300, 310, IOPF_CODE_INVALID, IOPF_CTX_AUTO, 1);
	h_read(h, &a, 150, 400);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.delivered, 1);
	assert_int_equal(r->groups.adopted, 0);
	h_assert_one(r, IOPF_STAGE_WAIT, 300);
}

/* A group that a failed copy gave back still has a cookie on it when the kernel answers. */
static void test_detach_with_a_stale_cookie(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	h_alloc(h, H_OBJECT);
	h_enqueue(h, &a, 100, 100);
	h_read_result(h, H_OBJECT, 150, 200, -14, 0);
	h_respond(h, &a, 300, 310, IOPF_CODE_INVALID, IOPF_CTX_AUTO, 1);
	b.cookie = 1;
	h_enqueue(h, &b, 400, 400);
	h_read(h, &b, 410, 420);
	h_answer(h, &b, 430, 431);
	h_destroy(h, H_OBJECT);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.delivered, 1);
	assert_int_equal(r->groups.answered_by[IOPF_BY_DETACH], 1);
	h_assert_one(r, IOPF_STAGE_WAIT, 20);
}

static void test_destroy(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 100);
	h_enqueue(h, &b, 100, 100);
	h_read(h, &a, 150, 200);
	h_respond(h, &a, 300, 310, IOPF_CODE_INVALID, IOPF_CTX_DESTROY, 1);
	h_respond(h, &b, 320, 330, IOPF_CODE_INVALID, IOPF_CTX_DESTROY, 0);
	h_destroy(h, H_OBJECT);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.answered_by[IOPF_BY_DESTROY], 2);
	assert_int_equal(r->nr_objects, 1);
	assert_int_equal(r->objects[0].groups, 2);
}

/* What destruction leaves unanswered stays outstanding for ever. */
static void test_destroy_leaves_groups(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	h->object_id = 4;
	h_enqueue(h, &a, 100, 100);
	h_enqueue(h, &b, 100, 100);
	h_destroy(h, H_OBJECT);
	h_alloc(h, H_OBJECT); /* another object, as its address was free */
	h_answer(h, &b, 200, 210);
	r = h_finish(h);
	assert_int_equal(r->groups.outstanding, 1);
	assert_int_equal(r->nr_waiting, 1);
	assert_int_equal(r->waiting[0].object_id, 4);
	assert_int_equal(r->groups.answered_user, 1);
	assert_int_equal(r->nr_objects, 2);
	assert_int_equal(r->objects[0].groups, 2);
	assert_int_equal(r->objects[1].groups, 0);
}

/* The device leaves its queue: the core tells the driver, and nothing else. */
static void test_queue_removal(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), other = h_group(9);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 100);
	h_enqueue(h, &b, 100, 100);
	h_read(h, &a, 150, 200);
	h_queue_removal(h, &a, 300);
	h_queue_removal(h, &b, 310);
	h_queue_removal(h, &other, 320); /* one of the kernel's own SVA */
	h_enqueue(h, &a, 400, 400); /* the memory is used again */
	h_read(h, &a, 410, 420);
	h_answer(h, &a, 430, 431);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.answered_by[IOPF_BY_QREMOVE], 2);
	assert_int_equal(r->groups.answered_kernel, 2);
	assert_int_equal(r->groups.answered_user, 1);
	assert_int_equal(r->groups.adopted, 0);
	assert_int_equal(r->responses.invalid, 2);
	h_assert_one(r, IOPF_STAGE_TOTAL, 31);
}

/* The driver's own calls are about no group, nor is what the error path does. */
static void test_driver_calls_of_other_kinds(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1);
	struct iopf_rec_driver driver = { .group = 0x1234, .dev = H_DEVICE, .code = 2 };
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 100);
	H_PUT(h, driver, IOPF_REC_DRIVER, 200, IOPF_CTX_REPORT);
	H_PUT(h, driver, IOPF_REC_DRIVER, 200, 0);
	h_report(h, 190, H_DEVICE, IOPF_PRQ_LAST_PAGE, -22, IOPF_REPORT_ANSWERED);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.outstanding, 1);
	assert_int_equal(r->groups.reported, 2);
	assert_int_equal(r->groups.refused, 1);
	assert_int_equal(r->groups.answered_kernel, 0);
}

/* The core could not make a group: it was reported and answered, but was on no object. */
static void test_abort_without_a_group(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), aborted = h_group(2);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 100);
	h_respond(h, &aborted, 200, 210, IOPF_CODE_FAILURE, IOPF_CTX_REPORT, 0);
	h_report(h, 190, H_DEVICE, IOPF_PRQ_LAST_PAGE, 0, IOPF_REPORT_ANSWERED);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.reported, 2);
	assert_int_equal(r->groups.enqueued, 1);
	assert_int_equal(r->groups.adopted, 0);
	assert_int_equal(r->groups.refused, 1);
	assert_int_equal(r->groups.answered_by[IOPF_BY_ABORT], 1);
	assert_int_equal(r->groups.answered_kernel, 1);
	assert_int_equal(r->responses.failure, 1);
	assert_int_equal(r->groups.outstanding, 1);
}

/* The handler refused a group that it had been given: it counts as reported once. */
static void test_abort_of_a_group(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 100);
	h_respond(h, &a, 200, 210, IOPF_CODE_FAILURE, IOPF_CTX_REPORT, 0);
	h_report(h, 90, H_DEVICE, IOPF_PRQ_LAST_PAGE, 0, IOPF_REPORT_QUEUED | IOPF_REPORT_ANSWERED);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.reported, 1);
	assert_int_equal(r->groups.refused, 1);
	assert_int_equal(r->groups.enqueued, 1);
	assert_int_equal(r->groups.answered_by[IOPF_BY_ABORT], 1);
}

static void test_reports(void **state)
{
	struct history *h = *state;
	struct iopf_report *r;

	h_report(h, 100, H_DEVICE, 0, 0, 0);
	h_report(h, 100, H_DEVICE, IOPF_PRQ_PASID_VALID, 0, 0);
	h_report(h, 100, H_DEVICE, IOPF_PRQ_LAST_PAGE, -22, 0);
	h_report(h, 100, H_DEVICE, IOPF_PRQ_LAST_PAGE, 0, IOPF_REPORT_SVA);
	h_report(h, 100, H_DEVICE, IOPF_PRQ_LAST_PAGE, 0, IOPF_REPORT_QUEUED);
	r = h_finish(h);
	assert_int_equal(r->groups.partial, 2);
	assert_int_equal(r->groups.reported, 1);
	assert_int_equal(r->groups.refused, 1);
}

static void test_statuses(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	for (uint32_t code = 0; code < 5; code++) {
		for (uint32_t i = 0; i <= code; i++) {
			h_enqueue(h, &g, 100, 100);
			h_read(h, &g, 100, 100);
			h_respond(h, &g, 100, 100, code, IOPF_CTX_WRITE, 1);
		}
	}
	r = h_finish(h);
	assert_int_equal(r->responses.success, 1);
	assert_int_equal(r->responses.invalid, 2);
	assert_int_equal(r->responses.failure, 3);
	assert_int_equal(r->groups.answered_user, 15);
}

static void test_refused_writes(void **state)
{
	static const struct {
		uint64_t count;
		int64_t ret;
		uint32_t answered;
		uint16_t nr;
		bool rejected;
	} cases[] = {
		{ 8, -22, 0, 1, true }, /* unknown cookie or bad code */
		{ 32, -22, 0, 4, true }, /* the first of several: one refused */
		{ 32, 16, 2, 2, true }, /* the third: hidden behind a short count */
		{ 32, 16, 2, 0, false }, /* the third could not be copied */
		{ 8, -14, 0, 0, false }, /* could not be copied */
		{ 8, -14, 0, 1, false }, { 7, -29, 0, 0, false }, /* odd length */
		{ 8, -29, 0, 1, false }, { 8, 8, 0, 1, false }, /* old kernels: the bytes not copied, as if written */
		{ 16, 8, 0, 1, false },	 { 16, 3, 0, 1, false },  { 8, -4, 0, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct history *h = h_new();
		struct iopf_report *r;

		h_alloc(h, H_OBJECT);
		h_write(h, H_OBJECT, cases[i].count, cases[i].ret, cases[i].answered, cases[i].nr);
		r = h_finish(h);
		h_assert_pass(r);
		assert_int_equal(r->responses.rejected, cases[i].rejected);
		assert_int_equal(r->calls.failed_writes, 1);
		/* A write that answered something is counted by its answers. */
		assert_int_equal(r->calls.writes, !cases[i].answered);
		h_free(h);
	}
}

/* The answers of one write follow each other; those of several are told apart by task and time. */
static void test_writes_are_counted(void **state)
{
	struct history *h = *state;
	struct iopf_report *r;
	uint64_t t = 1000;

	for (uint32_t i = 1; i <= 12; i++) {
		struct h_group g = h_group(i);

		h_enqueue(h, &g, 100, 100);
		h_read(h, &g, 110, 120);
	}
	for (uint32_t i = 1; i <= 12; i++) {
		struct h_group g = h_group(i);

		/* 1-4: one write; 5-8: another of the same task; 9-12: of another at that time. */
		t += i == 5 ? 100 : 0;
		h_task(h, H_TGID, i < 9 ? 1001 : 1002);
		h_answer(h, &g, t, t + 1);
	}
	h_write(h, H_OBJECT, 64, 32, 4, 1); /* the last one was short */
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->calls.writes, 3);
	assert_int_equal(r->calls.failed_writes, 1);
	assert_int_equal(r->responses.rejected, 1);
}

/* Read and delivered before tracing began: only the end is seen. */
static void test_adopted_by_its_answer(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	h_answer(h, &a, 1000, 1070);
	h_respond(h, &b, 1100, 1200, IOPF_CODE_INVALID, IOPF_CTX_AUTO, 2);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.enqueued, 0);
	assert_int_equal(r->groups.reported, 0);
	assert_int_equal(r->groups.adopted, 2);
	assert_int_equal(r->groups.delivered, 0);
	assert_int_equal(r->groups.answered_user, 1);
	assert_int_equal(r->groups.answered_by[IOPF_BY_DETACH], 1);
	assert_int_equal(r->groups.outstanding, 0);
	assert_int_equal(r->objects[0].groups, 2);
	assert_int_equal(r->devices[0].groups, 2);
	h_assert_one(r, IOPF_STAGE_ACK, 70);
	h_assert_none(r, IOPF_STAGE_SERVICE);
	h_assert_none(r, IOPF_STAGE_TOTAL);
}

/* Queued before tracing began, read and answered after. */
static void test_adopted_by_its_delivery(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3);
	struct h_group all[] = { a, b };
	struct iopf_report *r;

	h_enqueue(h, &c, 100, 100);
	h_read_groups(h, 900, 1000, all, 2);
	h_read(h, &c, 1100, 1200);
	h_answer(h, &a, 3000, 3070);
	h_answer(h, &c, 4000, 4001);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.enqueued, 1);
	assert_int_equal(r->groups.adopted, 2);
	assert_int_equal(r->groups.delivered, 3);
	assert_int_equal(r->groups.answered_user, 2);
	assert_int_equal(r->groups.outstanding, 1);
	assert_int_equal(r->groups.outstanding_max, 3);
	assert_int_equal(r->nr_waiting, 1);
	assert_int_equal(r->waiting[0].cookie, 2);
	assert_int_equal(r->waiting[0].addr, b.addr);
	h_assert_one(r, IOPF_STAGE_WAIT, 1100);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 2, 2000 + 2800, 2000, 2800);
	h_assert_stage(r, IOPF_STAGE_ACK, 2, 71, 1, 70);
	h_assert_one(r, IOPF_STAGE_TOTAL, 3901);
}

/* The same, but answered before its read's record: it is one group, and not outstanding. */
static void test_adopted_by_its_answer_before_the_reads_record(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1);
	struct iopf_report *r;

	h_answer(h, &a, 1000, 1070);
	h_read(h, &a, 900, 1100);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.adopted, 1);
	assert_int_equal(r->groups.delivered, 1);
	assert_int_equal(r->groups.answered_user, 1);
	assert_int_equal(r->groups.outstanding, 0);
	h_assert_one(r, IOPF_STAGE_SERVICE, 0);
	assert_int_equal(r->stage[IOPF_STAGE_SERVICE].negative, 1);
}

/* A group from before that looks like one enqueued since: the answers tell them apart. */
static void test_adopted_that_looks_like_another(void **state)
{
	struct history *h = *state;
	struct h_group old = h_group(1), new = h_group(1);
	struct iopf_report *r;

	new.pointer += 64;
	new.cookie = 2;
	h_enqueue(h, &new, 100, 100);
	h_read(h, &old, 190, 200); /* taken for the new one */
	h_answer(h, &old, 300, 301);
	h_read(h, &new, 390, 400);
	h_answer(h, &new, 600, 601);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.adopted, 1);
	assert_int_equal(r->groups.enqueued, 1);
	assert_int_equal(r->groups.outstanding, 0);
	h_assert_one(r, IOPF_STAGE_WAIT, 300);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 2, 100 + 200, 100, 200);
}

/* The same with both delivered before the first answer, in either order of the answers. */
static void test_adopted_that_looks_like_another_both_delivered(void **state)
{
	(void)state;
	for (int order = 0; order < 2; order++) {
		struct history *h = h_new();
		struct h_group old = h_group(1), new = h_group(1);
		struct iopf_report *r;

		new.pointer += 64;
		new.cookie = 2;
		h_enqueue(h, &new, 100, 100);
		h_read(h, &old, 190, 200);
		h_read(h, &new, 390, 400);
		h_answer(h, order ? &new : &old, 600, 601);
		h_answer(h, order ? &old : &new, 600, 601);
		r = h_finish(h);
		h_assert_pass(r);
		assert_int_equal(r->groups.adopted, 1);
		assert_int_equal(r->groups.delivered, 2);
		assert_int_equal(r->groups.outstanding, 0);
		assert_int_equal(r->groups.answered_user, 2);
		h_assert_one(r, IOPF_STAGE_WAIT, 300);
		h_assert_stage(r, IOPF_STAGE_SERVICE, 2, 400 + 200, 200, 400);
		h_free(h);
	}
}

/* The one that was enqueued takes the delivery that fitted nobody at first: it is not two groups. */
static void test_adopted_that_looks_like_another_unanswered(void **state)
{
	struct history *h = *state;
	struct h_group old = h_group(1), new = h_group(1);
	struct iopf_report *r;

	new.pointer += 64;
	new.cookie = 2;
	h_enqueue(h, &new, 100, 100);
	h_read(h, &old, 190, 200); /* taken for the new one */
	h_read(h, &new, 390, 400); /* taken for an unknown one */
	h_answer(h, &old, 600, 601);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.adopted, 1);
	assert_int_equal(r->groups.delivered, 2);
	assert_int_equal(r->groups.outstanding, 1);
	assert_int_equal(r->waiting[0].seq, 0);
	assert_int_equal(r->waiting[0].cookie, 2);
	h_assert_one(r, IOPF_STAGE_WAIT, 300);
	h_assert_one(r, IOPF_STAGE_SERVICE, 400);
}

/* A group that was wrongly taken for delivered goes back to its place in the queue. */
static void test_place_in_the_queue_is_kept(void **state)
{
	struct history *h = *state;
	struct h_group old = h_group(1), a = h_group(1), b = h_group(1);
	struct iopf_report *r;

	a.pointer += 64;
	b.pointer += 128;
	b.cookie = 2;
	h_enqueue(h, &a, 100, 100);
	h_enqueue(h, &b, 200, 200);
	h_read(h, &old, 210, 220); /* taken for a */
	h_answer(h, &old, 230, 231);
	h_read(h, &a, 290, 300);
	h_read(h, &b, 990, 1000);
	r = h_finish(h);
	h_assert_pass(r);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 200 + 800, 200, 800);
}

/* A cookie is handed out again before the record of the answer that freed it. */
static void test_adopted_with_late_answers(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3), d = h_group(1);
	struct iopf_report *r;

	b.cookie = a.cookie;
	h_read(h, &a, 100, 200);
	h_read(h, &b, 350, 400);
	h_answer(h, &a, 300, 0);
	h_answer(h, &b, 600, 610);
	/* And one of which the memory is used again, which looks like one that comes then. */
	d.pointer = 0xffff888300001000ULL;
	h_enqueue(h, &d, 700, 700);
	h_read(h, &d, 710, 720);
	c.pointer = d.pointer;
	h_enqueue(h, &c, 800, 800);
	h_read(h, &a, 850, 900);
	h_answer(h, &d, 750, 0);
	h_answer(h, &a, 1000, 1010);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.adopted, 3);
	assert_int_equal(r->groups.outstanding, 1);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 4, 100 + 200 + 30 + 100, 30, 200);
}

/* A group without an end is not part of the next one. */
static void test_torn_delivery(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_pgfault fault[2];
	struct iopf_report *r;

	a.pages = 2;
	fault[0] = h_fault(&a, 0);
	fault[1] = h_fault(&b, 0);
	h_read_faults(h, H_OBJECT, 100, 200, fault, 2);
	r = h_finish(h);
	assert_int_equal(r->groups.adopted, 1);
	assert_int_equal(r->nr_waiting, 1);
	assert_int_equal(r->waiting[0].grpid, 2);
	assert_int_equal(r->waiting[0].pages, 1);
}

/* The kernel's own SVA answers groups as well; they are not ours. */
static void test_groups_of_sva(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	h_respond(h, &g, 100, 110, IOPF_CODE_SUCCESS, 0, 0);
	h_report(h, 100, H_DEVICE, IOPF_PRQ_LAST_PAGE, 0, IOPF_REPORT_SVA);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.adopted, 0);
	assert_int_equal(r->groups.reported, 0);
	assert_int_equal(r->groups.answered_kernel, 0);
	assert_int_equal(r->responses.success, 0);
}

/* An answer that was not seen, though nothing was lost, must not go unnoticed. */
static void test_pointer_used_again_without_an_answer(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	h_enqueue(h, &g, 100, 100);
	h_read(h, &g, 150, 200);
	h_enqueue(h, &g, 1000, 1000);
	h_read(h, &g, 1400, 1500);
	h_answer(h, &g, 2000, 2001);
	r = h_finish(h);
	h_assert_doubt(r, IOPF_DOUBT_BALANCE);
	assert_int_equal(r->groups.enqueued, 2);
	assert_int_equal(r->groups.unknown, 1);
	assert_int_equal(r->groups.answered_user, 1);
	assert_int_equal(r->groups.outstanding, 0);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 100 + 500, 100, 500);
	h_assert_one(r, IOPF_STAGE_SERVICE, 500);
}

/* User space cannot have answered what it has not read. */
static void test_answered_but_never_read(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	h_alloc(h, H_OBJECT);
	h_enqueue(h, &g, 100, 100);
	h_answer(h, &g, 300, 301);
	h_destroy(h, H_OBJECT);
	r = h_finish(h);
	h_assert_doubt(r, IOPF_DOUBT_BALANCE);
}

static void test_verdicts(void **state)
{
	static const struct {
		struct iopf_run run;
		enum iopf_doubt doubt;
		bool complete;
	} cases[] = {
		{ { .lost = { 3, 0, 0 } }, IOPF_DOUBT_LOST, false },
		{ { .lost = { 0, 1, 0 } }, IOPF_DOUBT_LOST, false },
		{ { .lost = { 0, 0, 1 } }, IOPF_DOUBT_LOST, false },
		{ { .probe_misses = 1 }, IOPF_DOUBT_MISSED, false },
		{ { .absent = 1U << IOPF_PROBE_DRIVER }, IOPF_DOUBT_PROBE, false },
		{ { .cut = true }, IOPF_DOUBT_CUT, false },
		{ { .kernel = "6.12" }, IOPF_DOUBT_FEW_GROUPS, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct history *h = h_new();
		struct h_group g = h_group(1);
		struct iopf_report *r;

		h->run = cases[i].run;
		h->run.has_child = true;
		h->run.child_status = 3;
		h->opts.min_groups = cases[i].doubt == IOPF_DOUBT_FEW_GROUPS ? 2 : 1;
		h_enqueue(h, &g, 100, 100);
		r = h_finish(h);
		h_assert_doubt(r, cases[i].doubt);
		assert_int_equal(r->complete, cases[i].complete);
		h_free(h);
	}
}

static void test_the_run_is_shown(void **state)
{
	struct history *h = *state;
	struct iopf_report *r;
	char version[] = "1.0";

	h->run = (struct iopf_run){
		.version = version,
		.start_ns = 100,
		.end_ns = 1100,
		.start_realtime_ns = 5,
		.has_child = true,
		.child_status = 130,
		.probe_runs = 1,
		.probe_ns = 2,
		.wakeups = 3,
		.records = 4,
		.bytes = 5,
		.ring_bytes = 6,
	};
	r = h_finish(h);
	version[0] = '2';
	assert_string_equal(r->version, "1.0");
	assert_string_equal(r->kernel, "");
	assert_int_equal(r->duration_ns, 1000);
	assert_int_equal(r->start_realtime_ns, 5);
	assert_true(r->has_child);
	assert_int_equal(r->child_status, 130);
	assert_int_equal(r->exit_code, 130);
	assert_int_equal(r->overhead.probe_runs, 1);
	assert_int_equal(r->overhead.ring_bytes, 6);
	h_assert_pass(r);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(iopf_stage_name(IOPF_STAGE_ROUTE), "route");
	assert_string_equal(iopf_stage_name(IOPF_STAGE_TOTAL), "total");
	assert_string_equal(iopf_stage_name(IOPF_STAGES), "");
	assert_string_equal(iopf_responder_name(IOPF_BY_NOBODY), "nobody");
	assert_string_equal(iopf_responder_name(IOPF_BY_QREMOVE), "qremove");
	assert_string_equal(iopf_responder_name(IOPF_RESPONDERS), "");
	assert_string_equal(iopf_verdict_name(IOPF_INCONCLUSIVE), "inconclusive");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		H_TEST(test_responders),
		H_TEST(test_detach_with_groups_waiting),
		H_TEST(test_detach_before_the_reads_record),
		H_TEST(test_detach_with_a_stale_cookie),
		H_TEST(test_destroy),
		H_TEST(test_destroy_leaves_groups),
		H_TEST(test_queue_removal),
		H_TEST(test_driver_calls_of_other_kinds),
		H_TEST(test_abort_without_a_group),
		H_TEST(test_abort_of_a_group),
		H_TEST(test_reports),
		H_TEST(test_statuses),
		H_TEST(test_refused_writes),
		H_TEST(test_write_whose_entry_was_missed),
		H_TEST(test_writes_are_counted),
		H_TEST(test_adopted_by_its_answer),
		H_TEST(test_adopted_by_its_delivery),
		H_TEST(test_adopted_by_its_answer_before_the_reads_record),
		H_TEST(test_adopted_that_looks_like_another),
		H_TEST(test_adopted_that_looks_like_another_both_delivered),
		H_TEST(test_adopted_that_looks_like_another_unanswered),
		H_TEST(test_place_in_the_queue_is_kept),
		H_TEST(test_adopted_with_late_answers),
		H_TEST(test_torn_delivery),
		H_TEST(test_groups_of_sva),
		H_TEST(test_pointer_used_again_without_an_answer),
		H_TEST(test_answered_but_never_read),
		H_TEST(test_verdicts),
		H_TEST(test_the_run_is_shown),
		H_TEST(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
