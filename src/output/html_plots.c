// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The plots of the stages. Distributions stand below each other on one axis of time, so that they can
 * be compared; percentiles are drawn over 1/(1-p), which gives the tail as much room as the rest.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define OUTPUT_HTML_PRIVATE
#include "html_private.h"
#include "html_svg.h"

#define LEFT 64 /* where the plots begin and end */
#define RIGHT 816

#define BINS_MAX 80
#define OCTAVES 64

#define TOTAL_HEIGHT 150
#define STAGE_HEIGHT 56
#define ROW_GAP 22

#define CURVES_HEIGHT 280
#define POINTS_A_DECADE 12
#define LABEL_GAP 13

/* In which order they are drawn: what matters most at the top. */
static const enum iopf_stage order[IOPF_STAGES] = {
	IOPF_STAGE_TOTAL, IOPF_STAGE_ROUTE, IOPF_STAGE_WAIT, IOPF_STAGE_SERVICE, IOPF_STAGE_ACK,
};

struct bin {
	uint64_t lo, hi; /* lo <= value <= hi: edges of the histograms' buckets */
};

/* Bins that are as wide as each other on a logarithmic axis, as far as buckets allow. */
struct bins {
	unsigned int nr;
	struct bin bin[BINS_MAX];
};

/* The lowest and the highest value of all stages; false when there is none. */
static bool extremes(const struct iopf_report *r, uint64_t *min, uint64_t *max)
{
	unsigned int stage;
	bool any = false;

	*min = UINT64_MAX;
	*max = 0;
	for (stage = 0; stage < IOPF_STAGES; stage++) {
		const struct iopf_hist *hist = &r->stage[stage].hist;

		if (!hist->count)
			continue;
		any = true;
		*min = hist->min < *min ? hist->min : *min;
		*max = hist->max > *max ? hist->max : *max;
	}
	return any;
}

/* The lower edge of the bucket that a value is in. */
static uint64_t edge_below(double value)
{
	uint64_t lo, hi;

	iopf_hist_edges(iopf_hist_index(value < 0x1p64 ? (uint64_t)value : UINT64_MAX), &lo, &hi);
	return lo;
}

/* The widest bins that are no wider than 1/8 octave, or of which there are few enough. */
static void choose_bins(struct bins *bins, uint64_t min, uint64_t max)
{
	static const unsigned int parts[] = { 8, 6, 4, 3, 2, 1 };
	double from = log2((double)(min ? min : 1)), to = log2((double)(max ? max : 1));
	unsigned int i = 0, k, first, last;
	uint64_t lo, hi;

	while (i < 5 && (to - from + 2) * parts[i] > BINS_MAX - 2)
		i++;
	first = (unsigned int)floor(from * parts[i]);
	last = (unsigned int)floor(to * parts[i]);
	bins->nr = 0;
	for (k = first; k <= last && bins->nr < BINS_MAX; k++) {
		lo = edge_below(exp2((double)k / parts[i]));
		if (bins->nr == 0)
			lo = edge_below((double)min) < lo ? edge_below((double)min) : lo;
		else if (lo <= bins->bin[bins->nr - 1].lo)
			continue; /* buckets are wider here */
		else
			bins->bin[bins->nr - 1].hi = lo - 1;
		bins->bin[bins->nr++].lo = lo;
	}
	iopf_hist_edges(iopf_hist_index(max), &lo, &hi);
	bins->bin[bins->nr - 1].hi = hi;
}

/* The axis of time below the rows. */
static void put_time_axis(const struct html *h, const struct svg_scale *x, double top,
			  double bottom)
{
	unsigned int state = 0;
	uint64_t ns;

	while (svg_tick(x, &state, &ns)) {
		double at = svg_at(x, (double)ns);

		svg_line(h->out, "grid", at, top, at, bottom);
		svg_text(h->out, "tick mid", at, bottom + 15, svg_round_time(ns, h->opts->unit).s);
	}
}

