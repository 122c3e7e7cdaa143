// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doubts.h"
#include "names.h"
#include "tests.h"
#include "units.h"
#include "utf8.h"
#include "verdict.h"

/* What the functions below have in common. */
struct tests {
	const struct iopf_report *r;
	struct output_opts opts;
	struct test test;
};

/* Names the test; '#' would begin a directive or a comment in TAP. */
static void name(struct test *test, const char *text)
{
	char *c;

	utf8_text(test->name, sizeof(test->name) - 16, text && *text ? text : "?");
	for (c = test->name; *c; c++)
		if (*c == '#')
			*c = '_';
}

/* Whether what was seen is enough to say anything. */
static void test_run(struct tests *t)
{
	const struct iopf_report *r = t->r;
	enum iopf_doubt doubt;
	unsigned int i = 0;

	t->test.suite = "run";
	t->test.type = "inconclusive";
	name(&t->test, "conclusive");
	while ((doubt = doubts_next(r, &i)) != IOPF_DOUBTS) {
		struct sentence s = { "", 0 };

		doubt_say(&s, r, doubt);
		fprintf(t->test.story, "%s\n", s.s);
	}
	doubts_say_brief(&t->test.why, r);
	if (r->verdict != IOPF_INCONCLUSIVE)
		return;
	t->test.result = TEST_ERROR;
	if (!t->test.why.len)
		sentence_add(&t->test.why, "the reason was not recorded");
}

/* Why a rule was not judged; NULL when it was, at least in part. */
static const char *why_not(struct tests *t, const struct iopf_rule *rule)
{
	const struct iopf_report *r = t->r;
	size_t i;

	if (!r->judged)
		return "the rules were not judged";
	for (i = 0; i < r->nr_not_checked; i++) {
		const struct iopf_not_checked *n = &r->not_checked[i];
		struct sentence s = { "", 0 };

		if (n->rule->number != rule->number)
			continue;
		if (!n->in_part)
			return n->why && *n->why ? n->why : "not known why";
		sentence_add_text(&s, n->why);
		fprintf(t->test.story, "checked in part only: %s\n", s.s);
	}
	return NULL;
}

/* Takes a finding into its rule's test. */
static void add_finding(struct tests *t, const struct iopf_finding *f)
{
	const struct iopf_case *c = f->nr_cases ? &f->cases[0] : NULL;
	struct sentence *why = &t->test.why;

	output_story(t->r, &t->opts, f, c, t->test.story);
	if (t->test.result == TEST_FAILED || f->severity != IOPF_SEVERITY_ERROR)
		return;
	t->test.result = f->unproven ? TEST_SKIPPED : TEST_FAILED;
	why->len = 0;
	if (f->unproven) {
		sentence_add(why, "suspected, not proven: ");
		doubt_say_unproven(why, t->r, f);
		sentence_add(why, "; ");
	}
	if (names_case_is_all(f->rule))
		sentence_add(why, "%s group%s", units_count(f->count).s, f->count == 1 ? "" : "s");
	else if (f->count == 1)
		sentence_add(why, "once");
	else
		sentence_add(why, "%s times", units_count(f->count).s);
	if (!f->unproven)
		sentence_add(why, ", blame %s", iopf_blame_name(c ? c->blame : IOPF_BLAME_UNKNOWN));
	if (c && c->text && *c->text) {
		sentence_add(why, ": ");
		sentence_add_text(why, c->text);
	}
}

/* Whether a rule held. */
static void test_rule(struct tests *t, unsigned int number)
{
	const struct iopf_rule *rule = iopf_rule(number);
	char text[sizeof(t->test.name)];
	const char *why;
	size_t i;

	snprintf(text, sizeof(text), "%s %s", rule->id, rule->name);
	t->test.suite = "rules";
	t->test.type = rule->id;
	name(&t->test, text);
	why = why_not(t, rule);
	if (why) {
		t->test.result = TEST_SKIPPED;
		sentence_add_text(&t->test.why, why);
	}
	for (i = 0; i < t->r->nr_findings; i++)
		if (t->r->findings[i].rule->number == number)
			add_finding(t, &t->r->findings[i]);
}

/* Tells apart assertions that were given twice, or that are the same where they are cut. */
static void number_twins(struct tests *t, size_t nr)
{
	struct test other;
	size_t twins = 0, i;

	for (i = 0; i < nr; i++) {
		name(&other, t->r->assertions[i].expr);
		twins += strcmp(other.name, t->test.name) == 0;
	}
	if (twins)
		snprintf(t->test.name + strlen(t->test.name), 16, " (%u)", (unsigned int)twins + 1);
}

/* Whether an assertion held. */
static void test_assertion(struct tests *t, size_t nr)
{
	const struct iopf_assertion *a = &t->r->assertions[nr];

	t->test.suite = "assertions";
	t->test.type = "assertion";
	name(&t->test, a->expr);
	number_twins(t, nr);
	if (!a->known) {
		t->test.result = TEST_ERROR;
		sentence_add(&t->test.why, "nothing was counted that tells");
		return;
	}
	if (a->open) {
		t->test.result = TEST_SKIPPED;
		sentence_add(&t->test.why, "%s: it is %s", OUTPUT_OPEN,
			     output_value(a, UNITS_AUTO).s);
		return;
	}
	t->test.result = a->holds ? TEST_PASSED : TEST_FAILED;
	sentence_add(&t->test.why, "%sit is %s",
		     a->holds ? "" : "does not hold: ", output_value(a, UNITS_AUTO).s);
}

/* Whether the command was content. */
static void test_command(struct tests *t)
{
	int status = t->r->child_status;

	t->test.suite = "run";
	t->test.type = "command";
	name(&t->test, "command");
	if (!t->r->has_child) {
		t->test.result = TEST_SKIPPED;
		sentence_add(&t->test.why, "it still ran when tracing ended");
	} else if (status) {
		t->test.result = verdict_spares_child(t->r) ? TEST_SKIPPED : TEST_FAILED;
		sentence_add_status(&t->test.why, status);
		if (verdict_spares_child(t->r))
			sentence_add(&t->test.why, ", which does not count with --verdict-only");
	}
}

size_t tests_number(const struct iopf_report *r, const struct output_opts *opts)
{
	return 1 + IOPF_RULES + r->nr_assertions + (r->has_child || opts->command);
}

/* Makes test @i. */
static void make(struct tests *t, size_t i)
{
	if (i == 0)
		test_run(t);
	else if (i <= IOPF_RULES)
		test_rule(t, (unsigned int)i);
	else if (i <= IOPF_RULES + t->r->nr_assertions)
		test_assertion(t, i - IOPF_RULES - 1);
	else
		test_command(t);
}

int tests_each(const struct iopf_report *r, const struct output_opts *opts, test_fn fn, void *arg)
{
	struct tests t = { .r = r, .opts = *opts };
	size_t i;

	/* It goes into files. */
	t.opts.color = false;
	for (i = 0; i < tests_number(r, opts); i++) {
		char *story = NULL;
		size_t size;
		int err;

		memset(&t.test, 0, sizeof(t.test));
		t.test.story = open_memstream(&story, &size);
		if (!t.test.story)
			return -ENOMEM;
		make(&t, i);
		err = fclose(t.test.story) ? -ENOMEM : fn(arg, &t.test, story);
		free(story);
		if (err)
			return err;
	}
	return 0;
}
