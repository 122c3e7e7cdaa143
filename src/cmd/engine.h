/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Engines as verbs make them: with what the core, which is pure, cannot have from itself. */
#ifndef CMD_ENGINE_H
#define CMD_ENGINE_H

#include <stdint.h>

#include "iopftrace/engine.h"

/* A number that nobody who made a file can have known: for hash tables. */
uint64_t engine_seed(void);

/* What one keeps at most, unless --memory-limit says otherwise. */
#define ENGINE_MEMORY ((size_t)1 << 30)

/* The same as iopf_engine_new(), with such a number, and with that limit if there is none. */
struct iopf_engine *engine_new(const struct iopf_engine_opts *opts);

#endif /* CMD_ENGINE_H */
