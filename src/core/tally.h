/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What is counted about groups: one tally for all that is in scope, and one for each object of
 * which that is not known yet. Tallies can be added up.
 */
#ifndef IOPF_CORE_TALLY_H
#define IOPF_CORE_TALLY_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/report.h"
#include "slowest.h"

enum tally_count {
	TALLY_ENQUEUED,
	TALLY_DELIVERED,
	TALLY_PAGES,
	TALLY_ADOPTED,
	TALLY_UNKNOWN,
	TALLY_OUTSTANDING, /* at the end */
	TALLY_SUCCESS,
	TALLY_INVALID,
	TALLY_FAILURE,
	TALLY_REJECTED,
	TALLY_READS,
	TALLY_EMPTY_READS,
	TALLY_FAILED_READS,
	TALLY_WRITES,
	TALLY_FAILED_WRITES,
	/* For the audit only: */
	TALLY_VANISHED, /* ended, not by an answer that was seen, though no gap explains it */
	TALLY_UNSEEN, /* the same with a gap that may explain it */
	TALLY_UNREAD, /* answered by user space, delivery not seen, though no gap explains it */
	TALLY_UNCLEAR, /* deliveries of which it is not known which groups they were of */
	TALLY_COUNTS
};

/*
 * A histogram takes 30 KiB, so it is made when it is needed first; and only so many are made for
 * objects that may turn out not to be of the scope.
 */
#define TALLY_SPARE_HISTS 4096U

struct tally {
	uint64_t n[TALLY_COUNTS];
	uint64_t by[IOPF_RESPONDERS];
	struct iopf_stage_stats *stage[IOPF_STAGES]; /* NULL = nothing counted */
	struct slowest slowest; /* its account is that of all */
	uint64_t *device_groups; /* by device number */
	uint32_t nr_devices;
	uint32_t *spare; /* how many histograms may still be made; NULL = as many as are needed */
	bool clipped; /* values were left out because there was none to spare */
};

/* Frees what is in a tally. One that is zeroed but for the limit and the account of the slowest is empty. */
void tally_free(struct tally *t);

/* Counts the first value of a stage. 0 or -ENOMEM. */
int tally_first(struct tally *t, enum iopf_stage stage, uint64_t value, bool negative);

/* Counts one value of a stage. 0 or -ENOMEM. */
static inline int tally_stage(struct tally *t, enum iopf_stage stage, uint64_t value, bool negative)
{
	struct iopf_stage_stats *stats = t->stage[stage];

	if (!stats)
		return tally_first(t, stage, value, negative);
	iopf_hist_add(&stats->hist, value);
	stats->negative += negative;
	return 0;
}

/* Counts groups of a device. 0 or -ENOMEM. */
int tally_device(struct tally *t, uint32_t device, uint64_t groups);

/* Adds another tally. 0 or -ENOMEM, when something is missing. */
int tally_merge(struct tally *t, const struct tally *from);

#endif /* IOPF_CORE_TALLY_H */
