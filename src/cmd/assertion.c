// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "assertion.h"
#include "iopftrace/rules.h"
#include "nearest.h"

#define WORD_MAX 32 /* longer than any metric */
#define SPACE " \t\r\n"

/* Offers all metrics. */
static void try_metrics(struct nearest *nearest)
{
	const char *name, *what;
	unsigned int rule;
	size_t i;

	for (i = 0; iopf_metric(i, &name, &what); i++)
		if (!strstr(name, ".pNN")) /* which stands for any */
			nearest_try(nearest, name);
	for (rule = 1; rule <= IOPF_RULES; rule++)
		nearest_try(nearest, iopf_rule(rule)->name);
}

/* Offers the percentile that was typed, of all stages. */
static void try_percentiles(struct nearest *nearest, char percentile[IOPF_STAGES][WORD_MAX])
{
	const char *dot = strchr(nearest->word, '.');
	size_t digits = dot && dot[1] == 'p' ? strspn(dot + 2, "0123456789.") : 0;
	unsigned int stage;

	if (!digits || dot[2 + digits])
		return;
	for (stage = 0; stage < IOPF_STAGES; stage++) {
		snprintf(percentile[stage], WORD_MAX, "%s%.*s",
			 iopf_stage_name((enum iopf_stage)stage), WORD_MAX - 8, dot);
		nearest_try(nearest, percentile[stage]);
	}
}

/* Says what is wrong with a text, and what may have been meant. Returns -EINVAL. */
static int explain(const char *text, const struct iopf_expr_error *error, bool words,
		   char why[ASSERTION_WHY])
{
	const char *begin = text + strspn(text, SPACE);
	size_t len = strcspn(begin, SPACE "<>=!");
	char percentile[IOPF_STAGES][WORD_MAX], word[WORD_MAX];
	struct nearest nearest;
	bool metric;

	snprintf(word, sizeof(word), "%.*s", (int)(len < WORD_MAX ? len : 0), begin);
	nearest_begin(&nearest, word);
	/* Only where it is the metric that is wrong: the name of the stage, or anything in it. */
	if (error->position == (size_t)(begin - text))
		try_percentiles(&nearest, percentile);
	metric = error->position < (size_t)(begin - text) + len;
	if (metric)
		try_metrics(&nearest);
	if (metric && words)
		nearest_try(&nearest, "verdict");
	snprintf(why, ASSERTION_WHY, "at column %zu: %s%s%s%s", error->position + 1, error->text,
		 nearest.name ? "; did you mean " :
		 metric	      ? "; 'iopftrace list metrics' tells what there is" :
				"",
		 nearest.name ? nearest.name : "", nearest.name ? "?" : "");
	return -EINVAL;
}

int assertion_parse(struct iopf_expr *expr, const char *text, char why[ASSERTION_WHY])
{
	struct iopf_expr_error error;

	return iopf_expr_parse(expr, text, &error) ? explain(text, &error, false, why) : 0;
}

int condition_parse(struct iopf_condition *condition, const char *text, char why[ASSERTION_WHY])
{
	struct iopf_expr_error error;

	return iopf_condition_parse(condition, text, &error) ? explain(text, &error, true, why) : 0;
}
