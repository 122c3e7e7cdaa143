// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What another engine must know to go on from here, as records. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include <stdlib.h>
#include <string.h>

/* Where the records go. */
struct restating {
	iopf_order_fn fn; /* NULL = they are only counted */
	void *arg;
	uint64_t seq, time_ns;
	int err;
};

/* Gives one record; its header is filled in. */
static void give(struct restating *to, struct iopf_rec *h, uint16_t type, size_t size,
		 uint32_t tgid, uint32_t tid)
{
	*h = (struct iopf_rec){ to->seq++, to->time_ns, type, (uint16_t)size, 0, tgid, tid };
	if (to->fn && !to->err)
		to->err = to->fn(to->arg, h);
}

#define GIVE(to, rec, type, tgid, tid) give(to, &(rec).h, type, sizeof(rec), tgid, tid)

/* The names of the tasks that there are. */
static void give_tasks(const struct iopf_engine *e, struct restating *to)
{
	for (uint32_t i = 1; i <= e->tasks.nr; i++) {
		const struct task *t = tasks_at(&e->tasks, i);
		struct iopf_rec_task r = { .comm = "" };

		if (!*t->comm || tasks_find(&e->tasks, t->tid) != i)
			continue;
		memcpy(r.comm, t->comm, sizeof(r.comm));
		GIVE(to, r, IOPF_REC_TASK, t->tgid, t->tid);
	}
}

/* The names of the devices. */
static void give_devices(const struct iopf_engine *e, struct restating *to)
{
	for (uint32_t i = 1; i < e->devices.nr; i++) {
		const struct device *d = &e->devices.device[i];
		struct iopf_rec_device r = { .dev = d->address };

		if (!*d->name)
			continue;
		memcpy(r.name, d->name, sizeof(r.name));
		GIVE(to, r, IOPF_REC_DEVICE, 0, 0);
	}
}

/* For qsort(). */
static int compare_tgids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/*
 * The processes that are of the scope because one of its roots created them, or their parents: in order
 * of their numbers, not of their places in the map, which nothing may show.
 */
static void give_processes(const struct iopf_engine *e, struct restating *to)
{
	const struct map *m = &e->scope.tgids;
	uint32_t *tgids = e->scope.descendants ? malloc((m->used + 1) * sizeof(*tgids)) : NULL;
	size_t nr = 0;

	if (!tgids) {
		if (e->scope.descendants)
			to->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < m->size; i++) {
		if (m->slot[i].value && !scope_is_root(&e->scope, (uint32_t)m->slot[i].key))
			tgids[nr++] = (uint32_t)m->slot[i].key;
	}
	qsort(tgids, nr, sizeof(*tgids), compare_tgids);
	for (size_t i = 0; i < nr; i++) {
		struct iopf_rec_fork r = { .child_tgid = tgids[i], .child_tid = tgids[i] };

		GIVE(to, r, IOPF_REC_FORK, e->scope.root[0], e->scope.root[0]);
	}
	free(tgids);
}

/* The roots that have ended: last, since what is of the scope because of them still is. */
static void give_ended(const struct iopf_engine *e, struct restating *to)
{
	for (size_t i = 0; i < e->scope.nr_roots; i++) {
		struct iopf_rec r;

		if (!scope_has(&e->scope, e->scope.root[i]))
			give(to, &r, IOPF_REC_EXIT, sizeof(r), e->scope.root[i], e->scope.root[i]);
	}
}

/* Whether a group is certainly outstanding, and known well enough to be told of. */
static bool is_told(const struct iopf_engine *e, const struct group *g)
{
	const struct object *o;

	if (!(g->state & GROUP_USED) || g->epoch != e->epoch ||
	    g->state & (GROUP_REPLACED | GROUP_ANSWERED | GROUP_VAGUE) || !g->pointer)
		return false;
	o = core_object_of(e, g);
	return o->address && !o->dead;
}

static void give_group(const struct iopf_engine *e, const struct group *g, struct restating *to)
{
	const struct object *o = core_object_of(e, g);
	const struct handle *handle = handles_at(&e->handles, g->handle);
	struct iopf_rec_waiting r = {
		.group = g->pointer,
		.object = o->address,
		.handle = handle->address,
		.dev = devices_at(&e->devices, handle->device)->address,
		.addr = g->addr,
		.object_id = o->id,
		.dev_id = handle->dev_id,
		.pasid = g->pasid,
		.grpid = g->grpid,
		.perm = g->perm,
		.flags = g->flags,
		.pages = g->pages,
		.cookie = g->state & GROUP_DELIVERED ? g->cookie : 0,
		.waiting = g->state & GROUP_DELIVERED ? IOPF_WAITING_DELIVERED : 0,
	};

	if (g->state & GROUP_DELIVERED && g->state & GROUP_BY_COOKIE)
		r.waiting |= IOPF_WAITING_NAMED;
	GIVE(to, r, IOPF_REC_WAITING, 0, 0);
}

/* The groups in the queue of an object, in its order; then, of all objects, those that have left it. */
static void give_groups(const struct iopf_engine *e, struct restating *to)
{
	for (uint32_t i = 1; i < e->objects.nr; i++) {
		const struct object *o = e->objects.object[i];

		for (uint32_t id = o ? o->queue.head : 0; id;
		     id = groups_at(&e->groups, id)->next) {
			if (is_told(e, groups_at(&e->groups, id)))
				give_group(e, groups_at(&e->groups, id), to);
		}
	}
	for (uint32_t id = 1; id <= e->groups.nr_ever; id++) {
		const struct group *g = groups_at(&e->groups, id);

		if (is_told(e, g) && g->state & GROUP_DELIVERED)
			give_group(e, g, to);
	}
}

/* The objects that live, each used by a process that makes it one of the scope if it is. */
static void give_objects(const struct iopf_engine *e, struct restating *to)
{
	for (uint32_t i = 1; i < e->objects.nr; i++) {
		const struct object *o = e->objects.object[i];
		struct iopf_rec_walked r = { .enter_ns = to->time_ns };
		uint32_t tgid;

		if (!o || !o->address || o->dead)
			continue;
		tgid = o->owner_tgid;
		if (o->in_scope && !scope_has(&e->scope, tgid))
			tgid = e->scope.root[0];
		if (!o->in_scope && scope_has(&e->scope, tgid))
			tgid = 0;
		r.object = o->address;
		r.object_id = o->id;
		GIVE(to, r, IOPF_REC_WALKED, tgid, tgid);
	}
}

int iopf_engine_restate(const struct iopf_engine *e, iopf_order_fn fn, void *arg,
			uint64_t *first_seq, uint64_t *now_ns)
{
	struct restating to = { .time_ns = *now_ns > e->last_ns ? *now_ns : e->last_ns };

	for (int pass = 0; pass < 2; pass++) {
		give_tasks(e, &to);
		give_devices(e, &to);
		give_processes(e, &to);
		give_groups(e, &to);
		give_objects(e, &to);
		give_ended(e, &to);
		if (!pass) {
			if (to.seq >= e->next_seq)
				return -ERANGE;
			to.seq = e->next_seq - to.seq;
			*first_seq = to.seq;
			*now_ns = to.time_ns;
			to.fn = fn;
			to.arg = arg;
		}
	}
	return to.err;
}
