// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* trace: one line per event, or a block per group, as they come, or as they were recorded. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "exit_codes.h"
#include "out_of_memory.h"
#include "live.h"
#include "outfile.h"
#include "output/doubts.h"
#include "output/empty.h"
#include "output/event_line.h"
#include "output/journeys.h"
#include "output/perfetto.h"
#include "replay.h"
#include "replay_again.h"
#include "replay_start.h"
#include "verbs.h"
#include "say.h"

/* How long an event may wait to be seen when standard output is a pipe. */
#define FLUSH_NS 200000000ULL

struct printer {
	const struct options *options;
	struct iopf_engine *engine;
	struct event_names names;
	struct event_ids *ids; /* of @names */
	struct outfile *file;
	FILE *out; /* of the file */
	int (*put)(struct printer *p, const struct iopf_rec *rec); /* NULL with one of these */
	struct perfetto *perfetto; /* which is given all records */
	struct journeys *journeys; /* likewise */
	const uint64_t *start_ns; /* of the run, once that has begun: times are since then */
	bool malformed; /* the last record */
};

static const char *name_task(void *arg, uint32_t tid)
{
	return iopf_engine_comm(arg, tid);
}

static const char *name_device(void *arg, uint64_t dev)
{
	return iopf_engine_device(arg, dev);
}

/* Records that only serve the others: names, processes. */
static bool is_housekeeping(const struct iopf_rec *rec)
{
	return rec->type == IOPF_REC_TASK || rec->type == IOPF_REC_DEVICE ||
	       rec->type == IOPF_REC_FORK || rec->type == IOPF_REC_EXIT;
}

static int print(void *arg, const struct iopf_rec *rec)
{
	struct printer *p = arg;
	uint64_t object = event_object(rec);
	/* Asked before and after, since a record may bring its object into scope, or end it. */
	bool show = !object || iopf_engine_in_scope(p->engine, object);

	p->malformed = iopf_engine_feed(p->engine, rec) == -EINVAL;
	if (p->malformed)
		return 0;
	show = show || iopf_engine_in_scope(p->engine, object);
	event_ids_take(p->ids, rec);
	/* They are shown all, since what a group is may be known before its object is in scope. */
	if (p->perfetto && !p->file->failed)
		p->file->failed = perfetto_record(p->perfetto, rec, show);
	if (p->journeys && !p->file->failed)
		p->file->failed = journeys_record(p->journeys, rec, show);
	if (!p->put)
		return p->file->failed;
	if (!show || p->file->failed || (is_housekeeping(rec) && !p->options->show.verbose))
		return 0;
	p->file->failed = p->put(p, rec);
	return p->file->failed;
}

/* The same for a file, of which it is worth telling that records in it make no sense. */
static int print_recorded(void *arg, const struct iopf_rec *rec)
{
	struct printer *p = arg;
	int err = print(p, rec);

	/* What cannot be written is told once, when the output is ended. */
	if (err)
		return -ECANCELED;
	return p->malformed ? -EINVAL : 0;
}

static void flush(void *arg, uint64_t drained_ns)
{
	struct printer *p = arg;

	(void)drained_ns;
	if (!p->file->failed)
		p->file->failed = output_flush(p->out);
}

/* The lines are the output; what would make them misleading is said beside them. */
static int conclude(const struct iopf_report *report, bool recorded)
{
	static const enum iopf_doubt told[] = { IOPF_DOUBT_LOST, IOPF_DOUBT_MISSED };

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		struct sentence s = { "", 0 };

		if (told[i] == IOPF_DOUBT_LOST ?
			    !report->lost.events :
			    report->lost.probe_misses <= report->lost.made_good)
			continue;
		doubt_say(&s, report, told[i]);
		say("%s", s.s);
	}
	if (!recorded && empty_is(report))
		say("no I/O page fault entered a fault object of what was traced");
	if (!recorded && report->out_of_scope.groups && empty_is(report))
		say("%llu went to those of others: see -p PID and --system-wide",
		    (unsigned long long)report->out_of_scope.groups);
	if (report->verdict == IOPF_INCONCLUSIVE && !report->lost.events)
		say("not all that happened was seen: 'iopftrace %s' says why",
		    recorded ? "report" : "run");
	return report->exit_code;
}

static int put_text(struct printer *p, const struct iopf_rec *rec)
{
	return event_line(p->out, rec, &p->names, *p->start_ns);
}

static int put_json(struct printer *p, const struct iopf_rec *rec)
{
	return event_json(p->out, rec, &p->names);
}

static int put_csv(struct printer *p, const struct iopf_rec *rec)
{
	return event_csv(p->out, rec, &p->names);
}

/* Whether it is Perfetto's format that was asked for. */
static bool wants_perfetto(const struct options *options)
{
	return strcmp(options->format->name, "perfetto") == 0;
}

/* Perfetto's output. Live, its moment of the start is that of the first record: *start_ns is 0. */
static int open_perfetto(struct printer *p, uint64_t start_realtime_ns)
{
	struct perfetto_opts opts = {
		.names = p->names,
		.everything = iopf_engine_in_scope(p->engine, 0),
		.seed = engine_seed(),
		.start_ns = *p->start_ns,
		.start_realtime_ns = start_realtime_ns,
	};

	p->perfetto = perfetto_new(p->out, &opts);
	return p->perfetto ? 0 : -ENOMEM;
}

/* The same of groups instead of events. */
static int open_journeys(struct printer *p)
{
	struct journeys_opts opts = {
		.names = p->names,
		.everything = iopf_engine_in_scope(p->engine, 0),
		.seed = engine_seed(),
		.json = strcmp(p->options->format->name, "json") == 0,
		.start_ns = p->start_ns,
		.show = p->options->show,
	};

	opts.show.color = options_use_color(p->options, p->out);
	p->journeys = journeys_new(p->out, &opts);
	return p->journeys ? 0 : -ENOMEM;
}

