/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A finished report: everything the output formats show. They show it and compute nothing.
 *
 * Units: times in nanoseconds (_ns) of CLOCK_MONOTONIC unless said otherwise. Strings belong to the
 * report and live as long as it does. Made by iopf_engine_finish(), or unfinished by
 * iopf_engine_so_far(); freed by iopf_report_free().
 */
#ifndef IOPFTRACE_REPORT_H
#define IOPFTRACE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/breakdown.h"
#include "iopftrace/event.h"
#include "iopftrace/histogram.h"
#include "iopftrace/rules.h"

/* The moments of a group: Report, Queue, Deliver, Write, Ack; see iopf_stage. */
enum iopf_moment {
	IOPF_AT_REPORT,
	IOPF_AT_QUEUE,
	IOPF_AT_DELIVER,
	IOPF_AT_WRITE,
	IOPF_AT_ACK,
	IOPF_MOMENTS
};

/* The time from one moment to another. */
enum iopf_stage {
	IOPF_STAGE_ROUTE, /* Report to Queue: the core finds the handler */
	IOPF_STAGE_WAIT, /* Queue to Deliver: nobody has read it yet */
	IOPF_STAGE_SERVICE, /* Deliver to Write: user space repairs the mapping */
	IOPF_STAGE_ACK, /* Write to Ack: the driver tells the device */
	IOPF_STAGE_TOTAL, /* Report to Ack */
	IOPF_STAGES
};

/* "route", "wait", ...: the names used in every output. */
const char *iopf_stage_name(enum iopf_stage stage);

/* Who answered a group. */
enum iopf_responder {
	IOPF_BY_NOBODY,
	IOPF_BY_USER, /* a write to the fault FD */
	IOPF_BY_DETACH, /* auto-response at detach or replace */
	IOPF_BY_DESTROY, /* destruction of the fault object */
	IOPF_BY_QREMOVE, /* the device left its IOPF queue */
	IOPF_BY_ABORT, /* the core, because the handler refused the group */
	IOPF_BY_UNKNOWN, /* the context was not seen */
	IOPF_RESPONDERS
};

/* "user", "detach", ... */
const char *iopf_responder_name(enum iopf_responder by);

/* "read-entry", "driver", ...; "" for none that is known. */
const char *iopf_probe_name(enum iopf_probe probe);

/* What is missing without a probe: "iopf_group_response() is not probed". "" for none that is known. */
const char *iopf_probe_words(enum iopf_probe probe);

/* Whether the kernel answered in place of user space, which may still give its own answer. */
static inline bool iopf_responder_is_substitute(enum iopf_responder by)
{
	return by == IOPF_BY_DETACH || by == IOPF_BY_DESTROY || by == IOPF_BY_QREMOVE;
}

enum iopf_verdict {
	IOPF_PASS,
	IOPF_VIOLATION,
	IOPF_INCONCLUSIVE,
};

/* "pass", "violation", "inconclusive". */
const char *iopf_verdict_name(enum iopf_verdict verdict);

/* Where the exit code comes from. */
enum iopf_because {
	IOPF_BECAUSE_PASS, /* 0 */
	IOPF_BECAUSE_VIOLATION, /* 1 */
	IOPF_BECAUSE_ASSERTION, /* 2 */
	IOPF_BECAUSE_INCONCLUSIVE, /* 5; 1 where losses are to count as a failure */
	IOPF_BECAUSE_COMMAND, /* CMD's own status, which is not 0; the verdict is a pass */
	IOPF_BECAUSE_ERROR, /* 6: none of these, the recording could not be written */
};

/* "pass", "violation", "assertion", "inconclusive", "command"; NULL for an error. */
const char *iopf_because_name(enum iopf_because because);

/* One stage's figures. */
struct iopf_stage_stats {
	struct iopf_hist hist;
	uint64_t negative; /* of the values counted, how many were below 0 (taken as 0) */
};

/* A group as reports show it. */
struct iopf_group_view {
	uint64_t seq; /* of its ENQUEUE record; names the group within the run */
	uint64_t at_ns[IOPF_MOMENTS]; /* 0 = unknown or not yet */
	uint64_t stage_ns[IOPF_STAGES]; /* UINT64_MAX = not known */
	uint64_t addr;
	uint32_t object_id;
	uint32_t dev_id;
	uint32_t pasid;
	uint32_t grpid;
	uint32_t perm;
	uint32_t flags; /* IOPF_PRQ_*: pasid counts only with IOPF_PRQ_PASID_VALID */
	uint32_t pages;
	uint32_t cookie; /* 0 = not delivered, but with cookie_zero */
	bool cookie_zero; /* its cookie is 0 */
	uint32_t code; /* enum iopf_code, when answered */
	enum iopf_responder by;
	const char *device; /* name, or "" */
	uint32_t reader_tgid, reader_tid; /* 0 = not delivered */
	const char *reader; /* comm of the reading thread, or "" */
	uint32_t writer_tgid, writer_tid; /* 0 = not answered by user space */
	const char *writer;
};

