/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The report as metrics: which families there are, and their samples. The two text formats for them
 * have these in common, and differ in what struct metrics_format says.
 *
 * Names and labels are for ever: they are in other people's dashboards and alerts. A label has few
 * values, whatever a run does, since each makes a series that is kept: PASIDs and cookies are told
 * by exemplars only.
 */
#ifndef OUTPUT_METRICS_H
#define OUTPUT_METRICS_H

#include <stdint.h>
#include <stdio.h>

#include "output.h"

enum metrics_type {
	METRICS_GAUGE,
	METRICS_COUNTER, /* samples are NAME_total */
	METRICS_INFO, /* samples are NAME_info */
	METRICS_HISTOGRAM, /* samples are NAME_bucket, NAME_sum, NAME_count */
};

struct metrics_family {
	const char *name; /* without what its type adds to it */
	enum metrics_type type;
	const char *unit; /* "seconds", which the name ends in; NULL = none */
	const char *help; /* a sentence without quotes, backslashes and line breaks */
};

/* "_total", "_info" or "": what a sample's name has behind that of its family. */
const char *metrics_suffix(enum metrics_type type);

/*
 * The upper edges of buckets below infinity: as they are written, and the last nanosecond that is in
 * the bucket. NULL when there are no more.
 */
const char *metrics_edge(unsigned int edge, uint64_t *up_to);

struct metrics_format {
	/* What stands before the samples of a family. */
	void (*describe)(FILE *out, const struct metrics_family *family);
	/* What stands behind a bucket that has @group in it, by its total; NULL = nothing. */
	void (*exemplar)(FILE *out, const struct iopf_report *report,
			 const struct output_opts *opts, const struct iopf_group_view *group);
	const char *end; /* what stands at the end of everything */
};

/* Writes the whole report. Returns 0, or a negative errno when @out could not be written. */
int metrics_write(const struct iopf_report *report, const struct output_opts *opts, FILE *out,
		  const struct metrics_format *format);

/*
 * NAME="VALUE" with what both formats escape; NULL is "". At most @max characters of the value. What
 * is no UTF-8, or a control character that a reader may take for the end of a line, is U+FFFD.
 */
void metrics_label(FILE *out, const char *name, const char *value, size_t max);

/* Nanoseconds as seconds: all nine digits, with a point in every locale. */
void metrics_seconds(FILE *out, unsigned __int128 ns);

#endif /* OUTPUT_METRICS_H */
