// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Assertions: what is an expression, what it is worth, and what it does to the exit code. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cmd/assertion.h"
#include "iopftrace/expression.h"
#include "sample_report.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static struct iopf_expr expr;

/* Parses what is right. */
static void good(const char *text)
{
	struct iopf_expr_error error;

	if (iopf_expr_parse(&expr, text, &error))
		fail_msg("'%s': at byte %zu: %s", text, error.position, error.text);
	assert_ptr_equal(expr.text, text);
}

/* What is wrong with @text, in the words that users see. */
static void bad(const char *text, const char *words)
{
	char why[ASSERTION_WHY];

	assert_int_equal(assertion_parse(&expr, text, why), -EINVAL);
	if (strcmp(why, words))
		fail_msg("'%s' gives '%s', not '%s'", text, why, words);
}

static bool equal(double a, double b)
{
	return a >= b && a <= b;
}

static void all_figures_of_all_stages_are_metrics(void **state)
{
	static const char *const stats[] = { "count", "negative", "min", "mean", "max", "p50" };
	char text[64];
	unsigned int stage, stat;

	(void)state;
	for (stage = 0; stage < IOPF_STAGES; stage++) {
		for (stat = 0; stat < ARRAY_SIZE(stats); stat++) {
			snprintf(text, sizeof(text), "%s.%s > 3%s",
				 iopf_stage_name((enum iopf_stage)stage), stats[stat],
				 stat > 1 ? "us" : "");
			good(text);
			assert_true(expr.is_stage);
			assert_int_equal(expr.stage, stage);
			assert_int_equal(expr.stat, stat);
			assert_int_equal(expr.is_time, stat > 1);
			assert_true(equal(expr.value, stat > 1 ? 3000 : 3));
		}
	}
	good("wait.p99.9<1ms");
	assert_true(equal(expr.percentile, 99.9));
	good("wait.p0 < 1ms");
	good("wait.p100 < 1ms");
	assert_true(equal(expr.percentile, 100));
}

static void all_that_is_listed_is_a_metric(void **state)
{
	const char *name, *what;
	bool groups = false, rule = false;
	char text[64];
	size_t i;

	(void)state;
	for (i = 0; iopf_metric(i, &name, &what); i++) {
		char *nn;

		snprintf(text, sizeof(text), "%s", name);
		nn = strstr(text, ".pNN");
		if (nn)
			strcpy(nn, ".p75");
		strcat(text, strstr(what, "time in") ? " < 5ms" : " < 5");
		good(text);
		assert_true(*what);
		groups |= !strcmp(name, "groups");
		rule |= !strcmp(name, "IOPF030");
	}
	assert_true(groups && rule);
	assert_true(i > 5 * IOPF_STAGES + IOPF_RULES + 20);
}

static void blanks_do_not_matter(void **state)
{
	static const char *const same[] = { "total.p99<=5ms", " total.p99 <= 5ms ",
					    "\ttotal.p99<= 5 ms\n", "total.p99 <=5ms" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(same); i++) {
		good(same[i]);
		assert_int_equal(expr.op, IOPF_LE);
		assert_int_equal(expr.stage, IOPF_STAGE_TOTAL);
		assert_true(equal(expr.value, 5e6));
	}
	bad("total . p99 < 5ms",
	    "at column 6: expected count, negative, min, mean, max or a percentile from p0 to p100, as p99.9");
	bad("total.p99 < = 5ms", "at column 13: expected a time with its unit, as 5ms");
}

static void operators_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		enum iopf_op op;
	} cases[] = {
		{ "groups<5", IOPF_LT },  { "groups<=5", IOPF_LE }, { "groups>5", IOPF_GT },
		{ "groups>=5", IOPF_GE }, { "groups==5", IOPF_EQ }, { "groups!=5", IOPF_NE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		good(cases[i].text);
		assert_int_equal(expr.op, cases[i].op);
		assert_true(equal(expr.value, 5));
	}
	bad("groups 5", "at column 8: expected one of < <= > >= == !=");
	bad("groups", "at column 7: expected one of < <= > >= == !=");
	bad("groups = 5", "at column 8: expected one of < <= > >= == !=");
	bad("groups =< 5", "at column 8: expected one of < <= > >= == !=");
	bad("groups <> 5", "at column 9: expected a whole number, as 512");
}

