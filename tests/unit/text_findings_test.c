// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What people read of findings: their stories, what was not judged, the verdict's line. */
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
#include <math.h>

#include "golden.h"
#include "output/output.h"
#include "sample_findings.h"
#include "screen.h"

static struct sample sample;
static struct sample_findings findings;

/* Screens in full would be long: the figures are of other tests. */
static void no_figures(void)
{
	unsigned int stage;

	for (stage = 0; stage < IOPF_STAGES; stage++)
		iopf_hist_init(&sample.report.stage[stage].hist);
	sample.report.nr_slowest = 0;
}

static char *show(const struct output_opts *opts)
{
	return screen_show(&sample.report, opts);
}

static void check(const char *name, const struct output_opts *opts)
{
	char *text = show(opts);

	golden_check(name, text);
	free(text);
}

/* Whether the usual screen has this text somewhere, however it is broken into lines. */
static void assert_shows(const char *expected)
{
	screen_assert_shows(&sample.report, expected);
}

static void assert_shows_not(const char *unwanted)
{
	struct output_opts opts;
	char *text;

	output_opts_init(&opts);
	text = show(&opts);
	screen_squeeze(text);
	if (strstr(text, unwanted))
		fail_msg("'%s' is in: %s", unwanted, text);
	free(text);
}

/* A report that is judged, and its first finding. */
static void begin(void)
{
	sample_pass(&sample);
	findings_begin(&findings, &sample.report);
}

static void a_violation_is_told_first(void **state)
{
	struct output_opts opts;

	(void)state;
	output_opts_init(&opts);
	sample_violation(&sample, &findings);
	no_figures();
	check("text_violation.txt", &opts);
	opts.quiet = true;
	check("text_violation_quiet.txt", &opts);
	opts.quiet = false;
	opts.color = true;
	check("text_violation_color.txt", &opts);
}

static void verbose_tells_warnings_in_full(void **state)
{
	struct output_opts opts;

	(void)state;
	output_opts_init(&opts);
	opts.verbose = true;
	begin();
	no_figures();
	add_stale(&findings);
	check("text_warning_verbose.txt", &opts);
}

static void the_story_comes_before_any_table(void **state)
{
	struct output_opts opts;
	char *text, *story, *table, *verdict;

	(void)state;
	output_opts_init(&opts);
	sample_violation(&sample, &findings);
	text = show(&opts);
	story = strstr(text, ">>");
	table = strstr(text, "16,384 groups (");
	verdict = strstr(text, " VIOLATION ");
	assert_true(story && table && verdict);
	assert_true(strncmp(text, " ERROR  IOPF003", 15) == 0);
	assert_true(story < table && table < verdict);
	free(text);
}

static void suspicions_are_no_proof(void **state)
{
	struct output_opts opts;

	(void)state;
	output_opts_init(&opts);
	sample_lossy(&sample);
	findings_begin(&findings, &sample.report);
	add_stray(&findings);
	findings.finding[0].unproven = true;
	findings.cases[0].blame = IOPF_BLAME_UNKNOWN;
	sample.report.verdict = IOPF_INCONCLUSIVE;
	sample.report.exit_code = 5;
	sample.report.exit_because = IOPF_BECAUSE_INCONCLUSIVE;
	no_figures();
	sample.report.nr_waiting = 0;
	check("text_suspicion.txt", &opts);
	assert_shows_not("ERROR");
	assert_shows_not("likely fix");
	assert_shows("suspected, not proven: what was not seen may refute it");
	/* What was skipped is named, as far as the rule relies on it. */
	sample.report.misses.left[IOPF_PROBE_READ_EXIT] = 2;
	sample.report.misses.left[IOPF_PROBE_PROCESS] = 7;
	assert_shows("suspected, not proven: the kernel skipped runs of iopftrace's programs (2 of "
		     "read-exit), which may explain it");
	assert_shows("INCONCLUSIVE events were lost: see the top 33 rules checked 1 suspicion: "
		     "IOPF003 stray-response (3)");
}

static void a_pass_says_what_was_judged(void **state)
{
	(void)state;
	begin();
	assert_shows(" PASS 33 rules checked, no finding every event was seen; 16,384 groups, all");
	add_not_checked(&findings, "IOPF026", false, "no deadline was given");
	assert_shows(" PASS 32 rules checked (1 not), no finding every");
	add_not_checked(&findings, "IOPF011", true, "groups were queued before tracing began");
	assert_shows(" PASS 32 rules checked (1 not), no finding every");
	assert_shows("not checked IOPF026 unread: no deadline was given IOPF011 fifo, in part: "
		     "groups were queued before tracing began");
	add_note(&findings);
	assert_shows(" PASS 32 rules checked (1 not), nothing wrong, 1 note");
	assert_shows("note IOPF029 kernel-answered: the kernel answered 6 groups: 6 at");
	sample.report.nr_findings = 0;
	add_stale(&findings);
	assert_shows(" PASS 32 rules checked (1 not) 1 warning: IOPF005 stale-cookie (2) every");
}

