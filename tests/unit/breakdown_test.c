// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Figures by keys, by time, and of some of the groups: together they are those of the whole. */
#include <errno.h>

#include "model.h"
#include "rules.h"
#include "steady.h"

#define MS 1000000ULL

/* A whole life of group @n, which is queued at @at_ns and takes 100 ns in all. */
static void live(struct history *h, const struct h_group *g, uint64_t at_ns)
{
	h_enqueue(h, g, at_ns - 10, at_ns);
	h_read(h, g, at_ns + 1, at_ns + 20);
	h_answer(h, g, at_ns + 80, at_ns + 90);
}

/* What is asked for. */
static void ask_by(struct history *h, enum iopf_key key)
{
	h->opts.breakdown.by[h->opts.breakdown.nr_by++] = key;
}

/* The row of which a condition holds, if it is the only one. */
#define ROW(b, row, condition) \
	({ \
		const struct iopf_by_row *only = NULL; \
		for (size_t n = 0; n < (b)->nr_rows; n++) { \
			const struct iopf_by_row *row = &(b)->rows[n]; \
			if (!(condition)) \
				continue; \
			assert_null(only); \
			only = row; \
		} \
		assert_non_null(only); \
		only; \
	})

/* Figures that are added up. */
struct sum {
	uint64_t groups, user, kernel, code[3], outstanding, unknown;
	struct iopf_stage_stats stage[IOPF_STAGES];
};

static void sum_add(struct sum *s, const struct iopf_cut *cut)
{
	s->groups += cut->groups;
	s->user += cut->answered_user;
	s->kernel += cut->answered_kernel;
	for (int i = 0; i < 3; i++)
		s->code[i] += cut->code[i];
	s->outstanding += cut->outstanding;
	s->unknown += cut->unknown;
	assert_int_equal(cut->groups, cut->answered_user + cut->answered_kernel + cut->outstanding +
					      cut->unknown);
	for (int i = 0; i < IOPF_STAGES; i++) {
		iopf_sparse_expand(&cut->stage[i], &s->stage[i].hist);
		s->stage[i].negative += cut->stage[i].negative;
	}
}

static struct sum *sum_new(void)
{
	struct sum *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	for (int i = 0; i < IOPF_STAGES; i++)
		iopf_hist_init(&s->stage[i].hist);
	return s;
}

/* The sum is what the report says of all. Who answered is known later than a group's end: not told. */
static void sum_is(struct sum *s, const struct iopf_report *r)
{
	assert_int_equal(s->groups, r->groups.enqueued + r->groups.adopted);
	assert_int_equal(s->outstanding, r->groups.outstanding);
	for (int i = 0; i < IOPF_STAGES; i++) {
		assert_int_equal(s->stage[i].negative, r->stage[i].negative);
		assert_memory_equal(&s->stage[i].hist, &r->stage[i].hist, sizeof(s->stage[i].hist));
	}
	free(s);
}

/* Rows, intervals and all of it add up to the report. */
static void adds_up(const struct iopf_report *r)
{
	const struct iopf_breakdown *b = r->breakdown;
	struct sum *rows = sum_new(), *times = sum_new(), *all = sum_new();

	assert_int_equal(b->left_out, 0);
	for (size_t i = 0; i < b->nr_rows; i++)
		sum_add(rows, &b->rows[i].cut);
	for (size_t i = 0; i < b->nr_intervals; i++)
		sum_add(times, &b->intervals[i].cut);
	sum_add(all, &b->all);
	sum_is(rows, r);
	sum_is(times, r);
	sum_is(all, r);
}

static void test_nothing_is_made_unasked(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	live(h, &g, 1000);
	assert_null(h_finish(h)->breakdown);
}

