/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The packets of a Perfetto trace: tracks, and events on them. Knows the format's field numbers, and
 * nothing of page faults. All packets are of one sequence; nothing is interned.
 */
#ifndef OUTPUT_PERFETTO_PACKETS_H
#define OUTPUT_PERFETTO_PACKETS_H

#ifndef OUTPUT_PERFETTO_PRIVATE
#error "private to src/output/perfetto*.c: use perfetto.h"
#endif

#include <stdint.h>
#include <stdio.h>

#include "protobuf.h"

struct pf_writer {
	FILE *out;
	struct pb pb; /* the packet being made */
	uint64_t last_uuid;
	int error; /* of writing, or -ENOMEM; nothing is written after it */
};

enum pf_track_kind {
	PF_TRACK_SLICES,
	PF_TRACK_COUNTER,
	PF_TRACK_PROCESS,
	PF_TRACK_THREAD,
};

struct pf_track {
	enum pf_track_kind kind;
	uint64_t parent; /* 0 = none */
	const char *name; /* UTF-8; of a process and a thread it is their own */
	uint32_t pid, tid;
};

/* The numbers are the format's. */
enum pf_event_type {
	PF_BEGIN = 1,
	PF_END = 2,
	PF_INSTANT = 3,
	PF_COUNTER = 4,
};

/* What is said about an event: text, or a number when there is no text. */
struct pf_note {
	const char *name;
	const char *text;
	int64_t number;
};

struct pf_event {
	enum pf_event_type type;
	uint64_t track, time_ns;
	const char *name; /* NULL = none, as of PF_END */
	int64_t value; /* of PF_COUNTER */
	const struct pf_note *note;
	size_t nr_notes;
	const uint64_t *flow; /* arrows that begin here or pass through */
	size_t nr_flows;
	uint64_t last_flow; /* one that ends here; 0 = none */
	uint64_t correlation; /* 0 = none */
};

/* Begins a trace on @out; NULL = nothing is written. */
void pf_begin(struct pf_writer *w, FILE *out);

/* Says which clock the times are of, and what time it was: @realtime_ns 0 = unknown. */
void pf_clock(struct pf_writer *w, uint64_t monotonic_ns, uint64_t realtime_ns);

/* Describes a new track; returns its uuid. */
uint64_t pf_describe(struct pf_writer *w, const struct pf_track *track);

void pf_put(struct pf_writer *w, const struct pf_event *event);

/* Ends it: returns 0 or a negative errno. Does not flush. */
int pf_finish(struct pf_writer *w);

#endif /* OUTPUT_PERFETTO_PACKETS_H */
