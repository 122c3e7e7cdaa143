/* SPDX-License-Identifier: GPL-2.0-only */
/* A driver reports a request: iommu_report_device_fault(); a group is queued: iommufd's handler. */
#ifndef IOPFTRACE_REPORT_H
#define IOPFTRACE_REPORT_H

#include "answers.h"

/* --- report ----------------------------------------------------------------------------------- */

static __always_inline void report_begins(void)
{
	struct slot *s = slot_enter(IOPF_CTX_REPORT);

	if (s)
		s->report_ns = bpf_ktime_get_ns();
}

SEC("fentry/iommu_report_device_fault")
int BPF_PROG(report_enter)
{
	report_begins();
	return 0;
}

/* Optional: keeps the faults that the kernel handles itself out of the trace. */
SEC("fentry/iommu_sva_iopf_handler")
int BPF_PROG(sva_enter, struct iopf_group *group)
{
	struct slot *s = slot_inside();

	if (!s)
		return 0;
	s->seen |= IOPF_REPORT_SVA;
	if (group->fault_count > 1) /* requests that were parked, and told of, end here */
		s->seen |= SEEN_TELL;
	return 0;
}

/* A report that did not end as nearly all do, with a group in a fault object. */
static __noinline int report_odd(struct slot *s, struct iopf_fault *evt, __u64 dev, int ret)
{
	struct iopf_rec_report *r;

	device_announce(s, dev, s->report_ns);
	if (!s->seen && s->report_ns && evt->fault.prm.flags & IOPF_PRQ_LAST_PAGE &&
	    device_watched(dev))
		s->seen |= IOPF_REPORT_UNTOLD;
	r = RECORD(s, report, bpf_ktime_get_ns());
	if (!r)
		return 0;
	r->report_ns = s->report_ns;
	r->dev = dev;
	r->addr = evt->fault.prm.addr;
	r->pasid = evt->fault.prm.pasid;
	r->grpid = evt->fault.prm.grpid;
	r->perm = evt->fault.prm.perm;
	r->flags = evt->fault.prm.flags;
	r->ret = ret;
	r->seen = s->seen & ~SEEN_TELL;
	record_send(r);
	return 0;
}

static __always_inline void report_ends(void *ctx, struct iopf_fault *evt, int ret)
{
	struct slot *s = slot_inside();
	__u64 dev = 0;

	if (!s || !(s->context & IOPF_CTX_REPORT)) {
		s = slot_enter(IOPF_CTX_REPORT);
		if (!s)
			return;
		s->report_ns = 0;
		made_good(IOPF_PROBE_REPORT_ENTRY);
	}
	response_flush(s);
	if ((s->seen != IOPF_REPORT_QUEUED && s->seen != IOPF_REPORT_SVA) || ret ||
	    !(evt->fault.prm.flags & IOPF_PRQ_LAST_PAGE)) {
		bpf_get_func_arg(ctx, 0, &dev);
		report_odd(s, evt, dev, ret);
	}
	slot_queued(s);
	slot_leave(s);
}

SEC("fexit/iommu_report_device_fault")
int BPF_PROG(report_exit, struct device *dev, struct iopf_fault *evt, int ret)
{
	report_ends(ctx, evt, ret);
	return 0;
}

SEC("fexit/iommu_report_device_fault")
int BPF_PROG(report_exit_spare2, struct device *dev, struct iopf_fault *evt, int ret)
{
	struct slot *s = slot_inside();

	if (!s || !(s->context & IOPF_CTX_REPORT))
		return 0; /* the other has seen it, or the entry was missed as well */
	made_good(IOPF_PROBE_REPORT_EXIT);
	report_ends(ctx, evt, ret);
	return 0;
}

/* --- enqueue ---------------------------------------------------------------------------------- */

struct walk {
	const struct slot *s;
	struct iopf_group *group;
	__u64 node;
	__u64 time;
	__u32 first;
	__u32 left;
};

/* One PAGES record. */
static long walk_pages(__u32 index, struct walk *w)
{
	struct iopf_rec_pages *r;
	__u32 i;

	r = RECORD(w->s, pages, w->time);
	if (!r)
		return 1;
	r->group = (__u64)w->group;
	r->first = w->first;
	r->nr = w->left < IOPF_PAGES_PER_REC ? w->left : IOPF_PAGES_PER_REC;
	for (i = 0; i < IOPF_PAGES_PER_REC; i++) {
		__u64 page = w->node - bpf_core_field_offset(struct iopf_fault, list);

		if (i < r->nr) {
			r->page[i].addr = PEEK64(page, struct iopf_fault, fault.prm.addr);
			r->page[i].perm = PEEK32(page, struct iopf_fault, fault.prm.perm);
			r->page[i].flags = PEEK32(page, struct iopf_fault, fault.prm.flags);
			w->node = peek64(w->node);
		} else {
			r->page[i].addr = 0;
			r->page[i].perm = 0;
			r->page[i].flags = 0;
		}
	}
	w->first += r->nr;
	w->left -= r->nr;
	record_send(r);
	return w->left == 0;
}

