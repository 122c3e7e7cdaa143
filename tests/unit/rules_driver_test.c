// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The rules about what the driver is told, which status, and what was written: IOPF013, 014, 015, 033. */
#include "rules.h"

#define ERROR IOPF_SEVERITY_ERROR

/* IOPF013: what a RESPONSE says of the driver. */
static void test_driver_told_otherwise(void **state)
{
	static const struct {
		uint16_t calls;
		uint32_t code;
		uint64_t found;
	} cases[] = { { 1, 0, 0 }, { 1, 1, 1 }, { 2, 0, 1 }, { 0, 0, 0 }, { 0, 1, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct r_answer a = r_answer_at(&g, 300);
		const struct iopf_case *c;

		a.driver_calls = cases[i].calls;
		a.driver_code = cases[i].code;
		r_queue(h, &g, 100);
		h_read(h, &g, 150, 200);
		r_answer(h, &g, &a);
		if (!cases[i].found) {
			r_finds_nothing(h);
		} else {
			c = r_finds(h, 13, ERROR);
			r_is_about(c, &g, IOPF_BLAME_KERNEL);
			r_steps(c, "report queue read answer*");
			assert_int_equal(c->group.cookie, 1);
			assert_int_equal(c->group.by, IOPF_BY_USER);
		}
		h_free(h);
	}
}

/* The same of a group whose beginning was not seen: what counts is in the record. */
static void test_driver_told_otherwise_of_an_adopted_group(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct r_answer a = r_answer_at(&g, 300);

	a.driver_calls = 2;
	r_answer(h, &g, &a);
	assert_int_equal(r_finds(h, 13, ERROR)->group.grpid, 1);
}

static void test_driver_told_again(void **state)
{
	static const uint32_t context[] = { IOPF_CTX_WRITE, IOPF_CTX_AUTO, IOPF_CTX_DESTROY };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		const struct iopf_case *c;

		r_life(h, &g, 100);
		r_driver(h, &g, 400, 0, context[i]);
		c = r_finds(h, 13, ERROR);
		r_is_about(c, &g, IOPF_BLAME_KERNEL);
		r_steps(c, "queue answer driver*");
		r_offends(c, IOPF_STEP_DRIVER, 400);
		h_free(h);
	}
}

/* Calls of the driver about something else: its own events, a group that has the memory now. */
static void test_driver_told_of_something_else(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1), other = h_group(2), next = h_group(3);

	next.pointer = g.pointer;
	r_life(h, &g, 100);
	other.pointer = g.pointer;
	r_driver(h, &other, 400, 0, IOPF_CTX_WRITE);
	r_driver(h, &g, 410, 0, IOPF_CTX_REPORT);
	r_driver(h, &g, 420, 0, 0);
	r_queue(h, &next, 500);
	r_driver(h, &g, 510, 0, IOPF_CTX_WRITE);
	h_read(h, &next, 550, 560);
	r_user(h, &next, 570);
	h_lose(h, 1);
	r_driver(h, &next, 600, 0, IOPF_CTX_WRITE);
	r_silent(h_finish(h), 13);
}

/* A call of the driver inside an answer, of something that is not the group's. */
static void told_of(struct history *h, const struct h_group *told, uint64_t group, uint64_t time_ns,
		    uint32_t context)
{
	struct iopf_rec_driver r = {
		.group = group,
		.dev = told->dev,
		.pasid = told->pasid,
		.grpid = told->grpid,
		.flags = IOPF_DRIVER_OTHER,
	};

	H_PUT(h, r, IOPF_REC_DRIVER, time_ns, context);
}

/* IOPF013: in an answer the driver is told of another request. It is said what was not the group's. */
static void test_driver_told_of_another(void **state)
{
	static const struct {
		uint64_t dev;
		uint32_t grpid, pasid;
		const char *text;
	} cases[] = {
		{ 0x100, 0, 0, "of another device" },
		{ 0, 1, 0, "of another group index" },
		{ 0, 0, 1, "of another PASID" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1), told = g;
		const struct iopf_case *c;

		told.dev += cases[i].dev;
		told.grpid += cases[i].grpid;
		told.pasid += cases[i].pasid;
		r_queue(h, &g, 100);
		h_read(h, &g, 150, 200);
		told_of(h, &told, g.pointer, 301, IOPF_CTX_WRITE | IOPF_CTX_RESPONSE);
		r_user(h, &g, 300);
		c = r_finds(h, 13, ERROR);
		r_is_about(c, &g, IOPF_BLAME_KERNEL);
		r_steps(c, "report queue read driver*");
		assert_non_null(strstr(c->text, cases[i].text));
		h_free(h);
	}
}

