// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flight.h"
#include "place.h"
#include "trace/writer.h"

/* At the end of a file that another one continues nobody walks the kernel's lists, or looks for calls. */
#define NO_END (1U << IOPF_PROBE_WALK | 1U << IOPF_PROBE_INSIDE)

struct recording {
	struct recording_opts opts;
	struct trace_info info; /* of the file that is being written; the start is its run's */
	struct trace_writer *writer;
	char name[PATH_MAX];
	int fd;
	uint64_t files, bytes; /* begun; written to those that are done */
	struct place place; /* of the file */
	bool regular; /* the file is one, and holds nothing but what we have written */
	uint64_t next_seq; /* after the last record */
	uint64_t missing; /* numbers that are missing before the file that is being written */
	uint64_t missing_now; /* the same, to the last record */
	uint64_t last_ns; /* the latest time of a record */
	uint64_t records, record_bytes; /* in this file, without what it began with */
	uint64_t empty_reads, empty_ns; /* before this file */
	uint64_t begun_ns; /* when the recording began */
	bool under_way; /* what was before then has been told */
	uint64_t due_ns; /* when to go on in another file */
	uint64_t flush_ns; /* when to write what there is */
	struct flight *flight; /* NULL = it goes to files */
	bool asked, violation; /* to be written, for that */
	uint64_t calm_ns; /* before then, violations wait */
	uint64_t realtime_ns; /* what to add for CLOCK_REALTIME; 0 = not known */
	uint64_t all_records, all_bytes; /* of the whole recording */
};

/* The name of file number @number: the first has that which was given. */
static int name_file(const struct recording *r, uint64_t number, char name[PATH_MAX])
{
	int n = number ? snprintf(name, PATH_MAX, "%s.%" PRIu64, r->opts.path, number) :
			 snprintf(name, PATH_MAX, "%s", r->opts.path);

	return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* Puts a new file where the recording is to be, for nobody but us: it has addresses of the kernel in it. */
static int create(struct recording *r)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char *temporary;
	int err, fd = place_create(&r->place, 0600, &temporary);

	if (fd < 0)
		return fd;
	/* Whoever reads it before it has its end is told by this that it gets one. It can do without. */
	(void)fcntl(fd, F_OFD_SETLK, &lock);
	/* Under its name it is from the beginning: what is in it can be read when we are gone. */
	err = place_put(&r->place, fd, &temporary, false);
	place_drop(&r->place, &temporary);
	if (err)
		close(fd);
	return err ? err : fd;
}

/* Opens the next file. */
static int open_file(struct recording *r)
{
	int err;

	if (!r->opts.path) {
		r->fd = STDOUT_FILENO;
		snprintf(r->name, sizeof(r->name), "standard output");
		return 0;
	}
	err = name_file(r, r->files, r->name);
	if (err)
		return err;
	place_close(&r->place);
	err = place_find(&r->place, r->name, STDOUT_FILENO);
	if (err)
		return err;
	r->regular = !place_direct(&r->place);
	r->fd = r->regular ? create(r) : place_open(&r->place);
	return r->fd < 0 ? r->fd : 0;
}

/*
 * Closes the file that is done. With @sync it is on the disk then; not while tracing goes on, which that would
 * hold up until events are lost.
 */
static int close_file(struct recording *r, bool sync)
{
	int err = 0;

	if (r->writer)
		r->bytes += trace_writer_bytes(r->writer);
	trace_writer_free(r->writer);
	r->writer = NULL;
	/* A file system may tell only now that it has no room. */
	if (r->fd >= 0 && r->fd != STDOUT_FILENO) {
		if (sync && r->regular && fsync(r->fd) && errno != EINVAL && errno != EROFS)
			err = -errno;
		if (close(r->fd) && !err)
			err = -errno;
	}
	r->fd = -1;
	return err;
}

