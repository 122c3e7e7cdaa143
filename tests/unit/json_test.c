// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What programs read: -f json of a report, read back by jansson. */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "format.h"
#include "golden.h"
#include "output/json_writer.h"
#include "output/output.h"
#include "sample_findings.h"

static struct sample sample;
static struct sample_findings findings;

/* What the format writes; to be freed. */
static char *show(const struct output_opts *opts)
{
	return format_show(output_json, &sample.report, opts);
}

/* Reads JSON: one value, no name twice. Numbers above 2^63 are read as doubles. */
static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);

	if (!value)
		fail_msg("%s at line %d: %s", error.text, error.line, text);
	return value;
}

/* The report as read back. */
static json_t *report(const struct output_opts *opts)
{
	char *text = show(opts);
	json_t *value = parse(text);

	free(text);
	return value;
}

/* The value at a path such as "groups/pages", "slowest/0/addr"; a step into the lists by number. */
static json_t *at(json_t *value, const char *path)
{
	char copy[128], *step, *rest = copy;

	snprintf(copy, sizeof(copy), "%s", path);
	while ((step = strsep(&rest, "/"))) {
		value = json_is_array(value) ? json_array_get(value, (size_t)atoi(step)) :
					       json_object_get(value, step);
		if (!value)
			fail_msg("there is no %s (%s)", path, step);
	}
	return value;
}

/* Compare what is at a path. */
static void assert_number(json_t *value, const char *path, double expected)
{
	double number = json_number_value(at(value, path));

	if (!json_is_number(at(value, path)) || number < expected || number > expected)
		fail_msg("%s is %f, not %f", path, number, expected);
}

static void assert_text(json_t *value, const char *path, const char *expected)
{
	assert_true(json_is_string(at(value, path)));
	assert_string_equal(json_string_value(at(value, path)), expected);
}

static void assert_null_at(json_t *value, const char *path)
{
	if (!json_is_null(at(value, path)))
		fail_msg("%s is not null", path);
}

static void names_of_the_contract(void **state)
{
	struct output_opts opts;
	json_t *j;

	(void)state;
	output_opts_init(&opts);
	sample_pass(&sample);
	sample.report.has_child = true;
	sample.report.child_status = 3;
	sample.report.exit_code = 3;
	sample.report.exit_because = IOPF_BECAUSE_COMMAND;
	j = report(&opts);
	assert_text(j, "schema", "iopftrace-report/1");
	assert_true(json_is_true(at(j, "complete")));
	assert_text(j, "verdict", "pass");
	assert_number(j, "exit_code", 3);
	assert_text(j, "exit_because", "command");
	assert_text(j, "kernel", "7.3.4");
	assert_number(j, "duration_ns", 12403000000);
	assert_number(j, "groups/reported", 16384);
	assert_number(j, "groups/enqueued", 16384);
	assert_number(j, "groups/delivered", 16384);
	assert_number(j, "groups/answered_user", 16384);
	assert_number(j, "groups/answered_kernel", 0);
	assert_number(j, "groups/outstanding", 0);
	assert_number(j, "groups/pages", 16420);
	assert_number(j, "responses/success", 16380);
	assert_number(j, "responses/invalid", 4);
	assert_number(j, "responses/failure", 0);
	assert_number(j, "responses/rejected", 0);
	assert_number(j, "lost/events", 0);
	assert_number(j, "lost/probe_misses", 0);
	assert_int_equal(json_array_size(at(j, "findings")), 0);
	assert_int_equal(json_array_size(at(j, "not_checked")), 0);
	assert_int_equal(json_array_size(at(j, "assertions")), 0);
	assert_number(j, "child/status", 3);
	assert_true(json_is_object(at(j, "overhead")));
	json_decref(j);
}

