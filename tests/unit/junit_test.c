// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What CI systems read: the report as JUnit XML, read back and held against a strict DTD. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libxml/parser.h>
#include <libxml/valid.h>
#include <libxml/xpath.h>

#include "format.h"
#include "golden.h"
#include "output/output.h"
#include "sample_findings.h"

static struct sample sample;
static struct sample_findings findings;

/* The subset of JUnit XML that Jenkins, GitLab and GitHub agree on. */
static const char dtd_text[] =
	"<!ELEMENT testsuites (testsuite+)>"
	"<!ATTLIST testsuites name CDATA #REQUIRED tests CDATA #REQUIRED failures CDATA #REQUIRED"
	" errors CDATA #REQUIRED skipped CDATA #REQUIRED time CDATA #REQUIRED>"
	"<!ELEMENT testsuite (properties, testcase+)>"
	"<!ATTLIST testsuite name CDATA #REQUIRED tests CDATA #REQUIRED failures CDATA #REQUIRED"
	" errors CDATA #REQUIRED skipped CDATA #REQUIRED time CDATA #REQUIRED"
	" timestamp CDATA #IMPLIED>"
	"<!ELEMENT properties (property+)>"
	"<!ELEMENT property EMPTY>"
	"<!ATTLIST property name CDATA #REQUIRED value CDATA #REQUIRED>"
	"<!ELEMENT testcase ((failure | error | skipped)?, system-out?)>"
	"<!ATTLIST testcase classname CDATA #REQUIRED name CDATA #REQUIRED time CDATA #REQUIRED>"
	"<!ELEMENT failure (#PCDATA)>"
	"<!ATTLIST failure message CDATA #REQUIRED type CDATA #REQUIRED>"
	"<!ELEMENT error (#PCDATA)>"
	"<!ATTLIST error message CDATA #REQUIRED type CDATA #REQUIRED>"
	"<!ELEMENT skipped (#PCDATA)>"
	"<!ATTLIST skipped message CDATA #REQUIRED type CDATA #REQUIRED>"
	"<!ELEMENT system-out (#PCDATA)>";

/* What the format writes; to be freed. */
static char *show(const struct output_opts *opts)
{
	return format_show(output_junit, &sample.report, opts);
}

/* Whether a document is what the DTD wants; says why not. */
static bool is_valid(xmlDocPtr doc)
{
	xmlParserInputBufferPtr in = xmlParserInputBufferCreateMem(dtd_text, (int)strlen(dtd_text),
								   XML_CHAR_ENCODING_UTF8);
	xmlDtdPtr dtd = xmlIOParseDTD(NULL, in, XML_CHAR_ENCODING_UTF8);
	xmlValidCtxtPtr context = xmlNewValidCtxt();
	bool valid;

	assert_non_null(dtd);
	assert_non_null(context);
	valid = xmlValidateDtd(context, doc, dtd) == 1;
	xmlFreeValidCtxt(context);
	xmlFreeDtd(dtd);
	return valid;
}

/* What an XPath expression gives, as a number or a string. */
static xmlXPathObjectPtr eval(xmlDocPtr doc, const char *path)
{
	xmlXPathContextPtr context = xmlXPathNewContext(doc);
	xmlXPathObjectPtr result = xmlXPathEvalExpression(BAD_CAST path, context);

	xmlXPathFreeContext(context);
	if (!result)
		fail_msg("no XPath: %s", path);
	return result;
}

static void assert_number(xmlDocPtr doc, const char *path, unsigned int expected)
{
	xmlXPathObjectPtr o = eval(doc, path);
	double number = xmlXPathCastToNumber(o);

	xmlXPathFreeObject(o);
	if (number < expected || number > expected)
		fail_msg("%s is %f, not %u", path, number, expected);
}

static void assert_has(xmlDocPtr doc, const char *path, const char *expected)
{
	xmlXPathObjectPtr o = eval(doc, path);
	xmlChar *text = xmlXPathCastToString(o);

	if (!strstr((const char *)text, expected))
		fail_msg("%s is '%s', without '%s'", path, text, expected);
	xmlFree(text);
	xmlXPathFreeObject(o);
}

/* The report as read back, strictly; the counts in it are those of what is in it. */
static xmlDocPtr report(const struct output_opts *opts)
{
	char *text = show(opts);
	xmlDocPtr doc = xmlReadMemory(text, (int)strlen(text), "report.xml", NULL,
				      XML_PARSE_NONET | XML_PARSE_NOWARNING);

	if (!doc)
		fail_msg("no XML: %s", text);
	if (!is_valid(doc))
		fail_msg("not as wanted: %s", text);
	free(text);
	assert_number(doc, "//testsuite/@tests - count(//testcase)", 0);
	assert_number(doc, "//testsuite/@failures - count(//failure)", 0);
	assert_number(doc, "//testsuite/@errors - count(//error)", 0);
	assert_number(doc, "//testsuite/@skipped - count(//skipped)", 0);
	return doc;
}

