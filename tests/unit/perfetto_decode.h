/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Decodes a Perfetto trace: shares nothing with what encodes it, and takes no field that it does not
 * know. To be included after cmocka.h.
 */
#ifndef IOPFTRACE_TESTS_PERFETTO_DECODE_H
#define IOPFTRACE_TESTS_PERFETTO_DECODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define P_TEXT 300

struct p_track {
	uint64_t uuid, parent;
	const char *name; /* of a process or thread its own; "" = none */
	bool process, thread, counter;
	uint64_t pid, tid;
	/* While events are checked: */
	uint64_t last_ns;
	unsigned int depth;
	int64_t value;
};

struct p_note {
	const char *name, *text;
	int64_t number;
};

struct p_event {
	uint64_t time_ns, track, type, clock, correlation;
	const char *name; /* "" = none */
	bool has_value;
	int64_t value;
	uint64_t *flow, ends[4];
	size_t nr_flows, nr_ends;
	struct p_note *note;
	size_t nr_notes;
	size_t tracks_before; /* descriptors that came before it */
	unsigned int depth; /* of a slice: those that it is in; set by p_check() */
};

struct p_trace {
	struct p_track *track;
	size_t nr_tracks, max_tracks;
	struct p_event *event;
	size_t nr_events, max_events;
	unsigned int clocks;
	/* What events have: as much as fits into so many bytes of a trace at most, so nothing is moved. */
	struct p_note *note;
	uint64_t *flow;
	char *text;
	size_t nr_notes, nr_flows, nr_text;
};

/* Bytes that are left of a message. */
struct p_bytes {
	const uint8_t *at, *end;
};

/* One field of a message. */
struct p_field {
	uint64_t number, wire, value;
	struct p_bytes bytes;
};

static inline uint64_t p_varint(struct p_bytes *b)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 64; shift += 7) {
		assert_true(b->at < b->end);
		value |= (uint64_t)(*b->at & 0x7f) << shift;
		if (!(*b->at++ & 0x80))
			return value;
	}
	fail_msg("a number has no end");
	return 0;
}

static inline bool p_next(struct p_bytes *b, struct p_field *f)
{
	if (b->at == b->end)
		return false;
	*f = (struct p_field){ .number = p_varint(b) };
	f->wire = f->number & 7;
	f->number >>= 3;
	switch (f->wire) {
	case 0:
		f->value = p_varint(b);
		break;
	case 1:
		assert_true(b->end - b->at >= 8);
		memcpy(&f->value, b->at, 8);
		b->at += 8;
		break;
	case 2:
		f->value = p_varint(b);
		assert_true(f->value <= (uint64_t)(b->end - b->at));
		f->bytes = (struct p_bytes){ b->at, b->at + f->value };
		b->at += f->value;
		break;
	default:
		fail_msg("field %d of a kind that is not used", (int)f->number);
	}
	return true;
}

/* A text, which must be UTF-8; jansson knows. */
static inline const char *p_text(struct p_trace *p, const struct p_field *f)
{
	char *text = p->text + p->nr_text;
	json_t *valid = json_stringn((const char *)f->bytes.at, f->value);

	assert_int_equal(f->wire, 2);
	assert_non_null(valid);
	json_decref(valid);
	assert_true(f->value < P_TEXT);
	memcpy(text, f->bytes.at, f->value);
	text[f->value] = '\0';
	p->nr_text += f->value + 1;
	return text;
}

/* The process or thread of a track. */
static inline void p_task(struct p_trace *p, struct p_track *t, struct p_bytes b, bool thread)
{
	struct p_field f;

	while (p_next(&b, &f)) {
		if (f.number == 1)
			t->pid = f.value;
		else if (thread && f.number == 2)
			t->tid = f.value;
		else if (f.number == (thread ? 5 : 6))
			t->name = p_text(p, &f);
		else
			fail_msg("field %d of a task", (int)f.number);
	}
	t->thread = thread;
	t->process = !thread;
}

static inline void p_track(struct p_trace *p, struct p_bytes b)
{
	struct p_track *t;
	struct p_field f;

	if (p->nr_tracks == p->max_tracks) {
		p->max_tracks = 2 * p->max_tracks + 64;
		p->track = realloc(p->track, p->max_tracks * sizeof(*t));
		assert_non_null(p->track);
	}
	t = &p->track[p->nr_tracks++];
	*t = (struct p_track){ .name = "" };
	while (p_next(&b, &f)) {
		switch (f.number) {
		case 1:
			t->uuid = f.value;
			break;
		case 2:
			t->name = p_text(p, &f);
			break;
		case 3:
		case 4:
			p_task(p, t, f.bytes, f.number == 4);
			break;
		case 5:
			t->parent = f.value;
			break;
		case 8:
			t->counter = true;
			break;
		default:
			fail_msg("field %d of a track", (int)f.number);
		}
	}
}

