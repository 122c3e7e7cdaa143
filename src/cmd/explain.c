// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * explain: the shortest story that shows a finding of a file: told first, then its events as they
 * were recorded, for which the file is read a second time.
 */
#include "explain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "exit_codes.h"
#include "judging.h"
#include "explain_group.h"
#include "options.h"
#include "out_of_memory.h"
#include "outfile.h"
#include "output/doubts.h"
#include "output/event_line.h"
#include "output/names.h"
#include "output/utf8.h"
#include "replay.h"
#include "replay_again.h"
#include "verbs.h"
#include "say.h"

/* Cases of a rule that are kept when one group is asked for: more than any report names. */
#define CASES_OF_GROUPS 1024

/* Answers by the kernel that are shown, of a case that is of all of them. */
#define ANSWERS_SHOWN 8

/* The second pass: what is shown of it. */
struct explain_events {
	const struct iopf_case *c; /* the events of this case */
	unsigned int answers; /* or this many answers by the kernel */
	struct explain_group *group; /* and those of this group, NULL = none */
	struct iopf_engine *engine; /* for the names */
	struct event_names names;
	struct event_ids *ids; /* of @names */
	uint64_t start_ns;
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

/* Whether it is an answer that the kernel gave in place of user space. */
static bool is_kernels(const struct iopf_rec *rec)
{
	return rec->type == IOPF_REC_RESPONSE && event_is_whole(rec) &&
	       iopf_responder_is_substitute(names_responder(rec->context));
}

/* Whether what was found is that time went by: the record that showed it is about something else. */
static bool is_of_time(const struct iopf_case *c)
{
	for (size_t i = 0; i < c->nr_steps; i++)
		if (c->step[i].kind == IOPF_STEP_END)
			return true;
	return false;
}

/* Whether a record is one of the story's. */
static bool is_wanted(struct explain_events *e, const struct iopf_rec *rec)
{
	size_t i;

	if (e->group && explain_group_take(e->group, rec, &e->names))
		return true;
	if (!e->c)
		return e->answers && is_kernels(rec) && e->answers--;
	for (i = 0; i < e->c->nr_steps; i++)
		if (e->c->step[i].has_seq && e->c->step[i].seq == rec->seq)
			return true;
	return rec->seq == e->c->seq && !is_of_time(e->c);
}

/* Takes one record of the second pass. */
static int show_event(void *arg, const struct iopf_rec *rec)
{
	struct explain_events *e = arg;

	if (rec->seq > e->last_seq && !(e->group && !e->group->done))
		return 0;
	iopf_engine_feed(e->engine, rec);
	event_ids_take(e->ids, rec);
	if (!is_wanted(e, rec))
		return 0;
	if (!e->any) {
		fputc('\n', e->out);
		event_line_heads(e->out, e->color);
	}
	e->any = true;
	return event_line(e->out, rec, &e->names, e->start_ns);
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

/* Reads the file again, and shows what of it is wanted. Returns 0 or the exit code. */
static int show_events(const char *file, struct explain_events *e)
{
	struct iopf_engine_opts opts = { 0 };
	struct replay *replay = NULL;
	struct iopf_run run;
	int code;

	e->engine = engine_new(&opts);
	e->ids = event_ids_new();
	if (!e->engine || !e->ids) {
		iopf_engine_free(e->engine);
		event_ids_free(e->ids);
		return out_of_memory();
	}
	e->names = (struct event_names){ e->engine, name_task, name_device, e->ids };
	code = replay_open(&replay, file);
	if (!code) {
		replay_again(replay);
		code = replay_each(replay, show_event, e, &run);
	}
	replay_close(replay);
	iopf_engine_free(e->engine);
	event_ids_free(e->ids);
	return code;
}

/* A group of which there is nothing bad to say: its life. Returns 0 or the exit code. */
static int tell_group(const char *file, const struct iopf_report *report, uint64_t seq,
		      const struct output_opts *opts, FILE *out)
{
	struct explain_group group;
	struct iopf_case c;
	char *lines = NULL;
	size_t size;
	struct explain_events e = {
		.group = &group,
		.start_ns = report->start_ns,
		.last_seq = UINT64_MAX,
		.out = open_memstream(&lines, &size),
		.color = opts->color,
	};
	int code;

	if (!e.out) {
		say("out of memory");
		return EXIT_RUNTIME;
	}
	explain_group_begin(&group, seq);
	code = show_events(file, &e);
	fclose(e.out);
	if (!code && !group.found) {
		char printable[256];

		utf8_text(printable, sizeof(printable), replay_name(file));
		fprintf(stderr, "iopftrace: no group %" PRIu64 " in %s", seq, printable);
		if (group.last)
			fprintf(stderr, " (%" PRIu64 " to %" PRIu64 ")", group.first, group.last);
		if (group.next && group.next != group.first)
			fprintf(stderr, "; the next one is %" PRIu64, group.next);
		fputc('\n', stderr);
		code = EXIT_USAGE;
	} else if (!code) {
		c = explain_group_case(&group);
		output_journey(report, opts, &c, out);
		fputs(lines + (lines[0] == '\n'), out);
	}
	free(lines);
	return code;
}

/*
 * The events of a case, and those of its group, which goes on after what was found. Returns 0 or the
 * exit code.
 */
static int tell_case(const char *file, const struct iopf_report *report, const struct iopf_case *c,
		     const struct output_opts *opts, FILE *out)
{
	struct explain_group group = { 0 };
	struct explain_events e = {
		.c = c,
		.group = c->has_group ? &group : NULL,
		.start_ns = report->start_ns,
		.last_seq = last_seq(c),
		.out = out,
		.color = opts->color,
	};

	explain_group_begin(&group, c->group.seq);
	return show_events(file, &e);
}

/* All that the kernel answered is one case: its first answers stand for it. */
static int tell_answers(const char *file, const struct iopf_report *report,
			const struct output_opts *opts, FILE *out)
{
	struct explain_events e = {
		.answers = ANSWERS_SHOWN,
		.start_ns = report->start_ns,
		.last_seq = UINT64_MAX,
		.out = out,
		.color = opts->color,
	};
	uint64_t all = report->groups.answered_by[IOPF_BY_DETACH] +
		       report->groups.answered_by[IOPF_BY_DESTROY] +
		       report->groups.answered_by[IOPF_BY_QREMOVE];
	int code = show_events(file, &e);

	if (!code && all > ANSWERS_SHOWN)
		fprintf(out, "%9s and %s more\n", "", units_count(all - ANSWERS_SHOWN).s);
	return code;
}

/* Nothing of the kind: an answer, too. */
static void tell_nothing(const struct explain_subject *subject, const char *file,
			 const struct iopf_report *report, FILE *out)
{
	struct sentence doubts = { "", 0 };
	char printable[512];

	utf8_text(printable, sizeof(printable), replay_name(file));
	if (subject->rule)
		fprintf(out, "no finding of %s in %s", subject->rule->id, printable);
	else if (subject->has_group)
		fprintf(out, "no finding about group %" PRIu64 " in %s", subject->group, printable);
	else
		fprintf(out, "no finding in %s", printable);
	fputc('\n', out);
	if (report->complete)
		return;
	doubts_say_brief(&doubts, report);
	fprintf(out, "but not all that happened is known: %s\n", doubts.s);
}

/* Tells it. Returns the exit code. */
static int tell(const struct options *options, const struct iopf_report *report,
		const struct explain_subject *subject, FILE *out, bool color)
{
	struct explain_choice choice = explain_find(report, subject);
	const char *file = options->operand[0];
	struct output_opts opts = options->show;

	opts.color = color;
	opts.verbose = true;
	if (!choice.finding) {
		tell_nothing(subject, file, report, out);
		if (!subject->has_group)
			return EXIT_PASS;
		return tell_group(file, report, subject->group, &opts, out);
	}
	output_story(report, &opts, choice.finding, choice.c, out);
	if (!choice.c)
		return EXIT_PASS;
	if (names_case_is_all(choice.finding->rule))
		return tell_answers(file, report, &opts, out);
	return tell_case(file, report, choice.c, &opts, out);
}

/*
 * The exit code once all was told: as that of 'trace', whether the recording is all of what happened.
 * What breaks a rule is what was asked for, and no failure.
 */
static int conclude(const struct iopf_report *report)
{
	if (report->complete && !report->doubt[IOPF_DOUBT_BALANCE])
		return EXIT_PASS;
	say("not all that happened was seen: 'iopftrace report' says why");
	return EXIT_INCONCLUSIVE;
}

/* Judges the file, with everything that can be wrong in the command line known to be right. */
static int explain(const struct options *options, const struct judging *judging,
		   const struct explain_subject *subject)
{
	struct iopf_engine_opts engine = { .max_cases = subject->has_group ? CASES_OF_GROUPS : 0 };
	struct iopf_report *report = NULL;
	struct outfile file;
	bool color;
	int code;

	if (outfile_open(&file, options->output)) {
		say("%s", file.error);
		return EXIT_RUNTIME;
	}
	judging_engine(judging, &engine);
	color = options_use_color(options, file.stream);
	code = replay_keep(options->operand[0], true);
	if (!code)
		code = replay_report(options->operand[0], &engine, &report);
	if (!code && outfile_gather(&file)) {
		say("out of memory");
		code = EXIT_RUNTIME;
	}
	if (!code)
		code = tell(options, report, subject, file.stream, color);
	if (code) {
		outfile_abort(&file);
	} else if (outfile_commit(&file)) {
		say("%s", file.error);
		code = EXIT_RUNTIME;
	} else {
		code = conclude(report);
	}
	iopf_report_free(report);
	return code;
}

int cmd_explain(const struct options *options)
{
	const char *word = options->nr_operands > 1 ? options->operand[1] : NULL;
	struct explain_subject subject;
	struct options_error error;
	struct judging judging;
	int code;

	if (!options->nr_operands) {
		fprintf(stderr, "iopftrace: explain what? Give a FILE\n"
				"try 'iopftrace explain --help'\n");
		return EXIT_USAGE;
	}
	if (explain_parse(&subject, word, error.text, sizeof(error.text))) {
		say("%s", error.text);
		return EXIT_USAGE;
	}
	code = judging_begin(&judging, options);
	if (!code)
		code = explain(options, &judging, &subject);
	judging_close(&judging);
	return code;
}
