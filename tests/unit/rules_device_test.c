// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The rules about what devices report and what becomes of it: IOPF014, 018, 020, 021, 022. */
#include "rules.h"

#define ERROR IOPF_SEVERITY_ERROR
#define WARN IOPF_SEVERITY_WARN

/* IOPF014: a last page that nobody took. */
static void test_report_lost(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	const struct iopf_case *c;

	h_name(h, "irq/66");
	h_name_device(h, H_DEVICE, "0000:3b:00.0");
	r_report(h, &g, 0, 100, 0, IOPF_REPORT_UNTOLD);
	c = r_finds(h, 14, ERROR);
	assert_int_equal(c->blame, IOPF_BLAME_KERNEL);
	assert_true(c->has_group);
	assert_int_equal(c->group.grpid, 1);
	assert_int_equal(c->group.pasid, 5);
	assert_int_equal(c->group.addr, g.addr);
	assert_string_equal(c->group.device, "0000:3b:00.0");
	r_steps(c, "report*");
	assert_int_equal(r_offends(c, IOPF_STEP_REPORT, 105)->enter_ns, 100);
	assert_string_equal(c->step[0].comm, "irq/66");
}

/* Taken, answered, refused and answered, not the last, or of a driver that is not watched. */
static void test_reports_that_end_somewhere(void **state)
{
	static const uint32_t seen[] = {
		0,
		IOPF_REPORT_ANSWERED,
		IOPF_REPORT_SVA,
		IOPF_REPORT_QUEUED,
		IOPF_REPORT_QUEUED | IOPF_REPORT_ANSWERED,
	};
	struct history *h = *state;
	struct h_group g = h_group(1);

	for (size_t i = 0; i < sizeof(seen) / sizeof(*seen); i++) {
		r_report(h, &g, 0, 100 + 10 * i, 0, seen[i]);
		r_report(h, &g, 0, 200 + 10 * i, -22, seen[i]);
	}
	g.pages = 2;
	r_report(h, &g, 0, 300, 0, 0);
	r_finds_nothing(h);
}

/* IOPF018. */
static void test_queue_removal_steals(void **state)
{
	(void)state;
	for (int delivered = 0; delivered < 2; delivered++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		const struct iopf_case *c;

		r_queue(h, &g, 100);
		if (delivered)
			h_read(h, &g, 150, 200);
		r_driver(h, &g, 300, IOPF_CODE_INVALID, IOPF_CTX_QREMOVE);
		r_queue_removed(h, H_DEVICE, 290, 310);
		c = r_found(h_finish(h), 18, ERROR, 1);
		r_is_about(c, &g, IOPF_BLAME_KERNEL);
		r_steps(c, delivered ? "report queue read queue-removal*" :
				       "report queue queue-removal*");
		r_offends(c, IOPF_STEP_QREMOVE, 300);
		h_free(h);
	}
}

/* Groups of others, answered ones, memory used again, and what is not certain. */
static void test_queue_removal_of_others(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), sva = h_group(2), gapped = h_group(3);

	r_life(h, &a, 100);
	r_driver(h, &a, 300, IOPF_CODE_INVALID, IOPF_CTX_QREMOVE);
	r_driver(h, &sva, 310, IOPF_CODE_INVALID, IOPF_CTX_QREMOVE);
	r_queue(h, &gapped, 320);
	h_lose(h, 1);
	r_driver(h, &gapped, 330, IOPF_CODE_INVALID, IOPF_CTX_QREMOVE);
	r_queue_removed(h, H_DEVICE, 290, 340);
	r_silent(h_finish(h), 18);
}

/* Of another device or index, in memory of a group whose answer has not been told of yet. */
static void test_queue_removal_in_memory_used_again(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1), other = h_group(1);

		if (i == 1)
			other.dev = H_DEVICE2;
		else if (i == 2)
			other.grpid = 7;
		r_alloc(h, H_OBJECT, 10);
		r_queue(h, &g, 100);
		h_read(h, &g, 150, 160);
		r_driver(h, &other, 300, IOPF_CODE_INVALID, IOPF_CTX_QREMOVE);
		h_finish(h);
		if (i == 0)
			r_is_about(r_found(h->report, 18, ERROR, 1), &g, IOPF_BLAME_KERNEL);
		else
			r_silent(h->report, 18);
		h_free(h);
	}
}

