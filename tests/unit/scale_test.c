// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What records cost, when there are many, or when somebody chose them to cost much: memory is bounded by
 * what was seen, and time grows with the number of records.
 *
 * Memory is counted by this program's own malloc(); sanitizers need theirs, so with one of those only
 * time is looked at. Time is that of this process on the CPU, and only compared: four times the records
 * take four times as long, or sixteen times if each looks at all.
 */
#include <malloc.h>
#include <stdio.h>
#include <time.h>

#include "rules.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif

static size_t bytes, peak; /* asked for, and not given back */

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define COUNTS false
#else
#define COUNTS true

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t nr, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *old);

static void *count(void *p)
{
	bytes += p ? malloc_usable_size(p) : 0;
	if (peak < bytes)
		peak = bytes;
	return p;
}

void *malloc(size_t size)
{
	return count(__libc_malloc(size));
}

void *calloc(size_t nr, size_t size)
{
	return count(__libc_calloc(nr, size));
}

void *realloc(void *old, size_t size)
{
	bytes -= old ? malloc_usable_size(old) : 0;
	return count(__libc_realloc(old, size));
}

void free(void *old)
{
	bytes -= old ? malloc_usable_size(old) : 0;
	__libc_free(old);
}
#endif

/* Gives what was written down to an engine, and forgets it. */
static void feed(struct history *h, struct iopf_engine *e)
{
	uint64_t malformed = 0;
	size_t nr = 0;

	for (size_t at = 0; at < h->nr_bytes; nr++)
		at += (((struct iopf_rec *)(h->bytes + at))->size + 7U) & ~7U;
	iopf_engine_feed_all(e, (struct iopf_rec *)h->bytes, nr, &malformed);
	assert_int_equal(malformed, 0);
	h->nr_bytes = 0;
}

/* The same one by one, with what a COUNTERS block of a recording says now and then. */
static void feed_told(struct history *h, struct iopf_engine *e)
{
	for (size_t at = 0; at < h->nr_bytes;) {
		const struct iopf_rec *rec = (struct iopf_rec *)(h->bytes + at);
		struct iopf_run so_far = { .end_ns = rec->time_ns };

		iopf_engine_feed(e, rec);
		if (rec->seq % 64 == 0) { /* it takes the bytes of more records than that */
			iopf_engine_advance(e, rec->time_ns);
			iopf_engine_counted(e, &so_far);
		}
		at += (rec->size + 7U) & ~7U;
	}
	h->nr_bytes = 0;
}

/* A group of a series: all are of one object, and each device has 512 group indexes. */
static struct h_group group_of(uint32_t n)
{
	struct h_group g = h_group(n);

	g.grpid = n % 512;
	g.dev = H_DEVICE + n / 512 * 0x1000;
	g.dev_id = 1 + n / 512;
	return g;
}

static void test_cookies_far_apart(void **state)
{
	struct history *h = *state;
	struct iopf_engine *e = iopf_engine_new(&h->opts);
	size_t before = bytes;

	/* The value of a cookie is not a number of cookies. */
	for (uint32_t n = 1; n <= 1000; n++) {
		struct h_group g = group_of(n);

		g.object = H_OBJECT + n % 100 * 0x400;
		g.cookie = UINT32_MAX - n * 4000000;
		r_queue(h, &g, 100 * n);
		h_read(h, &g, 100 * n + 10, 100 * n + 20);
		r_user(h, &g, 100 * n + 30);
		feed(h, e);
	}
	if (COUNTS)
		assert_in_range(bytes - before, 0, 3 << 20);
	iopf_engine_free(e);
}

#define MANY 1000000U

/* A group is queued for the handle of its device. */
static void queue(struct history *h, const struct h_group *g, uint64_t at_ns)
{
	r_enqueue(h, g, at_ns, R_HANDLE + 0x100 * (uint64_t)g->dev_id, IOPF_ENQUEUE_ALONE);
}

/* Many groups are queued and read, from @at_ns on. */
static void hold_many(struct history *h, struct iopf_engine *e, uint64_t at_ns)
{
	for (uint32_t n = 1; n <= MANY; n++) {
		struct h_group g = group_of(n);

		queue(h, &g, at_ns + n);
		feed(h, e);
	}
	for (uint32_t n = 1; n <= MANY; n++) {
		struct h_group g = group_of(n);

		h_read(h, &g, at_ns + MANY + n, at_ns + MANY + n);
		feed(h, e);
	}
}

