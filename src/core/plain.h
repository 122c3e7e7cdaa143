/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Plain steps: what nearly all steps of nearly all runs are, and of which most rules have nothing to
 * say. What makes a step plain is asked once, instead of by each rule. A rule that is not called for
 * plain steps (see rules.c) must find nothing in any of them, and have nothing to remember.
 */
#ifndef IOPF_CORE_PLAIN_H
#define IOPF_CORE_PLAIN_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>

#include "rules.h"

/* Whether a step is plain. */
bool plain_step(const struct iopf_engine *e, const struct rules_step *step);

#endif /* IOPF_CORE_PLAIN_H */
