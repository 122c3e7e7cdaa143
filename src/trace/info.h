/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What a trace file says about the recording itself, at its beginning.
 *
 * Times are nanoseconds. Strings and arrays belong to whoever gave the structure: to the caller
 * when a file is written, to the reader when one is read.
 */
#ifndef TRACE_INFO_H
#define TRACE_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What tells one recording from all others: random, and the first byte is not 0. */
#define TRACE_IDENTITY_BYTES 16

/* Never NULL in what a reader gives: what a file does not say is "" or 0. */
struct trace_info {
	const char *version; /* of the iopftrace that recorded */
	const char *kernel; /* release of the traced kernel */
	const char *machine; /* its architecture, as uname -m says it */
	const char *command_line; /* of iopftrace, quoted as for a shell */
	const uint32_t *roots; /* scope, as in struct iopf_engine_opts; none = the whole machine */
	size_t nr_roots;
	bool descendants;
	uint32_t absent; /* probes not attached when recording began: set of 1 << iopf_probe */
	uint64_t start_ns; /* CLOCK_MONOTONIC, about when recording began */
	uint64_t start_realtime_ns; /* CLOCK_REALTIME at that time; 0 = unknown */
	/* The number that its first record has; what was before is in another file. 0 = nothing was. */
	uint64_t first_seq;
	/* All 0: a reader found none, as in files of before; a writer is to make one up. */
	uint8_t identity[TRACE_IDENTITY_BYTES];
};

#endif /* TRACE_INFO_H */
