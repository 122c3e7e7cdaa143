/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The numbers of the trace file; docs/trace-format.md describes them in full. Everything in a file
 * is little-endian and of fixed width. Numbers are append-only: a reader skips kinds of blocks,
 * types of records and tags of fields that it does not know.
 */
#ifndef TRACE_FORMAT_H
#define TRACE_FORMAT_H

#ifndef TRACE_PRIVATE
#error "private to src/trace: use reader.h and writer.h"
#endif

#include <stdint.h>

/* Numbers are copied between files and memory as they are. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "big-endian machines need conversions");

/*
 * The first bytes of a file: no text has them, and a transfer that takes it for text breaks them.
 * The number of the format follows, and grows only when older readers must not try.
 */
#define TRACE_MAGIC "\x89IOPF\r\n\x1a"
#define TRACE_MAGIC_BYTES 8
#define TRACE_FORMAT 1

struct trace_file_head {
	uint8_t magic[TRACE_MAGIC_BYTES];
	uint16_t format;
	uint16_t reserved[3];
};

#define TRACE_BLOCK_MAGIC 0x42504f49U /* "IOPB" */

/* What no block exceeds, stored, inflated or as records: bounds the memory of readers. */
#define TRACE_BLOCK_MAX (4U << 20)

enum trace_kind {
	TRACE_KIND_INFO = 1, /* about the recording: fields; the first block */
	TRACE_KIND_RECORDS = 2,
	TRACE_KIND_END = 3, /* how it ended: fields; the last block */
	TRACE_KIND_COUNTERS = 4, /* what was lost and missed up to here: fields, those of END */
};

enum trace_encoding {
	TRACE_ENCODING_PLAIN = 0, /* fields */
	TRACE_ENCODING_COLUMNS = 1, /* records by columns */
	TRACE_ENCODING_DEFLATED = 2, /* the same, compressed by zlib */
};

/* Before every block. */
struct trace_block_head {
	uint32_t magic;
	uint16_t kind; /* enum trace_kind */
	uint16_t encoding; /* enum trace_encoding */
	uint32_t stored; /* bytes that follow this head */
	uint32_t inflated; /* bytes that they are when decompressed */
	uint32_t records;
	uint32_t image; /* bytes of these records in memory, each padded to 8 */
	uint32_t number; /* of the block in its file, from 0; 0 in files without an identity */
	uint32_t crc; /* CRC-32 of the 28 bytes before it, then of those that follow */
};

_Static_assert(sizeof(struct trace_file_head) == 16, "trace_file_head");
_Static_assert(sizeof(struct trace_block_head) == 32, "trace_block_head");

/* The fields of INFO, COUNTERS and END blocks: tag, length, then so many bytes. */
struct trace_field_head {
	uint16_t tag;
	uint16_t reserved;
	uint32_t length;
};

enum trace_info_tag {
	TRACE_INFO_VERSION = 1, /* text */
	TRACE_INFO_KERNEL = 2, /* text */
	TRACE_INFO_MACHINE = 3, /* text */
	TRACE_INFO_COMMAND_LINE = 4, /* text */
	TRACE_INFO_ROOTS = 5, /* u32 each */
	TRACE_INFO_DESCENDANTS = 6, /* u32: 0 or 1 */
	TRACE_INFO_ABSENT = 7, /* u32 */
	TRACE_INFO_CLOCK = 8, /* u32: enum trace_clock */
	TRACE_INFO_START = 9, /* u64 */
	TRACE_INFO_START_REALTIME = 10, /* u64 */
	TRACE_INFO_FIRST_SEQ = 11, /* u64 */
	TRACE_INFO_IDENTITY = 12, /* TRACE_IDENTITY_BYTES */
};

enum trace_clock {
	TRACE_CLOCK_MONOTONIC = 1,
};

