// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Conditions on a change: METRIC OP CHANGE, verdict, findings. */
#define IOPF_CORE_PRIVATE
#include <errno.h>
#include <math.h>
#include <string.h>

#include "compare.h"
#include "expression_parser.h"

/* More than this many percent nobody means. */
#define PERCENT_MAX 1e9

/* Whether the text is this one word. */
static bool is_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	text += strspn(text, " \t\r\n");
	return !strncmp(text, word, len) && !text[len + strspn(text + len, " \t\r\n")];
}

/* The comparison. Nobody has a use for equal changes. */
static int parse_op(struct expr_parser *p)
{
	size_t len = p->at[0] && p->at[1] == '=' ? 2 : 1;

	if (*p->at != '<' && *p->at != '>')
		return expr_fail(p, "expected one of > < >= <=");
	if (*p->at == '>')
		p->expr->op = len == 2 ? IOPF_GE : IOPF_GT;
	else
		p->expr->op = len == 2 ? IOPF_LE : IOPF_LT;
	p->at += len;
	return 0;
}

/* The sign, which has to be there: without one it looks like a value. */
static int parse_sign(struct expr_parser *p, double *sign)
{
	if (*p->at != '+' && *p->at != '-')
		return expr_fail(p, p->expr->is_time ?
					    "expected a change with its sign, as +10% or +5ms" :
					    "expected a change with its sign, as +10% or +3");
	*sign = *p->at == '-' ? -1 : 1;
	p->at++;
	return 0;
}

/* A change in percent, whose number ends at @end. */
static int parse_percent(struct expr_parser *p, const char *end)
{
	if (!(p->expr->value <= PERCENT_MAX))
		return expr_fail(p, "expected a change of at most 1000000000%");
	p->at = end + 1;
	return 0;
}

/* By how much. */
static int parse_amount(struct expr_parser *p, bool *relative)
{
	const char *end, *unit;
	bool whole;

	end = expr_read_number(p->at, &p->expr->value, &whole);
	if (!end)
		return expr_fail(p, "expected a number");
	unit = end + strspn(end, " \t\r\n");
	*relative = *unit == '%';
	if (*relative)
		return parse_percent(p, unit);
	if (p->expr->is_time && !*unit) {
		p->at = unit;
		return expr_fail(p, "expected % or the unit of the time: ns, us, ms, s, m or h");
	}
	return p->expr->is_time ? expr_parse_unit(p, end) : expr_check_count(p, end, whole);
}

/* METRIC OP CHANGE. */
static int parse_change(struct expr_parser *p, bool *relative)
{
	double sign = 1;
	int err;

	expr_skip_space(p);
	err = expr_parse_metric(p);
	expr_skip_space(p);
	err = err ? err : parse_op(p);
	if (err)
		return err;
	expr_skip_space(p);
	err = parse_sign(p, &sign);
	err = err ? err : parse_amount(p, relative);
	if (err)
		return err;
	p->expr->value *= sign;
	expr_skip_space(p);
	return *p->at ? expr_fail(p, "expected nothing more") : 0;
}

/* Parses a condition. */
int iopf_condition_parse(struct iopf_condition *condition, const char *text,
			 struct iopf_expr_error *error)
{
	struct expr_parser p = {
		.text = text, .at = text, .expr = &condition->metric, .error = error
	};

	*condition = (struct iopf_condition){ .text = text, .metric = { .text = text } };
	if (is_word(text, "verdict"))
		condition->on = IOPF_ON_VERDICT;
	else if (is_word(text, "findings"))
		condition->on = IOPF_ON_FINDINGS;
	else
		return parse_change(&p, &condition->relative);
	return 0;
}

/* The states as machine formats name them. */
const char *iopf_condition_state_name(enum iopf_condition_state state)
{
	static const char *const names[] = {
		[IOPF_CONDITION_HOLDS] = "holds",	[IOPF_CONDITION_BELOW] = "below",
		[IOPF_CONDITION_NOISE] = "noise",	[IOPF_CONDITION_DOUBT] = "doubt",
		[IOPF_CONDITION_FEW] = "few_groups",	[IOPF_CONDITION_EXTREME] = "extreme",
		[IOPF_CONDITION_NO_VALUE] = "no_value",
	};

	return names[state];
}

