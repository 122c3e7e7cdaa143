// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <inttypes.h>

#define OUTPUT_HTML_PRIVATE
#include "cut.h"
#include "html_private.h"

/* Between which moments a stage lies. */
static const char *const between[IOPF_STAGES] = {
	[IOPF_STAGE_ROUTE] = "the driver reports it, to iommufd's handler has it",
	[IOPF_STAGE_WAIT] = "to a read of the fault FD has returned it",
	[IOPF_STAGE_SERVICE] = "to the answer written for it reaches it",
	[IOPF_STAGE_ACK] = "to the driver has been told",
	[IOPF_STAGE_TOTAL] = "the report, to the driver has been told",
};

/* The share of all time; "<0.1%" is why it is escaped. */
static void put_share(const struct html *h, const char *name, enum iopf_stage stage)
{
	double share = cut_share_all(h->r, stage);

	if (share < 0) {
		fprintf(h->out,
			"<td class=\"n\" data-key=\"stages/%s/share\" data-value=\"null\">-</td>",
			name);
		return;
	}
	fprintf(h->out, "<td class=\"n\" data-key=\"stages/%s/share\" data-value=\"%s\">", name,
		units_decimal(share).s);
	html_say(h, "%s", units_share(share).s);
	html_raw(h, "</td>");
}

/* One row. */
static void put_stage(const struct html *h, enum iopf_stage stage)
{
	const struct iopf_hist *hist = &h->r->stage[stage].hist;
	const char *name = iopf_stage_name(stage);
	bool any = hist->count > 0;
	size_t i;

	fprintf(h->out, "<tr%s data-stage=\"%s\"><th scope=\"row\" title=\"%s\">%s</th>",
		stage == IOPF_STAGE_TOTAL ? " class=\"total\"" : "", name, between[stage], name);
	html_count(h, "td", hist->count, html_key("stages/%s/count", name));
	html_time(h, "td", any, hist->min, html_key("stages/%s/min_ns", name));
	html_time(h, "td", any, iopf_hist_mean(hist), html_key("stages/%s/mean_ns", name));
	for (i = 0; i < h->opts->nr_percentiles; i++)
		html_time(h, "td", any, iopf_hist_percentile(hist, h->opts->percentile[i]),
			  html_key("stages/%s/percentiles/%s", name,
				   units_decimal(h->opts->percentile[i]).s));
	html_time(h, "td", any, hist->max, html_key("stages/%s/max_ns", name));
	put_share(h, name, stage);
	html_raw(h, "</tr>\n");
}

/* The heads, with the percentiles that are wanted. */
static void begin_table(const struct html *h)
{
	struct sentence heads = { "", 0 };
	size_t i;

	sentence_add(&heads, "stage|>count|>min|>mean");
	for (i = 0; i < h->opts->nr_percentiles; i++)
		sentence_add(&heads, "|>p%s", units_decimal(h->opts->percentile[i]).s);
	sentence_add(&heads, "|>max|>share");
	html_table(h, "stages", "Where the time of a group went", heads.s);
}

/* Times that cannot be are shown, not hidden. */
static void put_negative(const struct html *h)
{
	unsigned int stage;

	for (stage = 0; stage < IOPF_STAGES; stage++) {
		const char *name = iopf_stage_name((enum iopf_stage)stage);

		if (!h->r->stage[stage].negative)
			continue;
		html_raw(h, "<p class=\"aside\">");
		html_count(h, "span", h->r->stage[stage].negative,
			   html_key("stages/%s/negative", name));
		fprintf(h->out, " %s below 0, shown as 0</p>\n", name);
	}
}

void html_stages(const struct html *h)
{
	unsigned int stage;

	html_section(h, "stages", "Stages");
	begin_table(h);
	for (stage = 0; stage < IOPF_STAGES; stage++)
		put_stage(h, (enum iopf_stage)stage);
	html_table_end(h);
	put_negative(h);
	html_plots(h);
	html_section_end(h);
}
