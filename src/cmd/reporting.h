/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A run of which the report is wanted, and perhaps what is known of it before its end (-i), and a
 * recording of it (--record): what becomes of the records. Knows nothing of where they come from.
 */
#ifndef CMD_REPORTING_H
#define CMD_REPORTING_H

#include "iopftrace/engine.h"
#include "so_far.h"
#include "tee.h"

struct reporting {
	struct iopf_engine *engine;
	const struct iopf_engine_opts *opts; /* that it was made with; misses must be set */
	const struct iopf_run *run; /* which has when it began */
	const char *kernel;
	struct so_far so_far;
	struct tee tee; /* if it was opened; to be closed by its owner */
};

/* The functions of a session_sink, @arg being a struct reporting. */
void reporting_begin(void *arg, const struct iopf_run *run);
int reporting_take(void *arg, const struct iopf_rec *rec);
void reporting_tick(void *arg, uint64_t drained_ns);

#endif /* CMD_REPORTING_H */
