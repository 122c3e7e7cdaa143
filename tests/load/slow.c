// SPDX-License-Identifier: GPL-2.0-only
/* A page of memory that is not there yet. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "slow.h"

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

int slow_open(struct slow *s)
{
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	int err;

	*s = (struct slow){ .page = MAP_FAILED };
	s->fd = (int)syscall(__NR_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (s->fd < 0)
		return errno == ENOSYS ? -EOPNOTSUPP : -errno;
	s->page =
		mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	reg.range.start = (unsigned long)s->page;
	reg.range.len = page_size();
	if (s->page != MAP_FAILED && !ioctl(s->fd, UFFDIO_API, &api) &&
	    !ioctl(s->fd, UFFDIO_REGISTER, &reg))
		return 0;
	err = -errno;
	slow_close(s);
	return err;
}

void slow_close(struct slow *s)
{
	if (s->page != MAP_FAILED)
		munmap(s->page, page_size());
	if (s->fd >= 0)
		close(s->fd);
}

bool slow_wait(struct slow *s, int timeout_ms)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	struct uffd_msg msg;

	return poll(&p, 1, timeout_ms) > 0 && read(s->fd, &msg, sizeof(msg)) == sizeof(msg) &&
	       msg.event == UFFD_EVENT_PAGEFAULT;
}

int slow_give(struct slow *s)
{
	struct uffdio_zeropage zero = {
		.range = { .start = (unsigned long)s->page, .len = page_size() },
	};

	return ioctl(s->fd, UFFDIO_ZEROPAGE, &zero) ? -errno : 0;
}
