/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* When a recorded run began: the zero of all times in text. */
#ifndef CMD_REPLAY_START_H
#define CMD_REPLAY_START_H

#include "replay.h"

/*
 * The start that reports of this file have. It is told at the file's end, for which the file is read
 * here; what cannot be read twice has told when recording began, which is a little earlier.
 */
uint64_t replay_start(const char *file, const struct replay *replay);

#endif /* CMD_REPLAY_START_H */
