// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Rare orders of records: each of these histories was once judged wrongly, for what came before what.
 */
#include "rules.h"

#define ERROR IOPF_SEVERITY_ERROR
#define WARN IOPF_SEVERITY_WARN

/* The walk sees a group in the queue; the record of the read that takes it comes before the walk's. */
static void test_walk_is_told_after_the_read(void **state)
{
	(void)state;
	for (int answered = 0; answered < 2; answered++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);

		h->opts.deadline_ns[IOPF_DEADLINE_READ] = 1000;
		h_read(h, &g, 150, 200);
		r_waiting(h, &g, 140, 0);
		r_walked(h, H_OBJECT, 130, 220, 0);
		if (answered)
			r_user(h, &g, 3000);
		h_finish(h);
		r_silent(h->report, 26);
		assert_int_equal(h->report->groups.delivered, 1);
		assert_int_equal(h->report->groups.outstanding, !answered);
		h_free(h);
	}
}

/* The same, but the walk has seen it delivered. */
static void test_walk_sees_what_a_read_has_told(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1), again = h_group(2);

	again.pointer = g.pointer;
	h_read(h, &g, 150, 200);
	r_waiting(h, &g, 210, IOPF_WAITING_DELIVERED);
	r_walked(h, H_OBJECT, 130, 220, 0);
	r_user(h, &g, 300);
	r_life(h, &again, 400);
	h_finish(h);
	r_legal(h->report);
	assert_int_equal(h->report->groups.delivered, 2);
}

/* A buffer that is read into twice at a time shows again a part of what had been delivered. */
static void test_part_of_what_was_delivered(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_pgfault old;

	a.pages = 2;
	old = h_fault(&a, 0);
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &a, 100);
	r_pages(h, &a);
	r_queue(h, &b, 110);
	h_read(h, &a, 150, 200);
	h_read_faults(h, H_OBJECT, 210, 220, &old, 1);
	r_legal(h_finish(h));
}

/* What a cookie was read for is not sure: the same group is read with it once more. */
static void test_cookie_of_another_is_read_again(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), unread = h_group(3);

	b.cookie = a.cookie;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &unread, 90);
	r_queue(h, &a, 100);
	r_queue(h, &b, 110);
	h_read(h, &b, 150, 200); /* of another, over which one that failed has written */
	h_read(h, &a, 210, 220);
	r_user(h, &a, 300);
	h_read(h, &b, 310, 320);
	r_user(h, &b, 400);
	r_legal(h_finish(h));
}

/* A group goes back to the queue with the cookie of the read that failed, and another gets it. */
static void test_old_cookie_of_a_queued_group(void **state)
{
	struct history *h = *state;
	struct h_group back = h_group(1), g = h_group(2);
	struct r_answer a = r_kernel_answer_at(&back, 300, IOPF_CTX_AUTO);

	g.cookie = back.cookie;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &back, 100);
	r_queue(h, &g, 110);
	h_read(h, &g, 150, 200);
	r_answer(h, &back, &a);
	r_user(h, &g, 400);
	h_finish(h);
	r_silent(h->report, 12);
}

/* Nothing is left over for sure where nobody looked which calls are inside. */
static void test_left_over_without_a_look_inside(void **state)
{
	(void)state;
	for (int looked = 0; looked < 2; looked++) {
		struct history *h = r_new();
		struct h_group a = h_group(1), b = h_group(2);

		b.grpid = a.grpid;
		h->run.absent = looked ? 0 : 1U << IOPF_PROBE_INSIDE;
		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &a, 100);
		h_read(h, &a, 110, 120);
		r_queue(h, &b, 200);
		h_finish(h);
		if (looked)
			r_found(h->report, 21, WARN, 1);
		else
			r_silent(h->report, 21);
		h_free(h);
	}
}

/* A group is delivered and answered on another object; the answer's record comes first. */
static void test_delivered_elsewhere_and_answered_first(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1), seen = h_group(1);
	struct r_answer a = r_answer_at(&g, 180);

	seen.object = a.object = H_OBJECT + 0x1000;
	r_alloc(h, H_OBJECT, 10);
	r_alloc(h, a.object, 20);
	r_queue(h, &g, 100);
	r_answer(h, &g, &a);
	h_read(h, &seen, 150, 200);
	h_finish(h);
	r_found(h->report, 27, ERROR, 1);
	r_silent(h->report, 10);
}

/* IOPF012 of a group that was answered before the record of its read came. */
static void test_other_fields_after_the_answer(void **state)
{
	(void)state;
	for (int page = 0; page < 2; page++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct iopf_pgfault f[2];

		g.pages = 2;
		for (int i = 0; i < 2; i++)
			f[i] = h_fault(&g, i);
		if (page)
			f[0].perm ^= 2; /* known by the rest, */
		else
			f[0].dev_id = f[1].dev_id = 4; /* or by its cookie alone */
		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		r_pages(h, &g);
		r_user(h, &g, 180);
		h_read_faults(h, H_OBJECT, 150, 200, f, 2);
		r_is_about(r_only(h_finish(h), 12, ERROR, 1), &g, IOPF_BLAME_KERNEL);
		assert_int_equal(h->report->groups.delivered, 1);
		h_free(h);
	}
}

