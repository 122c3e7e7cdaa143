// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Policy files: what they say, what is wrong with them, and that the command line comes first. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#include "cmd/judging.h"

#define SECOND 1000000000ULL

static char path[] = "/tmp/iopf-policy-XXXXXX";
static struct policy policy;
static struct judging judging;
static struct options options;
static struct options_error error;

/* Makes the file anew, of @size bytes. */
static void write_bytes(const char *text, size_t size)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

/* Reads a policy that is right. */
static void good(const char *text)
{
	policy_free(&policy);
	write_bytes(text, strlen(text));
	if (policy_read(&policy, path, &error))
		fail_msg("%s", error.text);
}

/* The same for one that is wrong: @words follow the name of the file. */
static void bad(const char *text, const char *words)
{
	policy_free(&policy);
	write_bytes(text, strlen(text));
	assert_int_equal(policy_read(&policy, path, &error), -EINVAL);
	assert_memory_equal(error.text, path, strlen(path));
	if (strcmp(error.text + strlen(path), words))
		fail_msg("'%s', not '%s'", error.text + strlen(path), words);
}

/* Parses a command line of words that are separated by single spaces. */
static void command_line(const char *line)
{
	static char copy[512];
	static char *argv[32];
	char *rest = copy;
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	while (rest)
		argv[argc++] = strsep(&rest, " ");
	argv[argc] = NULL;
	if (options_parse(&options, argc, argv, &error))
		fail_msg("%s", error.text);
}

static void an_empty_one_changes_nothing(void **state)
{
	static const struct policy none;

	(void)state;
	good("");
	assert_memory_equal(&policy, &none, sizeof(none));
	good("# nothing\n; at all\n\n[severity]\n[deadlines]\n");
	assert_memory_equal(&policy, &none, sizeof(none));
}

static void the_example_is_right(void **state)
{
	(void)state;
	policy_free(&policy);
	if (policy_read(&policy, "docs/example-policy.ini", &error))
		fail_msg("%s", error.text);
	assert_int_equal(policy.severity[29], IOPF_SEVERITY_ERROR);
	assert_int_equal(policy.severity[6], IOPF_SEVERITY_ERROR);
	assert_int_equal(policy.severity[21], IOPF_SEVERITY_OFF);
	assert_int_equal(policy.severity[1], IOPF_SEVERITY_DEFAULT);
	assert_true(policy.deadline_ns[IOPF_DEADLINE_ANSWER].value == 2 * SECOND);
	assert_true(policy.deadline_ns[IOPF_DEADLINE_READ].value == SECOND / 2);
	assert_int_equal(policy.nr_assertions, 4);
	assert_string_equal(policy.assertion[0].name, "fast enough");
	assert_string_equal(policy.assertion[0].expr.text, "total.p99 < 5ms");
	assert_string_equal(policy.assertion[2].expr.text, "outstanding.max <= 512");
	assert_true(policy.min_groups.given && policy.min_groups.value == 100);
	assert_true(policy.on_loss.given);
	assert_int_equal(policy.on_loss.value, IOPF_LOSS_INCONCLUSIVE);
}

static void forms_of_lines(void **state)
{
	(void)state;
	good("\xef\xbb\xbf[severity]\r\n  IOPF001=warn\r\n\tiopf002 = note ; by id in any case\r\n"
	     "FIFO : off\r\n[verdict]\nmin-groups = 0x10\n[severity]\necho = error");
	assert_int_equal(policy.severity[1], IOPF_SEVERITY_WARN);
	assert_int_equal(policy.severity[2], IOPF_SEVERITY_NOTE);
	assert_int_equal(policy.severity[11], IOPF_SEVERITY_OFF);
	assert_int_equal(policy.severity[12], IOPF_SEVERITY_ERROR);
	assert_true(policy.min_groups.value == 16);
	good("[deadlines]\ncall = off\npartial = 1.5\n");
	assert_true(policy.deadline_ns[IOPF_DEADLINE_CALL].given);
	assert_true(policy.deadline_ns[IOPF_DEADLINE_CALL].value == 0);
	assert_true(policy.deadline_ns[IOPF_DEADLINE_PARTIAL].value == 3 * SECOND / 2);
	good("[assertions]\n= lost == 0\n"); /* a name may be empty: it is only to tell them apart */
	assert_int_equal(policy.nr_assertions, 1);
}

