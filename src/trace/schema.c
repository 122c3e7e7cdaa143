// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define TRACE_PRIVATE
#include "schema.h"

#include <stddef.h>

/* Fields of 8 bytes, and those of 4 that are close to others. What is not here is 4 bytes wide. */
struct hint {
	uint8_t type;
	uint8_t width;
	uint16_t offset;
	uint16_t near_field, near_linked;
	uint16_t stride, times; /* of arrays: each is close to the one before it */
};

#define NONE SCHEMA_NONE
#define TIME offsetof(struct iopf_rec, time_ns)
#define SEQ offsetof(struct iopf_rec, seq)
#define AT(rec, field) offsetof(struct iopf_rec_##rec, field)
#define ENQ(field) AT(enqueue, field)

#define WIDE(TYPE, rec, field) \
	{ \
		TYPE, 8, AT(rec, field), NONE, NONE, 0, 1, \
	}
#define NEAR(TYPE, rec, field, near) \
	{ \
		TYPE, 8, AT(rec, field), near, NONE, 0, 1, \
	}
#define LINK(TYPE, width, rec, field, to) \
	{ \
		TYPE, width, AT(rec, field), NONE, ENQ(to), 0, 1, \
	}
#define ARRAY(TYPE, width, rec, field, stride, times) \
	{ \
		TYPE, width, AT(rec, field), NONE, NONE, stride, times, \
	}

static const struct hint hints[] = {
	NEAR(IOPF_REC_REPORT, report, report_ns, TIME),
	WIDE(IOPF_REC_REPORT, report, dev),
	WIDE(IOPF_REC_REPORT, report, addr),

	NEAR(IOPF_REC_ENQUEUE, enqueue, report_ns, TIME),
	WIDE(IOPF_REC_ENQUEUE, enqueue, group),
	WIDE(IOPF_REC_ENQUEUE, enqueue, object),
	WIDE(IOPF_REC_ENQUEUE, enqueue, handle),
	WIDE(IOPF_REC_ENQUEUE, enqueue, dev),
	WIDE(IOPF_REC_ENQUEUE, enqueue, addr),

	LINK(IOPF_REC_PAGES, 8, pages, group, group),
	ARRAY(IOPF_REC_PAGES, 8, pages, page[0].addr, sizeof(struct iopf_page), IOPF_PAGES_PER_REC),

	NEAR(IOPF_REC_READ, read, enter_ns, TIME),
	LINK(IOPF_REC_READ, 8, read, object, object),
	WIDE(IOPF_REC_READ, read, count),
	WIDE(IOPF_REC_READ, read, ret),
	LINK(IOPF_REC_READ, 4, read, object_id, object_id),
	LINK(IOPF_REC_READ, 4, read, fault.flags, flags),
	LINK(IOPF_REC_READ, 4, read, fault.dev_id, dev_id),
	LINK(IOPF_REC_READ, 4, read, fault.pasid, pasid),
	LINK(IOPF_REC_READ, 4, read, fault.grpid, grpid),
	LINK(IOPF_REC_READ, 4, read, fault.perm, perm),
	LINK(IOPF_REC_READ, 8, read, fault.addr, addr),

	WIDE(IOPF_REC_READ_MORE, read_more, object),
	NEAR(IOPF_REC_READ_MORE, read_more, seq_of_read, SEQ),
	ARRAY(IOPF_REC_READ_MORE, 4, read_more, fault[0].grpid, sizeof(struct iopf_pgfault),
	      IOPF_FAULTS_PER_REC),
	ARRAY(IOPF_REC_READ_MORE, 8, read_more, fault[0].addr, sizeof(struct iopf_pgfault),
	      IOPF_FAULTS_PER_REC),
	ARRAY(IOPF_REC_READ_MORE, 4, read_more, fault[0].cookie, sizeof(struct iopf_pgfault),
	      IOPF_FAULTS_PER_REC),

	NEAR(IOPF_REC_RESPONSE, response, response_ns, TIME),
	NEAR(IOPF_REC_RESPONSE, response, ack_ns, TIME),
	NEAR(IOPF_REC_RESPONSE, response, caller_ns, AT(response, response_ns)),
	LINK(IOPF_REC_RESPONSE, 8, response, group, group),
	LINK(IOPF_REC_RESPONSE, 8, response, object, object),
	LINK(IOPF_REC_RESPONSE, 8, response, dev, dev),
	LINK(IOPF_REC_RESPONSE, 4, response, pasid, pasid),
	LINK(IOPF_REC_RESPONSE, 4, response, grpid, grpid),

	NEAR(IOPF_REC_WRITE, write, enter_ns, TIME),
	WIDE(IOPF_REC_WRITE, write, object),
	WIDE(IOPF_REC_WRITE, write, count),
	WIDE(IOPF_REC_WRITE, write, ret),

	LINK(IOPF_REC_DRIVER, 8, driver, group, group),
	LINK(IOPF_REC_DRIVER, 8, driver, dev, dev),
	LINK(IOPF_REC_DRIVER, 4, driver, pasid, pasid),
	LINK(IOPF_REC_DRIVER, 4, driver, grpid, grpid),

	NEAR(IOPF_REC_AUTO, auto, enter_ns, TIME),
	WIDE(IOPF_REC_AUTO, auto, object),
	WIDE(IOPF_REC_AUTO, auto, handle),
	NEAR(IOPF_REC_DESTROY, destroy, enter_ns, TIME),
	WIDE(IOPF_REC_DESTROY, destroy, object),
	NEAR(IOPF_REC_QREMOVE, qremove, enter_ns, TIME),
	WIDE(IOPF_REC_QREMOVE, qremove, queue),
	WIDE(IOPF_REC_QREMOVE, qremove, dev),
	WIDE(IOPF_REC_DISCARD, discard, queue),
	WIDE(IOPF_REC_ALLOC, alloc, object),
	WIDE(IOPF_REC_RELEASE, release, object),
	WIDE(IOPF_REC_DEVICE, device, dev),
	WIDE(IOPF_REC_ATTACH, attach, handle),

	WIDE(IOPF_REC_WAITING, waiting, group),
	WIDE(IOPF_REC_WAITING, waiting, object),
	WIDE(IOPF_REC_WAITING, waiting, handle),
	WIDE(IOPF_REC_WAITING, waiting, dev),
	WIDE(IOPF_REC_WAITING, waiting, addr),
	NEAR(IOPF_REC_WALKED, walked, enter_ns, TIME),
	WIDE(IOPF_REC_WALKED, walked, object),
	NEAR(IOPF_REC_INSIDE, inside, enter_ns, TIME),
	WIDE(IOPF_REC_INSIDE, inside, object),

	NEAR(IOPF_REC_WRITTEN, written, enter_ns, TIME),
	WIDE(IOPF_REC_WRITTEN, written, object),
	WIDE(IOPF_REC_WRITTEN, written, group),
};

