/* SPDX-License-Identifier: GPL-2.0-only */
/* The times of the ground truth. For truth.c only. */
#ifndef LOAD_TRUTH_TIMES_H
#define LOAD_TRUTH_TIMES_H

#include "json.h"
#include "load.h"

static inline uint32_t truth_flags(const struct group *g)
{
	return atomic_load_explicit(&g->flags, memory_order_relaxed);
}

/* Groups known one by one: none with --no-truth */
static inline uint64_t truth_groups(const struct load *l)
{
	return l->o.no_truth ? 0 : atomic_load(&l->sh->next_seq);
}

/* -errno */
int truth_put_stages(struct json *j, const struct load *l);

void truth_put_samples(struct json *j, const struct load *l);

#endif
