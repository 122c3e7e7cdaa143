// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "report_json.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/names.h"
#include "output/utf8.h"
#include "report_json_hist.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define SCHEMA "iopftrace-report/1"

/* A finding has a rule, a severity, and is proven or not; a rule is not checked once. */
#define FINDINGS_MAX (IOPF_RULES * (IOPF_SEVERITY_ERROR + 1) * 2)
#define NOT_CHECKED_MAX IOPF_RULES

struct report_json {
	struct iopf_report report;
	char version[64], kernel[128];
	struct iopf_finding finding[FINDINGS_MAX];
	struct iopf_not_checked not_checked[NOT_CHECKED_MAX];
};

int report_json_fail(char why[REPORT_JSON_WHY], const char *fmt, ...)
{
	char text[REPORT_JSON_WHY];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	utf8_text(why, REPORT_JSON_WHY, text);
	return -EINVAL;
}

/*
 * Numbers of 2^63 and more are integers of JSON, but not of jansson, which refuses the whole text. They are
 * given to it as strings of their digits behind this character, which no report has.
 */
#define LARGE '\1'
#define LARGE_ESCAPED "\\u0001"
#define LARGE_DIGITS 19 /* at least; a number of 64 bits has 20 at most */

bool report_json_number(const json_t *number, uint64_t *value)
{
	const char *digits = json_string_value(number);

	if (json_is_integer(number)) {
		*value = (uint64_t)json_integer_value(number);
		return json_integer_value(number) >= 0;
	}
	if (!digits || digits[0] != LARGE)
		return false;
	*value = strtoull(digits + 1, NULL, 10);
	return true;
}

/* Whether a number that begins here, with nothing before it, is a large one; with its length. */
static bool is_large(const char *text, size_t size, size_t *length)
{
	uint64_t value = 0;
	size_t n = 0;

	for (; n < size && text[n] >= '0' && text[n] <= '9'; n++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(text[n] - '0'), &value))
			return false;
	}
	*length = n;
	return n >= LARGE_DIGITS && value > INT64_MAX &&
	       (n == size || !strchr(".eE", text[n] ? text[n] : ' '));
}

/* Writes a text with its large numbers as strings. */
static void put_larges(FILE *to, const char *text, size_t size)
{
	bool in_string = false;
	size_t length;

	for (size_t at = 0; at < size; at++) {
		char before = at ? text[at - 1] : ' ';

		if (!in_string && !strchr("0123456789-+.eE", before ? before : ' ') &&
		    is_large(text + at, size - at, &length)) {
			fprintf(to, "\"" LARGE_ESCAPED "%.*s\"", (int)length, text + at);
			at += length - 1;
			continue;
		}
		if (text[at] == '"')
			in_string = !in_string;
		putc(text[at], to);
		if (in_string && text[at] == '\\' && at + 1 < size)
			putc(text[++at], to);
	}
}

/* Parses a text that has large numbers, or may have. */
static json_t *load_larges(const char *text, size_t size, json_error_t *error)
{
	char *copy = NULL;
	size_t copied = 0;
	FILE *to = open_memstream(&copy, &copied);
	json_t *root = NULL;

	if (to)
		put_larges(to, text, size);
	if (to && !fclose(to))
		root = json_loadb(copy, copied, JSON_REJECT_DUPLICATES, error);
	free(copy);
	return root;
}

int report_json_count(const json_t *object, const char *of, const char *key, uint64_t *value,
		      char why[REPORT_JSON_WHY])
{
	const json_t *number = json_object_get(object, key);

	if (report_json_number(number, value))
		return 0;
	return report_json_fail(why, "%s%s%s is %s", of, *of ? "." : "", key,
				number ? "no count" : "missing");
}

/* A value that is true or false. */
static int read_bool(const json_t *object, const char *key, bool *value, char *why)
{
	const json_t *flag = json_object_get(object, key);

	if (!json_is_boolean(flag))
		return report_json_fail(why, "%s is %s", key,
					flag ? "neither true nor false" : "missing");
	*value = json_is_true(flag);
	return 0;
}

/* A name, or nothing when it is not known. */
static const char *copy_name(const json_t *object, const char *key, char *to, size_t size)
{
	const char *name = json_string_value(json_object_get(object, key));

	snprintf(to, size, "%s", name ? name : "");
	return to;
}

