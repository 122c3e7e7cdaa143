/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The walk: which fault objects there are, by the files that processes have open, and which groups
 * wait on them. Run by the loader when the probes are on, so that what began before is known, and at
 * the end, so that the books can be compared with the kernel's own lists.
 *
 * No lock is taken, so a group may move while it is looked for, and a node may be freed under the
 * walk's feet. Loads that fault give 0; a group counts only if it leads back to its object.
 */
#ifndef IOPFTRACE_WALK_H
#define IOPFTRACE_WALK_H

#include "records.h"

__u32 walk_number; /* set by the loader for each walk, from 1 */

/* An object, and which process has it open; 0 = any. */
struct holder {
	__u64 object;
	__u64 tgid;
};

/* What this walk has seen: the objects, and who has them open, which may be many. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct holder);
	__type(value, __u32);
} walked SEC(".maps");

/* Whether this is new to the walk. */
static __noinline int walk_is_new(__u64 object, __u64 tgid)
{
	struct holder holder = { .object = object, .tgid = tgid };
	__u32 *seen = bpf_map_lookup_elem(&walked, &holder);
	__u32 number = walk_number;

	if (seen && *seen == number)
		return 0;
	bpf_map_update_elem(&walked, &holder, &number, BPF_ANY);
	return 1;
}

__u32 walk_waiting; /* 0 or IOPF_WAITING_END */
__u64 walk_since; /* since when it was looked what goes on beside the walk; 0 = its own beginning */

struct walk_state {
	struct slot s;
	__u64 object;
	__u64 at; /* the list's node, or the head of the tree */
	__u64 end; /* the list itself */
	__u32 object_id;
	__u32 queued, delivered;
};

/* The object that a group is on, by its handle. */
static __always_inline __u64 group_object(__u64 group)
{
	__u64 handle = PEEK64(group, struct iopf_group, attach_handle);
	__u64 domain = PEEK64(handle, struct iommu_attach_handle, domain);

	return hwpt_fault(domain_hwpt(CAST(struct iommu_domain, domain)));
}

/* One group that waits. */
static __noinline int walk_group(struct walk_state *w, __u64 group, __u32 cookie, __u32 delivered)
{
	__u64 request = group + bpf_core_field_offset(struct iopf_group, last_fault);
	__u64 handle = PEEK64(group, struct iopf_group, attach_handle);
	__u64 param = PEEK64(group, struct iopf_group, fault_param);
	__u64 dev = PEEK64(param, struct iommu_fault_param, dev);
	struct iopf_rec_waiting *r;

	if (!dev || group_object(group) != w->object)
		return 0;
	device_announce(&w->s, dev, bpf_ktime_get_ns());
	r = RECORD(&w->s, waiting, bpf_ktime_get_ns());
	if (!r)
		return 0;
	r->group = group;
	r->object = w->object;
	r->handle = handle;
	r->dev = dev;
	r->addr = PEEK64(request, struct iopf_fault, fault.prm.addr);
	r->object_id = w->object_id;
	r->dev_id = handle_dev_id(handle);
	r->pasid = PEEK32(request, struct iopf_fault, fault.prm.pasid);
	r->grpid = PEEK32(request, struct iopf_fault, fault.prm.grpid);
	r->perm = PEEK32(request, struct iopf_fault, fault.prm.perm);
	r->flags = PEEK32(request, struct iopf_fault, fault.prm.flags);
	r->pages = PEEK64(group, struct iopf_group, fault_count);
	r->cookie = cookie;
	r->waiting = walk_waiting | delivered;
	r->reserved = 0;
	record_send(r);
	if (delivered)
		w->delivered++;
	else
		w->queued++;
	return 0;
}

/* One node of the queue. */
static long walk_queue(__u32 index, struct walk_state *w)
{
	if (!w->at || w->at == w->end)
		return 1;
	walk_group(w, w->at - bpf_core_field_offset(struct iopf_group, node), 0, 0);
	w->at = peek64(w->at);
	return 0;
}

/* An internal entry of an xarray is a node's address plus 2. */
#define XA_IS_NODE(entry) (((entry)&3) == 2 && (entry) > 4096)
#define XA_LEVELS 3 /* enough for IOPF_WALK_MAX */

static __always_inline __u32 xa_shift(__u64 node)
{
	return PEEK32(node, struct xa_node___iopf, shift) & 0xff;
}

/* The entry of one cookie in the tree of what has been delivered. */
static long walk_cookie(__u32 cookie, struct walk_state *w)
{
	__u64 entry = w->at;
	int level;

	for (level = 0; level < XA_LEVELS; level++) {
		__u64 node = entry - 2;

		if (!XA_IS_NODE(entry))
			break;
		entry = peek64(node + bpf_core_field_offset(struct xa_node___iopf, slots) +
			       ((__u64)cookie >> (xa_shift(node) & 31) & 63) * sizeof(__u64));
	}
	if (entry && !(entry & 3))
		walk_group(w, entry, cookie, IOPF_WAITING_DELIVERED | IOPF_WAITING_NAMED);
	return 0;
}

/* What waits on one object. Returns whether not all of it was looked at. */
static __noinline int walk_object(struct walk_state *w)
{
	__u32 cookies = 1, shift; /* a tree of one entry, that of 0, has no node */
	int cut;

	w->end = fault_list(w->object);
	w->at = peek64(w->end);
	bpf_loop(IOPF_WALK_MAX, walk_queue, w, 0);
	cut = w->at != w->end;
	w->at = fault_response(w->object);
	if (XA_IS_NODE(w->at)) {
		shift = xa_shift(w->at - 2) & 31;
		cookies = shift > 10 ? IOPF_WALK_MAX : 64U << shift;
		cut |= shift > 10;
	}
	bpf_loop(cookies, walk_cookie, w, 0);
	return cut;
}

SEC("iter/task_file")
int walk_file(struct bpf_iter__task_file___iopf *ctx)
{
	struct task_struct *task = ctx->task;
	__u64 file = (__u64)ctx->file, read, start = bpf_ktime_get_ns();
	struct walk_state w = {};
	struct iopf_rec_walked *r;
	int cut = 0, fresh;

	if (!task || !file || !addresses.read)
		return 0;
	read = PEEK64(PEEK64(file, struct file___iopf, f_op), struct file_operations___iopf, read);
	if (read != addresses.read)
		return 0;
	w.object = PEEK64(file, struct file___iopf, private_data);
	if (!walk_is_new(w.object, task->tgid))
		return 0;
	fresh = walk_is_new(w.object, 0);
	if (!fresh && walk_waiting)
		return 0;
	w.s.tgid = task->tgid;
	w.s.tid = task->pid;
	w.object_id = fault_id(w.object);
	if (fresh)
		cut = walk_object(&w);
	r = RECORD(&w.s, walked, bpf_ktime_get_ns());
	if (!r)
		return 0;
	r->enter_ns = walk_since ?: start;
	r->object = w.object;
	r->object_id = w.object_id;
	r->queued = w.queued;
	r->delivered = w.delivered;
	r->waiting = walk_waiting | (cut ? IOPF_WALKED_CUT : 0);
	record_send(r);
	return 0;
}

#endif /* IOPFTRACE_WALK_H */