static void test_by_device_and_pasid(void **state)
{
	struct history *h = *state;
	const struct iopf_breakdown *b;
	const struct iopf_by_row *found;

	ask_by(h, IOPF_KEY_DEVICE);
	ask_by(h, IOPF_KEY_PASID);
	h_name_device(h, H_DEVICE, "0000:3b:00.0");
	for (uint32_t n = 1; n <= 6; n++) {
		struct h_group g = h_group(n);

		g.dev = n > 4 ? H_DEVICE2 : H_DEVICE;
		g.dev_id = n > 4 ? 9 : 3;
		g.pasid = n == 4 ? 0 : 5;
		if (n == 4)
			g.flags = IOPF_PRQ_LAST_PAGE; /* no PASID is not PASID 0 */
		if (n == 3)
			g.pasid = 0;
		live(h, &g, n * 1000);
	}
	b = h_finish(h)->breakdown;
	assert_int_equal(b->nr_rows, 4);
	found = ROW(b, row,
		    !strcmp(row->device, "0000:3b:00.0") && row->has_pasid && row->pasid == 5);
	assert_int_equal(found->cut.groups, 2);
	assert_int_equal(found->dev_id, 3);
	assert_int_equal(found->cut.stage[IOPF_STAGE_TOTAL].count, 2);
	assert_true(found->cut.stage[IOPF_STAGE_TOTAL].sum == 200);
	assert_int_equal(found->cut.stage[IOPF_STAGE_WAIT].max, 20);
	found = ROW(b, row, *row->device && row->has_pasid && !row->pasid);
	assert_int_equal(found->cut.groups, 1);
	found = ROW(b, row, !row->has_pasid);
	assert_int_equal(found->cut.groups, 1);
	found = ROW(b, row, !*row->device);
	assert_int_equal(found->dev_id, 9);
	assert_int_equal(found->cut.groups, 2);
}

static void test_the_most_time_comes_first(void **state)
{
	struct history *h = *state;
	const struct iopf_breakdown *b;

	ask_by(h, IOPF_KEY_PASID);
	for (uint32_t n = 1; n <= 9; n++) {
		struct h_group g = h_group(n);

		g.pasid = n > 7 ? 2 : n > 4 ? 3 : 1; /* 4, 3 and 2 groups; the last ones slow */
		h_enqueue(h, &g, n * 1000, n * 1000);
		h_read(h, &g, n * 1000, n * 1000 + 1);
		h_answer(h, &g, n * 1000 + 2, n * 1000 + (n > 7 ? 900 : 10));
	}
	b = h_finish(h)->breakdown;
	assert_int_equal(b->nr_rows, 3);
	assert_int_equal(b->rows[0].pasid, 2);
	assert_int_equal(b->rows[1].pasid, 1);
	assert_int_equal(b->rows[2].pasid, 3);
}

static void test_by_code(void **state)
{
	struct history *h = *state;
	const struct iopf_breakdown *b;
	struct h_group g[5];

	ask_by(h, IOPF_KEY_CODE);
	for (uint32_t n = 0; n < 5; n++) {
		g[n] = h_group(n + 1);
		h_enqueue(h, &g[n], 1000 + n, 1100 + n);
	}
	h_read_groups(h, 1200, 1300, g, 4);
	h_answer(h, &g[0], 1400, 1450);
	h_respond(h, &g[1], 1500, 1550, IOPF_CODE_INVALID, IOPF_CTX_WRITE, g[1].cookie);
	h_respond(h, &g[2], 1600, 1650, IOPF_CODE_INVALID, IOPF_CTX_AUTO, g[2].cookie);
	h_respond(h, &g[4], 1700, 1750, 7, IOPF_CTX_WRITE, g[4].cookie);
	b = h_finish(h)->breakdown;
	assert_int_equal(b->nr_rows, 4);
	assert_int_equal(ROW(b, row, row->code == IOPF_CODE_SUCCESS)->cut.answered_user, 1);
	assert_int_equal(ROW(b, row, row->code == IOPF_CODE_INVALID)->cut.answered_user, 1);
	assert_int_equal(ROW(b, row, row->code == IOPF_CODE_INVALID)->cut.answered_kernel, 1);
	assert_int_equal(ROW(b, row, row->code == IOPF_CODE_INVALID)->cut.code[IOPF_CODE_INVALID],
			 2);
	assert_int_equal(ROW(b, row, row->code == IOPF_CODE_NONE_YET)->cut.outstanding, 1);
	assert_int_equal(ROW(b, row, row->code == 7)->cut.groups, 1);
}