/* Begins the next file. */
static int begin_file(struct recording *r)
{
	int err = open_file(r);

	if (err)
		return err;
	/* Each file of a rotation is another recording; where the first one's identity is given, by it. */
	if (r->files && !r->flight && r->info.identity[0])
		r->info.identity[TRACE_IDENTITY_BYTES - 1]++;
	r->files++;
	r->records = r->record_bytes = 0;
	return trace_writer_open(&r->writer, r->fd, &r->info);
}

/* Begins to keep; that files can be made where they are to be is better known before there is one. */
static int begin_flight(struct recording *r)
{
	struct flight_mark mark = { .start_ns = r->info.start_ns };
	char *slash;
	int err = name_file(r, 0, r->name);

	if (err)
		return err;
	slash = strrchr(r->name, '/');
	if (slash)
		slash[slash == r->name] = '\0';
	err = access(slash ? r->name : ".", W_OK | X_OK) ? -errno : 0;
	name_file(r, 0, r->name);
	if (!err && !r->info.identity[0])
		err = trace_writer_identity(r->info.identity);
	if (!err)
		err = flight_new(&r->flight, r->opts.flight_ns, r->opts.flight_bytes,
				 r->info.identity);
	return err ? err : flight_begin(r->flight, NULL, &mark, mark.start_ns);
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
	r->fd = r->place.directory = -1;
	r->begun_ns = info->start_ns;
	r->due_ns = opts->rotate_ns ? info->start_ns + opts->rotate_ns : UINT64_MAX;
	if (info->start_realtime_ns)
		r->realtime_ns = info->start_realtime_ns - info->start_ns;
	return opts->flight_ns ? begin_flight(r) : begin_file(r);
}

int recording_start(struct recording *r, const struct iopf_run *run)
{
	/* Wall times of all files count from this one reading: the clock may have been set since, or be set later. */
	if (run->start_realtime_ns)
		r->realtime_ns = run->start_realtime_ns - run->start_ns;
	/* Of what a flight recorder keeps, that moment may not be part any more. */
	if (r->flight)
		return 0;
	r->info.start_ns = run->start_ns;
	r->info.start_realtime_ns = run->start_realtime_ns;
	return trace_writer_start(r->writer, run);
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
	r->all_records++;
	r->all_bytes += rec->size;
	if (r->flight)
		return flight_add(r->flight, rec);
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

	if (!r->info.first_seq)
		return run;
	run.start_ns = r->info.start_ns;
	run.start_realtime_ns = r->info.start_realtime_ns;
	run.lost[IOPF_LOST_RING_FULL] = lost > r->missing ? lost - r->missing : 0;
	run.empty_reads -= r->empty_reads < run.empty_reads ? r->empty_reads : run.empty_reads;
	run.empty_ns -= r->empty_ns < run.empty_ns ? r->empty_ns : run.empty_ns;
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
	/* Nothing has happened between its last record and the time up to which all is known. */
	run.end_ns = now->settled_ns > end_ns ? now->settled_ns : end_ns;
	run.settled_ns = now->settled_ns ? now->settled_ns : 1;
	run.absent |= NO_END;
	run.records = r->records;
	run.bytes = r->record_bytes;
	err = trace_writer_finish(r->writer, &run);
	return err ? err : close_file(r, false);
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
	r->info.start_ns = at_ns;
	r->info.start_realtime_ns = r->realtime_ns ? at_ns + r->realtime_ns : 0;
	r->info.first_seq = first_seq;
	r->missing = r->missing_now;
	r->empty_reads = now->so_far->empty_reads;
	r->empty_ns = now->so_far->empty_ns;
	err = begin_file(r);
	if (err)
		return err;
	forget_oldest(r);
	if (r->opts.rotate_ns)
		r->due_ns = now->now_ns + r->opts.rotate_ns;
	return iopf_engine_restate(r->opts.engine, add_known, r, &first_seq, &at_ns);
}

