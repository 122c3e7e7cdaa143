// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Lost records: what is uncertain is said to be, and no latency is made up. */
#include "history.h"

/* Loss is in doubt, whatever else is. */
static void assert_lost(const struct iopf_report *r)
{
	assert_true(r->doubt[IOPF_DOUBT_LOST]);
	assert_false(r->doubt[IOPF_DOUBT_BALANCE]);
	assert_false(r->complete);
	assert_int_equal(r->verdict, IOPF_INCONCLUSIVE);
	assert_int_equal(r->exit_code, 5);
}

static void test_positions(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	h_enqueue(h, &g, 100, 110); /* 0 */
	h_lose(h, 3); /* 1 to 3 */
	h_read(h, &g, 150, 200); /* 4 */
	h_lose(h, 2); /* 5, 6 */
	h_answer(h, &g, 300, 310); /* 7 */
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->lost.gaps, 2);
	assert_int_equal(r->lost.events, 5);
	assert_int_equal(r->lost.first_gap_seq, 1);
	assert_int_equal(r->lost.last_gap_seq, 6);
	assert_int_equal(r->lost.first_gap_ns, 110);
}

static void test_lost_from_the_start(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	h_lose(h, 10);
	h_enqueue(h, &g, 100, 100);
	h_read(h, &g, 150, 200);
	h_answer(h, &g, 300, 310);
	h->run.lost[IOPF_LOST_RING_FULL] = 10;
	h->run.lost[IOPF_LOST_CONTEXT] = 1;
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->lost.gaps, 1);
	assert_int_equal(r->lost.first_gap_seq, 0);
	assert_int_equal(r->lost.last_gap_seq, 9);
	assert_int_equal(r->lost.first_gap_ns, 0);
	assert_int_equal(r->lost.events, 11);
	assert_int_equal(r->lost.reason[IOPF_LOST_CONTEXT], 1);
	assert_int_equal(r->groups.unknown, 0); /* its life does not overlap the gap */
	h_assert_one(r, IOPF_STAGE_TOTAL, 210);
}

/* What is counted as lost but missing nowhere is missing after the last record. */
static void test_lost_after_the_last(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 100);
	h_read(h, &a, 150, 200);
	h_answer(h, &a, 300, 310);
	h_enqueue(h, &b, 400, 410);
	h->run.lost[IOPF_LOST_RING_FULL] = 4;
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->lost.gaps, 1);
	assert_int_equal(r->lost.first_gap_seq, 4);
	assert_int_equal(r->lost.last_gap_seq, 7);
	assert_int_equal(r->lost.first_gap_ns, 410);
	assert_int_equal(r->lost.events, 4);
	assert_int_equal(r->groups.outstanding, 0); /* b may have been answered */
	assert_int_equal(r->groups.unknown, 1);
	assert_int_equal(r->nr_waiting, 0);
	h_assert_one(r, IOPF_STAGE_TOTAL, 210);
}

static void test_cut_off(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 100);
	h->run.cut = true;
	r = h_finish(h);
	h_assert_doubt(r, IOPF_DOUBT_CUT);
	assert_int_equal(r->groups.outstanding, 0);
	assert_int_equal(r->groups.unknown, 1);
	assert_int_equal(r->lost.gaps, 0);
}

/* The lives of groups before, in and after a gap: only those in it are uncertain. */
static void test_only_lives_that_overlap_are_uncertain(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3), d = h_group(4);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 100);
	h_read(h, &a, 150, 200);
	h_answer(h, &a, 300, 310);
	h_enqueue(h, &b, 400, 410);
	h_read(h, &b, 440, 450); /* before the gap: this stays certain */
	h_enqueue(h, &c, 460, 470);
	h_lose(h, 1);
	h_read(h, &c, 500, 600);
	h_answer(h, &b, 700, 710);
	h_answer(h, &c, 700, 710);
	h_enqueue(h, &d, 1000, 1000);
	h_read(h, &d, 1050, 1100);
	h_answer(h, &d, 1300, 1310);
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->groups.enqueued, 4);
	assert_int_equal(r->groups.delivered, 4);
	assert_int_equal(r->groups.answered_user, 4);
	assert_int_equal(r->groups.unknown, 2);
	assert_int_equal(r->groups.outstanding, 0);
	h_assert_stage(r, IOPF_STAGE_ROUTE, 4, 20, 0, 10);
	h_assert_stage(r, IOPF_STAGE_WAIT, 3, 100 + 40 + 100, 40, 100);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 2, 100 + 200, 100, 200);
	h_assert_stage(r, IOPF_STAGE_ACK, 2, 20, 10, 10);
	h_assert_stage(r, IOPF_STAGE_TOTAL, 2, 210 + 310, 210, 310);
	assert_int_equal(r->nr_slowest, 2);
}

