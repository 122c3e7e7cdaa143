/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the tests of the protocol rules share: more records to write histories with, and how findings
 * are asked for. Times are given in full, so what overlaps what can be seen in the test.
 */
#ifndef IOPFTRACE_TESTS_RULES_H
#define IOPFTRACE_TESTS_RULES_H

#include "history.h"

#include <stdio.h>

#define R_HANDLE 0xffff888400000000ULL /* that h_enqueue() gives */
#define R_HANDLE2 0xffff888400000100ULL
#define R_END_NS 1000000
#define R_SIZE ((int64_t)sizeof(struct iopf_answer))

/* A test that is given an empty history, to be judged. */
#define R_TEST(test) cmocka_unit_test_setup_teardown(test, r_setup, h_teardown)

static inline struct history *r_new(void)
{
	struct history *h = h_new();

	h->opts.judge = true;
	h->run.end_ns = R_END_NS;
	return h;
}

static inline int r_setup(void **state)
{
	*state = r_new();
	return 0;
}

/* A group that enters its object, for a handle, in an order. */
static inline void r_enqueue(struct history *h, const struct h_group *g, uint64_t queue_ns,
			     uint64_t handle, uint32_t order)
{
	struct iopf_rec_enqueue r = {
		.report_ns = queue_ns - 5,
		.group = g->pointer,
		.object = g->object,
		.handle = handle,
		.dev = g->dev,
		.addr = g->addr,
		.object_id = h->object_id,
		.dev_id = g->dev_id,
		.pasid = g->pasid,
		.grpid = g->grpid,
		.perm = g->perm,
		.flags = g->flags,
		.pages = g->pages,
		.order = order,
	};

	H_PUT(h, r, IOPF_REC_ENQUEUE, queue_ns, IOPF_CTX_REPORT);
}

/* The same, for the usual handle, while no other group is being queued. */
static inline void r_queue(struct history *h, const struct h_group *g, uint64_t queue_ns)
{
	r_enqueue(h, g, queue_ns, R_HANDLE, IOPF_ENQUEUE_ALONE);
}

/* The pages of a group: those that h_fault() shows. */
static inline struct iopf_rec_pages r_pages_of(const struct h_group *g)
{
	struct iopf_rec_pages r = { .group = g->pointer, .nr = g->pages };

	for (uint32_t i = 0; i < g->pages; i++) {
		struct iopf_pgfault f = h_fault(g, i);

		r.page[i] = (struct iopf_page){ .addr = f.addr, .perm = f.perm, .flags = f.flags };
	}
	return r;
}

static inline void r_pages(struct history *h, const struct h_group *g)
{
	struct iopf_rec_pages r = r_pages_of(g);

	H_PUT(h, r, IOPF_REC_PAGES, 0, IOPF_CTX_REPORT);
}

/* An answer: when its call was entered, when it reached its group, when its record is made. */
struct r_answer {
	uint64_t enter_ns, at_ns, record_ns;
	uint32_t context, code, cookie;
	uint64_t object; /* UINT64_MAX = the group's */
	uint16_t flags, driver_calls;
	uint32_t driver_code;
};

static inline struct r_answer r_answer_at(const struct h_group *g, uint64_t at_ns)
{
	return (struct r_answer){
		.enter_ns = at_ns - 5,
		.at_ns = at_ns,
		.record_ns = at_ns + 2,
		.context = IOPF_CTX_WRITE,
		.flags = IOPF_RESPONSE_COMPARED,
		.cookie = g->cookie,
		.object = g->object,
		.driver_calls = 1,
	};
}

static inline struct r_answer r_kernel_answer_at(const struct h_group *g, uint64_t at_ns,
						 uint32_t context)
{
	struct r_answer a = r_answer_at(g, at_ns);

	a.context = context;
	a.flags = 0;
	a.code = a.driver_code = IOPF_CODE_INVALID;
	if (context == IOPF_CTX_REPORT)
		a.code = a.driver_code = IOPF_CODE_FAILURE;
	return a;
}

static inline void r_answer(struct history *h, const struct h_group *g, const struct r_answer *a)
{
	struct iopf_rec_response r = {
		.response_ns = a->at_ns,
		.ack_ns = a->at_ns + 1 < a->record_ns ? a->at_ns + 1 : a->record_ns,
		.caller_ns = a->enter_ns,
		.group = g->pointer,
		.object = a->object,
		.dev = g->dev,
		.cookie = a->cookie,
		.code = a->code,
		.pasid = g->pasid,
		.grpid = g->grpid,
		.driver_calls = a->driver_calls,
		.flags = a->flags,
		.driver_code = a->driver_code,
	};

	if (!a->driver_calls)
		r.ack_ns = 0;
	H_PUT(h, r, IOPF_REC_RESPONSE, a->record_ns, a->context);
}

