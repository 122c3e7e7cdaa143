// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Long legal histories, of which parts are not seen: records lost, the beginning or the end missing,
 * times not known, records late. Whatever is missing, nothing legal may look wrong.
 */
#include "rules.h"
#include "steady.h"

#define HELD (IOPF_READ_NOT_EMPTY | IOPF_READ_STILL_HELD)
#define VMM 1000
#define VCPU 1001
#define OTHER 2000

/* A group of an object, with its cookie and memory: both are used again and again. */
static struct h_group group_on(uint64_t object, uint32_t n, uint32_t cookie)
{
	struct h_group g = h_group(n);

	g.object = object;
	g.cookie = cookie;
	g.pointer = 0xffff888300000000ULL + (object & 0xf00) * 0x100 + cookie * 0x100;
	g.dev = object == H_OBJECT ? H_DEVICE : H_DEVICE2;
	g.dev_id = object == H_OBJECT ? 3 : 4;
	return g;
}

/* Two groups in one read, answered by another thread between the copy and its return. */
static void put_early_answers(struct history *h, uint64_t object, uint64_t t)
{
	struct h_group g[2] = { group_on(object, 1, 1), group_on(object, 2, 2) };

	r_queue(h, &g[0], t);
	r_enqueue(h, &g[1], t + 1, R_HANDLE, 0);
	h_task(h, VMM, VCPU);
	r_user(h, &g[1], t + 50);
	r_user(h, &g[0], t + 60);
	h_task(h, VMM, VMM);
	h_read_groups(h, t + 10, t + 80, g, 2);
}

/* A copy that fails, a delivery with another cookie, and an answer that is told late. */
static void put_redelivery(struct history *h, uint64_t object, uint64_t t)
{
	struct h_group a = group_on(object, 1, 1), b = group_on(object, 3, 1);
	struct r_answer late;

	r_queue(h, &a, t);
	h_read_result(h, object, t + 10, t + 20, -14, HELD);
	h_read_result(h, object, t + 22, t + 24, 0, IOPF_READ_NOT_EMPTY);
	a.cookie = 5;
	h_read(h, &a, t + 25, t + 30);
	late = r_answer_at(&a, t + 40);
	late.driver_calls = 0;
	late.record_ns = t + 60;
	r_queue(h, &b, t + 50); /* in the same memory */
	r_answer(h, &a, &late);
	h_read(h, &b, t + 70, t + 75);
	r_user(h, &b, t + 80);
}

/* A group of several pages, twice with the same index, and a discard in between. */
static void put_pages(struct history *h, uint64_t object, uint64_t t)
{
	struct h_group g = group_on(object, 4, 1);

	g.pages = 3;
	for (int i = 0; i < 2; i++, t += 100) {
		r_report(h, &g, 0, t, 0, 0);
		if (i) {
			r_discard(h, t + 8);
			r_report(h, &g, 0, t + 9, 0, 0);
		}
		r_report(h, &g, 1, t + 15, 0, 0);
		r_queue(h, &g, t + 30);
		r_pages(h, &g);
		h_read(h, &g, t + 40, t + 50);
		r_user(h, &g, t + 60);
	}
}

/* A write that is short, and retried; one that comes late after a detach; look-alikes. */
static void put_writes(struct history *h, uint64_t object, uint64_t t)
{
	struct h_group g[2] = { group_on(object, 6, 1), group_on(object, 6, 2) };
	struct r_write w = {
		.object = object,
		.enter_ns = t + 35,
		.exit_ns = t + 50,
		.count = 2,
		.ret = R_SIZE,
		.answered = 1,
	};

	r_queue(h, &g[0], t);
	h_read(h, &g[0], t + 10, t + 20);
	r_user(h, &g[0], t + 40);
	r_queue(h, &g[1], t + 45);
	h_read(h, &g[1], t + 46, t + 47);
	r_write(h, &w); /* its second entry could not be copied */
	r_user(h, &g[1], t + 60);
}

