// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One report, three formats, readers that others wrote: HdrHistogram's own (Java) and Python's csv
 * module must find in their files what is in the JSON.
 */
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "output/event_line.h"
#include "output/output.h"
#include "readers.h"
#include "sample_findings.h"

enum { PASS, LOSSY, FAST, EMPTY, REPORTS };

static struct sample sample;
static struct sample_findings findings;

/* The stages of @n groups, each of 1 ns at least. */
static void fill_stages(unsigned int n)
{
	unsigned int stage;

	for (stage = 0; stage < IOPF_STAGES; stage++)
		iopf_hist_init(&sample.report.stage[stage].hist);
	sample_stages(&sample, n);
}

/*
 * Makes a report. The numbers of groups are such that each percentile is a whole rank: where it is
 * not, readers round it up or to the nearest, depending on their version.
 */
static void make(unsigned int which)
{
	unsigned int i;

	if (which == EMPTY)
		sample_empty(&sample);
	else if (which == LOSSY)
		sample_lossy(&sample);
	else
		sample_pass(&sample);
	findings_begin(&findings, &sample.report);
	if (which == PASS)
		fill_stages(16000);
	if (which == LOSSY)
		fill_stages(1000);
	if (which == LOSSY)
		add_finding(&findings, "IOPF029", IOPF_SEVERITY_NOTE, 6);
	if (which != FAST)
		return;
	fill_stages(0);
	for (i = 0; i < 1000; i++) /* what takes no time, and what takes more than an hour */
		iopf_hist_add(&sample.report.stage[IOPF_STAGE_ACK].hist, i % 3);
	iopf_hist_add(&sample.report.stage[IOPF_STAGE_WAIT].hist, 36000000000000);
}

/* A report in a format; to be freed. */
static char *show(const struct output_format *format, size_t *size)
{
	struct output_opts opts;
	char *text = NULL;
	FILE *f = open_memstream(&text, size);

	output_opts_init(&opts);
	assert_int_equal(format->write(&sample.report, &opts, f), 0);
	fclose(f);
	return text;
}

/* A file of a report in a format. */
static char *file_of(unsigned int which, const char *format)
{
	size_t size;
	char *text, *name;

	make(which);
	text = show(output_format_find(format), &size);
	name = reader_file(text, size);
	free(text);
	return name;
}

/* What a reader says of all reports in a format; to be freed. */
static char *read_all(const char *reader, const char *format)
{
	char *files[REPORTS];
	unsigned int i;

	for (i = 0; i < REPORTS; i++)
		files[i] = file_of(i, format);
	return reader_run(reader, files, REPORTS);
}

/* A report's JSON. */
static json_t *json_of(unsigned int which)
{
	size_t size;
	char *text;
	json_t *j;

	make(which);
	text = show(output_format_find("json"), &size);
	j = json_loads(text, 0, NULL);
	assert_non_null(j);
	free(text);
	return j;
}

/* Member of a member of an object. */
static const json_t *get(const json_t *j, const char *a, const char *b)
{
	const json_t *value = json_object_get(json_object_get(j, a), b);

	if (!value)
		fail_msg("JSON has no %s.%s", a, b);
	return value;
}

/* A number that is within @error of the JSON's, which is a whole number, rounded down. */
static void expect_near(const json_t *expected, double value, double error, const char *what)
{
	double right = json_number_value(expected);
	double fraction = value > right ? fmod(value, 1) : 0;

	if (fabs(value - fraction - right) > right * error)
		fail_msg("%s is %g, not %g", what, value, right);
}

/* One line of what HdrHistogram's reader says, against the JSON. */
static void expect_interval(const json_t *j, const char *line)
{
	static const char *const percents[] = { "50", "90", "99", "99.9" };
	char tag[32];
	unsigned int i;
	int64_t start, end, count, min, max, p[4];
	double mean;
	const json_t *stage;

	assert_int_equal(sscanf(line,
				"%*u %31s %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64
				" %lf %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64,
				tag, &start, &end, &count, &min, &mean, &max, &p[0], &p[1], &p[2],
				&p[3]),
			 11);
	stage = get(j, "stages", tag);
	assert_int_equal(start, 1760000000000);
	assert_int_equal(end - start,
			 json_integer_value(json_object_get(j, "duration_ns")) / 1000000);
	assert_int_equal(count, json_integer_value(json_object_get(stage, "count")));
	if (!count)
		return;
	expect_near(json_object_get(stage, "min_ns"), (double)min, 0.001, "the minimum");
	expect_near(json_object_get(stage, "mean_ns"), mean, 0.01, "the mean");
	expect_near(json_object_get(stage, "max_ns"), (double)max, 0.001, "the maximum");
	for (i = 0; i < 4; i++)
		expect_near(get(stage, "percentiles", percents[i]), (double)p[i], 0.01,
			    percents[i]);
}

static void hdrhistogram_reads_what_json_has(void **state)
{
	char *text = read_all(READER_HDR, "hdr"), *rest = text, *line;
	json_t *j[REPORTS];
	unsigned int i, lines = 0;

	(void)state;
	for (i = 0; i < REPORTS; i++)
		j[i] = json_of(i);
	while ((line = strsep(&rest, "\n")) && *line) {
		unsigned int which = (unsigned int)strtoul(line, NULL, 10);

		assert_int_equal(which, lines / IOPF_STAGES);
		expect_interval(j[which], line);
		lines++;
	}
	assert_int_equal(lines, REPORTS * IOPF_STAGES);
	for (i = 0; i < REPORTS; i++)
		json_decref(j[i]);
	free(text);
}

