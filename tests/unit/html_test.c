// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The report as a page: read back as strict XML, its numbers held against those of the JSON report by
 * the places that they carry, and shown to a browser.
 */
#include "html_page.h"
#include "sample_findings.h"

static struct sample sample;
static struct sample_findings findings;

static int begin(void **state)
{
	(void)state;
	output_opts_init(&opts);
	page_of = &sample.report;
	return 0;
}

static void a_pass_has_everything(void **state)
{
	xmlXPathContextPtr context;
	char *text;

	(void)state;
	sample_pass(&sample);
	findings_begin(&findings, &sample.report);
	add_assertion(&findings, "total.p99<5ms", true, true, 494000);
	context = page();
	assert_sound(context);
	assert_true(assert_same_numbers(context) > 120);
	assert_has(context, "//*[@id='word']", "PASS");
	assert_has(context, "//*[@id='verdict']/@class", "pass");
	assert_has(context, "//*[@id='verdict']",
		   "every event was seen; 16,384 groups, all answered");
	assert_has(context, "//h:tr[@data-stage='total']/h:td[1]/@data-value", "16384");
	assert_has(context, "//*[@data-key='stages/total/max_ns']/@title", "10,012,100 ns");
	assert_has(context, "//*[@data-key='stages/total/max_ns']", "10ms");
	assert_has(context, "//*[@data-key='slowest/0/stages_ns/service']/@data-value", "9700000");
	assert_has(context, "//*[@data-key='assertions/0/value_ns']", "494us");
	assert_has(context, "//*[@class='origin']", "2025-10-09 08:53:20 UTC");
	assert_number(context, "count(//*[@class='plot'])", 2);
	assert_number(context, "count(//*[@class='plot'][@role='img']/*[local-name()='desc'])", 2);
	assert_number(context, "count(//*[starts-with(@class, 'curve')])", IOPF_STAGES);
	assert_number(context, "count(//h:tr[@data-rule])", IOPF_RULES);
	assert_number(context, "count(//h:tr[@data-rule][contains(., 'held')])", IOPF_RULES);
	assert_number(context, "count(//*[@id='findings'])", 0);
	forget(context);
	text = show(output_html);
	assert_true(strlen(text) < 100000);
	free(text);
}

static void plots_count_every_group(void **state)
{
	xmlXPathContextPtr context;
	xmlXPathObjectPtr o;
	double sum = 0;
	int i;

	(void)state;
	sample_pass(&sample);
	context = page();
	/* The table beside the plot has the bins of the plot. */
	o = eval(context, "//h:table[@class='bins']/h:tbody/h:tr/h:td[3]");
	for (i = 0; i < o->nodesetval->nodeNr; i++) {
		char *cell = (char *)xmlNodeGetContent(o->nodesetval->nodeTab[i]);
		const char *from;
		char *to = cell;

		for (from = cell; *from; from++)
			if (*from != ',')
				*to++ = *from;
		*to = '\0';
		sum += strtod(cell, NULL);
		xmlFree(cell);
	}
	xmlXPathFreeObject(o);
	assert_true(sum >= 16384 && sum <= 16384);
	assert_number(context,
		      "count(//*[@class='bars total']/*) - "
		      "count(//h:table[@class='bins']//h:tr/h:td[3][. != '0'])",
		      0);
	forget(context);
}

