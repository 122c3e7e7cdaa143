/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Files that are not to stay behind when a signal ends the program. */
#ifndef CMD_TEMPORARY_H
#define CMD_TEMPORARY_H

#include <sys/types.h>

/* So many at one time; more are created all the same, and stay. */
#define TEMPORARY_MAX 8

/*
 * Creates a file that must not exist yet, in a directory, to be written to. Returns its descriptor or a
 * negative errno (-EEXIST: there is one). Both must stay until temporary_forget().
 */
int temporary_create(int directory, const char *name, mode_t mode);

/* The file is gone, by this name at least. NULL is allowed. */
void temporary_forget(const char *name);

#endif /* CMD_TEMPORARY_H */
