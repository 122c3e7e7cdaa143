// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "privilege.h"

/* What the new process tells before it becomes CMD, if it cannot. */
struct failure {
	int code;
	int error;
};

static void fail(int fd, int code)
{
	struct failure f = { code, errno };

	/* If this cannot be written the parent takes the exit status instead. */
	if (write(fd, &f, sizeof(f)) != sizeof(f))
		_exit(code);
	_exit(code);
}

/* The signals that are blocked here are not for CMD; an ignored one stays ignored. */
static void restore_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void become(int fd, char *const argv[], bool to_stderr)
{
	restore_signals();
	if (to_stderr && dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		fail(fd, CHILD_NO_SETUP);
	if (privilege_invoker())
		fail(fd, CHILD_NO_SETUP);
	execvp(argv[0], argv);
	fail(fd, errno == ENOENT || errno == ENOTDIR ? CHILD_NOT_FOUND : CHILD_NOT_EXECUTABLE);
}

int child_start(struct child *child, char *const argv[], bool to_stderr)
{
	struct failure failure;
	int fds[2];
	ssize_t n;

	*child = (struct child){ .pidfd = -1 };
	if (pipe2(fds, O_CLOEXEC))
		return CHILD_NO_SETUP;
	child->pid = fork();
	if (child->pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return CHILD_NO_SETUP;
	}
	if (!child->pid)
		become(fds[1], argv, to_stderr);
	close(fds[1]);
	do
		n = read(fds[0], &failure, sizeof(failure));
	while (n < 0 && errno == EINTR);
	close(fds[0]);
	if (n == sizeof(failure)) {
		waitpid(child->pid, NULL, 0);
		errno = failure.error;
		return failure.code;
	}
	child->pidfd = syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pidfd < 0) {
		int err = errno;

		kill(child->pid, SIGKILL); /* it would run on unseen */
		waitpid(child->pid, NULL, 0);
		errno = err;
		return CHILD_NO_SETUP;
	}
	fcntl(child->pidfd, F_SETFD, FD_CLOEXEC);
	return 0;
}

void child_poll(struct child *child)
{
	int status;

	if (child->ended || child->pid <= 0 || waitpid(child->pid, &status, WNOHANG) != child->pid)
		return;
	child->ended = true;
	child->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void child_terminate(const struct child *child)
{
	if (child->pid > 0 && !child->ended)
		syscall(SYS_pidfd_send_signal, child->pidfd, SIGTERM, NULL, 0);
}
