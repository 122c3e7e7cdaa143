// SPDX-License-Identifier: GPL-2.0-only
/* Threads that read the fault objects and threads that answer. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "deliver.h"
#include "io.h"
#include "reader.h"

/* After an error that should not be, do not spin */
#define ERROR_PAUSE_NS NSEC_PER_MSEC

struct reader {
	struct load *l;
	struct worker *w;
	struct io *io;
	struct queue *queue; /* the writers', or its own */
	struct uapi_pgfault *buf;
	struct answer *answers; /* room for a write */
	struct pollfd *polls; /* its objects, then the end of the run */
	uint32_t *objs;
	unsigned int nr_objs;
	uint64_t reads;
};

/* Does reader @w read object @obj? One object each, or several, shared evenly */
static bool reads_object(const struct load *l, const struct worker *w, uint32_t obj)
{
	if (l->o.readers >= l->o.objects)
		return w->index % l->o.objects == obj;
	return obj % l->o.readers == w->index;
}

static int reader_init(struct reader *r)
{
	const struct load *l = r->l;
	const struct opts *o = &l->o;

	r->queue = o->writers ? l->queue :
				queue_create(o->batch * o->pages * o->objects, &l->sh->abandon);
	r->buf = calloc(o->batch * o->pages, sizeof(*r->buf));
	r->answers = calloc(o->write_batch, sizeof(*r->answers));
	r->polls = calloc(o->objects + 1, sizeof(*r->polls));
	r->objs = calloc(o->objects, sizeof(*r->objs));
	if (!r->queue || !r->buf || !r->answers || !r->polls || !r->objs)
		return -ENOMEM;
	for (uint32_t i = 0; i < o->objects; i++) {
		if (!reads_object(l, r->w, i))
			continue;
		r->objs[r->nr_objs] = i;
		r->polls[r->nr_objs++] = (struct pollfd){ .fd = l->fds[i], .events = POLLIN };
	}
	r->polls[r->nr_objs] = (struct pollfd){ .fd = l->stop_fd, .events = POLLIN };
	return io_create(&r->io, o->io == IO_URING, o->uring_async, o->sqpoll);
}

static void reader_free(struct reader *r)
{
	io_destroy(r->io);
	free(r->buf);
	free(r->answers);
	free(r->polls);
	free(r->objs);
}

/* Wait until an object is readable, or the run is over */
static void wait_readable(struct reader *r)
{
	r->w->polls++;
	if (poll(r->polls, r->nr_objs + 1, -1) < 0 && errno != EINTR)
		load_unexpected(r->l, "poll: %s", strerrorname_np(errno));
}

static void book(struct reader *r, uint32_t obj, unsigned int n, uint64_t call, uint64_t now)
{
	struct delivered d = { .rec = r->buf, .records = n, .obj = obj, .now = now };
	struct load *l = r->l;
	struct answer a;

	while (deliver_next(l, &d, &a)) {
		l->groups[a.seq].t_call = call;
		if (l->groups[a.seq].role == ROLE_KEEP)
			load_group_done(l, &l->groups[a.seq], GROUP_KEPT);
		else
			queue_put(r->queue, &a);
	}
}

/* Answer what this reader holds, each when it is due */
static void answer_own(struct reader *r)
{
	const struct opts *o = &r->l->o;
	unsigned int n;

	if (o->writers)
		return;
	while ((n = queue_take(r->queue, r->answers, (unsigned int)o->write_batch, false)))
		answer_write(r->l, r->w, r->io, r->answers, n);
}

/* One read; returns whether there was anything */
static bool read_object(struct reader *r, uint32_t obj)
{
	struct load *l = r->l;
	const struct opts *o = &l->o;
	size_t size = o->batch * o->pages * sizeof(*r->buf);
	uint64_t call, now;
	ssize_t ret;

	if (o->wait_delay.kind != DELAY_NONE)
		clock_sleep_until(clock_now() +
				  delay_draw(&o->wait_delay, o->seed + r->w->index, r->reads++));
	load_enter(l, &l->sh->read_gate);
	call = clock_now();
	ret = io_read(r->io, l->fds[obj], r->buf, size, &l->sh->give_up);
	now = clock_now();
	load_leave(l, &l->sh->read_gate);
	if (ret == -ECANCELED || ret == -EINTR)
		return false;
	count_read(r->w, ret);
	if (ret < 0 || (size_t)ret % sizeof(*r->buf)) {
		load_unexpected(l, "read: %s",
				ret < 0 ? strerrorname_np((int)-ret) : "torn record");
		clock_sleep_until(now + ERROR_PAUSE_NS);
		return false;
	}
	book(r, obj, (unsigned int)((size_t)ret / sizeof(*r->buf)), call, now);
	return ret > 0;
}

static void reader_loop(struct reader *r)
{
	bool poll_first = r->l->o.io == IO_POLL || r->nr_objs > 1, any;

	while (!load_stopped(r->l)) {
		any = false;
		if (poll_first)
			wait_readable(r);
		for (unsigned int i = 0; i < r->nr_objs && !load_stopped(r->l); i++) {
			if (poll_first && !(r->polls[i].revents & POLLIN))
				continue;
			any |= read_object(r, r->objs[i]);
		}
		answer_own(r);
		if (!any && !poll_first)
			wait_readable(r);
	}
	answer_own(r);
}

void reader_run(struct load *l, struct worker *w)
{
	struct reader r = { .l = l, .w = w };
	int err = reader_init(&r);

	if (!err) {
		reader_loop(&r);
		if (l->o.io == IO_URING)
			load_note_uring(l);
	} else {
		atomic_store(&l->sh->fatal, err);
		load_stop(l);
	}
	reader_free(&r);
}

void writer_run(struct load *l, struct worker *w)
{
	const struct opts *o = &l->o;
	struct answer *answers = calloc(o->write_batch, sizeof(*answers));
	struct io *io = NULL;
	unsigned int n;
	int err;

	err = answers ? io_create(&io, o->io == IO_URING, o->uring_async, o->sqpoll) : -ENOMEM;
	if (err) {
		atomic_store(&l->sh->fatal, err);
		load_stop(l);
	}
	while (!err && (n = queue_take(l->queue, answers, (unsigned int)o->write_batch, true)))
		answer_write(l, w, io, answers, n);
	if (io && o->io == IO_URING)
		load_note_uring(l);
	io_destroy(io);
	free(answers);
}
