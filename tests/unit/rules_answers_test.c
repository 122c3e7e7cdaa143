// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The rules about answers: IOPF001, 002, 008, 027, 028, 029. */
#include "rules.h"

#define ERROR IOPF_SEVERITY_ERROR
#define WARN IOPF_SEVERITY_WARN
#define NOTE IOPF_SEVERITY_NOTE

static void test_legal_lives(void **state)
{
	struct history *h = *state;

	r_alloc(h, H_OBJECT, 10);
	for (uint32_t i = 0; i < 100; i++) {
		struct h_group g = h_group(1 + i % 7);

		r_life(h, &g, 100 + 100 * i);
	}
	r_release(h, H_OBJECT, 20000);
	r_destroy(h, H_OBJECT, 20010, 20020);
	r_finds_nothing(h);
	h_assert_pass(h->report);
	assert_true(h->report->judged);
}

/* IOPF001 (a): answered, but too late. */
static void test_answered_after_the_deadline(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	const struct iopf_case *c;

	h->opts.deadline_ns[IOPF_DEADLINE_ANSWER] = 1000;
	h->object_id = 4;
	h_name(h, "vmm");
	r_queue(h, &g, 100);
	h_read(h, &g, 150, 200);
	r_user(h, &g, 1101);
	c = r_finds(h, 1, ERROR);
	r_is_about(c, &g, IOPF_BLAME_USER);
	assert_int_equal(c->object_id, 4);
	assert_int_equal(c->group.cookie, 1);
	assert_int_equal(c->group.addr, g.addr);
	r_steps(c, "report queue read end* answer");
	r_offends(c, IOPF_STEP_END, 1100);
	assert_string_equal(c->step[2].comm, "vmm");
	assert_int_equal(c->step[2].tid, H_TGID);
	assert_int_equal(h->report->exit_code, 1);
}

static void test_answered_at_the_deadline(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	h->opts.deadline_ns[IOPF_DEADLINE_ANSWER] = 1000;
	r_queue(h, &g, 100);
	h_read(h, &g, 150, 200);
	r_user(h, &g, 1100);
	r_finds_nothing(h);
}

/* Not read at all: whose fault that is cannot be said. */
static void test_not_answered_at_the_end(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), late = h_group(3);
	struct iopf_report *r;

	h->opts.deadline_ns[IOPF_DEADLINE_ANSWER] = 1000;
	r_queue(h, &a, 100);
	r_queue(h, &b, 110);
	h_read(h, &a, 150, 200);
	r_queue(h, &late, R_END_NS - 500);
	r = h_finish(h);
	r_is_about(r_found(r, 1, ERROR, 2), &a, IOPF_BLAME_USER);
	r_is_about(&r_finding(r, 1, ERROR)->cases[1], &b, IOPF_BLAME_UNKNOWN);
	/* The third is a note: no deadline has passed for it. */
	r_is_about(r_found(r, 1, NOTE, 1), &late, IOPF_BLAME_UNKNOWN);
	assert_int_equal(r->nr_findings, 2);
}

/* The record of a late answer comes when its memory is another group's. */
static void test_late_answer_of_memory_used_again(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct r_answer late = r_answer_at(&a, 4000);

	h->opts.deadline_ns[IOPF_DEADLINE_ANSWER] = 1000;
	b.pointer = a.pointer;
	b.cookie = 2;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &a, 100);
	h_read(h, &a, 150, 200);
	r_queue(h, &b, 4100);
	late.driver_calls = 0;
	late.record_ns = 4150;
	r_answer(h, &a, &late);
	h_read(h, &b, 4200, 4210);
	r_user(h, &b, 4300);
	r_is_about(r_finds(h, 1, ERROR), &a, IOPF_BLAME_USER);
}

/* Of one that was queued before tracing, it is known for how long at least. */
static void test_deadline_of_a_group_found_waiting(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	h->opts.deadline_ns[IOPF_DEADLINE_ANSWER] = 1000;
	r_waiting(h, &g, 100, IOPF_WAITING_DELIVERED);
	r_walked(h, H_OBJECT, 90, 110, 0);
	r_user(h, &g, 1200);
	r = h_finish(h);
	r_is_about(r_only(r, 1, ERROR, 1), &g, IOPF_BLAME_USER);
}

