// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Recordings that are pieces of a longer one: wherever a legal history is cut, no piece of it has a
 * finding, none has doubts but those that a cut brings, and what is outstanding is known in each.
 */
#include <errno.h>

#include "model.h"
#include "steady.h"

/* A piece ends without a walk and without a look at the calls that are inside. */
#define NO_END (1U << IOPF_PROBE_WALK | 1U << IOPF_PROBE_INSIDE)

static const struct iopf_rec *next(const struct iopf_rec *rec)
{
	return (const struct iopf_rec *)((const char *)rec + ((rec->size + 7U) & ~7U));
}

static int feed(void *arg, const struct iopf_rec *rec)
{
	return iopf_engine_feed(arg, rec);
}

/* When the first answer was given of those that a piece does not tell of any more; else @now_ns. */
static uint64_t settled(const struct iopf_rec *rec, const struct iopf_rec *end, uint64_t now_ns)
{
	for (; rec < end; rec = next(rec)) {
		const struct iopf_rec_response *r = (const struct iopf_rec_response *)rec;

		if (rec->type == IOPF_REC_RESPONSE && r->response_ns && r->response_ns <= now_ns)
			now_ns = r->response_ns - 1;
	}
	return now_ns;
}

/* The report on the records from @rec to before @to, of those to @end; @before has had all before. */
static struct iopf_report *piece(const struct history *h, const struct iopf_engine *before,
				 uint64_t now_ns, const struct iopf_rec *rec,
				 const struct iopf_rec *to, const struct iopf_rec *end)
{
	struct iopf_engine_opts opts = h->opts;
	struct iopf_run run = h->run;
	struct iopf_report *report;
	struct iopf_engine *e;

	opts.first_ns = now_ns;
	if (iopf_engine_restate(before, NULL, NULL, &opts.first_seq, &opts.first_ns))
		return NULL;
	e = iopf_engine_new(&opts);
	assert_non_null(e);
	assert_int_equal(iopf_engine_restate(before, feed, e, &opts.first_seq, &opts.first_ns), 0);
	run.start_ns = run.end_ns = opts.first_ns;
	for (; rec < to; rec = next(rec)) {
		assert_int_equal(iopf_engine_feed(e, rec), 0);
		if (rec->time_ns > run.end_ns)
			run.end_ns = rec->time_ns;
	}
	run.empty_reads = 0;
	if (to < end) {
		run.absent = NO_END;
		run.settled_ns = settled(to, end, run.end_ns);
	}
	report = iopf_engine_finish(e, &run);
	iopf_engine_free(e);
	return report;
}

/* Whether a report has a finding of this rule that is no less severe. */
static bool has(const struct iopf_report *r, const struct iopf_finding *f)
{
	for (size_t i = 0; i < r->nr_findings; i++) {
		if (r->findings[i].rule == f->rule && r->findings[i].severity >= f->severity)
			return true;
	}
	return false;
}

/* Nothing is found in a piece that is not in the whole; it lacks nothing, and is never out of balance. */
static void assert_no_worse(const struct iopf_report *r, const struct iopf_report *whole)
{
	for (size_t i = 0; i < r->nr_findings; i++) {
		const struct iopf_finding *f = &r->findings[i];

		if (f->severity > IOPF_SEVERITY_NOTE && !has(whole, f))
			fail_msg("%s: %s", f->rule->id, f->nr_cases ? f->cases[0].text : "");
	}
	assert_false(r->doubt[IOPF_DOUBT_LOST]);
	assert_false(r->doubt[IOPF_DOUBT_CUT]);
	assert_int_equal(r->lost.gaps, 0);
}

/* A report on a piece of a history, from @rec to @to. */
static void check_piece(const struct history *h, const struct iopf_engine *before, uint64_t now_ns,
			const struct iopf_rec *rec, const struct iopf_rec *to)
{
	const struct iopf_rec *end = (const struct iopf_rec *)(h->bytes + h->nr_bytes);
	struct iopf_report *r = piece(h, before, now_ns, rec, to, end);

	if (!r)
		return;
	assert_no_worse(r, h->report);
	iopf_report_free(r);
}

