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
#include "shared.h"
#include "context.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20); /* the loader sets it */
} ring SEC(".maps");

/* Processes of the scope, so that their children can be told: tgid -> 1. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, IOPF_SCOPE_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u8);
} scope SEC(".maps");

/* Wake the consumer when this many bytes wait; it looks by itself every few milliseconds. */
const volatile __u64 wake_bytes = 4 << 20;

#define PGFAULT_SIZE sizeof(struct iopf_pgfault)
#define ANSWER_SIZE sizeof(struct iopf_answer)

/* Reserves a record and fills in what all have in common; NULL, and counted, when there is no room. */
static __always_inline void *record_new(const struct slot *s, __u16 type, __u32 size, __u64 time)
{
	__u64 seq = __sync_fetch_and_add(&counters.next_seq, 1);
	struct iopf_rec *r = bpf_ringbuf_reserve(&ring, size, 0);

	if (!r) {
		__sync_fetch_and_add(&counters.lost[IOPF_LOST_RING_FULL], 1);
		return 0;
	}
	r->seq = seq;
	r->time_ns = time;
	r->type = type;
	r->size = size;
	r->context = s->context;
	r->tgid = s->tgid;
	r->tid = s->tid;
	return r;
}

/* Asking how full the ring is costs as much as a time stamp: one record in 64 does it. */
static __always_inline void record_send(void *rec)
{
	__u64 flags = BPF_RB_NO_WAKEUP;

	if (!(((struct iopf_rec *)rec)->seq & 63) &&
	    bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= wake_bytes)
		flags = BPF_RB_FORCE_WAKEUP;
	bpf_ringbuf_submit(rec, flags);
}

#define RECORD(slot, kind, time) \
	((struct iopf_rec_##kind *)record_new(slot, kind##_TYPE, sizeof(struct iopf_rec_##kind), \
					      time))
enum {
	report_TYPE = IOPF_REC_REPORT,
	enqueue_TYPE = IOPF_REC_ENQUEUE,
	pages_TYPE = IOPF_REC_PAGES,
	read_TYPE = IOPF_REC_READ,
	read_more_TYPE = IOPF_REC_READ_MORE,
	response_TYPE = IOPF_REC_RESPONSE,
	write_TYPE = IOPF_REC_WRITE,
	driver_TYPE = IOPF_REC_DRIVER,
	auto_TYPE = IOPF_REC_AUTO,
	destroy_TYPE = IOPF_REC_DESTROY,
	qremove_TYPE = IOPF_REC_QREMOVE,
	discard_TYPE = IOPF_REC_DISCARD,
	alloc_TYPE = IOPF_REC_ALLOC,
	release_TYPE = IOPF_REC_RELEASE,
	task_TYPE = IOPF_REC_TASK,
	device_TYPE = IOPF_REC_DEVICE,
	fork_TYPE = IOPF_REC_FORK,
	attach_TYPE = IOPF_REC_ATTACH,
	waiting_TYPE = IOPF_REC_WAITING,
	walked_TYPE = IOPF_REC_WALKED,
};

static int slot_announce(struct slot *s, struct task_struct *task)
{
	struct iopf_rec_task *r = RECORD(s, task, bpf_ktime_get_ns());

	if (!r)
		return 0;
	__builtin_memcpy(r->comm, task->comm, sizeof(r->comm));
	r->comm[sizeof(r->comm) - 1] = 0;
	record_send(r);
	return 1;
}

/* Devices whose names have been sent: a clash costs a repetition, never a name. */
static __u64 devices[IOPF_DEVICES];

static __always_inline __u64 *device_slot(__u64 dev)
{
	return &devices[(dev >> 6) * 2654435769ULL >> 16 & (IOPF_DEVICES - 1)];
}

