// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Lives of groups, from their report to the device's acknowledgement. */
#include "history.h"

static void test_one_group(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	h->object_id = 2;
	h_name(h, "vmm");
	h_name_device(h, H_DEVICE, "0000:3b:00.0");
	h_enqueue(h, &g, 1000, 1300);
	h_read(h, &g, 1500, 2300);
	h_answer(h, &g, 12300, 12700);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.reported, 1);
	assert_int_equal(r->groups.enqueued, 1);
	assert_int_equal(r->groups.delivered, 1);
	assert_int_equal(r->groups.answered_user, 1);
	assert_int_equal(r->groups.answered_kernel, 0);
	assert_int_equal(r->groups.answered_by[IOPF_BY_USER], 1);
	assert_int_equal(r->groups.outstanding, 0);
	assert_int_equal(r->groups.outstanding_max, 1);
	assert_int_equal(r->groups.pages, 1);
	assert_int_equal(r->groups.unknown, 0);
	assert_int_equal(r->responses.success, 1);
	assert_int_equal(r->calls.reads, 1);
	assert_int_equal(r->calls.writes, 1);
	h_assert_one(r, IOPF_STAGE_ROUTE, 300);
	h_assert_one(r, IOPF_STAGE_WAIT, 1000);
	h_assert_one(r, IOPF_STAGE_SERVICE, 10000);
	h_assert_one(r, IOPF_STAGE_ACK, 400);
	h_assert_one(r, IOPF_STAGE_TOTAL, 11700);
	assert_int_equal(r->nr_slowest, 1);
	assert_int_equal(r->slowest[0].seq, 2);
	assert_int_equal(r->slowest[0].at_ns[IOPF_AT_DELIVER], 2300);
	assert_int_equal(r->slowest[0].at_ns[IOPF_AT_ACK], 12700);
	assert_int_equal(r->slowest[0].stage_ns[IOPF_STAGE_SERVICE], 10000);
	assert_int_equal(r->slowest[0].object_id, 2);
	assert_int_equal(r->slowest[0].addr, g.addr);
	assert_int_equal(r->slowest[0].cookie, 1);
	assert_int_equal(r->slowest[0].by, IOPF_BY_USER);
	assert_string_equal(r->slowest[0].device, "0000:3b:00.0");
	assert_string_equal(r->slowest[0].reader, "vmm");
	assert_string_equal(r->slowest[0].writer, "vmm");
	assert_int_equal(r->nr_devices, 1);
	assert_string_equal(r->devices[0].name, "0000:3b:00.0");
	assert_int_equal(r->devices[0].dev_id, 3);
	assert_int_equal(r->devices[0].groups, 1);
	assert_int_equal(r->nr_objects, 1);
	assert_int_equal(r->objects[0].address, H_OBJECT);
	assert_int_equal(r->objects[0].groups, 1);
	assert_int_equal(r->objects[0].owner_tgid, H_TGID);
	assert_string_equal(r->objects[0].owner, "vmm");
}

static void test_several_groups_in_one_read(void **state)
{
	struct history *h = *state;
	struct h_group g[40];
	struct iopf_report *r;

	for (uint32_t i = 0; i < 40; i++) {
		g[i] = h_group(i + 1);
		h_enqueue(h, &g[i], 100 + i, 100 + i);
	}
	h_read_groups(h, 500, 1000, g, 40);
	for (uint32_t i = 40; i--;)
		h_answer(h, &g[i], 2000, 2010);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.delivered, 40);
	assert_int_equal(r->calls.reads, 1);
	assert_int_equal(r->groups.outstanding_max, 40);
	h_assert_stage(r, IOPF_STAGE_WAIT, 40, 40 * 900 - 40 * 39 / 2, 861, 900);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 40, 40 * 1000, 1000, 1000);
}

static void test_group_of_many_pages(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3);
	struct h_group all[3];
	struct iopf_rec_pages pages = { .nr = 8 };
	struct iopf_report *r;

	a.pages = 8;
	b.pages = 20;
	all[0] = a, all[1] = b, all[2] = c;
	h_enqueue(h, &a, 100, 100);
	pages.group = a.pointer;
	H_PUT(h, pages, IOPF_REC_PAGES, 100, IOPF_CTX_REPORT);
	h_enqueue(h, &b, 100, 100);
	h_enqueue(h, &c, 100, 100);
	h_read_groups(h, 500, 1000, all, 3);
	for (int i = 0; i < 3; i++)
		h_answer(h, &all[i], 3000, 3001);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.enqueued, 3);
	assert_int_equal(r->groups.pages, 29);
	assert_int_equal(r->groups.delivered, 3);
	h_assert_stage(r, IOPF_STAGE_WAIT, 3, 2700, 900, 900);
	assert_int_equal(r->slowest[0].pages, 8);
}

