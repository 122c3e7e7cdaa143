// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The events of a trace: a line for a person, an object for a program. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "golden.h"
#include "history.h"
#include "output/event_line.h"
#include "sample_events.h"
#include "sample_report.h"

/* Shows a record on the stream @arg. */
static void put_line(const struct iopf_rec *rec, void *arg)
{
	const struct event_names names = { .comm = sample_comm, .device = sample_device };

	assert_int_equal(event_line(arg, rec, &names, SAMPLE_FIRST_NS), 0);
}

static void every_event_has_its_line(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	event_line_heads(f, false);
	sample_events(put_line, f);
	fclose(f);
	golden_check("events.txt", text);
	free(text);
}

/* What a task called so, with an id as long as they get, has done; the lines of it, to be freed. */
static const char *long_comm(void *arg, uint32_t tid)
{
	(void)arg;
	(void)tid;
	return "qemu-system-x86";
}

static char *lines_of(struct history *h)
{
	struct event_ids *ids = event_ids_new();
	struct event_names names = { .comm = long_comm, .device = sample_device, .ids = ids };
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_true(f && ids);
	for (size_t at = 0; at < h->nr_bytes;) {
		const struct iopf_rec *rec = (const void *)(h->bytes + at);

		event_ids_take(ids, rec);
		assert_int_equal(event_line(f, rec, &names, SAMPLE_FIRST_NS), 0);
		at += (rec->size + 7U) & ~7U;
	}
	fclose(f);
	event_ids_free(ids);
	return text;
}

static void lines_fit_and_name_what_is_known(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(311), other = h_group(12), unnamed = h_group(13);
	char *text, *line, *rest;

	h->object_id = 7;
	h_task(h, 4194303, 4194304);
	g.pages = 3;
	g.dev = SAMPLE_DEVICE;
	h_enqueue(h, &g, SAMPLE_FIRST_NS, SAMPLE_FIRST_NS);
	other.pages = 99;
	other.dev = SAMPLE_DEVICE;
	h_enqueue(h, &other, SAMPLE_FIRST_NS, SAMPLE_FIRST_NS);
	unnamed.object = H_OBJECT2; /* of another context: its device 3 is another one */
	unnamed.dev = 0;
	h->object_id = 8;
	h_enqueue(h, &unnamed, SAMPLE_FIRST_NS, SAMPLE_FIRST_NS);
	h->object_id = 7;
	h_read_groups(h, SAMPLE_FIRST_NS, SAMPLE_FIRST_NS, &g, 1);
	h_read_groups(h, SAMPLE_FIRST_NS, SAMPLE_FIRST_NS, &other, 1);
	h->object_id = 8;
	h_read(h, &unnamed, SAMPLE_FIRST_NS, SAMPLE_FIRST_NS);
	h_answer(h, &g, SAMPLE_FIRST_NS, SAMPLE_FIRST_NS);
	h_respond(h, &other, SAMPLE_FIRST_NS, SAMPLE_FIRST_NS, IOPF_CODE_FAILURE, IOPF_CTX_QREMOVE,
		  12);
	text = lines_of(h);
	golden_check("events_long.txt", text);
	for (rest = text; (line = strsep(&rest, "\n"));)
		assert_true(strlen(line) <= 80);
	free(text);
}

static const struct iopf_rec *last_of(const struct history *h)
{
	const struct iopf_rec *rec = NULL;

	for (size_t at = 0; at < h->nr_bytes; at += (rec->size + 7U) & ~7U)
		rec = (const void *)(h->bytes + at);
	return rec;
}

