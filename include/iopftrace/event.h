/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The records that the BPF programs write and everything else reads.
 *
 * Included by both sides; the sizes are asserted below, so they are asserted on both sides. Record
 * types and field positions are append-only: a reader skips types it does not know and uses the
 * size in the header, so a record may grow at its end.
 *
 * Units: times are nanoseconds of CLOCK_MONOTONIC, 0 = not known. Addresses of kernel objects are
 * used as names only and are reused by the kernel: see iopf_rec_enqueue.group.
 */
#ifndef IOPFTRACE_EVENT_H
#define IOPFTRACE_EVENT_H

#include <linux/types.h>

/* Record types. */
enum iopf_rec_type {
	IOPF_REC_NONE = 0,
	IOPF_REC_REPORT = 1, /* a page request that did not become a group of iommufd */
	IOPF_REC_ENQUEUE = 2, /* a group enters a fault object */
	IOPF_REC_PAGES = 3, /* the pages of a group that has more than one */
	IOPF_REC_READ = 4, /* a read of the fault FD returned */
	IOPF_REC_READ_MORE = 5, /* further records of the read before it (same seq_of_read) */
	IOPF_REC_RESPONSE = 6, /* a group was answered, by whomever */
	IOPF_REC_WRITE = 7, /* a write of the fault FD that did not answer all it was given */
	IOPF_REC_DRIVER = 8, /* the driver was told outside of a group response */
	IOPF_REC_AUTO = 9, /* auto-response (detach, replace) returned */
	IOPF_REC_DESTROY = 10, /* a fault object was destroyed */
	IOPF_REC_QREMOVE = 11, /* a device left its IOPF queue */
	IOPF_REC_DISCARD = 12, /* partial requests were discarded */
	IOPF_REC_ALLOC = 13, /* a fault object was created */
	IOPF_REC_RELEASE = 14, /* the last reference of a fault FD was closed */
	IOPF_REC_TASK = 15, /* the name of a task that appears in other records */
	IOPF_REC_DEVICE = 16, /* the name of a device that appears in other records */
	IOPF_REC_FORK = 17, /* a process inside the scope created a process */
	IOPF_REC_EXIT = 18, /* a process inside the scope is gone; no fields but the header's */
	IOPF_REC_ATTACH = 19, /* an attach handle begins to be used */
	IOPF_REC_WAITING = 20, /* a group that a walk of the fault objects found */
	IOPF_REC_WALKED = 21, /* all groups of a fault object have been walked */
	IOPF_REC_INSIDE = 22, /* a call that has not returned */
	IOPF_REC_WRITTEN = 23, /* another answer had been written than the one that is given */
	IOPF_REC_TYPES
};

/* What the task was doing when the record was made: a set of these. Nesting is strict. */
enum iopf_context {
	IOPF_CTX_REPORT = 1 << 0, /* inside iommu_report_device_fault() */
	IOPF_CTX_READ = 1 << 1, /* inside a read of a fault FD */
	IOPF_CTX_WRITE = 1 << 2, /* inside a write of a fault FD */
	IOPF_CTX_AUTO = 1 << 3, /* inside auto-response: detach or replace */
	IOPF_CTX_DESTROY = 1 << 4, /* inside the destruction of a fault object */
	IOPF_CTX_QREMOVE = 1 << 5, /* inside iopf_queue_remove_device() */
	IOPF_CTX_RESPONSE = 1 << 6, /* inside iopf_group_response() */
};

/*
 * The programs that observe, for what is said about them: which are missing, which were missed. A
 * set of them is made of 1 << this. Append-only: trace files have them.
 */
enum iopf_probe {
	IOPF_PROBE_REPORT_ENTRY = 0,
	IOPF_PROBE_REPORT_EXIT = 1,
	IOPF_PROBE_ENQUEUE = 2,
	IOPF_PROBE_READ_ENTRY = 3,
	IOPF_PROBE_READ_EXIT = 4,
	IOPF_PROBE_WRITE_ENTRY = 5,
	IOPF_PROBE_WRITE_EXIT = 6,
	IOPF_PROBE_RESPONSE = 7,
	IOPF_PROBE_DRIVER = 8, /* of the drivers that are present; absent = one is not watched */
	IOPF_PROBE_AUTO_ENTRY = 9,
	IOPF_PROBE_AUTO_EXIT = 10,
	IOPF_PROBE_DESTROY_ENTRY = 11,
	IOPF_PROBE_DESTROY_EXIT = 12,
	IOPF_PROBE_QREMOVE_ENTRY = 13,
	IOPF_PROBE_QREMOVE_EXIT = 14,
	IOPF_PROBE_DISCARD = 15,
	IOPF_PROBE_ALLOC = 16,
	IOPF_PROBE_RELEASE = 17,
	IOPF_PROBE_ATTACH = 18,
	IOPF_PROBE_SVA = 19,
	IOPF_PROBE_PROCESS = 20, /* fork, exec, exit */
	IOPF_PROBE_WALK = 21, /* of the fault objects, at the beginning and at the end */
	IOPF_PROBE_INSIDE = 22, /* calls that have not returned are looked for */
	IOPF_PROBES
};

