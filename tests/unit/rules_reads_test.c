// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The rules about what reads return: IOPF009 to 012, 023 of reads. */
#include "rules.h"

#define ERROR IOPF_SEVERITY_ERROR
#define NOTE IOPF_SEVERITY_NOTE

/* Some fields of a read that returned one record. */
static void put_read(struct history *h, uint64_t enter_ns, uint64_t exit_ns, int64_t ret,
		     const struct iopf_pgfault *fault)
{
	struct iopf_rec_read r = {
		.enter_ns = enter_ns,
		.object = H_OBJECT,
		.count = 4096,
		.ret = ret,
		.fault = *fault,
	};

	H_PUT(h, r, IOPF_REC_READ, exit_ns, IOPF_CTX_READ);
}

/* IOPF009 and IOPF023: the length alone, of any object. */
static void test_length_of_a_read(void **state)
{
	(void)state;
	for (int64_t ret = 39; ret <= 81; ret++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct iopf_pgfault f = h_fault(&g, 0);
		struct iopf_report *r;

		put_read(h, 150, 200, ret, &f);
		r = h_finish(h);
		if (ret % 40) {
			r_found(r, 23, ERROR, 1);
			r_steps(r_found(r, 9, ERROR, 1), "read*");
			r_offends(r_found(r, 9, ERROR, 1), IOPF_STEP_READ, 200);
			assert_int_equal(r_found(r, 9, ERROR, 1)->blame, IOPF_BLAME_KERNEL);
			assert_true(r_found(r, 23, ERROR, 1)->object == H_OBJECT);
		} else {
			r_silent(r, 9);
			r_silent(r, 23);
		}
		h_free(h);
	}
}

/* Results that are errors, or nothing. */
static void test_reads_that_return_no_records(void **state)
{
	struct history *h = *state;

	r_alloc(h, H_OBJECT, 10);
	h_read_result(h, H_OBJECT, 100, 110, -22, 0);
	h_read_result(h, H_OBJECT, 120, 130, -14, IOPF_READ_NOT_EMPTY);
	h_read_result(h, H_OBJECT, 140, 150, 0, IOPF_READ_NOT_EMPTY);
	h_read_result(h, H_OBJECT, 160, 170, -4, 0);
	r_finds_nothing(h);
}

/* A copy that failed in a group, as some kernels have it: a part of the group is returned. */
static void test_part_of_a_group(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_pgfault f[3];
	const struct iopf_case *c;

	g.pages = 3;
	for (uint32_t i = 0; i < 3; i++)
		f[i] = h_fault(&g, i);
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	r_pages(h, &g);
	h_read_faults(h, H_OBJECT, 150, 200, f, 2);
	c = r_found(h_finish(h), 9, ERROR, 1);
	assert_int_equal(c->blame, IOPF_BLAME_KERNEL);
	assert_true(c->object == H_OBJECT);
	r_steps(c, "read*");
	r_offends(c, IOPF_STEP_READ, 200);
}

static void test_whole_groups(void **state)
{
	struct history *h = *state;
	struct h_group g[3] = { h_group(1), h_group(2), h_group(3) };

	g[0].pages = 3;
	g[2].pages = 16;
	r_alloc(h, H_OBJECT, 10);
	for (int i = 0; i < 3; i++) {
		r_queue(h, &g[i], 100 + i);
		if (g[i].pages > 1)
			r_pages(h, &g[i]);
	}
	h_read_groups(h, 150, 200, g, 3);
	for (int i = 0; i < 3; i++)
		r_user(h, &g[i], 300 + 10 * i);
	r_finds_nothing(h);
	h_assert_pass(h->report);
}

/* Not the last page says that it is, or no page does. */
static void test_last_page(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct iopf_rec_pages p;
		const struct iopf_case *c;

		g.pages = 3;
		p = r_pages_of(&g);
		if (i)
			p.page[1].flags |= IOPF_PRQ_LAST_PAGE;
		else
			g.flags = IOPF_PRQ_PASID_VALID;
		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		H_PUT(h, p, IOPF_REC_PAGES, 0, IOPF_CTX_REPORT);
		h_read(h, &g, 150, 200);
		r_user(h, &g, 300);
		/* The group has none, and what is read of it has none either: two cases. */
		c = r_found(h_finish(h), 9, ERROR, i ? 1 : 2);
		r_is_about(c, &g, IOPF_BLAME_KERNEL);
		h_free(h);
	}
}

