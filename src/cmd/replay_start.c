// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "replay_start.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/reader.h"

/* The start that the rest of a file tells; @start_ns when it does not get there. */
static uint64_t read_start(int fd, uint64_t start_ns)
{
	struct trace_reader *reader = NULL;
	struct trace_batch batch;
	struct iopf_run run;
	const char *why;
	uint64_t at;
	int got;

	if (!trace_reader_open(&reader, fd, &why)) {
		do {
			got = trace_reader_next(reader, &batch);
		} while (got > 0);
		if (!got) {
			trace_reader_end(reader, &run, &at);
			start_ns = run.start_ns;
		}
	}
	trace_reader_free(reader);
	return start_ns;
}

uint64_t replay_start(const char *file, const struct replay *replay)
{
	uint64_t start_ns = replay_info(replay)->start_ns;
	struct stat st;
	int fd;

	/* Opening a pipe again would take from it, or wait. */
	if (!strcmp(file, "-") || stat(file, &st) || !S_ISREG(st.st_mode))
		return start_ns;
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return start_ns;
	start_ns = read_start(fd, start_ns);
	close(fd);
	return start_ns;
}
