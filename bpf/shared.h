/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What the programs and their loader share, besides the records: counters and limits. */
#ifndef IOPFTRACE_SHARED_H
#define IOPFTRACE_SHARED_H

#include "iopftrace/event.h"

/* Context slots: tasks that can be inside a traced function at one time. A power of two. */
#define IOPF_SLOT_BITS 10
#define IOPF_SLOTS (1U << IOPF_SLOT_BITS)
#define IOPF_SLOT_TRIES 8 /* neighbours tried when the slot a task hashes to is in use */

/* Devices whose names were sent; a clash sends a name again. A power of two. */
#define IOPF_DEVICES 256U

/* Pages of one group that are walked. PCIe allows 512 outstanding requests to a function. */
#define IOPF_PAGES_MAX 4096

/* Groups of one object that a walk looks at: each queue, and cookies up to this. */
#define IOPF_WALK_MAX 65536U

/* Processes followed at one time under one CMD. */
#define IOPF_SCOPE_MAX 65536

/* What a task is doing: see context.h. The loader looks for calls that have not returned. */
#define SLOT_BUSY 1ULL
/* The task has left a read or write, and its last spare has not run yet: nobody else may take the slot. */
#define SLOT_LEFT 2ULL
#define SLOT_STATE (SLOT_BUSY | SLOT_LEFT)

struct slot {
	__u64 owner; /* struct task_struct, | SLOT_BUSY or SLOT_LEFT */
	__u32 tgid;
	__u32 tid;
	__u32 context; /* set of enum iopf_context */
	__u32 seen; /* of the report: set of enum iopf_report_seen */
	__u64 report_ns; /* entry of the report */
	__u64 call_ns; /* entry of the read or write */
	__u64 object; /* of the read or write */
	__u64 head; /* first node queued at the entry of the read */
	__u64 response_ns; /* entry of the group response, and which group it is */
	__u64 group;
	__u64 dev;
	__u32 cookie;
	__u32 code;
	__u32 pasid;
	__u32 grpid;
	__u64 bracket_ns; /* entry of auto-response, destroy, queue removal */
	__u64 bracket_object;
	__u32 bracket_answered; /* groups answered since then */
	__u32 answered; /* groups answered since the entry of the write */
	__u32 wanted; /* answers that the write was given */
	__u32 named; /* the tid whose name has been sent */
	__u32 queueing; /* counted as being about to queue a group */
	__u32 answer_flags; /* of the response: set of enum iopf_response_flags */
	__u64 queued; /* the group that was queued last */
	__u64 told; /* the event that a driver was told the answer of last */
	__u64 answers; /* what the write was given: an address of user space */
};

/* Counters of the programs. Each is only ever added to. */
struct iopf_counters {
	__u64 next_seq; /* sequence numbers taken */
	__u64 lost[IOPF_LOST_REASONS];
	__u64 empty_reads; /* reads that returned 0 and found the queue empty */
	__u64 empty_ns; /* from the entry to the return of these, iopftrace's own part included */
	__u64 made_good[IOPF_PROBES]; /* programs that were missed and did no harm */
	__u64 unacked; /* answers that went past the driver's probe */
	__u64 untold; /* of them, those whose driver is probed */
	__u64 unfollowed[IOPF_UNFOLLOWED_REASONS]; /* processes of the scope, by enum iopf_unfollowed */
};

#endif /* IOPFTRACE_SHARED_H */
