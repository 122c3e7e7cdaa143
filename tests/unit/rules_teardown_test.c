// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The rules about detaching, destroying, and what stays behind: IOPF001, 016, 017, 019, 024, 030. */
#include "rules.h"

#define ERROR IOPF_SEVERITY_ERROR
#define WARN IOPF_SEVERITY_WARN
#define NOTE IOPF_SEVERITY_NOTE

/* A legal end: the kernel answers what is left, whatever the order of the records. */
static void test_legal_teardown(void **state)
{
	(void)state;
	for (int late = 0; late < 2; late++) {
		struct history *h = r_new();
		struct h_group a = h_group(1), b = h_group(2), c = h_group(3);
		struct r_answer answer = r_kernel_answer_at(&a, 310, IOPF_CTX_AUTO);

		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &a, 100);
		r_queue(h, &b, 110);
		r_queue(h, &c, 120);
		h_read(h, &a, 150, 200);
		r_kernel(h, &b, 305, IOPF_CTX_AUTO);
		if (late) { /* one that the driver was not told of, on its way since before */
			answer.context = IOPF_CTX_WRITE;
			answer.code = 0;
			answer.driver_calls = 0;
			answer.record_ns = 350;
		}
		if (!late)
			r_answer(h, &a, &answer);
		r_kernel(h, &c, 320, IOPF_CTX_AUTO);
		r_detach(h, R_HANDLE, 300, 330);
		if (late)
			r_answer(h, &a, &answer);
		r_destroy(h, H_OBJECT, 400, 410);
		r_legal(h_finish(h));
		h_assert_pass(h->report);
		h_free(h);
	}
}

/* IOPF016, and IOPF001 with it: outstanding at the end of the trace. */
static void test_detach_left_a_group(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	const struct iopf_case *c;
	struct iopf_report *r;

	h_name(h, "vmm");
	r_queue(h, &a, 100);
	r_queue(h, &b, 110);
	h_read(h, &a, 150, 200);
	r_kernel(h, &a, 310, IOPF_CTX_AUTO);
	r_detach(h, R_HANDLE, 300, 330);
	r = h_finish(h);
	c = r_found(r, 16, ERROR, 1);
	r_is_about(c, &b, IOPF_BLAME_KERNEL);
	r_steps(c, "report queue detach*");
	assert_int_equal(r_offends(c, IOPF_STEP_DETACH, 330)->enter_ns, 300);
	assert_string_equal(c->step[2].comm, "vmm");
	r_is_about(r_found(r, 1, ERROR, 1), &b, IOPF_BLAME_KERNEL);
	assert_null(r_finding(r, 1, NOTE));
	assert_int_equal(r->exit_code, 1);
}

/* One of another object, and one that is answered only later. */
static void test_detach_left_groups_that_end_later(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	a.object = H_OBJECT2;
	r_queue(h, &a, 100);
	r_queue(h, &b, 110);
	h_read(h, &b, 150, 200);
	r_detach(h, R_HANDLE, 300, 330);
	r_kernel(h, &a, 400, IOPF_CTX_DESTROY);
	r_user(h, &b, 331);
	r = h_finish(h);
	r_is_about(r_found(r, 16, ERROR, 2), &a, IOPF_BLAME_KERNEL);
	r_is_about(&r_finding(r, 16, ERROR)->cases[1], &b, IOPF_BLAME_KERNEL);
	r_found(r, 1, ERROR, 2);
}

/* Each by itself, when the other is off. */
static void test_detach_left_a_group_with_one_rule_off(void **state)
{
	(void)state;
	for (int off = 1; off <= 16; off += 15) {
		struct history *h = r_new();
		struct h_group g = h_group(1);

		h->opts.severity[off] = IOPF_SEVERITY_OFF;
		r_queue(h, &g, 100);
		r_detach(h, R_HANDLE, 300, 330);
		r_is_about(r_finds(h, 17 - off, ERROR), &g, IOPF_BLAME_KERNEL);
		h_free(h);
	}
}

/* Tracing ends while a write is inside, which may have answered before the detach returned. */
static void test_detach_left_a_group_to_a_write_inside(void **state)
{
	(void)state;
	for (int known = 0; known < 2; known++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);

		r_queue(h, &g, 100);
		h_read(h, &g, 150, 200);
		r_detach(h, R_HANDLE, 300, 330);
		r_inside(h, known ? H_OBJECT : 0, IOPF_CTX_WRITE, 290, R_END_NS);
		r_legal(h_finish(h));
		h_free(h);
	}
}

