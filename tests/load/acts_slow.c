// SPDX-License-Identifier: GPL-2.0-only
/*
 * Acts that need a read to take its time inside the kernel, where it holds the
 * lock of the fault object: its buffer is a page that is not there yet.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "acts.h"
#include "clock.h"
#include "slow.h"

#define WAIT_MS 5000

/* A thread that reads one group to the slow page, and maybe a second at once */
struct slow_read {
	struct scene *s;
	struct worker *w;
	struct slow slow;
	unsigned int reads;
	struct uapi_pgfault rec[2];
	ssize_t ret[2];
	uint64_t entered[2], left[2];
	pthread_t thread;
};

static void *slow_reader(void *arg)
{
	struct slow_read *r = arg;
	const struct scene *s = r->s;
	struct sched_param param = { .sched_priority = 1 };

	load_worker_here(r->w);
	/* Who waits for the lock must not run between the reads. Worth a try only */
	if (r->reads > 1)
		pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
	for (unsigned int i = 0; i < r->reads; i++) {
		void *buf = i ? (void *)&r->rec[1] : r->slow.page;

		r->entered[i] = clock_now();
		r->ret[i] = read(s->l->fds[s->obj], buf, sizeof(r->rec[0]));
		if (r->ret[i] < 0)
			r->ret[i] = -errno;
		r->left[i] = clock_now();
	}
	memcpy(&r->rec[0], r->slow.page, sizeof(r->rec[0]));
	return NULL;
}

/* Start the reader and wait until it hangs. On success slow_end() must follow */
static int slow_begin(struct slow_read *r)
{
	int err = slow_open(&r->slow);

	if (err)
		return err;
	r->w = load_worker(r->s->l, WORKER_READER, 0, false);
	err = r->w ? -pthread_create(&r->thread, NULL, slow_reader, r) : -ENOMEM;
	if (err)
		slow_close(&r->slow);
	else if (!slow_wait(&r->slow, WAIT_MS))
		load_unexpected(r->s->l, "%s: the read does not wait for its buffer",
				kind_table[r->s->kind].name);
	return err;
}

/* Let it go on and end, and book what it read. 0 or -EIO */
static int slow_end(struct slow_read *r, struct answer *a)
{
	struct scene *s = r->s;
	int err = slow_give(&r->slow);

	if (err)
		load_unexpected(s->l, "userfaultfd: %s", strerrorname_np(-err));
	pthread_join(r->thread, NULL);
	slow_close(&r->slow);
	for (unsigned int i = 0; i < r->reads; i++) {
		count_read(r->w, r->ret[i]);
		load_outcome(s->l, s->kind, "read", r->ret[i]);
		scene_expect(s, "read", r->ret[i], sizeof(r->rec[i]));
		if (r->ret[i] != (ssize_t)sizeof(r->rec[i]) ||
		    deliver_record(s->l, s->obj, &r->rec[i], r->left[i], &a[i]))
			return -EIO;
	}
	return 0;
}

int act_slow_read(struct scene *s)
{
	struct slow_read r = { .s = s, .reads = 1 };
	struct answer a;
	int err;

	if (scene_report(s) < 0)
		return -EIO;
	err = slow_begin(&r);
	if (err) {
		if (!scene_read_groups(s, &a, 1))
			scene_answer(s, &a, 1);
		return -EOPNOTSUPP;
	}
	clock_sleep_until(clock_now() + s->l->o.slow);
	if (slow_end(&r, &a))
		return -EIO;
	scene_answer(s, &a, 1);
	return 0;
}

/* A thread that writes a cookie that was not given yet */
struct guess {
	struct scene *s;
	struct worker *w;
	uint32_t cookie;
	ssize_t ret;
	uint64_t before, after;
	atomic_int begun;
	pthread_t thread;
};

static void *guesser(void *arg)
{
	struct guess *g = arg;
	struct uapi_response resp = { g->cookie, RESP_SUCCESS };
	struct sched_param param = { 0 };

	load_worker_here(g->w);
	/* It gives way to the reader whenever both could run */
	pthread_setschedparam(pthread_self(), SCHED_IDLE, &param);
	atomic_store(&g->begun, 1);
	g->before = clock_now();
	g->ret = io_write(g->s->io, g->s->l->fds[g->s->obj], &resp, sizeof(resp));
	g->after = clock_now();
	count_write(g->w, 1, g->ret);
	return NULL;
}

/* Does a thread of this process sleep in the kernel without being interruptible? */
static bool sleeps(pid_t tid)
{
	char path[64], line[256] = "", *end;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	end = strrchr(line, ')');
	return end && end[1] == ' ' && end[2] == 'D';
}

/* Write the guess while the reader holds the lock, on the reader's own CPU */
static int guess_begin(struct guess *g, pthread_t reader)
{
	cpu_set_t cpus, one;
	int err, cpu = 0;

	g->w = load_worker(g->s->l, WORKER_WRITER, 0, false);
	if (!g->w)
		return -ENOMEM;
	err = -pthread_create(&g->thread, NULL, guesser, g);
	if (err)
		return err;
	if (!pthread_getaffinity_np(reader, sizeof(cpus), &cpus)) {
		while (!CPU_ISSET(cpu, &cpus))
			cpu++;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		pthread_setaffinity_np(reader, sizeof(one), &one);
		pthread_setaffinity_np(g->thread, sizeof(one), &one);
	}
	for (int i = 0; i < WAIT_MS && !(atomic_load(&g->begun) && sleeps(g->w->tid)); i++)
		clock_sleep_until(clock_now() + NSEC_PER_MSEC);
	return 0;
}

/*
 * The first group is being read, which takes a while. The write of the second
 * one's cookie, known in advance, waits for the lock meanwhile. The reader, once
 * done, reads again at once and has the lock before the sleeper is awake; then
 * the write finds the cookie: it was entered before its delivering read.
 */
int act_predict_race(struct scene *s)
{
	struct slow_read r = { .s = s, .reads = 2 };
	struct guess g = { .s = s };
	struct answer a[2];
	int err, ret;

	if (scene_take(s, a, 1))
		return -EIO;
	g.cookie = a[0].cookie + 1;
	scene_answer(s, a, 1);
	if (scene_report(s) < 0 || scene_report(s) < 0)
		return -EIO;
	err = slow_begin(&r);
	if (err) {
		if (!scene_read_groups(s, a, 2))
			scene_answer(s, a, 2);
		return -EOPNOTSUPP;
	}
	err = guess_begin(&g, r.thread);
	ret = slow_end(&r, a);
	if (err || ret)
		return err ? err : ret;
	pthread_join(g.thread, NULL);
	load_outcome(s->l, s->kind, "write", g.ret);
	scene_answer(s, &a[0], 1);
	if (g.ret > 0 && a[1].cookie == g.cookie) {
		load_outcome(s->l, s->kind, "before-its-read", g.before < r.entered[1]);
		answer_taken(s->l, &a[1], g.before, g.after);
		return 0;
	}
	scene_answer(s, &a[1], 1);
	return -EAGAIN;
}
