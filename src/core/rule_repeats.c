// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * IOPF031: calls that fail for the same cause again and again. What matters most is a read whose buffer
 * the first group of the queue does not fit into: nothing behind that group is delivered either. And
 * what these calls tell about groups that got no answer.
 *
 * Reads of one object stand in a row until one returns something, or the group that waits has gone in
 * another way; growing the buffer begins a new row. Reads of an empty queue do not count: those that
 * return 0 have no records, so it is not known whether there was one between two that failed. Writes
 * stand in a row by what they were given.
 */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "match.h"
#include "rule_files.h"

/* So many in a row, over so long at least, are no probing and no retry any more. */
#define REPEATS_MIN 8
#define REPEATS_NS 100000000ULL

/* A write that failed so long ago has nothing to do with the next one. */
#define REPEATS_STALE_NS 10000000000ULL

/* Reads of an empty queue, in all and a second, that are more than polling now and then. */
#define BUSY_MIN 10000
#define BUSY_RATE 2000

/* How far into the queue it is looked for the group that does not fit: see match.c. */
#define HEAD_MAX 64

#define RECORD sizeof(struct iopf_pgfault)
#define PLACE_NONE UINT32_MAX

/* The name of an error. */
static const char *error_name(uint32_t error)
{
	switch (error) {
	case EINVAL:
		return "EINVAL";
	case EFAULT:
		return "EFAULT";
	case ESPIPE:
		return "ESPIPE";
	case ENOMEM:
		return "ENOMEM";
	default:
		return "an error";
	}
}

/* What was wrong with the reads, for the end of a sentence; "" = it is not known. */
static void read_cause(const struct repeat *r, char *words, size_t size)
{
	uint64_t room = r->bytes / RECORD;
	int n;

	*words = '\0';
	if (r->error == EFAULT)
		snprintf(words, size, ": the kernel could not write to the buffer");
	if (r->error == ESPIPE)
		snprintf(words, size, ": %" PRIu64 " bytes, no multiple of 40, or at an offset",
			 r->bytes);
	if (r->error != EINVAL)
		return;
	n = snprintf(words, size, ": room for %" PRIu64 " record%s (%" PRIu64 " bytes)", room,
		     room == 1 ? "" : "s", r->bytes);
	if (r->group)
		snprintf(words + n, size - (size_t)n,
			 ", and the first group has %u page%s (%" PRIu64 " bytes)", r->pages,
			 r->pages == 1 ? "" : "s", r->pages * (uint64_t)RECORD);
}

/* The same of writes. */
static void write_cause(const struct repeat *r, char *words, size_t size)
{
	*words = '\0';
	if (r->named)
		snprintf(words, size, ", each for cookie %u with code %u", r->cookie, r->code);
	else if (r->error == EFAULT)
		snprintf(words, size, ": the kernel could not read the buffer");
	else if (r->error == ESPIPE)
		snprintf(words, size, ": %" PRIu64 " bytes, no multiple of 8, or at an offset",
			 r->bytes);
}

/* What was found, in a sentence. */
static void describe(const struct repeat *r, char *text, size_t size)
{
	char cause[RULE_WHY];

	if (r->is_write)
		write_cause(r, cause, sizeof(cause));
	else
		read_cause(r, cause, sizeof(cause));
	snprintf(text, size, "%" PRIu64 " %s in a row failed with %s in %" PRIu64 " ms%s", r->times,
		 r->is_write ? "writes" : "reads", error_name(r->error),
		 (r->last_ns - r->first_ns) / 1000000, cause);
}

/* What should have been done. */
static const char *expected_of(const struct repeat *r)
{
	if (r->error == EFAULT)
		return "a buffer that the kernel can use, once a call has failed for want of it";
	if (r->error == ESPIPE)
		return r->is_write ? "a size that is a multiple of 8, without an offset" :
				     "a size that is a multiple of 40, without an offset";
	if (r->error == EINVAL && !r->is_write)
		return "a larger buffer, once a read has failed with EINVAL";
	return "another call than the one that has just failed";
}

/* The group that waits for these reads, if it is known and still does; else NULL. */
static struct group *waiting_group(const struct iopf_engine *e, const struct repeat *r)
{
	struct group *g = r->group ? groups_at(&e->groups, r->group) : NULL;