static void test_an_answer_that_was_lost_is_unknown(void **state)
{
	struct history *h = *state;
	const struct iopf_breakdown *b;
	struct h_group g = h_group(1), old = h_group(2);

	ask_by(h, IOPF_KEY_CODE);
	h_enqueue(h, &g, 1000, 1010);
	h_enqueue(h, &old, 1020, 1030); /* it may have been answered where events were lost */
	h_lose(h, 3);
	live(h, &g, 5000); /* its memory is used again, so it was answered */
	b = h_finish(h)->breakdown;
	assert_int_equal(b->nr_rows, 2);
	assert_int_equal(ROW(b, row, row->code == IOPF_CODE_UNSEEN)->cut.unknown, 2);
	assert_int_equal(ROW(b, row, row->code == IOPF_CODE_UNSEEN)->cut.outstanding, 0);
	assert_int_equal(ROW(b, row, row->code == IOPF_CODE_UNSEEN)->cut.stage[0].count, 2);
	assert_int_equal(ROW(b, row, row->code == IOPF_CODE_SUCCESS)->cut.groups, 1);
}

static void test_by_process(void **state)
{
	struct history *h = *state;
	const struct iopf_breakdown *b;
	struct h_group g;

	ask_by(h, IOPF_KEY_PROCESS);
	h_task(h, 10, 10);
	h_name(h, "leader");
	for (uint32_t n = 1; n <= 6; n++) {
		g = h_group(n);
		if (n < 4)
			h_task(h, 10, 10 + n); /* threads of one process */
		else
			h_task(h, 20, 25); /* of which only the thread is known */
		if (n == 4)
			h_name(h, "thread");
		live(h, &g, n * 1000);
	}
	g = h_group(7);
	h_enqueue(h, &g, 9000, 9010);
	b = h_finish(h)->breakdown;
	assert_int_equal(b->nr_rows, 3);
	assert_int_equal(ROW(b, row, row->tgid == 10)->cut.groups, 3);
	assert_string_equal(ROW(b, row, row->tgid == 10)->process, "leader");
	assert_string_equal(ROW(b, row, row->tgid == 20)->process, "thread");
	assert_string_equal(ROW(b, row, !row->tgid)->process, "");
	assert_int_equal(ROW(b, row, !row->tgid)->cut.outstanding, 1);
}

static void test_objects_with_one_id_are_not_mixed(void **state)
{
	struct history *h = *state;
	const struct iopf_breakdown *b;

	ask_by(h, IOPF_KEY_FAULT_ID);
	for (uint32_t n = 1; n <= 6; n++) {
		struct h_group g = h_group(n);

		g.object = n < 3 ? H_OBJECT : n < 6 ? H_OBJECT2 : H_OBJECT2 + 0x400;
		h->object_id = n < 6 ? 4 : 5; /* 4 in two contexts */
		live(h, &g, n * 1000);
	}
	b = h_finish(h)->breakdown;
	assert_int_equal(b->nr_rows, 3);
	assert_int_equal(ROW(b, row, row->fault_id == 4 && row->fault_nr == 1)->cut.groups, 2);
	assert_int_equal(ROW(b, row, row->fault_id == 4 && row->fault_nr == 2)->cut.groups, 3);
	assert_int_equal(ROW(b, row, row->fault_id == 5 && row->fault_nr == 0)->cut.groups, 1);
}

static void test_a_device_that_comes_back_is_one_row(void **state)
{
	struct history *h = *state;
	const struct iopf_breakdown *b;
	struct h_group g = h_group(1);

	ask_by(h, IOPF_KEY_DEVICE);
	h_name_device(h, H_DEVICE, "0000:3b:00.0");
	h_name_device(h, H_DEVICE2, "0000:3b:00.0");
	live(h, &g, 1000);
	g.dev = H_DEVICE2;
	live(h, &g, 3000);
	b = h_finish(h)->breakdown;
	assert_int_equal(b->nr_rows, 1);
	assert_int_equal(b->rows[0].cut.groups, 2);
	assert_true(b->rows[0].cut.stage[IOPF_STAGE_TOTAL].sum == 200);
}

