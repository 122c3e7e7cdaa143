// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* trace: one line per event, as they come, or as they were recorded. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "exit_codes.h"
#include "live.h"
#include "outfile.h"
#include "output/event_line.h"
#include "replay.h"
#include "replay_start.h"
#include "verbs.h"

/* How long an event may wait to be seen when standard output is a pipe. */
#define FLUSH_NS 200000000ULL

struct printer {
	const struct options *options;
	struct iopf_engine *engine;
	struct event_names names;
	struct outfile *file;
	FILE *out; /* of the file */
	int (*put)(struct printer *p, const struct iopf_rec *rec);
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

/* The fault object that a record is about, 0 when it is about none. */
static uint64_t object_of(const struct iopf_rec *rec)
{
	if (!event_is_whole(rec))
		return 0;
	switch (rec->type) {
	case IOPF_REC_ENQUEUE:
		return ((const struct iopf_rec_enqueue *)rec)->object;
	case IOPF_REC_READ:
		return ((const struct iopf_rec_read *)rec)->object;
	case IOPF_REC_READ_MORE:
		return ((const struct iopf_rec_read_more *)rec)->object;
	case IOPF_REC_RESPONSE:
		return ((const struct iopf_rec_response *)rec)->object;
	case IOPF_REC_WRITE:
		return ((const struct iopf_rec_write *)rec)->object;
	case IOPF_REC_AUTO:
		return ((const struct iopf_rec_auto *)rec)->object;
	case IOPF_REC_DESTROY:
		return ((const struct iopf_rec_destroy *)rec)->object;
	case IOPF_REC_ALLOC:
		return ((const struct iopf_rec_alloc *)rec)->object;
	case IOPF_REC_RELEASE:
		return ((const struct iopf_rec_release *)rec)->object;
	default:
		return 0;
	}
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
	uint64_t object = object_of(rec);
	/* Asked before and after, since a record may bring its object into scope, or end it. */
	bool show = !object || iopf_engine_in_scope(p->engine, object);

	p->malformed = iopf_engine_feed(p->engine, rec) == -EINVAL;
	if (p->malformed)
		return 0;
	show = show || iopf_engine_in_scope(p->engine, object);
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
	if (report->lost.events)
		fprintf(stderr, "iopftrace: %llu events were lost: use a larger --buffer\n",
			(unsigned long long)report->lost.events);
	if (report->lost.probe_misses > report->lost.made_good)
		fprintf(stderr, "iopftrace: probes missed %llu calls\n",
			(unsigned long long)report->lost.probe_misses);
	if (report->verdict == IOPF_INCONCLUSIVE && !report->lost.events)
		fprintf(stderr,
			"iopftrace: not all that happened was seen: 'iopftrace %s' says why\n",
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

/* How events are shown from now on; what stands above them is written. */
static void choose_format(struct printer *p)
{
	const char *format = p->options->format->name;

	if (!strcmp(format, "json")) {
		p->put = put_json;
	} else if (!strcmp(format, "csv")) {
		p->put = put_csv;
		event_csv_heads(p->out);
	} else {
		p->put = put_text;
		event_line_heads(p->out, options_use_color(p->options, p->out));
	}
}

static void printer_init(struct printer *p, const struct options *options,
			 struct iopf_engine *engine, const uint64_t *start_ns, struct outfile *file)
{
	*p = (struct printer){
		.options = options,
		.engine = engine,
		.names = { engine, name_task, name_device },
		.start_ns = start_ns,
		.file = file,
		.out = file->stream,
	};
	choose_format(p);
}

static int trace(const struct options *options, struct live_run *live, struct outfile *file)
{
	struct printer printer;
	struct session_sink sink = { .record = print, .tick = flush, .arg = &printer };
	struct iopf_report *report;
	int code;

	live->opts.tick_ns = FLUSH_NS;
	printer_init(&printer, options, live->engine, &live->run.start_ns, file);
	code = live_run_finish(live, &sink, &report);
	if (code)
		return code;
	code = conclude(report, false);
	iopf_report_free(report);
	return code;
}

/* What happens now. Returns the exit code. */
static int trace_live(const struct options *options, struct outfile *file)
{
	struct iopf_engine_opts engine = { .judge = false };
	struct live_run live;
	int code;

	code = live_run_open(&live, options, &engine);
	if (!code)
		code = trace(options, &live, file);
	live_run_close(&live);
	return code;
}

/*
 * What was recorded: complete or not is what the exit code tells, since how the command ended that
 * was recorded then is nothing that went wrong now.
 */
static int trace_recorded(const struct options *options, struct replay *replay,
			  struct outfile *file)
{
	struct iopf_engine_opts opts = { .judge = false };
	struct iopf_report *report = NULL;
	struct iopf_engine *engine;
	struct printer printer;
	struct iopf_run run;
	uint64_t start_ns = replay_start(options->operand[0], replay);
	int code = EXIT_RUNTIME;

	replay_scope(replay, &opts);
	engine = iopf_engine_new(&opts);
	if (engine) {
		printer_init(&printer, options, engine, &start_ns, file);
		code = replay_each(replay, print_recorded, &printer, &run);
	}
	if (engine && !code)
		report = iopf_engine_finish(engine, &run);
	if (report) {
		conclude(report, true);
		code = report->verdict == IOPF_INCONCLUSIVE ? EXIT_INCONCLUSIVE : EXIT_PASS;
	} else if (!code || !engine) {
		fprintf(stderr, "iopftrace: out of memory\n");
		code = EXIT_RUNTIME;
	}
	iopf_report_free(report);
	iopf_engine_free(engine);
	return code;
}

static int trace_file(const struct options *options, struct outfile *file)
{
	struct replay *replay;
	int code = replay_open(&replay, options->operand[0]);

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
		fprintf(stderr, "iopftrace: %s\n", file.error);
		return EXIT_RUNTIME;
	}
	code = options->nr_operands ? trace_file(options, &file) : trace_live(options, &file);
	/* What was traced before an error is worth keeping. */
	if (outfile_commit(&file)) {
		fprintf(stderr, "iopftrace: %s\n", file.error);
		return EXIT_RUNTIME;
	}
	return code;
}
