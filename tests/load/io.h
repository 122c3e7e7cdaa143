/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading and writing a fault object: system calls or io_uring. */
#ifndef LOAD_IO_H
#define LOAD_IO_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct io;

/* For one thread. With @uring, @async and @sqpoll as the options say. -errno */
int io_create(struct io **io, bool uring, bool async, bool sqpoll);
void io_destroy(struct io *io);

/*
 * Like read() and write(), with -errno. A read through io_uring may wait for
 * data; it gives up with -ECANCELED once *stop is set.
 */
ssize_t io_read(struct io *io, int fd, void *buf, size_t len, atomic_int *stop);
ssize_t io_write(struct io *io, int fd, const void *buf, size_t len);

/* Would io_read() wait for data by itself? */
bool io_waits(const struct io *io);

#endif
