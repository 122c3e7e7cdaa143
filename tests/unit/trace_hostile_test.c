// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Trace files that nobody vouches for: cut, damaged, made to harm, or of a later version. Never a
 * crash, never much memory, and of what was damaged by accident never a record that was not written.
 */
#include <errno.h>
#include <stdbool.h>
#include <zlib.h>

#define TRACE_PRIVATE
#include "trace_file.h"

#include "trace/block.h"
#include "trace/fields.h"

static const struct iopf_run some_run = { .start_ns = 1, .end_ns = 2, .probe_misses = 3 };

/* A small file with several blocks, and what is in it. */
struct small {
	struct records records;
	uint8_t *bytes;
	size_t nr;
	int fd;
};

static void small_make(struct small *s, size_t records, size_t per_block, unsigned int variety)
{
	*s = (struct small){ .fd = file_new() };
	file_records(&s->records, records, variety);
	file_write(s->fd, &s->records, per_block, &some_run);
	s->bytes = file_bytes(s->fd, &s->nr);
}

static void small_free(struct small *s)
{
	records_free(&s->records);
	free(s->bytes);
	close(s->fd);
}

/* How reading a file went. */
struct outcome {
	int error; /* of opening or of reading */
	size_t records;
	enum trace_ending ending;
	struct iopf_run run;
};

/*
 * Reads a file. With @records, what is read must be the first of them; without, the records are only
 * touched, so that a sanitizer sees what is outside of memory.
 */
static struct outcome read_file(int fd, const struct records *records)
{
	struct outcome o = { .ending = TRACE_ENDS_WELL };
	struct trace_reader *r;
	struct trace_batch batch;
	const char *why = NULL;
	volatile uint8_t sink = 0;
	uint64_t at;
	int got;

	lseek(fd, 0, SEEK_SET);
	o.error = trace_reader_open(&r, fd, &why);
	if (o.error) {
		assert_true(o.error == -EBADMSG && why);
		return o;
	}
	while ((got = trace_reader_next(r, &batch)) == 1) {
		const struct iopf_rec *rec = batch.first;

		for (size_t i = 0; i < batch.records; i++, rec = iopf_rec_next(rec)) {
			assert_true(rec->size >= sizeof(*rec));
			for (size_t b = 0; b < rec->size && !records; b++)
				sink = (uint8_t)(sink + ((const uint8_t *)rec)[b]);
			if (records) {
				assert_true(o.records < records->nr);
				assert_memory_equal(rec, records_at(records, o.records), rec->size);
			}
			o.records++;
		}
	}
	o.error = got;
	o.ending = trace_reader_end(r, &o.run, &at);
	o.run.version = o.run.kernel = NULL;
	assert_true(o.ending == TRACE_ENDS_WELL || o.run.cut);
	trace_reader_free(r);
	return o;
}

/* Whether a block ends after so many bytes. */
static bool is_block_end(const struct small *s, size_t nr)
{
	struct trace_block_head head;
	size_t at = sizeof(struct trace_file_head);

	while (at < nr) {
		memcpy(&head, s->bytes + at, sizeof(head));
		at += sizeof(head) + head.stored;
	}
	return at == nr;
}

static void cut_at_every_byte(void **state)
{
	struct small s;
	size_t before = 0;

	(void)state;
	small_make(&s, 60, 13, 7);
	for (size_t nr = 0; nr < s.nr; nr++) {
		struct outcome o;

		file_set(s.fd, s.bytes, nr);
		o = read_file(s.fd, &s.records);
		if (o.error) {
			assert_int_equal(before, 0); /* only before its first record */
			continue;
		}
		assert_int_equal(o.ending,
				 is_block_end(&s, nr) ? TRACE_ENDS_EARLY : TRACE_ENDS_HALF);
		assert_true(o.run.cut);
		assert_true(o.records >= before);
		before = o.records;
	}
	assert_int_equal(before, 60); /* without the end all of them are there */
	file_set(s.fd, s.bytes, s.nr);
	assert_int_equal(read_file(s.fd, &s.records).ending, TRACE_ENDS_WELL);
	small_free(&s);
}

