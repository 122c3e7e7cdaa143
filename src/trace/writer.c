// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define TRACE_PRIVATE
#include "writer.h"

#include <errno.h>
#include <unistd.h>
#include <zlib.h>

#include "block.h"
#include "encode.h"
#include "fields.h"

/*
 * Columns are as small as they get where records are many and alike. Where they are not, a block
 * has more bytes a record than this, and is worth a try with zlib.
 */
#define DEFLATE_ABOVE 24

struct trace_writer {
	int fd;
	int error; /* of the file; stays */
	uint64_t bytes;
	uint64_t next_seq; /* after the last record that was added */
	uint64_t counted_seq; /* the same, when counters were written last */
	struct encoder *encoder;
	struct buffer block; /* head and what follows it */
	struct buffer deflated;
	bool in_memory; /* there is no file */
	struct buffer made; /* blocks, then */
};

static int write_all(struct trace_writer *w, const void *bytes, size_t nr)
{
	const uint8_t *at = bytes;

	if (w->in_memory && !w->error) {
		buffer_put(&w->made, bytes, nr);
		w->bytes += nr;
		return w->error = w->made.failed ? -ENOMEM : 0;
	}
	while (nr && !w->error) {
		ssize_t written = write(w->fd, at, nr);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			w->error = written ? -errno : -EIO;
			break;
		}
		at += written;
		nr -= (size_t)written;
		w->bytes += (uint64_t)written;
	}
	return w->error;
}

/* Begins a block: leaves room for its head. */
static void begin(struct buffer *b)
{
	buffer_reset(b);
	buffer_extend(b, sizeof(struct trace_block_head));
}

/* Writes a block; @b is room for its head, and what follows. */
static int write_block(struct trace_writer *w, struct buffer *b, struct trace_block_head *head)
{
	if (b->failed)
		return -ENOMEM;
	head->stored = (uint32_t)(b->bytes - sizeof(*head));
	if (head->encoding != TRACE_ENCODING_DEFLATED)
		head->inflated = head->stored;
	block_seal(head, b->data + sizeof(*head));
	memcpy(b->data, head, sizeof(*head));
	return write_all(w, b->data, b->bytes);
}

/* Compresses the columns; whether that made the block smaller by an eighth. */
static bool deflated(struct trace_writer *w, struct trace_block_head *head)
{
	const size_t from = sizeof(*head);
	uLong bytes = w->block.bytes - from;
	uLongf room = compressBound(bytes);
	uint8_t *to;

	if (w->block.failed || bytes / DEFLATE_ABOVE < head->records)
		return false;
	begin(&w->deflated);
	to = buffer_extend(&w->deflated, room);
	if (!to || compress2(to, &room, w->block.data + from, bytes, 6) || room > bytes / 8 * 7)
		return false;
	w->deflated.bytes = from + room;
	head->encoding = TRACE_ENCODING_DEFLATED;
	head->inflated = (uint32_t)bytes;
	return true;
}

int trace_writer_open_memory(struct trace_writer **writer)
{
	struct trace_writer *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->in_memory = true;
	w->encoder = encoder_new();
	if (!w->encoder) {
		trace_writer_free(w);
		return -ENOMEM;
	}
	*writer = w;
	return 0;
}

const void *trace_writer_made(const struct trace_writer *w, size_t *bytes)
{
	*bytes = w->made.bytes;
	return w->made.data;
}

void trace_writer_empty(struct trace_writer *w)
{
	buffer_reset(&w->made);
}

int trace_writer_blocks(struct trace_writer *w, const void *blocks, size_t bytes)
{
	return write_all(w, blocks, bytes);
}

int trace_writer_open(struct trace_writer **writer, int fd, const struct trace_info *info)
{
	struct trace_file_head file = { .magic = TRACE_MAGIC, .format = TRACE_FORMAT };
	struct trace_block_head head = { .kind = TRACE_KIND_INFO };
	struct trace_writer *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	w->fd = fd;
	w->encoder = encoder_new();
	err = w->encoder ? write_all(w, &file, sizeof(file)) : -ENOMEM;
	if (!err) {
		begin(&w->block);
		fields_put_info(&w->block, info);
		err = write_block(w, &w->block, &head);
	}
	if (err) {
		trace_writer_free(w);
		return err;
	}
	*writer = w;
	return 0;
}

int trace_writer_flush(struct trace_writer *w)
{
	struct trace_block_head head = {
		.kind = TRACE_KIND_RECORDS,
		.encoding = TRACE_ENCODING_COLUMNS,
		.records = (uint32_t)encoder_records(w->encoder),
		.image = (uint32_t)encoder_image(w->encoder),
	};

	if (w->error || !head.records)
		return w->error;
	begin(&w->block);
	if (encoder_finish(w->encoder, &w->block))
		return w->error = -ENOMEM;
	return write_block(w, deflated(w, &head) ? &w->deflated : &w->block, &head);
}

/* Adds it to the block that is being made, which is written when it is full. */
static int add(struct trace_writer *w, const struct iopf_rec *rec)
{
	int err;

	if (w->error)
		return w->error;
	if (rec->size < sizeof(*rec))
		return -EINVAL;
	err = encoder_add(w->encoder, rec);
	if (err != -ENOSPC)
		return err;
	err = trace_writer_flush(w);
	return err ? err : encoder_add(w->encoder, rec);
}

int trace_writer_add(struct trace_writer *w, const struct iopf_rec *rec)
{
	int err = add(w, rec);

	if (!err)
		w->next_seq = rec->seq + 1;
	return err;
}

/* Appends a number of 8 bytes to the fields of a block. */
static void put_u64(struct buffer *out, uint16_t tag, uint64_t value)
{
	struct trace_field_head head = { .tag = tag, .length = sizeof(value) };

	buffer_put(out, &head, sizeof(head));
	buffer_put(out, &value, sizeof(value));
}

int trace_writer_start(struct trace_writer *w, const struct iopf_run *run)
{
	struct trace_block_head head = { .kind = TRACE_KIND_COUNTERS };

	if (w->error)
		return w->error;
	begin(&w->block);
	fields_put_start(&w->block, run, w->next_seq);
	return write_block(w, &w->block, &head);
}

int trace_writer_counters(struct trace_writer *w, const struct iopf_run *so_far)
{
	struct trace_block_head head = { .kind = TRACE_KIND_COUNTERS };
	int err = trace_writer_flush(w);

	if (err || (w->counted_seq == w->next_seq && !so_far->settled_ns))
		return err;
	w->counted_seq = w->next_seq;
	begin(&w->block);
	fields_put_counters(&w->block, so_far, w->next_seq);
	if (so_far->settled_ns)
		put_u64(&w->block, TRACE_END_SETTLED, so_far->settled_ns);
	return write_block(w, &w->block, &head);
}

int trace_writer_finish(struct trace_writer *w, const struct iopf_run *run)
{
	struct trace_block_head head = { .kind = TRACE_KIND_END };
	int err = trace_writer_flush(w);

	if (err)
		return err;
	begin(&w->block);
	fields_put_run(&w->block, run);
	return write_block(w, &w->block, &head);
}

uint64_t trace_writer_bytes(const struct trace_writer *w)
{
	return w->bytes;
}

void trace_writer_free(struct trace_writer *w)
{
	if (!w)
		return;
	encoder_free(w->encoder);
	buffer_free(&w->block);
	buffer_free(&w->deflated);
	buffer_free(&w->made);
	free(w);
}
