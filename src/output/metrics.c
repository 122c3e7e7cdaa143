// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "metrics.h"

#include <inttypes.h>
#include <string.h>

#include "metrics_by.h"
#include "names.h"
#include "utf8.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define UNKNOWN UINT64_MAX
#define LABEL_MAX 128
#define NS_PER_S 1000000000ULL

struct metrics {
	FILE *out;
	const struct iopf_report *report;
	const struct output_opts *opts;
	const struct metrics_format *format;
};

/* The counts that have no labels. */
static const struct {
	struct metrics_family family;
	size_t member; /* a uint64_t of the report */
} counts[] = {
#define GAUGE(name, member, help) \
	{ \
		{ "iopftrace_" name, METRICS_GAUGE, NULL, help }, \
			offsetof(struct iopf_report, member) \
	}
#define COUNTER(name, member, help) \
	{ \
		{ "iopftrace_" name, METRICS_COUNTER, NULL, help }, \
			offsetof(struct iopf_report, member) \
	}
	COUNTER("groups_reported", groups.reported,
		"Page request groups whose last request reached the IOMMU core."),
	COUNTER("groups_enqueued", groups.enqueued, "Groups that entered a fault object."),
	COUNTER("groups_delivered", groups.delivered, "Groups that a read of the fault FD gave."),
	GAUGE("groups_outstanding", groups.outstanding, "Groups not answered at the end."),
	GAUGE("groups_outstanding_max", groups.outstanding_max,
	      "Groups waiting for an answer at one time, at most."),
	COUNTER("groups_adopted", groups.adopted, "Groups known only from after they were queued."),
	COUNTER("groups_unknown", groups.unknown,
		"Groups whose life overlaps a loss of events, or whose answer was not seen."),
	COUNTER("pages", groups.pages, "Page requests in the enqueued groups."),
	COUNTER("requests_partial", groups.partial,
		"Page requests that were not the last of a group."),
	COUNTER("requests_refused", groups.refused, "Last page requests that ended in an error."),
	COUNTER("responses_rejected", responses.rejected,
		"Answers of user space that the kernel refused."),
	COUNTER("lost_events", lost.events, "Events that were lost, for whatever reason."),
	COUNTER("probe_misses", lost.probe_misses, "Times that the kernel did not run a probe."),
	COUNTER("probe_misses_made_good", lost.made_good,
		"Of the probe misses, those that nothing is missing from."),
#undef GAUGE
#undef COUNTER
};

static const struct metrics_family build = {
	"iopftrace_build", METRICS_INFO, NULL,
	"The version of iopftrace and the release of the kernel it traced."
};
static const struct metrics_family start = { "iopftrace_start_time_seconds", METRICS_GAUGE,
					     "seconds",
					     "When tracing began, in seconds since 1970." };
static const struct metrics_family duration = { "iopftrace_duration_seconds", METRICS_GAUGE,
						"seconds", "How long was traced." };
static const struct metrics_family running = {
	"iopftrace_running", METRICS_GAUGE, NULL,
	"1 while tracing goes on, when there is no verdict yet; 0 once it has ended."
};
static const struct metrics_family complete = { "iopftrace_complete", METRICS_GAUGE, NULL,
						"1 when everything that happened was seen." };
static const struct metrics_family verdict = { "iopftrace_verdict", METRICS_GAUGE, NULL,
					       "1 for the verdict of the run, 0 for the others." };
static const struct metrics_family exit_code = { "iopftrace_exit_code", METRICS_GAUGE, NULL,
						 "What iopftrace exits with by this report." };
static const struct metrics_family exit_because = {
	"iopftrace_exit_because", METRICS_GAUGE, NULL,
	"1 for where the exit code comes from, 0 for the others."
};
static const struct metrics_family rules = { "iopftrace_rules_checked", METRICS_GAUGE, NULL,
					     "Rules that were judged; 0 when none was to be." };
static const struct metrics_family answered = { "iopftrace_groups_answered", METRICS_COUNTER, NULL,
						"Groups that were answered, by who did it." };