enum trace_end_tag {
	TRACE_END_START = 1, /* u64 */
	TRACE_END_END = 2, /* u64 */
	TRACE_END_START_REALTIME = 3, /* u64 */
	TRACE_END_CHILD = 4, /* u32: its status; not there = no child that ended */
	TRACE_END_CUT = 5, /* u32: 0 or 1 */
	TRACE_END_ABSENT = 6, /* u32 */
	TRACE_END_LOST = 7, /* u64 each, by enum iopf_lost */
	TRACE_END_MISSED = 8, /* u64 each, by enum iopf_probe */
	TRACE_END_PROBE_MISSES = 9, /* u64, and so all that follow */
	TRACE_END_MADE_GOOD = 10,
	TRACE_END_EMPTY_READS = 11,
	TRACE_END_PROBE_RUNS = 12,
	TRACE_END_PROBE_NS = 13,
	TRACE_END_WAKEUPS = 14,
	TRACE_END_RECORDS = 15,
	TRACE_END_BYTES = 16,
	TRACE_END_RING_BYTES = 17,
	TRACE_END_UNTIL =
		18, /* all records that it is about have lower numbers, and are before it */
	TRACE_END_SETTLED =
		19, /* not there, or 0 = it is not a piece that another one continues; COUNTERS: the time was not told */
	TRACE_END_IDENTITY = 20, /* TRACE_IDENTITY_BYTES */
	TRACE_END_WRITTEN = 21, /* u64: records in the file before it */
	TRACE_END_UNFOLLOWED = 22, /* u64 */
	TRACE_END_WHY_CUT = 23, /* u32: enum iopf_why_cut */
	TRACE_END_MADE_GOOD_BY = 24, /* u64 each, by enum iopf_probe; not there when all are 0 */
	TRACE_END_EMPTY_NS = 26, /* u64 */
	TRACE_END_UNFOLLOWED_BY =
		25, /* u64 each, by enum iopf_unfollowed; not there when all are 0 */
};

/*
 * A block of records by columns begins with this; then a struct trace_class for each class, the
 * packed numbers of the records' classes (when there are several), sequence numbers and times, and
 * the classes: the shapes of the columns, the constant ones, the heads of the others, and the frames
 * of these: for each TRACE_FRAME records the frame of the links, if there are any, and one of each
 * column.
 */
struct trace_columns_head {
	uint64_t seq; /* of the first record */
	uint64_t time_ns;
	uint16_t classes;
	uint8_t time_sign; /* enum trace_sign */
	uint8_t identity[5]; /* the first bytes of the recording's; 0 = it has none */
};

#define TRACE_CLASSES_MAX 256
#define TRACE_NO_LINK 0xffff

/* Records of one type and size. */
struct trace_class {
	uint16_t type;
	uint16_t size;
	uint32_t records;
	uint16_t columns;
	uint16_t link; /* the class, before this one, that its records refer to; TRACE_NO_LINK */
};

_Static_assert(sizeof(struct trace_columns_head) == 24, "trace_columns_head");
_Static_assert(sizeof(struct trace_class) == 12, "trace_class");

/* What columns do not hold: sequence number, time, type and size. */
#define TRACE_COLUMNS_FROM 20

/* How the values of a column are told: the difference from what is expected. */
enum trace_method {
	TRACE_METHOD_CONSTANT = 0, /* one value for all */
	TRACE_METHOD_PREVIOUS = 1, /* from the record of this class before; first from 0 */
	TRACE_METHOD_FIELD = 2, /* from a field of the same record */
	TRACE_METHOD_LINKED = 3, /* from a field of the linked record */
	TRACE_METHOD_TABLE = 4, /* no difference: places in a table of values */
	TRACE_METHODS
};

/* How a difference is made a number without sign. */
enum trace_sign {
	TRACE_SIGN_BOTH = 0, /* zigzag: 0, -1, 1, -2 become 0, 1, 2, 3 */
	TRACE_SIGN_PLUS = 1, /* as it is */
	TRACE_SIGN_MINUS = 2, /* negated */
	TRACE_SIGNS
};

/* The byte that describes a column: its width as a power of two, method and sign. */
#define TRACE_SHAPE(log2_width, method, sign) ((log2_width) | (method) << 2 | (sign) << 5)
#define TRACE_SHAPE_WIDTH(shape) (1U << ((shape)&3))
#define TRACE_SHAPE_METHOD(shape) ((shape) >> 2 & 7)
#define TRACE_SHAPE_SIGN(shape) ((shape) >> 5 & 3)

/* Values in the table of one column, and in those of all columns of a class. */
#define TRACE_TABLE_MAX 1024
#define TRACE_TABLES_MAX 16384

/*
 * Packed numbers come in frames of this many, the last one shorter: a byte with the width of each
 * in bits (0 to 56, or 64), the lowest bits of each, and, with TRACE_FRAME_PATCHED set, the numbers
 * that are wider: how many, bytes of what they have beyond, their places, these bytes.
 */
#define TRACE_FRAME 128
#define TRACE_FRAME_PATCHED 0x80
#define TRACE_FRAME_WIDTH_MAX 56

#endif /* TRACE_FORMAT_H */
