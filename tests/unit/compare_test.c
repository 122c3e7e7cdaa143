// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Comparisons: noise is not taken for a change, a change is found, too little says so; conditions. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "iopftrace/compare.h"
#include "sample_findings.h"
#include "sample_report.h"

#define IOPF_CORE_PRIVATE
#include "core/compare.h"
#include "core/interval.h"

static struct sample base, changed;
static struct sample_findings base_findings, changed_findings;
static struct iopf_hist one, other;
static uint64_t state_of_random = 88172645463325252ULL;

/* Between 0 and 1, neither of them. */
static double uniform(void)
{
	return ((double)(sample_random(&state_of_random) >> 12) + 0.5) / 0x1p52;
}

/* How times are distributed: more and less skewed, in two humps, of few values. */
enum shape { LOGNORMAL, PARETO, HUMPS, TWO_VALUES, SHAPES };

static double draw(enum shape shape)
{
	double u = uniform(), v = uniform();

	switch (shape) {
	case LOGNORMAL:
		return 100000 * exp(sqrt(-2 * log(u)) * cos(6.283185307 * v));
	case PARETO:
		return 10000 * pow(u, -1 / 1.5);
	case HUMPS:
		return u < 0.93 ? 10000 + 1000 * v : 1000000 + 100000 * v;
	default:
		return u < 0.5 ? 1000 : 1100;
	}
}

/* A histogram of @n of them, each times @factor. */
static void fill(struct iopf_hist *h, enum shape shape, unsigned int n, double factor)
{
	iopf_hist_init(h);
	for (unsigned int i = 0; i < n; i++)
		iopf_hist_add(h, (uint64_t)(draw(shape) * factor));
}

/* @n times the same value. */
static void fill_equal(struct iopf_hist *h, uint64_t n, uint64_t value)
{
	iopf_hist_init(h);
	for (uint64_t i = 0; i < n; i++)
		iopf_hist_add(h, value);
}

/*
 * P(X <= k) of a binomial distribution, summed up from the start: slow, and nothing like what is
 * tested.
 */
static double binomial(unsigned int n, double p, unsigned int k)
{
	double sum = 0;

	for (unsigned int i = 0; i <= k; i++)
		sum += exp(lgamma(n + 1.0) - lgamma(i + 1.0) - lgamma(n - i + 1.0) + i * log(p) +
			   (n - i) * log1p(-p));
	return sum;
}

static void ranks_are_those_of_the_binomial(void **state)
{
	static const unsigned int sizes[] = { 10, 11, 50, 100, 687, 1000, 5000, 6905, 20000 };
	static const double shares[] = { 0.5, 0.1, 0.9, 0.99, 0.999, 0.75 };
	const double tail = (1 - IOPF_COMPARE_CONFIDENCE) / 2;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t k = 0; k < sizeof(shares) / sizeof(shares[0]); k++) {
			uint64_t low, high, needed = interval_needed(shares[k]);
			unsigned int n = sizes[i];
			double p = shares[k];

			assert_int_equal(interval_ranks(n, p, &low, &high), n >= needed);
			if (n < needed)
				continue;
			assert_true(low >= 1 && low < high && high <= n);
			/* As near as they can be, and no nearer. */
			assert_true(binomial(n, p, (unsigned int)low - 1) <= tail);
			assert_true(binomial(n, p, (unsigned int)low) > tail);
			assert_true(1 - binomial(n, p, (unsigned int)high - 1) <= tail + 1e-9);
			assert_true(1 - binomial(n, p, (unsigned int)high - 2) > tail - 1e-9);
		}
	assert_int_equal(interval_needed(0.999), 6905);
	assert_int_equal(interval_needed(0.5), 10);
	assert_int_equal(interval_needed(1), 0);
}