	return g && g->state & GROUP_QUEUED && g->seq == r->group_seq && g->epoch == e->epoch &&
			       !(g->state & GROUP_REPLACED) ?
		       g :
		       NULL;
}

/* The shorter of the deadlines that a group in the queue must keep; 0 = there is none. */
static uint64_t queue_deadline(const struct judge *j)
{
	uint64_t answer = j->deadline_ns[IOPF_DEADLINE_ANSWER];
	uint64_t read = j->deadline_ns[IOPF_DEADLINE_READ];

	return !answer || (read && read < answer) ? read : answer;
}

/* Whether the deadline of the group that waits has passed, by now or when the last of them failed. */
static bool is_overdue(const struct iopf_engine *e, const struct repeat *r, uint64_t now_ns)
{
	uint64_t deadline = queue_deadline(&e->judge);
	uint64_t until_ns = waiting_group(e, r) ? now_ns : r->last_ns;

	return deadline && r->since_ns && until_ns > r->since_ns &&
	       until_ns - r->since_ns > deadline;
}

/* Whose fault it is. */
static enum iopf_blame blame_of(const struct iopf_engine *e, const struct object *o,
				const struct repeat *r)
{
	bool fits = !r->is_write && r->error == EINVAL && !r->group && objects_whole(e, o);

	return r->error == ENOMEM || fits ? IOPF_BLAME_UNKNOWN : IOPF_BLAME_USER;
}

/* One of the calls, as a step of the story. */
static void call_step(struct iopf_engine *e, const struct repeat *r, bool last)
{
	struct iopf_step step = {
		.kind = r->is_write ? IOPF_STEP_WRITE : IOPF_STEP_READ,
		.offending = last,
		.has_seq = true,
		.seq = last ? r->last_seq : r->first_seq,
		.time_ns = last ? r->last_ns : r->first_ns,
		.enter_ns = last ? r->last_enter_ns : r->first_enter_ns,
	};

	if (last)
		findings_step(e, step, r->task, "fails with %s, as the %" PRIu64 " before",
			      error_name(r->error), r->times - 1);
	else
		findings_step(e, step, r->task, "fails with %s", error_name(r->error));
}

/* Says it. What the row comes to is put into the case when it ends. */
static void tell(struct iopf_engine *e, struct object *o, struct repeat *r,
		 enum iopf_severity severity)
{
	struct findings *f = &e->judge.findings;
	struct iopf_case *c = findings_begin(e, 31, severity, o);
	struct group *g = waiting_group(e, r);
	char text[2 * RULE_WHY];

	r->told = o->in_scope;
	r->place = PLACE_NONE;
	if (!c)
		return;
	r->severity = (uint8_t)c->severity;
	if (g)
		findings_group(e, c, g, NULL);
	call_step(e, r, false);
	call_step(e, r, true);
	describe(r, text, sizeof(text));
	findings_end(e, c, blame_of(e, o, r), expected_of(r), "%s", text);
	r->place = (uint32_t)f->found[31][r->severity].nr - 1;
}

/* Whether there have been so many that it is no probing any more. */
static bool is_too_many(const struct repeat *r)
{
	return r->times >= REPEATS_MIN && r->last_ns >= r->first_ns + REPEATS_NS;
}

/* How bad it is: a policy that names the rule decides alone. */
static enum iopf_severity severity_of(const struct iopf_engine *e, const struct repeat *r,
				      uint64_t now_ns)
{
	return e->judge.severity[31] == IOPF_SEVERITY_DEFAULT && !r->is_write &&
			       is_overdue(e, r, now_ns) ?
		       IOPF_SEVERITY_ERROR :
		       IOPF_SEVERITY_WARN;
}

/* One more has failed. Where a deadline may yet make it worse, it is said when that is known. */
static void weigh(struct iopf_engine *e, struct object *o, struct repeat *r)
{
	enum iopf_severity severity;

	if (r->told || !is_too_many(r))
		return;
	severity = severity_of(e, r, r->last_ns);
	if (severity == IOPF_SEVERITY_ERROR || r->is_write || !queue_deadline(&e->judge) ||
	    !r->since_ns)
		tell(e, o, r, severity);
}

