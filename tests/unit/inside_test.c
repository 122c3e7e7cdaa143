// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What the programs' slots tell of tasks that are inside a call, while tracing and at its end. */
#include "history.h"

#include "live/inside.c" /* with the tracing itself, it is in no unit test */

#define LONG_AGO 100 /* by the clock of the slots */

struct told {
	struct iopf_rec_inside rec[8];
	uint64_t nr;
};

static int take(void *arg, const struct iopf_rec *rec)
{
	struct told *told = arg;

	assert_true(told->nr < 8);
	assert_int_equal(rec->size, sizeof(told->rec[0]));
	memcpy(&told->rec[told->nr++], rec, sizeof(told->rec[0]));
	return 0;
}

/* What goes on in each test: all of it in slots that are zero but for that. */
struct fixture {
	struct slot slots[IOPF_SLOTS];
	uint64_t entered[IOPF_SLOTS];
	struct iopf_counters counters;
	struct iopf_order *order;
	struct told told;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->order = iopf_order_new(take, &f->told);
	assert_non_null(f->order);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	iopf_order_free(f->order);
	free(f);
	return 0;
}

static struct slot *put(struct fixture *f, size_t at, uint32_t context)
{
	f->slots[at] = (struct slot){
		.owner = 0xffff888500000000ULL | SLOT_BUSY,
		.tgid = 1000,
		.tid = 1000 + (uint32_t)at,
		.context = context,
		.report_ns = LONG_AGO,
		.call_ns = LONG_AGO + 1,
		.object = H_OBJECT,
		.response_ns = LONG_AGO + 50,
		.group = 0xffff888300000000ULL,
		.bracket_ns = LONG_AGO + 2,
		.bracket_object = H_OBJECT2,
	};
	return &f->slots[at];
}

static uint64_t tell_all(struct fixture *f)
{
	int64_t nr = inside_tell(f->slots, f->entered, &f->counters, f->order);

	assert_true(nr >= 0);
	assert_int_equal(f->counters.next_seq, f->told.nr);
	return (uint64_t)nr;
}

/* Deadlines are judged up to the oldest answer that a driver is being told: no record tells of it. */
static void test_answers_on_their_way_hold_time_back(void **state)
{
	struct fixture *f = *state;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	assert_true(inside_since(f->slots) >= now);
	put(f, 3, IOPF_CTX_WRITE);
	put(f, 4, IOPF_CTX_WRITE | IOPF_CTX_RESPONSE)->owner &= ~SLOT_BUSY;
	assert_true(inside_since(f->slots) >= now);
	put(f, 5, IOPF_CTX_WRITE | IOPF_CTX_RESPONSE)->response_ns = 7000;
	put(f, 6, IOPF_CTX_AUTO | IOPF_CTX_RESPONSE)->response_ns = 6000;
	assert_int_equal(inside_since(f->slots), 6000);
	put(f, IOPF_SLOTS - 1, IOPF_CTX_RESPONSE)->response_ns = 5000;
	assert_int_equal(inside_since(f->slots), 5000);
}

static void test_calls_that_have_not_returned(void **state)
{
	static const struct {
		uint32_t context;
		uint64_t enter_ns, object;
	} cases[] = {
		{ IOPF_CTX_REPORT, LONG_AGO, 0 },
		{ IOPF_CTX_READ, LONG_AGO + 1, H_OBJECT },
		{ IOPF_CTX_WRITE, LONG_AGO + 1, H_OBJECT },
		{ IOPF_CTX_AUTO, LONG_AGO + 2, H_OBJECT2 },
		{ IOPF_CTX_DESTROY, LONG_AGO + 2, H_OBJECT2 },
		{ IOPF_CTX_QREMOVE, LONG_AGO + 2, H_OBJECT2 },
	};
	struct fixture *f = *state;
	size_t n = sizeof(cases) / sizeof(*cases);

	for (size_t i = 0; i < n; i++)
		put(f, 10 * i, cases[i].context);
	assert_int_equal(tell_all(f), n);
	for (size_t i = 0; i < n; i++) {
		const struct iopf_rec_inside *r = &f->told.rec[i];

		assert_int_equal(r->h.type, IOPF_REC_INSIDE);
		assert_int_equal(r->h.context, cases[i].context);
		assert_int_equal(r->h.tgid, 1000);
		assert_int_equal(r->h.tid, 1000 + 10 * i);
		assert_int_equal(r->enter_ns, cases[i].enter_ns);
		assert_true(r->object == cases[i].object);
	}
}

/* Nothing is told of a task that is in no call, or of which it is not known since when. */
static void test_nothing_to_tell(void **state)
{
	struct fixture *f = *state;

	put(f, 0, IOPF_CTX_WRITE)->owner &= ~SLOT_BUSY;
	put(f, 1, IOPF_CTX_WRITE)->call_ns = 0;
	put(f, 2, IOPF_CTX_RESPONSE);
	put(f, 3, 0);
	assert_int_equal(tell_all(f), 0);
}

/* An answer on its way is told of as a group, beside its call. */
static void test_group_whose_driver_is_being_told(void **state)
{
	struct fixture *f = *state;

	put(f, 7, IOPF_CTX_WRITE | IOPF_CTX_RESPONSE);
	put(f, 8, IOPF_CTX_WRITE | IOPF_CTX_RESPONSE)->response_ns = 0; /* not known since when */
	assert_int_equal(tell_all(f), 3);
	assert_int_equal(f->told.rec[0].h.context, IOPF_CTX_WRITE);
	assert_int_equal(f->told.rec[1].h.context, IOPF_CTX_RESPONSE);
	assert_int_equal(f->told.rec[1].enter_ns, LONG_AGO + 50);
	assert_true(f->told.rec[1].object == 0xffff888300000000ULL);
	assert_int_equal(f->told.rec[1].h.tid, 1007);
	assert_int_equal(f->told.rec[2].h.context, IOPF_CTX_WRITE);
	assert_int_equal(f->told.rec[2].h.tid, 1008);
}

/* Asked again, only calls that were entered since are told of: also by the same task. */
static void test_told_once(void **state)
{
	struct fixture *f = *state;

	put(f, 1, IOPF_CTX_READ);
	put(f, 2, IOPF_CTX_WRITE);
	assert_int_equal(tell_all(f), 2);
	put(f, 1, IOPF_CTX_READ)->call_ns = LONG_AGO + 20;
	put(f, 3, IOPF_CTX_REPORT);
	assert_int_equal(tell_all(f), 2);
	assert_int_equal(f->told.rec[2].enter_ns, LONG_AGO + 20);
	assert_int_equal(f->told.rec[3].h.context, IOPF_CTX_REPORT);
	assert_int_equal(tell_all(f), 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_answers_on_their_way_hold_time_back),
		TEST(test_calls_that_have_not_returned),
		TEST(test_nothing_to_tell),
		TEST(test_group_whose_driver_is_being_told),
		TEST(test_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
