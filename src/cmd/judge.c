// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <stdio.h>

#include "exit_codes.h"
#include "out_of_memory.h"
#include "judge.h"
#include "judging.h"
#include "results.h"
#include "violation.h"

/* Gets the report, and lets the assertions have their say. */
static int make_report(const struct options *options, const struct judging *judging,
		       judge_source_fn source, struct iopf_report **report)
{
	struct violation violation = {
		.action = options->on_violation,
		.beside = options->output,
	};
	struct iopf_engine_opts engine = {
		.slowest = options->show.slowest,
		.on_finding = options->on_violation ? violation_finding : NULL,
		.on_finding_arg = &violation,
	};
	int code;

	judging_engine(judging, &engine);
	options_breakdown(options, &engine.breakdown);
	code = source(options, &engine, report);
	violation_end(&violation, code ? NULL : *report);
	if (code)
		return code;
	if (iopf_report_assert(*report, judging->expr, judging->nr_exprs))
		return out_of_memory();
	iopf_report_select(*report);
	return 0;
}

/* With everything that can be wrong in the command line known to be right. */
static int judge_by(const struct options *options, const struct judging *judging,
		    judge_source_fn source)
{
	struct iopf_report *report = NULL;
	struct results results;
	int code;

	code = results_open(&results, options);
	if (code)
		return code;
	code = make_report(options, judging, source, &report);
	if (code)
		results_abort(&results);
	else
		code = results_write(&results, report);
	iopf_report_free(report);
	return code;
}

int judge(const struct options *options, judge_source_fn source)
{
	struct judging judging;
	int code = judging_begin(&judging, options);

	if (!code)
		code = judge_by(options, &judging, source);
	judging_close(&judging);
	return code;
}
