// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "outfile.h"
#include "output/output.h"

/* Notes an error in words; gives it back. */
static int fail(struct outfile *file, const char *doing, const char *path, int err)
{
	snprintf(file->error, sizeof(file->error), "cannot %s %s: %s", doing, path, strerror(-err));
	return err;
}

/* Forgets what was allocated. */
static void forget(struct outfile *file)
{
	if (file->target) {
		place_drop(&file->place, &file->temporary);
		place_close(&file->place);
	}
	free(file->target);
	free(file->text);
	file->text = NULL;
	file->stream = NULL;
	file->target = NULL;
}

/* A file that is to be put in its place at the end. A descriptor or a negative errno. */
static int create(struct outfile *file)
{
	const struct stat *st = &file->place.st;
	bool replaces = file->place.exists && S_ISREG(st->st_mode);
	int fd = place_create(&file->place, 0666, &file->temporary), err;
	mode_t mask;

	file->put = true;
	if (fd < 0 || !replaces)
		return fd;
	mask = umask(0);
	umask(mask);
	/* What another user allows is not for us to allow. */
	if (!fchmod(fd, st->st_uid == geteuid() ? st->st_mode & 0777 : st->st_mode & 0666 & ~mask))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int outfile_open(struct outfile *file, const char *path)
{
	int fd, err;

	*file = (struct outfile){ .stream = stdout };
	if (place_is_stdout(path))
		return 0;
	file->stream = NULL;
	err = place_find(&file->place, path, STDOUT_FILENO);
	if (err)
		return fail(file, "write", path, err);
	file->target = strdup(path);
	fd = !file->target		? -ENOMEM :
	     place_direct(&file->place) ? place_open(&file->place) :
					  create(file);
	if (fd >= 0) {
		file->stream = fdopen(fd, "w");
		if (file->stream)
			return 0;
	}
	err = fd < 0 ? fd : -errno;
	if (fd >= 0)
		close(fd);
	if (!file->target)
		place_close(&file->place);
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
	if (!err && file->put)
		err = place_put(&file->place, fileno(file->stream), &file->temporary,
				!file->passing);
	if (fclose(file->stream) && !err)
		err = -errno;
	if (err)
		fail(file, "write", file->target, err);
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
	forget(file);
}