static void test_no_deadline_for_what_is_not_certain(void **state)
{
	struct history *h = *state;
	struct h_group adopted = h_group(1), gapped = h_group(2), unknown = h_group(3);
	struct iopf_rec_enqueue r = { .group = unknown.pointer, .object = H_OBJECT, .grpid = 3 };

	h->opts.deadline_ns[IOPF_DEADLINE_ANSWER] = 1000;
	r_queue(h, &gapped, 100);
	h_lose(h, 1);
	r.dev = H_DEVICE;
	r.pages = 1;
	r.flags = IOPF_PRQ_LAST_PAGE;
	h_put(h, &r, sizeof(r), IOPF_REC_ENQUEUE, 0, 0);
	((struct iopf_rec *)(h->bytes + h->nr_bytes - sizeof(r)))->time_ns = 0;
	h_read(h, &adopted, 150, 200);
	r_user(h, &adopted, 9000);
	r_user(h, &gapped, 9010);
	r_legal(h_finish(h));
}

/* IOPF001 (c): tracing that stops says nothing bad. */
static void test_outstanding_at_the_end(void **state)
{
	struct history *h = *state;
	struct h_group g[3] = { h_group(1), h_group(2), h_group(3) };
	const struct iopf_case *c;
	struct iopf_report *r;

	for (int i = 0; i < 3; i++)
		r_queue(h, &g[i], 100 + i);
	h_read(h, &g[0], 150, 200);
	r = h_finish(h);
	c = r_only(r, 1, NOTE, 3);
	r_is_about(c, &g[0], IOPF_BLAME_UNKNOWN);
	r_offends(c, IOPF_STEP_END, R_END_NS);
	assert_int_equal(r->exit_code, 0);
	h_assert_pass(r);
}

/* The oldest is told, wherever it is kept. */
static void test_oldest_outstanding_is_kept(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3);
	struct iopf_report *r;

	h->opts.max_cases = 1;
	r_queue(h, &a, 100);
	r_queue(h, &b, 110);
	h_read(h, &a, 120, 130);
	r_user(h, &a, 140);
	r_queue(h, &c, 200);
	r = h_finish(h);
	r_is_about(r_only(r, 1, NOTE, 2), &b, IOPF_BLAME_UNKNOWN);
}

/* IOPF002. */
static void test_answered_twice(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	const struct iopf_case *c;
	struct iopf_report *r;

	r_queue(h, &g, 100);
	h_read(h, &g, 150, 200);
	r_user(h, &g, 300);
	r_kernel(h, &g, 400, IOPF_CTX_DESTROY);
	r = h_finish(h);
	c = r_found(r, 2, ERROR, 1);
	r_is_about(c, &g, IOPF_BLAME_KERNEL);
	r_steps(c, "queue answer answer*");
	r_offends(c, IOPF_STEP_ANSWER, 400);
	assert_int_equal(c->seq, 3);
	assert_int_equal(c->group.seq, 0);
	assert_int_equal(c->group.cookie, 1);
}

static void test_answered_once_each_time_memory_is_used(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	for (uint64_t t = 100; t < 1000; t += 100)
		r_life(h, &g, t);
	r_finds_nothing(h);
}

/* The kernel's own SVA handler has got the memory, and its answers no ENQUEUE. */
static void test_memory_used_by_a_group_of_sva(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1), sva = h_group(1);
	struct r_answer a = r_answer_at(&sva, 400);

	r_life(h, &g, 100);
	a.cookie = 0;
	a.object = 0;
	a.enter_ns = 0;
	a.context = 0;
	sva.pasid = 77;
	r_answer(h, &sva, &a);
	sva.dev = H_DEVICE2;
	r_answer(h, &sva, &a);
	/* Nor does one that its handler refuses. */
	a = r_kernel_answer_at(&sva, 500, IOPF_CTX_REPORT);
	a.cookie = 0;
	a.object = 0;
	r_answer(h, &sva, &a);
	r_silent(h_finish(h), 2);
}

