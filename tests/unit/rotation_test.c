// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Files of a rotation and of a flight recorder: each is a whole recording by itself. */
#include "recording.h"
#include "steady.h"

/* A load without fault, of which the last file is left as it is. */
static struct iopf_run run_steady(struct bench *b, size_t records)
{
	static struct steady s;
	struct iopf_run run = { .start_ns = 50 };
	union steady_rec rec;

	steady_begin(&s, 5);
	for (size_t i = 0; i < records; i++) {
		const struct iopf_rec *r = steady_next(&s, &rec);

		h_task(b->h, r->tgid, r->tid);
		h_put(b->h, &rec, r->size, r->type, r->time_ns, r->context);
		assert_int_equal(record(b), 0);
		if (i % 500 == 499)
			assert_int_equal(tick(b, b->h->last_ns), 0);
	}
	run.end_ns = b->h->last_ns;
	run.records = records;
	return run;
}

/* Each file passes by itself; together they have all groups. */
static void assert_all_there(const struct bench *b, unsigned int from, unsigned int to)
{
	uint64_t enqueued = 0, adopted = 0, before = 0, duration_ns = 0;

	for (unsigned int i = from; i < to; i++) {
		struct iopf_report *r = report_on(file(b, i));

		h_assert_pass(r);
		assert_int_equal(r->nr_findings ? r->findings[0].severity : 0,
				 r->nr_findings ? IOPF_SEVERITY_NOTE : 0);
		assert_int_equal(r->lost.gaps, 0);
		if (i > from)
			assert_int_equal(r->groups.adopted, before);
		enqueued += r->groups.enqueued;
		adopted += i == from ? r->groups.adopted : 0;
		before = r->groups.outstanding;
		duration_ns += r->duration_ns;
		iopf_report_free(r);
	}
	if (!from) {
		uint64_t all = 0;

		for (size_t at = 0; at < b->h->nr_bytes;) {
			const struct iopf_rec *rec = (const void *)(b->h->bytes + at);

			all += rec->type == IOPF_REC_ENQUEUE;
			at += (rec->size + 7U) & ~7U;
		}
		assert_int_equal(enqueued, all);
		assert_int_equal(adopted, 0);
		assert_true(duration_ns == b->h->last_ns - 50);
	}
}

