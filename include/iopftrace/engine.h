/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The engine: is fed records in the order of their sequence numbers, follows every group through
 * its life and, at the end, gives a report. Pure: no I/O, no clock, no globals. Live tracing,
 * files and tests feed it the same way.
 *
 * Errors are negative errno. Not thread safe.
 */
#ifndef IOPFTRACE_ENGINE_H
#define IOPFTRACE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/breakdown.h"
#include "iopftrace/event.h"
#include "iopftrace/report.h"
#include "iopftrace/rules.h"

/* What an engine takes that has seen nothing, and room for some thousand groups. */
#define IOPF_MEMORY_MIN (8U << 20)

struct iopf_engine;
struct iopf_run;

/* Called for each record, in order. A negative return stops and is passed on. */
typedef int (*iopf_order_fn)(void *arg, const struct iopf_rec *rec);

/* What records lost, or probes missed, do to a run in which nothing is proven wrong. */
enum iopf_on_loss {
	IOPF_LOSS_INCONCLUSIVE, /* the default */
	IOPF_LOSS_FAIL, /* exit code 1 instead of 5; the verdict stays inconclusive */
	IOPF_LOSS_IGNORE, /* pass, of what was seen */
};

struct iopf_engine_opts {
	/*
	 * Scope: with no root the whole machine. With roots, the fault objects that one of these
	 * processes (by tgid), or with @descendants any process FORK records derive from them,
	 * creates, reads or writes.
	 */
	const uint32_t *roots;
	size_t nr_roots;
	bool descendants;
	/*
	 * The number of the first record, and the time before which all is in another recording, of which
	 * this one is the continuation: what was there is not missing. 0 and 0 = there is no other.
	 */
	uint64_t first_seq, first_ns;
	size_t slowest; /* how many slowest groups to keep; 0 = 5 */
	size_t max_groups; /* limit of groups held at one time; 0 = what memory_limit allows */
	/*
	 * Bytes that all it keeps may take, but for the cases of findings and the report, which are bounded by
	 * themselves; 0 = no limit. At the limit nothing new is followed, and the report says so. The least
	 * that makes sense is IOPF_MEMORY_MIN.
	 */
	size_t memory_limit;
	struct iopf_breakdown_opts breakdown; /* figures by keys or by time; zeroed: none */
	uint64_t min_groups; /* fewer enqueued groups than this make the run inconclusive */

	bool judge; /* by the rules; else only count and time */
	uint8_t severity[IOPF_RULES + 1]; /* by rule number: enum iopf_severity */
	uint64_t deadline_ns[IOPF_DEADLINES]; /* 0 = none */
	enum iopf_on_loss on_loss;
	bool verdict_only; /* CMD's own status is told, and is not the exit code */
	size_t max_cases; /* how many cases of one rule to keep with their evidence; 0 = 8 */
	/* Called when a finding is made, before it is known whether the run will bear it out. */
	void (*on_finding)(void *arg, const struct iopf_rule *rule, enum iopf_severity severity,
			   const struct iopf_case *c);
	void *on_finding_arg;
	/* The same, of one that only the end of the trace can confirm; NULL = it is told then. */
	void (*on_suspected)(void *arg, const struct iopf_rule *rule, enum iopf_severity severity,
			     const struct iopf_case *c);
	/*
	 * Asked first, where it is known: what probes have missed and what was lost so far. A finding
	 * that these make doubtful is not told.
	 */
	void (*misses)(void *arg, struct iopf_run *so_far);
	void *misses_arg;
	/*
	 * Any number that whoever wrote the records cannot know: the tables that records fill are spread by
	 * it, so that no file can be made of which reading takes long. Nothing that is shown depends on it.
	 */
	uint64_t seed;
	/* For tests: no record takes the short cut of those that nothing is remarkable about. */
	bool long_way;
};

/* What the engine cannot know from records. Strings are copied. */
struct iopf_run {
	const char *version;
	const char *kernel;
	uint64_t start_ns, end_ns;
	uint64_t start_realtime_ns;
	/*
	 * Of a piece of a longer recording, at the end of which nobody looked for calls that had not
	 * returned: all answers before this time have been told. 0 = it is no such piece.
	 */
	uint64_t settled_ns;
	bool has_child;
	int child_status;
	bool cut; /* draining was given up, or the input ended without its end mark */
	enum iopf_why_cut why_cut; /* of a run that saw its end: why draining was given up */
	/* Processes of the scope that the kernel side could not follow; and of them, those of which why is known. */
	uint64_t unfollowed, unfollowed_by[IOPF_UNFOLLOWED_REASONS];
	enum iopf_input input; /* of a file: what cut it */
	/*
	 * Records and blocks that were in a file once, and are not there: what they leave out was not lost
	 * while tracing. And the number that follows all that were recorded; 0 = that of the last record.
	 */
	uint64_t missing, missing_parts, until_seq;
	bool doubtful; /* records of another recording may be among those of this one: they prove nothing */
	uint32_t absent; /* probes that were not attached: set of 1 << iopf_probe */
	uint32_t absent_first; /* of them, those that were not from the beginning */
	uint64_t lost[IOPF_LOST_REASONS]; /* the kernel side's counters */
	uint64_t missed[IOPF_PROBES]; /* programs not run, and nobody told what they would have */
	bool misses_unknown; /* the input ended before it told of all of these */
	uint64_t probe_misses; /* the kernel's count of programs not run, all of them */
	uint64_t made_good; /* of them, those whose neighbours told what they would have */
	uint64_t made_good_by[IOPF_PROBES]; /* the same by program; missed[] is what comes on top */
	bool made_good_told; /* else made_good_by[] is not known: recordings of before do not tell */
	uint64_t empty_reads; /* counted in the kernel, not recorded */
	uint64_t empty_ns; /* inside of these, entry to return; 0 = not known */
	uint64_t probe_runs, probe_ns, wakeups, records, bytes;
	size_t ring_bytes;
};