static const struct metrics_family responses = { "iopftrace_responses", METRICS_COUNTER, NULL,
						 "Response codes given, whoever gave them." };
static const struct metrics_family lost = { "iopftrace_lost_events_by_reason", METRICS_COUNTER,
					    NULL, "Events that the kernel side lost, and why." };
static const struct metrics_family findings = { "iopftrace_findings", METRICS_COUNTER, NULL,
						"Findings that are proven, by rule and severity." };
static const struct metrics_family unproven = {
	"iopftrace_unproven_findings", METRICS_COUNTER, NULL,
	"Findings resting on a probe that was missed; they are not in the verdict."
};
static const struct metrics_family negative = {
	"iopftrace_stage_negative", METRICS_COUNTER, NULL,
	"Times in a stage that were below 0, which are counted as 0."
};
static const struct metrics_family stages = { "iopftrace_stage_seconds", METRICS_HISTOGRAM,
					      "seconds",
					      "Time that page request groups spent in a stage." };

/*
 * Upper edges of the buckets, 2^-20 to 2^3 s, as both formats want them written. Powers of two are
 * also edges of Prometheus' native histograms, whatever their resolution: what is stored today can be
 * converted without loss.
 */
static const char *const edges[] = {
	"9.5367431640625e-07",
	"1.9073486328125e-06",
	"3.814697265625e-06",
	"7.62939453125e-06",
	"1.52587890625e-05",
	"3.0517578125e-05",
	"6.103515625e-05",
	"0.0001220703125",
	"0.000244140625",
	"0.00048828125",
	"0.0009765625",
	"0.001953125",
	"0.00390625",
	"0.0078125",
	"0.015625",
	"0.03125",
	"0.0625",
	"0.125",
	"0.25",
	"0.5",
	"1.0",
	"2.0",
	"4.0",
	"8.0",
};

#define EDGES ARRAY_SIZE(edges)

/*
 * The edge in nanoseconds, rounded down, which is the last that is in the bucket.
 *
 * It lies inside a bucket of the report's histogram, always at the same place of it: 8 s are 119.2
 * times 2^26 ns, so 0.2 of the way from its lower edge to its upper one. Its values are taken as its
 * middle, which is above: so no value is counted in a bucket that it is too large for, and one that
 * is counted in the next is at most 0.2/119, that is 0.17 %, below the edge. From the largest value
 * on, all are counted.
 */
static uint64_t edge_ns(unsigned int edge)
{
	return 8 * NS_PER_S >> (EDGES - 1 - edge);
}

const char *metrics_edge(unsigned int edge, uint64_t *up_to)
{
	if (edge >= EDGES)
		return NULL;
	*up_to = edge_ns(edge);
	return edges[edge];
}

const char *metrics_suffix(enum metrics_type type)
{
	static const char *const suffixes[] = {
		[METRICS_GAUGE] = "",
		[METRICS_COUNTER] = "_total",
		[METRICS_INFO] = "_info",
		[METRICS_HISTOGRAM] = "",
	};

	return suffixes[type];
}

void metrics_label(FILE *out, const char *name, const char *value, size_t max)
{
	size_t len = value ? strlen(value) : 0, n;
	uint32_t cp;

	fprintf(out, "%s=\"", name);
	for (; len > 0 && max > 0; value += n, len -= n, max--) {
		n = utf8_decode(value, len, &cp);
		if (n && cp == '\n')
			fputs("\\n", out);
		else if (!n || cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 ||
			 cp == 0x2029)
			fputs("\xef\xbf\xbd", out); /* U+FFFD */
		else
			fprintf(out, "%s%.*s", cp == '"' || cp == '\\' ? "\\" : "", (int)n, value);
		n += !n;
	}
	putc('"', out);
}

void metrics_seconds(FILE *out, unsigned __int128 ns)
{
	fprintf(out, "%" PRIu64 ".%09" PRIu64, (uint64_t)(ns / NS_PER_S),
		(uint64_t)(ns % NS_PER_S));
}

