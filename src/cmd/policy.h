/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Policy files: what is to be judged and how, kept in a repository. INI, as in
 * docs/example-policy.ini: [severity], [deadlines], [assertions], [verdict].
 */
#ifndef CMD_POLICY_H
#define CMD_POLICY_H

#include "iopftrace/engine.h"
#include "iopftrace/expression.h"
#include "options.h"

struct policy_assertion {
	char *name;
	char *text; /* what expr.text is */
	struct iopf_expr expr;
};

struct policy {
	uint8_t severity[IOPF_RULES + 1]; /* by rule number: enum iopf_severity */
	struct option_count deadline_ns[IOPF_DEADLINES]; /* 0 = off */
	struct policy_assertion *assertion;
	size_t nr_assertions;
	struct option_count min_groups;
	struct option_on_loss on_loss;
};

/*
 * Reads a file. Returns 0, or -EINVAL with @error saying where and what is wrong: "FILE:LINE: ...". What is
 * no fault of who wrote the command line or the file, such as -EMFILE, is another negative errno, told too.
 * The policy is to be freed with policy_free() in both cases.
 */
int policy_read(struct policy *policy, const char *file, struct options_error *error);

void policy_free(struct policy *policy);

#endif /* CMD_POLICY_H */
