// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define OUTPUT_PERFETTO_PRIVATE
#include <errno.h>

#include "output.h"
#include "perfetto_packets.h"

/* Field numbers of protos/perfetto/trace/. They are for ever: the format only grows. */
enum trace_field {
	TRACE_PACKET = 1,
};

enum packet_field {
	PACKET_CLOCK_SNAPSHOT = 6,
	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE_ID = 10,
	PACKET_TRACK_EVENT = 11,
	PACKET_SEQUENCE_FLAGS = 13,
	PACKET_CLOCK_ID = 58,
	PACKET_TRACK_DESCRIPTOR = 60,
};

enum snapshot_field {
	SNAPSHOT_CLOCKS = 1,
	SNAPSHOT_PRIMARY = 2,
};

enum clock_field {
	CLOCK_ID = 1,
	CLOCK_TIMESTAMP = 2,
};

enum descriptor_field {
	DESCRIPTOR_UUID = 1,
	DESCRIPTOR_NAME = 2,
	DESCRIPTOR_PROCESS = 3,
	DESCRIPTOR_THREAD = 4,
	DESCRIPTOR_PARENT = 5,
	DESCRIPTOR_COUNTER = 8,
};

enum process_field {
	PROCESS_PID = 1,
	PROCESS_NAME = 6,
};

enum thread_field {
	THREAD_PID = 1,
	THREAD_TID = 2,
	THREAD_NAME = 5,
};

enum counter_field {
	COUNTER_UNIT = 3,
};

enum event_field {
	EVENT_NOTE = 4,
	EVENT_TYPE = 9,
	EVENT_TRACK = 11,
	EVENT_CATEGORY = 22,
	EVENT_NAME = 23,
	EVENT_VALUE = 30,
	EVENT_FLOW = 47,
	EVENT_LAST_FLOW = 48,
	EVENT_CORRELATION = 52,
};

enum note_field {
	NOTE_NUMBER = 4,
	NOTE_TEXT = 6,
	NOTE_NAME = 10,
};

#define BUILTIN_REALTIME 1
#define BUILTIN_MONOTONIC 3
#define UNIT_COUNT 2
#define STATE_CLEARED 1 /* of the sequence: it begins here */
#define SEQUENCE 1

/* Writes the packet that was made, as a field of the trace. */
static void emit(struct pf_writer *w, size_t packet)
{
	pb_close(&w->pb, packet);
	if (w->pb.failed)
		w->error = w->error ? w->error : -ENOMEM;
	if (w->error || !w->out)
		return;
	errno = 0;
	fwrite(w->pb.bytes, 1, w->pb.nr, w->out);
	w->error = output_error(w->out);
}

/* Begins a packet; returns what emit() takes. */
static size_t packet(struct pf_writer *w)
{
	size_t begin;

	pb_clear(&w->pb);
	begin = pb_open(&w->pb, TRACE_PACKET);
	pb_varint(&w->pb, PACKET_SEQUENCE_ID, SEQUENCE);
	return begin;
}

/* One clock of a snapshot. */
static void put_clock(struct pb *pb, uint64_t id, uint64_t ns)
{
	size_t clock = pb_open(pb, SNAPSHOT_CLOCKS);

	pb_varint(pb, CLOCK_ID, id);
	pb_varint(pb, CLOCK_TIMESTAMP, ns);
	pb_close(pb, clock);
}

void pf_begin(struct pf_writer *w, FILE *out)
{
	*w = (struct pf_writer){ .out = out };
}

/*
 * A reader takes times to be CLOCK_BOOTTIME, and drops those of another clock unless it is told how
 * the two go together. We do not know, and so make ours the trace's clock.
 */
void pf_clock(struct pf_writer *w, uint64_t monotonic_ns, uint64_t realtime_ns)
{
	size_t begin = packet(w), snapshot;
	struct pb *pb = &w->pb;

	pb_varint(pb, PACKET_SEQUENCE_FLAGS, STATE_CLEARED);
	snapshot = pb_open(pb, PACKET_CLOCK_SNAPSHOT);
	put_clock(pb, BUILTIN_MONOTONIC, monotonic_ns);
	if (realtime_ns)
		put_clock(pb, BUILTIN_REALTIME, realtime_ns);
	pb_varint(pb, SNAPSHOT_PRIMARY, BUILTIN_MONOTONIC);
	pb_close(pb, snapshot);
	emit(w, begin);
}