/* However many there are it takes no longer, and where the method changes the ranks do not jump. */
static void ranks_of_any_number(void **state)
{
	uint64_t low, high, lower, higher;

	(void)state;
	assert_true(interval_ranks(4000000, 0.5, &low, &high));
	assert_true(interval_ranks(4000400, 0.5, &lower, &higher));
	assert_true(lower - low >= 198 && lower - low <= 203);
	assert_true(higher - high >= 198 && higher - high <= 203);
	assert_true(interval_ranks(UINT64_MAX / 2, 0.999, &low, &high));
	assert_true(low > UINT64_MAX / 2 / 1000 * 998 && high < UINT64_MAX / 2 && low < high);
	assert_true(interval_ranks(UINT64_MAX / 2, 1e-8, &low, &high) && low < high);
	assert_true(interval_ranks(100000000000000, 1e-8, &low, &high) && low < high);
	assert_false(interval_ranks(0, 0.5, &low, &high));
	assert_false(interval_ranks(UINT64_MAX / 2, 1, &low, &high));
}

/* Of two runs of the same, changes that are none: seldom enough. */
static void noise_is_no_change(void **state)
{
	static const unsigned int sizes[][2] = { { 100, 100 }, { 1000, 1000 }, { 150, 3000 } };
	static const double percents[] = { 50, 90, 99 };
	const unsigned int runs = 400;

	(void)state;
	for (unsigned int shape = 0; shape < SHAPES; shape++) {
		unsigned int wrong = 0, judged = 0;

		for (size_t size = 0; size < 3; size++)
			for (unsigned int i = 0; i < runs; i++) {
				fill(&one, (enum shape)shape, sizes[size][0], 1);
				fill(&other, (enum shape)shape, sizes[size][1], 1);
				for (size_t p = 0; p < 4; p++) {
					struct iopf_time_change t =
						p < 3 ? compare_percentile(&one, &other,
									   percents[p]) :
							compare_mean(&one, &other);

					judged += t.outcome < IOPF_TOO_FEW_GROUPS;
					wrong += t.outcome == IOPF_CHANGED;
				}
			}
		assert_true(judged > 2 * runs);
		/* 0.2 % of some 4,000 are 8; three standard deviations more are 17. */
		if (wrong > 17)
			fail_msg("shape %u: %u of %u changed by nothing", shape, wrong, judged);
	}
}

static void a_change_is_found(void **state)
{
	unsigned int found[4] = { 0 };

	(void)state;
	for (unsigned int i = 0; i < 50; i++) {
		fill(&one, LOGNORMAL, 20000, 1);
		fill(&other, LOGNORMAL, 20000, 1.2);
		found[0] += compare_mean(&one, &other).outcome == IOPF_CHANGED;
		found[1] += compare_percentile(&one, &other, 50).outcome == IOPF_CHANGED;
		found[2] += compare_percentile(&one, &other, 90).outcome == IOPF_CHANGED;
		/* The other way round, too. */
		found[3] += compare_percentile(&other, &one, 50).outcome == IOPF_CHANGED;
	}
	for (unsigned int i = 0; i < 4; i++)
		if (found[i] < 49)
			fail_msg("figure %u: found %u of 50 times", i, found[i]);
}

/* What the interval says it has inside, it has. */
static void intervals_hold_the_difference(void **state)
{
	unsigned int missed = 0;

	(void)state;
	for (unsigned int i = 0; i < 500; i++) {
		struct iopf_time_change t;

		fill(&one, LOGNORMAL, 1000, 1);
		fill(&other, LOGNORMAL, 1500, 1.5);
		t = compare_percentile(&one, &other, 50);
		missed += t.low_ns > 50000 || t.high_ns < 50000;
		/* 1.5 times what is at 90 %: exp(1.28155). */
		t = compare_percentile(&one, &other, 90);
		missed += t.low_ns > 180111 || t.high_ns < 180111;
	}
	/* 0.2 % of 1,000 are 2. */
	assert_true(missed <= 7);
}

static void equal_values_have_no_noise(void **state)
{
	struct iopf_time_change t;

	(void)state;
	fill_equal(&one, 1000, 5000);
	fill_equal(&other, 1000, 5000);
	assert_int_equal(compare_percentile(&one, &other, 50).outcome, IOPF_WITHIN_NOISE);
	assert_int_equal(compare_mean(&one, &other).outcome, IOPF_WITHIN_NOISE);
	fill_equal(&other, 1000, 6000);
	t = compare_percentile(&one, &other, 50);
	assert_int_equal(t.outcome, IOPF_CHANGED);
	assert_true(t.low_ns >= 1000 && t.high_ns <= 1000);
	assert_int_equal(compare_mean(&one, &other).outcome, IOPF_CHANGED);
	/* However sure, a nanosecond more is nothing. */
	fill_equal(&other, 1000, 5001);
	assert_int_equal(compare_mean(&one, &other).outcome, IOPF_WITHIN_RESOLUTION);
	fill_equal(&one, 1000, 8191);
	fill_equal(&other, 1000, 8192);
	t = compare_percentile(&one, &other, 50);
	assert_int_equal(t.outcome, IOPF_WITHIN_RESOLUTION);
}

