// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recordings: reader, engine, and each verb and format behind them. The reserved bytes of the file's head,
 * which readers do not look at, say which command line it is.
 *
 * The mutator changes what a recording says, not its bytes: records, their fields, what is told of the run;
 * and, below that, blocks and the bytes of columns. Checksums are made anew, so that all of it is read.
 */
#include <inttypes.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define TRACE_PRIVATE
#include "cmd/replay.h"
#include "cmd/replay_again.h"
#include "cmd/report_json.h"
#include "harness.h"
#include "output/output.h"
#include "trace/block.h"
#include "trace/reader.h"
#include "trace/schema.h"
#include "trace/writer.h"
#include "../unit/record_kinds.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* More is for 'make bench': the fuzzer is to try many. */
#define RECORDS_MAX 20000

/*
 * What a file may take: buffers of whole blocks and the fixed part of the engine; something for each
 * record, with the instrumentation, which is slow, and the output, which may be long.
 */
#define MEMORY_FIXED (96ULL << 20)
#define MEMORY_RECORD 4096
#define MEMORY_INTERVALS (1700ULL << 20) /* of -i: as many as are asked for, at most 100,000 */
#define TIME_FIXED_NS 4000000000ULL
#define TIME_RECORD_NS 400000

/* Where the head of a file has the number of its command line. */
#define COMMAND_AT offsetof(struct trace_file_head, reserved)

static const char *const commands[] = {
	NULL, /* none: the engine's two ways are held against each other */
	"report -",
	"report - -f json",
	"trace - -f perfetto",
	"report - -v --slowest 1000 --percentiles 0,50,99.999,100 --unit s",
	"report - -f html -v",
	"report - -f html -i 1ms",
	"report - -f csv",
	"report - -f csv --by device,pasid,process,code,fault-id",
	"report - -f csv -i 10us --to 1ms --by process",
	"report - -f json -i 1us --to 100us --by pasid,code --min-groups 7",
	"report - -f json --by device,pasid,process,code,fault-id",
	"report - -f json --from 1us --to -1us --comm vmm",
	"report - -q -i 10ms --pasid 5",
	"report - -v --dev-id 3 --from -1s",
	"report - --by process,code --code invalid",
	"report - -f hdr",
	"report - -f openmetrics",
	"report - -f prometheus --by device,code",
	"check - -q -a total.p99<5ms -a outstanding==0 -a IOPF012==0",
	"check - -v --deadline 1us --on-loss ignore",
	"check - -f json --deadline 1ms --on-loss fail -a wait.p99.9>=3us",
	"check - -f junit --deadline 10s -a service.mean<1s",
	"check - -f ktap",
	"check - --annotate --on-loss ignore",
	"check - -f html --deadline 1ns",
	"trace -",
	"trace - -v",
	"trace - -f json -v",
	"trace - -f csv -v",
	"trace - --journey",
	"trace - --journey -f json",
	"explain -",
	"explain - 1",
	"explain - IOPF001",
	"explain - IOPF012 --deadline 1us",
	"explain - 10",
	"diff " FUZZ_INPUT " " FUZZ_INPUT,
	"diff " FUZZ_INPUT " " FUZZ_INPUT " -f json --fail-on total.p99>+10% --fail-on findings",
};

/* The reader alone, and how many records there are. */
static uint64_t count_records(const uint8_t *data, size_t size)
{
	struct trace_reader *reader;
	struct trace_batch batch;
	uint64_t records = 0;
	const char *why;

	if (trace_reader_open(&reader, fuzz_file(1, data, size), &why))
		return 0;
	while (trace_reader_next(reader, &batch) > 0)
		records += batch.records;
	trace_reader_free(reader);
	return records;
}

/* All that a report says, to be freed. */
static char *text_of(const struct iopf_report *report, size_t *size)
{
	struct output_opts opts;
	FILE *out;
	char *text;

	output_opts_init(&opts);
	out = open_memstream(&text, size);
	if (!out || output_json(report, &opts, out) || fclose(out))
		abort();
	return text;
}