/* Makes an engine; NULL when out of memory. @opts is copied. */
struct iopf_engine *iopf_engine_new(const struct iopf_engine_opts *opts);

void iopf_engine_free(struct iopf_engine *e);

/*
 * Says when the run began, for who does not know it before there is an engine: before the first record,
 * instead of iopf_breakdown_opts.start_ns.
 */
void iopf_engine_start(struct iopf_engine *e, uint64_t start_ns);

/*
 * Takes one record, which must be the next by sequence number: a jump is a gap, and counted as one.
 * Records of unknown type are skipped. -EINVAL for one that is malformed (size does not fit its
 * type): it is not used. -ENOMEM when memory ran out: the engine goes on, the report says so.
 */
int iopf_engine_feed(struct iopf_engine *e, const struct iopf_rec *rec);

/* The record behind one: each begins at a multiple of 8 bytes. */
static inline const struct iopf_rec *iopf_rec_next(const struct iopf_rec *rec)
{
	return (const struct iopf_rec *)((const char *)rec + ((rec->size + 7U) & ~7U));
}

/*
 * Takes @nr records, each behind the one before, as iopf_engine_feed() would one by one. Adds to
 * @malformed those that make no sense.
 */
void iopf_engine_feed_all(struct iopf_engine *e, const struct iopf_rec *rec, size_t nr,
			  uint64_t *malformed);

/*
 * Says what time it is, for deadlines to be judged while nothing happens. Not needed for files: the
 * end is told by iopf_engine_finish().
 */
void iopf_engine_advance(struct iopf_engine *e, uint64_t now_ns);

/*
 * What is counted so far, while the engine goes on: groups that have ended are in the stages, others
 * are outstanding. With @running set, and without what only the end can tell: verdict, findings,
 * waiting groups, objects. Counts only grow, but for outstanding groups, and delivered and adopted
 * ones, of which some may turn out to have been counted twice. NULL when out of memory.
 */
struct iopf_report *iopf_engine_so_far(struct iopf_engine *e, const struct iopf_run *so_far);

/*
 * Tells what had been lost and missed when all records so far had been taken: only the counters of
 * @so_far are used. What was found until now is proven, as far as they go, also when the input ends
 * without saying what was missed in all (iopf_run.misses_unknown).
 */
void iopf_engine_counted(struct iopf_engine *e, const struct iopf_run *so_far);

/* Ends it. The engine can only be freed afterwards. NULL when out of memory. */
struct iopf_report *iopf_engine_finish(struct iopf_engine *e, const struct iopf_run *run);

/*
 * Tells, as records, what an engine must know that goes on from here: names, the processes of the scope
 * and their objects, and the groups that are certainly outstanding. The records have the numbers before
 * that of the next record, from *@first_seq on, and the time *@now_ns, which is raised to that of the
 * last record. @first_seq and @now_ns are what iopf_engine_opts.first_seq and first_ns of such an engine
 * must be; with @fn NULL they are all that is told. Returns 0, the error of @fn, or -ERANGE when so few
 * records have been taken that there are no numbers for these.
 */
int iopf_engine_restate(const struct iopf_engine *e, iopf_order_fn fn, void *arg,
			uint64_t *first_seq, uint64_t *now_ns);

/* The name of a thread or a device as far as records have told it, else "". For the live views. */
const char *iopf_engine_comm(const struct iopf_engine *e, uint32_t tid);
const char *iopf_engine_device(const struct iopf_engine *e, uint64_t dev);

/* Whether the object with this kernel address is in scope, as far as is known now. */
bool iopf_engine_in_scope(const struct iopf_engine *e, uint64_t object);

/*
 * The sequencer: puts records back into the order of their sequence numbers. A ring buffer gives
 * them in the order of reservation, which differs by a few places when CPUs race. It must not wait
 * for ever for a record that was lost, nor call lost one that is only late: the kernel side counts
 * its losses, so when as many numbers are missing as losses were counted, all the missing are lost.
 */
struct iopf_order;

struct iopf_order *iopf_order_new(iopf_order_fn fn, void *arg);
void iopf_order_free(struct iopf_order *o);

/* Takes a record in any order. Passes on what is in order now; copies what has to wait. */
int iopf_order_add(struct iopf_order *o, const struct iopf_rec *rec);

/*
 * To be called after each pass over the ring buffer with the kernel side's count of numbers that
 * were taken but never written (IOPF_LOST_RING_FULL), read *after* the pass. Passes on what no
 * longer has to wait.
 */
int iopf_order_lost(struct iopf_order *o, uint64_t lost);

/*
 * At the end: whatever is missing is lost. @next_seq is the kernel side's sequence counter, so
 * that what is missing after the last record is known too (0 = unknown).
 */
int iopf_order_flush(struct iopf_order *o, uint64_t next_seq);

/* How many records wait for an earlier one. */
size_t iopf_order_waiting(const struct iopf_order *o);

/* How many sequence numbers are missing at the end of the stream; valid after a flush. */
uint64_t iopf_order_missing_tail(const struct iopf_order *o);

#endif /* IOPFTRACE_ENGINE_H */
