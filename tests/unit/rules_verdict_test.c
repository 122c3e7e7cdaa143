// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What is made of findings: policy, limits, scope, what cannot be relied on, verdict and exit code. */
#include "rules.h"

#include "iopftrace/expression.h"

#define ERROR IOPF_SEVERITY_ERROR
#define WARN IOPF_SEVERITY_WARN
#define NOTE IOPF_SEVERITY_NOTE
#define OFF IOPF_SEVERITY_OFF

/* Strays: errors of IOPF003, @nr of them. */
static void put_strays(struct history *h, uint32_t nr)
{
	r_alloc(h, H_OBJECT, 10);
	for (uint32_t i = 0; i < nr; i++)
		r_refused(h, 100 + 20 * i, 1000 + i, 0);
}

/* What is listed of a rule: NULL when it was judged for all. */
static const struct iopf_not_checked *unchecked(const struct iopf_report *r, unsigned int rule)
{
	for (size_t i = 0; i < r->nr_not_checked; i++) {
		if (r->not_checked[i].rule->number == rule)
			return &r->not_checked[i];
	}
	return NULL;
}

static void test_without_judging(void **state)
{
	struct history *h = *state;

	h->opts.judge = false;
	put_strays(h, 3);
	h_finish(h);
	assert_false(h->report->judged);
	assert_int_equal(h->report->nr_findings, 0);
	assert_int_equal(h->report->nr_not_checked, 0);
	h_assert_pass(h->report);
}

static void test_severity_by_policy(void **state)
{
	(void)state;
	for (int s = IOPF_SEVERITY_DEFAULT; s <= ERROR; s++) {
		struct history *h = r_new();
		struct iopf_report *r;

		h->opts.severity[3] = (uint8_t)s;
		put_strays(h, 2);
		r = h_finish(h);
		if (s == OFF) {
			r_nothing(r);
			assert_false(unchecked(r, 3)->in_part);
		} else {
			r_only(r, 3, s == IOPF_SEVERITY_DEFAULT ? ERROR : (enum iopf_severity)s, 2);
			assert_null(unchecked(r, 3));
		}
		assert_int_equal(r->exit_code, s == IOPF_SEVERITY_DEFAULT || s == ERROR);
		h_free(h);
	}
}

/* A lesser case stays a lesser one, and is not made more than the policy has it. */
static void test_severity_of_lesser_cases(void **state)
{
	(void)state;
	for (int s = IOPF_SEVERITY_DEFAULT; s <= ERROR; s++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		struct iopf_report *r;

		h->opts.severity[3] = (uint8_t)s;
		r_queue(h, &g, 100);
		h_read(h, &g, 150, 200);
		r_kernel(h, &g, 220, IOPF_CTX_AUTO);
		r_refused(h, 250, 1, 0);
		r = h_finish(h);
		if (s == OFF)
			r_silent(r, 3);
		else
			r_found(r, 3, NOTE, 1);
		h_free(h);
	}
}

/* Every rule can be switched off, and then says nothing; the others are not changed by it. */
static void test_all_off(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	for (int rule = 1; rule <= IOPF_RULES; rule++)
		h->opts.severity[rule] = OFF;
	put_strays(h, 3);
	r_queue(h, &g, 500);
	r_detach(h, R_HANDLE, 600, 610);
	r_destroy(h, H_OBJECT, 700, 710);
	r_finds_nothing(h);
	assert_int_equal(h->report->rules_checked, 0);
	assert_int_equal(h->report->nr_not_checked, IOPF_RULES);
	for (size_t i = 0; i < IOPF_RULES; i++)
		assert_int_equal(h->report->not_checked[i].rule->number, i + 1);
	h_assert_pass(h->report);
}

struct told {
	unsigned int nr, rule;
	uint64_t last_seq;
	enum iopf_severity severity;
};

static void tell(void *arg, const struct iopf_rule *rule, enum iopf_severity severity,
		 const struct iopf_case *c)
{
	struct told *told = arg;

	told->nr++;
	told->rule = rule->number;
	told->severity = severity;
	told->last_seq = c->seq;
	r_assert_text(c->text);
	r_assert_journey(c);
}

