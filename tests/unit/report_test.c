// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The verb report on files: parts of a recording, and what cannot be had of it. */
#include "history.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/options.h"
#include "trace/writer.h"

#define START 5000000000ULL
#define MS 1000000ULL

static char data[] = "/tmp/iopftrace-report-XXXXXX";
static char out[64];

/* A recording of 100 ms in which group n is answered n ms after the start, and the last one is not. */
static int record(void **state)
{
	const struct trace_info info = { .version = "",
					 .kernel = "",
					 .machine = "",
					 .command_line = "",
					 .start_ns = START - 7 * MS };
	struct history *h = h_new();
	struct trace_writer *w;
	int fd = mkstemp(data);

	(void)state;
	snprintf(out, sizeof(out), "%s.out", data);
	assert_true(fd >= 0);
	assert_int_equal(trace_writer_open(&w, fd, &info), 0);
	for (uint32_t n = 1; n < 100; n++) {
		struct h_group g = h_group(n);
		uint64_t at = START + n * MS;

		h_enqueue(h, &g, at - 5000, at - 4000);
		h_read(h, &g, at - 3900, at - 3000);
		if (n < 99)
			h_answer(h, &g, at - 1000, at);
	}
	for (size_t at = 0; at < h->nr_bytes;) {
		struct iopf_rec *rec = (struct iopf_rec *)(h->bytes + at);

		assert_int_equal(trace_writer_add(w, rec), 0);
		at += (rec->size + 7U) & ~7U;
	}
	/* Attaching took time: the run began after the recording. */
	h->run.start_ns = START;
	h->run.end_ns = START + 100 * MS;
	assert_int_equal(trace_writer_finish(w, &h->run), 0);
	trace_writer_free(w);
	close(fd);
	h_free(h);
	return 0;
}

static int forget(void **state)
{
	(void)state;
	unlink(data);
	unlink(out);
	return 0;
}

/* The exit code of report with these options; its output is in the file @out. */
static int report(const char *args, const char *file)
{
	struct options options;
	struct options_error error;
	char line[512], *rest = line;
	char *argv[32];
	int argc = 0;

	snprintf(line, sizeof(line), "iopftrace report %s -o %s %s", args, out, file);
	while (rest && argc < 31)
		argv[argc++] = strsep(&rest, " ");
	argv[argc] = NULL;
	assert_int_equal(options_parse(&options, argc, argv, &error), 0);
	return cmd_report(&options);
}

/* The same of the recording, as JSON. */
static json_t *show(const char *args)
{
	char all[256];
	json_t *json;

	snprintf(all, sizeof(all), "-f json %s", args);
	assert_int_equal(report(all, data), 0);
	json = json_load_file(out, 0, NULL);
	assert_non_null(json);
	return json;
}

/* How many groups are selected. */
static int64_t selected(const char *args)
{
	json_t *json = show(args), *selection = json_object_get(json, "selection");
	int64_t groups = json_integer_value(json_object_get(selection, "groups"));

	assert_non_null(selection);
	assert_string_equal(json_string_value(json_object_get(json, "verdict")), "pass");
	json_decref(json);
	return groups;
}

static void times_are_those_of_the_run(void **state)
{
	(void)state;
	assert_int_equal(selected("--from 10ms --to 20ms"), 10);
	assert_int_equal(selected("--to 10ms"), 9);
	assert_int_equal(selected("--from 98.9ms"), 1); /* the one that waits, by its queueing */
	assert_int_equal(selected("--from 99ms"), 0);
	assert_int_equal(selected("--from 10s"), 0);
	assert_int_equal(selected("--from 0"), 99);
}

static void times_may_count_from_the_end(void **state)
{
	(void)state;
	assert_int_equal(selected("--from -10ms"), 10); /* 90 to 98, and the one that waits */
	assert_int_equal(selected("--from -10ms --to -5ms"), 5);
	assert_int_equal(selected("--from 50ms --to -40ms"), 10);
	assert_int_equal(report("--to -1h", data), 3); /* before the beginning */
	assert_int_equal(report("--from 60ms --to -50ms", data), 3);
}

/* As report(), of what a pipe brings. */
static int report_piped(const char *words)
{
	int saved = dup(STDIN_FILENO), code;
	char command[160];
	FILE *pipe;

	snprintf(command, sizeof(command), "cat %s", data);
	pipe = popen(command, "r");
	assert_true(saved >= 0 && pipe);
	assert_int_equal(dup2(fileno(pipe), STDIN_FILENO), STDIN_FILENO);
	code = report(words, "-");
	dup2(saved, STDIN_FILENO);
	close(saved);
	pclose(pipe);
	return code;
}

