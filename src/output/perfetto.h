/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The events of a trace for ui.perfetto.dev: docs/formats.md says what is on which track.
 *
 * Is fed records in order, like the engine, and writes as it goes. It holds what is outstanding, and
 * a little for each object, device and thread that there was. Who wants the groups that it follows and
 * not the trace is given these instead.
 */
#ifndef OUTPUT_PERFETTO_H
#define OUTPUT_PERFETTO_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "event_line.h"
#include "iopftrace/engine.h"

struct perfetto;

enum perfetto_outcome {
	PERFETTO_ANSWERED,
	PERFETTO_OUTSTANDING, /* at the end */
	PERFETTO_UNKNOWN, /* it has ended, and how was not seen */
};

/* The life of one group. Strings are those of perfetto_opts.names. */
struct perfetto_group {
	struct iopf_group_view view; /* its seq is that of the record that showed it */
	enum perfetto_outcome outcome;
	bool adopted; /* its beginning was not seen */
	bool stale; /* events were lost while it lived */
	bool vague; /* what it asked for was not seen */
	uint64_t seen_ns; /* of one that was adopted: when it was first heard of */
	uint64_t read_enter_ns, answer_enter_ns; /* when the calls were entered; 0 = not known */
	uint64_t end_ns; /* when it ended, or the trace, as far as is known */
	struct { /* who gave the answer, the kernel's too */
		uint32_t tgid, tid;
		const char *comm;
	} answerer;
	struct { /* answers with its cookie that the kernel refused, the last of them */
		uint32_t count, code;
		uint64_t enter_ns, time_ns;
		uint32_t tgid, tid;
		const char *comm;
	} refused;
};

struct perfetto_opts {
	struct event_names names; /* what they say may grow while records come */
	bool everything; /* objects that are not known are of the scope */
	uint64_t seed; /* any number that whoever wrote the records cannot know; it does not show */
	uint64_t start_ns, start_realtime_ns; /* CLOCK_MONOTONIC, CLOCK_REALTIME; 0 = not known */
	/* Called for each group of the scope once it has ended, or at the end: then nothing is written. */
	void (*on_group)(void *arg, const struct perfetto_group *g);
	void *on_group_arg;
};

/* Begins a trace on @out, which may be NULL with @on_group. NULL when out of memory. */
struct perfetto *perfetto_new(FILE *out, const struct perfetto_opts *opts);

/*
 * Takes the next record. @in_scope: of the object that it is about, if it is about one; an object
 * that has once been in scope stays in it. Returns 0, or a negative errno when the trace cannot be
 * written.
 */
int perfetto_record(struct perfetto *p, const struct iopf_rec *rec, bool in_scope);

/*
 * Ends what is open, and the trace. Of @run it uses the end, and whether records are missing there.
 * Returns 0 or a negative errno; does not flush. It can only be freed afterwards.
 */
int perfetto_finish(struct perfetto *p, const struct iopf_run *run);

/* NULL is allowed. */
void perfetto_free(struct perfetto *p);

#endif /* OUTPUT_PERFETTO_H */
