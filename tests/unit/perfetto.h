/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the tests of the Perfetto output have in common: the trace of a history, and what must be true
 * of every trace. To be included after cmocka.h.
 */
#ifndef IOPFTRACE_TESTS_PERFETTO_H
#define IOPFTRACE_TESTS_PERFETTO_H

#include <stdio.h>

#include "history.h"
#include "output/event_line.h"
#include "output/perfetto.h"
#include "perfetto_decode.h"

static inline const char *p_comm(void *engine, uint32_t tid)
{
	return iopf_engine_comm(engine, tid);
}

static inline const char *p_device(void *engine, uint64_t dev)
{
	return iopf_engine_device(engine, dev);
}

/* What is written of a history, which gets its report; to be freed. */
static inline char *p_export(struct history *h, size_t *size)
{
	struct iopf_engine *e = iopf_engine_new(&h->opts);
	struct perfetto_opts opts = {
		.names = { e, p_comm, p_device, NULL },
		.everything = !h->opts.nr_roots,
	};
	struct perfetto *out;
	char *bytes = NULL;
	FILE *f = open_memstream(&bytes, size);

	assert_true(e && f);
	out = perfetto_new(f, &opts);
	assert_non_null(out);
	for (size_t at = 0; at < h->nr_bytes;) {
		const struct iopf_rec *rec = (const struct iopf_rec *)(h->bytes + at);
		uint64_t object = event_object(rec);
		bool in_scope = !object || iopf_engine_in_scope(e, object);

		assert_int_equal(iopf_engine_feed(e, rec), 0);
		in_scope |= iopf_engine_in_scope(e, object);
		assert_int_equal(perfetto_record(out, rec, in_scope), 0);
		at += (rec->size + 7U) & ~7U;
	}
	assert_int_equal(perfetto_finish(out, &h->run), 0);
	perfetto_free(out);
	assert_int_equal(fclose(f), 0);
	h->report = iopf_engine_finish(e, &h->run);
	assert_non_null(h->report);
	iopf_engine_free(e);
	return bytes;
}

static inline struct p_track *p_find(struct p_trace *p, uint64_t uuid)
{
	/* They are numbered in order, mostly: that is quick, and need not be so. */
	if (uuid && uuid <= p->nr_tracks && p->track[uuid - 1].uuid == uuid)
		return &p->track[uuid - 1];
	for (size_t i = 0; i < p->nr_tracks; i++) {
		if (p->track[i].uuid == uuid)
			return &p->track[i];
	}
	fail_msg("there is no track %d", (int)uuid);
	return NULL;
}

/* Whether it is the slice of a group; those within it are its stages. */
static inline bool p_is_group(struct p_trace *p, const struct p_event *e)
{
	return e->type == 1 && e->depth == 0 && !strcmp(p_find(p, e->track)->name, "faults");
}

static inline int p_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Every track has a name of its own, and a parent that exists, and was described before. */
static inline void p_check_tracks(struct p_trace *p)
{
	uint64_t *uuid = calloc(p->nr_tracks + 1, sizeof(*uuid));

	assert_non_null(uuid);
	for (size_t i = 0; i < p->nr_tracks; i++) {
		const struct p_track *t = &p->track[i];

		assert_true(t->uuid != 0);
		assert_true(*t->name || t->thread || t->process);
		uuid[i] = t->uuid;
		if (t->parent)
			assert_true(p_find(p, t->parent) < t);
		if (t->thread)
			assert_true(p_find(p, t->parent)->process);
		if (t->thread)
			assert_int_equal(p_find(p, t->parent)->pid, t->pid);
	}
	qsort(uuid, p->nr_tracks, sizeof(*uuid), p_compare);
	for (size_t i = 1; i < p->nr_tracks; i++)
		assert_true(uuid[i - 1] != uuid[i]);
	free(uuid);
}

/* Every slice ends, and no track goes back in time. */
static inline void p_check_events(struct p_trace *p)
{
	for (size_t i = 0; i < p->nr_events; i++) {
		struct p_event *e = &p->event[i];
		struct p_track *t = p_find(p, e->track);

		assert_true((size_t)(t - p->track) < e->tracks_before);
		assert_int_equal(e->clock, 3);
		assert_true(e->time_ns >= t->last_ns);
		t->last_ns = e->time_ns;
		assert_int_equal(t->counter, e->type == 4);
		assert_int_equal(e->has_value, e->type == 4);
		switch (e->type) {
		case 1:
			assert_true(*e->name);
			e->depth = t->depth++;
			break;
		case 2:
			assert_true(t->depth > 0);
			t->depth--;
			break;
		case 3:
			break;
		case 4:
			assert_true(e->value >= 0);
			t->value = e->value;
			break;
		default:
			fail_msg("an event of type %d", (int)e->type);
		}
	}
	for (size_t i = 0; i < p->nr_tracks; i++)
		assert_int_equal(p->track[i].depth, 0);
}

/* One end of an arrow. */
struct p_end {
	uint64_t flow, time_ns;
	bool group, last;
};

static inline int p_compare_ends(const void *a, const void *b)
{
	return p_compare(&((const struct p_end *)a)->flow, &((const struct p_end *)b)->flow);
}

