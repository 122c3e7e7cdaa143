/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Suspicions: findings that are made when their group ends, since only its end can tell. The record
 * of an answer may come after that of the call which should have given it, or did.
 */
#ifndef IOPF_CORE_SUSPICIONS_H
#define IOPF_CORE_SUSPICIONS_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stdbool.h>
#include <stdint.h>

#include "map.h"

struct iopf_engine;
struct group;
struct rules_step;

/* Holds if the group was still outstanding after @since_ns. */
struct suspicion {
	uint32_t rule;
	uint32_t next; /* of the same group */
	uint64_t since_ns; /* of a call its return */
	uint64_t enter_ns; /* of a call its entry */
	uint64_t seq; /* of the record that raised it */
	uint32_t task; /* number */
	uint32_t detail; /* of IOPF012 and IOPF032: the cookie; of IOPF021: the group index */
	uint32_t cookie; /* the kernel's own, by the walk at the end */
	bool named; /* that is known */
	bool explained; /* of a refused answer: another finding tells why */
	bool told; /* of a refused answer: its write returned the error, not a short count */
	uint32_t more; /* of a refused answer: it was refused so many times more, and each time told */
};

#define SUSPICIONS_MAX (1U << 16)

/* A zeroed struct is empty. */
struct suspicions {
	struct suspicion *pool; /* number 0 is none */
	uint32_t nr, max, free;
	struct map by_group; /* its account is that of all */
	bool full; /* some were not raised, since there are too many */
};

/* Frees it. */
void suspicions_free(struct suspicions *s);

/* Raises one; of a rule and a cookie only the first of a group. */
void suspicions_add(struct iopf_engine *e, struct group *g, const struct suspicion *suspicion);

/* The kernel's own cookie of a group, of which there are suspicions, is told by the walk at the end. */
void suspicions_cookie(struct iopf_engine *e, const struct group *g, uint32_t cookie);

/* Decides those of a group that was delivered, has ended, or is left at the end. */
void suspicions_step(struct iopf_engine *e, const struct rules_step *step);

#endif /* IOPF_CORE_SUSPICIONS_H */
