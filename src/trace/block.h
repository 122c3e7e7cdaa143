/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The frame of a block: its head, its checksum, and whether its lengths can be. */
#ifndef TRACE_BLOCK_H
#define TRACE_BLOCK_H

#ifndef TRACE_PRIVATE
#error "private to src/trace: use reader.h and writer.h"
#endif

#include <stdbool.h>
#include <stddef.h>

#include "format.h"

/* Completes a head (magic, checksum) for the stored bytes that follow it. */
void block_seal(struct trace_block_head *head, const void *stored);

/* Whether a head can be one: to be asked before as much is read as it says. */
bool block_plausible(const struct trace_block_head *head);

/* Whether head and stored bytes are as they were written. */
bool block_intact(const struct trace_block_head *head, const void *stored);

#endif /* TRACE_BLOCK_H */
