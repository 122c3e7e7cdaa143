// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The report's figures as CSV in long form: one row for each metric, the same shape for stages and
 * counts, so that one table holds all of them and a metric that is added changes no column.
 * docs/formats.md describes it. The columns and the names of metrics are for ever: add, never rename.
 */
#include <stdio.h>

#include "csv_breakdown.h"
#include "iopftrace/expression.h"
#include "output.h"
#include "units.h"

void csv_name(struct csv *c, const char *metric, const char *stage, const char *stat,
	      const char *unit)
{
	csv_text(c, metric);
	csv_text(c, stage);
	csv_text(c, stat);
	csv_text(c, unit);
}

/* A row about the run. */
static void put_run(struct csv *c, const struct iopf_report *r, const char *metric,
		    const char *unit, uint64_t value)
{
	csv_name(c, metric, NULL, NULL, unit);
	csv_u64(c, value);
	csv_breakdown_none(c, r->breakdown, false);
}

/* A figure of a stage, without the end of the row. */
static void put_stat(struct csv *c, enum iopf_stage stage, const char *stat, const char *unit,
		     bool known, uint64_t value)
{
	char metric[64];

	snprintf(metric, sizeof(metric), "%s.%s", iopf_stage_name(stage), stat);
	csv_name(c, metric, iopf_stage_name(stage), stat, unit);
	csv_maybe(c, known, value);
}

void csv_stage(struct csv *c, const struct output_opts *opts, enum iopf_stage stage,
	       const struct iopf_stage_stats *stats, void (*rest)(struct csv *c, const void *arg),
	       const void *arg)
{
	const struct iopf_hist *h = &stats->hist;
	const struct {
		const char *stat, *unit;
		bool known;
		uint64_t value;
	} figures[] = {
		{ "count", "count", true, h->count },
		{ "negative", "count", true, stats->negative },
		{ "min", "ns", h->count, h->min },
		{ "mean", "ns", h->count, iopf_hist_mean(h) },
		{ "max", "ns", h->count, h->max },
	};
	size_t i;

	for (i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		put_stat(c, stage, figures[i].stat, figures[i].unit, figures[i].known,
			 figures[i].value);
		rest(c, arg);
	}
	for (i = 0; i < opts->nr_percentiles; i++) {
		char stat[40];

		snprintf(stat, sizeof(stat), "p%s", units_decimal(opts->percentile[i]).s);
		put_stat(c, stage, stat, "ns", h->count,
			 iopf_hist_percentile(h, opts->percentile[i]));
		rest(c, arg);
	}
}

/* Ends a row of a stage of the report. */
static void end_stage(struct csv *c, const void *arg)
{
	const struct iopf_breakdown *b = arg;

	csv_breakdown_none(c, b, b && b->filtered);
}

/* All that can be counted, by the names that assertions know. */
static void put_counts(struct csv *c, const struct iopf_report *r)
{
	const char *name, *what;
	size_t i;

	for (i = 0; iopf_metric(i, &name, &what); i++) {
		uint64_t value = 0;
		int known = iopf_metric_count(i, r, &value);

		if (known < 0)
			continue; /* of a stage */
		csv_name(c, name, NULL, NULL, "count");
		csv_maybe(c, known, value);
		csv_breakdown_none(c, r->breakdown, false);
	}
}

int output_csv(const struct iopf_report *report, const struct output_opts *opts, FILE *out)
{
	struct csv c = { .out = out };
	unsigned int stage;

	csv_name(&c, "metric", "stage", "stat", "unit");
	csv_text(&c, "value");
	csv_breakdown_heads(&c, report->breakdown);
	csv_end(&c);
	put_run(&c, report, "run.complete", "bool", report->complete);
	put_run(&c, report, "run.exit_code", "code", (uint64_t)report->exit_code);
	put_run(&c, report, "run.duration", "ns", report->duration_ns);
	for (stage = 0; stage < IOPF_STAGES; stage++)
		csv_stage(&c, opts, (enum iopf_stage)stage, &report->stage[stage], end_stage,
			  report->breakdown);
	put_counts(&c, report);
	csv_breakdown(&c, report, opts);
	return output_flush(out);
}
