// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What the kernel's CI reads: the report as KTAP, read back by a parser that forgives nothing. */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "format.h"
#include "golden.h"
#include "output/output.h"
#include "sample_findings.h"

#define RESULTS_MAX 64

static struct sample sample;
static struct sample_findings findings;

struct result {
	bool ok;
	char name[256];
	char directive[16]; /* "" = none */
	char why[2048];
};

struct results {
	size_t nr;
	struct result result[RESULTS_MAX];
};

static struct results results;

/* What the format writes; to be freed. */
static char *show(const struct output_opts *opts)
{
	return format_show(output_ktap, &sample.report, opts);
}

/* Takes "# SKIP why"; false when it is no directive that KTAP knows. */
static bool parse_directive(const char *s, struct result *r)
{
	static const char *const known[] = { "SKIP", "TODO", "XFAIL", "TIMEOUT", "ERROR" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t len = strlen(known[i]);

		if (strncmp(s, known[i], len) || s[len] != ' ' || !s[len + 1])
			continue;
		snprintf(r->directive, sizeof(r->directive), "%s", known[i]);
		snprintf(r->why, sizeof(r->why), "%s", s + len + 1);
		return !strchr(s, '#');
	}
	return false;
}

/* Takes "ok N name[ # DIRECTIVE why]" with the next number. */
static bool parse_result(const char *line, struct results *all)
{
	struct result *r = &all->result[all->nr];
	const char *hash;
	char *end;

	if (all->nr == RESULTS_MAX)
		return false;
	memset(r, 0, sizeof(*r));
	r->ok = strncmp(line, "ok ", 3) == 0;
	if (!r->ok && strncmp(line, "not ok ", 7))
		return false;
	line += r->ok ? 3 : 7;
	if (!isdigit((unsigned char)*line) || strtoul(line, &end, 10) != all->nr + 1 || *end != ' ')
		return false;
	hash = strstr(end, " # ");
	snprintf(r->name, sizeof(r->name), "%.*s",
		 (int)(hash ? hash - end - 1 : (long)strlen(end + 1)), end + 1);
	all->nr++;
	return *r->name && !strchr(r->name, '#') && (!hash || parse_directive(hash + 3, r));
}

/* Takes a whole document; false when anything in it is not KTAP version 1. */
static bool parse(char *text, struct results *all)
{
	char *line, *rest = text, *end;
	unsigned long planned;

	all->nr = 0;
	if (!*text || text[strlen(text) - 1] != '\n')
		return false;
	line = strsep(&rest, "\n");
	if (strcmp(line, "KTAP version 1"))
		return false;
	line = strsep(&rest, "\n");
	if (!line || strncmp(line, "1..", 3))
		return false;
	planned = strtoul(line + 3, &end, 10);
	if (*end)
		return false;
	while ((line = strsep(&rest, "\n")) && rest) {
		for (end = line; *end; end++)
			if ((unsigned char)*end < 0x20 || *end == 0x7f)
				return false;
		if (strcmp(line, "#") && strncmp(line, "# ", 2) && !parse_result(line, all))
			return false;
	}
	return planned == all->nr;
}

/* The report, read back. */
static void report(void)
{
	struct output_opts opts;
	char *text, *copy;

	output_opts_init(&opts);
	opts.color = true; /* of a terminal that is not there */
	text = show(&opts);
	copy = strdup(text);
	if (!parse(text, &results))
		fail_msg("no KTAP: %s", copy);
	free(copy);
	free(text);
}

/* The result of this name. */
static const struct result *find(const char *name)
{
	size_t i;

	for (i = 0; i < results.nr; i++)
		if (strcmp(results.result[i].name, name) == 0)
			return &results.result[i];
	fail_msg("there is no %s", name);
	return NULL;
}

/* How many were not ok. */
static unsigned int failed(void)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < results.nr; i++)
		n += !results.result[i].ok;
	return n;
}

static void the_parser_forgives_nothing(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} docs[] = {
		{ "KTAP version 1\n1..1\nok 1 a\n", true },
		{ "KTAP version 1\n1..1\n# x\n#\nok 1 a # SKIP why\n", true },
		{ "KTAP version 1\n1..1\nok 1 a", false },
		{ "1..1\nok 1 a\n", false },
		{ "KTAP version 1\nok 1 a\n1..1\n", false },
		{ "KTAP version 1\n1..2\nok 1 a\n", false },
		{ "KTAP version 1\n1..1\nok 2 a\n", false },
		{ "KTAP version 1\n1..1\nok 1 \n", false },
		{ "KTAP version 1\n1..1\nok 1 a#b\n", false },
		{ "KTAP version 1\n1..1\nok 1 a # WHAT why\n", false },
		{ "KTAP version 1\n1..1\nok 1 a # SKIP\n", false },
		{ "KTAP version 1\n1..1\nok 1 a # SKIP b # c\n", false },
		{ "KTAP version 1\n1..1\nloose\nok 1 a\n", false },
		{ "KTAP version 1\n1..1\nok 1 a\033[m\n", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(docs) / sizeof(docs[0]); i++) {
		char *copy = strdup(docs[i].text);

		if (parse(copy, &results) != docs[i].good)
			fail_msg("wrong about: %s", docs[i].text);
		free(copy);
	}
}