static void every_stage_has_its_figures(void **state)
{
	static const char *const names[] = { "total", "route", "wait", "service", "ack" };
	static const enum iopf_stage stages[] = { IOPF_STAGE_TOTAL, IOPF_STAGE_ROUTE,
						  IOPF_STAGE_WAIT, IOPF_STAGE_SERVICE,
						  IOPF_STAGE_ACK };
	struct output_opts opts;
	size_t i, k;
	json_t *j;

	(void)state;
	output_opts_init(&opts);
	sample_pass(&sample);
	j = report(&opts);
	for (i = 0; i < 5; i++) {
		const struct iopf_hist *h = &sample.report.stage[stages[i]].hist;
		json_t *s = json_object_get(at(j, "stages"), names[i]);
		json_t *histogram = at(s, "histogram");
		double sum = 0;

		assert_number(s, "count", (double)h->count);
		assert_number(s, "min_ns", (double)h->min);
		assert_number(s, "mean_ns", (double)iopf_hist_mean(h));
		assert_number(s, "max_ns", (double)h->max);
		assert_int_equal(json_object_size(at(s, "percentiles")), 4);
		assert_number(s, "percentiles/50", (double)iopf_hist_percentile(h, 50));
		assert_number(s, "percentiles/99.9", (double)iopf_hist_percentile(h, 99.9));
		for (k = 0; k < json_array_size(histogram); k++) {
			json_t *bucket = json_array_get(histogram, k);

			assert_int_equal(json_array_size(bucket), 3);
			assert_true(json_number_value(at(bucket, "0")) <=
				    json_number_value(at(bucket, "1")));
			assert_true(json_number_value(at(bucket, "2")) > 0);
			sum += json_number_value(at(bucket, "2"));
		}
		assert_true(sum >= (double)h->count && sum <= (double)h->count);
	}
	assert_number(j, "stages/total/share", 1);
	json_decref(j);
}

/* However many groups got no further than one stage: what a share is of has it in it. */
static void no_share_is_more_than_all(void **state)
{
	struct output_opts opts;
	double sum = 0;
	json_t *j;

	(void)state;
	output_opts_init(&opts);
	sample_few_stages(&sample);
	for (int i = 0; i < 100; i++)
		iopf_hist_add(&sample.report.stage[IOPF_STAGE_WAIT].hist, 1000000000);
	j = report(&opts);
	for (unsigned int i = 0; i < IOPF_STAGE_TOTAL; i++) {
		char key[64];

		snprintf(key, sizeof(key), "stages/%s/share", iopf_stage_name((enum iopf_stage)i));
		assert_true(json_number_value(at(j, key)) <= 1);
		sum += json_number_value(at(j, key));
	}
	assert_true(sum > 0.999 && sum < 1.001);
	assert_number(j, "stages/total/share", 1);
	json_decref(j);
}

static void groups_one_by_one(void **state)
{
	struct output_opts opts;
	json_t *j;

	(void)state;
	output_opts_init(&opts);
	sample_lossy(&sample);
	j = report(&opts);
	assert_int_equal(json_array_size(at(j, "slowest")), 5);
	assert_text(j, "slowest/0/addr", "0x7f12a4137000");
	assert_text(j, "slowest/0/device", "0000:3b:00.0");
	assert_text(j, "slowest/0/perm", "w");
	assert_text(j, "slowest/0/code", "success");
	assert_text(j, "slowest/0/answered_by", "user");
	assert_number(j, "slowest/0/pasid", 5);
	assert_number(j, "slowest/0/grpid", 311);
	assert_number(j, "slowest/0/cookie", 12);
	assert_number(j, "slowest/0/stages_ns/service", 9700000);
	assert_number(j, "slowest/0/at_ns/report", 3214000000);
	assert_text(j, "slowest/0/writer/comm", "vcpu3");
	assert_number(j, "slowest/0/writer/tid", 2203);
	assert_null_at(j, "slowest/2/writer");
	assert_null_at(j, "slowest/2/stages_ns/service");
	assert_text(j, "slowest/2/answered_by", "detach");
	assert_int_equal(json_array_size(at(j, "waiting")), 2);
	assert_null_at(j, "waiting/0/code");
	assert_null_at(j, "waiting/1/cookie");
	assert_null_at(j, "waiting/1/reader");
	assert_text(j, "waiting/0/reader/comm", "iopf-reader");
	assert_number(j, "objects/0/id", 7);
	assert_text(j, "objects/0/owner/comm", "vmm");
	assert_number(j, "devices/1/groups", 384);
	json_decref(j);
	opts.slowest = 1;
	j = report(&opts);
	assert_int_equal(json_array_size(at(j, "slowest")), 1);
	json_decref(j);
}