static void damaged_at_every_byte(void **state)
{
	struct small s;

	(void)state;
	small_make(&s, 60, 13, 7);
	for (size_t i = 0; i < s.nr; i++) {
		uint8_t was = s.bytes[i];
		struct outcome o;

		s.bytes[i] ^= (uint8_t)(1 + file_below(255));
		file_set(s.fd, s.bytes, s.nr);
		o = read_file(s.fd, &s.records);
		/* The reserved bytes after the number of the format mean nothing. */
		if (i < 10 || i >= sizeof(struct trace_file_head))
			assert_true(o.error || o.ending != TRACE_ENDS_WELL);
		s.bytes[i] = was;
	}
	small_free(&s);
}

static void damaged_in_many_places(void **state)
{
	struct small s;
	uint8_t *copy;

	(void)state;
	small_make(&s, 200, 50, 255);
	copy = malloc(s.nr);
	assert_non_null(copy);
	for (unsigned int round = 0; round < 10000; round++) {
		size_t places = 1 + file_below(20), nr = s.nr - (round % 4 ? 0 : file_below(s.nr));

		memcpy(copy, s.bytes, s.nr);
		for (size_t i = 0; i < places; i++)
			copy[file_below(s.nr)] = (uint8_t)file_random();
		file_set(s.fd, copy, nr);
		read_file(s.fd, &s.records);
	}
	free(copy);
	small_free(&s);
}

/* Gives every block of a file the checksum that it should have, as far as there are blocks. */
static void seal(uint8_t *bytes, size_t nr)
{
	size_t at = sizeof(struct trace_file_head);
	struct trace_block_head head;

	while (nr - at >= sizeof(head)) {
		memcpy(&head, bytes + at, sizeof(head));
		if (head.stored > nr - at - sizeof(head))
			return;
		block_seal(&head, bytes + at + sizeof(head));
		memcpy(bytes + at, &head, sizeof(head));
		at += sizeof(head) + head.stored;
	}
}

/* Undoes the compression of all blocks, so that what is changed in them reaches the decoder. */
static void inflate_blocks(struct small *s)
{
	struct buffer b = { 0 };
	struct trace_block_head head;

	buffer_put(&b, s->bytes, sizeof(struct trace_file_head));
	for (size_t at = b.bytes; at < s->nr; at += sizeof(head) + head.stored) {
		const uint8_t *stored = s->bytes + at + sizeof(head);
		struct trace_block_head as;
		uLongf bytes;

		memcpy(&head, s->bytes + at, sizeof(head));
		as = head;
		bytes = as.stored = head.inflated;
		if (head.encoding != TRACE_ENCODING_DEFLATED) {
			buffer_put(&b, s->bytes + at, sizeof(head) + head.stored);
			continue;
		}
		as.encoding = TRACE_ENCODING_COLUMNS;
		buffer_put(&b, &as, sizeof(as));
		assert_int_equal(uncompress(buffer_extend(&b, bytes), &bytes, stored, head.stored),
				 Z_OK);
		assert_int_equal(bytes, head.inflated);
	}
	free(s->bytes);
	s->bytes = b.data;
	s->nr = b.bytes;
	seal(s->bytes, s->nr);
	file_set(s->fd, s->bytes, s->nr);
}

/* With checksums that are right, since whoever means harm can compute them. */
static void made_to_harm(void **state)
{
	struct small s;
	uint8_t *copy;

	(void)state;
	for (unsigned int kind = 0; kind < 4; kind++) {
		small_make(&s, kind < 2 ? 300 : 4000, kind < 2 ? 100 : 0, kind % 2 ? 255 : 3);
		inflate_blocks(&s);
		assert_int_equal(read_file(s.fd, &s.records).ending, TRACE_ENDS_WELL);
		copy = malloc(s.nr);
		assert_non_null(copy);
		for (unsigned int round = 0; round < (kind < 2 ? 5000 : 200); round++) {
			memcpy(copy, s.bytes, s.nr);
			for (size_t i = 1 + file_below(6); i > 0; i--)
				copy[sizeof(struct trace_file_head) +
				     file_below(s.nr - sizeof(struct trace_file_head))] =
					(uint8_t)(file_below(2) ? file_random() : file_below(4));
			seal(copy, s.nr);
			file_set(s.fd, copy, s.nr);
			read_file(s.fd, NULL);
		}
		free(copy);
		small_free(&s);
	}
}

