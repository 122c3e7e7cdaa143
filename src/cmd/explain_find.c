// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "explain.h"
#include "nearest.h"
#include "output/units.h"
#include "output/utf8.h"

int explain_parse(struct explain_subject *subject, const char *word, char *why, size_t size)
{
	struct nearest nearest;
	const char *what;
	unsigned int i;

	*subject = (struct explain_subject){ .rule = word ? iopf_rule_find(word) : NULL };
	if (!word || subject->rule)
		return 0;
	if (isdigit((unsigned char)*word)) {
		subject->has_group = true;
		if (!units_parse_number(word, 0, UINT64_MAX, &subject->group, &what))
			return 0;
		snprintf(why, size, "group %s: %s", utf8_name(word, 40).s, what);
		return -EINVAL;
	}
	nearest_begin(&nearest, word);
	for (i = 1; i <= IOPF_RULES; i++) {
		nearest_try(&nearest, iopf_rule(i)->id);
		nearest_try(&nearest, iopf_rule(i)->name);
	}
	snprintf(why, size, "there is no rule '%s'%s%s%s; see 'iopftrace list rules'",
		 utf8_name(word, 40).s, nearest.name ? " (did you mean '" : "",
		 nearest.name ? nearest.name : "", nearest.name ? "'?)" : "");
	return -EINVAL;
}

/* The case of a finding that is asked for; false when there is none. */
static bool choose(const struct iopf_finding *f, const struct explain_subject *subject,
		   const struct iopf_case **c)
{
	size_t i;

	*c = NULL;
	if (subject->rule && f->rule != subject->rule)
		return false;
	if (!subject->has_group) {
		*c = f->nr_cases ? &f->cases[0] : NULL;
		return true;
	}
	for (i = 0; i < f->nr_cases; i++) {
		if (!f->cases[i].has_group || f->cases[i].group.seq != subject->group)
			continue;
		*c = &f->cases[i];
		return true;
	}
	return false;
}

/* Whether @a matters more than @b. */
static bool is_worse(const struct iopf_finding *a, const struct iopf_finding *b)
{
	if (a->unproven != b->unproven)
		return b->unproven;
	return a->severity > b->severity;
}

struct explain_choice explain_find(const struct iopf_report *report,
				   const struct explain_subject *subject)
{
	struct explain_choice best = { NULL, NULL };
	const struct iopf_case *c;
	size_t i;

	for (i = 0; i < report->nr_findings; i++) {
		const struct iopf_finding *f = &report->findings[i];

		if (choose(f, subject, &c) && (!best.finding || is_worse(f, best.finding)))
			best = (struct explain_choice){ f, c };
	}
	return best;
}