static void times_have_a_unit(void **state)
{
	static const struct {
		const char *text;
		double ns;
	} cases[] = {
		{ "ack.max < 7ns", 7 },		 { "ack.max < 7us", 7e3 },
		{ "ack.max < 7\xc2\xb5s", 7e3 }, { "ack.max < 7ms", 7e6 },
		{ "ack.max < 7s", 7e9 },	 { "ack.max < 7m", 420e9 },
		{ "ack.max < 7h", 25200e9 },	 { "ack.max < 1.5ms", 1.5e6 },
		{ "ack.max < 0ns", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		good(cases[i].text);
		assert_true(equal(expr.value, cases[i].ns));
	}
	bad("ack.max < 7", "at column 12: expected the unit of the time: ns, us, ms, s, m or h");
	bad("ack.max < 7 parsecs",
	    "at column 13: expected the unit of the time: ns, us, ms, s, m or h");
	bad("ack.max < 7%", "at column 12: expected the unit of the time: ns, us, ms, s, m or h");
	bad("ack.max < 7ms or so", "at column 15: expected nothing more");
	bad("ack.max < 3000h", "at column 11: expected a time of at most 104 days");
}

static void counts_have_none(void **state)
{
	(void)state;
	good("lost == 9007199254740992");
	bad("lost == 9007199254740993000",
	    "at column 9: expected a whole number of at most 9007199254740992");
	bad("groups > 5%",
	    "at column 11: expected a number without a unit, as 512: this is a count");
	bad("groups > 5 ms",
	    "at column 12: expected a number without a unit, as 512: this is a count");
	bad("groups > 1.5", "at column 10: expected a whole number, as 512: this is a count");
	bad("groups == 500.0", "at column 11: expected a whole number, as 512: this is a count");
	bad("kernel_answered < 5ms",
	    "at column 20: expected a number without a unit, as 512: this is a count");
	bad("total.count > 5ms",
	    "at column 16: expected a number without a unit, as 512: this is a count");
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const values[] = { "",	"-5ms", "+5ms", "nan", "inf",  "1e3ms",
					      "0x10ms", ".5ms", "5.ms", "ms",  "1,5ms" };
	char text[64], why[ASSERTION_WHY], digits[700];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		snprintf(text, sizeof(text), "total.p99 < %s", values[i]);
		if (!assertion_parse(&expr, text, why))
			fail_msg("'%s' is taken", text);
	}
	memset(digits, '9', sizeof(digits) - 1);
	digits[sizeof(digits) - 1] = '\0';
	memcpy(digits, "lost < ", 7);
	bad(digits, "at column 8: expected a whole number of at most 9007199254740992");
	memcpy(digits, "ack.max<1.", 10);
	memcpy(digits + sizeof(digits) - 3, "ms", 2);
	assert_int_equal(assertion_parse(&expr, digits, why), -EINVAL);
}

static void names_are_suggested(void **state)
{
	static const char list[] = "'iopftrace list metrics' tells what there is";
	static const char metric[] = "expected a metric, as total.p99, groups or IOPF003";
	char words[ASSERTION_WHY];

	(void)state;
	snprintf(words, sizeof(words), "at column 1: %s; did you mean total.p99?", metric);
	bad("totl.p99 < 5ms", words);
	snprintf(words, sizeof(words), "at column 2: %s; did you mean kernel_answered?", metric);
	bad(" kernel_anwsered == 0", words);
	snprintf(words, sizeof(words), "at column 1: %s; did you mean stray-response?", metric);
	bad("stray-respones == 0", words);
	snprintf(words, sizeof(words), "at column 1: %s", metric);
	bad("", words);
	bad("< 5ms", words);
	snprintf(words, sizeof(words), "at column 1: %s; %s", metric, list);
	bad("p99.total < 5ms", words);
	bad("foo < 5", words);
	bad("tota.p99\x17 < 5ms", words); /* never what is not printable */
	bad("frobnication_of_the_widgets_in_the_lower_bearing < 5", words);
	bad("total.maen < 5ms",
	    "at column 7: expected count, negative, min, mean, max or a percentile from p0 "
	    "to p100, as p99.9; did you mean total.mean?");
	bad("total.p101 < 5ms",
	    "at column 7: expected count, negative, min, mean, max or a percentile from p0 "
	    "to p100, as p99.9; 'iopftrace list metrics' tells what there is");
	bad("total < 5ms",
	    "at column 6: expected count, negative, min, mean, max or a percentile from p0 to p100, as p99.9");
}

