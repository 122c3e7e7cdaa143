// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Assertions: expressions that a report has to bear out, and what becomes of its exit code. */
#include "iopftrace/expression.h"

#include <errno.h>
#include <stdlib.h>

enum { EXIT_VIOLATION = 1, EXIT_ASSERTION = 2, EXIT_INCONCLUSIVE = 5 };

/* Whether @a OP @b. */
static bool compare(double a, enum iopf_op op, double b)
{
	switch (op) {
	case IOPF_LT:
		return a < b;
	case IOPF_LE:
		return a <= b;
	case IOPF_GT:
		return a > b;
	case IOPF_GE:
		return a >= b;
	case IOPF_EQ:
		return a >= b && a <= b;
	case IOPF_NE:
		return a < b || a > b;
	}
	return false;
}

/* Whether what was not seen may have changed the figures of a report that nobody vouches for. */
static bool may_be_off(const struct iopf_report *r)
{
	for (int i = 0; i < IOPF_DOUBTS; i++) {
		if (r->doubt[i] && i != IOPF_DOUBT_FEW_GROUPS && i != IOPF_DOUBT_ASSERTION)
			return r->verdict != IOPF_PASS; /* loss that is to be ignored */
	}
	return false;
}

/*
 * Whether an expression that is false stays so whatever else happened: with more seen, counts and
 * maxima can only rise and minima only fall. Means and percentiles may go anywhere.
 */
static bool stays_false(const struct iopf_expr *expr, double value)
{
	bool falls = expr->is_stage && expr->stat == IOPF_STAT_MIN;
	bool rises = !expr->is_stage || expr->stat == IOPF_STAT_MAX || !expr->is_time;

	switch (expr->op) {
	case IOPF_LT:
	case IOPF_LE:
		return rises;
	case IOPF_GT:
	case IOPF_GE:
		return falls;
	case IOPF_EQ:
		return (rises && value > expr->value) || (falls && value < expr->value);
	case IOPF_NE:
		break;
	}
	return false;
}

/* Evaluates one; whether it is false for certain. */
static bool evaluate(const struct iopf_report *r, const struct iopf_expr *expr,
		     struct iopf_assertion *a)
{
	a->expr = expr->text;
	a->is_time = expr->is_time;
	a->known = iopf_expr_value(expr, r, &a->value);
	if (!a->known)
		a->value = 0;
	a->holds = a->known && compare(a->value, expr->op, expr->value);
	a->open = a->known && !a->holds && may_be_off(r) && !stays_false(expr, a->value);
	return a->known && !a->holds && !a->open;
}

/* Whether the exit code is that of a violation, or of loss that is to count as one. */
static bool is_violation(const struct iopf_report *r)
{
	return r->verdict == IOPF_VIOLATION ||
	       (r->exit_because == IOPF_BECAUSE_INCONCLUSIVE && r->exit_code == EXIT_VIOLATION);
}

/* The exit code: 1 before 2 before 5 before CMD's own. */
static void decide(struct iopf_report *r, bool failed)
{
	if (is_violation(r))
		return;
	if (failed) {
		r->exit_code = EXIT_ASSERTION;
		r->exit_because = IOPF_BECAUSE_ASSERTION;
	} else if (r->doubt[IOPF_DOUBT_ASSERTION] && r->verdict == IOPF_PASS) {
		r->verdict = IOPF_INCONCLUSIVE;
		r->exit_code = EXIT_INCONCLUSIVE;
		r->exit_because = IOPF_BECAUSE_INCONCLUSIVE;
	}
}

/* Evaluates assertions. */
int iopf_report_assert(struct iopf_report *r, const struct iopf_expr *exprs, size_t nr)
{
	bool failed = false;

	if (!nr)
		return 0;
	r->assertions = calloc(nr, sizeof(*r->assertions));
	if (!r->assertions)
		return -ENOMEM;
	r->nr_assertions = nr;
	for (size_t i = 0; i < nr; i++) {
		failed |= evaluate(r, &exprs[i], &r->assertions[i]);
		r->doubt[IOPF_DOUBT_ASSERTION] |= !r->assertions[i].known;
	}
	decide(r, failed);
	return 0;
}
