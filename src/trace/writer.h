/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Writes a trace file: see docs/trace-format.md. Goes forward only, so a pipe will do, and writes a
 * block as soon as it is full, so that of a crash only the last few thousand records are missing.
 *
 * Errors are negative errno. After one that concerns the file (-ENOSPC, -EPIPE, -EIO, ...) nothing
 * more is written: the file is good up to the last whole block, and every call gives the error.
 */
#ifndef TRACE_WRITER_H
#define TRACE_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "info.h"
#include "iopftrace/engine.h"

struct trace_writer;

/* Makes up an identity for a recording. Only needed where several writers are to share one. */
int trace_writer_identity(uint8_t identity[TRACE_IDENTITY_BYTES]);

/*
 * Begins a file on @fd, which stays the caller's. On success *@writer is to be freed with
 * trace_writer_free(); @info is not needed any longer. Files that are to be the same to the byte
 * need the same identity in it.
 */
int trace_writer_open(struct trace_writer **writer, int fd, const struct trace_info *info);

/*
 * Makes blocks in memory, to be written to a file of the same identity later. What was made since the
 * last time is lent until the next call, and forgotten by the second function.
 */
int trace_writer_open_memory(struct trace_writer **writer,
			     const uint8_t identity[TRACE_IDENTITY_BYTES]);
const void *trace_writer_made(const struct trace_writer *writer, size_t *bytes);
void trace_writer_empty(struct trace_writer *writer);

/*
 * Writes blocks of records that were made in memory, which must have been made in their order. @until is
 * the number after their last record.
 */
int trace_writer_blocks(struct trace_writer *writer, const void *blocks, size_t bytes,
			uint64_t until);

/*
 * Appends a record, of any type; it is copied. -EINVAL for one with less than a header: it is left
 * out.
 */
int trace_writer_add(struct trace_writer *writer, const struct iopf_rec *rec);

/* Writes what has been added so far. Of use when little happens; each time costs some bytes. */
int trace_writer_flush(struct trace_writer *writer);

/*
 * Tells when the run began (start_ns and start_realtime_ns of @run) before its end does, for who reads
 * a pipe: to be called before the first record is added. Nothing has been missed then.
 */
int trace_writer_start(struct trace_writer *writer, const struct iopf_run *run);

/*
 * Flushes, and writes what has been lost and missed until now, so that a file that is cut after it tells
 * that much. @so_far: only its counters are used (absent, cut, lost, missed, probe_misses, made_good,
 * empty_reads) and end_ns, the time they are of; they must have been read after the last record was
 * taken. And settled_ns: whoever judged what was added so far was then told that it was this time; 0 =
 * nobody was. Nothing when that is 0 and no record was added since the last time.
 */
int trace_writer_counters(struct trace_writer *writer, const struct iopf_run *so_far);

/* Ends the file properly. Nothing can be added afterwards. */
int trace_writer_finish(struct trace_writer *writer, const struct iopf_run *run);

/* Bytes written so far. */
uint64_t trace_writer_bytes(const struct trace_writer *writer);

/* Frees it; what was not finished has no proper end. NULL is allowed. */
void trace_writer_free(struct trace_writer *writer);

#endif /* TRACE_WRITER_H */