/* The answer and the next ENQUEUE are lost; the pointer then is another group's. */
static void test_pointer_used_again_in_a_gap(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	b.pointer = a.pointer;
	b.cookie = a.cookie;
	h_enqueue(h, &a, 100, 100);
	h_read(h, &a, 150, 200);
	h_lose(h, 3);
	h_answer(h, &b, 1000000000, 1000000010);
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->groups.unknown, 1);
	assert_int_equal(r->groups.adopted, 1);
	assert_int_equal(r->groups.answered_user, 1);
	assert_int_equal(r->groups.outstanding, 0);
	h_assert_one(r, IOPF_STAGE_WAIT, 100);
	h_assert_none(r, IOPF_STAGE_SERVICE);
	h_assert_none(r, IOPF_STAGE_TOTAL);
	h_assert_one(r, IOPF_STAGE_ACK, 10);
}

/* Even if the group that has the pointer next looks just the same. */
static void test_the_same_for_one_that_looks_alike(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 100);
	h_lose(h, 3);
	h_read(h, &a, 999999900, 999999950);
	h_answer(h, &a, 1000000000, 1000000010);
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->groups.unknown, 1);
	h_assert_none(r, IOPF_STAGE_WAIT);
	h_assert_none(r, IOPF_STAGE_SERVICE);
	h_assert_none(r, IOPF_STAGE_TOTAL);
}

/* Not even the request tells, but what was read since the gap does. */
static void test_pointer_used_again_and_delivered(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(1);
	struct iopf_report *r;

	b.addr += 0x100000;
	b.cookie = 2;
	h_enqueue(h, &a, 100, 100);
	h_lose(h, 3);
	h_report(h, 400, H_DEVICE, 0, 0, 0);
	h_read(h, &b, 500, 600);
	h_answer(h, &b, 700, 710);
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->groups.adopted, 1);
	assert_int_equal(r->groups.unknown, 1);
	assert_int_equal(r->groups.answered_user, 1);
	assert_int_equal(r->groups.outstanding, 0);
	h_assert_one(r, IOPF_STAGE_SERVICE, 100);
}

/* A delivery from before the gap does not come to life again with another group's cookie. */
static void test_old_delivery_is_not_passed_on(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), again = h_group(1), other = h_group(1);
	struct iopf_report *r;

	a.cookie = 2;
	again.cookie = 3;
	other.pointer += 64;
	other.cookie = 2;
	h_enqueue(h, &a, 100, 100);
	h_read(h, &a, 150, 200);
	h_lose(h, 2); /* a is answered, and the next group has its memory */
	h_report(h, 400, H_DEVICE, 0, 0, 0);
	h_read(h, &again, 600, 700);
	h_answer(h, &again, 800, 801);
	h_answer(h, &other, 900, 901);
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->groups.outstanding, 0);
	h_assert_none(r, IOPF_STAGE_SERVICE);
}

/* A read that was inside during the gap may have delivered a group that was answered there. */
static void test_read_that_began_before_the_end_of_a_gap(void **state)
{
	struct history *h = *state;
	struct h_group lost = h_group(1), b = h_group(1), c = h_group(1);
	struct iopf_report *r;

	b.pointer += 64;
	b.cookie = 2;
	c.pointer += 128;
	c.cookie = 1; /* which the lost one had before */
	h_lose(h, 2); /* it is enqueued and answered, and c is enqueued */
	h_enqueue(h, &b, 300, 300);
	h_read(h, &lost, 150, 400); /* taken for b */
	h_answer(h, &c, 700, 710); /* before the record of its read */
	h_read(h, &c, 500, 800);
	r = h_finish(h);
	assert_lost(r);
	h_assert_none(r, IOPF_STAGE_WAIT);
	assert_int_equal(r->stage[IOPF_STAGE_SERVICE].hist.max, 0);
	assert_int_equal(r->groups.outstanding, 1);
}

