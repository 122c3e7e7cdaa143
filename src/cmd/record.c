// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * record: every event to a file. An engine follows what is recorded, so that the exit code and a
 * line at the end can tell what became of it.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "exit_codes.h"
#include "live.h"
#include "live/clock.h"
#include "output/units.h"
#include "out_of_memory.h"
#include "record_command.h"
#include "recording.h"
#include "replay.h"
#include "verbs.h"

/* How late a record may be written after the moment that it is about: its task may be preempted. */
#define SLACK_NS 100000000ULL

struct recorder {
	struct recording *recording;
	struct live_run live;
	struct iopf_engine_opts engine;
	char *command_line;
	struct utsname names;
	int error; /* of writing */
};

/* Says that the file cannot be written; returns the exit code. */
static int complain(const struct recorder *r, int err)
{
	fprintf(stderr, "iopftrace: cannot write %s: %s%s\n", recording_name(r->recording),
		strerror(-err), recording_begun(r->recording) ? "; what is in it can be read" : "");
	return EXIT_RUNTIME;
}

/* Where to write. Returns 0 or the exit code. */
static int choose_file(const struct options *options, const char **path)
{
	*path = options->output ? options->output : REPLAY_FILE;
	if (strcmp(*path, "-") != 0)
		return 0;
	*path = NULL;
	if (!isatty(STDOUT_FILENO))
		return 0;
	fprintf(stderr, "iopftrace: a recording is not written to a terminal: "
			"use -o FILE, or a pipe\n");
	return EXIT_USAGE;
}

/* Begins the file. Returns 0 or the exit code. */
static int begin(struct recorder *r, const struct options *options)
{
	struct recording_opts opts = {
		.rotate_bytes = options->rotate.bytes,
		.rotate_ns = options->rotate.ns,
		.keep = options->keep,
		.engine = r->live.engine,
	};
	struct trace_info info = {
		.version = IOPFTRACE_VERSION,
		.kernel = r->live.kernel,
		.roots = r->engine.roots,
		.nr_roots = r->engine.nr_roots,
		.descendants = r->engine.descendants,
		.absent = session_absent(r->live.session),
		.start_ns = clock_ns(CLOCK_MONOTONIC),
		.start_realtime_ns = clock_ns(CLOCK_REALTIME),
	};
	int code = choose_file(options, &opts.path), err;

	if (code)
		return code;
	r->command_line = record_command();
	info.command_line = r->command_line;
	if (!uname(&r->names))
		info.machine = r->names.machine;
	r->live.opts.cmd_to_stderr = !opts.path;
	r->live.opts.tick_ns =
		opts.rotate_bytes || opts.rotate_ns ? RECORDING_TICK_NS : RECORDING_FLUSH_NS;
	err = recording_open(&r->recording, &opts, &info);
	if (err && !r->recording)
		return out_of_memory();
	return err ? complain(r, err) : 0;
}

static int take(void *arg, const struct iopf_rec *rec)
{
	struct recorder *r = arg;

	iopf_engine_feed(r->live.engine, rec);
	if (!r->error)
		r->error = recording_add(r->recording, rec);
	return r->error;
}

/* An error comes again with the next record, and ends the run then. */
static void tick(void *arg, uint64_t drained_ns)
{
	struct recorder *r = arg;
	struct iopf_run so_far = { 0 };
	struct recording_now now = {
		.now_ns = clock_ns(CLOCK_MONOTONIC),
		.settled_ns = drained_ns > SLACK_NS ? drained_ns - SLACK_NS : 0,
		.so_far = &so_far,
	};

	r->engine.misses(r->engine.misses_arg, &so_far);
	if (!r->error)
		r->error = recording_tick(r->recording, &now);
}

/* Runs, and ends the file. Returns 0 or the exit code. */
static int run(struct recorder *r)
{
	struct session_sink sink = { .record = take, .tick = tick, .arg = r };
	struct live_error error;
	int err = session_run(r->live.session, &sink, &r->live.run, &error);

	if (r->error)
		return complain(r, r->error);
	if (err) {
		fprintf(stderr, "iopftrace: %s\n", error.text);
		/* CMD could not be started: there was no run, and there is no recording of it. */
		if (err > 0)
			recording_discard(r->recording);
		return err > 0 ? err : EXIT_RUNTIME;
	}
	live_run_rest(&r->live);
	err = recording_finish(r->recording, &r->live.run);
	return err ? complain(r, err) : 0;
}

/* Where the recording is. */
static void say_where(const struct recorder *r, uint64_t groups)
{
	uint64_t files = recording_files(r->recording);

	fprintf(stderr, "iopftrace: %s group%s, %s bytes in ", units_count(groups).s,
		groups == 1 ? "" : "s", units_count(recording_bytes(r->recording)).s);
	if (files > 1)
		fprintf(stderr, "%s files, the last one ", units_count(files).s);
	fprintf(stderr, "%s\n", recording_name(r->recording));
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
		say_where(r, report->groups.enqueued);
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

/* A file that may not grow any more is an error of writing like others; CMD's signals are its own. */
static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGXFSZ);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

int cmd_record(const struct options *options)
{
	struct recorder r = { .engine = { .judge = false } };
	int code;

	block_signals();
	/* Only when it can be traced, so that the recording of before is not lost for nothing. */
	code = live_run_open(&r.live, options, &r.engine);
	if (!code)
		code = begin(&r, options);
	if (!code)
		code = run(&r);
	if (!code)
		code = conclude(&r, options->show.quiet);
	recording_free(r.recording);
	free(r.command_line);
	live_run_close(&r.live);
	return code;
}
