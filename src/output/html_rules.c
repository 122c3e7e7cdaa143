// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Every rule, and what could be said about it. */
#include <inttypes.h>

#define OUTPUT_HTML_PRIVATE
#include "html_private.h"

/* What was found about a rule that weighs most: findings are in that order. NULL = nothing. */
static const struct iopf_finding *finding_of(const struct iopf_report *r,
					     const struct iopf_rule *rule, size_t *number)
{
	size_t i;

	for (i = 0; i < r->nr_findings; i++) {
		if (r->findings[i].rule->number != rule->number)
			continue;
		*number = i;
		return &r->findings[i];
	}
	return NULL;
}

/* Why it was not judged, or not for everything; NULL when it was. */
static const struct iopf_not_checked *not_checked(const struct iopf_report *r,
						  const struct iopf_rule *rule)
{
	size_t i;

	for (i = 0; i < r->nr_not_checked; i++)
		if (r->not_checked[i].rule->number == rule->number)
			return &r->not_checked[i];
	return NULL;
}

/* The word for a rule, in its colour. */
static void put_word(const struct html *h, const struct iopf_finding *f,
		     const struct iopf_not_checked *n, size_t number)
{
	bool error = f && f->severity == IOPF_SEVERITY_ERROR;

	if (f) {
		fprintf(h->out, "<a class=\"tag %s\" href=\"#finding-%zu\">%s</a>",
			error && !f->unproven		  ? "fail" :
			f->severity == IOPF_SEVERITY_NOTE ? "note" :
							    "doubt",
			number,
			f->unproven			  ? "suspected" :
			error				  ? "broken" :
			f->severity == IOPF_SEVERITY_WARN ? "warning" :
							    "note");
		return;
	}
	if (n)
		html_raw(h, n->in_part ? "<b class=\"tag part\">held in part</b>" :
					 "<b class=\"tag skip\">not checked</b>");
	else
		/* Who has not seen everything cannot say that it held. */
		html_raw(h, h->r->complete && h->r->verdict != IOPF_INCONCLUSIVE ?
				    "<b class=\"tag pass\">held</b>" :
				    "<b class=\"tag none\">no finding</b>");
}

/* One row. */
static void put_rule(const struct html *h, const struct iopf_rule *rule)
{
	const struct iopf_not_checked *n = not_checked(h->r, rule);
	size_t number = 0;
	const struct iopf_finding *f = finding_of(h->r, rule, &number);

	fprintf(h->out, "<tr data-rule=\"%s\"><td>", rule->id);
	put_word(h, f, n, number);
	html_raw(h, "</td><th scope=\"row\">");
	html_say(h, "%s", rule->id);
	html_raw(h, "</th><td>");
	html_say(h, "%s", rule->name);
	html_raw(h, "</td><td>");
	html_say(h, "%s", rule->statement);
	if (n) {
		html_raw(h, n->in_part ? " <small class=\"why\">not for everything: " :
					 " <small class=\"why\">not checked: ");
		html_outside(h, n->why, "not known why");
		html_raw(h, "</small>");
	}
	html_raw(h, "</td></tr>\n");
}

void html_rules(const struct html *h)
{
	unsigned int i;

	html_section(h, "rules", "Rules");
	if (!h->r->judged) {
		html_raw(h, "<p>The rules were not judged.</p>\n");
		html_section_end(h);
		return;
	}
	fprintf(h->out,
		"<p><b class=\"n\" data-key=\"rules_checked\" data-value=\"%u\">%u</b> of %d rules "
		"were checked.</p>\n",
		h->r->rules_checked, h->r->rules_checked, IOPF_RULES);
	html_table(h, "rules", "What the protocol asks, and whether it held",
		   "result|rule|name|what holds");
	for (i = 1; i <= IOPF_RULES; i++)
		put_rule(h, iopf_rule(i));
	html_table_end(h);
	html_section_end(h);
}