/* Several reads that all come in several records, mixed up with each other. */
static void test_reads_that_overlap(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_rec_read read = { .object = H_OBJECT, .enter_ns = 500, .ret = 80 };
	struct iopf_rec_read_more more = { .object = H_OBJECT, .first = 1, .nr = 1 };
	struct iopf_report *r;
	uint64_t first, second;

	a.pages = 2;
	b.pages = 2;
	h_enqueue(h, &a, 100, 100);
	h_enqueue(h, &b, 100, 100);
	first = h->seq;
	read.fault = h_fault(&a, 0);
	h_task(h, 1, 1);
	H_PUT(h, read, IOPF_REC_READ, 1000, IOPF_CTX_READ);
	second = h->seq;
	read.fault = h_fault(&b, 0);
	h_task(h, 1, 2);
	H_PUT(h, read, IOPF_REC_READ, 1100, IOPF_CTX_READ);
	more.seq_of_read = first;
	more.fault[0] = h_fault(&a, 1);
	h_task(h, 1, 1);
	H_PUT(h, more, IOPF_REC_READ_MORE, 1200, IOPF_CTX_READ);
	more.seq_of_read = second;
	more.fault[0] = h_fault(&b, 1);
	h_task(h, 1, 2);
	H_PUT(h, more, IOPF_REC_READ_MORE, 1200, IOPF_CTX_READ);
	h_answer(h, &a, 2000, 2001);
	h_answer(h, &b, 2000, 2001);
	r = h_finish(h);
	h_assert_pass(r);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 1900, 900, 1000);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 2, 1900, 900, 1000);
}

static void test_slow_driver(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 200);
	h_enqueue(h, &b, 100, 200);
	h_read(h, &a, 300, 400);
	h_read(h, &b, 300, 400);
	h_answer(h, &a, 500, 5000500);
	h_answer(h, &b, 600, 0); /* not seen: the record's own time, 50 ns later, stands for it */
	r = h_finish(h);
	h_assert_stage(r, IOPF_STAGE_ACK, 2, 5000050, 50, 5000000);
	h_assert_stage(r, IOPF_STAGE_TOTAL, 2, 5000400 + 550, 550, 5000400);
}

/* Another thread answers between the copy to user space and the reading thread's return. */
static void test_answer_before_the_reads_record(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 200);
	h_answer(h, &a, 1000, 1100);
	h_enqueue(h, &b, 1200, 1300);
	h_answer(h, &b, 2000, 2100);
	h_read(h, &b, 1400, 2500);
	h_read(h, &a, 300, 800); /* its record was late, the read itself was not */
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.delivered, 2);
	assert_int_equal(r->groups.answered_user, 2);
	assert_int_equal(r->groups.adopted, 0);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 600 + 1200, 600, 1200);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 2, 200, 0, 200);
	assert_int_equal(r->stage[IOPF_STAGE_SERVICE].negative, 1);
	h_assert_stage(r, IOPF_STAGE_TOTAL, 2, 1000 + 900, 900, 1000);
	assert_int_equal(r->slowest[0].reader_tgid, H_TGID);
}

/* The same when the answer's record could not tell the cookie. */
static void test_answer_without_a_cookie_before_the_reads_record(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 200);
	h_respond(h, &a, 1000, 1100, IOPF_CODE_SUCCESS, IOPF_CTX_WRITE, 0);
	h_read(h, &a, 300, 1200);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.delivered, 1);
	assert_int_equal(r->groups.adopted, 0);
	assert_int_equal(r->groups.outstanding, 0);
	h_assert_one(r, IOPF_STAGE_WAIT, 1000);
}

/* The answer frees the cookie, and the next group may get it while the first read's record waits. */
static void test_answer_before_the_reads_record_and_cookie_used_again(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	b.cookie = a.cookie;
	h_enqueue(h, &a, 100, 100);
	h_enqueue(h, &b, 100, 100);
	h_answer(h, &a, 1000, 1001);
	h_read(h, &b, 1100, 1200);
	h_read(h, &a, 300, 1300);
	h_answer(h, &b, 1500, 1501);
	r = h_finish(h);
	h_assert_pass(r);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 1100 + 1200, 1100, 1200);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 2, 300, 0, 300);
}

