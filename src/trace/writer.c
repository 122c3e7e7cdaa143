// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define TRACE_PRIVATE
#include "writer.h"

#include <errno.h>
#include <sys/random.h>
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
	uint8_t identity[TRACE_IDENTITY_BYTES];
	uint32_t blocks; /* in the file */
	uint64_t written; /* records in them */
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
	head->number = w->blocks++;
	w->written += head->records;
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

int trace_writer_identity(uint8_t identity[TRACE_IDENTITY_BYTES])
{
	size_t done = 0;

	while (done < TRACE_IDENTITY_BYTES) {
		ssize_t got = getrandom(identity + done, TRACE_IDENTITY_BYTES - done, 0);

		if (got < 0 && errno != EINTR)
			return -errno;
		done += got > 0 ? (size_t)got : 0;
	}
	identity[0] |= 1;
	return 0;
}

int trace_writer_open_memory(struct trace_writer **writer,
			     const uint8_t identity[TRACE_IDENTITY_BYTES])
{
	struct trace_writer *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->in_memory = true;
	memcpy(w->identity, identity, sizeof(w->identity));
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

int trace_writer_blocks(struct trace_writer *w, const void *blocks, size_t bytes, uint64_t until)
{
	const uint8_t *made = blocks; /* NULL when there are none */
	struct trace_block_head head;
	int err = w->error;

	for (size_t at = 0; at < bytes && !err;) {
		memcpy(&head, made + at, sizeof(head));
		at += sizeof(head);
		begin(&w->block);
		buffer_put(&w->block, made + at, head.stored);
		at += head.stored;
		err = write_block(w, &w->block, &head);
	}
	w->next_seq = until;
	return err;
}

int trace_writer_open(struct trace_writer **writer, int fd, const struct trace_info *info)
{
	struct trace_file_head file = { .magic = TRACE_MAGIC, .format = TRACE_FORMAT };
	struct trace_block_head head = { .kind = TRACE_KIND_INFO };
	struct trace_writer *w = calloc(1, sizeof(*w));
	struct trace_info own = *info;
	int err;

	if (!w)
		return -ENOMEM;
	w->fd = fd;
	w->encoder = encoder_new();
	err = w->encoder ? 0 : -ENOMEM;
	if (!err && !own.identity[0])
		err = trace_writer_identity(own.identity);
	memcpy(w->identity, own.identity, sizeof(w->identity));
	w->next_seq = w->counted_seq = own.first_seq;
	if (!err)
		err = write_all(w, &file, sizeof(file));
	if (!err) {
		begin(&w->block);
		fields_put_info(&w->block, &own);
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
	memcpy(w->block.data + sizeof(head) + offsetof(struct trace_columns_head, identity),
	       w->identity, sizeof(((struct trace_columns_head *)0)->identity));
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

/* Appends what the file has so far, and writes the block. */
static int write_fields(struct trace_writer *w, enum trace_kind kind)
{
	struct trace_block_head head = { .kind = (uint16_t)kind };
	struct fields_totals totals = {
		.has_until = true,
		.has_written = true,
		.until = w->next_seq,
		.written = w->written,
	};

	memcpy(totals.identity, w->identity, sizeof(totals.identity));
	fields_put_totals(&w->block, &totals);
	return write_block(w, &w->block, &head);
}

int trace_writer_start(struct trace_writer *w, const struct iopf_run *run)
{
	if (w->error)
		return w->error;
	begin(&w->block);
	fields_put_start(&w->block, run);
	return write_fields(w, TRACE_KIND_COUNTERS);
}

int trace_writer_counters(struct trace_writer *w, const struct iopf_run *so_far)
{
	int err = trace_writer_flush(w);

	if (err || (w->counted_seq == w->next_seq && !so_far->settled_ns))
		return err;
	w->counted_seq = w->next_seq;
	begin(&w->block);
	fields_put_counters(&w->block, so_far);
	return write_fields(w, TRACE_KIND_COUNTERS);
}

int trace_writer_finish(struct trace_writer *w, const struct iopf_run *run)
{
	int err = trace_writer_flush(w);

	if (err)
		return err;
	begin(&w->block);
	fields_put_run(&w->block, run);
	return write_fields(w, TRACE_KIND_END);
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
