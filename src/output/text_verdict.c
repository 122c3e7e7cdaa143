// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <string.h>

#define OUTPUT_TEXT_PRIVATE
#include "doubts.h"
#include "text_private.h"

/* Broken rules that the verdict names; the others are counted. */
#define NAMED_MAX 8

/* The verdict's word, its colour, and a flow beside it, @columns from the left at least. */
static void begin_word(struct text_flow *f, const struct text *t, const char *word,
		       enum text_style style, unsigned int columns)
{
	unsigned int used = (unsigned int)strlen(word) + 1;

	putc(' ', t->out);
	text_style(t, style);
	fputs(word, t->out);
	text_style(t, TEXT_PLAIN);
	columns = columns > used + 2 ? columns : used + 2;
	text_spaces(t, columns - used);
	text_flow_begin(f, t, " ", columns, columns);
}

/* What it comes to, in one word. An assertion that fails is no violation, and no pass either. */
static void begin_verdict(struct text_flow *f, const struct text *t)
{
	unsigned int columns = t->r->judged ? TEXT_INDENT : 0;

	if (t->r->verdict == IOPF_VIOLATION)
		begin_word(f, t, "VIOLATION", TEXT_RED, columns);
	else if (text_failing(t->r))
		begin_word(f, t, "FAIL", TEXT_RED, columns);
	else if (t->r->verdict == IOPF_INCONCLUSIVE)
		begin_word(f, t, "INCONCLUSIVE", TEXT_YELLOW, columns);
	else
		begin_word(f, t, "PASS", TEXT_GREEN, columns);
}

/* Says each line of a sentence in lines of its own; nothing when it is empty. */
static void put_sentence(struct text_flow *f, const struct sentence *s, bool *any)
{
	const char *line = s->s;

	while (*line) {
		size_t len = strcspn(line, "\n");

		if (*any)
			text_flow_break(f);
		text_flow_words(f, "%.*s", (int)len, line);
		*any = true;
		line += len;
		line += *line == '\n';
	}
}

/* All that makes the run inconclusive, with what to do about it. */
static void put_doubts(struct text_flow *f, const struct iopf_report *r, bool *any)
{
	enum iopf_doubt doubt;
	unsigned int i = 0;

	while ((doubt = doubts_next(r, &i)) != IOPF_DOUBTS) {
		struct sentence s = { "", 0 };

		doubt_say(&s, r, doubt);
		put_sentence(f, &s, any);
	}
}

bool text_doubtful(const struct iopf_report *r)
{
	unsigned int doubt;

	for (doubt = 0; doubt < IOPF_DOUBTS; doubt++)
		if (r->doubt[doubt])
			return true;
	return false;
}

void text_reason(const struct text *t)
{
	struct text_flow f;
	bool any = false;

	if (t->r->verdict == IOPF_INCONCLUSIVE) {
		begin_word(&f, t, "INCONCLUSIVE", TEXT_YELLOW, 0);
	} else if (t->r->judged) {
		begin_word(&f, t, "IN DOUBT", TEXT_YELLOW, 0);
	} else {
		begin_verdict(&f, t);
		text_flow_words(&f, "a rule of the protocol was broken");
		any = true;
	}
	put_doubts(&f, t->r, &any);
	if (!any)
		text_flow_words(&f, "the reason was not recorded");
	text_flow_end(&f);
}

/* What became of the groups: no more than is known. */
static void say_groups(struct sentence *s, const struct iopf_report *r)
{
	uint64_t n = r->groups.enqueued, left = r->groups.outstanding;
	uint64_t answered = r->groups.answered_user + r->groups.answered_kernel;

	sentence_add(s, "%s group%s", units_count(n).s, text_plural(n));
	if (left)
		sentence_add(s, ", %s still waiting for an answer", units_count(left).s);
	else if (n && answered == n && !r->groups.adopted && !r->groups.unknown)
		sentence_add(s, n == 1 ? ", answered once" : ", all answered once");
	else
		sentence_add(s, ", none left waiting");
}

/* What the command itself did, when that was not success. */
static void say_child(struct sentence *s, const struct iopf_report *r)
{
	const char *separator = s->len ? "; " : "";

	if (!r->has_child || r->child_status == 0)
		return;
	sentence_add(s, "%sthe command ", separator);
	sentence_add_status(s, r->child_status);
}

/* "3 warnings"; gives whether there are any. */
static bool say_count(struct sentence_list *list, uint64_t n, const char *what)
{
	if (!n)
		return false;
	sentence_next(list);
	sentence_add(list->s, "%s %s%s", units_count(n).s, what, text_plural(n));
	return true;
}