/* User space answers with success, in a write entered 5 before. */
static inline void r_user(struct history *h, const struct h_group *g, uint64_t at_ns)
{
	struct r_answer a = r_answer_at(g, at_ns);

	r_answer(h, g, &a);
}

/* The kernel answers in a context. */
static inline void r_kernel(struct history *h, const struct h_group *g, uint64_t at_ns,
			    uint32_t context)
{
	struct r_answer a = r_kernel_answer_at(g, at_ns, context);

	r_answer(h, g, &a);
}

/* A legal life: queued at @at_ns, read from 10 to 20, answered at 30. */
static inline void r_life(struct history *h, const struct h_group *g, uint64_t at_ns)
{
	r_queue(h, g, at_ns);
	h_read(h, g, at_ns + 10, at_ns + 20);
	r_user(h, g, at_ns + 30);
}

/* A write that did not answer all it was given, and the entries from where it stopped. */
struct r_write {
	uint64_t object, enter_ns, exit_ns;
	uint64_t count; /* answers given */
	int64_t ret;
	uint32_t answered;
	uint16_t nr;
	struct iopf_answer entry[IOPF_ANSWERS_PER_REC];
};

static inline void r_write(struct history *h, const struct r_write *w)
{
	struct iopf_rec_write r = {
		.enter_ns = w->enter_ns,
		.object = w->object ? w->object : H_OBJECT,
		.count = w->count * sizeof(struct iopf_answer),
		.ret = w->ret,
		.object_id = h->object_id,
		.answered = w->answered,
		.first = w->answered,
		.nr = w->nr,
	};

	memcpy(r.answer, w->entry, sizeof(r.answer));
	H_PUT(h, r, IOPF_REC_WRITE, w->exit_ns, IOPF_CTX_WRITE);
}

/* A write of one answer that the kernel refuses; it returns 10 after its entry. */
static inline void r_refused(struct history *h, uint64_t enter_ns, uint32_t cookie, uint32_t code)
{
	struct r_write w = {
		.enter_ns = enter_ns,
		.exit_ns = enter_ns + 10,
		.count = 1,
		.ret = -22,
		.nr = 1,
		.entry = { { cookie, code } },
	};

	r_write(h, &w);
}

static inline void r_detach(struct history *h, uint64_t handle, uint64_t enter_ns, uint64_t exit_ns)
{
	struct iopf_rec_auto r = { .enter_ns = enter_ns, .object = H_OBJECT, .handle = handle };

	H_PUT(h, r, IOPF_REC_AUTO, exit_ns, IOPF_CTX_AUTO);
}

static inline void r_attach(struct history *h, uint64_t handle, uint64_t time_ns)
{
	struct iopf_rec_attach r = { .handle = handle };

	H_PUT(h, r, IOPF_REC_ATTACH, time_ns, 0);
}

static inline void r_destroy(struct history *h, uint64_t object, uint64_t enter_ns,
			     uint64_t exit_ns)
{
	struct iopf_rec_destroy r = {
		.enter_ns = enter_ns,
		.object = object,
		.object_id = h->object_id,
	};

	H_PUT(h, r, IOPF_REC_DESTROY, exit_ns, IOPF_CTX_DESTROY);
}

static inline void r_release(struct history *h, uint64_t object, uint64_t time_ns)
{
	struct iopf_rec_release r = { .object = object, .object_id = h->object_id };

	H_PUT(h, r, IOPF_REC_RELEASE, time_ns, 0);
}

static inline void r_alloc(struct history *h, uint64_t object, uint64_t time_ns)
{
	struct iopf_rec_alloc r = { .object = object, .object_id = h->object_id, .fd = 7 };

	H_PUT(h, r, IOPF_REC_ALLOC, time_ns, 0);
}

static inline void r_driver(struct history *h, const struct h_group *g, uint64_t time_ns,
			    uint32_t code, uint32_t context)
{
	struct iopf_rec_driver r = {
		.group = g->pointer,
		.dev = g->dev,
		.pasid = g->pasid,
		.grpid = g->grpid,
		.code = code,
	};

	H_PUT(h, r, IOPF_REC_DRIVER, time_ns, context);
}