/* Even when the two groups look the same: a read that began after an answer read something else. */
static void test_the_same_for_groups_that_look_alike(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(1);
	struct iopf_report *r;

	b.pointer += 64;
	h_enqueue(h, &a, 100, 100);
	h_enqueue(h, &b, 200, 200);
	h_answer(h, &a, 1000, 1001);
	h_read(h, &b, 1100, 1200);
	h_read(h, &a, 300, 1300);
	h_answer(h, &b, 1500, 1501);
	r = h_finish(h);
	h_assert_pass(r);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 1000 + 1200, 1000, 1200);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 2, 300, 0, 300);
}

static void test_read_still_inside_at_the_end(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 200);
	h_answer(h, &a, 1000, 1100);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.delivered, 0);
	assert_int_equal(r->groups.answered_user, 1);
	h_assert_none(r, IOPF_STAGE_SERVICE);
	h_assert_one(r, IOPF_STAGE_TOTAL, 1000);
	assert_int_equal(r->slowest[0].stage_ns[IOPF_STAGE_SERVICE], UINT64_MAX);
	assert_int_equal(r->slowest[0].reader_tid, 0);
}

static void test_cookie_and_pointer_used_again(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	for (uint64_t t = 0; t < 1000000; t += 1000) {
		h_enqueue(h, &g, t + 100, t + 110);
		h_read(h, &g, t + 120, t + 210);
		h_answer(h, &g, t + 410, t + 411);
	}
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.answered_user, 1000);
	assert_int_equal(r->groups.outstanding_max, 1);
	h_assert_stage(r, IOPF_STAGE_WAIT, 1000, 100000, 100, 100);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 1000, 200000, 200, 200);
	h_assert_stage(r, IOPF_STAGE_TOTAL, 1000, 311000, 311, 311);
}

/* On two CPUs at once: seen in one order, queued in the other. */
static void test_enqueued_at_the_same_time(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 100);
	h_enqueue(h, &b, 100, 101);
	h_read(h, &b, 150, 200);
	h_read(h, &a, 350, 400);
	h_answer(h, &a, 500, 501);
	h_answer(h, &b, 500, 501);
	r = h_finish(h);
	h_assert_pass(r);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 99 + 300, 99, 300);
}

/* And if nothing tells them apart but the cookie, which shows with the answer. */
static void test_enqueued_at_the_same_time_and_alike(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(1);
	struct iopf_report *r;

	b.pointer += 64;
	b.cookie = 2;
	h_enqueue(h, &a, 100, 100);
	h_enqueue(h, &b, 100, 150);
	h_read(h, &b, 160, 200); /* taken for a at first */
	h_answer(h, &b, 250, 251);
	h_read(h, &a, 350, 400);
	h_answer(h, &a, 500, 501);
	r = h_finish(h);
	h_assert_pass(r);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 50 + 300, 50, 300);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 2, 50 + 100, 50, 100);
}

/* The same, but both are read before the first answer: the deliveries change places. */
static void test_alike_and_both_delivered(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(1);
	struct iopf_report *r;

	b.pointer += 64;
	b.cookie = 2;
	h_enqueue(h, &a, 100, 100);
	h_enqueue(h, &b, 100, 150);
	h_read(h, &b, 160, 200);
	h_read(h, &a, 350, 400);
	h_answer(h, &a, 500, 501);
	h_answer(h, &b, 600, 601);
	r = h_finish(h);
	h_assert_pass(r);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 50 + 300, 50, 300);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 2, 100 + 400, 100, 400);
}

/* The same, but the first read's record is late, and its group is answered before it comes. */
static void test_alike_and_the_right_record_late(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(1);
	struct iopf_report *r;

	b.pointer += 64;
	b.cookie = 2;
	h_enqueue(h, &a, 100, 100);
	h_enqueue(h, &b, 100, 150);
	h_read(h, &b, 160, 200); /* taken for a */
	h_answer(h, &a, 300, 301); /* but a had cookie 1 */
	h_read(h, &a, 155, 400);
	h_answer(h, &b, 600, 601);
	r = h_finish(h);
	h_assert_pass(r);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 50 + 300, 50, 300);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 2, 0 + 400, 0, 400);
}

/*
 * When the driver is not told, the record of an answer is made when the call ends, and the memory
 * and the cookie of the group can be another's by then.
 */
