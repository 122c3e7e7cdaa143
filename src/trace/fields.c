// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define TRACE_PRIVATE
#include "fields.h"

#include <errno.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Processes of a scope: more than anybody gives, and no burden. */
#define ROOTS_MAX 65536

/* Characters of a text. */
#define TEXT_MAX 65536

static void put(struct buffer *out, uint16_t tag, const void *value, size_t bytes)
{
	struct trace_field_head head = { .tag = tag, .length = (uint32_t)bytes };

	buffer_put(out, &head, sizeof(head));
	buffer_put(out, value, bytes);
}

static void put_u32(struct buffer *out, uint16_t tag, uint32_t value)
{
	put(out, tag, &value, sizeof(value));
}

static void put_u64(struct buffer *out, uint16_t tag, uint64_t value)
{
	put(out, tag, &value, sizeof(value));
}

static void put_text(struct buffer *out, uint16_t tag, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	put(out, tag, text, length < TEXT_MAX ? length : TEXT_MAX);
}

void fields_put_info(struct buffer *out, const struct trace_info *info)
{
	size_t roots = info->nr_roots < ROOTS_MAX ? info->nr_roots : ROOTS_MAX;

	put_text(out, TRACE_INFO_VERSION, info->version);
	put_text(out, TRACE_INFO_KERNEL, info->kernel);
	put_text(out, TRACE_INFO_MACHINE, info->machine);
	put_text(out, TRACE_INFO_COMMAND_LINE, info->command_line);
	put(out, TRACE_INFO_ROOTS, info->roots, roots * sizeof(*info->roots));
	put_u32(out, TRACE_INFO_DESCENDANTS, info->descendants);
	put_u32(out, TRACE_INFO_ABSENT, info->absent);
	put_u32(out, TRACE_INFO_CLOCK, TRACE_CLOCK_MONOTONIC);
	put_u64(out, TRACE_INFO_START, info->start_ns);
	put_u64(out, TRACE_INFO_START_REALTIME, info->start_realtime_ns);
	if (info->first_seq)
		put_u64(out, TRACE_INFO_FIRST_SEQ, info->first_seq);
	if (info->identity[0])
		put(out, TRACE_INFO_IDENTITY, info->identity, sizeof(info->identity));
}

/* Readers of before know one sign for all of these. */
static void put_cut(struct buffer *out, const struct iopf_run *run)
{
	put_u32(out, TRACE_END_CUT, run->cut || run->unfollowed);
	if (run->unfollowed)
		put_u64(out, TRACE_END_UNFOLLOWED, run->unfollowed);
	for (size_t i = 0; i < IOPF_UNFOLLOWED_REASONS; i++) {
		if (!run->unfollowed_by[i])
			continue;
		put(out, TRACE_END_UNFOLLOWED_BY, run->unfollowed_by, sizeof(run->unfollowed_by));
		break;
	}
	if (run->cut && run->why_cut)
		put_u32(out, TRACE_END_WHY_CUT, run->why_cut);
}

/* Nearly always there are none. */
static void put_made_good(struct buffer *out, const struct iopf_run *run)
{
	put_u64(out, TRACE_END_MADE_GOOD, run->made_good);
	if (run->made_good && run->made_good_told)
		put(out, TRACE_END_MADE_GOOD_BY, run->made_good_by, sizeof(run->made_good_by));
}

