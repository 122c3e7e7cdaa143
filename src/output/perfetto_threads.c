// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define OUTPUT_PERFETTO_PRIVATE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "perfetto_threads.h"
#include "utf8.h"

#define MAX_NESTED 32 /* slices; what would be deeper is beside the last */

/* Calls whose return is always told. */
#define TOLD (IOPF_CTX_READ | IOPF_CTX_AUTO | IOPF_CTX_DESTROY | IOPF_CTX_QREMOVE)

int pf_threads_init(struct pf_threads *ts, struct pf_writer *w, const struct event_names *names,
		    uint64_t seed)
{
	*ts = (struct pf_threads){ .w = w, .names = names };
	if (pf_table_init(&ts->threads, seed) || pf_table_init(&ts->processes, seed))
		return -ENOMEM;
	return 0;
}

void pf_threads_free(struct pf_threads *ts)
{
	struct pf_link *link;

	while ((link = ts->threads.oldest)) {
		struct pf_thread *t = PF_OF(link, struct pf_thread, link);

		pf_table_remove(&ts->threads, link);
		free(t->call);
		free(t->flow);
		free(t);
	}
	while ((link = ts->processes.oldest)) {
		pf_table_remove(&ts->processes, link);
		free(PF_OF(link, struct pf_process, link));
	}
	pf_table_free(&ts->threads);
	pf_table_free(&ts->processes);
}

struct pf_thread *pf_thread_of(struct pf_threads *ts, const struct iopf_rec *rec)
{
	uint64_t key = (uint64_t)rec->tgid << 32 | rec->tid;
	struct pf_link *link = pf_table_find(&ts->threads, key, NULL);
	struct pf_thread *t;

	if (link)
		return PF_OF(link, struct pf_thread, link);
	t = calloc(1, sizeof(*t));
	if (!t) {
		ts->failed = true;
		return NULL;
	}
	t->tgid = rec->tgid;
	t->tid = rec->tid;
	pf_table_add(&ts->threads, &t->link, key);
	return t;
}

/* A task's name; task names are any bytes. */
static struct utf8_name name_of(const struct pf_threads *ts, uint32_t tid)
{
	const char *comm = ts->names->comm ? ts->names->comm(ts->names->arg, tid) : "";

	return utf8_name(comm, UTF8_NAME_MAX);
}

/* The track of a thread's process; by the thread's name when nobody told that of the leader. */
static uint64_t process_track(struct pf_threads *ts, const struct pf_thread *t)
{
	struct pf_link *link = pf_table_find(&ts->processes, t->tgid, NULL);
	struct utf8_name name = name_of(ts, t->tgid);
	struct pf_process *p;

	if (link)
		return PF_OF(link, struct pf_process, link)->track;
	p = calloc(1, sizeof(*p));
	if (!p) {
		ts->failed = true;
		return 0;
	}
	if (!*name.s)
		name = name_of(ts, t->tid);
	p->track = pf_describe(ts->w, &(struct pf_track){ .kind = PF_TRACK_PROCESS,
							  .name = name.s,
							  .pid = t->tgid });
	pf_table_add(&ts->processes, &p->link, t->tgid);
	return p->track;
}

/* Describes a thread when there is something to show of it: its name is known by then. */
static void describe(struct pf_threads *ts, struct pf_thread *t)
{
	uint64_t parent = process_track(ts, t);
	struct utf8_name name = name_of(ts, t->tid);

	t->track = pf_describe(ts->w, &(struct pf_track){ .kind = PF_TRACK_THREAD,
							  .parent = parent,
							  .name = name.s,
							  .pid = t->tgid,
							  .tid = t->tid });
}

