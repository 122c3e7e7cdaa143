// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The plots over time: how long groups took, on a logarithmic axis, and how many waited. What is of an
 * interval is drawn as wide as it is: between intervals nothing is known.
 */
#include <inttypes.h>
#include <string.h>

#define OUTPUT_HTML_PRIVATE
#include "cut.h"
#include "html_private.h"
#include "html_svg.h"

#define LEFT 64 /* where the plots begin and end */
#define RIGHT 864
#define TOP 22 /* room for marks and the name */
#define PANEL_HEIGHT 170
#define PANEL_GAP 30
#define AXIS_HEIGHT 36

#define TICKS_X 10
#define TICKS_Y 5

/* What is drawn of a stage in an interval. */
struct latency {
	bool known;
	uint64_t p50, p99, max;
};

/* One of them. */
enum curve { P50, P99, MAX, CURVES };

static const char *const curve_name[CURVES] = { "p50", "p99", "max" };

static struct latency latency_of(const struct iopf_interval *at, enum iopf_stage stage)
{
	struct iopf_stage_stats stats;

	if (!at->cut.stage[stage].count)
		return (struct latency){ false, 0, 0, 0 };
	cut_stage(&at->cut, stage, &stats);
	return (struct latency){ true, iopf_hist_percentile(&stats.hist, 50),
				 iopf_hist_percentile(&stats.hist, 99), stats.hist.max };
}

static uint64_t value_of(const struct latency *l, enum curve curve)
{
	return curve == P50 ? l->p50 : curve == P99 ? l->p99 : l->max;
}

/* Whether there is any to be marked. */
static bool has_findings(const struct iopf_breakdown *b)
{
	for (size_t i = 0; i < b->nr_intervals; i++)
		if (b->intervals[i].findings)
			return true;
	return false;
}

const char *html_found_class(const struct html *h)
{
	return h->r->verdict == IOPF_VIOLATION ? "fail" : "doubt";
}

/* The axis of time, which is that of the run. */
static struct svg_scale time_scale(const struct iopf_breakdown *b)
{
	const struct iopf_interval *last = &b->intervals[b->nr_intervals - 1];
	double from = (double)b->intervals[0].from_ns, to = (double)last->to_ns;

	return (struct svg_scale){ from, to > from ? to : from + 1, LEFT, RIGHT, true };
}

/* The axis of time: lines through one panel, or with @named what stands below the last. */
static void put_time_axis(const struct html *h, const struct svg_scale *x, double top,
			  double bottom, bool named)
{
	const struct iopf_breakdown *b = h->r->breakdown;
	const struct iopf_interval *last = &b->intervals[b->nr_intervals - 1];
	uint64_t from = b->intervals[0].from_ns, step = svg_step(last->to_ns - from, TICKS_X);
	uint64_t first = step && from % step ? from - from % step + step : from;

	for (uint64_t ns = first; ns <= last->to_ns && step; ns += step) {
		double at = svg_at(x, (double)ns);

		svg_line(h->out, "grid", at, top, at, bottom);
		if (named)
			svg_text(h->out, "tick mid", at, bottom + 15, units_moment(ns, step).s);
		if (ns > UINT64_MAX - step)
			break;
	}
	if (named)
		svg_text(h->out, "tick end", RIGHT, bottom + 30, "seconds since the start");
}

/* Where findings were made: a mark above the plot, and a line through it. */
static void put_findings(const struct html *h, const struct svg_scale *x, double top, double bottom)
{
	const struct iopf_breakdown *b = h->r->breakdown;

	fprintf(h->out, "<g class=\"found %s\">\n", html_found_class(h));
	for (size_t i = 0; i < b->nr_intervals; i++) {
		const struct iopf_interval *at = &b->intervals[i];
		double middle = svg_at(x, ((double)at->from_ns + (double)at->to_ns) / 2);

		if (!at->findings)
			continue;
		fprintf(h->out, "<g><title>%s found from %s s on</title>",
			units_count(at->findings).s,
			units_moment(at->from_ns, b->opts.interval_ns).s);
		fprintf(h->out, "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/><path d=\"",
			svg_number(middle).s, svg_number(top).s, svg_number(middle).s,
			svg_number(bottom).s);
		svg_point(h->out, 'M', middle - 4, top - 8);
		svg_point(h->out, 'L', middle + 4, top - 8);
		svg_point(h->out, 'L', middle, top - 1);
		html_raw(h, "z\"/></g>\n");
	}
	html_raw(h, "</g>\n");
}

