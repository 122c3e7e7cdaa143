// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The program itself, on a recording that comes through a pipe, or that standard input stands in: it says
 * what it says of the file. Needs build/iopftrace.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "history.h"
#include "steady.h"

#include "trace/writer.h"

#define MS 1000000ULL
#define RUN_START (70 * MS)

static char dir[] = "/tmp/iopftrace-pipe-XXXXXX";

/* What a recording tells besides its records. */
struct told {
	bool start, end;
};

/* A VMM that answers with a code that does not exist, and then as it should; others that fare well. */
static void tell_story(struct history *h)
{
	struct iopf_rec_write w = {
		.enter_ns = RUN_START + 25 * MS,
		.object = H_OBJECT,
		.count = sizeof(struct iopf_answer),
		.ret = -EINVAL,
		.object_id = 7,
		.nr = 1,
		.answer = { { .cookie = 10, .code = 77 } },
	};

	h->object_id = 7;
	h_task(h, H_TGID, H_TGID + 1);
	h_name(h, "vcpu");
	h_name_device(h, H_DEVICE, "0000:3b:00.0");
	for (uint32_t i = 10; i < 50; i++) {
		struct h_group g = h_group(i);
		uint64_t at = RUN_START + 20 * MS * (i - 9);

		h_enqueue(h, &g, at, at + MS);
		h_read(h, &g, at + 2 * MS, at + 3 * MS);
		if (i == 10)
			H_PUT(h, w, IOPF_REC_WRITE, at + 6 * MS, 0);
		h_answer(h, &g, at + 10 * MS, at + 12 * MS);
	}
}

/* A recording of which the run begins long after the recording did. */
static void make_recording(const char *name, struct told told)
{
	struct history *h = h_new();
	const struct trace_info info = { .version = "test", .kernel = "6.12", .start_ns = 1 };
	struct trace_writer *w;
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s.data", dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	h->run.start_ns = RUN_START;
	h->run.start_realtime_ns = 1760000000 * (1000 * MS);
	tell_story(h);
	assert_int_equal(trace_writer_open(&w, fd, &info), 0);
	if (told.start)
		assert_int_equal(trace_writer_start(w, &h->run), 0);
	for (size_t at = 0; at < h->nr_bytes;) {
		const struct iopf_rec *rec = (const void *)(h->bytes + at);

		assert_int_equal(trace_writer_add(w, rec), 0);
		at += (rec->size + 7U) & ~7U;
	}
	h->run.end_ns = h->last_ns;
	assert_int_equal(trace_writer_flush(w), 0);
	if (told.end)
		assert_int_equal(trace_writer_finish(w, &h->run), 0);
	trace_writer_free(w);
	close(fd);
	h_free(h);
}

static int make_recordings(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	make_recording("new", (struct told){ .start = true, .end = true });
	make_recording("old", (struct told){ .end = true });
	make_recording("cut", (struct told){ .start = true });
	return 0;
}

