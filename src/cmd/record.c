// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * record: every event to a file. An engine follows what is recorded, so that the exit code and a
 * line at the end can tell what became of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "exit_codes.h"
#include "live.h"
#include "live/clock.h"
#include "output/units.h"
#include "record_command.h"
#include "replay.h"
#include "trace/writer.h"
#include "verbs.h"

/* What is recorded is in the file after so long at most. */
#define FLUSH_NS 1000000000ULL

struct recorder {
	const char *name; /* of the file, for messages */
	const char *path; /* NULL = standard output */
	int fd;
	bool fresh; /* a regular file that holds nothing but what we have written */
	struct trace_writer *writer;
	struct live_run live;
	int error; /* of writing */
};

/* Says that the file cannot be written; returns the exit code. */
static int complain(const struct recorder *r, int err)
{
	fprintf(stderr, "iopftrace: cannot write %s: %s%s\n", r->name, strerror(-err),
		r->writer ? "; what is in it can be read" : "");
	return EXIT_RUNTIME;
}

/* Opens what -o says. Returns 0 or the exit code. */
static int open_file(struct recorder *r, const char *output)
{
	struct stat st;

	r->path = output ? output : REPLAY_FILE;
	if (strcmp(r->path, "-") == 0) {
		r->path = NULL;
		r->name = "standard output";
		r->fd = STDOUT_FILENO;
		if (!isatty(r->fd))
			return 0;
		fprintf(stderr, "iopftrace: a recording is not written to a terminal: "
				"use -o FILE, or a pipe\n");
		return EXIT_USAGE;
	}
	r->name = r->path;
	/* It has addresses of the kernel in it, which are not for everybody. */
	r->fd = open(r->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (r->fd < 0)
		return complain(r, -errno);
	r->fresh = !fstat(r->fd, &st) && S_ISREG(st.st_mode);
	return 0;
}

/* Begins the file. Returns 0 or the exit code. */
static int begin(struct recorder *r, const struct iopf_engine_opts *scope)
{
	char *command_line = record_command();
	struct trace_info info = {
		.version = IOPFTRACE_VERSION,
		.kernel = r->live.kernel,
		.command_line = command_line,
		.roots = scope->roots,
		.nr_roots = scope->nr_roots,
		.descendants = scope->descendants,
		.absent = session_absent(r->live.session),
		.start_ns = clock_ns(CLOCK_MONOTONIC),
		.start_realtime_ns = clock_ns(CLOCK_REALTIME),
	};
	struct utsname names;
	int err;

	if (!uname(&names))
		info.machine = names.machine;
	err = trace_writer_open(&r->writer, r->fd, &info);
	free(command_line);
	return err ? complain(r, err) : 0;
}

static int take(void *arg, const struct iopf_rec *rec)
{
	struct recorder *r = arg;

	iopf_engine_feed(r->live.engine, rec);
	r->error = trace_writer_add(r->writer, rec);
	return r->error;
}

/* An error comes again with the next record, and ends the run then. */
static void flush(void *arg, uint64_t drained_ns)
{
	struct recorder *r = arg;

	(void)drained_ns;
	trace_writer_flush(r->writer);
}

/* Runs, and ends the file. Returns 0 or the exit code. */
static int run(struct recorder *r)
{
	struct session_sink sink = { .record = take, .tick = flush, .arg = r };
	struct live_error error;
	int err;

	r->live.opts.tick_ns = FLUSH_NS;
	r->live.opts.cmd_to_stderr = !r->path;
	err = session_run(r->live.session, &sink, &r->live.run, &error);
	if (err && r->error)
		return complain(r, r->error);
	if (err) {
		fprintf(stderr, "iopftrace: %s\n", error.text);
		/* CMD could not be started: there was no run, and there is no recording of it. */
		if (err > 0 && r->fresh)
			unlink(r->path);
		return err > 0 ? err : EXIT_RUNTIME;
	}
	live_run_rest(&r->live);
	err = trace_writer_finish(r->writer, &r->live.run);
	return err ? complain(r, err) : 0;
}

/* Says what there is, and what is missing from it; returns the exit code. */
static int conclude(struct recorder *r, bool quiet)
{
	struct iopf_report *report;
	int code;

	r->live.run.version = IOPFTRACE_VERSION;
	r->live.run.kernel = r->live.kernel;
	report = iopf_engine_finish(r->live.engine, &r->live.run);
	if (!report) {
		fprintf(stderr, "iopftrace: out of memory\n");
		return EXIT_RUNTIME;
	}
	if (!quiet)
		fprintf(stderr, "iopftrace: %s group%s, %s bytes in %s\n",
			units_count(report->groups.enqueued).s,
			report->groups.enqueued == 1 ? "" : "s",
			units_count(trace_writer_bytes(r->writer)).s, r->name);
	if (report->lost.events)
		fprintf(stderr, "iopftrace: %" PRIu64 " events were lost: use a larger --buffer\n",
			report->lost.events);
	else if (report->verdict == IOPF_INCONCLUSIVE)
		fprintf(stderr, "iopftrace: not all that happened was seen: "
				"'iopftrace report' says why\n");
	code = report->exit_code;
	iopf_report_free(report);
	return code;
}

static int close_file(struct recorder *r)
{
	if (r->path && r->fd >= 0 && close(r->fd))
		return complain(r, -errno);
	return 0;
}

int cmd_record(const struct options *options)
{
	struct recorder r = { .fd = -1 };
	struct iopf_engine_opts engine = { .judge = false };
	int code, closing;

	/* Only when it can be traced, so that the recording of before is not lost for nothing. */
	code = live_run_open(&r.live, options, &engine);
	if (!code)
		code = open_file(&r, options->output);
	if (!code)
		code = begin(&r, &engine);
	if (!code)
		code = run(&r);
	closing = close_file(&r);
	if (!code)
		code = closing ? closing : conclude(&r, options->show.quiet);
	trace_writer_free(r.writer);
	live_run_close(&r.live);
	return code;
}