/* Cuts a history at every record: the rest of it, and as much of that as comes. */
static void check_history(struct model *m)
{
	struct history *h = m->h;
	const struct iopf_rec *rec = (const struct iopf_rec *)h->bytes, *to;
	const struct iopf_rec *end = (const struct iopf_rec *)(h->bytes + h->nr_bytes);
	struct iopf_engine *before = iopf_engine_new(&h->opts);
	static unsigned int cases;
	uint64_t now_ns = 0;

	assert_non_null(before);
	for (; rec < end; rec = next(rec)) {
		uint32_t n = m_random(m, 100);

		for (to = rec; n && to < end; n--)
			to = next(to);
		if (cases++ % STEADY_STEP == 0) {
			check_piece(h, before, now_ns, rec, end);
			check_piece(h, before, now_ns, rec, to);
		}
		assert_int_equal(iopf_engine_feed(before, rec), 0);
		now_ns = rec->time_ns > now_ns ? rec->time_ns : now_ns;
	}
	iopf_engine_free(before);
}

static void check(struct m_opts opts)
{
	for (unsigned int i = 1; i <= 12; i++) {
		struct model *m;

		opts.seed = i;
		opts.steps = 150;
		m = m_new(&opts);
		m->h->opts.judge = true;
		m->h->opts.deadline_ns[IOPF_DEADLINE_ANSWER] = 200000;
		m->h->run.end_ns = m->now;
		h_finish(m->h);
		check_history(m);
		m_free(m);
	}
}

static void test_calm(void **state)
{
	(void)state;
	check((struct m_opts){ .kernel = true });
	check((struct m_opts){ .before = true, .kernel = true, .failures = true });
}

static void test_races(void **state)
{
	(void)state;
	check((struct m_opts){ .races = true, .kernel = true, .failures = true });
	check((struct m_opts){ .races = true, .before = true, .failures = true });
}

static void test_late_answers(void **state)
{
	(void)state;
	check((struct m_opts){ .unacked = true, .races = true, .failures = true });
}

static void test_what_cannot_be_told_apart(void **state)
{
	(void)state;
	check((struct m_opts){ .unreadable = true, .races = true, .failures = true });
	check((struct m_opts){ .twins = true, .races = true });
	check((struct m_opts){ .twins = true, .races = true, .unacked = true });
}

static void test_scoped(void **state)
{
	(void)state;
	check((struct m_opts){ .scoped = true, .races = true, .kernel = true, .failures = true });
}

/* A load without fault: every piece of it passes, and knows all that is outstanding. */
static void test_a_steady_load(void **state)
{
	static struct steady s;
	struct history *h = *state;
	union steady_rec rec;
	struct iopf_engine *before;
	uint64_t now_ns = 0;

	steady_begin(&s, 3);
	for (size_t i = 0; i < 3000; i++) {
		const struct iopf_rec *r = steady_next(&s, &rec);

		h_task(h, r->tgid, r->tid);
		h_put(h, &rec, r->size, r->type, r->time_ns, r->context);
	}
	h->opts.judge = true;
	before = iopf_engine_new(&h->opts);
	assert_non_null(before);
	for (size_t at = 0; at < h->nr_bytes / 2;
	     at += ((struct iopf_rec *)(h->bytes + at))->size) {
		const struct iopf_rec *first = (const struct iopf_rec *)(h->bytes + at);
		const struct iopf_rec *end = (const struct iopf_rec *)(h->bytes + h->nr_bytes);
		bool wanted = at < 1000 || first->seq % STEADY_STEP == 0;
		struct iopf_report *r = wanted ? piece(h, before, now_ns, first, end, end) : NULL;

		assert_true(r || at < 1000 || !wanted);
		if (r) {
			h_assert_pass(r);
			assert_int_equal(r->groups.outstanding, s.groups);
			assert_int_equal(r->objects[0].id, 4);
			iopf_report_free(r);
		}
		assert_int_equal(iopf_engine_feed(before, first), 0);
		now_ns = first->time_ns > now_ns ? first->time_ns : now_ns;
	}
	iopf_engine_free(before);
}