/* The figures of one fault object. */
struct iopf_object_view {
	uint64_t address; /* of the kernel's object */
	uint32_t id; /* iommufd's id, 0 = unknown */
	bool in_scope;
	uint64_t groups;
	uint32_t owner_tgid; /* who created it, or read or wrote it first */
	const char *owner;
};

struct iopf_device_view {
	uint32_t dev_id;
	const char *name;
	uint64_t groups;
};

/* One occurrence of a finding, with what proves it. */
struct iopf_case {
	bool has_group;
	struct iopf_group_view group; /* as far as it was known then */
	uint64_t object; /* kernel address of the fault object, 0 = none */
	uint32_t object_id;
	enum iopf_blame blame;
	enum iopf_severity severity; /* may be less than its finding's: "late" is a note of IOPF003 */
	uint64_t seq; /* of the record that completed the proof */
	uint64_t time_ns; /* when it happened */
	const char *text; /* what was seen: one sentence without a full stop */
	const char *expected; /* what was expected, likewise */
	struct iopf_step *step; /* the journey, in order of time */
	size_t nr_steps;
};

/* What broke one rule, with one severity. */
struct iopf_finding {
	const struct iopf_rule *rule;
	enum iopf_severity severity; /* after the policy */
	uint64_t count; /* cases; the first of them are kept */
	bool unproven; /* a probe on whose silence it relies was missed: not part of the verdict */
	struct iopf_case *cases;
	size_t nr_cases;
};

/* A rule that was not judged, or not for everything. */
struct iopf_not_checked {
	const struct iopf_rule *rule;
	bool in_part; /* only some groups or objects could not be judged */
	const char *why; /* "probe iopf_queue_remove_device is not attached", "off by policy" */
};

/* An expression on the figures of the report: see iopftrace/expression.h. */
struct iopf_assertion {
	const char *expr; /* as given */
	bool known; /* there is a value */
	bool is_time; /* value and limit are nanoseconds, else counts */
	bool holds; /* false when it is not known */
	double value;
	bool open; /* it does not hold by this value, which what was not seen may change */
};

/* Why the run cannot say more than it says; each makes a pass inconclusive. */
enum iopf_doubt {
	IOPF_DOUBT_LOST, /* events were lost */
	IOPF_DOUBT_MISSED, /* probes were not run where they should have been */
	IOPF_DOUBT_PROBE, /* a probe that is needed is not attached */
	IOPF_DOUBT_FEW_GROUPS, /* fewer groups than were wanted */
	IOPF_DOUBT_CUT, /* stopped before everything was drained; a file without its end */
	IOPF_DOUBT_LIMIT, /* the checker left something out: iopf_report.limits, but for memory */
	IOPF_DOUBT_BALANCE, /* the counts do not add up though nothing was lost */
	IOPF_DOUBT_ASSERTION, /* the metric of an assertion has no value */
	IOPF_DOUBT_RESPONDER, /* groups were answered by a caller that was not seen */
	IOPF_DOUBT_UNDECIDED, /* a rule suspects what was not seen would decide: iopf_report.undecided */
	IOPF_DOUBT_UNFOLLOWED, /* more processes than the kernel side follows */
	IOPF_DOUBT_MEMORY, /* there was no memory for all that was to be followed */
	IOPF_DOUBTS
};

/* What would decide a suspicion, and was not seen. */
enum iopf_undecided {
	IOPF_UNDECIDED_INSIDE, /* a read or a write that had not returned at the end, or was not looked for */
	IOPF_UNDECIDED_BUSY, /* what a fault object held at the end: it was in use while it was walked */
	IOPF_UNDECIDED_SHORT, /* why a write stopped short */
	IOPF_UNDECIDED_ANSWER, /* when a group was answered */
	IOPF_UNDECIDED_READS, /* what was delivered: what buffers showed does not add up */
	IOPF_UNDECIDEDS
};

