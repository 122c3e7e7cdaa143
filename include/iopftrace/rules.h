/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The protocol rules: what there is, and what a finding looks like. Ids are for ever: they are
 * printed in reports and named in policies, and never used again for something else.
 */
#ifndef IOPFTRACE_RULES_H
#define IOPFTRACE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/event.h"

/* Rules are numbered from 1 to IOPF_RULES; rule N has the id IOPF and N in three digits. */
#define IOPF_RULES 33

enum iopf_severity {
	IOPF_SEVERITY_DEFAULT, /* in options: the rule's own */
	IOPF_SEVERITY_OFF, /* not judged */
	IOPF_SEVERITY_NOTE, /* information */
	IOPF_SEVERITY_WARN, /* printed and counted */
	IOPF_SEVERITY_ERROR, /* a violation */
};

/* "default", "off", "note", "warn", "error". */
const char *iopf_severity_name(enum iopf_severity severity);

/* Whose side a finding is on, as far as the evidence says. */
enum iopf_blame {
	IOPF_BLAME_UNKNOWN,
	IOPF_BLAME_KERNEL,
	IOPF_BLAME_USER,
	IOPF_BLAME_DEVICE,
};

/* "unknown", "kernel", "user space", "device". */
const char *iopf_blame_name(enum iopf_blame blame);

/* Times that a user may set and rules judge by; 0 = the rule is not judged by time. */
enum iopf_deadline {
	IOPF_DEADLINE_ANSWER, /* Queue to Write: IOPF001 */
	IOPF_DEADLINE_READ, /* Queue to Deliver: IOPF026 */
	IOPF_DEADLINE_PARTIAL, /* a parked request waits for its last page: IOPF020 */
	IOPF_DEADLINE_CALL, /* inside the kernel: IOPF024 */
	IOPF_DEADLINES
};

/* "answer", "read", "partial", "call": as policies name them. */
const char *iopf_deadline_name(enum iopf_deadline deadline);

struct iopf_rule {
	unsigned int number;
	const char *id; /* "IOPF001" */
	const char *name; /* "unanswered" */
	enum iopf_severity severity; /* unless a policy says otherwise */
	const char *statement; /* what holds, in one sentence without a full stop */
	const char *fix; /* where to look when it does not, likewise */
	uint32_t needs; /* probes without which it cannot be judged: set of 1 << iopf_probe */
	uint32_t relies; /* probes on whose silence its findings rely: one missed makes them unproven */
};

/* Rule @number, or NULL. */
const struct iopf_rule *iopf_rule(unsigned int number);

/* The rule with an id or a name, in any case: "IOPF003", "iopf003", "stray-response"; or NULL. */
const struct iopf_rule *iopf_rule_find(const char *name);

/* What an event of a journey was. */
enum iopf_step_kind {
	IOPF_STEP_REPORT, /* the driver reported it */
	IOPF_STEP_QUEUE,
	IOPF_STEP_READ,
	IOPF_STEP_WRITE, /* a call, whatever it did */
	IOPF_STEP_ANSWER, /* the answer reached its group */
	IOPF_STEP_DRIVER, /* the driver was told */
	IOPF_STEP_DETACH,
	IOPF_STEP_DESTROY,
	IOPF_STEP_QREMOVE,
	IOPF_STEP_CALL, /* one that has not returned */
	IOPF_STEP_END, /* tracing ended, or the deadline passed */
	IOPF_STEP_KINDS
};

/* "report", "queue", "read", "write", "answer", "driver", "detach", "destroy", "queue-removal", ... */
const char *iopf_step_name(enum iopf_step_kind kind);

/* One event of the story that shows a finding. */
struct iopf_step {
	enum iopf_step_kind kind;
	bool offending; /* the moment that breaks the rule; one at least in a journey */
	bool has_seq;
	uint64_t seq; /* of its record */
	uint64_t time_ns; /* when; of a call its end; 0 = not known */
	uint64_t enter_ns; /* of a call: its beginning; 0 = not known, or no call */
	uint32_t tgid, tid; /* 0 = not known */
	const char *comm; /* "" = not known */
	const char *text; /* what happened, without times and names: "delivered with cookie 7" */
};

#endif /* IOPFTRACE_RULES_H */