/* Of another handle; queued during it; in the last life of its handle's address; or not certain. */
static void test_detach_left_groups_it_seems(void **state)
{
	(void)state;
	for (int i = 0; i < 7; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct r_answer late = r_answer_at(&g, 329);

		if (i != 4)
			r_enqueue(h, &g, i == 1 ? 301 : 100, i == 0 ? R_HANDLE2 : R_HANDLE, 1);
		if (i == 2)
			r_attach(h, R_HANDLE, 250);
		if (i == 3)
			h_lose(h, 1);
		if (i == 4)
			h_read(h, &g, 150, 200); /* adopted */
		r_detach(h, R_HANDLE, i == 5 ? 0 : 300, 330);
		late.driver_calls = 0;
		late.record_ns = 340;
		if (i == 6)
			r_answer(h, &g, &late);
		h_finish(h);
		r_silent(h->report, 16);
		assert_null(r_finding(h->report, 1, ERROR));
		h_free(h);
	}
}

/* IOPF016: what a detach answers is of its handle. */
static void test_detach_answers_for_another(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct history *h = r_new();
		struct h_group a = h_group(1), b = h_group(2);
		const struct iopf_case *c;

		b.dev += 0x1000;
		b.dev_id = 4;
		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &a, 100);
		r_enqueue(h, &b, 110, R_HANDLE2, IOPF_ENQUEUE_ALONE);
		h_read(h, &a, 120, 130);
		if (i != 2)
			h_read(h, &b, 140, 150);
		h_task(h, 3000, 3001);
		{
			struct r_answer answer = r_kernel_answer_at(&a, 210, IOPF_CTX_AUTO);

			answer.enter_ns = 200;
			r_answer(h, &a, &answer);
			answer = r_kernel_answer_at(&b, 220, IOPF_CTX_AUTO);
			answer.enter_ns = 200;
			if (i == 2)
				answer.cookie = 0;
			if (i)
				r_answer(h, &b, &answer);
		}
		r_detach(h, R_HANDLE, 200, 230);
		if (i) {
			c = r_found(h_finish(h), 16, ERROR, 1);
			r_is_about(c, &b, IOPF_BLAME_KERNEL);
			r_offends(c, IOPF_STEP_DETACH, 230);
		} else {
			r_silent(h_finish(h), 16);
		}
		h_free(h);
	}
}

/* IOPF019, and IOPF001 with it. */
static void test_destroy_left_a_group(void **state)
{
	(void)state;
	for (int answered = 0; answered < 2; answered++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		const struct iopf_case *c;

		h->object_id = 8;
		r_queue(h, &g, 100);
		h_read(h, &g, 150, 200);
		r_destroy(h, H_OBJECT, 300, 330);
		if (answered)
			r_kernel(h, &g, 400, IOPF_CTX_AUTO);
		c = r_found(h_finish(h), 19, ERROR, 1);
		r_is_about(c, &g, IOPF_BLAME_KERNEL);
		assert_int_equal(c->object_id, 8);
		assert_int_equal(c->group.cookie, 1);
		r_steps(c, answered ? "report queue read destroy* answer" :
				      "report queue read destroy*");
		assert_int_equal(r_offends(c, IOPF_STEP_DESTROY, 330)->enter_ns, 300);
		r_found(h->report, 1, ERROR, 1);
		h_free(h);
	}
}

/* Both a detach and a destruction leave it: one IOPF001. */
static void test_left_twice_is_unanswered_once(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	r_queue(h, &g, 100);
	r_detach(h, R_HANDLE, 300, 330);
	r_destroy(h, H_OBJECT, 400, 430);
	r = h_finish(h);
	r_found(r, 16, ERROR, 1);
	r_found(r, 19, ERROR, 1);
	r_found(r, 1, ERROR, 1);
}

/* Of another object; answered within, by a record that is late; or not certain. */
static void test_destroy_left_groups_it_seems(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct r_answer late = r_kernel_answer_at(&g, 329, IOPF_CTX_DESTROY);

		g.object = i == 0 ? H_OBJECT2 : H_OBJECT;
		r_queue(h, &g, 100);
		if (i == 2)
			h_lose(h, 1);
		r_destroy(h, H_OBJECT, i == 3 ? 0 : 300, 330);
		late.driver_calls = 0;
		late.record_ns = 340;
		if (i == 1)
			r_answer(h, &g, &late);
		h_finish(h);
		r_silent(h->report, 19);
		assert_null(r_finding(h->report, 1, ERROR));
		h_free(h);
	}
}

