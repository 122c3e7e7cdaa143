// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The trace file: what is written is read; what a file does not tell is not made up. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include "trace_file.h"

#include "cmd/record_command.h"
#include "cmd/replay.h"
#include "history.h"
#include "output/output.h"
#include "steady.h"

static const struct iopf_run whole_run = {
	.start_ns = 5000,
	.end_ns = 7000000000ULL,
	.start_realtime_ns = 1700000000000004000ULL,
	.has_child = true,
	.child_status = 130,
	.absent = 1 << IOPF_PROBE_WALK,
	.absent_first = 1 << IOPF_PROBE_SVA, /* which INFO tells */
	.lost = { 1, 2, 3 },
	.missed = { [IOPF_PROBE_ENQUEUE] = 4, [IOPF_PROBE_INSIDE] = 5 },
	.probe_misses = 9,
	.made_good = 8,
	.made_good_by = { [IOPF_PROBE_ENQUEUE] = 6, [IOPF_PROBE_READ_EXIT] = 2 },
	.made_good_told = true,
	.empty_reads = 7,
	.probe_runs = 1ULL << 40,
	.probe_ns = 6,
	.wakeups = 11,
	.records = 12,
	.bytes = 13,
	.ring_bytes = 1 << 24,
};

/* Reads a whole file: it has exactly these records, and ends well. */
static void assert_reads(int fd, const struct records *rs, struct iopf_run *run)
{
	struct trace_reader *r;
	struct trace_batch batch;
	const char *why = NULL;
	uint64_t at;
	size_t n = 0;
	int got;

	lseek(fd, 0, SEEK_SET);
	if (trace_reader_open(&r, fd, &why))
		fail_msg("%s", why);
	while ((got = trace_reader_next(r, &batch)) == 1) {
		const struct iopf_rec *rec = batch.first;

		for (size_t i = 0; i < batch.records; i++, rec = iopf_rec_next(rec), n++) {
			assert_true(n < rs->nr);
			assert_true((uintptr_t)rec % 8 == 0);
			assert_int_equal(rec->size, records_at(rs, n)->size);
			assert_memory_equal(rec, records_at(rs, n), rec->size);
		}
	}
	assert_int_equal(got, 0);
	assert_int_equal(n, rs->nr);
	assert_int_equal(trace_reader_end(r, run, &at), TRACE_ENDS_WELL);
	assert_int_equal(at, lseek(fd, 0, SEEK_END));
	assert_int_equal(trace_reader_next(r, &batch), 0);
	/* Its strings go with it. */
	run->version = run->kernel = NULL;
	trace_reader_free(r);
}

static void round_trip(const struct records *rs, size_t per_block)
{
	struct iopf_run run;
	int fd = file_new();

	file_write(fd, rs, per_block, &whole_run);
	assert_reads(fd, rs, &run);
	assert_memory_equal(&run, &whole_run, sizeof(run));
	close(fd);
}

static void every_kind_of_record(void **state)
{
	static const unsigned int varieties[] = { 0, 1, 7, 255 };
	static const size_t numbers[] = { 0, 1, 2, 127, 128, 129, 1000, 20000 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; j < 8; j++) {
			struct records rs = { 0 };

			file_records(&rs, numbers[j], varieties[i]);
			round_trip(&rs, 0);
			if (numbers[j] <= 1000)
				round_trip(&rs, 1 + file_below(50));
			records_free(&rs);
		}
	}
}

/* As large as can be, as many sizes as can be, and numbers at their ends. */
static void the_extremes(void **state)
{
	struct iopf_rec *rec = calloc(1, UINT16_MAX + 1);
	struct records rs = { 0 };

	(void)state;
	assert_non_null(rec);
	for (unsigned int i = 0; i < 2000; i++) {
		rec->seq = i < 1000 ? i : UINT64_MAX - 3000 + i;
		rec->time_ns = i % 3 ? UINT64_MAX - i : i;
		rec->type = (uint16_t)(i % 700 < 10 ? i % 4 : 1000 - i % 7);
		rec->size = (uint16_t)(i % 700 == 20 ? UINT16_MAX : 32 + i % 700);
		((uint8_t *)rec)[rec->size - 1] = (uint8_t)i;
		rec->tid = i % 5 ? 0 : UINT32_MAX;
		records_add(&rs, rec);
	}
	round_trip(&rs, 0);
	records_free(&rs);
	free(rec);
}