/* One whose ENQUEUE was lost may be taken for one that looks alike: without an answer, who knows. */
static void test_delivery_that_nothing_confirms(void **state)
{
	struct history *h = *state;
	struct h_group b = h_group(1), lost = h_group(1);
	struct iopf_report *r;

	b.pointer += 64;
	h_lose(h, 1);
	h_enqueue(h, &b, 300, 300);
	h_read(h, &lost, 350, 400);
	r = h_finish(h);
	assert_lost(r);
	h_assert_none(r, IOPF_STAGE_WAIT);
	assert_int_equal(r->groups.outstanding, 1);
}

/* An answer through an object is not that of a group of the object that was there before. */
static void test_pointer_used_again_on_another_object(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(1);
	struct iopf_report *r;

	h->object_id = 4;
	h_enqueue(h, &a, 100, 100);
	h_lose(h, 4);
	h->object_id = 5;
	h_enqueue(h, &b, 1000, 1000);
	h_answer(h, &c, 1200, 1210);
	h_read(h, &c, 1100, 1300);
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->groups.adopted, 1);
	assert_int_equal(r->groups.unknown, 1);
	assert_int_equal(r->groups.outstanding, 1);
	assert_int_equal(r->waiting[0].grpid, 2);
}

/* The answer is lost, the next ENQUEUE is not. */
static void test_answer_lost(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 100);
	h_read(h, &a, 150, 200);
	h_lose(h, 1);
	h_enqueue(h, &a, 1000, 1000);
	h_read(h, &a, 1400, 1500);
	h_answer(h, &a, 2000, 2001);
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->groups.enqueued, 2);
	assert_int_equal(r->groups.delivered, 2);
	assert_int_equal(r->groups.unknown, 1);
	assert_int_equal(r->groups.answered_user, 1);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 100 + 500, 100, 500);
	h_assert_one(r, IOPF_STAGE_SERVICE, 500);
	h_assert_one(r, IOPF_STAGE_TOTAL, 1001);
}

static void test_enqueue_lost(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	h_alloc(h, H_OBJECT);
	h_lose(h, 1);
	h_enqueue(h, &b, 120, 120);
	h_read(h, &a, 150, 200);
	h_read(h, &b, 250, 300);
	h_answer(h, &a, 400, 401);
	h_answer(h, &b, 500, 502);
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->groups.enqueued, 1);
	assert_int_equal(r->groups.adopted, 1);
	assert_int_equal(r->groups.unknown, 0);
	assert_int_equal(r->groups.answered_user, 2);
	h_assert_one(r, IOPF_STAGE_WAIT, 180);
	h_assert_stage(r, IOPF_STAGE_SERVICE, 2, 200 + 200, 200, 200);
	h_assert_one(r, IOPF_STAGE_TOTAL, 382);
}

/* Many reads are lost: groups that were delivered in the gap must not stand in the way. */
static void test_reads_lost(void **state)
{
	struct history *h = *state;
	struct h_group late = h_group(5000), last = h_group(6000);
	struct iopf_report *r;

	for (uint32_t i = 1; i <= 3000; i++) {
		struct h_group g = h_group(i);

		h_enqueue(h, &g, 100, 100);
	}
	h_lose(h, 3000);
	for (uint64_t t = 1000; t < 11000; t += 1000) {
		h_enqueue(h, &late, t, t);
		h_read(h, &late, t + 100, t + 200);
		h_answer(h, &late, t + 300, t + 301);
	}
	h_enqueue(h, &last, 15000, 15000);
	h_read(h, &last, 15100, 15200);
	for (uint32_t i = 1; i <= 3000; i++) {
		struct h_group g = h_group(i);

		h_answer(h, &g, 20000, 20001);
	}
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->groups.adopted, 0);
	assert_int_equal(r->groups.outstanding, 1);
	assert_int_equal(r->groups.unknown, 3000);
	assert_int_equal(r->groups.answered_user, 3010);
	h_assert_stage(r, IOPF_STAGE_WAIT, 10, 2000, 200, 200);
	h_assert_stage(r, IOPF_STAGE_TOTAL, 10, 3010, 301, 301);
}

