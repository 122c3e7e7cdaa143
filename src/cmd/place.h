/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Where a file is, or is to be: found by what is there, not by how it is spelled. Also what one file has to do
 * with others of a command line.
 *
 * Links are followed as the kernel does, but in a directory that everybody can write to (sticky, as /tmp) only
 * those of its owner and our own; and by a program that has more rights than who started it, or is root, only
 * links that belong to root. One that is not followed is what is there, and is replaced.
 *
 * Errors are negative errno.
 */
#ifndef CMD_PLACE_H
#define CMD_PLACE_H

#include <stdbool.h>
#include <sys/stat.h>

struct place {
	int directory; /* O_PATH; -1 = it is a descriptor of ours */
	char *name; /* in it */
	int fd; /* that /dev/fd/N or /dev/stdout stands for; not to be closed; -1 = none */
	bool exists;
	bool foreign; /* a link of /proc that stands for a file of another process */
	struct stat st; /* if it exists */
	struct stat directory_st;
};

/* Finds it; @path "-" is standard input or output, whichever @dash is. To be closed if that succeeds. */
int place_find(struct place *place, const char *path, int dash);
void place_close(struct place *place);

/* Whether two are one file. What swallows everything, as /dev/null, is never the same. */
bool place_same(const struct place *a, const struct place *b);

/* Whether it is the file that a descriptor is open for. */
bool place_is(const struct place *place, int fd);

/* Whether this name (NULL as "-") is that of the file that standard output goes to. */
bool place_is_stdout(const char *path);

/* Whether it is to be written to as it is, since it is no file that could be replaced; opens it then. */
bool place_direct(const struct place *place);
int place_open(const struct place *place);

/*
 * A new file for this place, which has no name yet, or, where the file system has no such files, one that is
 * removed when a signal ends the program: *@temporary, to be freed, NULL = it has none. Of another owner's
 * file, in a directory that everybody can write to, the place is not taken. Gives the descriptor.
 */
int place_create(const struct place *place, mode_t mode, char **temporary);

/* Puts it there, whole: what was there is replaced. With @sync it is on the disk before that. */
int place_put(const struct place *place, int fd, char **temporary, bool sync);

/* Gives it up. Closing the descriptor is the caller's. */
void place_drop(const struct place *place, char **temporary);

/* Removes what was put there. */
void place_remove(const struct place *place);

struct options;

/*
 * Whether all files of a command line are different ones, and none of those to be written is read; and what
 * CMD writes gets into none that a program is to read. Says so otherwise. Returns 0 or EXIT_USAGE.
 */
int place_check(const struct options *options);

/* Whether our standard output is for a program to read: then CMD must not write there. */
bool place_stdout_is_data(const struct options *options);

#endif /* CMD_PLACE_H */