/* The same where no group is known: a request that is refused, and a group that was queued unseen. */
static void test_driver_told_of_another_without_a_group(void **state)
{
	static const uint32_t context[] = { IOPF_CTX_REPORT, IOPF_CTX_WRITE | IOPF_CTX_RESPONSE };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1), told = h_group(9);

		r_life(h, &g, 100);
		told_of(h, &told, 0x1234, 301, context[i]);
		assert_non_null(strstr(r_finds(h, 13, ERROR)->text, "of another request"));
		h_free(h);
	}
}

/* IOPF014: the answer does not reach the driver. */
static void test_driver_not_told(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct r_answer a = r_answer_at(&g, 300);
	const struct iopf_case *c;

	a.driver_calls = 0;
	a.flags = IOPF_RESPONSE_UNTOLD;
	r_queue(h, &g, 100);
	h_read(h, &g, 150, 200);
	r_answer(h, &g, &a);
	c = r_finds(h, 14, ERROR);
	r_is_about(c, &g, IOPF_BLAME_KERNEL);
	r_steps(c, "report queue read answer*");
	r_offends(c, IOPF_STEP_ANSWER, 300);
}

/* A driver's program that was skipped, and nobody told of it: then it proves nothing. */
static void test_driver_not_told_may_have_been_skipped(void **state)
{
	(void)state;
	for (uint64_t missed = 0; missed < 2; missed++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct r_answer a = r_answer_at(&g, 300);
		struct iopf_report *r;

		a.driver_calls = 0;
		a.flags = IOPF_RESPONSE_UNTOLD;
		r_queue(h, &g, 100);
		h_read(h, &g, 150, 155);
		r_answer(h, &g, &a);
		h->run.missed[IOPF_PROBE_DRIVER] = h->run.probe_misses = missed;
		r = h_finish(h);
		assert_int_equal(r->nr_findings, 1);
		assert_int_equal(r->findings[0].rule->number, 14);
		assert_int_equal(r->findings[0].unproven, missed);
		assert_int_equal(r->verdict, missed ? IOPF_INCONCLUSIVE : IOPF_VIOLATION);
		h_free(h);
	}
}

/* IOPF015: who may give which status. */
static void test_statuses(void **state)
{
	static const struct {
		uint32_t context, right; /* set of 1 << status */
	} cases[] = {
		{ IOPF_CTX_WRITE, 1 << 0 | 1 << 1 }, { IOPF_CTX_AUTO, 1 << 1 },
		{ IOPF_CTX_DESTROY, 1 << 1 },	     { IOPF_CTX_QREMOVE, 1 << 1 },
		{ IOPF_CTX_REPORT, 1 << 2 },	     { 0, 0xf },
	};

	(void)state;
	for (size_t i = 0; i < 4 * sizeof(cases) / sizeof(*cases); i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct r_answer a = r_answer_at(&g, 300);
		struct iopf_report *r;

		a.context = cases[i / 4].context;
		a.code = a.driver_code = i % 4;
		r_queue(h, &g, 100);
		h_read(h, &g, 150, 200);
		r_answer(h, &g, &a);
		r = h_finish(h);
		if (cases[i / 4].right >> a.code & 1) {
			r_silent(r, 15);
		} else {
			r_is_about(r_found(r, 15, ERROR, 1), &g, IOPF_BLAME_KERNEL);
			r_steps(r_found(r, 15, ERROR, 1), "report queue read answer*");
			assert_int_equal(r_found(r, 15, ERROR, 1)->group.code, a.code);
		}
		h_free(h);
	}
}

static void test_status_of_queue_removal(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	r_queue(h, &g, 100);
	r_driver(h, &g, 200, IOPF_CODE_FAILURE, IOPF_CTX_QREMOVE);
	r_is_about(r_found(h_finish(h), 15, ERROR, 1), &g, IOPF_BLAME_KERNEL);
}

/* What user space had written for the answer of a group that the kernel is about to give. */
static void wrote(struct history *h, const struct h_group *g, uint64_t time_ns, uint32_t cookie,
		  uint32_t code, uint32_t status)
{
	struct iopf_rec_written r = {
		.enter_ns = time_ns - 5,
		.object = g->object,
		.group = g->pointer,
		.cookie = cookie,
		.code = code,
		.group_cookie = g->cookie,
		.status = status,
	};

	H_PUT(h, r, IOPF_REC_WRITTEN, time_ns, IOPF_CTX_WRITE | IOPF_CTX_RESPONSE);
}

