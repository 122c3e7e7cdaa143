// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Intervals that choose their own width: nothing is lost, and they are those of that width. */
#include "model.h"
#include "steady.h"

#define MS 1000000ULL
#define START 86400000000000ULL /* of a steady load */

/* A sum of histograms over intervals, or that of a report. */
static void sum_is_whole(const struct iopf_report *r)
{
	const struct iopf_breakdown *b = r->breakdown;
	uint64_t groups = 0, outstanding = 0;

	assert_int_equal(b->left_out, 0);
	for (size_t i = 0; i < b->nr_intervals; i++) {
		groups += b->intervals[i].cut.groups;
		outstanding += b->intervals[i].cut.outstanding;
	}
	assert_int_equal(groups, r->groups.enqueued + r->groups.adopted);
	assert_int_equal(outstanding, r->groups.outstanding);
	for (int s = 0; s < IOPF_STAGES; s++) {
		struct iopf_hist *sum = malloc(sizeof(*sum));

		assert_non_null(sum);
		iopf_hist_init(sum);
		for (size_t i = 0; i < b->nr_intervals; i++)
			iopf_sparse_expand(&b->intervals[i].cut.stage[s], sum);
		assert_memory_equal(sum, &r->stage[s].hist, sizeof(*sum));
		free(sum);
	}
}

/* The same figures; who made them aside. */
static void same_cut(const struct iopf_cut *a, const struct iopf_cut *b)
{
	assert_int_equal(a->groups, b->groups);
	assert_int_equal(a->answered_user, b->answered_user);
	assert_int_equal(a->answered_kernel, b->answered_kernel);
	assert_memory_equal(a->code, b->code, sizeof(a->code));
	assert_int_equal(a->outstanding, b->outstanding);
	assert_int_equal(a->unknown, b->unknown);
	for (int i = 0; i < IOPF_CUT_STAGES; i++) {
		const struct iopf_sparse *x = &a->stage[i], *y = &b->stage[i];

		assert_int_equal(x->count, y->count);
		assert_int_equal(x->negative, y->negative);
		assert_true(x->sum == y->sum);
		assert_int_equal(x->nr, y->nr);
		if (x->count) {
			assert_int_equal(x->min, y->min);
			assert_int_equal(x->max, y->max);
		}
		for (uint32_t k = 0; k < x->nr; k++) {
			assert_int_equal(x->bucket[k].index, y->bucket[k].index);
			assert_int_equal(x->bucket[k].count, y->bucket[k].count);
		}
	}
}

/* All that a series says. */
static void same_series(const struct iopf_breakdown *a, const struct iopf_breakdown *b)
{
	assert_int_equal(a->opts.interval_ns, b->opts.interval_ns);
	assert_int_equal(a->nr_intervals, b->nr_intervals);
	for (size_t i = 0; i < a->nr_intervals; i++) {
		const struct iopf_interval *x = &a->intervals[i], *y = &b->intervals[i];

		assert_int_equal(x->from_ns, y->from_ns);
		assert_int_equal(x->to_ns, y->to_ns);
		assert_int_equal(x->outstanding, y->outstanding);
		assert_int_equal(x->queue_max, y->queue_max);
		assert_int_equal(x->findings, y->findings);
		same_cut(&x->cut, &y->cut);
	}
}

/* A steady load of @records, which ends after them; made to begin at the last moment. */
static struct iopf_report *run_steady(const struct iopf_breakdown_opts *breakdown, int records)
{
	struct iopf_engine_opts opts = { .breakdown = *breakdown, .judge = true };
	struct iopf_engine *e = iopf_engine_new(&opts);
	struct iopf_run run = { .version = "", .kernel = "", .start_ns = START };
	struct iopf_report *r;
	union steady_rec rec;
	struct steady s;

	assert_non_null(e);
	iopf_engine_start(e, START);
	steady_begin(&s, 3);
	for (int n = 0; n < records; n++)
		assert_int_equal(iopf_engine_feed(e, steady_next(&s, &rec)), 0);
	run.end_ns = s.now_ns;
	r = iopf_engine_finish(e, &run);
	iopf_engine_free(e);
	assert_non_null(r);
	return r;
}

/* Runs of any duration: few intervals, that are as wide as they must be, and all groups in them. */
static void test_any_duration(void **state)
{
	static const int records[] = { 30, 300, 3000, 20000, 100000 };
	uint64_t last_ns = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		struct iopf_breakdown_opts opts = { .adaptive = true };
		struct iopf_report *r = run_steady(&opts, records[i]), *fixed;
		const struct iopf_breakdown *b = r->breakdown;
		uint64_t width = b->opts.interval_ns;

		assert_true(width % IOPF_ADAPTIVE_NS == 0 && width >= last_ns);
		assert_true(b->nr_intervals <= IOPF_ADAPTIVE_INTERVALS);
		/* One narrower would have been too many. */
		if (width > IOPF_ADAPTIVE_NS)
			assert_true(r->duration_ns / (width / 2) >= IOPF_ADAPTIVE_INTERVALS);
		sum_is_whole(r);
		last_ns = width;
		opts = (struct iopf_breakdown_opts){ .interval_ns = width };
		fixed = run_steady(&opts, records[i]);
		same_series(b, fixed->breakdown);
		iopf_report_free(fixed);
		iopf_report_free(r);
	}
	assert_true(last_ns > IOPF_ADAPTIVE_NS);
}