/* Page request flags, as in the kernel's IOMMU_FAULT_PAGE_REQUEST_* and the uAPI's PGFAULT flags. */
#define IOPF_PRQ_PASID_VALID (1U << 0)
#define IOPF_PRQ_LAST_PAGE (1U << 1)

/* Response codes: enum iommu_page_response_code. User space may give the first two. */
enum iopf_code {
	IOPF_CODE_SUCCESS = 0,
	IOPF_CODE_INVALID = 1,
	IOPF_CODE_FAILURE = 2,
};

/* Why an observation was dropped in the kernel: index into the loss counters. */
enum iopf_lost {
	IOPF_LOST_RING_FULL = 0, /* no room in the ring buffer: leaves a gap in the sequence */
	IOPF_LOST_CONTEXT = 1, /* no context slot for the task: its calls were not seen */
	IOPF_LOST_PAGES = 2, /* a group had more pages than are walked */
	IOPF_LOST_REASONS
};

/* Why a process of the scope was not followed: index into the counters of that. */
enum iopf_unfollowed {
	IOPF_UNFOLLOWED_FULL = 0, /* there were IOPF_SCOPE_MAX */
	IOPF_UNFOLLOWED_MEMORY = 1, /* the kernel had none for it */
	IOPF_UNFOLLOWED_BUSY =
		2, /* the table was locked by what was interrupted, or anything else */
	IOPF_UNFOLLOWED_REASONS
};

/* Every record begins with this. */
struct iopf_rec {
	__u64 seq; /* global, from 0, without gaps but for what was lost; the order of events */
	__u64 time_ns; /* when: at which moment, the record's own comment says */
	__u16 type; /* enum iopf_rec_type */
	__u16 size; /* bytes, header included */
	__u32 context; /* set of enum iopf_context */
	__u32 tgid; /* process and thread ids in the initial PID namespace */
	__u32 tid;
};

/* One page request. */
struct iopf_page {
	__u64 addr;
	__u32 perm; /* IOMMU_FAULT_PERM_*: read 1, write 2, exec 4, privileged 8 */
	__u32 flags; /* IOPF_PRQ_* */
};

/* struct iommu_hwpt_pgfault of the uAPI, byte for byte: what user space got. */
struct iopf_pgfault {
	__u32 flags;
	__u32 dev_id;
	__u32 pasid;
	__u32 grpid;
	__u32 perm;
	__u32 reserved;
	__u64 addr;
	__u32 length;
	__u32 cookie;
};

/* struct iommu_hwpt_page_response of the uAPI. */
struct iopf_answer {
	__u32 cookie;
	__u32 code;
};

/* What became of a report; a set. */
enum iopf_report_seen {
	IOPF_REPORT_QUEUED = 1 << 0, /* iommufd took it: has an ENQUEUE record */
	IOPF_REPORT_SVA = 1 << 1, /* the kernel's own SVA handler took it */
	IOPF_REPORT_ANSWERED = 1 << 2, /* answered before the report returned: has a record */
	IOPF_REPORT_UNTOLD = 1 << 3, /* none of these: its driver, which is probed, was not told */
};

/* time_ns: iommu_report_device_fault() returned. Not made for a LAST_PAGE request that was queued. */
struct iopf_rec_report {
	struct iopf_rec h;
	__u64 report_ns; /* it was called */
	__u64 dev; /* struct device */
	__u64 addr;
	__u32 pasid;
	__u32 grpid;
	__u32 perm;
	__u32 flags; /* IOPF_PRQ_* */
	__s32 ret;
	__u32 seen; /* set of enum iopf_report_seen */
};