void fields_put_run(struct buffer *out, const struct iopf_run *run)
{
	put_u64(out, TRACE_END_START, run->start_ns);
	put_u64(out, TRACE_END_END, run->end_ns);
	put_u64(out, TRACE_END_START_REALTIME, run->start_realtime_ns);
	if (run->has_child)
		put_u32(out, TRACE_END_CHILD, (uint32_t)run->child_status);
	put_cut(out, run);
	put_u32(out, TRACE_END_ABSENT, run->absent);
	put(out, TRACE_END_LOST, run->lost, sizeof(run->lost));
	put(out, TRACE_END_MISSED, run->missed, sizeof(run->missed));
	put_u64(out, TRACE_END_PROBE_MISSES, run->probe_misses);
	put_made_good(out, run);
	put_u64(out, TRACE_END_EMPTY_READS, run->empty_reads);
	if (run->empty_ns)
		put_u64(out, TRACE_END_EMPTY_NS, run->empty_ns);
	put_u64(out, TRACE_END_PROBE_RUNS, run->probe_runs);
	put_u64(out, TRACE_END_PROBE_NS, run->probe_ns);
	put_u64(out, TRACE_END_WAKEUPS, run->wakeups);
	put_u64(out, TRACE_END_RECORDS, run->records);
	put_u64(out, TRACE_END_BYTES, run->bytes);
	put_u64(out, TRACE_END_RING_BYTES, run->ring_bytes);
	if (run->settled_ns)
		put_u64(out, TRACE_END_SETTLED, run->settled_ns);
}

void fields_put_counters(struct buffer *out, const struct iopf_run *so_far)
{
	put_u64(out, TRACE_END_END, so_far->end_ns);
	put_cut(out, so_far);
	put_u32(out, TRACE_END_ABSENT, so_far->absent);
	put(out, TRACE_END_LOST, so_far->lost, sizeof(so_far->lost));
	put(out, TRACE_END_MISSED, so_far->missed, sizeof(so_far->missed));
	put_u64(out, TRACE_END_PROBE_MISSES, so_far->probe_misses);
	put_made_good(out, so_far);
	put_u64(out, TRACE_END_EMPTY_READS, so_far->empty_reads);
	if (so_far->empty_ns)
		put_u64(out, TRACE_END_EMPTY_NS, so_far->empty_ns);
	if (so_far->settled_ns)
		put_u64(out, TRACE_END_SETTLED, so_far->settled_ns);
}

void fields_put_start(struct buffer *out, const struct iopf_run *run)
{
	put_u64(out, TRACE_END_START, run->start_ns);
	put_u64(out, TRACE_END_START_REALTIME, run->start_realtime_ns);
}

void fields_put_totals(struct buffer *out, const struct fields_totals *totals)
{
	if (totals->has_until)
		put_u64(out, TRACE_END_UNTIL, totals->until);
	if (totals->has_written)
		put_u64(out, TRACE_END_WRITTEN, totals->written);
	if (totals->identity[0])
		put(out, TRACE_END_IDENTITY, totals->identity, sizeof(totals->identity));
}

/* One field that is being read. */
struct field {
	struct trace_field_head head;
	const uint8_t *value;
};

/* The next field: 1, 0 at the end, or -EBADMSG. */
static int next(struct input *in, struct field *f)
{
	if (!input_left(in))
		return 0;
	if (!input_get(in, &f->head, sizeof(f->head)))
		return -EBADMSG;
	f->value = input_take(in, f->head.length);
	return f->value ? 1 : -EBADMSG;
}

/* A number of so many bytes; the field may have grown. */
static int get(const struct field *f, void *value, size_t bytes)
{
	if (f->head.length < bytes)
		return -EBADMSG;
	memcpy(value, f->value, bytes);
	return 0;
}

static int get_bool(const struct field *f, bool *value)
{
	uint32_t number = 0;
	int err = get(f, &number, sizeof(number));

	*value = number;
	return err;
}

