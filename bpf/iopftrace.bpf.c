// SPDX-License-Identifier: GPL-2.0-only
/*
 * The probes: one program for each end of each function on the path that is watched.
 *
 * The rule of cost: a group that is reported, read and answered makes three records (ENQUEUE, READ,
 * RESPONSE) and no map operation but those of the ring buffer. Whatever is rare pays for itself.
 *
 * The rule of truth: an observation that cannot be sent is counted, by reason, and leaves a hole
 * in the sequence numbers at its place.
 *
 * The rule of misses: the kernel does not run a program on a CPU where a task was preempted inside it,
 * and counts that. So every program makes good for its neighbour that was missed, as far as what it
 * sees allows, and counts in turn what it made good: when the two counts agree, nothing is missing.
 */
#include "kernel.h"
#include <linux/bpf.h>
#include <bpf/bpf_tracing.h>
#include "report.h"
#include "calls.h"
#include "response.h"
#include "brackets.h"
#include "moments.h"
#include "walk.h"

char LICENSE[] SEC("license") = "GPL";

/* --- processes -------------------------------------------------------------------------------- */

/* A task that has been named has a new name, and its leader's ids: tell them before it is seen again. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(exec, struct task_struct *task)
{
	struct slot *s = slot_of(bpf_get_current_task());

	if (s)
		s->named = 0;
	return 0;
}

/* So has one that is renamed, by itself or by another thread: events have the name of their time. */
SEC("tp_btf/task_rename")
int BPF_PROG(rename, struct task_struct *task)
{
	__u64 address = 0;
	struct slot *s;

	/* As a number: of a pointer there is no hash. */
	bpf_probe_read_kernel(&address, sizeof(address), ctx);
	s = slot_of(address);
	if (s)
		s->named = 0;
	return 0;
}

/*
 * Tasks whose beginning, and whose end, has been seen, for the spares: by the hash of their address. A clash
 * makes a spare look again, in vain.
 */
static __u64 begun[IOPF_SLOTS], ended[IOPF_SLOTS];

static __always_inline int seen_before(__u64 *table, __u64 *other, __u64 task, int spare)
{
	__u32 place = slot_hash(task) & (IOPF_SLOTS - 1);
	int seen = table[place] == task;

	table[place] = task;
	if (other[place] == task) /* the next task at this address begins and ends anew */
		other[place] = 0;
	if (!spare)
		return 0;
	if (!seen)
		made_good(IOPF_PROBE_PROCESS);
	return seen;
}

static __always_inline void task_begins(void *ctx, struct task_struct *parent,
					struct task_struct *child, int spare)
{
	__u32 tgid = parent->tgid, child_tgid = child->tgid;
	struct slot from = { .tgid = tgid, .tid = parent->pid };
	struct iopf_rec_fork *r;
	__u64 address = 0;
	__u8 one = 1;

	bpf_probe_read_kernel(&address, sizeof(address),
			      (__u64 *)ctx + 1); /* a pointer has no hash */
	if (seen_before(begun, ended, address, spare))
		return;
	if (child_tgid == tgid || !bpf_map_lookup_elem(&scope, &tgid))
		return;
	switch (bpf_map_update_elem(&scope, &child_tgid, &one, BPF_ANY)) {
	case 0:
		break;
	case -7: /* E2BIG */
		__sync_fetch_and_add(&counters.unfollowed[IOPF_UNFOLLOWED_FULL], 1);
		break;
	case -12: /* ENOMEM */
		__sync_fetch_and_add(&counters.unfollowed[IOPF_UNFOLLOWED_MEMORY], 1);
		break;
	default: /* the map was locked by who was interrupted */
		__sync_fetch_and_add(&counters.unfollowed[IOPF_UNFOLLOWED_BUSY], 1);
	}
	r = RECORD(&from, fork, bpf_ktime_get_ns());
	if (!r)
		return;
	r->child_tgid = child_tgid;
	r->child_tid = child->pid;
	record_send(r);
}

#define FORK(name, spare) \
	SEC("tp_btf/sched_process_fork") \
	int BPF_PROG(name, struct task_struct *parent, struct task_struct *child) \
	{ \
		task_begins(ctx, parent, child, spare); \
		return 0; \
	}

FORK(fork, 0)
FORK(fork_spare, 1)
FORK(fork_spare2, 1)

/*
 * A thread ends: it is in no call, though the end of its last one may have been missed. With the last
 * thread its process does: before its number can be anybody else's.
 */
static __always_inline void thread_ends(struct task_struct *task, int spare)
{
	__u64 current = bpf_get_current_task();
	struct slot *last;
	__u32 tgid = task->tgid;
	struct slot of = { .tgid = tgid, .tid = task->pid };
	struct iopf_rec *r;

	if (seen_before(ended, begun, current, spare))
		return;
	last = slot_of(current);
	if (last && last->owner & SLOT_BUSY) {
		response_flush(last);
		slot_stale(last);
		slot_leave(last);
	}
	if (last && last->owner == (current | SLOT_LEFT))
		__sync_val_compare_and_swap(&last->owner, current | SLOT_LEFT, current);
	if (task->signal->live.counter || bpf_map_delete_elem(&scope, &tgid))
		return;
	r = record_new(&of, IOPF_REC_EXIT, sizeof(*r), bpf_ktime_get_ns());
	if (r)
		record_send(r);
}

#define EXIT(name, spare) \
	SEC("tp_btf/sched_process_exit") \
	int BPF_PROG(name, struct task_struct *task) \
	{ \
		thread_ends(task, spare); \
		return 0; \
	}

EXIT(process_exit, 0)
EXIT(process_exit_spare, 1)
EXIT(process_exit_spare2, 1)

/* Which process the loader is in the initial PID namespace, where all ids are. */
__u32 loader_tgid;

/* Run once by the loader. The addresses are not told to everybody: then they stay 0. */
SEC("syscall")
int prepare(void *arg)
{
	loader_tgid = bpf_get_current_pid_tgid() >> 32;
	ADDRESS_OF(iommufd_fault_fops_read, addresses.read);
	ADDRESS_OF(intel_iommu_page_response, addresses.intel);
	ADDRESS_OF(arm_smmu_page_response, addresses.arm);
	ADDRESS_OF(amd_iommu_page_response, addresses.amd);
	ADDRESS_OF(mock_domain_page_response, addresses.mock);
	return 0;
}
