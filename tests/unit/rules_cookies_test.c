// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The rules about what user space writes: IOPF003 to 007, and 023 of writes. */
#include "rules.h"

#include "cmd/replay.h"

#define ERROR IOPF_SEVERITY_ERROR
#define WARN IOPF_SEVERITY_WARN
#define NOTE IOPF_SEVERITY_NOTE

/* IOPF003: a cookie that nobody was given. */
static void test_never_handed_out(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	const struct iopf_case *c;

	h->object_id = 6;
	h_name(h, "vmm");
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	h_read(h, &g, 150, 200);
	r_refused(h, 250, 99, 0);
	r_user(h, &g, 300);
	c = r_finds(h, 3, ERROR);
	assert_int_equal(c->blame, IOPF_BLAME_USER);
	assert_int_equal(c->group.cookie, 99);
	assert_true(c->object == H_OBJECT);
	assert_int_equal(c->object_id, 6);
	assert_int_equal(c->seq, 4);
	r_steps(c, "write*");
	assert_int_equal(r_offends(c, IOPF_STEP_WRITE, 260)->enter_ns, 250);
	assert_string_equal(c->step[0].comm, "vmm");
}

/* Behind a short count, for which the error is hidden. */
static void test_never_handed_out_behind_a_short_count(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct r_write w = { .enter_ns = 295, .exit_ns = 310, .count = 2, .ret = R_SIZE };

	w.answered = 1;
	w.nr = 1;
	w.entry[0].cookie = 99;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	h_read(h, &g, 150, 200);
	r_user(h, &g, 300);
	r_write(h, &w);
	assert_int_equal(r_finds(h, 3, ERROR)->group.cookie, 99);
}

/* Which cookies an older object has handed out is not known. */
static void test_unknown_cookie_of_an_older_object(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	r_queue(h, &g, 100);
	r_refused(h, 250, 99, 0);
	r_legal(h_finish(h));
}

/* Nor those of one with a gap in its life; nor when the write's beginning was not seen. */
static void test_unknown_cookie_after_a_gap(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	r_alloc(h, H_OBJECT, 10);
	r_refused(h, 0, 99, 0);
	r_queue(h, &g, 100);
	h_lose(h, 1);
	r_refused(h, 250, 99, 0);
	r_silent(h_finish(h), 3);
}

/* Errors that refuse no entry: a copy that failed, an odd size, a signal. */
static void test_writes_that_failed_otherwise(void **state)
{
	static const struct {
		int64_t ret;
		uint16_t nr;
	} cases[] = { { -14, 0 }, { -14, 1 }, { -29, 0 }, { -29, 1 }, { -4, 1 }, { -22, 0 } };
	struct history *h = *state;

	r_alloc(h, H_OBJECT, 10);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct r_write w = { .enter_ns = 100, .exit_ns = 110, .count = 1 };

		w.ret = cases[i].ret;
		w.nr = cases[i].nr;
		w.entry[0].cookie = 99;
		r_write(h, &w);
	}
	r_finds_nothing(h);
}

/* What another thread may be answering just now. */
static void test_refused_while_outstanding(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct r_answer late = r_answer_at(&g, 240);

	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	h_read(h, &g, 150, 200);
	r_refused(h, 250, 1, 0);
	late.driver_calls = 0;
	late.record_ns = 270;
	r_answer(h, &g, &late);
	/* Of two writes that name it only one could be taken: so it is not the kernel's fault. */
	assert_int_equal(r_found(h_finish(h), 4, ERROR, 1)->blame, IOPF_BLAME_USER);
	r_silent(h->report, 32);
}

/* IOPF006: a write that stopped at an entry that is not retried. */
static struct r_write short_write(uint32_t cookie)
{
	return (struct r_write){
		.enter_ns = 225,
		.exit_ns = 240,
		.count = 2,
		.ret = R_SIZE,
		.answered = 1,
		.nr = 1,
		.entry = { { cookie, 0 } },
	};
}

