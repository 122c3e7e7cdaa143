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

/* Processes followed at one time under one CMD. */
#define IOPF_SCOPE_MAX 65536

/* Counters of the programs. Each is only ever added to. */
struct iopf_counters {
	__u64 next_seq; /* sequence numbers taken */
	__u64 lost[IOPF_LOST_REASONS];
	__u64 empty_reads; /* reads that returned 0 and found the queue empty */
	__u64 made_good; /* programs that were missed and did no harm: of the kernel's count of misses */
	__u64 unacked; /* answers that went past the driver's probe */
	__u64 scope_full; /* processes that could not be followed */
};

#endif /* IOPFTRACE_SHARED_H */
