// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* run: trace while CMD runs, then one report with its verdict. */
#include "judge.h"
#include "live.h"
#include "verbs.h"

int cmd_run(const struct options *options)
{
	return judge(options, live_run_report);
}