static void test_bytes_of_an_outstanding_group(void **state)
{
	struct history *h = *state;
	size_t before = bytes;
	struct iopf_engine *e = iopf_engine_new(&h->opts);

	/* Each cookie has been used before, and what became of it is remembered. */
	r_alloc(h, H_OBJECT, 1);
	hold_many(h, e, 100);
	for (uint32_t i = 0; i < MANY; i++) {
		/* in no order: 7 and the number of groups have no common factor */
		struct h_group g = group_of(1 + (uint32_t)((uint64_t)i * 700001 % MANY));

		r_user(h, &g, 3 * MANY + i);
		feed(h, e);
	}
	hold_many(h, e, 10 * MANY);
	if (COUNTS)
		assert_in_range((peak - before) / MANY, 100, 128);
	iopf_engine_free(e);
}

static void test_findings_that_are_only_counted(void **state)
{
	struct history *h = *state;
	struct iopf_engine *e = iopf_engine_new(&h->opts);
	size_t before = 0;

	r_alloc(h, H_OBJECT, 1);
	for (uint32_t n = 1; n <= 20000; n++) {
		r_refused(h, 100 * n, n, 0); /* a cookie that nobody has: it waits for the end */
		feed(h, e);
		if (n == 10000)
			before = bytes;
	}
	if (COUNTS)
		assert_in_range(bytes, before, before + 100000);
	iopf_engine_free(e);
}

/* Histories that somebody chose: number @n of one, at @at_ns. */
typedef void (*hostile_fn)(struct history *h, uint32_t n, uint64_t at_ns);

static void same_cookie(struct history *h, uint32_t n, uint64_t at_ns)
{
	struct h_group g = group_of(n);

	g.cookie = 7;
	queue(h, &g, at_ns);
	h_read(h, &g, at_ns + 1, at_ns + 2);
}

static void same_request(struct history *h, uint32_t n, uint64_t at_ns)
{
	struct h_group g = group_of(n);

	g.grpid = 1;
	g.dev = H_DEVICE;
	g.dev_id = 1;
	r_queue(h, &g, at_ns);
}

static void reads_of_nothing(struct history *h, uint32_t n, uint64_t at_ns)
{
	struct h_group g = group_of(n);

	g.grpid = 1;
	g.dev = H_DEVICE;
	g.dev_id = 1;
	r_queue(h, &g, at_ns);
	g.addr ^= 1ULL << 40;
	h_read(h, &g, at_ns + 1, at_ns + 2);
}

static void detach_each(struct history *h, uint32_t n, uint64_t at_ns)
{
	struct h_group g = group_of(n);

	r_enqueue(h, &g, at_ns, R_HANDLE + 0x100 * n, 0);
	r_detach(h, R_HANDLE + 0x100 * n, at_ns + 1, at_ns + 2);
}

static void detach_again(struct history *h, uint32_t n, uint64_t at_ns)
{
	struct h_group g = group_of(n);

	g.grpid = n;
	g.dev = H_DEVICE;
	g.dev_id = 1;
	r_queue(h, &g, at_ns);
	r_detach(h, R_HANDLE, at_ns + 1, at_ns + 2);
}

static void destroy_each(struct history *h, uint32_t n, uint64_t at_ns)
{
	struct h_group g = group_of(n);

	g.object = H_OBJECT + 0x400 * n;
	queue(h, &g, at_ns);
	r_destroy(h, g.object, at_ns + 1, at_ns + 2);
}

static void devices_of_a_handle(struct history *h, uint32_t n, uint64_t at_ns)
{
	struct h_group g = group_of(n);

	g.dev = H_DEVICE + 0x1000 * n;
	g.dev_id = n;
	r_queue(h, &g, at_ns);
}

static void parked(struct history *h, uint32_t n, uint64_t at_ns)
{
	struct h_group g = group_of(n), last = group_of(n / 2);

	g.grpid = n;
	g.pages = 2;
	r_report(h, &g, 0, at_ns, 0, 0);
	last.grpid = 1 << 20;
	r_queue(h, &last, at_ns + 20);
}

