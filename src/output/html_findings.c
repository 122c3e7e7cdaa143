// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Findings as stories: the rule, the group, what happened to it, whose side it is on. */
#include <inttypes.h>

#define OUTPUT_HTML_PRIVATE
#include "doubts.h"
#include "html_private.h"

/* What a finding is, in a word; the class gives its colour. */
static const char *word_of(const struct iopf_finding *f, const char **class)
{
	bool error = f->severity == IOPF_SEVERITY_ERROR;

	*class = error && !f->unproven		   ? "fail" :
		 f->severity == IOPF_SEVERITY_NOTE ? "note" :
						     "doubt";
	if (f->unproven)
		return "SUSPECTED";
	return error ? "ERROR" : f->severity == IOPF_SEVERITY_WARN ? "WARNING" : "NOTE";
}

/* "ERROR IOPF003 stray-response, 3 times, blame: user space" */
static void put_heading(const struct html *h, const struct iopf_finding *f, size_t i)
{
	const char *class, *word = word_of(f, &class);

	fprintf(h->out,
		"<article class=\"finding %s\" id=\"finding-%zu\">\n<h3><b class=\"tag\">%s</b> ",
		class, i, word);
	html_say(h, "%s %s", f->rule->id, f->rule->name);
	html_raw(h, " <small>");
	html_count(h, "span", f->count, html_key("findings/%zu/count", i));
	fprintf(h->out, " %s%s", names_case_is_all(f->rule) ? "group" : "time",
		f->count == 1 ? "" : "s");
	html_say(h, " \xc2\xb7 blame: %s",
		 iopf_blame_name(f->nr_cases ? f->cases[0].blame : IOPF_BLAME_UNKNOWN));
	html_raw(h, "</small></h3>\n");
}

/* A line of the story; the caller says what it is. */
static void begin_line(const struct html *h, const char *label)
{
	fprintf(h->out, "<dt>%s</dt><dd>", label);
}

static void end_line(const struct html *h)
{
	html_raw(h, "</dd>\n");
}

/* A line of words, when there are any. */
static void put_words(const struct html *h, const char *label, const char *words)
{
	if (!words || !*words)
		return;
	begin_line(h, label);
	html_outside(h, words, "");
	end_line(h);
}

/* What others call a group. */
static void put_group(const struct html *h, const struct iopf_group_view *g)
{
	html_raw(h, "<span>");
	fprintf(h->out, "%" PRIu64 "</span>", g->seq);
	if ((g->device && *g->device) || g->dev_id) {
		html_raw(h, " <span>");
		html_device(h, g->device, g->dev_id);
		html_raw(h, "</span>");
	}
	if (g->flags & IOPF_PRQ_PASID_VALID)
		fprintf(h->out, " <span>PASID %" PRIu32 "</span>", g->pasid);
	fprintf(h->out, " <span>grpid %" PRIu32 "</span>", g->grpid);
	if (g->cookie || g->cookie_zero)
		fprintf(h->out, " <span>cookie %" PRIu32 "</span>", g->cookie);
	if (g->object_id)
		fprintf(h->out, " <span>object %" PRIu32 "</span>", g->object_id);
	/* Nobody asks for nothing: of such a group the request was not seen. */
	if (g->addr || g->perm)
		fprintf(h->out, " <span><code>0x%" PRIx64 "</code> %s</span>", g->addr,
			names_perm(g->perm).s);
	if (g->pages > 1)
		fprintf(h->out, " <span>%s pages</span>", units_count(g->pages).s);
}

/* What it is about. */
static void put_subject(const struct html *h, const struct iopf_case *c)
{
	if (c->has_group) {
		html_raw(h, "<dt>group</dt><dd class=\"items\">");
		put_group(h, &c->group);
		end_line(h);
	} else if (c->object_id) {
		begin_line(h, "object");
		fprintf(h->out, "%" PRIu32, c->object_id);
		end_line(h);
	}
}

/* When in the run it was, as an element. */
static void put_when(const struct html *h, const struct iopf_case *c, const char *element,
		     struct html_key key)
{
	bool known = c->time_ns && c->time_ns >= h->r->start_ns;
	uint64_t since = c->time_ns - h->r->start_ns;

