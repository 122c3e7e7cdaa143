// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What a finished report says on the whole. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "verdict.h"

#define EXIT_VIOLATION 1
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

/* Whether there is an error that is proven, or one that is not. */
static bool has_error(const struct iopf_report *r, bool unproven)
{
	for (size_t i = 0; i < r->nr_findings; i++) {
		if (r->findings[i].severity == IOPF_SEVERITY_ERROR &&
		    r->findings[i].unproven == unproven)
			return true;
	}
	return false;
}

/* Whether probes were missed, and nobody told what they would have. */
static bool is_missed(const struct iopf_run *run)
{
	for (int i = 0; i < IOPF_PROBES; i++) {
		if (run->missed[i])
			return true;
	}
	return run->probe_misses > run->made_good || (run->misses_unknown && !run->cut);
}

#define MEMORY_LIMITS (1U << IOPF_LIMIT_MEMORY | 1U << IOPF_LIMIT_SYSTEM)

/* The limits that were reached. */
static uint32_t limits_of(const struct iopf_engine *e)
{
	return e->limits | (uint32_t)e->memory.reached << IOPF_LIMIT_MEMORY |
	       (uint32_t)e->memory.failed << IOPF_LIMIT_SYSTEM |
	       (uint32_t)e->devices.full << IOPF_LIMIT_DEVICES |
	       (uint32_t)e->tasks.full << IOPF_LIMIT_TASKS |
	       (uint32_t)e->handles.crowded << IOPF_LIMIT_HANDLES |
	       (uint32_t)e->groups.crowded << IOPF_LIMIT_COOKIES |
	       (uint32_t)e->judge.suspicions.full << IOPF_LIMIT_SUSPICIONS |
	       (uint32_t)e->judge.parked.full << IOPF_LIMIT_PARKED;
}

/* Sets the doubts about what was seen. */
static void doubt_seen(const struct iopf_engine *e, const struct iopf_run *run,
		       struct iopf_report *r)
{
	/* Without these two only their own rules cannot be judged, and what was suspected. */
	const uint32_t extra = 1U << IOPF_PROBE_WALK | 1U << IOPF_PROBE_INSIDE;

	r->doubt[IOPF_DOUBT_LOST] = r->lost.events;
	r->doubt[IOPF_DOUBT_MISSED] = is_missed(run);
	r->absent = run->absent & ~extra;
	r->absent_first = run->absent_first & r->absent;
	r->doubt[IOPF_DOUBT_PROBE] = r->absent;
	r->unlooked = run->absent >> IOPF_PROBE_INSIDE & 1;
	r->continued = run->settled_ns;
	r->doubt[IOPF_DOUBT_CUT] = run->cut;
	r->doubt[IOPF_DOUBT_UNFOLLOWED] = run->unfollowed;
	r->limits = limits_of(e);
	r->memory_limit = e->memory.limit;
	r->blind_ns = e->blind_ns;
	r->doubt[IOPF_DOUBT_MEMORY] = r->limits & MEMORY_LIMITS;
	r->doubt[IOPF_DOUBT_LIMIT] = r->limits & ~MEMORY_LIMITS;
	r->doubt[IOPF_DOUBT_RESPONDER] = r->groups.answered_by[IOPF_BY_UNKNOWN];
	for (int i = 0; i < IOPF_UNDECIDEDS; i++)
		r->undecided |= (uint32_t)(e->judge.dropped[i] != 0) << i;
	r->doubt[IOPF_DOUBT_UNDECIDED] = r->undecided;
	r->complete = true;
	for (int i = 0; i < IOPF_DOUBTS; i++)
		r->complete &= !r->doubt[i];
}

/* Sets all. Few groups, and books that do not balance, say nothing about what was seen. */
static void doubt(const struct iopf_engine *e, const struct remains *remains,
		  const struct iopf_run *run, struct iopf_report *r)
{
	doubt_seen(e, run, r);
	r->doubt[IOPF_DOUBT_BALANCE] = r->complete && !balances(e, remains, r);
	r->doubt[IOPF_DOUBT_FEW_GROUPS] = r->groups.enqueued + r->groups.adopted < e->min_groups;
}

/* Whether a doubt is about what was not seen, though it was looked for. */
static bool is_loss(int doubt)
{
	return doubt == IOPF_DOUBT_LOST || doubt == IOPF_DOUBT_MISSED ||
	       doubt == IOPF_DOUBT_RESPONDER;
}

/* Whether a doubt makes a run inconclusive: what was lost may be ignored, but not what may prove an error. */
static bool matters(const struct iopf_engine *e, const struct iopf_report *r, int doubt)
{
	return e->on_loss != IOPF_LOSS_IGNORE || !is_loss(doubt) || has_error(r, true);
}

/* Exits with @code, and says why. */
static void exit_with(struct iopf_report *r, int code, enum iopf_because because)
{
	r->exit_code = code;
	r->exit_because = because;
}

/* Whether what was lost is to count as a failure. */
static bool is_failing_loss(const struct iopf_engine *e, const struct iopf_report *r)
{
	for (int i = 0; i < IOPF_DOUBTS; i++)
		if (e->on_loss == IOPF_LOSS_FAIL && r->doubt[i] && is_loss(i))
			return true;
	return false;
}

/*
 * The exit code. A command's own status comes last: it may be any number, and must not be taken for a
 * verdict.
 */
static void give_exit_code(const struct iopf_engine *e, const struct iopf_run *run,
			   struct iopf_report *r)
{
	if (r->verdict == IOPF_VIOLATION)
		exit_with(r, EXIT_VIOLATION, IOPF_BECAUSE_VIOLATION);
	else if (is_failing_loss(e, r))
		exit_with(r, EXIT_VIOLATION, IOPF_BECAUSE_INCONCLUSIVE);
	else if (r->verdict == IOPF_INCONCLUSIVE)
		exit_with(r, EXIT_INCONCLUSIVE, IOPF_BECAUSE_INCONCLUSIVE);
	else if (run->has_child && run->child_status && !e->verdict_only)
		exit_with(r, run->child_status, IOPF_BECAUSE_COMMAND);
	else
		exit_with(r, 0, IOPF_BECAUSE_PASS);
}

/* Sets the doubts that there are already. */
void verdict_so_far(const struct iopf_engine *e, const struct iopf_run *run, struct iopf_report *r)
{
	doubt_seen(e, run, r);
	r->verdict = IOPF_INCONCLUSIVE;
	exit_with(r, EXIT_INCONCLUSIVE, IOPF_BECAUSE_INCONCLUSIVE);
}

/* Sets the doubts, the verdict and the exit code. */
void verdict_give(const struct iopf_engine *e, const struct remains *remains,
		  const struct iopf_run *run, struct iopf_report *r)
{
	bool doubtful = false;

	doubt(e, remains, run, r);
	for (int i = 0; i < IOPF_DOUBTS; i++)
		doubtful |= r->doubt[i] && matters(e, r, i);
	r->verdict = has_error(r, false) ? IOPF_VIOLATION :
		     doubtful		 ? IOPF_INCONCLUSIVE :
					   IOPF_PASS;
	give_exit_code(e, run, r);
}
