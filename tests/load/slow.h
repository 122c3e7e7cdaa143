/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page of memory that is not there yet: who touches it, be it the kernel on
 * behalf of a read(), sleeps until the page is given (userfaultfd).
 */
#ifndef LOAD_SLOW_H
#define LOAD_SLOW_H

#include <stdbool.h>

struct slow {
	int fd;
	char *page;
};

/* -EOPNOTSUPP without CONFIG_USERFAULTFD, -EPERM without the right to */
int slow_open(struct slow *s);
void slow_close(struct slow *s);

/* Wait until somebody touches the page; false = nobody did in time */
bool slow_wait(struct slow *s, int timeout_ms);

/* Give the page, zeroed */
int slow_give(struct slow *s);

#endif
