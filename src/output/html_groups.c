// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Groups one by one: the slowest, with what became of their time, and those that still wait. */
#include <inttypes.h>

#define OUTPUT_HTML_PRIVATE
#include "html_private.h"

/* Units of a bar. */
#define BAR 1000

/* The time of the slowest that is shown: the length of all bars is relative to it. */
static uint64_t longest(const struct html *h, size_t nr)
{
	uint64_t most = 1;
	size_t i;

	for (i = 0; i < nr; i++) {
		uint64_t ns = h->r->slowest[i].stage_ns[IOPF_STAGE_TOTAL];

		most = ns != HTML_UNKNOWN && ns > most ? ns : most;
	}
	return most;
}

/* The stages of a group as parts of a bar. */
static void put_bar(const struct html *h, const struct iopf_group_view *g, uint64_t most)
{
	unsigned __int128 before = 0;
	unsigned int stage;

	fprintf(h->out,
		"<td class=\"lane\"><svg viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\" "
		"aria-hidden=\"true\">",
		BAR);
	for (stage = 0; stage < IOPF_STAGE_TOTAL; stage++) {
		uint64_t ns = g->stage_ns[stage];
		unsigned int from, to;

		if (ns == HTML_UNKNOWN)
			continue;
		from = before < most ? (unsigned int)(before * BAR / most) : BAR;
		before += ns;
		to = before < most ? (unsigned int)(before * BAR / most) : BAR;
		if (to > from)
			fprintf(h->out, "<rect class=\"%s\" x=\"%u\" width=\"%u\" height=\"10\"/>",
				iopf_stage_name((enum iopf_stage)stage), from, to - from);
	}
	html_raw(h, "</svg></td>");
}

/* The cells that say which group it is: by the number that 'explain' takes, and by the device's. */
static void put_name(const struct html *h, const struct iopf_group_view *g)
{
	html_raw(h, "<td>");
	html_device(h, g->device, g->dev_id);
	if (g->flags & IOPF_PRQ_PASID_VALID)
		fprintf(h->out, "</td><td class=\"n\">%" PRIu32 "</td>", g->pasid);
	else
		html_raw(h, "</td><td class=\"n\">-</td>");
	fprintf(h->out, "<td class=\"n\">%" PRIu64 "</td><td class=\"n\">%" PRIu32 "</td>", g->seq,
		g->grpid);
	fprintf(h->out, "<td><code>0x%" PRIx64 "</code> %s", g->addr, names_perm(g->perm).s);
	if (g->pages > 1)
		fprintf(h->out, " <small>%s pages</small>", units_count(g->pages).s);
	html_raw(h, "</td>");
}

/* Who read it, and who answered it. */
static void put_tasks(const struct html *h, const struct iopf_group_view *g)
{
	html_raw(h, "<td class=\"task\">");
	if (g->reader_tid)
		html_task(h, g->reader, g->reader_tid);
	else
		html_raw(h, "-");
	html_raw(h, "</td><td class=\"task\">");
	if (g->by == IOPF_BY_USER && g->writer_tid)
		html_task(h, g->writer, g->writer_tid);
	else if (g->by == IOPF_BY_NOBODY)
		html_raw(h, "-");
	else
		html_raw(h, iopf_responder_name(g->by));
	html_raw(h, "</td>");
}

/* What the parts of the bars are. */
static void put_legend(const struct html *h)
{
	unsigned int stage;

	html_raw(h, "<p class=\"legend\" aria-hidden=\"true\">");
	for (stage = 0; stage < IOPF_STAGE_TOTAL; stage++)
		fprintf(h->out,
			"<span><svg viewBox=\"0 0 10 10\"><rect class=\"%s\" width=\"10\" "
			"height=\"10\"/></svg> %s</span> ",
			iopf_stage_name((enum iopf_stage)stage),
			iopf_stage_name((enum iopf_stage)stage));
	html_raw(h, "</p>\n");
}

void html_slowest(const struct html *h)
{
	size_t nr = h->r->nr_slowest < h->opts->slowest ? h->r->nr_slowest : h->opts->slowest;
	uint64_t most = longest(h, nr);
	unsigned int stage;
	size_t i;

	if (!nr)
		return;
	html_section(h, "slowest", "Slowest groups");
	put_legend(h);
	html_table(h, "groups", "The slowest groups, and where their time went",
		   ">total|stages|>route|>wait|>service|>ack|device|>pasid|>group|>grpid|address|"
		   "read by|answered by");
	for (i = 0; i < nr; i++) {
		const struct iopf_group_view *g = &h->r->slowest[i];
		uint64_t total = g->stage_ns[IOPF_STAGE_TOTAL];

		html_raw(h, "<tr>");
		html_time(h, "td", total != HTML_UNKNOWN, total,
			  html_key("slowest/%zu/stages_ns/total", i));
		put_bar(h, g, most);
		for (stage = 0; stage < IOPF_STAGE_TOTAL; stage++)
			html_time(h, "td", g->stage_ns[stage] != HTML_UNKNOWN, g->stage_ns[stage],
				  html_key("slowest/%zu/stages_ns/%s", i,
					   iopf_stage_name((enum iopf_stage)stage)));
		put_name(h, g);
		put_tasks(h, g);
		html_raw(h, "</tr>\n");
	}
	html_table_end(h);
	html_section_end(h);
}

/* How long ago something was at the end of the run, as a cell. */
static void put_age(const struct html *h, uint64_t at_ns)
{
	bool known = at_ns && at_ns <= h->r->end_ns;

	html_time(h, "td", known, h->r->end_ns - at_ns, HTML_NO_KEY);
}

void html_waiting(const struct html *h)
{
	const struct iopf_report *r = h->r;
	size_t i;

	if (!r->nr_waiting)
		return;
	html_section(h, "waiting", "Still waiting");
	html_table(h, "groups", "Groups without an answer when the run ended, oldest first",
		   ">waits for|device|>pasid|>group|>grpid|address|read by|>has it for");
	for (i = 0; i < r->nr_waiting; i++) {
		const struct iopf_group_view *g = &r->waiting[i];
		uint64_t from = g->at_ns[IOPF_AT_REPORT];

		html_raw(h, "<tr>");
		put_age(h, from ? from : g->at_ns[IOPF_AT_QUEUE]);
		put_name(h, g);
		html_raw(h, "<td class=\"task\">");
		if (g->reader_tid)
			html_task(h, g->reader, g->reader_tid);
		else
			html_raw(h, g->cookie || g->cookie_zero || g->at_ns[IOPF_AT_DELIVER] ?
					    "not seen by whom" :
					    "not read yet");
		html_raw(h, "</td>");
		put_age(h, g->at_ns[IOPF_AT_DELIVER]);
		html_raw(h, "</tr>\n");
	}
	html_table_end(h);
	if (r->groups.outstanding > r->nr_waiting) {
		html_raw(h, "<p class=\"aside\">");
		html_say(h, "and %s more", units_count(r->groups.outstanding - r->nr_waiting).s);
		html_raw(h, "</p>\n");
	}
	html_section_end(h);
}
