// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The program itself, on recordings: what it says of one in all formats, held together by readers that
 * others wrote. Needs build/iopftrace.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "recordings.h"

static char dir[] = "/tmp/iopftrace-recordings-XXXXXX";

static int make_recordings(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	recording_of_steady(dir, "steady", 9000, 1);
	recording_of_tails(dir, "tails", 3000, 2);
	recording_of_tails(dir, "few", 3, 3);
	recording_of_tails(dir, "empty", 0, 4);
	recording_of_model(dir, "kernel",
			   (struct m_opts){ .seed = 5, .steps = 4000, .kernel = true }, 100);
	recording_of_model(
		dir, "failures",
		(struct m_opts){ .seed = 6, .steps = 3000, .kernel = true, .failures = true }, 100);
	recording_of_model(dir, "lossy",
			   (struct m_opts){ .seed = 7, .steps = 3000, .failures = true }, 97);
	return 0;
}

static int remove_recordings(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

/* Whether a script has nothing to say against the recordings, or against one of them. */
static void expect_success(const char *script, const char *recording)
{
	char command[192];

	snprintf(command, sizeof(command), "tests/unit/%s %s/%s >&2", script, dir, recording);
	assert_int_equal(system(command), 0);
}

static void all_formats_say_the_same(void **state)
{
	(void)state;
	expect_success("formats_same.py", "");
}

static void percentiles_are_those_of_the_events(void **state)
{
	(void)state;
	expect_success("percentiles.py", "");
}

static void prometheus_has_what_was_written(void **state)
{
	(void)state;
	expect_success("prometheus_scrape.py", "steady.data");
	expect_success("prometheus_scrape.py", "tails.data");
}

/* How recordings are shown on which a fault once showed that only a sanitizer sees, or a crash. */
static const char *const shown[] = {
	"report FILE -v",
	"report FILE -f json --by device,pasid,process,code,fault-id",
	"report FILE -f html -v",
	"report FILE -f csv --by process",
	"report FILE -f openmetrics",
	"check FILE -f ktap --deadline 1ms -a 'total.p99 < 5ms'",
	"trace FILE -f perfetto",
	"trace FILE -f json -v",
	"trace FILE -f csv",
	"trace FILE",
	"trace FILE --journey",
	"explain FILE",
};

static void what_once_failed_is_shown_in_all_ways(void **state)
{
	char command[512];
	glob_t files;

	(void)state;
	assert_int_equal(glob("tests/fixtures/cases/ubsan-*.data", 0, NULL, &files), 0);
	glob("tests/fixtures/fuzz/*.data", GLOB_APPEND, NULL, &files);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		for (size_t j = 0; j < sizeof(shown) / sizeof(*shown); j++) {
			const char *rest = strstr(shown[j], "FILE") + 4;
			int status;

			snprintf(command, sizeof(command),
				 "exec \"${O:-build}/iopftrace\" %.*s%s%s >/dev/null 2>&1",
				 (int)(rest - 4 - shown[j]), shown[j], files.gl_pathv[i], rest);
			status = system(command);
			if (!WIFEXITED(status) || WEXITSTATUS(status) > 5)
				fail_msg("%s: status %#x", command, (unsigned int)status);
		}
	}
	globfree(&files);
}

/* What running the program took. */
struct taken {
	int status;
	char text[4096]; /* the beginning of what it wrote */
	long kib;
};

/* Runs a way to show a file; it may not take more than two seconds of a CPU. */
static struct taken run_limited(const char *way, const char *file)
{
	const char *program = getenv("O") ? getenv("O") : "build";
	const char *rest = strstr(way, "FILE") + 4;
	struct taken t = { 0 };
	struct rusage usage;
	char command[512];
	FILE *out = tmpfile();
	size_t got;
	int status;
	pid_t pid;

	assert_non_null(out);
	snprintf(command, sizeof(command), "exec %s/iopftrace %.*s%s%s", program,
		 (int)(rest - 4 - way), way, file, rest);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct rlimit cpu = { 2, 2 };

		if (dup2(fileno(out), 1) < 0 || dup2(fileno(out), 2) < 0)
			_exit(99);
#ifndef SANITIZED
		if (setrlimit(RLIMIT_CPU, &cpu))
			_exit(99);
#else
		(void)cpu;
#endif
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(99);
	}
	assert_int_equal(wait4(pid, &status, 0, &usage), pid);
	if (!WIFEXITED(status))
		fail_msg("%s: status %#x", command, (unsigned int)status);
	t.status = WEXITSTATUS(status);
	t.kib = usage.ru_maxrss;
	rewind(out);
	got = fread(t.text, 1, sizeof(t.text) - 1, out);
	t.text[got] = 0;
	fclose(out);
	return t;
}

/* Files that were made to cost much: judged as they have to be, in a few MiB and in little time. */
static void what_was_made_to_cost_much(void **state)
{
	static const struct {
		const char *name;
		int status; /* of check */
		const char *says[2];
	} files[] = {
		{ "cookie-bomb-10", 0, { "PASS", "10 groups, all answered once" } },
		{ "cookie-bomb-100", 0, { "PASS", "100 groups, all answered once" } },
		{ "same-cookie-17000", 1, { "1 rule broken: IOPF012", "had the same cookie" } },
		{ "no-match-17000", 1, { "1 rule broken: IOPF012", "IOPF021" } },
		{ "auto-17000", 1, { "IOPF001 unanswered (17,000)", "IOPF016" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[128];
		struct taken t;

		snprintf(path, sizeof(path), "tests/fixtures/cases/%s.data", files[i].name);
		t = run_limited("check FILE -q", path);
		assert_int_equal(t.status, files[i].status);
		for (int k = 0; k < 2; k++)
			if (!strstr(t.text, files[i].says[k]))
				fail_msg("%s: '%s' is not in: %s", path, files[i].says[k], t.text);
		for (size_t j = 0; j < sizeof(shown) / sizeof(*shown); j++) {
			t = run_limited(shown[j], path);
			if (t.status > 5)
				fail_msg("%s: %s: status %d", path, shown[j], t.status);
#ifndef SANITIZED
			if (t.kib > 32 << 10)
				fail_msg("%s: %s: %ld KiB", path, shown[j], t.kib);
#endif
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_formats_say_the_same),
		cmocka_unit_test(percentiles_are_those_of_the_events),
		cmocka_unit_test(prometheus_has_what_was_written),
		cmocka_unit_test(what_once_failed_is_shown_in_all_ways),
		cmocka_unit_test(what_was_made_to_cost_much),
	};

	return cmocka_run_group_tests_name("recordings", tests, make_recordings, remove_recordings);
}
