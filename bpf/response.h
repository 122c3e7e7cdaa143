/* SPDX-License-Identifier: GPL-2.0-only */
/* A group is answered: iopf_group_response(), and the driver that is told by it. */
#ifndef IOPFTRACE_RESPONSE_H
#define IOPFTRACE_RESPONSE_H

#include "answers.h"

static __noinline int written_differs(struct slot *s, const struct iopf_answer *written)
{
	struct iopf_rec_written *r = RECORD(s, written, bpf_ktime_get_ns());

	if (!r)
		return 0;
	r->enter_ns = s->call_ns;
	r->object = s->object;
	r->group = s->group;
	r->index = s->answered;
	r->cookie = written->cookie;
	r->code = written->code;
	r->group_cookie = s->cookie;
	r->status = s->code;
	r->reserved = 0;
	record_send(r);
	return 0;
}

/*
 * Compares the answer that a group is given with the entry of the write that it is for. The kernel has
 * read that just before, so it is there; in the time since, only another thread can have changed it.
 */
static __always_inline void answer_compare(struct slot *s)
{
	struct iopf_answer written;

	s->answer_flags = 0;
	if (!(s->context & IOPF_CTX_WRITE) || s->answered >= s->wanted ||
	    bpf_probe_read_user(&written, sizeof(written),
				(const void *)(s->answers + s->answered * ANSWER_SIZE)))
		return;
	s->answer_flags = IOPF_RESPONSE_COMPARED;
	if (written.cookie != s->cookie || written.code != s->code)
		written_differs(s, &written);
}

static __always_inline void response_begins(struct iopf_group *group, __u32 status)
{
	struct slot *s = slot_inside();

	if (!s) {
		/* No caller that is known: the kernel's own handler, or a path we have no probe on. */
		if (group_is_sva(group))
			return;
		s = slot_enter(0);
		if (!s)
			return;
	}
	response_flush(s);
	s->context |= IOPF_CTX_RESPONSE;
	s->seen |= IOPF_REPORT_ANSWERED;
	s->group = (__u64)group;
	s->dev = PEEK64((__u64)group->fault_param, struct iommu_fault_param, dev);
	s->cookie = group->cookie;
	s->code = status;
	s->pasid = group->last_fault.fault.prm.pasid;
	s->grpid = group->last_fault.fault.prm.grpid;
	s->response_ns = bpf_ktime_get_ns();
	answer_compare(s);
}

SEC("fentry/iopf_group_response")
int BPF_PROG(response_enter, struct iopf_group *group, __u32 status)
{
	response_begins(group, status);
	return 0;
}

static __always_inline void response_ends(void)
{
	struct slot *s = slot_inside();

	if (s)
		response_flush(s);
}

/* Only where no driver's page_response can be probed: the nearest moment there is then. */
SEC("fexit/iopf_group_response")
int BPF_PROG(response_exit)
{
	response_ends();
	return 0;
}

static __always_inline void driver_send(struct slot *s, __u64 dev, __u64 evt,
					struct iommu_page_response *resp, __u32 flags)
{
	struct iopf_rec_driver *r = RECORD(s, driver, bpf_ktime_get_ns());

	if (!r)
		return;
	r->group = evt;
	r->dev = dev;
	r->pasid = resp->pasid;
	r->grpid = resp->grpid;
	r->code = resp->code;
	r->flags = flags;
	record_send(r);
}

/* Whether a driver is told of another request than the event's, by group index or PASID. */
static __always_inline int is_of_other(__u64 evt, struct iommu_page_response *resp)
{
	struct iopf_fault *event = CAST(struct iopf_fault, evt);

	return resp->grpid != event->fault.prm.grpid ||
	       (resp->pasid != event->fault.prm.pasid &&
		event->fault.prm.flags & IOPF_PRQ_PASID_VALID);
}

/* The driver was told outside of a group response: queue removal, or a report that was refused. */
static __noinline int driver_alone(__u64 dev, __u64 evt, struct iommu_page_response *resp)
{
	struct slot unknown = {};
	struct slot *s = slot_inside();

	if (!s) {
		__u64 ids = bpf_get_current_pid_tgid();

		if (!armed)
			return 0;
		unknown.tgid = ids >> 32;
		unknown.tid = (__u32)ids;
		s = &unknown;
	} else {
		s->seen |= IOPF_REPORT_ANSWERED;
	}
	driver_send(s, dev, evt, resp, is_of_other(evt, resp) ? IOPF_DRIVER_OTHER : 0);
	return 0;
}

