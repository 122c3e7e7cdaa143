// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The report as JUnit XML: the subset of elements that CI systems agree on. Made in memory, since
 * libxml2 would complain on standard error about a file that cannot be written.
 *
 * GitLab shows classname as the suite, and takes tests of equal names for one.
 */
#include <errno.h>
#include <inttypes.h>
#include <libxml/xmlwriter.h>
#include <time.h>

#include "output.h"
#include "tests.h"

/* The writer keeps what went wrong: it is looked at once, at the end. */
struct junit {
	xmlTextWriterPtr w;
	const struct iopf_report *r;
	const struct output_opts *opts;
	unsigned int count[TEST_RESULTS];
	bool failed;
};

static void check(struct junit *j, int ret)
{
	j->failed |= ret < 0;
}

static void begin(struct junit *j, const char *element)
{
	check(j, xmlTextWriterStartElement(j->w, BAD_CAST element));
}

static void end(struct junit *j)
{
	check(j, xmlTextWriterEndElement(j->w));
}

/* @value has been made printable: controls and what is not UTF-8 are no XML. */
static void attribute(struct junit *j, const char *name, const char *value)
{
	check(j, xmlTextWriterWriteAttribute(j->w, BAD_CAST name, BAD_CAST value));
}

static void attribute_number(struct junit *j, const char *name, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	attribute(j, name, text);
}

/* Seconds, with a dot whatever the locale. */
static void attribute_seconds(struct junit *j, const char *name, uint64_t ns)
{
	char text[48];

	snprintf(text, sizeof(text), "%" PRIu64 ".%06" PRIu64, ns / 1000000000,
		 ns / 1000 % 1000000);
	attribute(j, name, text);
}

/* Content: lines, each where it would stand on a screen. */
static void put_lines(struct junit *j, const char *s)
{
	if (!*s)
		return;
	check(j, xmlTextWriterWriteString(j->w, BAD_CAST "\n"));
	check(j, xmlTextWriterWriteString(j->w, BAD_CAST s));
}

/* An element that says why; the story is its content. */
static void put_outcome(struct junit *j, const char *element, const struct test *test,
			const char *story)
{
	begin(j, element);
	attribute(j, "message", test->why.s);
	attribute(j, "type", test->type);
	put_lines(j, story);
	end(j);
}

/* What is to be read beside a test that did not fail. */
static void put_beside(struct junit *j, const char *story)
{
	if (!*story)
		return;
	begin(j, "system-out");
	put_lines(j, story);
	end(j);
}

static int put_test(void *arg, const struct test *test, const char *story)
{
	struct junit *j = arg;
	char class[64];

	snprintf(class, sizeof(class), "iopftrace.%s", test->suite);
	begin(j, "testcase");
	attribute(j, "classname", class);
	attribute(j, "name", test->name);
	attribute(j, "time", "0");
	if (test->result == TEST_FAILED)
		put_outcome(j, "failure", test, story);
	else if (test->result == TEST_ERROR)
		put_outcome(j, "error", test, story);
	else if (test->result == TEST_SKIPPED)
		put_outcome(j, "skipped", test, "");
	if (test->result == TEST_SKIPPED || test->result == TEST_PASSED)
		put_beside(j, story);
	end(j);
	return 0;
}

static int count_test(void *arg, const struct test *test, const char *story)
{
	struct junit *j = arg;

	(void)story;
	j->count[test->result]++;
	return 0;
}

static void put_property(struct junit *j, const char *name, const char *value)
{
	struct sentence s = { "", 0 };

	sentence_add_text(&s, value);
	begin(j, "property");
	attribute(j, "name", name);
	attribute(j, "value", s.s);
	end(j);
}

static void put_properties(struct junit *j)
{
	char code[16];

	snprintf(code, sizeof(code), "%d", j->r->exit_code);
	begin(j, "properties");
	put_property(j, "verdict", iopf_verdict_name(j->r->verdict));
	put_property(j, "exit_code", code);
	if (iopf_because_name(j->r->exit_because))
		put_property(j, "exit_because", iopf_because_name(j->r->exit_because));
	if (!j->opts->deterministic && j->r->kernel)
		put_property(j, "kernel", j->r->kernel);
	if (!j->opts->deterministic && j->r->version)
		put_property(j, "iopftrace", j->r->version);
	end(j);
}

/* How many tests of each kind. */
static void put_counts(struct junit *j)
{
	attribute_number(j, "tests", tests_number(j->r, j->opts));
	attribute_number(j, "failures", j->count[TEST_FAILED]);
	attribute_number(j, "errors", j->count[TEST_ERROR]);
	attribute_number(j, "skipped", j->count[TEST_SKIPPED]);
	attribute_seconds(j, "time", j->r->duration_ns);
}

/* When it was, in UTC. */
static void put_timestamp(struct junit *j)
{
	time_t when = (time_t)(j->r->start_realtime_ns / 1000000000);
	char stamp[32];
	struct tm tm;

	if (!when || j->opts->deterministic || !gmtime_r(&when, &tm))
		return;
	if (strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm))
		attribute(j, "timestamp", stamp);
}

static int put_suites(struct junit *j)
{
	int err = tests_each(j->r, j->opts, count_test, j);

	if (err)
		return err;
	check(j, xmlTextWriterSetIndent(j->w, 1));
	check(j, xmlTextWriterStartDocument(j->w, NULL, "UTF-8", NULL));
	begin(j, "testsuites");
	attribute(j, "name", "iopftrace");
	put_counts(j);
	begin(j, "testsuite");
	attribute(j, "name", "iopftrace");
	put_counts(j);
	put_timestamp(j);
	put_properties(j);
	err = tests_each(j->r, j->opts, put_test, j);
	end(j);
	end(j);
	check(j, xmlTextWriterEndDocument(j->w));
	check(j, xmlTextWriterFlush(j->w));
	return err ? err : j->failed ? -ENOMEM : 0;
}

/* Writes what was made. Returns 0 or a negative errno. */
static int put_buffer(xmlBufferPtr buffer, FILE *out)
{
	size_t len = (size_t)xmlBufferLength(buffer);

	errno = 0;
	if (fwrite(xmlBufferContent(buffer), 1, len, out) < len)
		return errno ? -errno : -EIO;
	return output_flush(out);
}

int output_junit(const struct iopf_report *report, const struct output_opts *opts, FILE *out)
{
	struct junit j = { .r = report, .opts = opts };
	xmlBufferPtr buffer = xmlBufferCreate();
	int err = -ENOMEM;

	if (buffer)
		j.w = xmlNewTextWriterMemory(buffer, 0);
	if (j.w) {
		err = put_suites(&j);
		xmlFreeTextWriter(j.w);
	}
	if (!err)
		err = put_buffer(buffer, out);
	if (buffer)
		xmlBufferFree(buffer);
	return err;
}