/* The value of the metric that stands before " < 0" or " < 0ns". */
static double value_of(const struct iopf_report *r, const char *text)
{
	double value = -1;

	good(text);
	if (!iopf_expr_value(&expr, r, &value))
		return -1;
	return value;
}

static void values_are_those_of_the_report(void **state)
{
	static struct sample s;
	const struct iopf_hist *total = &s.report.stage[IOPF_STAGE_TOTAL].hist;

	(void)state;
	sample_lossy(&s);
	s.report.groups.answered_by[IOPF_BY_DETACH] = 4;
	assert_true(equal(value_of(&s.report, "groups < 0"), 16384));
	assert_true(equal(value_of(&s.report, "outstanding < 0"), 6));
	assert_true(equal(value_of(&s.report, "groups.outstanding < 0"), 6));
	assert_true(equal(value_of(&s.report, "outstanding.max < 0"), 64));
	assert_true(equal(value_of(&s.report, "responses.invalid < 0"), 4));
	assert_true(equal(value_of(&s.report, "kernel_answered < 0"), 6));
	assert_true(equal(value_of(&s.report, "answered_by.detach < 0"), 4));
	assert_true(equal(value_of(&s.report, "lost < 0"), 1234));
	assert_true(equal(value_of(&s.report, "lost.gaps < 0"), 2));
	assert_true(equal(value_of(&s.report, "calls.failed_writes < 0"), 2));
	assert_true(equal(value_of(&s.report, "out_of_scope.groups < 0"), 52));
	assert_true(equal(value_of(&s.report, "total.count < 0"), (double)total->count));
	s.report.stage[IOPF_STAGE_WAIT].negative = 7;
	assert_true(equal(value_of(&s.report, "wait.negative < 0"), 7));
	assert_true(equal(value_of(&s.report, "ack.negative < 0"), 0));
	assert_true(equal(value_of(&s.report, "total.min < 0ns"), (double)total->min));
	assert_true(equal(value_of(&s.report, "total.max < 0ns"), (double)total->max));
	assert_true(equal(value_of(&s.report, "total.mean < 0ns"), (double)iopf_hist_mean(total)));
	assert_true(equal(value_of(&s.report, "total.p99.9 < 0ns"),
			  (double)iopf_hist_percentile(total, 99.9)));
}

static void where_nothing_was_counted_there_is_no_value(void **state)
{
	static struct sample s;

	(void)state;
	sample_empty(&s);
	assert_true(equal(value_of(&s.report, "total.p99 < 0ns"), -1));
	assert_true(equal(value_of(&s.report, "total.min < 0ns"), -1));
	assert_true(equal(value_of(&s.report, "total.count < 0"), 0));
	assert_true(equal(value_of(&s.report, "total.negative < 0"), 0));
	assert_true(equal(value_of(&s.report, "groups < 0"), 0));
	/* Nothing was judged: that there is no finding says nothing. */
	assert_true(equal(value_of(&s.report, "findings < 0"), -1));
	assert_true(equal(value_of(&s.report, "IOPF003 < 0"), -1));
}

