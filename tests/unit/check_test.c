// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What a check gives beside its report: annotations, snapshots, a command that is run. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>

#include "cmd/annotate.h"
#include "cmd/snapshot.h"
#include "cmd/violation.h"
#include "sample_report.h"

static struct sample s;

/* What annotate() writes; to be freed. */
static char *annotated(void)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	assert_int_equal(annotate(&s.report, f), 0);
	fclose(f);
	return text;
}

static void expect(const char *expected)
{
	char *text = annotated();

	assert_string_equal(text, expected);
	free(text);
}

static void a_pass_annotates_nothing(void **state)
{
	struct iopf_assertion a = { "lost == 0", true, false, true, 0, false };

	(void)state;
	sample_pass(&s);
	s.report.assertions = &a;
	s.report.nr_assertions = 1;
	expect("");
}

static void findings_have_their_level(void **state)
{
	struct iopf_case c = { .blame = IOPF_BLAME_USER,
			       .text = "cookie 7 was written, 50% of it\r\n::error::forged",
			       .expected = "one that is outstanding: 3, 4" };
	struct iopf_finding findings[] = {
		{ iopf_rule(3), IOPF_SEVERITY_ERROR, 1204, false, &c, 1 },
		{ iopf_rule(6), IOPF_SEVERITY_WARN, 1, false, NULL, 0 },
		{ iopf_rule(29), IOPF_SEVERITY_NOTE, 1, false, NULL, 0 },
		{ iopf_rule(2), IOPF_SEVERITY_ERROR, 1, true, NULL, 0 },
	};

	(void)state;
	sample_pass(&s);
	s.report.verdict = IOPF_VIOLATION;
	s.report.findings = findings;
	s.report.nr_findings = 4;
	expect("::error title=IOPF003 stray-response::cookie 7 was written, 50%25 of it%0D%0A"
	       "::error::forged; expected: one that is outstanding: 3, 4; on the side of: user "
	       "space (1,204 cases)\n"
	       "::warning title=IOPF006 masked-response::after a short write user space retries "
	       "or answers the rest\n"
	       "::notice title=IOPF029 kernel-answered::user space answers its groups itself, and "
	       "leaves none to detach, destruction or queue removal\n"
	       "::notice title=IOPF002 answered-twice::suspected, not proven: what was not seen may "
	       "refute it; a group gets exactly one answer, whoever gives it\n");
}

static void assertions_and_doubts_are_annotated(void **state)
{
	struct iopf_assertion a[] = {
		{ "total.p99 < 5ms", true, true, false, 8400000, false },
		{ "groups > 20000", true, false, false, 16384, false },
		{ "wait.p50 < 1s", false, true, false, 0, false },
		{ "groups > 30000", true, false, false, 16384, true },
	};
	char *text;

	(void)state;
	sample_lossy(&s);
	s.report.assertions = a;
	s.report.nr_assertions = 4;
	text = annotated();
	assert_non_null(strstr(text, "::error title=assertion::total.p99 < 5ms: it is 8.4ms\n"
				     "::error title=assertion::groups > 20000: it is 16,384\n"
				     "::warning title=assertion::wait.p50 < 1s: no value\n"
				     "::warning title=assertion::groups > 30000: it is 16,384: "
				     "false so far; events are missing\n"
				     "::warning title=inconclusive::1,234 events lost"));
	free(text);
}

/* GitHub shows ten of a kind and says nothing of others: the tenth names them. */
/* What makes a step fail is annotated, also when it is not the verdict. */
static void a_failing_command_is_annotated(void **state)
{
	(void)state;
	sample_pass(&s);
	s.report.has_child = true;
	s.report.child_status = s.report.exit_code = 1;
	s.report.exit_because = IOPF_BECAUSE_COMMAND;
	expect("::warning title=exit status::exit status 1 is CMD's own; the verdict is PASS\n");
	s.report.exit_code = 0;
	s.report.exit_because = IOPF_BECAUSE_PASS;
	expect("");
}

static void no_annotation_is_forgotten(void **state)
{
	struct iopf_finding findings[12];
	struct iopf_assertion a[3] = {
		{ "groups > 20000", true, false, false, 16384, false },
		{ "groups > 30000", true, false, false, 16384, false },
		{ "groups > 40000", true, false, false, 16384, false },
	};
	char *text, *at;
	int errors = 0;

	(void)state;
	sample_pass(&s);
	for (unsigned int i = 0; i < 12; i++)
		findings[i] = (struct iopf_finding){
			iopf_rule(1 + i), IOPF_SEVERITY_ERROR, 1, i > 8, NULL, 0
		};
	s.report.findings = findings;
	s.report.nr_findings = 12;
	s.report.assertions = a;
	s.report.nr_assertions = 3;
	text = annotated();
	for (at = text; (at = strstr(at, "::error ")); at++)
		errors++;
	assert_int_equal(errors, 10);
	assert_non_null(strstr(text, "::error title=IOPF009 "));
	assert_non_null(strstr(text,
			       "::error title=3 more::not shown one by one: groups > 20000: it "
			       "is 16,384; groups > 30000: it is 16,384; groups > 40000: it is "
			       "16,384\n"));
	free(text);
}