/* One bar; what it stands for where the mouse is. */
static void put_bar(const struct html *h, const struct svg_scale *x, const struct bin *bin,
		    uint64_t count, double height, double bottom)
{
	double from = svg_at(x, (double)bin->lo), to = svg_at(x, (double)bin->hi + 1);
	double width = to - from > 2 ? to - from - 1 : to - from;

	/* What is too small for the scale is still seen. */
	height = height < 1 ? 1 : height;
	fprintf(h->out,
		"<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"><title>%s - %s: %s</title></rect>\n",
		svg_number(from).s, svg_number(bottom - height).s, svg_number(width).s,
		svg_number(height).s, units_duration(bin->lo, h->opts->unit).s,
		units_duration(bin->hi == UINT64_MAX ? bin->hi : bin->hi + 1, h->opts->unit).s,
		units_count(count).s);
}

/* Where a percentile is. */
static void put_mark(const struct html *h, const struct svg_scale *x, const struct iopf_hist *hist,
		     double percent, double top, double bottom, bool named)
{
	double at = svg_at(x, (double)iopf_hist_percentile(hist, percent));
	char name[48];

	snprintf(name, sizeof(name), "p%s", units_decimal(percent).s);
	svg_line(h->out, "mark", at, top, at, bottom);
	if (named)
		svg_text(h->out, "tick mid", at, top - 4, name);
}

/* The distribution of one stage. */
static void put_row(const struct html *h, const struct svg_scale *x, const struct bins *bins,
		    enum iopf_stage stage, double bottom, double height)
{
	const struct iopf_hist *hist = &h->r->stage[stage].hist;
	bool total = stage == IOPF_STAGE_TOTAL;
	uint64_t most = 1;
	unsigned int i;

	for (i = 0; i < bins->nr; i++) {
		uint64_t count = iopf_hist_between(hist, bins->bin[i].lo, bins->bin[i].hi);

		most = count > most ? count : most;
	}
	svg_text(h->out, total ? "name strong end" : "name end", LEFT - 8, bottom - 2,
		 iopf_stage_name(stage));
	svg_line(h->out, "base", LEFT, bottom, RIGHT, bottom);
	if (!hist->count) {
		svg_text(h->out, "tick", LEFT + 4, bottom - 6, "nothing was counted");
		return;
	}
	fprintf(h->out, "<g class=\"bars %s\">\n", iopf_stage_name(stage));
	for (i = 0; i < bins->nr; i++) {
		uint64_t count = iopf_hist_between(hist, bins->bin[i].lo, bins->bin[i].hi);

		if (count)
			put_bar(h, x, &bins->bin[i], count, (double)count / (double)most * height,
				bottom);
	}
	html_raw(h, "</g>\n");
	svg_text(h->out, "tick", RIGHT + 6, bottom - height + 9, units_count(most).s);
	put_mark(h, x, hist, 50, bottom - height, bottom, total);
	put_mark(h, x, hist, 99, bottom - height, bottom, total);
}

/* The same as the plot, as numbers. */
static void put_bins_table(const struct html *h, const struct bins *bins)
{
	unsigned int i, k;

	html_raw(h, "<details><summary>These distributions as a table</summary>\n");
	html_table(h, "bins", "How many groups spent how long in each stage",
		   ">from|>up to|>total|>route|>wait|>service|>ack");
	for (i = 0; i < bins->nr; i++) {
		const struct bin *bin = &bins->bin[i];

		html_raw(h, "<tr>");
		html_time(h, "td", true, bin->lo, HTML_NO_KEY);
		html_time(h, "td", true, bin->hi == UINT64_MAX ? bin->hi : bin->hi + 1,
			  HTML_NO_KEY);
		for (k = 0; k < IOPF_STAGES; k++)
			fprintf(h->out, "<td class=\"n\">%s</td>",
				units_count(iopf_hist_between(&h->r->stage[order[k]].hist, bin->lo,
							      bin->hi))
					.s);
		html_raw(h, "</tr>\n");
	}
	html_table_end(h);
	html_raw(h, "</details>\n");
}