static void test_too_many_rows_become_one(void **state)
{
	struct history *h = *state;
	const struct iopf_breakdown *b;

	ask_by(h, IOPF_KEY_PASID);
	h->opts.breakdown.interval_ns = 1000;
	h->opts.breakdown.max_rows = 3;
	for (uint32_t n = 1; n <= 10; n++) {
		struct h_group g = h_group(n);

		g.pasid = n;
		live(h, &g, n * 1000);
	}
	b = h_finish(h)->breakdown;
	assert_int_equal(b->nr_rows, 4);
	assert_true(b->rows[3].other);
	assert_int_equal(b->rows[3].cut.groups, 7);
	assert_int_equal(ROW(b, row, row->pasid == 3)->cut.groups, 1);
	adds_up(h->report);
}

static void test_times_without_memory_are_told(void **state)
{
	struct history *h = *state;
	const struct iopf_breakdown *b;
	uint64_t counted = 0, all = 0;

	ask_by(h, IOPF_KEY_PASID);
	h->opts.breakdown.max_buckets = 64;
	for (uint32_t n = 1; n <= 40; n++) {
		struct h_group g = h_group(n);

		g.pasid = n;
		live(h, &g, n * 1000);
	}
	b = h_finish(h)->breakdown;
	assert_int_equal(b->nr_rows, 40);
	for (size_t i = 0; i < b->nr_rows; i++)
		for (int stage = 0; stage < IOPF_STAGES; stage++)
			counted += b->rows[i].cut.stage[stage].count;
	for (int stage = 0; stage < IOPF_STAGES; stage++)
		all += h->report->stage[stage].hist.count;
	assert_true(b->left_out > 0);
	assert_int_equal(counted + b->left_out, all);
	h_assert_pass(h->report); /* what is shown does not decide */
}

/* Three groups: answered at 2,000 and 4,000, and one queued at 3,000 that waits. */
static void three(struct history *h)
{
	struct h_group g[3] = { h_group(1), h_group(2), h_group(3) };

	h->run.start_ns = h->opts.breakdown.start_ns = 100000;
	h_enqueue(h, &g[0], 100500, 100600);
	h_read(h, &g[0], 100700, 100800);
	h_answer(h, &g[0], 101900, 102000);
	h_enqueue(h, &g[1], 102100, 102200);
	h_enqueue(h, &g[2], 102900, 103000);
	h_read(h, &g[1], 103100, 103200);
	h_answer(h, &g[1], 103900, 104000);
	h->run.end_ns = 110000;
}

/* The groups that count from @from_ns to @to_ns. */
static uint64_t groups_in(uint64_t from_ns, uint64_t to_ns, uint64_t *outstanding)
{
	struct history *h = h_new();
	const struct iopf_breakdown *b;
	uint64_t groups;

	h->opts.breakdown.filter =
		(struct iopf_filter){ .window = true, .from_ns = from_ns, .to_ns = to_ns };
	three(h);
	b = h_finish(h)->breakdown;
	assert_true(b->filtered);
	groups = b->all.groups;
	assert_int_equal(groups + b->filtered_out, 3);
	assert_int_equal(b->stage[IOPF_STAGE_TOTAL].hist.count, groups - b->all.outstanding);
	assert_int_equal(h->report->stage[IOPF_STAGE_TOTAL].hist.count, 2); /* of the whole run */
	if (outstanding)
		*outstanding = b->all.outstanding;
	h_free(h);
	return groups;
}

static void test_a_group_counts_when_it_is_answered(void **state)
{
	uint64_t outstanding;

	(void)state;
	assert_int_equal(groups_in(0, UINT64_MAX, NULL), 3);
	assert_int_equal(groups_in(500, 2000, NULL), 0); /* it began and lived in it */
	assert_int_equal(groups_in(2000, 2001, NULL), 1);
	assert_int_equal(groups_in(2001, 4000, &outstanding), 1);
	assert_int_equal(outstanding, 1); /* the one that waits, by its place in the queue */
	assert_int_equal(groups_in(3000, 4001, NULL), 2);
	assert_int_equal(groups_in(3001, UINT64_MAX, NULL), 1);
	assert_int_equal(groups_in(4001, UINT64_MAX, NULL), 0);
	assert_int_equal(groups_in(UINT64_MAX - 1, UINT64_MAX, NULL), 0);
}