/* IOPF017: queued for a handle that is gone, whether it was ever used or not. */
static void test_queued_for_a_retired_handle(void **state)
{
	(void)state;
	for (int used = 0; used < 2; used++) {
		struct history *h = r_new();
		struct h_group a = h_group(1), b = h_group(2);
		const struct iopf_case *c;

		if (used)
			r_life(h, &a, 100);
		r_detach(h, R_HANDLE, 300, 330);
		r_queue(h, &b, 400);
		c = r_found(h_finish(h), 17, ERROR, 1);
		r_is_about(c, &b, IOPF_BLAME_KERNEL);
		r_steps(c, "detach report queue*");
		r_offends(c, IOPF_STEP_QUEUE, 400);
		assert_int_equal(c->step[0].time_ns, 330);
		h_free(h);
	}
}

/* Delivered by a read that was entered after that, and answered by user space. */
static void test_delivered_for_a_retired_handle(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	const struct iopf_finding *f;
	struct iopf_report *r;

	r_queue(h, &g, 100);
	r_detach(h, R_HANDLE, 300, 330);
	h_read(h, &g, 331, 350);
	r_user(h, &g, 400);
	r = h_finish(h);
	r_is_about(r_found(r, 17, ERROR, 2), &g, IOPF_BLAME_KERNEL);
	f = r_finding(r, 17, ERROR);
	r_steps(&f->cases[0], "report queue detach read*");
	assert_int_equal(r_offends(&f->cases[0], IOPF_STEP_READ, 350)->enter_ns, 331);
	r_steps(&f->cases[1], "report queue detach read answer*");
	r_offends(&f->cases[1], IOPF_STEP_ANSWER, 400);
}

/* Its address is used again; the calls overlap; others are meant; the kernel answers; gaps. */
static void test_retired_handle_it_seems(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		struct history *h = r_new();
		struct h_group a = h_group(1), b = h_group(2);

		r_alloc(h, H_OBJECT, 10);
		r_life(h, &a, 100);
		r_queue(h, &a, 200);
		if (i == 5)
			h_read(h, &a, 210, 340); /* while another thread detaches */
		r_kernel(h, &a, 310, IOPF_CTX_AUTO);
		r_detach(h, R_HANDLE, 300, 330);
		if (i == 0 || i == 5)
			r_attach(h, R_HANDLE, 340);
		if (i == 1)
			h_lose(h, 1);
		if (i == 2)
			h_read(h, &a, 320, 340);
		if (i < 2)
			r_life(h, &b, 400);
		if (i == 3)
			r_enqueue(h, &b, 400, R_HANDLE2, 1);
		if (i == 4)
			r_enqueue(h, &b, 325, R_HANDLE, 1); /* by its time it was before */
		r_silent(h_finish(h), 17);
		h_free(h);
	}
}

/* IOPF024: each call, and those that have not returned. */
static void put_call(struct history *h, int kind, uint64_t enter_ns, uint64_t exit_ns)
{
	struct r_write w = { .enter_ns = enter_ns, .exit_ns = exit_ns, .count = 1, .ret = -14 };

	switch (kind) {
	case 0:
		h_read_result(h, H_OBJECT, enter_ns, exit_ns, -4, 0);
		break;
	case 1:
		r_write(h, &w);
		break;
	case 2:
		r_detach(h, R_HANDLE, enter_ns, exit_ns);
		break;
	case 3:
		r_destroy(h, H_OBJECT, enter_ns, exit_ns);
		break;
	case 4:
		r_queue_removed(h, H_DEVICE, enter_ns, exit_ns);
		break;
	default:
		r_inside(h, H_OBJECT, 1U << (kind - 4), enter_ns, exit_ns);
	}
}