static __noinline int device_send(const struct slot *s, __u64 dev, __u64 time)
{
	__u64 name = PEEK64(dev, struct device, init_name);
	struct iopf_rec_device *r;

	if (!name)
		name = PEEK64(dev, struct device, kobj.name);
	r = RECORD(s, device, time);
	if (!r)
		return 0;
	*device_slot(dev) = dev;
	r->dev = dev;
	__builtin_memset(r->name, 0, sizeof(r->name));
	bpf_probe_read_kernel_str(r->name, sizeof(r->name), (void *)name);
	record_send(r);
	return 0;
}

/* Sends the name of a device unless it has been sent. */
static __always_inline void device_announce(const struct slot *s, __u64 dev, __u64 time)
{
	if (*device_slot(dev) != dev)
		device_send(s, dev, time);
}

/* Devices whose driver has been seen to be told, by the hash of their address. */
static __u64 told[IOPF_DEVICES];

static __always_inline __u64 *device_told(__u64 dev)
{
	return &told[(dev >> 6) * 2654435769ULL >> 16 & (IOPF_DEVICES - 1)];
}

/* A device that leaves its IOPF queue may be freed, and its address be another's. */
static __always_inline void device_forget(__u64 dev)
{
	__u64 *known = device_slot(dev);

	if (*known == dev)
		*known = 0;
	if (*device_told(dev) == dev)
		*device_told(dev) = 0;
}

/* --- answers: what all that can enclose one need ---------------------------------------------- */

#define CTX_BRACKET (IOPF_CTX_AUTO | IOPF_CTX_DESTROY | IOPF_CTX_QREMOVE)

/*
 * The answer that this task is giving has reached the driver (@ack_ns), or has gone past it (0): its
 * RESPONSE record. A response to a group needs two programs so, not three.
 */
static __always_inline void response_send(struct slot *s, __u64 ack_ns, __u16 calls, __u32 code,
					  __u16 flags)
{
	struct iopf_rec_response *r = RECORD(s, response, ack_ns ?: bpf_ktime_get_ns());

	s->context &= ~IOPF_CTX_RESPONSE;
	if (s->context & IOPF_CTX_WRITE)
		s->answered++;
	else if (s->context & CTX_BRACKET)
		s->bracket_answered++;
	if (r) {
		r->caller_ns = 0;
		r->object = 0;
		if (s->context & IOPF_CTX_WRITE) {
			r->caller_ns = s->call_ns;
			r->object = s->object;
		} else if (s->context & CTX_BRACKET) {
			r->caller_ns = s->bracket_ns;
			r->object = s->bracket_object;
		} else if (s->context & IOPF_CTX_REPORT) {
			r->caller_ns = s->report_ns;
		}
		r->response_ns = s->response_ns;
		r->ack_ns = ack_ns;
		r->group = s->group;
		r->dev = s->dev;
		r->cookie = s->cookie;
		r->code = s->code;
		r->pasid = s->pasid;
		r->grpid = s->grpid;
		r->driver_calls = calls;
		r->flags = flags;
		r->driver_code = code;
		record_send(r);
	}
	if (!s->context)
		slot_leave(s);
}

/* Whether what a device's driver is told by has a probe: by its name, or because it was seen. */
static __noinline int device_watched(__u64 dev)
{
	__u64 function = device_response(dev);

	if (*device_told(dev) == dev)
		return 1;
	return function && (function == addresses.intel || function == addresses.arm ||
			    function == addresses.amd || function == addresses.mock);
}

static __noinline int response_unacked(struct slot *s)
{
	__u16 flags = 0;

	__sync_fetch_and_add(&counters.unacked, 1);
	if (device_watched(s->dev)) {
		__sync_fetch_and_add(&counters.untold, 1);
		flags = IOPF_RESPONSE_UNTOLD;
	}
	response_send(s, 0, 0, 0, flags);
	return 0;
}

/* Whatever comes after a response ends it, if the driver was not told (or has no probe). */
static __always_inline void response_flush(struct slot *s)
{
	if (s->context & IOPF_CTX_RESPONSE)
		response_unacked(s);
}