/* A text, without what would disturb a terminal. */
static int get_text(const struct field *f, char **copy, const char **text)
{
	size_t length = strnlen((const char *)f->value, f->head.length);

	if (length > TEXT_MAX)
		return -EBADMSG;
	free(*copy);
	*copy = strndup((const char *)f->value, length);
	if (!*copy)
		return -ENOMEM;
	for (char *c = *copy; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	*text = *copy;
	return 0;
}

static int get_roots(struct fields_info *fi, const struct field *f)
{
	size_t nr = f->head.length / sizeof(*fi->roots);

	if (nr > ROOTS_MAX || f->head.length % sizeof(*fi->roots))
		return -EBADMSG;
	free(fi->roots);
	fi->roots = malloc(f->head.length ? f->head.length : 1);
	if (!fi->roots)
		return -ENOMEM;
	memcpy(fi->roots, f->value, f->head.length);
	fi->info.roots = fi->roots;
	fi->info.nr_roots = nr;
	return 0;
}

static int get_info(struct fields_info *fi, const struct field *f)
{
	struct trace_info *info = &fi->info;

	switch (f->head.tag) {
	case TRACE_INFO_VERSION:
		return get_text(f, &fi->text[0], &info->version);
	case TRACE_INFO_KERNEL:
		return get_text(f, &fi->text[1], &info->kernel);
	case TRACE_INFO_MACHINE:
		return get_text(f, &fi->text[2], &info->machine);
	case TRACE_INFO_COMMAND_LINE:
		return get_text(f, &fi->text[3], &info->command_line);
	case TRACE_INFO_ROOTS:
		return get_roots(fi, f);
	case TRACE_INFO_DESCENDANTS:
		return get_bool(f, &info->descendants);
	case TRACE_INFO_ABSENT:
		return get(f, &info->absent, sizeof(info->absent));
	case TRACE_INFO_START:
		return get(f, &info->start_ns, sizeof(info->start_ns));
	case TRACE_INFO_START_REALTIME:
		return get(f, &info->start_realtime_ns, sizeof(info->start_realtime_ns));
	case TRACE_INFO_FIRST_SEQ:
		return get(f, &info->first_seq, sizeof(info->first_seq));
	case TRACE_INFO_IDENTITY:
		return get(f, info->identity, sizeof(info->identity));
	default:
		return 0;
	}
}

int fields_get_info(struct fields_info *fi, const void *bytes, size_t nr)
{
	struct input in = { bytes, (const uint8_t *)bytes + nr };
	struct field f;
	int err;

	*fi = (struct fields_info){
		.info = { .version = "", .kernel = "", .machine = "", .command_line = "" },
	};
	while ((err = next(&in, &f)) > 0) {
		err = get_info(fi, &f);
		if (err)
			break;
	}
	return err;
}

void fields_free_info(struct fields_info *fi)
{
	for (size_t i = 0; i < ARRAY_SIZE(fi->text); i++)
		free(fi->text[i]);
	free(fi->roots);
}

/*
 * Counters by number. What those beyond that we know have counted is told by @more: it must not
 * look as if it were nothing.
 */
static int get_counters(const struct field *f, uint64_t *counter, size_t nr, bool *more)
{
	size_t there = f->head.length / sizeof(*counter);

	if (f->head.length % sizeof(*counter))
		return -EBADMSG;
	for (size_t i = 0; i < there; i++) {
		uint64_t value;

		memcpy(&value, f->value + i * sizeof(value), sizeof(value));
		if (i < nr)
			counter[i] = value;
		else
			*more |= value != 0;
	}
	return 0;
}

static int get_child(const struct field *f, struct iopf_run *run)
{
	int err = get(f, &run->child_status, sizeof(run->child_status));

	run->has_child = true;
	/* No command ends with another one, and as an exit code it could look like 0. */
	if (!err && (run->child_status < 0 || run->child_status > 0xff))
		return -EBADMSG;
	return err;
}

static int get_size(const struct field *f, size_t *size)
{
	uint64_t value = 0;
	int err = get(f, &value, sizeof(value));

	*size = (size_t)value;
	return err;
}

/* One number of 8 bytes; where it belongs, NULL = it is none of these. */
static uint64_t *number_of(struct iopf_run *run, uint16_t tag)
{
	switch (tag) {
	case TRACE_END_START:
		return &run->start_ns;
	case TRACE_END_END:
		return &run->end_ns;
	case TRACE_END_START_REALTIME:
		return &run->start_realtime_ns;
	case TRACE_END_PROBE_MISSES:
		return &run->probe_misses;
	case TRACE_END_MADE_GOOD:
		return &run->made_good;
	case TRACE_END_EMPTY_READS:
		return &run->empty_reads;
	case TRACE_END_EMPTY_NS:
		return &run->empty_ns;
	case TRACE_END_PROBE_RUNS:
		return &run->probe_runs;
	case TRACE_END_PROBE_NS:
		return &run->probe_ns;
	case TRACE_END_WAKEUPS:
		return &run->wakeups;
	case TRACE_END_BYTES:
		return &run->bytes;
	case TRACE_END_SETTLED:
		return &run->settled_ns;
	case TRACE_END_UNFOLLOWED:
		return &run->unfollowed;
	default:
		return NULL;
	}
}

/* What takes a newer reader to tell is one like losses that do. */
static int get_why_cut(const struct field *f, struct iopf_run *run)
{
	uint32_t why = 0;
	int err = get(f, &why, sizeof(why));

	run->why_cut = why == IOPF_CUT_SIGNAL || why == IOPF_CUT_LATE ? (enum iopf_why_cut)why :
									IOPF_CUT_LOSSES;
	return err;
}

static int get_run(struct iopf_run *run, struct fields_totals *totals, const struct field *f,
		   bool *more_lost)
{
	uint64_t *number = number_of(run, f->head.tag);
	/* By programs that none of our rules relies on; or for reasons that we have no words for. */
	bool more = false;

	if (f->head.tag == TRACE_END_RECORDS) {
		totals->has_records = true;
		return get(f, &totals->records, sizeof(totals->records));
	}
	if (number)
		return get(f, number, sizeof(*number));
	switch (f->head.tag) {
	case TRACE_END_CHILD:
		return get_child(f, run);
	case TRACE_END_CUT:
		return get_bool(f, &run->cut);
	case TRACE_END_WHY_CUT:
		return get_why_cut(f, run);
	case TRACE_END_ABSENT:
		return get(f, &run->absent, sizeof(run->absent));
	case TRACE_END_LOST:
		return get_counters(f, run->lost, IOPF_LOST_REASONS, more_lost);
	case TRACE_END_MISSED:
		return get_counters(f, run->missed, IOPF_PROBES, &more);
	case TRACE_END_MADE_GOOD_BY:
		run->made_good_told = true;
		return get_counters(f, run->made_good_by, IOPF_PROBES, &more);
	case TRACE_END_UNFOLLOWED_BY:
		return get_counters(f, run->unfollowed_by, IOPF_UNFOLLOWED_REASONS, &more);
	case TRACE_END_RING_BYTES:
		return get_size(f, &run->ring_bytes);
	case TRACE_END_UNTIL:
		totals->has_until = true;
		return get(f, &totals->until, sizeof(totals->until));
	case TRACE_END_WRITTEN:
		totals->has_written = true;
		return get(f, &totals->written, sizeof(totals->written));
	case TRACE_END_IDENTITY:
		return get(f, totals->identity, sizeof(totals->identity));
	default:
		return 0;
	}
}

int fields_get_run(struct iopf_run *run, struct fields_totals *totals, const void *bytes, size_t nr)
{
	struct input in = { bytes, (const uint8_t *)bytes + nr };
	bool more_lost = false;
	struct field f;
	int err;

	while ((err = next(&in, &f)) > 0) {
		err = get_run(run, totals, &f, &more_lost);
		if (err)
			break;
	}
	if (totals->has_records)
		run->records = totals->records;
	/* Then the sign for both was only for that. */
	if (run->unfollowed && !run->why_cut)
		run->cut = false;
	/* Lost for reasons that we cannot name: all that can be said is that not all is there. */
	if (more_lost && !run->cut)
		run->why_cut = IOPF_CUT_LOSSES;
	run->cut |= more_lost;
	return err;
}
