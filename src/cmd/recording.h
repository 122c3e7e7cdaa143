/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What 'record' writes: one file; with --rotate one after the other; with --flight-recorder one whenever
 * it is asked. Each is a whole recording by itself. Knows nothing of where records come from.
 *
 * Errors are negative errno; after one nothing more is written.
 */
#ifndef CMD_RECORDING_H
#define CMD_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "iopftrace/engine.h"
#include "trace/info.h"

/* recording_tick() is called this often with rotation and flight recorders, else every RECORDING_FLUSH_NS. */
#define RECORDING_TICK_NS 100000000ULL

/* What is recorded is in the file after so long at most. */
#define RECORDING_FLUSH_NS 1000000000ULL

struct recording_opts {
	const char *path; /* of the first file; NULL = standard output */
	uint64_t rotate_bytes, rotate_ns; /* go on in another file then; 0 = never */
	uint64_t keep; /* so many files, the last ones; 0 = all */
	uint64_t flight_ns; /* keep the last of it in memory, and write that when asked; 0 = no */
	size_t flight_bytes; /* and no more than so much */
	/* Has been given all records that the recording has; asked what the next file begins with. */
	const struct iopf_engine *engine;
};

struct recording;

/*
 * Opens the first file and begins it. On success *@out is to be freed with recording_free(). The strings
 * of @opts and of @info must stay.
 */
int recording_open(struct recording **out, const struct recording_opts *opts,
		   const struct trace_info *info);

/* The run begins: before its first record. Of @run only the start is looked at. */
int recording_start(struct recording *r, const struct iopf_run *run);

/* Takes the next record, which the engine has had. */
int recording_add(struct recording *r, const struct iopf_rec *rec);

/* What is known at a moment. */
struct recording_now {
	uint64_t now_ns; /* CLOCK_MONOTONIC */
	uint64_t settled_ns; /* all answers before then have been taken; 0 = not known */
	const struct iopf_run *so_far; /* counters, read after the last record was taken */
	/* The engine has been told since the last record that it is this time; 0 = it has not. */
	uint64_t advanced_ns;
};

/*
 * Writes what there is, and goes on in another file when it is time for that; but not before what was
 * outstanding when the recording began is known: when settled_ns is past that.
 */
int recording_tick(struct recording *r, const struct recording_now *now);

/*
 * A flight recorder is to write what it has at the next tick: into a file of its own, and to go on. If it
 * is for a violation, it waits until what was written last is not in it any more.
 */
void recording_request(struct recording *r, bool violation);

/* Whether it has not enough memory for the time it is to keep. */
bool recording_short(const struct recording *r);

/* Since when what was written last has all, CLOCK_MONOTONIC. */
uint64_t recording_since(const struct recording *r);

/* Ends the last file, or writes it now. @run is of the whole recording. */
int recording_finish(struct recording *r, const struct iopf_run *run);

/* The file that is being written, for messages; and bytes and files written in all. */
const char *recording_name(const struct recording *r);
uint64_t recording_bytes(const struct recording *r);
uint64_t recording_files(const struct recording *r);

/* Whether something can be read of what was written. */
bool recording_begun(const struct recording *r);

/* Removes the only file, if it is a regular one: there was nothing to record. */
void recording_discard(struct recording *r);

/* Closes the file: 0, or what was lost by it is told. Frees it; NULL is allowed. */
int recording_free(struct recording *r);

#endif /* CMD_RECORDING_H */
