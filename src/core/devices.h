/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The devices that records speak of: a small number for each, its name, and what was reported for
 * it outside of any fault object. A report has no object, so its device decides about its scope.
 */
#ifndef IOPF_CORE_DEVICES_H
#define IOPF_CORE_DEVICES_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stdint.h>

#include "iopftrace/event.h"
#include "map.h"

/* As many are told apart; further ones are device 0, which has no name. */
#define DEVICES_MAX (1U << 16)

struct device {
	uint64_t address; /* struct device */
	uint32_t dev_id; /* iommufd's, the last one seen */
	bool renamed; /* it has had others, which groups may have been queued with */
	uint64_t reported; /* last-page requests that became no group */
	uint64_t refused;
	uint64_t partial;
	uint64_t aborted; /* groups answered by the core that had not entered a fault object */
	uint64_t aborted_code[3]; /* those by enum iopf_code */
	char name[IOPF_DEVNAME_LEN];
	uint64_t *indexes; /* group indexes that had a last page in index_epoch: a set */
	uint32_t index_epoch;
};

/* Number 0 is the device that is not known. */
struct devices {
	struct device *device;
	uint32_t nr, max;
	struct map by_address; /* its account is that of all */
	bool full; /* some have no number, since there are too many */
};

/* Makes it: 0 or -ENOMEM. */
int devices_init(struct devices *d);

/* Frees it. */
void devices_free(struct devices *d);

/* The number of the device at an address; 0 for none, and when there is no room. */
uint32_t devices_get(struct devices *d, uint64_t address);

/* The device with this number. Valid until the next one is made. */
static inline struct device *devices_at(const struct devices *d, uint32_t number)
{
	return &d->device[number];
}

/* It has this id of iommufd's now. */
static inline void devices_set_id(struct device *d, uint32_t dev_id)
{
	d->renamed |= d->dev_id && d->dev_id != dev_id;
	d->dev_id = dev_id;
}

/* Names the device at an address. */
void devices_name(struct devices *d, uint64_t address, const char *name);

/* Group indexes that are remembered; PCIe has 512. */
#define DEVICES_INDEXES 4096U

/* Remembers that a device has sent the last page of a group with this index. */
void devices_note_index(struct devices *ds, uint32_t device, uint32_t grpid, uint32_t epoch);

/* Whether it is known to have, in this epoch. */
static inline bool devices_seen_index(const struct device *d, uint32_t grpid, uint32_t epoch)
{
	return grpid < DEVICES_INDEXES && d->indexes && d->index_epoch == epoch &&
	       d->indexes[grpid / 64] >> grpid % 64 & 1;
}

#endif /* IOPF_CORE_DEVICES_H */
