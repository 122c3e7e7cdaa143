// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The sequencer: shuffled and thinned streams must come out in order and whole. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "iopftrace/engine.h"

/* What came out. */
struct sink {
	uint64_t *seq;
	size_t nr, max;
	const struct iopf_rec *last; /* where the last one was */
	int fail_at; /* fail at this one, counted from 1 */
	struct iopf_order *order;
};

/* A record whose contents follow from its number. */
struct record {
	struct iopf_rec rec;
	uint64_t content[13];
};

static uint64_t random_state = 88172645463325252ULL;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static struct record make_record(uint64_t seq)
{
	struct record r = {
		.rec = { .seq = seq, .size = (uint16_t)(sizeof(struct iopf_rec) + seq % 13 * 8) },
	};

	for (size_t i = 0; i < 13; i++)
		r.content[i] = seq * 31 + i;
	return r;
}

static int take(void *arg, const struct iopf_rec *rec)
{
	const struct record *r = (const struct record *)rec;
	struct sink *sink = arg;

	for (size_t i = 0; i < rec->seq % 13; i++)
		assert_int_equal(r->content[i], rec->seq * 31 + i);
	if (sink->nr == sink->max) {
		sink->max = sink->max ? sink->max * 2 : 1024;
		sink->seq = realloc(sink->seq, sink->max * sizeof(*sink->seq));
		assert_non_null(sink->seq);
	}
	sink->seq[sink->nr++] = rec->seq;
	sink->last = rec;
	return sink->fail_at == (int)sink->nr ? -EIO : 0;
}

static int setup(void **state)
{
	struct sink *sink = calloc(1, sizeof(*sink));

	assert_non_null(sink);
	sink->order = iopf_order_new(take, sink);
	assert_non_null(sink->order);
	*state = sink;
	return 0;
}

static int teardown(void **state)
{
	struct sink *sink = *state;

	iopf_order_free(sink->order);
	free(sink->seq);
	free(sink);
	return 0;
}

static void add(struct sink *sink, uint64_t seq)
{
	struct record r = make_record(seq);

	assert_int_equal(iopf_order_add(sink->order, &r.rec), 0);
}

/* What came out is this. */
static void assert_out(const struct sink *sink, const uint64_t *seq, size_t nr)
{
	assert_int_equal(sink->nr, nr);
	for (size_t i = 0; i < nr; i++)
		assert_int_equal(sink->seq[i], seq[i]);
}

static void test_in_order_is_not_copied(void **state)
{
	struct sink *sink = *state;

	for (uint64_t seq = 0; seq < 1000; seq++) {
		struct record r = make_record(seq);

		assert_int_equal(iopf_order_add(sink->order, &r.rec), 0);
		assert_int_equal(sink->nr, seq + 1);
		assert_ptr_equal(sink->last, &r.rec);
	}
	assert_int_equal(iopf_order_waiting(sink->order), 0);
}

static void test_waits_for_a_late_one(void **state)
{
	struct sink *sink = *state;

	add(sink, 0);
	add(sink, 2);
	add(sink, 3);
	assert_int_equal(sink->nr, 1);
	assert_int_equal(iopf_order_waiting(sink->order), 2);
	assert_int_equal(iopf_order_lost(sink->order, 0), 0);
	assert_int_equal(sink->nr, 1); /* nothing was lost, so it will come */
	add(sink, 1);
	assert_out(sink, (uint64_t[]){ 0, 1, 2, 3 }, 4);
}

static void test_a_lost_one_is_not_waited_for(void **state)
{
	struct sink *sink = *state;

	add(sink, 0);
	add(sink, 3);
	assert_int_equal(iopf_order_lost(sink->order, 1), 0);
	assert_int_equal(sink->nr, 1); /* one of the two is only late */
	add(sink, 4);
	add(sink, 2);
	assert_int_equal(sink->nr, 1);
	assert_int_equal(iopf_order_lost(sink->order, 1), 0);
	assert_out(sink, (uint64_t[]){ 0, 2, 3, 4 }, 4);
	add(sink, 5);
	assert_int_equal(sink->nr, 5);
}