/* A row of them has ended, or the trace has. */
static void settle(struct iopf_engine *e, struct object *o, struct repeat *r, uint64_t now_ns)
{
	char text[2 * RULE_WHY];

	if (!r->times || (!r->told && !is_too_many(r)))
		return;
	if (!r->told) {
		tell(e, o, r, severity_of(e, r, now_ns));
	} else if (r->place != PLACE_NONE) {
		describe(r, text, sizeof(text));
		findings_retell(e, 31, r->severity, r->place, text);
	}
}

/* Ends a row. */
static void end_row(struct iopf_engine *e, struct object *o, struct repeat *r, uint64_t now_ns)
{
	settle(e, o, r, now_ns);
	memset(r, 0, sizeof(*r));
}

/* The rows of an object; made if there were none. NULL when there is no memory. */
static struct repeats *make_rows(struct iopf_engine *e, struct object *o)
{
	struct judged *j = judge_object(e, o);

	if (!j || j->repeats)
		return j ? j->repeats : NULL;
	j->repeats = memory_calloc(&e->memory, 1, sizeof(*j->repeats));
	if (!j->repeats)
		core_out_of_memory(e);
	return j->repeats;
}

/* Frees the rows of an object of which none is left, so that its records are usual ones again. */
static void free_rows(struct iopf_engine *e, struct object *o)
{
	struct repeats *rows = o->judged ? o->judged->repeats : NULL;

	if (!rows || rows->read.times)
		return;
	for (int i = 0; i < REPEATS_WRITES; i++) {
		if (rows->write[i].times)
			return;
	}
	memory_free(&e->memory, rows);
	o->judged->repeats = NULL;
}

/* Ends the rows of writes of which the last has been too long ago. */
static void end_stale(struct iopf_engine *e, struct object *o, struct repeats *rows,
		      uint64_t now_ns)
{
	for (int i = 0; i < REPEATS_WRITES; i++) {
		struct repeat *r = &rows->write[i];

		if (r->times && now_ns > r->last_ns && now_ns - r->last_ns > REPEATS_STALE_NS)
			end_row(e, o, r, now_ns);
	}
}

/* Adds a call to a row. */
static void add(struct iopf_engine *e, struct repeat *r, const struct iopf_rec *rec,
		uint64_t enter_ns, int64_t ret)
{
	if (!r->times++) {
		r->error = (uint32_t)-ret;
		r->epoch = e->epoch;
		r->first_ns = rec->time_ns;
		r->first_enter_ns = enter_ns;
		r->first_seq = rec->seq;
	}
	r->last_ns = rec->time_ns;
	r->last_enter_ns = enter_ns;
	r->last_seq = rec->seq;
	r->tgid = rec->tgid;
	r->task = tasks_get(&e->tasks, rec->tgid, rec->tid);
}

/* The group that a read without success left at the head of the queue; NULL = it is not known. */
static struct group *find_head(const struct iopf_engine *e, const struct object *o,
			       const struct iopf_rec_read *r)
{
	uint32_t id = o->queue.head;

	for (int depth = 0; id && depth < HEAD_MAX; depth++) {
		struct group *g = groups_at(&e->groups, id);

		if (g->epoch == e->epoch &&
		    (r->ret != -EINVAL || g->pages * (uint64_t)RECORD > r->count))
			return g;
		id = g->next;
	}
	return NULL;
}

/* Puts the group that waits into a row of reads. */
static void put_head(const struct iopf_engine *e, struct repeat *r, const struct group *g)
{
	r->group = g ? g->id : 0;
	r->group_seq = g ? g->seq : 0;
	r->pages = g ? g->pages : 0;
	r->since_ns = !g ? 0 : g->marks & MARK_FOUND ? e->judge.walk_ns : g->queue_ns;
}

/* Whether another has taken the group that a read without success had found at the head. */
static bool head_has_gone(const struct iopf_rec_read *r)
{
	return r->flags & IOPF_READ_NOT_EMPTY && !(r->flags & IOPF_READ_STILL_HELD);
}

