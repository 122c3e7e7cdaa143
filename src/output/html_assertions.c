// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <inttypes.h>

#define OUTPUT_HTML_PRIVATE
#include "html_private.h"

/* The exact value, as the JSON report has it. */
static void put_exact(const struct html *h, const struct iopf_assertion *a, size_t i)
{
	/* What is not finite, or beyond what is counted in, has none. */
	bool known = a->known && a->value >= 0 && a->value < 0x1p64;
	uint64_t whole = known ? (uint64_t)a->value : 0;

	fprintf(h->out, " data-key=\"assertions/%zu/%s\" data-value=\"", i,
		a->is_time ? "value_ns" : "value");
	if (!known)
		html_raw(h, "null");
	else if (!a->is_time && a->value < 1e9 && a->value > (double)whole)
		html_raw(h, units_decimal(a->value).s);
	else
		fprintf(h->out, "%" PRIu64, whole);
	putc('"', h->out);
	if (known && a->is_time)
		fprintf(h->out, " title=\"%s ns\"", units_count(whole).s);
}

/* One row. */
static void put_assertion(const struct html *h, const struct iopf_assertion *a, size_t i)
{
	const char *class = !a->known || a->open ? "doubt" : a->holds ? "pass" : "fail";
	const char *word = !a->known ? "no value" : a->open ? "open" : a->holds ? "holds" : "FAILS";

	fprintf(h->out, "<tr><td><b class=\"tag %s\">%s</b></td><td><code>", class, word);
	html_outside(h, a->expr, "?");
	html_raw(h, "</code>");
	if (a->open)
		html_raw(h, " <small>" OUTPUT_OPEN "</small>");
	html_raw(h, "</td><td class=\"n\"");
	put_exact(h, a, i);
	fprintf(h->out, ">%s</td></tr>\n", output_value(a, h->opts->unit).s);
}

void html_assertions(const struct html *h)
{
	const struct iopf_report *r = h->r;
	unsigned int pass;
	size_t i;

	if (!r->nr_assertions)
		return;
	html_section(h, "assertions", "Assertions");
	html_table(h, "assertions", "What was asked of the figures", "result|assertion|>it is");
	/* Failing ones, then those that cannot be told, then those that hold. */
	for (pass = 0; pass < 3; pass++)
		for (i = 0; i < r->nr_assertions; i++) {
			const struct iopf_assertion *a = &r->assertions[i];

			if (pass == (!a->known || a->open ? 1 : a->holds ? 2 : 0))
				put_assertion(h, a, i);
		}
	html_table_end(h);
	html_section_end(h);
}
