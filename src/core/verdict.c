// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What a finished report says on the whole. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "verdict.h"

#define EXIT_INCONCLUSIVE 5

/*
 * Whether the trace's own books balance, when nothing was lost: every group that began has ended in
 * one way that was seen, or is still in the table, which is walked and not believed to have the
 * number of groups that was kept count of; user space answered nothing it had not read; and of all
 * deliveries it is known which groups they were of.
 */
static bool balances(const struct iopf_engine *e, const struct remains *remains,
		     const struct iopf_report *r)
{
	const uint64_t *n = e->total.n;
	uint64_t began = n[TALLY_ENQUEUED] + n[TALLY_ADOPTED];
	uint64_t ended =
		n[TALLY_OUTSTANDING] + n[TALLY_VANISHED] + n[TALLY_UNSEEN] + remains->unfollowed;

	for (int i = 0; i < IOPF_RESPONDERS; i++)
		ended += e->total.by[i];
	return began == ended && n[TALLY_OUTSTANDING] == e->outstanding && !n[TALLY_VANISHED] &&
	       !n[TALLY_UNSEEN] && !n[TALLY_UNREAD] && !n[TALLY_UNCLEAR] &&
	       r->groups.delivered <= began;
}

/* Sets the doubts, the verdict and the exit code. */
void verdict_give(const struct iopf_engine *e, const struct remains *remains,
		  const struct iopf_run *run, struct iopf_report *r)
{
	bool doubtful = false;

	r->doubt[IOPF_DOUBT_LOST] = r->lost.events || r->lost.gaps;
	r->doubt[IOPF_DOUBT_MISSED] =
		run->probe_misses > run->made_good || r->groups.answered_by[IOPF_BY_UNKNOWN];
	r->doubt[IOPF_DOUBT_PROBE] =
		run->absent & ~(1U << IOPF_PROBE_WALK | 1U << IOPF_PROBE_INSIDE);
	r->doubt[IOPF_DOUBT_CUT] = run->cut;
	r->doubt[IOPF_DOUBT_LIMIT] = e->limit;
	r->complete = true;
	for (int i = 0; i < IOPF_DOUBTS; i++)
		r->complete &= !r->doubt[i];
	/* The others say nothing about what was seen. */
	r->doubt[IOPF_DOUBT_BALANCE] = r->complete && !balances(e, remains, r);
	r->doubt[IOPF_DOUBT_FEW_GROUPS] = r->groups.enqueued + r->groups.adopted < e->min_groups;
	for (int i = 0; i < IOPF_DOUBTS; i++)
		doubtful |= r->doubt[i];
	r->verdict = doubtful ? IOPF_INCONCLUSIVE : IOPF_PASS;
	r->exit_code = doubtful ? EXIT_INCONCLUSIVE : 0;
	/* A command that failed before its first group has told why there is none. */
	if (run->has_child && run->child_status &&
	    (!doubtful || (r->complete && !r->groups.enqueued && !r->groups.adopted)))
		r->exit_code = run->child_status;
}