static void test_stuck_calls(void **state)
{
	static const enum iopf_step_kind kinds[] = {
		IOPF_STEP_READ,	   IOPF_STEP_WRITE, IOPF_STEP_DETACH, IOPF_STEP_DESTROY,
		IOPF_STEP_QREMOVE, IOPF_STEP_CALL,  IOPF_STEP_CALL,   IOPF_STEP_CALL,
		IOPF_STEP_CALL,	   IOPF_STEP_CALL,
	};

	(void)state;
	for (int i = 0; i < 40; i++) {
		int kind = i / 4 % 10, took = i % 4;
		struct history *h = r_new();
		const struct iopf_case *c;

		h->opts.deadline_ns[IOPF_DEADLINE_CALL] = took == 3 ? 0 : 1000;
		r_alloc(h, H_OBJECT, 10);
		/* Not known; as long as it may; too long; too long without a deadline. */
		put_call(h, kind, took ? 100 : 0, took == 1 ? 1100 : 2101);
		h_finish(h);
		if (took == 2) {
			c = r_only(h->report, 24, WARN, 1);
			assert_int_equal(r_offends(c, kinds[kind], 2101)->enter_ns, 100);
			assert_int_equal(c->step[0].tid, H_TGID);
			assert_true(kind == 4 || c->object == H_OBJECT);
		} else {
			r_silent(h->report, 24);
		}
		h_free(h);
	}
}

/* A write that is known from its answers is told once, whoever else acts meanwhile. */
static void test_stuck_write_is_told_once(void **state)
{
	struct history *h = *state;
	struct r_write w = { .enter_ns = 100, .exit_ns = 9000, .count = 9, .ret = 16 };

	h->opts.deadline_ns[IOPF_DEADLINE_CALL] = 1000;
	w.answered = 2;
	for (uint32_t i = 1; i <= 2; i++) {
		struct h_group g = h_group(i);

		r_queue(h, &g, 10 + i);
		h_read(h, &g, 20 + 10 * i, 25 + 10 * i);
	}
	for (uint32_t i = 1; i <= 2; i++) {
		struct h_group g = h_group(i);
		struct r_answer a = r_answer_at(&g, 5000 + i);

		a.enter_ns = 100;
		r_answer(h, &g, &a);
		h_task(h, 2000 + i, 2000 + i);
		h_read_result(h, H_OBJECT, 5003, 5004, -4, 0);
		h_task(h, H_TGID, H_TGID);
	}
	r_write(h, &w);
	r_found(h_finish(h), 24, WARN, 1);
}

/* As many tasks as there is room for at first. */
static void test_stuck_writes_of_many_tasks(void **state)
{
	struct history *h = *state;

	h->opts.deadline_ns[IOPF_DEADLINE_CALL] = 1000;
	r_alloc(h, H_OBJECT, 10);
	for (uint32_t i = 0; i < 300; i++) {
		h_task(h, 2000, 2000 + i);
		put_call(h, 1, 100, 5000 + i);
	}
	assert_int_equal(r_only(h_finish(h), 24, WARN, 300)->step[0].tid, 2000);
}

/* IOPF030: a group that is in none of the kernel's lists. */
static void test_balance(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), gone = h_group(3);
	const struct iopf_case *c;

	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &a, 100);
	r_queue(h, &b, 110);
	r_queue(h, &gone, 120);
	h_read(h, &a, 150, 200);
	r_waiting(h, &a, 1005, IOPF_WAITING_END | IOPF_WAITING_DELIVERED);
	r_waiting(h, &b, 1006, IOPF_WAITING_END);
	r_walked(h, H_OBJECT, 1000, 1010, IOPF_WAITING_END);
	c = r_found(h_finish(h), 30, ERROR, 1);
	r_is_about(c, &gone, IOPF_BLAME_KERNEL);
	r_steps(c, "report queue end*");
	assert_int_equal(r_offends(c, IOPF_STEP_END, 1010)->enter_ns, 1000);
}

/* Legal: queued while it was walked, records during it, cut, a gap, or an answer on its way. */
static void test_balance_is_not_judged(void **state)
{
	(void)state;
	for (int i = 0; i < 7; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1), other = h_group(2);

		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, i == 0 ? 1001 : 100);
		if (i == 1) /* something goes on during the walk */
			r_life(h, &other, 1001);
		if (i == 2)
			h_lose(h, 1);
		if (i == 3)
			r_inside(h, H_OBJECT, IOPF_CTX_READ, 900, 990);
		r_walked(h, H_OBJECT, 1000, 1010,
			 IOPF_WAITING_END | (i == 4 ? IOPF_WALKED_CUT : 0));
		if (i == 5) /* off its list, and answered only after the walk */
			r_user(h, &g, 1015);
		if (i == 6)
			r_inside(h, 0, IOPF_CTX_WRITE, 900, 1020);
		r_silent(h_finish(h), 30);
		h_free(h);
	}
}