/* The answer of a group whose beginning is not known, or with a gap before. */
static void test_answered_twice_is_not_known(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3);

	r_user(h, &a, 100);
	r_user(h, &a, 200);
	r_life(h, &b, 300);
	h_lose(h, 1);
	r_user(h, &b, 400);
	r_queue(h, &c, 500);
	h_lose(h, 1);
	r_user(h, &c, 600);
	r_user(h, &c, 700);
	r_silent(h_finish(h), 2);
}

/* A late record is of the group that had the memory before. */
static void test_late_record_is_no_second_answer(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct r_answer late = r_answer_at(&a, 300);

	b.pointer = a.pointer;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &a, 100);
	h_read(h, &a, 150, 200);
	r_queue(h, &b, 310);
	late.driver_calls = 0;
	late.record_ns = 350;
	r_answer(h, &a, &late);
	h_read(h, &b, 360, 370);
	r_user(h, &b, 400);
	r_finds_nothing(h);
}

/* IOPF008: no read can have told the cookie. */
static void test_answered_before_delivery(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	const struct iopf_case *c;
	struct iopf_report *r;

	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	r_user(h, &g, 200);
	r_release(h, H_OBJECT, 300);
	r_destroy(h, H_OBJECT, 310, 320);
	r = h_finish(h);
	c = r_only(r, 8, ERROR, 1);
	r_is_about(c, &g, IOPF_BLAME_KERNEL);
	r_steps(c, "report queue answer*");
	r_offends(c, IOPF_STEP_ANSWER, 200);
	assert_int_equal(c->group.cookie, 1);
}

/* Answered between the copy and the read's return, which legal programs do. */
static void test_answered_before_the_read_returns(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	r_user(h, &g, 200);
	h_read(h, &g, 150, 250);
	r_destroy(h, H_OBJECT, 310, 320);
	r_finds_nothing(h);
}

/*
 * A read that failed, which gave nothing away; and the kernel's own word that there was no cookie: unless
 * 0 is one, as it is once user space has written it, or may have been.
 */
static void test_answered_before_delivery_for_sure(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);

		if (i != 4)
			r_alloc(h, H_OBJECT, 10);
		if (i == 0)
			h_read_result(h, H_OBJECT, 20, 30, -14, IOPF_READ_NOT_EMPTY);
		if (i == 2)
			r_refused(h, 40, 0, 1);
		r_queue(h, &g, 100);
		g.cookie = i == 0;
		r_user(h, &g, 200);
		if (i == 3) { /* the record of that write is late */
			h_read(h, &g, 150, 210);
			r_refused(h, 60, 0, 1);
		}
		r_destroy(h, H_OBJECT, 310, 320);
		if (i < 2)
			r_is_about(r_found(h_finish(h), 8, ERROR, 1), &g, IOPF_BLAME_KERNEL);
		else if (i > 2)
			r_silent(h_finish(h), 8);
		else /* by number alone: no read has returned it */
			r_found(h_finish(h), 8, ERROR, 1);
		h_free(h);
	}
}

/* Reads that may have delivered it: their contents are not known, their length is wrong. */
static void test_delivery_that_may_have_been(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1), lie = h_group(77);

		if (i != 3)
			r_alloc(h, H_OBJECT, 10); /* else it may be older */
		r_queue(h, &g, 100);
		if (i == 0)
			h_read_result(h, H_OBJECT, 120, 130, 39, IOPF_READ_UNREADABLE);
		if (i == 1)
			h_read_result(h, H_OBJECT, 120, 130, 40, IOPF_READ_UNREADABLE);
		if (i == 2)
			h_read(h, &lie, 120, 130);
		r_user(h, &g, 200);
		r_destroy(h, H_OBJECT, 310, 320);
		r_silent(h_finish(h), 8);
		h_free(h);
	}
}

/* What is only traced while the object lives is not judged: the read may not have returned. */
static void test_no_delivery_by_the_end_of_the_trace(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	r_user(h, &g, 200);
	r_finds_nothing(h);
}

/* IOPF027: answered through another object. */
static void test_answered_through_another_object(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct r_answer a = r_answer_at(&g, 300);
	const struct iopf_case *c;

	a.object = H_OBJECT2;
	r_queue(h, &g, 100);
	h_read(h, &g, 150, 200);
	r_answer(h, &g, &a);
	c = r_found(h_finish(h), 27, ERROR, 1);
	r_is_about(c, &g, IOPF_BLAME_KERNEL);
	r_offends(c, IOPF_STEP_ANSWER, 300);
}