/* IOPF012: the kernel's own cookie, as the answer has it, is another than was read; nobody had written it. */
static void test_cookie_that_is_not_the_kernels(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1), other = h_group(2);
		struct r_answer a = r_kernel_answer_at(&g, 300, IOPF_CTX_AUTO);

		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		if (i == 2) { /* one that looks just like it: it may have been that one's read */
			other = g;
			other.pointer += 0x1000;
			r_queue(h, &other, 110);
		}
		h_read(h, &g, 150, 200);
		if (i == 3) /* what reads showed does not add up */
			h_read(h, &other, 210, 220);
		a.cookie = i == 1 ? g.cookie : 77;
		r_answer(h, &g, &a);
		if (i == 0)
			r_is_about(r_found(h_finish(h), 12, ERROR, 1), &g, IOPF_BLAME_KERNEL);
		else
			r_silent(h_finish(h), 12);
		h_free(h);
	}
}

/* IOPF010: more is read than was ever queued. */
static void test_delivered_twice(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	const struct iopf_case *c;

	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	h_read(h, &g, 150, 200);
	h_read(h, &g, 250, 300);
	r_user(h, &g, 400);
	c = r_found(h_finish(h), 10, ERROR, 1);
	assert_int_equal(c->blame, IOPF_BLAME_KERNEL);
	assert_true(c->object == H_OBJECT);
	r_offends(c, IOPF_STEP_READ, 300);
}

/* A copy that failed gives the group back, which is then delivered with another cookie. */
static void test_delivered_again_after_a_failed_copy(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);

	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &a, 100);
	r_queue(h, &b, 110);
	h_read_result(h, H_OBJECT, 150, 200, -14, IOPF_READ_NOT_EMPTY | IOPF_READ_STILL_HELD);
	a.cookie = 7;
	h_read(h, &a, 210, 220);
	h_read_result(h, H_OBJECT, 230, 240, -14, IOPF_READ_NOT_EMPTY | IOPF_READ_STILL_HELD);
	h_read(h, &b, 250, 260);
	r_user(h, &a, 300);
	r_user(h, &b, 310);
	r_finds_nothing(h);
	h_assert_pass(h->report);
}

/* Groups that look alike are several; and of an older object there may be more than are known. */
static void test_delivered_twice_it_seems(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct history *h = r_new();
		struct h_group a = h_group(1), b = h_group(1);

		b.pointer += 64;
		b.cookie = 2;
		if (!i) {
			r_alloc(h, H_OBJECT, 10);
			r_queue(h, &b, 90);
		}
		r_queue(h, &a, 100);
		h_read(h, &a, 150, 200);
		h_read(h, &b, 250, 300);
		r_user(h, &a, 400);
		r_user(h, &b, 410);
		h_finish(h);
		r_silent(h->report, 10);
		r_silent(h->report, 12);
		h_free(h);
	}
}

/* IOPF011. */
static void test_out_of_order(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	const struct iopf_case *c;

	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &a, 100);
	r_queue(h, &b, 110);
	h_read(h, &b, 150, 200);
	h_read(h, &a, 250, 300);
	r_user(h, &a, 400);
	r_user(h, &b, 410);
	c = r_finds(h, 11, ERROR);
	r_is_about(c, &a, IOPF_BLAME_KERNEL);
	r_steps(c, "report queue read read*");
	assert_int_equal(c->step[2].time_ns, 200);
	assert_int_equal(r_offends(c, IOPF_STEP_READ, 300)->enter_ns, 250);
}

/* Not the later one was queued alone, but one between. */
static void test_out_of_order_by_those_between(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), between = h_group(2), b = h_group(3);

	r_alloc(h, H_OBJECT, 10);
	r_enqueue(h, &a, 100, R_HANDLE, 0);
	r_enqueue(h, &between, 110, R_HANDLE, IOPF_ENQUEUE_ALONE);
	r_enqueue(h, &b, 111, R_HANDLE, 0);
	h_read(h, &b, 150, 200);
	h_read(h, &a, 250, 300);
	r_user(h, &a, 400);
	r_user(h, &b, 410);
	r_is_about(r_found(h_finish(h), 11, ERROR, 1), &a, IOPF_BLAME_KERNEL);
}

/* Queued at one time; read at one time; or the one that was first had been answered; and so on. */
static void test_out_of_order_it_seems(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		struct history *h = r_new();
		struct h_group a = h_group(1), b = h_group(2);

		if (i != 3)
			r_alloc(h, H_OBJECT, 10);
		r_enqueue(h, &a, 100, R_HANDLE, 0);
		r_enqueue(h, &b, 101, R_HANDLE, i == 0 ? 0 : IOPF_ENQUEUE_ALONE);
		if (i == 2)
			r_kernel(h, &a, 120, IOPF_CTX_AUTO);
		h_read(h, &b, 150, 200);
		if (i == 4)
			h_lose(h, 1);
		if (i != 2)
			h_read(h, &a, i == 1 ? 190 : 250, 300);
		r_silent(h_finish(h), 11);
		h_free(h);
	}
}