/* What a distribution looks like, in words. */
static void describe(struct sentence *s, const struct html *h)
{
	unsigned int i;

	sentence_add(s, "Histograms on one logarithmic axis of time.");
	for (i = 0; i < IOPF_STAGES; i++) {
		const struct iopf_hist *hist = &h->r->stage[order[i]].hist;

		if (!hist->count)
			continue;
		sentence_add(s, " %s: from %s to %s, half of them up to %s, 99%% up to %s.",
			     iopf_stage_name(order[i]), units_duration(hist->min, h->opts->unit).s,
			     units_duration(hist->max, h->opts->unit).s,
			     units_duration(iopf_hist_percentile(hist, 50), h->opts->unit).s,
			     units_duration(iopf_hist_percentile(hist, 99), h->opts->unit).s);
	}
}

/* The distributions of all stages. */
static void put_distributions(const struct html *h, const struct bins *bins)
{
	const struct bin *last = &bins->bin[bins->nr - 1];
	double lo = bins->bin[0].lo ? (double)bins->bin[0].lo : 1, hi = (double)last->hi + 1;
	struct svg_scale x = { lo, hi > 2 * lo ? hi : 2 * lo, LEFT, RIGHT, false };
	double bottom = ROW_GAP + TOTAL_HEIGHT;
	double end = bottom + (STAGE_HEIGHT + ROW_GAP / 2.0) * (IOPF_STAGES - 1);
	struct sentence words = { "", 0 };
	unsigned int i;

	describe(&words, h);
	html_figure(h, "distributions", "How long groups spent in each stage", words.s,
		    (unsigned int)end + 24);
	put_time_axis(h, &x, ROW_GAP, end);
	put_row(h, &x, bins, order[0], bottom, TOTAL_HEIGHT);
	for (i = 1; i < IOPF_STAGES; i++) {
		bottom += STAGE_HEIGHT + ROW_GAP / 2.0;
		put_row(h, &x, bins, order[i], bottom, STAGE_HEIGHT);
	}
	html_raw(h,
		 "</svg></div>\n<p class=\"aside\">Each row is as high as its fullest bin, whose "
		 "count stands at the right. Vertical lines: the median and p99 of the row."
		 "</p>\n");
	put_bins_table(h, bins);
	html_raw(h, "</figure>\n");
}

/* The curve of one stage; gives where it ends. */
static double put_curve(const struct html *h, const struct svg_scale *x, const struct svg_scale *y,
			enum iopf_stage stage)
{
	const struct iopf_hist *hist = &h->r->stage[stage].hist;
	double most = (double)hist->count, odds = 1, end;
	unsigned int k;

	fprintf(h->out, "<path class=\"curve %s\" d=\"", iopf_stage_name(stage));
	for (k = 0; odds < most; odds = pow(10, (double)++k / POINTS_A_DECADE))
		svg_point(h->out, k ? 'L' : 'M', svg_at(x, odds),
			  svg_at(y, (double)iopf_hist_percentile(hist, 100 - 100 / odds)));
	end = svg_at(y, (double)hist->max);
	svg_point(h->out, k ? 'L' : 'M', svg_at(x, most), end);
	fprintf(h->out, "\"><title>%s</title></path>\n", iopf_stage_name(stage));
	return end;
}