static void a_violation_is_a_story(void **state)
{
	xmlXPathContextPtr context;

	(void)state;
	sample_violation(&sample, &findings);
	context = page();
	assert_sound(context);
	assert_same_numbers(context);
	assert_has(context, "//*[@id='word']", "VIOLATION");
	assert_has(context, "//*[@id='verdict']/@class", "fail");
	assert_has(context, "//*[@id='verdict']", "2 rules broken: IOPF003 stray-response (3), ");
	assert_has(context, "//*[@id='finding-0']", "ERROR IOPF003 stray-response 3 times");
	assert_has(context, "//*[@id='finding-0']", "blame: user space");
	assert_has(context, "//*[@id='finding-0']", "3.214 s into the run: cookie 12 was written");
	assert_has(context, "//*[@id='finding-0']", "user space never writes a cookie that");
	assert_number(context, "count(//*[@id='finding-0']//h:table[@class='journey']//h:tr)", 7);
	assert_number(context, "count(//*[@id='finding-0']//h:tr[@class='offending'])", 1);
	assert_has(context, "//*[@id='finding-0']//h:tr[@class='offending']",
		   "this breaks the rule: cookie 12 written with success: refused, EINVAL");
	assert_has(context, "//*[@id='finding-0']//*[@class='fix']", "Likely fix");
	assert_number(context, "count(//*[@id='finding-0']//h:table[@class='cases']//h:tr)", 3);
	assert_has(context, "//h:tr[@data-rule='IOPF003']", "broken");
	assert_has(context, "//h:tr[@data-rule='IOPF005']", "warning");
	assert_has(context, "//h:tr[@data-rule='IOPF018']",
		   "not checked: probe iopf_queue_remove_device is not attached");
	assert_has(context, "//h:tr[@data-rule='IOPF020']", "held in part");
	forget(context);
}

static void suspicions_only_seem(void **state)
{
	xmlXPathContextPtr context;

	(void)state;
	sample_pass(&sample);
	findings_begin(&findings, &sample.report);
	add_stray(&findings);
	findings.finding[0].unproven = true;
	sample.report.verdict = IOPF_INCONCLUSIVE;
	context = page();
	assert_sound(context);
	assert_has(context, "//*[@id='finding-0']", "SUSPECTED IOPF003");
	assert_has(context, "//*[@id='finding-0']",
		   "suspected, not proven: what was not seen may refute it");
	assert_has(context, "//h:tr[@class='offending']", "this seems to break the rule: cookie");
	assert_has(context, "//*[@id='finding-0']/*[@class='fix']", "If proven");
	assert_has(context, "//h:tr[@data-rule='IOPF003']", "suspected");
	forget(context);
}

static void long_lists_are_cut(void **state)
{
	static struct iopf_device_view many[70];
	xmlXPathContextPtr context;
	unsigned int i;

	(void)state;
	sample_pass(&sample);
	for (i = 0; i < 70; i++)
		many[i] = (struct iopf_device_view){ i, "mock", i };
	sample.report.devices = many;
	sample.report.nr_devices = 70;
	context = page();
	assert_sound(context);
	assert_same_numbers(context);
	assert_has(context, "//*[@id='places']//h:tr[@class='hidden']", "and 6 more");
	forget(context);
}

static void doubts_say_why(void **state)
{
	xmlXPathContextPtr context;

	(void)state;
	sample_lossy(&sample);
	findings_begin(&findings, &sample.report);
	context = page();
	assert_sound(context);
	assert_same_numbers(context);
	assert_has(context, "//*[@id='word']", "INCONCLUSIVE");
	assert_has(context, "//*[@id='verdict']/@class", "doubt");
	assert_has(context, "//*[@data-doubt='lost']", "1,234 events lost (ring buffer full)");
	assert_has(context, "//*[@id='waiting']", "not read yet");
	assert_has(context, "//*[@id='waiting']", "and 4 more");
	assert_has(context, "//*[@data-key='lost/ring_full']", "1,234");
	assert_has(context, "//*[@data-key='lost/first_gap_after_ns']/@data-value", "1203000000");
	/* Who has not seen everything does not say that a rule held. */
	assert_number(context, "count(//h:tr[@data-rule][contains(., 'no finding')])", IOPF_RULES);
	forget(context);
}

static void assertions_that_fail_are_no_pass(void **state)
{
	xmlXPathContextPtr context;

	(void)state;
	sample_pass(&sample);
	findings_begin(&findings, &sample.report);
	add_assertion(&findings, "groups>=1000", false, true, 16384);
	add_assertion(&findings, "total.p99<1us", true, false, 494000);
	add_assertion(&findings, "ack.p99<1us", true, false, 0)->known = false;
	context = page();
	assert_sound(context);
	assert_same_numbers(context);
	assert_has(context, "//*[@id='word']", "FAIL");
	assert_has(context, "//*[@id='verdict']/@class", "fail");
	assert_has(context, "//*[@data-key='exit_code']", "2");
	assert_has(context, "//*[@id='assertions']//h:tbody/h:tr[1]", "FAILStotal.p99<1us494us");
	assert_has(context, "//*[@id='assertions']//h:tbody/h:tr[2]", "no value");
	assert_has(context, "//*[@id='assertions']//h:tbody/h:tr[3]", "holds");
	forget(context);
}