/* A read has failed while a group waits. */
static void read_in_vain(struct iopf_engine *e, struct object *o, struct repeat *row,
			 const struct iopf_rec_read *r)
{
	bool grown = r->ret == -EINVAL && r->count > row->bytes;
	struct group *head = find_head(e, o, r);

	if (!head && r->ret != -EINVAL)
		return;
	if (row->error != (uint32_t)-r->ret || grown || (row->group && !waiting_group(e, row)))
		end_row(e, o, row, r->h.time_ns);
	add(e, row, &r->h, r->enter_ns, r->ret);
	if (row->times == 1)
		row->bytes = r->count;
	put_head(e, row, head);
	weigh(e, o, row);
}

/* IOPF031: a read. */
void rule_repeated_read(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_read *r = (const void *)step->rec;
	struct object *o = objects_find(&e->objects, r->object);
	struct repeats *rows = o && o->judged ? o->judged->repeats : NULL;
	bool failed = r->ret < 0 && r->enter_ns && r->flags & IOPF_READ_STILL_HELD;

	if (o && !rows && failed)
		rows = make_rows(e, o);
	if (!o || !rows)
		return;
	end_stale(e, o, rows, r->h.time_ns);
	if (r->ret > 0 || head_has_gone(r) || rows->read.epoch != e->epoch)
		end_row(e, o, &rows->read, r->h.time_ns);
	if (failed)
		read_in_vain(e, o, &rows->read, r);
	free_rows(e, o);
}

/* The row that a failed write belongs to; a new one takes the place of the oldest. */
static struct repeat *find_row(struct iopf_engine *e, struct object *o, struct repeats *rows,
			       const struct iopf_rec_write *w)
{
	bool named = w->ret == -EINVAL && w->nr;
	struct repeat *oldest = &rows->write[0];

	for (int i = 0; i < REPEATS_WRITES; i++) {
		struct repeat *r = &rows->write[i];

		if (r->times && r->epoch == e->epoch && r->error == (uint32_t)-w->ret &&
		    r->tgid == w->h.tgid && r->named == named &&
		    (!named || (r->cookie == w->answer[0].cookie && r->code == w->answer[0].code)))
			return r;
		if (r->last_ns < oldest->last_ns)
			oldest = r;
	}
	end_row(e, o, oldest, w->h.time_ns);
	oldest->is_write = true;
	oldest->named = named;
	oldest->cookie = w->answer[0].cookie;
	oldest->code = w->answer[0].code;
	return oldest;
}

/* The groups that a write was to answer, from the entry on at which it was refused. */
static void mark_refused(struct iopf_engine *e, struct object *o, const struct iopf_rec_write *w)
{
	for (uint32_t i = 0; i < w->nr && i < IOPF_ANSWERS_PER_REC; i++) {
		struct group *g = match_holder(e, o, w->answer[i].cookie);

		if (g)
			g->marks |= MARK_REFUSED;
	}
}

/* IOPF031: a write that failed. */
void rule_repeated_write(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_write *w = (const void *)step->rec;
	struct object *o = objects_find(&e->objects, w->object);
	struct repeats *rows;
	struct repeat *r;

	if (!o)
		return;
	mark_refused(e, o, w);
	if (w->ret >= 0 || !w->enter_ns)
		return;
	rows = make_rows(e, o);
	if (!rows)
		return;
	end_stale(e, o, rows, w->h.time_ns);
	r = find_row(e, o, rows, w);
	add(e, r, &w->h, w->enter_ns, w->ret);
	r->bytes = w->count;
	weigh(e, o, r);
}

/* IOPF031: user space has answered: what it wrote before, in vain, is put right. */
void rule_write_taken(struct iopf_engine *e, const struct rules_step *step)
{
	struct repeats *rows = step->object->judged ? step->object->judged->repeats : NULL;
	const struct answer *a = step->answer;

	if (!rows || a->by != IOPF_BY_USER)
		return;
	end_stale(e, step->object, rows, step->rec->time_ns);
	for (int i = 0; i < REPEATS_WRITES; i++) {
		struct repeat *r = &rows->write[i];

		if (r->times && (r->named ? r->cookie == a->cookie : r->tgid == a->tgid))
			end_row(e, step->object, r, step->rec->time_ns);
	}
	free_rows(e, step->object);
}

