/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The threads of a Perfetto trace, and the calls they make: slices that nest.
 *
 * Records tell of calls when they return, the inner ones first, and of a write that answered
 * everything not at all but by its answers. So a thread's calls are kept until it is known to be
 * outside of them, which a record of another call shows; then they are written in order of time.
 */
#ifndef OUTPUT_PERFETTO_THREADS_H
#define OUTPUT_PERFETTO_THREADS_H

#ifndef OUTPUT_PERFETTO_PRIVATE
#error "private to src/output/perfetto*.c: use perfetto.h"
#endif

#include "iopftrace/event.h"
#include "event_line.h"
#include "perfetto_packets.h"
#include "perfetto_table.h"

#define PF_CALL_NOTES 5

struct pf_call {
	const char *name;
	uint32_t bracket; /* enum iopf_context: which call it is; 0 = an answer */
	uint32_t order; /* in which it was told */
	uint64_t begin_ns, end_ns;
	struct pf_note note[PF_CALL_NOTES]; /* texts are constants */
	uint32_t nr_notes;
	uint32_t first_flow, nr_flows; /* in the thread's flow[] */
	uint64_t last_flow; /* 0 = none */
	uint64_t correlation; /* 0 = none */
};

struct pf_thread {
	struct pf_link link;
	uint32_t tgid, tid;
	uint64_t track; /* 0 = not described yet */
	uint64_t last_ns; /* of what was written last */
	uint32_t inside; /* set of enum iopf_context: whose return will be told */
	struct pf_call *call;
	uint32_t nr, max;
	uint32_t last; /* number of the last that is no answer, from 1; 0 = none */
	uint64_t *flow;
	uint32_t nr_flows, max_flows;
};

struct pf_process {
	struct pf_link link;
	uint64_t track;
};

struct pf_threads {
	struct pf_writer *w;
	const struct event_names *names;
	struct pf_table threads, processes;
	bool failed; /* out of memory */
};

/* Makes it. 0 or -ENOMEM. */
int pf_threads_init(struct pf_threads *ts, struct pf_writer *w, const struct event_names *names,
		    uint64_t seed);

/* Frees it; what was not written is not. */
void pf_threads_free(struct pf_threads *ts);

/* Writes what was kept. */
void pf_threads_finish(struct pf_threads *ts);

/* The thread that made a record; NULL when out of memory. */
struct pf_thread *pf_thread_of(struct pf_threads *ts, const struct iopf_rec *rec);

/*
 * A record from inside the calls @context of a thread, one of which began at @enter_ns (0 = not
 * known): if the calls that were kept are others, they are over, and written.
 */
void pf_thread_goes_on(struct pf_threads *ts, struct pf_thread *t, uint32_t context,
		       uint64_t enter_ns);

/* What has been told is all there was, unless the thread is inside of more. */
void pf_thread_returned(struct pf_threads *ts, struct pf_thread *t, uint32_t context);

/*
 * The call of this kind that began at @begin_ns, which is made known; it goes on until @end_ns at
 * least. NULL when out of memory. Valid until the next one is asked for.
 */
struct pf_call *pf_thread_call(struct pf_threads *ts, struct pf_thread *t, uint32_t bracket,
			       uint64_t begin_ns, uint64_t end_ns);

/* The call of this kind that began at @begin_ns, if it is kept and was told last; else NULL. */
struct pf_call *pf_thread_last(const struct pf_thread *t, uint32_t bracket, uint64_t begin_ns);

/* Says something about a call; once for each name. */
void pf_call_note(struct pf_call *call, const char *name, int64_t number);
void pf_call_note_text(struct pf_call *call, const char *name, const char *text);

/* Lets an arrow pass through the call that was asked for last. Whether it does. */
bool pf_thread_flow(struct pf_threads *ts, struct pf_thread *t, struct pf_call *call,
		    uint64_t flow);

#endif /* OUTPUT_PERFETTO_THREADS_H */