/* A sample of a family that has a label. */
static void put_labelled(struct metrics *m, const struct metrics_family *f, const char *label,
			 const char *value, uint64_t n)
{
	fprintf(m->out, "%s%s{", f->name, metrics_suffix(f->type));
	metrics_label(m->out, label, value, LABEL_MAX);
	fprintf(m->out, "} %" PRIu64 "\n", n);
}

/* A family that is one number. */
static void put_count(struct metrics *m, const struct metrics_family *f, uint64_t n)
{
	m->format->describe(m->out, f);
	fprintf(m->out, "%s%s %" PRIu64 "\n", f->name, metrics_suffix(f->type), n);
}

/* A family that is one time. */
static void put_time(struct metrics *m, const struct metrics_family *f, uint64_t ns)
{
	m->format->describe(m->out, f);
	fprintf(m->out, "%s ", f->name);
	metrics_seconds(m->out, ns);
	putc('\n', m->out);
}

/* How it ended. */
static void put_verdict(struct metrics *m)
{
	const struct iopf_report *r = m->report;
	unsigned int v, b;

	m->format->describe(m->out, &verdict);
	for (v = IOPF_PASS; v <= IOPF_INCONCLUSIVE; v++)
		put_labelled(m, &verdict, "verdict", iopf_verdict_name((enum iopf_verdict)v),
			     r->verdict == v);
	put_count(m, &exit_code, (uint64_t)r->exit_code);
	m->format->describe(m->out, &exit_because);
	for (b = 0; b < IOPF_BECAUSE_ERROR; b++)
		put_labelled(m, &exit_because, "because", iopf_because_name((enum iopf_because)b),
			     r->exit_because == b);
	put_count(m, &rules, r->judged ? r->rules_checked : 0);
}

/* What this was. */
static void put_run(struct metrics *m)
{
	const struct iopf_report *r = m->report;
	bool host = !m->opts->deterministic;

	m->format->describe(m->out, &build);
	fprintf(m->out, "%s%s{", build.name, metrics_suffix(build.type));
	metrics_label(m->out, "version", host ? r->version : NULL, LABEL_MAX);
	putc(',', m->out);
	metrics_label(m->out, "kernel", host ? r->kernel : NULL, LABEL_MAX);
	fputs("} 1\n", m->out);
	if (host && r->start_realtime_ns)
		put_time(m, &start, r->start_realtime_ns);
	put_time(m, &duration, r->duration_ns);
	put_count(m, &running, r->running);
	put_count(m, &complete, r->complete);
}

/* The counts, with labels and without. */
static void put_counts(struct metrics *m)
{
	const struct iopf_report *r = m->report;
	unsigned int i;
	size_t c;

	for (c = 0; c < ARRAY_SIZE(counts); c++) {
		uint64_t n;

		memcpy(&n, (const char *)r + counts[c].member, sizeof(n));
		put_count(m, &counts[c].family, n);
	}
	m->format->describe(m->out, &answered);
	for (i = 0; i < IOPF_RESPONDERS; i++)
		if (i != IOPF_BY_NOBODY)
			put_labelled(m, &answered, "responder",
				     iopf_responder_name((enum iopf_responder)i),
				     r->groups.answered_by[i]);
	m->format->describe(m->out, &responses);
	put_labelled(m, &responses, "code", "success", r->responses.success);
	put_labelled(m, &responses, "code", "invalid", r->responses.invalid);
	put_labelled(m, &responses, "code", "failure", r->responses.failure);
	m->format->describe(m->out, &lost);
	for (i = 0; i < IOPF_LOST_REASONS; i++)
		put_labelled(m, &lost, "reason", names_lost((enum iopf_lost)i), r->lost.reason[i]);
}