/* Whether it cannot be told if a condition holds. */
bool iopf_condition_is_open(enum iopf_condition_state state)
{
	return state >= IOPF_CONDITION_DOUBT;
}

/* Whether a change is one that a condition is about. No change at all is not one of +0 or more. */
static bool meets(const struct iopf_expr *metric, double change)
{
	bool is_none = !(change < 0 || change > 0) && !(metric->value < 0 || metric->value > 0);

	if (is_none)
		return false;
	switch (metric->op) {
	case IOPF_GT:
		return change > metric->value;
	case IOPF_GE:
		return change >= metric->value;
	case IOPF_LT:
		return change < metric->value;
	case IOPF_LE:
		return change <= metric->value;
	case IOPF_EQ:
	case IOPF_NE:
		break;
	}
	return false;
}

/* The change of a metric, in what the condition is in. From nothing to something there is no percent. */
static double change_of(const struct iopf_condition_result *r)
{
	double difference = r->value[IOPF_NEW] - r->value[IOPF_BASE];

	if (!r->condition->relative)
		return difference;
	if (r->value[IOPF_BASE] > 0)
		return 100 * difference / r->value[IOPF_BASE];
	return difference > 0 ? INFINITY : 0;
}

/* The time of a stage that a metric is. */
static struct iopf_time_change time_of(const struct iopf_expr *metric,
				       const struct iopf_comparison *c)
{
	const struct iopf_hist *base = &c->side[IOPF_BASE]->stage[metric->stage].hist;
	const struct iopf_hist *changed = &c->side[IOPF_NEW]->stage[metric->stage].hist;

	if (metric->stat == IOPF_STAT_MEAN)
		return compare_mean(base, changed);
	return compare_percentile(base, changed,
				  metric->stat == IOPF_STAT_MIN ? 0 :
				  metric->stat == IOPF_STAT_MAX ? 100 :
								  metric->percentile);
}

/* A time: noise excuses what no change at all would not have met. */
static enum iopf_condition_state judge_time(const struct iopf_condition_result *r)
{
	const struct iopf_expr *metric = &r->condition->metric;
	bool met = meets(metric, change_of(r));

	switch (r->change.outcome) {
	case IOPF_TOO_FEW_GROUPS:
		return IOPF_CONDITION_FEW;
	case IOPF_NOT_JUDGED:
		return met ? IOPF_CONDITION_EXTREME : IOPF_CONDITION_BELOW;
	case IOPF_WITHIN_NOISE:
	case IOPF_WITHIN_RESOLUTION:
		if (met && !meets(metric, 0))
			return IOPF_CONDITION_NOISE;
		break;
	case IOPF_CHANGED:
		break;
	default:
		return IOPF_CONDITION_NO_VALUE;
	}
	return met ? IOPF_CONDITION_HOLDS : IOPF_CONDITION_BELOW;
}

/*
 * Whether a count that met its condition does so whatever was not seen: with more seen, counts can
 * only rise.
 */
static bool stays_met(const struct iopf_condition_result *r)
{
	enum iopf_op op = r->condition->metric.op;

	return !r->doubt[op == IOPF_GT || op == IOPF_GE ? IOPF_BASE : IOPF_NEW];
}

/* A count. */
static enum iopf_condition_state judge_count(const struct iopf_condition_result *r)
{
	bool met = meets(&r->condition->metric, change_of(r));

	if ((r->doubt[IOPF_BASE] || r->doubt[IOPF_NEW]) && !(met && stays_met(r)))
		return IOPF_CONDITION_DOUBT;
	return met ? IOPF_CONDITION_HOLDS : IOPF_CONDITION_BELOW;
}

