// SPDX-License-Identifier: GPL-2.0-only
/* The state of a run: shared memory, bookkeeping of groups, when it is over. */
#define _GNU_SOURCE 1
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "load.h"
#include "rng.h"

static void *map_shared(uint64_t count, size_t size)
{
	void *p = mmap(NULL, count ? count * size : size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int init_gate(pthread_rwlock_t *gate)
{
	pthread_rwlockattr_t attr;

	if (pthread_rwlockattr_init(&attr) ||
	    pthread_rwlockattr_setpshared(&attr, PTHREAD_PROCESS_SHARED))
		return -ENOMEM;
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	return -pthread_rwlock_init(gate, &attr);
}

static int init_shared(struct load *l)
{
	struct shared *sh = l->sh;
	pthread_mutexattr_t attr;

	if (pthread_mutexattr_init(&attr) ||
	    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) ||
	    pthread_mutex_init(&sh->note_lock, &attr))
		return -ENOMEM;
	if (init_gate(&sh->trigger_gate) || init_gate(&sh->read_gate) ||
	    init_gate(&sh->answer_gate))
		return -ENOMEM;
	return sem_init(&sh->slots, 1, (unsigned int)l->o.in_flight) ? -errno : 0;
}

static int map_tables(struct load *l)
{
	const struct opts *o = &l->o;
	uint64_t remade = 0;

	for (int i = 0; i < KIND_COUNT; i++)
		if (kind_has(i, KIND_ATTACH) || i == KIND_DESTROY)
			remade += o->acts[i];
	l->max_devs = (uint32_t)(o->devices + remade);
	l->max_objs = (uint32_t)(o->objects + remade);
	l->max_workers = (uint32_t)(o->triggers + 2 * (o->readers + o->writers) +
				    2 * o->acts[KIND_PREDICT_RACE] + o->acts[KIND_SLOW_READ] + 4);
	l->sh = map_shared(1, sizeof(*l->sh));
	if (!l->sh)
		return -ENOMEM;
	l->queue = queue_create(o->groups, &l->sh->abandon);
	l->groups = map_shared(o->no_truth ? 0 : o->groups, sizeof(*l->groups));
	l->devs = map_shared(l->max_devs, sizeof(*l->devs));
	l->objs = map_shared(l->max_objs, sizeof(*l->objs));
	l->workers = map_shared(l->max_workers, sizeof(*l->workers));
	l->slots = map_shared(o->devices, sizeof(*l->slots));
	l->fds = calloc(l->max_objs, sizeof(*l->fds));
	if (!l->groups || !l->devs || !l->objs || !l->workers || !l->slots || !l->queue || !l->fds)
		return -ENOMEM;
	return 0;
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static void init_pick(struct pick *p, uint64_t n, uint64_t seed)
{
	uint64_t state = rng_seed(seed, 3, 0);

	p->n = n;
	if (!n)
		return;
	p->shift = rng_below(&state, n);
	do {
		p->factor = 1 + rng_below(&state, n);
	} while (gcd(p->factor, n) != 1);
}

enum group_role load_role(const struct load *l, uint64_t index)
{
	const struct pick *p = &l->pick;
	uint64_t at = (p->factor * index + p->shift) % p->n;

	if (at < l->o.unanswered)
		return ROLE_KEEP;
	return at < l->o.unanswered + l->o.invalid ? ROLE_INVALID : ROLE_SUCCESS;
}

/* Acts in random order, spread evenly over the load; exit comes last */
static int plan_acts(struct load *l)
{
	uint64_t state = rng_seed(l->o.seed, 4, 0), n = 0, max = 0;

	for (int i = 0; i < KIND_COUNT; i++)
		max += kind_has(i, KIND_MODE) ? 0 : l->o.acts[i];
	l->acts = calloc(max + 1, sizeof(*l->acts));
	if (!l->acts)
		return -ENOMEM;
	for (int i = 0; i < KIND_COUNT; i++)
		for (uint64_t j = 0; !kind_has(i, KIND_MODE) && j < l->o.acts[i]; j++)
			if (i != KIND_EXIT)
				l->acts[n++].kind = i;
	for (uint64_t i = n; i > 1; i--) {
		uint64_t j = rng_below(&state, i);
		struct act tmp = l->acts[j];

		l->acts[j] = l->acts[i - 1];
		l->acts[i - 1] = tmp;
	}
	l->load_groups = l->o.groups - opts_act_groups(&l->o);
	for (uint64_t i = 0; i < n; i++)
		l->acts[i].at = (i + 1) * l->load_groups / (n + 1);
	l->nr_acts = n;
	l->gates = n && !l->o.sync;
	return 0;
}

int load_create(struct load *l, const struct opts *o)
{
	int err;

	*l = (struct load){ .o = *o, .mock.fd = -1, .child_socket = -1 };
	pthread_mutex_init(&l->act_lock, NULL);
	err = map_tables(l);
	if (!err)
		err = init_shared(l);
	if (!err)
		err = plan_acts(l);
	if (err)
		return err;
	init_pick(&l->pick, l->load_groups, o->seed);
	l->stop_fd = eventfd(0, EFD_CLOEXEC);
	return l->stop_fd < 0 ? -errno : 0;
}

void load_free(struct load *l)
{
	free(l->acts);
	free(l->fds);
}

struct worker *load_worker(struct load *l, enum worker_role role, unsigned int index, bool child)
{
	uint32_t i = atomic_fetch_add(&l->sh->nr_workers, 1);
	struct worker *w = &l->workers[i];

	if (i >= l->max_workers)
		return NULL;
	*w = (struct worker){ .role = role, .index = index, .child = child };
	return w;
}

void load_worker_here(struct worker *w)
{
	w->tid = gettid();
	w->tgid = getpid();
}

void load_stop(struct load *l)
{
	uint64_t one = 1;

	if (atomic_exchange(&l->sh->stop, 1))
		return;
	atomic_fetch_add(&l->sh->give_up, 1);
	queue_close(l->queue);
	/* Nobody reads the event: it stays readable for all pollers */
	if (write(l->stop_fd, &one, sizeof(one)) != sizeof(one))
		load_unexpected(l, "eventfd: %s", strerror(errno));
}

void load_check_finished(struct load *l)
{
	struct shared *sh = l->sh;

	if (!atomic_load(&sh->triggers_live) && atomic_load(&sh->done) == atomic_load(&sh->made))
		load_stop(l);
}

void load_group_done(struct load *l, struct group *g, uint32_t bit)
{
	uint32_t old = atomic_fetch_or(&g->flags, bit);

	if (old & GROUP_DONE)
		return;
	atomic_fetch_add(&l->sh->done, 1);
	if (g->role != ROLE_ACT && l->o.in_flight)
		sem_post(&l->sh->slots);
	load_check_finished(l);
}

void load_unexpected(struct load *l, const char *fmt, ...)
{
	const uint64_t max = sizeof(l->sh->notes) / sizeof(l->sh->notes[0]);
	uint64_t n;
	va_list ap;

	pthread_mutex_lock(&l->sh->note_lock);
	n = l->sh->unexpected++;
	if (n < max) {
		va_start(ap, fmt);
		vsnprintf(l->sh->notes[n], sizeof(l->sh->notes[n]), fmt, ap);
		va_end(ap);
	}
	pthread_mutex_unlock(&l->sh->note_lock);
}

void load_outcome(struct load *l, enum kind kind, const char *call, int64_t result)
{
	struct shared *sh = l->sh;
	unsigned int i;

	pthread_mutex_lock(&sh->note_lock);
	for (i = 0; i < sh->nr_outcomes; i++)
		if (sh->outcomes[i].kind == kind && sh->outcomes[i].result == result &&
		    !strcmp(sh->outcomes[i].call, call))
			break;
	if (i < MAX_OUTCOMES) {
		if (i == sh->nr_outcomes)
			sh->outcomes[sh->nr_outcomes++] = (struct outcome){ kind, call, result, 0 };
		sh->outcomes[i].count++;
	}
	pthread_mutex_unlock(&sh->note_lock);
}

static void note_task(struct load *l, pid_t tid, const char *comm)
{
	struct shared *sh = l->sh;
	unsigned int i;

	for (i = 0; i < sh->nr_uring; i++)
		if (sh->uring[i].tid == tid)
			return;
	if (i == MAX_URING_TASKS)
		return;
	sh->uring[i].tid = tid;
	snprintf(sh->uring[i].comm, sizeof(sh->uring[i].comm), "%s", comm);
	sh->nr_uring++;
}

void load_note_uring(struct load *l)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;

	pthread_mutex_lock(&l->sh->note_lock);
	while (dir && (entry = readdir(dir))) {
		char path[300], comm[16] = "";
		FILE *f;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
		f = fopen(path, "re");
		if (f && fgets(comm, sizeof(comm), f) && !strncmp(comm, "iou-", 4)) {
			comm[strcspn(comm, "\n")] = '\0';
			note_task(l, atoi(entry->d_name), comm);
		}
		if (f)
			fclose(f);
	}
	pthread_mutex_unlock(&l->sh->note_lock);
	if (dir)
		closedir(dir);
}
