// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "replay_start.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/reader.h"

/* What the end of a file tells of its run; false when it does not get there. */
static bool read_end(int fd, struct iopf_run *run)
{
	struct trace_reader *reader = NULL;
	struct trace_batch batch;
	const char *why;
	uint64_t at;
	int got = -1;

	if (!trace_reader_open(&reader, fd, &why)) {
		do {
			got = trace_reader_next(reader, &batch);
		} while (got > 0);
		if (!got)
			trace_reader_end(reader, run, &at);
	}
	trace_reader_free(reader);
	return !got;
}

bool replay_span(const char *file, uint64_t *start_ns, uint64_t *end_ns)
{
	struct iopf_run run;
	struct stat st;
	bool known;
	int fd;

	/* Opening a pipe again would take from it, or wait. */
	if (!strcmp(file, "-") || stat(file, &st) || !S_ISREG(st.st_mode))
		return false;
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	known = read_end(fd, &run);
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
