// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * explain: the shortest story that shows a finding of a file: told first, then its events as they
 * were recorded, for which the file is read a second time.
 */
#include "explain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "exit_codes.h"
#include "judging.h"
#include "options.h"
#include "outfile.h"
#include "output/event_line.h"
#include "output/utf8.h"
#include "replay.h"
#include "verbs.h"

/* Cases of a rule that are kept when one group is asked for: more than any report names. */
#define CASES_OF_GROUPS 1024

/* The second pass. */
struct explain_events {
	const struct iopf_case *c;
	struct iopf_engine *engine; /* for the names */
	struct event_names names;
	uint64_t first_ns;
	uint64_t last_seq; /* of the events that are wanted */
	FILE *out;
	bool color;
	bool any;
};

static const char *name_task(void *arg, uint32_t tid)
{
	return iopf_engine_comm(arg, tid);
}

static const char *name_device(void *arg, uint64_t dev)
{
	return iopf_engine_device(arg, dev);
}

/* Whether a record is one of the story's. */
static bool is_wanted(const struct iopf_case *c, uint64_t seq)
{
	size_t i;

	for (i = 0; i < c->nr_steps; i++)
		if (c->step[i].has_seq && c->step[i].seq == seq)
			return true;
	return seq == c->seq;
}

/* Takes one record of the second pass. */
static int show_event(void *arg, const struct iopf_rec *rec)
{
	struct explain_events *e = arg;

	if (rec->seq > e->last_seq)
		return 0;
	iopf_engine_feed(e->engine, rec);
	if (!is_wanted(e->c, rec->seq))
		return 0;
	if (!e->any) {
		fputc('\n', e->out);
		event_line_heads(e->out, e->color);
	}
	e->any = true;
	return event_line(e->out, rec, &e->names, e->first_ns);
}

/* The last record that is part of a story. */
static uint64_t last_seq(const struct iopf_case *c)
{
	uint64_t last = c->seq;
	size_t i;

	for (i = 0; i < c->nr_steps; i++)
		if (c->step[i].has_seq && c->step[i].seq > last)
			last = c->step[i].seq;
	return last;
}

/* Reads the file again, and shows the events of a case. Returns 0 or the exit code. */
static int show_events(const char *file, const struct iopf_report *report,
		       const struct iopf_case *c, FILE *out, bool color)
{
	struct iopf_engine_opts opts = { 0 };
	struct explain_events e = {
		.c = c,
		.engine = iopf_engine_new(&opts),
		.first_ns = report->start_ns,
		.last_seq = last_seq(c),
		.out = out,
		.color = color,
	};
	struct replay *replay = NULL;
	struct iopf_run run;
	int code;

	if (!e.engine) {
		fprintf(stderr, "iopftrace: out of memory\n");
		return EXIT_RUNTIME;
	}
	e.names = (struct event_names){ e.engine, name_task, name_device };
	code = replay_open(&replay, file);
	if (!code)
		code = replay_each(replay, show_event, &e, &run);
	replay_close(replay);
	iopf_engine_free(e.engine);
	return code;
}

/* Nothing of the kind: an answer, too. */
static void tell_nothing(const struct explain_subject *subject, const char *file, FILE *out)
{
	const char *name = strcmp(file, "-") ? file : "standard input";
	char printable[512];

	utf8_text(printable, sizeof(printable), name);
	if (subject->rule)
		fprintf(out, "no finding of %s in %s\n", subject->rule->id, printable);
	else if (subject->has_group)
		fprintf(out, "no finding about group %" PRIu64 " in %s\n", subject->group,
			printable);
	else
		fprintf(out, "no finding in %s\n", printable);
}

/* Tells it. Returns the exit code. */
static int tell(const struct options *options, const struct iopf_report *report,
		const struct explain_subject *subject, FILE *out)
{
	struct explain_choice choice = explain_find(report, subject);
	const char *file = options->operand[0];
	struct output_opts opts = options->show;

	if (!choice.finding) {
		tell_nothing(subject, file, out);
		return EXIT_PASS;
	}
	opts.color = options_use_color(options, out);
	opts.verbose = true;
	output_story(report, &opts, choice.finding, choice.c, out);
	/* Standard input cannot be read twice. */
	if (!choice.c || !strcmp(file, "-"))
		return EXIT_PASS;
	return show_events(file, report, choice.c, out, opts.color);
}

/* Judges the file, with everything that can be wrong in the command line known to be right. */
static int explain(const struct options *options, const struct judging *judging,
		   const struct explain_subject *subject)
{
	struct iopf_engine_opts engine = { .max_cases = subject->has_group ? CASES_OF_GROUPS : 0 };
	struct iopf_report *report = NULL;
	struct outfile file;
	int code;

	if (outfile_open(&file, options->output)) {
		fprintf(stderr, "iopftrace: %s\n", file.error);
		return EXIT_RUNTIME;
	}
	judging_engine(judging, &engine);
	code = replay_report(options->operand[0], &engine, &report);
	if (!code)
		code = tell(options, report, subject, file.stream);
	iopf_report_free(report);
	if (code) {
		outfile_abort(&file);
	} else if (outfile_commit(&file)) {
		fprintf(stderr, "iopftrace: %s\n", file.error);
		code = EXIT_RUNTIME;
	}
	return code;
}

int cmd_explain(const struct options *options)
{
	const char *word = options->nr_operands > 1 ? options->operand[1] : NULL;
	struct explain_subject subject;
	struct options_error error;
	struct judging judging;
	int err, code = EXIT_USAGE;

	if (!options->nr_operands) {
		fprintf(stderr, "iopftrace: explain what? Give a FILE\n"
				"try 'iopftrace explain --help'\n");
		return EXIT_USAGE;
	}
	if (explain_parse(&subject, word, error.text, sizeof(error.text))) {
		fprintf(stderr, "iopftrace: %s\n", error.text);
		return EXIT_USAGE;
	}
	err = judging_open(&judging, options, &error);
	if (!err) {
		code = explain(options, &judging, &subject);
	} else if (err == -EINVAL) {
		fprintf(stderr, "iopftrace: %s\n", error.text);
	} else {
		fprintf(stderr, "iopftrace: out of memory\n");
		code = EXIT_RUNTIME;
	}
	judging_close(&judging);
	return code;
}
