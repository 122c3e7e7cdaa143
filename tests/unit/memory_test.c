// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Out of memory: each allocation fails once. The engine must go on, say so, and count what it can.
 *
 * This program's malloc() and its kin replace the C library's; sanitizers need their own, so with
 * one of those nothing is made to fail.
 */
#include <errno.h>

#include "model.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif

static long fail_at; /* counted down at each allocation; fails at 1 */
static bool failed;

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define CAN_FAIL false
#else
#define CAN_FAIL true

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t nr, size_t size);
void *__libc_realloc(void *old, size_t size);

/* Whether this allocation is the one that fails. */
static bool fails_now(void)
{
	if (!fail_at || --fail_at)
		return false;
	failed = true;
	return true;
}

void *malloc(size_t size)
{
	return fails_now() ? NULL : __libc_malloc(size);
}

void *calloc(size_t nr, size_t size)
{
	return fails_now() ? NULL : __libc_calloc(nr, size);
}

void *realloc(void *old, size_t size)
{
	return fails_now() ? NULL : __libc_realloc(old, size);
}

#endif

/* Feeds a history to an engine of which allocation @n fails. */
static void feed_failing(const struct history *h, long n)
{
	struct iopf_report *r = NULL;
	struct iopf_engine *e;
	bool told = false;

	failed = false;
	fail_at = n;
	e = iopf_engine_new(&h->opts);
	if (!e) {
		assert_true(failed);
		fail_at = 0;
		return;
	}
	for (size_t at = 0; at < h->nr_bytes;) {
		struct iopf_rec *rec = (struct iopf_rec *)(h->bytes + at);
		int err = iopf_engine_feed(e, rec);

		assert_true(!err || (err == -ENOMEM && failed));
		told |= err != 0;
		at += (rec->size + 7U) & ~7U;
	}
	r = iopf_engine_finish(e, &h->run);
	fail_at = 0;
	if (r && told) {
		assert_true(r->doubt[IOPF_DOUBT_MEMORY]);
		assert_int_equal(r->verdict, IOPF_INCONCLUSIVE);
	}
	assert_true(r || failed);
	iopf_report_free(r);
	iopf_engine_free(e);
}

/* A history in which each allocation fails once; with figures by keys and by time, if @divided. */
static void fail_each(bool divided)
{
	struct m_opts opts = { .seed = 3,
			       .steps = 400,
			       .races = true,
			       .kernel = true,
			       .failures = true,
			       .scoped = true };
	struct model *m = m_new(&opts);
	long n = 1;

	if (divided)
		m->h->opts.breakdown = (struct iopf_breakdown_opts){
			.by = { IOPF_KEY_DEVICE, IOPF_KEY_FAULT_ID, IOPF_KEY_PROCESS },
			.nr_by = 3,
			.interval_ns = 100000,
			.filter = { .window = true, .to_ns = UINT64_MAX },
		};
	h_task(m->h, 100, 1000);
	h_name(m->h, "reader");
	do
		feed_failing(m->h, n++);
	while (failed);
	assert_true(!CAN_FAIL || n > 50);
	m_free(m);
}

static void test_each_allocation_fails(void **state)
{
	(void)state;
	fail_each(false);
	fail_each(true);
}

/* The rules that a report says were broken: a set. */
static uint64_t broken(const struct iopf_report *r)
{
	uint64_t rules = 0;

	for (size_t i = 0; i < r->nr_findings; i++)
		if (r->findings[i].severity >= IOPF_SEVERITY_WARN)
			rules |= 1ULL << r->findings[i].rule->number;
	return rules;
}

/*
 * Judges a history when all that is kept may take so much, 0 = any. NULL when that is not enough for an
 * engine.
 */
static struct iopf_report *judge_limited(const struct history *h, size_t limit)
{
	struct iopf_engine_opts opts = h->opts;
	struct iopf_report *r;
	struct iopf_engine *e;
	uint64_t malformed = 0;
	size_t nr = 0;

	opts.memory_limit = limit;
	e = iopf_engine_new(&opts);
	if (!e)
		return NULL;
	for (size_t at = 0; at < h->nr_bytes; nr++)
		at += (((struct iopf_rec *)(h->bytes + at))->size + 7U) & ~7U;
	iopf_engine_feed_all(e, (struct iopf_rec *)h->bytes, nr, &malformed);
	r = iopf_engine_finish(e, &h->run);
	assert_non_null(r);
	iopf_engine_free(e);
	return r;
}

/* Whether so little memory was too little. What is said then must be true all the same. */
static bool is_too_little(const struct history *h, const struct iopf_report *all, size_t limit,
			  unsigned int *told)
{
	struct iopf_report *r = judge_limited(h, limit);
	bool reached;

	if (!r)
		return true;
	reached = r->doubt[IOPF_DOUBT_MEMORY];
	assert_int_equal(reached, r->limits >> IOPF_LIMIT_MEMORY & 1);
	assert_false(broken(r) & ~broken(all));
	assert_int_equal(r->complete, !reached);
	if (reached)
		assert_int_not_equal(r->verdict, IOPF_PASS);
	else
		assert_int_equal(r->verdict, all->verdict);
	*told += reached;
	iopf_report_free(r);
	return reached;
}

/* With little memory, whatever the point at which it ends: never a false alarm, and never a pass. */
static void test_limit(void **state)
{
	unsigned int told = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 24; seed++) {
		struct m_opts opts = { .seed = seed,
				       .steps = 2000,
				       .races = seed & 1,
				       .twins = seed & 2,
				       .kernel = true,
				       .failures = seed & 4,
				       .scoped = seed & 8 };
		struct model *m = m_new(&opts);
		struct iopf_report *all;
		size_t limit = 1 << 19;

		m->h->opts.judge = true;
		if (seed % 3 == 0)
			m->h->opts.breakdown = (struct iopf_breakdown_opts){
				.by = { IOPF_KEY_DEVICE, IOPF_KEY_FAULT_ID },
				.nr_by = 2,
				.interval_ns = 1000,
			};
		all = judge_limited(m->h, 0);
		while (is_too_little(m->h, all, limit, &told))
			limit += 25000;
		iopf_report_free(all);
		m_free(m);
	}
	print_message("%u runs at their limit\n", told);
	assert_true(told > 200);
}

static int ignore(void *arg, const struct iopf_rec *rec)
{
	(void)arg;
	(void)rec;
	return 0;
}

static void test_order(void **state)
{
	long n = 1;

	(void)state;
	do {
		struct iopf_rec rec = { .size = sizeof(rec) };
		struct iopf_order *o;

		failed = false;
		fail_at = n++;
		o = iopf_order_new(ignore, NULL);
		for (uint64_t i = 1; o && i < 1000; i++) {
			int err;

			rec.seq = i % 3 ? 1000 - i : 1000 + i;
			err = iopf_order_add(o, &rec);
			assert_true(!err || (err == -ENOMEM && failed));
		}
		if (o)
			assert_int_equal(iopf_order_flush(o, 0), 0);
		fail_at = 0;
		iopf_order_free(o);
	} while (failed);
	assert_true(!CAN_FAIL || n > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_allocation_fails),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