/* time_ns: Queue: iommufd's handler was entered, before any reader can see the group. */
struct iopf_rec_enqueue {
	struct iopf_rec h;
	__u64 report_ns; /* Report: the driver called the core with the group's last request */
	__u64 group; /* struct iopf_group: a name only until the group is answered */
	__u64 object; /* struct iommufd_fault */
	__u64 handle; /* struct iommu_attach_handle */
	__u64 dev; /* struct device */
	__u64 addr; /* of the last request */
	__u32 object_id; /* iommufd's id of the fault object; 0 = not known */
	__u32 dev_id; /* iommufd's id of the device */
	__u32 pasid; /* valid only with IOPF_PRQ_PASID_VALID in flags */
	__u32 grpid;
	__u32 perm;
	__u32 flags; /* IOPF_PRQ_*, and what else the kernel had there */
	__u32 pages; /* requests in the group, the last one included */
	__u32 order; /* set of enum iopf_enqueue_order */
};

enum iopf_enqueue_order {
	/* no other group was just being queued: lower numbers are in the queue, higher ones come after */
	IOPF_ENQUEUE_ALONE = 1 << 0,
};

#define IOPF_PAGES_PER_REC 16

/* time_ns: as the ENQUEUE record just before it from the same task. Made for groups of several. */
struct iopf_rec_pages {
	struct iopf_rec h;
	__u64 group;
	__u32 first; /* index of page[0] in the group */
	__u32 nr; /* of page[] used */
	struct iopf_page page[IOPF_PAGES_PER_REC];
};

enum iopf_read_flags {
	IOPF_READ_UNREADABLE = 1 << 0, /* the caller's buffer could not be read back */
	IOPF_READ_NOT_EMPTY = 1 << 1, /* groups were queued when the read was entered */
	IOPF_READ_STILL_HELD = 1 << 2, /* the same group headed the queue at both ends */
};

/*
 * time_ns: Deliver: the read returned. Reads that returned 0 are recorded only when the queue was
 * not empty on entry; the others are counted. Holds the first record; more of them follow in
 * READ_MORE records of the same task, which name this record's seq.
 */
struct iopf_rec_read {
	struct iopf_rec h;
	__u64 enter_ns; /* 0 = not seen */
	__u64 object;
	__u64 count; /* bytes asked for */
	__s64 ret;
	__u32 object_id;
	__u32 flags; /* set of enum iopf_read_flags */
	struct iopf_pgfault
		fault; /* the first one, when ret > 0; from the user's buffer: untrusted */
};

#define IOPF_FAULTS_PER_REC 16

struct iopf_rec_read_more {
	struct iopf_rec h;
	__u64 object;
	__u64 seq_of_read;
	__u32 first; /* index of fault[0] in the read */
	__u16 nr; /* of fault[] used */
	__u16 flags; /* IOPF_READ_UNREADABLE */
	struct iopf_pgfault fault[IOPF_FAULTS_PER_REC];
};

/*
 * time_ns: ack_ns; without it, the next moment that was seen: the next answer of the same caller, or
 * the caller's end. h.context says who answered.
 */
struct iopf_rec_response {
	struct iopf_rec h;
	__u64 response_ns; /* Write: iopf_group_response() was entered: the answer is at its group */
	__u64 ack_ns; /* Ack: the driver's page_response returned; 0 = none was seen */
	__u64 caller_ns; /* when the enclosing write, auto-response, ... was entered; 0 = unknown */
	__u64 group;
	__u64 object; /* of the enclosing write, auto-response or destroy; 0 = unknown */
	__u64 dev;
	__u32 cookie; /* the kernel's own; 0 = never delivered, or 0: see iopf_rec_waiting.cookie */
	__u32 code; /* status: enum iopf_code */
	__u32 pasid;
	__u32 grpid;
	__u16 driver_calls; /* page_response calls seen inside */
	__u16 flags; /* set of enum iopf_response_flags */
	__u32 driver_code; /* the status the driver was given last */
};

enum iopf_response_flags {
	IOPF_RESPONSE_UNTOLD = 1 << 0, /* the driver, which is probed, was not told */
	/* The entry of the write could be read, and is this answer, or a WRITTEN record has told of it. */
	IOPF_RESPONSE_COMPARED = 1 << 1,
};

#define IOPF_ANSWERS_PER_REC 16

/*
 * time_ns: the write returned. Made only for writes whose return value is not what they were given,
 * or not what they answered: the others are known from their RESPONSE records.
 */
