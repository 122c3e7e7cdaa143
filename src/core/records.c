// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Whether records are well formed. */
#define IOPF_CORE_PRIVATE
#include "records.h"

/* The bytes that a record of each type has at least. */
const uint16_t records_least_size[IOPF_REC_TYPES] = {
	[IOPF_REC_NONE] = sizeof(struct iopf_rec),
	[IOPF_REC_REPORT] = sizeof(struct iopf_rec_report),
	[IOPF_REC_ENQUEUE] = sizeof(struct iopf_rec_enqueue),
	[IOPF_REC_PAGES] = sizeof(struct iopf_rec_pages),
	[IOPF_REC_READ] = sizeof(struct iopf_rec_read),
	[IOPF_REC_READ_MORE] = sizeof(struct iopf_rec_read_more),
	[IOPF_REC_RESPONSE] = sizeof(struct iopf_rec_response),
	[IOPF_REC_WRITE] = sizeof(struct iopf_rec_write),
	[IOPF_REC_DRIVER] = sizeof(struct iopf_rec_driver),
	[IOPF_REC_AUTO] = sizeof(struct iopf_rec_auto),
	[IOPF_REC_DESTROY] = sizeof(struct iopf_rec_destroy),
	[IOPF_REC_QREMOVE] = sizeof(struct iopf_rec_qremove),
	[IOPF_REC_DISCARD] = sizeof(struct iopf_rec_discard),
	[IOPF_REC_ALLOC] = sizeof(struct iopf_rec_alloc),
	[IOPF_REC_RELEASE] = sizeof(struct iopf_rec_release),
	[IOPF_REC_TASK] = sizeof(struct iopf_rec_task),
	[IOPF_REC_DEVICE] = sizeof(struct iopf_rec_device),
	[IOPF_REC_FORK] = sizeof(struct iopf_rec_fork),
	[IOPF_REC_EXIT] = sizeof(struct iopf_rec),
	[IOPF_REC_ATTACH] = sizeof(struct iopf_rec_attach),
	[IOPF_REC_WAITING] = sizeof(struct iopf_rec_waiting),
	[IOPF_REC_WALKED] = sizeof(struct iopf_rec_walked),
	[IOPF_REC_INSIDE] = sizeof(struct iopf_rec_inside),
	[IOPF_REC_WRITTEN] = sizeof(struct iopf_rec_written),
};

/* Whether a record that is long enough says that more of its array is used than there is. */
bool records_overflow(const struct iopf_rec *rec)
{
	switch (rec->type) {
	case IOPF_REC_PAGES:
		return ((const struct iopf_rec_pages *)rec)->nr > IOPF_PAGES_PER_REC;
	case IOPF_REC_READ_MORE:
		return ((const struct iopf_rec_read_more *)rec)->nr > IOPF_FAULTS_PER_REC;
	case IOPF_REC_WRITE:
		return ((const struct iopf_rec_write *)rec)->nr > IOPF_ANSWERS_PER_REC;
	default:
		return false;
	}
}