/* One figure of each interval; a line that breaks where there is none. */
static void put_curve(const struct html *h, const struct svg_scale *x, const struct svg_scale *y,
		      enum iopf_stage stage, enum curve curve)
{
	const struct iopf_breakdown *b = h->r->breakdown;
	bool on = false;

	fprintf(h->out, "<path class=\"curve %s\" d=\"", curve_name[curve]);
	for (size_t i = 0; i < b->nr_intervals; i++) {
		const struct iopf_interval *at = &b->intervals[i];
		struct latency l = latency_of(at, stage);

		if (l.known) {
			double level = svg_at(y, (double)value_of(&l, curve));

			svg_point(h->out, on ? 'L' : 'M', svg_at(x, (double)at->from_ns), level);
			svg_point(h->out, 'L', svg_at(x, (double)at->to_ns), level);
		}
		on = l.known;
	}
	fprintf(h->out, "\"><title>%s of %s</title></path>\n", curve_name[curve],
		iopf_stage_name(stage));
}

/* What lies between the median and p99. */
static void put_band(const struct html *h, const struct svg_scale *x, const struct svg_scale *y,
		     enum iopf_stage stage)
{
	const struct iopf_breakdown *b = h->r->breakdown;

	html_raw(h, "<path class=\"band\" d=\"");
	for (size_t i = 0; i < b->nr_intervals; i++) {
		const struct iopf_interval *at = &b->intervals[i];
		struct latency l = latency_of(at, stage);
		double from = svg_at(x, (double)at->from_ns), to = svg_at(x, (double)at->to_ns);

		if (!l.known)
			continue;
		svg_point(h->out, 'M', from, svg_at(y, (double)l.p50));
		svg_point(h->out, 'L', from, svg_at(y, (double)l.p99));
		svg_point(h->out, 'L', to, svg_at(y, (double)l.p99));
		svg_point(h->out, 'L', to, svg_at(y, (double)l.p50));
		putc('z', h->out);
	}
	html_raw(h, "\"/>\n");
}

/* The axis of latency, which panels share: they are compared. False if nothing has a time. */
static bool latency_scale(const struct iopf_breakdown *b, struct svg_scale *y)
{
	uint64_t lo = UINT64_MAX, hi = 0;

	for (size_t i = 0; i < b->nr_intervals; i++) {
		const struct latency both[] = {
			latency_of(&b->intervals[i], IOPF_STAGE_TOTAL),
			latency_of(&b->intervals[i], IOPF_STAGE_SERVICE),
		};

		for (size_t k = 0; k < 2; k++) {
			if (!both[k].known)
				continue;
			lo = both[k].p50 < lo ? both[k].p50 : lo;
			hi = both[k].max > hi ? both[k].max : hi;
		}
	}
	if (lo > hi)
		return false;
	*y = (struct svg_scale){ .lo = lo ? (double)lo : 1, .hi = (double)hi };
	y->lo *= .9; /* lines have a width */
	y->hi *= 1.1;
	if (y->hi < 4 * y->lo)
		y->hi = 4 * y->lo;
	return true;
}

/* One stage over time. */
static void put_panel(const struct html *h, const struct svg_scale *x, const struct svg_scale *y,
		      enum iopf_stage stage, bool last)
{
	bool total = stage == IOPF_STAGE_TOTAL;
	unsigned int state = 0;
	uint64_t ns;

	svg_text(h->out, total ? "name strong" : "name", LEFT, y->to - 10, iopf_stage_name(stage));
	put_time_axis(h, x, y->to, y->from, last);
	while (svg_tick(y, &state, &ns)) {
		double at = svg_at(y, (double)ns);

		svg_line(h->out, "grid", LEFT, at, RIGHT, at);
		svg_text(h->out, "tick end", LEFT - 8, at + 4, svg_round_time(ns, h->opts->unit).s);
	}
	svg_line(h->out, "base", LEFT, y->from, RIGHT, y->from);
	put_findings(h, x, y->to, y->from);
	put_band(h, x, y, stage);
	put_curve(h, x, y, stage, MAX);
	put_curve(h, x, y, stage, P99);
	put_curve(h, x, y, stage, P50);
}

