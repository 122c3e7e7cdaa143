// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guessing cookies in a race. With nothing else outstanding, the cookie of the
 * next group is known before it is read. One thread writes it at the moment at
 * which another reads. Where the read gets the lock of the object first, the
 * write finds the cookie and is taken: an answer that nobody can have known,
 * entered shortly before or after the read that delivers its group.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <sched.h>

#include "acts.h"
#include "clock.h"

#define ROUNDS (ACT_GROUPS_MAX - 1)

/*
 * The guess starts so much later than the read. Too early is as bad as too
 * late, and the right moment is another on each machine: it is sought.
 */
#define SHIFT_START 1000
#define SHIFT_STEP 300
#define SHIFT_MAX 100000

struct race {
	struct scene *s;
	struct worker *w; /* of the guessing thread */
	uint32_t cookie; /* the guess */
	uint64_t shift; /* ns */
	_Atomic unsigned int round; /* the reader is ready for this one */
	_Atomic unsigned int started; /* the guesser has begun it */
	_Atomic unsigned int ended; /* the guesser has ended it, the rest is valid */
	uint64_t before, after; /* around the write */
	ssize_t result;
};

static void wait_for(_Atomic unsigned int *counter, unsigned int value)
{
	while (atomic_load(counter) < value)
		sched_yield();
}

static void spin(uint64_t ns)
{
	uint64_t until = clock_now() + ns;

	while (clock_now() < until)
		;
}

/* The last guess was too early, or not: move the next one */
static void adjust(struct race *r, bool early)
{
	if (early && r->shift < SHIFT_MAX)
		r->shift += SHIFT_STEP;
	else if (!early)
		r->shift -= r->shift < SHIFT_STEP ? r->shift : SHIFT_STEP;
}

static void *guesser(void *arg)
{
	struct race *r = arg;
	struct scene *s = r->s;

	load_worker_here(r->w);
	for (unsigned int round = 1; round <= ROUNDS; round++) {
		struct uapi_response resp = { .code = RESP_SUCCESS };

		wait_for(&r->round, round);
		resp.cookie = r->cookie;
		atomic_store(&r->started, round);
		spin(r->shift);
		r->before = clock_now();
		r->result = io_write(s->io, s->l->fds[s->obj], &resp, sizeof(resp));
		r->after = clock_now();
		count_write(r->w, 1, r->result);
		atomic_store(&r->ended, round);
	}
	return NULL;
}

/* When did the guess come, by our clock, relative to the read of its group? */
static const char *hit_time(const struct race *r, uint64_t read_entered, uint64_t read_left)
{
	if (r->before < read_entered)
		return "hit-before-read";
	return r->before < read_left ? "hit-during-read" : "hit-after-read";
}

/* One group: read it while the other thread guesses */
static int race_round(struct race *r, unsigned int round)
{
	struct scene *s = r->s;
	bool reported = scene_report(s) >= 0;
	struct answer a;
	uint64_t entered;
	int err;

	/* The guesser must get all its rounds, or it would wait for ever */
	atomic_store(&r->round, round);
	wait_for(&r->started, round);
	entered = clock_now();
	err = reported ? scene_read_groups(s, &a, 1) : -EIO;
	wait_for(&r->ended, round);
	if (err)
		return err;
	adjust(r, r->result < 0);
	if (r->result < 0) {
		load_outcome(s->l, s->kind, "guess", r->result);
		scene_answer(s, &a, 1);
		return 0;
	}
	load_outcome(s->l, s->kind, hit_time(r, entered, s->l->groups[a.seq].t_read), r->result);
	answer_taken(s->l, &a, r->before, r->after);
	return a.cookie == r->cookie ? 0 : -EOPNOTSUPP;
}

/*
 * Put each thread on a CPU of its own, if there are two: on one, no guess can
 * meet a read. @old gets the CPUs that the reader had.
 */
static void spread(pthread_t reader, pthread_t guessing, cpu_set_t *old)
{
	cpu_set_t one;
	int n = 0;

	if (pthread_getaffinity_np(reader, sizeof(*old), old) || CPU_COUNT(old) < 2)
		return;
	for (int cpu = 0; n < 2; cpu++) {
		if (!CPU_ISSET(cpu, old))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		pthread_setaffinity_np(n++ ? guessing : reader, sizeof(one), &one);
	}
}

int act_predict_race(struct scene *s)
{
	struct race r = { .s = s, .shift = SHIFT_START };
	cpu_set_t cpus;
	pthread_t thread;
	struct answer a;
	int err;

	r.w = load_worker(s->l, WORKER_WRITER, 0, false);
	if (!r.w)
		return -ENOMEM;
	err = scene_take(s, &a, 1);
	if (err)
		return err;
	r.cookie = a.cookie;
	scene_answer(s, &a, 1);
	err = -pthread_create(&thread, NULL, guesser, &r);
	if (err)
		return err;
	spread(pthread_self(), thread, &cpus);
	for (unsigned int round = 1; round <= ROUNDS; round++) {
		int ret = race_round(&r, round);

		err = err ? err : ret;
	}
	pthread_join(thread, NULL);
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	return err;
}
