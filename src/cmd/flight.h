/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The flight recorder's memory: the last so much of a recording, in the blocks that a file would have.
 * It is kept in segments; each has with it what is known at its beginning, so that a file can begin there.
 *
 * Errors are negative errno.
 */
#ifndef CMD_FLIGHT_H
#define CMD_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/engine.h"
#include "trace/writer.h"

/* Where a segment begins. */
struct flight_mark {
	uint64_t first_seq, start_ns; /* as for struct trace_info */
	uint64_t missing; /* numbers that are missing before it */
	uint64_t empty_reads, empty_ns; /* before it */
	uint64_t records, record_bytes; /* before it */
};

struct flight;

/*
 * At least the last @keep_ns are kept, if they take no more than @max_bytes. The files that they are
 * written to have the identity @identity, all of them: they are of one recording.
 */
int flight_new(struct flight **out, uint64_t keep_ns, size_t max_bytes,
	       const uint8_t identity[TRACE_IDENTITY_BYTES]);

/* Begins a segment, with what the engine knows if there was something before; forgets what is too old. */
int flight_begin(struct flight *f, const struct iopf_engine *known, const struct flight_mark *mark,
		 uint64_t now_ns);

/* Whether it is time to begin a segment. */
bool flight_due(const struct flight *f, uint64_t now_ns);

int flight_add(struct flight *f, const struct iopf_rec *rec);

/* Where what is kept begins. */
const struct flight_mark *flight_first(const struct flight *f);

/* Whether there was not enough memory for all that should have been kept. */
bool flight_short(const struct flight *f);

/* Writes all that is kept. @until: the number after the last record. */
int flight_write(struct flight *f, struct trace_writer *to, uint64_t until);

void flight_free(struct flight *f);

#endif /* CMD_FLIGHT_H */
