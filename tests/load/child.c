// SPDX-License-Identifier: GPL-2.0-only
/* A second process that answers, or reads and answers, beside the first. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "run.h"

#define MAX_FDS 253 /* the kernel's limit for one message */

bool child_wanted(const struct opts *o)
{
	return opts_any(o, KIND_MODE);
}

/* One message with all descriptors, to send or to receive */
struct fd_message {
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(MAX_FDS * sizeof(int))];
	char byte;
	struct iovec iov;
	struct msghdr msg;
};

static void fd_message(struct fd_message *m, size_t fds)
{
	*m = (struct fd_message){ .byte = 'F' };
	m->iov = (struct iovec){ &m->byte, 1 };
	m->msg = (struct msghdr){
		.msg_iov = &m->iov,
		.msg_iovlen = 1,
		.msg_control = m->control,
		.msg_controllen = CMSG_SPACE(fds * sizeof(int)),
	};
}

int child_send(struct load *l)
{
	size_t size = l->o.objects * sizeof(int);
	struct fd_message m;
	struct cmsghdr *c;
	int err = 0;

	if (l->child_socket < 0)
		return 0;
	fd_message(&m, l->o.objects);
	c = CMSG_FIRSTHDR(&m.msg);
	*c = (struct cmsghdr){ CMSG_LEN(size), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(c), l->fds, size);
	if (sendmsg(l->child_socket, &m.msg, 0) != 1)
		err = -errno;
	close(l->child_socket);
	l->child_socket = -1;
	return err;
}

static int child_receive(struct load *l, int sock)
{
	size_t size = l->o.objects * sizeof(int);
	struct fd_message m;
	struct cmsghdr *c;

	fd_message(&m, l->o.objects);
	if (recvmsg(sock, &m.msg, MSG_CMSG_CLOEXEC) != 1)
		return -EIO;
	c = CMSG_FIRSTHDR(&m.msg);
	if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(size))
		return -EIO;
	memcpy(l->fds, CMSG_DATA(c), size);
	close(sock);
	return 0;
}

static _Noreturn void child_main(struct load *l, int sock)
{
	int err = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	l->in_child = true;
	if (sock >= 0)
		err = child_receive(l, sock);
	else
		close(l->mock.fd);
	if (!err)
		err = run_threads(l);
	_exit(err ? EXIT_FAILURE : EXIT_SUCCESS);
}

int child_start(struct load *l, bool early)
{
	bool scm = l->o.acts[KIND_FORK_SCM] > 0;
	int sock[2] = { -1, -1 };

	if (!child_wanted(&l->o) || early != scm)
		return 0;
	if (scm && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sock))
		return -errno;
	l->child = fork();
	if (l->child < 0)
		return -errno;
	if (!l->child) {
		if (scm)
			close(sock[0]);
		child_main(l, sock[1]);
	}
	if (scm)
		close(sock[1]);
	l->child_socket = sock[0];
	return 0;
}

void child_wait(struct load *l)
{
	int status;

	if (l->child <= 0)
		return;
	while (waitpid(l->child, &status, 0) < 0)
		if (errno != EINTR)
			return;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		load_unexpected(l, "the second process ended with status %#x", status);
}
