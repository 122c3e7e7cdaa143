// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * All JSON that is written, against the schemas of docs/schema: schema_check.py has a validator judge
 * what is made here. It fails, too, when a name is written that a schema does not describe.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "cmd/options.h"
#include "cmd/snapshot.h"
#include "cmd/verbs.h"
#include "output/event_line.h"
#include "output/journeys.h"
#include "output/output.h"
#include "record_kinds.h"
#include "sample_events.h"
#include "sample_findings.h"
#include "steady.h"
#include "trace/writer.h"

#define RANDOM_REPORTS 20
#define RANDOM_RECORDS 400

static char dir[] = "/tmp/iopftrace-schema-XXXXXX";
static struct sample sample;
static struct sample_findings findings;
static uint64_t rng = 88172645463325252;

/* A new file for values of a kind. */
static FILE *new_file(const char *kind)
{
	static unsigned int number;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s-%u.json", dir, kind, number++);
	f = fopen(path, "w");
	assert_non_null(f);
	return f;
}

static void put_report(bool deterministic)
{
	struct output_opts opts;
	FILE *f = new_file("report");

	output_opts_init(&opts);
	opts.deterministic = deterministic;
	assert_int_equal(output_json(&sample.report, &opts, f), 0);
	assert_int_equal(fclose(f), 0);
}

/* Reports that are short enough to be broken in every way, with all that may be in one. */
static void put_short_reports(void)
{
	sample_empty(&sample);
	put_report(false);
	sample_violation(&sample, &findings);
	sample_few_stages(&sample);
	sample.report.has_child = true;
	sample.report.overhead.probe_runs = 7;
	sample.report.overhead.probe_ns = 900;
	sample.report.lost.gaps = 1;
	sample.report.lost.first_gap_ns = sample.report.end_ns;
	sample.report.nr_findings = 1;
	findings.finding[0].nr_cases = 1;
	sample.report.nr_slowest = 1;
	sample.waiting[0] = sample_waiting(77, sample.report.end_ns - 2400000000, true);
	sample.report.nr_waiting = 1;
	put_report(false);
	put_report(true);
}

static void put_reports(void)
{
	unsigned int i;

	put_short_reports();
	sample_pass(&sample);
	put_report(false);
	sample_lossy(&sample);
	put_report(false);
	for (i = 0; i < RANDOM_REPORTS; i++) {
		sample_wild(&sample, &rng);
		sample_any_findings(&findings, &sample.report, &rng);
		put_report(i % 2);
	}
}

static void put_event(const struct iopf_rec *rec, void *arg)
{
	const struct event_names names = { .comm = sample_comm, .device = sample_device };

	assert_int_equal(event_json(arg, rec, &names), 0);
}

/* Records of each type: those that make sense, then empty ones, then of any bytes and any size. */
static void put_events(void)
{
	static const struct {
		uint16_t type, size;
	} kinds[] = { RECORD_KINDS };
	union {
		struct iopf_rec h;
		uint64_t word[128];
	} rec;
	FILE *f = new_file("event");
	unsigned int i, j;

	sample_events(put_event, f);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		memset(&rec, 0, sizeof(rec));
		rec.h.type = kinds[i].type;
		rec.h.size = kinds[i].size;
		put_event(&rec.h, f);
	}
	for (i = 0; i < RANDOM_RECORDS; i++) {
		for (j = 0; j < 128; j++)
			rec.word[j] = sample_any(&rng);
		rec.h.type = (uint16_t)(i % (IOPF_REC_TYPES + 1));
		rec.h.size = (uint16_t)(i % 4 ? 700 : sample_random(&rng) % sizeof(rec));
		put_event(&rec.h, f);
	}
	assert_int_equal(fclose(f), 0);
}

static void put_violations(void)
{
	unsigned int i;

	for (i = 0; i < RANDOM_REPORTS; i++) {
		const struct iopf_case *c = &findings.cases[0];
		const struct iopf_finding *finding = &findings.finding[0];
		FILE *f;

		if (i == 0) {
			sample_violation(&sample, &findings);
		} else {
			sample_wild(&sample, &rng);
			sample_any_findings(&findings, &sample.report, &rng);
		}
		if (!findings.nr_cases || !sample.report.nr_findings)
			continue;
		f = new_file("violation");
		assert_int_equal(snapshot_write(f, finding->rule, finding->severity, c), 0);
		assert_int_equal(fclose(f), 0);
	}
}

