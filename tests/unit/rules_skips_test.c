// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * When the kernel skipped programs: what another program made good is judged like the rest, and what
 * nobody told of proves nothing.
 */
#include "rules.h"

#define ERROR IOPF_SEVERITY_ERROR
#define WARN IOPF_SEVERITY_WARN

/* One program was skipped, and another told what it would have. */
static void put_made_good(struct history *h)
{
	h->run.probe_misses = h->run.made_good = 1;
}

/* An answer by a write whose entry was missed: nobody is known to have given it. */
static void put_unattributed(struct history *h, const struct h_group *g, uint64_t at_ns)
{
	struct r_answer a = r_answer_at(g, at_ns);

	a.context = 0;
	a.enter_ns = a.object = 0;
	r_answer(h, g, &a);
}

static void put_write_without_entry(struct history *h, uint64_t exit_ns, int64_t ret)
{
	struct r_write w = { .exit_ns = exit_ns, .count = 1, .ret = ret };

	r_write(h, &w);
}

/* The kernel owes no late answer for what user space answered, though its write was seen in part. */
static void test_duplicate_after_a_write_without_entry(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	b.cookie = 1;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &a, 100);
	h_read(h, &a, 110, 120);
	put_unattributed(h, &a, 130);
	put_write_without_entry(h, 140, R_SIZE);
	r_life(h, &b, 200);
	r_refused(h, 300, 1, 0);
	put_made_good(h);
	r = h_finish(h);
	assert_int_equal(r_found(r, 4, ERROR, 1)->group.grpid, b.grpid);
	r_silent(r, 3);
	assert_int_equal(r->verdict, IOPF_VIOLATION);
}

/* Two groups, both read, and a write that answers the first and stops at the second. */
static void put_short_write(struct history *h, uint16_t nr)
{
	struct h_group a = h_group(1), b = h_group(2);
	struct r_write w = {
		.enter_ns = 225,
		.exit_ns = 240,
		.count = 2,
		.ret = R_SIZE,
		.answered = 1,
		.nr = nr,
		.entry = { { 2, 0 } },
	};

	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &a, 100);
	r_queue(h, &b, 110);
	h_read(h, &a, 120, 130);
	h_read(h, &b, 140, 150);
	r_user(h, &a, 230);
	r_write(h, &w);
}

/* By its answer, by its return, or by both. */
static void test_short_write_is_retried_by_a_write_without_entry(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		struct history *h = r_new();
		struct h_group b = h_group(2);

		put_short_write(h, i & 1);
		if (i / 2 != 1)
			put_unattributed(h, &b, 250);
		if (i / 2 != 0)
			put_write_without_entry(h, 260, i / 2 == 1 ? -22 : R_SIZE);
		r_release(h, H_OBJECT, 400);
		put_made_good(h);
		r_silent(h_finish(h), 6);
		h_free(h);
	}
}

/* A write of another process that was seen in part is no retry, unless it answers the rest. */
static void test_short_write_is_not_retried_by_others(void **state)
{
	(void)state;
	for (uint16_t nr = 0; nr < 2; nr++) {
		struct history *h = r_new();

		put_short_write(h, nr);
		h_task(h, 2000, 2000);
		put_write_without_entry(h, 260, -22);
		r_release(h, H_OBJECT, 400);
		put_made_good(h);
		r_found(h_finish(h), 6, WARN, 1);
		h_free(h);
	}
}

/* When it reached its group was missed: it was after its call was entered, and before its driver. */
static void test_deadline_of_an_answer_without_its_moment(void **state)
{
	static const struct {
		uint64_t enter_ns;
		bool late;
	} cases[] = { { 0, false }, { 1000, false }, { 1100, false }, { 1101, true } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct iopf_rec_response r = {
			.ack_ns = 9000,
			.caller_ns = cases[i].enter_ns,
			.group = g.pointer,
			.object = H_OBJECT,
			.dev = g.dev,
			.cookie = g.cookie,
			.pasid = g.pasid,
			.grpid = g.grpid,
			.driver_calls = 1,
		};

		h->opts.deadline_ns[IOPF_DEADLINE_ANSWER] = 1000;
		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		h_read(h, &g, 110, 120);
		H_PUT(h, r, IOPF_REC_RESPONSE, 9000, IOPF_CTX_WRITE);
		put_made_good(h);
		if (cases[i].late)
			r_is_about(r_finds(h, 1, ERROR), &g, IOPF_BLAME_USER);
		else
			r_finds_nothing(h);
		h_free(h);
	}
}

