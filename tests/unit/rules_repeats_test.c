// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* IOPF031: calls that fail for the same cause again and again; and why groups have no answer. */
#include "rules.h"

#include "cmd/replay.h"

#define ERROR IOPF_SEVERITY_ERROR
#define WARN IOPF_SEVERITY_WARN
#define NOTE IOPF_SEVERITY_NOTE
#define HELD (IOPF_READ_NOT_EMPTY | IOPF_READ_STILL_HELD)
#define MS 1000000ULL

/* A read of @bytes that fails while a group waits; it takes 1 us. */
static void put_failed(struct history *h, uint64_t at_ns, uint64_t bytes, int64_t ret)
{
	struct iopf_rec_read r = {
		.enter_ns = at_ns - 1000,
		.object = H_OBJECT,
		.count = bytes,
		.ret = ret,
		.flags = HELD,
	};

	H_PUT(h, r, IOPF_REC_READ, at_ns, IOPF_CTX_READ);
}

/* @times of them, one every 20 ms from @at_ns on; the time of the last one. */
static uint64_t put_many_failed(struct history *h, uint64_t at_ns, unsigned int times,
				uint64_t bytes, int64_t ret)
{
	for (unsigned int i = 0; i < times; i++)
		put_failed(h, at_ns + i * 20 * MS, bytes, ret);
	return at_ns + (times - 1) * 20 * MS;
}

/* An object, and a group of @pages that waits from 1 ms on. */
static struct h_group put_waiting(struct history *h, uint32_t pages)
{
	struct h_group g = h_group(1);

	g.pages = pages;
	h->run.end_ns = 10000 * MS;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, MS);
	return g;
}

static void test_no_room_for_the_first_group(void **state)
{
	struct history *h = *state;
	struct h_group g = put_waiting(h, 3);
	uint64_t last_ns = put_many_failed(h, 2 * MS, 40, 40, -22);
	const struct iopf_case *c;
	struct iopf_report *r;

	r = h_finish(h);
	c = r_found(r, 31, WARN, 1);
	r_is_about(c, &g, IOPF_BLAME_USER);
	r_offends(c, IOPF_STEP_READ, 2 * MS + 7 * 20 * MS);
	r_steps(c, "report queue read read*");
	/* told at the eighth, and what it came to in the end; with both sizes */
	assert_string_equal(c->text,
			    "40 reads in a row failed with EINVAL in 780 ms: room for 1 "
			    "record (40 bytes), and the first group has 3 pages (120 bytes)");
	assert_true(last_ns == 782 * MS);
	assert_int_equal(r->verdict, IOPF_PASS);
	assert_string_equal(r_found(r, 1, NOTE, 1)->text,
			    "a group is outstanding at the end: it was not read, since its 3 pages "
			    "(120 bytes) did not fit into the buffer (40 bytes)");
}

/* The same through the fast path, which must not go past them: groups before and after. */
static void test_between_groups_that_are_in_order(void **state)
{
	struct history *h = *state;
	struct h_group g;

	h->run.end_ns = 10000 * MS;
	r_alloc(h, H_OBJECT, 10);
	h->object_id = 7;
	for (uint32_t i = 2; i < 40; i++) {
		g = h_group(i);
		r_life(h, &g, i * 100);
	}
	g = h_group(1);
	g.pages = 2;
	r_queue(h, &g, MS);
	put_many_failed(h, 2 * MS, 9, 40, -22);
	h_read(h, &g, 200 * MS, 201 * MS);
	r_user(h, &g, 202 * MS);
	for (uint32_t i = 2; i < 40; i++) { /* each fails once before it is read */
		g = h_group(i);
		r_queue(h, &g, 300 * MS + i * MS);
		put_failed(h, 300 * MS + i * MS + 5000, 20, -22);
		h_read(h, &g, 300 * MS + i * MS + 6000, 300 * MS + i * MS + 7000);
		r_user(h, &g, 300 * MS + i * MS + 8000);
	}
	r_only(h_finish(h), 31, WARN, 1);
}

