// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "live.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "exit_codes.h"
#include "out_of_memory.h"

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

/* A record that the engine cannot use is a fault of ours; it must not end a user's workload. */
static int feed(void *arg, const struct iopf_rec *rec)
{
	iopf_engine_feed(arg, rec);
	return 0;
}

/* What has not been recorded until now did not happen before. */
static void advance(void *arg, uint64_t drained_ns)
{
	if (drained_ns > SLACK_NS)
		iopf_engine_advance(arg, drained_ns - SLACK_NS);
}

int live_run_report(const struct options *options, struct iopf_engine_opts *engine,
		    struct iopf_report **report)
{
	struct session_sink sink = { .record = feed, .tick = advance };
	struct live_run live;
	int code;

	code = live_run_open(&live, options, engine);
	if (!code) {
		live.opts.tick_ns = TICK_NS;
		sink.arg = live.engine;
		code = live_run_finish(&live, &sink, report);
	}
	live_run_close(&live);
	return code;
}