/* All are counted, some are kept, and those that are kept are told once. */
static void test_more_cases_than_are_kept(void **state)
{
	static const size_t limits[] = { 0, 1, 3, 20, 100 };

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		struct history *h = r_new();
		size_t kept = !limits[i] ? 8 : limits[i] < 50 ? limits[i] : 50;
		struct told told = { 0 };

		h->opts.max_cases = limits[i];
		h->opts.on_finding = tell;
		h->opts.on_finding_arg = &told;
		put_strays(h, 50);
		r_only(h_finish(h), 3, ERROR, 50);
		assert_int_equal(h->report->findings[0].nr_cases, kept);
		for (size_t c = 0; c < kept; c++)
			assert_int_equal(h->report->findings[0].cases[c].group.cookie, 1000 + c);
		assert_int_equal(told.nr, kept);
		assert_int_equal(told.rule, 3);
		assert_int_equal(told.severity, ERROR);
		assert_int_equal(told.last_seq, kept);
		h_free(h);
	}
}

static void miss(void *arg, struct iopf_run *so_far)
{
	so_far->missed[*(const enum iopf_probe *)arg] = 1;
}

/* What probes have missed so far may be all that a finding rests on: then it is not told yet. */
static void test_told_only_what_stands(void **state)
{
	static enum iopf_probe missed[] = { IOPF_PROBE_PROCESS, IOPF_PROBE_RESPONSE };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct history *h = r_new();
		struct told told = { 0 };

		h->opts.on_finding = tell;
		h->opts.on_finding_arg = &told;
		h->opts.misses = miss;
		h->opts.misses_arg = &missed[i];
		put_strays(h, 2);
		r_only(h_finish(h), 3, ERROR, 2);
		assert_int_equal(told.nr, i == 0 ? 2 : 0);
		h_free(h);
	}
}

static void be_absent(void *arg, struct iopf_run *so_far)
{
	so_far->absent = *(const uint32_t *)arg;
}

/* What the report will not say, since a probe is not there, is not told either. */
static void test_told_only_what_is_checked(void **state)
{
	static uint32_t absent[] = { 1U << IOPF_PROBE_PROCESS, 1U << IOPF_PROBE_READ_EXIT };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct history *h = r_new();
		struct told told = { 0 };

		h->opts.on_finding = tell;
		h->opts.on_finding_arg = &told;
		h->opts.misses = be_absent;
		h->opts.misses_arg = &absent[i];
		put_strays(h, 2);
		h->run.absent = absent[i];
		h_finish(h);
		assert_int_equal(h->report->nr_findings, i == 0);
		assert_int_equal(told.nr, i == 0 ? 2 : 0);
		h_free(h);
	}
}

/* An input that breaks off does not tell what probes missed: it proves nothing. */
static void test_misses_not_known(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	put_strays(h, 1);
	r_queue(h, &g, 500);
	h_read(h, &g, 550, 600);
	r_refused(h, 700, g.cookie, 5); /* 7 */
	h->run.cut = h->run.misses_unknown = true;
	h_finish(h);
	assert_int_equal(h->report->verdict, IOPF_INCONCLUSIVE);
	assert_int_equal(h->report->exit_code, 5);
	for (size_t i = 0; i < h->report->nr_findings; i++)
		assert_true(h->report->findings[i].unproven);
	assert_int_equal(h->report->nr_findings, 2);
}

/* Deadlines are judged when time passes, once for each group, and not again at the end. */
static void test_deadlines_while_nothing_happens(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_engine *e;
	struct told told = { 0 };
	struct iopf_rec *rec;

	h->opts.deadline_ns[IOPF_DEADLINE_ANSWER] = 1000;
	h->opts.on_finding = tell;
	h->opts.on_finding_arg = &told;
	r_queue(h, &a, 100);
	r_queue(h, &b, 600);
	e = iopf_engine_new(&h->opts);
	for (size_t at = 0; at < h->nr_bytes; at += rec->size) {
		rec = (struct iopf_rec *)(h->bytes + at);
		assert_int_equal(iopf_engine_feed(e, rec), 0);
	}
	iopf_engine_advance(e, 1100);
	assert_int_equal(told.nr, 0);
	iopf_engine_advance(e, 1101);
	iopf_engine_advance(e, 1600);
	assert_int_equal(told.nr, 1);
	iopf_engine_advance(e, 5000);
	iopf_engine_advance(e, 6000);
	assert_int_equal(told.nr, 2);
	h->report = iopf_engine_finish(e, &h->run);
	iopf_engine_free(e);
	r_only(h->report, 1, ERROR, 2);
	assert_int_equal(told.nr, 2);
}

/* Time that passes says nothing where no deadline was given, nor of what was answered. */
static void test_time_passes(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_engine *e = iopf_engine_new(&h->opts);

	r_queue(h, &g, 100);
	iopf_engine_advance(e, 50);
	assert_int_equal(iopf_engine_feed(e, (struct iopf_rec *)h->bytes), 0);
	iopf_engine_advance(e, UINT64_MAX);
	h->report = iopf_engine_finish(e, &h->run);
	iopf_engine_free(e);
	r_only(h->report, 1, NOTE, 1);
}

