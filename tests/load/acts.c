// SPDX-License-Identifier: GPL-2.0-only
/* When an act comes, and the stage for it. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "acts.h"
#include "clock.h"
#include "rng.h"

#define DRAIN_LOOK_NS (100 * 1000ULL)

static act_fn *const act_table[KIND_COUNT] = {
	[KIND_STRAY] = act_stray,
	[KIND_DUPLICATE] = act_duplicate,
	[KIND_LATE_DUPLICATE] = act_late_duplicate,
	[KIND_BAD_CODE] = act_bad_code,
	[KIND_PREDICT] = act_predict,
	[KIND_PREDICT_RACE] = act_predict_race,
	[KIND_SLOW_READ] = act_slow_read,
	[KIND_MASKED] = act_masked,
	[KIND_MASKED_RETRY] = act_masked,
	[KIND_MASKED_EFAULT] = act_efault_write_part,
	[KIND_GRPID_REUSE] = act_grpid_reuse,
	[KIND_ABORT] = act_abort,
	[KIND_SHORT_BUFFER] = act_short_buffer,
	[KIND_SHORT_WRITE] = act_short_write,
	[KIND_EFAULT_READ] = act_efault_read,
	[KIND_EFAULT_READ_PART] = act_efault_read_part,
	[KIND_EFAULT_WRITE] = act_efault_write,
	[KIND_EFAULT_WRITE_PART] = act_efault_write_part,
	[KIND_ENOMEM_READ] = act_enomem_read,
	[KIND_SMALL_READS] = act_small_reads,
	[KIND_EFAULT_LOOP] = act_efault_loop,
	[KIND_STRAY_LOOP] = act_stray_loop,
	[KIND_BUSY_POLL] = act_busy_poll,
	[KIND_RENAME] = act_rename,
	[KIND_COOKIE_ZERO] = act_cookie_zero,
	[KIND_MULTI_PAGE] = act_multi_page,
	[KIND_SHORT_GROUP] = act_short_group,
	[KIND_PARTIAL_THEN_LAST] = act_partial_then_last,
	[KIND_PARTIAL_DISCARD] = act_partial_discard,
	[KIND_PARTIAL_LATE] = act_partial_then_last,
	[KIND_PARTIAL_NEVER_LAST] = act_partial_never_last,
	[KIND_PARTIAL_REUSE] = act_partial_reuse,
	[KIND_PARTIAL_EXTRA] = act_partial_extra,
	[KIND_PARTIAL_REFUSED] = act_partial_refused,
	[KIND_LAST_PAGE_ONLY] = act_last_page_only,
	[KIND_TORN] = act_torn,
	[KIND_DRIVER_SLOW] = act_driver,
	[KIND_DRIVER_TWICE] = act_driver,
	[KIND_DRIVER_WRONG_CODE] = act_driver,
	[KIND_DRIVER_SILENT] = act_driver,
	[KIND_DETACH] = act_detach,
	[KIND_DETACH_LATE] = act_detach,
	[KIND_DETACH_RACE] = act_detach_race,
	[KIND_DETACH_PASID] = act_detach_pasid,
	[KIND_LATE_TWICE] = act_detach,
	[KIND_REPLACE] = act_replace,
	[KIND_REPLACE_LATE] = act_replace,
	[KIND_REPLACE_OBJECT] = act_replace_object,
	[KIND_REPLACE_PLAIN] = act_replace_plain,
	[KIND_DESTROY] = act_destroy,
	[KIND_EXIT] = act_exit,
};

/* Keep readers out; those that wait in the kernel with the gate are called back */
static void close_read_gate(struct load *l)
{
	atomic_fetch_add(&l->sh->give_up, 1);
	pthread_rwlock_wrlock(&l->sh->read_gate);
	atomic_fetch_sub(&l->sh->give_up, 1);
}

