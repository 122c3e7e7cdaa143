// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* diff: recordings and reports are read, what changed is shown, exit codes. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>

#include "cmd/exit_codes.h"
#include "cmd/options.h"
#include "cmd/place.h"
#include "golden.h"
#include "output/diff.h"
#include "sample_findings.h"
#include "screen.h"
#include "steady.h"
#include "trace/writer.h"

#define BASE "diff-test-base.data"
#define NEW "diff-test-new.data"
#define REPORT "diff-test.json"
#define OUT "diff-test.out"

static struct sample base, changed;
static struct sample_findings base_findings, changed_findings;
static struct options options;

/* Records a steady load of so many events; the service of each group takes @slower_ns longer. */
static void record(const char *file, uint64_t seed, unsigned int events, uint64_t slower_ns)
{
	struct trace_info info = { .version = "1", .kernel = "6.12", .machine = "x86_64" };
	int fd = open(file, O_RDWR | O_CREAT | O_TRUNC, 0666);
	struct iopf_run run = { .start_ns = 86400000000000ULL };
	struct trace_writer *writer;
	struct steady steady;
	union steady_rec rec;

	info.start_ns = run.start_ns;
	assert_true(fd >= 0);
	assert_int_equal(trace_writer_open(&writer, fd, &info), 0);
	steady_begin(&steady, seed);
	for (unsigned int i = 0; i < events || steady.groups; i++) {
		if (i >= events)
			steady.arrival_ns = UINT64_MAX;
		steady_next(&steady, &rec);
		if (rec.h.type == IOPF_REC_RESPONSE) {
			rec.response.response_ns += slower_ns;
			rec.response.ack_ns += slower_ns;
		}
		assert_int_equal(trace_writer_add(writer, &rec.h), 0);
	}
	run.end_ns = steady.now_ns + slower_ns;
	assert_int_equal(trace_writer_finish(writer, &run), 0);
	trace_writer_free(writer);
	close(fd);
}

/* Writes some bytes to a file. */
static void write_bytes(const char *file, const void *bytes, size_t size)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

/* Takes a file as a text; to be freed. NULL = there is none. */
static char *read_text(const char *file)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = fopen(file, "r");

	if (!f)
		return NULL;
	if (getdelim(&text, &size, '\0', f) < 0)
		fail_msg("%s is empty", file);
	fclose(f);
	return text;
}

/* Parses a command line of words between blanks; "_" in a word stands for a blank. */
static void parse(const char *line)
{
	static char words[512];
	struct options_error error;
	char *argv[32] = { (char *)"iopftrace" }, *rest = words;
	int argc = 1;

	snprintf(words, sizeof(words), "%s", line);
	while ((argv[argc] = strsep(&rest, " "))) {
		for (char *c = argv[argc]; (c = strchr(c, '_'));)
			*c = ' ';
		argc++;
	}
	if (options_parse(&options, argc, argv, &error))
		fail_msg("%s: %s", line, error.text);
}

/* Runs the verb with these options; gives what it has written, to be freed. */
static char *diff(const char *line, int expected)
{
	char full[512], *text;
	int code;

	remove(OUT);
	snprintf(full, sizeof(full), "diff --color never -o " OUT " %s", line);
	parse(full);
	code = cmd_diff(&options);
	if (code != expected)
		fail_msg("%s: exit code %d", line, code);
	text = read_text(OUT);
	remove(OUT);
	return text;
}

/* The same, and something has to be in what is written. */
static void diff_shows(const char *line, int expected, const char *shown)
{
	char *text = diff(line, expected);

	assert_non_null(text);
	screen_squeeze(text);
	if (!strstr(text, shown))
		fail_msg("'%s' is not in: %s", shown, text);
	free(text);
}

/* The JSON report of a recording. */
static void report(const char *file)
{
	parse("report -f json -o " REPORT);
	options.operand[0] = file;
	options.nr_operands = 1;
	assert_int_equal(cmd_report(&options), EXIT_PASS);
}

static void clean_up(void)
{
	remove(BASE);
	remove(NEW);
	remove(REPORT);
}