static void loss_and_doubts(void **state)
{
	struct output_opts opts;
	unsigned int doubt;
	json_t *j;

	(void)state;
	output_opts_init(&opts);
	sample_lossy(&sample);
	j = report(&opts);
	assert_true(json_is_false(at(j, "complete")));
	assert_text(j, "verdict", "inconclusive");
	assert_number(j, "exit_code", 5);
	assert_number(j, "lost/events", 1234);
	assert_number(j, "lost/ring_full", 1234);
	assert_number(j, "lost/context_full", 0);
	assert_number(j, "lost/pages_walk", 0);
	assert_number(j, "lost/gaps", 2);
	assert_number(j, "lost/first_gap_seq", 4711);
	assert_number(j, "lost/first_gap_after_ns", 1203000000);
	assert_number(j, "groups/answered_by/detach", 4);
	assert_number(j, "out_of_scope/groups", 52);
	assert_number(j, "stages/wait/negative", 2);
	assert_int_equal(json_array_size(at(j, "doubts")), 1);
	assert_text(j, "doubts/0", "lost");
	json_decref(j);
	for (doubt = 0; doubt < IOPF_DOUBTS; doubt++)
		sample.report.doubt[doubt] = true;
	j = report(&opts);
	assert_int_equal(json_array_size(at(j, "doubts")), IOPF_DOUBTS);
	json_decref(j);
}

static void what_is_not_known_is_null(void **state)
{
	struct output_opts opts;
	json_t *j;

	(void)state;
	output_opts_init(&opts);
	sample_empty(&sample);
	sample.report.kernel = "";
	j = report(&opts);
	assert_number(j, "stages/wait/count", 0);
	assert_null_at(j, "stages/wait/min_ns");
	assert_null_at(j, "stages/wait/mean_ns");
	assert_null_at(j, "stages/wait/max_ns");
	assert_null_at(j, "stages/wait/share");
	assert_null_at(j, "stages/wait/percentiles/50");
	assert_null_at(j, "stages/wait/percentiles/99.9");
	assert_int_equal(json_array_size(at(j, "stages/wait/histogram")), 0);
	assert_null_at(j, "kernel");
	assert_null_at(j, "child/status");
	assert_null_at(j, "overhead/probe_ns");
	assert_null_at(j, "lost/first_gap_seq");
	assert_null_at(j, "lost/first_gap_after_ns");
	json_decref(j);
}

static void deterministic_names_no_host(void **state)
{
	struct output_opts opts;
	json_t *j;

	(void)state;
	output_opts_init(&opts);
	opts.deterministic = true;
	sample_pass(&sample);
	j = report(&opts);
	assert_null_at(j, "kernel");
	assert_null_at(j, "version");
	assert_null_at(j, "start_realtime_ns");
	json_decref(j);
}