static void test_several_gaps_at_once(void **state)
{
	struct sink *sink = *state;

	add(sink, 1);
	add(sink, 3);
	add(sink, 9);
	assert_int_equal(iopf_order_lost(sink->order, 7), 0);
	assert_out(sink, (uint64_t[]){ 1, 3, 9 }, 3);
	add(sink, 12);
	assert_int_equal(iopf_order_lost(sink->order, 7), 0);
	assert_int_equal(sink->nr, 3);
	assert_int_equal(iopf_order_lost(sink->order, 9), 0);
	assert_out(sink, (uint64_t[]){ 1, 3, 9, 12 }, 4);
}

/*
 * 1 is late when 4 is lost, and 4 is above all that was seen: as many are missing as were lost, but
 * not the same. What follows must not wait for 4 for ever.
 */
static void test_recovers_from_a_wrong_guess(void **state)
{
	struct sink *sink = *state;

	add(sink, 0);
	add(sink, 2);
	add(sink, 3);
	assert_int_equal(iopf_order_lost(sink->order, 1), 0);
	assert_out(sink, (uint64_t[]){ 0, 2, 3 }, 3);
	add(sink, 1);
	assert_int_equal(sink->nr, 3); /* never out of order */
	add(sink, 5);
	assert_int_equal(sink->nr, 3);
	assert_int_equal(iopf_order_lost(sink->order, 1), 0);
	assert_out(sink, (uint64_t[]){ 0, 2, 3, 5 }, 4);
}

static void test_flush(void **state)
{
	struct sink *sink = *state;

	add(sink, 4);
	add(sink, 2);
	assert_int_equal(iopf_order_flush(sink->order, 10), 0);
	assert_out(sink, (uint64_t[]){ 2, 4 }, 2);
	assert_int_equal(iopf_order_missing_tail(sink->order), 5);
	assert_int_equal(iopf_order_waiting(sink->order), 0);
}

static void test_flush_without_a_counter(void **state)
{
	struct sink *sink = *state;

	add(sink, 0);
	assert_int_equal(iopf_order_flush(sink->order, 0), 0);
	assert_int_equal(iopf_order_missing_tail(sink->order), 0);
}

static void test_twice_is_dropped(void **state)
{
	struct sink *sink = *state;

	add(sink, 0);
	add(sink, 0);
	add(sink, 2);
	add(sink, 2);
	add(sink, 1);
	add(sink, 1);
	assert_out(sink, (uint64_t[]){ 0, 1, 2 }, 3);
	assert_int_equal(iopf_order_waiting(sink->order), 0);
	add(sink, 3);
	assert_int_equal(sink->nr, 4);
}

static void test_errors_are_passed_on(void **state)
{
	struct sink *sink = *state;
	struct record r = make_record(0);

	add(sink, 1);
	add(sink, 2);
	sink->fail_at = 2;
	assert_int_equal(iopf_order_add(sink->order, &r.rec), -EIO);
	assert_out(sink, (uint64_t[]){ 0, 1 }, 2);
	add(sink, 3); /* goes on where it stopped */
	assert_int_equal(iopf_order_flush(sink->order, 0), 0);
	assert_out(sink, (uint64_t[]){ 0, 1, 2, 3 }, 4);
}

static void test_malformed(void **state)
{
	struct sink *sink = *state;
	struct iopf_rec rec = { .seq = 0, .size = sizeof(rec) - 1 };

	assert_int_equal(iopf_order_add(sink->order, &rec), -EINVAL);
	rec.size = sizeof(rec);
	rec.seq = UINT64_MAX;
	assert_int_equal(iopf_order_add(sink->order, &rec), -EINVAL);
	assert_int_equal(sink->nr, 0);
}

static void test_memory_is_bounded(void **state)
{
	struct sink *sink = *state;
	const uint64_t n = (1 << 20) + 10;

	for (uint64_t seq = 1; seq < n; seq++) {
		if (seq != 500)
			add(sink, seq);
	}
	assert_in_range(iopf_order_waiting(sink->order), 1, 1 << 20);
	/* The oldest gap was given up, the next one is still waited for. */
	assert_int_equal(sink->nr, 499);
	add(sink, 500);
	assert_int_equal(sink->nr, n - 1);
	assert_int_equal(iopf_order_waiting(sink->order), 0);
}

static void test_far_numbers(void **state)
{
	struct sink *sink = *state;

	add(sink, UINT64_MAX - 1);
	add(sink, 1ULL << 40);
	add(sink, 0);
	assert_int_equal(iopf_order_flush(sink->order, 0), 0);
	assert_out(sink, (uint64_t[]){ 0, 1ULL << 40, UINT64_MAX - 1 }, 3);
}

