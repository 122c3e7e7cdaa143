// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The part of the page that is over time: its plots, the table beside them, what is said of them. */
#include "history.h"

#include "html_page.h"

#define START 1000000000ULL
#define STEP 500000ULL /* of intervals that are asked for */

/* Two hundred groups in 20 ms, none in the middle; a cookie that nobody has is written at 6.2 ms. */
static void load(struct history *h)
{
	uint64_t at = START;

	h->run.start_ns = h->opts.breakdown.start_ns = START;
	h->run.end_ns = START + 20000000;
	h->opts.judge = true;
	h_alloc(h, H_OBJECT);
	for (uint32_t n = 1; n <= 200; n++) {
		struct h_group g = h_group(n);

		at = START + n * 95000 + (n > 100 ? 900000 : 0);
		h_enqueue(h, &g, at, at + 900);
		h_read(h, &g, at + 1000, at + 4000 + n * 10);
		h_answer(h, &g, at + 20000 + n * 100, at + 70000);
		if (n == 64) {
			struct iopf_rec_write r = {
				.enter_ns = at + 80000,
				.object = H_OBJECT,
				.count = 8,
				.ret = -EINVAL,
				.nr = 1,
				.answer = { { .cookie = 77777 } },
			};

			H_PUT(h, r, IOPF_REC_WRITE, at + 81000, IOPF_CTX_WRITE);
		}
	}
}

static int setup(void **state)
{
	output_opts_init(&opts);
	opts.deterministic = true;
	return h_setup(state);
}

/* The page of a history at its end. */
static xmlXPathContextPtr page_at_end(struct history *h)
{
	xmlXPathContextPtr context;

	page_of = h_finish(h);
	context = page();
	assert_sound(context);
	return context;
}

/* How often a letter is in the path of a curve. */
static unsigned int letters(xmlXPathContextPtr context, const char *path, char letter)
{
	xmlXPathObjectPtr o = eval(context, path);
	xmlChar *text = xmlXPathCastToString(o);
	unsigned int n = 0;

	for (const xmlChar *at = text; *at; at++)
		n += *at == letter;
	xmlFree(text);
	xmlXPathFreeObject(o);
	return n;
}

static void every_interval_is_there(void **state)
{
	struct history *h = *state;
	const struct iopf_breakdown *b;
	xmlXPathContextPtr context;
	unsigned int any = 0;

	h->opts.breakdown.interval_ns = STEP;
	load(h);
	context = page_at_end(h);
	b = page_of->breakdown;
	for (size_t i = 0; i < b->nr_intervals; i++)
		any += b->intervals[i].cut.groups > 0;
	assert_int_equal(b->nr_intervals, 40);
	assert_true(any < 40); /* there is a hole */
	assert_true(assert_same_numbers(context) > 40 * 11);
	assert_number(context, "count(//h:table[@class='series']/h:tbody/h:tr)", 40);
	assert_number(context, "sum(//h:table[@class='series']//h:td[2]/@data-value)", 200);
	assert_number(context, "count(//*[@id='series']//*[@class='plot'])", 2);
	assert_number(
		context,
		"count(//*[@id='latency-over-time']/*/*[@class='plot']/*[@class='curve p50'])", 2);
	assert_number(
		context,
		"count(//*[@id='latency-over-time']/*/*[@class='plot']/*[@class='curve p99'])", 2);
	assert_number(
		context,
		"count(//*[@id='latency-over-time']/*/*[@class='plot']/*[@class='curve max'])", 2);
	/* Each interval with groups is one piece; where there are none the line breaks. */
	for (int curve = 0; curve < 3; curve++) {
		static const char *const name[] = { "p50", "p99", "max" };
		char path[128];

		snprintf(path, sizeof(path), "(//*[name()='svg']//*[@class='curve %s'])[1]/@d",
			 name[curve]);
		assert_int_equal(letters(context, path, 'M') + letters(context, path, 'L'),
				 2 * any);
		assert_int_equal(letters(context, path, 'M'), 2);
	}
	assert_has(context, "//h:nav", "Over time");
	forget(context);
}

