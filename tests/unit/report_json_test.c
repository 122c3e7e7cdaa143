// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Reports read back from JSON: what was written comes back, and nothing else is taken for a report. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "cmd/report_json.h"
#include "iopftrace/expression.h"
#include "output/output.h"
#include "sample_findings.h"

static struct sample sample;
static struct sample_findings findings;

/* What the JSON format writes of the sample; to be freed. */
static char *written(size_t *size)
{
	struct output_opts opts;
	char *text = NULL;
	FILE *f = open_memstream(&text, size);

	assert_non_null(f);
	output_opts_init(&opts);
	assert_int_equal(output_json(&sample.report, &opts, f), 0);
	fclose(f);
	return text;
}

/* Reads a text that must be a report; to be freed. */
static struct report_json *good(const char *text, size_t size)
{
	struct report_json *read = NULL;
	char why[REPORT_JSON_WHY] = "";

	if (report_json_read(&read, text, size, why))
		fail_msg("%s", why);
	return read;
}

/* A text is refused, for this reason. */
static void bad(const char *text, size_t size, const char *expected)
{
	struct report_json *read = NULL;
	char why[REPORT_JSON_WHY] = "";

	assert_int_equal(report_json_read(&read, text, size, why), -EINVAL);
	assert_null(read);
	if (!strstr(why, expected))
		fail_msg("'%s' is not in: %s", expected, why);
}

static void bad_text(const char *text, const char *expected)
{
	bad(text, strlen(text), expected);
}

/* All metrics are those of the report that was written, and all percentiles. */
static void assert_same(const struct iopf_report *r)
{
	const char *name, *what;

	for (size_t i = 0; iopf_metric(i, &name, &what); i++) {
		uint64_t was = 0, is = 0;
		int known = iopf_metric_count(i, &sample.report, &was);

		assert_int_equal(iopf_metric_count(i, r, &is), known);
		if (known >= 0 && was != is)
			fail_msg("%s", name);
	}
	for (unsigned int i = 0; i < IOPF_STAGES; i++) {
		const struct iopf_hist *was = &sample.report.stage[i].hist, *is = &r->stage[i].hist;

		assert_int_equal(is->count, was->count);
		assert_int_equal(is->min, was->min);
		assert_int_equal(is->max, was->max);
		assert_int_equal(iopf_hist_mean(is), iopf_hist_mean(was));
		assert_memory_equal(is->bucket, was->bucket, sizeof(is->bucket));
		assert_int_equal(r->stage[i].negative, sample.report.stage[i].negative);
	}
}

static void what_was_written_is_read(void **state)
{
	struct report_json *read;
	const struct iopf_report *r;
	size_t size;
	char *text;

	(void)state;
	sample_lossy(&sample);
	findings_begin(&findings, &sample.report);
	add_finding(&findings, "IOPF003", IOPF_SEVERITY_ERROR, 3);
	add_finding(&findings, "IOPF030", IOPF_SEVERITY_ERROR, 1)->unproven = true;
	sample.report.verdict = IOPF_INCONCLUSIVE;
	text = written(&size);
	read = good(text, size);
	r = report_json_report(read);
	assert_same(r);
	assert_false(r->complete);
	assert_int_equal(r->verdict, IOPF_INCONCLUSIVE);
	assert_true(r->duration_ns == sample.report.duration_ns);
	assert_string_equal(r->kernel, "7.3.4");
	assert_int_equal(r->nr_findings, 2);
	assert_string_equal(r->findings[0].rule->id, "IOPF003");
	assert_true(r->findings[1].unproven);
	assert_int_equal(r->findings[1].severity, IOPF_SEVERITY_ERROR); /* were it proven */
	report_json_free(read);
	free(text);
}

static void an_empty_run_is_read(void **state)
{
	struct report_json *read;
	size_t size;
	char *text;

	(void)state;
	sample_empty(&sample);
	text = written(&size);
	read = good(text, size);
	assert_same(report_json_report(read));
	assert_false(report_json_report(read)->judged);
	report_json_free(read);
	free(text);
}

