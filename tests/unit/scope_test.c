// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Which objects a run is about, and that the others are kept out of every figure. */
#include "history.h"

#define ROOT 500
#define CHILD 501
#define GRANDCHILD 502
#define STRANGER 900

static const uint32_t root[] = { ROOT };

/* Limits the run to ROOT, with its descendants or without. */
static void set_root(struct history *h, bool descendants)
{
	h->opts.roots = root;
	h->opts.nr_roots = 1;
	h->opts.descendants = descendants;
}

/* A whole life of group @n on an object, of which each stage takes @ns; the task may change. */
static void live(struct history *h, uint32_t n, uint64_t object, uint64_t ns)
{
	struct h_group g = h_group(n);
	uint64_t t = n * 1000000ULL;

	g.object = object;
	g.cookie = 1;
	h_enqueue(h, &g, t, t + ns);
	h_read(h, &g, t + ns, t + 2 * ns);
	h_answer(h, &g, t + 3 * ns, t + 4 * ns);
}

static void test_whole_machine(void **state)
{
	struct history *h = *state;
	struct iopf_report *r;

	h_task(h, STRANGER, STRANGER);
	live(h, 1, H_OBJECT, 10);
	h_task(h, ROOT, ROOT);
	live(h, 2, H_OBJECT2, 10);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.enqueued, 2);
	assert_int_equal(r->nr_objects, 2);
	assert_int_equal(r->out_of_scope.objects, 0);
}

static void test_others_are_left_out(void **state)
{
	struct history *h = *state;
	struct h_group waiting = h_group(50);
	struct iopf_report *r;

	set_root(h, true);
	h_task(h, ROOT, ROOT);
	live(h, 1, H_OBJECT, 10);
	h_task(h, STRANGER, STRANGER);
	live(h, 2, H_OBJECT2, 5000);
	waiting.object = H_OBJECT2;
	waiting.dev = H_DEVICE2;
	h_enqueue(h, &waiting, 1, 2);
	h_write(h, H_OBJECT2, 8, -22, 0, 1);
	h_report(h, 1, H_DEVICE2, IOPF_PRQ_LAST_PAGE, -22, 0);
	h_report(h, 1, H_DEVICE2, 0, 0, 0);
	h_report(h, 1, H_DEVICE, 0, 0, 0);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.enqueued, 1);
	assert_int_equal(r->groups.reported, 1);
	assert_int_equal(r->groups.refused, 0);
	assert_int_equal(r->groups.partial, 1);
	assert_int_equal(r->groups.answered_user, 1);
	assert_int_equal(r->groups.outstanding, 0);
	assert_int_equal(r->groups.outstanding_max, 1);
	assert_int_equal(r->responses.success, 1);
	assert_int_equal(r->responses.rejected, 0);
	assert_int_equal(r->calls.reads, 1);
	assert_int_equal(r->calls.writes, 1);
	h_assert_one(r, IOPF_STAGE_TOTAL, 40);
	h_assert_one(r, IOPF_STAGE_ROUTE, 10);
	assert_int_equal(r->nr_slowest, 1);
	assert_int_equal(r->nr_waiting, 0);
	assert_int_equal(r->nr_objects, 1);
	assert_int_equal(r->nr_devices, 1);
	assert_int_equal(r->devices[0].groups, 1);
	assert_int_equal(r->out_of_scope.objects, 1);
	assert_int_equal(r->out_of_scope.groups, 2);
	assert_int_equal(r->out_of_scope.events, 3 + 1 + 1);
}

static void test_descendants(void **state)
{
	for (int descendants = 0; descendants < 2; descendants++) {
		struct history *h = h_new();
		struct iopf_report *r;

		set_root(h, descendants);
		h_fork(h, ROOT, CHILD);
		h_fork(h, STRANGER, 777);
		h_fork(h, CHILD, GRANDCHILD);
		h_task(h, GRANDCHILD, GRANDCHILD + 1000); /* a thread of it */
		live(h, 1, H_OBJECT, 10);
		h_task(h, 777, 777);
		live(h, 2, H_OBJECT2, 10);
		r = h_finish(h);
		h_assert_pass(r);
		assert_int_equal(r->nr_objects, descendants);
		assert_int_equal(r->groups.enqueued, descendants);
		assert_int_equal(r->out_of_scope.objects, 2 - descendants);
		h_free(h);
	}
	(void)state;
}

