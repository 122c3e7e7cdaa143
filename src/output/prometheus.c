// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The report in Prometheus' text format 0.0.4, as node_exporter's textfile collector reads it: that
 * knows neither units nor exemplars nor "# EOF", and refuses a file with time stamps.
 */
#include "metrics.h"

/* The name of the samples, and a type that the format has. */
static void describe(FILE *out, const struct metrics_family *f)
{
	static const char *const types[] = {
		[METRICS_GAUGE] = "gauge",
		[METRICS_COUNTER] = "counter",
		[METRICS_INFO] = "gauge",
		[METRICS_HISTOGRAM] = "histogram",
	};
	const char *suffix = metrics_suffix(f->type);

	fprintf(out, "# HELP %s%s %s\n", f->name, suffix, f->help);
	fprintf(out, "# TYPE %s%s %s\n", f->name, suffix, types[f->type]);
}

int output_prometheus(const struct iopf_report *report, const struct output_opts *opts, FILE *out)
{
	static const struct metrics_format format = { describe, NULL, "" };

	return metrics_write(report, opts, out, &format);
}
