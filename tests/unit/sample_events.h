/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* One record of every type, for the tests that show events. */
#ifndef TESTS_SAMPLE_EVENTS_H
#define TESTS_SAMPLE_EVENTS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "iopftrace/event.h"

#define SAMPLE_FIRST_NS 5000000000ULL
#define SAMPLE_DEVICE 0xffff888100001000ULL

/* The head of a record: @us microseconds after the first, by a thread of a VMM. */
#define SAMPLE_REC(record, record_type, us) \
	{ \
		.seq = (us), .time_ns = SAMPLE_FIRST_NS + (us)*1000ULL, .type = (record_type), \
		.size = sizeof(record), .tgid = 2200, .tid = 2203 \
	}

/* What the look-up of names answers. */
static inline const char *sample_comm(void *arg, uint32_t tid)
{
	(void)arg;
	return tid == 2203 ? "vcpu3" : tid == 66 ? "\033[31m\xff" : "";
}

static inline const char *sample_device(void *arg, uint64_t dev)
{
	(void)arg;
	return dev == SAMPLE_DEVICE ? "0000:3b:00.0" : "";
}

/* A record as user space gets it. */
static inline struct iopf_pgfault sample_fault(uint32_t cookie)
{
	return (struct iopf_pgfault){
		.flags = IOPF_PRQ_PASID_VALID | IOPF_PRQ_LAST_PAGE,
		.dev_id = 3,
		.pasid = 5,
		.grpid = 311,
		.perm = 2,
		.addr = 0x7f12a4000000,
		.cookie = cookie,
	};
}

typedef void (*sample_event_fn)(const struct iopf_rec *rec, void *arg);

/* The life of a group, from the report to the answer. */
static inline void sample_life(sample_event_fn fn, void *arg)
{
	struct iopf_rec_enqueue enqueue = {
		.h = SAMPLE_REC(enqueue, IOPF_REC_ENQUEUE, 0),
		.report_ns = SAMPLE_FIRST_NS - 900,
		.group = 0xffff888100002000,
		.object = 0xffff888100003000,
		.handle = 0xffff888100004000,
		.dev = SAMPLE_DEVICE,
		.addr = 0x7f12a4000000,
		.object_id = 7,
		.dev_id = 3,
		.pasid = 5,
		.grpid = 311,
		.perm = 2,
		.flags = IOPF_PRQ_PASID_VALID | IOPF_PRQ_LAST_PAGE,
		.pages = 2,
	};
	struct iopf_rec_pages pages = {
		.h = SAMPLE_REC(pages, IOPF_REC_PAGES, 0),
		.group = 0xffff888100002000,
		.nr = 2,
		.page = { { 0x7f12a3fff000, 2, 1 }, { 0x7f12a4000000, 2, 3 } },
	};
	struct iopf_rec_read read = {
		.h = SAMPLE_REC(read, IOPF_REC_READ, 12),
		.enter_ns = SAMPLE_FIRST_NS + 3000,
		.object = 0xffff888100003000,
		.count = 4000,
		.ret = 80,
		.object_id = 7,
		.fault = sample_fault(12),
	};
	struct iopf_rec_read_more more = {
		.h = SAMPLE_REC(more, IOPF_REC_READ_MORE, 12),
		.object = 0xffff888100003000,
		.seq_of_read = 12,
		.first = 1,
		.nr = 1,
		.fault = { sample_fault(13) },
	};
	struct iopf_rec_response response = {
		.h = SAMPLE_REC(response, IOPF_REC_RESPONSE, 1000110),
		.response_ns = SAMPLE_FIRST_NS + 1000108000,
		.ack_ns = SAMPLE_FIRST_NS + 1000109000,
		.group = 0xffff888100002000,
		.dev = SAMPLE_DEVICE,
		.cookie = 12,
		.pasid = 5,
		.grpid = 311,
		.driver_calls = 1,
	};

	response.h.context = IOPF_CTX_WRITE;
	fn(&enqueue.h, arg);
	fn(&pages.h, arg);
	fn(&read.h, arg);
	fn(&more.h, arg);
	fn(&response.h, arg);
}

