/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* -i TIME: the output file has what is known so far, again and again while tracing goes on. */
#ifndef CMD_SO_FAR_H
#define CMD_SO_FAR_H

#include <stdbool.h>
#include <stdint.h>

#include "iopftrace/engine.h"
#include "options.h"

struct so_far {
	const struct options *options;
	uint64_t next_ns; /* when to write; 0 = not begun */
	uint64_t delivered, adopted; /* told last */
	bool failed; /* which is said once: tracing goes on, and each time is tried again */
};

/* Whether it is time to write: every -i TIME, the first time that after the first call. */
bool so_far_due(struct so_far *s, uint64_t now_ns);

/*
 * Writes the file, whole: it is made beside its target and renamed. @run is what is known of the run so
 * far, its end that of this report.
 */
void so_far_write(struct so_far *s, struct iopf_engine *engine, const struct iopf_run *run);

#endif /* CMD_SO_FAR_H */
