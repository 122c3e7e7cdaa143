/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel answers by itself: detach, destruction, queue removal. */
#ifndef IOPFTRACE_BRACKETS_H
#define IOPFTRACE_BRACKETS_H

#include "answers.h"

static __always_inline void bracket_begins(__u32 context, __u64 object)
{
	struct slot *s = slot_enter(context);

	if (!s)
		return;
	s->bracket_object = object;
	s->bracket_answered = 0;
	s->bracket_ns = bpf_ktime_get_ns();
}

/* The slot at the end of a bracket; NULL when its entry was missed, which the kernel counts. */
static __always_inline struct slot *bracket_ends(__u32 context)
{
	struct slot *s = slot_inside();

	if (!s || !(s->context & context))
		return 0;
	response_flush(s);
	return s;
}

SEC("fentry/iommufd_auto_response_faults")
int BPF_PROG(auto_enter, struct iommufd_hw_pagetable *hwpt)
{
	bracket_begins(IOPF_CTX_AUTO, hwpt_fault((__u64)hwpt));
	return 0;
}

static __always_inline void auto_ends(struct iommufd_attach_handle *handle)
{
	struct slot *s = bracket_ends(IOPF_CTX_AUTO);
	struct iopf_rec_auto *r;

	if (!s)
		return;
	/* Also where the domain has no fault object: that may be the wrong one. */
	r = RECORD(s, auto, bpf_ktime_get_ns());
	if (r) {
		r->enter_ns = s->bracket_ns;
		r->object = s->bracket_object;
		r->handle = (__u64)handle;
		r->answered = s->bracket_answered;
		r->object_id = s->bracket_object ? fault_id(s->bracket_object) : 0;
		record_send(r);
	}
	slot_leave(s);
}

SEC("fexit/iommufd_auto_response_faults")
int BPF_PROG(auto_exit, struct iommufd_hw_pagetable *hwpt, struct iommufd_attach_handle *handle)
{
	auto_ends(handle);
	return 0;
}

SEC("fentry/iommufd_fault_destroy")
int BPF_PROG(destroy_enter, struct iommufd_object *obj)
{
	bracket_begins(IOPF_CTX_DESTROY, fault_of_object((__u64)obj));
	return 0;
}

static __always_inline void destroy_ends(struct iommufd_object *obj)
{
	struct slot *s = bracket_ends(IOPF_CTX_DESTROY);
	struct iopf_rec_destroy *r;

	if (!s)
		return;
	r = RECORD(s, destroy, bpf_ktime_get_ns());
	if (r) {
		r->enter_ns = s->bracket_ns;
		r->object = s->bracket_object;
		r->answered = s->bracket_answered;
		r->object_id = fault_id(s->bracket_object);
		record_send(r);
	}
	slot_leave(s);
}

SEC("fexit/iommufd_fault_destroy")
int BPF_PROG(destroy_exit, struct iommufd_object *obj)
{
	destroy_ends(obj);
	return 0;
}

SEC("fentry/iopf_queue_remove_device")
int BPF_PROG(qremove_enter)
{
	bracket_begins(IOPF_CTX_QREMOVE, 0);
	return 0;
}

static __always_inline void qremove_ends(void *ctx)
{
	struct slot *s = bracket_ends(IOPF_CTX_QREMOVE);
	struct iopf_rec_qremove *r;
	__u64 queue = 0, dev = 0;

	bpf_get_func_arg(ctx, 0, &queue);
	bpf_get_func_arg(ctx, 1, &dev);
	device_forget(dev);
	if (!s)
		return;
	r = RECORD(s, qremove, bpf_ktime_get_ns());
	if (r) {
		r->enter_ns = s->bracket_ns;
		r->queue = queue;
		r->dev = dev;
		record_send(r);
	}
	slot_leave(s);
}

SEC("fexit/iopf_queue_remove_device")
int BPF_PROG(qremove_exit)
{
	qremove_ends(ctx);
	return 0;
}

#endif /* IOPFTRACE_BRACKETS_H */
