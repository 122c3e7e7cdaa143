// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Deadlines of answers and reads (IOPF001, 026): what counts is when an answer reached its group. */
#include "rules.h"

#define ERROR IOPF_SEVERITY_ERROR
#define WARN IOPF_SEVERITY_WARN
#define NOTE IOPF_SEVERITY_NOTE

/* The report on a history of which @ahead records have come when @now_ns passes. */
static struct iopf_report *live_report(struct history *h, size_t ahead, uint64_t now_ns)
{
	struct iopf_engine *e = iopf_engine_new(&h->opts);
	size_t n = 0;

	assert_non_null(e);
	for (size_t at = 0; at < h->nr_bytes; n++) {
		struct iopf_rec *rec = (struct iopf_rec *)(h->bytes + at);

		if (n == ahead)
			iopf_engine_advance(e, now_ns);
		assert_int_equal(iopf_engine_feed(e, rec), 0);
		at += (rec->size + 7U) & ~7U;
	}
	h->report = iopf_engine_finish(e, &h->run);
	assert_non_null(h->report);
	iopf_engine_free(e);
	return h->report;
}

/* A group that is read, and answered at @at_ns; its driver takes until 6000. */
static struct h_group put_slow_driver(struct history *h, uint64_t at_ns)
{
	struct h_group g = h_group(1);

	h->opts.deadline_ns[IOPF_DEADLINE_ANSWER] = 1000;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	h_read(h, &g, 110, 120);
	h_respond(h, &g, at_ns, 6000, 0, IOPF_CTX_WRITE, g.cookie);
	return g;
}

/* From a file, or live: time is told up to the answer that is on its way. */
static void test_driver_is_slow(void **state)
{
	(void)state;
	for (int live = 0; live < 2; live++) {
		struct history *h = r_new();
		size_t ahead = live ? 3 : SIZE_MAX;
		struct h_group g;

		put_slow_driver(h, 1100);
		r_nothing(live_report(h, ahead, 1100));
		h_free(h);
		h = r_new();
		g = put_slow_driver(h, 1101);
		r_is_about(r_only(live_report(h, ahead, 1101), 1, ERROR, 1), &g, IOPF_BLAME_USER);
		h_free(h);
	}
}

/* At the end the record of an answer has not come, but that its driver is being told. */
static void test_being_answered_at_the_end(void **state)
{
	static const uint32_t context[] = { IOPF_CTX_WRITE, IOPF_CTX_AUTO, IOPF_CTX_DESTROY };

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		bool late = i & 1;

		h->opts.deadline_ns[IOPF_DEADLINE_ANSWER] = 1000;
		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		h_read(h, &g, 110, 120);
		r_inside(h, H_OBJECT, context[i / 2], 195, 5000);
		r_inside(h, g.pointer, IOPF_CTX_RESPONSE, late ? 1101 : 1100, 5000);
		r_is_about(r_finds(h, 1, late ? ERROR : NOTE), &g,
			   late ? IOPF_BLAME_USER : IOPF_BLAME_UNKNOWN);
		h_free(h);
	}
}

/* A write that has not got as far says nothing, nor does the answer of another group. */
static void test_another_is_being_answered_at_the_end(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);

	h->opts.deadline_ns[IOPF_DEADLINE_ANSWER] = 1000;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &a, 100);
	r_queue(h, &b, 101);
	h_read(h, &a, 110, 120);
	h_read(h, &b, 130, 140);
	r_inside(h, H_OBJECT, IOPF_CTX_WRITE, 195, 5000);
	r_inside(h, a.pointer, IOPF_CTX_RESPONSE, 200, 5000);
	r_is_about(r_found(h_finish(h), 1, ERROR, 1), &b, IOPF_BLAME_USER);
}

/* The answer that has been recorded since; and one of memory that is nobody's any more. */
static void test_answered_before_the_end(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), unknown = h_group(2);

	h->opts.deadline_ns[IOPF_DEADLINE_ANSWER] = 1000;
	r_alloc(h, H_OBJECT, 10);
	r_life(h, &a, 100);
	r_inside(h, a.pointer, IOPF_CTX_RESPONSE, 4000, 5000);
	r_inside(h, unknown.pointer, IOPF_CTX_RESPONSE, 4000, 5000);
	r_finds_nothing(h);
}

/* The call is told of once, though its answer is told of beside it. */
static void test_stuck_call_that_is_answering(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	h->opts.deadline_ns[IOPF_DEADLINE_CALL] = 1000;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	h_read(h, &g, 110, 120);
	r_inside(h, H_OBJECT, IOPF_CTX_WRITE, 195, 5000);
	r_inside(h, g.pointer, IOPF_CTX_RESPONSE, 200, 5000);
	r_found(h_finish(h), 24, WARN, 1);
}

/* An object made by another process, whose deadlines pass before the one that is traced has it. */
static void put_passed_on(struct history *h, const struct h_group *g)
{
	static uint32_t root = H_TGID;

	h->opts.roots = &root;
	h->opts.nr_roots = 1;
	h_task(h, 2000, 2000);
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, g, 100);
	h_task(h, H_TGID, H_TGID);
	h_read(h, g, 5100, 5110);
	r_user(h, g, 5200);
}

static void test_deadline_passes_before_the_scope_is_known(void **state)
{
	static const struct {
		enum iopf_deadline deadline;
		unsigned int rule;
		enum iopf_severity severity;
	} cases[] = { { IOPF_DEADLINE_ANSWER, 1, ERROR }, { IOPF_DEADLINE_READ, 26, WARN } };

	(void)state;
	for (int i = 0; i < 4; i++) { /* from a file, and live */
		struct history *h = r_new();
		struct h_group g = h_group(1);

		h->opts.deadline_ns[cases[i / 2].deadline] = 1000;
		put_passed_on(h, &g);
		live_report(h, i & 1 ? 2 : SIZE_MAX, 5000);
		r_is_about(r_only(h->report, cases[i / 2].rule, cases[i / 2].severity, 1), &g,
			   IOPF_BLAME_USER);
		h_free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		R_TEST(test_driver_is_slow),
		R_TEST(test_being_answered_at_the_end),
		R_TEST(test_another_is_being_answered_at_the_end),
		R_TEST(test_answered_before_the_end),
		R_TEST(test_stuck_call_that_is_answering),
		R_TEST(test_deadline_passes_before_the_scope_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
