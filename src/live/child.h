/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* CMD: created at a gate, let go once the probes are attached. */
#ifndef LIVE_CHILD_H
#define LIVE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	int pidfd; /* polls readable when it has ended */
	bool ended;
	int status; /* as a shell gives it, once it has ended */
};

/* Why CMD did not start: the exit codes of shells. */
enum { CHILD_NO_SETUP = 125, CHILD_NOT_EXECUTABLE = 126, CHILD_NOT_FOUND = 127 };

#define CHILD_WHY 256

/*
 * Runs @argv as the invoking user, through the shell if it is a script that names no interpreter. Waits
 * until it has been executed. Returns 0, or one of the codes above with the rest of a sentence in @why
 * that begins with CMD's name. @child is then not started. With @to_stderr its standard output is our
 * standard error.
 */
int child_start(struct child *child, char *const argv[], bool to_stderr, char why[CHILD_WHY]);

/* Sees whether it has ended, without waiting. */
void child_poll(struct child *child);

/* Asks it to end. */
void child_terminate(const struct child *child);

#endif /* LIVE_CHILD_H */