/* What goes wrong. */
static inline void sample_trouble(sample_event_fn fn, void *arg)
{
	struct iopf_rec_report report = {
		.h = SAMPLE_REC(report, IOPF_REC_REPORT, 1000200),
		.dev = SAMPLE_DEVICE,
		.addr = 0xfffffffffffff000,
		.pasid = 1048575,
		.grpid = 4095,
		.perm = 9,
		.flags = IOPF_PRQ_PASID_VALID,
		.ret = -22,
	};
	struct iopf_rec_read empty = {
		.h = SAMPLE_REC(empty, IOPF_REC_READ, 1000300),
		.enter_ns = SAMPLE_FIRST_NS + 1000298000,
		.count = 8,
		.object_id = 7,
		.flags = IOPF_READ_NOT_EMPTY,
	};
	struct iopf_rec_read failed = {
		.h = SAMPLE_REC(failed, IOPF_REC_READ, 1000400),
		.ret = -14,
		.object_id = 7,
	};
	struct iopf_rec_read unreadable = {
		.h = SAMPLE_REC(unreadable, IOPF_REC_READ, 1000500),
		.ret = 40,
		.flags = IOPF_READ_UNREADABLE,
	};
	struct iopf_rec_response twice = {
		.h = SAMPLE_REC(twice, IOPF_REC_RESPONSE, 1000600),
		.grpid = 9,
		.code = IOPF_CODE_INVALID,
		.driver_calls = 2,
		.driver_code = IOPF_CODE_FAILURE,
	};
	struct iopf_rec_write refused = {
		.h = SAMPLE_REC(refused, IOPF_REC_WRITE, 1000700),
		.count = 24,
		.ret = 8,
		.object_id = 7,
		.answered = 1,
		.first = 1,
		.nr = 2,
		.answer = { { 99, 7 }, { 12, 0 } },
	};
	struct iopf_rec_write invalid = {
		.h = SAMPLE_REC(invalid, IOPF_REC_WRITE, 1000701),
		.count = 8,
		.ret = -22,
	};
	struct iopf_rec_driver driver = {
		.h = SAMPLE_REC(driver, IOPF_REC_DRIVER, 1000800),
		.dev = SAMPLE_DEVICE,
		.grpid = 4095,
		.code = IOPF_CODE_FAILURE,
	};
	struct iopf_rec_driver other = {
		.h = SAMPLE_REC(other, IOPF_REC_DRIVER, 1000801),
		.group = 0xffff888100000000,
		.dev = SAMPLE_DEVICE,
		.pasid = 2,
		.grpid = 8,
		.flags = IOPF_DRIVER_OTHER,
	};
	struct iopf_rec_written code = {
		.h = SAMPLE_REC(code, IOPF_REC_WRITTEN, 1000802),
		.enter_ns = SAMPLE_FIRST_NS + 1000801000,
		.group = 0xffff888100000000,
		.cookie = 3,
		.group_cookie = 3,
		.status = IOPF_CODE_INVALID,
	};
	struct iopf_rec_written cookie = code;

	cookie.h.time_ns += 1000;
	cookie.cookie = 4;
	cookie.index = 1;
	other.h.context = cookie.h.context = code.h.context = IOPF_CTX_WRITE | IOPF_CTX_RESPONSE;
	twice.h.context = IOPF_CTX_AUTO;
	fn(&report.h, arg);
	fn(&empty.h, arg);
	fn(&failed.h, arg);
	fn(&unreadable.h, arg);
	fn(&twice.h, arg);
	fn(&refused.h, arg);
	fn(&invalid.h, arg);
	fn(&driver.h, arg);
	fn(&other.h, arg);
	fn(&code.h, arg);
	fn(&cookie.h, arg);
}