/* IOPF032: the group is outstanding before, during and after the write that is refused. */
static void test_refused_all_the_while(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct r_answer a = r_answer_at(&g, 300);
		struct iopf_report *r;

		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		h_read(h, &g, 150, 200);
		r_refused(h, i == 4 ? 190 : 250, 1, 0);
		if (i == 1) /* the kernel's own cookie is another: the read showed a wrong one */
			a.cookie = 9;
		if (i == 2)
			r_kernel(h, &g, 300, IOPF_CTX_AUTO);
		else if (i != 3) /* never answered */
			r_answer(h, &g, &a);
		r = h_finish(h);
		if (i == 4) { /* written before the read had returned: a guess */
			r_silent(r, 32);
			r_silent(r, 12);
		} else {
			r_found(r, i == 1 ? 12 : 32, ERROR, 1);
			r_silent(r, i == 1 ? 32 : 12);
			assert_int_equal(r->exit_code, 1);
		}
		h_free(h);
	}
}

/* Where a call has not returned that may have answered the group, it is not known: never a pass. */
static void test_refused_beside_a_call_that_goes_on(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_rec_inside inside = { .enter_ns = 255, .object = H_OBJECT };
	struct iopf_report *r;

	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	h_read(h, &g, 150, 200);
	r_refused(h, 250, 1, 0);
	H_PUT(h, inside, IOPF_REC_INSIDE, 400, IOPF_CTX_WRITE);
	r = h_finish(h);
	r_silent(r, 32);
	h_assert_doubt(r, IOPF_DOUBT_UNDECIDED);
}

/* Each refused answer counts, also where the record of what refused them comes after all of them. */
static void test_refused_more_than_once(void **state)
{
	(void)state;
	for (int by_user = 0; by_user < 2; by_user++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct r_answer a =
			by_user ? r_answer_at(&g, 220) : r_kernel_answer_at(&g, 220, IOPF_CTX_AUTO);

		a.record_ns = 280;
		a.driver_calls = 0;
		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		h_read(h, &g, 150, 200);
		for (int i = 0; i < 3; i++)
			r_refused(h, 230 + 12 * i, 1, 0);
		r_answer(h, &g, &a);
		h_finish(h);
		r_found(h->report, 4, ERROR, by_user ? 3 : 2);
		if (by_user)
			r_silent(h->report, 3);
		else
			r_found(h->report, 3, NOTE, 1);
		h_free(h);
	}
}

/* A short count does not tell why; the rest, written again and refused, does. */
static void test_refused_behind_a_short_count(void **state)
{
	(void)state;
	for (int told = 0; told < 2; told++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct r_write w = short_write(1);

		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		h_read(h, &g, 150, 200);
		r_write(h, &w);
		if (told)
			r_refused(h, 250, 1, 0);
		r_user(h, &g, 300);
		h_finish(h);
		if (told) {
			r_found(h->report, 32, ERROR, 1);
		} else {
			r_silent(h->report, 32);
			h_assert_doubt(h->report, IOPF_DOUBT_UNDECIDED);
			assert_int_equal(h->report->undecided, 1U << IOPF_UNDECIDED_SHORT);
		}
		h_free(h);
	}
}

/* The kernel answered once, so one answer may come late: what comes after it is one too many. */
static void test_late_only_once(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct r_write w = short_write(1);
		struct iopf_report *r;

		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		h_read(h, &g, 150, 200);
		if (i ==
		    2) { /* the record of the answer comes after that of the write that was late */
			struct r_answer a = r_kernel_answer_at(&g, 220, IOPF_CTX_AUTO);

			r_refused(h, 221, 1, 0);
			a.record_ns = 240;
			r_answer(h, &g, &a);
		} else {
			r_kernel(h, &g, 220, IOPF_CTX_AUTO);
			w.enter_ns = 225;
			if (i == 1) /* a short count does not tell why: the rest is written again */
				r_write(h, &w);
			r_refused(h, 250, 1, 0);
		}
		r = h_finish(h);
		r_found(r, 3, NOTE, i == 1 ? 2 : 1);
		r_silent(r, 4);
		h_free(h);
	}
	for (int i = 0; i < 2; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);

		if (i == 0) /* else it is not known what the kernel had answered before */
			r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		h_read(h, &g, 150, 200);
		r_kernel(h, &g, 220, IOPF_CTX_AUTO);
		r_refused(h, 250, 1, 0);
		r_refused(h, 350, 1, 0);
		h_finish(h);
		r_found(h->report, 3, NOTE, i == 0 ? 1 : 2);
		if (i == 0)
			r_found(h->report, 4, ERROR, 1);
		else
			r_silent(h->report, 4);
		h_free(h);
	}
}