/* The number of a process that is gone may become a stranger's; its children stay in scope. */
static void test_processes_that_end(void **state)
{
	struct history *h = *state;
	struct iopf_rec exits;
	struct iopf_report *r;

	set_root(h, true);
	h_fork(h, ROOT, CHILD);
	h_task(h, ROOT, ROOT);
	H_PUT(h, exits, IOPF_REC_EXIT, 5, 0);
	live(h, 1, H_OBJECT, 10);
	h_task(h, CHILD, CHILD);
	live(h, 2, H_OBJECT2, 20);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->nr_objects, 1);
	assert_int_equal(r->objects[0].address, H_OBJECT2);
	assert_int_equal(r->out_of_scope.objects, 1);
}

/* A process of the scope creates an object and leaves it to one that is not: it is in scope. */
static void test_creator_counts(void **state)
{
	struct history *h = *state;
	struct iopf_report *r;

	set_root(h, false);
	h_task(h, ROOT, ROOT);
	h_name(h, "launcher");
	h_alloc(h, H_OBJECT);
	h_task(h, STRANGER, STRANGER);
	h_name(h, "helper");
	live(h, 1, H_OBJECT, 10);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.enqueued, 1);
	assert_int_equal(r->objects[0].owner_tgid, ROOT);
	assert_string_equal(r->objects[0].owner, "launcher");
	assert_string_equal(r->slowest[0].reader, "helper");
}

/* An object can be used before the call that creates it has returned. */
static void test_used_before_it_was_created(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	h->object_id = 3;
	h_enqueue(h, &g, 100, 110);
	h_task(h, 77, 77);
	h_alloc(h, H_OBJECT);
	h_read(h, &g, 150, 200);
	h_answer(h, &g, 300, 310);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->nr_objects, 1);
	assert_int_equal(r->objects[0].owner_tgid, 77);
	h_assert_one(r, IOPF_STAGE_TOTAL, 210);
}

/* The FD is passed to a process of the scope: then all that was before belongs to it, too. */
static void test_comes_into_scope_late(void **state)
{
	struct history *h = *state;
	struct h_group a = h_group(100), b = h_group(101);
	struct iopf_report *r;

	set_root(h, true);
	h_task(h, STRANGER, STRANGER);
	h_name(h, "stranger");
	h_alloc(h, H_OBJECT);
	for (uint32_t n = 1; n <= 10; n++)
		live(h, n, H_OBJECT, 10 * n);
	h_enqueue(h, &a, 100, 110);
	h_enqueue(h, &b, 100, 110);
	h_read_result(h, H_OBJECT, 120, 130, -14, 0);
	h_task(h, ROOT, ROOT);
	h_read(h, &a, 140, 150);
	h_answer(h, &a, 200, 220);
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->groups.enqueued, 12);
	assert_int_equal(r->groups.delivered, 11);
	assert_int_equal(r->groups.answered_user, 11);
	assert_int_equal(r->groups.outstanding, 1);
	assert_int_equal(r->groups.outstanding_max, 2);
	assert_int_equal(r->calls.reads, 12);
	assert_int_equal(r->calls.failed_reads, 1);
	h_assert_stage(r, IOPF_STAGE_WAIT, 11, 550 + 40, 10, 100);
	h_assert_stage(r, IOPF_STAGE_TOTAL, 11, 4 * 550 + 120, 40, 400);
	assert_int_equal(r->nr_slowest, 5);
	assert_int_equal(r->slowest[0].stage_ns[IOPF_STAGE_TOTAL], 400);
	assert_int_equal(r->slowest[4].stage_ns[IOPF_STAGE_TOTAL], 240);
	assert_int_equal(r->devices[0].groups, 12);
	assert_int_equal(r->objects[0].groups, 12);
	assert_string_equal(r->objects[0].owner, "stranger");
	assert_int_equal(r->out_of_scope.objects, 0);
	assert_int_equal(r->out_of_scope.groups, 0);
}

/* A write is enough, whether it answers something or not. */
static void test_comes_into_scope_by_a_write(void **state)
{
	for (int answers = 0; answers < 2; answers++) {
		struct history *h = h_new();
		struct h_group g = h_group(1);
		struct iopf_report *r;

		set_root(h, true);
		h_task(h, STRANGER, STRANGER);
		h_enqueue(h, &g, 100, 110);
		h_read(h, &g, 140, 150);
		h_task(h, ROOT, ROOT);
		if (answers)
			h_answer(h, &g, 200, 201);
		else
			h_write(h, H_OBJECT, 8, -22, 0, 1);
		r = h_finish(h);
		h_assert_pass(r);
		assert_int_equal(r->groups.enqueued, 1);
		assert_int_equal(r->groups.answered_user, answers);
		assert_int_equal(r->responses.rejected, !answers);
		assert_int_equal(r->calls.writes, 1);
		h_free(h);
	}
	(void)state;
}