/*
 * Writes a file with one block of any kind after its INFO block; then cut. It has no identity, so that
 * blocks are looked at whatever they say of that.
 */
static int file_of_block(struct trace_block_head head, const void *stored)
{
	struct trace_file_head file = { .magic = TRACE_MAGIC, .format = TRACE_FORMAT };
	struct trace_block_head info = { .kind = TRACE_KIND_INFO };
	struct buffer b = { 0 };
	int fd = file_new();

	fields_put_info(&b, file_info());
	info.stored = info.inflated = (uint32_t)b.bytes;
	block_seal(&info, b.data);
	assert_int_equal(write(fd, &file, sizeof(file)), sizeof(file));
	assert_int_equal(write(fd, &info, sizeof(info)), sizeof(info));
	assert_int_equal(write(fd, b.data, b.bytes), b.bytes);
	buffer_free(&b);
	block_seal(&head, stored);
	assert_int_equal(write(fd, &head, sizeof(head)), sizeof(head));
	if (head.stored)
		assert_int_equal(write(fd, stored, head.stored), head.stored);
	return fd;
}

/* Reads such a file, which must be found out. */
static void assert_damaged(int fd)
{
	struct outcome o = read_file(fd, NULL);

	assert_int_equal(o.error, 0);
	assert_int_equal(o.records, 0);
	assert_int_equal(o.ending, TRACE_ENDS_DAMAGED);
	close(fd);
}

static void lengths_that_cannot_be(void **state)
{
	static const uint32_t lengths[] = { TRACE_BLOCK_MAX + 1, 1U << 30, UINT32_MAX };
	uint8_t none[64] = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct trace_block_head head = { .kind = TRACE_KIND_RECORDS,
						 .encoding = TRACE_ENCODING_COLUMNS,
						 .records = 1,
						 .image = 32 };
		struct trace_block_head as = head;
		int fd;

		/* Longer than there may be: found out before it is read, or memory is taken. */
		fd = file_of_block(head, none);
		as.stored = lengths[i];
		as.magic = TRACE_BLOCK_MAGIC;
		assert_int_equal(pwrite(fd, &as, sizeof(as),
					lseek(fd, 0, SEEK_END) - (off_t)sizeof(as)),
				 sizeof(as));
		assert_damaged(fd);
		as = head;
		as.inflated = lengths[i];
		assert_damaged(file_of_block(as, none));
		as = head;
		as.image = lengths[i];
		assert_damaged(file_of_block(as, none));
		as = head;
		as.records = lengths[i];
		assert_damaged(file_of_block(as, none));
	}
}

/* A megabyte of nothing in a kilobyte: more than was said. */
static void bombs(void **state)
{
	static uint8_t zeros[1 << 20], packed[4096];
	uLongf bytes = sizeof(packed);
	struct trace_block_head head = {
		.kind = TRACE_KIND_RECORDS,
		.encoding = TRACE_ENCODING_DEFLATED,
		.records = 1,
		.image = 32,
	};

	(void)state;
	assert_int_equal(compress2(packed, &bytes, zeros, sizeof(zeros), 9), Z_OK);
	head.stored = (uint32_t)bytes;
	head.inflated = 100;
	assert_damaged(file_of_block(head, packed));
	head.inflated = sizeof(zeros) - 1;
	assert_damaged(file_of_block(head, packed));
	head.inflated = sizeof(zeros) + 1;
	assert_damaged(file_of_block(head, packed));
	head.inflated = sizeof(zeros); /* as it is, but no columns */
	assert_damaged(file_of_block(head, packed));
	head.inflated = 0;
	assert_damaged(file_of_block(head, packed));
}

/* Writes one more block. */
static void add_block(int fd, struct trace_block_head head, const void *stored)
{
	block_seal(&head, stored);
	assert_true(lseek(fd, 0, SEEK_END) > 0);
	assert_int_equal(write(fd, &head, sizeof(head)), sizeof(head));
	assert_int_equal(write(fd, stored, head.stored), head.stored);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
}