/* IOPF012: each field of a record that is delivered otherwise than it was queued. */
static void break_field(struct iopf_pgfault *f, int field)
{
	f->flags ^= field == 0 ? IOPF_PRQ_PASID_VALID : 0;
	f->perm ^= field == 1 ? 2 : 0;
	f->reserved = field == 2 ? 5 : 0;
	f->length = field == 3 ? 4096 : 0;
	f->cookie = field == 4 ? 0 : f->cookie;
	/* These are not found by what was read: the cookie in the answer tells. */
	f->dev_id += field == 5;
	f->pasid += field == 6;
	f->grpid += field == 7;
	f->addr += field == 8 ? 4096 : 0;
}

static void test_each_field(void **state)
{
	(void)state;
	for (int i = 0; i < 9; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct iopf_pgfault f = h_fault(&g, 0);
		const struct iopf_case *c;

		break_field(&f, i);
		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		put_read(h, 150, 200, 40, &f);
		r_user(h, &g, 300);
		c = r_found(h_finish(h), 12, ERROR, 1);
		r_is_about(c, &g, IOPF_BLAME_KERNEL);
		assert_int_equal(r_offends(c, IOPF_STEP_READ, 200)->enter_ns, 150);
		h_free(h);
	}
}

/* A page before the last. */
static void test_each_page(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct iopf_pgfault f[3];

		g.pages = 3;
		for (uint32_t p = 0; p < 3; p++)
			f[p] = h_fault(&g, p);
		f[1].addr += i == 0 ? 0x1000 : 0;
		f[0].perm ^= i == 1 ? 4 : 0;
		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		r_pages(h, &g);
		h_read_faults(h, H_OBJECT, 150, 200, f, 3);
		r_user(h, &g, 300);
		if (i == 2)
			r_finds_nothing(h);
		else
			r_is_about(r_finds(h, 12, ERROR), &g, IOPF_BLAME_KERNEL);
		h_free(h);
	}
}

/* The kernel's own flag may show: a note. */
static void test_internal_flag(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_pgfault f = h_fault(&g, 0);

	f.flags |= 1U << 2;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	put_read(h, 150, 200, 40, &f);
	r_user(h, &g, 300);
	r_is_about(r_finds(h, 12, NOTE), &g, IOPF_BLAME_KERNEL);
}

/* A PASID that is not valid is not told. */
static void test_pasid_that_is_not_valid(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_pgfault f;

	g.flags = IOPF_PRQ_LAST_PAGE;
	f = h_fault(&g, 0);
	f.pasid = 0;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	put_read(h, 150, 200, 40, &f);
	r_user(h, &g, 300);
	r_finds_nothing(h);
}

/*
 * A read of another object delivers a group, whose device has got another id since: it is known whose that
 * was, so that no group was delivered twice.
 */
static void test_of_another_object_by_an_older_id(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1), next = h_group(2), wrong = h_group(1);

	r_alloc(h, H_OBJECT, 10);
	r_alloc(h, H_OBJECT2, 20);
	r_queue(h, &g, 100);
	next.dev_id = 9;
	r_enqueue(h, &next, 110, R_HANDLE2, IOPF_ENQUEUE_ALONE);
	wrong.object = H_OBJECT2;
	h_read(h, &wrong, 150, 200);
	r_user(h, &g, 300);
	r_silent(h_finish(h), 10);
}

/* A cookie that another group has. */
static void test_cookie_of_another(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);

	b.cookie = 1;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &a, 100);
	r_queue(h, &b, 110);
	h_read(h, &a, 150, 200);
	h_read(h, &b, 210, 220);
	r_user(h, &b, 300);
	r_user(h, &a, 310);
	r_found(h_finish(h), 12, ERROR, 1);
}

/* A buffer that was written over: the kernel's own cookie is another. */
static void test_cookie_of_another_in_a_garbled_buffer(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), lie = h_group(2);

	lie.cookie = 1;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &a, 100);
	r_queue(h, &b, 110);
	h_read(h, &a, 150, 200);
	h_read(h, &lie, 210, 220);
	r_user(h, &a, 300);
	r_user(h, &b, 310);
	r_legal(h_finish(h));
}

/*
 * Two groups that look the same, read into one buffer at one time: it shows the first twice, with its cookie.
 * That is no kernel that gave one cookie to two; what cannot be told apart is no pass either.
 */