static void test_memory_used_again_before_the_answers_record(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	b.pointer = a.pointer;
	b.cookie = a.cookie;
	h_alloc(h, H_OBJECT);
	h_enqueue(h, &a, 100, 100);
	h_read(h, &a, 150, 200);
	h_enqueue(h, &b, 400, 400);
	h_read(h, &b, 450, 500);
	h_answer(h, &a, 300, 0); /* at 350, by its record */
	h_answer(h, &b, 700, 710);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.answered_user, 2);
	assert_int_equal(r->groups.delivered, 2);
	assert_int_equal(r->groups.outstanding_max, 1);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 200, 100, 100);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 2, 100 + 200, 100, 200);
	h_assert_stage(r, IOPF_STAGE_ACK, 2, 50 + 10, 10, 50);
}

/* The same for groups that look alike: what comes next with the cookie is not the first again. */
static void test_the_same_for_groups_that_look_alike_and_late_answers(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(1);
	struct iopf_report *r;

	b.pointer += 64;
	h_alloc(h, H_OBJECT);
	h_enqueue(h, &a, 100, 100);
	h_read(h, &a, 150, 200);
	h_enqueue(h, &b, 310, 320);
	h_read(h, &b, 450, 500); /* a was answered at 300 */
	h_answer(h, &a, 300, 0);
	h_answer(h, &b, 700, 710);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.delivered, 2);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 100 + 180, 100, 180);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 2, 100 + 200, 100, 200);
}

/* An answer that is older than the group that has its memory, and nobody else's. */
static void test_answer_of_what_was_there_before(void **state)
{
	struct history *h = *state;
	struct h_group old = h_group(1), new = h_group(2);
	struct iopf_report *r;

	new.pointer = old.pointer;
	h_enqueue(h, &new, 400, 400);
	h_answer(h, &old, 300, 0);
	h_read(h, &new, 450, 500);
	h_answer(h, &new, 700, 710);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.adopted, 1);
	assert_int_equal(r->groups.answered_user, 2);
	h_assert_one(r, IOPF_STAGE_SERVICE, 200);
	h_assert_one(r, IOPF_STAGE_TOTAL, 310);
}

static void test_waiting_at_the_end(void **state)
{
	struct history *h = *state;
	struct h_group g[20];
	struct iopf_report *r;

	h_name(h, "vmm");
	for (uint32_t i = 0; i < 20; i++) {
		g[i] = h_group(i + 1);
		h_enqueue(h, &g[i], 1000 + i, 1010 + i);
	}
	h_read(h, &g[0], 2000, 2010);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.outstanding, 20);
	assert_int_equal(r->groups.delivered, 1);
	assert_int_equal(r->nr_waiting, 16);
	for (uint32_t i = 0; i < 16; i++)
		assert_int_equal(r->waiting[i].seq, i + 1);
	assert_int_equal(r->waiting[0].by, IOPF_BY_NOBODY);
	assert_int_equal(r->waiting[0].stage_ns[IOPF_STAGE_WAIT], 1000);
	assert_int_equal(r->waiting[0].stage_ns[IOPF_STAGE_SERVICE], UINT64_MAX);
	assert_string_equal(r->waiting[0].reader, "vmm");
	assert_int_equal(r->waiting[0].cookie, 1);
	assert_int_equal(r->waiting[1].stage_ns[IOPF_STAGE_WAIT], UINT64_MAX);
	assert_int_equal(r->waiting[1].cookie, 0);
	h_assert_one(r, IOPF_STAGE_WAIT, 1000);
	h_assert_none(r, IOPF_STAGE_TOTAL);
}

/* A copy that failed gives the group back; the next read delivers it. */
static void test_delivered_after_a_failed_copy(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	h_enqueue(h, &g, 100, 100);
	h_read_result(h, H_OBJECT, 150, 200, -14, IOPF_READ_NOT_EMPTY | IOPF_READ_STILL_HELD);
	h_read_result(h, H_OBJECT, 210, 220, 0, IOPF_READ_NOT_EMPTY);
	h->run.empty_reads = 7;
	g.cookie = 2;
	h_read(h, &g, 250, 300);
	h_answer(h, &g, 400, 401);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.delivered, 1);
	assert_int_equal(r->calls.reads, 10);
	assert_int_equal(r->calls.failed_reads, 1);
	assert_int_equal(r->calls.empty_reads, 8);
	h_assert_one(r, IOPF_STAGE_WAIT, 200);
}