static void findings_are_counted_by_rule_and_severity(void **state)
{
	static struct sample s;
	struct iopf_finding findings[] = {
		{ iopf_rule(3), IOPF_SEVERITY_ERROR, 2, false, NULL, 0 },
		{ iopf_rule(6), IOPF_SEVERITY_WARN, 5, false, NULL, 0 },
		{ iopf_rule(3), IOPF_SEVERITY_NOTE, 1, false, NULL, 0 },
		{ iopf_rule(2), IOPF_SEVERITY_ERROR, 9, true, NULL, 0 },
	};
	struct iopf_not_checked not_checked[] = {
		{ iopf_rule(18), false, "a probe is not attached" },
		{ iopf_rule(6), true, "one object is not known" },
	};

	(void)state;
	sample_pass(&s);
	s.report.judged = true;
	s.report.findings = findings;
	s.report.nr_findings = ARRAY_SIZE(findings);
	s.report.not_checked = not_checked;
	s.report.nr_not_checked = ARRAY_SIZE(not_checked);
	assert_true(equal(value_of(&s.report, "findings == 0"), 8));
	assert_true(equal(value_of(&s.report, "findings.error == 0"), 2));
	assert_true(equal(value_of(&s.report, "findings.warn == 0"), 5));
	assert_true(equal(value_of(&s.report, "findings.note == 0"), 1));
	assert_true(equal(value_of(&s.report, "IOPF003 == 0"), 3));
	assert_true(equal(value_of(&s.report, "stray-response == 0"), 3));
	assert_true(equal(value_of(&s.report, "iopf006 == 0"), 5)); /* where it could be judged */
	assert_true(equal(value_of(&s.report, "IOPF002 == 0"), 0)); /* not proven */
	assert_true(equal(value_of(&s.report, "IOPF018 == 0"), -1)); /* not judged */
}

/* Lets a report have one assertion; gives its exit code. */
static int exit_code(struct iopf_report *r, const char *text)
{
	good(text);
	assert_int_equal(iopf_report_assert(r, &expr, 1), 0);
	assert_int_equal(r->nr_assertions, 1);
	assert_string_equal(r->assertions[0].expr, text);
	free(r->assertions);
	return r->exit_code;
}

static void assertions_decide_the_exit_code(void **state)
{
	static struct sample s;

	(void)state;
	sample_pass(&s);
	assert_int_equal(exit_code(&s.report, "groups == 16384"), 0);
	assert_int_equal(s.report.verdict, IOPF_PASS);
	assert_int_equal(exit_code(&s.report, "groups != 16384"), 2);
	assert_int_equal(s.report.verdict, IOPF_PASS); /* by the rules */
	sample_pass(&s);
	assert_int_equal(exit_code(&s.report, "total.p99 < 1ns"), 2);
	sample_empty(&s);
	assert_int_equal(exit_code(&s.report, "total.p99 < 1s"), 5);
	assert_int_equal(s.report.verdict, IOPF_INCONCLUSIVE);
	assert_true(s.report.doubt[IOPF_DOUBT_ASSERTION]);
	sample_pass(&s);
	assert_int_equal(iopf_report_assert(&s.report, NULL, 0), 0);
	assert_int_equal(s.report.exit_code, 0);
}

static void the_worst_comes_first(void **state)
{
	static struct sample s;
	struct iopf_expr exprs[3];
	struct iopf_expr_error error;

	(void)state;
	sample_pass(&s);
	s.report.verdict = IOPF_VIOLATION;
	s.report.exit_code = 1;
	assert_int_equal(exit_code(&s.report, "groups == 0"), 1);
	/* One that is false beats one without a value; one that holds changes nothing. */
	sample_empty(&s);
	iopf_expr_parse(&exprs[0], "total.p99 < 1s", &error);
	iopf_expr_parse(&exprs[1], "groups > 0", &error);
	iopf_expr_parse(&exprs[2], "lost == 0", &error);
	assert_int_equal(iopf_report_assert(&s.report, exprs, 3), 0);
	assert_int_equal(s.report.exit_code, 2);
	assert_false(s.report.assertions[0].known);
	assert_true(s.report.assertions[1].known);
	assert_false(s.report.assertions[1].holds);
	assert_true(s.report.assertions[2].holds);
	free(s.report.assertions);
	/* The command's own status comes last, also when it is 1. */
	sample_pass(&s);
	s.report.has_child = true;
	s.report.child_status = s.report.exit_code = 1;
	s.report.exit_because = IOPF_BECAUSE_COMMAND;
	assert_int_equal(exit_code(&s.report, "groups > 5"), 1);
	assert_int_equal(s.report.exit_because, IOPF_BECAUSE_COMMAND);
	assert_int_equal(exit_code(&s.report, "groups < 5"), 2);
	assert_int_equal(s.report.exit_because, IOPF_BECAUSE_ASSERTION);
	sample_empty(&s);
	s.report.has_child = true;
	s.report.child_status = s.report.exit_code = 1;
	s.report.exit_because = IOPF_BECAUSE_COMMAND;
	assert_int_equal(exit_code(&s.report, "total.p99 < 1s"), 5);
	assert_int_equal(s.report.exit_because, IOPF_BECAUSE_INCONCLUSIVE);
	/* But a command that failed before its first group has told why there is none. */
	sample_empty(&s);
	s.report.has_child = true;
	s.report.child_status = s.report.exit_code = 1;
	s.report.exit_because = IOPF_BECAUSE_COMMAND;
	s.report.verdict = IOPF_INCONCLUSIVE;
	s.report.doubt[IOPF_DOUBT_FEW_GROUPS] = true;
	assert_int_equal(exit_code(&s.report, "total.p99 < 1s"), 1);
}