/* A detach left a group, unless a call that nobody looked for has answered it: that is no pass. */
static void test_left_over_is_no_pass_either(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	h->run.absent = 1U << IOPF_PROBE_INSIDE;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	h_read(h, &g, 110, 120);
	r_detach(h, R_HANDLE, 200, 210);
	h_finish(h);
	r_silent(h->report, 16);
	assert_int_equal(h->report->verdict, IOPF_INCONCLUSIVE);
}

/* A cookie that was never handed out, unless a read that has not returned does: before it, or after. */
static void test_stray_beside_a_read_inside(void **state)
{
	(void)state;
	for (int before = 0; before < 2; before++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);

		r_alloc(h, H_OBJECT, 10);
		r_life(h, &g, 100);
		r_refused(h, 300, 7, 0);
		r_inside(h, H_OBJECT, IOPF_CTX_READ, before ? 290 : 400, 5000);
		h_finish(h);
		if (before)
			r_silent(h->report, 3);
		else
			r_found(h->report, 3, ERROR, 1);
		assert_int_equal(h->report->verdict, before ? IOPF_INCONCLUSIVE : IOPF_VIOLATION);
		h_free(h);
	}
}

/*
 * IOPF011: the first group was handed out, or so it seems, and no read has told of it; a later one was
 * delivered. It ends by a detach, or not at all.
 */
static void test_passed_over(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		struct history *h = r_new();
		struct h_group a = h_group(1), b = h_group(2), strange = h_group(50);
		struct iopf_report *r;

		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &a, 100);
		if (i == 3) /* it is not certain which came first */
			r_enqueue(h, &b, 110, R_HANDLE, 0);
		else
			r_queue(h, &b, 110);
		if (i ==
		    4) /* it was answered before the other was delivered: it had left the queue */
			r_kernel(h, &a, 115, IOPF_CTX_AUTO);
		h_read(h, &b, 120, 130);
		if (i == 5) /* a read of what nobody knows may have been it */
			h_read(h, &strange, 131, 135);
		r_user(h, &b, 150);
		if (i == 0 || i == 3 || i == 5)
			r_kernel(h, &a, 200, IOPF_CTX_AUTO);
		if (i == 2) /* a read that goes on may return it */
			r_inside(h, H_OBJECT, IOPF_CTX_READ, 115, 5000);
		if (i == 1) /* not so one that began after the other had been delivered */
			r_inside(h, H_OBJECT, IOPF_CTX_READ, 290, 5000);
		r = h_finish(h);
		if (i < 2) {
			r_is_about(r_found(r, 11, ERROR, 1), &a, IOPF_BLAME_KERNEL);
			assert_int_equal(r->exit_code, 1);
		} else {
			r_silent(r, 11);
			assert_int_equal(r->verdict == IOPF_INCONCLUSIVE, i == 2 || i == 5);
		}
		h_free(h);
	}
}

/* IOPF001: the memory of a group is another's, and no answer to it was seen. */
static void test_disappeared(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++) {
		struct history *h = r_new();
		struct h_group a = h_group(1);
		struct iopf_report *r;

		r_alloc(h, H_OBJECT, 10);
		if (i == 4 || i == 7) /* which may pass long before the end */
			h->opts.deadline_ns[IOPF_DEADLINE_ANSWER] = 1000;
		r_queue(h, &a, 100);
		if (i == 1)
			h_read(h, &a, 110, 120);
		for (uint32_t n = 2; n < (i == 5 ? 9U : 3U); n++) {
			struct h_group b = h_group(n);

			b.pointer = a.pointer;
			r_life(h, &b, 100 * n);
		}
		if (i == 2 || i == 7) /* a call that has not returned may have answered it */
			r_inside(h, H_OBJECT, IOPF_CTX_WRITE, 150, 5000);
		if (i == 3)
			h->run.missed[IOPF_PROBE_RESPONSE] = h->run.probe_misses = 1;
		if (i == 6) /* queue removal may have answered it, by a driver that has no probe */
			h->run.absent = 1U << IOPF_PROBE_DRIVER;
		r = h_finish(h);
		if (i == 2 || i == 6 || i == 7) {
			r_silent(r, 1);
			assert_int_equal(r->verdict, IOPF_INCONCLUSIVE);
		} else if (i == 3) {
			assert_true(r_finding(r, 1, ERROR)->unproven);
			assert_int_equal(r->verdict, IOPF_INCONCLUSIVE);
		} else {
			r_is_about(r_found(r, 1, ERROR, 1), &a, IOPF_BLAME_KERNEL);
			assert_int_equal(r->verdict, IOPF_VIOLATION);
		}
		h_free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		R_TEST(test_walk_is_told_after_the_read),
		R_TEST(test_walk_sees_what_a_read_has_told),
		R_TEST(test_part_of_what_was_delivered),
		R_TEST(test_cookie_of_another_is_read_again),
		R_TEST(test_old_cookie_of_a_queued_group),
		R_TEST(test_left_over_without_a_look_inside),
		R_TEST(test_delivered_elsewhere_and_answered_first),
		R_TEST(test_other_fields_after_the_answer),
		R_TEST(test_left_over_is_no_pass_either),
		R_TEST(test_stray_beside_a_read_inside),
		R_TEST(test_passed_over),
		R_TEST(test_disappeared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