/* Names at the ends of the curves, pushed apart where they would cover each other. */
static void put_names(const struct html *h, const double *end, double x, double bottom)
{
	bool done[IOPF_STAGES] = { false };
	double least = 0;
	unsigned int i, k;
	double at[IOPF_STAGES];
	unsigned int rank[IOPF_STAGES], nr = 0;

	for (i = 0; i < IOPF_STAGES; i++) {
		unsigned int best = IOPF_STAGES;

		for (k = 0; k < IOPF_STAGES; k++)
			if (!done[k] && end[k] >= 0 && (best == IOPF_STAGES || end[k] < end[best]))
				best = k;
		if (best == IOPF_STAGES)
			break;
		done[best] = true;
		at[nr] = end[best] + 4 > least ? end[best] + 4 : least;
		least = at[nr] + LABEL_GAP;
		rank[nr++] = best;
	}
	/* Those that were pushed over the edge push back. */
	for (i = nr; i > 0; i--) {
		double limit = bottom - (nr - i) * LABEL_GAP;

		at[i - 1] = at[i - 1] > limit ? limit : at[i - 1];
	}
	for (i = 0; i < nr; i++)
		svg_text(h->out, rank[i] == IOPF_STAGE_TOTAL ? "name strong" : "name", x, at[i],
			 iopf_stage_name((enum iopf_stage)rank[i]));
}

/* The axis of percentiles: 0, 50, then nines. */
static void put_percent_axis(const struct html *h, const struct svg_scale *x, double top,
			     double bottom)
{
	static const char *const nines[] = { "0",	  "90",	       "99",	  "99.9",
					     "99.99",	  "99.999",    "99.9999", "99.99999",
					     "99.999999", "99.9999999" };
	unsigned int i;

	for (i = 0; i < sizeof(nines) / sizeof(nines[0]) && pow(10, i) <= x->hi; i++) {
		double at = svg_at(x, pow(10, i));
		char name[32];

		snprintf(name, sizeof(name), "%s%%", nines[i]);
		svg_line(h->out, "grid", at, top, at, bottom);
		svg_text(h->out, "tick mid", at, bottom + 15, name);
		if (i == 0) {
			at = svg_at(x, 2);
			svg_line(h->out, "grid", at, top, at, bottom);
			svg_text(h->out, "tick mid", at, bottom + 15, "50%");
		}
	}
}

/* The percentiles of all stages. */
static void put_percentiles(const struct html *h, const struct bins *bins)
{
	double lo = bins->bin[0].lo ? (double)bins->bin[0].lo : 1;
	double hi = (double)bins->bin[bins->nr - 1].hi + 1, top = 8, bottom = top + CURVES_HEIGHT;
	struct svg_scale y = { lo, hi > 2 * lo ? hi : 2 * lo, bottom, top, false };
	struct svg_scale x = { 1, 10, LEFT, RIGHT, false };
	double end[IOPF_STAGES];
	unsigned int i, state = 0;
	uint64_t ns;

	for (i = 0; i < IOPF_STAGES; i++)
		if ((double)h->r->stage[i].hist.count > x.hi)
			x.hi = (double)h->r->stage[i].hist.count;
	html_figure(h, "percentiles", "Percentiles of each stage",
		    "Time over percentile, both logarithmic; the table of stages has the numbers.",
		    CURVES_HEIGHT + 32);
	put_percent_axis(h, &x, top, bottom);
	while (svg_tick(&y, &state, &ns)) {
		svg_line(h->out, "grid", LEFT, svg_at(&y, (double)ns), RIGHT,
			 svg_at(&y, (double)ns));
		svg_text(h->out, "tick end", LEFT - 8, svg_at(&y, (double)ns) + 4,
			 svg_round_time(ns, h->opts->unit).s);
	}
	for (i = IOPF_STAGES; i > 0; i--) {
		enum iopf_stage stage = order[i - 1];

		end[stage] = h->r->stage[stage].hist.count ? put_curve(h, &x, &y, stage) : -1;
	}
	put_names(h, end, RIGHT + 6, bottom);
	html_raw(h, "</svg></div>\n<p class=\"aside\">At 99% a curve is at the time that one in a "
		    "hundred groups exceeds; it ends at the slowest.</p>\n</figure>\n");
}

void html_plots(const struct html *h)
{
	struct bins bins;
	uint64_t min, max;

	if (!extremes(h->r, &min, &max))
		return;
	choose_bins(&bins, min, max);
	put_distributions(h, &bins);
	put_percentiles(h, &bins);
}