static void loss_leaves_open_what_it_may_have_changed(void **state)
{
	static const struct {
		const char *text;
		int code;
	} cases[] = {
		{ "groups < 5", 2 }, /* more than that were seen */
		{ "groups <= 5", 2 },	    { "groups == 5", 2 },
		{ "groups > 1000000", 5 }, /* the others may have been lost */
		{ "groups == 1000000", 5 }, { "groups != 16384", 5 },
		{ "total.max < 1ns", 2 },   { "total.max > 1h", 5 },
		{ "total.min > 1h", 2 },    { "total.min < 1ns", 5 },
		{ "total.p99 < 1ns", 5 },   { "total.mean < 1ns", 5 },
		{ "total.p99 > 1ns", 5 }, /* holds, and the loss remains */
	};
	static struct sample s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		sample_lossy(&s);
		if (exit_code(&s.report, cases[i].text) != cases[i].code)
			fail_msg("%s gives %d", cases[i].text, s.report.exit_code);
	}
	/* Such an assertion is open, whatever else there is; and no other is. */
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iopf_expr_error error;
		struct iopf_expr parsed;

		sample_lossy(&s);
		assert_int_equal(iopf_expr_parse(&parsed, cases[i].text, &error), 0);
		assert_int_equal(iopf_report_assert(&s.report, &parsed, 1), 0);
		assert_int_equal(s.report.assertions[0].open,
				 cases[i].code == 5 && !s.report.assertions[0].holds);
		free(s.report.assertions);
	}
	/* Unless loss is to be ignored. */
	sample_lossy(&s);
	s.report.verdict = IOPF_PASS;
	s.report.exit_code = 0;
	assert_int_equal(exit_code(&s.report, "total.p99 < 1ns"), 2);
	/* Or is a failure of its own, which comes first. */
	sample_lossy(&s);
	s.report.exit_code = 1;
	assert_int_equal(exit_code(&s.report, "groups < 5"), 1);
	assert_int_equal(s.report.exit_because, IOPF_BECAUSE_INCONCLUSIVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_figures_of_all_stages_are_metrics),
		cmocka_unit_test(all_that_is_listed_is_a_metric),
		cmocka_unit_test(blanks_do_not_matter),
		cmocka_unit_test(operators_are_told_apart),
		cmocka_unit_test(times_have_a_unit),
		cmocka_unit_test(counts_have_none),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(names_are_suggested),
		cmocka_unit_test(values_are_those_of_the_report),
		cmocka_unit_test(where_nothing_was_counted_there_is_no_value),
		cmocka_unit_test(findings_are_counted_by_rule_and_severity),
		cmocka_unit_test(assertions_decide_the_exit_code),
		cmocka_unit_test(the_worst_comes_first),
		cmocka_unit_test(loss_leaves_open_what_it_may_have_changed),
	};

	return cmocka_run_group_tests_name("expression", tests, NULL, NULL);
}