/* The verdict by its name. */
static int read_verdict(const json_t *root, enum iopf_verdict *verdict, char *why)
{
	const char *name = json_string_value(json_object_get(root, "verdict"));

	for (unsigned int i = IOPF_PASS; name && i <= IOPF_INCONCLUSIVE; i++) {
		*verdict = (enum iopf_verdict)i;
		if (!strcmp(name, iopf_verdict_name(*verdict)))
			return 0;
	}
	return report_json_fail(why, "verdict is %s", name ? "none that there is" : "missing");
}

/* What the run was. */
static int read_run(const json_t *root, struct report_json *read, char *why)
{
	const char *schema = json_string_value(json_object_get(root, "schema"));
	struct iopf_report *r = &read->report;
	uint64_t rules = 0;
	int err;

	if (!schema || strcmp(schema, SCHEMA))
		return report_json_fail(why, "its schema is '%.40s', not " SCHEMA,
					schema ? schema : "");
	r->version = copy_name(root, "version", read->version, sizeof(read->version));
	r->kernel = copy_name(root, "kernel", read->kernel, sizeof(read->kernel));
	err = read_bool(root, "complete", &r->complete, why);
	if (!err)
		err = read_bool(root, "judged", &r->judged, why);
	if (!err)
		err = read_verdict(root, &r->verdict, why);
	if (!err)
		err = report_json_count(root, "", "duration_ns", &r->duration_ns, why);
	if (!err && r->judged)
		err = report_json_count(root, "", "rules_checked", &rules, why);
	r->rules_checked = (unsigned int)rules;
	return err;
}

#define AT(member) offsetof(struct iopf_report, member)

/* The counts, by the object they are in. */
static const struct {
	const char *object, *key;
	size_t at;
} counts[] = {
	{ "groups", "reported", AT(groups.reported) },
	{ "groups", "enqueued", AT(groups.enqueued) },
	{ "groups", "delivered", AT(groups.delivered) },
	{ "groups", "answered_user", AT(groups.answered_user) },
	{ "groups", "answered_kernel", AT(groups.answered_kernel) },
	{ "groups", "outstanding", AT(groups.outstanding) },
	{ "groups", "outstanding_max", AT(groups.outstanding_max) },
	{ "groups", "pages", AT(groups.pages) },
	{ "groups", "adopted", AT(groups.adopted) },
	{ "groups", "unknown", AT(groups.unknown) },
	{ "groups", "partial", AT(groups.partial) },
	{ "groups", "refused", AT(groups.refused) },
	{ "groups", "min_wanted", AT(min_groups) },
	{ "responses", "success", AT(responses.success) },
	{ "responses", "invalid", AT(responses.invalid) },
	{ "responses", "failure", AT(responses.failure) },
	{ "responses", "rejected", AT(responses.rejected) },
	{ "calls", "reads", AT(calls.reads) },
	{ "calls", "empty_reads", AT(calls.empty_reads) },
	{ "calls", "failed_reads", AT(calls.failed_reads) },
	{ "calls", "writes", AT(calls.writes) },
	{ "calls", "failed_writes", AT(calls.failed_writes) },
	{ "lost", "events", AT(lost.events) },
	{ "lost", "probe_misses", AT(lost.probe_misses) },
	{ "lost", "probe_misses_made_good", AT(lost.made_good) },
	{ "lost", "gaps", AT(lost.gaps) },
	{ "out_of_scope", "objects", AT(out_of_scope.objects) },
	{ "out_of_scope", "groups", AT(out_of_scope.groups) },
	{ "out_of_scope", "events", AT(out_of_scope.events) },
};

/* All that was counted. What an array of the report is for has its names elsewhere. */
static int read_counts(const json_t *root, struct iopf_report *r, char *why)
{
	const json_t *by = json_object_get(json_object_get(root, "groups"), "answered_by");
	const json_t *lost = json_object_get(root, "lost");
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(counts) && !err; i++)
		err = report_json_count(json_object_get(root, counts[i].object), counts[i].object,
					counts[i].key, (uint64_t *)((char *)r + counts[i].at), why);
	for (i = IOPF_BY_NOBODY + 1; i < IOPF_RESPONDERS && !err; i++)
		err = report_json_count(by, "groups.answered_by",
					iopf_responder_name((enum iopf_responder)i),
					&r->groups.answered_by[i], why);
	for (i = 0; i < IOPF_LOST_REASONS && !err; i++)
		err = report_json_count(lost, "lost", names_lost((enum iopf_lost)i),
					&r->lost.reason[i], why);
	return err;
}

/* The rule of an item of a list, by its id. */
static int read_rule(const json_t *item, const char *list, const struct iopf_rule **rule, char *why)
{
	const char *id = json_string_value(json_object_get(item, "rule"));

	*rule = id ? iopf_rule_find(id) : NULL;
	if (*rule)
		return 0;
	return report_json_fail(why, "%s has rule '%.40s', which this iopftrace does not know",
				list, id ? id : "");
}

