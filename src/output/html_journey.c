// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The journey of a group as a table. Beside the times is a lane from the first moment to the last: a
 * call is a bar from its entry to its return, what has no duration a line.
 */
#include <inttypes.h>

#define OUTPUT_HTML_PRIVATE
#include "html_private.h"
#include "journey.h"

/* Units of the lane, and the least that is seen of a bar. */
#define LANE 1000
#define LANE_MIN 8

/* Where a moment is on the lane; 0 when it is before the first. */
static unsigned int lane_at(const struct journey *j, uint64_t ns)
{
	if (ns < j->base || !j->span)
		return 0;
	return (unsigned int)((unsigned __int128)(ns - j->base) * (LANE - LANE_MIN) / j->span);
}

/* The lane of a step; nothing of one that nobody knows the time of. */
static void put_lane(const struct html *h, const struct journey *j, const struct iopf_step *s)
{
	unsigned int to = lane_at(j, s->time_ns);
	unsigned int from = s->enter_ns && s->enter_ns < s->time_ns ? lane_at(j, s->enter_ns) : to;

	html_raw(h, "<td class=\"lane\">");
	if (s->time_ns && j->base)
		fprintf(h->out,
			"<svg viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
			"<rect x=\"%u\" width=\"%u\" height=\"10\"/></svg>",
			LANE, from, to - from + LANE_MIN);
	html_raw(h, "</td>");
}

/* A time as a cell; the exact one, since the first, where the mouse is. */
static void put_moment(const struct html *h, const struct journey *j, uint64_t ns,
		       const char *shown)
{
	if (ns && j->base && ns >= j->base)
		fprintf(h->out, "<td class=\"n\" data-value=\"%" PRIu64 "\" title=\"%s ns\">",
			ns - j->base, units_count(ns - j->base).s);
	else
		html_raw(h, "<td class=\"n\">");
	html_say(h, "%s", shown);
	html_raw(h, "</td>");
}

/* One step. */
static void put_step(const struct html *h, const struct journey *j, size_t i, bool unproven)
{
	const struct iopf_step *s = &j->c->step[i];

	html_raw(h, s->offending ? "<tr class=\"offending\">" : "<tr>");
	put_moment(h, j, s->enter_ns, journey_entered(j, s).s);
	put_moment(h, j, s->kind == IOPF_STEP_CALL ? 0 : s->time_ns, journey_happened(j, s).s);
	html_raw(h, "<td class=\"n\">");
	html_say(h, "%s", journey_after(j, i).s);
	html_raw(h, "</td>");
	put_lane(h, j, s);
	html_raw(h, "<td class=\"task\">");
	if (s->tid || (s->comm && *s->comm))
		html_task(h, s->comm, s->tid);
	html_raw(h, "</td><td>");
	if (s->offending)
		fprintf(h->out, "<b class=\"here\">this %s the rule:</b> ",
			unproven ? "seems to break" : "breaks");
	html_outside(h, s->text, iopf_step_name(s->kind));
	html_raw(h, "</td></tr>\n");
}

/* Says what was left out of a long one. */
static void put_hidden(const struct html *h, size_t hidden)
{
	if (hidden)
		fprintf(h->out, "<tr class=\"hidden\"><td colspan=\"6\">%s more step%s</td></tr>\n",
			units_count(hidden).s, hidden == 1 ? "" : "s");
}

void html_journey(const struct html *h, const struct iopf_case *c, bool unproven)
{
	struct journey j = journey_of(c, h->opts->unit);
	size_t i, hidden = 0;

	if (!c->nr_steps)
		return;
	html_table(h, "journey", "What led to it: times since the first moment",
		   ">entered|>time|>after|timeline|task|what happened");
	for (i = 0; i < c->nr_steps; i++) {
		if (!h->opts->verbose && !journey_is_shown(&j, i)) {
			hidden++;
			continue;
		}
		put_hidden(h, hidden);
		hidden = 0;
		put_step(h, &j, i, unproven);
	}
	put_hidden(h, hidden);
	html_table_end(h);
}