static void test_a_selection_is_shown_instead(void **state)
{
	struct history *h = *state;
	struct iopf_report *r;

	h->opts.breakdown.filter =
		(struct iopf_filter){ .window = true, .from_ns = 3500, .to_ns = UINT64_MAX };
	three(h);
	r = h_finish(h);
	assert_int_equal(r->nr_slowest, 2);
	iopf_report_select(r);
	h_assert_one(r, IOPF_STAGE_TOTAL, 1900);
	h_assert_one(r, IOPF_STAGE_ROUTE, 100);
	assert_int_equal(r->nr_slowest, 1);
	assert_int_equal(r->slowest[0].grpid, 2);
	assert_int_equal(r->groups.enqueued, 3); /* counts are those of the run */
}

/* How many of some groups a filter lets through. */
static uint64_t let_through(struct iopf_filter filter)
{
	struct history *h = h_new();
	uint64_t groups;

	h->opts.breakdown.filter = filter;
	h_name_device(h, H_DEVICE, "0000:3b:00.0");
	h_name_device(h, H_DEVICE2, "iommufd_mock0");
	for (uint32_t n = 1; n <= 8; n++) {
		struct h_group g = h_group(n);

		g.dev = n > 6 ? H_DEVICE2 : H_DEVICE;
		g.dev_id = n > 6 ? 8 : 3;
		g.pasid = n > 3 ? 5 : 0;
		if (n == 1)
			g.flags = IOPF_PRQ_LAST_PAGE;
		g.object = n > 5 ? H_OBJECT2 : H_OBJECT;
		h->object_id = n > 5 ? 9 : 4;
		h_enqueue(h, &g, n * 1000, n * 1000 + 1);
		h_task(h, 10, 10);
		h_name(h, "reader");
		h_read(h, &g, n * 1000 + 2, n * 1000 + 3);
		h_task(h, 10, n > 4 ? 11 : 10);
		if (n > 4)
			h_name(h, "writer");
		if (n < 8)
			h_respond(h, &g, n * 1000 + 4, n * 1000 + 5, n == 2, IOPF_CTX_WRITE, n);
	}
	groups = h_finish(h)->breakdown->all.groups;
	assert_int_equal(groups + h->report->breakdown->filtered_out, 8);
	h_free(h);
	return groups;
}

#define NUMBER(n) \
	{ \
		.given = true, .value = (n) \
	}

static void test_filters(void **state)
{
	(void)state;
	assert_int_equal(let_through((struct iopf_filter){ .device = "iommufd_mock0" }), 2);
	assert_int_equal(let_through((struct iopf_filter){ .device = "0000:3b:00.0" }), 6);
	assert_int_equal(let_through((struct iopf_filter){ .device = "3b:00.0" }), 6);
	assert_int_equal(let_through((struct iopf_filter){ .device = "b:00.0" }), 0);
	assert_int_equal(let_through((struct iopf_filter){ .device = "" }), 0);
	assert_int_equal(let_through((struct iopf_filter){ .dev_id = NUMBER(8) }), 2);
	assert_int_equal(let_through((struct iopf_filter){ .fault_id = NUMBER(9) }), 3);
	assert_int_equal(let_through((struct iopf_filter){ .pasid = NUMBER(5) }), 5);
	assert_int_equal(let_through((struct iopf_filter){ .pasid = NUMBER(0) }), 2);
	assert_int_equal(let_through((struct iopf_filter){ .code = NUMBER(IOPF_CODE_INVALID) }), 1);
	assert_int_equal(let_through((struct iopf_filter){ .code = NUMBER(IOPF_CODE_SUCCESS) }), 6);
	assert_int_equal(let_through((struct iopf_filter){ .comm = "reader" }), 8);
	assert_int_equal(let_through((struct iopf_filter){ .comm = "writer" }), 3);
	assert_int_equal(let_through((struct iopf_filter){ .comm = "nobody" }), 0);
	assert_int_equal(let_through((struct iopf_filter){
				 .device = "3b:00.0", .comm = "writer", .fault_id = NUMBER(9) }),
			 1);
}

