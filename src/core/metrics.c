// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What expressions can be about: the list of all metrics, and the values of the counts. */
#define IOPF_CORE_PRIVATE
#include "metrics.h"

#include <errno.h>
#include <string.h>

#include "iopftrace/expression.h"
#include "iopftrace/rules.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* A count: a number of the report, or cases of findings. */
struct count {
	const char *name;
	const char *what;
	size_t at; /* offset in the report; 0 = of findings, as nothing that counts is there */
	enum iopf_severity severity; /* of findings: DEFAULT = any */
};

#define AT(member) .at = offsetof(struct iopf_report, member)
#define OF(finding) .severity = IOPF_SEVERITY_##finding

/* Short names for what is asked for most, and dotted ones for everything, as in the JSON report. */
static const struct count counts[] = {
	{ "groups", "groups that entered a fault object", AT(groups.enqueued) },
	{ "outstanding", "groups not answered at the end", AT(groups.outstanding) },
	{ "outstanding.max", "most groups outstanding at one time", AT(groups.outstanding_max) },
	{ "pages", "requests in the groups", AT(groups.pages) },
	{ "user_answered", "groups that user space answered", AT(groups.answered_user) },
	{ "kernel_answered", "groups that the kernel answered", AT(groups.answered_kernel) },
	{ "lost", "events lost, whatever the reason", AT(lost.events) },

	{ "groups.reported", "last-page requests that reached the core", AT(groups.reported) },
	{ "groups.enqueued", "the same as groups", AT(groups.enqueued) },
	{ "groups.delivered", "groups that a read returned", AT(groups.delivered) },
	{ "groups.answered_user", "the same as user_answered", AT(groups.answered_user) },
	{ "groups.answered_kernel", "the same as kernel_answered", AT(groups.answered_kernel) },
	{ "groups.outstanding", "the same as outstanding", AT(groups.outstanding) },
	{ "groups.outstanding_max", "the same as outstanding.max", AT(groups.outstanding_max) },
	{ "groups.pages", "the same as pages", AT(groups.pages) },
	{ "groups.adopted", "groups queued before the trace began", AT(groups.adopted) },
	{ "groups.unknown", "groups of which it is not known how they ended", AT(groups.unknown) },
	{ "groups.partial", "requests that were not the last of a group", AT(groups.partial) },
	{ "groups.refused", "last-page requests that ended in an error", AT(groups.refused) },

	{ "answered_by.user", "groups answered by a write", AT(groups.answered_by[IOPF_BY_USER]) },
	{ "answered_by.detach", "groups answered by detach or replace",
	  AT(groups.answered_by[IOPF_BY_DETACH]) },
	{ "answered_by.destroy", "groups answered by the destruction of their object",
	  AT(groups.answered_by[IOPF_BY_DESTROY]) },
	{ "answered_by.qremove", "groups answered by the removal of a device's queue",
	  AT(groups.answered_by[IOPF_BY_QREMOVE]) },
	{ "answered_by.abort", "groups that the core aborted",
	  AT(groups.answered_by[IOPF_BY_ABORT]) },
	{ "answered_by.unknown", "groups answered by somebody not seen",
	  AT(groups.answered_by[IOPF_BY_UNKNOWN]) },

	{ "responses.success", "groups answered with SUCCESS", AT(responses.success) },
	{ "responses.invalid", "groups answered with INVALID", AT(responses.invalid) },
	{ "responses.failure", "groups answered with FAILURE", AT(responses.failure) },
	{ "responses.rejected", "answers of user space that the kernel refused",
	  AT(responses.rejected) },

	{ "calls.reads", "reads of fault descriptors", AT(calls.reads) },
	{ "calls.empty_reads", "reads that returned nothing", AT(calls.empty_reads) },
	{ "calls.failed_reads", "reads that failed", AT(calls.failed_reads) },
	{ "calls.writes", "writes to fault descriptors", AT(calls.writes) },
	{ "calls.failed_writes", "writes that failed", AT(calls.failed_writes) },

	{ "lost.events", "the same as lost", AT(lost.events) },
	{ "lost.ring_full", "events lost for want of room in the ring buffer",
	  AT(lost.reason[IOPF_LOST_RING_FULL]) },
	{ "lost.context_full", "events lost for want of a slot for the task",
	  AT(lost.reason[IOPF_LOST_CONTEXT]) },
	{ "lost.pages_walk", "groups of more pages than are looked at",
	  AT(lost.reason[IOPF_LOST_PAGES]) },
	{ "lost.probe_misses", "probes that the kernel skipped", AT(lost.probe_misses) },
	{ "lost.probe_misses_made_good", "of them, those that nothing is missing from",
	  AT(lost.made_good) },
	{ "lost.gaps", "places where events are missing", AT(lost.gaps) },

	{ "out_of_scope.objects", "fault objects of others", AT(out_of_scope.objects) },
	{ "out_of_scope.groups", "groups on them", AT(out_of_scope.groups) },
	{ "out_of_scope.events", "events about them", AT(out_of_scope.events) },

	{ "findings", "cases of broken rules, notes included", OF(DEFAULT) },
	{ "findings.error", "cases of findings that are errors", OF(ERROR) },
	{ "findings.warn", "cases of findings that are warnings", OF(WARN) },
	{ "findings.note", "cases of findings that are notes", OF(NOTE) },
};