/* Why draining was given up. */
enum iopf_why_cut {
	IOPF_CUT_UNTOLD, /* not known: recordings of before do not tell */
	IOPF_CUT_SIGNAL, /* a second signal asked for it */
	IOPF_CUT_LATE, /* a record that had been begun was not finished in time */
	IOPF_CUT_LOSSES, /* it was not: something was lost for a reason that takes a newer iopftrace to name */
};

/* What the checker has no room for; what comes then is not followed, or not kept. */
enum iopf_limit {
	IOPF_LIMIT_MEMORY, /* iopf_engine_opts.memory_limit is reached */
	IOPF_LIMIT_SYSTEM, /* the system has no memory */
	IOPF_LIMIT_GROUPS, /* iopf_engine_opts.max_groups are outstanding */
	IOPF_LIMIT_OBJECTS, /* 131,071 fault objects: those of the scope, and others that live */
	IOPF_LIMIT_DEVICES, /* 65,535 devices */
	IOPF_LIMIT_TASKS, /* 1,048,576 tasks */
	IOPF_LIMIT_HANDLES, /* 64 lives of one attach handle, or calls that were to answer its groups */
	IOPF_LIMIT_COOKIES, /* 64 groups with one cookie of an object */
	IOPF_LIMIT_SUSPICIONS, /* 65,535 suspicions that the end of a group decides */
	IOPF_LIMIT_FINDINGS, /* 512 findings that the end of the trace decides */
	IOPF_LIMIT_PARKED, /* 65,536 requests that wait for the last one of their group */
	IOPF_LIMIT_QUEUE, /* as many groups at the head of a queue as are looked at, of which none tells */
	IOPF_LIMIT_HISTOGRAMS, /* 4,096 histograms of objects that were not of the scope yet */
	IOPF_LIMIT_WRITES, /* 1,024 short writes of one fault object that nobody has come back to */
	IOPF_LIMITS
};

/* Whether there was more in a file than could be read. */
enum iopf_input {
	IOPF_INPUT_WHOLE, /* or it was no file */
	IOPF_INPUT_EARLY, /* it has no end, and all its blocks are whole */
	IOPF_INPUT_DAMAGED,
	IOPF_INPUT_NEWER, /* it goes on in a way that is not known yet */
	IOPF_INPUT_LONGER, /* something that was not read follows its end */
	IOPF_INPUT_MALFORMED, /* some of its records make no sense, and were left out */
	IOPF_INPUT_MIXED, /* the next two, where it has no identity that tells them apart */
	IOPF_INPUT_MISSING, /* parts of it are not there any more, or there are more than there should be */
	IOPF_INPUT_HALF, /* it ends within a block */
	IOPF_INPUT_WRITTEN, /* it has no end yet: it was being written when it was read */
	IOPF_INPUT_FOREIGN, /* it goes on with what is of another one */
	IOPF_INPUT_MISPLACED, /* it goes on with what is its own, and not in its place */
	IOPF_INPUTS
};

struct iopf_report {
	/* The run; filled in from struct iopf_run. */
	const char *version; /* of iopftrace */
	const char *kernel; /* release of the traced kernel */
	uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC */
	uint64_t start_realtime_ns; /* CLOCK_REALTIME at start_ns, 0 = unknown */
	uint64_t duration_ns;
	bool has_child;
	int child_status; /* as a shell gives it: exit code, or 128 + signal */

	bool running; /* tracing goes on: no verdict, exit code or findings yet, and no lists */
	bool complete; /* everything that happened was seen */
	enum iopf_verdict verdict;
	int exit_code;
	enum iopf_because exit_because;
	bool doubt[IOPF_DOUBTS];
	enum iopf_input input; /* why it was cut, if it is a file that was */
	enum iopf_why_cut why_cut; /* the same of a run that was seen to its end */
	uint64_t unfollowed, unfollowed_by[IOPF_UNFOLLOWED_REASONS]; /* as in struct iopf_run */
	uint32_t absent, absent_first; /* as in struct iopf_run */
	bool unlooked; /* calls that had not returned at the end were not looked for */
	uint32_t undecided; /* what would decide suspicions and was not seen: set of 1 << enum iopf_undecided */
	bool continued; /* since it is a piece of a recording, which another one continues */
	uint64_t min_groups; /* wanted */
	uint32_t limits; /* that were reached: set of 1 << enum iopf_limit */
	uint64_t memory_limit; /* bytes; 0 = none */
	uint64_t blind_ns; /* from then on rules were not judged, since there was no memory, or too many objects */