/* The findings of a kind: "2 rules broken: IOPF003 stray-response (3), ...". */
static void say_findings(struct sentence_list *list, const struct iopf_report *r,
			 enum iopf_severity severity, bool unproven, const char *what)
{
	struct sentence_list names = { list->s, ", ", 0 };
	uint64_t nr = text_count(r, severity, unproven);
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

/* How many rules were judged, and what came of it, a line for each kind. */
static void say_rules(struct sentence *s, const struct iopf_report *r)
{
	struct sentence_list list = { s, "\n", 0 };
	uint64_t notes =
		text_count(r, IOPF_SEVERITY_NOTE, false) + text_count(r, IOPF_SEVERITY_NOTE, true);

	if (!text_count(r, IOPF_SEVERITY_ERROR, false)) {
		sentence_next(&list);
		sentence_add(s, "%u rule%s checked", r->rules_checked,
			     text_plural(r->rules_checked));
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

/* Assertions: those that fail by name. */
static void say_assertions(struct sentence *s, const struct iopf_report *r)
{
	size_t failing = text_failing(r), i;
	struct sentence_list list = { s, ", ", 0 };

	if (!r->nr_assertions)
		return;
	if (!failing) {
		for (i = 0; i < r->nr_assertions; i++)
			list.nr += r->assertions[i].holds;
		if (list.nr || !any_open(r))
			sentence_add(s, "%s assertion%s hold%s", units_count(list.nr).s,
				     text_plural(list.nr), list.nr == 1 ? "s" : "");
		say_open(s, r);
		return;
	}
	sentence_add(s, "%s of %s assertion%s fail%s: ", units_count(failing).s,
		     units_count(r->nr_assertions).s, text_plural(r->nr_assertions),
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

/* What was seen of the groups, and of the command. */
static void say_seen(struct sentence *s, const struct iopf_report *r)
{
	if (r->verdict == IOPF_PASS && r->complete)
		sentence_add(s, "every event was seen; ");
	if (r->verdict == IOPF_PASS)
		say_groups(s, r);
	say_child(s, r);
}

/* The doubts: in full where they are not at the top. */
static void put_brief(struct text_flow *f, const struct text *t, bool *any)
{
	struct sentence s = { "", 0 };

	if (t->opts->quiet && t->r->judged) {
		put_doubts(f, t->r, any);
		return;
	}
	doubts_say_brief(&s, t->r);
	sentence_add(&s, s.len ? ": see the top" : "see the top");
	if (!t->r->judged)
		say_child(&s, t->r);
	put_sentence(f, &s, any);
}

/* Why the exit code is that of a violation, though the verdict is not. */
static void say_loss(struct sentence *s, const struct iopf_report *r)
{
	bool lost = r->doubt[IOPF_DOUBT_LOST];

	/* As iopf_on_loss has it: the exit code of an inconclusive run is 1 for nothing else. */
	if (r->verdict != IOPF_INCONCLUSIVE || r->exit_code != 1 ||
	    (!lost && !r->doubt[IOPF_DOUBT_MISSED]))
		return;
	sentence_add(s, "%s, which --on-loss fail makes a failure",
		     lost ? "events were lost" : "probes were skipped");
}

/* The verdict of a run that was judged by the rules: what decided it first. */
static void put_judged(struct text_flow *f, const struct text *t, bool *any)
{
	struct sentence rules = { "", 0 }, assertions = { "", 0 }, seen = { "", 0 };
	struct sentence loss = { "", 0 };
	bool inconclusive = t->r->verdict == IOPF_INCONCLUSIVE;

	say_rules(&rules, t->r);
	say_assertions(&assertions, t->r);
	say_seen(&seen, t->r);
	if (t->r->verdict == IOPF_VIOLATION)
		put_sentence(f, &rules, any);
	if (text_failing(t->r))
		put_sentence(f, &assertions, any);
	say_loss(&loss, t->r);
	put_sentence(f, &loss, any);
	if (inconclusive)
		put_brief(f, t, any);
	if (t->r->verdict != IOPF_VIOLATION)
		put_sentence(f, &rules, any);
	if (!text_failing(t->r))
		put_sentence(f, &assertions, any);
	if (!inconclusive && text_doubtful(t->r))
		put_brief(f, t, any);
	put_sentence(f, &seen, any);
}

void text_verdict(const struct text *t)
{
	struct sentence s = { "", 0 };
	struct text_flow f;
	bool any = false;

	begin_verdict(&f, t);
	if (t->r->judged) {
		put_judged(&f, t, &any);
	} else if (t->r->verdict == IOPF_PASS) {
		say_assertions(&s, t->r);
		put_sentence(&f, &s, &any);
		s.len = 0;
		say_seen(&s, t->r);
		put_sentence(&f, &s, &any);
	} else {
		put_brief(&f, t, &any);
	}
	text_flow_end(&f);
}