/* IOPF031: the trace ends. What the rows tell of groups that remain is still asked for. */
void rule_repeats_end(struct iopf_engine *e, const struct rules_step *step)
{
	for (uint32_t i = 0; i < e->objects.nr; i++) {
		struct object *o = e->objects.object[i];
		struct repeats *rows = o && o->judged ? o->judged->repeats : NULL;

		if (!rows)
			continue;
		settle(e, o, &rows->read, step->now_ns);
		for (int k = 0; k < REPEATS_WRITES; k++)
			settle(e, o, &rows->write[k], step->now_ns);
	}
}

/*
 * IOPF031, a note: reads that found nothing queued. They have no records but are counted, for the whole
 * machine; so it is only said where every object that is known is of the scope.
 */
void rule_busy_reads(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_run *run = step->run;
	uint64_t ns = run->end_ns > run->start_ns ? run->end_ns - run->start_ns : 0;
	/* A file may say anything: what is too much for a number is as much as it holds. */
	double a_second = ns ? (double)run->empty_reads * 1e9 / (double)ns : 0;
	uint64_t rate = a_second < 0x1p63 ? (uint64_t)a_second : UINT64_MAX;
	struct iopf_case *c;
	char cost[128] = "";

	if (run->empty_reads < BUSY_MIN || rate < BUSY_RATE)
		return;
	for (uint32_t i = 1; i < e->objects.nr && !e->scope.everything; i++) {
		const struct object *o = e->objects.object[i];

		if (e->objects.left_out.objects || (o && !o->in_scope))
			return;
	}
	c = findings_begin(e, 31, IOPF_SEVERITY_NOTE, NULL);
	if (!c)
		return;
	/* Not time of a CPU: they may have been preempted; nor what their threads did around the reads. */
	if (run->empty_ns && ns)
		snprintf(cost, sizeof(cost),
			 "; time inside of them, all threads added up: %.1f %% of the run's, and "
			 "more around them",
			 100.0 * (double)run->empty_ns / (double)ns);
	findings_step(e,
		      (struct iopf_step){
			      .kind = IOPF_STEP_END, .offending = true, .time_ns = step->now_ns },
		      0, "reads have found nothing %" PRIu64 " times", run->empty_reads);
	findings_end(e, c, IOPF_BLAME_USER, "poll() before a read: it waits, and costs nothing",
		     "busy polling: %" PRIu64 " reads found nothing queued, %" PRIu64
		     " a second over the whole run%s",
		     run->empty_reads, rate, cost);
}

/* Why a group is still in the queue. */
static void why_unread(struct iopf_engine *e, const struct group *g, bool brief, char *words,
		       size_t size)
{
	const struct judged *j = core_object_of(e, g)->judged;
	const struct repeat *r = j && j->repeats ? &j->repeats->read : NULL;
	const char *begin = brief ? ":" : ": it was not read, since";
	uint64_t bytes = g->pages * (uint64_t)RECORD;

	if (!r || !r->times || r->epoch != e->epoch)
		snprintf(words, size, brief ? "" : ": it was not read");
	else if (r->error != EINVAL)
		snprintf(words, size, "%s reads failed with %s", begin, error_name(r->error));
	else if (bytes <= r->bytes)
		snprintf(words, size, "%s a group before it did not fit into the buffer", begin);
	else
		snprintf(words, size,
			 "%s its %u page%s (%" PRIu64
			 " bytes) did not fit into the buffer (%" PRIu64 " bytes)",
			 begin, g->pages, g->pages == 1 ? "" : "s", bytes, r->bytes);
}

/* Why a group has no answer. */
const char *rule_why(struct iopf_engine *e, const struct group *g, bool brief, char *words,
		     size_t size)
{
	if (g->marks & MARK_REFUSED)
		snprintf(words, size, ": an answer to it was written, and not taken");
	else if (g->state & GROUP_DELIVERED)
		snprintf(words, size, brief ? "" : ": it was read, and no answer was written");
	else
		why_unread(e, g, brief, words, size);
	return words;
}
