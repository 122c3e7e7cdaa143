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

struct parked_page {
	uint64_t addr;
	uint64_t report_ns, time_ns; /* of the report: entry and return */
	uint64_t seq; /* of its record */
	uint32_t device, grpid;
	uint32_t task;
	uint32_t epoch;
	bool late; /* said to be parked for too long */
};

#define PARKED_MAX 65536U

/* A zeroed struct is empty. In the order they were reported. */
struct parked {
	struct parked_page *page;
	uint32_t nr, max;
};

/* Frees it. */
void parked_free(struct parked *p);

/* Parks one. False when there is no room: then nothing is parked any more until it is emptied. */
bool parked_add(struct parked *p, const struct parked_page *page);

/* How many are parked for a group of a device. */
uint32_t parked_count(const struct parked *p, uint32_t device, uint32_t grpid);

/* Takes out those of a group of a device. */
void parked_take(struct parked *p, uint32_t device, uint32_t grpid);

/* Takes out those of a device; of all devices, for device 0. */
void parked_discard(struct parked *p, uint32_t device);

#endif /* IOPF_CORE_PARKED_H */
