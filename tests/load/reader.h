/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads that read the fault objects and threads that answer. */
#ifndef LOAD_READER_H
#define LOAD_READER_H

#include "load.h"

void reader_run(struct load *l, struct worker *w);
void writer_run(struct load *l, struct worker *w);

#endif