/* Names, processes of the scope, and what their objects hold are known in a piece. */
static void test_names_and_scope(void **state)
{
	static const uint32_t roots[] = { H_TGID };
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3);
	struct iopf_engine *before;
	struct iopf_report *r;
	struct iopf_rec left;
	size_t cut;

	h->opts.roots = roots;
	h->opts.nr_roots = 1;
	h->opts.descendants = true;
	h->object_id = 7;
	h_name(h, "vmm");
	h_name_device(h, H_DEVICE, "0000:3b:00.0");
	h_fork(h, H_TGID, 2000);
	h_task(h, 2000, 2001);
	h_name(h, "vmm/io");
	h_alloc(h, H_OBJECT);
	h_enqueue(h, &a, 100, 110);
	h_enqueue(h, &b, 120, 130);
	h_read(h, &a, 140, 150);
	h_task(h, H_TGID, H_TGID);
	H_PUT(h, left, IOPF_REC_EXIT, 160, 0); /* the root; its child goes on */
	cut = h->nr_bytes;
	h_task(h, 2000, 2001);
	h_read(h, &b, 200, 210);
	h_answer(h, &b, 220, 230);
	h_task(h, 3000, 3000);
	c.object = H_OBJECT2;
	h_enqueue(h, &c, 300, 310); /* nobody's of the scope */
	before = iopf_engine_new(&h->opts);
	for (size_t at = 0; at < cut; at += (((struct iopf_rec *)(h->bytes + at))->size + 7U) & ~7U)
		assert_int_equal(iopf_engine_feed(before, (struct iopf_rec *)(h->bytes + at)), 0);
	r = piece(h, before, 160, (struct iopf_rec *)(h->bytes + cut),
		  (struct iopf_rec *)(h->bytes + h->nr_bytes),
		  (struct iopf_rec *)(h->bytes + h->nr_bytes));
	assert_non_null(r);
	assert_int_equal(r->groups.adopted, 2);
	assert_int_equal(r->groups.outstanding, 1);
	assert_int_equal(r->groups.answered_user, 1);
	assert_int_equal(r->out_of_scope.groups, 1);
	assert_int_equal(r->nr_objects, 1);
	assert_int_equal(r->objects[0].id, 7);
	assert_int_equal(r->objects[0].owner_tgid, 2000);
	assert_int_equal(r->waiting[0].cookie, a.cookie);
	assert_string_equal(r->waiting[0].device, "0000:3b:00.0");
	assert_true(r->waiting[0].addr == a.addr);
	iopf_report_free(r);
	iopf_engine_free(before);
}

/*
 * At the end of a piece an answer may have been given of which it does not tell: deadlines are judged up
 * to the time before which all answers are known.
 */
static void test_deadlines_at_the_end(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	h->opts.judge = true;
	h->opts.deadline_ns[IOPF_DEADLINE_ANSWER] = 1000;
	h_enqueue(h, &g, 100, 110);
	h_read(h, &g, 150, 200);
	h->run.end_ns = 5000;
	h->run.absent = NO_END;
	h->run.settled_ns = 1100;
	h_finish(h);
	assert_int_equal(h->report->verdict, IOPF_PASS);
	iopf_report_free(h->report);
	h->run.settled_ns = 1200;
	h_finish(h);
	assert_int_equal(h->report->verdict, IOPF_VIOLATION);
	assert_int_equal(h->report->findings[0].rule->number, 1);
}

/* Where there is next to nothing before it, a piece cannot begin. */
static void test_too_early(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_engine *e = iopf_engine_new(&h->opts);
	uint64_t first_seq, now_ns = 0;

	assert_int_equal(iopf_engine_restate(e, NULL, NULL, &first_seq, &now_ns), -ERANGE);
	h_enqueue(h, &g, 100, 110);
	assert_int_equal(iopf_engine_feed(e, (struct iopf_rec *)h->bytes), 0);
	assert_int_equal(iopf_engine_restate(e, NULL, NULL, &first_seq, &now_ns), -ERANGE);
	iopf_engine_free(e);
}

/* A walk that has seen another cookie than a group is answered with: nothing is corrupted by that. */
static void test_a_walk_that_was_wrong(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1), other = h_group(2);
	struct iopf_rec_waiting w = {
		.group = g.pointer,
		.object = g.object,
		.dev = g.dev,
		.addr = g.addr,
		.dev_id = g.dev_id,
		.pasid = g.pasid,
		.grpid = g.grpid,
		.flags = g.flags,
		.pages = 1,
		.cookie = 9,
		.waiting = IOPF_WAITING_DELIVERED,
	};

	H_PUT(h, w, IOPF_REC_WAITING, 100, 0);
	h_answer(h, &g, 200, 210); /* with its cookie 1 */
	h_enqueue(h, &other, 300, 310);
	h_read(h, &other, 320, 330);
	h_answer(h, &other, 340, 350);
	h->opts.judge = true;
	h_finish(h);
	assert_int_equal(h->report->groups.answered_user, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calm),
		cmocka_unit_test(test_races),
		cmocka_unit_test(test_late_answers),
		cmocka_unit_test(test_what_cannot_be_told_apart),
		cmocka_unit_test(test_scoped),
		H_TEST(test_a_steady_load),
		H_TEST(test_names_and_scope),
		H_TEST(test_deadlines_at_the_end),
		H_TEST(test_too_early),
		H_TEST(test_a_walk_that_was_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
