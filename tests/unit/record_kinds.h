/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The types of records that there are, each with its size: the entries of a table { type, size }. */
#ifndef TESTS_RECORD_KINDS_H
#define TESTS_RECORD_KINDS_H

#include "iopftrace/event.h"

#define RECORD_KINDS \
	{ IOPF_REC_NONE, sizeof(struct iopf_rec) }, \
		{ IOPF_REC_REPORT, sizeof(struct iopf_rec_report) }, \
		{ IOPF_REC_ENQUEUE, sizeof(struct iopf_rec_enqueue) }, \
		{ IOPF_REC_PAGES, sizeof(struct iopf_rec_pages) }, \
		{ IOPF_REC_READ, sizeof(struct iopf_rec_read) }, \
		{ IOPF_REC_READ_MORE, sizeof(struct iopf_rec_read_more) }, \
		{ IOPF_REC_RESPONSE, sizeof(struct iopf_rec_response) }, \
		{ IOPF_REC_WRITE, sizeof(struct iopf_rec_write) }, \
		{ IOPF_REC_DRIVER, sizeof(struct iopf_rec_driver) }, \
		{ IOPF_REC_AUTO, sizeof(struct iopf_rec_auto) }, \
		{ IOPF_REC_DESTROY, sizeof(struct iopf_rec_destroy) }, \
		{ IOPF_REC_QREMOVE, sizeof(struct iopf_rec_qremove) }, \
		{ IOPF_REC_DISCARD, sizeof(struct iopf_rec_discard) }, \
		{ IOPF_REC_ALLOC, sizeof(struct iopf_rec_alloc) }, \
		{ IOPF_REC_RELEASE, sizeof(struct iopf_rec_release) }, \
		{ IOPF_REC_TASK, sizeof(struct iopf_rec_task) }, \
		{ IOPF_REC_DEVICE, sizeof(struct iopf_rec_device) }, \
		{ IOPF_REC_FORK, sizeof(struct iopf_rec_fork) }, \
		{ IOPF_REC_EXIT, sizeof(struct iopf_rec) }, \
		{ IOPF_REC_ATTACH, sizeof(struct iopf_rec_attach) }, \
		{ IOPF_REC_WAITING, sizeof(struct iopf_rec_waiting) }, \
		{ IOPF_REC_WALKED, sizeof(struct iopf_rec_walked) }, \
		{ IOPF_REC_INSIDE, sizeof(struct iopf_rec_inside) }, \
	{ \
		IOPF_REC_WRITTEN, sizeof(struct iopf_rec_written) \
	}

#endif /* TESTS_RECORD_KINDS_H */
