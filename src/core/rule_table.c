// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The protocol rules: their names, what they say, and what they stand on. */
#include "iopftrace/rules.h"

#include <string.h>
#include <strings.h>

#define PROBE(name) (1U << IOPF_PROBE_##name)

/* What most rules stand on: which groups there are, and how each was answered. */
#define BIRTH PROBE(ENQUEUE)
#define READS (PROBE(READ_ENTRY) | PROBE(READ_EXIT))
#define WRITES (PROBE(WRITE_ENTRY) | PROBE(WRITE_EXIT))
#define ANSWERS (PROBE(RESPONSE) | PROBE(DRIVER))
#define REPORTS (PROBE(REPORT_ENTRY) | PROBE(REPORT_EXIT))
#define AUTO (PROBE(AUTO_ENTRY) | PROBE(AUTO_EXIT))
#define DESTROY (PROBE(DESTROY_ENTRY) | PROBE(DESTROY_EXIT))
#define QREMOVE (PROBE(QREMOVE_ENTRY) | PROBE(QREMOVE_EXIT))

/*
 * What is relied on besides: a task whose leaving of one call and entering of the next were both
 * missed seems to be in the first one still, and whatever it does is put down to that.
 */
#define CALLS (REPORTS | READS | WRITES | AUTO | DESTROY | QREMOVE)