/* The report, the fast or the long way; NULL if it is no recording. */
static struct iopf_report *report_of(bool long_way)
{
	struct iopf_engine_opts opts = {
		.judge = true,
		.slowest = 1, /* few, since slow groups take no fast path */
		.deadline_ns = { 1000000, 500000, 2000000, 1000000 },
		.long_way = long_way,
	};
	struct iopf_report *report = NULL;
	FILE *err = stderr;
	char *text;
	size_t size;

	stderr = open_memstream(&text, &size);
	if (!stderr)
		abort();
	lseek(STDIN_FILENO, 0, SEEK_SET);
	if (replay_keep("-", false) || replay_report("-", &opts, &report))
		report = NULL;
	fclose(stderr);
	stderr = err;
	free(text);
	return report;
}

/* What can be held against a report, whatever it is of. */
static void check_report(const struct iopf_report *r)
{
	bool certain = r->verdict == IOPF_PASS && r->complete;

	if (!r->exit_code && (!certain || (r->has_child && r->child_status)))
		fuzz_fail("exit code 0, verdict %s, %scomplete, status of the command %d",
			  iopf_verdict_name(r->verdict), r->complete ? "" : "not ",
			  r->has_child ? r->child_status : 0);
	if (r->verdict == IOPF_VIOLATION && r->exit_code != 1)
		fuzz_fail("a violation, and exit code %d", r->exit_code);
	if (r->groups.outstanding > r->groups.enqueued + r->groups.adopted)
		fuzz_fail("%" PRIu64 " groups are outstanding, of %" PRIu64 " and %" PRIu64,
			  r->groups.outstanding, r->groups.enqueued, r->groups.adopted);
}

/* The fast way and the long one say the same, and what they say can be read back. */
static void check_ways(void)
{
	struct iopf_report *fast = report_of(false), *slow = report_of(true);
	char why[REPORT_JSON_WHY], *x, *y;
	struct report_json *read;
	size_t nx, ny;

	if (!fast != !slow)
		fuzz_fail("one way there is a report, the other way there is none");
	if (!fast)
		return;
	check_report(fast);
	x = text_of(fast, &nx);
	y = text_of(slow, &ny);
	if (nx != ny || memcmp(x, y, nx))
		fuzz_fail("the fast way:\n%s\nthe long way:\n%s", x, y);
	if (fuzz_is_json(x, nx)) {
		if (report_json_read(&read, x, nx, why))
			fuzz_fail("a report that is not read back: %s:\n%s", why, x);
		report_json_free(read);
	}
	free(x);
	free(y);
	iopf_report_free(fast);
	iopf_report_free(slow);
}

static bool has(const char *command, const char *words)
{
	return strstr(command, words) != NULL;
}

static void check_xml(const char *text, size_t size)
{
	xmlDoc *doc = xmlReadMemory(text, (int)size, NULL, NULL, XML_PARSE_NONET);

	if (!doc)
		fuzz_fail("no XML: %.300s", text);
	xmlFreeDoc(doc);
}