/* Who detaches or destroys an object does not thereby make it one of the run's. */
static void test_detaching_does_not_count(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	set_root(h, true);
	h_task(h, STRANGER, STRANGER);
	h_alloc(h, H_OBJECT);
	h_enqueue(h, &g, 100, 110);
	h_task(h, ROOT, ROOT);
	h_respond(h, &g, 200, 210, IOPF_CODE_INVALID, IOPF_CTX_AUTO, 0);
	h_destroy(h, H_OBJECT);
	r = h_finish(h);
	assert_int_equal(r->groups.enqueued, 0);
	assert_int_equal(r->groups.answered_kernel, 0);
	assert_int_equal(r->out_of_scope.objects, 1);
	assert_int_equal(r->out_of_scope.events, 4);
}

/* An address that is used again is another object: one in scope, one not, in either order. */
static void test_address_used_again(void **state)
{
	for (int first = 0; first < 2; first++) {
		struct history *h = h_new();
		struct iopf_report *r;

		set_root(h, true);
		for (int i = 0; i < 2; i++) {
			h_task(h, i == first ? ROOT : STRANGER, 77 + i);
			h_alloc(h, H_OBJECT);
			live(h, 10 + i, H_OBJECT, 10 + i);
			h_destroy(h, H_OBJECT);
		}
		r = h_finish(h);
		h_assert_pass(r);
		assert_int_equal(r->nr_objects, 1);
		assert_int_equal(r->groups.enqueued, 1);
		assert_int_equal(r->out_of_scope.objects, 1);
		assert_int_equal(r->out_of_scope.groups, 1);
		assert_int_equal(r->out_of_scope.events, 5);
		h_assert_one(r, IOPF_STAGE_WAIT, 10 + first);
		h_free(h);
	}
	(void)state;
}

/* Very many objects come and go; each is counted once. */
static void test_many_objects_of_others(void **state)
{
	struct history *h = *state;
	struct iopf_report *r;

	set_root(h, true);
	for (uint32_t n = 1; n <= 10000; n++) {
		h_task(h, n % 10 ? STRANGER : ROOT, STRANGER);
		h_alloc(h, H_OBJECT);
		live(h, n, H_OBJECT, 10);
		if (n % 3)
			h_destroy(h, H_OBJECT);
	}
	r = h_finish(h);
	h_assert_pass(r);
	assert_int_equal(r->nr_objects, 1000);
	assert_int_equal(r->groups.enqueued, 1000);
	assert_int_equal(r->out_of_scope.objects, 9000);
	assert_int_equal(r->out_of_scope.groups, 9000);
	h_assert_stage(r, IOPF_STAGE_TOTAL, 1000, 40000, 40, 40);
}

/* The same for more that live at one time than there is room for their histograms. */
static void test_too_many_undecided_objects(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(5000);
	struct iopf_report *r;

	set_root(h, true);
	h_task(h, STRANGER, STRANGER);
	for (uint32_t n = 1; n <= 2000; n++)
		live(h, n, H_OBJECT + n * 0x1000ULL, 10);
	r = h_finish(h);
	h_assert_pass(r); /* what is left out is of no object of the run */
	assert_int_equal(r->out_of_scope.objects, 2000);
	iopf_report_free(r);
	h_task(h, ROOT, ROOT);
	g.object = H_OBJECT + 2000 * 0x1000ULL;
	h_enqueue(h, &g, 1, 2);
	h_read(h, &g, 3, 4);
	r = h_finish(h);
	h_assert_doubt(r, IOPF_DOUBT_LIMIT);
	assert_int_equal(r->groups.enqueued, 2);
}