static void a_pass_is_green(void **state)
{
	struct output_opts opts;
	xmlDocPtr doc;

	(void)state;
	output_opts_init(&opts);
	sample_pass(&sample);
	findings_begin(&findings, &sample.report);
	doc = report(&opts);
	assert_number(doc, "count(//testcase)", 1 + IOPF_RULES);
	assert_number(doc, "count(//failure) + count(//error) + count(//skipped)", 0);
	assert_has(doc, "//testcase[1]/@classname", "iopftrace.run");
	assert_has(doc, "//testcase[2]/@name", "IOPF001 unanswered");
	assert_has(doc, "//testsuite/@timestamp", "2025-10-09T08:53:20");
	assert_has(doc, "//property[@name='kernel']/@value", "7.3.4");
	xmlFreeDoc(doc);
	opts.deterministic = true;
	doc = report(&opts);
	assert_number(doc, "count(//@timestamp) + count(//property[@name='kernel'])", 0);
	xmlFreeDoc(doc);
}

static void broken_rules_fail_with_their_story(void **state)
{
	struct output_opts opts;
	xmlDocPtr doc;
	char *text;

	(void)state;
	output_opts_init(&opts);
	opts.color = true; /* of a terminal that is not there */
	sample_violation(&sample, &findings);
	doc = report(&opts);
	assert_number(doc, "count(//failure)", 2);
	assert_has(doc, "//testcase[starts-with(@name, 'IOPF003')]/failure", ">>  14.018 ..");
	assert_has(doc, "//testcase[starts-with(@name, 'IOPF003')]/failure/@message",
		   "3 times, blame user space: cookie 12 was written while no group had it");
	assert_has(doc, "//testcase[starts-with(@name, 'IOPF018')]/skipped/@message",
		   "probe iopf_queue_remove_device is not attached");
	assert_has(doc, "//testcase[starts-with(@name, 'IOPF020')]/system-out",
		   "checked in part only: no deadline for partial requests");
	assert_has(doc, "//testcase[starts-with(@name, 'IOPF005')]/system-out", "WARNING");
	assert_has(doc, "//testcase[starts-with(@name, 'IOPF029')]/system-out", "NOTE");
	assert_number(doc, "count(//testcase[@classname='iopftrace.assertions'])", 2);
	xmlFreeDoc(doc);
	opts.deterministic = true;
	text = show(&opts);
	golden_check("junit_violation.xml", text);
	free(text);
}

static void inconclusive_is_never_green(void **state)
{
	struct output_opts opts;
	unsigned int doubt;
	xmlDocPtr doc;

	(void)state;
	output_opts_init(&opts);
	for (doubt = 0; doubt < IOPF_DOUBTS; doubt++) {
		sample_lossy(&sample);
		findings_begin(&findings, &sample.report);
		memset(sample.report.doubt, 0, sizeof(sample.report.doubt));
		sample.report.doubt[doubt] = true;
		sample.report.undecided = 1U << IOPF_UNDECIDED_INSIDE;
		sample.report.unfollowed = 3;
		doc = report(&opts);
		assert_number(doc, "count(//testcase[@name='conclusive']/error)", 1);
		assert_number(doc, "string-length(//error/@message) > 8", 1);
		assert_number(doc, "string-length(//error) > 20", 1);
		xmlFreeDoc(doc);
	}
	memset(sample.report.doubt, 0, sizeof(sample.report.doubt));
	doc = report(&opts);
	assert_has(doc, "//error/@message", "the reason was not recorded");
	xmlFreeDoc(doc);
}

static void what_was_not_judged_did_not_pass(void **state)
{
	struct output_opts opts;
	xmlDocPtr doc;

	(void)state;
	output_opts_init(&opts);
	sample_pass(&sample);
	doc = report(&opts);
	assert_number(doc, "count(//skipped)", IOPF_RULES);
	assert_has(doc, "//skipped/@message", "the rules were not judged");
	xmlFreeDoc(doc);
	findings_begin(&findings, &sample.report);
	add_finding(&findings, "IOPF003", IOPF_SEVERITY_ERROR, 1)->unproven = true;
	doc = report(&opts);
	assert_number(doc, "count(//failure)", 0);
	assert_has(doc, "//testcase[starts-with(@name, 'IOPF003')]/skipped/@message",
		   "suspected, not proven: what was not seen may refute it; once");
	xmlFreeDoc(doc);
	/* A proven one of the same rule outweighs it, wherever it stands. */
	add_finding(&findings, "IOPF003", IOPF_SEVERITY_ERROR, 2);
	doc = report(&opts);
	assert_has(doc, "//testcase[starts-with(@name, 'IOPF003')]/failure/@message", "2 times");
	xmlFreeDoc(doc);
}

