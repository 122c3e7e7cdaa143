// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The report's histograms as an HdrHistogram interval log, version 1.3: one interval, the run, with
 * a line for each stage. docs/formats.md describes it.
 *
 * Values are nanoseconds. Interval_Max is in milliseconds all the same, since a reader that shows it
 * takes it for the value divided by 10^6, which is what HdrHistogram's own writer does.
 */
#include <inttypes.h>
#include <time.h>

#include "hdr_encode.h"
#include "output.h"
#include "utf8.h"

/* A number of thousandths, "12.403", independent of the locale. */
static void put_thousandths(FILE *out, uint64_t n)
{
	fprintf(out, "%" PRIu64 ".%03" PRIu64, n / 1000, n % 1000);
}

/* @n / @by, rounded to the nearest. */
static uint64_t rounded(uint64_t n, uint64_t by)
{
	return n / by + (n % by >= (by + 1) / 2);
}

/* Who wrote it and what was traced; names cannot break out of their line. */
static void put_origin(FILE *out, const struct iopf_report *r, const struct output_opts *opts)
{
	char version[64], kernel[128];

	if (opts->deterministic)
		return;
	utf8_text(version, sizeof(version), r->version);
	utf8_text(kernel, sizeof(kernel), r->kernel);
	fprintf(out, "#[Logged by iopftrace %s; kernel %s]\n", version, kernel);
}

/* When the interval began. */
static void put_start(FILE *out, const struct iopf_report *r, const struct output_opts *opts)
{
	uint64_t ms = rounded(r->start_realtime_ns, 1000000);
	time_t when = (time_t)(ms / 1000);
	char date[32];
	struct tm tm;

	if (opts->deterministic || !r->start_realtime_ns || !gmtime_r(&when, &tm) ||
	    !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm)) {
		fputs("#[Start: not known; time stamps are since the start]\n", out);
		return;
	}
	fputs("#[StartTime: ", out);
	put_thousandths(out, ms);
	fprintf(out, " (seconds since epoch), %s]\n#[BaseTime: ", date);
	put_thousandths(out, ms);
	fputs(" (seconds since epoch)]\n", out);
}

/* A stage: tag, start, length of the interval (not its end), maximum, histogram. */
static int put_stage(FILE *out, const struct iopf_report *r, enum iopf_stage stage)
{
	const struct iopf_hist *h = &r->stage[stage].hist;
	int err;

	fprintf(out, "Tag=%s,0.000,", iopf_stage_name(stage));
	put_thousandths(out, rounded(r->duration_ns, 1000000));
	putc(',', out);
	put_thousandths(out, rounded(h->max, 1000));
	putc(',', out);
	err = hdr_encode(h, out);
	putc('\n', out);
	return err;
}

int output_hdr(const struct iopf_report *report, const struct output_opts *opts, FILE *out)
{
	unsigned int stage;
	int err = 0;

	put_origin(out, report, opts);
	fputs("#[Histogram log format version 1.3]\n", out);
	put_start(out, report, opts);
	fputs("#[Values: nanoseconds; Interval_Max: milliseconds; times: seconds]\n"
	      "#[Error: values within 1 %; minimum and maximum within 0.1 %]\n",
	      out);
	fprintf(out, "#[Complete: %s; verdict: %s]\n", report->complete ? "true" : "false",
		iopf_verdict_name(report->verdict));
	fputs("\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
	      "\"Interval_Compressed_Histogram\"\n",
	      out);
	for (stage = 0; stage < IOPF_STAGES && !err; stage++)
		err = put_stage(out, report, (enum iopf_stage)stage);
	return err ? err : output_flush(out);
}
