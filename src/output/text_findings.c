// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What the rules say: stories of what is wrong, notes, and what they could not say. */
#include <string.h>

#define OUTPUT_TEXT_PRIVATE
#include "text_private.h"

/* In a group of rules that is no larger, they are named and not only numbered. */
#define NAMED_MAX 3

/* Whether a finding breaks the verdict. */
static bool is_error(const struct iopf_finding *f)
{
	return f->severity == IOPF_SEVERITY_ERROR && !f->unproven;
}

void text_findings(const struct text *t, bool errors)
{
	size_t i;

	for (i = 0; i < t->r->nr_findings; i++) {
		const struct iopf_finding *f = &t->r->findings[i];

		if (is_error(f) != errors || f->severity < IOPF_SEVERITY_WARN)
			continue;
		text_story(t, f, f->nr_cases ? &f->cases[0] : NULL,
			   f->severity == IOPF_SEVERITY_WARN && !t->opts->verbose);
		putc('\n', t->out);
	}
}

/* One line of a note, or two when it has much to say. */
static void put_note(const struct text *t, const struct iopf_finding *f)
{
	const char *text = f->nr_cases ? f->cases[0].text : NULL;
	struct sentence s = { "", 0 };
	struct text_flow flow;

	sentence_add(&s, "%s %s", f->rule->id, f->rule->name);
	if (f->count > 1 && !names_case_is_all(f->rule))
		sentence_add(&s, ", %s times%s", units_count(f->count).s, text ? ", first" : "");
	if (text)
		sentence_add(&s, ": ");
	sentence_add_text(&s, text);
	if (f->unproven)
		sentence_add(&s, " (suspected, not proven)");
	text_flow_story(&flow, t, "note");
	flow.separator = " ";
	text_flow_words(&flow, "%s", s.s);
	text_flow_end(&flow);
}

void text_notes(const struct text *t)
{
	bool any = false;
	size_t i;

	for (i = 0; i < t->r->nr_findings; i++) {
		if (t->r->findings[i].severity >= IOPF_SEVERITY_WARN)
			continue;
		if (!any)
			putc('\n', t->out);
		any = true;
		put_note(t, &t->r->findings[i]);
	}
}

/* Whether two rules were not checked for the same reason. */
static bool is_same(const struct iopf_not_checked *a, const struct iopf_not_checked *b)
{
	return a->in_part == b->in_part && !strcmp(a->why ? a->why : "", b->why ? b->why : "");
}

/* All rules that share the reason of number @first: "IOPF018, IOPF020: ...". */
static void put_reason(const struct text *t, size_t first, const char *label)
{
	const struct iopf_not_checked *n = t->r->not_checked;
	struct sentence why = { "", 0 };
	size_t nr = 0, i;
	struct text_flow f;
	bool named;

	for (i = first; i < t->r->nr_not_checked; i++)
		nr += is_same(&n[first], &n[i]);
	named = nr <= NAMED_MAX || t->opts->verbose;
	text_flow_story(&f, t, label);
	f.separator = " ";
	for (i = first; i < t->r->nr_not_checked; i++) {
		if (!is_same(&n[first], &n[i]))
			continue;
		nr--;
		text_flow_item(&f, "%s%s%s%s", n[i].rule->id, named ? " " : "",
			       named ? n[i].rule->name : "", nr || n[first].in_part ? "," : ":");
	}
	if (n[first].in_part)
		text_flow_item(&f, "in part:");
	sentence_add_text(&why, n[first].why && *n[first].why ? n[first].why : "not known why");
	text_flow_words(&f, "%s", why.s);
	text_flow_end(&f);
}

void text_not_checked(const struct text *t)
{
	const char *label = "not checked";
	size_t i, k;

	if (t->r->nr_not_checked)
		putc('\n', t->out);
	for (i = 0; i < t->r->nr_not_checked; i++) {
		for (k = 0; k < i; k++)
			if (is_same(&t->r->not_checked[k], &t->r->not_checked[i]))
				break;
		if (k < i)
			continue;
		put_reason(t, i, label);
		label = "";
	}
}
