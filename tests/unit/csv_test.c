// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* CSV of reports and of events, read back by a parser that takes nothing but RFC 4180. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "golden.h"
#include "output/csv_writer.h"
#include "output/event_line.h"
#include "output/output.h"
#include "format.h"
#include "sample_events.h"
#include "sample_findings.h"

#define FIELDS_MAX 64
#define ROWS_MAX 512

static struct sample sample;
static struct sample_findings findings;

/* A table, as it was read: fields are those of the text, unquoted in their place. */
struct table {
	size_t rows, columns;
	char *field[ROWS_MAX][FIELDS_MAX];
};

static struct table table;

/* Takes a field in quotes; gives what follows it, or NULL. */
static char *parse_quoted(char *s)
{
	char *to = s;

	for (s++; *s; s++) {
		if (*s == '"' && *++s != '"') {
			*to = '\0';
			return s;
		}
		*to++ = *s;
	}
	return NULL;
}

/* Takes a field without quotes; gives what follows it, or NULL. */
static char *parse_plain(char *s)
{
	for (; *s && *s != ',' && *s != '\r'; s++)
		if ((unsigned char)*s < 0x20 || *s == '"' || *s == 0x7f)
			return NULL;
	return s;
}

/* Takes a row; gives the row after it, or NULL when it is none. */
static char *parse_row(char *s, size_t *columns, char **fields)
{
	for (*columns = 0; *columns < FIELDS_MAX;) {
		char *end = *s == '"' ? parse_quoted(s) : parse_plain(s);
		char mark;

		if (!end)
			return NULL;
		fields[(*columns)++] = s;
		mark = *end;
		if (mark == '\r' && end[1] == '\n') {
			*end = '\0';
			return end + 2;
		}
		if (mark != ',')
			return NULL;
		*end = '\0';
		s = end + 1;
	}
	return NULL;
}

/* Takes a whole table; false when it is none. */
static bool parse(char *text)
{
	size_t columns;

	for (table.rows = 0; *text; table.rows++) {
		if (table.rows == ROWS_MAX)
			return false;
		text = parse_row(text, &columns, table.field[table.rows]);
		if (!text || (table.rows && columns != table.columns))
			return false;
		table.columns = columns;
	}
	return table.rows > 0;
}

static void the_parser_forgives_nothing(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} docs[] = {
		{ "a,b\r\n1,\r\n", true },
		{ "\"a\"\"b,\r\n\",c\r\n", true },
		{ "", false },
		{ "a", false },
		{ "a\n", false },
		{ "a\r", false },
		{ "a,b\r\n1\r\n", false },
		{ "a\"b\r\n", false },
		{ "\"a\r\n", false },
		{ "\"a\"b\r\n", false },
		{ "a\tb\r\n", false },
		{ "a\033b\r\n", false },
		{ "a\r\n\"b\"\"\r\n", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(docs) / sizeof(docs[0]); i++) {
		char *copy = strdup(docs[i].text);

		if (parse(copy) != docs[i].good)
			fail_msg("wrong about: %s", docs[i].text);
		free(copy);
	}
}

/* What the format writes; to be freed. */
static char *show(const struct output_opts *opts)
{
	return format_show(output_csv, &sample.report, opts);
}

/* The value of a metric, which is there once. */
static const char *value_of(const char *metric)
{
	const char *value = NULL;
	size_t i;

	for (i = 1; i < table.rows; i++)
		if (strcmp(table.field[i][0], metric) == 0) {
			assert_null(value);
			value = table.field[i][table.columns - 1];
		}
	if (!value)
		fail_msg("no %s", metric);
	return value;
}

static void a_report_is_golden(void **state)
{
	struct output_opts opts;
	char *text;

	(void)state;
	output_opts_init(&opts);
	opts.percentile[1] = 99.99;
	opts.nr_percentiles = 2;
	sample_lossy(&sample);
	sample_few_stages(&sample);
	findings_begin(&findings, &sample.report);
	add_not_checked(&findings, "IOPF002", false, "because");
	text = show(&opts);
	golden_check("csv_few.csv", text);
	assert_true(parse(text));
	assert_string_equal(value_of("wait.negative"), "2");
	assert_string_equal(value_of("lost.ring_full"), "1234");
	assert_string_equal(value_of("IOPF002"), "");
	assert_string_equal(value_of("IOPF003"), "0");
	free(text);
}

/* What is not known is not 0. */
static void nothing_seen_is_no_time(void **state)
{
	struct output_opts opts;
	char *text;

	(void)state;
	output_opts_init(&opts);
	sample_empty(&sample);
	text = show(&opts);
	assert_true(parse(text));
	assert_string_equal(value_of("total.count"), "0");
	assert_string_equal(value_of("total.min"), "");
	assert_string_equal(value_of("total.mean"), "");
	assert_string_equal(value_of("total.max"), "");
	assert_string_equal(value_of("total.p99.9"), "");
	assert_string_equal(value_of("groups"), "0");
	assert_string_equal(value_of("findings"), "");
	assert_string_equal(value_of("IOPF001"), "");
	free(text);
}

