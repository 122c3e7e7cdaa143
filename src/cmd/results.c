// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "annotate.h"
#include "exit_codes.h"
#include "results.h"
#include "say.h"

typedef int (*write_fn)(const struct iopf_report *report, const struct output_opts *opts,
			FILE *out);

/* The name of a file that was asked for; whether there is one is another question. */
static const char *name_of(const struct options *o, unsigned int i)
{
	const char *const names[RESULTS] = { o->output, o->junit, o->ktap };

	return names[i];
}

/* What writes a file; NULL = it was not asked for. */
static write_fn writer_of(const struct options *o, unsigned int i)
{
	const write_fn writers[RESULTS] = {
		o->format->write,
		o->junit ? output_junit : NULL,
		o->ktap ? output_ktap : NULL,
	};

	return writers[i];
}

int results_open(struct results *results, const struct options *options)
{
	*results = (struct results){ .options = options };
	for (; results->open < RESULTS; results->open++) {
		struct outfile *file = &results->file[results->open];

		if (!writer_of(options, results->open))
			continue;
		if (!outfile_open(file, name_of(options, results->open)))
			continue;
		say("%s", file->error);
		results_abort(results);
		return EXIT_RUNTIME;
	}
	return 0;
}

void results_abort(struct results *results)
{
	while (results->open > 0)
		if (writer_of(results->options, --results->open))
			outfile_abort(&results->file[results->open]);
}

/* Writes one of them; what goes wrong with it is said, and does not keep the others from it. */
static int write_one(const struct results *results, const struct iopf_report *report,
		     struct outfile *file, write_fn write)
{
	struct output_opts opts = results->options->show;
	int err;

	opts.command = results->options->command != NULL;
	opts.color = options_use_color(results->options, file->stream);
	err = outfile_gather(file);
	if (!err)
		err = write(report, &opts, file->stream);
	err = err ? outfile_fail(file, err) : outfile_commit(file);
	if (err)
		say("%s", file->error);
	return err;
}

/* Where annotations do not spoil what a program is to read. */
static FILE *annotation_stream(const struct options *o)
{
	unsigned int i;

	for (i = 0; i < RESULTS; i++) {
		if (writer_of(o, i) && writer_of(o, i) != output_text &&
		    place_is_stdout(name_of(o, i)))
			return stderr;
	}
	return stdout;
}

/* Annotations, and all of them in the summary of the step, where there is one. 0 or the exit code. */
static int write_annotations(const struct results *results, const struct iopf_report *report)
{
	FILE *out = annotation_stream(results->options);
	const char *summary = secure_getenv("GITHUB_STEP_SUMMARY");
	int err = annotate(report, out), code = 0;

	if (err) {
		say("cannot write %s: %s", out == stdout ? "standard output" : "standard error",
		    strerror(-err));
		code = EXIT_RUNTIME;
	}
	err = summary && *summary ? annotate_summary(report, summary) : 0;
	if (err) {
		say("cannot write the summary of the step, %s: %s", summary, strerror(-err));
		code = EXIT_RUNTIME;
	}
	return code;
}

int results_write(struct results *results, const struct iopf_report *report)
{
	bool failed = false;
	unsigned int i;

	for (i = 0; i < RESULTS; i++) {
		write_fn write = writer_of(results->options, i);

		if (write && write_one(results, report, &results->file[i], write))
			failed = true;
	}
	results->open = 0;
	if (results->options->annotate && write_annotations(results, report))
		failed = true;
	/* Like a recording that cannot be written: the verdict is no better for it. */
	return failed && !report->exit_code ? EXIT_RUNTIME : report->exit_code;
}
