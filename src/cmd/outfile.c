// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "outfile.h"
#include "output/output.h"
#include "temporary.h"

/* Names tried for the temporary file before giving up. */
#define ATTEMPTS 100

/* Notes an error in words; gives it back. */
static int fail(struct outfile *file, const char *doing, const char *path, int err)
{
	snprintf(file->error, sizeof(file->error), "cannot %s %s: %s", doing, path, strerror(-err));
	return err;
}

/* Forgets what was allocated. */
static void forget(struct outfile *file)
{
	temporary_forget(file->temporary);
	free(file->target);
	free(file->temporary);
	free(file->text);
	file->text = NULL;
	file->stream = NULL;
	file->target = NULL;
	file->temporary = NULL;
}

/* Creates a file beside the target; gives its descriptor or a negative errno. */
static int create_beside(struct outfile *file, mode_t mode)
{
	int attempt, fd = -EEXIST;

	for (attempt = 0; attempt < ATTEMPTS && fd == -EEXIST; attempt++) {
		free(file->temporary);
		if (asprintf(&file->temporary, "%s.%d-%d.tmp", file->target, (int)getpid(),
			     attempt) < 0) {
			file->temporary = NULL;
			return -ENOMEM;
		}
		fd = temporary_create(file->temporary, mode);
	}
	return fd;
}

/* Opens what is at the target, or a file beside it; a descriptor or a negative errno. */
static int open_target(struct outfile *file)
{
	struct stat st;
	int fd;

	if (stat(file->target, &st))
		return errno == ENOENT ? create_beside(file, 0666) : -errno;
	if (S_ISREG(st.st_mode)) {
		fd = create_beside(file, 0600);
		if (fd >= 0 && fchmod(fd, st.st_mode & 0777)) {
			int err = -errno;

			close(fd);
			unlink(file->temporary);
			return err;
		}
		return fd;
	}
	fd = open(file->target, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int outfile_open(struct outfile *file, const char *path)
{
	int fd, err;

	*file = (struct outfile){ .stream = stdout };
	if (!path || strcmp(path, "-") == 0)
		return 0;
	file->stream = NULL;
	file->target = realpath(path, NULL); /* through links, so that they stay */
	if (!file->target)
		file->target = strdup(path);
	if (!file->target)
		return fail(file, "write", path, -ENOMEM);
	fd = open_target(file);
	if (fd >= 0) {
		file->stream = fdopen(fd, "w");
		if (file->stream)
			return 0;
	}
	err = fd < 0 ? fd : -errno;
	if (fd >= 0)
		close(fd);
	if (fd >= 0 && file->temporary)
		unlink(file->temporary);
	forget(file);
	return fail(file, "write", path, err);
}

int outfile_gather(struct outfile *file)
{
	FILE *memory = open_memstream(&file->text, &file->size);

	if (!memory)
		return -ENOMEM;
	file->direct = file->stream;
	file->stream = memory;
	return 0;
}

/* Writes what was gathered to where it belongs. */
static int scatter(struct outfile *file)
{
	int err = fclose(file->stream) ? -ENOMEM : 0;

	file->stream = file->direct;
	file->direct = NULL;
	errno = 0;
	if (!err && fwrite(file->text, 1, file->size, file->stream) < file->size)
		err = errno ? -errno : -EIO;
	return err;
}

/* Nothing may be left in the stream, and nothing may have been lost from it. */
static int finish(struct outfile *file)
{
	int err = file->direct ? scatter(file) : 0, flushed = output_flush(file->stream);

	if (file->failed)
		return file->failed;
	return err ? err : flushed;
}

int outfile_commit(struct outfile *file)
{
	int err = finish(file);

	if (!file->target) {
		if (err)
			fail(file, "write", "standard output", err);
		forget(file);
		return err;
	}
	if (fclose(file->stream) && !err)
		err = -errno;
	if (!err && file->temporary && rename(file->temporary, file->target))
		err = -errno;
	if (err) {
		fail(file, "write", file->target, err);
		if (file->temporary)
			unlink(file->temporary);
	}
	forget(file);
	return err;
}

int outfile_fail(struct outfile *file, int err)
{
	fail(file, "write", file->target ? file->target : "standard output", err);
	outfile_abort(file);
	return err;
}

void outfile_abort(struct outfile *file)
{
	if (file->direct) {
		fclose(file->stream);
		file->stream = file->direct;
		file->direct = NULL;
	}
	if (file->target && file->stream)
		fclose(file->stream);
	if (file->temporary)
		unlink(file->temporary);
	forget(file);
}