static void nothing_seen_asks_questions(void **state)
{
	xmlXPathContextPtr context;

	(void)state;
	sample_empty(&sample);
	sample.report.verdict = IOPF_INCONCLUSIVE;
	sample.report.doubt[IOPF_DOUBT_FEW_GROUPS] = true;
	context = page();
	assert_sound(context);
	assert_same_numbers(context);
	assert_has(context, "//*[@id='stages']", "No I/O page fault entered a fault object.");
	assert_number(context, "count(//*[@class='questions']/h:li)", 3);
	assert_number(context, "count(//*[@class='plot'])", 0);
	assert_has(context, "//*[@id='rules']", "The rules were not judged.");
	forget(context);
}

/* What may still hold has not failed. */
static void open_assertions_do_not_fail(void **state)
{
	xmlXPathContextPtr context;

	(void)state;
	sample_lossy(&sample);
	findings_begin(&findings, &sample.report);
	add_assertion(&findings, "groups>=1", false, true, 500);
	add_assertion(&findings, "groups>=600", false, false, 500)->open = true;
	sample.report.verdict = IOPF_INCONCLUSIVE;
	context = page();
	assert_sound(context);
	assert_same_numbers(context);
	assert_has(context, "//*[@id='word']", "INCONCLUSIVE");
	assert_has(context, "//*[@id='verdict']/@class", "doubt");
	assert_has(context, "//*[@id='verdict']",
		   "1 assertion holds; 1 false so far, with events missing");
	assert_has(context, "//*[@id='assertions']//h:tbody/h:tr[1]",
		   "opengroups>=600 false so far; events are missing500");
	assert_has(context, "//*[@id='assertions']//h:tbody/h:tr[1]//h:b/@class", "tag doubt");
	assert_has(context, "//*[@id='assertions']//h:tbody/h:tr[2]", "holds");
	assert_number(context, "count(//*[@id='verdict' or @id='assertions'][contains(., 'FAIL')])",
		      0);
	forget(context);
}

/* An exit code that is not that of the verdict has its reason. */
static void loss_may_be_a_failure(void **state)
{
	xmlXPathContextPtr context;

	(void)state;
	sample_lossy(&sample);
	sample.report.judged = true;
	sample.report.exit_code = 1;
	context = page();
	assert_sound(context);
	assert_has(context, "//*[@class='reasons']/*[1]",
		   "events were lost, which --on-loss fail makes a failure");
	forget(context);
}

