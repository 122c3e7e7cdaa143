// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "replay_start.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "progress.h"
#include "replay_again.h"
#include "trace/reader.h"

/* What the end of a file tells of its run; false when it does not get there. */
static bool read_end(const char *file, int fd, struct iopf_run *run)
{
	struct trace_reader *reader = NULL;
	struct trace_batch batch;
	const char *why;
	uint64_t at;
	int got = -1;

	if (!trace_reader_open(&reader, fd, &why)) {
		progress_begin("looking through", replay_name(file), fd);
		while ((got = trace_reader_next(reader, &batch)) > 0)
			progress_at(trace_reader_at(reader));
		progress_end();
		if (!got)
			trace_reader_end(reader, run, &at);
	}
	trace_reader_free(reader);
	return !got;
}

/*
 * Opens it, when it can be read twice, or -1. @at: where the place that it shares is now, since it may be
 * read already; -1 = it shares none.
 */
static int open_again(const char *file, off_t *at)
{
	struct stat st;
	int fd;

	*at = replay_kept_at(file);
	fd = replay_kept(file);
	/* Opening a pipe again would take from it, or wait. */
	if (fd != -ENOENT || !strcmp(file, "-") || stat(file, &st) || !S_ISREG(st.st_mode))
		return fd;
	return open(file, O_RDONLY | O_CLOEXEC);
}

bool replay_span(const char *file, uint64_t *start_ns, uint64_t *end_ns)
{
	struct iopf_run run;
	bool known;
	off_t at;
	int fd = open_again(file, &at);

	if (fd < 0)
		return false;
	known = read_end(file, fd, &run);
	if (at >= 0)
		lseek(fd, at, SEEK_SET);
	close(fd);
	if (!known)
		return false;
	*start_ns = run.start_ns;
	*end_ns = run.end_ns > run.start_ns ? run.end_ns : run.start_ns;
	return true;
}

uint64_t replay_start(const char *file, const struct replay *replay)
{
	uint64_t start_ns, end_ns;

	return replay_span(file, &start_ns, &end_ns) ? start_ns : replay_info(replay)->start_ns;
}