static void test_intervals(void **state)
{
	struct history *h = *state;
	const struct iopf_breakdown *b;
	const struct iopf_interval *at;

	h->opts.breakdown.interval_ns = 1000;
	three(h);
	b = h_finish(h)->breakdown;
	at = b->intervals;
	assert_int_equal(b->nr_intervals, 10);
	for (size_t i = 0; i < 10; i++) {
		assert_int_equal(at[i].from_ns, i * 1000);
		assert_int_equal(at[i].to_ns, i * 1000 + 1000);
		assert_int_equal(at[i].cut.groups, i >= 2 && i <= 4);
		assert_int_equal(at[i].outstanding, i == 0 ? 1 :
						    i == 1 ? 1 :
						    i == 2 ? 1 :
						    i == 3 ? 2 :
							     1);
	}
	assert_int_equal(at[2].cut.stage[IOPF_STAGE_TOTAL].max, 1500);
	assert_int_equal(at[4].cut.stage[IOPF_STAGE_TOTAL].max, 1900);
	assert_int_equal(at[3].cut.outstanding, 1);
	/* Two were queued at one time when the third came, and one was read then. */
	assert_int_equal(at[0].queue_max, 1);
	assert_int_equal(at[2].queue_max, 1);
	assert_int_equal(at[3].queue_max, 2);
	assert_int_equal(at[9].queue_max, 1); /* it is still there */
}

static void test_the_kernel_empties_queues(void **state)
{
	struct history *h = *state;
	const struct iopf_interval *at;
	struct h_group g[4];

	h->opts.breakdown.interval_ns = 1000;
	h->run.end_ns = 5000;
	for (uint32_t n = 0; n < 4; n++) {
		g[n] = h_group(n + 1);
		h_enqueue(h, &g[n], 100 + n, 200 + n);
	}
	h_read(h, &g[0], 300, 400);
	for (uint32_t n = 1; n < 4; n++) /* a detach answers what has not been read */
		h_respond(h, &g[n], 1100 + n, 1200 + n, IOPF_CODE_INVALID, IOPF_CTX_AUTO, 0);
	h_answer(h, &g[0], 2100, 2200);
	at = h_finish(h)->breakdown->intervals;
	assert_int_equal(at[0].queue_max, 4);
	assert_int_equal(at[0].outstanding, 4);
	assert_int_equal(at[1].queue_max, 3);
	assert_int_equal(at[1].outstanding, 1);
	assert_int_equal(at[2].queue_max, 0);
	assert_int_equal(at[2].outstanding, 0);
	assert_int_equal(at[4].queue_max, 0);
}

static void test_the_last_interval_may_be_shorter(void **state)
{
	struct history *h = *state;
	const struct iopf_breakdown *b;

	h->opts.breakdown.interval_ns = 3000;
	three(h);
	b = h_finish(h)->breakdown;
	assert_int_equal(b->nr_intervals, 4);
	assert_int_equal(b->intervals[3].from_ns, 9000);
	assert_int_equal(b->intervals[3].to_ns, 10000);
}

static void test_a_window_has_its_intervals_only(void **state)
{
	struct history *h = *state;
	const struct iopf_interval *at;

	h->opts.breakdown.interval_ns = 300;
	h->opts.breakdown.max_intervals = 5;
	h->opts.breakdown.filter =
		(struct iopf_filter){ .window = true, .from_ns = 3100, .to_ns = 4100 };
	three(h);
	at = h_finish(h)->breakdown->intervals;
	assert_int_equal(h->report->breakdown->nr_intervals, 4);
	assert_int_equal(at[0].from_ns, 3100); /* where the window begins, not the interval */
	assert_int_equal(at[0].to_ns, 3300);
	assert_int_equal(at[3].from_ns, 3900);
	assert_int_equal(at[3].to_ns, 4100);
	assert_int_equal(at[0].cut.groups,
			 0); /* the one that was queued at 3,000 is not asked for */
	assert_int_equal(at[3].cut.groups, 1);
	assert_int_equal(at[0].outstanding, 2);
	assert_int_equal(at[0].queue_max, 2); /* one of them since before */
	assert_int_equal(at[2].outstanding, 2);
	assert_int_equal(at[3].outstanding, 1);
}