/* Half a group and then all of it, as some kernels did: it is one delivery. */
static void test_delivered_twice_counts_once(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	h_enqueue(h, &g, 100, 100);
	h_read(h, &g, 150, 200);
	h_read(h, &g, 250, 300);
	h_answer(h, &g, 400, 401);
	r = h_finish(h);
	assert_int_equal(r->groups.delivered, 1);
	assert_int_equal(r->groups.adopted, 0);
	h_assert_one(r, IOPF_STAGE_WAIT, 100);
}

/* The buffer cannot be read: the queue's order and the number of records tell what was delivered. */
static void test_unreadable_buffer(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3);
	struct iopf_report *r;

	b.pages = 3;
	h_alloc(h, H_OBJECT);
	h_enqueue(h, &a, 100, 100);
	h_enqueue(h, &b, 100, 100);
	h_enqueue(h, &c, 100, 100);
	h_read_result(h, H_OBJECT, 150, 200, 4 * 40, IOPF_READ_UNREADABLE);
	h_answer(h, &b, 500, 501);
	h_answer(h, &a, 500, 501);
	h_read(h, &c, 600, 700);
	h_answer(h, &c, 800, 801);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.delivered, 3);
	h_assert_stage(r, IOPF_STAGE_WAIT, 3, 100 + 100 + 600, 100, 600);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 3, 300 + 300 + 100, 100, 300);
}

/* The same in the middle of a read: the first group of it could be read. */
static void test_unreadable_rest_of_a_read(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3);
	struct iopf_rec_read read = { .object = H_OBJECT, .enter_ns = 150, .ret = 5 * 40 };
	struct iopf_rec_read_more more = {
		.object = H_OBJECT,
		.first = 1,
		.flags = IOPF_READ_UNREADABLE,
	};
	struct iopf_report *r;

	a.pages = 2;
	b.pages = 3;
	h_alloc(h, H_OBJECT);
	h_enqueue(h, &a, 100, 100);
	h_enqueue(h, &b, 100, 100);
	h_enqueue(h, &c, 100, 100);
	read.fault = h_fault(&a, 0);
	more.seq_of_read = h->seq;
	H_PUT(h, read, IOPF_REC_READ, 200, IOPF_CTX_READ);
	H_PUT(h, more, IOPF_REC_READ_MORE, 200, IOPF_CTX_READ);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.delivered, 2);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 200, 100, 100);
	assert_int_equal(r->waiting[2].cookie, 0);
}

/* What has been answered already comes before what waits in the queue. */
static void test_unreadable_buffer_and_early_answer(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	h_alloc(h, H_OBJECT);
	h_enqueue(h, &a, 100, 100);
	h_enqueue(h, &b, 100, 100);
	h_answer(h, &a, 300, 301);
	h_read_result(h, H_OBJECT, 150, 400, 40, IOPF_READ_UNREADABLE);
	h_read_result(h, H_OBJECT, 410, 500, 40, IOPF_READ_UNREADABLE);
	h_answer(h, &b, 700, 701);
	r = h_finish(h);
	h_assert_pass(r);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 300 + 400, 300, 400);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 2, 200, 0, 200);
	assert_int_equal(r->stage[IOPF_STAGE_SERVICE].negative, 1);
}

/* There may be groups in the queue from before tracing: then nothing certain can be said. */
static void test_unreadable_buffer_of_an_older_object(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 100);
	h_read_result(h, H_OBJECT, 150, 200, 40, IOPF_READ_UNREADABLE);
	h_answer(h, &a, 500, 501);
	r = h_finish(h);
	h_assert_doubt(r, IOPF_DOUBT_BALANCE);
	h_assert_none(r, IOPF_STAGE_WAIT);
	h_assert_none(r, IOPF_STAGE_SERVICE);
	h_assert_one(r, IOPF_STAGE_TOTAL, 401);
}

/* User memory that was written over says nothing; it must not bring groups into being. */
static void test_garbled_buffer(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), lie = h_group(77);
	struct iopf_report *r;

	h_alloc(h, H_OBJECT);
	h_enqueue(h, &a, 100, 100);
	h_read(h, &lie, 150, 200);
	h_answer(h, &a, 500, 501);
	r = h_finish(h);
	h_assert_doubt(r, IOPF_DOUBT_BALANCE);
	assert_int_equal(r->groups.delivered, 1);
	assert_int_equal(r->groups.adopted, 0);
	assert_int_equal(r->groups.outstanding, 0);
	h_assert_none(r, IOPF_STAGE_WAIT);
	h_assert_none(r, IOPF_STAGE_SERVICE);
	h_assert_one(r, IOPF_STAGE_TOTAL, 401);
}

