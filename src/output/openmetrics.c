// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The report as OpenMetrics 1.0 text (https://prometheus.io/docs/specs/om/open_metrics_spec/), for
 * what scrapes or imports. node_exporter's textfile collector does not read it: see prometheus.c.
 */
#include <inttypes.h>

#include "metrics.h"
#include "names.h"

/*
 * OpenMetrics allows an exemplar 128 characters of label names and values. The names here have 22 and
 * three numbers of 32 bits 30, so that this much is left for a device.
 */
#define DEVICE_MAX 64

/* The family's own name, and its unit, which has to come before HELP. */
static void describe(FILE *out, const struct metrics_family *f)
{
	static const char *const types[] = {
		[METRICS_GAUGE] = "gauge",
		[METRICS_COUNTER] = "counter",
		[METRICS_INFO] = "info",
		[METRICS_HISTOGRAM] = "histogram",
	};

	fprintf(out, "# TYPE %s %s\n", f->name, types[f->type]);
	if (f->unit)
		fprintf(out, "# UNIT %s %s\n", f->name, f->unit);
	fprintf(out, "# HELP %s %s\n", f->name, f->help);
}

/* When the group was over, by the wall clock; nothing when that is not known. */
static void put_time(FILE *out, const struct iopf_report *r, const struct output_opts *opts,
		     uint64_t ns)
{
	if (opts->deterministic || !r->start_realtime_ns || ns < r->start_ns)
		return;
	putc(' ', out);
	metrics_seconds(out, (unsigned __int128)r->start_realtime_ns + (ns - r->start_ns));
}

/* Which group it was, how long it took, when. */
static void put_exemplar(FILE *out, const struct iopf_report *r, const struct output_opts *opts,
			 const struct iopf_group_view *g)
{
	const char *device = g->device ? g->device : "";
	struct utf8_name unnamed;

	/* Without a name as the label of --by. */
	if (!*device && g->dev_id) {
		unnamed = names_device("", g->dev_id, DEVICE_MAX);
		device = unnamed.s;
	}
	fputs(" # {", out);
	metrics_label(out, "device", device, DEVICE_MAX);
	if (g->flags & IOPF_PRQ_PASID_VALID)
		fprintf(out, ",pasid=\"%" PRIu32 "\"", g->pasid);
	fprintf(out, ",grpid=\"%" PRIu32 "\"", g->grpid);
	if (g->cookie || g->cookie_zero)
		fprintf(out, ",cookie=\"%" PRIu32 "\"", g->cookie);
	fputs("} ", out);
	metrics_seconds(out, g->stage_ns[IOPF_STAGE_TOTAL]);
	put_time(out, r, opts, g->at_ns[IOPF_AT_ACK]);
}

int output_openmetrics(const struct iopf_report *report, const struct output_opts *opts, FILE *out)
{
	static const struct metrics_format format = { describe, put_exemplar, "# EOF\n" };

	return metrics_write(report, opts, out, &format);
}