/* A cookie that is handed out again shows that its last holder was answered in the gap. */
static void test_cookie_handed_out_again(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	b.cookie = a.cookie;
	h_enqueue(h, &a, 100, 100);
	h_read(h, &a, 150, 200);
	h_lose(h, 1);
	h_enqueue(h, &b, 1000, 1000);
	h_read(h, &b, 1400, 1500);
	h_answer(h, &b, 2000, 2001);
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->groups.unknown, 1);
	assert_int_equal(r->groups.answered_user, 1);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 600, 100, 500);
	h_assert_one(r, IOPF_STAGE_SERVICE, 500);
}

/* A delivery from before the gap, whose cookie a later group has: not that group's delivery. */
static void test_stale_delivery_is_not_used(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(1);
	struct iopf_report *r;

	b.pointer += 64;
	h_enqueue(h, &a, 100, 100);
	h_read(h, &a, 150, 200);
	h_lose(h, 1); /* a's answer */
	h_enqueue(h, &b, 1000, 1000);
	h_answer(h, &b, 2000, 2001); /* before the record of its read */
	h_read(h, &b, 1400, 2500);
	r = h_finish(h);
	assert_lost(r);
	h_assert_stage(r, IOPF_STAGE_WAIT, 2, 100 + 1500, 100, 1500);
	h_assert_one(r, IOPF_STAGE_SERVICE, 0);
}

/* The read was entered before the gap was over, so the answer may be in it. */
static void test_adopted_across_a_gap_is_not_outstanding(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3);
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 100);
	h_lose(h, 5);
	h_read(h, &b, 150, 1000); /* the gap is over at 1000 */
	h_read(h, &c, 1100, 1200);
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->groups.adopted, 2);
	assert_int_equal(r->groups.outstanding, 1);
	assert_int_equal(r->waiting[0].grpid, 3);
	assert_int_equal(r->groups.unknown, 2);
}

static void test_read_record_lost_but_not_the_rest(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_rec_read_more more = {
		.object = H_OBJECT, .seq_of_read = 2, .first = 1, .nr = 1
	};
	struct iopf_report *r;

	h_enqueue(h, &a, 100, 100);
	h_enqueue(h, &b, 100, 100);
	h_lose(h, 1);
	more.fault[0] = h_fault(&b, 0);
	H_PUT(h, more, IOPF_REC_READ_MORE, 210, IOPF_CTX_READ);
	h_answer(h, &b, 300, 301);
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->groups.delivered, 1);
	assert_int_equal(r->groups.unknown, 2);
	h_assert_none(r, IOPF_STAGE_WAIT);
}

/* A piece out of the middle of a read: the groups that are whole are still delivered then. */
static void test_part_of_a_read_lost(void **state)
{
	struct history *h = *state;
	struct iopf_rec_read read = { .object = H_OBJECT, .enter_ns = 900, .ret = 40 * 40 };
	struct iopf_rec_read_more more = { .object = H_OBJECT, .nr = 16 };
	struct iopf_report *r;

	h_alloc(h, H_OBJECT);
	for (uint32_t i = 0; i < 20; i++) {
		struct h_group g = h_group(i + 1);

		g.pages = 2;
		h_enqueue(h, &g, 100, 100);
	}
	for (uint32_t first = 0; first < 40; first += first ? 16 : 1) {
		struct h_group g = h_group(1);

		g.pages = 2;
		if (!first) {
			more.seq_of_read = h->seq;
			read.fault = h_fault(&g, 0);
			H_PUT(h, read, IOPF_REC_READ, 1000, IOPF_CTX_READ);
			continue;
		}
		for (uint32_t i = 0; i < 16; i++) {
			g = h_group((first + i) / 2 + 1);
			g.pages = 2;
			more.fault[i] = h_fault(&g, (first + i) % 2);
		}
		more.first = first;
		more.nr = first + 16 < 40 ? 16 : 40 - first;
		if (first == 17)
			h_lose(h, 1);
		else
			H_PUT(h, more, IOPF_REC_READ_MORE, 1001, IOPF_CTX_READ);
	}
	r = h_finish(h);
	assert_lost(r);
	/* Of records 0 to 39, 17 to 32 are lost: of groups 9 to 17, 17 has its last page. */
	assert_int_equal(r->groups.delivered, 8 + 4);
	assert_int_equal(r->groups.adopted, 0);
	h_assert_stage(r, IOPF_STAGE_WAIT, 8, 8 * 900, 900, 900);
}