static void the_verdict_has_the_width_of_the_contract(void **state)
{
	struct output_opts opts;
	char *text;

	(void)state;
	output_opts_init(&opts);
	opts.quiet = true;
	begin();
	text = show(&opts);
	assert_true(strncmp(text, " PASS     33 rules checked, no finding\n", 39) == 0);
	free(text);
}

static void a_violation_that_is_not_certain_of_all(void **state)
{
	(void)state;
	sample_lossy(&sample);
	findings_begin(&findings, &sample.report);
	add_unanswered(&findings);
	assert_shows("IN DOUBT 1,234 events lost (ring buffer full) at 2 places");
	assert_shows(
		"VIOLATION 1 rule broken: IOPF001 unanswered (1) events were lost: see the top");
}

static void many_are_named_and_counted(void **state)
{
	static const enum iopf_severity order[] = { IOPF_SEVERITY_ERROR, IOPF_SEVERITY_WARN,
						    IOPF_SEVERITY_NOTE, IOPF_SEVERITY_ERROR };
	struct output_opts opts;
	unsigned int kind, i;
	char *text;

	(void)state;
	begin();
	for (kind = 0; kind < 4; kind++)
		for (i = 1; i <= IOPF_RULES; i++) {
			add_finding(&findings, iopf_rule(i)->id, order[kind], UINT64_MAX)->unproven =
				kind == 3;
			add_case(&findings, IOPF_BLAME_KERNEL, i, "it was so", "it is otherwise");
		}
	assert_int_equal(sample.report.nr_findings, 132);
	assert_shows("33 rules broken: IOPF001 unanswered (18,446,744,073,709,551,615), IOPF002");
	assert_shows("IOPF008 response-before-delivery (18,446,744,073,709,551,615) and 25 more");
	assert_shows("33 suspicions: IOPF001");
	assert_shows("33 warnings: IOPF001");
	assert_shows(" and 25 more, 33 notes");
	assert_shows("18,446,744,073,709,551,614 more like this");
	assert_shows("likely fix: the kernel lost a group");
	assert_shows("note IOPF030 balance, 18,446,744,073,709,551,615 times, first: it was so");
	output_opts_init(&opts);
	setlocale(LC_CTYPE, "C.UTF-8");
	text = show(&opts);
	screen_assert_fits(text, 80);
	setlocale(LC_CTYPE, "C");
	free(text);
}

static void assertions_that_fail_come_first(void **state)
{
	struct output_opts opts;

	(void)state;
	output_opts_init(&opts);
	begin();
	no_figures();
	add_assertion(&findings, "groups>=1", false, true, 16384);
	add_assertion(&findings, "total.p99 < 400us", true, false, 494000);
	add_assertion(&findings, "ack.max<1ms", true, false, 0)->known = false;
	sample.report.verdict = IOPF_INCONCLUSIVE;
	sample.report.doubt[IOPF_DOUBT_ASSERTION] = true;
	check("text_assertions.txt", &opts);
	assert_shows("nothing was counted that tells whether ack.max<1ms");
	findings.assertion[1].holds = true;
	assert_shows("INCONCLUSIVE an assertion is open: see the top 33 rules checked");
	findings.assertion[2].known = findings.assertion[2].holds = true;
	sample.report.verdict = IOPF_PASS;
	sample.report.doubt[IOPF_DOUBT_ASSERTION] = false;
	assert_shows("no finding 3 assertions hold every");
}

/* What is false so far fails nothing: the exit code is that of the loss. */
static void what_may_still_hold_does_not_fail(void **state)
{
	struct output_opts opts;
	char *text;

	(void)state;
	begin();
	no_figures();
	add_assertion(&findings, "groups>=600", false, false, 500)->open = true;
	add_assertion(&findings, "groups>=1", false, true, 500);
	sample.report.verdict = IOPF_INCONCLUSIVE;
	sample.report.doubt[IOPF_DOUBT_LOST] = true;
	assert_shows("open groups>=600 it is 500: false so far; events are missing");
	assert_shows("INCONCLUSIVE events were lost: see the top");
	assert_shows("1 assertion holds; 1 false so far, with events missing");
	output_opts_init(&opts);
	text = screen_show(&sample.report, &opts);
	assert_null(strstr(text, "FAIL"));
	free(text);
}