/* Objects that are not of the scope are not judged; those that turn out to be are, from then on. */
static void test_scope_of_objects(void **state)
{
	(void)state;
	for (uint32_t root = H_TGID; root <= H_TGID + 1; root++) {
		struct history *h = r_new();

		h->opts.roots = &root;
		h->opts.nr_roots = 1;
		put_strays(h, 3);
		if (root == H_TGID)
			r_only(h_finish(h), 3, ERROR, 3);
		else
			r_finds_nothing(h);
		h_free(h);
	}
}

/* A write is what puts an object into the scope: it is judged itself. */
static void test_scope_by_the_call_that_is_judged(void **state)
{
	struct history *h = *state;
	uint32_t root = 5;

	h->opts.roots = &root;
	h->opts.nr_roots = 1;
	r_alloc(h, H_OBJECT, 10);
	r_refused(h, 100, 1, 9);
	h_task(h, 5, 5);
	r_refused(h, 200, 1, 9);
	r_only(h_finish(h), 7, ERROR, 1);
}

/* A device is of the scope when it has groups there: also if that shows only later. */
static void test_scope_of_devices(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1), mine = h_group(2);
		uint32_t root = 5;
		struct told told = { 0 };

		h->opts.roots = &root;
		h->opts.nr_roots = 1;
		h->opts.on_finding = tell;
		h->opts.on_finding_arg = &told;
		r_report(h, &g, 0, 50, 0, IOPF_REPORT_UNTOLD);
		h_task(h, i == 2 ? 6 : 5, 5);
		r_alloc(h, H_OBJECT, 100);
		mine.dev = i == 1 ? H_DEVICE2 : H_DEVICE;
		r_life(h, &mine, 200);
		if (i == 0)
			r_only(h_finish(h), 14, ERROR, 1);
		else
			r_finds_nothing(h);
		assert_int_equal(told.nr, i == 0);
		h_free(h);
	}
}

/* What belongs to no object, and to no device that is known, is nobody's of the scope. */
static void test_scope_of_what_is_not_known(void **state)
{
	struct history *h = *state;
	uint32_t root = 5;

	h->opts.roots = &root;
	h->opts.nr_roots = 1;
	h->opts.deadline_ns[IOPF_DEADLINE_CALL] = 1000;
	r_inside(h, 0, IOPF_CTX_READ, 100, 9000);
	r_inside(h, H_OBJECT, IOPF_CTX_READ, 100, 9000);
	r_detach(h, R_HANDLE, 100, 9000);
	r_finds_nothing(h);
}

/* A second answer, when the object that it was on has gone, and is another process's business. */
static void test_scope_of_an_object_that_has_gone(void **state)
{
	(void)state;
	for (int again = 0; again < 2; again++) {
		struct history *h = r_new();
		struct h_group g = h_group(1), mine = h_group(2);
		uint32_t root = 5;

		h->opts.roots = &root;
		h->opts.nr_roots = 1;
		r_alloc(h, H_OBJECT, 10);
		r_life(h, &g, 100);
		r_destroy(h, H_OBJECT, 200, 210);
		if (again) { /* its place is used by one that is of the scope */
			h_task(h, 5, 5);
			mine.object = H_OBJECT2;
			r_alloc(h, H_OBJECT2, 220);
			r_life(h, &mine, 230);
			h_task(h, H_TGID, H_TGID);
		}
		r_driver(h, &g, 300, 0, IOPF_CTX_WRITE);
		r_user(h, &g, 310);
		h_finish(h);
		r_silent(h->report, 2);
		r_silent(h->report, 13);
		h_free(h);
	}
}

/* In the scope it is found, though the object has gone. */
static void test_answered_twice_after_the_object_has_gone(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	r_alloc(h, H_OBJECT, 10);
	r_life(h, &g, 100);
	r_destroy(h, H_OBJECT, 200, 210);
	r_user(h, &g, 310);
	r_is_about(r_found(h_finish(h), 2, ERROR, 1), &g, IOPF_BLAME_KERNEL);
}

/* A program that was not run may have seen what is missing: then nothing is proven. */
static void test_probe_that_was_missed(void **state)
{
	(void)state;
	for (int probe = 0; probe < IOPF_PROBES; probe++) {
		struct history *h = r_new();
		bool relies = iopf_rule(3)->relies >> probe & 1;
		struct iopf_report *r;

		h->run.missed[probe] = h->run.probe_misses = 1;
		put_strays(h, 2);
		r = h_finish(h);
		assert_int_equal(r->nr_findings, 1);
		assert_int_equal(r->findings[0].unproven, relies);
		assert_int_equal(r->findings[0].count, 2);
		assert_int_equal(r->verdict, relies ? IOPF_INCONCLUSIVE : IOPF_VIOLATION);
		assert_int_equal(r->exit_code, relies ? 5 : 1);
		assert_true(r->doubt[IOPF_DOUBT_MISSED]);
		h_free(h);
	}
}

