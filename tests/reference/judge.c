// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine as a filter: histories in, verdicts out.
 *
 * Standard input is a stream of frames, each followed by the records of one history; for each of
 * them one line of JSON is printed. For differential.py, which holds the lines against its own.
 * With --cases the evidence goes to standard error.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iopftrace/engine.h"
#include "output/output.h"

#define FRAME_MAGIC 0x46504f49U
#define MISSED_SLOTS 32

/* As FRAME in records.py. */
struct frame {
	uint32_t magic;
	uint32_t cut;
	uint64_t bytes; /* of records that follow */
	uint64_t start_ns, end_ns;
	uint32_t absent;
	uint32_t empty_reads; /* that have no records */
	uint64_t min_groups;
	uint64_t lost[3];
	uint64_t deadline_ns[4];
	uint64_t missed[MISSED_SLOTS];
};

_Static_assert(sizeof(struct frame) == 360, "frame");
_Static_assert(IOPF_LOST_REASONS == 3, "reasons for loss");
_Static_assert(IOPF_DEADLINES == 4, "deadlines");
_Static_assert(IOPF_PROBES <= MISSED_SLOTS, "probes");

static bool cases; /* show the evidence, too */

static void die(const char *what)
{
	fprintf(stderr, "judge: %s\n", what);
	exit(1);
}

/* Feeds the records; how many of them were refused. */
static unsigned int feed(struct iopf_engine *e, const char *data, size_t bytes)
{
	unsigned int refused = 0;
	size_t at = 0;

	while (at + sizeof(struct iopf_rec) <= bytes) {
		const struct iopf_rec *rec = (const struct iopf_rec *)(data + at);

		if (rec->size < sizeof(*rec) || rec->size > bytes - at)
			die("a record is cut");
		if (iopf_engine_feed(e, rec))
			refused++;
		at += rec->size;
	}
	return refused;
}

static void print(const struct iopf_report *r, unsigned int refused, bool agrees)
{
	const char *comma = "";
	size_t i;

	printf("{\"verdict\":\"%s\",\"refused\":%u,\"agrees\":%s,\"findings\":[",
	       iopf_verdict_name(r->verdict), refused, agrees ? "true" : "false");
	for (i = 0; i < r->nr_findings; i++) {
		const struct iopf_finding *f = &r->findings[i];

		printf("%s[%u,\"%s\",%" PRIu64 ",%s]", comma, f->rule->number,
		       iopf_severity_name(f->severity), f->count, f->unproven ? "true" : "false");
		comma = ",";
	}
	printf("],\"not_checked\":[");
	for (i = 0, comma = ""; i < r->nr_not_checked; i++, comma = ",")
		printf("%s%u", comma, r->not_checked[i].rule->number);
	printf("],\"doubts\":[");
	for (i = 0, comma = ""; i < IOPF_DOUBTS; i++) {
		if (!r->doubt[i])
			continue;
		printf("%s%zu", comma, i);
		comma = ",";
	}
	printf("]}\n");
}

/* On what evidence: for a person, with the sequence numbers of the records. */
static void explain(const struct iopf_report *r)
{
	for (size_t i = 0; i < r->nr_findings; i++) {
		const struct iopf_finding *f = &r->findings[i];

		for (size_t j = 0; j < f->nr_cases; j++) {
			const struct iopf_case *c = &f->cases[j];

			fprintf(stderr, "%s %s: %s; group %" PRIx64 "\n", f->rule->id,
				iopf_severity_name(c->severity), c->text,
				c->has_group ? c->group.addr : 0);
			for (size_t k = 0; k < c->nr_steps; k++) {
				const struct iopf_step *s = &c->step[k];

				fprintf(stderr, "%4" PRIu64 "  %" PRIu64 "  %s%s\n",
					s->has_seq ? s->seq : 0, s->time_ns, s->text,
					s->offending ? "  <--" : "");
			}
		}
	}
}

/* The report on the records of a frame. */
static struct iopf_report *report_of(const struct frame *f, const char *data, bool long_way,
				     unsigned int *refused)
{
	struct iopf_engine_opts opts = {
		.judge = true,
		.min_groups = f->min_groups,
		.slowest = 1, /* few, since slow groups take no fast path */
		.long_way = long_way,
	};
	struct iopf_run run = {
		.version = "test",
		.kernel = "test",
		.start_ns = f->start_ns,
		.end_ns = f->end_ns,
		.cut = f->cut,
		.absent = f->absent,
		.empty_reads = f->empty_reads,
	};
	struct iopf_engine *e;
	struct iopf_report *report;

	memcpy(opts.deadline_ns, f->deadline_ns, sizeof(opts.deadline_ns));
	memcpy(run.lost, f->lost, sizeof(run.lost));
	memcpy(run.missed, f->missed, sizeof(run.missed));
	for (unsigned int i = 0; i < IOPF_PROBES; i++)
		run.probe_misses += run.missed[i];
	e = iopf_engine_new(&opts);
	if (!e)
		die("out of memory");
	*refused = feed(e, data, f->bytes);
	report = iopf_engine_finish(e, &run);
	if (!report)
		die("out of memory");
	iopf_engine_free(e);
	return report;
}

/* All that a report says, to be freed. */
static char *text_of(const struct iopf_report *report)
{
	struct output_opts opts;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	output_opts_init(&opts);
	if (!out || output_json(report, &opts, out) || fclose(out))
		die("out of memory");
	return text;
}

/* Whether two reports say the same; else, for a person, what they say. */
static bool agree(const struct iopf_report *a, const struct iopf_report *b)
{
	char *x = text_of(a), *y = text_of(b);
	bool same = !strcmp(x, y);

	if (!same && cases)
		fprintf(stderr, "%s\nthe long way:\n%s\n", x, y);
	free(x);
	free(y);
	return same;
}

/* Judges a history; the fast path of the engine must make no difference. */
static void judge(const struct frame *f, const char *data)
{
	unsigned int refused;
	struct iopf_report *slow = report_of(f, data, true, &refused);
	struct iopf_report *report = report_of(f, data, false, &refused);

	print(report, refused, agree(report, slow));
	if (cases)
		explain(report);
	iopf_report_free(report);
	iopf_report_free(slow);
}

int main(int argc, char **argv)
{
	struct frame f;
	size_t room = 0;
	char *data = NULL;

	cases = argc > 1 && !strcmp(argv[1], "--cases");
	while (fread(&f, sizeof(f), 1, stdin) == 1) {
		if (f.magic != FRAME_MAGIC)
			die("that is no frame");
		if (f.bytes > room) {
			room = f.bytes * 2;
			free(data);
			data = malloc(room);
			if (!data)
				die("out of memory");
		}
		if (fread(data, 1, f.bytes, stdin) != f.bytes)
			die("the input is cut");
		judge(&f, data);
		fflush(stdout);
	}
	free(data);
	return 0;
}
