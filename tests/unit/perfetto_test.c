// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The Perfetto output: what is in the trace of a history. */
#include <errno.h>

#include "history.h"
#include "perfetto.h"
#include "sample_report.h"

/* Whether a group's slice and a call's are on one arrow. */
static bool linked(const struct p_event *group, const struct p_event *call)
{
	for (size_t i = 0; i < group->nr_flows; i++) {
		for (size_t j = 0; j < call->nr_flows; j++)
			if (group->flow[i] == call->flow[j])
				return true;
		for (size_t j = 0; j < call->nr_ends; j++)
			if (group->flow[i] == call->ends[j])
				return true;
	}
	return false;
}

static void assert_slice(struct p_trace *p, const struct p_event *e, uint64_t begin_ns,
			 uint64_t end_ns)
{
	assert_int_equal(e->time_ns, begin_ns);
	assert_int_equal(p_end_ns(p, e), end_ns);
}

/* One group, from its report to its end. */
static void plain(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(7);
	struct p_trace *p;
	struct p_event *e;

	h->object_id = 4;
	h_name(h, "vmm");
	h_name_device(h, H_DEVICE, "0000:3b:00.0");
	h_alloc(h, H_OBJECT);
	g.perm = 2;
	h_task(h, 50, 50);
	h_name(h, "irq/24-dmar0");
	h_enqueue(h, &g, 1000, 1010);
	h_task(h, H_TGID, H_TGID);
	h_read(h, &g, 1500, 1600);
	h_answer(h, &g, 2000, 2100);
	h->run.end_ns = 5000;
	p = p_trace_of(h);
	e = p_slice(p, NULL, 0);
	assert_slice(p, e, 1000, 2100);
	assert_string_equal(e->name, "fault 0x7f0000007000 w");
	assert_string_equal(p_find(p, p_find(p, e->track)->parent)->name, "device 0000:3b:00.0");
	assert_int_equal(p_number(e, "group"), 3 + 1);
	assert_int_equal(p_number(e, "object"), 4);
	assert_int_equal(p_number(e, "pasid"), 5);
	assert_int_equal(p_number(e, "grpid"), 7);
	assert_int_equal(p_number(e, "cookie"), 7);
	assert_int_equal(p_number(e, "pages"), 1);
	assert_string_equal(p_said(e, "code"), "success");
	assert_string_equal(p_said(e, "responder"), "user");
	assert_string_equal(p_said(e, "reader"), "vmm/1000");
	assert_slice(p, p_slice(p, "route", 0), 1000, 1010);
	assert_slice(p, p_slice(p, "wait", 0), 1010, 1600);
	assert_slice(p, p_slice(p, "service", 0), 1600, 2000);
	assert_slice(p, p_slice(p, "ack", 0), 2000, 2100);
	assert_slice(p, p_slice(p, "read", 0), 1500, 1600);
	assert_slice(p, p_slice(p, "write", 0), 1999, 2101);
	assert_slice(p, p_slice(p, "report", 0), 1000, 1010);
	assert_string_equal(p_find(p, p_slice(p, "report", 0)->track)->name, "irq/24-dmar0");
	assert_int_equal(p_find(p, p_slice(p, "read", 0)->track)->tid, H_TGID);
	assert_int_equal(p_slice(p, "answer", 0)->depth, 1);
	assert_true(linked(e, p_slice(p, "read", 0)));
	assert_true(linked(e, p_slice(p, "answer", 0)));
	assert_int_equal(p_slice(p, "answer", 0)->nr_ends, 1);
	assert_int_equal(p_slice(p, "answer", 0)->correlation, e->correlation);
	p_free(p);
}

/* The counters follow what is queued and what has been read. */
static void counters(void **state)
{
	static const struct {
		uint64_t time_ns;
		const char *name;
		int64_t value;
	} wanted[] = {
		{ 110, "queue depth", 1 }, { 120, "queue depth", 2 }, { 300, "queue depth", 1 },
		{ 300, "outstanding", 1 }, { 411, "outstanding", 0 },
	};
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct p_trace *p;
	size_t at = 0;

	h->object_id = 9;
	h_name(h, "vmm");
	h_alloc(h, H_OBJECT);
	h_enqueue(h, &a, 100, 110);
	h_enqueue(h, &b, 110, 120);
	h_read(h, &a, 200, 300);
	h_answer(h, &a, 400, 410);
	h->run.end_ns = 1000;
	p = p_trace_of(h);
	for (size_t i = 0; i < p->nr_events; i++) {
		const struct p_event *e = &p->event[i];
		const struct p_track *t = p_find(p, e->track);

		if (e->type != 4)
			continue;
		assert_true(at < 5);
		assert_int_equal(e->time_ns, wanted[at].time_ns);
		assert_string_equal(t->name, wanted[at].name);
		assert_int_equal(e->value, wanted[at++].value);
		assert_string_equal(p_find(p, t->parent)->name, "fault object 9 of vmm/1000");
	}
	assert_int_equal(at, 5);
	p_free(p);
}

