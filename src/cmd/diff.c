// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* diff: what changed between two runs, and whether it is more than noise. */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diff_side.h"
#include "exit_codes.h"
#include "out_of_memory.h"
#include "outfile.h"
#include "output/diff.h"
#include "replay.h"
#include "verbs.h"
#include "say.h"

/* Evaluates the conditions; the exit code is that of the worst. */
static int evaluate(const struct options *options, const struct iopf_comparison *c,
		    struct iopf_condition_result *result)
{
	bool holds = false, open = false;

	for (size_t i = 0; i < options->nr_fail_on; i++) {
		result[i] = iopf_condition_evaluate(&options->fail_on[i], c);
		holds |= result[i].state == IOPF_CONDITION_HOLDS;
		open |= iopf_condition_is_open(result[i].state);
	}
	return holds ? EXIT_ASSERTION : open ? EXIT_INCONCLUSIVE : EXIT_PASS;
}

/* Shows it, whole or not at all. Returns 0 or a negative errno, which @file tells in words. */
static int show(const struct options *options, const struct diff_view *view, struct outfile *file)
{
	bool json = strcmp(options->format->name, "json") == 0;
	struct output_opts opts = options->show;
	int err;

	opts.color = options_use_color(options, file->stream);
	err = outfile_gather(file);
	if (!err)
		err = (json ? output_diff_json : output_diff_text)(view, &opts, file->stream);
	return err ? outfile_fail(file, err) : outfile_commit(file);
}

/* Compares both sides. Returns the exit code. */
static int compare(const struct options *options, const struct diff_side *sides,
		   struct outfile *file)
{
	struct iopf_condition_result result[OPTIONS_CONDITIONS_MAX];
	struct diff_view view = { .result = result, .nr_results = options->nr_fail_on };
	struct iopf_comparison *c;
	int err;

	c = iopf_compare(sides[IOPF_BASE].report, sides[IOPF_NEW].report, options->show.percentile,
			 options->show.nr_percentiles);
	if (!c) {
		outfile_abort(file);
		return out_of_memory();
	}
	view.c = c;
	for (unsigned int side = 0; side < IOPF_SIDES; side++) {
		view.file[side] = options->operand[side];
		view.recording[side] = sides[side].recording;
	}
	view.exit_code = evaluate(options, c, result);
	err = show(options, &view, file);
	if (err)
		say("%s", file->error);
	iopf_comparison_free(c);
	return err ? EXIT_RUNTIME : view.exit_code;
}

/* Reads both sides and compares them, with the command line known to be right. */
static int diff(const struct options *options, const struct judging *judging)
{
	struct diff_side sides[IOPF_SIDES] = { { .report = NULL } };
	struct outfile file;
	int code;

	if (outfile_open(&file, options->output)) {
		say("%s", file.error);
		return EXIT_RUNTIME;
	}
	code = diff_side_open(&sides[IOPF_BASE], options->operand[IOPF_BASE], judging);
	if (!code)
		code = diff_side_open(&sides[IOPF_NEW], options->operand[IOPF_NEW], judging);
	if (code)
		outfile_abort(&file);
	else
		code = compare(options, sides, &file);
	diff_side_close(&sides[IOPF_BASE]);
	diff_side_close(&sides[IOPF_NEW]);
	return code;
}

int cmd_diff(const struct options *options)
{
	struct judging judging;
	int code = judging_begin(&judging, options);

	if (!code)
		code = diff(options, &judging);
	judging_close(&judging);
	return code;
}
