/* SPDX-License-Identifier: GPL-2.0-only */
/* A recording for those fuzzers whose input is something else: one as a VMM makes it. */
#ifndef TESTS_FUZZ_SAMPLE_H
#define TESTS_FUZZ_SAMPLE_H

#include <stdio.h>
#include <stdlib.h>

#include "../unit/steady.h"
#include "cmd/replay.h"
#include "harness.h"
#include "trace/writer.h"

/* Writes it to file @which of the harness: what verbs call @name. */
static void sample_make(unsigned int which, char *name, size_t size)
{
	const struct trace_info info = { .kernel = "7.3.4", .start_ns = 1 };
	struct iopf_run run = { .start_ns = 1 };
	int fd = fuzz_file(which, "", 0);
	struct steady *s = malloc(sizeof(*s));
	struct trace_writer *w;
	union steady_rec r;

	if (!s || trace_writer_open(&w, fd, &info))
		abort();
	steady_begin(s, 1);
	for (; run.records < 300; run.records++) {
		const struct iopf_rec *rec = steady_next(s, &r);

		run.bytes += rec->size;
		trace_writer_add(w, rec);
	}
	run.end_ns = s->now_ns;
	if (trace_writer_finish(w, &run))
		abort();
	trace_writer_free(w);
	free(s);
	snprintf(name, size, "/proc/self/fd/%d", fd);
}

/* The report on it. */
static inline struct iopf_report *sample_report(const char *name)
{
	struct iopf_engine_opts opts = { .judge = true };
	struct iopf_report *report;

	if (replay_report(name, &opts, &report))
		abort();
	return report;
}

#endif /* TESTS_FUZZ_SAMPLE_H */
