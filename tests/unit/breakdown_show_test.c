// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Figures by keys, by time and of some of the groups, as each format shows them. */
#include "history.h"

#include <jansson.h>
#include <locale.h>

#include "golden.h"
#include "output/output.h"
#include "readers.h"
#include "screen.h"

#define START 1000000000ULL

static struct output_opts show_opts;

/* Sixty groups of two devices and three PASIDs, the last two of which are not answered. */
static void load(struct history *h)
{
	uint64_t random = 88172645463325252ULL, at = START;

	h->run.start_ns = h->opts.breakdown.start_ns = START;
	h->opts.judge = true;
	h->opts.slowest = 30;
	h->object_id = 4;
	h_alloc(h, H_OBJECT);
	h_name_device(h, H_DEVICE, "0000:3b:00.0");
	h_name_device(h, H_DEVICE2, "0000:3b:00.1");
	h_name(h, "vmm");
	for (uint32_t n = 1; n <= 60; n++) {
		struct h_group g = h_group(n);

		g.dev = n % 3 ? H_DEVICE : H_DEVICE2;
		g.dev_id = n % 3 ? 2 : 3;
		g.pasid = n % 5 ? n % 2 : 7;
		if (n % 5 == 4)
			g.flags = IOPF_PRQ_LAST_PAGE, g.pasid = 0;
		at += 100000 + sample_random(&random) % 50000;
		h_enqueue(h, &g, at, at + 900);
		if (n == 60)
			continue;
		h_read(h, &g, at + 1000, at + 4000 + sample_random(&random) % 4000);
		if (n == 59)
			continue;
		h_respond(h, &g, at + 20000 + sample_random(&random) % 40000, at + 70000,
			  n % 20 == 0, IOPF_CTX_WRITE, n);
	}
	h->run.end_ns = at + 200000;
}

static void ask_by(struct history *h, enum iopf_key key)
{
	h->opts.breakdown.by[h->opts.breakdown.nr_by++] = key;
}

/* What a format shows of it; to be freed. */
static char *show(const struct history *h, const char *format)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	assert_int_equal(output_format_find(format)->write(h->report, &show_opts, f), 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

static int setup(void **state)
{
	output_opts_init(&show_opts);
	show_opts.deterministic = true;
	return h_setup(state);
}

#define SHOW_TEST(test) cmocka_unit_test_setup_teardown(test, setup, h_teardown)

/* The text is that of a golden file, and fits. */
static void text_is(const struct history *h, const char *golden)
{
	char *text = show(h, "text");

	screen_assert_fits(text, 80);
	golden_check(golden, text);
	free(text);
}

static void test_text_by_keys(void **state)
{
	struct history *h = *state;

	ask_by(h, IOPF_KEY_DEVICE);
	ask_by(h, IOPF_KEY_PASID);
	load(h);
	h_finish(h);
	text_is(h, "text_by.txt");
}

static void test_text_of_a_selection_by_time(void **state)
{
	struct history *h = *state;

	h->opts.breakdown.interval_ns = 500000;
	h->opts.breakdown.filter = (struct iopf_filter){
		.device = "3b:00.0", .window = true, .from_ns = 1500000, .to_ns = 5000000
	};
	load(h);
	h_finish(h);
	iopf_report_select(h->report);
	text_is(h, "text_series.txt");
}

/* Every name and number as long as it gets: it fits all the same, in any unit. */
static void test_text_fits(void **state)
{
	static const enum units_time units[] = { UNITS_AUTO, UNITS_NS, UNITS_S };
	struct history *h = *state;
	char *text;

	for (int key = 0; key < IOPF_KEYS; key++)
		ask_by(h, (enum iopf_key)key);
	h->opts.breakdown.interval_ns = 250007;
	load(h);
	h_name_device(h, H_DEVICE, "a device \033[2J of a long name xx");
	for (uint32_t n = 100; n < 140; n++) {
		struct h_group g = h_group(n);

		g.pasid = UINT32_MAX - n;
		h_task(h, n, n);
		h_name(h, "\xc3\xa9\xc3\xa9\xc3\xa9 long one");
		h_enqueue(h, &g, START + n * 1000000000000ULL, START + n * 1100000000000ULL);
		h_read(h, &g, START + n * 1000, START + n * 1200000000000ULL);
		h_answer(h, &g, START + n * 1300000000000ULL, START + n * 1400000000000ULL);
	}
	h_finish(h);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		for (int verbose = 0; verbose < 2; verbose++) {
			show_opts.unit = units[i];
			show_opts.verbose = verbose;
			text = show(h, "text");
			screen_assert_fits(text, 80);
			if (!verbose)
				assert_non_null(strstr(text, " more: -f csv or -f json has all"));
			free(text);
		}
	}
}