/* Buffers that grow; few; all at one time; another reads; the kernel answers; not seen from its beginning. */
static void test_failures_that_are_legal(void **state)
{
	(void)state;
	for (int i = 0; i < 7; i++) {
		struct history *h = r_new();
		struct h_group g = put_waiting(h, 20);
		uint64_t at_ns = 2 * MS;

		for (int n = 0; n < 16; n++) {
			int64_t ret = i == 6 ? n & 1 ? -14 : -22 : -22;
			uint64_t bytes = i == 0 ? 40 + 40 * (uint64_t)n : 40;

			if (i == 1 && n == 7)
				break;
			if (i == 3 && n == 7) {
				struct h_group other = h_group(2);

				r_queue(h, &other, at_ns - 3000);
				h_read(h, &other, at_ns - 2500, at_ns - 2000);
				r_user(h, &other, at_ns - 1500);
			}
			if (i == 4 && n == 7) {
				g.cookie = 0;
				r_kernel(h, &g, at_ns - 2000, IOPF_CTX_AUTO);
				g = h_group(3);
				g.pages = 20;
				r_queue(h, &g, at_ns - 1900);
			}
			if (i == 5 && (n == 7 || n == 14))
				h_lose(h, 1);
			if (n >= 14 && (i == 3 || i == 4))
				break;
			put_failed(h, at_ns, bytes, ret);
			at_ns += i == 2 ? MS : 20 * MS;
		}
		r_silent(h_finish(h), 31);
		h_free(h);
	}
}

/* Other errors, with what is wrong. */
static void test_reads_that_fail_otherwise(void **state)
{
	static const struct {
		int64_t ret;
		uint64_t bytes;
		const char *text;
		enum iopf_blame blame;
	} tries[] = {
		{ -14, 400,
		  "9 reads in a row failed with EFAULT in 160 ms: the kernel could not write to the buffer",
		  IOPF_BLAME_USER },
		{ -29, 41,
		  "9 reads in a row failed with ESPIPE in 160 ms: 41 bytes, no multiple of 40, or at an offset",
		  IOPF_BLAME_USER },
		{ -12, 400, "9 reads in a row failed with ENOMEM in 160 ms", IOPF_BLAME_UNKNOWN },
		{ -5, 400, "9 reads in a row failed with an error in 160 ms", IOPF_BLAME_USER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		struct history *h = r_new();
		struct h_group g = put_waiting(h, 1);
		const struct iopf_case *c;

		put_many_failed(h, 2 * MS, 9, tries[i].bytes, tries[i].ret);
		h_read(h, &g, 500 * MS, 501 * MS);
		r_user(h, &g, 502 * MS);
		c = r_finds(h, 31, WARN);
		assert_string_equal(c->text, tries[i].text);
		assert_int_equal(c->blame, tries[i].blame);
		h_free(h);
	}
}

/* A group that was not there all the time: whether reads of the empty queue came between is not known. */
static void test_failures_on_an_empty_queue(void **state)
{
	struct history *h = *state;

	h->run.end_ns = 10000 * MS;
	r_alloc(h, H_OBJECT, 10);
	for (uint64_t i = 1; i < 40; i++)
		h_read_result(h, H_OBJECT, i * 20 * MS, i * 20 * MS + 10, -29, 0);
	r_finds_nothing(h);
}

/* Once the deadline has passed it is an error; a policy that names the rule decides alone. */
static void test_past_the_deadline(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++) {
		struct history *h = r_new();
		enum iopf_severity wanted = i & 1 ? ERROR : WARN;
		struct h_group g = put_waiting(h, 2);

		/* it waits from 1 ms to 501 ms; the last read fails at 242 ms */
		h->opts.deadline_ns[i & 2 ? IOPF_DEADLINE_READ : IOPF_DEADLINE_ANSWER] =
			i & 1 ? 499 * MS : 500 * MS;
		if (i & 4) {
			h->opts.severity[31] = WARN;
			wanted = WARN;
		}
		put_many_failed(h, 2 * MS, 13, 40, -22);
		h_read(h, &g, 500 * MS, 501 * MS);
		r_user(h, &g, 501 * MS + 1);
		r_is_about(r_found(h_finish(h), 31, wanted, 1), &g, IOPF_BLAME_USER);
		assert_null(r_finding(h->report, 31, wanted == WARN ? ERROR : WARN));
		h_free(h);
	}
}

/* The same write again and again; or each another, or with an answer that is taken between. */
static void test_writes_that_fail(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct history *h = r_new();
		struct iopf_report *r;

		h->run.end_ns = 100000 * MS;
		r_alloc(h, H_OBJECT, 10);
		for (uint32_t n = 0; n < 14; n++) {
			struct h_group g = h_group(800);
			uint64_t at_ns = 1000 * MS + n * 20 * MS;

			if (i == 2 && n == 7)
				r_life(h, &g, at_ns - 1000);
			r_refused(h, i == 3 ? at_ns + n * 11000 * MS : at_ns,
				  800 + (i == 1 ? n : 0), 0);
		}
		r = h_finish(h);
		if (i)
			r_silent(r, 31);
		else
			assert_string_equal(r_found(r, 31, WARN, 1)->text,
					    "14 writes in a row failed with EINVAL in 260 ms, each "
					    "for cookie 800 with code 0");
		h_free(h);
	}
}

