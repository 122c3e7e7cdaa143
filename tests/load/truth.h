/* SPDX-License-Identifier: GPL-2.0-only */
/* The ground truth as JSON. */
#ifndef LOAD_TRUTH_H
#define LOAD_TRUTH_H

#include "load.h"

/* Write all of it where the options say. -errno */
int truth_write(struct load *l, int exit_code);

#endif
