/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The journeys of all groups of a trace: a block of text for each, or an object, written when the group
 * has ended; at the end those that have not. Is fed records in order; holds what is outstanding, and a
 * little for each object, device and thread.
 */
#ifndef OUTPUT_JOURNEYS_H
#define OUTPUT_JOURNEYS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "event_line.h"
#include "iopftrace/engine.h"
#include "output.h"

struct journeys;

struct journeys_opts {
	struct event_names names; /* what they say may grow while records come */
	uint64_t seed; /* as in struct perfetto_opts */
	bool everything; /* objects that are not known are of the scope */
	bool json; /* an object a line, else text */
	const uint64_t *start_ns; /* of the run, once that has begun: text has times since then */
	struct output_opts show; /* of text */
};

/* NULL when out of memory. @out must stay open until journeys_finish(). */
struct journeys *journeys_new(FILE *out, const struct journeys_opts *opts);

/*
 * Takes the next record. @in_scope: of the object that it is about, if it is about one. Returns 0, or a
 * negative errno when anything could not be written or memory ran out.
 */
int journeys_record(struct journeys *j, const struct iopf_rec *rec, bool in_scope);

/* All records have come. As above; does not flush. It can only be freed afterwards. */
int journeys_finish(struct journeys *j, const struct iopf_run *run);

/* NULL is allowed. */
void journeys_free(struct journeys *j);

struct perfetto_group;

/* text_journeys.c, json_journeys.c: one of them. */
void journeys_text(const struct perfetto_group *g, const struct journeys_opts *opts, FILE *out);
void journeys_json(const struct perfetto_group *g, FILE *out);

#endif /* OUTPUT_JOURNEYS_H */