/* One read returns many, of several pages; one write answers them. */
static void batched(void **state)
{
	struct history *h = *state;
	struct h_group g[40];
	struct p_event *read;
	struct p_trace *p;

	h_alloc(h, H_OBJECT);
	for (uint32_t i = 0; i < 40; i++) {
		g[i] = h_group(i + 1);
		g[i].pages = i % 3 + 1;
		h_enqueue(h, &g[i], 100 + i, 200 + i);
	}
	h_read_groups(h, 1000, 1100, g, 40);
	for (uint32_t i = 0; i < 40; i++)
		h_respond(h, &g[i], 2000 + 10 * i, 2005 + 10 * i, IOPF_CODE_SUCCESS, IOPF_CTX_WRITE,
			  g[i].cookie);
	/* All of them in one call. */
	for (size_t at = 0; at < h->nr_bytes;) {
		struct iopf_rec *rec = (struct iopf_rec *)(h->bytes + at);

		if (rec->type == IOPF_REC_RESPONSE)
			((struct iopf_rec_response *)rec)->caller_ns = 1990;
		at += (rec->size + 7U) & ~7U;
	}
	p = p_trace_of(h);
	assert_int_equal(p_count(p, "read"), 1);
	assert_int_equal(p_count(p, "write"), 1);
	assert_int_equal(p_count(p, "answer"), 40);
	read = p_slice(p, "read", 0);
	assert_int_equal(read->nr_flows, 40);
	for (uint32_t i = 0; i < 40; i++) {
		assert_true(linked(p_slice(p, NULL, i), read));
		assert_true(linked(p_slice(p, NULL, i), p_slice(p, "answer", i)));
		assert_int_equal(p_number(p_slice(p, NULL, i), "pages"), i % 3 + 1);
	}
	assert_slice(p, p_slice(p, "write", 0), 1990, 2396);
	p_free(p);
}

/* A read that returns after another thread has answered what it copied. */
static void answered_before_the_read_returns(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct p_trace *p;
	struct p_event *e;

	h_alloc(h, H_OBJECT);
	h_enqueue(h, &g, 100, 110);
	h_task(h, H_TGID, 2002);
	h_name(h, "iou-wrk-1000");
	h_answer(h, &g, 300, 310);
	h_task(h, H_TGID, 2001);
	h_read(h, &g, 200, 400);
	p = p_trace_of(h);
	e = p_slice(p, NULL, 0);
	assert_slice(p, e, 100, 310);
	assert_slice(p, p_slice(p, "wait", 0), 110, 300);
	assert_true(linked(e, p_slice(p, "read", 0)));
	assert_true(linked(e, p_slice(p, "answer", 0)));
	assert_int_equal(p_find(p, p_slice(p, "read", 0)->track)->tid, 2001);
	assert_int_equal(p_find(p, p_slice(p, "write", 0)->track)->tid, 2002);
	p_free(p);
}

static void put_auto(struct history *h, uint64_t enter_ns, uint64_t time_ns, uint32_t answered)
{
	struct iopf_rec_auto r = { .enter_ns = enter_ns, .object = H_OBJECT, .answered = answered };

	H_PUT(h, r, IOPF_REC_AUTO, time_ns, IOPF_CTX_AUTO);
}

