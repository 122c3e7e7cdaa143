/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Reading one file more than once, whatever it is: what a verb shows may take two passes, and standard
 * input has only one.
 */
#ifndef CMD_REPLAY_AGAIN_H
#define CMD_REPLAY_AGAIN_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * From now on @file, "-" being standard input, is read from where it stands now whenever it is opened. It
 * is one file in a process, the last that was given. What can be sought needs nothing for that. With @copy
 * all else, such as a pipe, is read to its end and copied to a file without a name in $TMPDIR, or /tmp;
 * without, it is left alone. Says what is wrong; returns 0 or the exit code. The string must stay.
 */
int replay_keep(const char *file, bool copy);

/*
 * A descriptor of @file where its reading begins, to be closed, or a negative errno; -ENOENT when it is
 * not kept. All of them have one place in the file: who opens it while it is read must go back there.
 */
int replay_kept(const char *file);

/* That place; -1 when it is not kept. */
off_t replay_kept_at(const char *file);

#endif /* CMD_REPLAY_AGAIN_H */