static void findings_are_marked(void **state)
{
	struct history *h = *state;
	xmlXPathContextPtr context;

	h->opts.breakdown.interval_ns = STEP;
	load(h);
	context = page_at_end(h);
	assert_int_equal(page_of->breakdown->intervals[12].findings, 1);
	/* In both stages and in the queues, at one place, and in the table. */
	assert_number(context, "count(//*[name()='g'][@class='found fail']/*)", 3);
	assert_has(context, "(//*[name()='g'][@class='found fail'])[1]",
		   "1 found from 0.0060 s on");
	assert_number(context, "count(//h:table[@class='series']//h:tr[@class='offending'])", 1);
	assert_has(context, "//h:table[@class='series']//h:tr[@class='offending']/h:td[1]",
		   "0.0060");
	assert_has(context, "//*[@id='latency-over-time-d']",
		   "Findings were made in 1 of them, first in that from 0.0060 s on.");
	assert_has(context, "//*[@id='latency-over-time-d']",
		   "40 intervals of 500us. total: "
		   "medians of intervals from 70us");
	assert_has(context, "//*[@id='queue-over-time-d']", "Most in queues at one time: 1, in");
	forget(context);
}

/* Without findings there is nothing to be explained of them. */
static void nothing_is_marked_without_findings(void **state)
{
	struct history *h = *state;
	xmlXPathContextPtr context;

	h->opts.breakdown.adaptive = true;
	load(h);
	h->opts.judge = false;
	context = page_at_end(h);
	assert_int_equal(page_of->breakdown->opts.interval_ns, 1000000);
	assert_same_numbers(context);
	assert_number(context, "count(//*[name()='g'][starts-with(@class, 'found')]/*)", 0);
	assert_number(context, "count(//*[@class='legend'][contains(., 'findings')])", 0);
	assert_has(context, "//*[@id='latency-over-time-d']", "20 intervals of 1ms.");
	forget(context);
}

/* What takes place in less than three intervals is no course, and who did not ask has none. */
static void little_is_not_drawn(void **state)
{
	struct history *h = *state;
	xmlXPathContextPtr context;

	h->opts.breakdown.interval_ns = 10000000;
	load(h);
	context = page_at_end(h);
	assert_int_equal(page_of->breakdown->nr_intervals, 2);
	assert_number(context, "count(//*[@id='series'])", 0);
	assert_number(context, "count(//h:nav//h:a[@href='#series'])", 0);
	forget(context);
}

static void nothing_unasked(void **state)
{
	struct history *h = *state;
	xmlXPathContextPtr context;

	load(h);
	context = page_at_end(h);
	assert_null(page_of->breakdown);
	assert_number(context, "count(//*[@id='series'])", 0);
	forget(context);
}

/* Percentiles that the JSON report does not have say no place; times may be 0 or without end. */
static void odd_figures_are_shown(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(500);
	xmlXPathContextPtr context;

	opts.nr_percentiles = 1;
	opts.percentile[0] = 75;
	opts.unit = UNITS_S;
	h->opts.breakdown.adaptive = true;
	load(h);
	h_enqueue(h, &g, START + 19900000, START + 19900000);
	h_read(h, &g, START + 19900000, START + 19900000);
	h_answer(h, &g, START + 19900000, START + 19900000);
	g = h_group(501);
	h_enqueue(h, &g, START + 19900000, START + 19900000);
	h_read(h, &g, START + 19900000, START + 19900000);
	h_answer(h, &g, UINT64_MAX - 1, UINT64_MAX);
	h->run.end_ns = UINT64_MAX;
	context = page_at_end(h);
	assert_same_numbers(context);
	forget(context);
}

static void a_browser_reads_it(void **state)
{
	char dir[] = "/tmp/iopftrace-html-XXXXXX", command[128];
	struct history *h = *state;

	assert_non_null(mkdtemp(dir));
	h->opts.breakdown.interval_ns = STEP;
	load(h);
	page_of = h_finish(h);
	put_files(dir, "series");
	snprintf(command, sizeof(command), "tests/unit/html_browser.py %s", dir);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
}

#define PAGE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, h_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAGE_TEST(every_interval_is_there),
		PAGE_TEST(findings_are_marked),
		PAGE_TEST(nothing_is_marked_without_findings),
		PAGE_TEST(little_is_not_drawn),
		PAGE_TEST(nothing_unasked),
		PAGE_TEST(odd_figures_are_shown),
		PAGE_TEST(a_browser_reads_it),
	};

	return cmocka_run_group_tests_name("html_series", tests, NULL, NULL);
}