struct iopf_rec_write {
	struct iopf_rec h;
	__u64 enter_ns; /* 0 = not seen: its answers say no caller */
	__u64 object;
	__u64 count; /* bytes given */
	__s64 ret;
	__u32 object_id;
	__u32 answered; /* groups answered inside */
	__u32 first; /* index in the write of answer[0]: the one that was refused */
	__u16 nr; /* of answer[] used; 0 = the buffer could not be read */
	__u16 flags; /* reserved */
	struct iopf_answer answer[IOPF_ANSWERS_PER_REC];
};

enum iopf_driver_flags {
	/*
	 * Not of the PASID, group index or device of the request that it answers. With IOPF_CTX_RESPONSE in
	 * h.context the group's RESPONSE follows; else only PASID and index were compared.
	 */
	IOPF_DRIVER_OTHER = 1 << 0,
};

/*
 * time_ns: the driver's page_response returned. Made where no iopf_group_response() encloses it; and
 * where it was told of something else than the group that was answered.
 */
struct iopf_rec_driver {
	struct iopf_rec h;
	__u64 group; /* the event given: a group when the core answers one, else the driver's own event */
	__u64 dev;
	__u32 pasid;
	__u32 grpid;
	__u32 code;
	__u32 flags; /* set of enum iopf_driver_flags */
};

/*
 * time_ns: iommufd_auto_response_faults() returned: the handle will be freed. object is 0 when the
 * domain it was called for has no fault object.
 */
struct iopf_rec_auto {
	struct iopf_rec h;
	__u64 enter_ns;
	__u64 object;
	__u64 handle; /* whose groups were to be answered */
	__u32 answered;
	__u32 object_id;
};

/* time_ns: iommufd_fault_destroy() returned. */
struct iopf_rec_destroy {
	struct iopf_rec h;
	__u64 enter_ns;
	__u64 object;
	__u32 answered;
	__u32 object_id;
};

/* time_ns: iopf_queue_remove_device() returned. */
struct iopf_rec_qremove {
	struct iopf_rec h;
	__u64 enter_ns;
	__u64 queue;
	__u64 dev;
};

/* time_ns: iopf_queue_discard_partial() returned. */
struct iopf_rec_discard {
	struct iopf_rec h;
	__u64 queue;
};

/* time_ns: iommufd_fault_alloc() returned. */
struct iopf_rec_alloc {
	struct iopf_rec h;
	__u64 object; /* 0 = not known (creation failed, or the FD was closed at once) */
	__u32 object_id;
	__s32 fd;
	__s32 ret;
	__u32 reserved;
};

/* time_ns: the file's release was entered. */
struct iopf_rec_release {
	struct iopf_rec h;
	__u64 object;
	__u32 object_id;
	__u32 reserved;
};

#define IOPF_COMM_LEN 16
#define IOPF_DEVNAME_LEN 32

/* h.tgid and h.tid: the task named. Sent before the first record of that task, and after exec. */
struct iopf_rec_task {
	struct iopf_rec h;
	char comm[IOPF_COMM_LEN]; /* bytes, not necessarily text; NUL-terminated */
};

struct iopf_rec_device {
	struct iopf_rec h;
	__u64 dev;
	char name[IOPF_DEVNAME_LEN]; /* dev_name(), cut if longer; NUL-terminated */
};

/* h.tgid and h.tid: the parent. */
struct iopf_rec_fork {
	struct iopf_rec h;
	__u32 child_tgid;
	__u32 child_tid;
};

/*
 * time_ns: a function that attaches or replaces a domain was entered, with this handle for the
 * faults to come: what had the same address before has been freed.
 */
struct iopf_rec_attach {
	struct iopf_rec h;
	__u64 handle; /* struct iommu_attach_handle */
};

enum iopf_waiting_flags {
	IOPF_WAITING_DELIVERED = 1 << 0, /* it has been read; else it is queued */
	IOPF_WAITING_END = 1 << 1, /* of the walk at the end of the trace; else at its beginning */
	IOPF_WAITING_NAMED = 1 << 2, /* its cookie is known, also if it is 0 */
};

/*
 * time_ns: the walk was at it. Groups move while they are walked, so one may be missed, or be told
 * twice; WALKED says when it began.
 */
struct iopf_rec_waiting {
	struct iopf_rec h;
	__u64 group;
	__u64 object;
	__u64 handle;
	__u64 dev;
	__u64 addr; /* of the last request */
	__u32 object_id;
	__u32 dev_id;
	__u32 pasid;
	__u32 grpid;
	__u32 perm;
	__u32 flags; /* IOPF_PRQ_* */
	__u32 pages;
	/*
	 * Of one that has been read: IOPF_WAITING_DELIVERED says so. It may be 0: cookies begin at 1, but
	 * Linux marks what user space writes as free, found or not, and then hands out 0, too. Without
	 * IOPF_WAITING_NAMED, 0 is one that is not known.
	 */
	__u32 cookie;
	__u32 waiting; /* set of enum iopf_waiting_flags */
	__u32 reserved;
};