/* Two values a nanosecond apart in buckets beside each other, which are told as their middles. */
static void the_next_bucket_is_no_change(void **state)
{
	struct iopf_time_change t;

	(void)state;
	for (uint64_t edge = 256; edge < 1000000000000; edge = edge * 65 / 64 + 1) {
		uint64_t lo, hi;

		iopf_hist_edges(iopf_hist_index(edge), &lo, &hi);
		fill_equal(&one, 1000, hi);
		fill_equal(&other, 1000, hi + 1);
		for (unsigned int i = 0; i < 5; i++) {
			iopf_hist_add(&one, 1);
			iopf_hist_add(&one, 10 * hi);
			iopf_hist_add(&other, 1);
			iopf_hist_add(&other, 10 * hi);
		}
		t = compare_percentile(&one, &other, 50);
		assert_true(t.ns[IOPF_NEW] > t.ns[IOPF_BASE]);
		assert_int_equal(t.outcome, IOPF_WITHIN_RESOLUTION);
	}
}

static void too_few_say_so(void **state)
{
	struct iopf_time_change t;

	(void)state;
	iopf_hist_init(&one);
	iopf_hist_init(&other);
	t = compare_percentile(&one, &other, 50);
	assert_int_equal(t.outcome, IOPF_NO_VALUE);
	assert_int_equal(compare_mean(&one, &other).outcome, IOPF_NO_VALUE);
	fill_equal(&one, 1, 100);
	t = compare_percentile(&one, &other, 50);
	assert_int_equal(t.outcome, IOPF_NO_VALUE);
	assert_true(t.known[IOPF_BASE] && !t.known[IOPF_NEW]);
	fill_equal(&other, 1, 900000);
	t = compare_percentile(&one, &other, 50);
	assert_int_equal(t.outcome, IOPF_TOO_FEW_GROUPS);
	assert_int_equal(t.needed, 10);
	assert_int_equal(compare_mean(&one, &other).outcome, IOPF_TOO_FEW_GROUPS);
	/* Enough for one figure, and not for another; and enough on one side is not enough. */
	fill_equal(&one, 50, 100);
	fill_equal(&other, 50, 900000);
	assert_int_equal(compare_percentile(&one, &other, 50).outcome, IOPF_CHANGED);
	t = compare_percentile(&one, &other, 99.9);
	assert_int_equal(t.outcome, IOPF_TOO_FEW_GROUPS);
	assert_int_equal(t.needed, 6905);
	fill_equal(&one, 10000, 100);
	assert_int_equal(compare_percentile(&one, &other, 99.9).outcome, IOPF_TOO_FEW_GROUPS);
	assert_int_equal(compare_percentile(&one, &other, 0).outcome, IOPF_NOT_JUDGED);
	assert_int_equal(compare_percentile(&one, &other, 100).outcome, IOPF_NOT_JUDGED);
}

/* A mean that a few values make up is not judged by a few more groups. */
static void a_skewed_mean_takes_many(void **state)
{
	struct iopf_time_change t;

	(void)state;
	fill_equal(&one, 400, 1000);
	fill_equal(&other, 399, 1000);
	iopf_hist_add(&other, 100000000);
	t = compare_mean(&one, &other);
	assert_true(t.ns[IOPF_NEW] > 200 * t.ns[IOPF_BASE]);
	assert_true(t.outcome == IOPF_TOO_FEW_GROUPS || t.outcome == IOPF_WITHIN_NOISE);
}

static struct iopf_comparison *compare(void)
{
	static const double percents[] = { 50, 90, 99, 99.9 };
	struct iopf_comparison *c = iopf_compare(&base.report, &changed.report, percents, 4);

	assert_non_null(c);
	return c;
}