/* An answer that crosses a detach, a destruction or a queue removal. */
static void test_late_after_the_kernel(void **state)
{
	static const uint32_t context[] = { IOPF_CTX_AUTO, IOPF_CTX_DESTROY, IOPF_CTX_QREMOVE };

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		const struct iopf_case *c;
		struct iopf_report *r;

		if (i != 3)
			r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		h_read(h, &g, 150, 200);
		if (i == 2) /* whose record tells no cookie */
			r_driver(h, &g, 220, IOPF_CODE_INVALID, context[i]);
		else
			r_kernel(h, &g, 220, context[i % 3]);
		r_refused(h, 250, 1, 0);
		r = h_finish(h);
		c = r_found(r, 3, NOTE, 1);
		assert_int_equal(c->blame, IOPF_BLAME_USER);
		assert_int_equal(c->group.cookie, 1);
		assert_int_equal(c->group.grpid, 1);
		r_steps(c, "answer write*");
		assert_null(r_finding(r, 3, ERROR));
		r_silent(r, 4);
		h_free(h);
	}
}

/* The same when the read that gave the cookie has not returned yet, nor the record of the detach come. */
static void test_late_after_the_kernel_with_late_records(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct r_answer a = r_kernel_answer_at(&g, 210, IOPF_CTX_AUTO);

	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	a.driver_calls = 0;
	a.record_ns = 270;
	r_refused(h, 250, 1, 0);
	r_answer(h, &g, &a);
	h_read(h, &g, 150, 300);
	r_legal(h_finish(h));
}

/* IOPF004: answered, and answered again. */
static void test_duplicate(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	const struct iopf_case *c;

	r_alloc(h, H_OBJECT, 10);
	r_life(h, &g, 100);
	h_task(h, H_TGID, 1001);
	r_refused(h, 250, 1, 1);
	c = r_finds(h, 4, ERROR);
	assert_int_equal(c->blame, IOPF_BLAME_USER);
	assert_int_equal(c->group.cookie, 1);
	assert_int_equal(c->group.grpid, 1);
	assert_int_equal(c->group.seq, 1);
	assert_true(c->object == H_OBJECT);
	r_steps(c, "answer write*");
	assert_int_equal(c->step[0].time_ns, 130);
	assert_int_equal(c->step[0].tid, H_TGID);
	assert_int_equal(r_offends(c, IOPF_STEP_WRITE, 260)->tid, 1001);
}

/* Known of an object that is older than the trace, too; but not across a gap. */
static void test_duplicate_on_an_older_object(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1), adopted = h_group(2);

	r_life(h, &g, 100);
	r_user(h, &adopted, 200);
	r_refused(h, 250, 1, 0); /* the kernel may have answered an earlier group of that cookie */
	h_lose(h, 1);
	r_refused(h, 350, 1, 0);
	r_silent(h_finish(h), 4);
	r_silent(h->report, 3);
}

/* The cookie names another group now, which is outstanding; or it is another object's. */
static void test_cookie_handed_out_again(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3);

	b.cookie = c.cookie = 1;
	c.object = H_OBJECT2;
	r_alloc(h, H_OBJECT, 10);
	r_alloc(h, H_OBJECT2, 20);
	r_life(h, &a, 100);
	r_queue(h, &b, 200);
	h_read(h, &b, 210, 220);
	r_refused(h, 250, 1, 0);
	r_user(h, &b, 300);
	r_life(h, &c, 400);
	r_silent(h_finish(h), 4);
	r_silent(h->report, 3);
}

/* IOPF005 (b): beside it, when the cookie has named more than one. */
static void test_duplicate_of_a_recycled_cookie(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	const struct iopf_case *c;
	struct iopf_report *r;

	b.cookie = 1;
	r_alloc(h, H_OBJECT, 10);
	r_life(h, &a, 100);
	r_life(h, &b, 200);
	r_refused(h, 250, 1, 0);
	r = h_finish(h);
	r_found(r, 4, ERROR, 1);
	c = r_found(r, 5, WARN, 1);
	assert_int_equal(c->blame, IOPF_BLAME_USER);
	assert_int_equal(c->group.grpid, 2);
	r_steps(c, "answer write*");
	assert_int_equal(r->nr_findings, 2);
}

