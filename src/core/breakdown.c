// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Figures by keys and by time. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include <stdlib.h>
#include <string.h>

#include "breakdown.h"
#include "ends.h"

_Static_assert(IOPF_CUT_STAGES == IOPF_STAGES, "figures have all stages");

/* Whether a filter leaves anything out. */
static bool is_filter(const struct iopf_filter *f)
{
	return f->device || f->comm || f->dev_id.given || f->fault_id.given || f->pasid.given ||
	       f->code.given || f->window;
}

/* Fills in the defaults of what was not given. */
static void set_defaults(struct iopf_breakdown_opts *opts)
{
	if (opts->adaptive && !opts->interval_ns)
		opts->interval_ns = IOPF_ADAPTIVE_NS;
	if (!opts->max_rows)
		opts->max_rows = IOPF_ROWS_MAX;
	if (!opts->max_intervals)
		opts->max_intervals = opts->adaptive ? IOPF_ADAPTIVE_INTERVALS : IOPF_INTERVALS_MAX;
	if (!opts->max_buckets)
		opts->max_buckets = IOPF_BUCKETS_MAX;
}

/* Makes one if something is asked for. */
int breakdown_init(struct iopf_engine *e, const struct iopf_engine_opts *opts)
{
	const struct iopf_breakdown_opts *wanted = &opts->breakdown;
	bool filtered = is_filter(&wanted->filter);
	struct breakdown *b;

	if (!wanted->nr_by && !wanted->interval_ns && !wanted->adaptive && !filtered)
		return 0;
	b = calloc(1, sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->opts = *wanted;
	set_defaults(&b->opts);
	b->filtered = filtered;
	if (b->opts.interval_ns)
		iopf_breakdown_intervals(&b->opts, 0, &b->first_ns);
	b->rows_left = b->opts.max_rows;
	b->times_left = b->opts.max_intervals;
	if (b->times_left <
	    IOPF_INTERVALS_MAX) /* objects that are not of the scope have some, too */
		b->times_left = IOPF_INTERVALS_MAX;
	b->max_times = ++b->times_left; /* one for what is later */
	b->buckets_left = b->opts.max_buckets;
	b->scope.slowest.limit = e->total.slowest.limit;
	b->scope.slowest.memory = &e->memory;
	b->scope.rows.by_hash.seed = b->scope.times.by_hash.seed = e->seed;
	b->by_object.seed = b->reader_of.seed = e->seed;
	b->by_object.memory = b->reader_of.memory = &e->memory;
	e->breakdown = b;
	return 0;
}

/* Frees what is in a part. */
static void free_part(struct breakdown *b, struct breakdown_part *p)
{
	cuts_free(&p->rows, &b->rows_left, &b->buckets_left);
	cuts_free(&p->times, &b->times_left, &b->buckets_left);
	cuts_free_cut(&p->all, &b->buckets_left);
	slowest_free(&p->slowest);
}

/* Frees it. */
void breakdown_free(struct breakdown *b)
{
	if (!b)
		return;
	free_part(b, &b->scope);
	for (uint32_t i = 0; i < b->nr_parts; i++) {
		if (b->part[i])
			free_part(b, b->part[i]);
		free(b->part[i]);
	}
	free(b->part);
	free(b->moment);
	map_free(&b->by_object);
	map_free(&b->reader_of);
	free(b);
}

/* Makes a part for an object that may come to be of the scope. NULL when out of memory. */
static struct breakdown_part *make_part(struct iopf_engine *e, uint32_t object)
{
	struct breakdown *b = e->breakdown;
	struct breakdown_part *p;

	if (b->nr_parts == b->max_parts) {
		uint32_t max = b->max_parts ? 2 * b->max_parts : 8;
		struct breakdown_part **part = realloc(b->part, max * sizeof(*part));

		if (!part)
			return NULL;
		b->part = part;
		b->max_parts = max;
	}
	p = calloc(1, sizeof(*p));
	if (!p || map_set(&b->by_object, object, b->nr_parts + 1)) {
		free(p);
		return NULL;
	}
	p->object = object;
	p->slowest.limit = e->total.slowest.limit;
	p->slowest.memory = &e->memory;
	p->rows.by_hash.seed = p->times.by_hash.seed = e->seed;
	b->part[b->nr_parts++] = p;
	return p;
}

/* Where the groups of an object are counted. NULL when out of memory. */
static struct breakdown_part *part_of(struct iopf_engine *e, const struct object *o)
{
	struct breakdown *b = e->breakdown;
	uint32_t number;

	if (o->in_scope)
		return &b->scope;
	number = map_get(&b->by_object, o->number);
	return number ? b->part[number - 1] : make_part(e, o->number);
}

/* Takes out the part of an object that was not of the scope; NULL if it has none. */
static struct breakdown_part *take_part(struct breakdown *b, const struct object *o)
{
	uint32_t number = map_get(&b->by_object, o->number);
	struct breakdown_part *p, *last;

	if (!number)
		return NULL;
	p = b->part[number - 1];
	last = b->part[--b->nr_parts];
	map_remove(&b->by_object, o->number);
	if (last != p) {
		b->part[number - 1] = last;
		/* Its key is there, so that this cannot fail. */
		map_set(&b->by_object, last->object, number);
	}
	return p;
}

/* The code that a group is counted under. */
static uint32_t code_of(const struct answer *a, bool outstanding)
{
	if (a)
		return a->code;
	return outstanding ? IOPF_CODE_NONE_YET : IOPF_CODE_UNSEEN;
}

/* A time since the start of the run; what was before that is taken as it. */
static uint64_t since_start(const struct breakdown *b, uint64_t ns)
{
	return ns > b->opts.start_ns ? ns - b->opts.start_ns : 0;
}

/* When a group counts, since the start of the run. */
static uint64_t moment_of(const struct breakdown *b, const struct group *g, const struct answer *a)
{
	uint64_t ns = g->queue_ns ? g->queue_ns : g->deliver_ns;

	if (a)
		ns = a->ack_ns ? a->ack_ns : a->write_ns;
	return since_start(b, ns);
}

/* Whether a PASID belongs to a group: one that is known by its answer alone has no flags. */
static bool has_pasid(const struct group *g)
{
	return g->flags & IOPF_PRQ_PASID_VALID || (g->state & GROUP_VAGUE && g->pasid);
}

/* Whether a number is the one that is asked for. */
static bool fits(const struct iopf_filter_number *wanted, uint32_t value)
{
	return !wanted->given || wanted->value == value;
}

/* Whether a device's name is the one that is asked for. */
static bool fits_device(const char *wanted, const char *name)
{
	static const char domain[] = "0000:";
	size_t len = sizeof(domain) - 1;

	if (!wanted || !strcmp(wanted, name))
		return true;
	return !strncmp(name, domain, len) && !strcmp(wanted, name + len);
}

/* Whether one of the threads that had to do with a group has the name that is asked for. */
static bool fits_comm(const struct iopf_engine *e, const char *wanted, const struct group *g,
		      const struct answer *a)
{
	const struct task *reader = tasks_at(&e->tasks, g->reader);

	if (!wanted || !strcmp(reader->comm, wanted))
		return true;
	return a && a->by == IOPF_BY_USER &&
	       !strcmp(tasks_at(&e->tasks, tasks_find(&e->tasks, a->tid))->comm, wanted);
}

/* Whether a group is asked for. */
static bool is_wanted(const struct iopf_engine *e, const struct group *g, const struct answer *a,
		      uint32_t code)
{
	const struct iopf_filter *f = &e->breakdown->opts.filter;
	uint64_t moment = moment_of(e->breakdown, g, a);

	if (f->window && (moment < f->from_ns || (moment >= f->to_ns && f->to_ns != UINT64_MAX)))
		return false;
	if (f->pasid.given && (!has_pasid(g) || g->pasid != f->pasid.value))
		return false;
	return fits(&f->dev_id, core_dev_id(e, g)) &&
	       fits(&f->fault_id, core_object_of(e, g)->id) && fits(&f->code, code) &&
	       fits_device(f->device, devices_at(&e->devices, core_device_of(e, g))->name) &&
	       fits_comm(e, f->comm, g, a);
}

/* The keys of a group, as far as they are asked for. */
static struct cuts_key key_of(struct iopf_engine *e, const struct group *g, uint32_t code)
{
	const struct iopf_breakdown_opts *opts = &e->breakdown->opts;
	uint32_t tgid = tasks_at(&e->tasks, g->reader)->tgid;
	const uint32_t value[IOPF_KEYS] = {
		[IOPF_KEY_DEVICE] = core_device_of(e, g),
		[IOPF_KEY_PASID] = has_pasid(g) ? g->pasid + 1 : 0,
		[IOPF_KEY_PROCESS] = tgid,
		[IOPF_KEY_CODE] = code,
		[IOPF_KEY_FAULT_ID] = g->object,
	};
	struct cuts_key key = { { 0 } };

	for (size_t i = 0; i < opts->nr_by; i++) {
		key.v[opts->by[i]] = value[opts->by[i]];
		if (opts->by[i] == IOPF_KEY_PROCESS && !map_get(&e->breakdown->reader_of, tgid))
			core_check(e, map_set(&e->breakdown->reader_of, tgid, g->reader + 1));
	}
	return key;
}

/*
 * The interval that a time since the start is in, which is not before the first one; as many as there
 * may be stands for all that is later.
 */
static uint64_t interval_of(struct iopf_engine *e, uint64_t since_ns)
{
	struct breakdown *b = e->breakdown;
	uint64_t interval = (since_ns - b->first_ns) / b->opts.interval_ns;

	if (b->opts.adaptive && interval >= b->opts.max_intervals) {
		breakdown_widen(e, since_ns < UINT64_MAX ? since_ns + 1 : since_ns);
		interval = since_ns / b->opts.interval_ns;
	}
	return interval < b->opts.max_intervals ? interval : b->opts.max_intervals;
}

/* Counts a group. */
static void count(struct iopf_engine *e, struct iopf_cut *cut, const struct answer *a,
		  const struct stages *stages, bool outstanding, size_t *buckets)
{
	struct breakdown *b = e->breakdown;

	if (!cut) {
		core_out_of_memory(e);
		return;
	}
	cut->groups++;
	cut->answered_user += a && a->by == IOPF_BY_USER;
	cut->answered_kernel += a && a->by != IOPF_BY_USER;
	if (a && a->code <= IOPF_CODE_FAILURE)
		cut->code[a->code]++;
	cut->outstanding += outstanding;
	cut->unknown += !a && !outstanding;
	for (int i = 0; i < IOPF_STAGES; i++) {
		int err = 0;

		if (stages->ns[i] != STAGES_UNKNOWN)
			err = iopf_sparse_add(&cut->stage[i], stages->ns[i], buckets);
		if (err == -ENOSPC)
			b->left_out++;
		else if (err)
			core_out_of_memory(e);
		else
			cut->stage[i].negative += stages->negative >> i & 1;
	}
}

/* What it takes, for the account: rows are kept in tables that may be half empty. */
static size_t bytes_of(const struct breakdown *b)
{
	size_t rows = b->opts.max_rows - b->rows_left + b->max_times - b->times_left;

	return (b->opts.max_buckets - b->buckets_left) * sizeof(struct iopf_sparse_bucket) +
	       2 * rows * sizeof(struct cuts_row) + b->max_moments * sizeof(*b->moment) +
	       b->nr_parts * sizeof(struct breakdown_part);
}

/* Counts a group wherever it belongs. */
static void count_everywhere(struct iopf_engine *e, struct breakdown_part *p, const struct group *g,
			     const struct answer *a, const struct stages *stages, bool outstanding)
{
	bool full = e->memory.limit && e->memory.used >= e->memory.limit;
	struct breakdown *b = e->breakdown;
	size_t none = 0, *buckets = full ? &none : &b->buckets_left;

	count(e, &p->all, a, stages, outstanding, buckets);
	if (b->opts.nr_by) {
		struct cuts_key key = key_of(e, g, code_of(a, outstanding));

		count(e, cuts_get(&p->rows, &key, full ? &none : &b->rows_left), a, stages,
		      outstanding, buckets);
	}
	if (b->opts.interval_ns) {
		uint64_t interval = interval_of(e, moment_of(b, g, a));
		struct cuts_key key = { { (uint32_t)interval, interval >> 32 } };

		count(e, cuts_get(&p->times, &key, full ? &none : &b->times_left), a, stages,
		      outstanding, buckets);
	}
	memory_charge(&e->memory, &b->charged, bytes_of(b));
}

/* Whether a group's delivery has been counted, or was over when it was found. */
static bool was_delivered(const struct group *g)
{
	return g->state & GROUP_DELIVERED && !(g->state & GROUP_PASSED);
}

/* A group ends. */
void breakdown_group(struct iopf_engine *e, const struct group *g, const struct answer *a,
		     const struct stages *stages, bool outstanding)
{
	const struct object *o = core_object_of(e, g);
	struct breakdown *b = e->breakdown;
	struct breakdown_part *p = part_of(e, o);
	uint64_t total = stages->ns[IOPF_STAGE_TOTAL];
	struct slow_group slow;

	if (o->in_scope && !was_delivered(g) && !e->ending)
		b->queued--;
	if (!p) {
		core_out_of_memory(e);
		return;
	}
	if (!is_wanted(e, g, a, code_of(a, outstanding))) {
		p->filtered_out++;
		return;
	}
	count_everywhere(e, p, g, a, stages, outstanding);
	if (b->filtered && total != STAGES_UNKNOWN && slowest_wants(&p->slowest, total, g->seq)) {
		ends_slow(e, g, a, stages, &slow);
		core_check(e, slowest_add(&p->slowest, &slow));
	}
}

/* Notes that there was something in an interval; NULL when out of memory. */
static struct breakdown_moment *moment_at(struct iopf_engine *e, uint64_t interval)
{
	struct breakdown *b = e->breakdown;
	size_t nr = interval < b->nr_moments ? b->nr_moments : interval + 1;

	if (nr > b->max_moments) {
		size_t max = nr > 2 * b->max_moments ? nr : 2 * b->max_moments;
		struct breakdown_moment *moment = realloc(b->moment, max * sizeof(*moment));

		if (!moment) {
			core_out_of_memory(e);
			return NULL;
		}
		b->moment = moment;
		b->max_moments = max;
	}
	for (; b->nr_moments < nr; b->nr_moments++) {
		const struct breakdown_moment *last =
			b->nr_moments ? &b->moment[b->nr_moments - 1] : &b->before;

		b->moment[b->nr_moments] = (struct breakdown_moment){
			.outstanding = last->outstanding,
			.queued = last->queued,
			.queue_max = last->queued,
		};
	}
	return &b->moment[interval];
}

/*
 * Takes account of what a record did to the queues. A group that a walk found delivered was in none
 * of them, though no delivery of it is counted.
 */
static void note_queued(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_waiting *w = (const struct iopf_rec_waiting *)rec;
	struct breakdown *b = e->breakdown;
	uint64_t began = e->total.n[TALLY_ENQUEUED] + e->total.n[TALLY_ADOPTED];
	uint64_t delivered = e->total.n[TALLY_DELIVERED];

	b->queued += (int64_t)(began - b->began) - (int64_t)(delivered - b->delivered);
	if (rec->type == IOPF_REC_WAITING && w->waiting & IOPF_WAITING_DELIVERED &&
	    began != b->began)
		b->queued--;
	b->began = began;
	b->delivered = delivered;
}

/*
 * What is remembered of the time of a record. Records are nearly in order of time: one that is late
 * counts as the last. NULL when out of memory.
 */
static struct breakdown_moment *moment_of_record(struct iopf_engine *e, uint64_t time_ns)
{
	struct breakdown *b = e->breakdown;
	uint64_t since_ns = since_start(b, time_ns), interval;

	if (since_ns < b->first_ns && !b->nr_moments)
		return &b->before;
	interval = since_ns < b->first_ns ? 0 : interval_of(e, since_ns);
	if (interval + 1 < b->nr_moments)
		interval = b->nr_moments - 1;
	return moment_at(e, interval);
}

/* A record has been taken. */
void breakdown_record(struct iopf_engine *e, const struct iopf_rec *rec)
{
	struct breakdown *b = e->breakdown;
	struct breakdown_moment *m;

	if (!b->opts.interval_ns)
		return;
	note_queued(e, rec);
	m = moment_of_record(e, rec->time_ns);
	if (!m)
		return;
	m->outstanding = e->outstanding;
	m->queued = b->queued > 0 ? (uint64_t)b->queued : 0;
	if (m->queue_max < m->queued)
		m->queue_max = m->queued;
}

/* Cases of a finding were counted. */
void breakdown_finding(struct iopf_engine *e, uint64_t time_ns, uint64_t cases)
{
	struct breakdown *b = e->breakdown;
	struct breakdown_moment *m;

	if (!b || !b->opts.interval_ns || since_start(b, time_ns) < b->first_ns)
		return;
	m = moment_at(e, interval_of(e, since_start(b, time_ns)));
	if (m)
		m->findings += cases;
}

/* Adds one table to another. */
static void add_table(struct iopf_engine *e, struct cuts *to, const struct cuts *from, size_t *left)
{
	struct breakdown *b = e->breakdown;

	for (size_t i = 0; i < from->nr; i++) {
		struct iopf_cut *cut = cuts_get(to, &from->row[i].key, left);

		core_check(e,
			   cut ? cuts_add(cut, &from->row[i].cut, &b->buckets_left, &b->left_out) :
				 -ENOMEM);
	}
	core_check(e, cuts_add(&to->other, &from->other, &b->buckets_left, &b->left_out));
}

/* How many groups are in an object's queue, or were answered before the record of their read. */
static uint64_t waiting_of(const struct iopf_engine *e, const struct object *o)
{
	uint64_t n = o->nr_early;

	for (uint32_t id = o->queue.head; id; id = groups_at(&e->groups, id)->next)
		n++;
	return n;
}

/* An object is of the scope from now on. */
void breakdown_enters(struct iopf_engine *e, const struct object *o)
{
	struct breakdown *b = e->breakdown;
	struct breakdown_part *p;

	if (!b)
		return;
	b->began = e->total.n[TALLY_ENQUEUED] + e->total.n[TALLY_ADOPTED];
	b->delivered = e->total.n[TALLY_DELIVERED];
	if (b->opts.interval_ns)
		b->queued += (int64_t)waiting_of(e, o);
	p = take_part(b, o);
	if (!p)
		return;
	core_check(e, cuts_add(&b->scope.all, &p->all, &b->buckets_left, &b->left_out));
	add_table(e, &b->scope.rows, &p->rows, &b->rows_left);
	add_table(e, &b->scope.times, &p->times, &b->times_left);
	core_check(e, slowest_merge(&b->scope.slowest, &p->slowest));
	b->scope.filtered_out += p->filtered_out;
	free_part(b, p);
	free(p);
}

/* An object has gone that was not of the scope. */
void breakdown_forget(struct iopf_engine *e, const struct object *o)
{
	struct breakdown *b = e->breakdown;
	struct breakdown_part *p = b ? take_part(b, o) : NULL;

	if (!p)
		return;
	free_part(b, p);
	free(p);
}
