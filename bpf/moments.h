/* SPDX-License-Identifier: GPL-2.0-only */
/* Rare events that are one moment: discard, creation, release, attachment. */
#ifndef IOPFTRACE_MOMENTS_H
#define IOPFTRACE_MOMENTS_H

#include "records.h"

/* The slot to make a record with, whatever the task is doing; moment_end() gives it back. */
static __always_inline struct slot *moment(void)
{
	return slot_inside() ?: slot_enter(0);
}

static __always_inline void moment_end(struct slot *s)
{
	if (!s->context)
		slot_leave(s);
}

SEC("fexit/iopf_queue_discard_partial")
int BPF_PROG(discard, struct iopf_queue *queue)
{
	struct slot *s = moment();
	struct iopf_rec_discard *r;

	if (!s)
		return 0;
	r = RECORD(s, discard, bpf_ktime_get_ns());
	if (r) {
		r->queue = (__u64)queue;
		record_send(r);
	}
	moment_end(s);
	return 0;
}

/* The object behind a file descriptor of the current process. */
static __always_inline __u64 fd_object(__s32 fd)
{
	struct task_struct *task = CAST(struct task_struct, bpf_get_current_task());
	struct fdtable *fdt = task->files->fdt;
	__u64 file;

	if (fd < 0 || (__u32)fd >= fdt->max_fds)
		return 0;
	file = peek64((__u64)fdt->fd + (__u64)fd * sizeof(void *));
	return file ? PEEK64(file, struct file, private_data) : 0;
}

SEC("fexit/iommufd_fault_alloc")
int BPF_PROG(alloc, struct iommufd_ucmd *ucmd, int ret)
{
	struct slot *s = moment();
	struct iopf_rec_alloc *r;
	__u64 cmd;

	if (!s)
		return 0;
	r = RECORD(s, alloc, bpf_ktime_get_ns());
	if (r) {
		cmd = PEEK64((__u64)ucmd, struct iommufd_ucmd, cmd);
		r->object_id = peek32(cmd + offsetof(struct iommu_fault_alloc, out_fault_id));
		r->fd = peek32(cmd + offsetof(struct iommu_fault_alloc, out_fault_fd));
		r->object = ret ? 0 : fd_object(r->fd);
		r->ret = ret;
		r->reserved = 0;
		record_send(r);
	}
	moment_end(s);
	return 0;
}

static __always_inline int release(__u64 object)
{
	struct slot *s;
	struct iopf_rec_release *r;

	if (!eventq_is_fault(object))
		return 0;
	s = moment();
	if (!s)
		return 0;
	r = RECORD(s, release, bpf_ktime_get_ns());
	if (r) {
		r->object = object;
		r->object_id = fault_id(object);
		r->reserved = 0;
		record_send(r);
	}
	moment_end(s);
	return 0;
}

SEC("fentry/iommufd_fault_fops_release") /* until 6.14 */
int BPF_PROG(release_fault, struct inode *inode, struct file *filep)
{
	return release((__u64)filep->private_data);
}

SEC("fentry/iommufd_eventq_fops_release") /* since 6.15 */
int BPF_PROG(release_eventq, struct inode *inode, struct file *filep)
{
	return release((__u64)filep->private_data);
}

/* A handle begins to be used: whatever had its address before is gone. */
static __always_inline int attaches(__u64 handle)
{
	struct slot *s = handle ? moment() : 0;
	struct iopf_rec_attach *r;

	if (!s)
		return 0;
	r = RECORD(s, attach, bpf_ktime_get_ns());
	if (r) {
		r->handle = handle;
		record_send(r);
	}
	moment_end(s);
	return 0;
}

SEC("fentry/iommu_attach_group_handle")
int BPF_PROG(attach_group, void *domain, void *group, struct iommu_attach_handle *handle)
{
	return attaches((__u64)handle);
}

SEC("fentry/iommu_replace_group_handle")
int BPF_PROG(attach_replace, void *group, void *domain, struct iommu_attach_handle *handle)
{
	return attaches((__u64)handle);
}

SEC("fentry/iommu_attach_device_pasid")
int BPF_PROG(attach_pasid, void *domain, void *dev, __u32 pasid, struct iommu_attach_handle *handle)
{
	return attaches((__u64)handle);
}

SEC("fentry/iommu_replace_device_pasid") /* since 6.15 */
int BPF_PROG(attach_replace_pasid, void *domain, void *dev, __u32 pasid,
	     struct iommu_attach_handle *handle)
{
	return attaches((__u64)handle);
}

#endif /* IOPFTRACE_MOMENTS_H */
