// SPDX-License-Identifier: GPL-2.0-only OR MIT

#include "output.h"
#include "units.h"
#include "verdict.h"

/* Broken rules that the verdict names; the others are counted. */
#define NAMED_MAX 8

/* "s" unless @n is 1. */
static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

uint64_t verdict_count(const struct iopf_report *r, enum iopf_severity severity, bool unproven)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < r->nr_findings; i++)
		n += r->findings[i].severity == severity && r->findings[i].unproven == unproven;
	return n;
}

size_t verdict_failing(const struct iopf_report *r)
{
	size_t failing = 0, i;

	for (i = 0; i < r->nr_assertions; i++)
		failing +=
			r->assertions[i].known && !r->assertions[i].holds && !r->assertions[i].open;
	return failing;
}

bool verdict_doubtful(const struct iopf_report *r)
{
	unsigned int doubt;

	for (doubt = 0; doubt < IOPF_DOUBTS; doubt++)
		if (r->doubt[doubt])
			return true;
	return false;
}

const char *verdict_word(const struct iopf_report *r)
{
	if (r->verdict == IOPF_VIOLATION)
		return "VIOLATION";
	if (verdict_failing(r))
		return "FAIL";
	return r->verdict == IOPF_INCONCLUSIVE ? "INCONCLUSIVE" : "PASS";
}

/* What became of the groups: no more than is known. */
static void say_groups(struct sentence *s, const struct iopf_report *r)
{
	uint64_t n = r->groups.enqueued, left = r->groups.outstanding;
	uint64_t answered = r->groups.answered_user + r->groups.answered_kernel;

	sentence_add(s, "%s group%s", units_count(n).s, plural(n));
	if (left)
		sentence_add(s, ", %s still waiting for an answer", units_count(left).s);
	else if (n && answered == n && !r->groups.adopted && !r->groups.unknown)
		sentence_add(s, n == 1 ? ", answered once" : ", all answered once");
	else
		sentence_add(s, ", none left waiting");
}

void verdict_say_child(struct sentence *s, const struct iopf_report *r)
{
	const char *separator = s->len ? "; " : "";

	if (!r->has_child || r->child_status == 0)
		return;
	sentence_add(s, "%sthe command ", separator);
	sentence_add_status(s, r->child_status);
	if (verdict_spares_child(r))
		sentence_add(s, ", which does not count with --verdict-only");
}

bool verdict_spares_child(const struct iopf_report *r)
{
	return r->has_child && r->child_status && r->exit_because == IOPF_BECAUSE_PASS;
}

void verdict_say_exit(struct sentence *s, const struct iopf_report *r)
{
	if (r->exit_because == IOPF_BECAUSE_COMMAND)
		sentence_add(s, "exit status %d is CMD's own; the verdict is %s", r->exit_code,
			     verdict_word(r));
	else if (r->exit_because == IOPF_BECAUSE_INCONCLUSIVE && r->exit_code == 1)
		sentence_add(s, "exit status 1 is by --on-loss fail; the verdict is %s",
			     verdict_word(r));
}

/* "3 warnings"; gives whether there are any. */
static bool say_count(struct sentence_list *list, uint64_t n, const char *what)
{
	if (!n)
		return false;
	sentence_next(list);
	sentence_add(list->s, "%s %s%s", units_count(n).s, what, plural(n));
	return true;
}

/* The findings of a kind: "2 rules broken: IOPF003 stray-response (3), ...". */
static void say_findings(struct sentence_list *list, const struct iopf_report *r,
			 enum iopf_severity severity, bool unproven, const char *what)
{
	struct sentence_list names = { list->s, ", ", 0 };
	uint64_t nr = verdict_count(r, severity, unproven);
	size_t i;

	if (!say_count(list, nr, what))
		return;
	sentence_add(list->s, "%s",
		     severity == IOPF_SEVERITY_ERROR && !unproven ? " broken: " : ": ");
	for (i = 0; i < r->nr_findings; i++) {
		const struct iopf_finding *f = &r->findings[i];

		if (f->severity != severity || f->unproven != unproven || names.nr == NAMED_MAX)
			continue;
		sentence_next(&names);
		sentence_add(list->s, "%s %s (%s)", f->rule->id, f->rule->name,
			     units_count(f->count).s);
	}
	if (nr > NAMED_MAX)
		sentence_add(list->s, " and %s more", units_count(nr - NAMED_MAX).s);
}

