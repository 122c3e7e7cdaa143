/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The figures of a run, divided: by device, PASID and so on, by time, or only those of the groups
 * that are asked for. Verdict and findings are always of the whole run.
 *
 * When a group counts: at the moment of its answer, since its times are known then; a group that is
 * not answered, or whose answer was not seen, when it was queued. What lies before the beginning of
 * the run is taken as its beginning.
 *
 * Times are nanoseconds.
 */
#ifndef IOPFTRACE_BREAKDOWN_H
#define IOPFTRACE_BREAKDOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/sparse.h"

#define IOPF_CUT_STAGES 5 /* IOPF_STAGES */

/* What groups can be told apart by. */
enum iopf_key {
	IOPF_KEY_DEVICE,
	IOPF_KEY_PASID,
	IOPF_KEY_PROCESS, /* that read the group */
	IOPF_KEY_CODE, /* the answer it was given */
	IOPF_KEY_FAULT_ID, /* its fault object */
	IOPF_KEYS
};

/* "device", "pasid", "process", "code", "fault-id". */
const char *iopf_key_name(enum iopf_key key);

struct iopf_filter_number {
	bool given;
	uint32_t value;
};

/* Which groups are asked for; zeroed: all. */
struct iopf_filter {
	const char *device; /* its name; of a PCI address also without the domain 0000. NULL = any */
	const char *comm; /* of the thread that read it or the one that answered it. NULL = any */
	struct iopf_filter_number dev_id, fault_id, pasid, code;
	bool window; /* it counts at from_ns or later, and before to_ns: since the start of the run */
	uint64_t from_ns, to_ns; /* to_ns: UINT64_MAX = to the end */
};

#define IOPF_ROWS_MAX 4096
#define IOPF_INTERVALS_MAX 10000
#define IOPF_ADAPTIVE_INTERVALS 240
#define IOPF_ADAPTIVE_NS 1000000
#define IOPF_BUCKETS_MAX (1U << 24)

struct iopf_breakdown_opts {
	enum iopf_key by[IOPF_KEYS]; /* in the order in which they are shown */
	size_t nr_by; /* 0 = not divided by keys */
	uint64_t interval_ns; /* 0 = not divided by time */
	/*
	 * Divided by time whatever the run's duration: intervals begin with interval_ns (0 =
	 * IOPF_ADAPTIVE_NS) and become twice as wide whenever there would be more than max_intervals
	 * (0 = IOPF_ADAPTIVE_INTERVALS). The report's interval_ns is how wide they came to be. Not with
	 * a window.
	 */
	bool adaptive;
	/* Of the run: CLOCK_MONOTONIC; of use with intervals and a window. See iopf_engine_start(). */
	uint64_t start_ns;
	struct iopf_filter filter; /* strings live as long as the engine and its report */
	/* Limits, 0 = the default. */
	size_t max_rows; /* combinations of keys; IOPF_ROWS_MAX */
	size_t max_intervals; /* IOPF_INTERVALS_MAX */
	size_t max_buckets; /* of all histograms, 16 bytes each; IOPF_BUCKETS_MAX */
};

/*
 * How many intervals a run of @duration_ns is divided into: those that the window of the filter has a
 * part of, at least one. @from_ns: where the first begins.
 */
uint64_t iopf_breakdown_intervals(const struct iopf_breakdown_opts *opts, uint64_t duration_ns,
				  uint64_t *from_ns);

/* The figures of some groups. */
struct iopf_cut {
	uint64_t groups; /* all of them: answered, outstanding or unknown */
	uint64_t answered_user, answered_kernel;
	uint64_t code[3]; /* those answered, by enum iopf_code */
	uint64_t outstanding;
	uint64_t unknown; /* whose end was not seen */
	struct iopf_sparse stage[IOPF_CUT_STAGES]; /* by enum iopf_stage */
};

/* What stands for the answer of a group that has none. */
#define IOPF_CODE_NONE_YET (UINT32_MAX - 1)
#define IOPF_CODE_UNSEEN UINT32_MAX

/* One combination of keys. Of keys that are not in iopf_breakdown.by, the values are 0. */
struct iopf_by_row {
	bool other; /* stands for all combinations that were too many; has no keys */
	const char *device; /* name, or "" */
	uint32_t dev_id; /* iommufd's, of a device; 0 = not known */
	bool has_pasid;
	uint32_t pasid;
	uint32_t tgid; /* of the process; 0 = nobody read it, as far as was seen */
	const char *process; /* its name, or "" */
	uint32_t code; /* enum iopf_code or what the kernel was given, or one of the two above */
	uint32_t fault_id; /* iommufd's; 0 = not known */
	uint32_t fault_nr; /* of several objects with this id which, from 1; 0 = there is one */
	struct iopf_cut cut;
};

/* One interval of time. */
struct iopf_interval {
	uint64_t from_ns,
		to_ns; /* since the start of the run; of the first and last those of the window */
	struct iopf_cut cut;
	/* These are of all groups, whatever is asked for, and of the whole interval. */
	uint64_t outstanding; /* at its end */
	uint64_t queue_max; /* most groups in queues at one time: not read yet */
	uint64_t findings; /* cases, by the records that showed them; notes too */
};

struct iopf_stage_stats;
struct iopf_group_view;

/* Part of a finished report, and freed with it. */
struct iopf_breakdown {
	struct iopf_breakdown_opts opts; /* as asked for */
	bool filtered; /* not all groups were asked for */
	struct iopf_cut all; /* of all groups that were */
	uint64_t filtered_out; /* groups that were not */
	struct iopf_stage_stats *stage; /* IOPF_STAGES of them: those of "all" */
	struct iopf_group_view *slowest; /* when filtered; as in struct iopf_report */
	size_t nr_slowest;
	struct iopf_by_row *rows; /* those with the longest time in total first; "other" last */
	size_t nr_rows;
	struct iopf_interval *intervals; /* in order of time, without gaps */
	size_t nr_intervals;
	bool too_fine; /* there would be more than max_intervals, so there are none */
	uint64_t left_out; /* times that are in no row or interval: max_buckets was reached */
};

#endif /* IOPFTRACE_BREAKDOWN_H */