/* What lines and marks stand for: classes, and their names. */
static void put_legend(const struct html *h, const char *const (*entry)[2], size_t nr)
{
	html_raw(h, "<p class=\"legend\" aria-hidden=\"true\">");
	for (size_t i = 0; i < nr; i++)
		fprintf(h->out,
			"<span><svg viewBox=\"0 0 10 10\"><path class=\"%s\" d=\"%s\"/></svg> "
			"%s</span> ",
			entry[i][0],
			strstr(entry[i][0], "curve") ? "M0 5L10 5" : "M0 1L10 1L10 9L0 9z",
			entry[i][1]);
	if (has_findings(h->r->breakdown))
		fprintf(h->out,
			"<span class=\"found %s\"><svg viewBox=\"0 0 10 10\"><path "
			"d=\"M1 1L9 1L5 9z\"/></svg> findings</span>",
			html_found_class(h));
	html_raw(h, "</p>\n");
}

/* How wide intervals are, exactly: as -i takes it. */
static struct units_text width(const struct iopf_breakdown *b)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };
	struct units_text text;
	unsigned int i = 0;

	while (i < 3 && b->opts.interval_ns % units[i].ns)
		i++;
	snprintf(text.s, sizeof(text.s), "%" PRIu64 "%s", b->opts.interval_ns / units[i].ns,
		 units[i].name);
	return text;
}

/* How many intervals there are. */
static void say_width(struct sentence *s, const struct iopf_breakdown *b)
{
	sentence_add(s, "%s intervals of %s.", units_count(b->nr_intervals).s, width(b).s);
}

/* Where findings were made, in words. */
static void say_findings(struct sentence *s, const struct iopf_breakdown *b)
{
	const struct iopf_interval *first = NULL;
	size_t nr = 0;

	for (size_t i = 0; i < b->nr_intervals; i++) {
		if (!b->intervals[i].findings)
			continue;
		nr++;
		first = first ? first : &b->intervals[i];
	}
	if (first)
		sentence_add(s, " Findings were made in %s of them, first in that from %s s on.",
			     units_count(nr).s,
			     units_moment(first->from_ns, b->opts.interval_ns).s);
}

/* How one stage went, in words. */
static void say_stage(struct sentence *s, const struct html *h, enum iopf_stage stage)
{
	const struct iopf_breakdown *b = h->r->breakdown;
	uint64_t least = UINT64_MAX, most = 0, slowest = 0, slowest_at = 0;

	for (size_t i = 0; i < b->nr_intervals; i++) {
		struct latency l = latency_of(&b->intervals[i], stage);

		if (!l.known)
			continue;
		least = l.p50 < least ? l.p50 : least;
		most = l.p50 > most ? l.p50 : most;
		if (l.max > slowest) {
			slowest = l.max;
			slowest_at = b->intervals[i].from_ns;
		}
	}
	if (least > most)
		return;
	sentence_add(s, " %s: medians of intervals from %s", iopf_stage_name(stage),
		     units_duration(least, h->opts->unit).s);
	sentence_add(s, " to %s, the slowest group %s, in the interval from %s s on.",
		     units_duration(most, h->opts->unit).s,
		     units_duration(slowest, h->opts->unit).s,
		     units_moment(slowest_at, b->opts.interval_ns).s);
}

/* How long groups took. */
static void put_latency(const struct html *h, const struct svg_scale *x)
{
	static const char *const legend[][2] = {
		{ "curve p50", "median" },
		{ "band", "up to p99" },
		{ "curve p99", "p99" },
		{ "curve max", "max" },
	};
	struct sentence words = { "", 0 };
	struct svg_scale y;

	if (!latency_scale(h->r->breakdown, &y))
		return;
	say_width(&words, h->r->breakdown);
	say_stage(&words, h, IOPF_STAGE_TOTAL);
	say_stage(&words, h, IOPF_STAGE_SERVICE);
	say_findings(&words, h->r->breakdown);
	html_figure(h, "latency-over-time", "How long groups took, by when they were answered",
		    words.s, TOP + 2 * PANEL_HEIGHT + PANEL_GAP + AXIS_HEIGHT);
	y.to = TOP;
	y.from = y.to + PANEL_HEIGHT;
	put_panel(h, x, &y, IOPF_STAGE_TOTAL, false);
	y.to = y.from + PANEL_GAP;
	y.from = y.to + PANEL_HEIGHT;
	put_panel(h, x, &y, IOPF_STAGE_SERVICE, true);
	html_raw(h, "</svg></div>\n");
	put_legend(h, legend, 4);
	fprintf(h->out,
		"<p class=\"aside\">Intervals of %s. A group counts when it is answered; the area "
		"between the median and p99 is filled. Both stages have the same axis.</p>\n"
		"</figure>\n",
		width(h->r->breakdown).s);
}

