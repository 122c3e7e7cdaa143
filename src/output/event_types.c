// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <stddef.h>
#include <stdint.h>

#include "event_line.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The types: their names, and the least size; arrays at the end may be cut after what is used. */
static const struct {
	const char *name;
	size_t size;
} types[] = {
	[IOPF_REC_REPORT] = { "report", sizeof(struct iopf_rec_report) },
	[IOPF_REC_ENQUEUE] = { "enqueue", sizeof(struct iopf_rec_enqueue) },
	[IOPF_REC_PAGES] = { "pages", offsetof(struct iopf_rec_pages, page) },
	[IOPF_REC_READ] = { "read", sizeof(struct iopf_rec_read) },
	[IOPF_REC_READ_MORE] = { "readmore", offsetof(struct iopf_rec_read_more, fault) },
	[IOPF_REC_RESPONSE] = { "response", sizeof(struct iopf_rec_response) },
	[IOPF_REC_WRITE] = { "write", offsetof(struct iopf_rec_write, answer) },
	[IOPF_REC_DRIVER] = { "driver", sizeof(struct iopf_rec_driver) },
	[IOPF_REC_AUTO] = { "auto", sizeof(struct iopf_rec_auto) },
	[IOPF_REC_DESTROY] = { "destroy", sizeof(struct iopf_rec_destroy) },
	[IOPF_REC_QREMOVE] = { "qremove", sizeof(struct iopf_rec_qremove) },
	[IOPF_REC_DISCARD] = { "discard", sizeof(struct iopf_rec_discard) },
	[IOPF_REC_ALLOC] = { "alloc", sizeof(struct iopf_rec_alloc) },
	[IOPF_REC_RELEASE] = { "release", sizeof(struct iopf_rec_release) },
	[IOPF_REC_TASK] = { "task", sizeof(struct iopf_rec_task) },
	[IOPF_REC_DEVICE] = { "device", sizeof(struct iopf_rec_device) },
	[IOPF_REC_FORK] = { "fork", sizeof(struct iopf_rec_fork) },
	[IOPF_REC_EXIT] = { "exit", sizeof(struct iopf_rec) },
	[IOPF_REC_ATTACH] = { "attach", sizeof(struct iopf_rec_attach) },
	[IOPF_REC_WAITING] = { "waiting", sizeof(struct iopf_rec_waiting) },
	[IOPF_REC_WALKED] = { "walked", sizeof(struct iopf_rec_walked) },
	[IOPF_REC_INSIDE] = { "inside", sizeof(struct iopf_rec_inside) },
	[IOPF_REC_WRITTEN] = { "written", sizeof(struct iopf_rec_written) },
};

_Static_assert(ARRAY_SIZE(types) == IOPF_REC_TYPES, "a record type has no name");

const char *event_name(unsigned int type)
{
	return type < ARRAY_SIZE(types) ? types[type].name : NULL;
}

bool event_is_whole(const struct iopf_rec *rec)
{
	return event_name(rec->type) && rec->size >= types[rec->type].size;
}

unsigned int event_entries(const struct iopf_rec *rec, unsigned int nr, size_t offset, size_t size,
			   unsigned int max)
{
	size_t there = rec->size > offset ? (rec->size - offset) / size : 0;

	if (nr > max)
		nr = max;
	return nr < there ? nr : (unsigned int)there;
}

/* The fault object that a record is about, 0 when it is about none. */
uint64_t event_object(const struct iopf_rec *rec)
{
	if (!event_is_whole(rec))
		return 0;
	switch (rec->type) {
	case IOPF_REC_ENQUEUE:
		return ((const struct iopf_rec_enqueue *)rec)->object;
	case IOPF_REC_READ:
		return ((const struct iopf_rec_read *)rec)->object;
	case IOPF_REC_READ_MORE:
		return ((const struct iopf_rec_read_more *)rec)->object;
	case IOPF_REC_RESPONSE:
		return ((const struct iopf_rec_response *)rec)->object;
	case IOPF_REC_WRITE:
		return ((const struct iopf_rec_write *)rec)->object;
	case IOPF_REC_WRITTEN:
		return ((const struct iopf_rec_written *)rec)->object;
	case IOPF_REC_AUTO:
		return ((const struct iopf_rec_auto *)rec)->object;
	case IOPF_REC_DESTROY:
		return ((const struct iopf_rec_destroy *)rec)->object;
	case IOPF_REC_ALLOC:
		return ((const struct iopf_rec_alloc *)rec)->object;
	case IOPF_REC_RELEASE:
		return ((const struct iopf_rec_release *)rec)->object;
	default:
		return 0;
	}
}