static void what_is_wrong_is_said(void **state)
{
	(void)state;
	bad("[severity]\n\nIOPF099 = off\n", ":3: unknown rule 'IOPF099'; did you mean 'IOPF009'?");
	bad("[severity]\nstray-respnse = off\n",
	    ":2: unknown rule 'stray-respnse'; did you mean 'stray-response'?");
	bad("[severity]\nIOPF001 = fatal\n", ":2: 'fatal' is not off, note, warn or error");
	bad("[severity]\nIOPF001 =\n", ":2: '' is not off, note, warn or error");
	bad("[severity]\nIOPF001 = off\nunanswered = warn\n", ":3: 'unanswered' is set twice");
	bad("[severty]\n", ":1: unknown section 'severty'; did you mean 'severity'?");
	bad("[colours]\nx = y\n", ":1: unknown section 'colours'");
	bad("IOPF001 = off\n", ":1: this must be in a section: [severity], [deadlines], "
			       "[assertions] or [verdict]");
	bad("[deadlines]\nanwser = 1s\n", ":2: unknown deadline 'anwser'; did you mean 'answer'?");
	bad("[deadlines]\nanswer = soon\n", ":2: 'soon' is not a number");
	bad("[deadlines]\nanswer = 0s\n", ":2: '0s' is too short; 'off' for none");
	bad("[deadlines]\ncall = 1s\ncall = 2s\n", ":3: 'call' is set twice");
	bad("[assertions]\na = total.p99 < 5\n",
	    ":2: 'total.p99 < 5': at column 14: expected the unit of the time: ns, us, ms, s, m "
	    "or h");
	bad("[assertions]\na = lost == 0\na = groups > 0\n", ":3: 'a' is set twice");
	bad("[assertions]\ntotal.p99 <= 5ms\n",
	    ":2: an assertion needs a name, as in: fast = total.p99 < 5ms");
	bad("[verdict]\nmingroups = 5\n",
	    ":2: unknown key 'mingroups'; did you mean 'min-groups'?");
	bad("[verdict]\nmin-groups = many\n", ":2: 'many' is not a whole number");
	bad("[verdict]\non-loss = panic\n", ":2: 'panic' is not inconclusive, fail or ignore");
}