/* The requests of a group that has several, in the order they will be delivered in. */
static __noinline int group_pages(struct slot *s, struct iopf_group *group, __u64 time)
{
	struct walk w = { .s = s, .group = group, .time = time, .left = group->fault_count };

	if (w.left > IOPF_PAGES_MAX) {
		__sync_fetch_and_add(&counters.lost[IOPF_LOST_PAGES], 1);
		w.left = IOPF_PAGES_MAX;
	}
	w.node = (__u64)group->faults.next;
	bpf_loop(IOPF_PAGES_MAX / IOPF_PAGES_PER_REC, walk_pages, &w, 0);
	return 0;
}

/*
 * A program that is in use on this CPU, by a task that was preempted inside it, is skipped by the
 * kernel. What most programs should have told, another one can; what is queued, what is read and
 * what the driver is told only these see. So each is there more than once: the spares run later (the
 * kernel runs the program that was attached last first) and do what those before have not done.
 * Where a spare does, it takes as long as the first, and its task may be preempted inside as well.
 * With several threads on one CPU that happens: where there are few, more are attached, also for the
 * entries and ends that another program makes good only if its own was not skipped. See live.c.
 */
static __always_inline void group_queued(struct iopf_group *group, int spare)
{
	__u64 dev = PEEK64((__u64)group->fault_param, struct iommu_fault_param, dev);
	struct iommu_attach_handle *handle = group->attach_handle;
	struct slot *s = slot_inside();
	struct iopf_rec_enqueue *r;
	__u64 alone, fault, time;
	__u32 pages;

	if (s && s->seen & IOPF_REPORT_QUEUED && s->queued == (__u64)group)
		return;
	time = bpf_ktime_get_ns();
	if (!s || s->context != IOPF_CTX_REPORT || s->seen & IOPF_REPORT_QUEUED) {
		/*
		 * The entry of the report was missed: a report queues one group, so where one was queued,
		 * the end of that report was missed, too. Without a slot the group goes unseen.
		 */
		s = slot_enter(IOPF_CTX_REPORT);
		if (!s)
			return;
		s->report_ns = 0;
		made_good(IOPF_PROBE_REPORT_ENTRY);
	}
	s->seen |= IOPF_REPORT_QUEUED;
	s->queued = (__u64)group;
	device_announce(s, dev, time);
	alone = slot_queueing(s);
	r = RECORD(s, enqueue, time);
	if (!r)
		return;
	if (spare)
		made_good(IOPF_PROBE_ENQUEUE);
	/*
	 * Nobody else was inside when the number was about to be taken, and nobody has come since: who
	 * has a lower one is through, and who will have a higher one has not begun.
	 */
	r->order = alone && *(volatile __u64 *)&queueing == alone ? IOPF_ENQUEUE_ALONE : 0;
	fault = hwpt_fault(domain_hwpt(handle->domain));
	pages = group->fault_count;
	r->report_ns = s->report_ns;
	r->group = (__u64)group;
	r->object = fault;
	r->handle = (__u64)handle;
	r->dev = dev;
	r->addr = group->last_fault.fault.prm.addr;
	r->object_id = fault_id(fault);
	r->dev_id = handle_dev_id((__u64)handle);
	r->pasid = group->last_fault.fault.prm.pasid;
	r->grpid = group->last_fault.fault.prm.grpid;
	r->perm = group->last_fault.fault.prm.perm;
	r->flags = group->last_fault.fault.prm.flags;
	r->pages = pages;
	record_send(r);
	if (pages > 1)
		group_pages(s, group, time);
}

#define ENQUEUE(name, spare) \
	SEC("fentry/iommufd_fault_iopf_handler") \
	int BPF_PROG(name, struct iopf_group *group) \
	{ \
		group_queued(group, spare); \
		return 0; \
	}

ENQUEUE(enqueue, 0)
ENQUEUE(enqueue_spare, 1)
ENQUEUE(enqueue_spare2, 1)
ENQUEUE(enqueue_spare3, 1)

#endif /* IOPFTRACE_REPORT_H */