static void test_too_fine_intervals_are_refused(void **state)
{
	struct history *h = *state;

	h->opts.breakdown.interval_ns = 1000;
	h->opts.breakdown.max_intervals = 9;
	three(h);
	h_finish(h);
	assert_true(h->report->breakdown->too_fine);
	assert_int_equal(h->report->breakdown->nr_intervals, 0);
}

static void test_what_is_later_than_the_end_is_in_the_last(void **state)
{
	struct history *h = *state;
	const struct iopf_breakdown *b;
	struct h_group g = h_group(4);

	h->opts.breakdown.interval_ns = 1000;
	h->opts.breakdown.max_intervals = 10;
	three(h);
	live(h, &g, UINT64_MAX / 2);
	b = h_finish(h)->breakdown;
	assert_false(b->too_fine);
	assert_int_equal(b->nr_intervals, 10);
	assert_int_equal(b->intervals[9].cut.groups, 1);
}

static void test_findings_have_their_time(void **state)
{
	struct history *h = *state;
	const struct iopf_breakdown *b;
	struct h_group g[12], late;
	uint64_t findings = 0, cases = 0;

	h->opts.breakdown.interval_ns = 100000;
	h->opts.judge = true;
	h->opts.max_cases = 2;
	h->run.end_ns = 1000000;
	h_alloc(h, H_OBJECT);
	for (uint32_t n = 0; n < 12; n++) {
		g[n] = h_group(n + 1);
		live(h, &g[n], 10000 + n * 1000);
	}
	for (uint32_t n = 0; n < 12; n++) { /* more than are kept: a cookie that nobody has */
		struct iopf_rec_write r = {
			.enter_ns = 350000 + n,
			.object = H_OBJECT,
			.count = 8,
			.ret = -EINVAL,
			.nr = 1,
			.answer = { { .cookie = 77 } },
		};

		H_PUT(h, r, IOPF_REC_WRITE, 360000 + n, IOPF_CTX_WRITE);
	}
	for (uint32_t n = 0; n < 5; n++) { /* never answered, which the end shows */
		late = h_group(40 + n);
		h_enqueue(h, &late, 470000, 470010);
	}
	b = h_finish(h)->breakdown;
	for (size_t i = 0; i < b->nr_intervals; i++)
		findings += b->intervals[i].findings;
	for (size_t i = 0; i < h->report->nr_findings; i++)
		cases += h->report->findings[i].count;
	assert_int_equal(findings, cases);
	assert_int_equal(cases, 12 + 5);
	assert_int_equal(b->intervals[3].findings, 12);
	assert_int_equal(b->intervals[4].findings, cases - 12); /* with the last record */
}

static void test_an_object_may_enter_the_scope_late(void **state)
{
	static const uint32_t root[] = { 500 };
	struct history *h = *state;
	const struct iopf_breakdown *b;

	h->opts.roots = root;
	h->opts.nr_roots = 1;
	ask_by(h, IOPF_KEY_PASID);
	h->opts.breakdown.interval_ns = 1000;
	h->run.end_ns = 10000;
	for (uint32_t n = 20; n < 22; n++) {
		struct h_group g = h_group(n);

		g.pasid = 20;
		h_enqueue(h, &g, 500, 510);
	}
	for (uint32_t n = 1; n <= 9; n++) {
		struct h_group g = h_group(n);

		g.object = n > 6 ? H_OBJECT2 : H_OBJECT;
		g.pasid = n > 6 ? 8 : n;
		h_task(h, n == 5 ? 500 : 900, n == 5 ? 500 : 900);
		live(h, &g, n * 1000);
	}
	b = h_finish(h)->breakdown;
	assert_int_equal(h->report->groups.enqueued, 8);
	assert_int_equal(b->nr_rows, 7); /* and none of the other object */
	/* Those that waited when it entered are in its queue since then. */
	assert_int_equal(b->intervals[4].queue_max, 0);
	assert_int_equal(b->intervals[5].queue_max, 2);
	assert_int_equal(b->intervals[9].queue_max, 2);
	adds_up(h->report);
	for (uint32_t pasid = 1; pasid <= 6; pasid++)
		assert_int_equal(ROW(b, row, row->pasid == pasid)->cut.groups, 1);
}