/* The same by a detach that had another object in mind; and by queue removal, which has none. */
static void test_answered_through_no_object(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3);
	struct r_answer answer = r_kernel_answer_at(&a, 300, IOPF_CTX_AUTO);

	answer.object = 0;
	r_queue(h, &a, 100);
	r_queue(h, &b, 110);
	r_queue(h, &c, 120);
	r_answer(h, &a, &answer);
	r_driver(h, &b, 310, IOPF_CODE_INVALID, IOPF_CTX_QREMOVE);
	h_lose(h, 1);
	answer.object = H_OBJECT2;
	r_answer(h, &c, &answer);
	r_silent(h_finish(h), 27);
}

/* IOPF028, of a group that never was on an object, and of one that was. */
static void test_aborted(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct r_answer abort = r_kernel_answer_at(&a, 100, IOPF_CTX_REPORT);
	const struct iopf_case *c;
	struct iopf_report *r;

	abort.object = 0;
	abort.cookie = 0;
	r_answer(h, &a, &abort);
	r_queue(h, &b, 200);
	abort.at_ns = 210;
	abort.enter_ns = 195;
	abort.record_ns = 220;
	r_answer(h, &b, &abort);
	r = h_finish(h);
	c = r_only(r, 28, WARN, 2);
	assert_int_equal(c->group.grpid, 1);
	assert_int_equal(c->blame, IOPF_BLAME_KERNEL);
	r_steps(c, "answer*");
	c = &r_finding(r, 28, WARN)->cases[1];
	r_is_about(c, &b, IOPF_BLAME_KERNEL);
	r_steps(c, "report queue answer*");
	assert_int_equal(r->exit_code, 0);
}

/* IOPF029: one finding, with their number. */
static void test_kernel_answered(void **state)
{
	struct history *h = *state;
	static const uint32_t context[] = { IOPF_CTX_AUTO, IOPF_CTX_AUTO, IOPF_CTX_DESTROY };
	struct iopf_report *r;

	for (uint32_t i = 0; i < 3; i++) {
		struct h_group g = h_group(1 + i);

		r_queue(h, &g, 100 + i);
		g.cookie = 0;
		r_kernel(h, &g, 200 + 10 * i, context[i]);
	}
	r = h_finish(h);
	r_found(r, 29, NOTE, 3);
	assert_int_equal(r_finding(r, 29, NOTE)->nr_cases, 1);
	r_legal(r);
	h_assert_pass(r);
}

/* A policy can make it an error. */
static void test_kernel_answered_as_an_error(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	h->opts.severity[29] = ERROR;
	r_queue(h, &g, 100);
	g.cookie = 0;
	r_kernel(h, &g, 200, IOPF_CTX_AUTO);
	r_finds(h, 29, ERROR);
	assert_int_equal(h->report->exit_code, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		R_TEST(test_legal_lives),
		R_TEST(test_answered_after_the_deadline),
		R_TEST(test_answered_at_the_deadline),
		R_TEST(test_not_answered_at_the_end),
		R_TEST(test_late_answer_of_memory_used_again),
		R_TEST(test_deadline_of_a_group_found_waiting),
		R_TEST(test_no_deadline_for_what_is_not_certain),
		R_TEST(test_outstanding_at_the_end),
		R_TEST(test_oldest_outstanding_is_kept),
		R_TEST(test_answered_twice),
		R_TEST(test_answered_once_each_time_memory_is_used),
		R_TEST(test_memory_used_by_a_group_of_sva),
		R_TEST(test_answered_twice_is_not_known),
		R_TEST(test_late_record_is_no_second_answer),
		R_TEST(test_answered_before_delivery),
		R_TEST(test_answered_before_the_read_returns),
		R_TEST(test_answered_before_delivery_for_sure),
		R_TEST(test_delivery_that_may_have_been),
		R_TEST(test_no_delivery_by_the_end_of_the_trace),
		R_TEST(test_answered_through_another_object),
		R_TEST(test_answered_through_no_object),
		R_TEST(test_aborted),
		R_TEST(test_kernel_answered),
		R_TEST(test_kernel_answered_as_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
