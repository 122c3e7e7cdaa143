// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The histogram against exact nearest-rank percentiles over all values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "iopftrace/histogram.h"

#define HOUR_NS 3600000000000ULL

static uint64_t random_state = 0x9e3779b97f4a7c15ULL;

/* xorshift: the same numbers on every run. */
static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* A value between 1 ns and 1 h, every magnitude being equally likely. */
static uint64_t random_time(void)
{
	uint64_t value;

	do {
		value = 1ULL << (next_random() % 42);
		value += next_random() % value;
	} while (value > HOUR_NS);
	return value;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static struct iopf_hist *new_hist(void)
{
	struct iopf_hist *h = malloc(sizeof(*h));

	assert_non_null(h);
	iopf_hist_init(h);
	return h;
}

/* @got is within one percent of @exact. */
static void assert_close(uint64_t got, uint64_t exact)
{
	uint64_t off = got > exact ? got - exact : exact - got;

	assert_true(off * 100 <= exact);
}

static void test_empty(void **state)
{
	struct iopf_hist *h = new_hist();

	(void)state;
	assert_int_equal(iopf_hist_percentile(h, 50), 0);
	assert_int_equal(iopf_hist_mean(h), 0);
	assert_int_equal(iopf_hist_between(h, 0, UINT64_MAX), 0);
	assert_int_equal(h->min, UINT64_MAX);
	assert_int_equal(h->max, 0);
	free(h);
}

static void test_buckets_cover_everything(void **state)
{
	uint64_t lo, hi, expected = 0;

	(void)state;
	for (unsigned int i = 0; i < IOPF_HIST_BUCKETS; i++) {
		iopf_hist_edges(i, &lo, &hi);
		assert_int_equal(lo, expected);
		assert_int_equal(iopf_hist_index(lo), i);
		assert_int_equal(iopf_hist_index(hi), i);
		assert_true(hi - lo <= lo / IOPF_HIST_SUB);
		expected = hi + 1;
	}
	assert_int_equal(expected, 0); /* the last one ends at UINT64_MAX */
}

static void test_error_bound(void **state)
{
	static const double percent[] = { 0.001, 1, 10, 25, 50, 75, 90, 99, 99.9, 99.99, 99.999 };
	static uint64_t value[200000];

	(void)state;
	for (int round = 0; round < 20; round++) {
		size_t n = 1 + next_random() % 200000;
		struct iopf_hist *h = new_hist();

		for (size_t i = 0; i < n; i++) {
			value[i] = random_time();
			iopf_hist_add(h, value[i]);
		}
		qsort(value, n, sizeof(*value), compare);
		for (size_t i = 0; i < sizeof(percent) / sizeof(*percent); i++) {
			/* In units of 0.001 %, which are whole numbers: an exact rank. */
			uint64_t milli = (uint64_t)(percent[i] * 1000 + 0.5);
			uint64_t rank = (milli * n + 99999) / 100000;

			assert_close(iopf_hist_percentile(h, percent[i]), value[rank - 1]);
		}
		assert_int_equal(iopf_hist_percentile(h, 0), value[0]);
		assert_int_equal(iopf_hist_percentile(h, 100), value[n - 1]);
		free(h);
	}
}

static void test_small_values_are_exact(void **state)
{
	struct iopf_hist *h = new_hist();

	(void)state;
	for (uint64_t v = 1; v <= 100; v++)
		iopf_hist_add(h, v);
	for (int p = 1; p <= 100; p++)
		assert_int_equal(iopf_hist_percentile(h, p), p);
	free(h);
}

/* 99.9 % of 1000 is the 999th value, not the 1000th, though 99.9 has no exact double. */
static void test_rank_is_not_rounded_up(void **state)
{
	struct iopf_hist *h = new_hist();

	(void)state;
	for (int i = 0; i < 999; i++)
		iopf_hist_add(h, 10);
	iopf_hist_add(h, 1000000);
	assert_int_equal(iopf_hist_percentile(h, 99.9), 10);
	assert_int_equal(iopf_hist_percentile(h, 99.91), 1000000);
	free(h);
}

static void test_clamped_to_what_was_seen(void **state)
{
	struct iopf_hist *h = new_hist();

	(void)state;
	/* The lowest and the highest value of one wide bucket, and none of its middle. */
	iopf_hist_add(h, 1 << 20);
	iopf_hist_add(h, 1 << 20);
	iopf_hist_add(h, (1 << 20) + 1);
	for (double p = 0; p <= 100; p += 0.5) {
		uint64_t v = iopf_hist_percentile(h, p);

		assert_in_range(v, 1 << 20, (1 << 20) + 1);
	}
	assert_int_equal(iopf_hist_percentile(h, -5), 1 << 20);
	assert_int_equal(iopf_hist_percentile(h, 200), (1 << 20) + 1);
	assert_int_equal(iopf_hist_percentile(h, __builtin_nan("")), 1 << 20);
	/* The same from the other side. */
	iopf_hist_init(h);
	for (uint64_t i = 0; i < 3; i++)
		iopf_hist_add(h, (1 << 20) + (1 << 14) - 1);
	assert_int_equal(iopf_hist_percentile(h, 50), (1 << 20) + (1 << 14) - 1);
	free(h);
}

static void test_extremes(void **state)
{
	struct iopf_hist *h = new_hist();

	(void)state;
	iopf_hist_add(h, 0);
	iopf_hist_add(h, UINT64_MAX);
	iopf_hist_add(h, UINT64_MAX);
	assert_int_equal(iopf_hist_percentile(h, 0), 0);
	assert_int_equal(iopf_hist_percentile(h, 100), UINT64_MAX);
	assert_int_equal(iopf_hist_mean(h), UINT64_MAX / 3 * 2);
	assert_int_equal(iopf_hist_between(h, 0, UINT64_MAX), 3);
	free(h);
}

static void test_merge_equals_adding(void **state)
{
	struct iopf_hist *a = new_hist(), *b = new_hist(), *both = new_hist();

	(void)state;
	for (int i = 0; i < 50000; i++) {
		uint64_t v = random_time();

		iopf_hist_add(i % 3 ? a : b, v);
		iopf_hist_add(both, v);
	}
	iopf_hist_merge(a, b);
	assert_memory_equal(a, both, sizeof(*both));
	iopf_hist_init(b);
	iopf_hist_merge(a, b); /* nothing: must not disturb the minimum */
	assert_memory_equal(a, both, sizeof(*both));
	iopf_hist_merge(b, a); /* into an empty one */
	assert_memory_equal(b, both, sizeof(*both));
	free(a);
	free(b);
	free(both);
}

static void test_between(void **state)
{
	struct iopf_hist *h = new_hist();
	uint64_t counted = 0, exact[64] = { 0 };

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t v = random_time();

		iopf_hist_add(h, v);
		exact[63 - __builtin_clzll(v)]++;
	}
	for (int i = 0; i < 64; i++) {
		uint64_t lo = 1ULL << i, hi = lo + (lo - 1);

		assert_int_equal(iopf_hist_between(h, lo, hi), exact[i]);
		counted += exact[i];
	}
	assert_int_equal(counted, h->count);
	assert_int_equal(iopf_hist_between(h, 8, 7), 0);
	free(h);
}

