// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The figures by time: their plots, and a table of the same numbers. */
#include <inttypes.h>

#define OUTPUT_HTML_PRIVATE
#include "cut.h"
#include "html_private.h"

/* Of fewer intervals with groups there is nothing to be seen. */
#define LEAST_INTERVALS 3

/* The percentiles that are drawn. */
static const unsigned int drawn[] = { 50, 99 };
#define DRAWN (sizeof(drawn) / sizeof(drawn[0]))

bool html_has_series(const struct iopf_report *r)
{
	const struct iopf_breakdown *b = r->breakdown;
	unsigned int any = 0;

	for (size_t i = 0; b && i < b->nr_intervals; i++)
		any += b->intervals[i].cut.groups > 0;
	return any >= LEAST_INTERVALS;
}

/* Whether the JSON report has a percentile, too. */
static bool is_told(const struct html *h, unsigned int percent)
{
	for (size_t i = 0; i < h->opts->nr_percentiles; i++)
		if (h->opts->percentile[i] >= percent && h->opts->percentile[i] <= percent)
			return true;
	return false;
}

/* The cells of one stage. */
static void put_stage(const struct html *h, size_t i, enum iopf_stage stage)
{
	const char *name = iopf_stage_name(stage);
	struct iopf_stage_stats stats;
	const struct iopf_hist *hist = &stats.hist;

	cut_stage(&h->r->breakdown->intervals[i].cut, stage, &stats);
	for (size_t k = 0; k < DRAWN; k++)
		html_time(h, "td", hist->count, iopf_hist_percentile(hist, drawn[k]),
			  is_told(h, drawn[k]) ? html_key("series/%zu/stages/%s/percentiles/%u", i,
							  name, drawn[k]) :
						 HTML_NO_KEY);
	html_time(h, "td", hist->count, hist->max,
		  html_key("series/%zu/stages/%s/max_ns", i, name));
}

/* The row of an interval. */
static void put_interval(const struct html *h, size_t i)
{
	const struct iopf_breakdown *b = h->r->breakdown;
	const struct iopf_interval *at = &b->intervals[i];

	fprintf(h->out,
		"<tr%s><td class=\"n\" data-key=\"series/%zu/from_ns\" data-value=\"%" PRIu64
		"\">%s</td>",
		at->findings ? " class=\"offending\"" : "", i, at->from_ns,
		units_moment(at->from_ns, b->opts.interval_ns).s);
	html_count(h, "td", at->cut.groups, html_key("series/%zu/groups", i));
	put_stage(h, i, IOPF_STAGE_TOTAL);
	put_stage(h, i, IOPF_STAGE_SERVICE);
	html_count(h, "td", at->queue_max, html_key("series/%zu/queue_max", i));
	html_count(h, "td", at->outstanding, html_key("series/%zu/outstanding_at_end", i));
	html_count(h, "td", at->findings, html_key("series/%zu/findings", i));
	html_raw(h, "</tr>\n");
}

/* The same as the plots, as numbers. */
static void put_table(const struct html *h)
{
	fprintf(h->out,
		"<details class=\"%s\" data-interval-ns=\"%" PRIu64
		"\"><summary>These plots as a table</summary>\n",
		html_found_class(h), h->r->breakdown->opts.interval_ns);
	html_table(h, "series", "Each interval: total and service, queues, findings",
		   ">at s|>groups|>total p50|>p99|>max|>service p50|>p99|>max|>in queues|"
		   ">outstanding|>findings");
	for (size_t i = 0; i < h->r->breakdown->nr_intervals; i++)
		put_interval(h, i);
	html_table_end(h);
	html_raw(h, "</details>\n");
}

void html_series(const struct html *h)
{
	if (!html_has_series(h->r))
		return;
	html_section(h, "series", "Over time");
	html_series_plots(h);
	put_table(h);
	html_section_end(h);
}