static inline void r_queue_removed(struct history *h, uint64_t dev, uint64_t enter_ns,
				   uint64_t exit_ns)
{
	struct iopf_rec_qremove r = { .enter_ns = enter_ns, .queue = 1, .dev = dev };

	H_PUT(h, r, IOPF_REC_QREMOVE, exit_ns, IOPF_CTX_QREMOVE);
}

static inline void r_discard(struct history *h, uint64_t time_ns)
{
	struct iopf_rec_discard r = { .queue = 1 };

	H_PUT(h, r, IOPF_REC_DISCARD, time_ns, 0);
}

/* A request of a group's, as its device reports it; the report takes 5. */
static inline void r_report(struct history *h, const struct h_group *g, uint32_t page,
			    uint64_t report_ns, int32_t ret, uint32_t seen)
{
	struct iopf_pgfault f = h_fault(g, page);
	struct iopf_rec_report r = {
		.report_ns = report_ns,
		.dev = g->dev,
		.addr = f.addr,
		.pasid = f.pasid,
		.grpid = f.grpid,
		.perm = f.perm,
		.flags = f.flags,
		.ret = ret,
		.seen = seen,
	};

	H_PUT(h, r, IOPF_REC_REPORT, report_ns + 5, IOPF_CTX_REPORT);
}

/* A group that a walk finds. */
static inline void r_waiting(struct history *h, const struct h_group *g, uint64_t time_ns,
			     uint32_t waiting)
{
	struct iopf_rec_waiting r = {
		.group = g->pointer,
		.object = g->object,
		.handle = R_HANDLE,
		.dev = g->dev,
		.addr = g->addr,
		.object_id = h->object_id,
		.dev_id = g->dev_id,
		.pasid = g->pasid,
		.grpid = g->grpid,
		.perm = g->perm,
		.flags = g->flags,
		.pages = g->pages,
		.cookie = waiting & IOPF_WAITING_DELIVERED ? g->cookie : 0,
		.waiting = waiting,
	};

	H_PUT(h, r, IOPF_REC_WAITING, time_ns, 0);
}

static inline void r_walked(struct history *h, uint64_t object, uint64_t enter_ns, uint64_t exit_ns,
			    uint32_t waiting)
{
	struct iopf_rec_walked r = {
		.enter_ns = enter_ns,
		.object = object,
		.object_id = h->object_id,
		.waiting = waiting,
	};

	H_PUT(h, r, IOPF_REC_WALKED, exit_ns, 0);
}

static inline void r_inside(struct history *h, uint64_t object, uint32_t context, uint64_t enter_ns,
			    uint64_t time_ns)
{
	struct iopf_rec_inside r = { .enter_ns = enter_ns, .object = object };

	H_PUT(h, r, IOPF_REC_INSIDE, time_ns, context);
}

/* What was found of a rule with a severity, or NULL. */
static inline struct iopf_finding *r_finding(const struct iopf_report *r, unsigned int rule,
					     enum iopf_severity severity)
{
	for (size_t i = 0; i < r->nr_findings; i++) {
		if (r->findings[i].rule->number == rule && r->findings[i].severity == severity)
			return &r->findings[i];
	}
	return NULL;
}

/* A text that is shown: one clause without a full stop. */
static inline void r_assert_text(const char *text)
{
	assert_non_null(text);
	assert_true(strlen(text) > 3);
	assert_true(text[strlen(text) - 1] != '.');
}

/* A journey: in order of time, with something that breaks the rule. */
static inline void r_assert_journey(const struct iopf_case *c)
{
	uint64_t last_ns = 0;
	int offending = 0;

	for (size_t i = 0; i < c->nr_steps; i++) {
		const struct iopf_step *s = &c->step[i];

		assert_true(s->text && *s->text && s->comm);
		assert_true(!s->time_ns || s->time_ns >= last_ns);
		assert_true(s->enter_ns <= s->time_ns);
		last_ns = s->time_ns ? s->time_ns : last_ns;
		offending += s->offending;
	}
	assert_true(offending >= 1);
}