/* Random histories with losses: whatever is asked for adds up to the whole. */
static void test_random_histories_add_up(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 120; seed++) {
		struct m_opts opts = {
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
		struct iopf_breakdown_opts *b = &m->h->opts.breakdown;

		for (unsigned int key = 0; key < IOPF_KEYS; key++)
			if (seed % 31 >> key & 1)
				ask_by(m->h, (enum iopf_key)key);
		if (!b->nr_by)
			ask_by(m->h, IOPF_KEY_DEVICE);
		b->interval_ns = 1 + seed * 997;
		b->max_rows = seed % 3 ? 0 : 4;
		b->start_ns = seed % 5 ? 1000000 : 0;
		m->h->run.end_ns = m->h->last_ns;
		h_finish(m->h);
		adds_up(m->h->report);
		assert_int_equal(m->h->report->breakdown
					 ->intervals[m->h->report->breakdown->nr_intervals - 1]
					 .outstanding,
				 m->h->report->groups.outstanding);
		m_free(m);
	}
}

/* A large steady load: windows that follow each other have every group once. */
static void test_windows_add_up(void **state)
{
	const uint64_t edge[] = { 0, 1, 5 * MS, 17 * MS, 17 * MS + 1, 60 * MS, UINT64_MAX };
	struct sum *all = sum_new();
	struct iopf_report *whole = NULL;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(edge) / sizeof(edge[0]); i++) {
		struct iopf_engine_opts opts = {
			.breakdown = {
				.by = { IOPF_KEY_DEVICE, IOPF_KEY_CODE },
				.nr_by = 2,
				.start_ns = 86400000000000ULL,
				.interval_ns = 3 * MS,
				.filter = { .window = true, .from_ns = edge[i], .to_ns = edge[i + 1] },
			},
		};
		struct iopf_engine *e = iopf_engine_new(&opts);
		struct iopf_run run = { .version = "", .kernel = "" };
		union steady_rec rec;
		struct sum *rows = sum_new();
		struct steady s;

		steady_begin(&s, 3);
		for (int n = 0; n < 20000; n++)
			assert_int_equal(iopf_engine_feed(e, steady_next(&s, &rec)), 0);
		run.end_ns = s.now_ns;
		iopf_report_free(whole);
		whole = iopf_engine_finish(e, &run);
		iopf_engine_free(e);
		for (size_t n = 0; n < whole->breakdown->nr_rows; n++) {
			sum_add(all, &whole->breakdown->rows[n].cut);
			sum_add(rows, &whole->breakdown->rows[n].cut);
		}
		assert_int_equal(rows->groups, whole->breakdown->all.groups);
		assert_memory_equal(&rows->stage[IOPF_STAGE_TOTAL],
				    &whole->breakdown->stage[IOPF_STAGE_TOTAL],
				    sizeof(rows->stage[0]));
		free(rows);
	}
	assert_true(all->groups > 6000);
	sum_is(all, whole);
	iopf_report_free(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		H_TEST(test_nothing_is_made_unasked),
		H_TEST(test_by_device_and_pasid),
		H_TEST(test_the_most_time_comes_first),
		H_TEST(test_by_code),
		H_TEST(test_an_answer_that_was_lost_is_unknown),
		H_TEST(test_by_process),
		H_TEST(test_objects_with_one_id_are_not_mixed),
		H_TEST(test_a_device_that_comes_back_is_one_row),
		H_TEST(test_too_many_rows_become_one),
		H_TEST(test_times_without_memory_are_told),
		cmocka_unit_test(test_a_group_counts_when_it_is_answered),
		H_TEST(test_a_selection_is_shown_instead),
		cmocka_unit_test(test_filters),
		H_TEST(test_intervals),
		H_TEST(test_the_kernel_empties_queues),
		H_TEST(test_the_last_interval_may_be_shorter),
		H_TEST(test_a_window_has_its_intervals_only),
		H_TEST(test_too_fine_intervals_are_refused),
		H_TEST(test_what_is_later_than_the_end_is_in_the_last),
		H_TEST(test_findings_have_their_time),
		H_TEST(test_an_object_may_enter_the_scope_late),
		cmocka_unit_test(test_random_histories_add_up),
		cmocka_unit_test(test_windows_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
