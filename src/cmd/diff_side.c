// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "options.h"
#include "diff_side.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit_codes.h"
#include "out_of_memory.h"
#include "replay.h"
#include "say.h"

/* What a recording begins with, and no text does. */
#define RECORDING_BYTE 0x89

#define CHUNK 65536

/* Reads some bytes; 0 at the end, -1 with errno. */
static ssize_t read_some(int fd, void *to, size_t bytes)
{
	ssize_t got;

	do {
		got = read(fd, to, bytes);
	} while (got < 0 && errno == EINTR);
	return got;
}

/* Makes room for another chunk. */
static bool grow(char **text, size_t size, size_t *room)
{
	char *larger;

	if (*room - size >= CHUNK)
		return true;
	larger = realloc(*text, 2 * *room + CHUNK);
	if (!larger)
		return false;
	*text = larger;
	*room = 2 * *room + CHUNK;
	return true;
}

/* Reads a text to its end, after its first byte. 0 or the exit code; *@text is to be freed. */
static int read_text(const char *file, int fd, char first, char **text, size_t *size)
{
	size_t room = 0;
	ssize_t got;

	*size = 0;
	*text = NULL;
	do {
		if (!grow(text, *size, &room))
			return out_of_memory();
		if (!*size)
			(*text)[(*size)++] = first;
		got = read_some(fd, *text + *size, CHUNK - 1);
		if (got < 0)
			return replay_cannot_read(file, -errno);
		*size += (size_t)got;
	} while (got && *size <= REPORT_JSON_MAX);
	if (*size <= REPORT_JSON_MAX)
		return 0;
	say("%s is too large for a JSON report", replay_name(file));
	return EXIT_USAGE;
}

/* Reads a JSON report. */
static int open_report(struct diff_side *side, const char *file, int fd, char first)
{
	char why[REPORT_JSON_WHY], *text;
	size_t size;
	int code = read_text(file, fd, first, &text, &size), err;

	if (!code) {
		err = report_json_read(&side->read, text, size, why);
		if (err == -ENOMEM)
			code = out_of_memory();
		else if (err) {
			say("%s is no JSON report of iopftrace: %s", replay_name(file), why);
			code = EXIT_USAGE;
		} else {
			side->report = report_json_report(side->read);
		}
	}
	free(text);
	return code;
}

/* Judges a recording as 'report' does, assertions of a policy included. */
static int open_recording(struct diff_side *side, const char *file, int fd, uint8_t first,
			  const struct judging *judging)
{
	struct iopf_engine_opts engine = { 0 };
	struct replay *replay;
	int code = replay_open_after(&replay, file, fd, &first, 1);

	if (code)
		return code;
	judging_engine(judging, &engine);
	code = replay_finish(replay, &engine, &side->judged);
	replay_close(replay);
	if (code)
		return code;
	side->report = side->judged;
	side->recording = true;
	if (iopf_report_assert(side->judged, judging->expr, judging->nr_exprs))
		return out_of_memory();
	return 0;
}

int diff_side_open(struct diff_side *side, const char *file, const struct judging *judging)
{
	uint8_t first = 0;
	ssize_t got;
	int fd, code;

	*side = (struct diff_side){ .report = NULL };
	code = replay_open_file(file, &fd);
	if (code)
		return code;
	got = read_some(fd, &first, 1);
	if (got > 0 && first == RECORDING_BYTE)
		return open_recording(side, file, fd, first, judging);
	if (got < 0) {
		code = replay_cannot_read(file, -errno);
	} else if (got && strchr("{ \t\r\n\xef", first) && first) {
		code = open_report(side, file, fd, (char)first);
	} else {
		say("%s is %sneither a recording nor a JSON report", replay_name(file),
		    got ? "" : "empty: ");
		code = EXIT_USAGE;
	}
	if (fd > STDIN_FILENO)
		close(fd);
	return code;
}

void diff_side_close(struct diff_side *side)
{
	iopf_report_free(side->judged);
	report_json_free(side->read);
}
