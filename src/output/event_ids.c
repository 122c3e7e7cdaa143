// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "event_ids.h"

#include <stdlib.h>

#include "event_line.h"

#define SLOTS 4096 /* a power of two */

/* What was noted last of all that share a slot. */
struct slot {
	uint64_t key, value; /* key 0 = empty */
	uint32_t id; /* a second part of the key */
	bool pasid; /* of a group: it has one */
};

struct event_ids {
	struct slot device[SLOTS], object[SLOTS];
};

struct event_ids *event_ids_new(void)
{
	return calloc(1, sizeof(struct event_ids));
}

void event_ids_free(struct event_ids *ids)
{
	free(ids);
}

/* Where something is, if it is there. */
static size_t slot_of(uint64_t key, uint32_t id)
{
	uint64_t hash = (key ^ (uint64_t)id << 32) * 0x9e3779b97f4a7c15ULL;

	return hash >> 52 & (SLOTS - 1);
}

static void note(struct slot *table, uint64_t key, uint32_t id, uint64_t value)
{
	if (key && value)
		table[slot_of(key, id)] = (struct slot){ .key = key, .value = value, .id = id };
}

/* A group, which its answer names by its pointer only; the object's id is not always known. */
static void note_group(struct event_ids *ids, uint64_t group, uint32_t object_id, uint32_t flags)
{
	if (group)
		ids->object[slot_of(group, 0)] = (struct slot){
			.key = group, .value = object_id, .pasid = flags & IOPF_PRQ_PASID_VALID
		};
}

static uint64_t look_up(const struct slot *table, uint64_t key, uint32_t id)
{
	const struct slot *slot = &table[slot_of(key, id)];

	return key && slot->key == key && slot->id == id ? slot->value : 0;
}

void event_ids_take(struct event_ids *ids, const struct iopf_rec *rec)
{
	const struct iopf_rec_enqueue *e = (const void *)rec;
	const struct iopf_rec_waiting *w = (const void *)rec;
	const struct iopf_rec_alloc *a = (const void *)rec;
	const struct iopf_rec_read *r = (const void *)rec;

	if (!event_is_whole(rec))
		return;
	switch (rec->type) {
	case IOPF_REC_ENQUEUE:
		note(ids->device, e->object, e->dev_id, e->dev);
		note(ids->object, e->object, 0, e->object_id);
		note_group(ids, e->group, e->object_id, e->flags);
		break;
	case IOPF_REC_WAITING:
		note(ids->device, w->object, w->dev_id, w->dev);
		note(ids->object, w->object, 0, w->object_id);
		note_group(ids, w->group, w->object_id, w->flags);
		break;
	case IOPF_REC_ALLOC:
		note(ids->object, a->object, 0, a->object_id);
		break;
	case IOPF_REC_READ:
		note(ids->object, r->object, 0, r->object_id);
		break;
	default:
		break;
	}
}

uint64_t event_ids_device(const struct event_ids *ids, uint64_t object, uint32_t dev_id)
{
	return ids ? look_up(ids->device, object, dev_id) : 0;
}

uint32_t event_ids_object(const struct event_ids *ids, uint64_t object_or_group)
{
	return ids ? (uint32_t)look_up(ids->object, object_or_group, 0) : 0;
}

bool event_ids_pasid(const struct event_ids *ids, uint64_t group)
{
	const struct slot *slot = ids ? &ids->object[slot_of(group, 0)] : NULL;

	return slot && group && slot->key == group && slot->pasid;
}