/* The severity of a finding, by its name. */
static int read_severity(const json_t *item, enum iopf_severity *severity, char *why)
{
	/* What is not proven is shown as less; reports of before show all as it is. */
	const char *full = json_string_value(json_object_get(item, "severity_if_proven"));
	const char *name = full ? full : json_string_value(json_object_get(item, "severity"));

	for (unsigned int i = IOPF_SEVERITY_NOTE; name && i <= IOPF_SEVERITY_ERROR; i++) {
		*severity = (enum iopf_severity)i;
		if (!strcmp(name, iopf_severity_name(*severity)))
			return 0;
	}
	return report_json_fail(why, "a finding has no severity that there is");
}

/* What rules were found broken. */
static int read_findings(const json_t *root, struct report_json *read, char *why)
{
	const json_t *list = json_object_get(root, "findings"), *item;
	size_t i;
	int err;

	if (!json_is_array(list))
		return report_json_fail(why, "findings is no list");
	if (json_array_size(list) > FINDINGS_MAX)
		return report_json_fail(why, "it has more findings than there can be");
	json_array_foreach(list, i, item)
	{
		struct iopf_finding *f = &read->finding[i];

		err = read_rule(item, "findings", &f->rule, why);
		if (!err)
			err = read_severity(item, &f->severity, why);
		if (!err)
			err = report_json_count(item, "a finding's", "count", &f->count, why);
		if (!err)
			err = read_bool(item, "unproven", &f->unproven, why);
		if (err)
			return err;
	}
	read->report.findings = read->finding;
	read->report.nr_findings = json_array_size(list);
	return 0;
}

/* What rules were not judged. */
static int read_not_checked(const json_t *root, struct report_json *read, char *why)
{
	const json_t *list = json_object_get(root, "not_checked"), *item;
	size_t i;
	int err;

	if (!json_is_array(list))
		return report_json_fail(why, "not_checked is no list");
	if (json_array_size(list) > NOT_CHECKED_MAX)
		return report_json_fail(why, "it has more rules not checked than there are");
	json_array_foreach(list, i, item)
	{
		struct iopf_not_checked *n = &read->not_checked[i];

		err = read_rule(item, "not_checked", &n->rule, why);
		if (!err)
			err = read_bool(item, "in_part", &n->in_part, why);
		if (err)
			return err;
	}
	read->report.not_checked = read->not_checked;
	read->report.nr_not_checked = json_array_size(list);
	return 0;
}

/* The stages. */
static int read_stages(const json_t *root, struct iopf_report *r, char *why)
{
	const json_t *stages = json_object_get(root, "stages");

	for (unsigned int i = 0; i < IOPF_STAGES; i++) {
		const char *name = iopf_stage_name((enum iopf_stage)i);
		int err = report_json_stage(json_object_get(stages, name), name, &r->stage[i], why);

		if (err)
			return err;
	}
	return 0;
}

/* All of it. */
static int read_report(const json_t *root, struct report_json *read, char *why)
{
	int err;

	if (!json_is_object(root))
		return report_json_fail(why, "it is no object");
	err = read_run(root, read, why);
	if (!err)
		err = read_counts(root, &read->report, why);
	if (!err)
		err = read_stages(root, &read->report, why);
	if (!err)
		err = read_findings(root, read, why);
	return err ? err : read_not_checked(root, read, why);
}

int report_json_read(struct report_json **out, const char *text, size_t size,
		     char why[REPORT_JSON_WHY])
{
	struct report_json *read = calloc(1, sizeof(*read));
	json_error_t error;
	json_t *root;
	int err;

	if (!read)
		return -ENOMEM;
	/* Editors and shells of Windows begin a text with this mark; JSON has no place for it. */
	if (size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		size -= 3;
	}
	root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
	if (!root && json_error_code(&error) == json_error_numeric_overflow)
		root = load_larges(text, size, &error);
	if (root)
		err = read_report(root, read, why);
	else if (json_error_code(&error) == json_error_out_of_memory)
		err = -ENOMEM;
	else
		err = report_json_fail(why, "line %d, column %d: %s", error.line, error.column,
				       error.text);
	json_decref(root);
	if (err) {
		report_json_free(read);
		return err;
	}
	*out = read;
	return 0;
}

const struct iopf_report *report_json_report(const struct report_json *read)
{
	return &read->report;
}

void report_json_free(struct report_json *read)
{
	free(read);
}
