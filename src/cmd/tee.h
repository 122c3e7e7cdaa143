/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * --record: a run is judged live, and all that the engine is told is written to a file too, so that the
 * file gives the same report. The run goes on when the file cannot be written any more: that is said
 * once, and the file stays without its end, which marks it as incomplete.
 *
 * Knows nothing of where records come from. Without tee_open() all functions do nothing.
 */
#ifndef CMD_TEE_H
#define CMD_TEE_H

#include <stdbool.h>

#include "iopftrace/engine.h"
#include "options.h"
#include "recording.h"

struct tee {
	struct recording *recording; /* NULL = nothing is written, or nothing any more */
	const char *path; /* NULL = there is none */
	bool quiet;
	bool failed;
};

/*
 * Begins the file of @options. The strings of both
 * must stay. Returns 0, or the exit code after it has said what is wrong. To be closed in any case.
 */
int tee_open(struct tee *tee, const struct options *options, const struct trace_info *info);

/* The run begins: before its first record. */
void tee_start(struct tee *tee, const struct iopf_run *run);

/* Takes a record, after the engine. */
void tee_add(struct tee *tee, const struct iopf_rec *rec);

/* To be called several times a second: writes what there is, and what the engine was told. */
void tee_tick(struct tee *tee, const struct recording_now *now);

/* Ends the file: this is what the engine is told at the end. */
void tee_finish(struct tee *tee, const struct iopf_run *run);

/* Removes it: there was nothing to record. */
void tee_discard(struct tee *tee);

/*
 * Closes it, and says where it is. The verdict of @report (NULL = there is none) stands in any case, but
 * a run that is otherwise fine has the exit code of a runtime error when its recording is not whole.
 */
void tee_close(struct tee *tee, struct iopf_report *report);

#endif /* CMD_TEE_H */