static void a_record_without_a_header_is_refused(void **state)
{
	struct iopf_rec rec = { .size = sizeof(rec) - 1 };
	struct trace_writer *w;
	int fd = file_new();

	(void)state;
	assert_int_equal(trace_writer_open(&w, fd, file_info()), 0);
	assert_int_equal(trace_writer_add(w, &rec), -EINVAL);
	assert_int_equal(trace_writer_finish(w, &whole_run), 0);
	trace_writer_free(w);
	close(fd);
}

static void it_says_what_it_is_of(void **state)
{
	const struct trace_info *told = file_info(), *info;
	struct records none = { 0 };
	struct trace_reader *r;
	const char *why;
	int fd = file_new();

	(void)state;
	file_write(fd, &none, 0, &whole_run);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(trace_reader_open(&r, fd, &why), 0);
	info = trace_reader_info(r);
	assert_string_equal(info->version, told->version);
	assert_string_equal(info->kernel, told->kernel);
	assert_string_equal(info->machine, told->machine);
	assert_string_equal(info->command_line, told->command_line);
	assert_int_equal(info->nr_roots, 2);
	assert_memory_equal(info->roots, told->roots, 2 * sizeof(uint32_t));
	assert_true(info->descendants);
	assert_int_equal(info->absent, told->absent);
	assert_true(info->start_ns == told->start_ns);
	assert_true(info->start_realtime_ns == told->start_realtime_ns);
	trace_reader_free(r);
	close(fd);
}

/* What is told of the recording is shown on terminals. */
static void control_characters_are_not_told(void **state)
{
	struct trace_info told = { .kernel = "6.12\x1b[2J\n", .command_line = NULL };
	struct trace_writer *w;
	struct trace_reader *r;
	const char *why;
	int fd = file_new();

	(void)state;
	assert_int_equal(trace_writer_open(&w, fd, &told), 0);
	trace_writer_free(w);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(trace_reader_open(&r, fd, &why), 0);
	assert_string_equal(trace_reader_info(r)->kernel, "6.12?[2J?");
	assert_string_equal(trace_reader_info(r)->command_line, "");
	trace_reader_free(r);
	close(fd);
}

/* A steady load takes as little as was promised. */
static void a_steady_load_is_small(void **state)
{
	static struct steady s;
	struct records rs = { 0 };
	struct iopf_run run;
	union steady_rec rec;
	size_t groups = 0;
	int fd = file_new();

	(void)state;
	steady_begin(&s, 1);
	for (size_t i = 0; i < 300000; i++) {
		records_add(&rs, steady_next(&s, &rec));
		groups += rec.h.type == IOPF_REC_ENQUEUE;
	}
	file_write(fd, &rs, 0, &whole_run);
	assert_true((uint64_t)lseek(fd, 0, SEEK_END) <= 24 * groups); /* 28 is promised */
	assert_reads(fd, &rs, &run);
	close(fd);
	records_free(&rs);
}