static void a_report_is_as_it_is(void **state)
{
	struct iopf_comparison *c;

	(void)state;
	sample_pass(&base);
	sample_pass(&changed);
	c = compare();
	assert_false(c->differs);
	assert_int_equal(c->nr_judged, 25);
	assert_int_equal(c->nr_changed, 0);
	assert_int_equal(c->nr_counts_changed, 0);
	assert_int_equal(c->nr_findings, 0);
	iopf_comparison_free(c);
}

/* Two runs of a day and of nothing: all that can be compared is. */
static void anything_can_be_compared(void **state)
{
	uint64_t random = 0x9e3779b97f4a7c15;

	(void)state;
	for (unsigned int i = 0; i < 100; i++) {
		struct iopf_comparison *c;

		sample_wild(&base, &random);
		sample_any_findings(&base_findings, &base.report, &random);
		sample_wild(&changed, &random);
		sample_any_findings(&changed_findings, &changed.report, &random);
		c = compare();
		assert_true(c->nr_changed <= c->nr_judged && c->nr_judged <= 25);
		iopf_comparison_free(c);
	}
}

static void findings_come_and_go(void **state)
{
	struct iopf_comparison *c;

	(void)state;
	sample_pass(&base);
	sample_pass(&changed);
	findings_begin(&base_findings, &base.report);
	findings_begin(&changed_findings, &changed.report);
	add_finding(&base_findings, "IOPF029", IOPF_SEVERITY_NOTE, 4);
	add_finding(&base_findings, "IOPF005", IOPF_SEVERITY_WARN, 2);
	add_finding(&changed_findings, "IOPF029", IOPF_SEVERITY_NOTE, 5);
	add_finding(&changed_findings, "IOPF003", IOPF_SEVERITY_ERROR, 3);
	c = compare();
	assert_true(c->differs);
	assert_int_equal(c->nr_findings, 3);
	assert_int_equal(c->finding[0].rule->number, 3);
	assert_int_equal(c->finding[0].count[IOPF_BASE], 0);
	assert_int_equal(c->finding[0].count[IOPF_NEW], 3);
	assert_int_equal(c->finding[1].rule->number, 5);
	assert_int_equal(c->finding[1].count[IOPF_NEW], 0);
	assert_int_equal(c->finding[2].count[IOPF_BASE], 4);
	assert_int_equal(c->finding[2].count[IOPF_NEW], 5);
	iopf_comparison_free(c);
}

/* What becomes of a condition on these two. */
static enum iopf_condition_state state_of(const char *text)
{
	struct iopf_condition_result result;
	struct iopf_condition condition;
	struct iopf_expr_error error;
	struct iopf_comparison *c;

	if (iopf_condition_parse(&condition, text, &error))
		fail_msg("'%s': %zu: %s", text, error.position, error.text);
	c = compare();
	result = iopf_condition_evaluate(&condition, c);
	iopf_comparison_free(c);
	return result.state;
}

/* The wait of both sides. */
static void set_wait(uint64_t base_n, uint64_t base_ns, uint64_t new_n, uint64_t new_ns)
{
	fill_equal(&base.report.stage[IOPF_STAGE_WAIT].hist, base_n, base_ns);
	fill_equal(&changed.report.stage[IOPF_STAGE_WAIT].hist, new_n, new_ns);
}

static void begin(void)
{
	sample_pass(&base);
	sample_pass(&changed);
	base.report.judged = changed.report.judged = true;
	findings_begin(&base_findings, &base.report);
	findings_begin(&changed_findings, &changed.report);
}

