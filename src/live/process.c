// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

/*
 * Signals that end a program which does nothing about them: those that somebody sends. Those of real time
 * are such ones, too.
 */
static const int sent[] = { SIGHUP,  SIGINT,  SIGQUIT,	 SIGTERM, SIGALRM, SIGVTALRM, SIGPROF,
			    SIGUSR1, SIGUSR2, SIGSTKFLT, SIGIO,	  SIGPWR,  SIGXCPU };

/* Those by which the program fails, and SIGPIPE, by which it ends quietly: these cannot wait. */
static const int failures[] = { SIGPIPE, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP };

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* What the handlers see. A process that is forked has no part in what its parent would clean up. */
static struct {
	pid_t owner; /* 0 = no handler is there */
	void (*clean[PROCESS_CLEANERS])(void);
	int wake; /* eventfd; -1 = signals are not taken */
	volatile sig_atomic_t requests, requested, asked, released, ending;
} state = { .wake = -1 };

/* The one place where the program is ended by a signal. */
static void die(int number)
{
	sigset_t set;

	if (getpid() == state.owner)
		for (size_t i = 0; i < PROCESS_CLEANERS; i++)
			if (state.clean[i])
				state.clean[i]();
	signal(number, SIG_DFL);
	raise(number);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* A signal that is taken. */
static void on_taken(int number)
{
	const uint64_t one = 1;
	int before = errno;

	if (number == SIGALRM && state.ending)
		die(state.ending);
	if (number == SIGUSR1 && state.requests)
		state.requested = 1;
	else
		state.asked++;
	/* If it is full, it is readable. */
	if (write(state.wake, &one, sizeof(one)) < 0)
		errno = before;
	/* Those come in twos at times, as timeout(1) sends them: what takes no time is still done. */
	if (!state.ending && (state.released ? state.asked : state.asked > 2)) {
		state.ending = number;
		alarm(PROCESS_GRACE_S);
	}
	errno = before;
}

/* Calls @fn for each signal that somebody sends. */
static void each_sent(void (*fn)(int number, void *arg), void *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(sent); i++)
		fn(sent[i], arg);
	for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
		fn(number, arg);
}

/* Handles a signal that nobody else does, and that is not ignored. */
static void handle(int number, void *handler)
{
	/* Not SA_RESETHAND: a second signal could come before the handler. */
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART }, before;

	sigfillset(&action.sa_mask);
	if (!sigaction(number, NULL, &before) && before.sa_handler == SIG_DFL)
		sigaction(number, &action, NULL);
}

/* Has the handlers there: once in a process. */
static void own(void)
{
	if (state.owner == getpid())
		return;
	for (size_t i = 0; i < PROCESS_CLEANERS; i++)
		state.clean[i] = NULL;
	state.owner = getpid();
	each_sent(handle, die);
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++)
		handle(failures[i], die);
}

void process_at_death(void (*clean)(void))
{
	own();
	for (size_t i = 0; i < PROCESS_CLEANERS && state.clean[i] != clean; i++) {
		if (state.clean[i])
			continue;
		state.clean[i] = clean;
		break;
	}
}

/* Opens a descriptor that was closed. Those before it are open, so that it gets this number. */
static int reopen(int fd)
{
	if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
		return 0;
	/* The wrong way round for the first two: using them is then the error that it was. */
	return open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_WRONLY) == fd ? 0 : -EBADF;
}

int process_begin(void)
{
	sigset_t set;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int err = reopen(fd);

		if (err)
			return err;
	}
	/* A file that may not grow any more is an error of writing like others. */
	sigemptyset(&set);
	sigaddset(&set, SIGXFSZ);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return 0;
}

/* Takes a signal from now on; @arg is a set of those that are. */
static void take(int number, void *arg)
{
	struct sigaction action = { .sa_handler = on_taken, .sa_flags = SA_RESTART }, before;

	sigfillset(&action.sa_mask);
	if (sigaction(number, NULL, &before))
		return;
	/* A shell has what runs in its background ignore SIGINT, and who sends it means it. */
	if (before.sa_handler == SIG_IGN && number != SIGINT && number != SIGTERM &&
	    !(number == SIGUSR1 && state.requests))
		return;
	sigaction(number, &action, NULL);
	sigaddset(arg, number);
}

int process_take_signals(bool requests)
{
	sigset_t set;

	own();
	if (state.wake < 0)
		state.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (state.wake < 0)
		return -errno;
	state.requests = requests;
	sigemptyset(&set);
	each_sent(take, &set);
	/* Between here and there no signal is lost: those that came are there when it is unblocked. */
	return sigprocmask(SIG_BLOCK, &set, NULL) ? -errno : state.wake;
}

/* Adds a signal to a set. */
static void add(int number, void *set)
{
	sigaddset(set, number);
}

void process_unblock_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	each_sent(add, &set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void process_release_signals(void)
{
	state.asked = 0;
	state.released = 1;
}

unsigned int process_signals(bool *request)
{
	uint64_t count;

	if (state.wake >= 0 && read(state.wake, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return state.asked + 1U; /* cannot be; rather end than not know */
	*request = state.requested;
	state.requested = 0;
	return (unsigned int)state.asked;
}

void process_child(void)
{
	sigset_t none;

	for (int number = 1; number <= SIGRTMAX; number++) {
		struct sigaction action;

		if (!sigaction(number, NULL, &action) && action.sa_handler != SIG_IGN)
			signal(number, SIG_DFL);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