/* A random history, with losses, findings and objects that are of the scope only later. */
static struct model *make_random(uint64_t seed, const struct iopf_breakdown_opts *breakdown)
{
	const struct m_opts opts = {
		.seed = seed,
		.steps = 400,
		.races = seed & 1,
		.kernel = seed & 2,
		.before = seed & 4,
		.failures = seed & 8,
		.scoped = seed & 16,
		.twins = seed & 32,
		.unacked = seed & 64,
	};
	struct model *m = m_new(&opts);

	m->h->opts.breakdown = *breakdown;
	m->h->opts.breakdown.start_ns = seed % 5 ? 1000000 : 0;
	m->h->opts.judge = true;
	m->h->run.end_ns = m->h->last_ns;
	h_finish(m->h);
	return m;
}

static void test_random_histories_are_as_with_that_width(void **state)
{
	unsigned int widened = 0, found = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct iopf_breakdown_opts opts = {
			.adaptive = true,
			.interval_ns = 1 + seed * 97,
			.max_intervals = 1 + seed % 40,
		};
		struct model *m = make_random(seed, &opts), *fixed;
		const struct iopf_breakdown *b = m->h->report->breakdown;

		assert_false(b->too_fine);
		assert_true(b->nr_intervals <= opts.max_intervals);
		sum_is_whole(m->h->report);
		widened += b->opts.interval_ns > opts.interval_ns;
		for (size_t i = 0; i < b->nr_intervals; i++)
			found += b->intervals[i].findings > 0;
		opts = (struct iopf_breakdown_opts){ .interval_ns = b->opts.interval_ns };
		fixed = make_random(seed, &opts);
		same_series(b, fixed->h->report->breakdown);
		m_free(fixed);
		m_free(m);
	}
	assert_true(widened > 100);
	assert_true(found > 100);
}

/* Merging makes no more buckets than it gives back, also when there is no room for one more. */
static void test_widening_takes_no_room(void **state)
{
	struct iopf_breakdown_opts opts = { .adaptive = true, .interval_ns = 1000 };
	struct iopf_report *r;
	size_t buckets = 0;

	(void)state;
	r = run_steady(&opts, 2000);
	for (size_t i = 0; i < r->breakdown->nr_intervals; i++)
		for (int s = 0; s < IOPF_CUT_STAGES; s++)
			buckets += r->breakdown->intervals[i].cut.stage[s].nr;
	iopf_report_free(r);
	opts.max_buckets = buckets / 2;
	r = run_steady(&opts, 2000);
	assert_true(r->breakdown->left_out > 0);
	buckets = 0;
	for (size_t i = 0; i < r->breakdown->nr_intervals; i++)
		for (int s = 0; s < IOPF_CUT_STAGES; s++)
			buckets += r->breakdown->intervals[i].cut.stage[s].nr;
	assert_true(buckets <= opts.max_buckets);
	iopf_report_free(r);
}

/* A time that cannot be makes intervals wide, and nothing worse. */
static void test_the_end_of_time(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	h->opts.breakdown.adaptive = true;
	h->run.end_ns = 5 * MS;
	h_enqueue(h, &g, 1000, 1010);
	h_read(h, &g, 1020, 1030);
	h_answer(h, &g, UINT64_MAX - 1, UINT64_MAX);
	h_finish(h);
	assert_int_equal(h->report->breakdown->nr_intervals, 1);
	assert_int_equal(h->report->breakdown->intervals[0].cut.groups, 1);
	assert_int_equal(h->report->breakdown->intervals[0].to_ns, 5 * MS);
}

/* Nothing happens for a long time after the last record. */
static void test_the_end_counts(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	h->opts.breakdown.adaptive = true;
	h->run.end_ns = 961 * MS;
	h_enqueue(h, &g, 1000, 1010);
	h_finish(h);
	assert_int_equal(h->report->breakdown->opts.interval_ns, 8 * MS);
	assert_int_equal(h->report->breakdown->nr_intervals, 121);
	assert_int_equal(h->report->breakdown->intervals[120].to_ns, 961 * MS);
	assert_int_equal(h->report->breakdown->intervals[0].cut.outstanding, 1);
	assert_int_equal(h->report->breakdown->intervals[120].queue_max, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_duration),
		cmocka_unit_test(test_random_histories_are_as_with_that_width),
		cmocka_unit_test(test_widening_takes_no_room),
		H_TEST(test_the_end_of_time),
		H_TEST(test_the_end_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
