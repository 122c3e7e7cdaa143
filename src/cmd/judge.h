/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What the verbs that end in a verdict have in common: judge, assert, write, exit code. */
#ifndef CMD_JUDGE_H
#define CMD_JUDGE_H

#include "iopftrace/engine.h"
#include "options.h"

/*
 * Gives a finished report of what is to be judged, by an engine with these options. Returns 0 with
 * *@report, or the exit code after it has said what is wrong.
 */
typedef int (*judge_source_fn)(const struct options *options, struct iopf_engine_opts *engine,
			       struct iopf_report **report);

/* The whole of it. Returns the exit code. */
int judge(const struct options *options, judge_source_fn source);

#endif /* CMD_JUDGE_H */
