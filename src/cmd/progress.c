// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "progress.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "live/clock.h"
#include "live/process.h"
#include "options.h"
#include "output/utf8.h"

#define FIRST_NS 1000000000ULL /* what is done before needs no line */
#define EVERY_NS 200000000ULL
#define NAME_COLUMNS 40

static const char erase[] = "\r\033[K";

static struct {
	bool enabled;
	const char *doing, *name;
	uint64_t size; /* 0 = it is not known */
	uint64_t due_ns; /* when to show it again; 0 = nothing is to be shown */
	volatile sig_atomic_t shown;
} progress;

/* When a signal ends the program, too. */
static void clear(void)
{
	ssize_t ignored;

	if (!progress.shown)
		return;
	ignored = write(STDERR_FILENO, erase, sizeof(erase) - 1);
	(void)ignored;
	progress.shown = false;
}

void progress_enable(bool enable)
{
	progress.enabled = enable && options_may_escape(stderr);
}

/* What is left of it from where it stands: that is what will be read. */
static uint64_t size_of(int fd)
{
	off_t at = lseek(fd, 0, SEEK_CUR);
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || at < 0 || at >= st.st_size)
		return 0;
	return (uint64_t)(st.st_size - at);
}

void progress_begin(const char *doing, const char *name, int fd)
{
	progress_end();
	if (!progress.enabled)
		return;
	progress.doing = doing;
	progress.name = name;
	progress.size = size_of(fd);
	progress.due_ns = clock_ns(CLOCK_MONOTONIC) + FIRST_NS;
}

void progress_at(uint64_t bytes)
{
	struct utf8_name name;
	uint64_t now_ns;
	char line[256], done[32];
	int n;

	if (!progress.due_ns)
		return;
	now_ns = clock_ns(CLOCK_MONOTONIC);
	if (now_ns < progress.due_ns || tcgetpgrp(STDERR_FILENO) != getpgrp())
		return;
	progress.due_ns = now_ns + EVERY_NS;
	name = utf8_name(progress.name, NAME_COLUMNS);
	if (progress.size)
		snprintf(done, sizeof(done), "%.0f %%",
			 bytes < progress.size ? 100.0 * (double)bytes / (double)progress.size :
						 100.0);
	else
		snprintf(done, sizeof(done), "%.1f MB", (double)bytes / 1e6);
	n = snprintf(line, sizeof(line), "%siopftrace: %s %s: %s", erase, progress.doing, name.s,
		     done);
	process_at_death(clear);
	progress.shown = true;
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		progress.due_ns = 0; /* nobody sees it */
}

void progress_end(void)
{
	clear();
	progress.due_ns = 0;
}
