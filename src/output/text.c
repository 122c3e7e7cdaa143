// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <inttypes.h>

#define OUTPUT_TEXT_PRIVATE
#include "empty.h"
#include "text_private.h"
#include "verdict.h"

void text_style(const struct text *t, enum text_style style)
{
	static const char *const codes[] = {
		[TEXT_PLAIN] = "\033[0m",     [TEXT_DIM] = "\033[2m",
		[TEXT_BOLD] = "\033[1m",      [TEXT_GREEN] = "\033[1;32m",
		[TEXT_YELLOW] = "\033[1;33m", [TEXT_RED] = "\033[1;31m",
	};

	if (t->opts->color)
		fputs(codes[style], t->out);
}

void text_spaces(const struct text *t, unsigned int count)
{
	for (; count > 0; count--)
		putc(' ', t->out);
}

const char *text_plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

struct task_text text_task(const char *comm, uint32_t tid)
{
	struct task_text text;

	snprintf(text.s, sizeof(text.s), "%.80s/%" PRIu32,
		 comm && *comm ? utf8_name(comm, IOPF_COMM_LEN).s : "?", tid);
	return text;
}

/* Whether an assertion needs looking at: it fails, or there is nothing to measure it by. */
static bool any_open(const struct iopf_report *r)
{
	size_t i;

	for (i = 0; i < r->nr_assertions; i++)
		if (!r->assertions[i].holds)
			return true;
	return false;
}

/* What is wrong, the most certain first. */
static void put_wrong(const struct text *t)
{
	bool doubt = t->r->judged ? verdict_doubtful(t->r) || t->r->verdict == IOPF_INCONCLUSIVE :
				    t->r->verdict != IOPF_PASS;

	text_findings(t, true);
	if (doubt) {
		text_reason(t);
		putc('\n', t->out);
	}
	text_findings(t, false);
	if (any_open(t->r)) {
		text_assertions(t);
		putc('\n', t->out);
	}
}

/* The figures, between what is wrong and the verdict. */
static void put_figures(const struct text *t)
{
	unsigned int stage;

	text_header(t);
	text_selection(t);
	if (empty_is(t->r)) {
		text_empty(t);
	} else {
		text_stages(t);
		text_hist(t, IOPF_STAGE_TOTAL);
		for (stage = 0; t->opts->verbose && stage < IOPF_STAGE_TOTAL; stage++)
			text_hist(t, (enum iopf_stage)stage);
		text_by(t);
		text_series(t);
		text_left_out(t);
		text_slowest(t);
		text_waiting(t);
	}
	text_answers(t);
	if (t->opts->verbose)
		text_details(t);
}

/* What was judged and found in order, or not judged. */
static void put_rest(const struct text *t)
{
	text_notes(t);
	if (t->r->nr_assertions && !any_open(t->r)) {
		putc('\n', t->out);
		text_assertions(t);
	}
	text_not_checked(t);
	putc('\n', t->out);
}

/*
 * What went wrong comes first, then the figures, then the verdict, so that both ends of a long
 * output tell the same.
 */
int output_text(const struct iopf_report *report, const struct output_opts *opts, FILE *out)
{
	const struct text t = { .out = out, .r = report, .opts = opts };

	if (!opts->quiet) {
		put_wrong(&t);
		put_figures(&t);
		put_rest(&t);
	} else if (!report->judged && report->verdict != IOPF_PASS) {
		text_reason(&t);
		return output_flush(out);
	}
	text_verdict(&t);
	return output_flush(out);
}

int output_story(const struct iopf_report *report, const struct output_opts *opts,
		 const struct iopf_finding *finding, const struct iopf_case *c, FILE *out)
{
	const struct text t = { .out = out, .r = report, .opts = opts };

	text_story(&t, finding, c, false);
	return ferror(out) ? -EIO : 0;
}

int output_journey(const struct iopf_report *report, const struct output_opts *opts,
		   const struct iopf_case *c, FILE *out)
{
	const struct text t = { .out = out, .r = report, .opts = opts };

	text_subject(&t, c);
	text_journey(&t, c, TEXT_PLAIN);
	return ferror(out) ? -EIO : 0;
}