static void put_lists(void)
{
	static const char *const lists[] = { "rules", "metrics", "stages", "probes" };
	unsigned int i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		char path[128];
		struct options options = {
			.operand = { lists[i] },
			.nr_operands = 1,
			.format = output_format_find("json"),
			.output = path,
		};

		snprintf(path, sizeof(path), "%s/list-%s.json", dir, lists[i]);
		assert_int_equal(cmd_list(&options), 0);
	}
}

/* A recording of a steady load, of so many events. */
static void record(const char *path, uint64_t seed, unsigned int events)
{
	struct trace_info info = { .version = "1", .kernel = "6.12", .machine = "x86_64" };
	struct iopf_run run = { .start_ns = 86400000000000ULL };
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666);
	struct trace_writer *writer;
	struct steady steady;
	union steady_rec rec;

	info.start_ns = run.start_ns;
	assert_true(fd >= 0);
	assert_int_equal(trace_writer_open(&writer, fd, &info), 0);
	steady_begin(&steady, seed);
	for (unsigned int i = 0; i < events; i++)
		assert_int_equal(trace_writer_add(writer, steady_next(&steady, &rec)), 0);
	run.end_ns = steady.now_ns;
	assert_int_equal(trace_writer_finish(writer, &run), 0);
	trace_writer_free(writer);
	close(fd);
}

/* Runs a verb; its words are those of @line. */
static void run_verb(int (*verb)(const struct options *options), const char *line)
{
	static char words[1024];
	struct options options;
	struct options_error error;
	char *argv[40] = { (char *)"iopftrace" }, *rest = words, *word;
	int argc = 1;

	snprintf(words, sizeof(words), "%s", line);
	while ((word = strsep(&rest, " ")) && argc < 39)
		argv[argc++] = word;
	argv[argc] = NULL;
	if (options_parse(&options, argc, argv, &error))
		fail_msg("%s", error.text);
	assert_true(verb(&options) != 3);
}

/* Reports whose figures are divided, and comparisons. */
static void put_divided(void)
{
	int here = open(".", O_RDONLY | O_DIRECTORY);

	assert_true(here >= 0);
	assert_int_equal(chdir(dir), 0);
	record("a.data", 1, 3000);
	record("b.data", 2, 30);
	run_verb(cmd_report,
		 "report a.data -f json --by device,pasid,process,code,fault-id -i 20ms "
		 "--from 10us -o report-divided.json");
	run_verb(cmd_report, "report b.data -f json --percentiles 50 --by code -i 20ms --to 1s "
			     "-o report-divided-shortly.json");
	run_verb(cmd_diff, "diff a.data b.data -f json --fail-on total.p99>+10% --fail-on verdict "
			   "--fail-on groups>+5 -o diff-1.json");
	run_verb(cmd_diff, "diff b.data a.data -f json --percentiles 50 --fail-on findings "
			   "--fail-on groups<-5 --fail-on total.p50>+1us -o diff-2.json");
	assert_int_equal(fchdir(here), 0);
	close(here);
}

/* Groups of a steady load, some of which have not ended. */
static void put_journeys(void)
{
	const struct iopf_run run = { .end_ns = UINT64_MAX / 2 };
	const struct journeys_opts opts = {
		.names = { .comm = sample_comm, .device = sample_device },
		.everything = true,
		.json = true,
	};
	FILE *f = new_file("journey");
	struct journeys *journeys = journeys_new(f, &opts);
	struct steady steady;
	union steady_rec rec;

	assert_non_null(journeys);
	steady_begin(&steady, 3);
	for (unsigned int i = 0; i < 60; i++)
		assert_int_equal(journeys_record(journeys, steady_next(&steady, &rec), true), 0);
	assert_int_equal(journeys_finish(journeys, &run), 0);
	journeys_free(journeys);
	assert_int_equal(fclose(f), 0);
}

static void all_json_is_as_described(void **state)
{
	char command[256];
	int status;

	(void)state;
	assert_non_null(mkdtemp(dir));
	put_reports();
	put_events();
	put_violations();
	put_lists();
	put_divided();
	put_journeys();
	snprintf(command, sizeof(command), "tests/unit/schema_check.py %s >&2", dir);
	status = system(command);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_json_is_as_described),
	};

	return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