static void test_all_percentiles_are_shown(void **state)
{
	struct history *h = *state;
	char *text, *at;
	int heads = 0;

	ask_by(h, IOPF_KEY_DEVICE);
	load(h);
	h_finish(h);
	show_opts.nr_percentiles = 12;
	for (int i = 0; i < 12; i++)
		show_opts.percentile[i] = 99 + i / 100.0;
	text = show(h, "text");
	screen_assert_fits(text, 80);
	for (at = text; (at = strstr(at, " p99.11")); at++)
		heads++;
	assert_int_equal(heads, 2); /* in the table of all, and in that of the rows */
	free(text);
}

static void test_all_slowest_are_told_of(void **state)
{
	struct history *h = *state;
	char *text;

	load(h);
	h->opts.slowest = 58;
	h_finish(h);
	show_opts.slowest = 58;
	text = show(h, "text");
	assert_non_null(strstr(text, "and 18 more: -f json has them"));
	free(text);
	text = show(h, "json");
	json_t *json = json_loads(text, 0, NULL);

	assert_int_equal(json_array_size(json_object_get(json, "slowest")), 58);
	json_decref(json);
	free(text);
}

/* A number of an object, by a path with points. */
static int64_t number(json_t *json, const char *path)
{
	char key[64];

	while (strchr(path, '.')) {
		snprintf(key, sizeof(key), "%.*s", (int)strcspn(path, "."), path);
		json = json_object_get(json, key);
		path += strcspn(path, ".") + 1;
	}
	json = json_object_get(json, path);
	if (!json_is_integer(json))
		fail_msg("%s is no number", path);
	return json_integer_value(json);
}

/* A number summed up over an array. */
static int64_t sum(json_t *array, const char *path)
{
	int64_t n = 0;

	for (size_t i = 0; i < json_array_size(array); i++)
		n += number(json_array_get(array, i), path);
	return n;
}

static void test_json(void **state)
{
	struct history *h = *state;
	json_t *json, *by, *series, *row = NULL;
	size_t without = 0;
	char *text;

	ask_by(h, IOPF_KEY_PASID);
	ask_by(h, IOPF_KEY_CODE);
	h->opts.breakdown.interval_ns = 1000000;
	load(h);
	h_finish(h);
	text = show(h, "json");
	json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	by = json_object_get(json, "by");
	series = json_object_get(json, "series");
	assert_null(json_object_get(json, "selection"));
	assert_int_equal(json_array_size(by), h->report->breakdown->nr_rows);
	assert_int_equal(json_array_size(series), h->report->breakdown->nr_intervals);
	assert_int_equal(sum(by, "groups"), 60);
	assert_int_equal(sum(series, "groups"), 60);
	assert_int_equal(sum(by, "outstanding"), 2);
	assert_int_equal(sum(by, "responses.invalid"), number(json, "responses.invalid"));
	for (unsigned int stage = 0; stage < IOPF_STAGES; stage++) {
		char path[64];

		snprintf(path, sizeof(path), "stages.%s.count", iopf_stage_name(stage));
		assert_int_equal(sum(by, path), number(json, path));
		assert_int_equal(sum(series, path), number(json, path));
	}
	for (size_t i = 0; i < json_array_size(by); i++) {
		json_t *total;

		row = json_array_get(by, i);
		total = json_object_get(json_object_get(row, "stages"), "total");
		without += json_is_null(json_object_get(row, "pasid"));
		assert_true(json_is_string(json_object_get(row, "code")));
		assert_null(json_object_get(row, "device"));
		assert_int_equal(json_object_size(json_object_get(total, "percentiles")), 4);
		if (number(total, "count"))
			assert_true(number(total, "max_ns") >= number(total, "percentiles.99"));
		else
			assert_true(json_is_null(json_object_get(total, "max_ns")));
	}
	assert_true(without > 0);
	for (size_t i = 0; i < json_array_size(series); i++) {
		row = json_array_get(series, i);
		assert_int_equal(number(row, "from_ns"), i * 1000000);
	}
	assert_int_equal(number(row, "to_ns"), number(json, "duration_ns"));
	assert_int_equal(number(row, "outstanding_at_end"), 2);
	json_decref(json);
	free(text);
}

