// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "replay_again.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exit_codes.h"
#include "out_of_memory.h"
#include "progress.h"
#include "replay.h"
#include "trace/reader.h"
#include "say.h"

#define CHUNK 65536

/* The file, if it is one that cannot simply be opened again. */
static struct {
	const char *file; /* NULL = there is none */
	int fd;
	off_t start;
} kept;

/* The last one is not needed any longer. */
static void let_go(void)
{
	if (kept.file && kept.fd > STDIN_FILENO)
		close(kept.fd);
	kept.file = NULL;
}

static void keep(const char *file, int fd, off_t start)
{
	kept.file = file;
	kept.fd = fd;
	kept.start = start;
}

/* Where temporary files go. */
static const char *directory(void)
{
	/* With capabilities of the file it is not for who started us to say. */
	const char *dir = secure_getenv("TMPDIR");

	return dir && *dir ? dir : "/tmp";
}

/* A file that nobody else sees, and that is gone with us. Its descriptor, or a negative errno. */
static int open_unnamed(void)
{
	char *name;
	int fd = open(directory(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	/* Not all file systems have these. */
	if (asprintf(&name, "%s/iopftrace-XXXXXX", directory()) < 0)
		return -ENOMEM;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	else
		unlink(name);
	free(name);
	return fd;
}

/* Writes all of it; 0 or a negative errno. */
static int write_all(int fd, const char *bytes, size_t nr)
{
	while (nr) {
		ssize_t written = write(fd, bytes, nr);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			bytes += written;
			nr -= (size_t)written;
		}
	}
	return 0;
}

/* Reads so many bytes, less only at the end. How many, or a negative errno. */
static ssize_t read_all(int fd, char *to, size_t nr)
{
	size_t done = 0;

	while (done < nr) {
		ssize_t got = read(fd, to + done, nr - done);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (!got)
			break;
		if (got > 0)
			done += (size_t)got;
	}
	return (ssize_t)done;
}

/* What went wrong on either side; returns the exit code. */
static int complain_of_copy(const char *file, int err)
{
	if (err == -ENOMEM)
		return out_of_memory();
	say("cannot copy %s to %s, to read it twice: %s", replay_name(file), directory(),
	    strerror(-err));
	return EXIT_RUNTIME;
}

/*
 * Copies all that comes, or, of what is no trace, which may have no end, as much as shows that. Returns 0
 * or the exit code.
 */
static int copy_all(const char *file, int from, int to)
{
	static char chunk[CHUNK];
	uint64_t copied = 0;
	bool first = true;
	ssize_t got;
	int err = 0;

	progress_begin("copying", replay_name(file), from);
	do {
		got = read_all(from, chunk, sizeof(chunk));
		if (got < 0) {
			progress_end();
			return replay_cannot_read(file, (int)got);
		}
		copied += (uint64_t)got;
		progress_at(copied);
		if (!err && got)
			err = write_all(to, chunk, (size_t)got);
		if (first && !trace_reader_is_trace(chunk, (size_t)got))
			break;
		first = false;
	} while (!err && got == sizeof(chunk));
	progress_end();
	return err ? complain_of_copy(file, err) : 0;
}

/* Keeps a copy of what comes from @fd. Returns 0 or the exit code. */
static int keep_copy(const char *file, int fd)
{
	int to = open_unnamed(), code;

	if (to < 0)
		return complain_of_copy(file, to);
	code = copy_all(file, fd, to);
	if (code)
		close(to);
	else
		keep(file, to, 0);
	return code;
}

int replay_keep(const char *file, bool copy)
{
	bool standard = strcmp(file, "-") == 0;
	off_t start = lseek(STDIN_FILENO, 0, SEEK_CUR);
	struct stat st;
	int fd, code;

	let_go();
	/* What is not there, opening it will say. */
	if (standard ? fstat(STDIN_FILENO, &st) : stat(file, &st))
		return 0;
	if (S_ISREG(st.st_mode)) {
		if (standard && start >= 0)
			keep(file, STDIN_FILENO, start);
		return 0;
	}
	if (!copy || S_ISDIR(st.st_mode))
		return 0;
	code = replay_open_file(file, &fd);
	if (code)
		return code;
	code = keep_copy(file, fd);
	if (fd > STDIN_FILENO)
		close(fd);
	return code;
}

static bool is_kept(const char *file)
{
	return kept.file && strcmp(kept.file, file) == 0;
}

off_t replay_kept_at(const char *file)
{
	return is_kept(file) ? lseek(kept.fd, 0, SEEK_CUR) : -1;
}

int replay_kept(const char *file)
{
	int fd;

	if (!is_kept(file))
		return -ENOENT;
	fd = fcntl(kept.fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd < 0)
		return -errno;
	if (lseek(fd, kept.start, SEEK_SET) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}