static void torn_reads(struct history *h, uint32_t n, uint64_t at_ns)
{
	struct h_group g = group_of(n);

	g.pages = 2 + n % 30;
	r_queue(h, &g, at_ns);
	h_read_result(h, H_OBJECT, at_ns + 1, at_ns + 2, 4001 * 40, IOPF_READ_UNREADABLE);
}

/* All of these had one place in tables that are not seeded. */
static void chosen_handles(struct history *h, uint32_t n, uint64_t at_ns)
{
	const uint64_t inverse = 0xf1de83e19937733dULL; /* of 0x9e3779b97f4a7c15 */
	struct h_group g = group_of(n);

	r_enqueue(h, &g, at_ns, ((uint64_t)n << 32 | n) * inverse, 0);
}

/* Many are queued, and the time is told again and again, as by a COUNTERS block: each may be late. */
static void late_groups(struct history *h, uint32_t n, uint64_t at_ns)
{
	struct h_group g = group_of(n);

	r_queue(h, &g, at_ns);
}

/* Every other record is missing. */
static void gaps(struct history *h, uint32_t n, uint64_t at_ns)
{
	struct h_group g = group_of(n);

	r_queue(h, &g, at_ns);
	h_lose(h, 1);
	h_read(h, &g, at_ns + 1, at_ns + 2);
}

/* A walk of the object for each group that it holds. */
static void walks(struct history *h, uint32_t n, uint64_t at_ns)
{
	struct h_group g = group_of(n);

	r_waiting(h, &g, at_ns, n & 1 ? IOPF_WAITING_DELIVERED : 0);
	r_walked(h, H_OBJECT, at_ns, at_ns + 1, n & 2 ? IOPF_WAITING_END : 0);
}

/* Reads of which the rest never comes. */
static void reads_in_flight(struct history *h, uint32_t n, uint64_t at_ns)
{
	struct h_group g = group_of(n);

	h_task(h, H_TGID, 2000 + n);
	r_queue(h, &g, at_ns);
	h_read_result(h, H_OBJECT, at_ns + 1, at_ns + 2, 400 * 40, 0);
}

static void names(struct history *h, uint32_t n, uint64_t at_ns)
{
	struct h_group g = group_of(n);
	char name[16];

	snprintf(name, sizeof(name), "task%u", n);
	h_task(h, 1000 + n, 1000 + n);
	h_name(h, name);
	h_name_device(h, H_DEVICE + 0x1000ULL * n, name);
	h_fork(h, 1000 + n / 2, 1000 + n);
	g.dev = H_DEVICE + 0x1000ULL * n;
	r_life(h, &g, at_ns);
}

/* Calls that fail, each in a way of its own, on objects of their own. */
static void failing_calls(struct history *h, uint32_t n, uint64_t at_ns)
{
	struct h_group g = group_of(n);

	r_queue(h, &g, at_ns);
	h_task(h, H_TGID, 2000 + n % 500);
	h_read_result(h, H_OBJECT + n % 50 * 0x400, at_ns + 1, at_ns + 2, -22, 0);
	r_refused(h, at_ns + 3, n, n % 7);
}

static void cut_writes(struct history *h, uint32_t n, uint64_t at_ns)
{
	struct h_group g = group_of(n);

	g.object = H_OBJECT + n % 50 * 0x400;
	r_queue(h, &g, at_ns);
	h_read(h, &g, at_ns + 1, at_ns + 2);
	r_write(h, &(struct r_write){ .object = g.object,
				      .enter_ns = at_ns + 3,
				      .exit_ns = at_ns + 4,
				      .count = 1 + n % 64,
				      .ret = 8 * (n % 8),
				      .answered = n % 8,
				      .nr = 1,
				      .entry = { { n, 0 } } });
}

