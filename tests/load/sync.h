/* SPDX-License-Identifier: GPL-2.0-only */
/* One thread that reports, reads and answers in turn. */
#ifndef LOAD_SYNC_H
#define LOAD_SYNC_H

#include "load.h"

/* The whole run with --sync */
void sync_run(struct load *l, struct worker *w);

#endif