	if (known)
		fprintf(h->out,
			"<%s class=\"n\" data-key=\"%s\" data-value=\"%" PRIu64
			"\" title=\"%s ns\">%s</%s>",
			element, key.s, since, units_count(since).s, units_seconds(since).s,
			element);
	else
		fprintf(h->out, "<%s class=\"n\">?</%s>", element, element);
}

/* What was seen, and when. */
static void put_seen(const struct html *h, const struct iopf_case *c, size_t finding)
{
	bool when = c->time_ns && c->time_ns >= h->r->start_ns;
	bool text = c->text && *c->text;

	if (!when && !text)
		return;
	begin_line(h, "seen");
	if (when) {
		put_when(h, c, "span", html_key("findings/%zu/first/time_ns", finding));
		html_raw(h, text ? " into the run: " : " into the run");
	}
	html_outside(h, c->text, "");
	end_line(h);
}

/* The other cases that were kept, on demand. */
static void put_others(const struct html *h, const struct iopf_finding *f, size_t finding)
{
	uint64_t more = f->count - (f->count > 0 && f->nr_cases > 0);
	size_t i;

	if (!more || names_case_is_all(f->rule))
		return;
	if (f->nr_cases < 2) {
		html_raw(h, "<p class=\"aside\">");
		html_say(h, "%s more like this", units_count(more).s);
		html_raw(h, "</p>\n");
		return;
	}
	html_raw(h, "<details><summary>");
	html_say(h, "%s more like this", units_count(more).s);
	if (f->nr_cases - 1 < more)
		html_say(h, ", the first %s of them", units_count(f->nr_cases - 1).s);
	html_raw(h, "</summary>\n");
	html_table(h, "cases", "Further cases", ">group|>when|what was seen");
	for (i = 1; i < f->nr_cases; i++) {
		const struct iopf_case *c = &f->cases[i];

		if (c->has_group)
			fprintf(h->out, "<tr><td class=\"n\">%" PRIu64 "</td>", c->group.seq);
		else
			html_raw(h, "<tr><td class=\"n\">-</td>");
		put_when(h, c, "td", html_key("findings/%zu/cases/%zu/time_ns", finding, i));
		html_raw(h, "<td>");
		html_outside(h, c->text, "-");
		html_raw(h, "</td></tr>\n");
	}
	html_table_end(h);
	html_raw(h, "</details>\n");
}

/* The whole story of one that is a warning at least; of a note what was seen. */
static void put_finding(const struct html *h, const struct iopf_finding *f, size_t i)
{
	const struct iopf_case *c = f->nr_cases ? &f->cases[0] : NULL;
	bool brief = f->severity < IOPF_SEVERITY_WARN;

	put_heading(h, f, i);
	html_raw(h, "<dl class=\"story\">\n");
	if (f->unproven) {
		struct sentence s = { "", 0 };

		sentence_add(&s, "suspected, not proven: ");
		doubt_say_unproven(&s, h->r, f);
		put_words(h, "but", s.s);
	}
	put_words(h, "rule", f->rule->statement);
	if (c) {
		put_subject(h, c);
		put_seen(h, c, i);
		put_words(h, "expected", c->expected);
	}
	html_raw(h, "</dl>\n");
	if (c && !brief)
		html_journey(h, c, f->unproven);
	if (!brief && f->rule->fix) {
		fprintf(h->out, "<p class=\"fix\"><b>%s</b> ",
			f->unproven ? "If proven" : "Likely fix");
		html_outside(h, f->rule->fix, "-");
		html_raw(h, "</p>\n");
	}
	put_others(h, f, i);
	html_raw(h, "</article>\n");
}

void html_findings(const struct html *h)
{
	size_t i;

	if (!h->r->nr_findings)
		return;
	html_section(h, "findings", "Findings");
	for (i = 0; i < h->r->nr_findings; i++)
		put_finding(h, &h->r->findings[i], i);
	html_section_end(h);
}