/* Some thousand records that are all alike take few bytes; that is no harm, but millions are. */
static void many_records_in_few_bytes(void **state)
{
	const uint32_t records = TRACE_BLOCK_MAX / sizeof(struct iopf_rec);
	struct trace_columns_head head = { .seq = 5, .time_ns = 7, .classes = 1, .time_sign = 1 };
	struct trace_class class = {
		.type = IOPF_REC_EXIT,
		.size = sizeof(struct iopf_rec),
		.records = records,
		.columns = 3,
		.link = TRACE_NO_LINK,
	};
	struct trace_block_head block = {
		.kind = TRACE_KIND_RECORDS,
		.encoding = TRACE_ENCODING_COLUMNS,
		.records = records,
		.image = TRACE_BLOCK_MAX,
	};
	struct buffer b = { 0 };
	struct outcome o;
	int fd;

	(void)state;
	buffer_put(&b, &head, sizeof(head));
	buffer_put(&b, &class, sizeof(class));
	/* Frames of zeros for numbers and times; three shapes and three constants of 4 bytes. */
	memset(buffer_extend(&b, 2 * records / TRACE_FRAME), 0, 2 * records / TRACE_FRAME);
	memset(buffer_extend(&b, 3), TRACE_SHAPE(2, TRACE_METHOD_CONSTANT, 0), 3);
	memset(buffer_extend(&b, 12), 0, 12);
	block.stored = block.inflated = (uint32_t)b.bytes;
	fd = file_of_block(block, b.data);
	o = read_file(fd, NULL);
	assert_int_equal(o.records, records);
	assert_int_equal(o.ending, TRACE_ENDS_EARLY);
	head.seq += records;
	memcpy(b.data, &head, sizeof(head));
	add_block(fd, block, b.data);
	o = read_file(fd, NULL);
	assert_int_equal(o.records, records);
	assert_int_equal(o.ending, TRACE_ENDS_DAMAGED);
	close(fd);
	/* One more than there can be. */
	class.records = block.records = records + 1;
	memcpy(b.data + sizeof(head), &class, sizeof(class));
	assert_damaged(file_of_block(block, b.data));
	buffer_free(&b);
}

/* Blocks, fields and counters of a later version are skipped. */
static void of_a_later_version(void **state)
{
	struct records rs = { 0 };
	struct trace_block_head head = { .kind = 77, .encoding = 5, .inflated = UINT32_MAX };
	uint64_t lost[IOPF_LOST_REASONS + 1] = { 1 };
	struct trace_field_head field = { .tag = 999, .length = 5 };
	struct buffer b = { 0 };
	struct outcome o;
	int fd;

	(void)state;
	file_records(&rs, 3, 1);
	head.stored = 9;
	fd = file_of_block(head, "something");

	fields_put_run(&b, &some_run);
	buffer_put(&b, &field, sizeof(field));
	buffer_put(&b, "later", 5);
	field = (struct trace_field_head){ .tag = TRACE_END_LOST, .length = sizeof(lost) };
	buffer_put(&b, &field, sizeof(field));
	buffer_put(&b, lost, sizeof(lost));
	head = (struct trace_block_head){ .kind = TRACE_KIND_END, .stored = (uint32_t)b.bytes };
	block_seal(&head, b.data);
	assert_int_equal(write(fd, &head, sizeof(head)), sizeof(head));
	assert_int_equal(write(fd, b.data, b.bytes), b.bytes);
	o = read_file(fd, &rs);
	assert_int_equal(o.ending, TRACE_ENDS_WELL);
	assert_int_equal(o.run.lost[0], 1);
	assert_int_equal(o.run.probe_misses, some_run.probe_misses);
	assert_false(o.run.cut);
	close(fd);

	/* What was lost for a reason that we do not know is lost all the same. */
	fd = file_of_block((struct trace_block_head){ .kind = 78 }, "");
	lost[IOPF_LOST_REASONS] = 1;
	memcpy(b.data + b.bytes - sizeof(lost), lost, sizeof(lost));
	block_seal(&head, b.data);
	assert_int_equal(write(fd, &head, sizeof(head)), sizeof(head));
	assert_int_equal(write(fd, b.data, b.bytes), b.bytes);
	o = read_file(fd, &rs);
	assert_int_equal(o.ending, TRACE_ENDS_WELL);
	assert_true(o.run.cut);
	close(fd);
	buffer_free(&b);

	/* Records that cannot be decoded are not passed over in silence. */
	head = (struct trace_block_head){ .kind = TRACE_KIND_RECORDS, .encoding = 9 };
	fd = file_of_block(head, "");
	o = read_file(fd, &rs);
	assert_int_equal(o.ending, TRACE_ENDS_NEWER);
	assert_true(o.run.cut);
	close(fd);
	records_free(&rs);
}

