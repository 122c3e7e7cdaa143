/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Which finding somebody means who asks for a rule or a group. */
#ifndef CMD_EXPLAIN_H
#define CMD_EXPLAIN_H

#include "iopftrace/report.h"

/* What is asked for: a rule, a group, or with neither the most severe finding. */
struct explain_subject {
	const struct iopf_rule *rule;
	bool has_group;
	uint64_t group; /* the number that reports give it */
};

/* One case of a finding; no finding: there is none. */
struct explain_choice {
	const struct iopf_finding *finding;
	const struct iopf_case *c; /* NULL: none was kept */
};

/*
 * Understands "IOPF003", "stray-response", "411"; NULL asks for nothing in particular. 0, or -EINVAL
 * with @why set to a sentence about it.
 */
int explain_parse(struct explain_subject *subject, const char *word, char *why, size_t size);

/* Finds it: proven findings before others, then the more severe. */
struct explain_choice explain_find(const struct iopf_report *report,
				   const struct explain_subject *subject);

#endif /* CMD_EXPLAIN_H */
