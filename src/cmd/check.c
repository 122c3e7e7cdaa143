// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* check: the verdict, of what happens now or of a file; the same engine judges both. */
#include "judge.h"
#include "live.h"
#include "replay.h"
#include "replay_again.h"
#include "verbs.h"

/* The report of a file. Its scope is that of the recording. */
static int replay(const struct options *options, struct iopf_engine_opts *engine,
		  struct iopf_report **report)
{
	/* Plots over time begin where the run does, which the file's end tells. */
	int code = replay_keep(options->operand[0], engine->breakdown.adaptive);

	return code ? code : replay_report(options->operand[0], engine, report);
}

int cmd_check(const struct options *options)
{
	return judge(options, options->nr_operands ? replay : live_run_report);
}