/* A group of three pages, as it is reported and queued. */
static struct h_group put_parked(struct history *h, uint32_t pages, uint64_t at_ns)
{
	struct h_group g = h_group(1);

	g.pages = pages;
	for (uint32_t i = 0; i + 1 < pages; i++)
		r_report(h, &g, i, at_ns + 10 * i, 0, 0);
	return g;
}

/* IOPF020: fewer pages than were parked; more; or others. */
static void test_pages_that_were_not_reported(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		const struct iopf_case *c;

		r_life(h, &g, 20); /* so that it is known what was parked before */
		g = put_parked(h, 3, 100);
		if (i == 0)
			g.pages = 2;
		else if (i == 1)
			g.pages = 4;
		else
			g.addr += 0x10000;
		r_queue(h, &g, 200);
		r_pages(h, &g);
		h_read(h, &g, 250, 260);
		r_user(h, &g, 300);
		c = r_finds(h, 20, WARN);
		r_is_about(c, &g, IOPF_BLAME_KERNEL);
		assert_int_equal(c->group.pages, g.pages);
		h_free(h);
	}
}

/* As they were reported, again and again with the same index. */
static void test_pages_as_they_were_reported(void **state)
{
	struct history *h = *state;

	for (uint64_t t = 1000; t < 9000; t += 1000) {
		struct h_group g = put_parked(h, 3, t);

		r_queue(h, &g, t + 200);
		r_pages(h, &g);
		h_read(h, &g, t + 250, t + 260);
		r_user(h, &g, t + 300);
	}
	r_finds_nothing(h);
}

/* What took the parked requests away: a discard, a removal, an abort, another handler's last page. */
static void test_parked_requests_that_went(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct history *h = r_new();
		struct h_group g = put_parked(h, 3, 100), last = h_group(1);
		struct r_answer abort = r_kernel_answer_at(&last, 150, IOPF_CTX_REPORT);

		abort.object = 0;
		abort.cookie = 0;
		if (i == 0)
			r_discard(h, 150);
		else if (i == 1)
			r_queue_removed(h, g.dev, 140, 150);
		else if (i == 2)
			r_answer(h, &last, &abort);
		else
			r_report(h, &g, 2, 150, 0, IOPF_REPORT_SVA);
		r_life(h, &last, 200);
		r_silent(h_finish(h), 20);
		h_free(h);
	}
}

/* Requests of another device or index, refused ones, and reports that overlap with the last page's. */
static void test_parked_requests_of_others(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1), parked = h_group(1);

		r_life(h, &g, 20);
		parked.pages = 2;
		parked.dev = i == 0 ? H_DEVICE2 : H_DEVICE;
		parked.grpid = i == 1 ? 7 : 1;
		r_report(h, &parked, 0, i == 3 ? 193 : 100, i == 2 ? -12 : 0, 0);
		if (i == 4)
			h_lose(h, 1);
		r_life(h, &g, 200);
		r_silent(h_finish(h), 20);
		h_free(h);
	}
}

/* More pages than were seen parked, when some may have been before tracing. */
static void test_pages_from_before(void **state)
{
	struct history *h = *state;
	struct h_group g = put_parked(h, 2, 100);

	g.pages = 5;
	r_queue(h, &g, 200);
	r_pages(h, &g);
	r_silent(h_finish(h), 20);
}

/* IOPF020 with a deadline. */
static void test_parked_for_too_long(void **state)
{
	struct history *h = *state;
	struct h_group g;
	const struct iopf_case *c;
	struct iopf_report *r;

	h->opts.deadline_ns[IOPF_DEADLINE_PARTIAL] = 1000;
	h_name_device(h, H_DEVICE, "0000:3b:00.0");
	g = put_parked(h, 2, 100);
	g.pages = 1;
	r = h_finish(h);
	c = r_only(r, 20, WARN, 1);
	assert_int_equal(c->blame, IOPF_BLAME_DEVICE);
	assert_int_equal(c->group.grpid, 1);
	assert_int_equal(c->group.addr, g.addr - 0x1000);
	assert_string_equal(c->group.device, "0000:3b:00.0");
	r_steps(c, "report*");
	r_offends(c, IOPF_STEP_REPORT, 105);
}