static const struct {
	const char *name;
	hostile_fn fn;
	bool told; /* the time is told now and then, and what was counted */
} hostile[] = {
	{ "one cookie for all groups", same_cookie, false },
	{ "one group index for all groups", same_request, false },
	{ "reads that match nothing", reads_of_nothing, false },
	{ "a detach for each group", detach_each, false },
	{ "a detach of the same handle for each group", detach_again, false },
	{ "an object destroyed for each group", destroy_each, false },
	{ "a handle that each group has with another device", devices_of_a_handle, false },
	{ "parked requests, and groups that take none of them", parked, false },
	{ "reads of parts", torn_reads, false },
	{ "handles that fall on one place", chosen_handles, false },
	{ "groups that are late, and the time told again and again", late_groups, true },
	{ "a gap for each group", gaps, false },
	{ "a walk for each group", walks, false },
	{ "reads of which the rest does not come", reads_in_flight, false },
	{ "names of tasks, devices and processes", names, false },
	{ "calls that fail, each otherwise", failing_calls, false },
	{ "writes that end early", cut_writes, false },
};

/* The time that it takes to judge @nr of them, in nanoseconds: the best of three. */
static uint64_t time_of(struct history *h, hostile_fn fn, uint32_t nr, bool told)
{
	uint64_t best = UINT64_MAX;

	h->seq = 0;
	h->nr_bytes = 0;
	r_alloc(h, H_OBJECT, 1);
	for (uint32_t n = 1; n <= nr; n++)
		fn(h, n, 1000 + 100ULL * n);
	for (int i = 0; i < 3; i++) {
		struct timespec from, to;
		struct iopf_report *r;
		struct iopf_engine *e;
		size_t nr_bytes = h->nr_bytes;
		uint64_t took;

		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
		e = iopf_engine_new(&h->opts);
		if (told)
			feed_told(h, e);
		else
			feed(h, e);
		r = iopf_engine_finish(e, &h->run);
		assert_non_null(r);
		iopf_report_free(r);
		iopf_engine_free(e);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
		h->nr_bytes = nr_bytes;
		took = (uint64_t)(to.tv_sec - from.tv_sec) * 1000000000 + (uint64_t)to.tv_nsec -
		       (uint64_t)from.tv_nsec;
		if (took < best)
			best = took;
	}
	return best;
}

static void test_time_grows_with_records(void **state)
{
	struct history *h = *state;

	h->opts.seed = 0x123456789abcdefULL;
	for (int i = 0; i < IOPF_DEADLINES; i++)
		h->opts.deadline_ns[i] = 50;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		/* of so many at least a call that tells the time looks at a part only */
		uint32_t nr = hostile[i].told ? 32000 : 8000;
		uint64_t few = time_of(h, hostile[i].fn, nr, hostile[i].told);
		uint64_t many = time_of(h, hostile[i].fn, 4 * nr, hostile[i].told);

		print_message("%s: %.1f ms, four times as many %.1f ms\n", hostile[i].name,
			      (double)few / 1e6, (double)many / 1e6);
		/* Caches that do not hold all of it, and others on the machine, cost less than this. */
		assert_true(many < 10 * few + 60000000);
	}
}

/* Nothing that is shown depends on the seed. */
static void test_seed_does_not_show(void **state)
{
	struct history *h = *state;
	uint64_t count[2] = { 0 };

	for (int i = 0; i < 2; i++) {
		struct iopf_engine *e;
		struct iopf_report *r;

		h->opts.seed = i ? 0xfeedULL : 0;
		h->seq = 0;
		r_alloc(h, H_OBJECT, 1);
		for (uint32_t n = 1; n <= 300; n++)
			same_cookie(h, n, 1000 + 100ULL * n);
		for (uint32_t n = 1; n <= 300; n++) {
			struct h_group g = group_of(n);

			g.cookie = 7;
			r_user(h, &g, 1000000 + n);
		}
		e = iopf_engine_new(&h->opts);
		feed(h, e);
		r = iopf_engine_finish(e, &h->run);
		assert_true(r->nr_findings);
		count[i] = r->findings[0].count;
		iopf_report_free(r);
		iopf_engine_free(e);
	}
	assert_int_equal(count[0], count[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		R_TEST(test_cookies_far_apart),
		R_TEST(test_bytes_of_an_outstanding_group),
		R_TEST(test_findings_that_are_only_counted),
		R_TEST(test_time_grows_with_records),
		R_TEST(test_seed_does_not_show),
	};

	/* What the system does for pages that come and go is not what is looked at. */
	mallopt(M_TRIM_THRESHOLD, INT32_MAX);
	mallopt(M_MMAP_THRESHOLD, INT32_MAX);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