/* IOPF005 (a): the write was entered before the read that gave it the cookie. */
static void test_written_before_it_was_read(void **state)
{
	(void)state;
	for (int late = 0; late < 2; late++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct r_answer a = r_answer_at(&g, 210);
		const struct iopf_case *c;

		a.enter_ns = 149;
		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		if (!late)
			h_read(h, &g, 150, 200);
		r_answer(h, &g, &a);
		if (late) /* the read returns after the answer */
			h_read(h, &g, 150, 220);
		c = r_finds(h, 5, WARN);
		r_is_about(c, &g, IOPF_BLAME_USER);
		assert_int_equal(c->group.cookie, 1);
		assert_int_equal(r_offends(c, IOPF_STEP_ANSWER, 210)->enter_ns, 149);
		h_free(h);
	}
}

/* Calls that overlap are legal: the write was entered when the read was inside. */
static void test_written_while_it_was_read(void **state)
{
	(void)state;
	for (uint64_t enter = 0; enter < 3; enter++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct r_answer a = r_answer_at(&g, 210);

		a.enter_ns = enter ? 149 + enter : 0; /* 0 = not seen */
		r_queue(h, &g, 100);
		r_answer(h, &g, &a);
		h_read(h, &g, 150, 220);
		r_finds_nothing(h);
		h_free(h);
	}
}

/* A kernel that answers before it is read has no write that could know anything. */
static void test_kernel_answers_before_the_read(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct r_answer a = r_kernel_answer_at(&g, 210, IOPF_CTX_AUTO);

	a.enter_ns = 140;
	r_queue(h, &g, 100);
	r_answer(h, &g, &a);
	h_read(h, &g, 150, 220);
	r_legal(h_finish(h));
}

/* Two groups, both read, and a short write that answers the first. */
static void put_short_write(struct history *h, uint16_t nr)
{
	struct h_group a = h_group(1), b = h_group(2);
	struct r_write w = short_write(2);

	w.nr = nr;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &a, 100);
	r_queue(h, &b, 110);
	h_read(h, &a, 120, 130);
	h_read(h, &b, 140, 150);
	r_user(h, &a, 230);
	r_write(h, &w);
}

static void test_short_write_is_not_retried(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) { /* with the rest known or not; released or destroyed */
		struct history *h = r_new();
		struct h_group b = h_group(2), c = h_group(3);
		struct iopf_report *r;

		put_short_write(h, i & 1);
		h_task(h, i & 1 ? H_TGID : 2000, 2000);
		r_life(h, &c, 300); /* says nothing of cookie 2 */
		if (i & 2)
			r_release(h, H_OBJECT, 400);
		h_task(h, H_TGID, H_TGID);
		r_kernel(h, &b, 410, IOPF_CTX_DESTROY);
		r_destroy(h, H_OBJECT, 405, 420);
		r = h_finish(h);
		r_found(r, 6, WARN, 1);
		assert_int_equal(r_found(r, 6, WARN, 1)->blame, IOPF_BLAME_USER);
		r_steps(r_found(r, 6, WARN, 1), "write* destroy");
		assert_int_equal(r_offends(r_found(r, 6, WARN, 1), IOPF_STEP_WRITE, 240)->enter_ns,
				 225);
		if (i &
		    1) /* it names the second group, which is outstanding: why it stopped is not known */
			h_assert_doubt(r, IOPF_DOUBT_UNDECIDED);
		else
			h_assert_pass(r);
		h_free(h);
	}
}

/* IOPF006: each write that was short is one case. */
static void test_each_short_write_counts(void **state)
{
	struct history *h = *state;
	struct r_write w = short_write(2);

	put_short_write(h, 0);
	for (int i = 0; i < 3; i++) {
		struct h_group g = h_group(3);

		r_queue(h, &g, 300 + 100 * i);
		h_read(h, &g, 310 + 100 * i, 320 + 100 * i);
		h_task(h, 3000,
		       3000); /* another process, so that nothing shows that this one goes on */
		w.nr = 1;
		w.entry[0] = (struct iopf_answer){ 700 + i, 5 };
		w.enter_ns = 325 + 100 * i;
		w.exit_ns = 345 + 100 * i;
		{
			struct r_answer a = r_answer_at(&g, 330 + 100 * i);

			a.enter_ns = w.enter_ns;
			r_answer(h, &g, &a);
		}
		r_write(h, &w);
		h_task(h, H_TGID, H_TGID);
	}
	r_release(h, H_OBJECT, 900);
	r_found(h_finish(h), 6, WARN, 4);
}

