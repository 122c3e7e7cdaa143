/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Output that is there whole or not at all: a file is written beside its target and renamed over
 * it at the end. What is not a regular file (a pipe, /dev/null) is written to directly.
 */
#ifndef CMD_OUTFILE_H
#define CMD_OUTFILE_H

#include <stdio.h>

struct outfile {
	FILE *stream;
	char *target; /* NULL = standard output */
	char *temporary; /* NULL = written directly */
	char error[256]; /* for a person, after a failure: says which file */
};

/* Opens @path; NULL and "-" are standard output. Returns 0 or a negative errno. */
int outfile_open(struct outfile *file, const char *path);

/* Ends the output: flushes, closes, puts it in place. Returns 0 or a negative errno. */
int outfile_commit(struct outfile *file);

/* Gives it up: nothing is left of it, and the target is as it was. */
void outfile_abort(struct outfile *file);

#endif /* CMD_OUTFILE_H */