/* All arrows of the trace, by their numbers. */
static inline struct p_end *p_ends(struct p_trace *p, size_t *nr)
{
	struct p_end *end = malloc((p->nr_events * 4 + p->nr_flows + 1) * sizeof(*end));

	assert_non_null(end);
	*nr = 0;
	for (size_t i = 0; i < p->nr_events; i++) {
		const struct p_event *e = &p->event[i];

		for (size_t f = 0; f < e->nr_flows; f++)
			end[(*nr)++] =
				(struct p_end){ e->flow[f], e->time_ns, p_is_group(p, e), 0 };
		for (size_t f = 0; f < e->nr_ends; f++)
			end[(*nr)++] =
				(struct p_end){ e->ends[f], e->time_ns, p_is_group(p, e), 1 };
	}
	qsort(end, *nr, sizeof(*end), p_compare_ends);
	return end;
}

/*
 * Every arrow goes from one group to a thread or two, and forward in time: unless records were lost,
 * after which a delivery may turn out to have been that of another group. Returns how many.
 */
static inline size_t p_check_flows(struct p_trace *p)
{
	struct p_end *end;
	size_t nr, flows = 0;
	bool lossy = false;

	for (size_t i = 0; i < p->nr_events; i++)
		lossy |= p->event[i].type == 3;

	end = p_ends(p, &nr);
	for (size_t i = 0; i < nr; flows++) {
		size_t first = i, groups = 0, lasts = 0;
		uint64_t group_ns = 0, least_ns = UINT64_MAX, last_ns = UINT64_MAX, most_ns = 0;

		for (; i < nr && end[i].flow == end[first].flow; i++) {
			groups += end[i].group;
			lasts += end[i].last;
			if (end[i].group)
				group_ns = end[i].time_ns;
			if (end[i].last)
				last_ns = end[i].time_ns;
			if (end[i].time_ns < least_ns)
				least_ns = end[i].time_ns;
			if (end[i].time_ns > most_ns)
				most_ns = end[i].time_ns;
		}
		assert_int_equal(groups, 1);
		assert_true(i - first >= 2 && i - first <= 3);
		assert_true(lasts <= 1);
		assert_true(lossy || group_ns == least_ns);
		assert_true(lossy || last_ns >= most_ns);
	}
	free(end);
	return flows;
}

/* The text that is said about an event under a name; "" = nothing. */
static inline const char *p_said(const struct p_event *e, const char *name)
{
	for (size_t i = 0; i < e->nr_notes; i++) {
		if (!strcmp(e->note[i].name, name))
			return e->note[i].text;
	}
	return "";
}

/* The number that is said about an event under a name, -1 = none. */
static inline int64_t p_number(const struct p_event *e, const char *name)
{
	for (size_t i = 0; i < e->nr_notes; i++) {
		if (!strcmp(e->note[i].name, name))
			return e->note[i].number;
	}
	return -1;
}

/* Slices of this name, NULL = of groups. */
static inline size_t p_count(struct p_trace *p, const char *name)
{
	size_t nr = 0;

	for (size_t i = 0; i < p->nr_events; i++) {
		const struct p_event *e = &p->event[i];

		nr += name ? e->type == 1 && !strcmp(e->name, name) : p_is_group(p, e);
	}
	return nr;
}

/* Slices of groups with this text about them. */
static inline size_t p_count_said(struct p_trace *p, const char *name, const char *text)
{
	size_t nr = 0;

	for (size_t i = 0; i < p->nr_events; i++)
		nr += p_is_group(p, &p->event[i]) && !strcmp(p_said(&p->event[i], name), text);
	return nr;
}

/* The slice of this name, from 0; NULL name = of a group. */
static inline struct p_event *p_slice(struct p_trace *p, const char *name, size_t n)
{
	for (size_t i = 0; i < p->nr_events; i++) {
		struct p_event *e = &p->event[i];

		if (e->type == 1 && (name ? !strcmp(e->name, name) : p_is_group(p, e)) && !n--)
			return e;
	}
	fail_msg("no slice %s", name ? name : "of a group");
	return NULL;
}

/* When a slice ends. */
static inline uint64_t p_end_ns(struct p_trace *p, const struct p_event *e)
{
	unsigned int depth = 0;

	for (const struct p_event *at = e; at < p->event + p->nr_events; at++) {
		if (at->track != e->track)
			continue;
		depth += at->type == 1;
		depth -= at->type == 2;
		if (!depth)
			return at->time_ns;
	}
	return 0;
}

/* The groups are those of the report. What the counters have at the end is outstanding. */
static inline void p_check_report(struct p_trace *p, const struct iopf_report *r)
{
	int64_t left = 0;

	for (size_t i = 0; i < p->nr_tracks; i++)
		left += p->track[i].value;
	assert_int_equal(left, r->groups.outstanding);
	assert_int_equal(p_count(p, NULL), r->groups.enqueued + r->groups.adopted);
	assert_int_equal(p_count_said(p, "end", "not answered"), r->groups.outstanding);
}

/* In a trace without gaps the stages are those of the report, too. */
static inline void p_check_stages(struct p_trace *p, const struct iopf_report *r)
{
	for (int i = 0; i < IOPF_STAGE_TOTAL; i++)
		assert_int_equal(p_count(p, iopf_stage_name(i)), r->stage[i].hist.count);
}

/* What must be true of every trace. */
static inline void p_check(struct p_trace *p)
{
	assert_int_equal(p->clocks, 1);
	p_check_tracks(p);
	p_check_events(p);
	p_check_flows(p);
}

/* The trace of a history, with all that can be checked of it. */
static inline struct p_trace *p_trace_of(struct history *h)
{
	struct p_trace *p;
	size_t size;
	char *bytes = p_export(h, &size);

	p = p_decode(bytes, size);
	free(bytes);
	p_check(p);
	p_check_report(p, h->report);
	if (!h->report->lost.gaps)
		p_check_stages(p, h->report);
	return p;
}

#endif /* IOPFTRACE_TESTS_PERFETTO_H */
