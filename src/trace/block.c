// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define TRACE_PRIVATE
#include "block.h"

#include <zlib.h>

#include "iopftrace/event.h"

static uint32_t checksum(const struct trace_block_head *head, const void *stored)
{
	uLong crc = crc32(0, (const Bytef *)head, offsetof(struct trace_block_head, crc));

	return (uint32_t)(head->stored ? crc32(crc, stored, head->stored) : crc);
}

void block_seal(struct trace_block_head *head, const void *stored)
{
	head->magic = TRACE_BLOCK_MAGIC;
	head->crc = checksum(head, stored);
}

bool block_plausible(const struct trace_block_head *head)
{
	if (head->magic != TRACE_BLOCK_MAGIC || head->stored > TRACE_BLOCK_MAX)
		return false;
	if (head->kind != TRACE_KIND_RECORDS)
		return true;
	return head->inflated <= TRACE_BLOCK_MAX && head->image <= TRACE_BLOCK_MAX &&
	       head->records <= head->image / sizeof(struct iopf_rec);
}

bool block_intact(const struct trace_block_head *head, const void *stored)
{
	return head->crc == checksum(head, stored);
}