/* How events are shown from now on; what stands above them is written. */
static int choose_format(struct printer *p, uint64_t start_realtime_ns)
{
	const char *format = p->options->format->name;

	if (p->options->journey)
		return open_journeys(p);
	if (wants_perfetto(p->options))
		return open_perfetto(p, start_realtime_ns);
	if (!strcmp(format, "json")) {
		p->put = put_json;
	} else if (!strcmp(format, "csv")) {
		p->put = put_csv;
		event_csv_heads(p->out);
	} else {
		p->put = put_text;
		event_line_heads(p->out, options_use_color(p->options, p->out));
	}
	return 0;
}

/* Begins the output. *@start_ns and @start_realtime_ns are the same moment; 0 = not known. */
static int printer_open(struct printer *p, const struct options *options,
			struct iopf_engine *engine, const uint64_t *start_ns,
			uint64_t start_realtime_ns, struct outfile *file)
{
	*p = (struct printer){
		.options = options,
		.engine = engine,
		.ids = event_ids_new(),
		.start_ns = start_ns,
		.file = file,
		.out = file->stream,
	};
	p->names = (struct event_names){ engine, name_task, name_device, p->ids };
	return p->ids ? choose_format(p, start_realtime_ns) : -ENOMEM;
}

/* All records have come; what is still open ends. */
static void printer_end(void *arg, const struct iopf_run *run)
{
	struct printer *p = arg;

	if (p->perfetto && !p->file->failed)
		p->file->failed = perfetto_finish(p->perfetto, run);
	if (p->journeys && !p->file->failed)
		p->file->failed = journeys_finish(p->journeys, run);
}

static void printer_close(struct printer *p)
{
	perfetto_free(p->perfetto);
	journeys_free(p->journeys);
	event_ids_free(p->ids);
}

static int trace(const struct options *options, struct live_run *live, struct outfile *file)
{
	struct printer printer;
	struct session_sink sink = {
		.record = print, .tick = flush, .end = printer_end, .arg = &printer
	};
	struct iopf_report *report;
	int code;

	live->opts.tick_ns = FLUSH_NS;
	if (printer_open(&printer, options, live->engine, &live->run.start_ns, 0, file))
		return out_of_memory();
	code = live_run_finish(live, &sink, &report);
	if (!code) {
		code = conclude(report, false);
		iopf_report_free(report);
	}
	printer_close(&printer);
	return code;
}

/* What happens now. Returns the exit code. */
static int trace_live(const struct options *options, struct outfile *file)
{
	struct iopf_engine_opts engine = { .memory_limit = options->memory_limit };
	struct live_run live;
	int code;

	code = live_run_open(&live, options, &engine);
	if (!code)
		code = trace(options, &live, file);
	live_run_close(&live);
	return code;
}

/* The wall time of a moment of a recording; 0 = not known. */
static uint64_t realtime_of(const struct trace_info *info, uint64_t time_ns)
{
	return info->start_realtime_ns ? info->start_realtime_ns + (time_ns - info->start_ns) : 0;
}

/*
 * What was recorded: complete or not is what the exit code tells, since how the command ended that
 * was recorded then is nothing that went wrong now.
 */
static int trace_recorded(const struct options *options, struct replay *replay,
			  struct outfile *file)
{
	struct iopf_engine_opts opts = { .memory_limit = options->memory_limit };
	struct iopf_report *report = NULL;
	struct iopf_engine *engine;
	struct printer printer;
	struct iopf_run run;
	uint64_t start_ns, end_ns;
	int code;

	if (!replay_span(options->operand[0], &start_ns, &end_ns)) {
		start_ns = replay_info(replay)->start_ns;
		replay_tell_start(replay, &start_ns);
	}
	replay_scope(replay, &opts);
	engine = engine_new(&opts);
	if (!engine || printer_open(&printer, options, engine, &start_ns,
				    realtime_of(replay_info(replay), start_ns), file)) {
		iopf_engine_free(engine);
		return out_of_memory();
	}
	code = replay_each(replay, print_recorded, &printer, &run);
	if (!code) {
		printer_end(&printer, &run);
		report = iopf_engine_finish(engine, &run);
	}
	if (report) {
		conclude(report, true);
		code = report->verdict == IOPF_INCONCLUSIVE ? EXIT_INCONCLUSIVE : EXIT_PASS;
	} else if (!code) {
		code = out_of_memory();
	}
	printer_close(&printer);
	iopf_report_free(report);
	iopf_engine_free(engine);
	return code;
}

static int trace_file(const struct options *options, struct outfile *file)
{
	struct replay *replay;
	/* Lines come as the records do. A file for Perfetto is of use only once it is whole. */
	int code = replay_keep(options->operand[0], wants_perfetto(options));

	if (!code)
		code = replay_open(&replay, options->operand[0]);
	if (code)
		return code;
	code = trace_recorded(options, replay, file);
	replay_close(replay);
	return code;
}

int cmd_trace(const struct options *options)
{
	struct outfile file;
	int code;

	if (outfile_open(&file, options->output)) {
		say("%s", file.error);
		return EXIT_RUNTIME;
	}
	if (wants_perfetto(options) && isatty(fileno(file.stream)) == 1) {
		outfile_abort(&file);
		say("what is for Perfetto is not written to a terminal: "
		    "use -o FILE, or a pipe");
		return EXIT_USAGE;
	}
	code = options->nr_operands ? trace_file(options, &file) : trace_live(options, &file);
	/* What was traced before an error is worth keeping. */
	if (outfile_commit(&file)) {
		say("%s", file.error);
		return EXIT_RUNTIME;
	}
	return code;
}
