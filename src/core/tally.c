// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What is counted about groups. */
#define IOPF_CORE_PRIVATE
#include "tally.h"

#include <errno.h>
#include <string.h>

/* Frees what is in a tally. */
void tally_free(struct tally *t)
{
	for (int i = 0; i < IOPF_STAGES; i++) {
		if (t->stage[i] && t->spare)
			++*t->spare;
		memory_free(t->slowest.memory, t->stage[i]);
	}
	slowest_free(&t->slowest);
	memory_free(t->slowest.memory, t->device_groups);
	*t = (struct tally){ .slowest = t->slowest, .spare = t->spare };
}

/* Makes a stage's histogram. 1 when there is none to spare. */
static int make_stage(struct tally *t, enum iopf_stage stage)
{
	struct iopf_stage_stats *stats;

	if (t->spare && !*t->spare) {
		t->clipped = true;
		return 1;
	}
	stats = memory_calloc(t->slowest.memory, 1, sizeof(*stats));
	if (!stats)
		return -ENOMEM;
	iopf_hist_init(&stats->hist);
	stats->negative = 0;
	t->stage[stage] = stats;
	if (t->spare)
		--*t->spare;
	return 0;
}

/* Counts the first value of a stage. */
int tally_first(struct tally *t, enum iopf_stage stage, uint64_t value, bool negative)
{
	int err = make_stage(t, stage);

	return err ? err < 0 ? err : 0 : tally_stage(t, stage, value, negative);
}

/* Makes room for the device with this number. */
static int grow_devices(struct tally *t, uint32_t device)
{
	uint32_t nr = (device | 7) + 1;
	uint64_t *groups;

	if (nr < 2 * t->nr_devices)
		nr = 2 * t->nr_devices;
	groups = memory_realloc(t->slowest.memory, t->device_groups, nr * sizeof(*groups));
	if (!groups)
		return -ENOMEM;
	memset(groups + t->nr_devices, 0, (nr - t->nr_devices) * sizeof(*groups));
	t->device_groups = groups;
	t->nr_devices = nr;
	return 0;
}

/* Counts groups of a device. */
int tally_device(struct tally *t, uint32_t device, uint64_t groups)
{
	if (device >= t->nr_devices && grow_devices(t, device))
		return -ENOMEM;
	t->device_groups[device] += groups;
	return 0;
}

/* Adds another tally's figures of one stage. */
static int merge_stage(struct tally *t, enum iopf_stage stage, const struct iopf_stage_stats *from)
{
	if (!from)
		return 0;
	if (!t->stage[stage]) {
		int err = make_stage(t, stage);

		if (err)
			return err < 0 ? err : 0;
	}
	iopf_hist_merge(&t->stage[stage]->hist, &from->hist);
	t->stage[stage]->negative += from->negative;
	return 0;
}

/* Adds another tally. */
int tally_merge(struct tally *t, const struct tally *from)
{
	int err = slowest_merge(&t->slowest, &from->slowest);

	for (int i = 0; i < TALLY_COUNTS; i++)
		t->n[i] += from->n[i];
	for (int i = 0; i < IOPF_RESPONDERS; i++)
		t->by[i] += from->by[i];
	for (int i = 0; i < IOPF_STAGES; i++)
		err |= merge_stage(t, i, from->stage[i]);
	for (uint32_t i = 0; i < from->nr_devices; i++)
		err |= tally_device(t, i, from->device_groups[i]);
	t->clipped |= from->clipped;
	return err ? -ENOMEM : 0;
}
