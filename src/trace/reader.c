// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define TRACE_PRIVATE
#include "reader.h"

#include <errno.h>
#include <unistd.h>
#include <zlib.h>

#include "block.h"
#include "decode.h"
#include "fields.h"
#include "pack.h"

struct trace_reader {
	int fd;
	uint64_t at; /* bytes read of whole blocks */
	struct trace_block_head head; /* of the block that was read */
	struct buffer stored, inflated, image;
	struct decoder *decoder;
	struct fields_info info;
	struct iopf_run run;
	struct iopf_run so_far; /* counters */
	uint64_t start_ns, start_realtime_ns; /* of the run; 0 = it has not been told yet */
	enum trace_ending ending;
	bool ended;
	uint64_t records, bytes, last_ns;
	uint64_t next_seq; /* after the last record */
};

/* Reads so many bytes, less only at the end of the file. How many, or -errno. */
static ssize_t read_all(int fd, void *to, size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		ssize_t got = read(fd, (char *)to + done, bytes - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

/* Room for so many bytes, and what unpacking may read beyond them; NULL = out of memory. */
static void *room_for(struct buffer *b, size_t bytes)
{
	void *at;

	buffer_reset(b);
	at = buffer_extend(b, bytes + PACK_SLACK);
	if (at)
		memset((char *)at + bytes, 0, PACK_SLACK);
	return at;
}

/* Notes how the file ends; gives the 0 of trace_reader_next(). */
static int end(struct trace_reader *r, enum trace_ending ending)
{
	r->ended = true;
	r->ending = ending;
	return 0;
}

/* Reads one block, of any kind: 1, 0 when the file ends here one way or another, or -errno. */
static int read_block(struct trace_reader *r)
{
	ssize_t got = read_all(r->fd, &r->head, sizeof(r->head));
	void *stored;

	if (got < 0)
		return (int)got;
	if ((size_t)got < sizeof(r->head))
		return end(r, TRACE_ENDS_EARLY);
	if (!block_plausible(&r->head))
		return end(r, TRACE_ENDS_DAMAGED);
	stored = room_for(&r->stored, r->head.stored);
	if (!stored)
		return -ENOMEM;
	got = read_all(r->fd, stored, r->head.stored);
	if (got < 0)
		return (int)got;
	if ((size_t)got < r->head.stored)
		return end(r, TRACE_ENDS_EARLY);
	if (!block_intact(&r->head, stored))
		return end(r, TRACE_ENDS_DAMAGED);
	r->at += sizeof(r->head) + r->head.stored;
	return 1;
}

static int not_a_trace(const char **why, const char *text)
{
	*why = text;
	return -EBADMSG;
}

bool trace_reader_is_trace(const void *head, size_t nr)
{
	const struct trace_file_head *file = head;

	return nr >= sizeof(file->magic) && !memcmp(file->magic, TRACE_MAGIC, sizeof(file->magic));
}

/* The head of the file, of which @nr bytes have been read before. */
static int read_file_head(struct trace_reader *r, const void *bytes, size_t nr, const char **why)
{
	struct trace_file_head head;
	ssize_t got;

	if (nr > sizeof(head))
		return -EINVAL;
	memcpy(&head, bytes, nr);
	got = read_all(r->fd, (char *)&head + nr, sizeof(head) - nr);
	if (got < 0)
		return (int)got;
	if (!nr && !got)
		return not_a_trace(why, "is empty");
	if (nr + (size_t)got < sizeof(head) || !trace_reader_is_trace(&head, sizeof(head)))
		return not_a_trace(why, "is no trace of iopftrace");
	if (head.format != TRACE_FORMAT)
		return not_a_trace(why, "is a trace of another version of iopftrace, in a format "
					"that this one does not know");
	r->at = sizeof(head);
	return 0;
}

/* The block about the recording, which comes first. */
static int read_info(struct trace_reader *r, const char **why)
{
	int got = read_block(r), err;

	if (got < 0)
		return got;
	if (!got)
		return not_a_trace(why, r->ending == TRACE_ENDS_EARLY ?
						"is a trace that ends before its first record" :
						"is a trace that is damaged at its beginning");
	if (r->head.kind != TRACE_KIND_INFO || r->head.encoding != TRACE_ENCODING_PLAIN)
		return not_a_trace(why, "is a trace that does not begin as one");
	err = fields_get_info(&r->info, r->stored.data, r->head.stored);
	if (err == -EBADMSG)
		return not_a_trace(why, "is a trace that is damaged at its beginning");
	return err;
}

int trace_reader_open(struct trace_reader **reader, int fd, const char **why)
{
	return trace_reader_open_after(reader, fd, "", 0, why);
}

int trace_reader_open_after(struct trace_reader **reader, int fd, const void *head, size_t nr,
			    const char **why)
{
	struct trace_reader *r = calloc(1, sizeof(*r));
	int err = -ENOMEM;

	if (!r)
		return err;
	r->fd = fd;
	r->ending = TRACE_ENDS_EARLY; /* until it is known better */
	r->decoder = decoder_new();
	if (r->decoder)
		err = read_file_head(r, head, nr, why);
	if (!err)
		err = read_info(r, why);
	if (err) {
		trace_reader_free(r);
		return err;
	}
	*reader = r;
	return 0;
}

const struct trace_info *trace_reader_info(const struct trace_reader *r)
{
	return &r->info.info;
}

/* The columns of the block that was read: 1 with them, else what trace_reader_next() gives. */
static int take_columns(struct trace_reader *r, const void **columns)
{
	uLongf bytes = r->head.inflated;
	Bytef *to;
	int err;

	*columns = r->stored.data;
	if (r->head.encoding == TRACE_ENCODING_COLUMNS)
		return r->head.inflated == r->head.stored ? 1 : end(r, TRACE_ENDS_DAMAGED);
	if (r->head.encoding != TRACE_ENCODING_DEFLATED)
		return end(r, TRACE_ENDS_NEWER);
	to = room_for(&r->inflated, r->head.inflated);
	if (!to)
		return -ENOMEM;
	err = uncompress(to, &bytes, r->stored.data, r->head.stored);
	if (err == Z_MEM_ERROR)
		return -ENOMEM;
	*columns = to;
	return err == Z_OK && bytes == r->head.inflated ? 1 : end(r, TRACE_ENDS_DAMAGED);
}

/* The records of the block that was read. */
static int take_records(struct trace_reader *r, struct trace_batch *batch)
{
	const struct iopf_rec *last;
	const void *columns;
	uint8_t *image;
	int got = take_columns(r, &columns), err;

	if (got != 1)
		return got;
	image = room_for(&r->image, r->head.image);
	if (!image)
		return -ENOMEM;
	err = decoder_run(r->decoder, columns, r->head.inflated, r->head.records, image,
			  r->head.image);
	if (err)
		return err == -EBADMSG ? end(r, TRACE_ENDS_DAMAGED) : err;
	*batch = (struct trace_batch){ (const struct iopf_rec *)image, r->head.records, NULL };
	last = (const struct iopf_rec *)(image + decoder_last(r->decoder));
	r->last_ns = last->time_ns;
	r->next_seq = last->seq + 1;
	r->records += r->head.records;
	r->bytes += r->head.image;
	return 1;
}

/*
 * Counters: 1 with them, 2 when they say nothing of the records before, because they are in a way that
 * is not known or do not hold for all of them, else what trace_reader_next() gives.
 */
static int take_counters(struct trace_reader *r, struct trace_batch *batch)
{
	struct iopf_run so_far = { 0 };
	uint64_t until = 0;

	if (r->head.encoding != TRACE_ENCODING_PLAIN)
		return 2;
	if (fields_get_run(&so_far, &until, r->stored.data, r->head.stored))
		return end(r, TRACE_ENDS_DAMAGED);
	if (until < r->next_seq)
		return 2;
	r->so_far = so_far;
	if (so_far.start_ns) {
		r->start_ns = so_far.start_ns;
		r->start_realtime_ns = so_far.start_realtime_ns;
	}
	*batch = (struct trace_batch){ .so_far = &r->so_far };
	return 1;
}

/* The end: after it nothing is read. */
static int take_end(struct trace_reader *r)
{
	uint64_t until = 0;

	if (r->head.encoding != TRACE_ENCODING_PLAIN)
		return end(r, TRACE_ENDS_NEWER);
	if (fields_get_run(&r->run, &until, r->stored.data, r->head.stored))
		return end(r, TRACE_ENDS_DAMAGED);
	return end(r, TRACE_ENDS_WELL);
}

int trace_reader_next(struct trace_reader *r, struct trace_batch *batch)
{
	while (!r->ended) {
		int got = read_block(r);

		if (got <= 0)
			return got;
		if (r->head.kind == TRACE_KIND_END)
			return take_end(r);
		if (r->head.kind == TRACE_KIND_RECORDS)
			return take_records(r, batch);
		if (r->head.kind != TRACE_KIND_COUNTERS)
			continue; /* of a later version */
		got = take_counters(r, batch);
		if (got != 2)
			return got;
	}
	return 0;
}

/* What an end means for the run. */
static enum iopf_input input_of(enum trace_ending ending)
{
	static const enum iopf_input inputs[] = {
		[TRACE_ENDS_WELL] = IOPF_INPUT_WHOLE,
		[TRACE_ENDS_EARLY] = IOPF_INPUT_EARLY,
		[TRACE_ENDS_DAMAGED] = IOPF_INPUT_DAMAGED,
		[TRACE_ENDS_NEWER] = IOPF_INPUT_NEWER,
	};

	return inputs[ending];
}

/* What is known of a recording that has no end: the counters are the last that it has. */
static struct iopf_run cut_run(const struct trace_reader *r)
{
	const struct trace_info *info = &r->info.info;
	struct iopf_run run = r->so_far;

	run.start_ns = r->start_ns ? r->start_ns : info->start_ns;
	run.start_realtime_ns = r->start_ns ? r->start_realtime_ns : info->start_realtime_ns;
	run.end_ns = r->last_ns > run.start_ns ? r->last_ns : run.start_ns;
	run.settled_ns = 0;
	run.has_child = false;
	run.cut = true;
	run.input = input_of(r->ending);
	run.misses_unknown = true;
	run.absent |= info->absent;
	run.records = r->records;
	run.bytes = r->bytes;
	return run;
}

uint64_t trace_reader_at(const struct trace_reader *r)
{
	return r->at;
}

enum trace_ending trace_reader_end(const struct trace_reader *r, struct iopf_run *run, uint64_t *at)
{
	*run = r->ending == TRACE_ENDS_WELL ? r->run : cut_run(r);
	run->version = r->info.info.version;
	run->kernel = r->info.info.kernel;
	*at = r->at;
	return r->ending;
}

void trace_reader_free(struct trace_reader *r)
{
	if (!r)
		return;
	buffer_free(&r->stored);
	buffer_free(&r->inflated);
	buffer_free(&r->image);
	decoder_free(r->decoder);
	fields_free_info(&r->info);
	free(r);
}
