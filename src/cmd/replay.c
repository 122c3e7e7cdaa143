// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "replay.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "exit_codes.h"
#include "out_of_memory.h"
#include "progress.h"
#include "replay_again.h"
#include "replay_start.h"
#include "trace/reader.h"
#include "say.h"

struct replay {
	const char *name; /* for messages */
	int fd;
	struct trace_reader *reader;
	uint64_t malformed; /* records */
	bool again; /* it was read before */
	bool written; /* a recorder had it open when reading began */
	uint64_t *start_ns; /* to be set to when the run began; NULL = nobody asks */
	struct iopf_engine *judge; /* that wants to know what was missed so far; NULL = none does */
};

int replay_cannot_read(const char *file, int err)
{
	if (err == -ENOMEM)
		return out_of_memory();
	say("cannot read %s: %s", replay_name(file), strerror(-err));
	return exit_code_of_input(err);
}

/* Whether who records has the file still: it holds a lock then, for as long as it is there. */
static bool is_written(int fd)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	return !fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type == F_WRLCK;
}

/* Begins to read the file that was opened; returns 0 or the exit code. */
static int begin(struct replay *replay, const void *head, size_t nr)
{
	const char *why = "";
	int err;

	/* Before it is read: what ends meanwhile was not read to its end. */
	replay->written = is_written(replay->fd);
	err = trace_reader_open_after(&replay->reader, replay->fd, head, nr, &why);

	if (err == -EBADMSG) {
		say("%s %s", replay->name, why);
		return EXIT_USAGE;
	}
	return err ? replay_cannot_read(replay->name, err) : 0;
}

const char *replay_name(const char *file)
{
	if (!*file)
		return "''";
	return strcmp(file, "-") == 0 ? "standard input" : file;
}

int replay_open_file(const char *file, int *fd)
{
	*fd = replay_kept(file);
	if (*fd != -ENOENT)
		return *fd < 0 ? replay_cannot_read(file, *fd) : 0;
	*fd = strcmp(file, "-") == 0 ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	return *fd < 0 ? replay_cannot_read(file, -errno) : 0;
}

int replay_open_after(struct replay **out, const char *file, int fd, const void *head, size_t nr)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	int code;

	if (!replay) {
		if (fd > STDIN_FILENO)
			close(fd);
		return out_of_memory();
	}
	replay->name = replay_name(file);
	replay->fd = fd;
	code = begin(replay, head, nr);
	if (code) {
		replay_close(replay);
		return code;
	}
	*out = replay;
	return 0;
}

int replay_open(struct replay **out, const char *file)
{
	int fd, code = replay_open_file(file, &fd);

	return code ? code : replay_open_after(out, file, fd, "", 0);
}

void replay_close(struct replay *replay)
{
	if (!replay)
		return;
	trace_reader_free(replay->reader);
	if (replay->fd > STDIN_FILENO)
		close(replay->fd);
	free(replay);
}

const struct trace_info *replay_info(const struct replay *replay)
{
	return trace_reader_info(replay->reader);
}

void replay_scope(const struct replay *replay, struct iopf_engine_opts *opts)
{
	const struct trace_info *info = replay_info(replay);

	opts->first_seq = info->first_seq;
	opts->first_ns = info->start_ns;
	if (opts->nr_roots)
		return;
	opts->roots = info->roots;
	opts->nr_roots = info->nr_roots;
	opts->descendants = info->descendants;
}

void replay_again(struct replay *replay)
{
	replay->again = true;
}

void replay_count(struct replay *replay, struct iopf_engine *engine)
{
	replay->judge = engine;
}

void replay_tell_start(struct replay *replay, uint64_t *start_ns)
{
	replay->start_ns = start_ns;
}

/* Tells what was missed so far; and what time it is, where the engine of the recording was told. */
static void count(struct iopf_engine *engine, const struct iopf_run *so_far)
{
	iopf_engine_counted(engine, so_far);
	if (so_far->settled_ns)
		iopf_engine_advance(engine, so_far->settled_ns);
}

/* Gives the records of a batch, without @fn to the engine that is @arg; 0, or what @fn returned. */
static int give(struct replay *replay, const struct trace_batch *batch, iopf_order_fn fn, void *arg)
{
	const struct iopf_rec *rec = batch->first;

	if (batch->so_far && batch->so_far->start_ns && replay->start_ns)
		*replay->start_ns = batch->so_far->start_ns;
	if (batch->so_far && replay->judge)
		count(replay->judge, batch->so_far);
	if (!fn) {
		iopf_engine_feed_all(arg, rec, batch->records, &replay->malformed);
		return 0;
	}
	for (size_t i = 0; i < batch->records; i++, rec = iopf_rec_next(rec)) {
		int err = fn(arg, rec);

		if (err == -EINVAL)
			replay->malformed++;
		else if (err < 0)
			return err;
	}
	return 0;
}