/* The disk is full in the middle: what was written before can be read. */
static void a_full_disk(void **state)
{
	char path[] = "/tmp/iopftrace-test-XXXXXX";
	struct rlimit before, limit;
	struct records rs = { 0 };
	struct trace_batch batch;
	struct trace_writer *w;
	struct trace_reader *r;
	struct iopf_run run;
	size_t n = 0, i;
	const char *why;
	uint64_t at;
	int err = 0, fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	file_records(&rs, 20000, 255);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = (struct rlimit){ 500000, before.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(trace_writer_open(&w, fd, file_info()), 0);
	for (i = 0; i < rs.nr && !err; i++)
		err = trace_writer_add(w, records_at(&rs, i));
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(err, -EFBIG);
	assert_int_equal(trace_writer_flush(w), -EFBIG);
	assert_int_equal(trace_writer_finish(w, &whole_run), -EFBIG);
	trace_writer_free(w);

	lseek(fd, 0, SEEK_SET);
	assert_int_equal(trace_reader_open(&r, fd, &why), 0);
	while (trace_reader_next(r, &batch) == 1)
		n += batch.records;
	assert_true(n > 1000 && n < i);
	assert_int_equal(trace_reader_end(r, &run, &at), TRACE_ENDS_HALF);
	assert_true(run.cut);
	assert_int_equal(run.input, IOPF_INPUT_HALF);
	assert_true(at <= 500000);
	trace_reader_free(r);
	close(fd);
	records_free(&rs);
}

static void no_room_at_all(void **state)
{
	FILE *full = fopen("/dev/full", "we");
	struct trace_writer *w;

	(void)state;
	if (!full)
		skip();
	assert_int_equal(trace_writer_open(&w, fileno(full), file_info()), -ENOSPC);
	fclose(full);
}

static void through_a_pipe(void **state)
{
	struct records rs = { 0 };
	struct trace_writer *w;
	struct trace_reader *r;
	struct trace_batch batch;
	const char *why;
	int fds[2];

	(void)state;
	file_records(&rs, 100, 1);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(trace_writer_open(&w, fds[1], file_info()), 0);
	for (size_t i = 0; i < rs.nr; i++)
		assert_int_equal(trace_writer_add(w, records_at(&rs, i)), 0);
	/* What has been flushed can be read before there is more. */
	assert_int_equal(trace_writer_flush(w), 0);
	assert_int_equal(trace_reader_open(&r, fds[0], &why), 0);
	assert_int_equal(trace_reader_next(r, &batch), 1);
	assert_int_equal(batch.records, 100);
	/* After the end nothing is waited for. */
	assert_int_equal(trace_writer_finish(w, &whole_run), 0);
	assert_int_equal(trace_reader_next(r, &batch), 0);
	trace_writer_free(w);
	trace_reader_free(r);
	close(fds[0]);
	close(fds[1]);
	records_free(&rs);
}

/* A report as JSON; to be freed. */
static char *as_json(const struct iopf_report *report)
{
	struct output_opts opts;
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	assert_non_null(out);
	output_opts_init(&opts);
	assert_int_equal(output_json(report, &opts, out), 0);
	fclose(out);
	return text;
}

/* Writes a history to a file of this name; @scope as recorded. */
static void write_history(const struct history *h, const char *path, const struct trace_info *info,
			  bool end)
{
	FILE *file = fopen(path, "we");
	struct trace_writer *w;

	assert_non_null(file);
	assert_int_equal(trace_writer_open(&w, fileno(file), info), 0);
	for (size_t at = 0; at < h->nr_bytes;) {
		const struct iopf_rec *rec = (const struct iopf_rec *)(h->bytes + at);

		assert_int_equal(trace_writer_add(w, rec), 0);
		at += (rec->size + 7U) & ~7U;
	}
	assert_int_equal(end ? trace_writer_finish(w, &h->run) : trace_writer_flush(w), 0);
	trace_writer_free(w);
	fclose(file);
}

/* A history with a bit of everything, of two processes and their objects. */
static void tell_story(struct history *h)
{
	h_name(h, "vmm");
	h_name_device(h, H_DEVICE, "0000:3b:00.0");
	h_alloc(h, H_OBJECT);
	h_fork(h, H_TGID, 2000);
	for (uint32_t i = 1; i <= 300; i++) {
		struct h_group g = h_group(i);

		g.pages = 1 + i % 3;
		if (i % 7 == 0) {
			g.object = H_OBJECT2;
			h_task(h, 3000, 3000);
		} else {
			h_task(h, i % 2 ? H_TGID : 2000, 2000 + i % 5);
		}
		h_enqueue(h, &g, 1000 * i, 1000 * i + 17 * i);
		h_read(h, &g, 1000 * i + 100, 1000 * i + 20 * i);
		if (i % 50)
			h_answer(h, &g, 1000 * i + 25 * i, 1000 * i + 30 * i);
		if (i == 200)
			h_lose(h, 3);
	}
	h_write(h, H_OBJECT, 24, -22, 1, 1);
	h->run.lost[IOPF_LOST_RING_FULL] = 3;
	h->run.version = IOPFTRACE_VERSION;
	h->run.start_ns = 900;
	h->run.end_ns = 1000000;
	h->run.start_realtime_ns = 1700000000000000000ULL;
	h->run.empty_reads = 12;
	h->run.probe_runs = 100;
	h->run.has_child = true;
	h->run.child_status = 3;
}

static void a_file_gives_the_report_that_was_live(void **state)
{
	static const uint32_t roots[] = { H_TGID };
	char path[] = "/tmp/iopftrace-test-XXXXXX";
	struct history *h = *state;
	struct trace_info info = { .version = "other", .kernel = "6.12" };
	struct iopf_report *report;
	char *live, *file;

	close(mkstemp(path));
	tell_story(h);
	for (int scoped = 0; scoped < 2; scoped++) {
		struct iopf_engine_opts opts = { .judge = true, .min_groups = 5 };

		h->opts = opts;
		if (scoped) {
			h->opts.roots = info.roots = roots;
			h->opts.nr_roots = info.nr_roots = 1;
			h->opts.descendants = info.descendants = true;
		}
		write_history(h, path, &info, true);
		live = as_json(h_finish(h));
		assert_int_equal(replay_report(path, &opts, &report), 0);
		file = as_json(report);
		assert_string_equal(live, file);
		iopf_report_free(h->report);
		iopf_report_free(report);
		h->report = NULL;
		free(live);
		free(file);
	}
	unlink(path);
}

static void a_file_without_its_end_is_never_a_pass(void **state)
{
	char path[] = "/tmp/iopftrace-test-XXXXXX";
	struct iopf_engine_opts opts = { .judge = true };
	struct trace_info info = { .start_ns = 50 };
	struct history *h = *state;
	struct iopf_report *report;
	struct h_group g = h_group(1);

	close(mkstemp(path));
	h_enqueue(h, &g, 100, 110);
	h_read(h, &g, 150, 200);
	h_answer(h, &g, 300, 310);
	h->run.start_ns = 50;
	h->run.end_ns = 1000;
	write_history(h, path, &info, true);
	assert_int_equal(replay_report(path, &opts, &report), 0);
	assert_int_equal(report->verdict, IOPF_PASS);
	iopf_report_free(report);
	write_history(h, path, &info, false);
	assert_int_equal(replay_report(path, &opts, &report), 0);
	h_assert_doubt(report, IOPF_DOUBT_CUT);
	assert_int_equal(report->groups.answered_user, 1);
	assert_true(report->duration_ns == 311 - 50);
	iopf_report_free(report);
	unlink(path);
}

static void records_that_make_no_sense_are_no_pass(void **state)
{
	char path[] = "/tmp/iopftrace-test-XXXXXX";
	struct iopf_engine_opts opts = { .judge = true };
	struct trace_info info = { .start_ns = 50 };
	struct iopf_rec bad = { .type = IOPF_REC_ENQUEUE };
	struct history *h = *state;
	struct iopf_report *report;

	close(mkstemp(path));
	h_put(h, &bad, sizeof(bad), IOPF_REC_ENQUEUE, 100, 0);
	write_history(h, path, &info, true);
	assert_int_equal(replay_report(path, &opts, &report), 0);
	assert_int_equal(report->verdict, IOPF_INCONCLUSIVE);
	assert_true(report->doubt[IOPF_DOUBT_CUT]);
	assert_int_equal(report->input, IOPF_INPUT_MALFORMED);
	iopf_report_free(report);
	/* What it does not get to is worse. */
	write_history(h, path, &info, false);
	assert_int_equal(replay_report(path, &opts, &report), 0);
	assert_int_equal(report->input, IOPF_INPUT_EARLY);
	iopf_report_free(report);
	unlink(path);
}

/* Why it was, and what was not followed, are told apart; that it was so is one sign for readers of before. */
static void why_the_end_was_not_seen(void **state)
{
	static const struct {
		bool cut;
		enum iopf_why_cut why;
		uint64_t unfollowed, by[IOPF_UNFOLLOWED_REASONS];
	} cases[] = {
		{ false, IOPF_CUT_UNTOLD, 0, { 0 } }, { true, IOPF_CUT_UNTOLD, 0, { 0 } },
		{ true, IOPF_CUT_SIGNAL, 0, { 0 } },  { true, IOPF_CUT_LATE, 0, { 0 } },
		{ false, IOPF_CUT_UNTOLD, 7, { 0 } }, { true, IOPF_CUT_LATE, 7, { 1, 4, 2 } },
	};
	struct records none = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct iopf_run run = whole_run, got;
		int fd = file_new();

		run.cut = cases[i].cut;
		run.why_cut = cases[i].why;
		run.unfollowed = cases[i].unfollowed;
		memcpy(run.unfollowed_by, cases[i].by, sizeof(run.unfollowed_by));
		file_write(fd, &none, 0, &run);
		assert_reads(fd, &none, &got);
		assert_int_equal(got.cut, run.cut);
		assert_int_equal(got.why_cut, run.why_cut);
		assert_int_equal(got.unfollowed, run.unfollowed);
		assert_memory_equal(got.unfollowed_by, cases[i].by, sizeof(cases[i].by));
		close(fd);
	}
}