/* The most there is of what is drawn of queues. */
static uint64_t most_waiting(const struct iopf_breakdown *b)
{
	uint64_t most = 1;

	for (size_t i = 0; i < b->nr_intervals; i++) {
		const struct iopf_interval *at = &b->intervals[i];

		most = at->queue_max > most ? at->queue_max : most;
		most = at->outstanding > most ? at->outstanding : most;
	}
	return most;
}

/* Most in queues at one time, by interval. */
static void put_queues(const struct html *h, const struct svg_scale *x, const struct svg_scale *y)
{
	const struct iopf_breakdown *b = h->r->breakdown;

	html_raw(h, "<path class=\"area\" d=\"");
	svg_point(h->out, 'M', LEFT, y->from);
	for (size_t i = 0; i < b->nr_intervals; i++) {
		const struct iopf_interval *at = &b->intervals[i];
		double level = svg_at(y, (double)at->queue_max);

		svg_point(h->out, 'L', svg_at(x, (double)at->from_ns), level);
		svg_point(h->out, 'L', svg_at(x, (double)at->to_ns), level);
	}
	svg_point(h->out, 'L', RIGHT, y->from);
	html_raw(h, "z\"><title>most in queues</title></path>\n");
}

/* Outstanding groups: known at the ends of intervals. */
static void put_outstanding(const struct html *h, const struct svg_scale *x,
			    const struct svg_scale *y)
{
	const struct iopf_breakdown *b = h->r->breakdown;

	html_raw(h, "<path class=\"curve p50\" d=\"");
	for (size_t i = 0; i < b->nr_intervals; i++)
		svg_point(h->out, i ? 'L' : 'M', svg_at(x, (double)b->intervals[i].to_ns),
			  svg_at(y, (double)b->intervals[i].outstanding));
	html_raw(h, "\"><title>outstanding at the end of an interval</title></path>\n");
}

/* How much waited, in words. */
static void say_queues(struct sentence *s, const struct iopf_breakdown *b)
{
	const struct iopf_interval *queue = b->intervals, *outstanding = b->intervals;

	for (size_t i = 1; i < b->nr_intervals; i++) {
		const struct iopf_interval *at = &b->intervals[i];

		queue = at->queue_max > queue->queue_max ? at : queue;
		outstanding = at->outstanding > outstanding->outstanding ? at : outstanding;
	}
	sentence_add(s, " Most in queues at one time: %s, in the interval from %s s on.",
		     units_count(queue->queue_max).s,
		     units_moment(queue->from_ns, b->opts.interval_ns).s);
	sentence_add(s, " Most outstanding at the end of one: %s, in that from %s s on.",
		     units_count(outstanding->outstanding).s,
		     units_moment(outstanding->from_ns, b->opts.interval_ns).s);
}

/* How many groups waited. */
static void put_depth(const struct html *h, const struct svg_scale *x)
{
	static const char *const legend[][2] = {
		{ "area", "in queues: the most at one time" },
		{ "curve p50", "outstanding: at the end of the interval" },
	};
	const struct iopf_breakdown *b = h->r->breakdown;
	uint64_t most = most_waiting(b), step = svg_step(most, TICKS_Y);
	struct svg_scale y = { 0, (double)most * 1.05, TOP + PANEL_HEIGHT, TOP, true };
	struct sentence words = { "", 0 };

	say_width(&words, h->r->breakdown);
	say_queues(&words, b);
	say_findings(&words, b);
	html_figure(h, "queue-over-time", "How many groups waited", words.s,
		    TOP + PANEL_HEIGHT + AXIS_HEIGHT);
	put_time_axis(h, x, y.to, y.from, true);
	for (uint64_t n = 0; n <= most; n += step) {
		double at = svg_at(&y, (double)n);

		svg_line(h->out, n ? "grid" : "base", LEFT, at, RIGHT, at);
		svg_text(h->out, "tick end", LEFT - 8, at + 4, units_count(n).s);
		if (n > UINT64_MAX - step)
			break;
	}
	put_queues(h, x, &y);
	put_findings(h, x, y.to, y.from); /* over the area, which would hide them */
	put_outstanding(h, x, &y);
	html_raw(h, "</svg></div>\n");
	put_legend(h, legend, 2);
	html_raw(h,
		 "<p class=\"aside\">In queues: not read yet. Outstanding: not answered yet.</p>\n"
		 "</figure>\n");
}

void html_series_plots(const struct html *h)
{
	struct svg_scale x = time_scale(h->r->breakdown);

	put_latency(h, &x);
	put_depth(h, &x);
}
