/* SPDX-License-Identifier: GPL-2.0-only */
/* --random-legal: options drawn from a seed. */
#ifndef LOAD_RANDOM_H
#define LOAD_RANDOM_H

#include "opts.h"

/*
 * Fill in a random run of legal behaviour, whatever o said of it; where to
 * write, the timeout and the like stay. Says on @log what it chose.
 */
void random_legal(struct opts *o, FILE *log);

#endif
