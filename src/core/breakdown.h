/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Figures by keys and by time, beside the tally of all. Nothing of it is there unless it is asked for:
 * the engine then tells of every group that ends, and of those that are left at the end.
 *
 * As with tallies, what belongs to objects that may not be of the scope is kept apart until they are.
 */
#ifndef IOPF_CORE_BREAKDOWN_H
#define IOPF_CORE_BREAKDOWN_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "cuts.h"
#include "groups.h"
#include "iopftrace/engine.h"
#include "map.h"
#include "slowest.h"
#include "stages.h"

struct iopf_engine;
struct object;

/* What is counted of one object, or of all in scope. */
struct breakdown_part {
	uint32_t object; /* number; 0 = all in scope */
	struct cuts rows, times;
	struct iopf_cut all;
	struct slowest slowest; /* when not all groups are asked for */
	uint64_t filtered_out;
};

/* What is known of an interval beside its groups. */
struct breakdown_moment {
	uint64_t outstanding, queued; /* at its end */
	uint64_t queue_max, findings;
};

struct breakdown {
	struct iopf_breakdown_opts opts;
	bool filtered;
	struct breakdown_part scope;
	struct map by_object; /* number of an object that is not of the scope: its part, from 1 */
	struct breakdown_part **part;
	uint32_t nr_parts, max_parts;
	struct map
		reader_of; /* by tgid: number of the thread of it that was the first to read, + 1 */
	size_t buckets_left, rows_left, times_left, max_times;
	size_t charged; /* on the account of the engine */
	uint64_t left_out;

	/* Of the series. */
	uint64_t first_ns; /* where the first interval begins, since the start of the run */
	struct breakdown_moment before; /* as it was when that began */
	struct breakdown_moment *moment; /* by interval, as far as there was any */
	size_t nr_moments, max_moments;
	uint64_t began, delivered; /* of the scope, at the last record */
	int64_t queued; /* groups in queues, as far as is known */
};

/* Makes one if something is asked for, else NULL. 0 or -ENOMEM. */
int breakdown_init(struct iopf_engine *e, const struct iopf_engine_opts *opts);

/* Frees it; NULL is allowed. */
void breakdown_free(struct breakdown *b);

/* A group ends: with @a, unseen if that is NULL; or with @outstanding it is left at the end. */
void breakdown_group(struct iopf_engine *e, const struct group *g, const struct answer *a,
		     const struct stages *stages, bool outstanding);

/* A record has been taken. */
void breakdown_record(struct iopf_engine *e, const struct iopf_rec *rec);

/* Cases of a finding were counted, which a record of @time_ns showed. */
void breakdown_finding(struct iopf_engine *e, uint64_t time_ns, uint64_t cases);

/* An object is of the scope from now on; its tally has been added. */
void breakdown_enters(struct iopf_engine *e, const struct object *o);

/* An object has gone that was not of the scope: its number may be another's. */
void breakdown_forget(struct iopf_engine *e, const struct object *o);

/* Makes adaptive intervals so wide that a run of @duration_ns has no more of them than may be. */
void breakdown_widen(struct iopf_engine *e, uint64_t duration_ns);

/* Its part of the report. 0 or -ENOMEM. */
int breakdown_report(struct iopf_engine *e, const struct iopf_run *run, struct iopf_report *r);

/* Frees that; NULL is allowed. */
void breakdown_report_free(struct iopf_breakdown *b);

#endif /* IOPF_CORE_BREAKDOWN_H */
