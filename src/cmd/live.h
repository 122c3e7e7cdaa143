/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What the verbs that trace live have in common: options in, session and engine out. */
#ifndef CMD_LIVE_H
#define CMD_LIVE_H

#include <sys/utsname.h>

#include "iopftrace/engine.h"
#include "live/session.h"
#include "options.h"
#include "trace/info.h"

struct live_run {
	struct session_opts opts;
	struct session *session;
	struct iopf_engine *engine;
	struct iopf_run run;
	char kernel[128];
	struct utsname names;
	char *command_line;
};

/*
 * Loads and attaches, and makes an engine of these options and the scope. Returns 0, or the exit code
 * after it has said what is wrong. To be closed in any case.
 */
int live_run_open(struct live_run *live, const struct options *options,
		  struct iopf_engine_opts *engine);

/*
 * What a recording of this run, which begins now, says of it; @engine are the options that it was opened
 * with. What it points to belongs to @live. Returns 0, or the exit code when the system has no random
 * numbers for its identity, which it then has said.
 */
int live_run_info(struct live_run *live, const struct iopf_engine_opts *engine,
		  struct trace_info *info);

/* Says so when CMD still runs after the end of the tracing. */
void live_run_rest(const struct live_run *live);

/*
 * Runs with the given sink and finishes the engine. Returns 0 with *@report to be freed, or the
 * exit code after it has said what is wrong.
 */
int live_run_finish(struct live_run *live, const struct session_sink *sink,
		    struct iopf_report **report);

void live_run_close(struct live_run *live);

/*
 * All of it, for the verbs that want nothing but the report, and with --record a recording beside it. Who
 * is to be told of findings is told of deadlines also while nothing happens. Returns 0 with *@report to
 * be freed, or the exit code.
 */
int live_run_report(const struct options *options, struct iopf_engine_opts *engine,
		    struct iopf_report **report);

#endif /* CMD_LIVE_H */