static void test_devices_of_several_objects(void **state)
{
	struct history *h = *state;
	struct iopf_report *r;

	set_root(h, true);
	h_name_device(h, H_DEVICE, "dev0");
	h_name_device(h, H_DEVICE2, "dev1");
	for (uint32_t n = 1; n <= 20; n++) {
		struct h_group g = h_group(n);

		g.dev = n % 4 ? H_DEVICE : H_DEVICE2;
		g.object = n % 2 ? H_OBJECT : H_OBJECT2;
		h_task(h, n % 2 ? ROOT : STRANGER, 1);
		h_enqueue(h, &g, 100, 100);
		h_read(h, &g, 200, 200);
		h_answer(h, &g, 300, 300);
	}
	r = h_finish(h);
	assert_int_equal(r->nr_devices, 1); /* the other has groups on another's object only */
	assert_string_equal(r->devices[0].name, "dev0");
	assert_int_equal(r->devices[0].groups, 10);
}

/* The live views ask while records come in. */
static void test_asked_while_running(void **state)
{
	struct iopf_engine_opts opts = { .roots = root, .nr_roots = 1 };
	struct iopf_engine *e = iopf_engine_new(&opts);
	struct iopf_rec_task task = {
		.h = { .seq = 0, .type = IOPF_REC_TASK, .size = sizeof(task), .tgid = 5, .tid = 6 },
		.comm = "0123456789abcdef", /* not terminated */
	};
	struct iopf_rec_alloc alloc = {
		.h = { .seq = 1, .type = IOPF_REC_ALLOC, .size = sizeof(alloc), .tgid = ROOT },
		.object = H_OBJECT,
	};
	struct iopf_rec_device device = {
		.h = { .seq = 2, .type = IOPF_REC_DEVICE, .size = sizeof(device) },
		.dev = H_DEVICE,
		.name = "0123456789abcdef0123456789abcdef",
	};

	(void)state;
	assert_string_equal(iopf_engine_comm(e, 6), "");
	assert_int_equal(iopf_engine_feed(e, &task.h), 0);
	assert_string_equal(iopf_engine_comm(e, 6), "0123456789abcde");
	assert_string_equal(iopf_engine_comm(e, 5), "");
	assert_false(iopf_engine_in_scope(e, H_OBJECT));
	assert_int_equal(iopf_engine_feed(e, &alloc.h), 0);
	assert_true(iopf_engine_in_scope(e, H_OBJECT));
	assert_false(iopf_engine_in_scope(e, H_OBJECT2));
	assert_string_equal(iopf_engine_device(e, H_DEVICE), "");
	assert_int_equal(iopf_engine_feed(e, &device.h), 0);
	assert_string_equal(iopf_engine_device(e, H_DEVICE), "0123456789abcdef0123456789abcde");
	assert_string_equal(iopf_engine_device(e, 0), "");
	/* After exec, and when the thread id has come to another process. */
	task.h.seq = 3;
	memcpy(task.comm, "new", 4);
	assert_int_equal(iopf_engine_feed(e, &task.h), 0);
	assert_string_equal(iopf_engine_comm(e, 6), "new");
	task.h.seq = 4;
	task.h.tgid = 77;
	memcpy(task.comm, "other", 6);
	assert_int_equal(iopf_engine_feed(e, &task.h), 0);
	assert_string_equal(iopf_engine_comm(e, 6), "other");
	iopf_engine_free(e);
}

/* A reader whose thread id was used again is not called by the later one's name. */
static void test_thread_id_used_again(void **state)
{
	struct history *h = *state;
	struct iopf_report *r;

	h_task(h, 10, 11);
	h_name(h, "first");
	live(h, 1, H_OBJECT, 10);
	h_task(h, 20, 11);
	h_name(h, "second");
	live(h, 2, H_OBJECT, 5);
	r = h_finish(h);
	assert_int_equal(r->nr_slowest, 2);
	assert_int_equal(r->slowest[0].reader_tgid, 10);
	assert_string_equal(r->slowest[0].reader, "first");
	assert_string_equal(r->slowest[0].writer, "first");
	assert_string_equal(r->slowest[1].reader, "second");
	assert_string_equal(r->objects[0].owner, "first");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		H_TEST(test_whole_machine),
		H_TEST(test_others_are_left_out),
		H_TEST(test_descendants),
		H_TEST(test_processes_that_end),
		H_TEST(test_creator_counts),
		H_TEST(test_used_before_it_was_created),
		H_TEST(test_comes_into_scope_late),
		H_TEST(test_comes_into_scope_by_a_write),
		H_TEST(test_detaching_does_not_count),
		H_TEST(test_address_used_again),
		H_TEST(test_many_objects_of_others),
		H_TEST(test_too_many_undecided_objects),
		H_TEST(test_devices_of_several_objects),
		H_TEST(test_asked_while_running),
		H_TEST(test_thread_id_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
