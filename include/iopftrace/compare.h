/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What changed between two finished reports, and whether it is more than noise.
 *
 * The noise of a time. Every group is taken for a sample of what its run would show if it went on for
 * ever, each independent of the others. Then the number of samples below a percentile of that run is
 * binomial, whatever the distribution is, so that two of the sorted samples enclose the percentile
 * with a probability that is known: no shape is assumed, and the cost does not grow with the number
 * of groups. They are found in the histogram, and taken as the outer edges of the buckets they are
 * in. Of a mean it is the normal approximation. The intervals of both sides become one of their
 * difference as variances would add up (MOVER: Zou and Donner, Statistics in Medicine 27, 2008).
 *
 * An interval has the difference inside with 99.8 %; so of the 25 that a comparison shows by default,
 * one or more misses in at most 5 % (Bonferroni).
 *
 * Faults are not quite independent: they come in bursts, and one slow answer delays those behind it.
 * Then there is more noise than the intervals say. What is barely out of them is worth a second run.
 */
#ifndef IOPFTRACE_COMPARE_H
#define IOPFTRACE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/expression.h"
#include "iopftrace/report.h"

#define IOPF_COMPARE_PERCENTILES 16
#define IOPF_COMPARE_CONFIDENCE 0.998

/* Below this many groups on a side nothing is said of means. */
#define IOPF_COMPARE_MEAN_GROUPS 100

enum iopf_side { IOPF_BASE, IOPF_NEW, IOPF_SIDES };

/* What can be said of two times. */
enum iopf_outcome {
	IOPF_WITHIN_NOISE, /* the interval of their difference has 0 in it */
	IOPF_WITHIN_RESOLUTION, /* it has not, but the histograms cannot tell so little apart */
	IOPF_CHANGED,
	IOPF_TOO_FEW_GROUPS, /* for an interval */
	IOPF_NOT_JUDGED, /* a minimum or maximum, of which there is no interval */
	IOPF_NO_VALUE, /* nothing was counted on a side */
	IOPF_OUTCOMES
};

/* "within_noise", "within_resolution", "changed", ...: as machine formats name them. */
const char *iopf_outcome_name(enum iopf_outcome outcome);

/* A time of a stage on both sides. */
struct iopf_time_change {
	bool known[IOPF_SIDES];
	uint64_t ns[IOPF_SIDES];
	enum iopf_outcome outcome;
	/* Of the difference, new less base; valid unless there are too few groups, or no interval. */
	double low_ns, high_ns;
	double resolution_ns; /* less than this cannot be told apart */
	uint64_t needed; /* groups on each side, for an interval; 0 = no number is enough */
};

struct iopf_stage_change {
	uint64_t count[IOPF_SIDES];
	struct iopf_time_change min, mean, max;
	struct iopf_time_change percentile[IOPF_COMPARE_PERCENTILES]; /* in the order asked for */
};

/* A count that both sides have: those of iopf_metric_is_plain(). */
struct iopf_count_change {
	const char *name;
	uint64_t value[IOPF_SIDES];
};

/* The cases of one rule with one severity, proven or not, on both sides; not both are 0. */
struct iopf_finding_change {
	const struct iopf_rule *rule;
	enum iopf_severity severity;
	bool unproven;
	uint64_t count[IOPF_SIDES];
};

struct iopf_comparison {
	const struct iopf_report *side[IOPF_SIDES]; /* the caller's */
	bool in_doubt[IOPF_SIDES]; /* what was not seen may change its figures, or it is inconclusive */
	bool differs; /* the verdict, the findings, or a time by more than noise */

	double percentile_of[IOPF_COMPARE_PERCENTILES]; /* 0 to 100 */
	size_t nr_percentiles;
	struct iopf_stage_change stage[IOPF_STAGES];
	size_t nr_judged, nr_changed; /* times that have an interval; of them those that changed */

	struct iopf_count_change *count;
	size_t nr_counts, nr_counts_changed;
	struct iopf_finding_change *finding; /* most severe first, then in order of rules */
	size_t nr_findings;
};

/*
 * Compares. At most IOPF_COMPARE_PERCENTILES of @percentiles (0 to 100) are taken. NULL = out of
 * memory. The reports must live as long as the result, which iopf_comparison_free() frees.
 */
struct iopf_comparison *iopf_compare(const struct iopf_report *base,
				     const struct iopf_report *changed, const double *percentiles,
				     size_t nr_percentiles);

/* Frees it; NULL is allowed. */
void iopf_comparison_free(struct iopf_comparison *c);

/*
 * Conditions on a change, of which CI is to fail:
 *
 *	METRIC OP CHANGE	total.p99 > +10%, wait.mean > +50us, groups < -5%, IOPF012 > +0
 *		METRIC is that of expressions, OP one of > < >= <=, CHANGE has a sign, and is in % of
 *		the base, or a time with its unit, or a count; where it is 0, >= is as > and <= as <
 *	verdict			the verdict is worse
 *	findings		there is a finding of severity warn or error that was not there
 *
 * One on a time holds only if the time has changed by more than noise too, unless no change at all
 * would meet it already (total.p99 > -5%: it has to become better).
 */
struct iopf_condition {
	const char *text; /* as given: the caller's */
	enum { IOPF_ON_METRIC, IOPF_ON_VERDICT, IOPF_ON_FINDINGS } on;
	struct iopf_expr metric; /* its value is the change: nanoseconds, a count, or percent */
	bool relative; /* in percent */
};

/* Parses; 0 or -EINVAL with @error filled in. */
int iopf_condition_parse(struct iopf_condition *condition, const char *text,
			 struct iopf_expr_error *error);

/* What became of a condition, and why. */
enum iopf_condition_state {
	IOPF_CONDITION_HOLDS, /* CI is to fail */
	IOPF_CONDITION_BELOW, /* the change is not as large, or nothing is worse: it does not hold */
	IOPF_CONDITION_NOISE, /* the change is, but within noise or resolution: it does not hold */
	/* It cannot be told: */
	IOPF_CONDITION_DOUBT, /* a side is inconclusive, or not judged */
	IOPF_CONDITION_FEW, /* groups */
	IOPF_CONDITION_EXTREME, /* a minimum or maximum changed so much, of which noise is not known */
	IOPF_CONDITION_NO_VALUE, /* the metric has none on a side */
	IOPF_CONDITION_STATES
};

/* "holds", "below", "noise", ...: as machine formats name them. */
const char *iopf_condition_state_name(enum iopf_condition_state state);

/* Whether it cannot be told if the condition holds. */
bool iopf_condition_is_open(enum iopf_condition_state state);

struct iopf_condition_result {
	const struct iopf_condition *condition;
	enum iopf_condition_state state;
	bool doubt[IOPF_SIDES]; /* with IOPF_CONDITION_DOUBT: which side */
	bool known[IOPF_SIDES]; /* the metric has a value */
	double value[IOPF_SIDES];
	struct iopf_time_change change; /* when the metric is a time of a stage */
};

/* Evaluates one. */
struct iopf_condition_result iopf_condition_evaluate(const struct iopf_condition *condition,
						     const struct iopf_comparison *c);

#endif /* IOPFTRACE_COMPARE_H */
