// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "so_far.h"

#include <errno.h>
#include <stdio.h>

#include "outfile.h"
#include "say.h"

/* Puts a new file in the place of the last one. Returns 0 or a negative errno; @file says more. */
static int write_file(const struct so_far *s, const struct iopf_report *report,
		      struct outfile *file)
{
	int err = outfile_open(file, s->options->output);

	if (err)
		return err;
	/* Tracing goes on, and waits for no disk. */
	file->passing = true;
	err = outfile_gather(file);
	if (!err)
		err = s->options->format->write(report, &s->options->show, file->stream);
	return err ? outfile_fail(file, err) : outfile_commit(file);
}

bool so_far_due(struct so_far *s, uint64_t now_ns)
{
	uint64_t every = s->options->interval_ns;

	if (!every)
		return false;
	if (!s->next_ns) {
		s->next_ns = now_ns + every;
		return false;
	}
	if (now_ns < s->next_ns)
		return false;
	/* What was missed is not made up for. */
	s->next_ns += (1 + (now_ns - s->next_ns) / every) * every;
	return true;
}

/* Has @n not fall below what was told before. */
static void keep(uint64_t *told, uint64_t *n)
{
	if (*n < *told)
		*n = *told;
	*told = *n;
}

void so_far_write(struct so_far *s, struct iopf_engine *engine, const struct iopf_run *run)
{
	struct iopf_report *report = iopf_engine_so_far(engine, run);
	struct outfile file;

	if (!report)
		return; /* no memory: the next may have some */
	/* A counter that falls is a restart to its readers; the last report has it right. */
	keep(&s->delivered, &report->groups.delivered);
	keep(&s->adopted, &report->groups.adopted);
	if (!write_file(s, report, &file)) {
		s->failed = false;
	} else if (!s->failed) {
		say("%s; tracing goes on", file.error);
		s->failed = true;
	}
	iopf_report_free(report);
}