/* What a track is, beside its name. */
static void put_kind(struct pb *pb, const struct pf_track *track)
{
	size_t inner;

	switch (track->kind) {
	case PF_TRACK_SLICES:
		break;
	case PF_TRACK_COUNTER:
		inner = pb_open(pb, DESCRIPTOR_COUNTER);
		pb_varint(pb, COUNTER_UNIT, UNIT_COUNT);
		pb_close(pb, inner);
		break;
	case PF_TRACK_PROCESS:
		inner = pb_open(pb, DESCRIPTOR_PROCESS);
		pb_varint(pb, PROCESS_PID, track->pid);
		pb_text(pb, PROCESS_NAME, track->name);
		pb_close(pb, inner);
		break;
	case PF_TRACK_THREAD:
		inner = pb_open(pb, DESCRIPTOR_THREAD);
		pb_varint(pb, THREAD_PID, track->pid);
		pb_varint(pb, THREAD_TID, track->tid);
		pb_text(pb, THREAD_NAME, track->name);
		pb_close(pb, inner);
		break;
	}
}

uint64_t pf_describe(struct pf_writer *w, const struct pf_track *track)
{
	size_t begin = packet(w), descriptor;
	struct pb *pb = &w->pb;

	descriptor = pb_open(pb, PACKET_TRACK_DESCRIPTOR);
	pb_varint(pb, DESCRIPTOR_UUID, ++w->last_uuid);
	if (track->parent)
		pb_varint(pb, DESCRIPTOR_PARENT, track->parent);
	if (track->kind == PF_TRACK_SLICES || track->kind == PF_TRACK_COUNTER)
		pb_text(pb, DESCRIPTOR_NAME, track->name);
	put_kind(pb, track);
	pb_close(pb, descriptor);
	emit(w, begin);
	return w->last_uuid;
}

static void put_notes(struct pb *pb, const struct pf_note *note, size_t nr)
{
	for (; nr > 0; nr--, note++) {
		size_t inner = pb_open(pb, EVENT_NOTE);

		pb_text(pb, NOTE_NAME, note->name);
		if (note->text)
			pb_text(pb, NOTE_TEXT, note->text);
		else
			pb_varint(pb, NOTE_NUMBER, (uint64_t)note->number);
		pb_close(pb, inner);
	}
}

/* What an event says, but for when. */
static void put_event(struct pb *pb, const struct pf_event *e)
{
	pb_varint(pb, EVENT_TYPE, e->type);
	pb_varint(pb, EVENT_TRACK, e->track);
	if (e->name) {
		pb_text(pb, EVENT_CATEGORY, "iopf");
		pb_text(pb, EVENT_NAME, e->name);
	}
	put_notes(pb, e->note, e->nr_notes);
	if (e->type == PF_COUNTER)
		pb_varint(pb, EVENT_VALUE, (uint64_t)e->value);
	for (size_t i = 0; i < e->nr_flows; i++)
		pb_fixed64(pb, EVENT_FLOW, e->flow[i]);
	if (e->last_flow)
		pb_fixed64(pb, EVENT_LAST_FLOW, e->last_flow);
	if (e->correlation)
		pb_varint(pb, EVENT_CORRELATION, e->correlation);
}

void pf_put(struct pf_writer *w, const struct pf_event *event)
{
	size_t begin = packet(w), inner;

	pb_varint(&w->pb, PACKET_TIMESTAMP, event->time_ns);
	pb_varint(&w->pb, PACKET_CLOCK_ID, BUILTIN_MONOTONIC);
	inner = pb_open(&w->pb, PACKET_TRACK_EVENT);
	put_event(&w->pb, event);
	pb_close(&w->pb, inner);
	emit(w, begin);
}

int pf_finish(struct pf_writer *w)
{
	pb_free(&w->pb);
	return w->error;
}