/* IOPF033: the code that was written is not the one that is given, or the cookie is another's. */
static void test_another_answer_was_written(void **state)
{
	static const struct {
		uint32_t cookie, code, status;
		const char *text;
	} cases[] = {
		{ 1, 0, 1, "code 0 was written for cookie 1, and its group was given status 1" },
		{ 1, 1, 0, "code 1 was written for cookie 1, and its group was given status 0" },
		{ 2, 0, 0, "written for cookie 2, and the group of cookie 1 was given one" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct r_answer a = r_answer_at(&g, 300);
		const struct iopf_case *c;

		a.code = a.driver_code = cases[i].status;
		r_queue(h, &g, 100);
		h_read(h, &g, 150, 200);
		wrote(h, &g, 300, cases[i].cookie, cases[i].code, cases[i].status);
		r_answer(h, &g, &a);
		c = r_finds(h, 33, ERROR);
		r_is_about(c, &g, IOPF_BLAME_UNKNOWN); /* another thread may have changed it */
		r_steps(c, "report queue read answer*");
		assert_non_null(strstr(c->text, cases[i].text));
		h_free(h);
	}
}

/* The write may be the first that a process of the scope does with the object: it is judged. */
static void test_what_was_written_puts_an_object_into_the_scope(void **state)
{
	(void)state;
	for (uint32_t root = 5; root <= 6; root++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct r_answer a = r_answer_at(&g, 300);

		h->opts.roots = &root;
		h->opts.nr_roots = 1;
		a.code = a.driver_code = 1;
		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		h_read(h, &g, 150, 200);
		h_task(h, 5, 5);
		wrote(h, &g, 300, 1, 0, 1);
		r_answer(h, &g, &a);
		if (root == 5)
			r_is_about(r_found(h_finish(h), 33, ERROR, 1), &g, IOPF_BLAME_UNKNOWN);
		else
			r_silent(h_finish(h), 33);
		h_free(h);
	}
}

/* Who answers the group after that has not answered it before: it is no duplicate (IOPF004), nor stray. */
static void test_an_answer_after_one_written_for_another(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1), other = h_group(2);
	struct r_answer a = r_answer_at(&other, 500);

	h->object_id = 7;
	r_alloc(h, H_OBJECT, 50);
	r_queue(h, &g, 100);
	r_queue(h, &other, 110);
	h_read(h, &g, 150, 200);
	h_read(h, &other, 210, 220);
	wrote(h, &g, 300, 2, 0, 0);
	r_user(h, &g, 300);
	r_refused(h, 400, 1, 0);
	r_answer(h, &other, &a);
	r_finds(h, 33, ERROR);
}

/* Why IOPF033 was not judged; NULL if it was, for all answers. */
static const char *why_not(const struct iopf_report *r, bool in_part)
{
	for (size_t i = 0; i < r->nr_not_checked; i++) {
		if (r->not_checked[i].rule->number != 33)
			continue;
		assert_int_equal(r->not_checked[i].in_part, in_part);
		return r->not_checked[i].why;
	}
	return NULL;
}

/* An answer of which nobody could read what was written is not judged, and that is said. */
static void test_what_was_written_is_not_known(void **state)
{
	struct {
		bool known[2];
		const char *why;
	} cases[] = {
		{ { true, true }, NULL },
		{ { true, false }, "what was written for some answers is not known" },
		{ { false, false }, "what was written for the answers is not known" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct history *h = r_new();

		for (uint32_t n = 0; n < 2; n++) {
			struct h_group g = h_group(n + 1);
			struct r_answer a = r_answer_at(&g, 300 + 200 * n);

			if (!cases[i].known[n])
				a.flags = 0;
			r_queue(h, &g, 100 + 200 * n);
			h_read(h, &g, 150 + 200 * n, 200 + 200 * n);
			r_answer(h, &g, &a);
		}
		r_finds_nothing(h);
		if (!cases[i].why)
			assert_null(why_not(h->report, false));
		else
			assert_string_equal(why_not(h->report, i == 1), cases[i].why);
		h_free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		R_TEST(test_driver_told_otherwise),
		R_TEST(test_driver_told_otherwise_of_an_adopted_group),
		R_TEST(test_driver_told_again),
		cmocka_unit_test(test_driver_told_of_another),
		cmocka_unit_test(test_another_answer_was_written),
		cmocka_unit_test(test_what_was_written_puts_an_object_into_the_scope),
		R_TEST(test_an_answer_after_one_written_for_another),
		cmocka_unit_test(test_what_was_written_is_not_known),
		cmocka_unit_test(test_driver_told_of_another_without_a_group),
		R_TEST(test_driver_told_of_something_else),
		R_TEST(test_driver_not_told),
		R_TEST(test_driver_not_told_may_have_been_skipped),
		R_TEST(test_statuses),
		R_TEST(test_status_of_queue_removal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