/* A detach while another thread reads, records that are late, and what follows with that handle. */
static void put_detach(struct history *h, uint64_t object, uint64_t t)
{
	struct h_group a = group_on(object, 7, 1), b = group_on(object, 8, 2),
		       c = group_on(object, 9, 3);
	struct r_answer late = r_answer_at(&c, t + 29);

	r_queue(h, &a, t);
	r_queue(h, &c, t + 1);
	r_queue(h, &b, t + 2);
	h_read(h, &c, t + 5, t + 6);
	late.driver_calls = 0;
	late.record_ns = t + 58;
	b.cookie = 0;
	r_kernel(h, &b, t + 30, IOPF_CTX_AUTO);
	r_kernel(h, &a, t + 40, IOPF_CTX_AUTO);
	r_detach(h, R_HANDLE, t + 20, t + 50);
	r_answer(h, &c, &late);
	h_read(h, &a, t + 4, t + 60);
	r_attach(h, R_HANDLE, t + 70);
}

/* Aborts, refusals, the kernel's own SVA in the same memory, and a device that goes. */
static void put_others(struct history *h, uint64_t object, uint64_t t)
{
	struct h_group a = group_on(object, 10, 1), sva = group_on(object, 10, 1);
	struct r_answer answer = r_answer_at(&sva, t + 60);

	r_life(h, &a, t);
	sva.pasid = 99;
	r_report(h, &sva, 0, t + 50, 0, IOPF_REPORT_SVA);
	answer.context = answer.cookie = 0;
	answer.object = answer.enter_ns = 0;
	r_answer(h, &sva, &answer);
	r_report(h, &a, 0, t + 70, -22, IOPF_REPORT_ANSWERED);
	r_queue_removed(h, a.dev, t + 80, t + 90);
}

static void put_life_of_object(struct history *h, uint64_t object, uint64_t t)
{
	struct h_group left = group_on(object, 11, 1);

	h_task(h, object == H_OBJECT ? VMM : OTHER, object == H_OBJECT ? VMM : OTHER);
	r_alloc(h, object, t);
	put_early_answers(h, object, t + 100);
	put_redelivery(h, object, t + 200);
	put_pages(h, object, t + 400);
	put_writes(h, object, t + 700);
	put_detach(h, object, t + 800);
	put_others(h, object, t + 900);
	r_queue(h, &left, t + 1000);
	h_read(h, &left, t + 1010, t + 1020);
	r_release(h, object, t + 1050);
	r_kernel(h, &left, t + 1060, IOPF_CTX_DESTROY);
	r_destroy(h, object, t + 1055, t + 1070);
}

/* Two objects, one of them twice, with the same addresses. */
static struct history *legal_history(void)
{
	struct history *h = r_new();

	for (int d = 0; d < IOPF_DEADLINES; d++)
		h->opts.deadline_ns[d] = 500;
	put_life_of_object(h, H_OBJECT, 1000);
	put_life_of_object(h, H_OBJECT2, 2500);
	put_life_of_object(h, H_OBJECT, 4000);
	return h;
}

/* At the end of a part of a trace, there may be calls inside the kernel, which have answered or read. */
static void feed_inside(struct iopf_engine *e, uint64_t seq, uint64_t time_ns)
{
	struct iopf_rec_inside r = {
		.h = { .seq = seq, .time_ns = time_ns, .type = IOPF_REC_INSIDE },
		.enter_ns = time_ns - 60, /* no call of this history takes longer */
		.object = H_OBJECT,
	};

	r.h.size = sizeof(r);
	r.h.context = IOPF_CTX_WRITE | IOPF_CTX_READ; /* of two tasks, in one record */
	r.h.tgid = r.h.tid = VMM;
	assert_int_equal(iopf_engine_feed(e, &r.h), 0);
	r.h.seq++;
	r.object = H_OBJECT2;
	r.h.tgid = r.h.tid = OTHER;
	assert_int_equal(iopf_engine_feed(e, &r.h), 0);
}