/* What happens around the groups. */
static inline void sample_rest(sample_event_fn fn, void *arg)
{
	struct iopf_rec_auto detach = {
		.h = SAMPLE_REC(detach, IOPF_REC_AUTO, 2000000),
		.object_id = 7,
		.enter_ns = SAMPLE_FIRST_NS + 1999987000,
		.answered = 2,
	};
	struct iopf_rec_destroy destroy = {
		.h = SAMPLE_REC(destroy, IOPF_REC_DESTROY, 2000100),
		.object_id = 7,
	};
	struct iopf_rec_qremove qremove = {
		.h = SAMPLE_REC(qremove, IOPF_REC_QREMOVE, 2000200),
		.dev = SAMPLE_DEVICE,
		.enter_ns = SAMPLE_FIRST_NS + 2000150000,
	};
	struct iopf_rec_discard discard = { .h = SAMPLE_REC(discard, IOPF_REC_DISCARD, 2000300) };
	struct iopf_rec_alloc alloc = {
		.h = SAMPLE_REC(alloc, IOPF_REC_ALLOC, 2000400),
		.object_id = 8,
		.fd = 11,
	};
	struct iopf_rec_alloc failed = {
		.h = SAMPLE_REC(failed, IOPF_REC_ALLOC, 2000401),
		.fd = -1,
		.ret = -24,
	};
	struct iopf_rec_release release = {
		.h = SAMPLE_REC(release, IOPF_REC_RELEASE, 2000500),
		.object_id = 8,
	};
	struct iopf_rec_task task = { .h = SAMPLE_REC(task, IOPF_REC_TASK, 2000600) };
	struct iopf_rec_device device = {
		.h = SAMPLE_REC(device, IOPF_REC_DEVICE, 2000700),
		.dev = SAMPLE_DEVICE,
	};
	struct iopf_rec_fork fork = {
		.h = SAMPLE_REC(fork, IOPF_REC_FORK, 2000800),
		.child_tgid = 2300,
		.child_tid = 2300,
	};
	struct iopf_rec exits = SAMPLE_REC(exits, IOPF_REC_EXIT, 2000900);

	memcpy(task.comm, "abc\ndef\xff\xc3\xa9ghijk",
	       IOPF_COMM_LEN); /* no NUL: not to be relied on */
	memset(device.name, 'x', IOPF_DEVNAME_LEN);
	fn(&detach.h, arg);
	fn(&destroy.h, arg);
	fn(&qremove.h, arg);
	fn(&discard.h, arg);
	fn(&alloc.h, arg);
	fn(&failed.h, arg);
	fn(&release.h, arg);
	fn(&task.h, arg);
	fn(&device.h, arg);
	fn(&fork.h, arg);
	fn(&exits, arg);
}

/* Records that are not what they should be. */
static inline void sample_malformed(sample_event_fn fn, void *arg)
{
	struct iopf_rec unknown = SAMPLE_REC(unknown, 4000, 3000000);
	struct iopf_rec small = SAMPLE_REC(small, IOPF_REC_READ, 3000001);
	struct iopf_rec early = SAMPLE_REC(early, IOPF_REC_EXIT, 0);
	struct iopf_rec timeless = SAMPLE_REC(timeless, IOPF_REC_EXIT, 0);
	struct iopf_rec_pages pages = { .h = SAMPLE_REC(pages, IOPF_REC_PAGES, 3000002),
					.nr = 1000000 };
	struct iopf_rec_read_more more = { .h = SAMPLE_REC(more, IOPF_REC_READ_MORE, 3000003),
					   .nr = 60000 };

	early.time_ns = SAMPLE_FIRST_NS - 1500;
	early.tid = 66;
	timeless.time_ns = 0;
	timeless.tid = 1;
	more.h.size = offsetof(struct iopf_rec_read_more, fault);
	fn(&unknown, arg);
	fn(&small, arg);
	fn(&early, arg);
	fn(&timeless, arg);
	fn(&pages.h, arg);
	fn(&more.h, arg);
}

/* All of them. */
static inline void sample_events(sample_event_fn fn, void *arg)
{
	sample_life(fn, arg);
	sample_trouble(fn, arg);
	sample_rest(fn, arg);
	sample_malformed(fn, arg);
}

#endif /* TESTS_SAMPLE_EVENTS_H */
