// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The report as one HTML file that needs nothing else: no network, no scripts. The policy in its head
 * says so to the browser, too: were a name from outside ever taken for markup, it could do nothing.
 */
#include <inttypes.h>
#include <time.h>

#define OUTPUT_HTML_PRIVATE
#include "empty.h"
#include "html_private.h"
#include "verdict.h"

/* What a reader, a browser and a printer want to know first. */
static void put_head(const struct html *h)
{
	html_raw(h, "<!DOCTYPE html>\n"
		    "<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n"
		    "<meta charset=\"utf-8\"/>\n"
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
		    "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
		    "<meta http-equiv=\"Content-Security-Policy\" "
		    "content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
		    "<meta name=\"generator\" content=\"iopftrace\"/>\n");
	fprintf(h->out, "<title>%s: I/O page faults</title>\n<style>\n", verdict_word(h->r));
	html_raw(h, html_style);
	html_raw(h, "</style>\n</head>\n");
}

/* Where, when and with what; nothing of this host when that is not wanted. */
static void put_origin(const struct html *h)
{
	time_t when = (time_t)(h->r->start_realtime_ns / 1000000000);
	char stamp[40];
	struct tm tm;

	html_raw(h, "<p class=\"origin\">iopftrace report");
	if (!h->opts->deterministic && h->r->kernel && *h->r->kernel) {
		html_raw(h, " <span>kernel ");
		html_outside(h, h->r->kernel, "?");
		html_raw(h, "</span>");
	}
	if (!h->opts->deterministic && when && gmtime_r(&when, &tm) &&
	    strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S UTC", &tm))
		fprintf(h->out, " <span>%s</span>", stamp);
	html_raw(h, "</p>\n");
}

/* Links to the parts that there are. */
static void put_nav(const struct html *h)
{
	const struct iopf_report *r = h->r;
	bool any = !empty_is(r);
	const struct {
		bool there;
		const char *id, *title;
	} parts[] = {
		{ r->nr_findings > 0, "findings", "Findings" },
		{ r->nr_assertions > 0, "assertions", "Assertions" },
		{ any, "stages", "Stages" },
		{ any && html_has_series(r), "series", "Over time" },
		{ any && r->nr_slowest && h->opts->slowest, "slowest", "Slowest" },
		{ any && r->nr_waiting, "waiting", "Waiting" },
		{ true, "answers", "Answers" },
		{ true, "losses", "Losses" },
		{ true, "places", "Devices" },
		{ true, "rules", "Rules" },
		{ true, "made", "Made by" },
	};

	html_raw(h, "<nav aria-label=\"Parts of the report\"><ul>\n");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].there)
			fprintf(h->out, "<li><a href=\"#%s\">%s</a></li>\n", parts[i].id,
				parts[i].title);
	html_raw(h, "</ul></nav>\n");
}

/* Questions that may help, instead of tables of nothing. */
static void put_empty(const struct html *h)
{
	struct sentence s = { "", 0 };

	html_section(h, "stages", "Stages");
	html_element(h, "p", "%s", empty_heading(h->r));
	putc('\n', h->out);
	empty_ask(&s, h->r);
	if (s.len) {
		html_raw(h, "<ul class=\"questions\">\n");
		html_lines(h, "li", &s);
		html_raw(h, "</ul>\n");
	}
	html_section_end(h);
}

int output_html(const struct iopf_report *report, const struct output_opts *opts, FILE *out)
{
	const struct html h = { .out = out, .r = report, .opts = opts };

	put_head(&h);
	html_raw(&h, "<body>\n<header>\n");
	put_origin(&h);
	html_verdict(&h);
	put_nav(&h);
	html_raw(&h, "</header>\n<main>\n");
	html_findings(&h);
	html_assertions(&h);
	if (empty_is(report)) {
		put_empty(&h);
	} else {
		html_stages(&h);
		html_series(&h);
		html_slowest(&h);
		html_waiting(&h);
	}
	html_answers(&h);
	html_losses(&h);
	html_places(&h);
	html_rules(&h);
	html_made(&h);
	html_raw(&h, "</main>\n</body>\n</html>\n");
	return output_flush(out);
}
