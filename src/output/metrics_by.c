// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The figures by device and code as metrics. They are families of their own, so that the sum over a
 * family's series is not twice what it should be.
 */
#include "metrics_by.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "cut.h"
#include "names.h"

#define LABEL_MAX 128

static const struct metrics_family groups = {
	"iopftrace_by_groups", METRICS_COUNTER, NULL,
	"Groups by what was asked for: answered, outstanding or unknown."
};
static const struct metrics_family outstanding = { "iopftrace_by_groups_outstanding", METRICS_GAUGE,
						   NULL,
						   "Of them, those not answered at the end." };
static const struct metrics_family stages = { "iopftrace_by_stage_seconds", METRICS_HISTOGRAM,
					      "seconds", "Time that they spent in a stage." };

/* Whether a name as a label is no other's: it has only what labels keep, and is no word of ours. */
static bool is_own(const char *name)
{
	for (const char *c = name; *c; c++)
		if (*c < 0x20 || *c >= 0x7f)
			return false;
	return strcmp(name, "other") && strcmp(name, "unknown") && strncmp(name, "dev ", 4);
}

/* A device: two rows must not have the same. */
static void put_device(FILE *out, const struct iopf_breakdown *b, const struct iopf_by_row *row)
{
	char label[LABEL_MAX + 1];

	if (row->other)
		snprintf(label, sizeof(label), "other");
	else if (*row->device && is_own(row->device))
		snprintf(label, sizeof(label), "%s", row->device);
	else if (*row->device)
		snprintf(label, sizeof(label), "%.64s (%zu)", row->device, (size_t)(row - b->rows));
	else if (row->dev_id)
		snprintf(label, sizeof(label), "%.64s", names_device("", row->dev_id, LABEL_MAX).s);
	else
		snprintf(label, sizeof(label), "unknown");
	metrics_label(out, "device", label, LABEL_MAX);
}

/* The labels of a row. */
static void put_labels(FILE *out, const struct iopf_breakdown *b, const struct iopf_by_row *row)
{
	for (size_t i = 0; i < b->opts.nr_by; i++) {
		if (i)
			putc(',', out);
		if (b->opts.by[i] == IOPF_KEY_DEVICE)
			put_device(out, b, row);
		else
			metrics_label(out, iopf_key_name(b->opts.by[i]),
				      row->other ? "other" : cut_code(row->code).s, LABEL_MAX);
	}
}

/* A family with a number for each row. */
static void put_counts(FILE *out, const struct iopf_breakdown *b,
		       const struct metrics_format *format, const struct metrics_family *f,
		       size_t member)
{
	format->describe(out, f);
	for (size_t i = 0; i < b->nr_rows; i++) {
		uint64_t n;

		memcpy(&n, (const char *)&b->rows[i].cut + member, sizeof(n));
		fprintf(out, "%s%s{", f->name, metrics_suffix(f->type));
		put_labels(out, b, &b->rows[i]);
		fprintf(out, "} %" PRIu64 "\n", n);
	}
}

/* Begins a sample of a stage of a row. */
static void put_name(FILE *out, const struct iopf_breakdown *b, const struct iopf_by_row *row,
		     enum iopf_stage stage, const char *suffix)
{
	fprintf(out, "%s%s{", stages.name, suffix);
	put_labels(out, b, row);
	fprintf(out, ",stage=\"%s\"", iopf_stage_name(stage));
}

/* A stage of a row. */
static void put_stage(FILE *out, const struct iopf_breakdown *b, const struct iopf_by_row *row,
		      enum iopf_stage stage)
{
	struct iopf_stage_stats stats;
	uint64_t up_to;

	cut_stage(&row->cut, stage, &stats);
	for (unsigned int i = 0; metrics_edge(i, &up_to); i++) {
		put_name(out, b, row, stage, "_bucket");
		fprintf(out, ",le=\"%s\"} %" PRIu64 "\n", metrics_edge(i, &up_to),
			iopf_hist_at_most(&stats.hist, up_to));
	}
	put_name(out, b, row, stage, "_bucket");
	fprintf(out, ",le=\"+Inf\"} %" PRIu64 "\n", stats.hist.count);
	put_name(out, b, row, stage, "_sum");
	fputs("} ", out);
	metrics_seconds(out, stats.hist.sum);
	putc('\n', out);
	put_name(out, b, row, stage, "_count");
	fprintf(out, "} %" PRIu64 "\n", stats.hist.count);
}

void metrics_by(const struct iopf_report *report, FILE *out, const struct metrics_format *format)
{
	const struct iopf_breakdown *b = report->breakdown;

	if (!b || !b->opts.nr_by)
		return;
	put_counts(out, b, format, &groups, offsetof(struct iopf_cut, groups));
	put_counts(out, b, format, &outstanding, offsetof(struct iopf_cut, outstanding));
	format->describe(out, &stages);
	for (size_t i = 0; i < b->nr_rows; i++)
		for (unsigned int stage = 0; stage < IOPF_STAGES; stage++)
			put_stage(out, b, &b->rows[i], (enum iopf_stage)stage);
}
