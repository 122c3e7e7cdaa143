// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Attach handles. */
#define IOPF_CORE_PRIVATE
#include "handles.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_HANDLES 16

/* Makes it, with the unknown handle in it. */
int handles_init(struct handles *hs)
{
	hs->handle = calloc(FIRST_HANDLES, sizeof(*hs->handle));
	if (!hs->handle)
		return -ENOMEM;
	hs->max = FIRST_HANDLES;
	hs->nr = 1;
	return 0;
}

/* Frees it. */
void handles_free(struct handles *hs)
{
	free(hs->handle);
	map_free(&hs->by_address);
	memset(hs, 0, sizeof(*hs));
}

/* A free place, or 0. */
static uint32_t new_place(struct handles *hs)
{
	struct handle *handle;
	uint32_t number = hs->free;

	if (number) {
		hs->free = hs->handle[number].next;
		return number;
	}
	if (hs->nr == hs->max) {
		handle = realloc(hs->handle, 2 * hs->max * sizeof(*handle));
		if (!handle)
			return 0;
		hs->handle = handle;
		hs->max *= 2;
	}
	return hs->nr++;
}

/* Gives a place back, if nothing refers to it. */
static void put_place(struct handles *hs, uint32_t number)
{
	struct handle *h = &hs->handle[number];

	if (!h->gone || h->groups)
		return;
	memset(h, 0, sizeof(*h));
	h->next = hs->free;
	hs->free = number;
}

/* Makes a handle, as the first of its address. */
static uint32_t add_handle(struct handles *hs, uint64_t address, uint32_t device, uint32_t dev_id)
{
	uint32_t number = new_place(hs), first = handles_find(hs, address);

	if (!number)
		return 0;
	if (map_set(&hs->by_address, address ? address : HANDLES_NO_ADDRESS, number)) {
		memset(&hs->handle[number], 0, sizeof(*hs->handle));
		hs->handle[number].next = hs->free;
		hs->free = number;
		return 0;
	}
	hs->handle[number] = (struct handle){
		.address = address,
		.device = device,
		.dev_id = dev_id,
		.next = first,
	};
	if (first) { /* the same life, so what is known of that is known of this one */
		hs->handle[number].retired_ns = hs->handle[first].retired_ns;
		hs->handle[number].retired_seq = hs->handle[first].retired_seq;
		hs->handle[number].retired_by = hs->handle[first].retired_by;
		hs->handle[number].retired_epoch = hs->handle[first].retired_epoch;
	}
	return number;
}

/* The first handle with this address, made known if it was not. */
uint32_t handles_know(struct handles *hs, uint64_t address)
{
	uint32_t number = handles_find(hs, address);

	return number ? number : add_handle(hs, address, 0, 0);
}

/* The number of a handle. */
uint32_t handles_hold(struct handles *hs, uint64_t address, uint32_t device, uint32_t dev_id)
{
	uint32_t number = handles_find(hs, address);

	while (number &&
	       (hs->handle[number].device != device || hs->handle[number].dev_id != dev_id))
		number = hs->handle[number].next;
	if (!number)
		number = add_handle(hs, address, device, dev_id);
	if (number)
		hs->handle[number].groups++;
	return number;
}

/* A group of a handle is no longer held. */
void handles_release(struct handles *hs, uint32_t number)
{
	if (!number)
		return;
	hs->handle[number].groups--;
	put_place(hs, number);
}

/* A new handle has this address. */
void handles_attach(struct handles *hs, uint64_t address)
{
	uint32_t number = address ? handles_find(hs, address) : 0, next;

	if (!number)
		return;
	map_remove(&hs->by_address, address);
	for (; number; number = next) {
		next = hs->handle[number].next;
		hs->handle[number].next = 0;
		hs->handle[number].gone = true;
		put_place(hs, number);
	}
}
