/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Expressions on the figures of a report: METRIC OP VALUE.
 *
 *	METRIC	STAGE.STAT: total.p99, wait.p99.9, service.max, ack.mean, route.min, total.count,
 *		route.negative
 *		or a count: groups, outstanding, outstanding.max, responses.invalid, kernel_answered,
 *		lost, IOPF012 (the cases of a rule), ...
 *	OP	< <= > >= == !=
 *	VALUE	a time with its unit for times (5ms, 100us, 1.5s); a plain number for counts (512)
 */
#ifndef IOPFTRACE_EXPRESSION_H
#define IOPFTRACE_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/report.h"

enum iopf_op { IOPF_LT, IOPF_LE, IOPF_GT, IOPF_GE, IOPF_EQ, IOPF_NE };

/* A parsed expression. */
struct iopf_expr {
	const char *text; /* as given: the caller's */
	enum iopf_op op;
	double value; /* nanoseconds, or a count */
	bool is_time;
	/* The metric: a stage's figure, or a count. */
	bool is_stage;
	enum iopf_stage stage;
	enum {
		IOPF_STAT_COUNT,
		IOPF_STAT_NEGATIVE,
		IOPF_STAT_MIN,
		IOPF_STAT_MEAN,
		IOPF_STAT_MAX,
		IOPF_STAT_PERCENTILE
	} stat;
	double percentile; /* 0 to 100 */
	unsigned int count; /* index into the counts */
	unsigned int rule; /* cases of this rule, 0 = another count */
};

/* What is wrong with an expression. */
struct iopf_expr_error {
	size_t position; /* in bytes from its beginning */
	char text[160]; /* what was expected there: "expected a time with its unit, as 5ms" */
};

/* Parses; 0 or -EINVAL with @error filled in. */
int iopf_expr_parse(struct iopf_expr *expr, const char *text, struct iopf_expr_error *error);

/* The value of its metric; false when there is none (a stage in which nothing was counted). */
bool iopf_expr_value(const struct iopf_expr *expr, const struct iopf_report *report, double *value);

/* The metrics there are, by number from 0: name, and what it is. False past the last. */
bool iopf_metric(size_t i, const char **name, const char **what);

/*
 * The value of metric @i when it is a count: 1 with *@value, 0 when it has none. -EINVAL when it is a
 * figure of a stage, or there is no such metric.
 */
int iopf_metric_count(size_t i, const struct iopf_report *report, uint64_t *value);

/* Whether metric @i is a plain count: no figure of a stage, no cases of findings, no second name. */
bool iopf_metric_is_plain(size_t i);

#endif /* IOPFTRACE_EXPRESSION_H */
