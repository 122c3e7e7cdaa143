/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the verbs that read a trace file have in common: file in, finished report out.
 *
 * What is wrong is said here, in one line on standard error; the functions then return the exit
 * code: EXIT_USAGE for a file that is not there or is no trace, EXIT_RUNTIME when opening or
 * reading it fails (exit_code_of_input()). A file that ends too early, or is damaged further on, is no error: it is read up to there,
 * which is said, and the run is marked as cut, so that its verdict is inconclusive at best.
 */
#ifndef CMD_REPLAY_H
#define CMD_REPLAY_H

#include "iopftrace/engine.h"
#include "trace/info.h"

/* Where a recording is when nobody says otherwise. */
#define REPLAY_FILE "iopf.data"

/*
 * Feeds a whole file to an engine and finishes it. @file: its name; "-" is standard input. @opts
 * as for a live engine, but the scope is that of the recording where it has none (nr_roots = 0).
 * Returns 0 with *@report, to be freed with iopf_report_free(), or the exit code.
 */
int replay_report(const char *file, const struct iopf_engine_opts *opts,
		  struct iopf_report **report);

/* One file being read, for the verbs that want more than its report. */
struct replay;

/* Opens it and reads its description. Returns 0 with *@replay, or the exit code. */
int replay_open(struct replay **replay, const char *file);

/* What messages call a file: "-" is "standard input", and one without a name shows as such. */
const char *replay_name(const char *file);

/* Says that it cannot be read, for a negative errno; returns the exit code. */
int replay_cannot_read(const char *file, int err);

/* Opens a file, of whatever kind, or standard input. Returns 0 with *@fd, or the exit code. */
int replay_open_file(const char *file, int *fd);

/*
 * The same as replay_open() for a file that was opened so, and of which @nr bytes have been read to
 * see what it is. The descriptor is closed with the replay, or now when that fails.
 */
int replay_open_after(struct replay **replay, const char *file, int fd, const void *head,
		      size_t nr);

/* Reads all of it and makes its report, as replay_report() does. To be called once. */
int replay_finish(struct replay *replay, const struct iopf_engine_opts *opts,
		  struct iopf_report **report);

/* It has been read before: what is not as it should be with the file was said then. */
void replay_again(struct replay *replay);

/* Closes it and frees it; NULL is allowed. */
void replay_close(struct replay *replay);

/* What the file says of the recording: kernel, command line, scope. Belongs to @replay. */
const struct trace_info *replay_info(const struct replay *replay);

/*
 * Sets where the recording begins in @opts, and the scope to that of the recording, if there is none. It
 * belongs to @replay.
 */
void replay_scope(const struct replay *replay, struct iopf_engine_opts *opts);

/* Has an engine told what was missed, wherever the file tells: for one that judges. */
void replay_count(struct replay *replay, struct iopf_engine *engine);

/*
 * Has *@start_ns set when the file tells, before its first record, when its run began: that of a pipe is
 * known by that. Recordings of before this was told leave it alone.
 */
void replay_tell_start(struct replay *replay, uint64_t *start_ns);

/*
 * Calls @fn for each record in order, then fills in @run for iopf_engine_finish(); its strings
 * belong to @replay. A record is 8-byte aligned, and valid during the call only. A negative return
 * of @fn stops, and becomes an error of its own, except -EINVAL (what iopf_engine_feed() says of a
 * malformed record): the record is counted as damage. To be called once. Returns 0 or the exit code.
 */
int replay_each(struct replay *replay, iopf_order_fn fn, void *arg, struct iopf_run *run);

#endif /* CMD_REPLAY_H */