static void test_short_write_is_retried(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct history *h = r_new();
		struct h_group b = h_group(2), c = h_group(3);

		put_short_write(h, i != 2);
		if (i == 0)
			r_user(h, &b, 300);
		else if (i == 1)
			r_refused(h, 300, 2, 5); /* retried, though badly */
		else if (i == 2)
			r_life(h, &c, 300); /* anything by this process will do */
		/* And in the last case tracing stops before the object goes. */
		if (i != 3)
			r_release(h, H_OBJECT, 400);
		r_silent(h_finish(h), 6);
		h_free(h);
	}
}

/* What comes back to it may be in the gap, also if the object was heard of after that. */
static void test_short_write_before_a_gap(void **state)
{
	struct history *h = *state;
	struct h_group c = h_group(3);

	put_short_write(h, 1);
	h_lose(h, 1);
	r_life(h, &c, 300);
	r_release(h, H_OBJECT, 400);
	r_silent(h_finish(h), 6);
}

/* Writes that are no such: all taken, nothing taken, the bytes not copied returned as written. */
static void test_writes_that_are_not_short(void **state)
{
	struct history *h = *state;
	struct r_write w = short_write(2);

	r_alloc(h, H_OBJECT, 10);
	w.ret = -22;
	w.answered = 0;
	r_write(h, &w);
	w.ret = 8;
	w.count = 1;
	r_write(h, &w);
	r_release(h, H_OBJECT, 400);
	r_silent(h_finish(h), 6);
}

/* IOPF007: refused, or taken. */
static void test_bad_code(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	const struct iopf_case *c;

	r_queue(h, &g, 100);
	h_read(h, &g, 150, 200);
	r_refused(h, 250, 1, 2);
	r_refused(h, 350, 1, 0xffffffff);
	r_user(h, &g, 400);
	c = r_only(h_finish(h), 7, ERROR, 2);
	assert_int_equal(c->blame, IOPF_BLAME_USER);
	assert_true(c->object == H_OBJECT);
	r_steps(c, "write*");
	r_offends(c, IOPF_STEP_WRITE, 260);
	r_offends(&r_finding(h->report, 7, ERROR)->cases[1], IOPF_STEP_WRITE, 360);
}

/* It needs nothing that came before: not even a record of the object. */
static void test_bad_code_as_the_first_thing_seen(void **state)
{
	struct history *h = *state;

	r_refused(h, 250, 1, 2);
	assert_true(r_finds(h, 7, ERROR)->object == H_OBJECT);
}

static void test_bad_code_taken(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct r_answer a = r_answer_at(&g, 300);
	const struct iopf_case *c;

	a.code = a.driver_code = 3;
	r_answer(h, &g, &a); /* also of a group that is not known */
	c = r_found(h_finish(h), 7, ERROR, 1);
	assert_int_equal(c->group.cookie, 1);
	assert_int_equal(c->group.code, 3);
	assert_int_equal(c->blame, IOPF_BLAME_USER);
	r_found(h->report, 15, ERROR, 1);
}

static void test_good_codes(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct r_answer a = r_answer_at(&g, 300);

	a.code = a.driver_code = IOPF_CODE_INVALID;
	r_queue(h, &g, 100);
	h_read(h, &g, 150, 200);
	r_answer(h, &g, &a);
	r_finds_nothing(h);
}