static void test_impossible_times_are_counted(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	h_enqueue(h, &g, 500, 400);
	h_read(h, &g, 250, 300);
	h_answer(h, &g, 250, 200);
	r = h_finish(h);
	for (int i = 0; i < IOPF_STAGES; i++) {
		h_assert_one(r, i, 0);
		assert_int_equal(r->stage[i].negative, 1);
	}
}

static void test_unknown_times_are_not_counted(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	h_enqueue(h, &g, 0, 400);
	h_read(h, &g, 450, 500);
	h_answer(h, &g, 700, 800);
	r = h_finish(h);
	h_assert_none(r, IOPF_STAGE_ROUTE);
	h_assert_one(r, IOPF_STAGE_WAIT, 100);
	h_assert_one(r, IOPF_STAGE_SERVICE, 200);
	h_assert_one(r, IOPF_STAGE_ACK, 100);
	h_assert_none(r, IOPF_STAGE_TOTAL);
	assert_int_equal(r->nr_slowest, 0);
}

/* Of equally slow ones the first is kept, also when a slower one comes later. */
static void test_slowest_of_equals(void **state)
{
	static const uint64_t total[] = { 50, 50, 60 };
	struct history *h = *state;
	struct iopf_report *r;

	h->opts.slowest = 2;
	for (uint32_t i = 0; i < 3; i++) {
		struct h_group g = h_group(i + 1);

		h_enqueue(h, &g, 1000, 1000);
		h_answer(h, &g, 1000, 1000 + total[i]);
		h_read(h, &g, 1000, 1000);
	}
	r = h_finish(h);
	assert_int_equal(r->nr_slowest, 2);
	assert_int_equal(r->slowest[0].seq, 6);
	assert_int_equal(r->slowest[1].seq, 0);
}

static void test_slowest_are_kept(void **state)
{
	struct history *h = *state;
	struct iopf_report *r;

	h->opts.slowest = 3;
	for (uint32_t i = 0; i < 100; i++) {
		struct h_group g = h_group(1);
		uint64_t t = i * 10000ULL + 1000;

		/* 37 * i modulo 101 goes through all the numbers; 50 comes twice. */
		h_enqueue(h, &g, t, t);
		h_read(h, &g, t, t);
		h_answer(h, &g, t, t + (i == 99 ? 98 : 37 * i % 101));
	}
	r = h_finish(h);
	assert_int_equal(r->nr_slowest, 3);
	assert_int_equal(r->slowest[0].stage_ns[IOPF_STAGE_TOTAL], 100);
	assert_int_equal(r->slowest[1].stage_ns[IOPF_STAGE_TOTAL], 99);
	assert_int_equal(r->slowest[2].stage_ns[IOPF_STAGE_TOTAL], 98);
	assert_true(r->slowest[2].seq < 99 * 3); /* of equal ones the first */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		H_TEST(test_one_group),
		H_TEST(test_several_groups_in_one_read),
		H_TEST(test_group_of_many_pages),
		H_TEST(test_reads_that_overlap),
		H_TEST(test_slow_driver),
		H_TEST(test_answer_before_the_reads_record),
		H_TEST(test_answer_without_a_cookie_before_the_reads_record),
		H_TEST(test_answer_before_the_reads_record_and_cookie_used_again),
		H_TEST(test_the_same_for_groups_that_look_alike),
		H_TEST(test_read_still_inside_at_the_end),
		H_TEST(test_cookie_and_pointer_used_again),
		H_TEST(test_enqueued_at_the_same_time),
		H_TEST(test_enqueued_at_the_same_time_and_alike),
		H_TEST(test_alike_and_both_delivered),
		H_TEST(test_alike_and_the_right_record_late),
		H_TEST(test_memory_used_again_before_the_answers_record),
		H_TEST(test_the_same_for_groups_that_look_alike_and_late_answers),
		H_TEST(test_answer_of_what_was_there_before),
		H_TEST(test_waiting_at_the_end),
		H_TEST(test_delivered_after_a_failed_copy),
		H_TEST(test_delivered_twice_counts_once),
		H_TEST(test_unreadable_buffer),
		H_TEST(test_unreadable_rest_of_a_read),
		H_TEST(test_unreadable_buffer_and_early_answer),
		H_TEST(test_unreadable_buffer_of_an_older_object),
		H_TEST(test_garbled_buffer),
		H_TEST(test_impossible_times_are_counted),
		H_TEST(test_unknown_times_are_not_counted),
		H_TEST(test_slowest_are_kept),
		H_TEST(test_slowest_of_equals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