/* Detaching answers what is queued and what was read. */
static void detached(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct p_trace *p;

	h_alloc(h, H_OBJECT);
	h_enqueue(h, &a, 100, 110);
	h_enqueue(h, &b, 120, 130);
	h_read(h, &a, 150, 160);
	h_respond(h, &b, 501, 510, IOPF_CODE_INVALID, IOPF_CTX_AUTO, 0);
	h_respond(h, &a, 521, 530, IOPF_CODE_INVALID, IOPF_CTX_AUTO, a.cookie);
	put_auto(h, 500, 600, 2);
	p = p_trace_of(h);
	assert_int_equal(p_count(p, "detach"), 2); /* the second answer says another caller */
	assert_slice(p, p_slice(p, "detach", 0), 500, 600);
	assert_int_equal(p_slice(p, "answer", 0)->depth, 1);
	assert_int_equal(p_number(p_slice(p, "detach", 0), "answered"), 2);
	assert_int_equal(p_count_said(p, "responder", "detach"), 2);
	assert_int_equal(p_count(p, "wait, not read"), 1);
	assert_int_equal(p_count(p, "service, not answered"), 1);
	assert_true(linked(p_slice(p, NULL, 0), p_slice(p, "answer", 0)));
	p_free(p);
}

/* Destruction, with queue removal in it; what they do comes before they are told. */
static void torn_down(void **state)
{
	struct iopf_rec_qremove q = { .enter_ns = 500, .dev = H_DEVICE };
	struct iopf_rec_destroy d = { .enter_ns = 400, .object = H_OBJECT, .answered = 1 };
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct p_trace *p;

	h_alloc(h, H_OBJECT);
	h_enqueue(h, &a, 100, 110);
	h_enqueue(h, &b, 120, 130);
	h_respond(h, &b, 401, 410, IOPF_CODE_INVALID, IOPF_CTX_DESTROY, 0);
	h_queue_removal(h, &a, 550);
	((struct iopf_rec *)(h->bytes + h->nr_bytes - sizeof(struct iopf_rec_driver)))->context |=
		IOPF_CTX_DESTROY;
	H_PUT(h, q, IOPF_REC_QREMOVE, 600, IOPF_CTX_QREMOVE | IOPF_CTX_DESTROY);
	H_PUT(h, d, IOPF_REC_DESTROY, 700, IOPF_CTX_DESTROY);
	p = p_trace_of(h);
	assert_slice(p, p_slice(p, "destroy", 0), 400, 700);
	assert_slice(p, p_slice(p, "queue removal", 0), 500, 600);
	assert_int_equal(p_slice(p, "queue removal", 0)->depth, 1);
	assert_int_equal(p_slice(p, "answer", 0)->depth, 1);
	assert_int_equal(p_slice(p, "answer", 1)->depth, 2);
	assert_int_equal(p_slice(p, "answer", 1)->time_ns, 550);
	assert_int_equal(p_count_said(p, "responder", "destroy"), 1);
	assert_int_equal(p_count_said(p, "responder", "qremove"), 1);
	p_free(p);
}

/* A read whose copy fails puts the group back; the next one has it, with another cookie. */
static void delivered_again(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct p_trace *p;

	h_alloc(h, H_OBJECT);
	h_enqueue(h, &g, 100, 110);
	h_read_result(h, H_OBJECT, 150, 160, -EFAULT, IOPF_READ_NOT_EMPTY);
	g.cookie = 9;
	h_read(h, &g, 200, 210);
	h_answer(h, &g, 300, 310);
	p = p_trace_of(h);
	assert_int_equal(p_count(p, "read"), 2);
	assert_int_equal(p_number(p_slice(p, "read", 0), "ret"), -EFAULT);
	assert_false(linked(p_slice(p, NULL, 0), p_slice(p, "read", 0)));
	assert_true(linked(p_slice(p, NULL, 0), p_slice(p, "read", 1)));
	assert_slice(p, p_slice(p, "wait", 0), 110, 210);
	p_free(p);
}

/* Of what overlaps a gap the end may be seen, or is taken to be the gap. */
static void lost(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3);
	struct p_trace *p;
	struct p_event *e;

	h_alloc(h, H_OBJECT);
	h_enqueue(h, &a, 100, 110);
	h_enqueue(h, &b, 120, 130);
	h_read(h, &b, 140, 150);
	h_lose(h, 3);
	h_answer(h, &b, 700, 710);
	h_enqueue(h, &c, 800, 810);
	h->run.end_ns = 1000;
	p = p_trace_of(h);
	assert_int_equal(p_count_said(p, "end", "unknown"), 1);
	assert_int_equal(p_count_said(p, "end", "not answered"), 1);
	assert_int_equal(p_count_said(p, "events", "lost in between"), 2);
	for (size_t i = 0; i < 3; i++) {
		e = p_slice(p, NULL, i);
		if (!strcmp(p_said(e, "end"), "unknown"))
			assert_slice(p, e, 100, 150);
		else if (!strcmp(p_said(e, "end"), "not answered"))
			assert_slice(p, e, 800, 1000);
		else
			assert_slice(p, e, 120, 710);
	}
	for (size_t i = 0; i < p->nr_events; i++) {
		e = &p->event[i];
		if (e->type != 3)
			continue;
		assert_string_equal(e->name, "3 events lost");
		assert_string_equal(p_find(p, e->track)->name, "lost");
		assert_int_equal(e->time_ns, 150);
	}
	p_free(p);
}

