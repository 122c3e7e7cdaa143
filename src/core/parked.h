/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Requests that are not the last of their group: the kernel parks them, by device, until the last
 * one comes with the same group index.
 */
#ifndef IOPF_CORE_PARKED_H
#define IOPF_CORE_PARKED_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "map.h"

struct parked_page {
	uint64_t addr;
	uint64_t report_ns, time_ns; /* of the report: entry and return */
	uint64_t seq; /* of its record */
	uint32_t device, grpid;
	uint32_t task;
	uint32_t epoch;
	bool late; /* said to be parked for too long */
	uint32_t before, behind; /* in the order of all */
	uint32_t next; /* of the same group */
	uint32_t last; /* of the first of a group: its last */
};

#define PARKED_MAX 65536U

/* A zeroed struct is empty. Pages have numbers, from 1. */
struct parked {
	struct parked_page *page;
	uint32_t nr; /* that are parked */
	uint32_t nr_ever, max;
	uint32_t free; /* list of free places, through next */
	uint32_t head, tail; /* in the order they were reported */
	struct map
		by_group; /* the first page of a device and group index; its account is that of all */
	bool full; /* some were not parked, since there are too many */
	uint64_t earliest_ns; /* no page that is not late was reported before; UINT64_MAX = there is none */
};

/* Frees it. */
void parked_free(struct parked *p);

/* Parks one. False when there is no room: then nothing is parked any more until it is emptied. */
bool parked_add(struct parked *p, const struct parked_page *page);

/* The page with this number. */
static inline struct parked_page *parked_at(const struct parked *p, uint32_t number)
{
	return &p->page[number - 1];
}

/* The first page that is parked for a group of a device, or 0; others follow through next. */
static inline uint32_t parked_find(const struct parked *p, uint32_t device, uint32_t grpid)
{
	return map_get(&p->by_group, (uint64_t)device << 32 | grpid);
}

/* Takes out those of a group of a device. */
void parked_take(struct parked *p, uint32_t device, uint32_t grpid);

/* Takes out those of a device; of all devices, for device 0. */
void parked_discard(struct parked *p, uint32_t device);

#endif /* IOPF_CORE_PARKED_H */
