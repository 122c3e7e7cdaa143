// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/* What the handler sees. A process that is forked has no part in the files of its parent. */
static const char *volatile names[TEMPORARY_MAX];
static volatile pid_t owner;

/* Those that end a program which does nothing about them. */
static const int ends[] = { SIGHUP, SIGINT, SIGPIPE, SIGTERM };

/* Removes them; then the signal does what it does. */
static void on_end(int number)
{
	if (getpid() == owner) {
		for (size_t i = 0; i < TEMPORARY_MAX; i++)
			if (names[i])
				unlink(names[i]);
	}
	signal(number, SIG_DFL);
	raise(number); /* which is blocked until we return */
}

/* Has the signals handled that are not ignored, or handled by others: once in a process. */
static void handle_signals(void)
{
	/* Not SA_RESETHAND: a second signal, as timeout(1) sends it, could come before the handler. */
	struct sigaction action = { .sa_handler = on_end }, before;

	if (owner == getpid())
		return;
	for (size_t i = 0; i < TEMPORARY_MAX; i++)
		names[i] = NULL;
	owner = getpid();
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (!sigaction(ends[i], NULL, &before) && before.sa_handler == SIG_DFL)
			sigaction(ends[i], &action, NULL);
}

/* Notes a name in the first place that has @old. */
static void replace(const char *old, const char *name)
{
	for (size_t i = 0; i < TEMPORARY_MAX; i++) {
		if (names[i] != old)
			continue;
		names[i] = name;
		return;
	}
}

int temporary_create(const char *name, mode_t mode)
{
	sigset_t set, before;
	int fd;

	handle_signals();
	/* No signal comes between: what is noted is ours, and what is ours is noted. */
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaddset(&set, ends[i]);
	sigprocmask(SIG_BLOCK, &set, &before);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		fd = -errno;
	else
		replace(NULL, name);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return fd;
}

void temporary_forget(const char *name)
{
	if (name)
		replace(name, NULL);
}