/* The report on some of the records: a lost one has a number, one that is left out has none. */
static struct iopf_report *report_on(struct history *h, const uint8_t *lost, uint64_t first,
				     uint64_t end)
{
	struct iopf_engine *e = iopf_engine_new(&h->opts);
	struct iopf_report *r;
	uint64_t n = 0;

	assert_non_null(e);
	h->run.lost[IOPF_LOST_RING_FULL] = 0;
	h->run.end_ns = 0;
	for (size_t at = 0; at < h->nr_bytes; n++) {
		struct iopf_rec rec, *in = (struct iopf_rec *)(h->bytes + at);

		rec = *in;
		at += (rec.size + 7U) & ~7U;
		if (n < first || n >= end)
			continue;
		if (rec.time_ns > h->run.end_ns)
			h->run.end_ns = rec.time_ns;
		if (lost && lost[n]) {
			h->run.lost[IOPF_LOST_RING_FULL]++;
			continue;
		}
		in->seq = n - first;
		assert_int_equal(iopf_engine_feed(e, in), 0);
		in->seq = rec.seq;
	}
	if (end < h->seq)
		feed_inside(e, end - first, h->run.end_ns);
	r = iopf_engine_finish(e, &h->run);
	assert_non_null(r);
	iopf_engine_free(e);
	return r;
}

/* Nothing but notes may be found. */
static void assert_legal(struct history *h, const uint8_t *lost, uint64_t first, uint64_t end)
{
	struct iopf_report *r = report_on(h, lost, first, end);

	for (size_t i = 0; i < r->nr_findings; i++) {
		if (r->findings[i].severity == IOPF_SEVERITY_NOTE)
			continue;
		r_print(r);
		fprintf(stderr, "records %llu to %llu\n", (unsigned long long)first,
			(unsigned long long)end);
		for (uint64_t n = 0; lost && n < h->seq; n++) {
			if (lost[n])
				fprintf(stderr, "lost %llu\n", (unsigned long long)n);
		}
		fail();
	}
	iopf_report_free(r);
}

static void test_all_seen(void **state)
{
	struct history *h = legal_history();

	(void)state;
	assert_legal(h, NULL, 0, h->seq);
	h_assert_pass(h_finish(h));
	h_free(h);
}

/* A gap of any size anywhere. */
static void test_one_gap(void **state)
{
	struct history *h = legal_history();
	uint8_t lost[1024];
	unsigned int cases = 0;

	(void)state;
	assert_true(h->seq < sizeof(lost));
	for (uint64_t n = 0; n < h->seq; n++) {
		for (uint64_t size = 1; n + size <= h->seq && size <= 20; size++) {
			if (cases++ % STEADY_STEP)
				continue;
			memset(lost, 0, sizeof(lost));
			memset(lost + n, 1, size);
			assert_legal(h, lost, 0, h->seq);
		}
	}
	h_free(h);
}

/* Gaps everywhere. */
static void test_many_gaps(void **state)
{
	struct history *h = legal_history();
	uint64_t random = 1;
	uint8_t lost[1024];

	(void)state;
	for (int i = 0; i < 4000; i += STEADY_STEP) {
		uint64_t often = 2 + i % 30;

		for (uint64_t n = 0; n < h->seq; n++) {
			random = random * 6364136223846793005ULL + 1442695040888963407ULL;
			lost[n] = (random >> 33) % often == 0;
		}
		assert_legal(h, lost, 0, h->seq);
	}
	h_free(h);
}

/* Tracing that begins and ends anywhere. */
static void test_parts(void **state)
{
	struct history *h = legal_history();
	unsigned int cases = 0;

	(void)state;
	for (uint64_t first = 0; first < h->seq; first++) {
		if (first % STEADY_STEP_OF_HUNDREDS == 0) {
			assert_legal(h, NULL, 0, first);
			assert_legal(h, NULL, first, h->seq);
		}
		for (uint64_t nr = 1; nr < 40 && first + nr < h->seq; nr += 3)
			if (cases++ % STEADY_STEP == 0)
				assert_legal(h, NULL, first, first + nr);
	}
	h_free(h);
}