/* A shuffled stream: a number is moved back by up to @distance places. */
static void shuffle(uint64_t *seq, size_t nr, size_t distance)
{
	for (size_t i = 0; i + 1 < nr; i++) {
		size_t span = nr - i < distance ? nr - i : distance;
		size_t j = i + next_random() % span;
		uint64_t swap = seq[i];

		seq[i] = seq[j];
		seq[j] = swap;
	}
}

/*
 * Streams that are shuffled within each pass over the ring and lose records. After each pass all
 * that was not lost has been seen, so that all of it must have come out.
 */
static void one_stream(struct sink *sink, size_t distance, unsigned int lose_one_in)
{
	uint64_t lost = 0, next = 0, expected = 0;
	static uint64_t pass[4096], out[400000];

	for (int round = 0; round < 60; round++) {
		size_t nr = 0, in_pass = next_random() % 4096;
		uint64_t lost_here = 0;

		for (size_t i = 0; i < in_pass; i++, next++) {
			/* The last of a pass is never lost: what is above cannot be known. */
			if (i + 1 < in_pass && lose_one_in && !(next_random() % lose_one_in))
				lost_here++;
			else
				pass[nr++] = next;
		}
		for (size_t i = 0; i < nr; i++)
			out[expected++] = pass[i];
		shuffle(pass, nr, distance);
		for (size_t i = 0; i < nr; i++)
			add(sink, pass[i]);
		lost += lost_here;
		assert_int_equal(iopf_order_lost(sink->order, lost), 0);
		assert_int_equal(iopf_order_waiting(sink->order), 0);
		assert_int_equal(sink->nr, expected);
	}
	assert_int_equal(iopf_order_flush(sink->order, next + 3), 0);
	assert_int_equal(iopf_order_missing_tail(sink->order), 3);
	assert_out(sink, out, expected);
}

static void test_shuffled(void **state)
{
	static const size_t distance[] = { 1, 2, 5, 64, 4096 };
	static const unsigned int lose_one_in[] = { 0, 1000, 10, 2 };

	for (size_t d = 0; d < 5; d++) {
		for (size_t l = 0; l < 4; l++) {
			one_stream(*state, distance[d], lose_one_in[l]);
			teardown(state);
			setup(state);
		}
	}
}

/* Records stay late over several passes, some are lost: nothing else may be missing or misplaced. */
static void test_late_over_passes(void **state)
{
	static uint64_t seq[200000];
	static bool is_lost[200000];
	struct sink *sink = *state;
	size_t nr = 0, fed = 0, waited = 0;
	uint64_t lost = 0, counted = 0;

	for (uint64_t i = 0; i < 200000; i++) {
		is_lost[i] = !(next_random() % 50);
		if (!is_lost[i])
			seq[nr++] = i;
	}
	shuffle(seq, nr, 40);
	while (fed < nr) {
		size_t pass = next_random() % 100;

		for (; pass-- && fed < nr; fed++)
			add(sink, seq[fed]);
		/* Exactly those below the highest that can still be late have been counted. */
		for (; fed < nr && counted + 100 < seq[fed]; counted++)
			lost += is_lost[counted];
		assert_int_equal(iopf_order_lost(sink->order, lost), 0);
		if (iopf_order_waiting(sink->order) > waited)
			waited = iopf_order_waiting(sink->order);
	}
	assert_int_equal(iopf_order_flush(sink->order, 0), 0);
	for (size_t i = 1; i < sink->nr; i++)
		assert_true(sink->seq[i - 1] < sink->seq[i]);
	assert_int_equal(sink->nr, nr);
	assert_true(waited > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_in_order_is_not_copied, setup, teardown),
		cmocka_unit_test_setup_teardown(test_waits_for_a_late_one, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_lost_one_is_not_waited_for, setup, teardown),
		cmocka_unit_test_setup_teardown(test_several_gaps_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_recovers_from_a_wrong_guess, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flush, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flush_without_a_counter, setup, teardown),
		cmocka_unit_test_setup_teardown(test_twice_is_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors_are_passed_on, setup, teardown),
		cmocka_unit_test_setup_teardown(test_malformed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_memory_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_far_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shuffled, setup, teardown),
		cmocka_unit_test_setup_teardown(test_late_over_passes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