/* The findings that are proven, or those that are not. */
static void put_findings(struct metrics *m, const struct metrics_family *f, bool is_unproven)
{
	const struct iopf_report *r = m->report;
	size_t i;

	m->format->describe(m->out, f);
	for (i = 0; i < r->nr_findings; i++) {
		if (r->findings[i].unproven != is_unproven)
			continue;
		fprintf(m->out, "%s%s{", f->name, metrics_suffix(f->type));
		metrics_label(m->out, "rule", r->findings[i].rule->id, LABEL_MAX);
		putc(',', m->out);
		metrics_label(m->out, "severity", iopf_severity_name(r->findings[i].severity),
			      LABEL_MAX);
		fprintf(m->out, "} %" PRIu64 "\n", r->findings[i].count);
	}
}

/* The slowest of the groups that are shown and that took @from to @up_to; or NULL. */
static const struct iopf_group_view *slowest_in(const struct metrics *m, uint64_t from,
						uint64_t up_to)
{
	const struct iopf_group_view *slowest = NULL;
	size_t i;

	for (i = 0; i < m->report->nr_slowest && i < m->opts->slowest; i++) {
		const struct iopf_group_view *g = &m->report->slowest[i];
		uint64_t ns = g->stage_ns[IOPF_STAGE_TOTAL];

		if (ns == UNKNOWN || ns < from || ns > up_to)
			continue;
		if (!slowest || ns > slowest->stage_ns[IOPF_STAGE_TOTAL])
			slowest = g;
	}
	return slowest;
}

/* The buckets of a stage; a group may be named only where one was counted. */
static void put_buckets(struct metrics *m, enum iopf_stage stage)
{
	const struct iopf_hist *h = &m->report->stage[stage].hist;
	uint64_t from = 0, before = 0;
	unsigned int i;

	for (i = 0; i <= EDGES; i++) {
		uint64_t up_to = i < EDGES ? edge_ns(i) : UINT64_MAX;
		uint64_t n = i < EDGES ? iopf_hist_at_most(h, up_to) : h->count;
		const struct iopf_group_view *group = NULL;

		fprintf(m->out, "%s_bucket{stage=\"%s\",le=\"%s\"} %" PRIu64, stages.name,
			iopf_stage_name(stage), i < EDGES ? edges[i] : "+Inf", n);
		if (m->format->exemplar && stage == IOPF_STAGE_TOTAL && n > before)
			group = slowest_in(m, from, up_to);
		if (group)
			m->format->exemplar(m->out, m->report, m->opts, group);
		putc('\n', m->out);
		from = up_to + 1;
		before = n;
	}
}

/* The stages, the total first. */
static void put_stages(struct metrics *m)
{
	static const enum iopf_stage order[IOPF_STAGES] = { IOPF_STAGE_TOTAL, IOPF_STAGE_ROUTE,
							    IOPF_STAGE_WAIT, IOPF_STAGE_SERVICE,
							    IOPF_STAGE_ACK };
	unsigned int i;

	m->format->describe(m->out, &negative);
	for (i = 0; i < IOPF_STAGES; i++)
		put_labelled(m, &negative, "stage", iopf_stage_name(order[i]),
			     m->report->stage[order[i]].negative);
	m->format->describe(m->out, &stages);
	for (i = 0; i < IOPF_STAGES; i++) {
		const struct iopf_hist *h = &m->report->stage[order[i]].hist;
		const char *name = iopf_stage_name(order[i]);

		put_buckets(m, order[i]);
		fprintf(m->out, "%s_sum{stage=\"%s\"} ", stages.name, name);
		metrics_seconds(m->out, h->sum);
		fprintf(m->out, "\n%s_count{stage=\"%s\"} %" PRIu64 "\n", stages.name, name,
			h->count);
	}
}

int metrics_write(const struct iopf_report *report, const struct output_opts *opts, FILE *out,
		  const struct metrics_format *format)
{
	struct metrics m = { out, report, opts, format };

	put_run(&m);
	if (!report->running)
		put_verdict(&m);
	put_counts(&m);
	if (!report->running) {
		put_findings(&m, &findings, false);
		put_findings(&m, &unproven, true);
	}
	put_stages(&m);
	metrics_by(report, out, format);
	fputs(format->end, out);
	return output_flush(out);
}
