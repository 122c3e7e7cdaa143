// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What 'record' writes: that what broke off proves what it can and no more, that files of a rotation are
 * whole recordings, and that a full disk or a kill leaves what was written.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "trace_file.h"

#include "cmd/recording.h"
#include "cmd/replay.h"
#include "history.h"
#include "steady.h"

#define SECOND 1000000000ULL

/* A directory for the files of a test, and a recording in it. */
struct bench {
	char dir[64], path[128];
	struct history *h;
	struct iopf_engine *engine;
	struct recording *recording;
	struct recording_opts opts;
	struct iopf_run so_far;
	size_t at; /* of the history */
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	strcpy(b->dir, "/tmp/iopftrace-test-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->path, sizeof(b->path), "%s/iopf.data", b->dir);
	b->h = h_new();
	b->h->opts.judge = true;
	b->engine = iopf_engine_new(&b->h->opts);
	b->opts.path = b->path;
	b->opts.engine = b->engine;
	*state = b;
	return 0;
}

/* The name of a file of the recording. */
static const char *file(const struct bench *b, unsigned int number)
{
	static char name[160];

	if (number)
		snprintf(name, sizeof(name), "%s.%u", b->path, number);
	else
		snprintf(name, sizeof(name), "%s", b->path);
	return name;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	for (unsigned int i = 0; i < 100; i++)
		unlink(file(b, i));
	assert_int_equal(rmdir(b->dir), 0);
	recording_free(b->recording);
	iopf_engine_free(b->engine);
	h_free(b->h);
	free(b);
	return 0;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static void begin(struct bench *b)
{
	struct trace_info info = { .version = "1", .kernel = "6.12", .start_ns = 50 };

	assert_int_equal(recording_open(&b->recording, &b->opts, &info), 0);
}

/* Records what the history has had since the last time. */
static int record(struct bench *b)
{
	int err = 0;

	while (b->at < b->h->nr_bytes && !err) {
		struct iopf_rec *rec = (struct iopf_rec *)(b->h->bytes + b->at);

		assert_int_equal(iopf_engine_feed(b->engine, rec), 0);
		err = recording_add(b->recording, rec);
		b->at += (rec->size + 7U) & ~7U;
	}
	return err;
}

static int tick(struct bench *b, uint64_t now_ns)
{
	struct recording_now now = { now_ns, now_ns, &b->so_far };

	return recording_tick(b->recording, &now);
}

/* Ends it without ending the file, as if the recorder had been killed. */
static void break_off(struct bench *b)
{
	recording_free(b->recording);
	b->recording = NULL;
}

/* The report on a file; to be freed. */
static struct iopf_report *report_on(const char *name)
{
	struct iopf_engine_opts opts = { .judge = true, .min_groups = 1 };
	struct iopf_report *report;

	assert_int_equal(replay_report(name, &opts, &report), 0);
	return report;
}

/* User space answers what it was never given. */
static void stray(struct bench *b, uint64_t at_ns)
{
	struct iopf_rec_write w = {
		.enter_ns = at_ns - 10,
		.object = H_OBJECT,
		.count = 8,
		.ret = -22,
		.nr = 1,
		.answer = { { .cookie = 77 } },
	};

	H_PUT(b->h, w, IOPF_REC_WRITE, at_ns, IOPF_CTX_WRITE);
}

/* An object, a group that is answered, and a stray answer. */
static void tell_of_a_stray(struct bench *b)
{
	struct h_group g = h_group(1);

	h_alloc(b->h, H_OBJECT);
	h_enqueue(b->h, &g, 100, 110);
	h_read(b->h, &g, 150, 200);
	h_answer(b->h, &g, 300, 310);
	stray(b, 400);
}

/* A cut file with a finding of IOPF003: how often it is proven, and how often it is not. */
static void assert_cut(const char *name, enum iopf_verdict verdict, uint64_t proven,
		       uint64_t unproven)
{
	struct iopf_report *r = report_on(name);
	uint64_t count[2] = { 0, 0 };

	for (size_t i = 0; i < r->nr_findings; i++) {
		if (r->findings[i].rule->number != 3)
			continue;
		count[r->findings[i].unproven] += r->findings[i].count;
		assert_int_equal(r->findings[i].nr_cases, r->findings[i].count);
		assert_string_equal(r->findings[i].cases[0].expected,
				    r->findings[0].cases[0].expected);
	}
	assert_int_equal(r->verdict, verdict);
	assert_int_equal(r->exit_code, verdict == IOPF_VIOLATION ? 1 : 5);
	assert_int_equal(count[0], proven);
	assert_int_equal(count[1], unproven);
	assert_true(r->doubt[IOPF_DOUBT_CUT]);
	assert_false(r->complete);
	iopf_report_free(r);
}

static void what_was_counted_after_is_proven(void **state)
{
	struct bench *b = *state;

	begin(b);
	tell_of_a_stray(b);
	assert_int_equal(record(b), 0);
	assert_int_equal(tick(b, SECOND), 0);
	break_off(b);
	assert_cut(b->path, IOPF_VIOLATION, 1, 0);
}

static void what_was_not_counted_after_is_not(void **state)
{
	struct bench *b = *state;
	struct h_group g = h_group(2);

	begin(b);
	h_enqueue(b->h, &g, 60, 70);
	h_read(b->h, &g, 80, 90);
	assert_int_equal(record(b), 0);
	assert_int_equal(tick(b, SECOND), 0);
	tell_of_a_stray(b);
	assert_int_equal(record(b), 0);
	/* Enough to have it written without a flush. */
	for (uint32_t i = 0; i < 5000; i++)
		h_report(b->h, 1000 + i, H_DEVICE, 0, 0, 0);
	assert_int_equal(record(b), 0);
	break_off(b);
	assert_cut(b->path, IOPF_INCONCLUSIVE, 0, 1);
}

static void some_before_and_some_after(void **state)
{
	struct bench *b = *state;

	begin(b);
	tell_of_a_stray(b);
	stray(b, 500);
	assert_int_equal(record(b), 0);
	assert_int_equal(tick(b, SECOND), 0);
	stray(b, 600);
	for (uint32_t i = 0; i < 5000; i++)
		h_report(b->h, 1000 + i, H_DEVICE, 0, 0, 0);
	assert_int_equal(record(b), 0);
	break_off(b);
	assert_cut(b->path, IOPF_VIOLATION, 2, 1);
}

/* What a probe missed before, or may have, leaves nothing proven that rests on it. */
static void what_was_missed_proves_nothing(void **state)
{
	struct bench *b = *state;

	for (int how = 0; how < 3; how++) {
		memset(&b->so_far, 0, sizeof(b->so_far));
		if (how == 0)
			b->so_far.missed[IOPF_PROBE_ENQUEUE] = b->so_far.probe_misses = 1;
		else if (how == 1)
			b->so_far.lost[IOPF_LOST_CONTEXT] = 1;
		else /* a miss in which nothing was lost */
			b->so_far.probe_misses = b->so_far.made_good = 1;
		begin(b);
		if (!how)
			tell_of_a_stray(b);
		b->at = 0;
		iopf_engine_free(b->engine);
		b->engine = iopf_engine_new(&b->h->opts);
		assert_int_equal(record(b), 0);
		assert_int_equal(tick(b, SECOND), 0);
		break_off(b);
		if (how < 2)
			assert_cut(b->path, IOPF_INCONCLUSIVE, 0, 1);
		else
			assert_cut(b->path, IOPF_VIOLATION, 1, 0);
	}
}

/* What was counted is told; a cut file without a fault is never a pass. */
static void counters_are_told(void **state)
{
	struct bench *b = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	begin(b);
	h_enqueue(b->h, &g, 100, 110);
	h_read(b->h, &g, 150, 200);
	h_answer(b->h, &g, 300, 310);
	assert_int_equal(record(b), 0);
	assert_int_equal(tick(b, SECOND), 0);
	break_off(b);
	r = report_on(b->path);
	h_assert_doubt(r, IOPF_DOUBT_CUT);
	iopf_report_free(r);

	b->so_far.probe_misses = 9;
	b->so_far.made_good = 8;
	b->so_far.lost[IOPF_LOST_PAGES] = 4;
	b->so_far.empty_reads = 11;
	begin(b);
	b->at = 0;
	iopf_engine_free(b->engine);
	b->engine = iopf_engine_new(&b->h->opts);
	assert_int_equal(record(b), 0);
	assert_int_equal(tick(b, SECOND), 0);
	break_off(b);
	r = report_on(b->path);
	assert_int_equal(r->verdict, IOPF_INCONCLUSIVE);
	assert_int_equal(r->lost.probe_misses, 9);
	assert_int_equal(r->lost.made_good, 8);
	assert_int_equal(r->lost.reason[IOPF_LOST_PAGES], 4);
	assert_int_equal(r->calls.empty_reads, 11);
	assert_true(r->duration_ns == 311 - 50);
	iopf_report_free(r);
}

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

/* The disk is full: an error that stays, and a file that can be read as far as it goes. */
static void a_full_disk(void **state)
{
	struct bench *b = *state;
	struct rlimit before, limit;
	struct iopf_report *r;
	struct stat st;
	int err = 0;

	begin(b);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = (struct rlimit){ 100000, before.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	tell_of_a_stray(b);
	assert_int_equal(record(b), 0);
	assert_int_equal(tick(b, SECOND), 0);
	for (uint32_t i = 0; i < 200000 && !err; i++) {
		h_report(b->h, 1000 + 17 * i * (i % 7), H_DEVICE + i % 13, 0, 0, 0);
		err = record(b);
	}
	assert_int_equal(err, -EFBIG);
	assert_int_equal(tick(b, 9 * SECOND), -EFBIG);
	assert_int_equal(recording_finish(b->recording, &b->so_far), -EFBIG);
	assert_true(recording_begun(b->recording));
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(stat(b->path, &st), 0);
	assert_int_equal(st.st_size, 100000);
	assert_cut(b->path, IOPF_VIOLATION, 1, 0);
	r = report_on(b->path);
	assert_int_equal(r->input, IOPF_INPUT_EARLY);
	assert_true(r->groups.partial > 1000);
	iopf_report_free(r);
}

/* The recorder is killed at some moment: what it had written by then is there. */
static void a_kill(void **state)
{
	struct bench *b = *state;
	int fds[2], status;
	char byte;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		begin(b);
		tell_of_a_stray(b);
		record(b);
		tick(b, SECOND);
		if (write(fds[1], "x", 1) != 1)
			_exit(1);
		for (uint32_t i = 0;; i++) {
			h_report(b->h, 1000 + i, H_DEVICE, 0, 0, 0);
			record(b);
		}
	}
	assert_int_equal(read(fds[0], &byte, 1), 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	close(fds[0]);
	close(fds[1]);
	assert_cut(b->path, IOPF_VIOLATION, 1, 0);
}

/* A place that nothing can be written to. */
static void no_such_place(void **state)
{
	struct trace_info info = { .version = "1" };
	struct bench *b = *state;

	b->opts.path = "/nonexistent/iopf.data";
	assert_int_equal(recording_open(&b->recording, &b->opts, &info), -ENOENT);
	assert_string_equal(recording_name(b->recording), "/nonexistent/iopf.data");
	assert_false(recording_begun(b->recording));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_counted_after_is_proven),
		TEST(what_was_not_counted_after_is_not),
		TEST(some_before_and_some_after),
		TEST(what_was_missed_proves_nothing),
		TEST(counters_are_told),
		TEST(rotation_by_size),
		TEST(rotation_by_time),
		TEST(only_the_last_are_kept),
		TEST(a_loss_is_told_where_it_was),
		TEST(a_miss_is_told_from_then_on),
		TEST(a_flight_recorder_keeps_the_last),
		TEST(violations_wait_for_news),
		TEST(a_flight_recorder_is_bounded),
		TEST(a_flight_recorder_that_idles),
		TEST(a_full_disk),
		TEST(a_kill),
		TEST(no_such_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
