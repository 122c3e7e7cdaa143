// SPDX-License-Identifier: GPL-2.0-only
/*
 * scale_file FILE GROUPS OUTSTANDING OBJECTS: a recording of so many groups, of which so many are outstanding
 * at one time, half of them queued and half of them read; on so many fault objects, each of a device of its
 * own. Cookies are given out as the kernel does it: the lowest that is free.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iopftrace/engine.h"
#include "trace/writer.h"

#define START_NS 86400000000000ULL
#define TGID 2210

static struct trace_writer *writer;
static uint64_t seq, now_ns = START_NS;
static unsigned long objects;

static void die(const char *what, int err)
{
	fprintf(stderr, "scale_file: %s: %s\n", what, strerror(err));
	exit(1);
}

/* Writes one record, a microsecond after the one before. */
static void put(void *record, uint16_t type, size_t size, uint32_t context, uint32_t tid)
{
	int err;

	now_ns += 1000;
	*(struct iopf_rec *)record =
		(struct iopf_rec){ seq++, now_ns, type, (uint16_t)size, context, TGID, tid };
	err = trace_writer_add(writer, record);
	if (err)
		die("writing", -err);
}

#define PUT(rec, type, context, tid) put(&(rec), type, sizeof(rec), context, tid)

static uint64_t object_of(unsigned long n)
{
	return 0xffff888100000000ULL + n % objects * 0x400;
}

static uint32_t id_of(unsigned long n)
{
	return (uint32_t)(10 + n % objects);
}

/* Where a group's memory is: that of the one so many before is used again. */
static uint64_t pointer_of(unsigned long n, unsigned long outstanding)
{
	return 0xffff888800000000ULL + n % (2 * outstanding + 1) * 0xc0;
}

static uint64_t addr_of(unsigned long n)
{
	return 0x7f0000000000ULL + n * 0x1000;
}

/* Cookies of an object are used in turn, so that the lowest that is free is the next one. */
static uint32_t cookie_of(unsigned long n, unsigned long outstanding)
{
	return (uint32_t)(1 + n / objects % (outstanding / objects + 1));
}

static void put_enqueue(unsigned long n, unsigned long outstanding)
{
	struct iopf_rec_enqueue r = {
		.report_ns = now_ns + 300,
		.group = pointer_of(n, outstanding),
		.object = object_of(n),
		.handle = 0xffff888400000000ULL + n % objects * 0x100,
		.dev = 0xffff888200000000ULL + n % objects * 0x1000,
		.addr = addr_of(n),
		.object_id = id_of(n),
		.dev_id = id_of(n),
		.pasid = 5,
		.grpid = (uint32_t)(n / objects),
		.perm = 1,
		.flags = IOPF_PRQ_PASID_VALID | IOPF_PRQ_LAST_PAGE,
		.pages = 1,
		.order = IOPF_ENQUEUE_ALONE,
	};

	PUT(r, IOPF_REC_ENQUEUE, IOPF_CTX_REPORT, 1400);
}

static void put_read(unsigned long n, unsigned long outstanding)
{
	struct iopf_rec_read r = {
		.enter_ns = now_ns + 500,
		.object = object_of(n),
		.count = 40,
		.ret = 40,
		.object_id = id_of(n),
		.flags = IOPF_READ_NOT_EMPTY,
		.fault = {
			.flags = IOPF_PRQ_PASID_VALID | IOPF_PRQ_LAST_PAGE,
			.dev_id = id_of(n),
			.pasid = 5,
			.grpid = (uint32_t)(n / objects),
			.perm = 1,
			.addr = addr_of(n),
			.cookie = cookie_of(n, outstanding),
		},
	};

	PUT(r, IOPF_REC_READ, IOPF_CTX_READ, 2214);
}

static void put_response(unsigned long n, unsigned long outstanding)
{
	struct iopf_rec_response r = {
		.response_ns = now_ns + 700,
		.ack_ns = now_ns + 900,
		.caller_ns = now_ns + 400,
		.group = pointer_of(n, outstanding),
		.object = object_of(n),
		.dev = 0xffff888200000000ULL + n % objects * 0x1000,
		.cookie = cookie_of(n, outstanding),
		.pasid = 5,
		.grpid = (uint32_t)(n / objects),
		.driver_calls = 1,
	};

	PUT(r, IOPF_REC_RESPONSE, IOPF_CTX_WRITE | IOPF_CTX_RESPONSE, 2215);
}

static void write_all(unsigned long groups, unsigned long outstanding)
{
	unsigned long queued = outstanding / 2;

	for (unsigned long n = 0; n < objects; n++) {
		struct iopf_rec_alloc r = { .object = object_of(n),
					    .object_id = id_of(n),
					    .fd = 5 };

		PUT(r, IOPF_REC_ALLOC, 0, TGID);
	}
	for (unsigned long n = 0; n < groups + outstanding; n++) {
		if (n >= outstanding)
			put_response(n - outstanding, outstanding);
		if (n >= queued && n - queued < groups)
			put_read(n - queued, outstanding);
		if (n < groups)
			put_enqueue(n, outstanding);
	}
}

int main(int argc, char **argv)
{
	struct trace_info info = { .version = "scale", .kernel = "none", .start_ns = START_NS };
	unsigned long groups, outstanding;
	struct iopf_run run = { .start_ns = START_NS };
	int fd, err;

	if (argc != 5 || !(groups = strtoul(argv[2], NULL, 10)) ||
	    !(outstanding = strtoul(argv[3], NULL, 10)) || !(objects = strtoul(argv[4], NULL, 10)))
		die("usage: scale_file FILE GROUPS OUTSTANDING OBJECTS", EINVAL);
	fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		die(argv[1], errno);
	err = trace_writer_open(&writer, fd, &info);
	if (err)
		die(argv[1], -err);
	write_all(groups, outstanding);
	run.end_ns = now_ns + 1000;
	run.records = seq;
	err = trace_writer_finish(writer, &run);
	if (err)
		die(argv[1], -err);
	trace_writer_free(writer);
	return 0;
}
