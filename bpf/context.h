/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a task is doing: a slot for each task that is, or lately was, inside a traced function.
 *
 * An entry program notes times and objects in its task's slot and the exit program puts them into
 * its record, so that a call makes one record. Task storage or a hash map would do too, at 250 to
 * 770 instructions an operation; a table in plain memory costs about 20. It is indexed by a hash of
 * the task; a task owns its slot while it is inside (a low bit of the owner word is set) and keeps
 * it afterwards until another task wants it. A task that finds no slot in IOPF_SLOT_TRIES is counted.
 *
 * All traced functions run in task context and their nesting is strict, so nobody but its owner
 * uses a busy slot.
 */
#ifndef IOPFTRACE_CONTEXT_H
#define IOPFTRACE_CONTEXT_H

#include "kernel.h"
#include "shared.h"

struct slot slots[IOPF_SLOTS];
struct iopf_counters counters;

/*
 * Functions that are known by their address: the read of fault FDs, to tell them from all other
 * files, and the drivers' functions that have probes. 0 = not there, or not known. The kernel is
 * asked for them (see prepare()), which takes no time; to read /proc/kallsyms takes as much as all
 * the rest of the start.
 */
struct {
	__u64 read, intel, arm, amd, mock;
} addresses;

#define ADDRESS_OF(function, place) \
	({ \
		__u64 address = 0; \
		if (!bpf_kallsyms_lookup_name(#function, sizeof(#function), 0, &address)) \
			(place) = address; \
	})

/*
 * Set when all programs are attached. Until then they do nothing: what a part of them would see is
 * no beginning that anything could be concluded from.
 */
volatile __u32 armed;

/* There are few CPUs, so that more programs are there to do what others are skipped for: see report.h. */
const volatile __u32 few_cpus = 0;

/*
 * Reports that are about to queue a group, or have and not returned (the low half), and how many have
 * ever been (the high half): who finds nobody at the beginning of an interval and the same number at
 * its end was alone in all of it.
 */
static __u64 queueing;

#define QUEUEING_INSIDE 0xffffffffULL
#define QUEUEING_ONE (1ULL << 32 | 1)

/* What a program that was missed should have told has been told by another. */
static __always_inline void made_good(enum iopf_probe probe)
{
	__sync_fetch_and_add(&counters.made_good[probe], 1);
}

/* A report has queued its group. */
static __always_inline void slot_queued(struct slot *s)
{
	if (s->queueing)
		__sync_fetch_and_add(&queueing, -1);
	s->queueing = 0;
}

/* A report is about to queue its group. Returns what @queueing is for as long as it is alone, else 0. */
static __always_inline __u64 slot_queueing(struct slot *s)
{
	__u64 before;

	slot_queued(s);
	s->queueing = 1;
	before = __sync_fetch_and_add(&queueing, QUEUEING_ONE);
	return before & QUEUEING_INSIDE ? 0 : before + QUEUEING_ONE;
}

static __always_inline __u32 slot_hash(__u64 task)
{
	/* task_struct is larger than 1 << 10 and aligned to cache lines */
	return (__u32)(task >> 6) * 2654435769U >> (32 - IOPF_SLOT_BITS);
}

static __always_inline struct slot *slot_at(__u32 index)
{
	return &slots[index & (IOPF_SLOTS - 1)];
}

/* Defined with the records: sends the name of the task that took a slot; false if it could not. */
static int slot_announce(struct slot *s, struct task_struct *task);

/* Fills in a slot that has just been taken, or whose task has become another. */
static __noinline int slot_take(struct slot *s)
{
	struct task_struct *task = CAST(struct task_struct, bpf_get_current_task());

	s->tgid = task->tgid;
	s->tid = task->pid;
	slot_queued(s);
	s->context = 0;
	s->named = slot_announce(s, task) ? s->tid : 0;
	return 0;
}

/* Makes a slot that was seen with this owner the busy slot of @task. Fails if another was faster. */
static __always_inline int slot_lock(struct slot *s, __u64 owner, __u64 task)
{
	return __sync_val_compare_and_swap(&s->owner, owner, task | SLOT_BUSY) == owner;
}

/* A task whose slot is not where it hashes to: finds it, or one that nobody is using. */
static __noinline struct slot *slot_claim(__u64 task)
{
	__u32 index = slot_hash(task);
	struct slot *s;
	__u64 owner;
	int i;

	for (i = 0; i < IOPF_SLOT_TRIES; i++) {
		s = slot_at(index + i);
		owner = s->owner;
		if ((owner & ~SLOT_STATE) == task && slot_lock(s, owner, task))
			return s;
	}
	for (i = 0; i < IOPF_SLOT_TRIES; i++) {
		s = slot_at(index + i);
		owner = s->owner;
		if (!(owner & SLOT_STATE) && slot_lock(s, owner, task)) {
			s->named = 0;
			return s;
		}
	}
	__sync_fetch_and_add(&counters.lost[IOPF_LOST_CONTEXT], 1);
	return 0;
}

/*
 * The exit of the function that the task was in was missed. Nothing is lost by that if it went as it
 * should: the group was queued, all answers were given. (A read's result is lost.)
 */
static __noinline int slot_stale(struct slot *s)
{
	slot_queued(s);
	if (s->context == IOPF_CTX_REPORT && s->seen == IOPF_REPORT_QUEUED)
		made_good(IOPF_PROBE_REPORT_EXIT);
	if (s->context == IOPF_CTX_WRITE && s->answered == s->wanted)
		made_good(IOPF_PROBE_WRITE_EXIT);
	return 0;
}

/*
 * The slot of the current task, which enters the outermost traced function: whatever context was
 * left there by an exit that was missed is gone. NULL when there is none; that is counted.
 */
static __always_inline struct slot *slot_enter(__u32 context)
{
	__u64 task = bpf_get_current_task();
	struct slot *s = slot_at(slot_hash(task));
	__u64 owner = s->owner;

	if (!armed)
		return 0;
	if ((owner & ~SLOT_STATE) != task || !slot_lock(s, owner, task))
		s = slot_claim(task);
	if (!s)
		return 0;
	/* New here, or not named yet, or the address belonged to a task that is gone. */
	if (s->named != (__u32)CAST(struct task_struct, task)->pid)
		slot_take(s);
	if (s->context)
		slot_stale(s);
	/* Before the context: the loader looks at what goes with it. */
	s->report_ns = 0;
	s->call_ns = 0;
	s->bracket_ns = 0;
	s->response_ns = 0;
	s->group = 0;
	s->told = 0;
	s->seen = 0;
	*(volatile __u32 *)&s->context = context;
	return s;
}

/* The slot that a task owns, busy or not; NULL when it has none. */
static __noinline struct slot *slot_of(__u64 task)
{
	__u32 index = slot_hash(task);
	struct slot *s;
	int i;

	for (i = 0; i < IOPF_SLOT_TRIES; i++) {
		s = slot_at(index + i);
		if ((s->owner & ~SLOT_STATE) == task)
			return s;
	}
	return 0;
}

/* The slot that a task owns, inside a traced function or not, else NULL. */
static __always_inline struct slot *slot_owned(__u64 task)
{
	struct slot *s = slot_at(slot_hash(task));

	return (s->owner & ~SLOT_STATE) == task ? s : slot_of(task);
}

/* The slot of the current task if it is inside a traced function, else NULL. */
static __always_inline struct slot *slot_inside(void)
{
	__u64 task = bpf_get_current_task();
	struct slot *s = slot_at(slot_hash(task));

	if (s->owner == (task | SLOT_BUSY))
		return s;
	s = slot_of(task);
	return s && s->owner & SLOT_BUSY ? s : 0;
}

/* The current task leaves the outermost function. Orders what was written before: an exchange. */
static __always_inline void slot_leave_with(struct slot *s, __u64 mark)
{
	s->context = 0;
	__sync_lock_test_and_set(&s->owner, (s->owner & ~SLOT_STATE) | mark);
}

static __always_inline void slot_leave(struct slot *s)
{
	slot_leave_with(s, 0);
}

#endif /* IOPFTRACE_CONTEXT_H */
