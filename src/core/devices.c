// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The devices that records speak of. */
#define IOPF_CORE_PRIVATE
#include "devices.h"

#include <errno.h>
#include <string.h>

#define FIRST_DEVICES 16

/* Makes it, with the unknown device in it. */
int devices_init(struct devices *d)
{
	d->device = memory_calloc(d->by_address.memory, FIRST_DEVICES, sizeof(*d->device));
	if (!d->device)
		return -ENOMEM;
	d->max = FIRST_DEVICES;
	d->nr = 1;
	return 0;
}

/* Frees it. */
void devices_free(struct devices *d)
{
	for (uint32_t i = 0; i < d->nr; i++)
		memory_free(d->by_address.memory, d->device[i].indexes);
	memory_free(d->by_address.memory, d->device);
	map_free(&d->by_address);
}

/* Makes room for one more device. */
static int grow(struct devices *d)
{
	struct device *device;

	if (d->nr < d->max)
		return 0;
	device = memory_realloc(d->by_address.memory, d->device, 2 * d->max * sizeof(*device));
	if (!device)
		return -ENOMEM;
	d->device = device;
	d->max *= 2;
	return 0;
}

/* The number of the device at an address. */
uint32_t devices_get(struct devices *d, uint64_t address)
{
	uint32_t number;

	if (!address)
		return 0;
	number = map_get(&d->by_address, address);
	if (number)
		return number;
	d->full |= d->nr == DEVICES_MAX;
	if (d->nr == DEVICES_MAX || grow(d) || map_set(&d->by_address, address, d->nr))
		return 0;
	d->device[d->nr] = (struct device){ .address = address };
	return d->nr++;
}

/* Names the device at an address. */
void devices_name(struct devices *d, uint64_t address, const char *name)
{
	uint32_t number = devices_get(d, address);

	if (!number)
		return;
	memcpy(d->device[number].name, name, IOPF_DEVNAME_LEN);
	d->device[number].name[IOPF_DEVNAME_LEN - 1] = 0;
}

/* Remembers a group index. */
void devices_note_index(struct devices *ds, uint32_t device, uint32_t grpid, uint32_t epoch)
{
	struct device *d = devices_at(ds, device);

	if (grpid >= DEVICES_INDEXES)
		return;
	if (!d->indexes)
		d->indexes = memory_calloc(ds->by_address.memory, DEVICES_INDEXES / 64,
					   sizeof(*d->indexes));
	if (!d->indexes) /* then less can be said, nothing wrong */
		return;
	if (d->index_epoch != epoch)
		memset(d->indexes, 0, DEVICES_INDEXES / 8);
	d->index_epoch = epoch;
	d->indexes[grpid / 64] |= 1ULL << grpid % 64;
}
