// SPDX-License-Identifier: GPL-2.0-only
/* Acts in which the kernel runs out of memory, by fault injection. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acts.h"
#include "clock.h"

#define DEBUGFS "/sys/kernel/debug"
#define FAILSLAB DEBUGFS "/failslab/"

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text));
	close(fd);
	return ret < 0 ? -errno : 0;
}

/*
 * From now on, let every allocation of this thread fail that may: the filter
 * spares all other tasks. Returns a descriptor for fail_end(), as to open one
 * would allocate; or -EOPNOTSUPP.
 */
static int fail_begin(void)
{
	static const char *const settings[][2] = {
		{ FAILSLAB "task-filter", "Y" }, { FAILSLAB "ignore-gfp-wait", "N" },
		{ FAILSLAB "verbose", "0" },	 { FAILSLAB "interval", "0" },
		{ FAILSLAB "times", "-1" },	 { FAILSLAB "probability", "100" },
	};
	struct stat st;
	int fd;

	if (stat(FAILSLAB, &st) && mount("debugfs", DEBUGFS, "debugfs", 0, NULL))
		return -EOPNOTSUPP;
	for (unsigned int i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (write_file(settings[i][0], settings[i][1]))
			return -EOPNOTSUPP;
	fd = open("/proc/thread-self/make-it-fail", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -EOPNOTSUPP;
	if (write(fd, "1", 1) == 1)
		return fd;
	close(fd);
	return -EOPNOTSUPP;
}

static void fail_end(struct scene *s, int fd)
{
	if (write(fd, "0", 1) != 1 || write_file(FAILSLAB "probability", "0"))
		load_unexpected(s->l, "failslab cannot be turned off");
	close(fd);
}

int act_abort(struct scene *s)
{
	char buf[sizeof(struct uapi_pgfault)];
	int fd = fail_begin(), err;

	if (fd < 0)
		return fd;
	err = trigger_refused(s->l, s->dev);
	fail_end(s, fd);
	atomic_fetch_sub(&s->l->sh->refused, 1);
	atomic_fetch_add(&s->l->sh->aborted, 1);
	scene_expect(s, "report", err, 0);
	scene_expect(s, "read", scene_read(s, "read", buf, sizeof(buf)), 0);
	return 0;
}

int act_enomem_read(struct scene *s)
{
	struct uapi_pgfault buf;
	struct answer a;
	ssize_t ret;
	int fd;

	if (scene_report(s) < 0)
		return -EIO;
	fd = fail_begin();
	ret = fd < 0 ? fd : scene_read(s, "read", &buf, sizeof(buf));
	if (fd >= 0)
		fail_end(s, fd);
	/* While other cookies are in use, a new one may need no memory */
	if (ret == (ssize_t)sizeof(buf)) {
		if (deliver_record(s->l, s->obj, &buf, clock_now(), &a))
			return -EIO;
	} else {
		if (fd >= 0)
			scene_expect(s, "read", ret, -ENOMEM);
		if (scene_read_groups(s, &a, 1))
			return -EIO;
	}
	scene_answer(s, &a, 1);
	return ret == -ENOMEM ? 0 : -EOPNOTSUPP;
}
