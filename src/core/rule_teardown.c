// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Rules about detaching and destroying: what they must answer, and what must not come after. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "judge.h"
#include "life.h"
#include "rule_files.h"

/*
 * A call that answers groups has returned. Whether it left any of those it should have answered shows when
 * they end, and then it is looked for (suspicions.c): there may be very many groups now.
 */
static struct teardown teardown_of(struct iopf_engine *e, const struct iopf_rec *rec,
				   uint64_t enter_ns)
{
	return (struct teardown){
		.seq = rec->seq,
		.enter_ns = enter_ns,
		.time_ns = rec->time_ns,
		.task = tasks_get(&e->tasks, rec->tgid, rec->tid),
	};
}

/* IOPF016: a handle that has been answered for, while groups of it are held. */
void rule_detach_left(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_auto *r = (const void *)step->rec;
	uint32_t number = r->handle && r->enter_ns ? handles_find(&e->handles, r->handle) : 0;

	for (; number; number = handles_at(&e->handles, number)->next) {
		struct teardown t = teardown_of(e, step->rec, r->enter_ns);

		if (!handles_at(&e->handles, number)->groups)
			continue;
		handles_left(&e->handles, number, &t);
	}
}

/* IOPF016: a detach has answered a group; which handle it is for, its end will tell. */
void rule_detach_answers(struct iopf_engine *e, const struct rules_step *step)
{
	const struct group *g = step->group;
	const struct answer *a = step->answer;
	uint64_t handle = handles_at(&e->handles, g->handle)->address;
	struct detaching *d = &e->judge.detaching[a->tid % DETACHINGS];

	if (a->by != IOPF_BY_DETACH || !a->caller_ns || !handle || !judge_certain(e->epoch, g))
		return;
	if (d->tid != a->tid || d->caller_ns != a->caller_ns)
		*d = (struct detaching){ .caller_ns = a->caller_ns, .tid = a->tid };
	for (uint32_t i = 0; i < d->nr; i++) {
		if (d->handle[i] == handle)
			return;
	}
	if (d->nr == 2)
		return;
	d->handle[d->nr] = handle;
	d->object[d->nr] = step->object->address;
	d->group[d->nr] = *g;
	d->answer[d->nr++] = *a;
}

/* IOPF016: a detach has returned which has answered a group of another handle than its own. */
void rule_detach_strayed(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_auto *r = (const void *)step->rec;
	struct detaching *d = &e->judge.detaching[r->h.tid % DETACHINGS];
	struct iopf_case *c;

	if (d->tid != r->h.tid || !r->enter_ns || d->caller_ns != r->enter_ns)
		return;
	d->tid = 0;
	for (uint32_t i = 0; r->handle && i < d->nr; i++) {
		const struct object *o = objects_held(&e->objects, d->group[i].object);

		if (d->handle[i] == r->handle || !o || o->address != d->object[i])
			continue;
		c = findings_begin(e, 16, IOPF_SEVERITY_ERROR, o);
		if (!c)
			continue;
		findings_group(e, c, &d->group[i], &d->answer[i]);
		findings_record(e, IOPF_STEP_DETACH, &r->h, r->enter_ns,
				"returns, for another attach handle");
		findings_end(e, c, IOPF_BLAME_KERNEL, "a detach answers the groups of its handle",
			     "a detach answered a group of another attach handle");
	}
}

/* IOPF019: an object that has been destroyed, while groups of it are held. */
void rule_destroy_left(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_destroy *r = (const void *)step->rec;
	struct object *o = objects_find(&e->objects, r->object);
	struct judged *j = o && o->held && r->enter_ns ? judge_object(e, o) : NULL;

	if (j)
		j->destroyed = teardown_of(e, step->rec, r->enter_ns);
}

/* Adds the moment at which a handle was retired. */
void findings_retired(struct iopf_engine *e, const struct handle *h)
{
	findings_step(e,
		      (struct iopf_step){ .kind = IOPF_STEP_DETACH,
					  .has_seq = true,
					  .seq = h->retired_seq,
					  .time_ns = h->retired_ns },
		      h->retired_by, "its attach handle is retired");
}

/* IOPF017: queued for a handle that was retired. */
void rule_queued_retired(struct iopf_engine *e, const struct rules_step *step)
{
	const struct group *g = step->group;
	const struct handle *h = handles_at(&e->handles, g->handle);
	struct iopf_case *c;

	if (!h->retired_ns || h->retired_epoch != e->epoch || !g->queue_ns ||
	    g->queue_ns <= h->retired_ns)
		return;
	c = findings_begin(e, 17, IOPF_SEVERITY_ERROR, step->object);
	if (!c)
		return;
	findings_retired(e, h);
	findings_group(e, c, g, NULL);
	findings_mark_last(e);
	findings_end(e, c, IOPF_BLAME_KERNEL, "no fault uses a handle after it was retired",
		     "a group was queued for an attach handle that had been retired");
}

/* IOPF017: delivered for a handle that was retired. */
void rule_delivered_retired(struct iopf_engine *e, const struct rules_step *step)
{
	const struct group *g = step->group;
	const struct handle *h = handles_at(&e->handles, g->handle);
	const struct delivery *d = step->delivery;
	struct iopf_case *c;

	if (!h->retired_ns || h->retired_epoch != e->epoch || !judge_certain(e->epoch, g) ||
	    d->enter_ns <= h->retired_ns)
		return;
	c = findings_begin(e, 17, IOPF_SEVERITY_ERROR, step->object);
	if (!c)
		return;
	findings_group(e, c, g, NULL);
	findings_retired(e, h);
	findings_step(e,
		      (struct iopf_step){ .kind = IOPF_STEP_READ,
					  .offending = true,
					  .has_seq = true,
					  .seq = d->seq,
					  .time_ns = d->deliver_ns,
					  .enter_ns = d->enter_ns },
		      d->reader, "delivered all the same");
	findings_end(e, c, IOPF_BLAME_KERNEL, "a detach answers what is queued",
		     "a group was delivered after its attach handle had been retired");
}

/* Handles begin and end. */
void rule_attach(struct iopf_engine *e, const struct rules_step *step)
{
	handles_attach(&e->handles, ((const struct iopf_rec_attach *)step->rec)->handle);
}

/* After all that is said of a detach: the handle is of no use any more. */
void rule_retire(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_auto *r = (const void *)step->rec;
	uint32_t task = tasks_get(&e->tasks, r->h.tgid, r->h.tid);
	uint32_t number = r->handle ? handles_know(&e->handles, r->handle) : 0;

	for (; number; number = handles_at(&e->handles, number)->next) {
		struct handle *h = handles_at(&e->handles, number);

		h->retired_ns = r->h.time_ns;
		h->retired_seq = r->h.seq;
		h->retired_by = task;
		h->retired_epoch = e->epoch;
	}
}
