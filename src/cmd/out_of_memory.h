/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef CMD_OUT_OF_MEMORY_H
#define CMD_OUT_OF_MEMORY_H

#include "exit_codes.h"
#include "say.h"

/* Says so; returns the exit code. */
static inline int out_of_memory(void)
{
	say("out of memory");
	return EXIT_RUNTIME;
}

#endif /* CMD_OUT_OF_MEMORY_H */