/* Says what is not as it should be with a file that was read to its end. */
static void remark(const struct replay *replay, uint64_t at, const struct iopf_run *run)
{
	static const char *const texts[IOPF_INPUTS] = {
		[IOPF_INPUT_EARLY] =
			"ends early, behind a whole block: recording was killed, or the "
			"rest was cut off",
		[IOPF_INPUT_HALF] =
			"ends early, within a block: it was cut off, or was not written "
			"to the end of it",
		[IOPF_INPUT_WRITTEN] = "ends early: it is still being written",
		[IOPF_INPUT_DAMAGED] = "is damaged, and read up to there",
		[IOPF_INPUT_NEWER] = "goes on in a way that takes a newer iopftrace to read",
		[IOPF_INPUT_MIXED] = "goes on with what is of another recording, or not in its "
				     "place, and was read up to there",
		[IOPF_INPUT_FOREIGN] = "goes on with what is of another recording, and was read up "
				       "to there",
		[IOPF_INPUT_MISPLACED] = "goes on with a part of its own that is not in its place, "
					 "and was read up to there",
	};

	if (replay->again)
		return;
	if (texts[run->input])
		say("%s: after %" PRIu64 " bytes it %s", replay->name, at, texts[run->input]);
	if (run->missing)
		say("%s: events that are missing from the file: %" PRIu64, replay->name,
		    run->missing);
	else if (run->missing_parts)
		say("%s: parts are missing from the file: %" PRIu64, replay->name,
		    run->missing_parts);
	else if (run->input == IOPF_INPUT_MISSING)
		say("%s: there are more events than its end tells of", replay->name);
	if (replay->malformed)
		say("%s: records that make no sense: %" PRIu64, replay->name, replay->malformed);
}

/* Whether the file goes on behind its end, as two recordings do that were put into one. */
static bool goes_on(int fd)
{
	ssize_t got;
	char c;

	do {
		got = read(fd, &c, 1);
	} while (got < 0 && errno == EINTR);
	return got > 0;
}

/* What is not read is not judged: such a file is no pass. */
static void look_behind(const struct replay *replay, struct iopf_run *run)
{
	if (!goes_on(replay->fd))
		return;
	run->cut = true;
	run->input = IOPF_INPUT_LONGER;
	if (!replay->again)
		say("%s: something follows the end of the recording, and was not "
		    "read: give one recording at a time",
		    replay->name);
}

/* Reads all records: 0, 1 with the error of whoever is given them, or that of reading. */
static int read_all(struct replay *replay, iopf_order_fn fn, void *arg, int *failed)
{
	struct trace_batch batch;
	int err;

	progress_begin(replay->again ? "reading again" : "reading", replay->name, replay->fd);
	while ((err = trace_reader_next(replay->reader, &batch)) > 0) {
		*failed = give(replay, &batch, fn, arg);
		if (*failed)
			break;
		progress_at(trace_reader_at(replay->reader));
	}
	progress_end();
	return err;
}

int replay_each(struct replay *replay, iopf_order_fn fn, void *arg, struct iopf_run *run)
{
	enum trace_ending ending;
	uint64_t at;
	int err, read = read_all(replay, fn, arg, &err);

	if (read > 0) {
		if (err == -ENOMEM)
			return out_of_memory();
		if (err == -ECANCELED) /* whoever stopped it tells why */
			return EXIT_RUNTIME;
		say("%s", strerror(-err));
		return EXIT_RUNTIME;
	}
	if (read < 0)
		return replay_cannot_read(replay->name, read);
	ending = trace_reader_end(replay->reader, run, &at);
	if (replay->written && (ending == TRACE_ENDS_EARLY || ending == TRACE_ENDS_HALF))
		run->input = IOPF_INPUT_WRITTEN;
	remark(replay, at, run);
	if (ending == TRACE_ENDS_WELL)
		look_behind(replay, run);
	if (replay->malformed) {
		run->cut = true;
		if (run->input == IOPF_INPUT_WHOLE)
			run->input = IOPF_INPUT_MALFORMED;
	}
	run->version = IOPFTRACE_VERSION; /* of who judges; who recorded is in replay_info() */
	return 0;
}

int replay_finish(struct replay *replay, const struct iopf_engine_opts *opts,
		  struct iopf_report **report)
{
	struct iopf_engine_opts scoped = *opts;
	struct iopf_engine *engine;
	struct iopf_run run;
	int code;

	replay_scope(replay, &scoped);
	if (!scoped.breakdown.start_ns)
		scoped.breakdown.start_ns = replay_info(replay)->start_ns;
	engine = engine_new(&scoped);
	replay_count(replay, engine);
	code = engine ? replay_each(replay, NULL, engine, &run) : out_of_memory();
	if (!code) {
		*report = iopf_engine_finish(engine, &run);
		code = *report ? 0 : out_of_memory();
	}
	iopf_engine_free(engine);
	return code;
}

int replay_report(const char *file, const struct iopf_engine_opts *opts,
		  struct iopf_report **report)
{
	struct iopf_engine_opts timed = *opts;
	struct replay *replay;
	int code = replay_open(&replay, file);

	if (code)
		return code;
	/* Plots over time have the zero that the text beside them has. */
	if (timed.breakdown.adaptive && !timed.breakdown.start_ns)
		timed.breakdown.start_ns = replay_start(file, replay);
	code = replay_finish(replay, &timed, report);
	replay_close(replay);
	return code;
}