/* A finding is well formed; a count of what the kernel answered has no journey. */
static inline void r_assert_finding(const struct iopf_finding *f)
{
	assert_true(f->count >= f->nr_cases);
	for (size_t i = 0; i < f->nr_cases; i++) {
		const struct iopf_case *c = &f->cases[i];

		assert_int_equal(c->severity, f->severity);
		r_assert_text(c->text);
		r_assert_text(c->expected);
		assert_true(c->group.device && c->group.reader && c->group.writer);
		assert_true(f->rule->number == 29 || c->nr_steps);
		if (c->nr_steps)
			r_assert_journey(c);
	}
}

/* Prints what was found when that is not what was expected. */
static inline void r_print(const struct iopf_report *r)
{
	for (size_t i = 0; i < r->nr_findings; i++) {
		const struct iopf_finding *f = &r->findings[i];

		fprintf(stderr, "found %s %s x%llu%s: %s\n", f->rule->id,
			iopf_severity_name(f->severity), (unsigned long long)f->count,
			f->unproven ? " (unproven)" : "", f->nr_cases ? f->cases[0].text : "-");
	}
}

/* Exactly @count cases were found of a rule: its first case. */
static inline const struct iopf_case *r_found(const struct iopf_report *r, unsigned int rule,
					      enum iopf_severity severity, uint64_t count)
{
	const struct iopf_finding *f = r_finding(r, rule, severity);

	if (!f || f->count != count || f->unproven)
		r_print(r);
	assert_non_null(f);
	assert_int_equal(f->count, count);
	assert_false(f->unproven);
	assert_true(f->nr_cases > 0);
	r_assert_finding(f);
	return &f->cases[0];
}

/* And nothing else was. */
static inline const struct iopf_case *r_only(const struct iopf_report *r, unsigned int rule,
					     enum iopf_severity severity, uint64_t count)
{
	const struct iopf_case *c = r_found(r, rule, severity, count);

	if (r->nr_findings != 1)
		r_print(r);
	assert_int_equal(r->nr_findings, 1);
	assert_int_equal(r->verdict, severity == IOPF_SEVERITY_ERROR ? IOPF_VIOLATION : IOPF_PASS);
	return c;
}

/* Of one rule nothing was found. */
static inline void r_silent(const struct iopf_report *r, unsigned int rule)
{
	for (size_t i = 0; i < r->nr_findings; i++) {
		if (r->findings[i].rule->number != rule)
			continue;
		r_print(r);
		fail();
	}
}

/* Nothing was found but notes. */
static inline void r_legal(const struct iopf_report *r)
{
	for (size_t i = 0; i < r->nr_findings; i++) {
		if (r->findings[i].severity == IOPF_SEVERITY_NOTE)
			continue;
		r_print(r);
		fail();
	}
}

/* Nothing was found. */
static inline void r_nothing(const struct iopf_report *r)
{
	if (r->nr_findings)
		r_print(r);
	assert_int_equal(r->nr_findings, 0);
}

/* What a case is about. */
static inline void r_is_about(const struct iopf_case *c, const struct h_group *g,
			      enum iopf_blame blame)
{
	assert_true(c->has_group);
	assert_int_equal(c->group.grpid, g->grpid);
	assert_int_equal(c->group.pasid, g->pasid);
	assert_true(c->object == g->object);
	assert_int_equal(c->blame, blame);
}

/* The steps of a case, by name, with a star behind those that break the rule: "queue read*". */
static inline void r_steps(const struct iopf_case *c, const char *expected)
{
	char got[256] = "";

	for (size_t i = 0; i < c->nr_steps; i++) {
		size_t at = strlen(got);

		snprintf(got + at, sizeof(got) - at, "%s%s%s", i ? " " : "",
			 iopf_step_name(c->step[i].kind), c->step[i].offending ? "*" : "");
	}
	assert_string_equal(got, expected);
}

/* The step that breaks the rule: its kind, and when it was. */
static inline const struct iopf_step *r_offends(const struct iopf_case *c, enum iopf_step_kind kind,
						uint64_t time_ns)
{
	for (size_t i = 0; i < c->nr_steps; i++) {
		if (!c->step[i].offending || c->step[i].kind != kind)
			continue;
		assert_int_equal(c->step[i].time_ns, time_ns);
		return &c->step[i];
	}
	fail();
	return NULL;
}

/* A short form for those who look at one history's report only. */
static inline const struct iopf_case *r_finds(struct history *h, unsigned int rule,
					      enum iopf_severity severity)
{
	return r_only(h_finish(h), rule, severity, 1);
}

static inline void r_finds_nothing(struct history *h)
{
	r_nothing(h_finish(h));
}

#endif /* IOPFTRACE_TESTS_RULES_H */