/* What was lost may be ignored, but not where it is why an error is not proven: that is no pass. */
static void test_ignored_loss_of_an_error(void **state)
{
	(void)state;
	for (int error = 0; error < 2; error++) {
		struct history *h = r_new();
		struct iopf_report *r;

		h->opts.on_loss = IOPF_LOSS_IGNORE;
		h->run.missed[IOPF_PROBE_READ_EXIT] = h->run.probe_misses = 1;
		assert_true(iopf_rule(3)->relies >> IOPF_PROBE_READ_EXIT & 1);
		put_strays(h, error);
		r = h_finish(h);
		assert_int_equal(r->nr_findings, error);
		assert_int_equal(r->verdict, error ? IOPF_INCONCLUSIVE : IOPF_PASS);
		assert_int_equal(r->exit_code, error ? 5 : 0);
		h_free(h);
	}
}

/* Without a probe that it needs, a rule is not checked, and says nothing. */
static void test_probe_that_is_absent(void **state)
{
	(void)state;
	for (int probe = 0; probe < IOPF_PROBES; probe++) {
		struct history *h = r_new();
		struct iopf_report *r;
		unsigned int whole = 0;

		h->run.absent = 1U << probe;
		put_strays(h, 2);
		r = h_finish(h);
		assert_int_equal(r->nr_findings, !(iopf_rule(3)->needs >> probe & 1));
		for (unsigned int rule = 1; rule <= IOPF_RULES; rule++) {
			const struct iopf_not_checked *n = unchecked(r, rule);

			if (iopf_rule(rule)->needs >> probe & 1) {
				assert_non_null(n);
				assert_true(!n->in_part && strlen(n->why) > 10);
			}
			whole += n && !n->in_part;
		}
		assert_int_equal(r->rules_checked, IOPF_RULES - whole);
		h_free(h);
	}
}

/* Proven in what was seen: a gap elsewhere does not help. And what loss does to the rest. */
static void test_loss(void **state)
{
	static const struct {
		enum iopf_on_loss on_loss;
		bool violated;
		enum iopf_verdict verdict;
		int exit_code;
	} cases[] = {
		{ IOPF_LOSS_INCONCLUSIVE, false, IOPF_INCONCLUSIVE, 5 },
		{ IOPF_LOSS_FAIL, false, IOPF_INCONCLUSIVE, 1 },
		{ IOPF_LOSS_IGNORE, false, IOPF_PASS, 0 },
		{ IOPF_LOSS_INCONCLUSIVE, true, IOPF_VIOLATION, 1 },
		{ IOPF_LOSS_FAIL, true, IOPF_VIOLATION, 1 },
		{ IOPF_LOSS_IGNORE, true, IOPF_VIOLATION, 1 },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		struct history *h = r_new();
		bool missed = i % 2;

		h->opts.on_loss = cases[i / 2].on_loss;
		put_strays(h, cases[i / 2].violated);
		if (missed)
			h->run.probe_misses = 1; /* of none that it relies on, as far as is known */
		else
			h_lose(h, 5);
		r_release(h, H_OBJECT, 900);
		h_finish(h);
		assert_int_equal(h->report->verdict, cases[i / 2].verdict);
		assert_int_equal(h->report->exit_code, cases[i / 2].exit_code);
		/* No violation is made of a loss: only the exit code is that of one. */
		assert_int_equal(h->report->exit_because, cases[i / 2].violated ?
								  IOPF_BECAUSE_VIOLATION :
							  cases[i / 2].on_loss == IOPF_LOSS_IGNORE ?
								  IOPF_BECAUSE_PASS :
								  IOPF_BECAUSE_INCONCLUSIVE);
		h_free(h);
	}
}

/*
 * 1 before 2 before 5 before the command's own, which does not count where only the verdict does; and why, since
 * each of these numbers may be the command's.
 */
