// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A comparison as one JSON object, schema iopftrace-diff/1. Names are for ever: add, never rename.
 * Times are whole nanoseconds, differences of them may be negative; what is not known is null.
 */
#include <math.h>

#include "diff.h"
#include "diff_values.h"
#include "json_writer.h"
#include "names.h"
#include "units.h"

static const char *const sides[IOPF_SIDES] = { "base", "new" };

/* A whole number of any sign; what passes 64 bits is as large as they go. */
static void put_whole(struct jw *j, const char *key, bool known, double value)
{
	if (!known || !isfinite(value))
		jw_null(j, key);
	else if (fabs(value) < 0x1p63)
		jw_i64(j, key, (int64_t)value);
	else
		jw_i64(j, key, value > 0 ? INT64_MAX : INT64_MIN);
}

/* The difference of two whole numbers. */
static void put_difference(struct jw *j, const char *key, bool known, uint64_t from, uint64_t to)
{
	if (!known)
		jw_null(j, key);
	else if (to >= from)
		jw_i64(j, key, to - from < INT64_MAX ? (int64_t)(to - from) : INT64_MAX);
	else
		jw_i64(j, key, from - to < INT64_MAX ? -(int64_t)(from - to) : INT64_MIN);
}

/* How much that is of the first, in percent. */
static void put_percent(struct jw *j, bool known, uint64_t from, uint64_t to)
{
	if (known && from)
		jw_signed(j, "percent", diff_percent_value(from, to));
	else
		jw_null(j, "percent");
}

/* One side. */
static void put_side(struct jw *j, const struct diff_view *view, const struct output_opts *opts,
		     enum iopf_side side)
{
	const struct iopf_report *r = view->c->side[side];
	bool host = !opts->deterministic;

	jw_object(j, sides[side]);
	jw_string(j, "file", view->file[side]);
	jw_string(j, "kind", view->recording[side] ? "recording" : "report");
	jw_bool(j, "complete", r->complete);
	jw_string(j, "verdict", iopf_verdict_name(r->verdict));
	jw_bool(j, "judged", r->judged);
	jw_name(j, "version", host ? r->version : NULL);
	jw_name(j, "kernel", host ? r->kernel : NULL);
	jw_u64(j, "duration_ns", r->duration_ns);
	jw_close(j);
}

/* One condition. */
static void put_condition(struct jw *j, const struct iopf_condition_result *r)
{
	bool is_time = r->condition->metric.is_time;

	jw_object(j, NULL);
	jw_string(j, "expr", r->condition->text);
	jw_bool(j, "holds", r->state == IOPF_CONDITION_HOLDS);
	jw_bool(j, "known", !iopf_condition_is_open(r->state));
	jw_string(j, "state", iopf_condition_state_name(r->state));
	if (r->condition->on == IOPF_ON_METRIC)
		for (unsigned int side = 0; side < IOPF_SIDES; side++) {
			char key[16];

			snprintf(key, sizeof(key), "%s%s", sides[side], is_time ? "_ns" : "");
			put_whole(j, key, r->known[side], r->value[side]);
		}
	jw_close(j);
}

/* The findings. */
static void put_findings(struct jw *j, const struct iopf_comparison *c)
{
	jw_array_lines(j, "findings");
	for (size_t i = 0; i < c->nr_findings; i++) {
		const struct iopf_finding_change *f = &c->finding[i];

		jw_object(j, NULL);
		jw_string(j, "rule", f->rule->id);
		jw_string(j, "name", f->rule->name);
		jw_string(j, "severity", names_severity(f->severity, f->unproven));
		jw_string(j, "severity_if_proven", iopf_severity_name(f->severity));
		jw_bool(j, "unproven", f->unproven);
		jw_u64(j, "base", f->count[IOPF_BASE]);
		jw_u64(j, "new", f->count[IOPF_NEW]);
		put_difference(j, "difference", true, f->count[IOPF_BASE], f->count[IOPF_NEW]);
		jw_close(j);
	}
	jw_close(j);
}

