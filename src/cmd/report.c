// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* report: what 'run' would have shown at the end of a run that was recorded. */
#include "judge.h"
#include "options.h"
#include "replay.h"
#include "verbs.h"

static const char *file_of(const struct options *options)
{
	return options->nr_operands ? options->operand[0] : REPLAY_FILE;
}

static int read_file(const struct options *options, struct iopf_engine_opts *engine,
		     struct iopf_report **report)
{
	return replay_report(file_of(options), engine, report);
}

int cmd_report(const struct options *options)
{
	int code = replay_spares(file_of(options), options);

	return code ? code : judge(options, read_file);
}