static const struct iopf_rule rules[IOPF_RULES] = {
	{ .number = 1,
	  .id = "IOPF001",
	  .name = "unanswered",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement =
		  "every group is answered: before its fault object goes, before its device is "
		  "detached, and within the deadline where one is set",
	  .fix = "the VMM must write an answer for every group it reads; where it had no part in it, "
		 "the kernel's teardown must",
	  .needs = BIRTH | PROBE(RESPONSE),
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 2,
	  .id = "IOPF002",
	  .name = "answered-twice",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement = "a group gets exactly one answer, whoever gives it",
	  .fix = "the kernel's owner of the group: whoever takes it off its list answers it, nobody "
		 "else",
	  .needs = BIRTH | PROBE(RESPONSE),
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 3,
	  .id = "IOPF003",
	  .name = "stray-response",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement =
		  "user space never writes a cookie that is not outstanding on that fault object",
	  .fix = "the VMM's bookkeeping of cookies: answer only what was read, on the descriptor it "
		 "was read from",
	  .needs = BIRTH | READS | WRITES | PROBE(RESPONSE),
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 4,
	  .id = "IOPF004",
	  .name = "duplicate-response",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement = "user space never answers a cookie again before it is handed out again",
	  .fix = "the VMM answers a group from two places: forget a cookie when its answer is written",
	  .needs = BIRTH | READS | WRITES | PROBE(RESPONSE),
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 5,
	  .id = "IOPF005",
	  .name = "stale-cookie",
	  .severity = IOPF_SEVERITY_WARN,
	  .statement =
		  "an answer belongs to the delivery it was read for: nobody can know a cookie "
		  "before the read that gives it has begun",
	  .fix = "a late second answer in the VMM, which now answers another group by its recycled "
		 "cookie",
	  .needs = READS | WRITES | PROBE(RESPONSE),
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 6,
	  .id = "IOPF006",
	  .name = "masked-response",
	  .severity = IOPF_SEVERITY_WARN,
	  .statement = "after a short write user space retries or answers the rest",
	  .fix = "the VMM must look at the count that write() returns",
	  .needs = WRITES | PROBE(RESPONSE),
	  .relies = CALLS | ANSWERS },
	{ .number = 7,
	  .id = "IOPF007",
	  .name = "bad-code",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement = "user space answers SUCCESS (0) or INVALID (1)",
	  .fix = "the code field that the VMM writes",
	  .needs = WRITES,
	  .relies = CALLS },
	{ .number = 8,
	  .id = "IOPF008",
	  .name = "response-before-delivery",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement =
		  "a group is answered by user space only after a read that delivers it has begun",
	  .fix = "the kernel: a group's cookie must not be valid before the group is read",
	  .needs = BIRTH | READS | WRITES | PROBE(RESPONSE),
	  .relies = CALLS | ANSWERS | BIRTH },
	{ .number = 9,
	  .id = "IOPF009",
	  .name = "torn-delivery",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement =
		  "a read returns whole groups: all records of each, the last page last and only "
		  "there",
	  .fix = "the kernel's read of the fault descriptor: a group that does not fit or cannot be "
		 "copied goes back whole",
	  .needs = BIRTH | READS,
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 10,
	  .id = "IOPF010",
	  .name = "delivered-twice",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement = "a group is counted in the result of one read at most",
	  .fix = "the kernel's queue: a group that was delivered must have left it",
	  .needs = BIRTH | READS,
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 11,
	  .id = "IOPF011",
	  .name = "fifo",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement = "groups are delivered in the order in which they were queued",
	  .fix = "the kernel's queue: append at its tail, take from its head, put back at its head",
	  .needs = BIRTH | READS,
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 12,
	  .id = "IOPF012",
	  .name = "echo",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement =
		  "what is delivered is what was reported, reserved fields are 0, and cookies are "
		  "not 0 and unique",
	  .fix = "the kernel's making of struct iommu_hwpt_pgfault",
	  .needs = BIRTH | READS,
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 13,
	  .id = "IOPF013",
	  .name = "device-answered-twice",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement =
		  "the driver is told once for each group: of that device, group index and PASID, and "
		  "the status the group was given",
	  .fix = "the kernel's iopf_group_response() and the driver's page_response()",
	  .needs = BIRTH | ANSWERS,
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 14,
	  .id = "IOPF014",
	  .name = "device-never-answered",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement =
		  "an answer reaches the driver, and every last-page report ends in a group or in "
		  "an answer",
	  .fix = "the kernel: the path that took the report or the answer and told nobody",
	  .needs = BIRTH | ANSWERS | REPORTS | PROBE(SVA),
	  .relies = CALLS | BIRTH | ANSWERS | PROBE(SVA) },
	{ .number = 15,
	  .id = "IOPF015",
	  .name = "wrong-status",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement = "user space gives SUCCESS or INVALID; detach, destruction and queue removal "
		       "give INVALID; an abort gives FAILURE",
	  .fix = "the kernel function that gave the answer",
	  .needs = PROBE(RESPONSE),
	  .relies = CALLS },
	{ .number = 16,
	  .id = "IOPF016",
	  .name = "detach-left-groups",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement = "when a detach or replace has answered for a handle, none of its groups is "
		       "outstanding on any fault object",
	  .fix = "the kernel's iommufd_auto_response_faults() and what it is called with",
	  .needs = BIRTH | AUTO | PROBE(RESPONSE),
	  .relies = CALLS | BIRTH | ANSWERS | PROBE(ATTACH) },
	{ .number = 17,
	  .id = "IOPF017",
	  .name = "retired-handle",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement =
		  "nothing is queued, delivered or answered for an attach handle that was retired",
	  .fix = "the kernel: faults in flight must be drained before a handle is freed",
	  .needs = BIRTH | AUTO | PROBE(ATTACH) | PROBE(RESPONSE),
	  .relies = CALLS | BIRTH | ANSWERS | PROBE(ATTACH) },
	{ .number = 18,
	  .id = "IOPF018",
	  .name = "queue-removal-stole",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement =
		  "removing a device's page fault queue never answers a group that iommufd holds",
	  .fix = "the kernel: the handler must take a group off the core's pending list "
		 "(iopf_group_dequeue)",
	  .needs = BIRTH | QREMOVE | PROBE(DRIVER),
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 19,
	  .id = "IOPF019",
	  .name = "destroy-left-groups",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement = "a destroyed fault object leaves no group outstanding",
	  .fix = "the kernel's iommufd_fault_destroy(): queued and delivered groups",
	  .needs = BIRTH | DESTROY | PROBE(RESPONSE),
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 20,
	  .id = "IOPF020",
	  .name = "partial-requests",
	  .severity = IOPF_SEVERITY_WARN,
	  .statement =
		  "a group's pages are the requests reported since the last page before it, and "
		  "a parked request gets its last page or is discarded",
	  .fix = "the device, or an overflow of its queue that was not told",
	  .needs = BIRTH | REPORTS | PROBE(SVA) | PROBE(DISCARD),
	  .relies = CALLS | BIRTH | ANSWERS | PROBE(DISCARD) | PROBE(SVA) },
	{ .number = 21,
	  .id = "IOPF021",
	  .name = "group-index-reuse",
	  .severity = IOPF_SEVERITY_WARN,
	  .statement = "a device does not use a group index again while its group is outstanding",
	  .fix = "the device, or what emulates it",
	  .needs = BIRTH | PROBE(RESPONSE),
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 22,
	  .id = "IOPF022",
	  .name = "last-page-only",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement = "a request that is not the last page makes no group and gets no answer",
	  .fix = "the kernel's iommu_report_device_fault()",
	  .needs = BIRTH | REPORTS,
	  .relies = CALLS },
	{ .number = 23,
	  .id = "IOPF023",
	  .name = "byte-count",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement =
		  "a write returns the size of the answers it gave, a read whole records, or an "
		  "error",
	  .fix = "the kernel's read and write of the fault descriptor",
	  .needs = WRITES | READS | PROBE(RESPONSE),
	  .relies = CALLS | ANSWERS },
	{ .number = 24,
	  .id = "IOPF024",
	  .name = "stuck-call",
	  .severity = IOPF_SEVERITY_WARN,
	  .statement = "no read, write, detach or destroy stays inside the kernel longer than its "
		       "deadline",
	  .fix = "what the call waits for: its user memory (userfaultfd, swap), the object's mutex, or "
		 "a loop in the kernel",
	  .needs = READS | WRITES,
	  .relies = CALLS },
	{ .number = 25,
	  .id = "IOPF025",
	  .name = "false-empty",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement = "a read that returns 0 saw an empty queue at some moment",
	  .fix = "the kernel's read of the fault descriptor",
	  .needs = BIRTH | READS,
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 26,
	  .id = "IOPF026",
	  .name = "unread",
	  .severity = IOPF_SEVERITY_WARN,
	  .statement = "a group is read within its deadline",
	  .fix = "the VMM's event loop: is the descriptor polled, by a thread that has a CPU?",
	  .needs = BIRTH | READS,
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 27,
	  .id = "IOPF027",
	  .name = "wrong-object",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement =
		  "a group is delivered on, and answered through, the fault object it was queued "
		  "on",
	  .fix = "the kernel: which fault object the handler and the calls use",
	  .needs = BIRTH | READS | PROBE(RESPONSE),
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 28,
	  .id = "IOPF028",
	  .name = "aborted",
	  .severity = IOPF_SEVERITY_WARN,
	  .statement = "the core does not have to abort a group",
	  .fix = "the kernel was out of memory, or a handler refused the group",
	  .needs = PROBE(RESPONSE) | PROBE(REPORT_ENTRY),
	  .relies = CALLS },
	{ .number = 29,
	  .id = "IOPF029",
	  .name = "kernel-answered",
	  .severity = IOPF_SEVERITY_NOTE,
	  .statement =
		  "user space answers its groups itself, and leaves none to detach, destruction "
		  "or queue removal",
	  .fix = "nothing, where the VMM was going away; else answer before detaching",
	  .needs = PROBE(RESPONSE) | AUTO | DESTROY,
	  .relies = CALLS | ANSWERS },
	{ .number = 30,
	  .id = "IOPF030",
	  .name = "balance",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement = "on each fault object the groups queued are those answered and those "
		       "outstanding, by the trace and by the kernel's own lists",
	  .fix = "the kernel lost a group: it is in no list and was not answered",
	  .needs = BIRTH | ANSWERS | PROBE(WALK) | PROBE(INSIDE),
	  .relies = UINT32_MAX },
	{ .number = 31,
	  .id = "IOPF031",
	  .name = "blocked-queue",
	  .severity = IOPF_SEVERITY_WARN,
	  .statement =
		  "a call that fails is put right before it is made again: above all, a read has room "
		  "for the first group of the queue",
	  .fix = "the VMM's buffer: grow it when a read fails with EINVAL (a group has up to 512 pages "
		 "of 40 bytes), and do not repeat what has just failed; poll() before reading",
	  .needs = READS | WRITES,
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 32,
	  .id = "IOPF032",
	  .name = "refused-answer",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement =
		  "an answer with the cookie of an outstanding group and a code of 0 or 1 is taken",
	  .fix = "the kernel's write of the fault descriptor, and where it looks the cookie up; or the "
		 "VMM, if another thread changes what is being written",
	  .needs = BIRTH | READS | WRITES | PROBE(RESPONSE),
	  .relies = CALLS | BIRTH | ANSWERS },
	{ .number = 33,
	  .id = "IOPF033",
	  .name = "answer-changed",
	  .severity = IOPF_SEVERITY_ERROR,
	  .statement =
		  "the answer that a group is given is the one that was written for its cookie",
	  .fix = "the kernel's write of the fault descriptor; or a thread that changes the buffer while "
		 "another one writes it",
	  .needs = WRITES | PROBE(RESPONSE),
	  .relies = CALLS | ANSWERS },
};