static void what_is_no_report(void **state)
{
	static const char zero[] = "{\"schema\": \"a\0b\"}";
	size_t depth = 100000;
	char *deep = malloc(depth + 1);

	(void)state;
	bad_text("", "line 1");
	bad_text("{", "line 1");
	bad_text("[]", "it is no object");
	bad_text("{}", "its schema is '', not iopftrace-report/1");
	bad_text("{\"schema\": 7}", "its schema is ''");
	bad_text("{\"schema\": \"iopftrace-diff/1\"}", "its schema is 'iopftrace-diff/1'");
	bad_text("{\"schema\": \"\\u001b[31m\"}", "its schema is '\\x1b[31m'");
	bad_text("{\"schema\": \"iopftrace-report/1\"}", "complete is missing");
	bad_text("{\"schema\": \"a\", \"schema\": \"b\"}", "duplicate");
	bad_text("{\"a\": 99999999999999999999}", "too big integer");
	bad_text("{\"a\": 1e999}", "real number overflow");
	bad(zero, sizeof(zero) - 1, "line 1");
	assert_non_null(deep);
	memset(deep, '[', depth);
	deep[depth] = '\0';
	bad_text(deep, "maximum parsing depth");
	free(deep);
}

/* The sample's document with one member replaced (or, with NULL, removed), by the path to it. */
static char *altered(const char *path, const char *value)
{
	char copy[128], *key = copy, *slash, *out, *text;
	json_t *root, *at, *new;
	size_t size;

	text = written(&size);
	root = json_loadb(text, size, 0, NULL);
	free(text);
	snprintf(copy, sizeof(copy), "%s", path);
	for (at = root; (slash = strchr(key, '/')); key = slash + 1) {
		*slash = '\0';
		at = json_is_array(at) ? json_array_get(at, (size_t)atoi(key)) :
					 json_object_get(at, key);
		assert_non_null(at);
	}
	new = value ? json_loads(value, JSON_DECODE_ANY, NULL) : NULL;
	assert_true(new || !value);
	if (json_is_array(at))
		assert_int_equal(json_array_set_new(at, (size_t)atoi(key), new), 0);
	else if (new)
		assert_int_equal(json_object_set_new(at, key, new), 0);
	else
		assert_int_equal(json_object_del(at, key), 0);
	out = json_dumps(root, 0);
	json_decref(root);
	return out;
}

static void refused(const char *path, const char *value, const char *expected)
{
	char *text = altered(path, value);

	bad_text(text, expected);
	free(text);
}

static void every_part_is_checked(void **state)
{
	(void)state;
	sample_pass(&sample);
	sample_few_stages(&sample);
	findings_begin(&findings, &sample.report);
	add_finding(&findings, "IOPF003", IOPF_SEVERITY_ERROR, 3);
	refused("complete", "1", "complete is neither true nor false");
	refused("verdict", "\"fine\"", "verdict is none that there is");
	refused("verdict", NULL, "verdict is missing");
	refused("duration_ns", "-1", "duration_ns is no count");
	refused("groups", "7", "groups.reported is missing");
	refused("groups/reported", "\"7\"", "groups.reported is no count");
	refused("groups/outstanding_max", "1.5", "groups.outstanding_max is no count");
	refused("groups/answered_by/detach", "null", "groups.answered_by.detach is no count");
	refused("lost/ring_full", NULL, "lost.ring_full is missing");
	refused("stages", "[]", "stages.route is missing");
	refused("stages/total", "[]", "stages.total is no object");
	refused("stages/wait/histogram", NULL, "stages.wait.histogram is missing");
	refused("stages/wait/histogram", "{}", "stages.wait.histogram is no list");
	refused("stages/wait/histogram/0", "[1, 2]", "has no buckets of three numbers");
	refused("stages/wait/histogram/0", "[1, 2, \"3\"]", "has no buckets of three numbers");
	refused("stages/wait/histogram/0", "[-1, 2, 3]", "has no buckets of three numbers");
	refused("stages/wait/histogram/0", "[1, 2, 3]", "is not one that iopftrace makes");
	refused("stages/wait/histogram/0", "[1, 1, 0]", "is not one that iopftrace makes");
	refused("stages/wait/histogram/0", "[1, 1, 1]", "do not fit the histogram");
	refused("stages/wait/histogram/0", "[1, 1, 7]", "does not add up to count");
	refused("stages/wait/histogram", "[[1, 1, 1], [1, 1, 2]]",
		"is not one that iopftrace makes");
	refused("stages/wait/histogram", "[[2, 2, 1], [1, 1, 2]]",
		"is not one that iopftrace makes");
	refused("stages/wait/histogram/0/2", "9223372036854775807", "does not add up to count");
	refused("stages/wait/count", "4", "does not add up to count");
	refused("stages/wait/min_ns", "0", "do not fit the histogram");
	refused("stages/wait/max_ns", "9223372036854775807", "do not fit the histogram");
	refused("stages/wait/mean_ns", "1", "do not fit the histogram");
	refused("stages/wait/mean_ns", "null", "wait.mean_ns is no count");
	refused("findings", "{}", "findings is no list");
	refused("findings/0", "null", "findings has rule ''");
	refused("findings/0/rule", "\"IOPF999\"", "rule 'IOPF999', which this iopftrace does not");
	refused("findings/0/severity_if_proven", "\"off\"", "no severity that there is");
	refused("findings/0/count", "true", "a finding's.count is no count");
	refused("findings/0/unproven", "0", "unproven is neither true nor false");
	refused("not_checked", NULL, "not_checked is no list");
}

