// SPDX-License-Identifier: GPL-2.0-only
/* The threads and processes of a run. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "acts.h"
#include "child.h"
#include "clock.h"
#include "reader.h"
#include "run.h"
#include "setup.h"
#include "sync.h"

/* How often the main thread looks after the others */
#define LOOK_MS 100

/* Which process the threads of a role belong to; fork-readers: both */
enum place {
	PLACE_NONE = 0,
	PLACE_PARENT = 1,
	PLACE_CHILD = 2,
	PLACE_BOTH = 3,
};

struct crew {
	enum worker_role role;
	enum place place;
	uint64_t count;
	void (*run)(struct load *l, struct worker *w);
};

#define NR_CREWS 3

/* Who works where */
static void plan_crews(const struct load *l, struct crew *crews)
{
	const struct opts *o = &l->o;
	bool two = child_wanted(o), readers = o->acts[KIND_FORK_READERS];

	crews[0] = (struct crew){ WORKER_WRITER, two ? PLACE_CHILD : PLACE_PARENT, o->writers,
				  writer_run };
	crews[1] = (struct crew){ WORKER_READER, readers ? PLACE_BOTH : PLACE_PARENT, o->readers,
				  reader_run };
	crews[2] = (struct crew){ WORKER_TRIGGER, PLACE_PARENT, o->triggers, trigger_run };
	if (!o->sync)
		return;
	crews[0].count = crews[1].count = 0;
	crews[2] = (struct crew){ WORKER_SYNC, PLACE_PARENT, 1, sync_run };
}

struct thread {
	pthread_t id;
	struct load *l;
	struct worker *w;
	void (*run)(struct load *l, struct worker *w);
};

static void *thread_main(void *arg)
{
	struct thread *t = arg;

	load_worker_here(t->w);
	t->run(t->l, t->w);
	return NULL;
}

/* Start the threads of one role; returns how many, or -errno */
static int start_crew(struct load *l, const struct crew *c, struct thread *threads)
{
	enum place here = l->in_child ? PLACE_CHILD : PLACE_PARENT;
	unsigned int i;
	int err;

	if (!(c->place & here))
		return 0;
	for (i = 0; i < c->count; i++) {
		struct thread *t = &threads[i];

		*t = (struct thread){ .l = l, .run = c->run };
		t->w = load_worker(l, c->role, i, l->in_child);
		err = t->w ? -pthread_create(&t->id, NULL, thread_main, t) : -ENOMEM;
		if (err)
			return err;
	}
	return (int)i;
}

/* Has anything happened since the last look? */
static bool progress(struct load *l, uint64_t *last)
{
	uint64_t now = atomic_load(&l->sh->made) + atomic_load(&l->sh->done);
	bool moved = now != *last;

	*last = now;
	return moved;
}

/* Wait for the end of the run, or for the time without progress to run out */
static void watch(struct load *l)
{
	uint64_t patience =
		l->o.timeout + delay_bound(&l->o.delay) + delay_bound(&l->o.wait_delay) + l->o.slow;
	struct pollfd p = { .fd = l->stop_fd, .events = POLLIN };
	uint64_t last = 0, since = clock_now();

	if (l->o.rate > 0)
		patience += (uint64_t)(1e9 / l->o.rate);
	while (poll(&p, 1, LOOK_MS) <= 0) {
		if (progress(l, &last))
			since = clock_now();
		if (clock_now() - since < patience)
			continue;
		atomic_store(&l->sh->timed_out, 1);
		atomic_store(&l->sh->abandon, 1);
		load_stop(l);
	}
}

int run_threads(struct load *l)
{
	struct thread *threads = calloc(l->max_workers, sizeof(*threads));
	struct crew crews[NR_CREWS];
	int n = 0, ret = threads ? 0 : -ENOMEM;

	plan_crews(l, crews);
	for (int i = 0; i < NR_CREWS && ret >= 0; i++) {
		ret = start_crew(l, &crews[i], threads + n);
		if (ret >= 0)
			n += ret;
	}
	if (ret < 0) {
		atomic_store(&l->sh->fatal, ret);
		load_stop(l);
	} else if (!l->in_child) {
		watch(l);
	}
	for (int i = 0; i < n; i++)
		pthread_join(threads[i].id, NULL);
	free(threads);
	return ret < 0 ? ret : 0;
}

/* Signals go to one thread's attention: stop reporting, settle what is there */
static void *signal_main(void *arg)
{
	struct load *l = arg;
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	while (!sigwait(&set, &sig)) {
		if (!atomic_exchange(&l->sh->quit, 1))
			continue;
		/* The second one: drop what is there */
		atomic_store(&l->sh->abandon, 1);
		load_stop(l);
	}
	return NULL;
}

/* Before any fork and thread: all of them leave the signals to one thread */
static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static int catch_signals(struct load *l)
{
	pthread_t thread;

	return -pthread_create(&thread, NULL, signal_main, l);
}

static void note_timeout(struct load *l)
{
	struct shared *sh = l->sh;

	if (atomic_load(&sh->timed_out))
		load_unexpected(l, "%llu of %llu groups lost: nothing happened for %llu ms",
				(unsigned long long)(sh->made - sh->done),
				(unsigned long long)sh->made,
				(unsigned long long)(l->o.timeout / NSEC_PER_MSEC));
}

static int run_load(struct load *l)
{
	struct worker *w;
	int err;

	atomic_store(&l->sh->triggers_live, l->o.sync ? 1 : (int)l->o.triggers);
	l->t_start = clock_now();
	err = run_threads(l);
	if (l->child > 0)
		child_wait(l);
	l->t_end = clock_now();
	if (err || atomic_load(&l->sh->fatal))
		return err ? err : atomic_load(&l->sh->fatal);
	note_timeout(l);
	if (l->o.acts[KIND_EXIT]) {
		w = load_worker(l, WORKER_TRIGGER, (unsigned int)l->o.triggers, false);
		if (!w)
			return -ENOMEM;
		load_worker_here(w);
		acts_exit(l, w);
	}
	return 0;
}

static int cannot(const char *what, int err)
{
	if (err)
		fprintf(stderr, "load: %s: %s\n", what, strerror(-err));
	return err;
}

int run(struct load *l)
{
	int err;

	block_signals();
	err = cannot("second process", child_start(l, true));
	if (err)
		return err;
	err = setup_all(l);
	if (err)
		return err;
	err = cannot("second process", child_start(l, false));
	if (!err)
		err = cannot("second process", child_send(l));
	if (!err)
		err = cannot("signals", catch_signals(l));
	if (!err)
		err = cannot(l->o.io == IO_URING ? "threads, or io_uring" : "threads", run_load(l));
	if (!err && !l->left)
		setup_undo(l);
	return err;
}