/* A cookie, or a PASID, of 0 is one, where it is known; and nothing is said where it is not. */
static void zero_is_not_nothing(void **state)
{
	static const struct {
		uint16_t type;
		uint32_t waiting, context, flags;
		bool pasid, cookie;
	} cases[] = {
		{ IOPF_REC_WAITING, 0, 0, 0, false, false },
		{ IOPF_REC_WAITING, IOPF_WAITING_DELIVERED, 0, IOPF_PRQ_PASID_VALID, true, false },
		{ IOPF_REC_WAITING, IOPF_WAITING_DELIVERED | IOPF_WAITING_NAMED, 0, 0, false,
		  true },
		{ IOPF_REC_RESPONSE, 0, IOPF_CTX_WRITE, IOPF_PRQ_PASID_VALID, true, true },
		{ IOPF_REC_RESPONSE, 0, IOPF_CTX_AUTO, 0, false, false },
	};
	const struct event_names names = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct history *h = h_new();
		struct h_group g = h_group(5);
		struct iopf_rec_waiting w = { .group = g.pointer,
					      .waiting = cases[i].waiting,
					      .flags = cases[i].flags };
		char *text, *column[8], *rest, *csv = NULL;
		size_t size;
		FILE *f = open_memstream(&csv, &size);
		json_t *j;

		g.pasid = 0;
		g.flags = cases[i].flags;
		if (cases[i].type == IOPF_REC_WAITING) {
			H_PUT(h, w, IOPF_REC_WAITING, SAMPLE_FIRST_NS, 0);
		} else {
			h_enqueue(h, &g, SAMPLE_FIRST_NS, SAMPLE_FIRST_NS);
			h_respond(h, &g, SAMPLE_FIRST_NS, SAMPLE_FIRST_NS, 0, cases[i].context, 0);
		}
		text = lines_of(h);
		rest = strrchr(text, '\n');
		*rest = '\0';
		rest = strrchr(text, '\n') ? strrchr(text, '\n') + 1 : text;
		for (int n = 0; n < 8;) {
			column[n] = strsep(&rest, " ");
			n += *column[n] != '\0';
		}
		/* time, event, object, device, PASID, group, cookie */
		assert_string_equal(column[4], cases[i].pasid ? "0" : "-");
		assert_string_equal(column[6], cases[i].cookie ? "0" : "-");
		event_csv(f, last_of(h), &names);
		event_json(f, last_of(h), &names);
		fclose(f);
		rest = strchr(csv, '\n') + 1;
		j = json_loads(rest, 0, NULL);
		assert_true(cases[i].cookie ? json_is_integer(json_object_get(j, "cookie")) :
					      json_is_null(json_object_get(j, "cookie")));
		json_decref(j);
		rest = csv;
		for (int n = 0; n < 11; n++)
			strsep(&rest, ",");
		assert_string_equal(strsep(&rest, ","), cases[i].cookie ? "0" : "");
		free(csv);
		free(text);
		h_free(h);
	}
}

/* Rare events have much to say: it goes on below, and nothing of it is lost. */
static void what_is_long_goes_on_in_the_next_line(void **state)
{
	struct history *h = *state;
	struct iopf_rec_report refused = {
		.dev = SAMPLE_DEVICE,
		.addr = 0x8000000000000,
		.perm = 1,
		.grpid = 11,
		.flags = IOPF_PRQ_LAST_PAGE,
		.ret = -EINVAL,
		.seen = IOPF_REPORT_ANSWERED,
	};
	struct iopf_rec_read empty = { .object = H_OBJECT, .enter_ns = SAMPLE_FIRST_NS };
	char *text, *line, *rest;
	unsigned int nr = 0;

	empty.flags = IOPF_READ_NOT_EMPTY;
	H_PUT(h, refused, IOPF_REC_REPORT, SAMPLE_FIRST_NS, IOPF_CTX_REPORT);
	H_PUT(h, empty, IOPF_REC_READ, SAMPLE_FIRST_NS + 926000, IOPF_CTX_READ);
	text = lines_of(h);
	assert_non_null(strstr(text, " 0x8000000000000 r, "));
	assert_non_null(strstr(text, "EINVAL, answered at once\n"));
	assert_non_null(strstr(text, " empty in 926us, more "));
	for (rest = text; (line = strsep(&rest, "\n")); nr += *line != 0)
		assert_true(strlen(line) <= 80);
	assert_int_equal(nr, 3); /* the empty read has one */
	free(text);
}

/* Records of any bytes, as they may come from a file. */
static void any_record_is_one_event(void **state)
{
	const struct event_names names = { 0 };
	uint64_t random = 88172645463325252;
	union {
		struct iopf_rec h;
		uint64_t word[128];
	} rec;
	unsigned int i, j;

	(void)state;
	for (i = 0; i < 20000; i++) {
		char *text = NULL, *rest;
		size_t size;
		FILE *f = open_memstream(&text, &size);

		for (j = 0; j < 128; j++)
			rec.word[j] = sample_any(&random);
		rec.h.type = (uint16_t)(sample_random(&random) % (IOPF_REC_TYPES + 1));
		rec.h.size = (uint16_t)(sample_random(&random) % sizeof(rec));
		event_line(f, &rec.h, &names, sample_any(&random));
		fclose(f);
		rest = strchr(text, '\n');
		assert_non_null(rest);
		if (rest[1]) { /* it goes on, but not as another event */
			assert_int_equal(rest[1], ' ');
			rest = strchr(rest + 1, '\n');
		}
		assert_ptr_equal(rest, text + strlen(text) - 1);
		free(text);
	}
}