/* More of something than there can be is not kept. */
static void lists_are_bounded(void **state)
{
	json_t *item = json_pack("{s:s, s:s, s:i, s:b}", "rule", "IOPF003", "severity", "error",
				 "count", 1, "unproven", 0);
	json_t *list = json_array();
	char *many;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		json_array_append(list, item);
	many = json_dumps(list, 0);
	sample_pass(&sample);
	refused("findings", many, "more findings than there can be");
	refused("not_checked", many, "more rules not checked than there are");
	free(many);
	json_decref(list);
	json_decref(item);
}

/* Whatever is done to a report, it is read or refused. */
static void damage_does_no_harm(void **state)
{
	static const char letters[] = "{}[]\",:0123456789-.eEntf\\u \x80\xff";
	uint64_t random = 0x9e3779b97f4a7c15;
	size_t size;
	char *text;

	(void)state;
	sample_pass(&sample);
	sample_few_stages(&sample);
	text = written(&size);
	for (unsigned int i = 0; i < 3000; i++) {
		char why[REPORT_JSON_WHY], *damaged = malloc(size);
		struct report_json *read = NULL;

		assert_non_null(damaged);
		memcpy(damaged, text, size);
		for (unsigned int k = 0; k <= i % 4; k++)
			damaged[sample_random(&random) % size] =
				letters[sample_random(&random) % (sizeof(letters) - 1)];
		if (!report_json_read(&read, damaged, i % 3 ? size : sample_random(&random) % size,
				      why))
			report_json_free(read);
		free(damaged);
	}
	free(text);
}

/* As shells of Windows write it when a report is redirected. */
/* Any number of 64 bits that we write can be read; and a text that looks like one is none. */
static void large_numbers_are_read(void **state)
{
	static const uint64_t numbers[] = { INT64_MAX, 1ULL << 63, UINT64_MAX - 1, UINT64_MAX };
	struct report_json *read;
	char *text;
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		sample_lossy(&sample);
		sample.report.groups.pages = numbers[i];
		sample.report.lost.events = numbers[i];
		sample.report.version = "a \"18446744073709551615\" 18446744073709551615";
		text = written(&size);
		read = good(text, size);
		assert_true(report_json_report(read)->groups.pages == numbers[i]);
		assert_true(report_json_report(read)->lost.events == numbers[i]);
		assert_string_equal(report_json_report(read)->version, sample.report.version);
		report_json_free(read);
		free(text);
	}
	/* One more than there is, a fraction, a text of digits: each as long as it was. */
	sample_lossy(&sample);
	sample.report.groups.pages = UINT64_MAX;
	text = written(&size);
	memcpy(strstr(text, "18446744073709551615"), "18446744073709551616", 20);
	bad(text, size, "too big");
	memcpy(strstr(text, "18446744073709551616"), "184467440737095516.5", 20);
	bad(text, size, "no count");
	memcpy(strstr(text, "184467440737095516.5"), "\"184467440737095516\"", 20);
	bad(text, size, "no count");
	free(text);
}

static void a_byte_order_mark_is_nothing(void **state)
{
	char *text, *marked;
	size_t size;

	(void)state;
	sample_pass(&sample);
	text = written(&size);
	marked = malloc(size + 3);
	memcpy(marked, "\xef\xbb\xbf", 3);
	memcpy(marked + 3, text, size);
	report_json_free(good(marked, size + 3));
	bad(marked, 3, "line 1, column 0");
	free(marked);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(an_empty_run_is_read),
		cmocka_unit_test(what_is_no_report),
		cmocka_unit_test(every_part_is_checked),
		cmocka_unit_test(lists_are_bounded),
		cmocka_unit_test(damage_does_no_harm),
		cmocka_unit_test(large_numbers_are_read),
		cmocka_unit_test(a_byte_order_mark_is_nothing),
	};

	return cmocka_run_group_tests_name("report_json", tests, NULL, NULL);
}
