// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "live.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "exit_codes.h"
#include "live/clock.h"
#include "out_of_memory.h"
#include "so_far.h"

/* How often an engine is told the time. */
#define TICK_NS 100000000ULL

/* How late a record may be written after the moment that it is about: its task may be preempted. */
#define SLACK_NS 100000000ULL

/* Says what went wrong, in the one line that it is; returns the exit code. */
static int complain(const struct live_error *error)
{
	fprintf(stderr, "iopftrace: %s\n", error->text);
	if (error->usage)
		return EXIT_USAGE;
	return error->cannot_run ? EXIT_CANNOT_RUN : EXIT_RUNTIME;
}

/* Whether our standard output is for a program to read: then CMD must not write there. */
static bool stdout_is_data(const struct options *o)
{
	const char *const names[] = { o->output, o->junit, o->ktap };
	const bool wanted[] = { strcmp(o->format->name, "text") != 0, o->junit, o->ktap };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (wanted[i] && (!names[i] || strcmp(names[i], "-") == 0))
			return true;
	return false;
}

void live_run_rest(const struct live_run *live)
{
	uint32_t pid = session_running(live->session);

	if (pid && !live->opts.kill)
		fprintf(stderr, "iopftrace: tracing has ended; %s (process %u) still runs\n",
			live->opts.cmd[0], pid);
}

int live_run_open(struct live_run *live, const struct options *options,
		  struct iopf_engine_opts *engine)
{
	struct live_error error;
	struct utsname names;

	memset(live, 0, sizeof(*live));
	live->opts = (struct session_opts){
		.cmd = options->command,
		.pids = options->pids,
		.nr_pids = options->nr_pids,
		.system_wide = options->system_wide,
		.kill = options->kill,
		.cmd_to_stderr = stdout_is_data(options),
		.duration_ns = options->duration_ns,
		.ring_bytes = options->buffer_bytes,
		.requests = options->flight_ns,
	};
	if (!uname(&names))
		snprintf(live->kernel, sizeof(live->kernel), "%s", names.release);
	if (session_open(&live->session, &live->opts, &error))
		return complain(&error);
	session_engine(live->session, engine);
	live->engine = iopf_engine_new(engine);
	return live->engine ? 0 : out_of_memory();
}

int live_run_finish(struct live_run *live, const struct session_sink *sink,
		    struct iopf_report **report)
{
	struct live_error error;
	int err;

	err = session_run(live->session, sink, &live->run, &error);
	if (err > 0) {
		fprintf(stderr, "iopftrace: %s\n", error.text);
		return err;
	}
	if (err)
		return complain(&error);
	live_run_rest(live);
	live->run.version = IOPFTRACE_VERSION;
	live->run.kernel = live->kernel;
	*report = iopf_engine_finish(live->engine, &live->run);
	return *report ? 0 : out_of_memory();
}

void live_run_close(struct live_run *live)
{
	iopf_engine_free(live->engine);
	session_close(live->session);
}

/* A run whose report is wanted, and perhaps what is known of it before its end. */
struct reporting {
	struct live_run live;
	const struct iopf_engine_opts *engine;
	struct so_far so_far;
};

/* Times in the report are since here. */
static void begin(void *arg, const struct iopf_run *run)
{
	struct reporting *r = arg;

	iopf_engine_start(r->live.engine, run->start_ns);
}

/* A record that the engine cannot use is a fault of ours; it must not end a user's workload. */
static int feed(void *arg, const struct iopf_rec *rec)
{
	struct reporting *r = arg;

	iopf_engine_feed(r->live.engine, rec);
	return 0;
}

/* What is known of the run so far. */
static struct iopf_run run_so_far(const struct reporting *r, uint64_t now_ns)
{
	struct iopf_run run = r->live.run; /* which has when it began */

	run.version = IOPFTRACE_VERSION;
	run.kernel = r->live.kernel;
	run.end_ns = now_ns;
	r->engine->misses(r->engine->misses_arg, &run);
	return run;
}

/* What has not been recorded until now did not happen before. */
static void advance(void *arg, uint64_t drained_ns)
{
	struct reporting *r = arg;
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	struct iopf_run run;

	if (drained_ns > SLACK_NS)
		iopf_engine_advance(r->live.engine, drained_ns - SLACK_NS);
	if (!so_far_due(&r->so_far, now_ns))
		return;
	run = run_so_far(r, now_ns);
	so_far_write(&r->so_far, r->live.engine, &run);
}

int live_run_report(const struct options *options, struct iopf_engine_opts *engine,
		    struct iopf_report **report)
{
	struct reporting r = { .engine = engine, .so_far = { .options = options } };
	struct session_sink sink = { .begin = begin, .record = feed, .tick = advance, .arg = &r };
	int code;

	code = live_run_open(&r.live, options, engine);
	if (!code) {
		r.live.opts.tick_ns = TICK_NS;
		code = live_run_finish(&r.live, &sink, report);
	}
	live_run_close(&r.live);
	return code;
}
