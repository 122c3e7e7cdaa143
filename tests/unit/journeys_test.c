// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The journeys of all groups: each once, when it has ended, with the times that reports count. */
#include <errno.h>
#include <stdio.h>

#include "history.h"

#include <jansson.h>

#include "golden.h"
#include "output/journeys.h"
#include "output/utf8.h"
#include "steady.h"

#define MS 1000000ULL

static const char *comm(void *engine, uint32_t tid)
{
	return iopf_engine_comm(engine, tid);
}

static const char *device(void *engine, uint64_t dev)
{
	return iopf_engine_device(engine, dev);
}

/* Journeys being written. */
struct writing {
	struct iopf_engine *engine;
	struct journeys *journeys;
	uint64_t start_ns;
	FILE *f;
	char *text;
	size_t size;
};

static void begin(struct writing *w, const struct history *h, bool json)
{
	struct journeys_opts opts = {
		.everything = !h->opts.nr_roots,
		.json = json,
		.start_ns = &w->start_ns,
	};

	w->engine = iopf_engine_new(&h->opts);
	w->start_ns = h->run.start_ns;
	w->f = open_memstream(&w->text, &w->size);
	assert_true(w->engine && w->f);
	opts.names = (struct event_names){ w->engine, comm, device, NULL };
	output_opts_init(&opts.show);
	w->journeys = journeys_new(w->f, &opts);
	assert_non_null(w->journeys);
}

static void take(struct writing *w, const struct iopf_rec *rec)
{
	uint64_t object = event_object(rec);

	assert_int_equal(iopf_engine_feed(w->engine, rec), 0);
	assert_int_equal(journeys_record(w->journeys, rec,
					 !object || iopf_engine_in_scope(w->engine, object)),
			 0);
}

/* Ends them; the report that goes with them, to be freed. */
static struct iopf_report *end(struct writing *w, const struct iopf_run *run)
{
	struct iopf_report *report;

	assert_int_equal(journeys_finish(w->journeys, run), 0);
	journeys_free(w->journeys);
	assert_int_equal(fclose(w->f), 0);
	report = iopf_engine_finish(w->engine, run);
	assert_non_null(report);
	iopf_engine_free(w->engine);
	return report;
}

/* All of a history; to be freed. */
static char *journeys_of(struct history *h, bool json)
{
	struct writing w;

	begin(&w, h, json);
	for (size_t at = 0; at < h->nr_bytes;) {
		const struct iopf_rec *rec = (const void *)(h->bytes + at);

		take(&w, rec);
		at += (rec->size + 7U) & ~7U;
	}
	h->run.end_ns = h->run.end_ns ? h->run.end_ns : h->last_ns;
	iopf_report_free(end(&w, &h->run));
	return w.text;
}

/* A write whose first answer was refused. */
static void refuse(struct history *h, uint32_t cookie, uint32_t code, uint64_t enter_ns,
		   uint64_t time_ns)
{
	struct iopf_rec_write w = {
		.enter_ns = enter_ns,
		.object = H_OBJECT,
		.count = sizeof(struct iopf_answer),
		.ret = -EINVAL,
		.object_id = 7,
		.nr = 1,
		.answer = { { .cookie = cookie, .code = code } },
	};

	H_PUT(h, w, IOPF_REC_WRITE, time_ns, 0);
}

/* Groups that end in every way. */
static void all_kinds(struct history *h)
{
	struct g_all {
		struct h_group plain, refused, read, queued, detached;
	} g = { h_group(11), h_group(12), h_group(13), h_group(14), h_group(15) };
	struct iopf_rec_waiting waiting = {
		.group = 0xffff888300ff0000ULL,
		.object = H_OBJECT,
		.dev = H_DEVICE2,
		.addr = 0x7fff0000,
		.object_id = 7,
		.dev_id = 4,
		.grpid = 99,
		.perm = 3,
		.pages = 1,
		.cookie = 70,
		.waiting = IOPF_WAITING_DELIVERED,
	};

	h->run.start_ns = 1 * MS;
	h->object_id = 7;
	g.plain.pages = 3;
	g.detached.dev = H_DEVICE2;
	g.detached.dev_id = 4;
	h_task(h, H_TGID, H_TGID + 1);
	h_name(h, "vcpu\033[0m");
	h_name_device(h, H_DEVICE, "0000:3b:00.0");
	H_PUT(h, waiting, IOPF_REC_WAITING, 2 * MS, 0);
	h_enqueue(h, &g.plain, 9 * MS, 9 * MS + 500);
	h_enqueue(h, &g.refused, 10 * MS, 11 * MS);
	h_read(h, &g.plain, 12 * MS, 13 * MS);
	h_read(h, &g.refused, 19 * MS, 20 * MS);
	refuse(h, 12, 77, 30 * MS, 31 * MS);
	refuse(h, 12, 78, 32 * MS, 33 * MS);
	h_answer(h, &g.refused, 40 * MS, 41 * MS);
	h_enqueue(h, &g.read, 42 * MS, 43 * MS);
	h_read(h, &g.read, 42 * MS, 44 * MS);
	h_enqueue(h, &g.detached, 45 * MS, 46 * MS);
	h_respond(h, &g.detached, 50 * MS, 51 * MS, IOPF_CODE_INVALID, IOPF_CTX_AUTO, 0);
	h_enqueue(h, &g.queued, 52 * MS, 53 * MS);
	h_answer(h, &g.plain, 60 * MS, 61 * MS);
	h->run.end_ns = 70 * MS;
}

