/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Where protocol rules are hung in: each is called with every record, before it has changed
 * anything, and with every step of every group that follows from it: then with the state that the
 * group was in before, after its fields have been set and before it is let go.
 */
#ifndef IOPF_CORE_RULES_H
#define IOPF_CORE_RULES_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stddef.h>
#include <stdint.h>

#include "groups.h"

enum rules_step_kind {
	RULES_RECORD, /* a record of any type; group is NULL */
	RULES_ENQUEUED,
	RULES_ADOPTED, /* a group whose beginning was not seen: by a delivery or an answer */
	RULES_DELIVERED,
	RULES_DELIVERED_AGAIN,
	RULES_ANSWERED,
	RULES_UNSEEN, /* it has ended, and how was not seen */
};

struct rules_step {
	enum rules_step_kind kind;
	uint32_t before; /* set of enum group_state */
	const struct group *group;
	const struct answer *answer; /* of RULES_ANSWERED, else NULL */
	const struct iopf_rec *rec; /* that showed it; NULL when another group's record did */
};

struct iopf_engine;

/* What judges one rule; it keeps what it needs in the engine. */
typedef void (*rules_fn)(struct iopf_engine *e, const struct rules_step *step);

/* All of them, in order of their ids; ends with NULL. */
extern const rules_fn rules_all[];

/* Tells all rules. */
static inline void rules_step(struct iopf_engine *e, const struct rules_step *step)
{
	for (const rules_fn *rule = rules_all; *rule; rule++)
		(*rule)(e, step);
}

#endif /* IOPF_CORE_RULES_H */