/* Numbers that go back or round within a block, which it takes steps of 2^64 - 1 for. */
static void numbers_that_go_backwards(void **state)
{
	struct trace_columns_head head = { .seq = 5, .time_ns = 7, .classes = 1, .time_sign = 1 };
	struct trace_class class = {
		.type = IOPF_REC_EXIT,
		.size = sizeof(struct iopf_rec),
		.records = 2,
		.columns = 3,
		.link = TRACE_NO_LINK,
	};
	struct trace_block_head block = {
		.kind = TRACE_KIND_RECORDS,
		.encoding = TRACE_ENCODING_COLUMNS,
		.records = 2,
		.image = 2 * sizeof(struct iopf_rec),
	};

	(void)state;
	for (uint64_t back = 0; back < 4; back++) {
		uint64_t steps[] = { 0, UINT64_MAX - back };
		struct buffer b = { 0 };

		buffer_put(&b, &head, sizeof(head));
		buffer_put(&b, &class, sizeof(class));
		buffer_u8(&b, 64); /* the width of both */
		buffer_put(&b, steps, sizeof(steps));
		buffer_u8(&b, 0); /* times */
		memset(buffer_extend(&b, 3), TRACE_SHAPE(2, TRACE_METHOD_CONSTANT, 0), 3);
		memset(buffer_extend(&b, 12), 0, 12);
		block.stored = block.inflated = (uint32_t)b.bytes;
		assert_damaged(file_of_block(block, b.data));
		buffer_free(&b);
	}
}

/* A file of another format is refused as such. */
static void of_another_format(void **state)
{
	struct trace_file_head head = { .magic = TRACE_MAGIC, .format = TRACE_FORMAT + 1 };
	struct trace_reader *r;
	const char *why = NULL;
	int fd = file_new();

	(void)state;
	file_set(fd, (const uint8_t *)&head, sizeof(head));
	assert_int_equal(trace_reader_open(&r, fd, &why), -EBADMSG);
	assert_non_null(strstr(why, "another version"));
	close(fd);
}

/* Fields that are too short, or go on beyond their block. */
static void fields_that_cannot_be(void **state)
{
	static const struct trace_field_head heads[] = {
		{ .tag = TRACE_END_START, .length = 4 },
		{ .tag = TRACE_END_START, .length = UINT32_MAX },
		{ .tag = TRACE_END_LOST, .length = 7 },
		{ .tag = TRACE_END_CHILD, .length = 0 },
		{ .tag = 500, .length = 9 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		struct trace_block_head block = { .kind = TRACE_KIND_END };
		uint8_t bytes[sizeof(heads[i]) + 8] = { 0 };

		memcpy(bytes, &heads[i], sizeof(heads[i]));
		block.stored = sizeof(heads[i]) + (heads[i].length < 8 ? heads[i].length : 8);
		assert_damaged(file_of_block(block, bytes));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(damaged_at_every_byte),
		cmocka_unit_test(damaged_in_many_places),
		cmocka_unit_test(made_to_harm),
		cmocka_unit_test(lengths_that_cannot_be),
		cmocka_unit_test(bombs),
		cmocka_unit_test(many_records_in_few_bytes),
		cmocka_unit_test(of_a_later_version),
		cmocka_unit_test(numbers_that_go_backwards),
		cmocka_unit_test(of_another_format),
		cmocka_unit_test(fields_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