/* What is missing from a file is the cause of the rest, which no advice about the run mends. */
static void a_recording_that_breaks_off(void **state)
{
	static const char *const expected[] = {
		[IOPF_INPUT_EARLY] =
			"the recording ends early, behind a whole block: recording was",
		[IOPF_INPUT_HALF] = "the recording ends early, within a block: it was cut off",
		[IOPF_INPUT_WRITTEN] = "the recording ends early, because it was still being",
		[IOPF_INPUT_FOREIGN] = "goes on with what is of another recording, and was",
		[IOPF_INPUT_MISPLACED] = "goes on with a part of its own that is not in its place",
		[IOPF_INPUT_DAMAGED] = "the recording is damaged, and was read up",
		[IOPF_INPUT_NEWER] = "the recording goes on in a way that takes a newer",
		[IOPF_INPUT_LONGER] = "the recording is followed by something that was not read",
		[IOPF_INPUT_MALFORMED] = "the recording has records that make no sense, which were",
		[IOPF_INPUT_MIXED] = "the recording goes on with what is of another recording, or",
		[IOPF_INPUT_MISSING] = "1,234 events are missing from the file: it was damaged",
	};
	static const char *const wrong[] = { "--min-groups",  "Ctrl-C", "PRI",
					     "right process", "-p PID", "stopped a second time" };

	(void)state;
	for (unsigned int input = IOPF_INPUT_EARLY; input < IOPF_INPUTS; input++) {
		xmlXPathContextPtr context;
		char *text;

		sample_empty(&sample);
		sample.report.verdict = IOPF_INCONCLUSIVE;
		sample.report.exit_code = 5;
		sample.report.doubt[IOPF_DOUBT_CUT] = true;
		sample.report.doubt[IOPF_DOUBT_FEW_GROUPS] = true;
		sample.report.input = (enum iopf_input)input;
		sample.report.lost.missing = input == IOPF_INPUT_MISSING ? 1234 : 0;
		context = page();
		assert_sound(context);
		assert_has(context, "//*[@class='doubts']//h:li[1]", expected[input]);
		assert_has(context, "//*[@class='doubts']//h:li[2]/@data-doubt", "few_groups");
		assert_has(context, "//*[@id='stages']",
			   "No I/O page fault is in what could be read of the recording.");
		assert_number(context, "count(//*[@class='questions'])", 0);
		forget(context);
		text = show(output_html);
		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
			assert_null(strstr(text, wrong[i]));
		free(text);
	}
}

/* What became of the command, and that nobody knows. */
static void the_command_has_its_status(void **state)
{
	xmlXPathContextPtr context;

	(void)state;
	sample_pass(&sample);
	sample.report.has_child = true;
	sample.report.child_status = sample.report.exit_code = 128 + 15;
	sample.report.exit_because = IOPF_BECAUSE_COMMAND;
	context = page();
	assert_same_numbers(context);
	assert_has(context, "//*[@data-key='exit_because']/@data-value", "command");
	assert_has(context, "//*[@class='reasons']/*[last()]",
		   "exit status 143 is CMD's own; the verdict is PASS");
	assert_has(context, "//*[@id='verdict']", "the command was killed by SIGTERM");
	assert_has(context, "//*[@data-key='child/status']", "143");
	forget(context);
	sample.report.has_child = false;
	opts.command = true;
	context = page();
	assert_sound(context);
	assert_has(context, "//*[@id='made']", "not known: it still ran when tracing ended");
	forget(context);
}

/* Both numbers of a group: that which 'explain' takes, and the device's. */
static void groups_have_both_numbers(void **state)
{
	xmlXPathContextPtr context;

	(void)state;
	sample_pass(&sample);
	sample.slowest[0].seq = 8123;
	sample.slowest[0].grpid = 41;
	context = page();
	assert_sound(context);
	assert_has(context, "//*[@id='slowest']//h:thead", "pasidgroupgrpidaddress");
	assert_has(context, "//*[@id='slowest']//h:tbody/h:tr[1]/h:td[9]", "8123");
	assert_has(context, "//*[@id='slowest']//h:tbody/h:tr[1]/h:td[10]", "41");
	forget(context);
}

/* Names that want to be markup, and bytes that are no text. */
static const char evil[] = "</td><script>alert(1)</script>&\"'\xff\x1b[31m\xe2\x80\xae";

static void make_hostile(void)
{
	sample_violation(&sample, &findings);
	sample.report.kernel = evil;
	sample.report.version = evil;
	sample.slowest[0].device = evil;
	sample.slowest[0].reader = evil;
	sample.slowest[0].writer = evil;
	sample.devices[0].name = evil;
	sample.objects[0].owner = evil;
	findings.assertion[0].expr = evil;
	findings.cases[0].text = evil;
	findings.cases[0].expected = evil;
	findings.cases[0].group.device = evil;
	findings.cases[1].text = evil;
	findings.step[0].comm = evil;
	findings.step[0].text = evil;
	findings.not_checked[0].why = evil;
}