/* In the slot only: the report is to be told of though nothing was odd about it. */
#define SEEN_TELL (1U << 31)

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
 * what the driver is told only these see. So each is there twice: the spare runs second (the kernel
 * runs the program that was attached last first) and does what the first has not done.
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
	if (!s || s->context != IOPF_CTX_REPORT) {
		/* The entry of the report was missed. Without a slot the group goes unseen. */
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

SEC("fentry/iommufd_fault_iopf_handler")
int BPF_PROG(enqueue, struct iopf_group *group)
{
	group_queued(group, 0);
	return 0;
}

SEC("fentry/iommufd_fault_iopf_handler")
int BPF_PROG(enqueue_spare, struct iopf_group *group)
{
	group_queued(group, 1);
	return 0;
}

/* --- read ------------------------------------------------------------------------------------- */

static __always_inline void read_begins(struct file *filep)
{
	struct slot *s = slot_enter(IOPF_CTX_READ);

	if (!s)
		return;
	s->object = (__u64)filep->private_data;
	s->head = fault_first(s->object);
	s->call_ns = bpf_ktime_get_ns();
}

SEC("fentry/iommufd_fault_fops_read")
int BPF_PROG(read_enter, struct file *filep)
{
	read_begins(filep);
	return 0;
}

struct copy {
	const struct slot *s;
	const char *buf;
	__u64 time;
	__u64 seq;
	__u32 first;
	__u32 left;
};

/* One READ_MORE record. */
static long copy_faults(__u32 index, struct copy *c)
{
	struct iopf_rec_read_more *r;
	__u32 nr = c->left < IOPF_FAULTS_PER_REC ? c->left : IOPF_FAULTS_PER_REC;
	__u32 bytes = nr * PGFAULT_SIZE;

	r = RECORD(c->s, read_more, c->time);
	if (!r)
		return 1;
	r->object = c->s->object;
	r->seq_of_read = c->seq;
	r->first = c->first;
	r->nr = nr;
	r->flags = 0;
	if (bytes > sizeof(r->fault))
		bytes = sizeof(r->fault);
	if (nr < IOPF_FAULTS_PER_REC)
		__builtin_memset(r->fault, 0, sizeof(r->fault));
	if (bpf_probe_read_user(r->fault, bytes, c->buf + (__u64)c->first * PGFAULT_SIZE))
		r->flags = IOPF_READ_UNREADABLE;
	c->first += nr;
	c->left -= nr;
	record_send(r);
	return c->left == 0;
}

/* The second and further records of a read. */
static __noinline int read_more(struct slot *s, const char *buf, __u32 records, __u64 time,
				__u64 seq)
{
	struct copy c = {
		.s = s,
		.buf = buf,
		.time = time,
		.seq = seq,
		.first = 1,
		.left = records - 1,
	};

	bpf_loop(1 << 23, copy_faults, &c, 0);
	return 0;
}

/* The slot of a call whose end is seen: also of one whose entry was missed, which has no time. */
static __always_inline struct slot *call_ends(__u32 context, struct file *filep)
{
	struct slot *s = slot_inside();

	if (s && s->context & context)
		return s;
	s = slot_enter(context);
	if (!s)
		return 0;
	s->call_ns = 0;
	s->head = 0;
	s->answered = 0;
	s->object = (__u64)filep->private_data;
	made_good(context == IOPF_CTX_READ ? IOPF_PROBE_READ_ENTRY : IOPF_PROBE_WRITE_ENTRY);
	return s;
}

static __always_inline void read_record(struct slot *s, const char *buf, __u64 count, __s64 ret)
{
	__u64 time = bpf_ktime_get_ns();
	struct iopf_rec_read *r = RECORD(s, read, time);
	__u64 seq;

	if (!r)
		return;
	seq = r->h.seq;
	r->enter_ns = s->call_ns;
	r->object = s->object;
	r->count = count;
	r->ret = ret;
	r->object_id = fault_id(s->object);
	r->flags = 0;
	if (s->head) {
		r->flags = IOPF_READ_NOT_EMPTY;
		if (ret <= 0 && fault_first(s->object) == s->head)
			r->flags |= IOPF_READ_STILL_HELD;
	}
	if (ret < (__s64)PGFAULT_SIZE)
		__builtin_memset(&r->fault, 0, sizeof(r->fault));
	else if (bpf_probe_read_user(&r->fault, sizeof(r->fault), buf))
		r->flags |= IOPF_READ_UNREADABLE;
	record_send(r);
	if (ret >= (__s64)(2 * PGFAULT_SIZE))
		read_more(s, buf, ret / PGFAULT_SIZE, time, seq);
}

static __always_inline void read_ends(struct file *filep, const char *buf, __u64 count, __s64 ret)
{
	struct slot *s = call_ends(IOPF_CTX_READ, filep);

	if (!s)
		return;
	if (!ret && !s->head)
		__sync_fetch_and_add(&counters.empty_reads, 1);
	else
		read_record(s, buf, count, ret);
	slot_leave(s);
}

SEC("fexit/iommufd_fault_fops_read")
int BPF_PROG(read_exit, struct file *filep, char *buf, __u64 count, void *ppos, __s64 ret)
{
	read_ends(filep, buf, count, ret);
	return 0;
}

SEC("fexit/iommufd_fault_fops_read")
int BPF_PROG(read_exit_spare, struct file *filep, char *buf, __u64 count, void *ppos, __s64 ret)
{
	struct slot *s = slot_inside();

	if (!s || !(s->context & IOPF_CTX_READ))
		return 0; /* the other has seen it */
	made_good(IOPF_PROBE_READ_EXIT);
	read_ends(filep, buf, count, ret);
	return 0;
}

/* --- write ------------------------------------------------------------------------------------ */

static __always_inline void write_begins(struct file *filep, __u64 count)
{
	struct slot *s = slot_enter(IOPF_CTX_WRITE);

	if (!s)
		return;
	s->object = (__u64)filep->private_data;
	s->answered = 0;
	s->wanted = count / ANSWER_SIZE;
	s->call_ns = bpf_ktime_get_ns();
}

SEC("fentry/iommufd_fault_fops_write")
int BPF_PROG(write_enter, struct file *filep, const char *buf, __u64 count)
{
	write_begins(filep, count);
	return 0;
}

/* A write that did not do what it was given. The refused answer is the first one not counted. */
static __noinline int write_refused(struct slot *s, const char *buf, __u64 count, __s64 ret)
{
	struct iopf_rec_write *r = RECORD(s, write, bpf_ktime_get_ns());
	__u64 done = ret > 0 ? ret : 0;
	__u64 nr = count > done ? (count - done) / ANSWER_SIZE : 0;
	__u32 bytes;

	if (!r)
		return 0;
	if (nr > IOPF_ANSWERS_PER_REC)
		nr = IOPF_ANSWERS_PER_REC;
	r->enter_ns = s->call_ns;
	r->object = s->object;
	r->count = count;
	r->ret = ret;
	r->object_id = fault_id(s->object);
	r->answered = s->answered;
	r->first = done / ANSWER_SIZE;
	r->nr = nr;
	r->flags = 0;
	__builtin_memset(r->answer, 0, sizeof(r->answer));
	bytes = nr * ANSWER_SIZE;
	if (bytes > sizeof(r->answer))
		bytes = sizeof(r->answer);
	if (bytes && bpf_probe_read_user(r->answer, bytes, buf + done))
		r->nr = 0;
	record_send(r);
	return 0;
}

static __always_inline void write_ends(struct file *filep, const char *buf, __u64 count, __s64 ret)
{
	struct slot *s = call_ends(IOPF_CTX_WRITE, filep);

	if (!s)
		return;
	response_flush(s);
	if (ret != (__s64)count || ret != (__s64)(s->answered * ANSWER_SIZE))
		write_refused(s, buf, count, ret);
	slot_leave(s);
}

SEC("fexit/iommufd_fault_fops_write")
int BPF_PROG(write_exit, struct file *filep, const char *buf, __u64 count, void *ppos, __s64 ret)
{
	write_ends(filep, buf, count, ret);
	return 0;
}

/* --- response --------------------------------------------------------------------------------- */

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

/* The driver was told outside of a group response: queue removal, or a report that was refused. */
static __noinline int driver_alone(__u64 dev, __u64 evt, struct iommu_page_response *resp)
{
	struct iopf_rec_driver *r;
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
	r = RECORD(s, driver, bpf_ktime_get_ns());
	if (!r)
		return 0;
	r->group = evt;
	r->dev = dev;
	r->pasid = resp->pasid;
	r->grpid = resp->grpid;
	r->code = resp->code;
	r->reserved = 0;
	record_send(r);
	return 0;
}

/*
 * These callers reach the driver through iopf_group_response() only: its entry was missed. The event
 * is the group, so but for the time of that entry all is known. (Not of the group that was answered
 * last: there the driver was told twice, which is for a DRIVER record to say.)
 */
static __noinline int response_missed(struct slot *s, __u64 event, __u64 dev, __u32 code)
{
	struct iopf_group *group = CAST(struct iopf_group, event);

	s->group = event;
	s->dev = dev;
	s->cookie = group->cookie;
	s->code = code;
	s->pasid = group->last_fault.fault.prm.pasid;
	s->grpid = group->last_fault.fault.prm.grpid;
	s->response_ns = 0;
	made_good(IOPF_PROBE_RESPONSE);
	response_send(s, bpf_ktime_get_ns(), 1, code, 0);
	return 0;
}

static __always_inline void driver_told(void *ctx, struct iopf_fault *evt,
					struct iommu_page_response *resp, int spare)
{
	struct slot *s = slot_inside();
	__u64 dev = 0, event = 0;

	if (!s) {
		/* The kernel's own groups are nobody's business: one that was skipped is made good. */
		bpf_get_func_arg(ctx, 1, &event);
		if (armed && group_is_sva(CAST(struct iopf_group, event)))
			__sync_fetch_and_add(&counters.made_good[IOPF_PROBE_DRIVER],
					     spare ? 1 : -1);
		else if (!spare) {
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
		response_send(s, bpf_ktime_get_ns(), 1, resp->code, 0);
		return;
	}
	bpf_get_func_arg(ctx, 0, &dev);
	bpf_get_func_arg(ctx, 1, &event);
	if (!(s->context & IOPF_CTX_RESPONSE) && s->group != event &&
	    s->context & (IOPF_CTX_WRITE | IOPF_CTX_AUTO | IOPF_CTX_DESTROY))
		response_missed(s, event, dev, resp->code);
	else
		driver_alone(dev, event, resp);
}

/* Every driver that can have its page requests answered has one of these; those present are loaded. */
#define DRIVER(function) \
	SEC("fexit/" #function) \
	int BPF_PROG(driver_##function, struct device *dev, struct iopf_fault *evt, \
		     struct iommu_page_response *resp) \
	{ \
		driver_told(ctx, evt, resp, 0); \
		return 0; \
	} \
	SEC("fexit/" #function) \
	int BPF_PROG(driver_##function##_spare, struct device *dev, struct iopf_fault *evt, \
		     struct iommu_page_response *resp) \
	{ \
		driver_told(ctx, evt, resp, 1); \
		return 0; \
	}

DRIVER(intel_iommu_page_response)
DRIVER(arm_smmu_page_response)
DRIVER(amd_iommu_page_response)
DRIVER(mock_domain_page_response)

/* --- detach, destroy, queue removal ----------------------------------------------------------- */

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

/* --- rare events that are one moment ---------------------------------------------------------- */

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

#include "walk.h"

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

/* The last thread of a process ends: before its number can be anybody else's. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exit, struct task_struct *task)
{
	__u32 tgid = task->tgid;
	struct slot of = { .tgid = tgid, .tid = task->pid };
	struct iopf_rec *r;

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
