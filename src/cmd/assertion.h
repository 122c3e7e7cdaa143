/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Assertions and conditions as people type them: those of the core, with errors in words. */
#ifndef CMD_ASSERTION_H
#define CMD_ASSERTION_H

#include "iopftrace/compare.h"
#include "iopftrace/expression.h"

#define ASSERTION_WHY 256

/*
 * Parses. Returns 0, or -EINVAL with @why set to what is wrong and where: "at column 7: expected one
 * of < <= > >= == !=". @text must live as long as @expr.
 */
int assertion_parse(struct iopf_expr *expr, const char *text, char why[ASSERTION_WHY]);

/* The same for a condition on a change, of --fail-on. */
int condition_parse(struct iopf_condition *condition, const char *text, char why[ASSERTION_WHY]);

#endif /* CMD_ASSERTION_H */
