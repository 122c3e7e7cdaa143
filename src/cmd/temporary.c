// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "live/process.h"
#include "temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* What the handler sees. A process that is forked has no part in the files of its parent. */
static const char *volatile names[TEMPORARY_MAX];
static volatile int directories[TEMPORARY_MAX];
static pid_t owner;

/* Removes them. */
static void remove_all(void)
{
	for (size_t i = 0; i < TEMPORARY_MAX; i++)
		if (names[i])
			unlinkat(directories[i], names[i], 0);
}

/* Notes a name, of a directory, in the first place that has @old. */
static void replace(const char *old, int directory, const char *name)
{
	for (size_t i = 0; i < TEMPORARY_MAX; i++) {
		if (names[i] != old)
			continue;
		directories[i] = directory;
		names[i] = name;
		return;
	}
}

int temporary_create(int directory, const char *name, mode_t mode)
{
	sigset_t set, before;
	int fd;

	if (owner != getpid())
		memset((void *)names, 0, sizeof(names));
	owner = getpid();
	process_at_death(remove_all);
	/* No signal comes between: what is noted is ours, and what is ours is noted. */
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, &before);
	fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		fd = -errno;
	else
		replace(NULL, directory, name);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return fd;
}

void temporary_forget(const char *name)
{
	if (name)
		replace(name, -1, NULL);
}