static void conditions_on_times(void **state)
{
	(void)state;
	begin();
	set_wait(1000, 100000, 1000, 120000);
	assert_int_equal(state_of("wait.p50 > +10%"), IOPF_CONDITION_HOLDS);
	assert_int_equal(state_of("wait.mean>+15us"), IOPF_CONDITION_HOLDS);
	assert_int_equal(state_of("wait.p50 > +25%"), IOPF_CONDITION_BELOW);
	assert_int_equal(state_of("wait.mean > +20us"), IOPF_CONDITION_BELOW);
	assert_int_equal(state_of("wait.mean >= +20us"), IOPF_CONDITION_HOLDS);
	assert_int_equal(state_of("wait.p50 < -1%"), IOPF_CONDITION_BELOW);
	assert_int_equal(state_of("wait.p99.9 > +1%"), IOPF_CONDITION_FEW);
	assert_int_equal(state_of("wait.p99.9 > +1000%"), IOPF_CONDITION_FEW);
	assert_int_equal(state_of("wait.max > +10%"), IOPF_CONDITION_EXTREME);
	assert_int_equal(state_of("wait.max > +30%"), IOPF_CONDITION_BELOW);
	assert_int_equal(state_of("wait.p100 > +10%"), IOPF_CONDITION_EXTREME);
	set_wait(1000, 120000, 1000, 100000);
	assert_int_equal(state_of("wait.p50 < -5%"), IOPF_CONDITION_HOLDS);
	assert_int_equal(state_of("wait.mean <= -20us"), IOPF_CONDITION_HOLDS);
	set_wait(1000, 100000, 0, 0);
	assert_int_equal(state_of("wait.p50 > +5%"), IOPF_CONDITION_NO_VALUE);
}

/* Larger than the limit is not enough, but it is where no change at all would be too much. */
static void noise_excuses(void **state)
{
	struct iopf_hist *b, *n;

	(void)state;
	begin();
	b = &base.report.stage[IOPF_STAGE_WAIT].hist;
	n = &changed.report.stage[IOPF_STAGE_WAIT].hist;
	fill(b, LOGNORMAL, 100, 1);
	iopf_hist_init(n);
	for (unsigned int i = 0; i < 100; i++)
		iopf_hist_add(n, (uint64_t)(1.1 * (double)iopf_hist_percentile(b, i)));
	assert_int_equal(state_of("wait.p50 > +5%"), IOPF_CONDITION_NOISE);
	assert_int_equal(state_of("wait.p50 > -5%"), IOPF_CONDITION_HOLDS);
	/* The wrong way, by 0.1 %: too small to tell. */
	set_wait(1000, 100000, 1000, 100100);
	assert_int_equal(state_of("wait.mean > +0%"), IOPF_CONDITION_NOISE);
	assert_int_equal(state_of("wait.mean >= +0%"), IOPF_CONDITION_NOISE);
}

/* Nothing has changed: no condition on a change of 0 holds, but one on an improvement does. */
static void no_change_is_no_change(void **state)
{
	static const char *const of_nothing[] = {
		"wait.p50 >= +0%", "wait.mean >= +0%", "wait.p50 <= -0%",    "wait.p50 > +0ns",
		"wait.max >= +0%", "groups >= +0",     "outstanding <= -0%", "groups <= +0",
	};

	(void)state;
	begin();
	set_wait(1000, 100000, 1000, 100000);
	changed.report.groups.enqueued = base.report.groups.enqueued;
	for (size_t i = 0; i < sizeof(of_nothing) / sizeof(of_nothing[0]); i++)
		assert_int_equal(state_of(of_nothing[i]), IOPF_CONDITION_BELOW);
	assert_int_equal(state_of("wait.p50 >= -5%"), IOPF_CONDITION_HOLDS);
	assert_int_equal(state_of("wait.p50 <= +5%"), IOPF_CONDITION_HOLDS);
	changed.report.groups.enqueued = base.report.groups.enqueued + 1;
	assert_int_equal(state_of("groups >= +0"), IOPF_CONDITION_HOLDS);
}

static void conditions_on_counts(void **state)
{
	(void)state;
	begin();
	base.report.groups.outstanding = 0;
	changed.report.groups.outstanding = 2;
	assert_int_equal(state_of("outstanding > +1"), IOPF_CONDITION_HOLDS);
	assert_int_equal(state_of("outstanding > +2"), IOPF_CONDITION_BELOW);
	assert_int_equal(state_of("outstanding > +1000%"), IOPF_CONDITION_HOLDS); /* of nothing */
	assert_int_equal(state_of("kernel_answered >= +0%"), IOPF_CONDITION_BELOW); /* 0 and 0 */
	changed.report.groups.enqueued = base.report.groups.enqueued / 2;
	assert_int_equal(state_of("groups < -40%"), IOPF_CONDITION_HOLDS);
	assert_int_equal(state_of("groups < -60%"), IOPF_CONDITION_BELOW);
	add_finding(&changed_findings, "IOPF012", IOPF_SEVERITY_ERROR, 3);
	assert_int_equal(state_of("IOPF012 > +2"), IOPF_CONDITION_HOLDS);
	changed.report.judged = false;
	assert_int_equal(state_of("IOPF012 > +2"), IOPF_CONDITION_NO_VALUE);
}

