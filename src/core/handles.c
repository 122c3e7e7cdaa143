// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Attach handles. */
#define IOPF_CORE_PRIVATE
#include "handles.h"

#include <errno.h>
#include <string.h>

#define FIRST_HANDLES 16

/* Makes it, with the unknown handle in it. */
int handles_init(struct handles *hs)
{
	hs->handle = memory_calloc(hs->by_address.memory, FIRST_HANDLES, sizeof(*hs->handle));
	if (!hs->handle)
		return -ENOMEM;
	hs->max = FIRST_HANDLES;
	hs->nr = 1;
	return 0;
}

/* Frees it. */
void handles_free(struct handles *hs)
{
	memory_free(hs->by_address.memory, hs->handle);
	memory_free(hs->by_address.memory, hs->teardown);
	map_free(&hs->by_address);
	map_free(&hs->by_device);
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
		handle = memory_realloc(hs->by_address.memory, hs->handle,
					2 * hs->max * sizeof(*handle));
		if (!handle)
			return 0;
		hs->handle = handle;
		hs->max *= 2;
	}
	return hs->nr++;
}

/* Forgets the calls that were to answer the groups of a handle. */
static void forget_teardowns(struct handles *hs, struct handle *h)
{
	uint32_t last = h->teardown;

	if (!last)
		return;
	while (hs->teardown[last].next)
		last = hs->teardown[last].next;
	hs->teardown[last].next = hs->free_teardown;
	hs->free_teardown = h->teardown;
	h->teardown = 0;
}

/* A free place for one of these; 0 when there is none. */
static uint32_t new_teardown(struct handles *hs)
{
	uint32_t place = hs->free_teardown, max = hs->max_teardowns ? 2 * hs->max_teardowns : 16;
	struct teardown *teardown;

	if (place) {
		hs->free_teardown = hs->teardown[place].next;
		return place;
	}
	if (hs->nr_teardowns + 1 >= hs->max_teardowns) {
		teardown = memory_realloc(hs->by_address.memory, hs->teardown,
					  max * sizeof(*teardown));
		if (!teardown)
			return 0;
		hs->teardown = teardown;
		hs->max_teardowns = max;
	}
	return ++hs->nr_teardowns;
}

/* A call has returned that was to answer all groups of a handle. */
bool handles_left(struct handles *hs, uint32_t number, const struct teardown *t)
{
	uint32_t earlier = hs->handle[number].teardown;
	uint32_t nr = earlier ? hs->teardown[earlier].nr : 0;
	uint32_t place = nr < HANDLES_TEARDOWNS ? new_teardown(hs) : 0;

	hs->crowded |= nr >= HANDLES_TEARDOWNS;
	if (!place)
		return false;
	hs->teardown[place] = *t;
	hs->teardown[place].next = earlier;
	hs->teardown[place].nr = nr + 1;
	hs->handle[number].teardown = place;
	return true;
}

/* Gives a place back, if nothing refers to it. */
static void put_place(struct handles *hs, uint32_t number)
{
	struct handle *h = &hs->handle[number];

	if (!h->groups)
		forget_teardowns(hs, h);
	if (!h->gone || h->groups)
		return;
	memset(h, 0, sizeof(*h));
	h->next = hs->free;
	hs->free = number;
}

/* What one without an address is found by. */
static uint64_t device_key(uint32_t device, uint32_t dev_id)
{
	return (uint64_t)device << 32 | dev_id;
}

/* Makes a handle, as the first of its address. */
static uint32_t add_handle(struct handles *hs, uint64_t address, uint32_t device, uint32_t dev_id)
{
	uint32_t number = new_place(hs), first = address ? handles_find(hs, address) : 0;
	struct map *m = address ? &hs->by_address : &hs->by_device;

	if (!number)
		return 0;
	if (map_set(m, address ? address : device_key(device, dev_id), number)) {
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
	uint32_t number, nr = 0;

	if (!address) {
		number = map_get(&hs->by_device, device_key(device, dev_id));
	} else {
		number = handles_find(hs, address);
		while (number && (hs->handle[number].device != device ||
				  hs->handle[number].dev_id != dev_id)) {
			number = hs->handle[number].next;
			nr++;
		}
	}
	hs->crowded |= !number && nr >= HANDLES_SAME;
	if (!number && nr < HANDLES_SAME)
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