/* IOPF023: the count of a write. */
static void test_byte_count_of_writes(void **state)
{
	static const struct {
		uint64_t count;
		int64_t ret;
		uint32_t answered;
		bool wrong;
	} cases[] = {
		{ 1, 8, 1, false }, { 4, 16, 2, false },  { 1, -22, 0, false },
		{ 1, 0, 0, false }, { 4, -14, 1, false }, { 1, 8, 0, true },
		{ 4, 16, 1, true }, { 4, 8, 2, true },	  { 4, 3, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct history *h = r_new();
		struct r_write w = { .enter_ns = 200, .exit_ns = 210 };

		w.count = cases[i].count;
		w.ret = cases[i].ret;
		w.answered = cases[i].answered;
		r_write(h, &w);
		if (cases[i].wrong) {
			const struct iopf_case *c = r_finds(h, 23, ERROR);

			assert_int_equal(c->blame, IOPF_BLAME_KERNEL);
			assert_true(c->object == H_OBJECT);
			r_steps(c, "write*");
			r_offends(c, IOPF_STEP_WRITE, 210);
		} else {
			r_finds_nothing(h);
		}
		h_free(h);
	}
}

/* A write whose entry was missed has answers that are not known. */
static void test_byte_count_of_a_write_not_seen_from_its_beginning(void **state)
{
	struct history *h = *state;
	struct r_write w = { .exit_ns = 210, .count = 2, .ret = 16 };

	r_alloc(h, H_OBJECT, 10);
	r_write(h, &w);
	r_silent(h_finish(h), 23);
}

/*
 * Reads whose buffers show one cookie for more groups than are found by one, and one of them has it: its
 * refused answer is no stray. What is not known makes no finding, and no pass.
 */
static void test_refused_among_many_of_one_cookie(void **state)
{
	struct history *h = *state;
	struct iopf_report *r;

	r_alloc(h, H_OBJECT, 10);
	for (uint32_t n = 1; n <= 70; n++) {
		struct h_group g = h_group(n);

		g.cookie = 1000;
		r_queue(h, &g, 100 + 10 * n);
		h_read(h, &g, 101 + 10 * n, 102 + 10 * n);
	}
	for (uint32_t n = 1; n < 70; n++) {
		struct h_group g = h_group(n);

		r_user(h, &g, 1000 + n);
	}
	r_refused(h, 2000, 1000, 0);
	r = h_finish(h);
	r_silent(r, 3);
	r_silent(r, 4);
	assert_true(r->doubt[IOPF_DOUBT_LIMIT]);
}

/*
 * Linux gives out the cookie 0 once user space has written it. Who wrote it is to blame for that, and the
 * kernel for giving it; but its group is one like any other.
 */
static void test_cookie_zero_is_given(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1), next = h_group(2);
	struct iopf_report *r;

	r_alloc(h, H_OBJECT, 10);
	r_refused(h, 50, 0, 1);
	g.cookie = next.cookie = 0;
	r_life(h, &g, 100);
	r_life(h, &next, 200);
	r = h_finish(h);
	assert_string_equal(
		r_found(r, 12, ERROR, 2)->text,
		"a group was given the cookie 0, which user space had written before: the "
		"kernel took that for an answer and marked it as free");
	assert_true(r_found(r, 12, ERROR, 2)->group.cookie_zero);
	r_found(r, 3, ERROR, 1);
	assert_int_equal(r->nr_findings, 2);
	assert_int_equal(r->groups.answered_user, 2);
	assert_false(r->doubt[IOPF_DOUBT_BALANCE]);
}

/* While it is outstanding its answer is no stray, refused or not; once it is answered it is used up. */
static void test_cookie_zero_is_answered_twice(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	r_alloc(h, H_OBJECT, 10);
	r_refused(h, 50, 0, 1);
	g.cookie = 0;
	r_queue(h, &g, 100);
	h_read(h, &g, 110, 120);
	r_refused(h, 130, 0, 0);
	r_user(h, &g, 150);
	r_refused(h, 200, 0, 0);
	r = h_finish(h);
	r_found(r, 3, ERROR, 1);
	r_found(r, 4, ERROR, 1);
	r_silent(r, 8);
}

/* Two that are held have it at one time. */
static void test_cookie_zero_of_two_groups(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);

	a.cookie = b.cookie = 0;
	r_alloc(h, H_OBJECT, 10);
	r_refused(h, 50, 0, 1);
	r_queue(h, &a, 100);
	r_queue(h, &b, 110);
	h_read(h, &a, 150, 200);
	h_read(h, &b, 210, 220);
	r_user(h, &b, 300);
	r_user(h, &a, 310);
	r_found(h_finish(h), 12, ERROR, 3); /* two for the 0 itself */
}

/* Of two that look the same, the answer tells which of them had the cookie 0. */
static void test_cookie_zero_of_a_twin(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(1);
	const struct iopf_report *r;

	b.pointer += 0x100;
	a.cookie = 0;
	b.cookie = 7;
	r_alloc(h, H_OBJECT, 10);
	r_refused(h, 50, 0, 1);
	r_queue(h, &a, 100);
	r_queue(h, &b, 100);
	h_read(h, &b, 150, 200);
	h_read(h, &a, 210, 400);
	r_user(h, &a, 500);
	r_user(h, &b, 500);
	r = h_finish(h);
	assert_int_equal(r->nr_slowest, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct iopf_group_view *v = &r->slowest[i];

		assert_int_equal(v->stage_ns[IOPF_STAGE_WAIT], v->cookie ? 100 : 300);
		assert_int_equal(v->cookie_zero, !v->cookie);
		assert_int_equal(v->cookie_zero, v->seq == 2);
	}
}