/* A count. */
static void put_count(struct jw *j, const char *name, const uint64_t value[IOPF_SIDES])
{
	jw_object(j, name);
	jw_u64(j, "base", value[IOPF_BASE]);
	jw_u64(j, "new", value[IOPF_NEW]);
	put_difference(j, "difference", true, value[IOPF_BASE], value[IOPF_NEW]);
	put_percent(j, true, value[IOPF_BASE], value[IOPF_NEW]);
	jw_close(j);
}

/* All counts, by the names that assertions know. */
static void put_counts(struct jw *j, const struct iopf_comparison *c)
{
	jw_object_lines(j, "counts");
	for (size_t i = 0; i < c->nr_counts; i++)
		put_count(j, c->count[i].name, c->count[i].value);
	jw_close(j);
}

/* A time. */
static void put_time(struct jw *j, const char *name, const struct iopf_time_change *t)
{
	bool both = t->known[IOPF_BASE] && t->known[IOPF_NEW];
	bool interval = both && t->outcome != IOPF_NOT_JUDGED && t->outcome != IOPF_TOO_FEW_GROUPS;

	jw_object(j, name);
	jw_maybe(j, "base_ns", t->known[IOPF_BASE], t->ns[IOPF_BASE]);
	jw_maybe(j, "new_ns", t->known[IOPF_NEW], t->ns[IOPF_NEW]);
	put_difference(j, "difference_ns", both, t->ns[IOPF_BASE], t->ns[IOPF_NEW]);
	put_percent(j, both, t->ns[IOPF_BASE], t->ns[IOPF_NEW]);
	put_whole(j, "low_ns", interval, floor(t->low_ns));
	put_whole(j, "high_ns", interval, ceil(t->high_ns));
	jw_string(j, "outcome", iopf_outcome_name(t->outcome));
	jw_maybe(j, "groups_needed", t->outcome == IOPF_TOO_FEW_GROUPS && t->needed, t->needed);
	jw_close(j);
}

/* A stage. */
static void put_stage(struct jw *j, const struct iopf_comparison *c, enum iopf_stage stage)
{
	const struct iopf_stage_change *s = &c->stage[stage];

	jw_object_lines(j, iopf_stage_name(stage));
	put_count(j, "count", s->count);
	put_time(j, "min", &s->min);
	put_time(j, "mean", &s->mean);
	put_time(j, "max", &s->max);
	jw_object_lines(j, "percentiles");
	for (size_t i = 0; i < c->nr_percentiles; i++)
		put_time(j, units_decimal(c->percentile_of[i]).s, &s->percentile[i]);
	jw_close(j);
	jw_close(j);
}

/* All stages, the total first. */
static void put_stages(struct jw *j, const struct iopf_comparison *c)
{
	jw_object_lines(j, "stages");
	put_stage(j, c, IOPF_STAGE_TOTAL);
	for (unsigned int stage = 0; stage < IOPF_STAGE_TOTAL; stage++)
		put_stage(j, c, (enum iopf_stage)stage);
	jw_close(j);
}

int output_diff_json(const struct diff_view *view, const struct output_opts *opts, FILE *out)
{
	const struct iopf_comparison *c = view->c;
	struct jw j;

	jw_begin(&j, out);
	jw_object_lines(&j, NULL);
	jw_string(&j, "schema", "iopftrace-diff/1");
	jw_bool(&j, "complete", true);
	jw_i64(&j, "exit_code", view->exit_code);
	jw_bool(&j, "differs", c->differs);
	for (unsigned int side = 0; side < IOPF_SIDES; side++)
		put_side(&j, view, opts, (enum iopf_side)side);
	jw_array_lines(&j, "fail_on");
	for (size_t i = 0; i < view->nr_results; i++)
		put_condition(&j, &view->result[i]);
	jw_close(&j);
	put_findings(&j, c);
	jw_u64(&j, "counts_changed", c->nr_counts_changed);
	put_counts(&j, c);
	jw_decimal(&j, "confidence", IOPF_COMPARE_CONFIDENCE);
	jw_u64(&j, "times_judged", c->nr_judged);
	jw_u64(&j, "times_changed", c->nr_changed);
	put_stages(&j, c);
	jw_close(&j);
	return jw_end(&j);
}