/* In the answer of a group: the driver was told of something that seemed to be another. */
static __noinline int driver_other(struct slot *s, __u64 dev, struct iommu_page_response *resp)
{
	if (dev == s->dev && !is_of_other(s->group, resp))
		return 0;
	device_announce(s, dev, bpf_ktime_get_ns());
	driver_send(s, dev, s->group, resp, IOPF_DRIVER_OTHER);
	return 0;
}

/*
 * These callers reach the driver through iopf_group_response() only: its entry was missed. The event
 * is the group, so but for the time of that entry all is known. (Not of the group that was answered
 * last: there the driver was told twice, which is for a DRIVER record to say.)
 */
static __noinline int response_missed(struct slot *s, __u64 event, __u64 dev,
				      struct iommu_page_response *resp)
{
	struct iopf_group *group = CAST(struct iopf_group, event);

	s->context |= IOPF_CTX_RESPONSE;
	s->group = event;
	s->dev = PEEK64((__u64)group->fault_param, struct iommu_fault_param, dev);
	s->cookie = group->cookie;
	s->code = resp->code;
	s->pasid = group->last_fault.fault.prm.pasid;
	s->grpid = group->last_fault.fault.prm.grpid;
	s->response_ns = 0;
	made_good(IOPF_PROBE_RESPONSE);
	answer_compare(s);
	driver_other(s, dev, resp);
	response_send(s, bpf_ktime_get_ns(), 1, resp->code, 0);
	return 0;
}

static __always_inline void driver_told(void *ctx, struct device *to, struct iopf_fault *evt,
					struct iommu_page_response *resp, int spare)
{
	struct slot *s = slot_inside();
	__u64 dev = 0, event = 0;

	if (!s) {
		/* The kernel's own groups are nobody's business: one that was skipped is made good. */
		bpf_get_func_arg(ctx, 1, &event);
		if (armed && group_is_sva(CAST(struct iopf_group, event))) {
			if (spare < 2)
				__sync_fetch_and_add(&counters.made_good[IOPF_PROBE_DRIVER],
						     spare ? 1 : -1);
		} else if (!spare) {
			bpf_get_func_arg(ctx, 0, &dev);
			driver_alone(dev, event, resp);
		}
		return;
	}
	if (spare) {
		if (s->told == (__u64)evt)
			return; /* the other has seen it */
		made_good(IOPF_PROBE_DRIVER);
	}
	s->told = (__u64)evt;
	if (s->context & IOPF_CTX_RESPONSE && s->group == (__u64)evt) {
		*device_told(s->dev) = s->dev;
		if (resp->grpid != s->grpid || resp->pasid != s->pasid || (__u64)to != s->dev) {
			bpf_get_func_arg(ctx, 0, &dev);
			driver_other(s, dev, resp);
		}
		response_send(s, bpf_ktime_get_ns(), 1, resp->code, 0);
		return;
	}
	bpf_get_func_arg(ctx, 0, &dev);
	bpf_get_func_arg(ctx, 1, &event);
	if (!(s->context & IOPF_CTX_RESPONSE) && s->group != event &&
	    s->context & (IOPF_CTX_WRITE | IOPF_CTX_AUTO | IOPF_CTX_DESTROY))
		response_missed(s, event, dev, resp);
	else
		driver_alone(dev, event, resp);
}

#define DRIVER_TOLD(function, program, spare) \
	SEC("fexit/" #function) \
	int BPF_PROG(program, struct device *dev, struct iopf_fault *evt, \
		     struct iommu_page_response *resp) \
	{ \
		driver_told(ctx, dev, evt, resp, spare); \
		return 0; \
	}

/* Every driver that can have its page requests answered has one of these; those present are loaded. */
#define DRIVER(function) \
	DRIVER_TOLD(function, driver_##function, 0) \
	DRIVER_TOLD(function, driver_##function##_spare, 1) \
	DRIVER_TOLD(function, driver_##function##_spare2, 2) \
	DRIVER_TOLD(function, driver_##function##_spare3, 3)

DRIVER(intel_iommu_page_response)
DRIVER(arm_smmu_page_response)
DRIVER(amd_iommu_page_response)
DRIVER(mock_domain_page_response)

#endif /* IOPFTRACE_RESPONSE_H */
