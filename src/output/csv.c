// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The report's figures as CSV in long form: one row for each metric, the same shape for stages and
 * counts, so that one table holds all of them and a metric that is added changes no column.
 * docs/formats.md describes it. The columns and the names of metrics are for ever: add, never rename.
 */
#include <stdio.h>

#include "csv_writer.h"
#include "iopftrace/expression.h"
#include "output.h"
#include "units.h"

/* What a row says before its value. */
static void put_name(struct csv *c, const char *metric, const char *stage, const char *stat,
		     const char *unit)
{
	csv_text(c, metric);
	csv_text(c, stage);
	csv_text(c, stat);
	csv_text(c, unit);
}

/* A row about the run. */
static void put_run(struct csv *c, const char *metric, const char *unit, uint64_t value)
{
	put_name(c, metric, NULL, NULL, unit);
	csv_u64(c, value);
	csv_end(c);
}

/* A figure of a stage. */
static void put_stat(struct csv *c, enum iopf_stage stage, const char *stat, const char *unit,
		     bool known, uint64_t value)
{
	char metric[64];

	snprintf(metric, sizeof(metric), "%s.%s", iopf_stage_name(stage), stat);
	put_name(c, metric, iopf_stage_name(stage), stat, unit);
	csv_maybe(c, known, value);
	csv_end(c);
}

/* A stage. */
static void put_stage(struct csv *c, const struct iopf_report *r, const struct output_opts *opts,
		      enum iopf_stage stage)
{
	const struct iopf_hist *h = &r->stage[stage].hist;
	bool any = h->count > 0;
	size_t i;

	put_stat(c, stage, "count", "count", true, h->count);
	put_stat(c, stage, "negative", "count", true, r->stage[stage].negative);
	put_stat(c, stage, "min", "ns", any, h->min);
	put_stat(c, stage, "mean", "ns", any, iopf_hist_mean(h));
	put_stat(c, stage, "max", "ns", any, h->max);
	for (i = 0; i < opts->nr_percentiles; i++) {
		char stat[40];

		snprintf(stat, sizeof(stat), "p%s", units_decimal(opts->percentile[i]).s);
		put_stat(c, stage, stat, "ns", any, iopf_hist_percentile(h, opts->percentile[i]));
	}
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
		put_name(c, name, NULL, NULL, "count");
		csv_maybe(c, known, value);
		csv_end(c);
	}
}

int output_csv(const struct iopf_report *report, const struct output_opts *opts, FILE *out)
{
	struct csv c = { .out = out };
	unsigned int stage;

	put_name(&c, "metric", "stage", "stat", "unit");
	csv_text(&c, "value");
	csv_end(&c);
	put_run(&c, "run.complete", "bool", report->complete);
	put_run(&c, "run.exit_code", "code", (uint64_t)report->exit_code);
	put_run(&c, "run.duration", "ns", report->duration_ns);
	for (stage = 0; stage < IOPF_STAGES; stage++)
		put_stage(&c, report, opts, (enum iopf_stage)stage);
	put_counts(&c, report);
	return output_flush(out);
}