static void a_block_for_each(void **state)
{
	char *text, *line, *rest;

	all_kinds(*state);
	text = journeys_of(*state, false);
	golden_check("journeys.txt", text);
	for (rest = text; (line = strsep(&rest, "\n"));)
		assert_true(utf8_columns(line) <= 80);
	free(text);
}

/* The line of JSON of a group; to be freed. */
static json_t *line_of(const char *text, const char *key, json_int_t value)
{
	char *copy = strdup(text), *rest = copy, *line;
	json_t *found = NULL;

	while (!found && (line = strsep(&rest, "\n")) && *line) {
		json_t *j = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

		assert_non_null(j);
		if (json_integer_value(json_object_get(j, key)) == value)
			found = j;
		else
			json_decref(j);
	}
	free(copy);
	assert_non_null(found);
	return found;
}

static const char *text_of(const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text ? text : "null";
}

static void an_object_for_each(void **state)
{
	char *text;
	json_t *j;

	all_kinds(*state);
	text = journeys_of(*state, true);
	j = line_of(text, "grpid", 12);
	assert_string_equal(text_of(j, "outcome"), "answered");
	assert_int_equal(json_integer_value(json_object_get(j, "refused")), 2);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(j, "at_ns"), "ack")),
			 41 * MS);
	json_decref(j);
	j = line_of(text, "grpid", 15);
	assert_string_equal(text_of(j, "answered_by"), "detach");
	assert_true(json_is_null(json_object_get(j, "writer")));
	assert_true(json_is_null(json_object_get(json_object_get(j, "stages_ns"), "service")));
	json_decref(j);
	j = line_of(text, "grpid", 99);
	assert_string_equal(text_of(j, "outcome"), "outstanding");
	assert_true(json_is_false(json_object_get(j, "beginning_seen")));
	json_decref(j);
	j = line_of(text, "grpid", 14);
	assert_string_equal(text_of(j, "outcome"), "outstanding");
	assert_true(json_is_null(json_object_get(j, "cookie")));
	json_decref(j);
	free(text);
}

/* What has ended is shown then, not at the end; what is not over is not shown yet. */
static void as_they_end(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1), other = h_group(2);
	struct writing w;
	size_t ended;

	h_enqueue(h, &g, 1 * MS, 2 * MS);
	h_enqueue(h, &other, 1 * MS, 2 * MS);
	h_read(h, &g, 3 * MS, 4 * MS);
	ended = h->nr_bytes;
	h_answer(h, &g, 5 * MS, 6 * MS);
	begin(&w, h, false);
	for (size_t at = 0; at < h->nr_bytes;) {
		const struct iopf_rec *rec = (const void *)(h->bytes + at);

		fflush(w.f);
		assert_int_equal(w.size, 0);
		assert_true(at <= ended);
		take(&w, rec);
		at += (rec->size + 7U) & ~7U;
	}
	fflush(w.f);
	assert_non_null(strstr(w.text, "answered success by user"));
	assert_null(strstr(w.text, "outstanding"));
	iopf_report_free(end(&w, &h->run));
	assert_non_null(strstr(w.text, "outstanding at the end"));
	free(w.text);
}

/* A group of which records were lost is not shown as outstanding, nor with times that are in doubt. */
static void after_a_loss(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	char *text;
	json_t *j;

	h_enqueue(h, &g, 1 * MS, 2 * MS);
	h_lose(h, 3);
	h_name(h, "late");
	h->run.lost[IOPF_LOST_RING_FULL] = 3;
	text = journeys_of(h, true);
	j = line_of(text, "grpid", 1);
	assert_string_equal(text_of(j, "outcome"), "unknown");
	assert_true(json_is_true(json_object_get(j, "events_lost")));
	json_decref(j);
	free(text);
}

/* Objects of others are not shown. */
static void of_the_scope_only(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1), other = h_group(2);
	uint32_t root = H_TGID;
	char *text;

	h->opts.roots = &root;
	h->opts.nr_roots = 1;
	other.object = H_OBJECT2;
	h_alloc(h, H_OBJECT);
	h_task(h, 5, 5);
	h_alloc(h, H_OBJECT2);
	h_enqueue(h, &g, 1 * MS, 2 * MS);
	h_enqueue(h, &other, 1 * MS, 2 * MS);
	text = journeys_of(h, false);
	assert_non_null(strstr(text, "grpid 1 "));
	assert_null(strstr(text, "grpid 2 "));
	free(text);
}