/* Rule @number. */
const struct iopf_rule *iopf_rule(unsigned int number)
{
	return number && number <= IOPF_RULES ? &rules[number - 1] : NULL;
}

/* The rule with an id or a name. */
const struct iopf_rule *iopf_rule_find(const char *name)
{
	for (unsigned int i = 0; i < IOPF_RULES; i++) {
		if (!strcasecmp(name, rules[i].id) || !strcasecmp(name, rules[i].name))
			return &rules[i];
	}
	return NULL;
}

/* A severity's name. */
const char *iopf_severity_name(enum iopf_severity severity)
{
	static const char *const name[] = {
		[IOPF_SEVERITY_DEFAULT] = "default", [IOPF_SEVERITY_OFF] = "off",
		[IOPF_SEVERITY_NOTE] = "note",	     [IOPF_SEVERITY_WARN] = "warn",
		[IOPF_SEVERITY_ERROR] = "error",
	};

	return (unsigned int)severity <= IOPF_SEVERITY_ERROR ? name[severity] : "";
}

/* A side's name. */
const char *iopf_blame_name(enum iopf_blame blame)
{
	static const char *const name[] = {
		[IOPF_BLAME_UNKNOWN] = "unknown",
		[IOPF_BLAME_KERNEL] = "kernel",
		[IOPF_BLAME_USER] = "user space",
		[IOPF_BLAME_DEVICE] = "device",
	};

	return (unsigned int)blame <= IOPF_BLAME_DEVICE ? name[blame] : "";
}