/* Outer calls before inner ones; of equal ones those that were told first are outside. */
static int compare(const void *a, const void *b)
{
	const struct pf_call *x = a, *y = b;

	if (x->begin_ns != y->begin_ns)
		return x->begin_ns < y->begin_ns ? -1 : 1;
	if (x->end_ns != y->end_ns)
		return x->end_ns > y->end_ns ? -1 : 1;
	if (!x->bracket != !y->bracket)
		return x->bracket ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* The calls that are open while calls are written: when they end. */
struct nest {
	uint64_t end_ns[MAX_NESTED];
	uint32_t nr;
};

/* Ends the innermost. */
static void close_call(struct pf_threads *ts, struct pf_thread *t, struct nest *nest)
{
	t->last_ns = nest->end_ns[--nest->nr];
	pf_put(ts->w,
	       &(struct pf_event){ .type = PF_END, .track = t->track, .time_ns = t->last_ns });
}

/* Ends those that end before @begin_ns, or are none that a call of this length can be in. */
static void close_calls(struct pf_threads *ts, struct pf_thread *t, struct nest *nest,
			uint64_t begin_ns, uint64_t end_ns)
{
	while (nest->nr) {
		uint64_t at = nest->end_ns[nest->nr - 1];

		/* What takes no time may be at the very end of what it is in. */
		if (nest->nr < MAX_NESTED &&
		    (at > begin_ns || (at == begin_ns && end_ns == begin_ns && t->last_ns < at)))
			return;
		close_call(ts, t, nest);
	}
}

/* Writes the beginning of a call. What times say is bent until it nests. */
static void open_call(struct pf_threads *ts, struct pf_thread *t, struct nest *nest,
		      const struct pf_call *c)
{
	uint64_t begin_ns = c->begin_ns, end_ns = c->end_ns;

	if (begin_ns < t->last_ns)
		begin_ns = t->last_ns;
	close_calls(ts, t, nest, begin_ns, end_ns);
	if (begin_ns < t->last_ns)
		begin_ns = t->last_ns;
	if (end_ns < begin_ns)
		end_ns = begin_ns;
	if (nest->nr && end_ns > nest->end_ns[nest->nr - 1])
		end_ns = nest->end_ns[nest->nr - 1];
	pf_put(ts->w, &(struct pf_event){ .type = PF_BEGIN,
					  .track = t->track,
					  .time_ns = begin_ns,
					  .name = c->name,
					  .note = c->note,
					  .nr_notes = c->nr_notes,
					  .flow = c->nr_flows ? t->flow + c->first_flow : NULL,
					  .nr_flows = c->nr_flows,
					  .last_flow = c->last_flow,
					  .correlation = c->correlation });
	t->last_ns = begin_ns;
	nest->end_ns[nest->nr++] = end_ns;
}

/* Writes a thread's calls, which are over. */
static void flush(struct pf_threads *ts, struct pf_thread *t)
{
	struct nest nest = { .nr = 0 };

	t->inside = 0;
	if (!t->nr)
		return;
	if (!t->track)
		describe(ts, t);
	qsort(t->call, t->nr, sizeof(*t->call), compare);
	for (uint32_t i = 0; i < t->nr; i++)
		open_call(ts, t, &nest, &t->call[i]);
	while (nest.nr)
		close_call(ts, t, &nest);
	t->nr = 0;
	t->nr_flows = 0;
	t->last = 0;
}

void pf_threads_finish(struct pf_threads *ts)
{
	for (struct pf_link *link = ts->threads.oldest; link; link = link->newer)
		flush(ts, PF_OF(link, struct pf_thread, link));
}

static bool is_call(const struct pf_call *c, uint32_t bracket, uint64_t begin_ns)
{
	return bracket && c->bracket == bracket && c->begin_ns == begin_ns;
}

/* The call that began then, if it is kept. */
static struct pf_call *find(const struct pf_thread *t, uint32_t bracket, uint64_t begin_ns)
{
	/* Nearly always the last one: of a long write each answer asks. */
	if (t->last && is_call(&t->call[t->last - 1], bracket, begin_ns))
		return &t->call[t->last - 1];
	for (uint32_t i = t->nr; bracket && i--;) {
		if (is_call(&t->call[i], bracket, begin_ns))
			return &t->call[i];
	}
	return NULL;
}

struct pf_call *pf_thread_last(const struct pf_thread *t, uint32_t bracket, uint64_t begin_ns)
{
	return t->last && is_call(&t->call[t->last - 1], bracket, begin_ns) ?
		       &t->call[t->last - 1] :
		       NULL;
}

void pf_thread_goes_on(struct pf_threads *ts, struct pf_thread *t, uint32_t context,
		       uint64_t enter_ns)
{
	uint32_t untold = context & (IOPF_CTX_WRITE | IOPF_CTX_REPORT);

	if (!(t->inside & context & TOLD) &&
	    !(untold && (find(t, untold & IOPF_CTX_WRITE, enter_ns) ||
			 find(t, untold & IOPF_CTX_REPORT, enter_ns))))
		flush(ts, t);
	t->inside = context & TOLD;
}

void pf_thread_returned(struct pf_threads *ts, struct pf_thread *t, uint32_t context)
{
	t->inside = context & TOLD;
	if (!t->inside)
		flush(ts, t);
}

struct pf_call *pf_thread_call(struct pf_threads *ts, struct pf_thread *t, uint32_t bracket,
			       uint64_t begin_ns, uint64_t end_ns)
{
	struct pf_call *c = find(t, bracket, begin_ns);

	if (c) {
		if (c->end_ns < end_ns)
			c->end_ns = end_ns;
		return c;
	}
	if (t->nr == t->max) {
		uint32_t max = t->max ? 2 * t->max : 4;

		c = realloc(t->call, max * sizeof(*c));
		if (!c) {
			ts->failed = true;
			return NULL;
		}
		t->call = c;
		t->max = max;
	}
	c = &t->call[t->nr];
	*c = (struct pf_call){
		.bracket = bracket,
		.order = t->nr++,
		.begin_ns = begin_ns,
		.end_ns = end_ns,
		.first_flow = t->nr_flows,
	};
	if (bracket)
		t->last = t->nr;
	return c;
}

/* Room for one more note. */
static struct pf_note *add_note(struct pf_call *call, const char *name)
{
	for (uint32_t i = 0; i < call->nr_notes; i++) {
		if (!strcmp(call->note[i].name, name))
			return &call->note[i];
	}
	if (call->nr_notes == PF_CALL_NOTES)
		return NULL;
	call->note[call->nr_notes].name = name;
	return &call->note[call->nr_notes++];
}

void pf_call_note(struct pf_call *call, const char *name, int64_t number)
{
	struct pf_note *note = add_note(call, name);

	if (note)
		note->number = number;
}

void pf_call_note_text(struct pf_call *call, const char *name, const char *text)
{
	struct pf_note *note = add_note(call, name);

	if (note)
		note->text = text;
}

bool pf_thread_flow(struct pf_threads *ts, struct pf_thread *t, struct pf_call *call, uint64_t flow)
{
	if (t->nr_flows == t->max_flows) {
		uint32_t max = t->max_flows ? 2 * t->max_flows : 8;
		uint64_t *flows = realloc(t->flow, max * sizeof(*flows));

		if (!flows) {
			ts->failed = true;
			return false;
		}
		t->flow = flows;
		t->max_flows = max;
	}
	if (!call->nr_flows)
		call->first_flow = t->nr_flows;
	if (call->first_flow + call->nr_flows != t->nr_flows)
		return false;
	t->flow[t->nr_flows++] = flow;
	call->nr_flows++;
	return true;
}
