/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The slowest groups: the n with the largest total; of equal ones, those that came first. */
#ifndef IOPF_CORE_SLOWEST_H
#define IOPF_CORE_SLOWEST_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/report.h"
#include "memory.h"

/* A group's view, whose names are not filled in yet. */
struct slow_group {
	struct iopf_group_view view;
	uint32_t device, reader, writer; /* numbers, for their names */
};

/* A heap with the least slow one on top. With the limit and the account set and the rest zero, it is empty. */
struct slowest {
	struct slow_group *group;
	size_t nr, max, limit;
	struct memory *memory; /* the account; NULL = none */
};

/* Frees it. */
void slowest_free(struct slowest *s);

/* Whether a group is less slow than another. */
static inline bool slowest_less(uint64_t total_a, uint64_t seq_a, uint64_t total_b, uint64_t seq_b)
{
	return total_a < total_b || (total_a == total_b && seq_a > seq_b);
}

/* Whether a group with this total would be kept: to save making the view of others. */
static inline bool slowest_wants(const struct slowest *s, uint64_t total_ns, uint64_t seq)
{
	const struct iopf_group_view *top;

	if (s->nr < s->limit)
		return true;
	if (!s->nr)
		return false;
	top = &s->group[0].view;
	return slowest_less(top->stage_ns[IOPF_STAGE_TOTAL], top->seq, total_ns, seq);
}

/* Keeps a group that is wanted. 0 or -ENOMEM. */
int slowest_add(struct slowest *s, const struct slow_group *group);

/* Keeps what is wanted of another's groups. 0 or -ENOMEM. */
int slowest_merge(struct slowest *s, const struct slowest *from);

/* Sorts them, the least slow first: that is a heap still, so more may be added. */
void slowest_sort(struct slowest *s);

#endif /* IOPF_CORE_SLOWEST_H */
