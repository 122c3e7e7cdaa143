// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "child.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "privilege.h"
#include "process.h"

#define SHELL "/bin/sh"

/* What is looked at of a file that cannot be executed. The kernel takes 256 bytes of a first line. */
#define HEAD 4096

/* Why CMD is not executed: an exit code, and the rest of a sentence that begins with its name. */
struct failure {
	int code;
	char why[CHILD_WHY];
};

__attribute__((format(printf, 3, 4))) static void say(struct failure *f, int code,
						      const char *format, ...)
{
	va_list args;

	f->code = code;
	va_start(args, format);
	vsnprintf(f->why, sizeof(f->why), format, args);
	va_end(args);
}

/* The beginning of a file, ended by a NUL; its length, 0 if it cannot be read. */
static size_t read_head(const char *path, char head[HEAD + 1])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = fd < 0 ? 0 : read(fd, head, HEAD);

	if (fd >= 0)
		close(fd);
	head[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* Machines that Linux runs on, by their number in an ELF header. */
static const char *machine_name(unsigned int machine)
{
	static const struct {
		unsigned int number;
		const char *name;
	} machines[] = {
		{ EM_386, "i386" },	   { EM_X86_64, "x86_64" },	  { EM_ARM, "arm" },
		{ EM_AARCH64, "aarch64" }, { EM_RISCV, "riscv" },	  { EM_PPC64, "ppc64" },
		{ EM_S390, "s390" },	   { EM_LOONGARCH, "loongarch" },
	};

	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (machines[i].number == machine)
			return machines[i].name;
	return NULL;
}

/* The kernel does not know what it is, and it is no text either. */
static void explain_format(struct failure *f, const char *head, size_t size)
{
	const Elf64_Ehdr *elf = (const void *)head; /* of 32 bits it is the same so far */
	const char *name;

	if (size < sizeof(*elf) || memcmp(head, ELFMAG, SELFMAG))
		return say(f, CHILD_NOT_EXECUTABLE,
			   "is neither a program nor a script: its format is not known");
	name = machine_name(elf->e_machine);
	if (name)
		return say(f, CHILD_NOT_EXECUTABLE,
			   "is a program for %s, which this machine does not run", name);
	say(f, CHILD_NOT_EXECUTABLE, "is a program for another machine (ELF number %u)",
	    elf->e_machine);
}

/* The loader that a program names, when it is within the head; NULL = none. */
static const char *loader_of(const char *head, size_t size)
{
	const Elf64_Ehdr *elf = (const void *)head;

	if (size < sizeof(*elf) || memcmp(head, ELFMAG, SELFMAG) ||
	    elf->e_ident[EI_CLASS] != ELFCLASS64)
		return NULL;
	for (unsigned int i = 0; i < elf->e_phnum; i++) {
		uint64_t at = elf->e_phoff + (uint64_t)i * sizeof(Elf64_Phdr);
		Elf64_Phdr part;

		if (at > size || size - at < sizeof(part))
			return NULL;
		memcpy(&part, head + at, sizeof(part));
		if (part.p_type == PT_INTERP)
			return part.p_offset < size ? head + part.p_offset : NULL;
	}
	return NULL;
}

/* A file is there, and the kernel says that it is not: what it takes to run it is not there. */
static void explain_missing(struct failure *f, const char *path, char *head)
{
	size_t size = read_head(path, head);
	const char *loader = loader_of(head, size);
	char *name = head + 2, *end;

	if (loader)
		return say(f, CHILD_NOT_FOUND,
			   "needs the loader %.128s, which is not there: it was built for another "
			   "system",
			   loader);
	if (size < 3 || memcmp(head, "#!", 2))
		return say(f, CHILD_NOT_FOUND, "needs a file to run that is not there");
	name += strspn(name, " \t");
	end = name + strcspn(name, " \t\n");
	if (end > name && end[-1] == '\r') {
		end[-1] = '\0';
		return say(f, CHILD_NOT_FOUND,
			   "has lines that end in CR LF, so that the interpreter %.128s is not "
			   "found: remove the CR (dos2unix)",
			   name);
	}
	*end = '\0';
	say(f, CHILD_NOT_FOUND, "needs the interpreter %.128s, which is not there", name);
}

/* The kernel does not let us execute it. */
static void explain_denied(struct failure *f, const char *path)
{
	struct statvfs fs;
	struct stat st;

	if (stat(path, &st))
		return say(f, CHILD_NOT_EXECUTABLE,
			   "cannot be reached: a directory on the way to it is closed to you");
	if (S_ISDIR(st.st_mode))
		return say(f, CHILD_NOT_EXECUTABLE, "is a directory");
	if (!S_ISREG(st.st_mode))
		return say(f, CHILD_NOT_EXECUTABLE, "is not a file that can be executed");
	if (!statvfs(path, &fs) && fs.f_flag & ST_NOEXEC)
		return say(f, CHILD_NOT_EXECUTABLE,
			   "is on a file system that is mounted noexec: run a copy elsewhere");
	if (!(st.st_mode & 0111))
		return say(f, CHILD_NOT_EXECUTABLE, "is not executable: chmod +x");
	if (access(path, X_OK))
		return say(f, CHILD_NOT_EXECUTABLE,
			   "is executable, but not for you: see its owner and mode");
	say(f, CHILD_NOT_EXECUTABLE,
	    "may be executed, but its interpreter may not, or a security module forbids it");
}

/* Says why execve() of a file failed, as shells have their exit codes. */
static void explain(struct failure *f, const char *path, int err)
{
	char head[HEAD + 1] __attribute__((aligned(8)));
	struct stat st;

	if (err == ENOENT && !stat(path, &st))
		return explain_missing(f, path, head);
	if (err == ENOENT)
		return say(f, CHILD_NOT_FOUND, "no such file");
	if (err == ENOTDIR)
		return say(f, CHILD_NOT_FOUND, "no such file: what should be a directory is none");
	if (err == EACCES)
		return explain_denied(f, path);
	if (err == ENOEXEC)
		return explain_format(f, head, read_head(path, head));
	if (err == E2BIG)
		return say(f, CHILD_NOT_EXECUTABLE,
			   "its arguments and environment are larger than the kernel takes");
	if (err == ETXTBSY)
		return say(f, CHILD_NOT_EXECUTABLE, "is being written by another process");
	say(f, CHILD_NOT_EXECUTABLE, "%s", strerror(err));
}

/* Whether it looks like text, as shells ask: no NUL in its first line. */
static bool is_script(const char *path)
{
	char head[HEAD + 1];
	size_t size = read_head(path, head), line = strcspn(head, "\n");

	return line < size ? head[line] == '\n' : line == size;
}

/* Becomes @path; what the kernel does not know, and is text, is for the shell. Gives an errno. */
static int execute(const char *path, char *const argv[])
{
	size_t nr = 0;
	char **args;

	execv(path, argv);
	if (errno != ENOEXEC || !is_script(path))
		return errno;
	while (argv[nr])
		nr++;
	args = calloc(nr + 2, sizeof(*args));
	if (!args)
		return ENOMEM;
	args[0] = (char *)SHELL;
	args[1] = (char *)path;
	for (size_t i = 1; i < nr; i++)
		args[i + 1] = argv[i];
	execv(SHELL, args);
	free(args);
	return errno;
}

/* Looks for CMD in PATH and becomes it. */
static void search(struct failure *f, char *const argv[])
{
	const char *dirs = getenv("PATH"), *next;
	char path[4096], found[4096] = "";
	int found_err = 0;

	for (dirs = dirs ? dirs : "/bin:/usr/bin"; dirs; dirs = next) {
		size_t len = strcspn(dirs, ":");
		int err;

		next = dirs[len] ? dirs + len + 1 : NULL;
		if (snprintf(path, sizeof(path), "%.*s%s%s", (int)len, dirs, len ? "/" : "",
			     argv[0]) >= (int)sizeof(path))
			continue;
		err = execute(path, argv);
		/* What is there, but not to be executed, may be so in another directory. */
		if (!found_err && access(path, F_OK) == 0) {
			found_err = err;
			memcpy(found, path, sizeof(found));
		}
		if (err != ENOENT && err != ENOTDIR && err != EACCES)
			break;
	}
	if (found_err)
		explain(f, found, found_err);
	else
		say(f, CHILD_NOT_FOUND, "command not found");
}

static void become(int fd, char *const argv[], bool to_stderr)
{
	struct failure f = { 0 };
	int err = 0;

	process_child();
	if (to_stderr && dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		say(&f, CHILD_NO_SETUP, "its standard output cannot be standard error: %s",
		    strerror(errno));
	else if ((err = privilege_invoker()))
		say(&f, CHILD_NO_SETUP, "it cannot be run as the invoking user: %s",
		    strerror(-err));
	else if (!strchr(argv[0], '/'))
		search(&f, argv);
	else
		explain(&f, argv[0], execute(argv[0], argv));
	/* If this cannot be written the parent has the exit status. */
	if (write(fd, &f, sizeof(f)) != sizeof(f))
		_exit(f.code);
	_exit(f.code);
}

/* A limit, or memory: CMD has no part in it. */
static int fail(char why[CHILD_WHY], const char *what, int err)
{
	const char *remedy = err == EMFILE ? ": raise 'ulimit -n'" :
			     err == ENFILE ? ": raise fs.file-max" :
			     err == EAGAIN ? ": raise 'ulimit -u', or pids.max of the cgroup" :
			     err == ENOMEM ? ": free memory, or raise memory.max of the cgroup" :
					     "";

	snprintf(why, CHILD_WHY, "cannot make %s: %s%s", what, strerror(err), remedy);
	return CHILD_NO_SETUP;
}

int child_start(struct child *child, char *const argv[], bool to_stderr, char why[CHILD_WHY])
{
	sigset_t all, before;
	struct failure failure;
	int fds[2];
	ssize_t n;

	*child = (struct child){ .pidfd = -1 };
	if (pipe2(fds, O_CLOEXEC))
		return fail(why, "a pipe", errno);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	child->pid = fork();
	if (child->pid)
		sigprocmask(SIG_SETMASK, &before, NULL);
	if (child->pid < 0) {
		int err = errno;

		close(fds[0]);
		close(fds[1]);
		return fail(why, "a process", err);
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
		child->pid = 0;
		memcpy(why, failure.why, sizeof(failure.why));
		return failure.code;
	}
	child->pidfd = syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pidfd < 0) {
		int err = errno;

		kill(child->pid, SIGKILL); /* it would run on unseen */
		waitpid(child->pid, NULL, 0);
		child->pid = 0;
		return fail(why, "a descriptor of the process", err);
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