static void any_report_is_a_table(void **state)
{
	uint64_t random = 0x9e3779b97f4a7c15;
	struct output_opts opts;
	unsigned int i;

	(void)state;
	output_opts_init(&opts);
	for (i = 0; i < 200; i++) {
		char *text, number[32];

		sample_wild(&sample, &random);
		sample_any_findings(&findings, &sample.report, &random);
		text = show(&opts);
		assert_true(parse(text));
		assert_int_equal(table.columns, 5);
		snprintf(number, sizeof(number), "%llu",
			 (unsigned long long)sample.report.groups.reported);
		assert_string_equal(value_of("groups.reported"), number);
		free(text);
	}
}

/* What a text is as the only field of a table, written by @put. */
static void expect_field(void (*put)(struct csv *c, const char *text), const char *text,
			 const char *written)
{
	char *out = NULL;
	size_t size;
	FILE *f = open_memstream(&out, &size);
	struct csv c = { .out = f };

	put(&c, text);
	csv_end(&c);
	fclose(f);
	out[size - 2] = '\0'; /* the line break */
	assert_string_equal(out, written);
	free(out);
}

static void expect_text(const char *text, const char *written)
{
	expect_field(csv_text, text, written);
}

static void names_are_quoted(void **state)
{
	(void)state;
	expect_text(NULL, "");
	expect_text("", "");
	expect_text("vcpu 3", "vcpu 3");
	expect_text("a,b", "\"a,b\"");
	expect_text("a\"b", "\"a\"\"b\"");
	expect_text("\"", "\"\"\"\"");
	expect_text("a\nb", "\"a\nb\"");
	expect_text("a\r\nb", "\"a\r\nb\"");
	expect_text(" a", "\" a\"");
	expect_text("a ", "\"a \"");
	expect_text("\xc3\xa9", "\xc3\xa9");
	expect_text("a\033[m\t\x7f", "a\xef\xbf\xbd[m\xef\xbf\xbd\xef\xbf\xbd");
	expect_text("\xff\xc2\x85\xc3", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

/* What a spreadsheet would run gets a ' in front, and what looks like that already another. */
static void names_of_others_are_not_run(void **state)
{
	static const struct {
		const char *name, *written;
	} names[] = {
		{ "vcpu-3", "vcpu-3" },
		{ "0000:3b:00.0", "0000:3b:00.0" },
		{ "=1+1", "'=1+1" },
		{ "+1", "'+1" },
		{ "-1", "'-1" },
		{ "@SUM(A1)", "'@SUM(A1)" },
		{ " =1", "\"' =1\"" },
		{ "\r=1", "\"'\r=1\"" },
		{ "'=1", "''=1" },
		{ "'a", "'a" },
		{ "a;=1", "\"a;'=1\"" },
		{ ";;-", "\";;'-\"" },
		{ "\xef\xbc\x9d", "'\xef\xbc\x9d" }, /* = in full width */
		{ "a=1", "a=1" },
		{ "\t=1", "\xef\xbf\xbd=1" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		expect_field(csv_foreign, names[i].name, names[i].written);
}

/* Shows a record on the stream @arg. */
static void put_event(const struct iopf_rec *rec, void *arg)
{
	const struct event_names names = { .comm = sample_comm, .device = sample_device };

	assert_int_equal(event_csv(arg, rec, &names), 0);
}

static void events_are_golden(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	event_csv_heads(f);
	sample_events(put_event, f);
	fclose(f);
	golden_check("events.csv", text);
	assert_true(parse(text));
	/* a row for each event, and one for each further thing that it lists */
	assert_int_equal(table.rows, 1 + 5 + 11 + 11 + 6 + 1 + 1 + 15);
	free(text);
}

/* Records of any bytes, with names of any bytes. */
static uint64_t name_state = 42;

static const char *any_comm(void *arg, uint32_t tid)
{
	(void)arg;
	(void)tid;
	return sample_name(&name_state, 15);
}

static const char *any_device(void *arg, uint64_t dev)
{
	(void)arg;
	(void)dev;
	return sample_name(&name_state, 31);
}

static void any_record_is_rows(void **state)
{
	const struct event_names names = { .comm = any_comm, .device = any_device };
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
		event_csv_heads(f);
		assert_int_equal(event_csv(f, &rec.h, &names), 0);
		fclose(f);
		if (!parse(text))
			fail_msg("no table");
		assert_true(table.rows >= 2 && table.rows <= 1 + IOPF_FAULTS_PER_REC);
		free(text);
	}
}

static void what_was_not_written_is_an_error(void **state)
{
	const struct iopf_rec rec = { .type = IOPF_REC_EXIT, .size = sizeof(rec) };
	const struct event_names names = { 0 };
	struct output_opts opts;
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	output_opts_init(&opts);
	sample_pass(&sample);
	assert_non_null(full);
	assert_int_equal(output_csv(&sample.report, &opts, full), -ENOSPC);
	assert_int_equal(event_csv(full, &rec, &names), -EIO);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parser_forgives_nothing),
		cmocka_unit_test(a_report_is_golden),
		cmocka_unit_test(nothing_seen_is_no_time),
		cmocka_unit_test(any_report_is_a_table),
		cmocka_unit_test(names_are_quoted),
		cmocka_unit_test(names_of_others_are_not_run),
		cmocka_unit_test(events_are_golden),
		cmocka_unit_test(any_record_is_rows),
		cmocka_unit_test(what_was_not_written_is_an_error),
	};

	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