/* Whether a hint is about the field at @offset; then says which of its array, from 0. */
static bool covers(const struct hint *h, uint32_t offset, uint32_t *index)
{
	uint32_t from = offset - h->offset;

	*index = 0;
	if (offset < h->offset)
		return false;
	if (!h->stride)
		return !from;
	*index = from / h->stride;
	return from % h->stride == 0 && *index < h->times;
}

void schema_field(uint16_t type, uint16_t size, uint32_t offset, struct schema_field *field)
{
	uint32_t left = size - offset, index;

	*field = (struct schema_field){ (uint16_t)offset, left < 4 ? 1 : 4, NONE, NONE };
	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++) {
		const struct hint *h = &hints[i];

		if (h->type != type || left < h->width || !covers(h, offset, &index))
			continue;
		field->width = h->width;
		field->near_field = index ? (uint16_t)(offset - h->stride) : h->near_field;
		field->near_linked = h->near_linked;
		return;
	}
}

/* What a group and the record that delivers it have in common. */
static uint64_t contents(uint64_t addr, uint32_t grpid, uint32_t pasid, uint32_t dev_id)
{
	uint64_t key = addr * 0x9e3779b97f4a7c15ULL;

	key = (key ^ key >> 32 ^ grpid) * 0x9e3779b97f4a7c15ULL;
	return key ^ (uint64_t)pasid << 32 ^ dev_id;
}

bool schema_is_enqueue(const struct iopf_rec *rec)
{
	return rec->type == IOPF_REC_ENQUEUE && rec->size >= sizeof(struct iopf_rec_enqueue);
}

uint64_t schema_enqueue_key(const struct iopf_rec_enqueue *rec, enum schema_key kind)
{
	if (kind == SCHEMA_KEY_GROUP)
		return rec->group;
	return contents(rec->addr, rec->grpid, rec->pasid, rec->dev_id);
}

bool schema_key(const struct iopf_rec *rec, enum schema_key *kind, uint64_t *key)
{
	const struct iopf_rec_read *read = (const struct iopf_rec_read *)rec;
	const struct iopf_pgfault *f = &read->fault;

	*kind = SCHEMA_KEY_GROUP;
	if (rec->type == IOPF_REC_READ && rec->size >= sizeof(*read)) {
		*kind = SCHEMA_KEY_CONTENTS;
		*key = contents(f->addr, f->grpid, f->pasid, f->dev_id);
	} else if (rec->type == IOPF_REC_RESPONSE &&
		   rec->size >= sizeof(struct iopf_rec_response)) {
		*key = ((const struct iopf_rec_response *)rec)->group;
	} else if (rec->type == IOPF_REC_PAGES && rec->size >= sizeof(struct iopf_rec_pages)) {
		*key = ((const struct iopf_rec_pages *)rec)->group;
	} else if (rec->type == IOPF_REC_DRIVER && rec->size >= sizeof(struct iopf_rec_driver)) {
		*key = ((const struct iopf_rec_driver *)rec)->group;
	} else {
		return false;
	}
	return true;
}
