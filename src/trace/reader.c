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

/* What a file may have: so many records for each byte, and these beside them. */
#define RECORDS_PER_BYTE 4U
#define RECORDS_FREE (1U << 17)

struct trace_reader {
	int fd;
	uint64_t at; /* bytes read of whole blocks */
	struct trace_block_head head; /* of the block that was read */
	struct buffer stored, inflated, image;
	struct decoder *decoder;
	struct fields_info info;
	struct iopf_run run;
	struct iopf_run so_far; /* counters */
	bool counted; /* there have been some */
	uint64_t start_ns, start_realtime_ns; /* of the run; 0 = it has not been told yet */
	enum trace_ending ending;
	bool ended;
	uint64_t records, bytes, last_ns;
	uint64_t next_seq; /* after the last record */
	uint64_t until; /* the number that follows all that were written so far, as the file tells */
	uint64_t missing; /* records that were written before, and are not there */
	uint64_t known; /* records that tell again what was known; of files without an identity */
	uint32_t next_number; /* of the next block */
	uint32_t blocks_missing;
	bool skipped; /* of them, some since the last records */
	bool doubtful; /* records may be of another recording: not those that it should have are there */
};

/* Whether the file says which recording it is, so that each block is known to be of it, and its place. */
static bool is_identified(const struct trace_reader *r)
{
	return r->info.info.identity[0];
}

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

/* The columns of the block that was read, if they are there and as long as it says: 1, else as read_block(). */
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

/* Whether the block that was read has the identity of the file, as far as its kind tells it. */
static bool is_own(struct trace_reader *r)
{
	const struct trace_columns_head *head;
	struct fields_totals totals = { 0 };
	struct fields_info info = { 0 };
	struct iopf_run run = { 0 };
	const uint8_t *own = r->info.info.identity;
	const void *columns;
	bool same = false;

	switch (r->head.kind) {
	case TRACE_KIND_RECORDS:
		head = take_columns(r, &columns) == 1 ? columns : NULL;
		return head && r->head.inflated >= sizeof(*head) &&
		       !memcmp(head->identity, own, sizeof(head->identity));
	case TRACE_KIND_INFO:
		if (!fields_get_info(&info, r->stored.data, r->head.stored))
			same = !memcmp(info.info.identity, own, TRACE_IDENTITY_BYTES);
		fields_free_info(&info);
		return same;
	default:
		return !fields_get_run(&run, &totals, r->stored.data, r->head.stored) &&
		       !memcmp(totals.identity, own, TRACE_IDENTITY_BYTES);
	}
}

/* The block that was read is not the next one of this recording: its identity tells whose it is. */
static int end_by_identity(struct trace_reader *r)
{
	if (!is_identified(r) || r->head.kind > TRACE_KIND_COUNTERS)
		return end(r, TRACE_ENDS_MIXED);
	return end(r, is_own(r) ? TRACE_ENDS_MISPLACED : TRACE_ENDS_FOREIGN);
}

