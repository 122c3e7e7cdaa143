/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* How a run is judged: the command line, over the policy, over what is so by default. */
#ifndef CMD_JUDGING_H
#define CMD_JUDGING_H

#include "policy.h"

struct judging {
	struct policy policy; /* has the strings of expr */
	uint64_t deadline_ns[IOPF_DEADLINES];
	uint64_t min_groups;
	uint64_t memory_limit; /* bytes; 0 = default */
	enum iopf_on_loss on_loss;
	bool verdict_only;
	struct iopf_expr
		*expr; /* the assertions: those of the policy, then those of the command line */
	size_t nr_exprs;
};

/*
 * Reads the policy, if there is one, and puts it all together. Returns 0, -EINVAL with @error for
 * what is wrong with the policy, or another negative errno, with @error but for -ENOMEM. To be closed in any case, and not before the report
 * has been shown: assertions in it are told in the words of the policy.
 */
int judging_open(struct judging *judging, const struct options *options,
		 struct options_error *error);

/* The same, and says what is wrong. Returns 0 or the exit code. */
int judging_begin(struct judging *judging, const struct options *options);

/* Has an engine judge so. */
void judging_engine(const struct judging *judging, struct iopf_engine_opts *engine);

void judging_close(struct judging *judging);

#endif /* CMD_JUDGING_H */
