// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The rules about what is not read: IOPF025, 026. */
#include "rules.h"

#define ERROR IOPF_SEVERITY_ERROR
#define WARN IOPF_SEVERITY_WARN
#define HELD (IOPF_READ_NOT_EMPTY | IOPF_READ_STILL_HELD)

/* IOPF025. */
static void put_empty_read(struct history *h, uint64_t enter_ns, uint64_t count, uint32_t flags)
{
	struct iopf_rec_read r = {
		.enter_ns = enter_ns,
		.object = H_OBJECT,
		.count = count,
		.flags = flags,
	};

	H_PUT(h, r, IOPF_REC_READ, enter_ns + 50, IOPF_CTX_READ);
}

static void test_falsely_empty(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		const struct iopf_case *c;

		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		put_empty_read(h, 150, 40, HELD);
		if (i) { /* the kernel's answer tells as much as the next read */
			g.cookie = 0;
			r_kernel(h, &g, 300, IOPF_CTX_AUTO);
		} else {
			h_read(h, &g, 250, 260);
			r_user(h, &g, 300);
		}
		c = r_found(h_finish(h), 25, ERROR, 1);
		r_is_about(c, &g, IOPF_BLAME_KERNEL);
		assert_int_equal(r_offends(c, IOPF_STEP_READ, 200)->enter_ns, 150);
		h_free(h);
	}
}

/* Queued while it was inside; not seen from its beginning; too small; another head; and so on. */
static void test_empty_it_was(void **state)
{
	(void)state;
	for (int i = 0; i < 7; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);

		if (i != 6)
			r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, i == 0 ? 160 : 100);
		put_empty_read(h, i == 1 ? 0 : 150, i == 2 ? 39 : 40,
			       i == 3 ? IOPF_READ_NOT_EMPTY : HELD);
		if (i == 5)
			h_lose(h, 1);
		h_read(h, &g, i == 4 ? 140 : 250, 260);
		r_user(h, &g, 300);
		r_silent(h_finish(h), 25);
		h_free(h);
	}
}

/* A group that was held is behind more than are looked at: that is no pass. */
static void test_falsely_empty_behind_many(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct history *h = r_new();
		struct iopf_report *r;

		r_alloc(h, H_OBJECT, 10);
		for (uint32_t n = 1; n <= (i ? 100U : 600U); n++) {
			struct h_group late = h_group(n);

			r_queue(h, &late, 160);
		}
		put_empty_read(h, 150, 40, HELD);
		r = h_finish(h);
		assert_int_equal(r->doubt[IOPF_DOUBT_LIMIT], !i);
		r_silent(r, 25);
		h_free(h);
	}
}

/* IOPF026. */
static void test_read_after_the_deadline(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), never = h_group(3);
	struct iopf_report *r;

	h->opts.deadline_ns[IOPF_DEADLINE_READ] = 1000;
	r_queue(h, &a, 100);
	r_queue(h, &b, 110);
	h_read(h, &b, 500, 1110); /* just in time */
	h_read(h, &a, 500, 1111);
	r_user(h, &a, 1120);
	r_user(h, &b, 1130);
	r_queue(h, &never, 2000);
	r = h_finish(h);
	r_is_about(r_found(r, 26, WARN, 2), &a, IOPF_BLAME_USER);
	r_offends(r_found(r, 26, WARN, 2), IOPF_STEP_END, 1100);
	r_is_about(&r_finding(r, 26, WARN)->cases[1], &never, IOPF_BLAME_USER);
	h_assert_pass(r);
}

/* One that was found waiting, since when at least. */
static void test_found_by_a_walk_and_read_late(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	h->opts.deadline_ns[IOPF_DEADLINE_READ] = 1000;
	r_waiting(h, &g, 100, 0);
	r_walked(h, H_OBJECT, 90, 110, 0);
	h_read(h, &g, 1200, 1210);
	r_user(h, &g, 1220);
	r_is_about(r_finds(h, 26, WARN), &g, IOPF_BLAME_USER);
}

/* Answered in time, though the read returns late; not certain; or no deadline at all. */
static void test_read_in_time(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), gapped = h_group(2), adopted = h_group(3);

	h->opts.deadline_ns[IOPF_DEADLINE_READ] = 1000;
	r_queue(h, &a, 100);
	r_user(h, &a, 900);
	h_read(h, &a, 150, 5000);
	r_queue(h, &gapped, 5100);
	h_lose(h, 1);
	h_read(h, &gapped, 9000, 9010);
	h_read(h, &adopted, 9020, 9030);
	r_silent(h_finish(h), 26);
}

static void test_unread_without_a_deadline(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	bool listed = false;

	r_queue(h, &g, 100);
	h_finish(h);
	r_silent(h->report, 26);
	for (size_t i = 0; i < h->report->nr_not_checked; i++)
		listed |= h->report->not_checked[i].rule->number == 26;
	assert_true(listed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		R_TEST(test_falsely_empty),
		R_TEST(test_empty_it_was),
		R_TEST(test_falsely_empty_behind_many),
		R_TEST(test_read_after_the_deadline),
		R_TEST(test_found_by_a_walk_and_read_late),
		R_TEST(test_read_in_time),
		R_TEST(test_unread_without_a_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
