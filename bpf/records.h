/* SPDX-License-Identifier: GPL-2.0-only */
/* Records: made, numbered, sent. What the programs tell once: the names of tasks and devices. */
#ifndef IOPFTRACE_RECORDS_H
#define IOPFTRACE_RECORDS_H

#include "context.h"
#include "kernel.h"
#include "shared.h"

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
	written_TYPE = IOPF_REC_WRITTEN,
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

#endif /* IOPFTRACE_RECORDS_H */