/* The difference of a time, which must be there. */
static json_int_t difference(const json_t *time)
{
	const json_t *value = json_object_get(time, "difference_ns");

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

/* A comparison in JSON says that there is nothing that differs, not by a nanosecond. */
static void assert_no_difference(const char *text)
{
	static const char *const percentiles[] = { "50", "90", "99", "99.9" };
	json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *stage;

	assert_non_null(j);
	assert_string_equal(json_string_value(json_object_get(j, "schema")), "iopftrace-diff/1");
	assert_true(json_is_true(json_object_get(j, "complete")));
	assert_true(json_is_false(json_object_get(j, "differs")));
	assert_int_equal(json_integer_value(json_object_get(j, "counts_changed")), 0);
	assert_int_equal(json_integer_value(json_object_get(j, "times_changed")), 0);
	assert_true(json_integer_value(json_object_get(j, "times_judged")) >= 20);
	for (unsigned int i = 0; i < IOPF_STAGES; i++) {
		stage = json_object_get(json_object_get(j, "stages"),
					iopf_stage_name((enum iopf_stage)i));
		assert_int_equal(difference(json_object_get(stage, "min")), 0);
		assert_int_equal(difference(json_object_get(stage, "mean")), 0);
		assert_int_equal(difference(json_object_get(stage, "max")), 0);
		for (size_t p = 0; p < 4; p++)
			assert_int_equal(
				difference(json_object_get(json_object_get(stage, "percentiles"),
							   percentiles[p])),
				0);
	}
	json_decref(j);
}

static void a_recording_is_its_own_report(void **state)
{
	static const char *const orders[] = { BASE " " REPORT, REPORT " " BASE, BASE " " BASE,
					      REPORT " " REPORT };
	char line[256];

	(void)state;
	record(BASE, 1, 9000, 0);
	report(BASE);
	for (size_t i = 0; i < 4; i++) {
		char *text;

		snprintf(line, sizeof(line), "%s -f json", orders[i]);
		text = diff(line, EXIT_PASS);
		assert_no_difference(text);
		free(text);
		diff_shows(orders[i], EXIT_PASS, "NO CHANGE none of ");
	}
	diff_shows(BASE " " REPORT " --fail-on total.p99>+1% --fail-on findings --fail-on verdict "
			"--fail-on groups<-0",
		   EXIT_PASS, "PASS none of 4 --fail-on holds");
	clean_up();
}

static void what_is_slower_is_found(void **state)
{
	json_t *j, *time;
	char *text;

	(void)state;
	record(BASE, 1, 9000, 0);
	record(NEW, 2, 9000, 30000);
	report(BASE);
	diff_shows(REPORT " " NEW, EXIT_PASS, "CHANGED ");
	diff_shows(REPORT " " NEW " --fail-on total.p50_>_+10%", EXIT_ASSERTION,
		   "FAIL 1 of 1 --fail-on holds");
	diff_shows(REPORT " " NEW " --fail-on total.p50>+200%", EXIT_PASS, "passes ");
	/* 3,000 groups. */
	diff_shows(REPORT " " NEW " --fail-on total.p99.9>+10%", EXIT_INCONCLUSIVE,
		   "too few groups, it takes 6,905 on each side");
	diff_shows(REPORT " " NEW " --fail-on total.p99.9>+10% --fail-on total.p50>+10%",
		   EXIT_ASSERTION, "FAIL 1 of 2 --fail-on holds, 1 cannot be told");
	diff_shows(NEW " " REPORT " --fail-on total.p50>+10% -q", EXIT_PASS,
		   "PASS none of 1 --fail-on holds");
	text = diff(REPORT " " NEW " -f json --percentiles 50,99.9 --fail-on service.mean>+1us",
		    EXIT_ASSERTION);
	j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(j);
	assert_true(json_is_true(json_object_get(j, "differs")));
	assert_int_equal(json_integer_value(json_object_get(j, "exit_code")), 2);
	time = json_object_get(json_object_get(j, "stages"), "service");
	time = json_object_get(json_object_get(time, "percentiles"), "50");
	assert_string_equal(json_string_value(json_object_get(time, "outcome")), "changed");
	assert_true(json_integer_value(json_object_get(time, "low_ns")) > 0);
	assert_true(json_integer_value(json_object_get(time, "high_ns")) > 30000);
	time = json_array_get(json_object_get(j, "fail_on"), 0);
	assert_true(json_is_true(json_object_get(time, "holds")));
	assert_true(json_integer_value(json_object_get(time, "new_ns")) >
		    json_integer_value(json_object_get(time, "base_ns")));
	json_decref(j);
	free(text);
	clean_up();
}

/* Half a recording decides nothing. */
static void what_is_cut_is_inconclusive(void **state)
{
	(void)state;
	record(BASE, 1, 9000, 0);
	record(NEW, 1, 9000, 0);
	assert_int_equal(truncate(NEW, 30000), 0);
	diff_shows(BASE " " NEW, EXIT_PASS, "inconclusive \xc2\xb7 not all was seen");
	diff_shows(BASE " " NEW " --fail-on total.p50>+10%", EXIT_INCONCLUSIVE,
		   "NEW is inconclusive");
	diff_shows(BASE " " NEW " --fail-on verdict", EXIT_INCONCLUSIVE, "pass -> inconclusive");
	diff_shows(NEW " " BASE " --fail-on groups>+1", EXIT_INCONCLUSIVE, "BASE is inconclusive");
	diff_shows(BASE " " BASE " --min-groups 100000 --fail-on groups>+1", EXIT_INCONCLUSIVE,
		   "INCONCLUSIVE none of 1 --fail-on holds, 1 cannot be told");
	clean_up();
}

/* What cannot be compared; nothing is left where the output would be. */
static void assert_refused(const char *line, int expected)
{
	assert_null(diff(line, expected));
}

static void what_is_neither(void **state)
{
	(void)state;
	record(BASE, 1, 300, 0);
	assert_refused(BASE " /nonexistent/file", EXIT_USAGE);
	assert_refused("/nonexistent/file " BASE, EXIT_USAGE);
	assert_refused(BASE " /", EXIT_USAGE);
	assert_refused(BASE " /dev/null", EXIT_USAGE);
	assert_refused(BASE " /proc/self/exe", EXIT_USAGE);
	write_bytes(REPORT, "{\"schema\": \"other\"}", 19);
	assert_refused(BASE " " REPORT, EXIT_USAGE);
	write_bytes(REPORT, "metric,stage\r\n", 14);
	assert_refused(BASE " " REPORT, EXIT_USAGE);
	write_bytes(REPORT, "\0\0\0\0", 4);
	assert_refused(BASE " " REPORT, EXIT_USAGE);
	write_bytes(REPORT, "\x89PNG\r\n\x1a\n", 8);
	assert_refused(BASE " " REPORT, EXIT_USAGE);
	assert_refused(BASE " " BASE " --policy /nonexistent/policy", EXIT_USAGE);
	/* What is read is not written over. */
	parse("diff " BASE " " BASE " -o " BASE);
	assert_int_equal(place_check(&options), EXIT_USAGE);
	clean_up();
}

/* Compares what a command writes to standard input, which cannot be gone back in. */
static char *diff_piped(const char *command, int expected)
{
	int was = dup(STDIN_FILENO);
	FILE *pipe = popen(command, "r");
	char *text;

	assert_true(was >= 0 && pipe);
	assert_int_equal(dup2(fileno(pipe), STDIN_FILENO), STDIN_FILENO);
	text = diff("- " BASE, expected);
	dup2(was, STDIN_FILENO);
	close(was);
	pclose(pipe);
	return text;
}

static void a_pipe_will_do(void **state)
{
	static const char *const files[] = { BASE, REPORT };

	(void)state;
	record(BASE, 1, 900, 0);
	report(BASE);
	for (size_t i = 0; i < 2; i++) {
		char command[64], *text;

		snprintf(command, sizeof(command), "cat %s", files[i]);
		text = diff_piped(command, EXIT_PASS);
		assert_non_null(strstr(text, i ? "standard input \xc2\xb7 JSON report" :
						 "standard input \xc2\xb7 recording"));
		free(text);
	}
	clean_up();
}

/* What never ends is not read for ever. */
static void too_much_is_not_read(void **state)
{
	(void)state;
	record(BASE, 1, 300, 0);
	assert_null(diff_piped("yes '{'", EXIT_USAGE));
	clean_up();
}

/* What the text shows of the two samples; to be freed. */
static char *show(const char *conditions, const struct output_opts *opts)
{
	struct iopf_condition_result result[OPTIONS_CONDITIONS_MAX];
	struct diff_view view = { .file = { "main.json", "-" },
				  .recording = { false, true },
				  .result = result };
	struct iopf_comparison *c =
		iopf_compare(&base.report, &changed.report, opts->percentile, opts->nr_percentiles);
	char line[512], *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_true(f && c);
	snprintf(line, sizeof(line), "diff a b%s", conditions);
	parse(line);
	view.c = c;
	view.nr_results = options.nr_fail_on;
	for (size_t i = 0; i < options.nr_fail_on; i++)
		result[i] = iopf_condition_evaluate(&options.fail_on[i], c);
	assert_int_equal(output_diff_text(&view, opts, f), 0);
	fclose(f);
	iopf_comparison_free(c);
	return text;
}

/* A run that became worse: slower to wait, with other findings. */
static void sample_worse(void)
{
	uint64_t random = 88172645463325252ULL;

	sample_pass(&base);
	sample_pass(&changed);
	base.report.judged = true;
	findings_begin(&base_findings, &base.report);
	findings_begin(&changed_findings, &changed.report);
	add_finding(&base_findings, "IOPF005", IOPF_SEVERITY_WARN, 2);
	add_finding(&changed_findings, "IOPF003", IOPF_SEVERITY_ERROR, 3);
	add_finding(&base_findings, "IOPF029", IOPF_SEVERITY_NOTE, 1);
	add_finding(&changed_findings, "IOPF029", IOPF_SEVERITY_NOTE, 6);
	changed.report.kernel = "7.4.0";
	changed.report.duration_ns = 9876543210;
	changed.report.groups.enqueued = changed.report.groups.reported = 12000;
	changed.report.groups.outstanding = 4;
	changed.report.responses.success = 11996;
	iopf_hist_init(&changed.report.stage[IOPF_STAGE_WAIT].hist);
	for (unsigned int i = 0; i < 12000; i++)
		iopf_hist_add(&changed.report.stage[IOPF_STAGE_WAIT].hist,
			      sample_time(&random, 2700));
	iopf_hist_init(&changed.report.stage[IOPF_STAGE_ROUTE].hist);
	for (unsigned int i = 0; i < 500; i++)
		iopf_hist_add(&changed.report.stage[IOPF_STAGE_ROUTE].hist,
			      sample_time(&random, 610));
	iopf_hist_init(&changed.report.stage[IOPF_STAGE_ACK].hist);
}

static void the_screen_is_golden(void **state)
{
	struct output_opts opts;
	char *text;

	(void)state;
	output_opts_init(&opts);
	sample_worse();
	text = show(" --fail-on wait.p99>+5% --fail-on service.p50_>_+1% --fail-on route.p99.9>+9% "
		    "--fail-on findings --fail-on outstanding>+10 --fail-on ack.mean>+1us",
		    &opts);
	screen_assert_fits(text, 80);
	golden_check("diff.txt", text);
	free(text);
}

static void any_screen_fits(void **state)
{
	uint64_t random = 0x9e3779b97f4a7c15;
	unsigned int i;

	(void)state;
	for (i = 0; i < 300; i++) {
		struct output_opts opts;
		char *text;

		screen_any_options(&opts, &random);
		sample_wild(&base, &random);
		sample_any_findings(&base_findings, &base.report, &random);
		sample_wild(&changed, &random);
		sample_any_findings(&changed_findings, &changed.report, &random);
		text = show(" --fail-on wait.p99>+5% --fail-on groups<-1 --fail-on findings "
			    "--fail-on verdict --fail-on IOPF012>=+0 --fail-on total.max>+100%",
			    &opts);
		screen_assert_fits(text, opts.width);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recording_is_its_own_report),
		cmocka_unit_test(what_is_slower_is_found),
		cmocka_unit_test(what_is_cut_is_inconclusive),
		cmocka_unit_test(what_is_neither),
		cmocka_unit_test(a_pipe_will_do),
		cmocka_unit_test(too_much_is_not_read),
		cmocka_unit_test(the_screen_is_golden),
		cmocka_unit_test(any_screen_fits),
	};

	setlocale(LC_CTYPE, "C.UTF-8"); /* for the widths of characters */
	return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
