/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Reads a trace file: see docs/trace-format.md. Goes forward only, so a pipe will do. Trusts
 * nothing: memory is bounded (some 30 MiB) whatever the file says, and of a block whose checksum is
 * wrong nothing is given.
 *
 * Errors are negative errno.
 */
#ifndef TRACE_READER_H
#define TRACE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "info.h"
#include "iopftrace/engine.h"

struct trace_reader;

/* How a file ends. */
enum trace_ending {
	TRACE_ENDS_WELL,
	TRACE_ENDS_EARLY, /* it has no proper end, behind a whole block */
	TRACE_ENDS_HALF, /* the same, within a block */
	TRACE_ENDS_DAMAGED, /* what follows is not what was written */
	TRACE_ENDS_NEWER, /* what follows takes a newer program to read */
	TRACE_ENDS_FOREIGN, /* what follows is of another recording */
	TRACE_ENDS_MISPLACED, /* what follows is of this recording, and not in its place */
	TRACE_ENDS_MIXED, /* one of these: it has no identity that would tell which */
	TRACE_ENDS_MISSING, /* it has its end, but not all that was written before, or not only that */
};

/* Whether these are the first bytes of a file that may be a trace: eight of them tell. */
bool trace_reader_is_trace(const void *head, size_t nr);

/*
 * Begins to read @fd, which stays the caller's. On success *@reader is to be freed with
 * trace_reader_free(). -EBADMSG when it is no trace that can be read: then *@why says what it is
 * instead, as in "is no trace of iopftrace"; it needs not be freed. Other errors are of reading.
 */
int trace_reader_open(struct trace_reader **reader, int fd, const char **why);

/*
 * The same for a file of which @nr bytes (16 at most) have been read already, to see what it is; they
 * are at @head.
 */
int trace_reader_open_after(struct trace_reader **reader, int fd, const void *head, size_t nr,
			    const char **why);

/* What the file says of the recording. Belongs to the reader. */
const struct trace_info *trace_reader_info(const struct trace_reader *reader);

/*
 * Records in the order in which they were written, each behind the one before (iopf_rec_next()). Or
 * none, and what had been lost and missed when all records before were in the file: only the counters
 * of it are filled in, and settled_ns if whoever judged the run was told then that it was this time; and
 * start_ns and start_realtime_ns where the file tells when the run began, before its first record.
 */
struct trace_batch {
	const struct iopf_rec *first; /* 8-byte aligned, as all of them are */
	size_t records;
	const struct iopf_run *so_far; /* NULL = there are records */
};

/*
 * Reads the next records; they belong to the reader, and are good until the next call. Each has at
 * least a header, and as many bytes as its size says; that it is well formed beyond that is for the
 * engine to check. Returns 1, 0 when there are no more, or an error of reading.
 */
int trace_reader_next(struct trace_reader *reader, struct trace_batch *batch);

/* How many bytes of the file have been read, in whole blocks. */
uint64_t trace_reader_at(const struct trace_reader *reader);

/*
 * After the last record: how the file ends, and where in it, in bytes, that was found. Fills in
 * @run, whose strings belong to the reader; with any but the first ending, cut is set, and input says
 * why; the counters are the last that were read, misses_unknown is set too, and end_ns is the time of
 * the last record. With TRACE_ENDS_MISSING they are those of the end. With any ending missing,
 * missing_parts and until_seq tell what is known to be missing before it, and doubtful that records of
 * another recording may be among those that were read, as the file has no identity.
 */
enum trace_ending trace_reader_end(const struct trace_reader *reader, struct iopf_run *run,
				   uint64_t *at);

/* Frees it; NULL is allowed. */
void trace_reader_free(struct trace_reader *reader);

#endif /* TRACE_READER_H */
