// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What comes first: the verdict, why, and the run in one line. */
#include <inttypes.h>

#define OUTPUT_HTML_PRIVATE
#include "doubts.h"
#include "empty.h"
#include "html_private.h"
#include "verdict.h"

const char *html_verdict_class(const struct iopf_report *r)
{
	if (r->verdict == IOPF_VIOLATION || verdict_failing(r))
		return "fail";
	return r->verdict == IOPF_INCONCLUSIVE ? "doubt" : "pass";
}

/* A sign for those who do not see the colour; the word beside it says the same. */
static void put_sign(const struct html *h)
{
	bool failed = h->r->verdict == IOPF_VIOLATION || verdict_failing(h->r);

	html_raw(h, "<svg class=\"sign\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">");
	if (failed)
		html_raw(h, "<path d=\"M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9z\"/>"
			    "<path class=\"stroke\" d=\"M8 8l8 8M16 8l-8 8\"/>");
	else if (h->r->verdict == IOPF_INCONCLUSIVE)
		html_raw(h, "<path d=\"M12 1.5L23.5 22H.5z\"/>"
			    "<path class=\"stroke\" d=\"M12 9v6M12 18v1.2\"/>");
	else
		html_raw(h, "<circle cx=\"12\" cy=\"12\" r=\"11\"/>"
			    "<path class=\"stroke\" d=\"M6.5 12.5l3.8 3.8 7.2-8\"/>");
	html_raw(h, "</svg>");
}

/* All that keeps the run from saying more, with what to do about it. */
static void put_doubts(const struct html *h)
{
	enum iopf_doubt doubt;
	unsigned int i = 0;
	bool any = false;

	while ((doubt = doubts_next(h->r, &i)) != IOPF_DOUBTS) {
		struct sentence s = { "", 0 };

		if (!any)
			html_raw(h,
				 "<div class=\"doubts\">\n<p><strong>In doubt, because</strong></p>"
				 "\n<ul>\n");
		any = true;
		doubt_say(&s, h->r, doubt);
		fprintf(h->out, "<li data-doubt=\"%s\">", names_doubt(doubt));
		html_say(h, "%s", s.s);
		html_raw(h, "</li>\n");
	}
	if (any)
		html_raw(h, "</ul>\n</div>\n");
	else if (h->r->verdict == IOPF_INCONCLUSIVE)
		html_raw(h, "<p>the reason was not recorded</p>\n");
}

/* What decided it comes first. */
static void put_reasons(const struct html *h)
{
	const struct iopf_report *r = h->r;
	struct sentence rules = { "", 0 }, assertions = { "", 0 }, seen = { "", 0 };
	struct sentence loss = { "", 0 }, exit = { "", 0 };

	if (r->judged)
		verdict_say_rules(&rules, r);
	else if (r->verdict == IOPF_VIOLATION)
		sentence_add(&rules, "a rule of the protocol was broken");
	verdict_say_assertions(&assertions, r);
	if (r->judged)
		verdict_say_loss(&loss, r);
	verdict_say_seen(&seen, r);
	html_raw(h, "<div class=\"reasons\">\n");
	html_lines(h, "p", &loss);
	if (r->verdict == IOPF_INCONCLUSIVE)
		put_doubts(h);
	if (r->verdict == IOPF_VIOLATION)
		html_lines(h, "p", &rules);
	html_lines(h, "p", &assertions);
	if (r->verdict != IOPF_INCONCLUSIVE)
		put_doubts(h);
	if (r->verdict != IOPF_VIOLATION)
		html_lines(h, "p", &rules);
	html_lines(h, "p", &seen);
	verdict_say_exit(&exit, r);
	html_lines(h, "p", &exit);
	html_raw(h, "</div>\n");
}

/* The run in one line. */
static void put_summary(const struct html *h)
{
	const struct iopf_report *r = h->r;
	uint64_t groups = r->groups.enqueued, pages = r->groups.pages;

	html_raw(h, "<p class=\"summary\"><span>");
	html_count(h, "b", groups, html_key("groups/enqueued"));
	html_raw(h, groups == 1 ? " group" : " groups");
	if (!empty_is(r)) {
		html_raw(h, " (");
		html_count(h, "b", pages, html_key("groups/pages"));
		html_raw(h, pages == 1 ? " page)" : " pages)");
	}
	fprintf(h->out,
		" in <b class=\"n\" data-key=\"duration_ns\" data-value=\"%" PRIu64
		"\" title=\"%s ns\">%s</b></span> <span>",
		r->duration_ns, units_count(r->duration_ns).s, units_elapsed(r->duration_ns).s);
	html_count(h, "b", r->nr_objects, HTML_NO_KEY);
	html_raw(h, r->nr_objects == 1 ? " fault object</span> <span>" :
					 " fault objects</span> <span>");
	html_count(h, "b", r->nr_devices, HTML_NO_KEY);
	html_raw(h, r->nr_devices == 1 ? " device</span> <span>" : " devices</span> <span>");
	html_count(h, "b", r->lost.events, html_key("lost/events"));
	html_raw(h, " lost</span></p>\n");
}

void html_verdict(const struct html *h)
{
	const char *because = iopf_because_name(h->r->exit_because);

	fprintf(h->out, "<div id=\"verdict\" class=\"verdict %s\">\n<h1>",
		html_verdict_class(h->r));
	put_sign(h);
	fprintf(h->out,
		"<span id=\"word\" data-key=\"verdict\" data-value=\"%s\">%s</span> "
		"<small>exit code <b data-key=\"exit_code\" data-value=\"%d\">%d</b>",
		iopf_verdict_name(h->r->verdict), verdict_word(h->r), h->r->exit_code,
		h->r->exit_code);
	if (because)
		fprintf(h->out, ": <span data-key=\"exit_because\" data-value=\"%s\">%s</span>",
			because, because);
	html_raw(h, "</small></h1>\n");
	put_reasons(h);
	put_summary(h);
	html_raw(h, "</div>\n");
}
