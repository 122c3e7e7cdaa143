// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <inttypes.h>
#include <math.h>

#define OUTPUT_TEXT_PRIVATE
#include "text_private.h"

/* The widest an expression may be beside the longest value; a longer one is cut. */
#define EXPR_COLUMNS 32

struct units_text output_value(const struct iopf_assertion *a, enum units_time unit)
{
	struct units_text text = { "no value" };

	if (!a->known || !isfinite(a->value) || a->value < 0)
		return text;
	/* 2^64 itself is no uint64_t. */
	if (a->value >= 0x1p64)
		snprintf(text.s, sizeof(text.s), "%.3g", a->value);
	else if (a->is_time)
		text = units_duration((uint64_t)a->value, unit);
	else if (a->value < 1e9 && a->value > (double)(uint64_t)a->value)
		text = units_decimal(a->value);
	else
		text = units_count((uint64_t)a->value);
	return text;
}

/* The expression as far as there is room for it. */
static struct utf8_name shown(const struct iopf_assertion *a)
{
	return utf8_name(a->expr && *a->expr ? a->expr : "?", EXPR_COLUMNS);
}

/* One line, or two; the word in its colour. */
static void put_assertion(const struct text *t, const struct iopf_assertion *a, unsigned int width)
{
	bool untold = !a->known || a->open;
	struct utf8_name expr = shown(a);
	struct text_flow f;

	putc(' ', t->out);
	text_style(t, untold ? TEXT_YELLOW : a->holds ? TEXT_GREEN : TEXT_RED);
	fprintf(t->out, "%-12s",
		!a->known ? "no value" :
		a->open	  ? "open" :
		a->holds  ? "holds" :
			    "FAILS");
	text_style(t, TEXT_PLAIN);
	fputs(expr.s, t->out);
	if (a->known) {
		text_spaces(t, width - utf8_columns(expr.s) + 2);
		text_flow_begin(&f, t, " ", TEXT_STORY_INDENT + 2, TEXT_STORY_INDENT + width + 2);
		text_flow_words(&f, "it is %s%s", output_value(a, t->opts->unit).s,
				a->open ? ": " OUTPUT_OPEN : "");
	}
	putc('\n', t->out);
}

void text_assertions(const struct text *t)
{
	const struct iopf_report *r = t->r;
	unsigned int width = 0, pass;
	size_t i;

	for (i = 0; i < r->nr_assertions; i++) {
		unsigned int columns = utf8_columns(shown(&r->assertions[i]).s);

		width = columns > width ? columns : width;
	}
	/* Failing ones, then those that cannot be told, then those that hold. */
	for (pass = 0; pass < 3; pass++)
		for (i = 0; i < r->nr_assertions; i++) {
			const struct iopf_assertion *a = &r->assertions[i];

			if (pass == (!a->known || a->open ? 1 : a->holds ? 2 : 0))
				put_assertion(t, a, width);
		}
}
