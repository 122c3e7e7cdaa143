// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What 'record' writes: what broke off, by a kill or a full disk, proves what it can and no more. */
#include "recording.h"

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

/* When the run began is told before it ends, whatever becomes of the recording. */
static void the_start_is_told(void **state)
{
	const struct iopf_run run = { .start_ns = 80, .start_realtime_ns = 1080 };
	struct bench *b = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	begin(b);
	assert_int_equal(recording_start(b->recording, &run), 0);
	h_enqueue(b->h, &g, 100, 110);
	assert_int_equal(record(b), 0);
	assert_int_equal(tick(b, SECOND), 0);
	/* While whoever records has it; then it has been killed. */
	r = report_on(b->path);
	assert_int_equal(r->input, IOPF_INPUT_WRITTEN);
	iopf_report_free(r);
	break_off(b);
	r = report_on(b->path);
	assert_int_equal(r->start_ns, 80);
	assert_int_equal(r->start_realtime_ns, 1080);
	assert_int_equal(r->input, IOPF_INPUT_EARLY);
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
	break_off(b);
	r = report_on(b->path);
	assert_int_equal(r->input, IOPF_INPUT_HALF);
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

/* What was there is replaced, and its mode is none that it has: only we may read it. */
static void made_anew_for_nobody_else(void **state)
{
	struct bench *b = *state;
	char other[160];
	struct stat st, before;
	FILE *f;

	snprintf(other, sizeof(other), "%s.1", b->path);
	f = fopen(b->path, "we");
	assert_non_null(f);
	fputs("before", f);
	fclose(f);
	assert_int_equal(chmod(b->path, 0666), 0);
	assert_int_equal(link(b->path, other), 0);
	begin(b);
	break_off(b);
	assert_int_equal(stat(b->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(other, &before), 0);
	assert_true(before.st_ino != st.st_ino);
	assert_int_equal(before.st_size, 6);
	assert_int_equal(before.st_mode & 0777, 0666);

	/* A link of ours stays, and what it leads to is replaced so. */
	assert_int_equal(chmod(b->path, 0644), 0);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(symlink("iopf.data", other), 0);
	b->opts.path = other;
	begin(b);
	break_off(b);
	assert_int_equal(lstat(other, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(b->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	b->opts.path = b->path;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(made_anew_for_nobody_else),
		TEST(what_was_counted_after_is_proven),
		TEST(what_was_not_counted_after_is_not),
		TEST(some_before_and_some_after),
		TEST(what_was_missed_proves_nothing),
		TEST(counters_are_told),
		TEST(the_start_is_told),
		TEST(a_full_disk),
		TEST(a_kill),
		TEST(no_such_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
