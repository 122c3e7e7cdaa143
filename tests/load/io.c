// SPDX-License-Identifier: GPL-2.0-only
/* Reading and writing a fault object: system calls or io_uring. */
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"

/* How often a waiting read looks whether it should give up */
#define LOOK_NS (20 * NSEC_PER_MSEC)

struct io {
	bool uring;
	bool async;
	struct io_uring ring;
};

int io_create(struct io **out, bool uring, bool async, bool sqpoll)
{
	struct io_uring_params params = { 0 };
	struct io *io = calloc(1, sizeof(*io));
	int err;

	if (!io)
		return -ENOMEM;
	io->uring = uring;
	io->async = async;
	if (sqpoll) {
		params.flags = IORING_SETUP_SQPOLL;
		params.sq_thread_idle = 100;
	}
	err = uring ? io_uring_queue_init_params(8, &io->ring, &params) : 0;
	if (err) {
		free(io);
		return err;
	}
	*out = io;
	return 0;
}

void io_destroy(struct io *io)
{
	if (!io)
		return;
	if (io->uring)
		io_uring_queue_exit(&io->ring);
	free(io);
}

bool io_waits(const struct io *io)
{
	return io->uring;
}

/* Ask the ring to drop the request in flight; it may complete all the same */
static void cancel(struct io *io)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&io->ring);

	if (!sqe)
		return;
	io_uring_prep_cancel64(sqe, 1, 0);
	io_uring_sqe_set_data64(sqe, 2);
	io_uring_submit(&io->ring);
}

/*
 * The result of the request with user data 1; other completions are dropped. A
 * request that is just changing hands inside the kernel cannot be found to be
 * cancelled: so that is tried again until it completes.
 */
static int reap(struct io *io, atomic_int *stop)
{
	struct __kernel_timespec look = { .tv_nsec = LOOK_NS };
	struct io_uring_cqe *cqe;
	uint64_t tag;
	int ret;

	for (;;) {
		ret = io_uring_wait_cqe_timeout(&io->ring, &cqe, &look);
		if (ret == -ETIME && stop && atomic_load(stop))
			cancel(io);
		if (ret == -ETIME || ret == -EINTR || ret == -EAGAIN)
			continue;
		if (ret)
			return ret;
		tag = cqe->user_data;
		ret = cqe->res;
		io_uring_cqe_seen(&io->ring, cqe);
		if (tag == 1)
			return ret;
	}
}

static int submit(struct io *io, struct io_uring_sqe *sqe, atomic_int *stop)
{
	int ret;

	if (io->async)
		io_uring_sqe_set_flags(sqe, IOSQE_ASYNC);
	io_uring_sqe_set_data64(sqe, 1);
	ret = io_uring_submit(&io->ring);
	return ret < 0 ? ret : reap(io, stop);
}

ssize_t io_read(struct io *io, int fd, void *buf, size_t len, atomic_int *stop)
{
	struct io_uring_sqe *sqe;
	ssize_t ret;

	if (!io->uring) {
		ret = read(fd, buf, len);
		return ret < 0 ? -errno : ret;
	}
	sqe = io_uring_get_sqe(&io->ring);
	io_uring_prep_read(sqe, fd, buf, (unsigned int)len, 0);
	return submit(io, sqe, stop);
}

ssize_t io_write(struct io *io, int fd, const void *buf, size_t len)
{
	struct io_uring_sqe *sqe;
	ssize_t ret;

	if (!io->uring) {
		ret = write(fd, buf, len);
		return ret < 0 ? -errno : ret;
	}
	sqe = io_uring_get_sqe(&io->ring);
	io_uring_prep_write(sqe, fd, buf, (unsigned int)len, 0);
	return submit(io, sqe, NULL);
}