/* Any limit: values are off by half a bucket at most, and not at all from the maximum on. */
static void test_at_most(void **state)
{
	struct iopf_hist *h = new_hist();
	static uint64_t values[20000];

	(void)state;
	assert_int_equal(iopf_hist_at_most(h, 0), 0);
	assert_int_equal(iopf_hist_at_most(h, UINT64_MAX), 0);
	for (int i = 0; i < 20000; i++) {
		values[i] = random_time();
		iopf_hist_add(h, values[i]);
	}
	for (int i = 0; i < 300; i++) {
		uint64_t limit = random_time(), least = 0, most = 0;

		for (int j = 0; j < 20000; j++) {
			least += (double)values[j] <= (double)limit * (1 - 1 / 127.0);
			most += (double)values[j] <= (double)limit * (1 + 1 / 127.0);
		}
		assert_in_range(iopf_hist_at_most(h, limit), least, most);
	}
	assert_int_equal(iopf_hist_at_most(h, h->max), 20000);
	assert_int_equal(iopf_hist_at_most(h, UINT64_MAX), 20000);
	assert_int_equal(iopf_hist_at_most(h, h->min - 1), 0);
	free(h);
}

static void test_mean(void **state)
{
	struct iopf_hist *h = new_hist();
	unsigned __int128 sum = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t v = next_random();

		iopf_hist_add(h, v);
		sum += v;
		assert_int_equal(iopf_hist_mean(h), (uint64_t)(sum / h->count));
	}
	free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_buckets_cover_everything),
		cmocka_unit_test(test_error_bound),
		cmocka_unit_test(test_small_values_are_exact),
		cmocka_unit_test(test_rank_is_not_rounded_up),
		cmocka_unit_test(test_clamped_to_what_was_seen),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_merge_equals_adding),
		cmocka_unit_test(test_between),
		cmocka_unit_test(test_at_most),
		cmocka_unit_test(test_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