/*
 * One that is older than the trace: found by a walk, or read by a reader that is seen then, before its answer
 * or after it.
 */
static void test_cookie_zero_of_an_older_group(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct iopf_report *r;

		g.cookie = 0;
		if (i == 1) {
			h_read(h, &g, 110, 120);
		} else if (!i) {
			r_waiting(h, &g, 100, IOPF_WAITING_DELIVERED | IOPF_WAITING_NAMED);
			r_walked(h, H_OBJECT, 90, 110, 0);
		}
		r_user(h, &g, 200);
		if (i == 2)
			h_read(h, &g, 110, 220);
		r = h_finish(h);
		assert_int_equal(r->groups.adopted, 1);
		assert_int_equal(r->groups.answered_user, 1);
		assert_int_equal(r->groups.outstanding, 0);
		r_nothing(r);
		assert_false(r->doubt[IOPF_DOUBT_BALANCE]);
		h_free(h);
	}
}

/* A recording of the kernel 7.3.4: IOPF008 was found, and IOPF012 said that it was "queued as 0x1". */
static void test_recording_of_cookie_zero(void **state)
{
	struct iopf_engine_opts opts = { .judge = true, .min_groups = 1 };
	struct iopf_report *r;

	(void)state;
	assert_int_equal(replay_report("tests/fixtures/cases/cookie-zero.data", &opts, &r), 0);
	assert_int_equal(r_found(r, 3, ERROR, 1)->blame, IOPF_BLAME_USER);
	assert_int_equal(r_found(r, 12, ERROR, 2)->blame, IOPF_BLAME_KERNEL);
	assert_non_null(
		strstr(r_found(r, 12, ERROR, 2)->text, "given the cookie 0, which user space"));
	assert_int_equal(r->nr_findings, 2);
	assert_int_equal(r->exit_code, 1);
	iopf_report_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		R_TEST(test_never_handed_out),
		R_TEST(test_never_handed_out_behind_a_short_count),
		R_TEST(test_unknown_cookie_of_an_older_object),
		R_TEST(test_unknown_cookie_after_a_gap),
		R_TEST(test_writes_that_failed_otherwise),
		R_TEST(test_refused_while_outstanding),
		R_TEST(test_late_after_the_kernel),
		R_TEST(test_late_after_the_kernel_with_late_records),
		R_TEST(test_duplicate),
		R_TEST(test_duplicate_on_an_older_object),
		R_TEST(test_cookie_handed_out_again),
		R_TEST(test_duplicate_of_a_recycled_cookie),
		R_TEST(test_written_before_it_was_read),
		R_TEST(test_written_while_it_was_read),
		R_TEST(test_kernel_answers_before_the_read),
		R_TEST(test_short_write_is_not_retried),
		R_TEST(test_short_write_is_retried),
		R_TEST(test_short_write_before_a_gap),
		R_TEST(test_writes_that_are_not_short),
		R_TEST(test_bad_code),
		R_TEST(test_bad_code_as_the_first_thing_seen),
		R_TEST(test_each_short_write_counts),
		R_TEST(test_refused_all_the_while),
		R_TEST(test_refused_beside_a_call_that_goes_on),
		R_TEST(test_refused_more_than_once),
		R_TEST(test_refused_behind_a_short_count),
		R_TEST(test_late_only_once),
		R_TEST(test_bad_code_taken),
		R_TEST(test_good_codes),
		R_TEST(test_byte_count_of_writes),
		R_TEST(test_byte_count_of_a_write_not_seen_from_its_beginning),
		R_TEST(test_refused_among_many_of_one_cookie),
		R_TEST(test_cookie_zero_is_given),
		R_TEST(test_cookie_zero_is_answered_twice),
		R_TEST(test_cookie_zero_of_two_groups),
		R_TEST(test_cookie_zero_of_a_twin),
		R_TEST(test_cookie_zero_of_an_older_group),
		R_TEST(test_recording_of_cookie_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