static inline void p_note(struct p_trace *p, struct p_event *e, struct p_bytes b)
{
	struct p_note *note = &p->note[p->nr_notes++];
	struct p_field f;

	*note = (struct p_note){ "", "", 0 };
	while (p_next(&b, &f)) {
		if (f.number == 10) {
			note->name = p_text(p, &f);
		} else if (f.number == 6) {
			note->text = p_text(p, &f);
		} else {
			assert_int_equal(f.number, 4);
			note->number = (int64_t)f.value;
		}
	}
	assert_true(*note->name);
	e->nr_notes++;
}

static inline void p_track_event(struct p_trace *p, struct p_event *e, struct p_bytes b)
{
	struct p_field f;

	e->note = p->note + p->nr_notes;
	e->flow = p->flow + p->nr_flows;

	while (p_next(&b, &f)) {
		switch (f.number) {
		case 4:
			p_note(p, e, f.bytes);
			break;
		case 9:
			e->type = f.value;
			break;
		case 11:
			e->track = f.value;
			break;
		case 22:
			p_text(p, &f);
			break;
		case 23:
			e->name = p_text(p, &f);
			break;
		case 30:
			e->has_value = true;
			e->value = (int64_t)f.value;
			break;
		case 47:
			assert_int_equal(f.wire, 1);
			p->flow[p->nr_flows++] = f.value;
			e->nr_flows++;
			break;
		case 48:
			assert_int_equal(f.wire, 1);
			assert_true(e->nr_ends < 4);
			e->ends[e->nr_ends++] = f.value;
			break;
		case 52:
			e->correlation = f.value;
			break;
		default:
			fail_msg("field %d of an event", (int)f.number);
		}
	}
}

/* One packet. Its event, if it has one, is taken last, since the time may come after it. */
static inline void p_packet(struct p_trace *p, struct p_bytes b)
{
	struct p_bytes event = { NULL, NULL };
	uint64_t time_ns = 0, clock = 0, sequence = 0;
	struct p_event *e;
	struct p_field f;

	while (p_next(&b, &f)) {
		if (f.number == 8)
			time_ns = f.value;
		else if (f.number == 10)
			sequence = f.value;
		else if (f.number == 11)
			event = f.bytes;
		else if (f.number == 58)
			clock = f.value;
		else if (f.number == 60)
			p_track(p, f.bytes);
		else if (f.number == 6)
			p->clocks++;
		else
			assert_int_equal(f.number, 13);
	}
	assert_int_equal(sequence, 1);
	if (!event.at)
		return;
	if (p->nr_events == p->max_events) {
		p->max_events = 2 * p->max_events + 64;
		p->event = realloc(p->event, p->max_events * sizeof(*e));
		assert_non_null(p->event);
	}
	e = &p->event[p->nr_events++];
	*e = (struct p_event){ .name = "" };
	e->time_ns = time_ns;
	e->clock = clock;
	e->tracks_before = p->nr_tracks;
	p_track_event(p, e, event);
}

static inline struct p_trace *p_decode(const char *bytes, size_t nr)
{
	struct p_bytes b = { (const uint8_t *)bytes, (const uint8_t *)bytes + nr };
	struct p_trace *p = calloc(1, sizeof(*p));
	struct p_field f;

	assert_non_null(p);
	/* A note takes two bytes at least, an arrow ten, and a text one beside itself. */
	p->note = malloc((nr / 2 + 1) * sizeof(*p->note));
	p->flow = malloc(nr + 1);
	p->text = malloc(nr + 1);
	assert_true(p->note && p->flow && p->text);
	while (p_next(&b, &f)) {
		assert_int_equal(f.number, 1);
		assert_int_equal(f.wire, 2);
		p_packet(p, f.bytes);
	}
	return p;
}

static inline void p_free(struct p_trace *p)
{
	free(p->track);
	free(p->event);
	free(p->note);
	free(p->flow);
	free(p->text);
	free(p);
}

#endif /* IOPFTRACE_TESTS_PERFETTO_DECODE_H */