/* What is no fault of who wrote the file is none of usage. */
static void no_descriptor_is_left(void **state)
{
	struct rlimit before, none = { 0 };

	(void)state;
	write_bytes("", 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(policy_read(&policy, path, &error), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_non_null(strstr(error.text, "Too many open files"));
}

static void what_is_no_policy_is_refused(void **state)
{
	static char line[500];

	(void)state;
	bad("[verdict]\nhello\nmin-groups = x\n", ":2: this is neither [section] nor KEY = VALUE");
	bad("[verdict\n", ":1: this is neither [section] nor KEY = VALUE");
	memset(line, 'x', sizeof(line) - 1);
	assert_int_equal(policy_read(&policy, "/nonexistent/policy", &error), -EINVAL);
	assert_string_equal(error.text, "/nonexistent/policy: No such file or directory");
	assert_int_equal(policy_read(&policy, "/tmp", &error), -EINVAL);
	assert_string_equal(error.text, "/tmp: Is a directory");
	assert_int_equal(policy_read(&policy, "/dev/zero", &error), -EINVAL);
	assert_string_equal(error.text, "/dev/zero:1: this is no policy file");
	write_bytes("[verdict]\nmin-groups = 5\0\n", 25);
	assert_int_equal(policy_read(&policy, path, &error), -EINVAL);
	assert_non_null(strstr(error.text, ":2: this is no policy file"));
	write_bytes(line, sizeof(line) - 1);
	assert_int_equal(policy_read(&policy, path, &error), -EINVAL);
	assert_non_null(strstr(error.text, ":1: the line is too long: at most 199 characters"));
	line[0] = '#'; /* a comment may be */
	write_bytes(line, sizeof(line) - 1);
	assert_int_equal(policy_read(&policy, path, &error), 0);
}

/* Puts together a policy (NULL = none) and a command line. */
static void put_together(const char *text, const char *line)
{
	judging_close(&judging);
	command_line(line);
	if (text)
		write_bytes(text, strlen(text));
	options.policy = text ? path : NULL;
	assert_int_equal(judging_open(&judging, &options, &error), 0);
}

static void without_either_there_are_defaults(void **state)
{
	struct iopf_engine_opts engine = { .slowest = 3 };
	unsigned int i;

	(void)state;
	put_together(NULL, "iopftrace -d 1");
	judging_engine(&judging, &engine);
	assert_true(engine.judge);
	assert_int_equal(engine.slowest, 3);
	assert_true(engine.min_groups == 1);
	assert_int_equal(engine.on_loss, IOPF_LOSS_INCONCLUSIVE);
	for (i = 0; i < IOPF_DEADLINES; i++)
		assert_true(engine.deadline_ns[i] == (i == IOPF_DEADLINE_CALL ? 10 * SECOND : 0));
	for (i = 0; i <= IOPF_RULES; i++)
		assert_int_equal(engine.severity[i], IOPF_SEVERITY_DEFAULT);
	assert_int_equal(judging.nr_exprs, 0);
}

static void the_command_line_comes_first(void **state)
{
	static const char text[] = "[severity]\nfifo = warn\n[deadlines]\nanswer = 5s\nread = 6s\n"
				   "[assertions]\nx = lost == 0\n"
				   "[verdict]\nmin-groups = 7\non-loss = fail\n";
	struct iopf_engine_opts engine = { 0 };

	(void)state;
	put_together(text, "iopftrace check -d 1");
	judging_engine(&judging, &engine);
	assert_true(engine.min_groups == 7);
	assert_int_equal(engine.on_loss, IOPF_LOSS_FAIL);
	assert_int_equal(engine.severity[11], IOPF_SEVERITY_WARN);
	assert_true(engine.deadline_ns[IOPF_DEADLINE_ANSWER] == 5 * SECOND);
	assert_true(engine.deadline_ns[IOPF_DEADLINE_CALL] == 10 * SECOND);
	put_together(text, "iopftrace check -d 1 --deadline 2s --min-groups 0 --on-loss "
			   "inconclusive -a groups>3 -a total.p99<5ms");
	judging_engine(&judging, &engine);
	assert_true(engine.min_groups == 0);
	assert_int_equal(engine.on_loss, IOPF_LOSS_INCONCLUSIVE);
	assert_true(engine.deadline_ns[IOPF_DEADLINE_ANSWER] == 2 * SECOND);
	assert_true(engine.deadline_ns[IOPF_DEADLINE_READ] == 6 * SECOND);
	assert_true(engine.deadline_ns[IOPF_DEADLINE_CALL] == 2 * SECOND);
	assert_int_equal(judging.nr_exprs, 3);
	assert_string_equal(judging.expr[0].text, "lost == 0");
	assert_string_equal(judging.expr[2].text, "total.p99<5ms");
	/* A call's deadline that the policy has set stays. */
	put_together("[deadlines]\ncall = off\n", "iopftrace check -d 1 --deadline 2s");
	assert_true(judging.deadline_ns[IOPF_DEADLINE_CALL] == 0);
	assert_true(judging.deadline_ns[IOPF_DEADLINE_ANSWER] == 2 * SECOND);
}

static void a_wrong_policy_is_an_error(void **state)
{
	(void)state;
	judging_close(&judging);
	command_line("iopftrace check -d 1 --policy /nonexistent");
	assert_int_equal(judging_open(&judging, &options, &error), -EINVAL);
	assert_string_equal(error.text, "/nonexistent: No such file or directory");
}

static int setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	policy_free(&policy);
	judging_close(&judging);
	unlink(path);
	return 0;
}

/* As editors of Windows write it; a mark elsewhere is none. */
static void a_byte_order_mark_is_nothing(void **state)
{
	(void)state;
	good("\xef\xbb\xbf[verdict]\nmin-groups = 7\n");
	assert_int_equal(policy.min_groups.value, 7);
	good("\xef\xbb\xbf");
	bad("\xef\xbb\xbf[verdcit]\n", ":1: unknown section 'verdcit'; did you mean 'verdict'?");
	bad("[verdict]\n\xef\xbb\xbfmin-groups = 7\n",
	    ":2: unknown key '\\xef\\xbb\\xbfmin-groups'; did you mean 'min-groups'?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_descriptor_is_left),
		cmocka_unit_test(an_empty_one_changes_nothing),
		cmocka_unit_test(the_example_is_right),
		cmocka_unit_test(forms_of_lines),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(what_is_no_policy_is_refused),
		cmocka_unit_test(without_either_there_are_defaults),
		cmocka_unit_test(the_command_line_comes_first),
		cmocka_unit_test(a_wrong_policy_is_an_error),
		cmocka_unit_test(a_byte_order_mark_is_nothing),
	};

	return cmocka_run_group_tests_name("policy", tests, setup, teardown);
}