/* What is missing after the last record leaves nothing certain, either. */
static void lost_at_the_end(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct p_trace *p;

	h_alloc(h, H_OBJECT);
	h_enqueue(h, &g, 100, 110);
	h->run.lost[IOPF_LOST_RING_FULL] = 2;
	h->run.end_ns = 900;
	p = p_trace_of(h);
	assert_int_equal(p_count_said(p, "end", "unknown"), 1);
	assert_slice(p, p_slice(p, NULL, 0), 100, 110);
	p_free(p);
}

/* Groups that waited before tracing began: found by the walk, by their read, by their answer. */
static void adopted(void **state)
{
	struct iopf_rec_waiting w = {
		.group = 0xffff888300000100ULL,
		.object = H_OBJECT,
		.dev = H_DEVICE,
		.addr = 0x7f0000001000ULL,
		.dev_id = 3,
		.pasid = 5,
		.grpid = 1,
		.perm = 1,
		.flags = IOPF_PRQ_PASID_VALID | IOPF_PRQ_LAST_PAGE,
		.pages = 1,
	};
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2), c = h_group(3), d = h_group(4);
	struct p_trace *p;
	struct p_event *e;

	H_PUT(h, w, IOPF_REC_WAITING, 100, 0);
	h_read(h, &a, 200, 210);
	h_read(h, &b, 220, 230);
	h_answer(h, &a, 300, 310);
	h_answer(h, &b, 320, 330);
	h_answer(h, &c, 340, 350);
	h_read(h, &d, 400, 410);
	h->run.end_ns = 1000;
	p = p_trace_of(h);
	assert_int_equal(p_count_said(p, "beginning", "not seen"), 4);
	e = p_slice(p, NULL, 0);
	assert_slice(p, e, 100, 310);
	assert_string_equal(e->name, "fault 0x7f0000001000 r");
	assert_int_equal(p_count_said(p, "end", "not answered"), 1);
	p_free(p);
}

/* What is not answered at the end lasts until then. */
static void outstanding(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(2);
	struct p_trace *p;

	h_alloc(h, H_OBJECT);
	h_enqueue(h, &a, 100, 110);
	h_enqueue(h, &b, 120, 130);
	h_read(h, &a, 200, 210);
	h->run.end_ns = 5000;
	p = p_trace_of(h);
	assert_int_equal(p_count_said(p, "end", "not answered"), 2);
	assert_int_equal(p_end_ns(p, p_slice(p, NULL, 0)), 5000);
	assert_int_equal(p_end_ns(p, p_slice(p, NULL, 1)), 5000);
	assert_slice(p, p_slice(p, "wait, not read", 0), 130, 5000);
	assert_slice(p, p_slice(p, "service, not answered", 0), 210, 5000);
	p_free(p);
}

/* The kernel uses memory and cookie again at once, before the record of the answer has come. */
static void used_again(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(1), b = h_group(1);
	struct p_trace *p;

	b.addr += 0x5000;
	b.grpid = 2;
	h_alloc(h, H_OBJECT);
	h_enqueue(h, &a, 100, 110);
	h_read(h, &a, 200, 210);
	h_enqueue(h, &b, 400, 410);
	h_task(h, H_TGID, 1001);
	h_answer(h, &a, 300, 310);
	h_task(h, H_TGID, H_TGID);
	h_read(h, &b, 500, 510);
	h_answer(h, &b, 600, 610);
	p = p_trace_of(h);
	assert_slice(p, p_slice(p, NULL, 0), 100, 310);
	assert_slice(p, p_slice(p, NULL, 1), 400, 610);
	assert_true(p_slice(p, NULL, 0)->correlation != p_slice(p, NULL, 1)->correlation);
	p_free(p);
}

