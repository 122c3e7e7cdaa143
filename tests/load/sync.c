// SPDX-License-Identifier: GPL-2.0-only
/* One thread that reports, reads and answers in turn. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acts.h"
#include "clock.h"
#include "deliver.h"
#include "sync.h"
#include "trigger.h"

struct sync {
	struct load *l;
	struct worker *w;
	struct io *io;
	struct uapi_pgfault *buf;
	struct answer *answers;
	uint64_t reads;
};

static bool over(const struct load *l)
{
	return atomic_load(&l->sh->stop) || atomic_load(&l->sh->quit);
}

/* Wait for data on object @obj; false = none came in time */
static bool wait_data(struct sync *s, uint32_t obj)
{
	struct pollfd p = { .fd = s->l->fds[obj], .events = POLLIN };

	s->w->polls++;
	return poll(&p, 1, (int)(s->l->o.timeout / NSEC_PER_MSEC)) > 0;
}

/* Read once; returns the records or, after a message, 0 */
static unsigned int read_once(struct sync *s, uint32_t obj)
{
	const struct opts *o = &s->l->o;
	size_t size = o->batch * o->pages * sizeof(*s->buf);
	ssize_t ret;

	if (o->wait_delay.kind != DELAY_NONE)
		clock_sleep_until(clock_now() + delay_draw(&o->wait_delay, o->seed, s->reads++));
	if (o->io == IO_POLL)
		wait_data(s, obj);
	ret = io_read(s->io, s->l->fds[obj], s->buf, size, NULL);
	count_read(s->w, ret);
	if (!ret && wait_data(s, obj)) {
		ret = io_read(s->io, s->l->fds[obj], s->buf, size, NULL);
		count_read(s->w, ret);
	}
	if (ret > 0 && !((size_t)ret % sizeof(*s->buf)))
		return (unsigned int)((size_t)ret / sizeof(*s->buf));
	load_unexpected(s->l, "read after a report: %s",
			ret < 0 ? strerrorname_np((int)-ret) :
			ret	? "torn record" :
				  "empty");
	return 0;
}

/* Answers in the order of their time, as many a write as are due together */
static void answer_all(struct sync *s, struct queue *q)
{
	unsigned int n;

	while ((n = queue_take(q, s->answers, (unsigned int)s->l->o.write_batch, false)))
		answer_write(s->l, s->w, s->io, s->answers, n);
}

static void read_and_answer(struct sync *s, uint32_t obj, unsigned int want)
{
	struct load *l = s->l;
	struct answer a;

	while (want) {
		struct delivered d = { .rec = s->buf, .records = read_once(s, obj), .obj = obj };

		if (!d.records)
			return;
		d.now = clock_now();
		while (deliver_next(l, &d, &a)) {
			if (l->groups[a.seq].role == ROLE_KEEP)
				load_group_done(l, &l->groups[a.seq], GROUP_KEPT);
			else
				queue_put(l->queue, &a);
			want -= !!want;
		}
		answer_all(s, l->queue);
	}
}

static void keep_rate(const struct load *l, uint64_t index)
{
	if (l->o.rate > 0)
		clock_sleep_until(l->t_start + (uint64_t)((double)index * 1e9 / l->o.rate));
}

/* Report up to --batch groups from one device, then read and answer them */
static uint64_t round_trip(struct sync *s, uint64_t index)
{
	struct load *l = s->l;
	uint64_t turn = index / l->o.batch;
	uint32_t dev = l->slots[turn % l->o.devices];
	unsigned int made = 0;

	while (made < l->o.batch && index < l->load_groups) {
		struct report r = {
			.dev = dev,
			.role = load_role(l, index),
			.pasid = ANY,
			.grpid = ANY,
			.pages = 1 + (uint32_t)(index % l->o.pages),
		};

		index++;
		if (trigger_group(l, &r) < 0)
			break;
		made++;
	}
	read_and_answer(s, l->devs[dev].obj, made);
	return index;
}

static void run_truth(struct sync *s)
{
	struct load *l = s->l;
	uint64_t act = 0, index = 0;

	while (index < l->load_groups && !over(l)) {
		act = acts_before(l, s->w, act, index);
		keep_rate(l, index);
		index = round_trip(s, index);
	}
	acts_before(l, s->w, act, UINT64_MAX);
}

/* @n groups of a device reported, read and answered; what failed, or NULL */
static const char *bare_turn(struct sync *s, struct uapi_test_cmd *cmd, int fd,
			     struct uapi_response *resp, unsigned int n)
{
	const ssize_t read_size = (ssize_t)(n * sizeof(*s->buf));
	const ssize_t write_size = (ssize_t)(n * sizeof(*resp));

	for (unsigned int i = 0; i < n; i++) {
		cmd->iopf.grpid++;
		cmd->iopf.addr += GROUP_PAGE;
		if (ioctl(s->l->mock.fd, IOMMUFD_TEST_CMD, cmd))
			return "report";
	}
	if (read(fd, s->buf, (size_t)read_size) != read_size)
		return "read";
	for (unsigned int i = 0; i < n; i++)
		resp[i] = (struct uapi_response){ s->buf[i].cookie, RESP_SUCCESS };
	return write(fd, resp, (size_t)write_size) == write_size ? NULL : "write";
}

/*
 * Nothing but the system calls: the yardstick for what tracing costs. Counts
 * are taken at the end; the first error ends it.
 */
static void run_bare(struct sync *s)
{
	struct load *l = s->l;
	struct uapi_test_cmd cmd = { .size = sizeof(cmd), .op = TEST_TRIGGER_IOPF };
	struct uapi_response *resp = calloc(l->o.batch, sizeof(*resp));
	const char *failed = resp ? NULL : "memory";
	uint64_t done = 0, turn = 0;

	cmd.iopf.perm = 1;
	cmd.iopf.addr = GROUP_ADDR_BASE;
	while (done < l->load_groups && !failed && !over(l)) {
		struct dev *dev = &l->devs[l->slots[turn % l->o.devices]];
		uint64_t left = l->load_groups - done;
		unsigned int n = (unsigned int)(left < l->o.batch ? left : l->o.batch);

		cmd.iopf.dev_id = dev->mock.dev_id;
		cmd.iopf.pasid = l->o.pasids ? 1 + (uint32_t)(turn % l->o.pasids) : 0;
		failed = bare_turn(s, &cmd, l->fds[dev->obj], resp, n);
		done += failed ? 0 : n;
		turn++;
	}
	if (failed)
		load_unexpected(l, "%s failed at group %llu", failed, (unsigned long long)done);
	s->w->reads.calls = s->w->writes.calls = turn;
	s->w->reads.records = s->w->writes.records = s->w->writes.accepted = done;
	atomic_store(&l->sh->made, done);
	atomic_store(&l->sh->done, done);
	free(resp);
}

void sync_run(struct load *l, struct worker *w)
{
	struct sync s = { .l = l, .w = w };
	int err = io_create(&s.io, false, false, false);

	s.buf = calloc(l->o.batch * l->o.pages, sizeof(*s.buf));
	s.answers = calloc(l->o.write_batch, sizeof(*s.answers));
	if (err || !s.buf || !s.answers)
		atomic_store(&l->sh->fatal, -ENOMEM);
	else if (l->o.no_truth)
		run_bare(&s);
	else
		run_truth(&s);
	atomic_store(&l->sh->triggers_live, 0);
	load_stop(l);
	io_destroy(s.io);
	free(s.buf);
	free(s.answers);
}