/* Reads one block, of any kind: 1, 0 when the file ends here one way or another, or -errno. */
static int read_block(struct trace_reader *r)
{
	ssize_t got = read_all(r->fd, &r->head, sizeof(r->head));
	void *stored;

	if (got < 0)
		return (int)got;
	if ((size_t)got < sizeof(r->head))
		return end(r, got ? TRACE_ENDS_HALF : TRACE_ENDS_EARLY);
	if (!block_plausible(&r->head))
		return end(r, TRACE_ENDS_DAMAGED);
	stored = room_for(&r->stored, r->head.stored);
	if (!stored)
		return -ENOMEM;
	got = read_all(r->fd, stored, r->head.stored);
	if (got < 0)
		return (int)got;
	if ((size_t)got < r->head.stored)
		return end(r, TRACE_ENDS_HALF);
	if (!block_intact(&r->head, stored))
		return end(r, TRACE_ENDS_DAMAGED);
	/* Before an identity is known, this is the first block. */
	if (is_identified(r) && r->head.number < r->next_number)
		return end_by_identity(r);
	if (is_identified(r)) {
		r->skipped |= r->head.number > r->next_number;
		r->blocks_missing += r->head.number - r->next_number;
	}
	r->next_number = r->head.number + 1;
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
		return not_a_trace(why,
				   r->ending == TRACE_ENDS_EARLY || r->ending == TRACE_ENDS_HALF ?
					   "is a trace that ends before its first record" :
					   "is a trace that is damaged at its beginning");
	if (r->head.kind != TRACE_KIND_INFO || r->head.encoding != TRACE_ENCODING_PLAIN)
		return not_a_trace(why, "is a trace that does not begin as one");
	err = fields_get_info(&r->info, r->stored.data, r->head.stored);
	if (err == -EBADMSG || (!err && r->head.number))
		return not_a_trace(why, "is a trace that is damaged at its beginning");
	r->next_seq = r->until = r->info.info.first_seq;
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

/*
 * A file without an identity that continues another one does not tell how many records it begins with
 * that tell again what was known then: they have that time, and numbers without a gap.
 */
static void count_known(struct trace_reader *r, const struct iopf_rec *rec, size_t nr)
{
	const struct trace_info *info = &r->info.info;

	if (is_identified(r) || !info->first_seq || r->known < r->records)
		return;
	for (; nr && rec->seq == info->first_seq + r->known && rec->time_ns == info->start_ns &&
	       !rec->context;
	     nr--, rec = iopf_rec_next(rec))
		r->known++;
}

/* Takes the numbers of the records that were decoded; false when they are not of here. */
static bool take_numbers(struct trace_reader *r, const uint8_t *image)
{
	const struct iopf_rec *first, *last;

	first = (const struct iopf_rec *)(image + decoder_first(r->decoder));
	last = (const struct iopf_rec *)(image + decoder_last(r->decoder));
	if (first->seq < r->next_seq || memcmp(decoder_identity(r->decoder), r->info.info.identity,
					       sizeof(((struct trace_columns_head *)0)->identity)))
		return false;
	/* Until the file tells better: what is not there was in the blocks that are not. */
	if (r->skipped)
		r->missing += first->seq - r->next_seq;
	r->skipped = false;
	count_known(r, first, r->head.records);
	r->last_ns = last->time_ns;
	r->next_seq = last->seq + 1;
	if (r->until < r->next_seq)
		r->until = r->next_seq;
	return true;
}

/*
 * Whether there are more records than so many bytes can have: a recording takes six a record, and none less than
 * one for the time alone. A few bytes that stand for millions of records are made to keep a reader busy.
 */
static bool is_bloated(const struct trace_reader *r)
{
	return r->records + r->head.records > RECORDS_FREE + r->at * RECORDS_PER_BYTE;
}

/* The records of the block that was read. */
static int take_records(struct trace_reader *r, struct trace_batch *batch)
{
	const void *columns;
	uint8_t *image;
	int got = is_bloated(r) ? end(r, TRACE_ENDS_DAMAGED) : take_columns(r, &columns), err;

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
	if (!take_numbers(r, image))
		return end_by_identity(r);
	r->records += r->head.records;
	r->bytes += r->head.image;
	return 1;
}

/* Whether counters go on from those before, as those of one recording do. */
static bool goes_on(const struct trace_reader *r, const struct iopf_run *run)
{
	for (int i = 0; i < IOPF_LOST_REASONS && r->counted; i++)
		if (run->lost[i] < r->so_far.lost[i])
			return false;
	if (r->counted && (run->probe_misses < r->so_far.probe_misses ||
			   run->empty_reads < r->so_far.empty_reads))
		return false;
	return !r->start_ns || !run->start_ns || r->start_ns == run->start_ns;
}

/*
 * What a file without an identity tells of its totals: numbers that are missing though they were not
 * lost; and records, at the end.
 */
static void check_by_losses(struct trace_reader *r, const struct iopf_run *run,
			    const struct fields_totals *totals)
{
	uint64_t there = r->known + totals->records;
	uint64_t holes = r->until - r->info.info.first_seq - r->records;
	uint64_t lost = run->lost[IOPF_LOST_RING_FULL];

	if (holes > lost && r->missing < holes - lost)
		r->missing = holes - lost;
	if (totals->has_records && there > r->records && r->missing < there - r->records)
		r->missing = there - r->records;
	r->doubtful |= r->missing || (totals->has_records && there < r->records);
}

/*
 * Checks what has been read against what COUNTERS or END say of it, and notes what is missing. False
 * when they are not those of these records.
 */
static bool check_totals(struct trace_reader *r, const struct iopf_run *run,
			 const struct fields_totals *totals)
{
	if (memcmp(totals->identity, r->info.info.identity, sizeof(totals->identity)) ||
	    (totals->has_until && totals->until < r->next_seq))
		return false;
	if (totals->has_until)
		r->until = totals->until;
	if (!is_identified(r)) {
		check_by_losses(r, run, totals);
		return goes_on(r, run);
	}
	if (!totals->has_until || totals->written < r->records)
		return false;
	r->missing = totals->written - r->records;
	r->skipped = false;
	return true;
}

/* Whether what was written before is not there, or not as it was. */
static bool is_changed(const struct trace_reader *r)
{
	return r->missing || r->blocks_missing || r->doubtful;
}

/*
 * Counters: 1 with them, 2 when they say nothing of the records before, because they are in a way that
 * is not known or do not hold for all of them, else what trace_reader_next() gives.
 */
static int take_counters(struct trace_reader *r, struct trace_batch *batch)
{
	struct fields_totals totals = { 0 };
	struct iopf_run so_far = { 0 };

	if (r->head.encoding != TRACE_ENCODING_PLAIN)
		return 2;
	if (fields_get_run(&so_far, &totals, r->stored.data, r->head.stored))
		return end(r, TRACE_ENDS_DAMAGED);
	if (!check_totals(r, &so_far, &totals))
		return end_by_identity(r);
	r->so_far = so_far;
	r->counted = true;
	if (so_far.start_ns) {
		r->start_ns = so_far.start_ns;
		r->start_realtime_ns = so_far.start_realtime_ns;
	}
	/* They prove what was found in all that was recorded until then, and that is not here. */
	if (is_changed(r))
		return 2;
	*batch = (struct trace_batch){ .so_far = &r->so_far };
	return 1;
}

/* The end: after it nothing is read. */
static int take_end(struct trace_reader *r)
{
	struct fields_totals totals = { 0 };

	if (r->head.encoding != TRACE_ENCODING_PLAIN)
		return end(r, TRACE_ENDS_NEWER);
	if (fields_get_run(&r->run, &totals, r->stored.data, r->head.stored))
		return end(r, TRACE_ENDS_DAMAGED);
	if (!check_totals(r, &r->run, &totals))
		return end_by_identity(r);
	return end(r, is_changed(r) ? TRACE_ENDS_MISSING : TRACE_ENDS_WELL);
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
		if (r->head.kind == TRACE_KIND_INFO)
			return end_by_identity(r);
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
		[TRACE_ENDS_HALF] = IOPF_INPUT_HALF,
		[TRACE_ENDS_DAMAGED] = IOPF_INPUT_DAMAGED,
		[TRACE_ENDS_NEWER] = IOPF_INPUT_NEWER,
		[TRACE_ENDS_FOREIGN] = IOPF_INPUT_FOREIGN,
		[TRACE_ENDS_MISPLACED] = IOPF_INPUT_MISPLACED,
		[TRACE_ENDS_MIXED] = IOPF_INPUT_MIXED,
		[TRACE_ENDS_MISSING] = IOPF_INPUT_MISSING,
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
	bool has_end = r->ending == TRACE_ENDS_WELL || r->ending == TRACE_ENDS_MISSING;

	*run = has_end ? r->run : cut_run(r);
	run->input = input_of(r->ending);
	run->absent_first = r->info.info.absent;
	run->cut |= r->ending != TRACE_ENDS_WELL;
	run->doubtful = r->doubtful;
	run->missing = r->missing;
	run->missing_parts = r->blocks_missing;
	run->until_seq = r->missing ? r->until : 0;
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