/* Which gates are shut while an act runs */
enum gates {
	GATES_NONE, /* one thread only */
	GATES_READ, /* nobody else reads, all else goes on */
	GATES_TRIGGER, /* nobody reports, all else goes on */
	GATES_ALL, /* and nothing is outstanding */
};

static enum gates gates_for(const struct scene *s)
{
	if (!s->l->gates)
		return GATES_NONE;
	if (!s->busy)
		return GATES_ALL;
	return kind_has(s->kind, KIND_ATTACH) ? GATES_TRIGGER : GATES_READ;
}

static void gates_shut(struct load *l, enum gates gates)
{
	struct shared *sh = l->sh;

	if (gates == GATES_TRIGGER || gates == GATES_ALL)
		pthread_rwlock_wrlock(&sh->trigger_gate);
	while (gates == GATES_ALL && atomic_load(&sh->done) != atomic_load(&sh->made) &&
	       !load_stopped(l))
		clock_sleep_until(clock_now() + DRAIN_LOOK_NS);
	if (gates == GATES_READ || gates == GATES_ALL)
		close_read_gate(l);
}

static void gates_open(struct load *l, enum gates gates)
{
	if (gates == GATES_READ || gates == GATES_ALL)
		pthread_rwlock_unlock(&l->sh->read_gate);
	if (gates == GATES_TRIGGER || gates == GATES_ALL)
		pthread_rwlock_unlock(&l->sh->trigger_gate);
}

static void scene_set(struct scene *s, struct load *l, struct worker *w, enum kind kind,
		      uint64_t number)
{
	uint64_t state = rng_seed(l->o.seed, 6, number);

	*s = (struct scene){ .l = l, .w = w, .kind = kind, .number = number };
	s->slot = (uint32_t)rng_below(&state, l->o.devices);
	s->dev = l->slots[s->slot];
	s->obj = l->devs[s->dev].obj;
	s->busy = kind == KIND_DETACH_RACE || (l->o.busy && kind_has(kind, KIND_BUSY));
}

static int scene_open(struct scene *s)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	s->pages = p;
	if (mprotect(p + page, page, PROT_NONE))
		return -errno;
	return io_create(&s->io, false, false, false);
}

static void scene_close(struct scene *s)
{
	if (s->pages)
		munmap(s->pages, 2 * (size_t)sysconf(_SC_PAGESIZE));
	io_destroy(s->io);
}

char *scene_edge(struct scene *s, size_t room)
{
	return s->pages + sysconf(_SC_PAGESIZE) - room;
}

static void act_run(struct load *l, struct worker *w, enum kind kind, uint64_t number)
{
	enum gates gates;
	struct scene s;
	int err;

	pthread_mutex_lock(&l->act_lock);
	scene_set(&s, l, w, kind, number);
	gates = gates_for(&s);
	err = scene_open(&s);
	if (!err) {
		gates_shut(l, gates);
		err = load_stopped(l) && !l->o.sync && kind != KIND_EXIT ? -ECANCELED :
									   act_table[kind](&s);
		gates_open(l, gates);
	}
	scene_close(&s);
	if (!err)
		l->sh->acted[kind]++;
	else if (err == -EOPNOTSUPP || err == -EAGAIN)
		l->sh->unsupported[kind]++;
	else if (err != -EIO)
		load_unexpected(l, "%s: %s", kind_table[kind].name, strerrorname_np(-err));
	pthread_mutex_unlock(&l->act_lock);
}

uint64_t acts_before(struct load *l, struct worker *w, uint64_t next, uint64_t index)
{
	while (next < l->nr_acts && l->acts[next].at <= index) {
		/* With several threads, each performs those at its own groups */
		if (l->acts[next].at == index || l->o.sync)
			act_run(l, w, l->acts[next].kind, next);
		next++;
	}
	return next;
}

void acts_exit(struct load *l, struct worker *w)
{
	for (uint64_t i = 0; i < l->o.acts[KIND_EXIT]; i++)
		act_run(l, w, KIND_EXIT, l->nr_acts + i);
}