static void test_exit_codes(void **state)
{
	(void)state;
	for (int i = 0; i < 32; i++) {
		struct history *h = r_new();
		struct iopf_expr expr;
		struct iopf_expr_error why;
		bool violated = i & 1, failed = i & 2, cut = i & 4, child = i & 8, only = i & 16;
		struct h_group g = h_group(1);
		struct iopf_report *r;

		put_strays(h, violated);
		r_life(h, &g, 500);
		h->run.cut = cut;
		h->run.has_child = true;
		h->run.child_status = child ? 1 : 0;
		h->opts.verdict_only = only;
		r = h_finish(h);
		assert_int_equal(iopf_expr_parse(&expr, "groups == 7", &why), 0);
		assert_int_equal(iopf_report_assert(r, &expr, failed), 0);
		assert_int_equal(r->verdict, violated ? IOPF_VIOLATION :
					     cut      ? IOPF_INCONCLUSIVE :
							IOPF_PASS);
		assert_int_equal(r->child_status, child);
		if (failed && !violated && cut) { /* with records missing, a count is not known */
			h_free(h);
			continue;
		}
		assert_int_equal(r->exit_code, violated	      ? 1 :
					       failed	      ? 2 :
					       cut	      ? 5 :
					       child && !only ? 1 :
								0);
		assert_int_equal(r->exit_because, violated	 ? IOPF_BECAUSE_VIOLATION :
						  failed	 ? IOPF_BECAUSE_ASSERTION :
						  cut		 ? IOPF_BECAUSE_INCONCLUSIVE :
						  child && !only ? IOPF_BECAUSE_COMMAND :
								   IOPF_BECAUSE_PASS);
		h_free(h);
	}
}

/* Errors first, then warnings, then notes; in order of rules; what is not proven last. */
static void test_order_of_findings(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3);
	struct iopf_report *r;

	h->opts.severity[4] = WARN;
	h->opts.deadline_ns[IOPF_DEADLINE_READ] = 10;
	put_strays(h, 1);
	r_life(h, &a, 200);
	r_refused(h, 250, 1, 0); /* 4 */
	r_refused(h, 270, 1, 7); /* 7 */
	r_queue(h, &b, 300);
	h_read(h, &b, 350, 360); /* 26 */
	r_kernel(h, &b, 370, IOPF_CTX_AUTO); /* 29 */
	r_refused(h, 380, 2, 0); /* 3, late */
	r_queue(h, &c, R_END_NS - 1); /* 1 */
	h->run.missed[IOPF_PROBE_RESPONSE] = 1; /* on which 7 does not rely */
	r = h_finish(h);
	assert_true(r->nr_findings > 5);
	for (size_t i = 1; i < r->nr_findings; i++) {
		const struct iopf_finding *p = &r->findings[i - 1], *q = &r->findings[i];

		assert_true(p->unproven <= q->unproven);
		if (p->unproven != q->unproven)
			continue;
		assert_true(p->severity >= q->severity);
		if (p->severity == q->severity)
			assert_true(p->rule->number < q->rule->number);
	}
	assert_int_equal(r->findings[0].rule->number, 7);
	assert_true(r->findings[r->nr_findings - 1].unproven);
}

/* Fewer groups than were wanted are no pass, but a violation is one. */
static void test_few_groups(void **state)
{
	(void)state;
	for (int violated = 0; violated < 2; violated++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);

		h->opts.min_groups = 2;
		put_strays(h, violated);
		r_life(h, &g, 500);
		h_finish(h);
		assert_true(h->report->doubt[IOPF_DOUBT_FEW_GROUPS]);
		assert_int_equal(h->report->verdict, violated ? IOPF_VIOLATION : IOPF_INCONCLUSIVE);
		assert_int_equal(h->report->exit_code, violated ? 1 : 5);
		h_free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		R_TEST(test_without_judging),
		R_TEST(test_severity_by_policy),
		R_TEST(test_severity_of_lesser_cases),
		R_TEST(test_all_off),
		R_TEST(test_more_cases_than_are_kept),
		R_TEST(test_told_only_what_stands),
		R_TEST(test_told_only_what_is_checked),
		R_TEST(test_misses_not_known),
		R_TEST(test_deadlines_while_nothing_happens),
		R_TEST(test_time_passes),
		R_TEST(test_scope_of_objects),
		R_TEST(test_scope_by_the_call_that_is_judged),
		R_TEST(test_scope_of_devices),
		R_TEST(test_scope_of_what_is_not_known),
		R_TEST(test_scope_of_an_object_that_has_gone),
		R_TEST(test_answered_twice_after_the_object_has_gone),
		R_TEST(test_probe_that_was_missed),
		R_TEST(test_ignored_loss_of_an_error),
		R_TEST(test_probe_that_is_absent),
		R_TEST(test_loss),
		R_TEST(test_exit_codes),
		R_TEST(test_order_of_findings),
		R_TEST(test_few_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
