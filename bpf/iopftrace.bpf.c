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

SEC("tp_btf/sched_process_fork")
int BPF_PROG(fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 tgid = parent->tgid, child_tgid = child->tgid;
	struct slot from = { .tgid = tgid, .tid = parent->pid };
	struct iopf_rec_fork *r;
	__u8 one = 1;

	if (child_tgid == tgid || !bpf_map_lookup_elem(&scope, &tgid))
		return 0;
	if (bpf_map_update_elem(&scope, &child_tgid, &one, BPF_ANY))
		__sync_fetch_and_add(&counters.scope_full, 1);
	r = RECORD(&from, fork, bpf_ktime_get_ns());
	if (!r)
		return 0;
	r->child_tgid = child_tgid;
	r->child_tid = child->pid;
	record_send(r);
	return 0;
}

/*
 * A thread ends: it is in no call, though the end of its last one may have been missed. With the last
 * thread its process does: before its number can be anybody else's.
 */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exit, struct task_struct *task)
{
	struct slot *last = slot_of(bpf_get_current_task());
	__u32 tgid = task->tgid;
	struct slot of = { .tgid = tgid, .tid = task->pid };
	struct iopf_rec *r;

	if (last && last->owner & SLOT_BUSY) {
		response_flush(last);
		slot_stale(last);
		slot_leave(last);
	}
	if (task->signal->live.counter || bpf_map_delete_elem(&scope, &tgid))
		return 0;
	r = record_new(&of, IOPF_REC_EXIT, sizeof(*r), bpf_ktime_get_ns());
	if (r)
		record_send(r);
	return 0;
}

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
