// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <string.h>

#include "output.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct output_format formats[] = {
	{ "text", NULL, "tables for a person, 80 columns", output_text, OUTPUT_ALL,
	  OUTPUT_CAN_DIVIDE },
	{ "json", NULL, "everything, for programs", output_json, OUTPUT_ALL, OUTPUT_CAN_DIVIDE },
	{ "html", NULL, "one page for a browser: findings, tables, plots", output_html,
	  OUTPUT_REPORT, OUTPUT_CAN_SERIES | OUTPUT_DRAWS_SERIES },
	{ "csv", NULL, "for spreadsheets: a row for each metric, or event", output_csv,
	  OUTPUT_REPORT | OUTPUT_EVENTS, OUTPUT_CAN_DIVIDE },
	{ "openmetrics", NULL, "OpenMetrics 1.0: metrics, with the slowest groups as exemplars",
	  output_openmetrics, OUTPUT_REPORT, OUTPUT_CAN_BY | OUTPUT_LABELS },
	{ "prometheus", "prom", "Prometheus text 0.0.4: for node_exporter's textfile collector",
	  output_prometheus, OUTPUT_REPORT, OUTPUT_CAN_BY | OUTPUT_LABELS },
	{ "hdr", NULL, "HdrHistogram log: a line for each stage", output_hdr, OUTPUT_REPORT, 0 },
	{ "perfetto", NULL, "events, for ui.perfetto.dev; binary", NULL, OUTPUT_EVENTS, 0 },
	{ "junit", NULL, "JUnit XML: a test for each rule and assertion", output_junit,
	  OUTPUT_REPORT, 0 },
	{ "ktap", NULL, "KTAP, the kernel's test protocol: the same tests", output_ktap,
	  OUTPUT_REPORT, 0 },
};

const struct output_format *output_formats(size_t *nr)
{
	*nr = ARRAY_SIZE(formats);
	return formats;
}

const struct output_format *output_format_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++)
		if (!strcmp(formats[i].name, name) ||
		    (formats[i].alias && !strcmp(formats[i].alias, name)))
			return &formats[i];
	return NULL;
}

void output_opts_init(struct output_opts *opts)
{
	*opts = (struct output_opts){
		.percentile = { 50, 90, 99, 99.9 },
		.nr_percentiles = 4,
		.unit = UNITS_AUTO,
		.width = 80,
		.slowest = 5,
	};
}

int output_error(FILE *out)
{
	if (!ferror(out))
		return 0;
	return errno ? -errno : -EIO;
}

int output_flush(FILE *out)
{
	errno = 0;
	fflush(out);
	return output_error(out);
}