/* A cookie of 0 is one: its group is found by it, and shown with it; one that nobody saw is not. */
static void the_cookie_zero(void **state)
{
	struct history *h = *state;
	struct h_group older = h_group(1), twin = h_group(2), first = h_group(2), late = h_group(3);
	struct iopf_rec_waiting unnamed = {
		.group = 0xffff888300ff0000ULL,
		.object = H_OBJECT,
		.grpid = 99,
		.pages = 1,
		.waiting = IOPF_WAITING_DELIVERED,
	};
	char *text, *rest;
	int lines = 0;
	json_t *j;

	older.cookie = twin.cookie = late.cookie = 0;
	twin.pointer += 0x100000;
	H_PUT(h, unnamed, IOPF_REC_WAITING, 1 * MS, 0);
	h_answer(h, &older, 2 * MS, 3 * MS); /* it was there before, and its read comes late */
	h_read(h, &older, 1 * MS, 4 * MS);
	h_enqueue(h, &twin, 5 * MS, 5 * MS);
	h_enqueue(h, &first, 5 * MS, 5 * MS);
	h_read(h, &first, 6 * MS, 7 * MS);
	h_read(h, &twin, 8 * MS, 9 * MS);
	refuse(h, 0, 77, 10 * MS, 11 * MS);
	h_answer(h, &twin, 12 * MS, 13 * MS);
	h_answer(h, &first, 14 * MS, 15 * MS);
	h_enqueue(h, &late, 16 * MS, 16 * MS);
	h_respond(h, &late, 17 * MS, 18 * MS, IOPF_CODE_INVALID, IOPF_CTX_AUTO, 0);
	h_read(h, &late, 16 * MS, 19 * MS);
	text = journeys_of(h, true);
	for (int i = 0; i < 4; i++) {
		static const json_int_t grpids[] = { 1, 2, 3, 99 };

		j = line_of(text, "grpid", grpids[i]);
		assert_string_equal(text_of(j, "outcome"), i == 3 ? "outstanding" : "answered");
		assert_true(i == 3 ? json_is_null(json_object_get(j, "cookie")) :
				     json_is_integer(json_object_get(j, "cookie")));
		assert_int_equal(json_integer_value(json_object_get(j, "cookie")), 0);
		if (i == 1) { /* the one that was answered first */
			json_t *at = json_object_get(j, "at_ns");

			assert_int_equal(json_integer_value(json_object_get(at, "deliver")),
					 9 * MS);
		}
		json_decref(j);
	}
	assert_non_null(strstr(text, "\"refused\": 1"));
	for (rest = text; (rest = strchr(rest, '\n')); rest++)
		lines++;
	assert_int_equal(lines, 5);
	free(text);
	text = journeys_of(h, false);
	assert_non_null(strstr(text, "D read, with cookie 0"));
	free(text);
}

/* Under load: as many as the report counts, and each stage adds up to the same. */
static void as_the_report_counts(void **state)
{
	uint64_t sum[IOPF_STAGES] = { 0 }, answered = 0, outstanding = 0;
	struct iopf_report *report;
	struct steady steady;
	union steady_rec rec;
	struct writing w;
	char *line, *rest;

	steady_begin(&steady, 7);
	begin(&w, *state, true);
	for (unsigned int i = 0; i < 20000; i++)
		take(&w, steady_next(&steady, &rec));
	report = end(&w, &((struct history *)*state)->run);
	for (rest = w.text; (line = strsep(&rest, "\n")) && *line;) {
		json_t *j = json_loads(line, 0, NULL), *stages = json_object_get(j, "stages_ns");

		answered += !strcmp(text_of(j, "outcome"), "answered");
		outstanding += !strcmp(text_of(j, "outcome"), "outstanding");
		for (int i = 0; i < IOPF_STAGES; i++)
			sum[i] += (uint64_t)json_integer_value(
				json_object_get(stages, iopf_stage_name((enum iopf_stage)i)));
		json_decref(j);
	}
	assert_true(answered > 1000);
	assert_int_equal(answered, report->groups.answered_user + report->groups.answered_kernel);
	assert_int_equal(outstanding, report->groups.outstanding);
	for (int i = 0; i < IOPF_STAGES; i++)
		assert_true(report->stage[i].hist.sum == sum[i]);
	iopf_report_free(report);
	free(w.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		H_TEST(a_block_for_each), H_TEST(an_object_for_each), H_TEST(as_they_end),
		H_TEST(after_a_loss),	  H_TEST(of_the_scope_only),  H_TEST(as_the_report_counts),
		H_TEST(the_cookie_zero),
	};

	return cmocka_run_group_tests_name("journeys", tests, NULL, NULL);
}
