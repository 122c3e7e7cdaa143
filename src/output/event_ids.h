/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What events that came before tell about others, for lines that a person reads: which device has an id
 * of iommufd, which id a fault object has. A cache of fixed size, so that what it forgets is only
 * shown with less.
 */
#ifndef OUTPUT_EVENT_IDS_H
#define OUTPUT_EVENT_IDS_H

#include <stdbool.h>
#include <stdint.h>

#include "iopftrace/event.h"

struct event_ids;

/* NULL when out of memory. */
struct event_ids *event_ids_new(void);

/* NULL is allowed. */
void event_ids_free(struct event_ids *ids);

/* Takes a record that has come; to be called before it is shown. */
void event_ids_take(struct event_ids *ids, const struct iopf_rec *rec);

/* The device with an id in the context of a fault object; 0 = not known. @ids may be NULL. */
uint64_t event_ids_device(const struct event_ids *ids, uint64_t object, uint32_t dev_id);

/* The id of a fault object, or of that of a group; 0 = not known. @ids may be NULL. */
uint32_t event_ids_object(const struct event_ids *ids, uint64_t object_or_group);

/* Whether a group is known to have a PASID, which may be 0. @ids may be NULL. */
bool event_ids_pasid(const struct event_ids *ids, uint64_t group);

#endif /* OUTPUT_EVENT_IDS_H */