static void test_parked_in_time(void **state)
{
	struct history *h = *state;
	struct h_group g;

	h->opts.deadline_ns[IOPF_DEADLINE_PARTIAL] = 1000;
	g = put_parked(h, 2, 100);
	r_queue(h, &g, 1105);
	r_pages(h, &g);
	h_read(h, &g, 1110, 1120);
	r_user(h, &g, 1130);
	g = put_parked(h, 2, R_END_NS - 1005);
	r_finds_nothing(h);
}

/* IOPF021: the index of a group that is outstanding, also with another PASID. */
static void test_index_used_again(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(1);
	const struct iopf_case *c;

	b.pointer += 64;
	b.pasid = 9;
	b.addr += 0x100000;
	b.cookie = 2;
	r_queue(h, &a, 100);
	r_queue(h, &b, 200);
	h_read(h, &a, 220, 230);
	h_read(h, &b, 240, 250);
	r_user(h, &a, 300);
	r_user(h, &b, 310);
	c = r_finds(h, 21, WARN);
	r_is_about(c, &a, IOPF_BLAME_DEVICE);
	assert_int_equal(c->group.cookie, 1);
	r_steps(c, "report queue report* read answer");
	r_offends(c, IOPF_STEP_REPORT, 195);
	assert_int_equal(h->report->exit_code, 0);
}

/* Another device's, one that was answered before though its record is late, one that is not certain. */
static void test_index_used_again_it_seems(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		struct history *h = r_new();
		struct h_group a = h_group(1), b = h_group(1);
		struct r_answer late = r_answer_at(&a, 190);

		b.pointer += 64;
		b.cookie = 2;
		b.addr += 0x100000;
		if (i == 0)
			b.dev = H_DEVICE2;
		if (i == 4)
			a.dev = b.dev = 0; /* not known */
		r_queue(h, &a, 100);
		if (i == 1)
			h_read(h, &a, 110, 120);
		if (i == 2)
			h_lose(h, 1);
		r_queue(h, &b, 200);
		late.driver_calls = 0;
		late.record_ns = 210;
		if (i == 1)
			r_answer(h, &a, &late);
		h->run.lost[IOPF_LOST_RING_FULL] = (i == 2) + (i == 3);
		r_silent(h_finish(h), 21);
		h_free(h);
	}
}

/* IOPF022: a group that has no last page; reports that were not parked. */
static void test_group_without_a_last_page(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	const struct iopf_case *c;

	g.flags = IOPF_PRQ_PASID_VALID;
	r_queue(h, &g, 100);
	c = r_found(h_finish(h), 22, ERROR, 1);
	r_is_about(c, &g, IOPF_BLAME_KERNEL);
	r_steps(c, "report queue*");
	r_offends(c, IOPF_STEP_QUEUE, 100);
}

static void test_request_that_was_not_parked(void **state)
{
	static const struct {
		uint32_t seen;
		bool last, wrong;
	} cases[] = {
		{ 0, false, false },
		{ IOPF_REPORT_QUEUED, false, true },
		{ IOPF_REPORT_ANSWERED, false, true },
		{ IOPF_REPORT_SVA, false, false },
		{ IOPF_REPORT_QUEUED, true, false },
		{ IOPF_REPORT_ANSWERED, true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct history *h = r_new();
		struct h_group g = h_group(1);
		const struct iopf_case *c;

		g.pages = 2;
		r_report(h, &g, cases[i].last, 100, 0, cases[i].seen);
		if (cases[i].wrong) {
			c = r_finds(h, 22, ERROR);
			assert_int_equal(c->blame, IOPF_BLAME_KERNEL);
			assert_int_equal(c->group.grpid, 1);
			r_steps(c, "report*");
		} else {
			r_finds_nothing(h);
		}
		h_free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		R_TEST(test_report_lost),
		R_TEST(test_reports_that_end_somewhere),
		R_TEST(test_queue_removal_steals),
		R_TEST(test_queue_removal_of_others),
		R_TEST(test_queue_removal_in_memory_used_again),
		R_TEST(test_pages_that_were_not_reported),
		R_TEST(test_pages_as_they_were_reported),
		R_TEST(test_parked_requests_that_went),
		R_TEST(test_parked_requests_of_others),
		R_TEST(test_pages_from_before),
		R_TEST(test_parked_for_too_long),
		R_TEST(test_parked_in_time),
		R_TEST(test_index_used_again),
		R_TEST(test_index_used_again_it_seems),
		R_TEST(test_group_without_a_last_page),
		R_TEST(test_request_that_was_not_parked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