/* Names are any bytes; what is written is UTF-8, which the decoder insists on. */
static void names_of_any_bytes(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct p_trace *p;

	h_name(h, "\xff\xfe\x80"
		  "a\xc3\x28\n\033[2J");
	h_name_device(h, H_DEVICE,
		      "\xe2\x82"
		      "dev\x01\xf5");
	h_alloc(h, H_OBJECT);
	h_enqueue(h, &g, 100, 110);
	h_read(h, &g, 200, 210);
	h_answer(h, &g, 300, 310);
	p = p_trace_of(h);
	assert_non_null(strstr(p_find(p, p_slice(p, "read", 0)->track)->name, "a\\xc3("));
	assert_non_null(strstr(p_said(p_slice(p, NULL, 0), "reader"), "\\xff\\xfe"));
	p_free(p);
}

/* No arrow goes back in time: to a read that was entered before the group was reported. */
static void entered_before_the_report(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct p_trace *p;

	h_alloc(h, H_OBJECT);
	h_enqueue(h, &g, 100, 110);
	h_read(h, &g, 50, 210);
	h_answer(h, &g, 300, 310);
	p = p_trace_of(h);
	assert_false(linked(p_slice(p, NULL, 0), p_slice(p, "read", 0)));
	assert_true(linked(p_slice(p, NULL, 0), p_slice(p, "answer", 0)));
	p_free(p);
}

/* Records of any bytes, as they may come from a file: what is written can be read, and nests. */
static void records_of_any_bytes(void **state)
{
	struct perfetto_opts opts = { .everything = true };
	uint64_t random = 88172645463325252;
	union {
		struct iopf_rec h;
		uint64_t word[128];
	} rec;

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct perfetto *out;
		struct p_trace *p;
		char *bytes = NULL;
		size_t size;
		FILE *f = open_memstream(&bytes, &size);

		assert_non_null(f);
		out = perfetto_new(f, &opts);
		assert_non_null(out);
		for (uint64_t seq = 0; seq < 300; seq += 1 + !(random & 31)) {
			for (int j = 0; j < 128; j++)
				rec.word[j] = sample_any(&random) & (i & 1 ? 0xf : UINT64_MAX);
			rec.h.seq = seq;
			rec.h.type = (uint16_t)(sample_random(&random) % (IOPF_REC_TYPES + 1));
			rec.h.size = (uint16_t)(sample_random(&random) % sizeof(rec));
			rec.h.tid %= 4;
			rec.h.tgid = 1;
			assert_int_equal(perfetto_record(out, &rec.h, true), 0);
		}
		assert_int_equal(perfetto_finish(out, &(struct iopf_run){ .end_ns = 5 }), 0);
		perfetto_free(out);
		assert_int_equal(fclose(f), 0);
		p = p_decode(bytes, size);
		p_check_tracks(p);
		p_check_events(p);
		p_free(p);
		free(bytes);
	}
}

/* What cannot be written is told with its reason. */
static void a_full_disk_is_told(void **state)
{
	const struct perfetto_opts opts = { .everything = true };
	struct iopf_rec_release rec = {
		.h = { .size = sizeof(rec), .type = IOPF_REC_RELEASE, .time_ns = 1 },
		.object = 1,
	};
	FILE *full = fopen("/dev/full", "w");
	struct perfetto *p;
	int err = 0;

	(void)state;
	assert_non_null(full);
	setvbuf(full, NULL, _IONBF, 0);
	p = perfetto_new(full, &opts);
	assert_non_null(p);
	for (int i = 0; i < 1000 && !err; i++)
		err = perfetto_record(p, &rec.h, true);
	assert_int_equal(err, -ENOSPC);
	perfetto_free(p);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		H_TEST(plain),
		H_TEST(counters),
		H_TEST(batched),
		H_TEST(answered_before_the_read_returns),
		H_TEST(detached),
		H_TEST(torn_down),
		H_TEST(delivered_again),
		H_TEST(lost),
		H_TEST(lost_at_the_end),
		H_TEST(adopted),
		H_TEST(outstanding),
		H_TEST(used_again),
		H_TEST(names_of_any_bytes),
		H_TEST(entered_before_the_report),
		cmocka_unit_test(a_full_disk_is_told),
		cmocka_unit_test(records_of_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
