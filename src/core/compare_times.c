// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Two times, and whether they differ by more than noise; how that is told is in the public header. */
#define IOPF_CORE_PRIVATE
#include "compare.h"

#include <math.h>

#include "interval.h"

/* Differences below this share of the base are none, however sure they are. */
#define RESOLUTION 0.01

/* What there is to say before there are intervals; whether there are values. */
static bool begin(struct iopf_time_change *t, const struct iopf_hist *base,
		  const struct iopf_hist *changed)
{
	*t = (struct iopf_time_change){ .known = { base->count > 0, changed->count > 0 } };
	t->outcome = IOPF_NO_VALUE;
	return t->known[IOPF_BASE] && t->known[IOPF_NEW];
}

/* The interval of the difference, from those of both sides: their margins add up as variances. */
static void combine(struct iopf_time_change *t, const struct interval *base,
		    const struct interval *changed)
{
	double b = (double)t->ns[IOPF_BASE], n = (double)t->ns[IOPF_NEW];

	t->low_ns = n - b - hypot(n - changed->low, base->high - b);
	t->high_ns = n - b + hypot(changed->high - n, b - base->low);
}

/* What becomes of it. */
static void decide(struct iopf_time_change *t)
{
	double difference = (double)t->ns[IOPF_NEW] - (double)t->ns[IOPF_BASE];

	if (t->low_ns <= 0 && t->high_ns >= 0)
		t->outcome = IOPF_WITHIN_NOISE;
	else if (fabs(difference) <= t->resolution_ns)
		t->outcome = IOPF_WITHIN_RESOLUTION;
	else
		t->outcome = IOPF_CHANGED;
}

/* How much a value may be off: it is the middle of its bucket, rounded down. */
static double error_of(uint64_t value)
{
	uint64_t lo, hi;

	iopf_hist_edges(iopf_hist_index(value), &lo, &hi);
	return hi > lo ? (double)(hi - lo + 1) / 2 : 0;
}

/*
 * The larger spread of the two. A few samples seldom have the rare slow ones among them that make up
 * most of it; with their own, a short run beside a long one would look surer than it is.
 */
static struct spread wider(const struct iopf_hist *base, const struct iopf_hist *changed)
{
	struct spread b = interval_spread(base), n = interval_spread(changed);

	return (struct spread){ fmax(b.sigma, n.sigma), fmax(b.skewness, n.skewness) };
}

/* Compares the means. They are exact, but a hundredth is nothing to be told of. */
struct iopf_time_change compare_mean(const struct iopf_hist *base, const struct iopf_hist *changed)
{
	struct spread spread = wider(base, changed);
	struct interval of_base, of_changed;
	struct iopf_time_change t;
	bool values = begin(&t, base, changed);

	t.ns[IOPF_BASE] = iopf_hist_mean(base);
	t.ns[IOPF_NEW] = iopf_hist_mean(changed);
	t.needed = interval_mean_needed(&spread);
	t.resolution_ns = RESOLUTION * (double)t.ns[IOPF_BASE];
	if (!values)
		return t;
	t.outcome = IOPF_TOO_FEW_GROUPS;
	if (!interval_mean(base, &spread, &of_base) ||
	    !interval_mean(changed, &spread, &of_changed))
		return t;
	combine(&t, &of_base, &of_changed);
	decide(&t);
	return t;
}

/* Compares a percentile. Of two that are in buckets beside each other nobody knows the difference. */
struct iopf_time_change compare_percentile(const struct iopf_hist *base,
					   const struct iopf_hist *changed, double percent)
{
	struct interval of_base, of_changed;
	struct iopf_time_change t;
	bool values = begin(&t, base, changed);

	t.ns[IOPF_BASE] = iopf_hist_percentile(base, percent);
	t.ns[IOPF_NEW] = iopf_hist_percentile(changed, percent);
	t.resolution_ns = fmax(RESOLUTION * (double)t.ns[IOPF_BASE],
			       error_of(t.ns[IOPF_BASE]) + error_of(t.ns[IOPF_NEW]));
	if (!values)
		return t;
	t.outcome = IOPF_NOT_JUDGED;
	if (!(percent > 0 && percent < 100))
		return t;
	t.needed = interval_needed(percent / 100);
	t.outcome = IOPF_TOO_FEW_GROUPS;
	if (!interval_percentile(base, percent, &of_base) ||
	    !interval_percentile(changed, percent, &of_changed))
		return t;
	combine(&t, &of_base, &of_changed);
	decide(&t);
	return t;
}

/* The outcomes as machine formats name them. */
const char *iopf_outcome_name(enum iopf_outcome outcome)
{
	static const char *const names[] = {
		[IOPF_WITHIN_NOISE] = "within_noise",
		[IOPF_WITHIN_RESOLUTION] = "within_resolution",
		[IOPF_CHANGED] = "changed",
		[IOPF_TOO_FEW_GROUPS] = "too_few_groups",
		[IOPF_NOT_JUDGED] = "not_judged",
		[IOPF_NO_VALUE] = "no_value",
	};

	return names[outcome];
}
