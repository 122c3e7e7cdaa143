// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* How the report was made. */
#include <inttypes.h>

#define OUTPUT_HTML_PRIVATE
#include "html_private.h"

/* A line of text from outside. */
static void put_name(const struct html *h, const char *what, const char *text)
{
	fprintf(h->out, "<dt>%s</dt><dd>", what);
	html_outside(h, text, "?");
	html_raw(h, "</dd>\n");
}

/* A line with a count. */
static void put_count(const struct html *h, const char *what, uint64_t n, const char *key)
{
	fprintf(h->out, "<dt>%s</dt>", what);
	html_count(h, "dd", n, html_key("%s", key));
	putc('\n', h->out);
}

/* What was wanted of the run and of the page. */
static void put_options(const struct html *h)
{
	size_t i;

	put_count(h, "groups wanted", h->r->min_groups, "groups/min_wanted");
	if (!h->opts->nr_percentiles)
		return;
	html_raw(h, "<dt>percentiles</dt><dd>");
	for (i = 0; i < h->opts->nr_percentiles; i++)
		fprintf(h->out, "%s%s", i ? ", " : "", units_decimal(h->opts->percentile[i]).s);
	html_raw(h, "</dd>\n");
}

/* What tracing cost. */
static void put_costs(const struct html *h)
{
	const struct iopf_report *r = h->r;

	put_count(h, "records", r->overhead.records, "overhead/records");
	put_count(h, "bytes", r->overhead.bytes, "overhead/bytes");
	if (r->overhead.wakeups)
		put_count(h, "wake-ups", r->overhead.wakeups, "overhead/wakeups");
	if (r->overhead.ring_bytes) {
		html_raw(h, "<dt>ring buffer</dt>");
		fprintf(h->out,
			"<dd class=\"n\" data-key=\"overhead/ring_bytes\" data-value=\"%zu\">%s</dd>\n",
			r->overhead.ring_bytes, units_size(r->overhead.ring_bytes).s);
	}
	if (r->overhead.probe_runs)
		put_count(h, "probe runs", r->overhead.probe_runs, "overhead/probe_runs");
	if (r->overhead.probe_ns) {
		html_raw(h, "<dt>time in probes</dt>");
		html_time(h, "dd", true, r->overhead.probe_ns, html_key("overhead/probe_ns"));
	}
}

void html_made(const struct html *h)
{
	const struct iopf_report *r = h->r;

	html_section(h, "made", "How this was made");
	html_raw(h, "<dl class=\"made\">\n");
	if (!h->opts->deterministic) {
		put_name(h, "iopftrace", r->version);
		put_name(h, "traced kernel", r->kernel);
	}
	html_raw(h, "<dt>duration</dt>");
	html_time(h, "dd", true, r->duration_ns, html_key("duration_ns"));
	if (r->has_child)
		fprintf(h->out,
			"<dt>the command's status</dt><dd class=\"n\" data-key=\"child/status\" "
			"data-value=\"%d\">%d</dd>\n",
			r->child_status, r->child_status);
	else if (h->opts->command)
		html_raw(h, "<dt>the command's status</dt><dd>not known: it still ran when "
			    "tracing ended</dd>\n");
	fprintf(h->out, "<dt>everything was seen</dt><dd>%s</dd>\n", r->complete ? "yes" : "no");
	put_options(h);
	put_costs(h);
	html_raw(h,
		 "</dl>\n<p class=\"aside\">Percentiles are within 0.79% of the value; minimum, "
		 "mean and maximum are exact. Exact nanoseconds stand where the mouse is, and in "
		 "the data-value of each number; data-key is its place in the JSON report.</p>\n");
	html_section_end(h);
}