void verdict_say_rules(struct sentence *s, const struct iopf_report *r)
{
	struct sentence_list list = { s, "\n", 0 };
	uint64_t notes = verdict_count(r, IOPF_SEVERITY_NOTE, false) +
			 verdict_count(r, IOPF_SEVERITY_NOTE, true);

	if (!verdict_count(r, IOPF_SEVERITY_ERROR, false)) {
		sentence_next(&list);
		sentence_add(s, "%u rule%s checked", r->rules_checked, plural(r->rules_checked));
		if (r->rules_checked < IOPF_RULES)
			sentence_add(s, " (%u not)", IOPF_RULES - r->rules_checked);
		if (notes == r->nr_findings)
			sentence_add(s, notes ? ", nothing wrong" : ", no finding");
	}
	say_findings(&list, r, IOPF_SEVERITY_ERROR, false, "rule");
	say_findings(&list, r, IOPF_SEVERITY_ERROR, true, "suspicion");
	say_findings(&list, r, IOPF_SEVERITY_WARN, false, "warning");
	say_findings(&list, r, IOPF_SEVERITY_WARN, true, "suspected warning");
	list.separator = ", ";
	say_count(&list, notes, "note");
}

/* Whether there are any of which it cannot be told. */
static bool any_open(const struct iopf_report *r)
{
	for (size_t i = 0; i < r->nr_assertions; i++)
		if (r->assertions[i].open)
			return true;
	return false;
}

/* Those of which it cannot be told, since events are missing. */
static void say_open(struct sentence *s, const struct iopf_report *r)
{
	size_t open = 0, i;

	for (i = 0; i < r->nr_assertions; i++)
		open += r->assertions[i].open;
	if (open)
		sentence_add(s, "%s%s%s false so far, with events missing", s->len ? "; " : "",
			     units_count(open).s,
			     s->len    ? "" :
			     open == 1 ? " assertion" :
					 " assertions");
}

void verdict_say_assertions(struct sentence *s, const struct iopf_report *r)
{
	size_t failing = verdict_failing(r), i;
	struct sentence_list list = { s, ", ", 0 };

	if (!r->nr_assertions)
		return;
	if (!failing) {
		for (i = 0; i < r->nr_assertions; i++)
			list.nr += r->assertions[i].holds;
		if (list.nr || !any_open(r))
			sentence_add(s, "%s assertion%s hold%s", units_count(list.nr).s,
				     plural(list.nr), list.nr == 1 ? "s" : "");
		say_open(s, r);
		return;
	}
	sentence_add(s, "%s of %s assertion%s fail%s: ", units_count(failing).s,
		     units_count(r->nr_assertions).s, plural(r->nr_assertions),
		     failing == 1 ? "s" : "");
	for (i = 0; i < r->nr_assertions; i++) {
		const struct iopf_assertion *a = &r->assertions[i];

		if (!a->known || a->holds || a->open)
			continue;
		sentence_next(&list);
		sentence_add_text(s, a->expr);
		sentence_add(s, " (it is %s)", output_value(a, UNITS_AUTO).s);
	}
	say_open(s, r);
}

void verdict_say_loss(struct sentence *s, const struct iopf_report *r)
{
	const char *what = r->doubt[IOPF_DOUBT_LOST]   ? "events were lost" :
			   r->doubt[IOPF_DOUBT_MISSED] ? "probes were skipped" :
			   r->doubt[IOPF_DOUBT_RESPONDER] ?
							 "answers by a caller that is not known" :
							 NULL;

	/* As iopf_on_loss has it. */
	if (r->exit_because == IOPF_BECAUSE_INCONCLUSIVE && r->exit_code == 1 && what)
		sentence_add(s, "%s, which --on-loss fail makes a failure", what);
}

void verdict_say_seen(struct sentence *s, const struct iopf_report *r)
{
	if (r->verdict == IOPF_PASS && r->complete)
		sentence_add(s, "every event was seen; ");
	if (r->verdict == IOPF_PASS)
		say_groups(s, r);
	verdict_say_child(s, r);
}