/* Its end is known before it is judged all the same. */
static void a_pipe_will_do(void **state)
{
	(void)state;
	assert_int_equal(report_piped("--from -10ms"), 0);
	assert_int_equal(report_piped("-f json --from 30ms -i 10ms"), 0);
	assert_int_equal(report_piped("--from 60ms --to -50ms"), 3);
	unlink(out);
	assert_int_equal(report_piped("-i 1ns"), 3);
	assert_int_equal(access(out, F_OK), -1);
}

/* The beginning of what stands behind @key in the text; what stands there is a number. */
static uint64_t number_at(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	assert_non_null(at);
	return strtoull(at + strlen(key), NULL, 10);
}

/* A page's plots count from where its findings and every other format count: the run's beginning. */
static void plots_begin_where_the_run_does(void **state)
{
	static char page[1 << 21];
	uint64_t last_ns = 0, groups = 0, first_ns = UINT64_MAX;
	char key[64];
	FILE *f;

	(void)state;
	assert_int_equal(report("-f html", data), 0);
	f = fopen(out, "r");
	assert_non_null(f);
	page[fread(page, 1, sizeof(page) - 1, f)] = '\0';
	fclose(f);
	for (unsigned int i = 0;; i++) {
		snprintf(key, sizeof(key), "\"series/%u/from_ns\" data-value=\"", i);
		if (!strstr(page, key))
			break;
		last_ns = number_at(page, key);
		snprintf(key, sizeof(key), "\"series/%u/groups\" data-value=\"", i);
		groups += number_at(page, key);
		if (groups && first_ns == UINT64_MAX)
			first_ns = last_ns;
	}
	assert_int_equal(groups, 99);
	assert_in_range(first_ns, 0, MS); /* the first is answered 1 ms after the run's beginning */
	assert_in_range(last_ns, 50 * MS, 100 * MS - 1); /* and the run lasts for 100 ms */
}

/* Two recordings in one file, of which only the first is read: that must not pass. */
static void what_follows_the_end_is_no_pass(void **state)
{
	int fd = open(data, O_RDWR | O_APPEND);
	off_t size = lseek(fd, 0, SEEK_END);
	char first[64];
	json_t *json;

	(void)state;
	assert_int_equal(pread(fd, first, sizeof(first), 0), sizeof(first));
	assert_int_equal(write(fd, first, sizeof(first)), sizeof(first));
	assert_int_equal(report("-f json", data), 5);
	json = json_load_file(out, 0, NULL);
	assert_false(json_boolean_value(json_object_get(json, "complete")));
	assert_string_equal(json_string_value(json_object_get(json, "verdict")), "inconclusive");
	json_decref(json);
	assert_int_equal(ftruncate(fd, size), 0);
	assert_int_equal(report("-f json", data), 0);
	close(fd);
}

static void intervals_are_of_a_number(void **state)
{
	json_t *json;

	(void)state;
	json = show("-i 30ms");
	assert_int_equal(json_array_size(json_object_get(json, "series")), 4);
	json_decref(json);
	json = show("-i 10us");
	assert_int_equal(json_array_size(json_object_get(json, "series")), 10000);
	json_decref(json);
	assert_int_equal(report("-i 9999ns", data), 3);
	json = show("-i 50ns --from 98ms --to 98.5ms");
	assert_int_equal(json_array_size(json_object_get(json, "series")), 10000);
	json_decref(json);
	json = show("-i 1000d");
	assert_int_equal(json_array_size(json_object_get(json, "series")), 1);
	json_decref(json);
}

/* What a policy asserts is judged of the whole run, whatever is shown of it. */
static void assertions_are_about_the_whole(void **state)
{
	char policy[] = "/tmp/iopftrace-policy-XXXXXX", args[128];
	FILE *f = fdopen(mkstemp(policy), "w");

	(void)state;
	fputs("[assertions]\nmany = total.count >= 98\n", f);
	fclose(f);
	snprintf(args, sizeof(args), "--policy %s --from 10ms --to 11ms", policy);
	assert_int_equal(selected(args), 1);
	unlink(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_those_of_the_run),
		cmocka_unit_test(times_may_count_from_the_end),
		cmocka_unit_test(a_pipe_will_do),
		cmocka_unit_test(plots_begin_where_the_run_does),
		cmocka_unit_test(what_follows_the_end_is_no_pass),
		cmocka_unit_test(intervals_are_of_a_number),
		cmocka_unit_test(assertions_are_about_the_whole),
	};

	return cmocka_run_group_tests(tests, record, forget);
}