/* Makes a time in a record one that is not known; false when there is none of that number. */
static bool forget_time(struct iopf_rec *rec, int which)
{
	struct iopf_rec_response *response = (void *)rec;
	__u64 *time = NULL;

	switch (rec->type) {
	case IOPF_REC_READ:
		time = &((struct iopf_rec_read *)rec)->enter_ns;
		break;
	case IOPF_REC_WRITE:
		time = &((struct iopf_rec_write *)rec)->enter_ns;
		break;
	case IOPF_REC_ENQUEUE:
		time = &((struct iopf_rec_enqueue *)rec)->report_ns;
		break;
	case IOPF_REC_REPORT:
		time = &((struct iopf_rec_report *)rec)->report_ns;
		break;
	case IOPF_REC_AUTO:
		time = &((struct iopf_rec_auto *)rec)->enter_ns;
		break;
	case IOPF_REC_DESTROY:
		time = &((struct iopf_rec_destroy *)rec)->enter_ns;
		break;
	case IOPF_REC_RESPONSE:
		time = which ? &response->ack_ns : &response->caller_ns;
		break;
	}
	if (time)
		*time = 0;
	return time && (!which || rec->type == IOPF_REC_RESPONSE);
}

/* Times that are not known: one, or all. */
static void test_unknown_times(void **state)
{
	struct history *h = legal_history();
	struct iopf_rec_response copy;
	size_t at = 0;

	(void)state;
	while (at < h->nr_bytes) {
		struct iopf_rec *rec = (struct iopf_rec *)(h->bytes + at);

		for (int which = 0; which < 2; which++) {
			size_t size = rec->size < sizeof(copy) ? rec->size : sizeof(copy);

			memcpy(&copy, rec, size);
			if (forget_time(rec, which))
				assert_legal(h, NULL, 0, h->seq);
			memcpy(rec, &copy, size);
		}
		at += (rec->size + 7U) & ~7U;
	}
	for (at = 0; at < h->nr_bytes;) {
		struct iopf_rec *rec = (struct iopf_rec *)(h->bytes + at);

		forget_time(rec, 0);
		forget_time(rec, 1);
		at += (rec->size + 7U) & ~7U;
	}
	assert_legal(h, NULL, 0, h->seq);
	h_free(h);
}

/* What breaks several rules; a gap may hide some of that, but never adds to it. */
static struct history *broken_history(void)
{
	struct history *h = r_new();
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3), d = h_group(4);

	r_alloc(h, H_OBJECT, 10);
	r_life(h, &a, 100);
	r_refused(h, 150, 1, 0); /* 4 */
	r_user(h, &a, 170); /* 2 */
	r_queue(h, &b, 200);
	r_queue(h, &c, 210);
	h_read(h, &c, 220, 230);
	h_read(h, &b, 240, 250); /* 11 */
	r_detach(h, R_HANDLE, 300, 310); /* 16 */
	r_user(h, &b, 320); /* 17 */
	r_queue(h, &d, 400); /* 17 */
	r_driver(h, &d, 410, IOPF_CODE_FAILURE, IOPF_CTX_QREMOVE); /* 15, 18 */
	r_destroy(h, H_OBJECT, 500, 510); /* 19 */
	return h;
}

static uint32_t errors_of(const struct iopf_report *r)
{
	uint32_t rules = 0;

	for (size_t i = 0; i < r->nr_findings; i++) {
		if (r->findings[i].severity == IOPF_SEVERITY_ERROR)
			rules |= 1U << r->findings[i].rule->number;
	}
	return rules;
}

static void test_gaps_add_nothing(void **state)
{
	struct history *h = broken_history();
	struct iopf_report *r = report_on(h, NULL, 0, h->seq);
	uint32_t all = errors_of(r);

	(void)state;
	iopf_report_free(r);
	assert_int_equal(all, 1U << 1 | 1U << 2 | 1U << 4 | 1U << 11 | 1U << 15 | 1U << 16 |
				      1U << 17 | 1U << 18 | 1U << 19);
	for (uint64_t set = 1; set < 1U << h->seq; set += (set < 1U << 12 ? 1 : 61) * STEADY_STEP) {
		uint8_t lost[64];

		for (uint64_t n = 0; n < h->seq; n++)
			lost[n] = set >> n & 1;
		r = report_on(h, lost, 0, h->seq);
		assert_int_equal(errors_of(r) & ~all, 0);
		iopf_report_free(r);
	}
	h_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_seen),      cmocka_unit_test(test_one_gap),
		cmocka_unit_test(test_many_gaps),     cmocka_unit_test(test_parts),
		cmocka_unit_test(test_unknown_times), cmocka_unit_test(test_gaps_add_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