/* The destruction of an object, and the creation of another at its address, are lost. */
static void test_object_replaced_in_a_gap(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct iopf_report *r;

	h->object_id = 4;
	h_alloc(h, H_OBJECT);
	h_enqueue(h, &a, 100, 100);
	h_lose(h, 3);
	h->object_id = 5;
	h_enqueue(h, &b, 1000, 1000);
	h_read(h, &b, 1100, 1200);
	h_lose(h, 2);
	h->object_id = 5;
	h_alloc(h, H_OBJECT); /* with the same id: told by the gap */
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->nr_objects, 3);
	assert_int_equal(r->objects[0].id, 4);
	assert_int_equal(r->objects[0].groups, 1);
	assert_int_equal(r->objects[1].id, 5);
	assert_int_equal(r->objects[1].groups, 1);
	assert_int_equal(r->objects[2].groups, 0);
	assert_int_equal(r->groups.unknown, 2);
}

/* After a gap only what has been seen since is certainly outstanding. */
static void test_outstanding_max_is_certain(void **state)
{
	struct history *h = *state;
	struct h_group g;
	struct iopf_report *r;

	for (uint32_t i = 1; i <= 5; i++) {
		g = h_group(i);
		h_enqueue(h, &g, 100, 100);
	}
	h_lose(h, 10);
	for (uint32_t i = 11; i <= 13; i++) {
		g = h_group(i);
		h_enqueue(h, &g, 200, 200);
	}
	r = h_finish(h);
	assert_lost(r);
	assert_int_equal(r->groups.outstanding_max, 5);
	assert_int_equal(r->groups.outstanding, 3);
	assert_int_equal(r->groups.unknown, 5);
	assert_int_equal(r->nr_waiting, 3);
	assert_int_equal(r->waiting[0].grpid, 11);
}

/* A record that cannot be used is missing like a lost one. */
static void test_malformed_record_is_a_gap(void **state)
{
	struct iopf_engine_opts opts = { .min_groups = 0 };
	struct iopf_engine *e = iopf_engine_new(&opts);
	struct iopf_rec bad = { .seq = 0, .type = IOPF_REC_ENQUEUE, .size = sizeof(bad) };
	struct iopf_rec good = { .seq = 1, .type = 99, .size = sizeof(good) };
	struct iopf_run run = { .cut = false };
	struct iopf_report *r;

	(void)state;
	assert_non_null(e);
	assert_int_equal(iopf_engine_feed(e, &bad), -22);
	assert_int_equal(iopf_engine_feed(e, &good), 0);
	r = iopf_engine_finish(e, &run);
	assert_lost(r);
	assert_int_equal(r->lost.events, 1);
	iopf_report_free(r);
	iopf_engine_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		H_TEST(test_positions),
		H_TEST(test_lost_from_the_start),
		H_TEST(test_lost_after_the_last),
		H_TEST(test_cut_off),
		H_TEST(test_only_lives_that_overlap_are_uncertain),
		H_TEST(test_pointer_used_again_in_a_gap),
		H_TEST(test_the_same_for_one_that_looks_alike),
		H_TEST(test_pointer_used_again_and_delivered),
		H_TEST(test_old_delivery_is_not_passed_on),
		H_TEST(test_read_that_began_before_the_end_of_a_gap),
		H_TEST(test_delivery_that_nothing_confirms),
		H_TEST(test_pointer_used_again_on_another_object),
		H_TEST(test_answer_lost),
		H_TEST(test_enqueue_lost),
		H_TEST(test_reads_lost),
		H_TEST(test_cookie_handed_out_again),
		H_TEST(test_stale_delivery_is_not_used),
		H_TEST(test_adopted_across_a_gap_is_not_outstanding),
		H_TEST(test_read_record_lost_but_not_the_rest),
		H_TEST(test_part_of_a_read_lost),
		H_TEST(test_object_replaced_in_a_gap),
		H_TEST(test_outstanding_max_is_certain),
		H_TEST(test_malformed_record_is_a_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
