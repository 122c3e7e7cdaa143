// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The engine: takes records in order, and hands each to the part that knows its kind. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include <stdlib.h>

#include "adopt.h"
#include "answers.h"
#include "breakdown.h"
#include "fast_path.h"
#include "life.h"
#include "records.h"
#include "rules.h"

#define DEFAULT_SLOWEST 5

/* Gives all maps their seed and their account. */
static void prepare_maps(struct iopf_engine *e)
{
	struct map *const maps[] = {
		&e->scope.tgids,	&e->tasks.by_tid,
		&e->devices.by_address, &e->handles.by_address,
		&e->objects.by_address, &e->answered,
		&e->unattributed,	&e->judge.suspicions.by_group,
		&e->judge.pages,	&e->judge.addresses,
		&e->judge.expected,	&e->judge.fates.by_key,
		&e->handles.by_device,	&e->judge.parked.by_group,
	};

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		maps[i]->seed = e->seed;
		maps[i]->memory = &e->memory;
	}
}

/* Makes the parts of an engine. */
static int init(struct iopf_engine *e, const struct iopf_engine_opts *opts)
{
	int err;

	e->seed = map_seed(opts->seed);
	e->memory.limit = opts->memory_limit;
	prepare_maps(e);
	err = scope_init(&e->scope, opts->roots, opts->nr_roots, opts->descendants);

	e->next_seq = opts->first_seq;
	e->continued = opts->first_seq;
	e->epoch_ns = opts->first_seq ? opts->first_ns : 0;
	e->min_groups = opts->min_groups;
	e->on_loss = opts->on_loss;
	e->verdict_only = opts->verdict_only;
	e->total.slowest.limit = opts->slowest ? opts->slowest : DEFAULT_SLOWEST;
	e->total.slowest.memory = &e->memory;
	if (!err)
		err = devices_init(&e->devices);
	if (!err)
		err = handles_init(&e->handles);
	if (!err)
		err = objects_init(e);
	if (!err)
		err = judge_init(&e->judge, opts);
	if (!err)
		err = reads_init(&e->reads);
	if (!err)
		err = groups_init(&e->groups, &e->handles,
				  opts->max_groups ? opts->max_groups : SIZE_MAX, e->seed,
				  &e->memory);
	if (!err)
		err = breakdown_init(e, opts);
	e->fast = e->judge.on && !e->breakdown && !opts->long_way;
	return err;
}

/* Makes an engine. */
struct iopf_engine *iopf_engine_new(const struct iopf_engine_opts *opts)
{
	struct iopf_engine *e = calloc(1, sizeof(*e));

	if (e && init(e, opts)) {
		iopf_engine_free(e);
		return NULL;
	}
	return e;
}

/* Frees an engine. */
void iopf_engine_free(struct iopf_engine *e)
{
	if (!e)
		return;
	breakdown_free(e->breakdown);
	groups_free(&e->groups);
	objects_free(e);
	judge_free(&e->judge);
	reads_free(&e->reads);
	handles_free(&e->handles);
	devices_free(&e->devices);
	tasks_free(&e->tasks);
	scope_free(&e->scope);
	tally_free(&e->total);
	map_free(&e->answered);
	map_free(&e->unattributed);
	free(e);
}

/*
 * Records are missing before this one. What is alive stays, but in an earlier epoch: it is not
 * counted as outstanding any more, since its end may have been among them.
 */
static void take_gap(struct iopf_engine *e, const struct iopf_rec *rec)
{
	if (!e->gap.count++) {
		e->gap.first_seq = e->next_seq;
		e->gap.first_ns = e->last_ns;
	}
	e->gap.last_seq = rec->seq - 1;
	e->gap.missing += rec->seq - e->next_seq;
	e->gap.between += rec->seq - e->next_seq;
	e->epoch++;
	e->epoch_ns = rec->time_ns > e->last_ns ? rec->time_ns : e->last_ns;
	e->outstanding = 0;
}

/* REPORT: a request that became no group of iommufd. What the SVA handler took is none of ours. */
static void take_report(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_report *r = (const struct iopf_rec_report *)rec;
	struct device *d = devices_at(&e->devices, core_device(e, r->dev));

	if (r->seen & IOPF_REPORT_SVA)
		return;
	if (!(r->flags & IOPF_PRQ_LAST_PAGE)) {
		d->partial++;
		return;
	}
	/* One that was queued has been counted by its ENQUEUE, and may still have been refused. */
	if (!(r->seen & IOPF_REPORT_QUEUED))
		d->reported++;
	else if (r->ret >= 0 && !(r->seen & IOPF_REPORT_ANSWERED))
		return;
	d->refused++;
}

/* PAGES: an event of its group's object. */
static void take_pages(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_pages *r = (const struct iopf_rec_pages *)rec;
	struct group *g = groups_by_pointer(&e->groups, r->group, NULL);

	if (g)
		core_object_of(e, g)->events++;
}

/* AUTO: an event of its object; the answers have records of their own. */
static void take_auto(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_auto *r = (const struct iopf_rec_auto *)rec;

	if (r->object)
		objects_get(e, r->object, r->object_id);
}

/* DESTROY: the object has gone. */
static void take_destroy(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_destroy *r = (const struct iopf_rec_destroy *)rec;

	objects_retire(e, objects_get(e, r->object, r->object_id));
}

/* ALLOC: an object was created. */
static void take_alloc(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_alloc *r = (const struct iopf_rec_alloc *)rec;

	objects_created(e, r->object, r->object_id, rec);
}

