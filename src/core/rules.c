// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The table of protocol rules. */
#define IOPF_CORE_PRIVATE
#include "rules.h"

#include <stddef.h>

/* What judges one rule; it keeps what it needs in the engine. */
typedef void (*rule_fn)(struct iopf_engine *e, const struct rules_step *step);

/* All of them, in order of their ids; ends with NULL. */
static const rule_fn rules[] = {
	NULL,
};

/* Tells all rules. */
void rules_step(struct iopf_engine *e, const struct rules_step *step)
{
	for (const rule_fn *rule = rules; *rule; rule++)
		(*rule)(e, step);
}