/* Reads one JSON value in which no name comes twice. */
static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);

	if (!value)
		fail_msg("%s at line %d: %s", error.text, error.line, text);
	return value;
}

/* Shows a record on the stream @arg. */
static void put_event(const struct iopf_rec *rec, void *arg)
{
	const struct event_names names = { .comm = sample_comm, .device = sample_device };

	assert_int_equal(event_json(arg, rec, &names), 0);
}

static void every_event_is_an_object(void **state)
{
	char *text = NULL, *copy, *line, *rest;
	unsigned int lines = 0;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	sample_events(put_event, f);
	fclose(f);
	golden_check("events.ndjson", text);
	copy = rest = strdup(text);
	while ((line = strsep(&rest, "\n")) && *line) {
		json_t *j = parse(line);

		assert_true(json_is_object(j));
		assert_int_equal((int)json_number_value(json_object_get(j, "tgid")), 2200);
		lines++;
		json_decref(j);
	}
	assert_int_equal(lines, 5 + 11 + 11 + 6);
	free(copy);
	free(text);
}

/* Times are whole numbers, addresses strings: neither may be rounded by who reads them. */
static void expect_types(const char *key, const json_t *value)
{
	static const char *const addresses[] = {
		"addr", "dev", "group", "handle", "object", "queue"
	};
	size_t len = strlen(key), i;

	if (len > 3 && strcmp(key + len - 3, "_ns") == 0)
		assert_true(json_is_integer(value) || json_is_null(value));
	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		if (strcmp(key, addresses[i]) == 0 && !json_is_null(value))
			assert_int_equal(strncmp(json_string_value(value), "0x", 2), 0);
}

static void times_and_addresses_are_exact(void **state)
{
	char *text = NULL, *line, *rest;
	unsigned int keys = 0;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	sample_events(put_event, f);
	fclose(f);
	rest = text;
	while ((line = strsep(&rest, "\n")) && *line) {
		json_t *j = json_loads(line, JSON_REJECT_DUPLICATES, NULL), *value;
		const char *key;

		assert_non_null(j);
		assert_true(json_is_integer(json_object_get(j, "seq")));
		assert_non_null(json_object_get(j, "t_ns"));
		assert_non_null(json_object_get(j, "event"));
		json_object_foreach(j, key, value)
		{
			expect_types(key, value);
			keys++;
		}
		json_decref(j);
	}
	assert_true(keys > 200);
	free(text);
}

static void any_record_is_an_object(void **state)
{
	const struct event_names names = { 0 };
	uint64_t random = 88172645463325252;
	union {
		struct iopf_rec h;
		uint64_t word[128];
	} rec;
	unsigned int i, j;

	(void)state;
	for (i = 0; i < 5000; i++) {
		char *text = NULL;
		size_t size;
		FILE *f = open_memstream(&text, &size);

		for (j = 0; j < 128; j++)
			rec.word[j] = sample_any(&random);
		rec.h.type = (uint16_t)(sample_random(&random) % (IOPF_REC_TYPES + 1));
		rec.h.size = (uint16_t)(sample_random(&random) % sizeof(rec));
		event_json(f, &rec.h, &names);
		fclose(f);
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
		json_decref(parse(text));
		free(text);
	}
}

/* What cannot be written is told with its reason, by the event whose line was the last straw. */
static void a_full_disk_is_told(void **state)
{
	const struct event_names names = { 0 };
	struct iopf_rec rec = { .size = sizeof(rec), .type = IOPF_REC_EXIT, .time_ns = 1 };
	FILE *f = fopen("/dev/full", "w");
	int line = 0, json = 0, csv = 0;

	(void)state;
	assert_non_null(f);
	for (int i = 0; i < 1000 && !line; i++)
		line = event_line(f, &rec, &names, 0);
	assert_int_equal(line, -ENOSPC);
	clearerr(f);
	for (int i = 0; i < 1000 && !json; i++)
		json = event_json(f, &rec, &names);
	assert_int_equal(json, -ENOSPC);
	clearerr(f);
	for (int i = 0; i < 1000 && !csv; i++)
		csv = event_csv(f, &rec, &names);
	assert_int_equal(csv, -ENOSPC);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_has_its_line),
		H_TEST(lines_fit_and_name_what_is_known),
		cmocka_unit_test(zero_is_not_nothing),
		H_TEST(what_is_long_goes_on_in_the_next_line),
		cmocka_unit_test(any_record_is_one_event),
		cmocka_unit_test(a_full_disk_is_told),
		cmocka_unit_test(every_event_is_an_object),
		cmocka_unit_test(times_and_addresses_are_exact),
		cmocka_unit_test(any_record_is_an_object),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
