// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* report: what 'run' would have shown at the end of a run that was recorded, or a part of it. */
#include <inttypes.h>
#include <stdio.h>

#include "exit_codes.h"
#include "judge.h"
#include "matched.h"
#include "options.h"
#include "replay.h"
#include "replay_again.h"
#include "replay_start.h"
#include "verbs.h"
#include "say.h"

#define NS_PER_S 1000000000ULL

static const char *file_of(const struct options *options)
{
	return options->nr_operands ? options->operand[0] : REPLAY_FILE;
}

/* A moment as time since the start of a run that lasted for @duration_ns. */
static uint64_t since_start(const struct option_moment *moment, uint64_t duration_ns)
{
	if (!moment->from_end)
		return moment->ns;
	return moment->ns < duration_ns ? duration_ns - moment->ns : 0;
}

/* Sets the window when the end of the run decides about it. Returns 0 or the exit code. */
static int set_window(const struct options *o, struct iopf_filter *filter, bool known,
		      uint64_t duration_ns)
{
	/* What cannot be read twice cannot be read once: that will be said. */
	if (!known || (!o->from.from_end && !o->to.from_end))
		return 0;
	filter->from_ns = since_start(&o->from, duration_ns);
	if (o->to.given)
		filter->to_ns = since_start(&o->to, duration_ns);
	if (filter->from_ns < filter->to_ns)
		return 0;
	say("in this recording --from is not before --to");
	return EXIT_USAGE;
}

/* Whether there would be too many intervals: says so, and what would not be too fine. */
static int check_interval(const struct iopf_breakdown_opts *b, uint64_t duration_ns)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = { { NS_PER_S, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };
	uint64_t from_ns, nr = iopf_breakdown_intervals(b, duration_ns, &from_ns), least;
	uint64_t most = b->max_intervals ? b->max_intervals : IOPF_INTERVALS_MAX;
	size_t i = 0;

	if (nr <= most)
		return 0;
	/* One more than fits, since the first need not begin where the window does. */
	least = nr / (most - 1) * b->interval_ns + b->interval_ns;
	while (least < units[i].ns)
		i++;
	say("--interval: there would be %" PRIu64 " of them, at most %" PRIu64
	    " can be shown: use %" PRIu64 "%s or more",
	    nr, most, (least + units[i].ns - 1) / units[i].ns, units[i].name);
	return EXIT_USAGE;
}

/* Whether it may turn out that no group matches: what there is instead takes another pass. */
static bool is_selective(const struct iopf_filter *filter)
{
	return filter->device || filter->comm || filter->dev_id.given || filter->fault_id.given ||
	       filter->pasid.given || filter->code.given;
}

/* Reads the file; what is asked for of times in it may turn out to be impossible. */
static int read_file(const struct options *options, struct iopf_engine_opts *engine,
		     struct iopf_report **report)
{
	struct iopf_breakdown_opts *b = &engine->breakdown;
	uint64_t start_ns = 0, end_ns = 0;
	bool timed = b->interval_ns || b->filter.window;
	bool known;
	int code = replay_keep(file_of(options), timed || b->adaptive || is_selective(&b->filter));

	if (code)
		return code;
	known = timed && replay_span(file_of(options), &start_ns, &end_ns);
	code = set_window(options, &b->filter, known, end_ns - start_ns);
	b->start_ns = start_ns;
	if (!code && known && b->interval_ns)
		code = check_interval(b, end_ns - start_ns);
	if (!code)
		code = replay_report(file_of(options), engine, report);
	if (!code)
		matched_or_say(options, file_of(options), *report);
	if (code || !(*report)->breakdown || !(*report)->breakdown->too_fine)
		return code;
	/* It is still being written, and has become longer. */
	return check_interval(b, (*report)->end_ns - (*report)->breakdown->opts.start_ns);
}

int cmd_report(const struct options *options)
{
	return judge(options, read_file);
}