/* What the JSON has for a figure of a stage. */
static const json_t *json_stat(const json_t *j, const char *stage, const char *stat)
{
	char key[32];

	if (stat[0] == 'p')
		return get(get(j, "stages", stage), "percentiles", stat + 1);
	snprintf(key, sizeof(key), "%s%s", stat,
		 strcmp(stat, "count") && strcmp(stat, "negative") ? "_ns" : "");
	return json_object_get(get(j, "stages", stage), key);
}

/* What the JSON has by the name of a count, or NULL: "groups.reported" is a member of "groups". */
static const json_t *json_count(const json_t *j, const char *metric)
{
	const char *dot = strchr(metric, '.');
	char object[32];

	if (!dot)
		return NULL;
	snprintf(object, sizeof(object), "%.*s", (int)(dot - metric), metric);
	if (strcmp(object, "answered_by") == 0)
		return json_object_get(get(j, "groups", "answered_by"), dot + 1);
	return json_object_get(json_object_get(j, object), dot + 1);
}

/* A row of the CSV against the JSON; whether both have it. */
static bool expect_row(const json_t *j, const json_t *row)
{
	const char *metric = json_string_value(json_array_get(row, 0));
	const char *stage = json_string_value(json_array_get(row, 1));
	const char *stat = json_string_value(json_array_get(row, 2));
	const char *value = json_string_value(json_array_get(row, 4));
	const json_t *expected = *stage ? json_stat(j, stage, stat) : json_count(j, metric);
	char number[32] = "";

	if (!expected)
		return false;
	if (!json_is_null(expected))
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(expected));
	if (strcmp(number, value))
		fail_msg("%s is '%s', not '%s'", metric, value, number);
	return true;
}

/* The value of a metric in a table. */
static const char *value_of(const json_t *rows, const char *metric)
{
	size_t i;
	json_t *row;

	json_array_foreach(rows, i, row)
	{
		if (!strcmp(json_string_value(json_array_get(row, 0)), metric))
			return json_string_value(json_array_get(row, 4));
	}
	return NULL;
}

static void python_reads_what_json_has(void **state)
{
	char *text = read_all(READER_CSV, "csv"), *rest = text, *line;
	unsigned int which;

	(void)state;
	for (which = 0; which < REPORTS; which++) {
		json_t *j = json_of(which), *rows;
		unsigned int both = 0;
		size_t i;

		line = strsep(&rest, "\n");
		rows = json_loads(line, 0, NULL);
		assert_non_null(rows);
		for (i = 1; i < json_array_size(rows); i++)
			both += expect_row(j, json_array_get(rows, i));
		assert_int_equal(both, IOPF_STAGES * 9 + 37);
		assert_string_equal(value_of(rows, "run.complete"), which == LOSSY ? "0" : "1");
		assert_string_equal(value_of(rows, "run.exit_code"), which == LOSSY ? "5" : "0");
		assert_string_equal(value_of(rows, "run.duration"), "12403000000");
		assert_string_equal(value_of(rows, "IOPF029"), which == LOSSY ? "6" : "0");
		json_decref(rows);
		json_decref(j);
	}
	free(text);
}

/* Names that need quotes. */
static const char *comm(void *arg, uint32_t tid)
{
	(void)arg;
	(void)tid;
	return "v\"c,pu\n3";
}

static const char *device(void *arg, uint64_t dev)
{
	(void)arg;
	(void)dev;
	return "\"0000:3b,00.0\r\n\"";
}

static void python_reads_the_names_in_events(void **state)
{
	const struct iopf_rec_driver driver = {
		.h = { .type = IOPF_REC_DRIVER, .size = sizeof(driver), .tid = 1 },
		.dev = 1,
		.code = IOPF_CODE_INVALID,
	};
	const struct event_names names = { .comm = comm, .device = device };
	char *text = NULL, *name, *said;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	json_t *rows, *row;

	(void)state;
	event_csv_heads(f);
	assert_int_equal(event_csv(f, &driver.h, &names), 0);
	fclose(f);
	name = reader_file(text, size);
	said = reader_run(READER_CSV, &name, 1);
	rows = json_loads(said, 0, NULL);
	assert_int_equal(json_array_size(rows), 2);
	row = json_array_get(rows, 1);
	assert_string_equal(json_string_value(json_array_get(row, 2)), "driver");
	assert_string_equal(json_string_value(json_array_get(row, 5)), comm(NULL, 0));
	assert_string_equal(json_string_value(json_array_get(row, 7)), device(NULL, 0));
	assert_string_equal(json_string_value(json_array_get(row, 15)), "invalid");
	json_decref(rows);
	free(said);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hdrhistogram_reads_what_json_has),
		cmocka_unit_test(python_reads_what_json_has),
		cmocka_unit_test(python_reads_the_names_in_events),
	};

	return cmocka_run_group_tests_name("readers", tests, NULL, NULL);
}
