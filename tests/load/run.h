/* SPDX-License-Identifier: GPL-2.0-only */
/* The threads and processes of a run. */
#ifndef LOAD_RUN_H
#define LOAD_RUN_H

#include "load.h"

/*
 * From first fault object to last: set-up, second process if one is wanted,
 * threads, acts. Returns 0, or -errno when it could not run at all (after a
 * message). Whatever the kernel did wrong is in l->sh.
 */
int run(struct load *l);

/* Threads of this process: start those that belong here, wait for their end */
int run_threads(struct load *l);

#endif
