/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Output formats: each shows the same finished report and computes nothing. Adding one is a file
 * with its write function and an entry in output.c.
 */
#ifndef OUTPUT_OUTPUT_H
#define OUTPUT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "iopftrace/report.h"
#include "units.h"

#define OUTPUT_PERCENTILES_MAX 16

struct output_opts {
	double percentile[OUTPUT_PERCENTILES_MAX]; /* 0 to 100, in the order they are shown */
	size_t nr_percentiles;
	enum units_time unit; /* of text; machine formats are in nanoseconds */
	unsigned int width; /* columns of text, at least 80 */
	size_t slowest; /* how many of the slowest groups, as far as the report has them */
	bool color; /* decided by the caller, who knows what @out is */
	bool verbose; /* text: more tables */
	bool quiet; /* text: the verdict only */
	bool command; /* there was one, though the report may not know how it ended */
	bool deterministic; /* nothing of this host, no wall time */
};

/* 50, 90, 99 and 99.9 in units that fit, 80 columns, the five slowest. */
void output_opts_init(struct output_opts *opts);

/* What there is to show. */
enum output_what {
	OUTPUT_REPORT = 1 << 0,
	OUTPUT_EVENTS = 1 << 1, /* 'trace': see event_line.h */
	OUTPUT_LISTS = 1 << 2, /* 'list' */
	OUTPUT_DIFF = 1 << 3, /* 'diff': see diff.h */
	OUTPUT_ALL = OUTPUT_REPORT | OUTPUT_EVENTS | OUTPUT_LISTS | OUTPUT_DIFF
};

/* What it can show besides, and how. */
enum output_can {
	OUTPUT_CAN_BY = 1 << 0, /* figures by keys */
	OUTPUT_CAN_SERIES = 1 << 1, /* figures by time */
	OUTPUT_CAN_FILTER = 1 << 2, /* figures of some of the groups, and say so */
	OUTPUT_LABELS = 1 << 3, /* keys become labels of metrics: few values only */
	OUTPUT_DRAWS_SERIES = 1 << 4, /* figures by time are drawn, also unasked: few only */
	OUTPUT_CAN_DIVIDE = OUTPUT_CAN_BY | OUTPUT_CAN_SERIES | OUTPUT_CAN_FILTER
};

struct output_format {
	const char *name; /* as -f takes it */
	const char *alias; /* which it takes too; NULL = none */
	const char *description;
	/*
	 * Writes the whole report. Returns 0, or a negative errno when @out could not be written.
	 * NULL: a format of events, which shows no report.
	 */
	int (*write)(const struct iopf_report *report, const struct output_opts *opts, FILE *out);
	unsigned int what; /* set of enum output_what that it can show */
	unsigned int can; /* set of enum output_can */
};

/* All of them; the first is the default. */
const struct output_format *output_formats(size_t *nr);

/* The one with this name or alias, or NULL. */
const struct output_format *output_format_find(const char *name);

/* The formats. */
int output_text(const struct iopf_report *report, const struct output_opts *opts, FILE *out);
int output_json(const struct iopf_report *report, const struct output_opts *opts, FILE *out);
int output_html(const struct iopf_report *report, const struct output_opts *opts, FILE *out);
int output_csv(const struct iopf_report *report, const struct output_opts *opts, FILE *out);
int output_hdr(const struct iopf_report *report, const struct output_opts *opts, FILE *out);
int output_junit(const struct iopf_report *report, const struct output_opts *opts, FILE *out);
int output_ktap(const struct iopf_report *report, const struct output_opts *opts, FILE *out);
int output_openmetrics(const struct iopf_report *report, const struct output_opts *opts, FILE *out);
int output_prometheus(const struct iopf_report *report, const struct output_opts *opts, FILE *out);

/*
 * One case of a finding as text: its rule, its group, the journey, whose side it is on. @c is one of
 * its cases, or NULL when none was kept. Returns 0 or -EIO; does not flush.
 */
int output_story(const struct iopf_report *report, const struct output_opts *opts,
		 const struct iopf_finding *finding, const struct iopf_case *c, FILE *out);

/* The group of a case and its journey alone, with no finding. As above. */
int output_journey(const struct iopf_report *report, const struct output_opts *opts,
		   const struct iopf_case *c, FILE *out);

/* What is said of an assertion that is open, after its value. */
#define OUTPUT_OPEN "false so far; events are missing"

/* What the metric of an assertion is: "7.1ms", "16,384", "no value". */
struct units_text output_value(const struct iopf_assertion *a, enum units_time unit);

/*
 * Whether anything written to @out was lost: 0, or a negative errno. The reason is that of the last
 * failure since errno was set to 0, if that was lately enough.
 */
int output_error(FILE *out);

/* Flushes @out. Returns 0, or a negative errno when anything written to it was lost. */
int output_flush(FILE *out);

#endif /* OUTPUT_OUTPUT_H */
