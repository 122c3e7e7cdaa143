/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * How far reading a file is, on standard error: one line, once it has taken a second, which is gone when it is
 * done. Only at a terminal that can erase a line, and in the foreground.
 */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Whether anything is shown from now on: not with -q, and not where lines of output come between. */
void progress_enable(bool enable);

/*
 * Work begins: @doing ("reading") the file that messages call @name, of which @fd is to be read to its end.
 * The strings must stay. There is one at a time; another one takes its place.
 */
void progress_begin(const char *doing, const char *name, int fd);

/* So many bytes of it are done. To be called often; it looks at the clock only now and then. */
void progress_at(uint64_t bytes);

/* It is done, or failed: to be called before anything else is said. */
void progress_end(void);

#endif /* CMD_PROGRESS_H */