/* A call that had the group in its hands, in no list, and put it back: it came to nothing. */
static void test_balance_beside_a_call_in_vain(void **state)
{
	static const struct {
		uint64_t exit_ns;
		bool judged;
	} cases[] = {
		{ 899, true }, { 900, false }, { 950, false }, { 1005, false }, { 1015, false }
	};

	(void)state;
	for (int i = 0; i < 10; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		uint64_t exit_ns = cases[i / 2].exit_ns;
		struct r_write w = {
			.enter_ns = 850,
			.exit_ns = exit_ns,
			.count = 1,
			.ret = -14,
		};

		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		if (exit_ns >
		    1010) /* who is inside is asked from 900 on, and the walk is at 1010 */
			r_walked(h, H_OBJECT, 900, 1010, IOPF_WAITING_END);
		if (i & 1)
			r_write(h, &w);
		else
			h_read_result(h, H_OBJECT, 850, exit_ns, -14, IOPF_READ_NOT_EMPTY);
		if (exit_ns <= 1010)
			r_walked(h, H_OBJECT, 900, 1010, IOPF_WAITING_END);
		if (cases[i / 2].judged)
			r_is_about(r_found(h_finish(h), 30, ERROR, 1), &g, IOPF_BLAME_KERNEL);
		else
			r_silent(h_finish(h), 30);
		h_free(h);
	}
}

/* A report that was to put the group into the list returned before anybody asked again. */
static void test_balance_beside_a_report(void **state)
{
	(void)state;
	for (uint64_t queue_ns = 899; queue_ns < 902; queue_ns++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);

		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, queue_ns);
		r_walked(h, H_OBJECT, 900, 1010, IOPF_WAITING_END);
		h_finish(h);
		if (queue_ns < 900)
			r_found(h->report, 30, ERROR, 1);
		else
			r_silent(h->report, 30);
		h_free(h);
	}
}

/* The walk at the beginning is no audit. */
static void test_walk_at_the_beginning(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);

	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &a, 100);
	r_waiting(h, &b, 205, 0);
	r_walked(h, H_OBJECT, 200, 210, 0);
	r_legal(h_finish(h));
	assert_int_equal(h->report->groups.adopted, 1);
}

/* It saw a group whose answer got a number before it could tell of that. */
static void test_answered_during_the_walk_at_the_beginning(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) { /* with a deadline; and its memory is used again */
		struct history *h = r_new();
		struct h_group g = h_group(1), next = h_group(2);

		h->opts.deadline_ns[IOPF_DEADLINE_ANSWER] = i & 1 ? 1000 : 0;
		next.pointer = g.pointer;
		r_queue(h, &g, 100);
		h_read(h, &g, 110, 120);
		r_user(h, &g, 130);
		r_waiting(h, &g, 140, IOPF_WAITING_DELIVERED);
		r_walked(h, H_OBJECT, 90, 150, 0);
		if (i & 2)
			r_life(h, &next, 300);
		r_finds_nothing(h);
		assert_int_equal(h->report->groups.adopted, 0);
		h_assert_pass(h->report);
		h_free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		R_TEST(test_legal_teardown),
		R_TEST(test_detach_left_a_group),
		R_TEST(test_detach_left_groups_that_end_later),
		R_TEST(test_detach_left_a_group_with_one_rule_off),
		R_TEST(test_detach_left_a_group_to_a_write_inside),
		R_TEST(test_detach_left_groups_it_seems),
		R_TEST(test_destroy_left_a_group),
		R_TEST(test_left_twice_is_unanswered_once),
		R_TEST(test_destroy_left_groups_it_seems),
		R_TEST(test_queued_for_a_retired_handle),
		R_TEST(test_delivered_for_a_retired_handle),
		R_TEST(test_retired_handle_it_seems),
		R_TEST(test_stuck_calls),
		R_TEST(test_stuck_write_is_told_once),
		R_TEST(test_stuck_writes_of_many_tasks),
		R_TEST(test_detach_answers_for_another),
		R_TEST(test_balance),
		R_TEST(test_balance_is_not_judged),
		R_TEST(test_balance_beside_a_call_in_vain),
		R_TEST(test_balance_beside_a_report),
		R_TEST(test_walk_at_the_beginning),
		R_TEST(test_answered_during_the_walk_at_the_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