/* Reads of an empty queue are only counted: for the whole machine, or for a scope that is all there is. */
static void test_busy_polling(void **state)
{
	static const struct {
		uint64_t reads, end_ns;
		bool scoped, others, found;
	} tries[] = {
		{ 20000, 1000 * MS, false, false, true },
		{ 9999, 1000 * MS, false, false, false },
		{ 20000, 10100 * MS, false, false, false },
		{ 20000, 1000 * MS, true, false, true },
		{ 20000, 1000 * MS, true, true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		static const uint32_t root = H_TGID;
		struct history *h = r_new();

		h->run.end_ns = tries[i].end_ns;
		h->run.empty_reads = tries[i].reads;
		h->run.empty_ns = i ? 0 : 125 * MS; /* recordings of before do not tell */
		h->opts.roots = &root;
		h->opts.nr_roots = tries[i].scoped;
		r_alloc(h, H_OBJECT, 10);
		h_task(h, 77, 77);
		if (tries[i].others)
			r_alloc(h, H_OBJECT2, 20);
		if (tries[i].found)
			assert_string_equal(r_finds(h, 31, NOTE)->text,
					    i ? "busy polling: 20000 reads found nothing queued, "
						"20000 a second over the whole run" :
						"busy polling: 20000 reads found nothing queued, "
						"20000 a second over the whole run; time inside of "
						"them, all threads added up: 12.5 % of the run's, "
						"and more around them");
		else
			r_finds_nothing(h);
		h_free(h);
	}
}

/* Why: nobody read it; it stood behind one that did not fit; it was read; it was answered, in vain. */
static void test_why_there_is_no_answer(void **state)
{
	static const char *const why[] = {
		"a group is outstanding at the end: it was not read",
		"a group is outstanding at the end: it was not read, since reads failed with EFAULT",
		"a group is outstanding at the end: it was read, and no answer was written",
		"a group is outstanding at the end: an answer to it was written, and not taken",
		"a group is outstanding at the end: it was not read, since a group before it did not fit "
		"into the buffer",
	};

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct history *h = r_new();
		struct h_group g = put_waiting(h, i == 4 ? 3 : 1), second = h_group(2);
		const struct iopf_finding *f;

		if (i == 1)
			put_failed(h, 2 * MS, 400, -14);
		if (i == 4) {
			r_queue(h, &second, MS + 1);
			put_failed(h, 2 * MS, 80, -22);
		}
		if (i == 2 || i == 3)
			h_read(h, &g, 2 * MS, 3 * MS);
		if (i == 3)
			r_refused(h, 4 * MS, g.cookie, 5);
		f = r_finding(h_finish(h), 1, NOTE);
		assert_non_null(f);
		assert_string_equal(f->cases[i == 4].text, why[i]);
		r_silent(h->report, 31);
		h_free(h);
	}
}

/* A recording of such a reader: it was said to be in order. */
static void test_recording_of_a_reader_with_too_small_a_buffer(void **state)
{
	struct iopf_engine_opts opts = { .judge = true, .min_groups = 1 };
	const struct iopf_case *c;
	struct iopf_report *r;

	(void)state;
	assert_int_equal(replay_report("tests/fixtures/cases/small-reads.data", &opts, &r), 0);
	c = r_found(r, 31, WARN, 1);
	assert_int_equal(c->blame, IOPF_BLAME_USER);
	assert_string_equal(c->text,
			    "3711 reads in a row failed with EINVAL in 7550 ms: room for 1 "
			    "record (40 bytes), and the first group has 2 pages (80 bytes)");
	assert_non_null(strstr(r_found(r, 1, NOTE, 59)->text, "did not fit into the buffer"));
	assert_int_equal(r->exit_code, 0);
	iopf_report_free(r);
	opts.deadline_ns[IOPF_DEADLINE_READ] = 1000 * MS;
	assert_int_equal(replay_report("tests/fixtures/cases/small-reads.data", &opts, &r), 0);
	r_found(r, 31, ERROR, 1);
	assert_int_equal(r->exit_code, 1);
	iopf_report_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		R_TEST(test_no_room_for_the_first_group),
		R_TEST(test_between_groups_that_are_in_order),
		R_TEST(test_failures_that_are_legal),
		R_TEST(test_reads_that_fail_otherwise),
		R_TEST(test_failures_on_an_empty_queue),
		R_TEST(test_past_the_deadline),
		R_TEST(test_writes_that_fail),
		R_TEST(test_busy_polling),
		R_TEST(test_why_there_is_no_answer),
		R_TEST(test_recording_of_a_reader_with_too_small_a_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
