/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Attach handles: what a device has been attached by, and what names the device that a group is of.
 * The kernel uses their addresses again, so one lives from an ATTACH, or the first group that shows
 * it, to the next ATTACH with its address; and it is retired once auto-response has returned for it.
 */
#ifndef IOPF_CORE_HANDLES_H
#define IOPF_CORE_HANDLES_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stdint.h>

#include "map.h"

/* A call that was to answer all groups of a handle, or of an object, and has returned. */
struct teardown {
	uint64_t seq; /* of its record; 0 = there was none */
	uint64_t enter_ns, time_ns;
	uint32_t task; /* number */
	uint32_t next; /* of the same handle: an earlier one */
	uint32_t nr; /* how many these are, with it */
};

/* As many are remembered of one handle while groups of it are held; a kernel makes one. */
#define HANDLES_TEARDOWNS 64

/* As many handles can have the same address at one time, since a kernel has one. */
#define HANDLES_SAME 64

struct handle {
	uint64_t address; /* struct iommu_attach_handle; 0 = not known */
	uint32_t device; /* number */
	uint32_t dev_id; /* iommufd's, 0 = not known */
	uint32_t next; /* of the same address: in the same life, of another device */
	uint32_t groups; /* held */
	uint32_t teardown; /* the last that returned while groups were held, of a list; 0 = none */
	uint64_t retired_ns; /* auto-response returned for it; 0 = it is in use */
	uint64_t retired_seq; /* and the record that said so */
	uint32_t retired_by; /* task number */
	uint32_t retired_epoch; /* a later gap may hide its next life */
	bool gone; /* its address names another now */
};

/* Number 0 is the handle of which nothing is known. */
struct handles {
	struct handle *handle;
	uint32_t nr, max;
	uint32_t free; /* list of free places, through next */
	struct map by_address; /* its account is that of all */
	bool crowded; /* something was left out: HANDLES_SAME or HANDLES_TEARDOWNS was reached */
	struct map
		by_device; /* those without an address, by device and dev_id: they are never gone */
	struct teardown *teardown; /* from 1 */
	uint32_t nr_teardowns, max_teardowns, free_teardown;
};

/* Makes it. 0 or -ENOMEM. */
int handles_init(struct handles *hs);

/* Frees it. */
void handles_free(struct handles *hs);

/* The handle with this number. Valid until the next one is made. */
static inline struct handle *handles_at(const struct handles *hs, uint32_t number)
{
	return &hs->handle[number];
}

/*
 * The number of a handle, which a group is held of from now on; 0 when there is no room. @address 0
 * stands for those of which only device and dev_id are known.
 */
uint32_t handles_hold(struct handles *hs, uint64_t address, uint32_t device, uint32_t dev_id);

/* A group of a handle is no longer held. */
void handles_release(struct handles *hs, uint32_t number);

/*
 * The first handle with this address that is not gone, made known if it was not: of no device, for
 * what is said of its life to be kept. 0 when there is no room.
 */
uint32_t handles_know(struct handles *hs, uint64_t address);

/*
 * A call has returned that was to answer all groups of a handle, of which some are held. False when there
 * is no room to remember it.
 */
bool handles_left(struct handles *hs, uint32_t number, const struct teardown *t);

/* A new handle has this address: the one that had it before is gone. */
void handles_attach(struct handles *hs, uint64_t address);

/* The first handle with this address that is not gone, or 0; others follow through next. */
static inline uint32_t handles_find(const struct handles *hs, uint64_t address)
{
	return map_get(&hs->by_address, address);
}

#endif /* IOPF_CORE_HANDLES_H */