/* time_ns: the walk of the object ended. h.tgid: a process that has it open. */
struct iopf_rec_walked {
	struct iopf_rec h;
	__u64 enter_ns; /* it began */
	__u64 object;
	__u32 object_id;
	__u32 queued; /* groups found in the queue */
	__u32 delivered; /* groups found that have been read */
	__u32 waiting; /* IOPF_WAITING_END; or IOPF_WALKED_CUT: not all were walked */
};

#define IOPF_WALKED_CUT (1U << 8)

/*
 * time_ns: it was seen to be inside still. h.context: in what. h.tgid, h.tid: who. A task that is
 * telling a driver has a second one, with just IOPF_CTX_RESPONSE, which is about the group.
 */
struct iopf_rec_inside {
	struct iopf_rec h;
	__u64 enter_ns; /* with IOPF_CTX_RESPONSE: the answer reached the group */
	__u64 object; /* 0 = not known; with IOPF_CTX_RESPONSE: struct iopf_group */
};

/*
 * time_ns: iopf_group_response() was entered. Made for a group that user space answers, if the entry of
 * the write whose turn it is names another cookie or code. The entry is read from the caller's memory
 * just after the kernel has read it: another thread may have changed it. The group's RESPONSE follows.
 */
struct iopf_rec_written {
	struct iopf_rec h;
	__u64 enter_ns; /* of the write */
	__u64 object; /* of the write */
	__u64 group; /* that is answered */
	__u32 index; /* of the entry in the write */
	__u32 cookie; /* that was written */
	__u32 code; /* that was written */
	__u32 group_cookie; /* the kernel's own, of the group that is answered */
	__u32 status; /* that the group is given: enum iopf_code */
	__u32 reserved;
};

/* Whether the cookie of an answer is known: user space answers by it, also if it is 0. */
static inline int iopf_response_named(const struct iopf_rec_response *r)
{
	return r->cookie || r->h.context & IOPF_CTX_WRITE;
}

/* Whether the cookie of a group that a walk found is known: older recordings have no flag for it. */
static inline int iopf_waiting_named(const struct iopf_rec_waiting *r)
{
	return r->waiting & IOPF_WAITING_DELIVERED &&
	       (r->cookie || r->waiting & IOPF_WAITING_NAMED);
}

#ifdef __cplusplus
#define IOPF_ASSERT static_assert
#else
#define IOPF_ASSERT _Static_assert
#endif
#define IOPF_SIZE(type, bytes) IOPF_ASSERT(sizeof(struct type) == (bytes), #type)

IOPF_SIZE(iopf_rec, 32);
IOPF_SIZE(iopf_page, 16);
IOPF_SIZE(iopf_pgfault, 40);
IOPF_SIZE(iopf_answer, 8);
IOPF_SIZE(iopf_rec_report, 80);
IOPF_SIZE(iopf_rec_enqueue, 112);
IOPF_SIZE(iopf_rec_pages, 304);
IOPF_SIZE(iopf_rec_read, 112);
IOPF_SIZE(iopf_rec_read_more, 696);
IOPF_SIZE(iopf_rec_response, 104);
IOPF_SIZE(iopf_rec_write, 208);
IOPF_SIZE(iopf_rec_driver, 64);
IOPF_SIZE(iopf_rec_auto, 64);
IOPF_SIZE(iopf_rec_destroy, 56);
IOPF_SIZE(iopf_rec_qremove, 56);
IOPF_SIZE(iopf_rec_discard, 40);
IOPF_SIZE(iopf_rec_alloc, 56);
IOPF_SIZE(iopf_rec_release, 48);
IOPF_SIZE(iopf_rec_task, 48);
IOPF_SIZE(iopf_rec_device, 72);
IOPF_SIZE(iopf_rec_fork, 40);
IOPF_SIZE(iopf_rec_attach, 40);
IOPF_SIZE(iopf_rec_waiting, 112);
IOPF_SIZE(iopf_rec_walked, 64);
IOPF_SIZE(iopf_rec_inside, 48);
IOPF_SIZE(iopf_rec_written, 80);

#undef IOPF_SIZE

#endif /* IOPFTRACE_EVENT_H */
