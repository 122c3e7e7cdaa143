// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What changed between two reports. */
#define IOPF_CORE_PRIVATE
#include "compare.h"

#include <stdlib.h>

/* Counts one time among those that were judged, and changed. */
static void count_time(struct iopf_comparison *c, const struct iopf_time_change *t)
{
	c->nr_judged += t->outcome == IOPF_CHANGED || t->outcome == IOPF_WITHIN_NOISE ||
			t->outcome == IOPF_WITHIN_RESOLUTION;
	c->nr_changed += t->outcome == IOPF_CHANGED;
}

/* One stage. */
static void compare_stage(struct iopf_comparison *c, enum iopf_stage stage)
{
	const struct iopf_hist *base = &c->side[IOPF_BASE]->stage[stage].hist;
	const struct iopf_hist *changed = &c->side[IOPF_NEW]->stage[stage].hist;
	struct iopf_stage_change *s = &c->stage[stage];

	s->count[IOPF_BASE] = base->count;
	s->count[IOPF_NEW] = changed->count;
	s->min = compare_percentile(base, changed, 0);
	s->max = compare_percentile(base, changed, 100);
	s->mean = compare_mean(base, changed);
	count_time(c, &s->mean);
	for (size_t i = 0; i < c->nr_percentiles; i++) {
		s->percentile[i] = compare_percentile(base, changed, c->percentile_of[i]);
		count_time(c, &s->percentile[i]);
	}
}

/* The counts; 0 or -1 without memory. */
static int compare_counts(struct iopf_comparison *c)
{
	const char *name, *what;
	size_t nr = 0;

	for (size_t i = 0; iopf_metric(i, &name, &what); i++)
		nr += iopf_metric_is_plain(i);
	c->count = calloc(nr, sizeof(*c->count));
	if (!c->count)
		return -1;
	for (size_t i = 0; iopf_metric(i, &name, &what); i++) {
		struct iopf_count_change *count = &c->count[c->nr_counts];

		if (!iopf_metric_is_plain(i))
			continue;
		count->name = name;
		for (int side = 0; side < IOPF_SIDES; side++)
			iopf_metric_count(i, c->side[side], &count->value[side]);
		c->nr_counts++;
		c->nr_counts_changed += count->value[IOPF_BASE] != count->value[IOPF_NEW];
	}
	return 0;
}

/* Adds the findings of one side to those there are. */
static void add_findings(struct iopf_comparison *c, enum iopf_side side)
{
	const struct iopf_report *r = c->side[side];

	for (size_t i = 0; i < r->nr_findings; i++) {
		const struct iopf_finding *f = &r->findings[i];
		size_t k = 0;

		while (k < c->nr_findings &&
		       (c->finding[k].rule != f->rule || c->finding[k].severity != f->severity ||
			c->finding[k].unproven != f->unproven))
			k++;
		if (k == c->nr_findings)
			c->finding[c->nr_findings++] = (struct iopf_finding_change){
				f->rule, f->severity, f->unproven, { 0, 0 }
			};
		c->finding[k].count[side] += f->count;
	}
}

/* Proven ones first, then the most severe, then in order of rules. */
static int order_findings(const void *a, const void *b)
{
	const struct iopf_finding_change *x = a, *y = b;

	if (x->unproven != y->unproven)
		return x->unproven ? 1 : -1;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	return x->rule->number < y->rule->number ? -1 : 1;
}

/* The findings; 0 or -1 without memory. */
static int compare_findings(struct iopf_comparison *c)
{
	size_t nr = c->side[IOPF_BASE]->nr_findings + c->side[IOPF_NEW]->nr_findings;

	c->finding = calloc(nr + 1, sizeof(*c->finding));
	if (!c->finding)
		return -1;
	add_findings(c, IOPF_BASE);
	add_findings(c, IOPF_NEW);
	qsort(c->finding, c->nr_findings, sizeof(*c->finding), order_findings);
	return 0;
}

/* Whether a side's figures may be off: as with assertions, unless loss was to be ignored. */
static bool is_in_doubt(const struct iopf_report *r)
{
	return r->verdict == IOPF_INCONCLUSIVE || (!r->complete && r->verdict != IOPF_PASS);
}

/* Whether anything differs that is not noise. Counts do so in any two runs. */
static bool differs(const struct iopf_comparison *c)
{
	if (c->side[IOPF_BASE]->verdict != c->side[IOPF_NEW]->verdict || c->nr_changed)
		return true;
	for (size_t i = 0; i < c->nr_findings; i++) {
		if (c->finding[i].count[IOPF_BASE] != c->finding[i].count[IOPF_NEW])
			return true;
	}
	return false;
}

/* Compares. */
struct iopf_comparison *iopf_compare(const struct iopf_report *base,
				     const struct iopf_report *changed, const double *percentiles,
				     size_t nr_percentiles)
{
	struct iopf_comparison *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->side[IOPF_BASE] = base;
	c->side[IOPF_NEW] = changed;
	for (int side = 0; side < IOPF_SIDES; side++)
		c->in_doubt[side] = is_in_doubt(c->side[side]);
	for (size_t i = 0; i < nr_percentiles && i < IOPF_COMPARE_PERCENTILES; i++)
		c->percentile_of[c->nr_percentiles++] = percentiles[i];
	for (int stage = 0; stage < IOPF_STAGES; stage++)
		compare_stage(c, (enum iopf_stage)stage);
	if (compare_counts(c) || compare_findings(c)) {
		iopf_comparison_free(c);
		return NULL;
	}
	c->differs = differs(c);
	return c;
}

/* Frees it. */
void iopf_comparison_free(struct iopf_comparison *c)
{
	if (!c)
		return;
	free(c->count);
	free(c->finding);
	free(c);
}