static void test_look_alikes_in_one_buffer(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct history *h = r_new();
		struct h_group a = h_group(1), b = h_group(1), shown = h_group(1);
		struct iopf_report *r;

		b.pointer += 64;
		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &a, 100);
		r_queue(h, &b, 110);
		h_read(h, &a, 150, 200);
		h_read(h, &shown, 151, 210);
		b.cookie = 2; /* the kernel's own */
		r_user(h, &a, 300);
		if (i == 0)
			r_kernel(h, &b, 400, IOPF_CTX_AUTO);
		else
			r_user(h, &b, 400);
		r = h_finish(h);
		r_silent(r, 12);
		if (i == 0)
			assert_int_equal(r->undecided, 1U << IOPF_UNDECIDED_READS);
		else
			h_assert_pass(r);
		h_free(h);
	}
}

/* One that looks the same explains a difference only if it has what was delivered. */
static void test_difference_that_no_look_alike_explains(void **state)
{
	(void)state;
	for (uint32_t perm = 1; perm <= 2; perm++) {
		struct history *h = r_new();
		struct h_group g = h_group(1), twin = h_group(1);
		struct iopf_pgfault f = h_fault(&g, 0);

		twin.pointer += 64;
		g.perm = 1;
		twin.perm = perm;
		f.perm = 2;
		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		r_queue(h, &twin, 110);
		put_read(h, 150, 200, 40, &f);
		if (perm == 2)
			r_silent(h_finish(h), 12);
		else
			r_is_about(r_found(h_finish(h), 12, ERROR, 1), &g, IOPF_BLAME_KERNEL);
		h_free(h);
	}
}

/* The kernel's own cookie is another than was read: of look-alikes the other must have it. */
static void test_cookie_that_no_look_alike_has(void **state)
{
	(void)state;
	for (uint32_t cookie = 2; cookie <= 3; cookie++) {
		struct history *h = r_new();
		struct h_group a = h_group(1), b = h_group(1);
		struct iopf_report *r;

		b.pointer += 64;
		b.cookie = 2;
		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &a, 100);
		r_queue(h, &b, 110);
		h_read(h, &a, 150, 200);
		h_read(h, &b, 210, 220);
		a.cookie = cookie;
		r_kernel(h, &a, 300, IOPF_CTX_AUTO);
		b.cookie = cookie == 2 ? 1 : 2;
		r_kernel(h, &b, 310, IOPF_CTX_AUTO);
		r = h_finish(h);
		r_silent(r, 12);
		assert_int_equal(r->undecided, cookie == 2 ? 0 : 1U << IOPF_UNDECIDED_READS);
		h_free(h);
	}
}

/* The answer of the one that had the cookie before has a late record. */
static void test_cookie_used_again_before_the_record(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct r_answer late = r_answer_at(&a, 190);

	b.cookie = 1;
	late.driver_calls = 0;
	late.record_ns = 230;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &a, 100);
	r_queue(h, &b, 110);
	h_read(h, &a, 150, 160);
	h_read(h, &b, 200, 220);
	r_answer(h, &a, &late);
	r_user(h, &b, 300);
	r_finds_nothing(h);
}

/* Contents of an older object are not held against anything; nor what looks like another group. */
static void test_echo_is_not_judged(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1), twin = h_group(1);
		struct iopf_pgfault f = h_fault(&g, 0);

		twin.pointer += 64;
		twin.perm = 3;
		f.perm = 3;
		if (i == 1)
			r_alloc(h, H_OBJECT, 10);
		if (i == 2)
			h_lose(h, 1);
		r_queue(h, &g, 100);
		if (i == 1)
			r_queue(h, &twin, 110);
		put_read(h, 150, 200, 40, &f);
		r_silent(h_finish(h), 12);
		h_free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		R_TEST(test_length_of_a_read),
		R_TEST(test_reads_that_return_no_records),
		R_TEST(test_part_of_a_group),
		R_TEST(test_whole_groups),
		R_TEST(test_last_page),
		R_TEST(test_cookie_that_is_not_the_kernels),
		R_TEST(test_delivered_twice),
		R_TEST(test_delivered_again_after_a_failed_copy),
		R_TEST(test_delivered_twice_it_seems),
		R_TEST(test_out_of_order),
		R_TEST(test_out_of_order_by_those_between),
		R_TEST(test_out_of_order_it_seems),
		R_TEST(test_each_field),
		R_TEST(test_each_page),
		R_TEST(test_internal_flag),
		R_TEST(test_pasid_that_is_not_valid),
		R_TEST(test_of_another_object_by_an_older_id),
		R_TEST(test_cookie_of_another),
		R_TEST(test_cookie_of_another_in_a_garbled_buffer),
		R_TEST(test_look_alikes_in_one_buffer),
		R_TEST(test_difference_that_no_look_alike_explains),
		R_TEST(test_cookie_that_no_look_alike_has),
		R_TEST(test_cookie_used_again_before_the_record),
		R_TEST(test_echo_is_not_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
