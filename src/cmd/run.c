// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* run: trace while CMD runs, then one report. */
#include <stdio.h>

#include "exit_codes.h"
#include "live.h"
#include "outfile.h"
#include "verbs.h"

/* A record that the engine cannot use is a fault of ours; it must not end a user's workload. */
static int feed(void *arg, const struct iopf_rec *rec)
{
	iopf_engine_feed(arg, rec);
	return 0;
}

/* Writes the report where it was asked for; returns the exit code. */
static int show(const struct options *options, const struct iopf_report *report,
		struct outfile *file)
{
	struct output_opts opts = options->show;
	int err;

	opts.color = options_use_color(options, file->stream);
	err = options->format->write(report, &opts, file->stream);
	if (!err)
		err = outfile_commit(file);
	else
		outfile_abort(file);
	if (err) {
		fprintf(stderr, "iopftrace: %s\n", file->error[0] ? file->error : "cannot write");
		return EXIT_RUNTIME;
	}
	return report->exit_code;
}

int cmd_run(const struct options *options)
{
	struct iopf_report *report = NULL;
	struct session_sink sink;
	struct live_run live;
	struct outfile file;
	int code;

	/* Before anything is traced: a report that cannot be written is better known now. */
	if (outfile_open(&file, options->output)) {
		fprintf(stderr, "iopftrace: %s\n", file.error);
		return EXIT_RUNTIME;
	}
	code = live_run_open(&live, options, options->min_groups);
	if (!code) {
		sink = (struct session_sink){ .record = feed, .arg = live.engine };
		code = live_run_finish(&live, &sink, &report);
	}
	if (code)
		outfile_abort(&file);
	else
		code = show(options, report, &file);
	iopf_report_free(report);
	live_run_close(&live);
	return code;
}