/* What a command has written is what it says it is. */
static void check_output(const char *command, const struct fuzz_result *r)
{
	char code[32];

	if (has(command, "perfetto"))
		return;
	if (!r->out_size) {
		if (r->code != 3 && !has(command, "-q") && !has(command, "trace"))
			fuzz_fail("'%s': nothing was written, exit code %d", command, r->code);
		return;
	}
	if (has(command, "trace") && has(command, "json")) {
		fuzz_is_json_lines(r->out, r->out_size);
	} else if (has(command, "json")) {
		fuzz_is_json(r->out, r->out_size);
		snprintf(code, sizeof(code), "\"exit_code\": %d,", r->code);
		if (!has(r->out, code))
			fuzz_fail("'%s': exit code %d is not in what was written: %.300s", command,
				  r->code, r->out);
	} else if (has(command, "junit")) {
		check_xml(r->out, r->out_size);
	} else if (has(command, "metrics") && !has(r->out, "\n# EOF\n")) {
		fuzz_fail("metrics that do not end");
	}
	fuzz_is_printable(r->out, r->out_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t records = count_records(data, size);
	uint16_t number = 0;
	const char *command;

	if (size >= sizeof(struct trace_file_head))
		memcpy(&number, data + COMMAND_AT, sizeof(number));
	command = commands[number % ARRAY_SIZE(commands)];
	fuzz_set_input(data, size);
	fuzz_begin();
	if (command)
		check_output(command, fuzz_run(command));
	else
		check_ways();
	fuzz_end(MEMORY_FIXED + size * 64 + records * MEMORY_RECORD +
			 (command && has(command, " -i ") ? MEMORY_INTERVALS : 0),
		 TIME_FIXED_NS + records * TIME_RECORD_NS);
	return 0;
}

/* One thing that a recording has: a record, or what was missed up to there. */
struct item {
	struct iopf_rec *rec; /* NULL = counters */
	uint64_t step; /* of its number from that of the record before */
	struct iopf_run so_far;
};

/* A recording in pieces. */
struct story {
	struct trace_reader *reader; /* which has the strings */
	struct trace_info info;
	uint32_t roots[8];
	struct item *item;
	size_t nr, room;
	struct iopf_run run;
	bool ends;
	uint8_t head[sizeof(struct trace_file_head)];
};

/* Makes room for @nr items at @at; their contents are not set. */
static void make_room(struct story *s, size_t at, size_t nr)
{
	if (s->nr + nr > s->room) {
		s->room = 2 * (s->nr + nr);
		s->item = realloc(s->item, s->room * sizeof(*s->item));
		if (!s->item)
			abort();
	}
	memmove(s->item + at + nr, s->item + at, (s->nr - at) * sizeof(*s->item));
	s->nr += nr;
}

/* A copy of a record that can grow to any size. */
static struct iopf_rec *copy_record(const struct iopf_rec *rec)
{
	struct iopf_rec *copy = calloc(1, rec->size + 1024U);

	if (!copy)
		abort();
	memcpy(copy, rec, rec->size);
	return copy;
}

static struct item copy_item(const struct item *from)
{
	struct item copy = *from;

	if (copy.rec)
		copy.rec = copy_record(copy.rec);
	return copy;
}

static void story_free(struct story *s)
{
	for (size_t i = 0; i < s->nr; i++)
		free(s->item[i].rec);
	free(s->item);
	trace_reader_free(s->reader);
}

/* Takes a recording to pieces; false if it is none. */
static bool story_read(struct story *s, unsigned int file, const uint8_t *data, size_t size)
{
	uint64_t next = 0, at;
	struct trace_batch batch;
	const char *why;

	*s = (struct story){ .nr = 0 };
	if (size < sizeof(s->head) ||
	    trace_reader_open(&s->reader, fuzz_file(file, data, size), &why))
		return false;
	memcpy(s->head, data, sizeof(s->head));
	s->info = *trace_reader_info(s->reader);
	while (trace_reader_next(s->reader, &batch) > 0 && s->nr < RECORDS_MAX) {
		const struct iopf_rec *rec = batch.first;

		make_room(s, s->nr, batch.so_far ? 1 : batch.records);
		for (size_t i = batch.so_far ? 1 : batch.records; i; i--) {
			struct item *item = &s->item[s->nr - i];

			*item = (struct item){ .rec = NULL };
			if (batch.so_far) {
				item->so_far = *batch.so_far;
				continue;
			}
			item->rec = copy_record(rec);
			item->step = rec->seq - next;
			next = rec->seq + 1;
			rec = iopf_rec_next(rec);
		}
	}
	s->ends = trace_reader_end(s->reader, &s->run, &at) == TRACE_ENDS_WELL;
	return true;
}

/* Puts it together again; 0 when it would be more than @max bytes. */
static size_t story_write(struct story *s, uint8_t *data, size_t max)
{
	int fd = fuzz_file(2, "", 0);
	struct trace_writer *w;
	uint64_t next = 0;
	size_t size = 0;

	s->run.records = s->run.bytes = 0;
	if (trace_writer_open(&w, fd, &s->info))
		abort();
	for (size_t i = 0; i < s->nr; i++) {
		struct item *item = &s->item[i];

		if (!item->rec) {
			if (item->so_far.start_ns && !s->run.records)
				trace_writer_start(w, &item->so_far);
			else
				trace_writer_counters(w, &item->so_far);
			continue;
		}
		item->rec->seq = next + item->step;
		next = item->rec->seq + 1;
		trace_writer_add(w, item->rec);
		s->run.records++;
		s->run.bytes += item->rec->size;
	}
	if (s->ends)
		trace_writer_finish(w, &s->run);
	else
		trace_writer_flush(w);
	if (trace_writer_bytes(w) <= max)
		size = trace_writer_bytes(w);
	trace_writer_free(w);
	if (pread(fd, data, size, 0) != (ssize_t)size)
		abort();
	if (size >= sizeof(s->head))
		memcpy(data + COMMAND_AT, s->head + COMMAND_AT, sizeof(s->head) - COMMAND_AT);
	return size;
}

/* A number that programs stumble over. */
static uint64_t odd_number(void)
{
	static const uint64_t numbers[] = { 0, 1, 2, 7, 16, 17, 0xff, 0xfff, 0xffff, 0x7fffffff };

	switch (fuzz_below(5)) {
	case 0:
		return (1ULL << fuzz_below(64)) - fuzz_below(3);
	case 1:
		return 0 - fuzz_below(3);
	case 2:
		return fuzz_random() >> fuzz_below(64);
	default:
		return numbers[fuzz_below(ARRAY_SIZE(numbers))];
	}
}

/* Any record, or NULL. */
static struct iopf_rec *any_record(const struct story *s)
{
	for (unsigned int i = 0; i < 8 && s->nr; i++) {
		struct iopf_rec *rec = s->item[fuzz_below(s->nr)].rec;

		if (rec)
			return rec;
	}
	return NULL;
}

/* Any field of a record but its number: where it is, and how wide. */
static uint8_t *any_field(struct iopf_rec *rec, unsigned int *width)
{
	struct schema_field field;
	uint32_t offset = 8 + (uint32_t)fuzz_below(rec->size - 8U), at;

	*width = offset < 16 ? 8 : 4;
	if (offset < 20)
		return (uint8_t *)rec + (offset < 16 ? 8 : 20); /* type and size have their own */
	for (at = 20; at < rec->size; at += field.width) {
		schema_field(rec->type, rec->size, at, &field);
		*width = field.width;
		if (at + field.width > offset)
			break;
	}
	return (uint8_t *)rec + at;
}

/* Changes a field: to what stands elsewhere, to something near, to something odd. */
static void mutate_field(const struct story *s)
{
	struct iopf_rec *rec = any_record(s), *other = any_record(s);
	unsigned int width, other_width;
	uint64_t value = 0, from = 0;
	uint8_t *field, *others;

	if (!rec || !other)
		return;
	field = any_field(rec, &width);
	memcpy(&value, field, width);
	others = fuzz_below(2) && other->type == rec->type &&
				 other->size >= (field - (uint8_t *)rec) + width ?
			 (uint8_t *)other + (field - (uint8_t *)rec) :
			 any_field(other, &other_width);
	memcpy(&from, others, width);
	switch (fuzz_below(5)) {
	case 0:
		value += 1 - 2 * fuzz_below(2);
		break;
	case 1:
		value ^= 1ULL << fuzz_below(8 * width);
		break;
	case 2:
		value = odd_number();
		break;
	default:
		value = from;
	}
	memcpy(field, &value, width);
}

static void remove_items(struct story *s, size_t at, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		free(s->item[at + i].rec);
	memmove(s->item + at, s->item + at + nr, (s->nr - at - nr) * sizeof(*s->item));
	s->nr -= nr;
}

/* Some items of a recording, also of another one, into this one, so many times. */
static void insert_items(struct story *s, const struct story *from, size_t times)
{
	size_t first = fuzz_below(from->nr),
	       nr = 1 + fuzz_below(fuzz_below(4) ? 4 : from->nr - first);
	size_t at = fuzz_below(2) && s == from ? first : fuzz_below(s->nr + 1);
	uint64_t step = fuzz_below(3), width = 1 << fuzz_below(3);
	struct item *copy;

	if (!from->nr)
		return;
	nr = nr > from->nr - first ? from->nr - first : nr;
	if (s->nr + nr * times > RECORDS_MAX)
		times = 1;
	copy = malloc(nr * times * sizeof(*copy));
	if (!copy)
		abort();
	for (size_t i = 0; i < nr * times; i++) {
		struct iopf_rec *rec;

		copy[i] = copy_item(&from->item[first + i % nr]);
		rec = copy[i].rec;
		/* Each time of other groups, with other cookies: numbers that many records count up. */
		if (!rec || !step)
			continue;
		for (size_t o = 32; o + width <= rec->size; o += 4) {
			uint64_t value = 0;

			memcpy(&value, (uint8_t *)rec + o, width);
			if (value && (step == 1 || o % 8 == 0)) {
				value += i / nr * step;
				memcpy((uint8_t *)rec + o, &value, width);
			}
		}
	}
	make_room(s, at, nr * times);
	memcpy(s->item + at, copy, nr * times * sizeof(*copy));
	free(copy);
}

/* Another type, or another size. */
static void mutate_kind(const struct story *s)
{
	static const struct {
		uint16_t type, size;
	} kinds[] = { RECORD_KINDS, { IOPF_REC_TYPES, 48 } };
	struct iopf_rec *rec = any_record(s);
	size_t kind = fuzz_below(ARRAY_SIZE(kinds));
	unsigned int room;

	if (!rec)
		return;
	room = rec->size + 1024U;
	if (fuzz_below(2)) {
		rec->type = kinds[kind].type;
		rec->size = kinds[kind].size < room ? kinds[kind].size : rec->size;
	} else {
		rec->size = (uint16_t)(32 + fuzz_below(rec->size + 40U - 32));
	}
	/* Copies have room behind their size, not behind what they were. */
	for (size_t i = 0; i < s->nr; i++)
		if (s->item[i].rec == rec) {
			s->item[i].rec = copy_record(rec);
			free(rec);
			return;
		}
}

static void move_item(struct story *s)
{
	size_t from = fuzz_below(s->nr), to = fuzz_below(s->nr);
	struct item item;

	if (!s->nr)
		return;
	item = s->item[from];
	s->item[from] = s->item[to];
	s->item[to] = item;
}

/* What is told of the run beside records. */
static void mutate_run(struct story *s, struct iopf_run *run)
{
	uint64_t *const numbers[] = {
		&run->start_ns,
		&run->end_ns,
		&run->start_realtime_ns,
		&run->settled_ns,
		&run->lost[fuzz_below(IOPF_LOST_REASONS)],
		&run->missed[fuzz_below(IOPF_PROBES)],
		&run->probe_misses,
		&run->made_good,
		&run->made_good_by[fuzz_below(IOPF_PROBES)],
		&run->empty_reads,
		&run->probe_runs,
		&run->probe_ns,
		&run->wakeups,
		&s->info.start_ns,
		&s->info.start_realtime_ns,
		&s->info.first_seq,
	};
	uint64_t last_ns = 0;

	for (size_t i = s->nr; i && !last_ns; i--)
		last_ns = s->item[i - 1].rec ? s->item[i - 1].rec->time_ns : 0;
	switch (fuzz_below(8)) {
	case 0:
		run->has_child = fuzz_below(4);
		run->child_status = (int)odd_number();
		break;
	case 1:
		run->cut = !run->cut;
		break;
	case 2:
		run->absent ^= 1U << fuzz_below(IOPF_PROBES + 1);
		break;
	case 3:
		s->ends = !s->ends;
		break;
	case 4:
		s->info.roots = s->roots;
		s->info.nr_roots = fuzz_below(ARRAY_SIZE(s->roots) + 1);
		s->info.descendants = fuzz_below(2);
		for (size_t i = 0; i < s->info.nr_roots; i++) {
			const struct iopf_rec *rec = any_record(s);

			s->roots[i] = rec && fuzz_below(4) ? rec->tgid : (uint32_t)odd_number();
		}
		break;
	default:
		*numbers[fuzz_below(ARRAY_SIZE(numbers))] =
			fuzz_below(2) ? odd_number() : last_ns + 1 - fuzz_below(3);
	}
}

/* Changes what a recording says. */
static void mutate_story(struct story *s)
{
	size_t at = fuzz_below(s->nr), left = s->nr - at;

	switch (fuzz_below(16)) {
	case 0:
		if (s->nr)
			remove_items(s, at, 1 + fuzz_below(fuzz_below(4) ? 1 : left));
		break;
	case 1:
		insert_items(s, s, 1);
		break;
	case 2:
		insert_items(s, s, fuzz_below(16) ? 2 + fuzz_below(20) : 2 + fuzz_below(5000));
		break;
	case 3:
		move_item(s);
		break;
	case 4:
		mutate_kind(s);
		break;
	case 5:
		if (s->nr)
			s->item[at].step = fuzz_below(2) ? fuzz_below(5) : odd_number();
		break;
	case 6:
		mutate_run(s, &s->run);
		break;
	case 7:
		if (s->nr && !s->item[at].rec) {
			mutate_run(s, &s->item[at].so_far);
			break;
		}
		/* Or what was missed until now. */
		make_room(s, at, 1);
		s->item[at] = (struct item){ .so_far = s->run };
		break;
	default:
		mutate_field(s);
	}
}

/* Where each block of a file is; the last one may be cut. */
#define BLOCKS_MAX 256

struct blocks {
	size_t at[BLOCKS_MAX + 1];
	size_t nr;
};

static void find_blocks(struct blocks *b, const uint8_t *data, size_t size)
{
	struct trace_block_head head;
	size_t at = sizeof(struct trace_file_head);

	*b = (struct blocks){ .nr = 0 };
	while (b->nr < BLOCKS_MAX && at < size && size - at >= sizeof(head)) {
		memcpy(&head, data + at, sizeof(head));
		b->at[b->nr++] = at;
		if (head.stored > size - at - sizeof(head))
			break;
		at += sizeof(head) + head.stored;
		b->at[b->nr] = at;
	}
	if (b->nr && b->at[b->nr] <= b->at[b->nr - 1])
		b->at[b->nr] = size;
}

/* Gives a block the length that it has, and its checksum. */
static void seal(uint8_t *block, size_t size)
{
	struct trace_block_head head;

	memcpy(&head, block, sizeof(head));
	head.stored = (uint32_t)(size - sizeof(head));
	if (head.encoding != TRACE_ENCODING_DEFLATED)
		head.inflated = head.stored;
	block_seal(&head, block + sizeof(head));
	memcpy(block, &head, sizeof(head));
}

/* Undoes the compression of a block, if that is possible: what is in it, or 0. */
static size_t inflate_block(uint8_t *to, size_t max, const uint8_t *block, size_t size)
{
	struct trace_block_head head;
	uLongf bytes;

	memcpy(&head, block, sizeof(head));
	if (head.encoding != TRACE_ENCODING_DEFLATED || head.inflated > max - sizeof(head))
		return 0;
	bytes = head.inflated;
	if (uncompress(to + sizeof(head), &bytes, block + sizeof(head), size - sizeof(head)) !=
	    Z_OK)
		return 0;
	head.encoding = TRACE_ENCODING_COLUMNS;
	memcpy(to, &head, sizeof(head));
	return sizeof(head) + bytes;
}

/* Changes one field of a block of fields. */
static void mutate_tag(uint8_t *stored, size_t size)
{
	struct trace_field_head head;
	size_t at = 0, nr = 0, which;
	size_t place[64];

	while (nr < ARRAY_SIZE(place) && size - at >= sizeof(head)) {
		memcpy(&head, stored + at, sizeof(head));
		place[nr++] = at;
		if (head.length > size - at - sizeof(head))
			break;
		at += sizeof(head) + head.length;
	}
	if (!nr)
		return;
	which = place[fuzz_below(nr)];
	memcpy(&head, stored + which, sizeof(head));
	switch (fuzz_below(4)) {
	case 0:
		head.tag = (uint16_t)fuzz_below(24);
		break;
	case 1:
		head.length = (uint32_t)odd_number();
		break;
	default:
		for (size_t i = 0; i < 8 && i < head.length && which + 8 + i < size; i++)
			stored[which + 8 + i] = (uint8_t)(odd_number() >> 8 * i);
	}
	memcpy(stored + which, &head, sizeof(head));
}

/* Behind one frame of so many packed numbers, at most @end. */
static size_t skip_frame(const uint8_t *stored, size_t at, size_t end, size_t nr)
{
	size_t width = stored[at] & 0x7f;
	bool patched = stored[at] & TRACE_FRAME_PATCHED;

	at += 1 + (width * nr + 7) / 8;
	if (patched && at + 2 <= end)
		at += 2 + stored[at] * (1U + stored[at + 1]);
	return at < end ? at : end;
}

static size_t skip_frames(const uint8_t *stored, size_t at, size_t end, size_t nr)
{
	for (; nr && at < end; nr -= nr < TRACE_FRAME ? nr : TRACE_FRAME)
		at = skip_frame(stored, at, end, nr < TRACE_FRAME ? nr : TRACE_FRAME);
	return at;
}

/* Behind the heads of a class's columns, which are at @at. */
static size_t skip_heads(const uint8_t *stored, size_t at, size_t end, const uint8_t *shape,
			 size_t nr)
{
	uint16_t distinct;

	for (; nr && at + 11 < end; nr--, shape++) {
		switch (TRACE_SHAPE_METHOD(*shape)) {
		case TRACE_METHOD_CONSTANT:
			break;
		case TRACE_METHOD_PREVIOUS:
			at++;
			break;
		case TRACE_METHOD_TABLE:
			memcpy(&distinct, stored + at + 1, sizeof(distinct));
			at = skip_frames(stored, at + 11, end, distinct);
			break;
		default:
			at += 3;
		}
	}
	return at;
}

/*
 * Changes how the columns of a class are told, or what class it is: these few bytes decide where everything
 * else is read and written. They are behind all of the classes before.
 */
static void mutate_columns(uint8_t *stored, size_t bytes, size_t records)
{
	struct trace_columns_head head;
	struct trace_class class;
	size_t at = sizeof(head), which, constants, columns;

	if (bytes < sizeof(head) + sizeof(class))
		return;
	memcpy(&head, stored, sizeof(head));
	if (!head.classes || sizeof(head) + head.classes * sizeof(class) > bytes)
		return;
	which = fuzz_below(head.classes);
	if (!fuzz_below(4)) {
		stored[at + which * sizeof(class) + fuzz_below(sizeof(class))] =
			(uint8_t)odd_number();
		return;
	}
	at += head.classes * sizeof(class);
	for (unsigned int i = head.classes > 1 ? 0 : 1; i < 3; i++)
		at = skip_frames(stored, at, bytes, records);
	for (size_t c = 0;; c++) {
		const uint8_t *shape = stored + at;
		size_t heads;

		memcpy(&class, stored + sizeof(head) + c * sizeof(class), sizeof(class));
		if (at + class.columns >= bytes)
			return;
		constants = columns = 0;
		for (size_t i = 0; i < class.columns; i++) {
			bool constant = TRACE_SHAPE_METHOD(shape[i]) == TRACE_METHOD_CONSTANT;

			constants += constant ? TRACE_SHAPE_WIDTH(shape[i]) : 0;
			columns += !constant;
		}
		if (c == which && !fuzz_below(3)) {
			stored[at + fuzz_below(class.columns)] = (uint8_t)fuzz_below(0x80);
			return;
		}
		heads = at + class.columns + constants;
		at = skip_heads(stored, heads, bytes, shape, class.columns);
		if (c == which) {
			/* The heads, and the first frame, which is of links if there are any. */
			heads += fuzz_below(at + 8 - heads);
			if (heads < bytes)
				stored[heads] = (uint8_t)odd_number();
			return;
		}
		for (size_t i = 0; i < class.records && at < bytes; i += TRACE_FRAME) {
			size_t left = class.records - i,
			       nr = left < TRACE_FRAME ? left : TRACE_FRAME;

			for (size_t f = class.link == TRACE_NO_LINK; f <= columns && at < bytes;
			     f++)
				at = skip_frame(stored, at, bytes, nr);
		}
	}
}

/* Changes what is in a block, or its head. Returns the block's new size, at most @max. */
static size_t mutate_block(uint8_t *block, size_t size, size_t max)
{
	struct trace_block_head head;
	uint8_t *stored = block + sizeof(head);
	size_t bytes = size - sizeof(head);

	memcpy(&head, block, sizeof(head));
	switch (fuzz_below(8)) {
	case 0:
		head.kind = (uint16_t)fuzz_below(7);
		break;
	case 1:
		head.encoding = (uint16_t)fuzz_below(4);
		break;
	case 2:
		head.records = fuzz_below(2) ? head.records + 1 - 2 * (uint32_t)fuzz_below(2) :
					       (uint32_t)odd_number();
		break;
	case 3:
		head.image = fuzz_below(2) ? head.image + 8 - 16 * (uint32_t)fuzz_below(2) :
					     (uint32_t)odd_number();
		break;
	case 4:
		if (head.kind != TRACE_KIND_RECORDS) {
			mutate_tag(stored, bytes);
			break;
		}
		/* fall through */
	case 5:
		for (size_t i = 1 + fuzz_below(3); i && bytes; i--)
			stored[fuzz_below(bytes)] =
				(uint8_t)(fuzz_below(2) ? fuzz_below(9) : fuzz_random());
		break;
	case 6:
		if (head.kind == TRACE_KIND_RECORDS) {
			mutate_columns(stored, bytes, head.records);
			break;
		}
		/* fall through */
	default:
		bytes = LLVMFuzzerMutate(stored, bytes, max - sizeof(head));
	}
	memcpy(block, &head, sizeof(head));
	return sizeof(head) + bytes;
}

/* Changes the file below what it says. Returns its new size. */
static size_t mutate_file(uint8_t *data, size_t size, size_t max)
{
	struct blocks b;
	size_t from, to, bytes, tail, room;
	uint8_t *block;

	find_blocks(&b, data, size);
	if (!b.nr)
		return LLVMFuzzerMutate(data, size, max);
	from = b.at[fuzz_below(b.nr)];
	for (to = 0; b.at[to] <= from;)
		to++;
	to = b.at[to];
	bytes = to - from;
	tail = size - to;
	room = max - from - tail;
	block = malloc(max + TRACE_BLOCK_MAX);
	if (!block)
		abort();
	memcpy(block, data + from, bytes);
	switch (fuzz_below(8)) {
	case 0: /* it is gone */
		bytes = 0;
		break;
	case 1: /* it is there twice, or somewhere else */
		if (2 * bytes <= room) {
			memcpy(block + bytes, block, bytes);
			bytes *= 2;
		}
		break;
	case 2: /* one is after the other */
		if (tail >= sizeof(struct trace_block_head) && fuzz_below(2)) {
			memmove(data + from, data + to, tail);
			memcpy(data + from + tail, block, bytes);
			free(block);
			return size;
		}
		break;
	default: {
		size_t inflated = inflate_block(block, room, data + from, bytes);

		if (inflated)
			bytes = inflated;
		bytes = mutate_block(block, bytes, room);
		if (fuzz_below(64))
			seal(block, bytes);
	}
	}
	memmove(data + from + bytes, data + to, tail);
	memcpy(data + from, block, bytes);
	free(block);
	return from + bytes + tail;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	struct story s;
	size_t written = 0;

	fuzz_seed(seed);
	if (fuzz_below(4) == 0 && size >= sizeof(struct trace_file_head)) {
		data[COMMAND_AT] = (uint8_t)(fuzz_below(3) ? fuzz_below(ARRAY_SIZE(commands)) : 0);
		data[COMMAND_AT + 1] = 0;
		if (fuzz_below(2))
			return size;
	}
	if (!fuzz_below(64))
		return LLVMFuzzerMutate(data, size, max);
	if (fuzz_below(3)) {
		if (story_read(&s, 2, data, size)) {
			for (size_t i = 1 + fuzz_below(fuzz_below(4) ? 3 : 30); i; i--)
				mutate_story(&s);
			written = story_write(&s, data, max);
		}
		story_free(&s);
	}
	return written ? written : mutate_file(data, size, max);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,
				 size_t size2, uint8_t *out, size_t max, unsigned int seed)
{
	struct story a, b = { .nr = 0 };
	size_t written = 0;

	fuzz_seed(seed);
	if (story_read(&a, 1, data1, size1) && story_read(&b, 2, data2, size2)) {
		insert_items(&a, &b, 1);
		written = story_write(&a, out, max);
	}
	story_free(&a);
	story_free(&b);
	return written;
}