	bool judged; /* by the rules; if not, there are no findings and nothing is not checked */
	unsigned int rules_checked;
	struct iopf_finding *findings; /* errors first, then in order of rules; unproven ones last */
	size_t nr_findings;
	struct iopf_not_checked *not_checked; /* in order of rules */
	size_t nr_not_checked;
	struct iopf_assertion *assertions; /* in order given */
	size_t nr_assertions;

	struct {
		uint64_t reported; /* last-page requests that reached the core */
		uint64_t enqueued; /* groups that entered a fault object */
		uint64_t delivered; /* groups returned by a read */
		uint64_t answered_user;
		uint64_t answered_kernel; /* detach, destroy, queue removal, abort, unknown */
		uint64_t answered_by[IOPF_RESPONDERS];
		uint64_t outstanding; /* not answered at the end */
		uint64_t outstanding_max; /* most at one time */
		uint64_t pages; /* requests in the enqueued groups */
		uint64_t adopted; /* known only from after they were queued: began before us, or lost */
		uint64_t unknown; /* whose life overlaps a gap, or whose answer was not seen */
		uint64_t partial; /* requests reported that were not the last of a group */
		uint64_t refused; /* last-page requests that ended in an error */
	} groups;
	struct {
		uint64_t success, invalid,
			failure; /* statuses given to groups, whoever gave them */
		uint64_t rejected; /* user answers that the kernel refused */
	} responses;
	struct {
		uint64_t reads, empty_reads, failed_reads, writes, failed_writes;
	} calls; /* on fault FDs; writes counts the failed or short ones and those seen to answer */
	struct {
		uint64_t events; /* records lost, all reasons */
		uint64_t reason[IOPF_LOST_REASONS];
		uint64_t probe_misses; /* programs that the kernel did not run, all */
		uint64_t made_good; /* of them, those that nothing is missing from */
		/*
		 * Of a file: records that were in it once, and are not there; not among the events. 0 with
		 * parts: parts that are not there, of which it is not known how many records they had.
		 */
		uint64_t missing, missing_parts;
		uint64_t gaps; /* places in the sequence where records are missing, for any reason */
		uint64_t first_gap_seq, last_gap_seq; /* sequence numbers; valid when gaps > 0 */
		uint64_t first_gap_ns; /* time of the last record before the first gap; 0 = none */
	} lost;
	/*
	 * Programs that the kernel did not run, by program. lost.probe_misses is also of programs that a
	 * newer iopftrace has.
	 */
	struct {
		uint64_t left[IOPF_PROBES]; /* nobody told what they would have */
		uint64_t made_good[IOPF_PROBES]; /* besides */
		bool told; /* made_good is known */
	} misses;
	struct {
		uint64_t objects; /* fault objects that were not of the scope */
		uint64_t events; /* records about them */
		uint64_t groups; /* groups on them */
	} out_of_scope;

	struct iopf_stage_stats stage[IOPF_STAGES];

	struct iopf_group_view *slowest; /* by total, slowest first */
	size_t nr_slowest;
	struct iopf_group_view *waiting; /* outstanding at the end, oldest first; at most 16 */
	size_t nr_waiting;
	struct iopf_object_view *objects; /* those in scope */
	size_t nr_objects;
	struct iopf_device_view *devices; /* those in scope */
	size_t nr_devices;

	struct iopf_breakdown *breakdown; /* NULL = none was asked for */

	/* What tracing itself cost; 0 = not measured. */
	struct {
		uint64_t probe_runs;
		uint64_t probe_ns; /* only when the kernel's BPF statistics were on */
		uint64_t wakeups; /* of the consumer */
		uint64_t records, bytes; /* drained */
		size_t ring_bytes;
	} overhead;

	void *priv; /* what the strings live in */
};

/*
 * Evaluates assertions, which become part of the report, and lets them decide the exit code. Strings
 * are those of @exprs. 0 or -ENOMEM. To be called once at most.
 */
struct iopf_expr;
int iopf_report_assert(struct iopf_report *report, const struct iopf_expr *exprs, size_t nr);

/*
 * From now on the stages and the slowest groups are those of the groups that the filter of its
 * breakdown asks for; without one, all. To be called after assertions, which are about the whole run.
 */
void iopf_report_select(struct iopf_report *report);

/* Frees a report and everything in it; NULL is allowed. */
void iopf_report_free(struct iopf_report *report);

#endif /* IOPFTRACE_REPORT_H */
