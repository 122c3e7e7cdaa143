/* SPDX-License-Identifier: GPL-2.0-only */
/* A second process that answers, or reads and answers, beside the first. */
#ifndef LOAD_CHILD_H
#define LOAD_CHILD_H

#include "load.h"

/* Does the run have one? */
bool child_wanted(const struct opts *o);

/*
 * Start it where it belongs: before set-up (@early) when it gets its
 * descriptors over a socket, after set-up when it inherits them. -errno
 */
int child_start(struct load *l, bool early);

/* Pass the descriptors, if that is how it gets them. -errno */
int child_send(struct load *l);

/* Wait for its end; a child that failed is noted as unexpected */
void child_wait(struct load *l);

#endif
