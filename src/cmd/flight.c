// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "flight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* In so many segments at least is kept what is to be kept: what is kept beyond is at most one more. */
#define SEGMENTS 8

/* With one that is being filled, one that is about to be forgotten, and some that ended early. */
#define SEGMENTS_MAX (4 * SEGMENTS)

/* Bytes that belong to a segment. */
struct bytes {
	void *data;
	size_t nr;
};

struct segment {
	struct flight_mark mark;
	uint64_t begun_ns; /* when it was; its records may be much older, or come much later */
	struct bytes known, blocks;
};

struct flight {
	uint64_t keep_ns;
	size_t max_bytes;
	struct trace_writer *writer; /* of the last segment */
	struct segment segment[SEGMENTS_MAX];
	size_t nr;
	bool cut_short;
};

int flight_new(struct flight **out, uint64_t keep_ns, size_t max_bytes,
	       const uint8_t identity[TRACE_IDENTITY_BYTES])
{
	struct flight *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	f->keep_ns = keep_ns;
	f->max_bytes = max_bytes;
	err = trace_writer_open_memory(&f->writer, identity);
	if (err) {
		flight_free(f);
		return err;
	}
	*out = f;
	return 0;
}

/* Appends what the writer has made to some bytes. */
static int collect(struct flight *f, struct bytes *to)
{
	const void *made;
	size_t nr;
	void *data;
	int err = trace_writer_flush(f->writer);

	if (err)
		return err;
	made = trace_writer_made(f->writer, &nr);
	if (nr) {
		data = realloc(to->data, to->nr + nr);
		if (!data)
			return -ENOMEM;
		memcpy((char *)data + to->nr, made, nr);
		to->data = data;
		to->nr += nr;
	}
	trace_writer_empty(f->writer);
	return 0;
}

/* Forgets the oldest segment. */
static void forget(struct flight *f)
{
	free(f->segment[0].known.data);
	free(f->segment[0].blocks.data);
	f->nr--;
	memmove(&f->segment[0], &f->segment[1], f->nr * sizeof(f->segment[0]));
	memset(&f->segment[f->nr], 0, sizeof(f->segment[0]));
}

/* Forgets what is older than it need be, and what there is no room for. */
static void forget_old(struct flight *f, uint64_t now_ns)
{
	size_t bytes = 0;

	while (f->nr > 1 && f->segment[1].begun_ns + f->keep_ns <= now_ns)
		forget(f);
	for (size_t i = 0; i < f->nr; i++)
		bytes += f->segment[i].known.nr + f->segment[i].blocks.nr;
	while (f->nr > 1 && (bytes > f->max_bytes || f->nr == SEGMENTS_MAX)) {
		bytes -= f->segment[0].known.nr + f->segment[0].blocks.nr;
		f->cut_short = true;
		forget(f);
	}
}

static int add_known(void *arg, const struct iopf_rec *rec)
{
	return flight_add(arg, rec);
}

int flight_begin(struct flight *f, const struct iopf_engine *known, const struct flight_mark *mark,
		 uint64_t now_ns)
{
	uint64_t first_seq, start_ns = mark->start_ns;
	struct segment *s;
	int err = f->nr ? collect(f, &f->segment[f->nr - 1].blocks) : 0;

	if (err)
		return err;
	forget_old(f, now_ns);
	s = &f->segment[f->nr++];
	s->mark = *mark;
	s->begun_ns = now_ns;
	if (!known)
		return 0;
	err = iopf_engine_restate(known, add_known, f, &first_seq, &start_ns);
	return err ? err : collect(f, &s->known);
}

/* A segment is done when it is as long as it should be, or takes more than its part of the memory. */
bool flight_due(const struct flight *f, uint64_t now_ns)
{
	const struct segment *last = &f->segment[f->nr - 1];
	size_t nr;

	trace_writer_made(f->writer, &nr);
	return now_ns - last->begun_ns >= f->keep_ns / SEGMENTS ||
	       last->blocks.nr + nr >= f->max_bytes / SEGMENTS;
}

int flight_add(struct flight *f, const struct iopf_rec *rec)
{
	return trace_writer_add(f->writer, rec);
}

const struct flight_mark *flight_first(const struct flight *f)
{
	return &f->segment[0].mark;
}

bool flight_short(const struct flight *f)
{
	return f->cut_short;
}

int flight_write(struct flight *f, struct trace_writer *to, uint64_t until)
{
	int err = collect(f, &f->segment[f->nr - 1].blocks);

	if (!err)
		err = trace_writer_blocks(to, f->segment[0].known.data, f->segment[0].known.nr,
					  until);
	for (size_t i = 0; i < f->nr && !err; i++)
		err = trace_writer_blocks(to, f->segment[i].blocks.data, f->segment[i].blocks.nr,
					  until);
	return err;
}

void flight_free(struct flight *f)
{
	if (!f)
		return;
	while (f->nr)
		forget(f);
	trace_writer_free(f->writer);
	free(f);
}