static void test_json_of_a_selection(void **state)
{
	struct history *h = *state;
	json_t *json, *selection;
	char *text;

	h->opts.breakdown.filter =
		(struct iopf_filter){ .pasid = { true, 7 }, .code = { true, IOPF_CODE_SUCCESS } };
	load(h);
	h_finish(h);
	iopf_report_select(h->report);
	show_opts.slowest = 30;
	text = show(h, "json");
	json = json_loads(text, 0, NULL);
	selection = json_object_get(json, "selection");
	assert_int_equal(number(selection, "pasid"), 7);
	assert_true(json_is_null(json_object_get(selection, "from_ns")));
	assert_string_equal(json_string_value(json_object_get(selection, "code")), "success");
	assert_int_equal(number(selection, "groups"), 9); /* of twelve two are invalid, one waits */
	assert_int_equal(number(selection, "other_groups"), 51);
	assert_int_equal(number(json, "stages.total.count"), 9);
	assert_int_equal(json_array_size(json_object_get(json, "slowest")), 9);
	assert_int_equal(number(json, "groups.enqueued"), 60);
	json_decref(json);
	free(text);
}

/* What Python's csv module reads: rows by the names of their columns. */
static json_t *read_csv(const char *text)
{
	char *file = reader_file(text, strlen(text));
	char *said = reader_run(READER_CSV, &file, 1);
	json_t *rows = json_loads(said, 0, NULL), *named = json_array();
	json_t *heads = json_array_get(rows, 0);

	assert_non_null(rows);
	for (size_t i = 1; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i), *object = json_object();

		for (size_t k = 0; k < json_array_size(row); k++)
			json_object_set(object, json_string_value(json_array_get(heads, k)),
					json_array_get(row, k));
		json_array_append_new(named, object);
	}
	json_decref(rows);
	free(said);
	return named;
}

/* The values of a metric in a part, added up; *@nr rows have it. */
static long csv_sum(json_t *rows, const char *part, const char *metric, int *nr)
{
	long n = 0;

	*nr = 0;
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);
		const char *value = json_string_value(json_object_get(row, "value"));

		if (strcmp(json_string_value(json_object_get(row, "part")), part) ||
		    strcmp(json_string_value(json_object_get(row, "metric")), metric))
			continue;
		++*nr;
		n += atol(value);
	}
	return n;
}

static void test_csv(void **state)
{
	struct history *h = *state;
	int nr, intervals;
	json_t *rows;
	char *text;

	ask_by(h, IOPF_KEY_DEVICE);
	ask_by(h, IOPF_KEY_PASID);
	h->opts.breakdown.interval_ns = 1000000;
	h->opts.breakdown.max_rows = 5;
	load(h);
	h_finish(h);
	text = show(h, "csv");
	rows = read_csv(text);
	assert_int_equal(csv_sum(rows, "run", "groups.enqueued", &nr), 60);
	assert_int_equal(csv_sum(rows, "by", "groups", &nr) +
				 csv_sum(rows, "other", "groups", &intervals),
			 60);
	assert_int_equal(nr, 5);
	assert_int_equal(intervals, 1);
	assert_int_equal(csv_sum(rows, "interval", "total.count", &intervals),
			 csv_sum(rows, "run", "total.count", &nr));
	assert_int_equal(nr, 1);
	assert_int_equal(intervals, h->report->breakdown->nr_intervals);
	csv_sum(rows, "by", "service.p99.9", &nr);
	assert_int_equal(nr, 5);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);
		const char *part = json_string_value(json_object_get(row, "part"));
		bool keys = !strcmp(part, "by"), times = !strcmp(part, "interval");

		assert_int_equal(*json_string_value(json_object_get(row, "device")) != 0, keys);
		assert_int_equal(*json_string_value(json_object_get(row, "pasid")) != 0, keys);
		assert_int_equal(*json_string_value(json_object_get(row, "to_ns")) != 0, times);
	}
	json_decref(rows);
	free(text);
}

