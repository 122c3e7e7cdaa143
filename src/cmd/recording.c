// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/writer.h"

/* At the end of a file that another one continues nobody walks the kernel's lists, or looks for calls. */
#define NO_END (1U << IOPF_PROBE_WALK | 1U << IOPF_PROBE_INSIDE)

struct recording {
	struct recording_opts opts;
	struct trace_info info; /* of the file that is being written */
	struct trace_writer *writer;
	char name[PATH_MAX];
	int fd;
	uint64_t files, bytes; /* begun; written to those that are done */
	bool regular; /* the file is one, and holds nothing but what we have written */
	uint64_t next_seq; /* after the last record */
	uint64_t missing; /* numbers that are missing before the file that is being written */
	uint64_t missing_now; /* the same, to the last record */
	uint64_t last_ns; /* the latest time of a record */
	uint64_t records, record_bytes; /* in this file, without what it began with */
	uint64_t empty_reads; /* before this file */
	uint64_t due_ns; /* when to go on in another file */
	uint64_t flush_ns; /* when to write what there is */
};

/* The name of file number @number: the first has that which was given. */
static int name_file(const struct recording *r, uint64_t number, char name[PATH_MAX])
{
	int n = number ? snprintf(name, PATH_MAX, "%s.%" PRIu64, r->opts.path, number) :
			 snprintf(name, PATH_MAX, "%s", r->opts.path);

	return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* Opens the next file. */
static int open_file(struct recording *r)
{
	struct stat st;
	int err;

	if (!r->opts.path) {
		r->fd = STDOUT_FILENO;
		snprintf(r->name, sizeof(r->name), "standard output");
		return 0;
	}
	err = name_file(r, r->files, r->name);
	if (err)
		return err;
	/* It has addresses of the kernel in it, which are not for everybody. */
	r->fd = open(r->name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (r->fd < 0)
		return -errno;
	r->regular = !fstat(r->fd, &st) && S_ISREG(st.st_mode);
	return 0;
}

/* Closes the file that is done. */
static int close_file(struct recording *r)
{
	int err = 0;

	if (r->writer)
		r->bytes += trace_writer_bytes(r->writer);
	trace_writer_free(r->writer);
	r->writer = NULL;
	if (r->fd >= 0 && r->fd != STDOUT_FILENO && close(r->fd))
		err = -errno;
	r->fd = -1;
	return err;
}

/* Begins the next file. */
static int begin_file(struct recording *r)
{
	int err = open_file(r);

	if (err)
		return err;
	r->files++;
	r->records = r->record_bytes = 0;
	return trace_writer_open(&r->writer, r->fd, &r->info);
}

int recording_open(struct recording **out, const struct recording_opts *opts,
		   const struct trace_info *info)
{
	struct recording *r = calloc(1, sizeof(*r));

	*out = r;
	if (!r)
		return -ENOMEM;
	r->opts = *opts;
	r->info = *info;
	r->fd = -1;
	r->due_ns = opts->rotate_ns ? info->start_ns + opts->rotate_ns : UINT64_MAX;
	return begin_file(r);
}

int recording_add(struct recording *r, const struct iopf_rec *rec)
{
	if (rec->seq > r->next_seq)
		r->missing_now += rec->seq - r->next_seq;
	r->next_seq = rec->seq + 1;
	if (rec->time_ns > r->last_ns)
		r->last_ns = rec->time_ns;
	r->records++;
	r->record_bytes += rec->size;
	return trace_writer_add(r->writer, rec);
}

/*
 * What is said of the file that is being written. What was lost for want of room shows in its numbers:
 * those that are missing in files before are not missing in this one. Of all else that was lost or
 * missed it is not known when, so that each file tells it from the beginning on.
 */
static struct iopf_run run_of_file(const struct recording *r, const struct iopf_run *all)
{
	uint64_t lost = all->lost[IOPF_LOST_RING_FULL];
	struct iopf_run run = *all;

	if (r->files == 1)
		return run;
	run.start_ns = r->info.start_ns;
	run.start_realtime_ns = r->info.start_realtime_ns;
	run.lost[IOPF_LOST_RING_FULL] = lost > r->missing ? lost - r->missing : 0;
	run.empty_reads -= r->empty_reads < run.empty_reads ? r->empty_reads : run.empty_reads;
	run.records = r->records;
	run.bytes = r->record_bytes;
	return run;
}

/* Ends the file that is being written, when another one is to continue it. */
static int end_piece(struct recording *r, const struct recording_now *now, uint64_t end_ns)
{
	struct iopf_run run = run_of_file(r, now->so_far);
	int err;

	run.start_ns = r->info.start_ns;
	run.start_realtime_ns = r->info.start_realtime_ns;
	run.end_ns = end_ns;
	run.settled_ns = now->settled_ns && now->settled_ns < end_ns ? now->settled_ns : 1;
	run.absent |= NO_END;
	run.records = r->records;
	run.bytes = r->record_bytes;
	err = trace_writer_finish(r->writer, &run);
	return err ? err : close_file(r);
}

static int add_known(void *arg, const struct iopf_rec *rec)
{
	struct recording *r = arg;

	return trace_writer_add(r->writer, rec);
}

/* Removes the file that is one too many. */
static void forget_oldest(const struct recording *r)
{
	char name[PATH_MAX];

	if (r->opts.keep && r->files > r->opts.keep &&
	    !name_file(r, r->files - r->opts.keep - 1, name))
		unlink(name);
}

/*
 * Goes on in another file, which begins with what is known now. So early that there are no numbers for
 * that it is put off.
 */
static int rotate(struct recording *r, const struct recording_now *now)
{
	uint64_t first_seq, at_ns = r->last_ns;
	int err = iopf_engine_restate(r->opts.engine, NULL, NULL, &first_seq, &at_ns);

	if (err)
		return err == -ERANGE ? 0 : err;
	err = end_piece(r, now, at_ns);
	if (err)
		return err;
	if (r->info.start_realtime_ns)
		r->info.start_realtime_ns += at_ns - r->info.start_ns;
	r->info.start_ns = at_ns;
	r->info.first_seq = first_seq;
	r->missing = r->missing_now;
	r->empty_reads = now->so_far->empty_reads;
	err = begin_file(r);
	if (err)
		return err;
	forget_oldest(r);
	if (r->opts.rotate_ns)
		r->due_ns = now->now_ns + r->opts.rotate_ns;
	return iopf_engine_restate(r->opts.engine, add_known, r, &first_seq, &at_ns);
}

/* Whether the file that is being written is long enough. A file without a record is not. */
static bool is_due(const struct recording *r, uint64_t now_ns)
{
	return r->records &&
	       (now_ns >= r->due_ns ||
		(r->opts.rotate_bytes && trace_writer_bytes(r->writer) >= r->opts.rotate_bytes));
}

int recording_tick(struct recording *r, const struct recording_now *now)
{
	struct iopf_run run;

	if (is_due(r, now->now_ns))
		return rotate(r, now);
	if (now->now_ns < r->flush_ns)
		return 0;
	r->flush_ns = now->now_ns + RECORDING_FLUSH_NS;
	run = run_of_file(r, now->so_far);
	run.end_ns = now->now_ns;
	return trace_writer_counters(r->writer, &run);
}

int recording_finish(struct recording *r, const struct iopf_run *all)
{
	struct iopf_run run = run_of_file(r, all);
	int err = trace_writer_finish(r->writer, &run);

	return err ? err : close_file(r);
}

const char *recording_name(const struct recording *r)
{
	return r->name;
}

uint64_t recording_bytes(const struct recording *r)
{
	return r->bytes + (r->writer ? trace_writer_bytes(r->writer) : 0);
}

uint64_t recording_files(const struct recording *r)
{
	return r->files;
}

bool recording_begun(const struct recording *r)
{
	return r->writer != NULL;
}

void recording_discard(struct recording *r)
{
	if (r->regular && r->files == 1)
		unlink(r->name);
}

int recording_free(struct recording *r)
{
	int err = r ? close_file(r) : 0;

	free(r);
	return err;
}