/* A device that is never told is not excused by what was skipped, and made good, elsewhere. */
static void test_driver_not_told_beside_a_skip(void **state)
{
	struct history *h = *state;
	struct h_group mine = h_group(1), other = h_group(2);
	uint32_t root = H_TGID;
	struct r_answer a = r_answer_at(&mine, 300);

	h->opts.roots = &root;
	h->opts.nr_roots = 1;
	other.object = H_OBJECT2;
	other.dev = H_DEVICE2;
	h_task(h, 2000, 2000);
	r_alloc(h, H_OBJECT2, 10);
	r_life(h, &other, 20);
	h_task(h, H_TGID, H_TGID);
	r_alloc(h, H_OBJECT, 90);
	r_queue(h, &mine, 100);
	h_read(h, &mine, 150, 200);
	a.driver_calls = 0;
	a.flags = IOPF_RESPONSE_UNTOLD;
	r_answer(h, &mine, &a);
	put_made_good(h);
	r_is_about(r_finds(h, 14, ERROR), &mine, IOPF_BLAME_KERNEL);
}

#define PROBE(name) (1U << IOPF_PROBE_##name)
#define CALLS \
	(PROBE(REPORT_ENTRY) | PROBE(REPORT_EXIT) | PROBE(READ_ENTRY) | PROBE(READ_EXIT) | \
	 PROBE(WRITE_ENTRY) | PROBE(WRITE_EXIT) | PROBE(AUTO_ENTRY) | PROBE(AUTO_EXIT) | \
	 PROBE(DESTROY_ENTRY) | PROBE(DESTROY_EXIT) | PROBE(QREMOVE_ENTRY) | PROBE(QREMOVE_EXIT))

/* A cookie is answered twice; or a detach was put down to the write before it. */
static void put_duplicate(struct history *h)
{
	struct h_group g = h_group(1);

	r_life(h, &g, 100);
	r_refused(h, 400, 1, 0);
}

static void put_bad_code(struct history *h)
{
	struct h_group g = h_group(1);

	r_queue(h, &g, 100);
	r_refused(h, 200, 1, 5);
}

/* The same group is read twice; or its second life was not seen to begin. */
static void put_delivered_twice(struct history *h)
{
	struct h_group g = h_group(1);

	r_life(h, &g, 100);
	h_read(h, &g, 210, 220);
	r_user(h, &g, 230);
}

/* Answered unread; or its read was not seen to return. */
static void put_answered_before_its_read(struct history *h)
{
	struct h_group g = h_group(1);

	r_queue(h, &g, 100);
	r_user(h, &g, 230);
	r_destroy(h, H_OBJECT, 500, 510);
}

/* A first page makes a group; or the report of a last one was put down to it. */
static void put_group_without_a_last_page(struct history *h)
{
	struct h_group g = h_group(1);

	g.pages = 2;
	r_report(h, &g, 0, 100, 0, IOPF_REPORT_QUEUED);
}

/* A write does not return; or its return was missed, and its task has called nothing since. */
static void put_stuck_write(struct history *h)
{
	h->opts.deadline_ns[IOPF_DEADLINE_CALL] = 1000;
	r_inside(h, H_OBJECT, IOPF_CTX_WRITE, 100, 5000);
}

/* A group is answered through another object; or what that one did last was not seen to end. */
static void put_answered_through_another(struct history *h)
{
	struct h_group g = h_group(1);
	struct r_answer a = r_kernel_answer_at(&g, 300, IOPF_CTX_AUTO);

	a.object = H_OBJECT2;
	r_alloc(h, H_OBJECT2, 20);
	r_queue(h, &g, 100);
	h_read(h, &g, 150, 160);
	r_answer(h, &g, &a);
}

/* The core gives up on a group; or a write was put down to the report before it. */
static void put_aborted(struct history *h)
{
	struct h_group g = h_group(1);

	r_queue(h, &g, 100);
	r_kernel(h, &g, 200, IOPF_CTX_REPORT);
}

struct missed_case {
	unsigned int rule;
	enum iopf_severity severity;
	uint32_t others; /* relied on besides the calls */
	void (*put)(struct history *h);
};