static void one_test_a_rule(void **state)
{
	(void)state;
	sample_pass(&sample);
	findings_begin(&findings, &sample.report);
	report();
	assert_int_equal(results.nr, 1 + IOPF_RULES);
	assert_int_equal(failed(), 0);
	assert_string_equal(results.result[0].name, "conclusive");
	assert_string_equal(results.result[3].name, "IOPF003 stray-response");
}

static void a_violation_is_golden(void **state)
{
	struct output_opts opts;
	char *text;

	(void)state;
	output_opts_init(&opts);
	sample_violation(&sample, &findings);
	report();
	assert_int_equal(failed(), 2);
	assert_false(find("IOPF003 stray-response")->ok);
	assert_string_equal(find("IOPF018 queue-removal-stole")->directive, "SKIP");
	assert_string_equal(find("IOPF018 queue-removal-stole")->why,
			    "probe iopf_queue_remove_device is not attached");
	assert_true(find("IOPF005 stale-cookie")->ok);
	text = show(&opts);
	golden_check("ktap_violation.txt", text);
	free(text);
}

static void inconclusive_is_not_ok(void **state)
{
	(void)state;
	sample_lossy(&sample);
	report();
	assert_int_equal(failed(), 1);
	assert_string_equal(find("conclusive")->directive, "ERROR");
	assert_string_equal(find("conclusive")->why, "events were lost");
	assert_string_equal(find("IOPF001 unanswered")->directive, "SKIP");
}

/* A command that fails is no pass, whatever else is in order. */
static void the_command_is_a_test(void **state)
{
	static const struct {
		int status;
		bool ok;
	} ends[] = { { 0, true }, { 7, false }, { 143, false } };

	(void)state;
	sample_pass(&sample);
	report();
	assert_int_equal(results.nr, 1 + IOPF_RULES);
	sample.report.has_child = true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		sample.report.child_status = ends[i].status;
		sample.report.exit_because = ends[i].ok ? IOPF_BECAUSE_PASS : IOPF_BECAUSE_COMMAND;
		report();
		assert_int_equal(results.nr, 2 + IOPF_RULES);
		assert_int_equal(find("command")->ok, ends[i].ok);
	}
}

static void names_are_no_directives(void **state)
{
	(void)state;
	sample_pass(&sample);
	findings_begin(&findings, &sample.report);
	add_assertion(&findings, "a # SKIP it\nok 1 b", true, false, 494000);
	add_assertion(&findings, "a # SKIP it\nok 1 b", true, true, 494000);
	add_assertion(&findings, "", true, false, 0)->known = false;
	add_assertion(&findings, "groups>=600", false, false, 500)->open = true;
	add_not_checked(&findings, "IOPF002", false, "why # TODO not");
	report();
	assert_int_equal(failed(), 2);
	assert_false(find("a _ SKIP it\\x0aok 1 b")->ok);
	assert_true(find("a _ SKIP it\\x0aok 1 b (2)")->ok);
	assert_string_equal(find("IOPF002 answered-twice")->why, "why _ TODO not");
	assert_true(find("groups>=600")->ok);
	assert_string_equal(find("groups>=600")->directive, "SKIP");
	assert_string_equal(find("groups>=600")->why,
			    "false so far; events are missing: it is 500");
}

static void any_report_is_ktap(void **state)
{
	uint64_t random = 0x9e3779b97f4a7c15;
	unsigned int i;

	(void)state;
	for (i = 0; i < 300; i++) {
		sample_wild(&sample, &random);
		sample_any_findings(&findings, &sample.report, &random);
		report();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parser_forgives_nothing),
		cmocka_unit_test(one_test_a_rule),
		cmocka_unit_test(a_violation_is_golden),
		cmocka_unit_test(inconclusive_is_not_ok),
		cmocka_unit_test(the_command_is_a_test),
		cmocka_unit_test(names_are_no_directives),
		cmocka_unit_test(any_report_is_ktap),
	};

	return cmocka_run_group_tests_name("ktap", tests, NULL, NULL);
}