static void what_is_no_trace_is_a_usage_error(void **state)
{
	struct iopf_engine_opts opts = { 0 };
	struct iopf_report *report;

	(void)state;
	assert_int_equal(replay_report("/nonexistent/iopf.data", &opts, &report), 3);
	assert_int_equal(replay_report("/", &opts, &report), 3);
	assert_int_equal(replay_report("/dev/null", &opts, &report), 3);
	assert_int_equal(replay_report("/proc/self/exe", &opts, &report), 3);
}

static void the_command_line_is_quoted(void **state)
{
	static const char words[] = "iopftrace\0record\0--\0sh\0-c\0echo 'a b' >x\0\0";
	char *text = record_command_quote(words, sizeof(words) - 1);

	(void)state;
	assert_string_equal(text, "iopftrace record -- sh -c 'echo '\\''a b'\\'' >x' ''");
	free(text);
	text = record_command_quote("cut", 3); /* without its end it is no word */
	assert_string_equal(text, "");
	free(text);
}

/* A file with an identity that is given, or one that is made up. */
static uint8_t *written_as(const struct trace_info *info, size_t *nr)
{
	struct trace_writer *w;
	int fd = file_new();
	uint8_t *bytes;

	assert_int_equal(trace_writer_open(&w, fd, info), 0);
	assert_int_equal(trace_writer_finish(w, &whole_run), 0);
	trace_writer_free(w);
	bytes = file_bytes(fd, nr);
	close(fd);
	return bytes;
}