/* The figures of the stages; PERCENTILE stands for all percentiles. */
#define STAGE_METRICS(stage) \
	{ stage ".count", "groups that went through " stage }, \
		{ stage ".negative", "times below 0 in " stage ", counted as 0" }, \
		{ stage ".min", "the shortest time in " stage }, \
		{ stage ".mean", "the mean time in " stage }, \
		{ stage ".max", "the longest time in " stage }, \
	{ \
		stage ".pNN", "a percentile of the time in " stage ": p50, p99.9" \
	}

static const struct {
	const char *name;
	const char *what;
} stages[] = {
	STAGE_METRICS("route"), STAGE_METRICS("wait"),	STAGE_METRICS("service"),
	STAGE_METRICS("ack"),	STAGE_METRICS("total"),
};

/* The metrics there are: stages, counts, rules. */
bool iopf_metric(size_t i, const char **name, const char **what)
{
	if (i < ARRAY_SIZE(stages)) {
		*name = stages[i].name;
		*what = stages[i].what;
		return true;
	}
	i -= ARRAY_SIZE(stages);
	if (i < ARRAY_SIZE(counts)) {
		*name = counts[i].name;
		*what = counts[i].what;
		return true;
	}
	i -= ARRAY_SIZE(counts);
	if (i >= IOPF_RULES)
		return false;
	*name = iopf_rule((unsigned int)i + 1)->id;
	*what = iopf_rule((unsigned int)i + 1)->name;
	return true;
}

/* Finds a count by its name. */
int metrics_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		if (strlen(counts[i].name) == len && !memcmp(counts[i].name, name, len))
			return (int)i;
	return -1;
}

/* The cases of findings, of one rule (or NULL) and one severity (or DEFAULT), that are proven. */
static uint64_t cases(const struct iopf_report *r, const struct iopf_rule *rule,
		      enum iopf_severity severity)
{
	uint64_t n = 0;

	for (size_t i = 0; i < r->nr_findings; i++) {
		const struct iopf_finding *f = &r->findings[i];

		if (!f->unproven && (!rule || f->rule->number == rule->number) &&
		    (severity == IOPF_SEVERITY_DEFAULT || f->severity == severity))
			n += f->count;
	}
	return n;
}

/* The value of a count. */
bool metrics_count(const struct iopf_report *r, unsigned int count, uint64_t *value)
{
	const struct count *c = &counts[count];

	if (c->at) {
		memcpy(value, (const char *)r + c->at, sizeof(*value));
		return true;
	}
	*value = cases(r, NULL, c->severity);
	return r->judged;
}

/* The cases of a rule. One that could not be judged everywhere has the value of where it could. */
bool metrics_rule(const struct iopf_report *r, unsigned int rule, uint64_t *value)
{
	*value = cases(r, iopf_rule(rule), IOPF_SEVERITY_DEFAULT);
	for (size_t i = 0; i < r->nr_not_checked; i++) {
		const struct iopf_not_checked *n = &r->not_checked[i];

		if (n->rule->number == rule && !n->in_part)
			return false;
	}
	return r->judged;
}

/* The value of a metric that is a count. */
int iopf_metric_count(size_t i, const struct iopf_report *report, uint64_t *value)
{
	if (i < ARRAY_SIZE(stages))
		return -EINVAL;
	i -= ARRAY_SIZE(stages);
	if (i < ARRAY_SIZE(counts))
		return metrics_count(report, (unsigned int)i, value);
	i -= ARRAY_SIZE(counts);
	return i < IOPF_RULES ? metrics_rule(report, (unsigned int)i + 1, value) : -EINVAL;
}

/* Whether a metric is a plain count: no figure of a stage, no cases of findings, no second name. */
bool iopf_metric_is_plain(size_t i)
{
	if (i < ARRAY_SIZE(stages))
		return false;
	i -= ARRAY_SIZE(stages);
	if (i >= ARRAY_SIZE(counts) || !counts[i].at)
		return false;
	for (size_t k = 0; k < i; k++) {
		if (counts[k].at == counts[i].at)
			return false;
	}
	return true;
}