static void hostile_names_stay_text(void **state)
{
	static const char shown[] =
		"</td><script>alert(1)</script>&\"'\\xff\\x1b[31m\\xe2\\x80\\xae";
	xmlXPathContextPtr context;

	(void)state;
	make_hostile();
	context = page();
	assert_sound(context);
	assert_same_numbers(context);
	assert_has(context, "//*[@class='origin']", shown);
	assert_has(context, "//*[@id='slowest']", shown);
	assert_has(context, "//*[@id='places']", shown);
	assert_has(context, "//*[@id='assertions']", shown);
	assert_has(context, "//*[@class='journey']//h:tbody/h:tr[1]", shown);
	assert_has(context, "//*[@class='story']", shown);
	assert_has(context, "//*[@class='cases']", shown);
	assert_has(context, "//*[@id='rules']", shown);
	assert_has(context, "//*[@id='made']", shown);
	forget(context);
}

static void options_are_kept(void **state)
{
	static const double many[] = { 1, 25, 50, 99.99 };
	xmlXPathContextPtr context;

	(void)state;
	sample_pass(&sample);
	memcpy(opts.percentile, many, sizeof(many));
	opts.nr_percentiles = 4;
	opts.unit = UNITS_US;
	opts.slowest = 2;
	opts.deterministic = true;
	context = page();
	assert_sound(context);
	assert_same_numbers(context);
	assert_has(context, "//*[@class='stages']//h:thead", "p1p25p50p99.99max");
	assert_has(context, "//*[@data-key='stages/total/max_ns']", "10012us");
	assert_number(context, "count(//*[@id='slowest']//h:tbody/h:tr)", 2);
	assert_number(context, "count(//*[contains(., '7.3.4') or contains(., '2025')])", 0);
	opts.slowest = 0;
	forget(context);
	context = page();
	assert_sound(context);
	forget(context);
}

static void any_report_is_well_formed(void **state)
{
	uint64_t random = 0x9e3779b97f4a7c15;
	unsigned int i;

	(void)state;
	for (i = 0; i < 300; i++) {
		xmlXPathContextPtr context;

		sample_wild(&sample, &random);
		sample_any_findings(&findings, &sample.report, &random);
		opts.unit = (enum units_time)(sample_random(&random) % 5);
		opts.verbose = sample_random(&random) % 2;
		opts.slowest = sample_random(&random) % 20;
		context = page();
		assert_sound(context);
		assert_same_numbers(context);
		forget(context);
	}
}

static void a_browser_reads_it(void **state)
{
	char dir[] = "/tmp/iopftrace-html-XXXXXX", command[128];

	(void)state;
	assert_non_null(mkdtemp(dir));
	sample_pass(&sample);
	findings_begin(&findings, &sample.report);
	put_files(dir, "pass");
	make_hostile();
	put_files(dir, "hostile");
	sample_lossy(&sample);
	put_files(dir, "lossy");
	snprintf(command, sizeof(command), "tests/unit/html_browser.py %s", dir);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_pass_has_everything, begin),
		cmocka_unit_test_setup(plots_count_every_group, begin),
		cmocka_unit_test_setup(a_violation_is_a_story, begin),
		cmocka_unit_test_setup(suspicions_only_seem, begin),
		cmocka_unit_test_setup(long_lists_are_cut, begin),
		cmocka_unit_test_setup(doubts_say_why, begin),
		cmocka_unit_test_setup(assertions_that_fail_are_no_pass, begin),
		cmocka_unit_test_setup(nothing_seen_asks_questions, begin),
		cmocka_unit_test_setup(open_assertions_do_not_fail, begin),
		cmocka_unit_test_setup(loss_may_be_a_failure, begin),
		cmocka_unit_test_setup(a_recording_that_breaks_off, begin),
		cmocka_unit_test_setup(the_command_has_its_status, begin),
		cmocka_unit_test_setup(groups_have_both_numbers, begin),
		cmocka_unit_test_setup(hostile_names_stay_text, begin),
		cmocka_unit_test_setup(options_are_kept, begin),
		cmocka_unit_test_setup(any_report_is_well_formed, begin),
		cmocka_unit_test_setup(a_browser_reads_it, begin),
	};

	return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