static int remove_recordings(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

/* Runs a command line of a shell in the directory of the recordings, the program being $iopf. */
static void shell(const char *line)
{
	char command[1024];

	snprintf(command, sizeof(command), "iopf=$(realpath \"${O:-build}\")/iopftrace; cd %s; %s",
		 dir, line);
	if (system(command))
		fail_msg("%s", line);
}

/*
 * Whether output, messages and exit code are the same, but for the name, of a file and of each way that it
 * can be given to standard input.
 */
static void assert_same(const char *recording, const char *verb, const char *rest)
{
	char given[160], line[768];

	for (size_t i = 0; i < 2; i++) {
		if (i)
			snprintf(given, sizeof(given), "$iopf %s - %s <%s.data", verb, rest,
				 recording);
		else
			snprintf(given, sizeof(given), "cat %s.data | $iopf %s - %s", recording,
				 verb, rest);
		snprintf(line, sizeof(line),
			 "{ $iopf %s %s.data %s; echo $?; } >file 2>&1;"
			 "{ %s; echo $?; } >pipe 2>&1;"
			 "sed -i 's/standard input/%s.data/' pipe; test -s file && cmp file pipe",
			 verb, recording, rest, given, recording);
		shell(line);
	}
}

static void a_pipe_says_what_a_file_does(void **state)
{
	static const struct {
		const char *verb, *rest;
	} lines[] = {
		{ "check", "" },
		{ "check -f html", "" },
		{ "report", "" },
		{ "report -f json", "" },
		{ "report -f html", "" },
		{ "report -i 100ms", "" },
		{ "report -i 1ns", "" },
		{ "report --from 25ms --to -100ms", "" },
		{ "report --pasid 4711", "" },
		{ "trace -f json", "" },
		{ "trace -f perfetto", "" },
		{ "explain", "" },
		{ "explain", "IOPF004" },
		{ "explain", "12" },
		{ "explain", "4711" },
	};
	static const char *const recordings[] = { "new", "old", "cut" };
	unsigned int cases = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		for (size_t j = 0; j < sizeof(recordings) / sizeof(recordings[0]); j++)
			if (cases++ % STEADY_STEP_OF_HUNDREDS == 0)
				assert_same(recordings[j], lines[i].verb, lines[i].rest);
}

/* Lines come as records do; when the run began is told before the first of them. */
static void what_is_streamed_has_the_times_of_a_file(void **state)
{
	(void)state;
	assert_same("new", "trace", "");
	assert_same("new", "trace --journey", "");
	assert_same("cut", "trace", "");
	shell("$iopf trace new.data | grep -q '^ *0.021000 '");
	shell("cat cut.data | $iopf trace - 2>cut.err | grep -q '^ *0.021000 '");
	shell("$iopf trace old.data | grep -q '^ *0.021000 '");
	/* The recorder is still there: nothing waits for its end. */
	shell("mkfifo slow go; { cat new.data; cat <go; } >slow &"
	      "$iopf trace - <slow | { read -r line && echo >go; cat >rest; }; test -s rest");
}

/* What comes before the recording is not part of it. */
static void a_file_is_read_from_where_it_stands(void **state)
{
	(void)state;
	shell("{ printf 12345678; cat new.data; } >late;"
	      "$iopf explain new.data >file; { head -c 8 >eight; $iopf explain -; } <late >pipe;"
	      "sed -i 's/standard input/new.data/' pipe; test -s file && cmp file pipe");
}

static void a_copy_that_cannot_be_made_is_an_error(void **state)
{
	(void)state;
	shell("! cat new.data | TMPDIR=/nonexistent $iopf explain - >out 2>err;"
	      "test ! -s out && grep -q 'cannot copy standard input to /nonexistent' err");
	shell("mkdir tmp; (ulimit -f 1; cat new.data new.data | TMPDIR=tmp $iopf explain -) >out 2>err;"
	      "test $? = 6 && test -z \"$(ls tmp)\" && grep -q 'File too large' err");
	shell("$iopf report -i 1s /dev/zero 2>err; test $? = 3");
}

/* Under ulimit -f a file is not written, which is said; nothing is left of it. */
static void a_file_that_may_not_grow_is_an_error(void **state)
{
	static const char *const verbs[] = { "report -f html", "check -f json", "trace",
					     "trace --journey", "trace -f perfetto" };
	char line[320];

	(void)state;
	/* A verdict that is not good comes first. */
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		snprintf(line, sizeof(line),
			 "$iopf %s new.data >out 2>&1; code=$?; [ $code != 0 ] || code=6;"
			 "mkdir d; (ulimit -f 1; $iopf %s -o d/big new.data 2>&1) >err;"
			 "test $? = $code && grep -q 'cannot write d/big: File too large' err &&"
			 "rmdir d",
			 verbs[i], verbs[i]);
		shell(line);
	}
}

static void a_name_that_is_empty_shows(void **state)
{
	(void)state;
	shell("$iopf report '' 2>err; test $? = 3 && grep -q \"cannot read '': No such\" err");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipe_says_what_a_file_does),
		cmocka_unit_test(what_is_streamed_has_the_times_of_a_file),
		cmocka_unit_test(a_file_is_read_from_where_it_stands),
		cmocka_unit_test(a_copy_that_cannot_be_made_is_an_error),
		cmocka_unit_test(a_file_that_may_not_grow_is_an_error),
		cmocka_unit_test(a_name_that_is_empty_shows),
	};

	return cmocka_run_group_tests_name("pipe", tests, make_recordings, remove_recordings);
}
