/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The events of a trace for ui.perfetto.dev: docs/formats.md says what is on which track.
 *
 * Is fed records in order, like the engine, and writes as it goes. It holds what is outstanding, and
 * a little for each object, device and thread that there was.
 */
#ifndef OUTPUT_PERFETTO_H
#define OUTPUT_PERFETTO_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "event_line.h"
#include "iopftrace/engine.h"

struct perfetto;

struct perfetto_opts {
	struct event_names names; /* what they say may grow while records come */
	bool everything; /* objects that are not known are of the scope */
	uint64_t start_ns, start_realtime_ns; /* CLOCK_MONOTONIC, CLOCK_REALTIME; 0 = not known */
};

/* Begins a trace on @out. NULL when out of memory. */
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
