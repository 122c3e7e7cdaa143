// SPDX-License-Identifier: GPL-2.0-only OR MIT
#define OUTPUT_TEXT_PRIVATE
#include "text_private.h"

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

/* The figures, between the reason and the verdict. */
static void text_body(const struct text *t)
{
	unsigned int stage;

	text_header(t);
	if (text_is_empty(t->r)) {
		text_empty(t);
	} else {
		text_stages(t);
		text_hist(t, IOPF_STAGE_TOTAL);
		for (stage = 0; t->opts->verbose && stage < IOPF_STAGE_TOTAL; stage++)
			text_hist(t, (enum iopf_stage)stage);
		text_slowest(t);
		text_waiting(t);
	}
	text_answers(t);
	if (t->opts->verbose)
		text_details(t);
	putc('\n', t->out);
}

/*
 * What went wrong comes first, then the figures, then the verdict, so that both ends of a long
 * output tell the same. Findings of the rules belong into text_reason().
 */
int output_text(const struct iopf_report *report, const struct output_opts *opts, FILE *out)
{
	const struct text t = { .out = out, .r = report, .opts = opts };

	text_reason(&t);
	if (!opts->quiet)
		text_body(&t);
	if (!opts->quiet || report->verdict == IOPF_PASS)
		text_verdict(&t);
	return output_flush(out);
}
