// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What is counted: groups, answers, calls, and what was not seen. */
#define OUTPUT_HTML_PRIVATE
#include "html_private.h"

/* A small table of counts; several stand side by side. */
static void begin_counts(const struct html *h, const char *caption)
{
	fprintf(h->out, "<table class=\"counts\">\n<caption>%s</caption>\n<tbody>\n", caption);
}

static void end_counts(const struct html *h)
{
	html_raw(h, "</tbody></table>\n");
}

/* One line. */
static void put_count(const struct html *h, const char *name, uint64_t n, const char *key)
{
	fprintf(h->out, "<tr%s><th scope=\"row\">%s</th>", n ? "" : " class=\"none\"", name);
	html_count(h, "td", n, html_key("%s", key));
	html_raw(h, "</tr>\n");
}

/* What became of the groups. */
static void put_groups(const struct html *h)
{
	const struct iopf_report *r = h->r;

	begin_counts(h, "Groups");
	put_count(h, "reported by drivers", r->groups.reported, "groups/reported");
	put_count(h, "queued on a fault object", r->groups.enqueued, "groups/enqueued");
	put_count(h, "delivered by a read", r->groups.delivered, "groups/delivered");
	put_count(h, "outstanding at the end", r->groups.outstanding, "groups/outstanding");
	put_count(h, "outstanding at most", r->groups.outstanding_max, "groups/outstanding_max");
	put_count(h, "from before tracing", r->groups.adopted, "groups/adopted");
	put_count(h, "not wholly seen", r->groups.unknown, "groups/unknown");
	put_count(h, "partial requests", r->groups.partial, "groups/partial");
	put_count(h, "requests that ended in an error", r->groups.refused, "groups/refused");
	end_counts(h);
}

/* Who answered. */
static void put_responders(const struct html *h)
{
	static const char *const words[IOPF_RESPONDERS] = {
		[IOPF_BY_NOBODY] = "nobody",
		[IOPF_BY_USER] = "user space",
		[IOPF_BY_DETACH] = "kernel, at detach",
		[IOPF_BY_DESTROY] = "kernel, at destruction",
		[IOPF_BY_QREMOVE] = "kernel, at queue removal",
		[IOPF_BY_ABORT] = "kernel, handler refused it",
		[IOPF_BY_UNKNOWN] = "kernel, not seen where",
	};
	unsigned int by;

	begin_counts(h, "Answered by");
	for (by = IOPF_BY_USER; by < IOPF_RESPONDERS; by++)
		put_count(h, words[by], h->r->groups.answered_by[by],
			  html_key("groups/answered_by/%s",
				   iopf_responder_name((enum iopf_responder)by))
				  .s);
	end_counts(h);
}

/* With what. */
static void put_codes(const struct html *h)
{
	const struct iopf_report *r = h->r;

	begin_counts(h, "Answered with");
	put_count(h, "success", r->responses.success, "responses/success");
	put_count(h, "invalid", r->responses.invalid, "responses/invalid");
	put_count(h, "failure", r->responses.failure, "responses/failure");
	put_count(h, "refused by the kernel", r->responses.rejected, "responses/rejected");
	end_counts(h);
}

/* On fault FDs. */
static void put_calls(const struct html *h)
{
	const struct iopf_report *r = h->r;

	begin_counts(h, "Calls on fault FDs");
	put_count(h, "reads", r->calls.reads, "calls/reads");
	put_count(h, "empty reads", r->calls.empty_reads, "calls/empty_reads");
	put_count(h, "failed reads", r->calls.failed_reads, "calls/failed_reads");
	put_count(h, "writes", r->calls.writes, "calls/writes");
	put_count(h, "failed or short writes", r->calls.failed_writes, "calls/failed_writes");
	end_counts(h);
}

void html_answers(const struct html *h)
{
	html_section(h, "answers", "Groups and answers");
	html_raw(h, "<div class=\"side\">\n");
	put_groups(h);
	put_responders(h);
	html_raw(h, "<div class=\"stack\">\n");
	put_codes(h);
	put_calls(h);
	html_raw(h, "</div>\n</div>\n");
	html_section_end(h);
}

/* Events that never arrived. */
static void put_lost(const struct html *h)
{
	const struct iopf_report *r = h->r;
	unsigned int reason;

	begin_counts(h, "Lost");
	put_count(h, "events", r->lost.events, "lost/events");
	for (reason = 0; reason < IOPF_LOST_REASONS; reason++)
		put_count(h, names_lost_words((enum iopf_lost)reason), r->lost.reason[reason],
			  html_key("lost/%s", names_lost((enum iopf_lost)reason)).s);
	if (r->lost.missing)
		put_count(h, "missing from the file", r->lost.missing, "lost/missing_from_file");
	put_count(h, "places", r->lost.gaps, "lost/gaps");
	if (r->lost.gaps && r->lost.first_gap_ns && r->lost.first_gap_ns >= r->start_ns) {
		html_raw(h, "<tr><th scope=\"row\">first after</th>");
		html_time(h, "td", true, r->lost.first_gap_ns - r->start_ns,
			  html_key("lost/first_gap_after_ns"));
		html_raw(h, "</tr>\n");
	}
	end_counts(h);
}

/* Probes that did not run. */
static void put_misses(const struct html *h)
{
	begin_counts(h, "Skipped probe runs");
	put_count(h, "all", h->r->lost.probe_misses, "lost/probe_misses");
	put_count(h, "of them made good", h->r->lost.made_good, "lost/probe_misses_made_good");
	end_counts(h);
}

/* What was not of the scope. */
static void put_others(const struct html *h)
{
	begin_counts(h, "Out of scope");
	put_count(h, "fault objects", h->r->out_of_scope.objects, "out_of_scope/objects");
	put_count(h, "groups", h->r->out_of_scope.groups, "out_of_scope/groups");
	put_count(h, "events", h->r->out_of_scope.events, "out_of_scope/events");
	end_counts(h);
}

void html_losses(const struct html *h)
{
	html_section(h, "losses", "What was not seen");
	html_raw(h, "<div class=\"side\">\n");
	put_lost(h);
	put_misses(h);
	put_others(h);
	html_raw(h, "</div>\n");
	html_section_end(h);
}