/* No recording is like another one, unless that is asked for. */
static void the_identity(void **state)
{
	struct trace_info info = *file_info();
	size_t nr[2];
	uint8_t *bytes[2];

	(void)state;
	for (int given = 0; given < 2; given++) {
		if (given)
			memcpy(info.identity, "sixteen letters.", sizeof(info.identity));
		for (int i = 0; i < 2; i++)
			bytes[i] = written_as(&info, &nr[i]);
		assert_int_equal(nr[0], nr[1]);
		assert_int_equal(!memcmp(bytes[0], bytes[1], nr[0]), given);
		free(bytes[0]);
		free(bytes[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_record),
		cmocka_unit_test(the_extremes),
		cmocka_unit_test(a_record_without_a_header_is_refused),
		cmocka_unit_test(it_says_what_it_is_of),
		cmocka_unit_test(control_characters_are_not_told),
		cmocka_unit_test(a_steady_load_is_small),
		cmocka_unit_test(a_full_disk),
		cmocka_unit_test(no_room_at_all),
		cmocka_unit_test(through_a_pipe),
		H_TEST(a_file_gives_the_report_that_was_live),
		H_TEST(a_file_without_its_end_is_never_a_pass),
		H_TEST(records_that_make_no_sense_are_no_pass),
		cmocka_unit_test(why_the_end_was_not_seen),
		cmocka_unit_test(what_is_no_trace_is_a_usage_error),
		cmocka_unit_test(the_command_line_is_quoted),
		cmocka_unit_test(the_identity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