static void names_are_any_bytes(void **state)
{
	struct output_opts opts;
	json_t *j;

	(void)state;
	output_opts_init(&opts);
	sample_pass(&sample);
	sample.slowest[0].writer = "a\"b\\c\n\033\x7f\xff\xc3\xa9\xed\xa0\x80";
	j = report(&opts);
	assert_text(j, "slowest/0/writer/comm",
		    "a\"b\\c\n\033\x7f\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	json_decref(j);
}

static void findings_with_their_evidence(void **state)
{
	struct output_opts opts;
	json_t *j;

	(void)state;
	output_opts_init(&opts);
	sample_violation(&sample, &findings);
	j = report(&opts);
	assert_true(json_is_true(at(j, "judged")));
	assert_number(j, "rules_checked", 30);
	assert_int_equal(json_array_size(at(j, "findings")), 4);
	assert_text(j, "findings/0/rule", "IOPF003");
	assert_text(j, "findings/0/name", "stray-response");
	assert_text(j, "findings/0/severity", "error");
	assert_number(j, "findings/0/count", 3);
	assert_text(j, "findings/0/blame", "user space");
	assert_text(j, "findings/0/text", "cookie 12 was written while no group had it");
	assert_true(json_is_false(at(j, "findings/0/unproven")));
	assert_text(j, "findings/0/severity_if_proven", "error");
	assert_null_at(j, "findings/0/why_unproven");
	assert_number(j, "findings/0/first/time_ns", 3214000000);
	assert_number(j, "findings/0/first/object_id", 7);
	assert_number(j, "findings/0/first/group/seq", 411);
	assert_int_equal(json_array_size(at(j, "findings/0/first/steps")), 6);
	assert_text(j, "findings/0/first/steps/5/kind", "write");
	assert_true(json_is_true(at(j, "findings/0/first/steps/5/offending")));
	assert_number(j, "findings/0/first/steps/5/time_ns", 3214020000);
	assert_number(j, "findings/0/first/steps/5/enter_ns", 3214018000);
	assert_number(j, "findings/0/first/steps/5/seq", 496);
	assert_text(j, "findings/0/first/steps/5/task/comm", "vcpu4");
	assert_null_at(j, "findings/0/first/steps/0/enter_ns");
	assert_int_equal(json_array_size(at(j, "findings/0/cases")), 3);
	assert_true(json_equal(at(j, "findings/0/first"), at(j, "findings/0/cases/0")));
	assert_int_equal(json_array_size(at(j, "not_checked")), 4);
	assert_text(j, "not_checked/0/rule", "IOPF018");
	assert_true(json_is_true(at(j, "not_checked/1/in_part")));
	assert_text(j, "not_checked/3/why", "no deadline was given");
	json_decref(j);
}

/* Each program that was skipped is named, with how often another one told what it would have. */
static void skipped_programs_are_told_by_name(void **state)
{
	struct output_opts opts;
	json_t *j;

	(void)state;
	output_opts_init(&opts);
	sample_pass(&sample);
	j = report(&opts);
	assert_int_equal(json_object_size(at(j, "lost/probe_misses_by")), 0);
	json_decref(j);
	sample.report.misses.left[IOPF_PROBE_READ_EXIT] = 2;
	sample.report.misses.made_good[IOPF_PROBE_READ_EXIT] = 5;
	sample.report.misses.made_good[IOPF_PROBE_RESPONSE] = 1;
	sample.report.misses.told = true;
	j = report(&opts);
	assert_int_equal(json_object_size(at(j, "lost/probe_misses_by")), 2);
	assert_number(j, "lost/probe_misses_by/read-exit/missed", 7);
	assert_number(j, "lost/probe_misses_by/read-exit/made_good", 5);
	assert_number(j, "lost/probe_misses_by/response/missed", 1);
	json_decref(j);
	/* Recordings of before tell less. */
	memset(&sample.report.misses, 0, sizeof(sample.report.misses));
	sample.report.misses.left[IOPF_PROBE_READ_EXIT] = 2;
	j = report(&opts);
	assert_number(j, "lost/probe_misses_by/read-exit/missed", 2);
	assert_null_at(j, "lost/probe_misses_by/read-exit/made_good");
	json_decref(j);
}

static void findings_of_which_little_is_known(void **state)
{
	struct output_opts opts;
	json_t *j;

	(void)state;
	output_opts_init(&opts);
	sample_pass(&sample);
	findings_begin(&findings, &sample.report);
	add_finding(&findings, "IOPF030", IOPF_SEVERITY_ERROR, 1)->unproven = true;
	j = report(&opts);
	assert_null_at(j, "findings/0/first");
	assert_null_at(j, "findings/0/text");
	assert_text(j, "findings/0/blame", "unknown");
	assert_true(json_is_true(at(j, "findings/0/unproven")));
	/* No program that counts errors is to count it. */
	assert_text(j, "findings/0/severity", "warn");
	assert_text(j, "findings/0/severity_if_proven", "error");
	assert_text(j, "findings/0/why_unproven", "what was not seen may refute it");
	assert_int_equal(json_array_size(at(j, "findings/0/cases")), 0);
	json_decref(j);
	add_case(&findings, IOPF_BLAME_UNKNOWN, 0, "it was so", NULL)->time_ns = 0;
	findings.cases[0].object_id = 0;
	add_step(&findings, IOPF_STEP_CALL, 0, 0, 0, NULL, "a call")->has_seq = false;
	findings.step[0].time_ns = 0;
	j = report(&opts);
	assert_null_at(j, "findings/0/first/group");
	assert_null_at(j, "findings/0/first/object_id");
	assert_null_at(j, "findings/0/first/time_ns");
	assert_null_at(j, "findings/0/first/expected");
	assert_null_at(j, "findings/0/first/steps/0/seq");
	assert_null_at(j, "findings/0/first/steps/0/time_ns");
	assert_null_at(j, "findings/0/first/steps/0/task");
	json_decref(j);
}

static void assertions_are_times_or_counts(void **state)
{
	struct output_opts opts;
	json_t *j;

	(void)state;
	output_opts_init(&opts);
	sample_pass(&sample);
	findings_begin(&findings, &sample.report);
	add_assertion(&findings, "total.p99<5ms", true, true, 494000.7);
	add_assertion(&findings, "groups>\n1", false, false, 16384);
	add_assertion(&findings, "share<1", false, true, 0.5);
	add_assertion(&findings, "ack.max<1s", true, false, 0)->known = false;
	add_assertion(&findings, "huge<1", false, false, 1e300);
	add_assertion(&findings, "groups>=600", false, false, 500)->open = true;
	j = report(&opts);
	assert_text(j, "assertions/0/expr", "total.p99<5ms");
	assert_number(j, "assertions/0/value_ns", 494000);
	assert_true(json_is_true(at(j, "assertions/0/holds")));
	assert_text(j, "assertions/1/expr", "groups>\n1");
	assert_number(j, "assertions/1/value", 16384);
	assert_true(json_is_false(at(j, "assertions/1/holds")));
	assert_number(j, "assertions/2/value", 0.5);
	assert_true(json_is_false(at(j, "assertions/3/known")));
	assert_null_at(j, "assertions/3/value_ns");
	assert_null_at(j, "assertions/4/value");
	assert_true(json_is_true(at(j, "assertions/1/known")));
	assert_true(json_is_false(at(j, "assertions/1/open")));
	assert_number(j, "assertions/5/value", 500);
	assert_true(json_is_false(at(j, "assertions/5/holds")));
	assert_true(json_is_false(at(j, "assertions/5/known")));
	assert_true(json_is_true(at(j, "assertions/5/open")));
	json_decref(j);
}

/* The part of the document that holds the judgement, by which lines begin and end it. */
static void the_shape_of_findings_is_golden(void **state)
{
	struct output_opts opts;
	char *text, *begin, *end;

	(void)state;
	output_opts_init(&opts);
	sample_violation(&sample, &findings);
	text = show(&opts);
	begin = strstr(text, "  \"judged\"");
	end = strstr(text, "  \"slowest\"");
	assert_true(begin && end && begin < end);
	*end = '\0';
	golden_check("json_findings.txt", begin);
	free(text);
}

static void the_shape_is_golden(void **state)
{
	struct output_opts opts;
	char *text;

	(void)state;
	output_opts_init(&opts);
	opts.slowest = 1;
	sample_lossy(&sample);
	sample_few_stages(&sample);
	text = show(&opts);
	golden_check("json_lossy.json", text);
	free(text);
}

static void any_report_is_valid(void **state)
{
	uint64_t random = 0x9e3779b97f4a7c15;
	struct output_opts opts;
	unsigned int i;

	(void)state;
	output_opts_init(&opts);
	for (i = 0; i < 500; i++) {
		sample_wild(&sample, &random);
		sample_any_findings(&findings, &sample.report, &random);
		opts.deterministic = sample_random(&random) % 2;
		opts.slowest = sample_random(&random) % 20;
		json_decref(report(&opts));
	}
}

static void the_writer_nests(void **state)
{
	struct jw w;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	jw_begin(&w, f);
	jw_object_lines(&w, NULL);
	jw_array_lines(&w, "none");
	jw_close(&w);
	jw_array_lines(&w, "lines");
	jw_u64(&w, NULL, UINT64_MAX);
	jw_object(&w, NULL);
	jw_i64(&w, "i", INT64_MIN);
	jw_array_lines(&w, "inside");
	jw_null(&w, NULL);
	jw_bool(&w, NULL, false);
	jw_close(&w);
	jw_close(&w);
	jw_close(&w);
	jw_decimal(&w, "d", 0.25);
	jw_hex(&w, "h", UINT64_MAX);
	jw_string(&w, "s", NULL);
	jw_name(&w, "n", "");
	jw_close(&w);
	assert_int_equal(jw_end(&w), 0);
	fclose(f);
	assert_string_equal(text, "{\n"
				  "  \"none\": [],\n"
				  "  \"lines\": [\n"
				  "    18446744073709551615,\n"
				  "    {\"i\": -9223372036854775808, \"inside\": [null, false]}\n"
				  "  ],\n"
				  "  \"d\": 0.25,\n"
				  "  \"h\": \"0xffffffffffffffff\",\n"
				  "  \"s\": null,\n"
				  "  \"n\": null\n"
				  "}\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_the_contract),
		cmocka_unit_test(every_stage_has_its_figures),
		cmocka_unit_test(no_share_is_more_than_all),
		cmocka_unit_test(groups_one_by_one),
		cmocka_unit_test(loss_and_doubts),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(deterministic_names_no_host),
		cmocka_unit_test(names_are_any_bytes),
		cmocka_unit_test(findings_with_their_evidence),
		cmocka_unit_test(skipped_programs_are_told_by_name),
		cmocka_unit_test(findings_of_which_little_is_known),
		cmocka_unit_test(assertions_are_times_or_counts),
		cmocka_unit_test(the_shape_of_findings_is_golden),
		cmocka_unit_test(the_shape_is_golden),
		cmocka_unit_test(any_report_is_valid),
		cmocka_unit_test(the_writer_nests),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