static void rotation_by_size(void **state)
{
	struct bench *b = *state;
	struct iopf_run run;
	struct stat st;
	uint64_t files;

	b->opts.rotate_bytes = 30000;
	begin(b);
	run = run_steady(b, 40000);
	assert_int_equal(recording_finish(b->recording, &run), 0);
	files = recording_files(b->recording);
	assert_in_range(files, 4, 12);
	for (unsigned int i = 0; i < files; i++) {
		assert_int_equal(stat(file(b, i), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		/* As large as was said and what comes until it is looked at; but for the last. */
		assert_in_range(st.st_size, i + 1 < files ? 30000 : 1, 70000);
	}
	assert_all_there(b, 0, (unsigned int)files);
}

static void rotation_by_time(void **state)
{
	struct bench *b = *state;
	struct iopf_run run;
	uint64_t files;

	b->opts.rotate_ns = 20000000; /* 20 ms of the load */
	begin(b);
	run = run_steady(b, 40000);
	assert_int_equal(recording_finish(b->recording, &run), 0);
	files = recording_files(b->recording);
	assert_in_range(files, 5, 20);
	assert_all_there(b, 0, (unsigned int)files);
}

/* The clock is set between the beginning of the recording and that of the run, and at its end: one reading counts. */
static void wall_times_are_of_one_reading(void **state)
{
	const struct iopf_run start = { .start_ns = 40, .start_realtime_ns = 7000 * SECOND + 40 };
	struct bench *b = *state;
	struct iopf_run run;
	uint64_t files;

	b->opts.rotate_ns = 20000000;
	begin(b);
	assert_int_equal(recording_start(b->recording, &start), 0);
	run = run_steady(b, 40000);
	run.start_ns = start.start_ns;
	run.start_realtime_ns = start.start_realtime_ns;
	assert_int_equal(recording_finish(b->recording, &run), 0);
	files = recording_files(b->recording);
	assert_in_range(files, 5, 20);
	for (unsigned int i = 0; i < files; i++) {
		struct iopf_report *r = report_on(file(b, i));

		assert_true(r->start_realtime_ns - r->start_ns == 7000 * SECOND);
		iopf_report_free(r);
	}
}

static void only_the_last_are_kept(void **state)
{
	struct bench *b = *state;
	struct iopf_run run;
	unsigned int files;

	b->opts.rotate_ns = 20000000;
	b->opts.keep = 3;
	begin(b);
	run = run_steady(b, 40000);
	assert_int_equal(recording_finish(b->recording, &run), 0);
	files = (unsigned int)recording_files(b->recording);
	for (unsigned int i = 0; i + 3 < files; i++)
		assert_int_equal(access(file(b, i), F_OK), -1);
	assert_all_there(b, files - 3, files);
}

/* Records that are lost in one file are not missing in the next. */
static void a_loss_is_told_where_it_was(void **state)
{
	struct bench *b = *state;
	struct h_group g = h_group(1), other = h_group(2);
	struct iopf_run run = { .start_ns = 50, .end_ns = 3 * SECOND };
	struct iopf_report *r;

	b->opts.rotate_ns = SECOND;
	begin(b);
	h_enqueue(b->h, &g, 100, 110);
	h_lose(b->h, 3);
	h_enqueue(b->h, &other, 120, 130);
	b->so_far.lost[IOPF_LOST_RING_FULL] = 3;
	assert_int_equal(record(b), 0);
	assert_int_equal(tick(b, 2 * SECOND), 0);
	assert_int_equal(recording_files(b->recording), 2);
	h_read(b->h, &other, 2 * SECOND, 2 * SECOND + 10);
	h_answer(b->h, &other, 2 * SECOND + 20, 2 * SECOND + 30);
	assert_int_equal(record(b), 0);
	run.lost[IOPF_LOST_RING_FULL] = 3;
	assert_int_equal(recording_finish(b->recording, &run), 0);
	r = report_on(file(b, 0));
	assert_true(r->doubt[IOPF_DOUBT_LOST]);
	assert_int_equal(r->lost.events, 3);
	iopf_report_free(r);
	r = report_on(file(b, 1));
	h_assert_pass(r);
	assert_int_equal(r->groups.adopted,
			 1); /* what began before the loss may have ended in it */
	assert_int_equal(r->groups.answered_user, 1);
	iopf_report_free(r);
}

/* What was read into buffers that could not be read again: nobody knows which cookies those groups have. */
static void groups_of_unknown_cookies(void **state)
{
	struct bench *b = *state;
	struct h_group g = h_group(1), other = h_group(2);
	struct iopf_run run = { .start_ns = 50, .end_ns = 3 * SECOND };
	struct iopf_report *r;

	b->opts.rotate_ns = SECOND;
	begin(b);
	h_alloc(b->h, H_OBJECT);
	h_enqueue(b->h, &g, 100, 110);
	h_enqueue(b->h, &other, 120, 130);
	h_read_result(b->h, H_OBJECT, 150, 200, 80, IOPF_READ_UNREADABLE);
	assert_int_equal(record(b), 0);
	assert_int_equal(tick(b, 2 * SECOND), 0);
	assert_int_equal(recording_files(b->recording), 2);
	h_answer(b->h, &g, 2 * SECOND + 20, 2 * SECOND + 30);
	assert_int_equal(record(b), 0);
	assert_int_equal(recording_finish(b->recording, &run), 0);
	r = report_on(file(b, 1));
	h_assert_pass(r);
	assert_int_equal(r->groups.adopted, 2);
	assert_int_equal(r->groups.outstanding, 1);
	assert_false(r->groups.delivered);
	iopf_report_free(r);
}

/* What was missed may show later: it is told in all files that follow. */
static void a_miss_is_told_from_then_on(void **state)
{
	struct bench *b = *state;
	struct iopf_run run;
	struct iopf_report *r;

	b->opts.rotate_ns = 20000000;
	b->so_far.missed[IOPF_PROBE_READ_EXIT] = b->so_far.probe_misses = 1;
	begin(b);
	run = run_steady(b, 5000);
	run.missed[IOPF_PROBE_READ_EXIT] = run.probe_misses = 1;
	assert_int_equal(recording_finish(b->recording, &run), 0);
	assert_true(recording_files(b->recording) > 1);
	for (unsigned int i = 0; i < recording_files(b->recording); i++) {
		r = report_on(file(b, i));
		h_assert_doubt(r, IOPF_DOUBT_MISSED);
		iopf_report_free(r);
	}
}

/* A load for a flight recorder, which is asked for a file each @every_ns. */
static unsigned int fly(struct bench *b, uint64_t keep_ns, uint64_t every_ns, bool violation)
{
	static struct steady s;
	union steady_rec rec;
	uint64_t asked_ns = 0, start_ns = 0;
	unsigned int asked = 0;

	b->opts.flight_ns = keep_ns;
	steady_begin(&s, 9);
	for (size_t i = 0; i < 60000; i++) {
		const struct iopf_rec *r = steady_next(&s, &rec);

		start_ns = start_ns ? start_ns : r->time_ns;
		if (!i) {
			struct trace_info info = { .version = "1", .start_ns = start_ns };

			assert_int_equal(recording_open(&b->recording, &b->opts, &info), 0);
			assert_int_equal(access(b->path, F_OK), -1);
		}
		h_task(b->h, r->tgid, r->tid);
		h_put(b->h, &rec, r->size, r->type, r->time_ns, r->context);
		assert_int_equal(record(b), 0);
		if (i % 100)
			continue;
		if (b->h->last_ns - start_ns >= asked_ns + every_ns) {
			recording_request(b->recording, violation);
			asked_ns += every_ns;
			asked++;
		}
		assert_int_equal(tick(b, b->h->last_ns), 0);
	}
	return asked;
}

/* A file of a flight recorder: it passes, and has the last @keep_ns, and little more. */
static void assert_flown(const char *name, uint64_t keep_ns)
{
	struct iopf_report *r = report_on(name);

	h_assert_pass(r);
	assert_in_range(r->duration_ns, keep_ns, keep_ns + keep_ns / 4);
	assert_true(r->groups.enqueued > keep_ns / 20000);
	iopf_report_free(r);
}

static void a_flight_recorder_keeps_the_last(void **state)
{
	struct bench *b = *state;
	struct iopf_run run = { .start_ns = 50 };
	unsigned int asked;

	b->opts.flight_bytes = 64 << 20;
	asked = fly(b, 40000000, 70000000, false);
	assert_true(asked >= 3);
	assert_int_equal(recording_files(b->recording), asked);
	run.end_ns = b->h->last_ns;
	assert_int_equal(recording_finish(b->recording, &run), 0);
	assert_int_equal(recording_files(b->recording), asked + 1);
	for (unsigned int i = 0; i <= asked; i++)
		assert_flown(file(b, i), 40000000);
	assert_false(recording_short(b->recording));
}

/* Violations that come all the time do not fill the disk with the same again and again. */
static void violations_wait_for_news(void **state)
{
	struct bench *b = *state;
	unsigned int asked;

	b->opts.flight_bytes = 64 << 20;
	b->opts.keep = 3;
	asked = fly(b, 40000000, 2000000, true);
	assert_in_range(recording_files(b->recording), 4, 8);
	assert_true(asked > 50);
	assert_int_equal(access(file(b, 0), F_OK), -1);
	for (uint64_t i = recording_files(b->recording) - 3; i < recording_files(b->recording); i++)
		assert_flown(file(b, (unsigned int)i), 40000000);
}

static void a_flight_recorder_is_bounded(void **state)
{
	struct bench *b = *state;
	struct iopf_run run = { .start_ns = 50 };
	struct iopf_report *r;
	struct stat st;

	b->opts.flight_bytes = 60000;
	fly(b, SECOND, 2 * SECOND, false);
	run.end_ns = b->h->last_ns;
	assert_true(recording_short(b->recording));
	assert_int_equal(recording_finish(b->recording, &run), 0);
	assert_int_equal(stat(b->path, &st), 0);
	assert_in_range(st.st_size, 30000, 90000);
	r = report_on(b->path);
	h_assert_pass(r);
	iopf_report_free(r);
}

/* Where nothing happens there is nothing to forget. */
static void a_flight_recorder_that_idles(void **state)
{
	struct bench *b = *state;
	struct iopf_run run = { .start_ns = 50, .end_ns = 90 * SECOND };
	struct iopf_report *r;

	b->opts.flight_ns = 10 * SECOND;
	b->opts.flight_bytes = 64 << 20;
	begin(b);
	tell_of_a_stray(b);
	for (uint64_t ns = SECOND / 10; ns < 9 * SECOND; ns += SECOND / 10) {
		assert_int_equal(record(b), 0);
		assert_int_equal(tick(b, ns), 0);
	}
	recording_request(b->recording, true);
	assert_int_equal(tick(b, 9 * SECOND), 0);
	r = report_on(b->path);
	assert_int_equal(r->verdict, IOPF_VIOLATION);
	iopf_report_free(r);
	for (uint64_t ns = 10 * SECOND; ns < 90 * SECOND; ns += SECOND / 10)
		assert_int_equal(tick(b, ns), 0);
	assert_int_equal(recording_finish(b->recording, &run), 0);
	assert_false(recording_short(b->recording));
	r = report_on(file(b, 1));
	assert_int_equal(r->nr_findings, 0);
	assert_int_equal(r->groups.enqueued, 0);
	iopf_report_free(r);
}

/* The report on a file, with a deadline for answers. */
static struct iopf_report *judged(const char *name, uint64_t deadline_ns)
{
	struct iopf_engine_opts opts = { .judge = true, .min_groups = 1 };
	struct iopf_report *r;

	opts.deadline_ns[IOPF_DEADLINE_ANSWER] = deadline_ns;
	assert_int_equal(replay_report(name, &opts, &r), 0);
	return r;
}

/* A group is never answered, and nothing else happens: what is written for that shows it. */
static void a_flight_file_shows_its_deadline(void **state)
{
	struct bench *b = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	b->opts.flight_ns = 30 * SECOND;
	b->opts.flight_bytes = 64 << 20;
	begin(b);
	h_alloc(b->h, H_OBJECT);
	h_enqueue(b->h, &g, 100, 110);
	h_read(b->h, &g, 150, 200);
	assert_int_equal(record(b), 0);
	for (uint64_t ns = SECOND / 10; ns < 5 * SECOND; ns += SECOND / 10)
		assert_int_equal(tick(b, ns), 0);
	recording_request(b->recording, true);
	assert_int_equal(tick(b, 5 * SECOND), 0);
	r = judged(file(b, 0), SECOND);
	assert_int_equal(r->verdict, IOPF_VIOLATION);
	assert_true(r->duration_ns > 4 * SECOND);
	iopf_report_free(r);
}

/* A detach leaves a group: no file of a rotation may pass without a word on that. */
static void what_a_detach_leaves_is_no_pass(void **state)
{
	struct bench *b = *state;
	struct h_group g = h_group(1);
	struct iopf_run run = { .start_ns = 50, .end_ns = 4 * SECOND };
	struct iopf_rec_auto detach = { .enter_ns = SECOND / 2,
					.object = H_OBJECT,
					.handle = 0xffff888400000000ULL };
	struct iopf_report *r;
	bool told = false;

	b->opts.rotate_ns = SECOND;
	begin(b);
	h_alloc(b->h, H_OBJECT);
	h_enqueue(b->h, &g, 100, 110);
	h_read(b->h, &g, 150, 200);
	H_PUT(b->h, detach, IOPF_REC_AUTO, SECOND / 2 + 10, IOPF_CTX_AUTO);
	assert_int_equal(record(b), 0);
	for (uint64_t ns = SECOND; ns < 4 * SECOND; ns += SECOND / 10) {
		h_read_result(b->h, H_OBJECT, ns - 10, ns, -EAGAIN, 0);
		assert_int_equal(record(b), 0);
		assert_int_equal(tick(b, ns), 0);
	}
	assert_int_equal(recording_finish(b->recording, &run), 0);
	r = judged(file(b, 0), 0);
	assert_int_equal(r->verdict, IOPF_INCONCLUSIVE);
	iopf_report_free(r);
	r = judged(file(b, 1), 0);
	for (size_t i = 0; i < r->nr_not_checked; i++)
		told |= r->not_checked[i].rule->number == 16 && r->not_checked[i].in_part;
	assert_true(told);
	iopf_report_free(r);
}

/* A group that was outstanding when the recording began, and had been delivered: the walk tells of it. */
static void walked_over(struct bench *b, const struct h_group *g, uint64_t at_ns)
{
	struct iopf_rec_waiting w = {
		.group = g->pointer,
		.object = g->object,
		.handle = 0xffff888400000000ULL,
		.dev = g->dev,
		.addr = g->addr,
		.object_id = 1,
		.dev_id = g->dev_id,
		.grpid = g->grpid,
		.flags = IOPF_PRQ_LAST_PAGE,
		.pages = 1,
		.cookie = g->cookie,
		.waiting = IOPF_WAITING_DELIVERED,
	};

	H_PUT(b->h, w, IOPF_REC_WAITING, at_ns, 0);
}

/*
 * While the kernel's lists are walked at the beginning, a group is answered, of which the walk tells then.
 * A file that began between the two would hold it for one that is never answered.
 */
static void no_file_begins_within_the_first_walk(void **state)
{
	struct bench *b = *state;
	struct iopf_run run = { .start_ns = 50, .end_ns = 4 * SECOND };
	struct recording_now now = { .now_ns = 2 * SECOND, .so_far = &b->so_far };
	struct iopf_rec_walked walked = { .enter_ns = 55, .object = H_OBJECT, .object_id = 1 };
	struct h_group g = h_group(1);

	b->opts.rotate_ns = SECOND;
	begin(b);
	for (uint32_t i = 0; i < 40; i++) /* numbers for what is told again */
		h_report(b->h, 20 + i / 10, H_DEVICE, 0, 0, 0);
	h_answer(b->h, &g, 40, 41);
	assert_int_equal(record(b), 0);
	assert_int_equal(recording_tick(b->recording, &now), 0);
	now.settled_ns = 49; /* the rest has not been drained yet */
	assert_int_equal(recording_tick(b->recording, &now), 0);
	assert_int_equal(recording_files(b->recording), 1);
	walked_over(b, &g, 42);
	H_PUT(b->h, walked, IOPF_REC_WALKED, 43, 0);
	assert_int_equal(record(b), 0);
	now.settled_ns = SECOND;
	assert_int_equal(recording_tick(b->recording, &now), 0);
	assert_int_equal(recording_files(b->recording), 2);
	assert_int_equal(recording_finish(b->recording, &run), 0);
	for (unsigned int i = 0; i < 2; i++) {
		struct iopf_report *r = report_on(file(b, i));

		assert_int_equal(r->groups.outstanding, 0);
		iopf_report_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rotation_by_size),
		TEST(rotation_by_time),
		TEST(wall_times_are_of_one_reading),
		TEST(only_the_last_are_kept),
		TEST(a_loss_is_told_where_it_was),
		TEST(groups_of_unknown_cookies),
		TEST(a_miss_is_told_from_then_on),
		TEST(a_flight_recorder_keeps_the_last),
		TEST(violations_wait_for_news),
		TEST(a_flight_recorder_is_bounded),
		TEST(a_flight_recorder_that_idles),
		TEST(a_flight_file_shows_its_deadline),
		TEST(what_a_detach_leaves_is_no_pass),
		TEST(no_file_begins_within_the_first_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