/* What comes of it when a program was skipped, of IOPF_PROBES: none. */
static void judge_without(const struct missed_case *m, unsigned int probe)
{
	struct history *h = r_new();
	bool relies = probe < IOPF_PROBES && (CALLS | m->others) >> probe & 1;
	const struct iopf_finding *f;

	r_alloc(h, H_OBJECT, 10);
	m->put(h);
	if (probe < IOPF_PROBES)
		h->run.missed[probe] = h->run.probe_misses = 1;
	f = r_finding(h_finish(h), m->rule, m->severity);
	assert_non_null(f);
	assert_int_equal(f->unproven, relies);
	for (size_t i = 0; i < f->nr_cases && relies; i++)
		assert_int_equal(f->cases[i].blame, IOPF_BLAME_UNKNOWN);
	if (probe == IOPF_PROBES)
		r_found(h->report, m->rule, m->severity, 1);
	if (relies) {
		assert_int_equal(h->report->verdict, IOPF_INCONCLUSIVE);
		assert_int_equal(h->report->exit_code, 5);
	}
	h_free(h);
}

/* A task whose leaving one call and entering the next were both missed seems to be in the first. */
static void test_calls_that_were_missed_prove_nothing(void **state)
{
	static const uint32_t lives = PROBE(ENQUEUE) | PROBE(RESPONSE) | PROBE(DRIVER);
	const struct missed_case cases[] = {
		{ 4, ERROR, lives, put_duplicate },
		{ 7, ERROR, 0, put_bad_code },
		{ 8, ERROR, lives, put_answered_before_its_read },
		{ 10, ERROR, lives, put_delivered_twice },
		{ 22, ERROR, 0, put_group_without_a_last_page },
		{ 24, WARN, 0, put_stuck_write },
		{ 27, ERROR, lives, put_answered_through_another },
		{ 28, WARN, 0, put_aborted },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (unsigned int probe = 0; probe <= IOPF_PROBES; probe++)
			judge_without(&cases[i], probe);
}

/* And so of every rule. */
static void test_every_rule_relies_on_all_calls(void **state)
{
	(void)state;
	for (unsigned int rule = 1; rule <= IOPF_RULES; rule++)
		assert_int_equal(iopf_rule(rule)->relies & CALLS, CALLS);
}

/* A recording that ends well and does not tell what was missed: nothing is proven, and no pass. */
static void test_misses_not_told(void **state)
{
	(void)state;
	for (int violated = 0; violated < 2; violated++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);

		r_alloc(h, H_OBJECT, 10);
		r_life(h, &g, 100);
		if (violated)
			r_refused(h, 300, 1, 0);
		r_release(h, H_OBJECT, 400);
		h->run.misses_unknown = true;
		h_finish(h);
		h_assert_doubt(h->report, IOPF_DOUBT_MISSED);
		assert_int_equal(h->report->nr_findings, violated);
		if (violated)
			assert_true(r_finding(h->report, 4, ERROR)->unproven);
		h_free(h);
	}
}

/* Reports that the kernel's own handler took look lost, when it could not be attached to. */
static void test_handler_that_is_not_watched(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	r_report(h, &g, 0, 100, 0, IOPF_REPORT_UNTOLD);
	h->run.absent = PROBE(SVA);
	r_finds_nothing(h);
	h_assert_doubt(h->report, IOPF_DOUBT_PROBE);
}

/* Nor is it known what was parked, without it or without the probe of what is discarded. */
static void test_parked_requests_that_may_have_gone(void **state)
{
	static const uint32_t absent[] = { 0, PROBE(SVA), PROBE(DISCARD) };

	(void)state;
	for (size_t i = 0; i < sizeof(absent) / sizeof(*absent); i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);

		h->opts.deadline_ns[IOPF_DEADLINE_PARTIAL] = 1000;
		g.pages = 2;
		r_report(h, &g, 0, 100, 0, 0);
		h->run.absent = absent[i];
		if (absent[i])
			r_finds_nothing(h);
		else
			r_finds(h, 20, WARN);
		h_free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		R_TEST(test_duplicate_after_a_write_without_entry),
		R_TEST(test_short_write_is_retried_by_a_write_without_entry),
		R_TEST(test_short_write_is_not_retried_by_others),
		R_TEST(test_deadline_of_an_answer_without_its_moment),
		R_TEST(test_driver_not_told_beside_a_skip),
		R_TEST(test_calls_that_were_missed_prove_nothing),
		R_TEST(test_every_rule_relies_on_all_calls),
		R_TEST(test_misses_not_told),
		R_TEST(test_handler_that_is_not_watched),
		R_TEST(test_parked_requests_that_may_have_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