/* A metric. */
static void judge_metric(struct iopf_condition_result *r, const struct iopf_comparison *c)
{
	const struct iopf_expr *metric = &r->condition->metric;
	bool known = true;

	for (int side = 0; side < IOPF_SIDES; side++) {
		r->known[side] = iopf_expr_value(metric, c->side[side], &r->value[side]);
		r->doubt[side] = c->in_doubt[side];
		known &= r->known[side];
	}
	if (metric->is_time)
		r->change = time_of(metric, c);
	if (!known)
		r->state = IOPF_CONDITION_NO_VALUE;
	else if (!metric->is_time)
		r->state = judge_count(r);
	else if (r->doubt[IOPF_BASE] || r->doubt[IOPF_NEW])
		r->state = IOPF_CONDITION_DOUBT;
	else
		r->state = judge_time(r);
}

/* A worse verdict. A pass is never worse, and nothing is worse than a violation. */
static void judge_verdict(struct iopf_condition_result *r, const struct iopf_comparison *c)
{
	enum iopf_verdict base = c->side[IOPF_BASE]->verdict, now = c->side[IOPF_NEW]->verdict;

	if (now == IOPF_PASS || base == IOPF_VIOLATION) {
		r->state = IOPF_CONDITION_BELOW;
		return;
	}
	r->doubt[IOPF_BASE] = base == IOPF_INCONCLUSIVE;
	r->doubt[IOPF_NEW] = now == IOPF_INCONCLUSIVE;
	r->state = r->doubt[IOPF_BASE] || r->doubt[IOPF_NEW] ? IOPF_CONDITION_DOUBT :
							       IOPF_CONDITION_HOLDS;
}

/* Whether a side has not judged a rule at all. */
static bool is_unchecked(const struct iopf_report *r, const struct iopf_rule *rule)
{
	for (size_t i = 0; i < r->nr_not_checked; i++) {
		if (r->not_checked[i].rule == rule && !r->not_checked[i].in_part)
			return true;
	}
	return false;
}

/* Whether the new side has not judged a rule that the other has. */
static bool sees_less(const struct iopf_comparison *c)
{
	const struct iopf_report *new = c->side[IOPF_NEW];

	for (size_t i = 0; i < new->nr_not_checked; i++) {
		const struct iopf_not_checked *n = &new->not_checked[i];

		if (!n->in_part && !is_unchecked(c->side[IOPF_BASE], n->rule))
			return true;
	}
	return false;
}

/*
 * A new finding. One that is proven is there whatever else was not seen; whether it is new is known
 * only if it would have been seen before; and that there is none, only if it would be seen now.
 */
static void judge_findings(struct iopf_condition_result *r, const struct iopf_comparison *c)
{
	const struct iopf_report *base = c->side[IOPF_BASE], *new = c->side[IOPF_NEW];
	bool any = false, open = false;

	for (size_t i = 0; i < c->nr_findings; i++) {
		const struct iopf_finding_change *f = &c->finding[i];

		if (f->unproven || f->severity < IOPF_SEVERITY_WARN || f->count[IOPF_BASE] ||
		    !f->count[IOPF_NEW])
			continue;
		if (is_unchecked(base, f->rule))
			open = true;
		else
			any = true;
	}
	r->doubt[IOPF_BASE] = (any && (c->in_doubt[IOPF_BASE] || !base->judged)) || (!any && open);
	r->doubt[IOPF_NEW] = !any && (c->in_doubt[IOPF_NEW] || !new->judged || sees_less(c));
	if (r->doubt[IOPF_BASE] || r->doubt[IOPF_NEW])
		r->state = IOPF_CONDITION_DOUBT;
	else
		r->state = any ? IOPF_CONDITION_HOLDS : IOPF_CONDITION_BELOW;
}

/* Evaluates a condition. */
struct iopf_condition_result iopf_condition_evaluate(const struct iopf_condition *condition,
						     const struct iopf_comparison *c)
{
	struct iopf_condition_result r = { .condition = condition };

	switch (condition->on) {
	case IOPF_ON_METRIC:
		judge_metric(&r, c);
		break;
	case IOPF_ON_VERDICT:
		judge_verdict(&r, c);
		break;
	case IOPF_ON_FINDINGS:
		judge_findings(&r, c);
		break;
	}
	return r;
}