/* A deadline's name. */
const char *iopf_deadline_name(enum iopf_deadline deadline)
{
	static const char *const name[IOPF_DEADLINES] = {
		[IOPF_DEADLINE_ANSWER] = "answer",
		[IOPF_DEADLINE_READ] = "read",
		[IOPF_DEADLINE_PARTIAL] = "partial",
		[IOPF_DEADLINE_CALL] = "call",
	};

	return (unsigned int)deadline < IOPF_DEADLINES ? name[deadline] : "";
}

/* A step's name. */
const char *iopf_step_name(enum iopf_step_kind kind)
{
	static const char *const name[IOPF_STEP_KINDS] = {
		[IOPF_STEP_REPORT] = "report",
		[IOPF_STEP_QUEUE] = "queue",
		[IOPF_STEP_READ] = "read",
		[IOPF_STEP_WRITE] = "write",
		[IOPF_STEP_ANSWER] = "answer",
		[IOPF_STEP_DRIVER] = "driver",
		[IOPF_STEP_DETACH] = "detach",
		[IOPF_STEP_DESTROY] = "destroy",
		[IOPF_STEP_QREMOVE] = "queue-removal",
		[IOPF_STEP_CALL] = "call",
		[IOPF_STEP_END] = "end",
	};

	return (unsigned int)kind < IOPF_STEP_KINDS ? name[kind] : "";
}
