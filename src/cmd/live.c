// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "live.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "exit_codes.h"
#include "live/clock.h"
#include "out_of_memory.h"
#include "place.h"
#include "record_command.h"
#include "reporting.h"
#include "say.h"
#include "trace/writer.h"

/* How often an engine is told the time. */
#define TICK_NS 100000000ULL

/* Says what went wrong, in the one line that it is; returns the exit code. */
static int complain(const struct live_error *error)
{
	say("%s", error->text);
	if (error->usage)
		return EXIT_USAGE;
	return error->cannot_run ? EXIT_CANNOT_RUN : EXIT_RUNTIME;
}

void live_run_rest(const struct live_run *live)
{
	uint32_t pid = session_running(live->session);

	if (pid && !live->opts.kill)
		say("tracing has ended; %s (process %u) still runs", live->opts.cmd[0], pid);
}

int live_run_open(struct live_run *live, const struct options *options,
		  struct iopf_engine_opts *engine)
{
	struct live_error error;

	memset(live, 0, sizeof(*live));
	live->opts = (struct session_opts){
		.cmd = options->command,
		.pids = options->pids,
		.nr_pids = options->nr_pids,
		.system_wide = options->system_wide,
		.kill = options->kill,
		.cmd_to_stderr = place_stdout_is_data(options),
		.duration_ns = options->duration_ns,
		.ring_bytes = options->buffer_bytes,
		.requests = options->flight_ns,
	};
	if (!uname(&live->names))
		snprintf(live->kernel, sizeof(live->kernel), "%s", live->names.release);
	if (session_open(&live->session, &live->opts, &error))
		return complain(&error);
	for (unsigned int i = 0; session_not_attached(live->session, &i, &error);)
		say("%s", error.text);
	session_engine(live->session, engine);
	live->engine = engine_new(engine);
	return live->engine ? 0 : out_of_memory();
}

int live_run_info(struct live_run *live, const struct iopf_engine_opts *engine,
		  struct trace_info *info)
{
	int err;

	free(live->command_line);
	live->command_line = record_command();
	*info = (struct trace_info){
		.version = IOPFTRACE_VERSION,
		.kernel = live->kernel,
		.machine = live->names.machine,
		.command_line = live->command_line,
		.roots = engine->roots,
		.nr_roots = engine->nr_roots,
		.descendants = engine->descendants,
		.absent = session_absent(live->session),
		.start_ns = clock_ns(CLOCK_MONOTONIC),
		.start_realtime_ns = clock_ns(CLOCK_REALTIME),
	};
	err = trace_writer_identity(info->identity);
	if (!err)
		return 0;
	say("cannot record: the system gives no random numbers, which tell one recording from "
	    "another (getrandom: %s)%s",
	    strerror(-err),
	    err == -EPERM || err == -ENOSYS ?
		    ": a filter of system calls (seccomp) forbids it: run it outside, or allow it" :
		    "");
	return EXIT_RUNTIME;
}

int live_run_finish(struct live_run *live, const struct session_sink *sink,
		    struct iopf_report **report)
{
	struct live_error error;
	int err;

	err = session_run(live->session, sink, &live->run, &error);
	if (err > 0) {
		say("%s", error.text);
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
	free(live->command_line);
}

/* Ends the recording, if there is one, when the run has ended with this exit code. */
static void end_tee(struct tee *tee, int code, const struct iopf_run *run,
		    struct iopf_report *report)
{
	/* CMD could not be started: there was no run, and there is no recording of it. */
	if (code >= EXIT_CMD_SETUP)
		tee_discard(tee);
	else if (!code)
		tee_finish(tee, run);
	tee_close(tee, code ? NULL : report);
}

int live_run_report(const struct options *options, struct iopf_engine_opts *engine,
		    struct iopf_report **report)
{
	struct live_run live;
	struct reporting r = { .opts = engine, .run = &live.run, .so_far = { .options = options } };
	struct session_sink sink = { .begin = reporting_begin,
				     .record = reporting_take,
				     .tick = reporting_tick,
				     .arg = &r };
	struct trace_info info;
	int code;

	code = live_run_open(&live, options, engine);
	/* Only when it can be traced, so that the recording of before is not lost for nothing. */
	if (!code && options->record) {
		code = live_run_info(&live, engine, &info);
	}
	if (!code && options->record)
		code = tee_open(&r.tee, options, &info);
	if (!code) {
		r.engine = live.engine;
		r.kernel = live.kernel;
		live.opts.tick_ns = TICK_NS;
		code = live_run_finish(&live, &sink, report);
		end_tee(&r.tee, code, &live.run, *report);
	}
	live_run_close(&live);
	return code;
}
