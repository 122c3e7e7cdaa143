/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Output that is there whole or not at all: a file is written without a name, or beside its target, and put in
 * its place at the end, when it is on the disk. What is not a regular file (a pipe, /dev/null) is written to
 * directly; so is standard output by whatever name.
 */
#ifndef CMD_OUTFILE_H
#define CMD_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "place.h"

struct outfile {
	FILE *stream;
	char *target; /* NULL = standard output */
	struct place place; /* of the target */
	bool put; /* into its place at the end; otherwise it is written directly */
	bool passing; /* another one will soon take its place: it need not be on the disk */
	char *temporary; /* the name that it has until then; NULL = none */
	FILE *direct; /* where what is gathered goes; NULL = it is not */
	char *text; /* what was gathered */
	size_t size;
	int failed; /* for whoever sees the first error of writing: a negative errno */
	char error[256]; /* for a person, after a failure: says which file */
};

/* Opens @path; NULL and "-" are standard output. Returns 0 or a negative errno. */
int outfile_open(struct outfile *file, const char *path);

/*
 * Keeps what is written from here on in memory until it is committed. A stream that fails while it is
 * being written to knows only that it did; this way the reason is known. For what is not endless.
 * Returns 0 or -ENOMEM.
 */
int outfile_gather(struct outfile *file);

/* Ends the output: flushes, closes, puts it in place. Returns 0 or a negative errno. */
int outfile_commit(struct outfile *file);

/* Gives it up after an error (a negative errno) that @error then tells. Gives it back. */
int outfile_fail(struct outfile *file, int err);

/* Gives it up: nothing is left of it, and the target is as it was. */
void outfile_abort(struct outfile *file);

#endif /* CMD_OUTFILE_H */