static void assertions_pass_fail_or_are_open(void **state)
{
	struct output_opts opts;
	xmlDocPtr doc;

	(void)state;
	output_opts_init(&opts);
	sample_pass(&sample);
	findings_begin(&findings, &sample.report);
	add_assertion(&findings, "total.p99 < 5ms", true, true, 494000);
	add_assertion(&findings, "total.p99 < 5us", true, false, 494000);
	add_assertion(&findings, "ack.max<1s", true, false, 0)->known = false;
	add_assertion(&findings, "total.p99 < 5ms", true, true, 494000);
	add_assertion(&findings, "groups>=600", false, false, 500)->open = true;
	doc = report(&opts);
	assert_number(doc, "count(//testcase[@name='groups>=600']/skipped)", 1);
	assert_number(doc, "count(//testcase[@name='total.p99 < 5ms']/*)", 0);
	assert_has(doc, "//testcase[@name='total.p99 < 5us']/failure/@message",
		   "does not hold: it is 494us");
	assert_number(doc, "count(//testcase[@name='ack.max<1s']/error)", 1);
	assert_number(doc, "count(//testcase[@name='total.p99 < 5ms (2)'])", 1);
	xmlFreeDoc(doc);
}

/* The command is a test when there is one, also while it runs. */
static void commands_are_tests(void **state)
{
	struct output_opts opts;
	xmlDocPtr doc;

	(void)state;
	output_opts_init(&opts);
	sample_pass(&sample);
	sample.report.has_child = true;
	sample.report.child_status = 7;
	sample.report.exit_because = IOPF_BECAUSE_COMMAND;
	doc = report(&opts);
	assert_has(doc, "//property[@name='exit_because']/@value", "command");
	assert_has(doc, "//testcase[@name='command']/failure/@message", "exited with 7");
	xmlFreeDoc(doc);
	sample.report.child_status = 137;
	doc = report(&opts);
	assert_has(doc, "//testcase[@name='command']/failure/@message", "was killed by SIGKILL");
	xmlFreeDoc(doc);
	/* With --verdict-only it fails nothing, and is told. */
	sample.report.exit_because = IOPF_BECAUSE_PASS;
	doc = report(&opts);
	assert_number(doc, "count(//failure)", 0);
	assert_has(doc, "//testcase[@name='command']/skipped/@message", "was killed by SIGKILL");
	xmlFreeDoc(doc);
	sample.report.child_status = 0;
	doc = report(&opts);
	assert_number(doc, "count(//testcase[@name='command']/*)", 0);
	assert_number(doc, "count(//testcase[@name='command'])", 1);
	xmlFreeDoc(doc);
	sample.report.has_child = false;
	opts.command = true;
	doc = report(&opts);
	assert_has(doc, "//testcase[@name='command']/skipped/@message", "it still ran");
	xmlFreeDoc(doc);
}

static void names_are_any_bytes(void **state)
{
	static const char *const names[] = {
		"\x01\x1f\x7f", "\xff\xc3", "\xef\xbf\xbe\xef\xbf\xbf",
		"]]>",		"<&\"'>",   "\xed\xa0\x80",
	};
	struct output_opts opts;
	size_t i;

	(void)state;
	output_opts_init(&opts);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		sample_violation(&sample, &findings);
		sample.report.kernel = names[i];
		findings.cases[0].text = names[i];
		findings.step[0].comm = names[i];
		add_assertion(&findings, names[i], false, false, 1);
		xmlFreeDoc(report(&opts));
	}
}

static void any_report_is_xml(void **state)
{
	uint64_t random = 0x9e3779b97f4a7c15;
	struct output_opts opts;
	unsigned int i;

	(void)state;
	output_opts_init(&opts);
	for (i = 0; i < 300; i++) {
		sample_wild(&sample, &random);
		sample_any_findings(&findings, &sample.report, &random);
		xmlFreeDoc(report(&opts));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pass_is_green),
		cmocka_unit_test(broken_rules_fail_with_their_story),
		cmocka_unit_test(inconclusive_is_never_green),
		cmocka_unit_test(what_was_not_judged_did_not_pass),
		cmocka_unit_test(assertions_pass_fail_or_are_open),
		cmocka_unit_test(commands_are_tests),
		cmocka_unit_test(names_are_any_bytes),
		cmocka_unit_test(any_report_is_xml),
	};
	int failed = cmocka_run_group_tests_name("junit", tests, NULL, NULL);

	xmlCleanupParser();
	return failed;
}