/* Begins another segment of what is kept. */
static int go_on(struct recording *r, const struct recording_now *now)
{
	struct flight_mark mark = {
		.start_ns = r->last_ns,
		.missing = r->missing_now,
		.empty_reads = now->so_far->empty_reads,
		.empty_ns = now->so_far->empty_ns,
		.records = r->all_records,
		.record_bytes = r->all_bytes,
	};
	int err = iopf_engine_restate(r->opts.engine, NULL, NULL, &mark.first_seq, &mark.start_ns);

	if (err)
		return err == -ERANGE ? 0 : err;
	return flight_begin(r->flight, r->opts.engine, &mark, now->now_ns);
}

/* Begins a file with all that is kept. */
static int write_kept(struct recording *r)
{
	const struct flight_mark *first = flight_first(r->flight);
	int err;

	r->info.first_seq = first->first_seq;
	r->info.start_ns = first->start_ns;
	r->info.start_realtime_ns = r->realtime_ns ? first->start_ns + r->realtime_ns : 0;
	r->missing = first->missing;
	r->empty_reads = first->empty_reads;
	r->empty_ns = first->empty_ns;
	err = begin_file(r);
	r->records = r->all_records - first->records;
	r->record_bytes = r->all_bytes - first->record_bytes;
	return err ? err : flight_write(r->flight, r->writer, r->next_seq);
}

/* Writes a file of all that is kept, and goes on. */
static int save(struct recording *r, const struct recording_now *now)
{
	int err = write_kept(r);

	if (!err)
		err = end_piece(r, now, r->last_ns);
	if (err)
		return err;
	r->calm_ns = now->now_ns + r->opts.flight_ns;
	r->asked = r->violation = false;
	forget_oldest(r);
	return 0;
}

/*
 * Whether all that was outstanding before the recording began has been told: the walk of the kernel's lists
 * is over when it begins, and told like all else. Within it, what has died may be known and not its death.
 */
static bool is_under_way(struct recording *r, const struct recording_now *now)
{
	r->under_way |= now->settled_ns >= r->begun_ns;
	return r->under_way;
}

/* What a flight recorder does from time to time. */
static int tick_flight(struct recording *r, const struct recording_now *now)
{
	int err = 0;

	if (r->asked || (r->violation && now->now_ns >= r->calm_ns))
		err = save(r, now);
	if (!err && is_under_way(r, now) && flight_due(r->flight, now->now_ns))
		err = go_on(r, now);
	return err;
}

void recording_request(struct recording *r, bool violation)
{
	r->asked |= !violation;
	r->violation |= violation;
}

bool recording_short(const struct recording *r)
{
	return r->flight && flight_short(r->flight);
}

uint64_t recording_since(const struct recording *r)
{
	return r->info.start_ns;
}

/* Whether the file that is being written is long enough. A file without a record is not. */
static bool is_due(struct recording *r, const struct recording_now *now)
{
	return r->records && is_under_way(r, now) &&
	       (now->now_ns >= r->due_ns ||
		(r->opts.rotate_bytes && trace_writer_bytes(r->writer) >= r->opts.rotate_bytes));
}

int recording_tick(struct recording *r, const struct recording_now *now)
{
	struct iopf_run run;

	if (r->flight)
		return tick_flight(r, now);
	if (is_due(r, now))
		return rotate(r, now);
	if (now->now_ns < r->flush_ns && !now->advanced_ns)
		return 0;
	r->flush_ns = now->now_ns + RECORDING_FLUSH_NS;
	run = run_of_file(r, now->so_far);
	run.end_ns = now->now_ns;
	run.settled_ns = now->advanced_ns;
	return trace_writer_counters(r->writer, &run);
}

int recording_finish(struct recording *r, const struct iopf_run *all)
{
	struct iopf_run run;
	int err = r->flight ? write_kept(r) : 0;

	if (err)
		return err;
	run = run_of_file(r, all);
	err = trace_writer_finish(r->writer, &run);

	return err ? err : close_file(r, true);
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
		place_remove(&r->place);
}

int recording_free(struct recording *r)
{
	int err = 0;

	if (r) {
		err = close_file(r, true);
		place_close(&r->place);
		flight_free(r->flight);
	}
	free(r);
	return err;
}
