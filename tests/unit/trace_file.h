/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What the tests of the trace file have in common: files in memory, and records of every kind. */
#ifndef IOPFTRACE_TESTS_TRACE_FILE_H
#define IOPFTRACE_TESTS_TRACE_FILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "trace/reader.h"
#include "trace/writer.h"
#include "record_kinds.h"

/* Bytes, and where each of them is a record: its offset. */
struct records {
	char *bytes;
	size_t nr_bytes, max_bytes;
	size_t *at;
	size_t nr, max;
};

static inline struct iopf_rec *records_at(const struct records *rs, size_t i)
{
	return (struct iopf_rec *)(rs->bytes + rs->at[i]);
}

static inline void records_add(struct records *rs, const struct iopf_rec *rec)
{
	size_t room = (rec->size + 7U) & ~(size_t)7;

	if (rs->nr == rs->max) {
		rs->max = 2 * rs->max + 16;
		rs->at = realloc(rs->at, rs->max * sizeof(*rs->at));
		assert_non_null(rs->at);
	}
	if (rs->nr_bytes + room > rs->max_bytes) {
		rs->max_bytes = 2 * (rs->max_bytes + room);
		rs->bytes = realloc(rs->bytes, rs->max_bytes);
		assert_non_null(rs->bytes);
	}
	memcpy(rs->bytes + rs->nr_bytes, rec, rec->size);
	rs->at[rs->nr++] = rs->nr_bytes;
	rs->nr_bytes += room;
}

static inline void records_free(struct records *rs)
{
	free(rs->bytes);
	free(rs->at);
	*rs = (struct records){ 0 };
}

static uint64_t file_random_state = 0x2545f4914f6cdd1dULL;

static inline uint64_t file_random(void)
{
	file_random_state ^= file_random_state << 13;
	file_random_state ^= file_random_state >> 7;
	file_random_state ^= file_random_state << 17;
	return file_random_state;
}

static inline uint64_t file_below(uint64_t n)
{
	return file_random() % n;
}

/* The records that there are, with their sizes; then some that there are not. */
static const struct {
	uint16_t type, size;
} file_kinds[] = {
	RECORD_KINDS,
	{ IOPF_REC_TYPES, sizeof(struct iopf_rec) },
	{ IOPF_REC_TYPES + 1, 200 },
	{ 0xffff, 61 },
};

#define FILE_KINDS (sizeof(file_kinds) / sizeof(*file_kinds))

_Static_assert(FILE_KINDS >= IOPF_REC_TYPES + 3, "a type of record is missing");

/* A record of some kind; @variety says how different the bytes of two of them are. */
static inline void file_record(struct iopf_rec *rec, uint64_t seq, unsigned int variety)
{
	size_t kind = file_below(FILE_KINDS);
	uint8_t *bytes = (uint8_t *)rec;

	/* Some have grown, by any number of bytes. */
	rec->type = file_kinds[kind].type;
	rec->size = file_kinds[kind].size;
	if (!file_below(16))
		rec->size += (uint16_t)(file_below(2) ? 8 : file_below(40));
	for (size_t i = sizeof(*rec); i < rec->size; i++)
		bytes[i] = (uint8_t)(file_below(8) ? 0 : file_random() & variety);
	rec->seq = seq;
	rec->time_ns = file_below(50) ? 1000000 + 1000 * seq + file_below(900) : file_random();
	rec->context = (uint32_t)file_below(2);
	rec->tgid = (uint32_t)file_below(3) + 1000;
	rec->tid = rec->tgid + (uint32_t)file_below(variety + 1U);
}

/* Many of them, with some numbers missing. */
static inline void file_records(struct records *rs, size_t nr, unsigned int variety)
{
	uint64_t seq = file_below(1000);
	struct iopf_rec *rec = malloc(UINT16_MAX + 1);

	assert_non_null(rec);
	for (size_t i = 0; i < nr; i++) {
		file_record(rec, seq, variety);
		records_add(rs, rec);
		seq += file_below(100) ? 1 : 1 + file_below(50);
	}
	free(rec);
}

/* An empty file in memory. */
static inline int file_new(void)
{
	int fd = memfd_create("trace", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static inline const struct trace_info *file_info(void)
{
	static const uint32_t roots[] = { 1000, 1001 };
	static const struct trace_info info = {
		.version = "1.2.3",
		.kernel = "6.12.0-test",
		.machine = "x86_64",
		.command_line = "iopftrace record -p 1000,1001",
		.roots = roots,
		.nr_roots = 2,
		.descendants = true,
		.absent = 1 << IOPF_PROBE_SVA,
		.start_ns = 1000,
		.start_realtime_ns = 1700000000000000000ULL,
	};

	return &info;
}

/* Writes records to a file, a block for each @per_block (0 = as it comes), and ends it. */
static inline void file_write(int fd, const struct records *rs, size_t per_block,
			      const struct iopf_run *run)
{
	struct trace_writer *w;

	assert_int_equal(trace_writer_open(&w, fd, file_info()), 0);
	for (size_t i = 0; i < rs->nr; i++) {
		assert_int_equal(trace_writer_add(w, records_at(rs, i)), 0);
		if (per_block && (i + 1) % per_block == 0)
			assert_int_equal(trace_writer_flush(w), 0);
	}
	assert_int_equal(trace_writer_finish(w, run), 0);
	assert_true(trace_writer_bytes(w) == (uint64_t)lseek(fd, 0, SEEK_CUR));
	trace_writer_free(w);
}

/* Takes the bytes of a file; to be freed. */
static inline uint8_t *file_bytes(int fd, size_t *nr)
{
	uint8_t *bytes;

	*nr = (size_t)lseek(fd, 0, SEEK_END);
	bytes = malloc(*nr);
	assert_non_null(bytes);
	assert_int_equal(pread(fd, bytes, *nr, 0), *nr);
	return bytes;
}

/* Makes a file of bytes, to be read from its beginning. */
static inline void file_set(int fd, const uint8_t *bytes, size_t nr)
{
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, bytes, nr, 0), nr);
	lseek(fd, 0, SEEK_SET);
}

#endif /* IOPFTRACE_TESTS_TRACE_FILE_H */