static void values_of_any_size(void **state)
{
	static const struct {
		double value;
		bool is_time;
		const char *text;
	} values[] = {
		{ 7100000, true, "7.1ms" },
		{ 0, true, "0ns" },
		{ 16384, false, "16,384" },
		{ 0.5, false, "0.5" },
		{ 1.7e19, false, "17,000,000,000,000,000,000" },
		{ 1e30, false, "1e+30" },
		{ 1e30, true, "1e+30" },
		{ -1, false, "no value" },
		{ (double)INFINITY, true, "no value" },
		{ (double)NAN, false, "no value" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct iopf_assertion a = { .known = true,
					    .is_time = values[i].is_time,
					    .value = values[i].value };

		assert_string_equal(output_value(&a, UNITS_AUTO).s, values[i].text);
	}
}

/* One error with these steps, told. */
static void one_error(void)
{
	begin();
	no_figures();
	add_finding(&findings, "IOPF002", IOPF_SEVERITY_ERROR, 1);
	add_case(&findings, IOPF_BLAME_KERNEL, 311, "it was answered twice", "one answer");
}

static void journeys_with_holes(void **state)
{
	struct iopf_step *s;

	(void)state;
	one_error();
	assert_shows("expected: one answer likely fix:");
	s = add_step(&findings, IOPF_STEP_REPORT, 0, 0, 0, "", "reported");
	s->time_ns = 0;
	assert_shows("time after what happened ? reported likely");
	s = add_step(&findings, IOPF_STEP_ANSWER, 1000, 0, 0, NULL, NULL);
	assert_shows("? reported 0.000us answer likely");
	s = add_step(&findings, IOPF_STEP_CALL, 3000, 1500, 7, "\033[31m",
		     "a write is inside still");
	s->offending = true;
	assert_shows("entered .. time after task what happened");
	assert_shows(">> 0.500 .. inside 2.0us \\x1b[31m/7 a write is inside still");
	s = add_step(&findings, IOPF_STEP_END, 2000000000, 0, 0, "", "tracing ended");
	assert_shows("1.999999s 2.0s tracing ended");
	findings.cases[0].step = NULL;
	findings.cases[0].nr_steps = 0;
	findings.cases[0].has_group = false;
	findings.cases[0].text = findings.cases[0].expected = NULL;
	assert_shows("object: 7 seen: 3.214 s into the run likely fix:");
	findings.finding[0].nr_cases = 0;
	assert_shows("ERROR IOPF002 answered-twice \xc2\xb7 once \xc2\xb7 blame: unknown rule: a");
}

static void long_journeys_are_shortened_around_what_matters(void **state)
{
	struct output_opts opts;
	unsigned int i;
	char *text;

	(void)state;
	one_error();
	for (i = 0; i < 100; i++)
		add_step(&findings, IOPF_STEP_WRITE, 1000000 + i * 1000, 400, 77, "vcpu7",
			 "a write was refused")
			->offending = i == 40 || i == 60;
	output_opts_init(&opts);
	check("text_long_journey.txt", &opts);
	opts.verbose = true;
	text = show(&opts);
	assert_null(strstr(text, "more steps"));
	free(text);
}

static void any_finding_fits(void **state)
{
	uint64_t random = 0x9e3779b97f4a7c15;
	struct output_opts opts;
	unsigned int i;

	(void)state;
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	for (i = 0; i < 1000; i++) {
		char *text;

		sample_wild(&sample, &random);
		sample_any_findings(&findings, &sample.report, &random);
		screen_any_options(&opts, &random);
		text = show(&opts);
		screen_assert_fits(text, opts.width);
		free(text);
	}
	setlocale(LC_CTYPE, "C");
}

static void one_story_alone(void **state)
{
	struct output_opts opts;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	output_opts_init(&opts);
	sample_violation(&sample, &findings);
	assert_int_equal(output_story(&sample.report, &opts, &findings.finding[0],
				      &findings.cases[1], f),
			 0);
	fclose(f);
	assert_non_null(strstr(text, "group:      418 "));
	assert_non_null(strstr(text, "2 more like this: groups 411, 425\n"));
	free(text);
	findings.finding[0].count = 31;
	f = open_memstream(&text, &size);
	output_story(&sample.report, &opts, &findings.finding[0], &findings.cases[1], f);
	fclose(f);
	assert_non_null(strstr(text, "30 more like this: groups 411, 425 and 28 more\n"));
	free(text);
	f = fopen("/dev/full", "w");
	assert_non_null(f);
	setbuf(f, NULL);
	assert_int_equal(output_story(&sample.report, &opts, &findings.finding[0],
				      &findings.cases[0], f),
			 -EIO);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_violation_is_told_first),
		cmocka_unit_test(verbose_tells_warnings_in_full),
		cmocka_unit_test(the_story_comes_before_any_table),
		cmocka_unit_test(suspicions_are_no_proof),
		cmocka_unit_test(a_pass_says_what_was_judged),
		cmocka_unit_test(the_verdict_has_the_width_of_the_contract),
		cmocka_unit_test(a_violation_that_is_not_certain_of_all),
		cmocka_unit_test(many_are_named_and_counted),
		cmocka_unit_test(assertions_that_fail_come_first),
		cmocka_unit_test(what_may_still_hold_does_not_fail),
		cmocka_unit_test(values_of_any_size),
		cmocka_unit_test(journeys_with_holes),
		cmocka_unit_test(long_journeys_are_shortened_around_what_matters),
		cmocka_unit_test(any_finding_fits),
		cmocka_unit_test(one_story_alone),
	};

	return cmocka_run_group_tests_name("text_findings", tests, NULL, NULL);
}
