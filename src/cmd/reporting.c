// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "reporting.h"

#include "live/clock.h"

/* How late a record may be written after the moment that it is about: its task may be preempted. */
#define SLACK_NS 100000000ULL

/* Times in the report are since here. */
void reporting_begin(void *arg, const struct iopf_run *run)
{
	struct reporting *r = arg;

	iopf_engine_start(r->engine, run->start_ns);
	tee_start(&r->tee, run);
}

/* A record that the engine cannot use is a fault of ours; it must not end a user's workload. */
int reporting_take(void *arg, const struct iopf_rec *rec)
{
	struct reporting *r = arg;

	iopf_engine_feed(r->engine, rec);
	tee_add(&r->tee, rec);
	return 0;
}

/* What is known of the run so far. */
static struct iopf_run run_so_far(const struct reporting *r, uint64_t now_ns)
{
	struct iopf_run run = *r->run;

	run.version = IOPFTRACE_VERSION;
	run.kernel = r->kernel;
	run.end_ns = now_ns;
	r->opts->misses(r->opts->misses_arg, &run);
	return run;
}

/*
 * Whether somebody wants to know of a deadline when it passes. Otherwise it is judged when the answer
 * comes, or at the end, as it is from a file.
 */
static bool watches_time(const struct iopf_engine_opts *opts)
{
	return opts->on_finding &&
	       (opts->deadline_ns[IOPF_DEADLINE_ANSWER] || opts->deadline_ns[IOPF_DEADLINE_READ] ||
		opts->deadline_ns[IOPF_DEADLINE_PARTIAL]);
}

/* What has not been recorded until now did not happen before. */
void reporting_tick(void *arg, uint64_t drained_ns)
{
	struct reporting *r = arg;
	struct recording_now now = { .now_ns = clock_ns(CLOCK_MONOTONIC) };
	bool due = so_far_due(&r->so_far, now.now_ns);
	struct iopf_run run;

	if (drained_ns > SLACK_NS)
		now.settled_ns = drained_ns - SLACK_NS;
	if (now.settled_ns && watches_time(r->opts)) {
		now.advanced_ns = now.settled_ns;
		iopf_engine_advance(r->engine, now.advanced_ns);
	}
	if (!due && !r->tee.recording)
		return;
	run = run_so_far(r, now.now_ns);
	now.so_far = &run;
	tee_tick(&r->tee, &now);
	if (due)
		so_far_write(&r->so_far, r->engine, &run);
}
