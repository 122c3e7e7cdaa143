/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls of user space: read and write of a fault FD. */
#ifndef IOPFTRACE_CALLS_H
#define IOPFTRACE_CALLS_H

#include "answers.h"

/* --- read ------------------------------------------------------------------------------------- */

static __always_inline int read_begins(struct file *filep)
{
	struct slot *s = slot_enter(IOPF_CTX_READ);

	if (!s)
		return 0;
	s->object = (__u64)filep->private_data;
	s->head = fault_first(s->object);
	s->call_ns = bpf_ktime_get_ns();
	return 1;
}

SEC("fentry/iommufd_fault_fops_read")
int BPF_PROG(read_enter, struct file *filep)
{
	read_begins(filep);
	return 0;
}

#define READ_ENTER(name) \
	SEC("fentry/iommufd_fault_fops_read") \
	int BPF_PROG(name, struct file *filep) \
	{ \
		if (!slot_inside() && read_begins(filep)) \
			made_good(IOPF_PROBE_READ_ENTRY); \
		return 0; \
	}

READ_ENTER(read_enter_spare2)
READ_ENTER(read_enter_spare3)

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

/*
 * For a spare: whether the end of this call has been seen by none that ran before. Who has seen it has left
 * the slot, with a mark. The last spare takes the mark away.
 */
static __always_inline int call_is_unseen(int last)
{
	__u64 task = bpf_get_current_task();
	struct slot *s = slot_owned(task);

	if (!armed)
		return 0;
	if (!s || s->owner != (task | SLOT_LEFT))
		return 1;
	if (last)
		__sync_val_compare_and_swap(&s->owner, task | SLOT_LEFT, task);
	return 0;
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
	if (!ret && !s->head) {
		__sync_fetch_and_add(&counters.empty_reads, 1);
		if (s->call_ns) /* else it is not known when it began */
			__sync_fetch_and_add(&counters.empty_ns, bpf_ktime_get_ns() - s->call_ns);
	} else {
		read_record(s, buf, count, ret);
	}
	slot_leave_with(s, SLOT_LEFT);
}

SEC("fexit/iommufd_fault_fops_read")
int BPF_PROG(read_exit, struct file *filep, char *buf, __u64 count, void *ppos, __s64 ret)
{
	read_ends(filep, buf, count, ret);
	return 0;
}

static __always_inline void read_ends_unseen(struct file *filep, const char *buf, __u64 count,
					     __s64 ret, int last)
{
	if (!call_is_unseen(last))
		return;
	made_good(IOPF_PROBE_READ_EXIT);
	read_ends(filep, buf, count, ret);
}

#define READ_EXIT(name, last) \
	SEC("fexit/iommufd_fault_fops_read") \
	int BPF_PROG(name, struct file *filep, char *buf, __u64 count, void *ppos, __s64 ret) \
	{ \
		read_ends_unseen(filep, buf, count, ret, last); \
		return 0; \
	}

READ_EXIT(read_exit_spare, !few_cpus)
READ_EXIT(read_exit_spare2, 0)
READ_EXIT(read_exit_spare3, 0)
READ_EXIT(read_exit_spare4, 1)

/* --- write ------------------------------------------------------------------------------------ */

static __always_inline int write_begins(struct file *filep, __u64 buf, __u64 count)
{
	struct slot *s = slot_enter(IOPF_CTX_WRITE);

	if (!s)
		return 0;
	s->object = (__u64)filep->private_data;
	s->answered = 0;
	s->wanted = count / ANSWER_SIZE;
	s->answers = buf;
	s->call_ns = bpf_ktime_get_ns();
	return 1;
}

SEC("fentry/iommufd_fault_fops_write")
int BPF_PROG(write_enter, struct file *filep, const char *buf, __u64 count)
{
	write_begins(filep, (__u64)buf, count);
	return 0;
}

#define WRITE_ENTER(name) \
	SEC("fentry/iommufd_fault_fops_write") \
	int BPF_PROG(name, struct file *filep, const char *buf, __u64 count) \
	{ \
		if (!slot_inside() && write_begins(filep, (__u64)buf, count)) \
			made_good(IOPF_PROBE_WRITE_ENTRY); \
		return 0; \
	}

WRITE_ENTER(write_enter_spare2)
WRITE_ENTER(write_enter_spare3)

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
	slot_leave_with(s, few_cpus ? SLOT_LEFT : 0);
}

SEC("fexit/iommufd_fault_fops_write")
int BPF_PROG(write_exit, struct file *filep, const char *buf, __u64 count, void *ppos, __s64 ret)
{
	write_ends(filep, buf, count, ret);
	return 0;
}

#define WRITE_EXIT(name, last) \
	SEC("fexit/iommufd_fault_fops_write") \
	int BPF_PROG(name, struct file *filep, const char *buf, __u64 count, void *ppos, \
		     __s64 ret) \
	{ \
		if (!call_is_unseen(last)) \
			return 0; \
		made_good(IOPF_PROBE_WRITE_EXIT); \
		write_ends(filep, buf, count, ret); \
		return 0; \
	}

WRITE_EXIT(write_exit_spare2, 0)
WRITE_EXIT(write_exit_spare3, 1)

#endif /* IOPFTRACE_CALLS_H */
