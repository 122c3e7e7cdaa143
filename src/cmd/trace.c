// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* trace: one line per event, as they come. */
#include <stdio.h>
#include <string.h>

#include "exit_codes.h"
#include "live.h"
#include "outfile.h"
#include "output/event_line.h"
#include "verbs.h"

/* How long an event may wait to be seen when standard output is a pipe. */
#define FLUSH_NS 200000000ULL

struct printer {
	const struct options *options;
	struct iopf_engine *engine;
	struct event_names names;
	FILE *out;
	bool json;
	uint64_t first_ns;
	int error; /* of writing */
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

	iopf_engine_feed(p->engine, rec);
	show = show || iopf_engine_in_scope(p->engine, object);
	if (!show || p->error || (is_housekeeping(rec) && !p->options->show.verbose))
		return 0;
	if (!p->first_ns)
		p->first_ns = rec->time_ns;
	p->error = p->json ? event_json(p->out, rec, &p->names) :
			     event_line(p->out, rec, &p->names, p->first_ns);
	return p->error;
}

static void flush(void *arg, uint64_t now_ns)
{
	struct printer *p = arg;

	(void)now_ns;
	fflush(p->out);
}

/* The lines are the output; what would make them misleading is said beside them. */
static int conclude(const struct iopf_report *report)
{
	if (report->lost.events)
		fprintf(stderr, "iopftrace: %llu events were lost: use a larger --buffer\n",
			(unsigned long long)report->lost.events);
	if (report->lost.probe_misses > report->lost.made_good)
		fprintf(stderr, "iopftrace: probes missed %llu calls\n",
			(unsigned long long)report->lost.probe_misses);
	if (report->verdict == IOPF_INCONCLUSIVE && !report->lost.events)
		fprintf(stderr,
			"iopftrace: not all that happened was seen: 'iopftrace run' says why\n");
	return report->exit_code;
}

static int trace(const struct options *options, struct live_run *live, struct outfile *file)
{
	struct printer printer = {
		.options = options,
		.engine = live->engine,
		.names = { live->engine, name_task, name_device },
		.out = file->stream,
		.json = !strcmp(options->format->name, "json"),
	};
	struct session_sink sink = { .record = print, .tick = flush, .arg = &printer };
	struct iopf_report *report;
	int code;

	live->opts.tick_ns = FLUSH_NS;
	if (!printer.json)
		event_line_heads(file->stream, options_use_color(options, file->stream));
	code = live_run_finish(live, &sink, &report);
	if (code)
		return code;
	code = conclude(report);
	iopf_report_free(report);
	return code;
}

int cmd_trace(const struct options *options)
{
	struct live_run live;
	struct outfile file;
	int code;

	if (outfile_open(&file, options->output)) {
		fprintf(stderr, "iopftrace: %s\n", file.error);
		return EXIT_RUNTIME;
	}
	code = live_run_open(&live, options, 0);
	if (!code)
		code = trace(options, &live, &file);
	live_run_close(&live);
	/* What was traced before an error is worth keeping. */
	if (outfile_commit(&file)) {
		fprintf(stderr, "iopftrace: %s\n", file.error);
		return EXIT_RUNTIME;
	}
	return code;
}