static void conditions_on_what_is_in_doubt(void **state)
{
	(void)state;
	begin();
	set_wait(1000, 100000, 1000, 120000);
	changed.report.verdict = IOPF_INCONCLUSIVE;
	changed.report.complete = false;
	changed.report.lost.events = 7;
	assert_int_equal(state_of("wait.p50 > +10%"), IOPF_CONDITION_DOUBT);
	assert_int_equal(state_of("wait.p50 > +90%"), IOPF_CONDITION_DOUBT);
	assert_int_equal(state_of("groups > +90%"), IOPF_CONDITION_DOUBT);
	assert_int_equal(state_of("groups < -1"), IOPF_CONDITION_DOUBT);
	assert_int_equal(state_of("lost > +0"), IOPF_CONDITION_HOLDS); /* it can only become more */
	assert_int_equal(state_of("findings"), IOPF_CONDITION_DOUBT);
	assert_int_equal(state_of("verdict"), IOPF_CONDITION_DOUBT);
	/* Loss that was to be ignored. */
	changed.report.verdict = IOPF_PASS;
	assert_int_equal(state_of("wait.p50 > +10%"), IOPF_CONDITION_HOLDS);
	assert_int_equal(state_of("verdict"), IOPF_CONDITION_BELOW);
	base.report.verdict = IOPF_INCONCLUSIVE;
	assert_int_equal(state_of("wait.p50 > +10%"), IOPF_CONDITION_DOUBT);
	assert_int_equal(state_of("lost > +0"), IOPF_CONDITION_DOUBT);
	assert_int_equal(state_of("verdict"), IOPF_CONDITION_BELOW);
}

static void conditions_on_the_verdict(void **state)
{
	/* What becomes of it, by base and new. */
	static const enum iopf_condition_state expected[3][3] = {
		[IOPF_PASS] = { IOPF_CONDITION_BELOW, IOPF_CONDITION_HOLDS, IOPF_CONDITION_DOUBT },
		[IOPF_VIOLATION] = { IOPF_CONDITION_BELOW, IOPF_CONDITION_BELOW,
				     IOPF_CONDITION_BELOW },
		[IOPF_INCONCLUSIVE] = { IOPF_CONDITION_BELOW, IOPF_CONDITION_DOUBT,
					IOPF_CONDITION_DOUBT },
	};

	(void)state;
	begin();
	for (unsigned int b = 0; b < 3; b++)
		for (unsigned int n = 0; n < 3; n++) {
			base.report.verdict = (enum iopf_verdict)b;
			changed.report.verdict = (enum iopf_verdict)n;
			assert_int_equal(state_of(" verdict "), expected[b][n]);
		}
}

static void conditions_on_findings(void **state)
{
	(void)state;
	begin();
	assert_int_equal(state_of("findings"), IOPF_CONDITION_BELOW);
	add_finding(&changed_findings, "IOPF029", IOPF_SEVERITY_NOTE, 5);
	add_finding(&changed_findings, "IOPF030", IOPF_SEVERITY_ERROR, 1)->unproven = true;
	assert_int_equal(state_of("findings"), IOPF_CONDITION_BELOW);
	add_finding(&changed_findings, "IOPF005", IOPF_SEVERITY_WARN, 2);
	assert_int_equal(state_of("findings"), IOPF_CONDITION_HOLDS);
	base.report.judged = false;
	assert_int_equal(state_of("findings"), IOPF_CONDITION_DOUBT);
	base.report.judged = true;
	add_finding(&base_findings, "IOPF005", IOPF_SEVERITY_WARN, 1);
	assert_int_equal(state_of("findings"), IOPF_CONDITION_BELOW); /* more of it, but not new */
	assert_int_equal(state_of("findings > +0"), IOPF_CONDITION_HOLDS); /* which is the metric */
	changed.report.judged = false;
	assert_int_equal(state_of("findings"), IOPF_CONDITION_DOUBT);
}

