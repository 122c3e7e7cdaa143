/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What tasks are doing inside the traced functions, as the programs' own slots have it. */
#ifndef LIVE_INSIDE_H
#define LIVE_INSIDE_H

#include <stdint.h>

#include "shared.h"
#include "iopftrace/engine.h"

/*
 * Now; or the moment at which the oldest answer was given whose driver is still being told, of which
 * there is no record yet.
 */
uint64_t inside_since(const struct slot *slots);

/*
 * Tells of the calls that have not returned, as INSIDE records, but for those that have been told of:
 * @told has the time of entry for each of the IOPF_SLOTS slots. Their numbers are taken as the programs take theirs.
 * Returns how many records, or the order's error.
 */
int64_t inside_tell(const struct slot *slots, uint64_t *told, struct iopf_counters *counters,
		    struct iopf_order *order);

#endif /* LIVE_INSIDE_H */