/* In the summary there are all, and no name in them is markup, or mentions anybody. */
static void the_summary_has_all(void **state)
{
	struct iopf_case c = { .text = "task <b>@all</b>|x\n## forged answered `7`" };
	struct iopf_finding f = { iopf_rule(3), IOPF_SEVERITY_ERROR, 1, false, &c, 1 };
	char path[] = "/tmp/iopftrace-summary-XXXXXX", link[64], text[1024] = "";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	sample_pass(&s);
	assert_int_equal(annotate_summary(&s.report, path), 0);
	s.report.verdict = IOPF_VIOLATION;
	s.report.findings = &f;
	s.report.nr_findings = 1;
	assert_int_equal(annotate_summary(&s.report, path), 0);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "### iopftrace: pass\n\nNo finding, and no assertion that "
				  "fails.\n\n### iopftrace: violation\n\n- **error** IOPF003 "
				  "stray-response: task &#60;b&#62;&#64;all&#60;&#47;b&#62;&#124;x "
				  "&#35;&#35; forged answered &#96;7&#96;\n\n");
	snprintf(link, sizeof(link), "%s.link", path);
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(annotate_summary(&s.report, link), -ELOOP);
	assert_int_equal(annotate_summary(&s.report, "/dev/null"), -EINVAL);
	unlink(link);
	unlink(path);
	close(fd);
}

/* A case with a group and a journey. */
static struct iopf_case a_case(struct iopf_step *steps)
{
	steps[0] = (struct iopf_step){ .kind = IOPF_STEP_QUEUE,
				       .has_seq = true,
				       .seq = 411,
				       .time_ns = 8214000900,
				       .comm = "",
				       .text = "queued" };
	steps[1] = (struct iopf_step){ .kind = IOPF_STEP_WRITE,
				       .offending = true,
				       .time_ns = 8224000000,
				       .enter_ns = 8223000000,
				       .tgid = 2200,
				       .tid = 2203,
				       .comm = "vcpu3",
				       .text = "cookie 12 with code \"9\"" };
	return (struct iopf_case){ .has_group = true,
				   .group = sample_group(311, 9700000),
				   .object_id = 7,
				   .blame = IOPF_BLAME_USER,
				   .seq = 500,
				   .time_ns = 8224000000,
				   .text = "code 9 was written",
				   .expected = "0 or 1",
				   .step = steps,
				   .nr_steps = 2 };
}

static void check_snapshot(json_t *j)
{
	json_t *journey = json_object_get(j, "journey");

	assert_string_equal(json_string_value(json_object_get(j, "schema")),
			    "iopftrace-violation/1");
	assert_string_equal(json_string_value(json_object_get(j, "rule")), "IOPF007");
	assert_string_equal(json_string_value(json_object_get(j, "text")), "code 9 was written");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(j, "group"), "grpid")),
			 311);
	assert_int_equal(json_array_size(journey), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(journey, 1), "step")),
			    "write");
	assert_true(json_is_true(json_object_get(json_array_get(journey, 1), "offending")));
	assert_true(json_is_null(json_object_get(json_array_get(journey, 1), "seq")));
}

static void snapshots_are_numbered_and_beside(void **state)
{
	char dir[] = "/tmp/iopf-check-XXXXXX", path[64];
	struct iopf_step steps[2];
	struct iopf_case c = a_case(steps);
	unsigned int i;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/report.json", dir);
	snapshot(path, iopf_rule(7), IOPF_SEVERITY_ERROR, &c);
	c.has_group = false;
	snapshot(path, iopf_rule(7), IOPF_SEVERITY_ERROR, &c);
	for (i = 1; i <= 2; i++) {
		json_error_t error;
		json_t *j;

		snprintf(path, sizeof(path), "%s/iopf-violation-%u.json", dir, i);
		j = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
		if (!j)
			fail_msg("%s: %s", path, error.text);
		if (i == 1)
			check_snapshot(j);
		else
			assert_true(json_is_null(json_object_get(j, "group")));
		json_decref(j);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(dir), 0);
}

/* What a command of --on-violation has written to @path. */
static void expect_written(const char *path, const char *expected)
{
	char text[512];
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	assert_string_equal(text, expected);
}

static void a_command_is_run_once_and_told(void **state)
{
	char dir[] = "/tmp/iopf-check-XXXXXX", path[64], action[256];
	struct iopf_step steps[2];
	struct iopf_case c = a_case(steps);
	struct violation v = { .action = action };

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/out", dir);
	snprintf(action, sizeof(action),
		 "read -r line; echo \"$line$IOPFTRACE_RULE $IOPFTRACE_RULE_NAME $IOPFTRACE_TEXT "
		 "$IOPFTRACE_GRPID $IOPFTRACE_DEVICE\" >>%s",
		 path);
	c.text = "it's \"odd\" $(false) `false`";
	violation_finding(&v, iopf_rule(6), IOPF_SEVERITY_WARN, &c); /* not for these */
	assert_false(v.ran);
	violation_finding(&v, iopf_rule(7), IOPF_SEVERITY_ERROR, &c);
	violation_finding(&v, iopf_rule(3), IOPF_SEVERITY_ERROR, &c);
	violation_end(&v, NULL);
	expect_written(path, "IOPF007 bad-code it's \"odd\" $(false) `false` 311 0000:3b:00.0\n");
	assert_null(getenv("IOPFTRACE_RULE"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pass_annotates_nothing),
		cmocka_unit_test(findings_have_their_level),
		cmocka_unit_test(assertions_and_doubts_are_annotated),
		cmocka_unit_test(a_failing_command_is_annotated),
		cmocka_unit_test(no_annotation_is_forgotten),
		cmocka_unit_test(the_summary_has_all),
		cmocka_unit_test(snapshots_are_numbered_and_beside),
		cmocka_unit_test(a_command_is_run_once_and_told),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