/* What a side did not look for is neither new nor gone. */
static void conditions_on_findings_of_other_rules(void **state)
{
	struct iopf_not_checked off = { .rule = iopf_rule(5), .why = "off by policy" };

	(void)state;
	begin();
	base.report.not_checked = changed.report.not_checked = &off;
	base.report.nr_not_checked = changed.report.nr_not_checked = 1;
	assert_int_equal(state_of("findings"), IOPF_CONDITION_BELOW); /* neither did */
	base.report.nr_not_checked = 0;
	assert_int_equal(state_of("findings"), IOPF_CONDITION_DOUBT);
	off.in_part = true;
	assert_int_equal(state_of("findings"), IOPF_CONDITION_BELOW);
	off.in_part = false;
	base.report.nr_not_checked = 1;
	changed.report.nr_not_checked = 0;
	add_finding(&changed_findings, "IOPF005", IOPF_SEVERITY_WARN, 2);
	assert_int_equal(state_of("findings"), IOPF_CONDITION_DOUBT);
	add_finding(&changed_findings, "IOPF006", IOPF_SEVERITY_WARN, 2);
	assert_int_equal(state_of("findings"), IOPF_CONDITION_HOLDS);
}

static void bad(const char *text, size_t position, const char *expected)
{
	struct iopf_condition condition;
	struct iopf_expr_error error = { .position = 999 };

	assert_int_equal(iopf_condition_parse(&condition, text, &error), -EINVAL);
	if (error.position != position || !strstr(error.text, expected))
		fail_msg("'%s': %zu: %s", text, error.position, error.text);
}

static void errors_tell_where_and_what(void **state)
{
	(void)state;
	bad("", 0, "expected a metric");
	bad("verdicts", 0, "expected a metric");
	bad("total", 5, "expected count, negative, min, mean, max or a percentile");
	bad("total.p99", 9, "expected one of > < >= <=");
	bad("total.p99 == +5%", 10, "expected one of > < >= <=");
	bad("total.p99 > 5%", 12, "expected a change with its sign, as +10% or +5ms");
	bad("groups > 5", 9, "expected a change with its sign, as +10% or +3");
	bad("total.p99 > +", 13, "expected a number");
	bad("total.p99 > +-5%", 13, "expected a number");
	bad("total.p99 > +5", 14, "expected % or the unit of the time");
	bad("total.p99 > +5 parsecs", 15, "expected the unit of the time");
	bad("total.p99 > +5%%", 15, "expected nothing more");
	bad("total.p99 > +5% x", 16, "expected nothing more");
	bad("groups > +5ms", 11, "expected a number without a unit");
	bad("groups > +1.5", 10, "expected a whole number");
	bad("groups > +99999999999999999999", 10, "at most 9007199254740992");
	bad("total.p99 > +99999999999%", 13, "at most 1000000000%");
	bad("findings, verdict", 8, "expected one of > < >= <=");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranks_are_those_of_the_binomial),
		cmocka_unit_test(ranks_of_any_number),
		cmocka_unit_test(noise_is_no_change),
		cmocka_unit_test(a_change_is_found),
		cmocka_unit_test(intervals_hold_the_difference),
		cmocka_unit_test(equal_values_have_no_noise),
		cmocka_unit_test(the_next_bucket_is_no_change),
		cmocka_unit_test(too_few_say_so),
		cmocka_unit_test(a_skewed_mean_takes_many),
		cmocka_unit_test(a_report_is_as_it_is),
		cmocka_unit_test(anything_can_be_compared),
		cmocka_unit_test(findings_come_and_go),
		cmocka_unit_test(conditions_on_times),
		cmocka_unit_test(no_change_is_no_change),
		cmocka_unit_test(noise_excuses),
		cmocka_unit_test(conditions_on_counts),
		cmocka_unit_test(conditions_on_what_is_in_doubt),
		cmocka_unit_test(conditions_on_the_verdict),
		cmocka_unit_test(conditions_on_findings),
		cmocka_unit_test(conditions_on_findings_of_other_rules),
		cmocka_unit_test(errors_tell_where_and_what),
	};

	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