static void test_csv_of_a_selection(void **state)
{
	struct history *h = *state;
	json_t *rows;
	char *text;
	int nr;

	h->opts.breakdown.filter = (struct iopf_filter){ .dev_id = { true, 3 } };
	load(h);
	h_finish(h);
	iopf_report_select(h->report);
	text = show(h, "csv");
	rows = read_csv(text);
	assert_int_equal(csv_sum(rows, "selected", "groups", &nr), 20);
	assert_int_equal(csv_sum(rows, "selected", "total.count", &nr), 19);
	assert_int_equal(csv_sum(rows, "run", "groups.enqueued", &nr), 60);
	csv_sum(rows, "run", "total.count", &nr);
	assert_int_equal(nr, 0);
	json_decref(rows);
	free(text);
}

/* One more device. */
static uint64_t device(uint32_t n)
{
	return 0xffff888200010000ULL + n * 64;
}

/* What Prometheus' own client makes of it; 0 = it takes it. */
static int accepted(const char *text)
{
	char *file = reader_file(text, strlen(text)), command[256];
	int status;

	snprintf(command, sizeof(command), "tests/unit/metrics_reader.py accept %s >&2", file);
	status = system(command);
	unlink(file);
	free(file);
	return status;
}

static void test_metrics_are_valid(void **state)
{
	struct history *h = *state;
	char *text;

	ask_by(h, IOPF_KEY_CODE);
	ask_by(h, IOPF_KEY_DEVICE);
	load(h);
	h_finish(h);
	text = show(h, "openmetrics");
	assert_non_null(strstr(text, "iopftrace_by_groups_total{code=\"none yet\","
				     "device=\"0000:3b:00.1\"} 1\n"));
	assert_non_null(strstr(text, "iopftrace_by_stage_seconds_count{code=\"invalid\","
				     "device=\"0000:3b:00.0\",stage=\"total\"} 2\n"));
	assert_int_equal(accepted(text), 0);
	free(text);
}

/* The labels of devices are different even where their names do not say so. */
static void test_labels_are_different(void **state)
{
	struct history *h = *state;
	char *text, *line, *rest;
	char seen[16][256];
	int nr = 0;

	ask_by(h, IOPF_KEY_DEVICE);
	load(h);
	h_name_device(h, device(0), "\xff");
	h_name_device(h, device(1), "\xfe");
	h_name_device(h, device(2), "other");
	h_name_device(h, device(3), "dev 2");
	for (uint32_t n = 0; n < 6; n++) {
		struct h_group g = h_group(100 + n);

		g.dev = device(n);
		g.dev_id = n < 5 ? n : 0;
		h_enqueue(h, &g, h->last_ns, h->last_ns + 1);
	}
	h->opts.breakdown.max_rows = 7;
	h_finish(h);
	text = show(h, "prometheus");
	for (rest = text; (line = strsep(&rest, "\n"));) {
		if (strncmp(line, "iopftrace_by_groups_total{", 26))
			continue;
		snprintf(seen[nr], sizeof(seen[nr]), "%.*s", (int)strcspn(line, "}"), line);
		for (int i = 0; i < nr; i++)
			assert_string_not_equal(seen[i], seen[nr]);
		nr++;
	}
	assert_int_equal(nr, 8);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOW_TEST(test_text_by_keys),
		SHOW_TEST(test_text_of_a_selection_by_time),
		SHOW_TEST(test_text_fits),
		SHOW_TEST(test_all_percentiles_are_shown),
		SHOW_TEST(test_all_slowest_are_told_of),
		SHOW_TEST(test_json),
		SHOW_TEST(test_json_of_a_selection),
		SHOW_TEST(test_csv),
		SHOW_TEST(test_csv_of_a_selection),
		SHOW_TEST(test_metrics_are_valid),
		SHOW_TEST(test_labels_are_different),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