/* RELEASE: an event of its object. */
static void take_release(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_release *r = (const struct iopf_rec_release *)rec;

	objects_get(e, r->object, r->object_id);
}

/* TASK: the name of one. */
static void take_task(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_task *r = (const struct iopf_rec_task *)rec;

	core_check(e, tasks_name(&e->tasks, rec->tgid, rec->tid, r->comm));
}

/* DEVICE: the name of one. */
static void take_device(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_device *r = (const struct iopf_rec_device *)rec;

	devices_name(&e->devices, r->dev, r->name);
}

/* FORK: a process of the scope may have created another. */
static void take_fork(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_fork *r = (const struct iopf_rec_fork *)rec;

	core_check(e, scope_fork(&e->scope, rec->tgid, r->child_tgid));
}

/* EXIT: a process of the scope is gone. */
static void take_exit(struct iopf_engine *e, const struct iopf_rec *rec)
{
	scope_exit(&e->scope, rec->tgid);
}

/* WALKED: the process has the object open, and what waits on it is known. */
static void take_walked(struct iopf_engine *e, const struct iopf_rec *rec)
{
	const struct iopf_rec_walked *r = (const struct iopf_rec_walked *)rec;

	if (r->waiting & IOPF_WAITING_END)
		return;
	objects_used_by(e, objects_get(e, r->object, r->object_id), rec);
	if (rec->time_ns > e->judge.walk_ns)
		e->judge.walk_ns = rec->time_ns;
}

/* What takes the records of each type. */
static void (*const taker[IOPF_REC_TYPES])(struct iopf_engine *e, const struct iopf_rec *rec) = {
	[IOPF_REC_REPORT] = take_report,    [IOPF_REC_ENQUEUE] = life_enqueue,
	[IOPF_REC_PAGES] = take_pages,	    [IOPF_REC_READ] = reads_read,
	[IOPF_REC_READ_MORE] = reads_more,  [IOPF_REC_RESPONSE] = answers_response,
	[IOPF_REC_WRITE] = answers_write,   [IOPF_REC_DRIVER] = answers_driver,
	[IOPF_REC_AUTO] = take_auto,	    [IOPF_REC_DESTROY] = take_destroy,
	[IOPF_REC_ALLOC] = take_alloc,	    [IOPF_REC_RELEASE] = take_release,
	[IOPF_REC_TASK] = take_task,	    [IOPF_REC_DEVICE] = take_device,
	[IOPF_REC_FORK] = take_fork,	    [IOPF_REC_EXIT] = take_exit,
	[IOPF_REC_WAITING] = adopt_waiting, [IOPF_REC_WALKED] = take_walked,
};

/* Says when the run began. */
void iopf_engine_start(struct iopf_engine *e, uint64_t start_ns)
{
	if (e->breakdown)
		e->breakdown->opts.start_ns = start_ns;
}

/* Takes a record by the long way. */
static int take(struct iopf_engine *e, const struct iopf_rec *rec)
{
	struct rules_step step = { .kind = RULES_RECORD, .rec = rec };

	if (!records_are_well(rec) || rec->seq < e->next_seq)
		return -EINVAL;
	if (rec->seq > e->next_seq)
		take_gap(e, rec);
	e->next_seq = rec->seq + 1;
	e->last_ns = rec->time_ns;
	e->error = 0;
	if (rec->type >= IOPF_REC_TYPES)
		return 0;
	rules_step(e, &step);
	if (taker[rec->type])
		taker[rec->type](e, rec);
	if (__builtin_expect(e->breakdown != NULL, false))
		breakdown_record(e, rec);
	if (!e->blind && core_is_blind(e)) {
		e->blind = true;
		e->blind_ns = rec->time_ns;
	}
	return e->error;
}

/* Takes one record, the next by sequence number. */
int iopf_engine_feed(struct iopf_engine *e, const struct iopf_rec *rec)
{
	return fast_path_take(e, &rec, 1) ? 0 : take(e, rec);
}

/* Takes records. That memory ran out is told in the report. */
void iopf_engine_feed_all(struct iopf_engine *e, const struct iopf_rec *rec, size_t nr,
			  uint64_t *malformed)
{
	while (nr) {
		nr -= fast_path_take(e, &rec, nr);
		if (!nr)
			return;
		*malformed += take(e, rec) == -EINVAL;
		rec = iopf_rec_next(rec);
		nr--;
	}
}

/* Says what time it is. */
void iopf_engine_advance(struct iopf_engine *e, uint64_t now_ns)
{
	struct rules_step step = { .kind = RULES_NOW, .now_ns = now_ns };

	rules_step(e, &step);
}

/* Says what has been lost and missed so far. */
void iopf_engine_counted(struct iopf_engine *e, const struct iopf_run *so_far)
{
	findings_counted(&e->judge.findings, so_far);
}

/* The name of a thread. */
const char *iopf_engine_comm(const struct iopf_engine *e, uint32_t tid)
{
	return tasks_at(&e->tasks, tasks_find(&e->tasks, tid))->comm;
}

/* The name of a device. */
const char *iopf_engine_device(const struct iopf_engine *e, uint64_t dev)
{
	return e->devices.device[map_get(&e->devices.by_address, dev)].name;
}

/* Whether an object is in scope. */
bool iopf_engine_in_scope(const struct iopf_engine *e, uint64_t object)
{
	const struct object *o = objects_find(&e->objects, object);

	return o ? o->in_scope : e->scope.everything;
}
