/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* When a recorded run began, the zero of all times in text, and when it ended. */
#ifndef CMD_REPLAY_START_H
#define CMD_REPLAY_START_H

#include "replay.h"

/*
 * The start that reports of this file have. It is told at the file's end, for which the file is read
 * here; what cannot be read twice has told when recording began, which is a little earlier.
 */
uint64_t replay_start(const char *file, const struct replay *replay);

/* Start and end that reports of this file have. False when it cannot be read twice, or is no trace. */
bool replay_span(const char *file, uint64_t *start_ns, uint64_t *end_ns);

#endif /* CMD_REPLAY_START_H */
