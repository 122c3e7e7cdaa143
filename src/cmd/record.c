// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * record: every event to a file. An engine follows what is recorded, so that the exit code and a
 * line at the end can tell what became of it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exit_codes.h"
#include "judging.h"
#include "live.h"
#include "live/clock.h"
#include "output/doubts.h"
#include "output/units.h"
#include "out_of_memory.h"
#include "place.h"
#include "recording.h"
#include "replay.h"
#include "verbs.h"
#include "say.h"

/* How late a record may be written after the moment that it is about: its task may be preempted. */
#define SLACK_NS 100000000ULL

/* What a flight recorder takes of memory at most. */
#define FLIGHT_BYTES ((size_t)256 << 20)

struct recorder {
	struct recording *recording;
	struct live_run live;
	struct iopf_engine_opts engine;
	int error; /* of writing */
	uint64_t files; /* that have been told of */
	const struct iopf_rule *broken; /* that was seen broken since the last of them */
	bool asked; /* for one */
	bool short_told;
	bool quiet;
};

/* Says that the file cannot be written; returns the exit code. */
static int complain(const struct recorder *r, int err)
{
	if (err == -ENOMEM && !recording_begun(r->recording))
		return out_of_memory();
	say("cannot write %s: %s%s", recording_name(r->recording), strerror(-err),
	    recording_begun(r->recording) ? "; what is in it can be read" : "");
	return EXIT_RUNTIME;
}

/* Where to write. Returns 0 or the exit code. */
static int choose_file(const struct options *options, const char **path)
{
	*path = options->output ? options->output : REPLAY_FILE;
	if (!place_is_stdout(*path))
		return 0;
	*path = NULL;
	if (!isatty(STDOUT_FILENO))
		return 0;
	say("a recording is not written to a terminal: "
	    "use -o FILE, or a pipe");
	return EXIT_USAGE;
}

/* Begins the file. Returns 0 or the exit code. */
static int begin(struct recorder *r, const struct options *options)
{
	struct recording_opts opts = {
		.rotate_bytes = options->rotate.bytes,
		.rotate_ns = options->rotate.ns,
		.keep = options->keep,
		.flight_ns = options->flight_ns,
		.flight_bytes = FLIGHT_BYTES,
		.engine = r->live.engine,
	};
	struct trace_info info;
	int code = choose_file(options, &opts.path), err;

	if (code)
		return code;
	code = live_run_info(&r->live, &r->engine, &info);
	if (code)
		return code;
	r->live.opts.cmd_to_stderr = !opts.path;
	r->live.opts.tick_ns = opts.rotate_bytes || opts.rotate_ns || opts.flight_ns ?
				       RECORDING_TICK_NS :
				       RECORDING_FLUSH_NS;
	err = recording_open(&r->recording, &opts, &info);
	if (err && !r->recording)
		return out_of_memory();
	return err ? complain(r, err) : 0;
}

static void on_start(void *arg, const struct iopf_run *run)
{
	struct recorder *r = arg;

	r->error = recording_start(r->recording, run);
}

static int take(void *arg, const struct iopf_rec *rec)
{
	struct recorder *r = arg;

	iopf_engine_feed(r->live.engine, rec);
	if (!r->error)
		r->error = recording_add(r->recording, rec);
	return r->error;
}

/* Says what a flight recorder has written, and why; or that it cannot keep as much as it should. */
static void say_written(struct recorder *r, uint64_t now_ns)
{
	uint64_t since_ns;

	if (!r->short_told && recording_short(r->recording)) {
		r->short_told = true;
		say("the flight recorder keeps less than it should: "
		    "256 MiB do not hold as much");
	}
	if (recording_files(r->recording) == r->files)
		return;
	r->files = recording_files(r->recording);
	since_ns = recording_since(r->recording);
	if (!r->quiet)
		say("wrote %s: the last %.1f s, %s%s %s", recording_name(r->recording),
		    now_ns > since_ns ? (double)(now_ns - since_ns) / 1e9 : 0.0,
		    r->asked  ? "on SIGUSR1" :
		    r->broken ? "after a violation of " :
				"at the end",
		    !r->asked && r->broken ? r->broken->id : "",
		    !r->asked && r->broken ? r->broken->name : "");
	r->asked = false;
	r->broken = NULL;
}

/* A rule is seen broken, or may be: what led to it is to be written. */
static void on_broken(void *arg, const struct iopf_rule *rule, enum iopf_severity severity,
		      const struct iopf_case *c)
{
	struct recorder *r = arg;

	if (severity != IOPF_SEVERITY_ERROR || !r->recording)
		return;
	if (!r->broken && !r->quiet)
		say("%s %s: %s", rule->id, rule->name, c->text);
	r->broken = r->broken ? r->broken : rule;
	recording_request(r->recording, true);
}

static void on_request(void *arg)
{
	struct recorder *r = arg;

	r->asked = true;
	recording_request(r->recording, false);
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

	if (now.settled_ns && r->engine.judge)
		iopf_engine_advance(r->live.engine, now.settled_ns);
	r->engine.misses(r->engine.misses_arg, &so_far);
	if (!r->error)
		r->error = recording_tick(r->recording, &now);
	if (r->engine.judge)
		say_written(r, now.now_ns);
}

/* Runs, and ends the file. Returns 0 or the exit code. */
static int run(struct recorder *r)
{
	struct session_sink sink = {
		.begin = on_start, .record = take, .tick = tick, .request = on_request, .arg = r
	};
	struct live_error error;
	int err = session_run(r->live.session, &sink, &r->live.run, &error);

	if (r->error)
		return complain(r, r->error);
	if (err) {
		say("%s", error.text);
		/* CMD could not be started: there was no run, and there is no recording of it. */
		if (err > 0)
			recording_discard(r->recording);
		return err > 0 ? err : EXIT_RUNTIME;
	}
	live_run_rest(&r->live);
	err = recording_finish(r->recording, &r->live.run);
	if (!err && r->engine.judge)
		say_written(r, r->live.run.end_ns);
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
		say("out of memory");
		return EXIT_RUNTIME;
	}
	if (!quiet)
		say_where(r, report->groups.enqueued);
	for (unsigned int i = 0; report->verdict == IOPF_INCONCLUSIVE;) {
		enum iopf_doubt doubt = doubts_next(report, &i);
		struct sentence s = { "", 0 };

		if (doubt == IOPF_DOUBTS)
			break;
		doubt_say(&s, report, doubt);
		say("%s", s.s);
	}
	code = report->exit_code;
	iopf_report_free(report);
	return code;
}

/* A flight recorder judges while it records. Returns 0 or the exit code. */
static int judge_by(struct recorder *r, const struct options *options, struct judging *judging)
{
	int code = judging_begin(judging, options);

	if (code)
		return code;
	judging_engine(judging, &r->engine);
	r->engine.min_groups = 0;
	r->engine.on_finding = r->engine.on_suspected = on_broken;
	r->engine.on_finding_arg = r;
	return 0;
}

int cmd_record(const struct options *options)
{
	struct recorder r = { .quiet = options->show.quiet };
	struct judging judging = { .min_groups = 0 };
	int code;

	/* Only when it can be traced, so that the recording of before is not lost for nothing. */
	code = options->flight_ns ? judge_by(&r, options, &judging) : 0;
	if (!code)
		code = live_run_open(&r.live, options, &r.engine);
	if (!code)
		code = begin(&r, options);
	if (!code)
		code = run(&r);
	if (!code)
		code = conclude(&r, options->show.quiet);
	recording_free(r.recording);
	live_run_close(&r.live);
	judging_close(&judging);
	return code;
}
