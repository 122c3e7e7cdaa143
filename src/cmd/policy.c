// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "assertion.h"
#include "exit_codes.h"
#include "nearest.h"
#include "policy.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define ASSERTIONS_MAX 1000 /* what is not meant to be a policy has to end, too */
#define LINES_MAX 10000

/* What reading has to know beside the result. */
struct reader {
	FILE *stream;
	const char *file;
	unsigned int line; /* the one being read */
	unsigned int failed; /* the line of the first error, 0 = none */
	struct policy *policy;
	struct options_error *error;
};

/* Notes the first error. Returns 0, which the parser takes for one. */
__attribute__((format(printf, 2, 3))) static int fail(struct reader *r, const char *fmt, ...)
{
	char text[400];
	va_list args;

	if (r->failed)
		return 0;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	r->failed = r->line;
	options_fail(r->error, "%.100s:%u: %s", r->file, r->line, text);
	return 0;
}

/* The same for a name that is none of those that were offered to @nearest. */
static int fail_name(struct reader *r, const char *what, const struct nearest *nearest)
{
	return fail(r, "unknown %s '%s'%s%s%s", what, nearest->word,
		    nearest->name ? "; did you mean '" : "", nearest->name ? nearest->name : "",
		    nearest->name ? "'?" : "");
}

/* Says that a key was there before. */
static int fail_twice(struct reader *r, const char *key)
{
	return fail(r, "'%s' is set twice", key);
}

/* [severity]: the id or name of a rule = off, note, warn, error */
static int take_severity(struct reader *r, const char *key, const char *value)
{
	const struct iopf_rule *rule = iopf_rule_find(key);
	struct nearest nearest;
	unsigned int i;

	nearest_begin(&nearest, key);
	for (i = 1; !rule && i <= IOPF_RULES; i++) {
		nearest_try(&nearest, iopf_rule(i)->name);
		nearest_try(&nearest, iopf_rule(i)->id);
	}
	if (!rule)
		return fail_name(r, "rule", &nearest);
	if (r->policy->severity[rule->number])
		return fail_twice(r, key);
	for (i = IOPF_SEVERITY_OFF; i <= IOPF_SEVERITY_ERROR; i++) {
		if (strcmp(value, iopf_severity_name((enum iopf_severity)i)))
			continue;
		r->policy->severity[rule->number] = (uint8_t)i;
		return 1;
	}
	return fail(r, "'%s' is not off, note, warn or error", value);
}

/* [deadlines]: answer, read, partial, call = TIME or off */
static int take_deadline(struct reader *r, const char *key, const char *value)
{
	struct option_count *deadline;
	struct nearest nearest;
	const char *why;
	unsigned int i;

	nearest_begin(&nearest, key);
	for (i = 0; i < IOPF_DEADLINES; i++) {
		if (strcmp(key, iopf_deadline_name((enum iopf_deadline)i)) == 0)
			break;
		nearest_try(&nearest, iopf_deadline_name((enum iopf_deadline)i));
	}
	if (i == IOPF_DEADLINES)
		return fail_name(r, "deadline", &nearest);
	deadline = &r->policy->deadline_ns[i];
	if (deadline->given)
		return fail_twice(r, key);
	deadline->given = true;
	if (strcmp(value, "off") == 0)
		return 1;
	if (units_parse_duration(value, &deadline->value, &why))
		return fail(r, "'%s' %s", value, why);
	return deadline->value ? 1 : fail(r, "'%s' is too short; 'off' for none", value);
}

/* Appends a place for an assertion; NULL with an error. */
static struct policy_assertion *add_assertion(struct reader *r, const char *key, const char *value)
{
	struct policy *p = r->policy;
	struct policy_assertion *a;

	if (p->nr_assertions == ASSERTIONS_MAX) {
		fail(r, "more than %d assertions", ASSERTIONS_MAX);
		return NULL;
	}
	a = reallocarray(p->assertion, p->nr_assertions + 1, sizeof(*a));
	if (a) {
		p->assertion = a;
		a += p->nr_assertions++;
		*a = (struct policy_assertion){ .name = strdup(key), .text = strdup(value) };
		if (a->name && a->text)
			return a;
	}
	fail(r, "out of memory");
	return NULL;
}

/* [assertions]: any name = METRIC OP VALUE */
static int take_assertion(struct reader *r, const char *key, const char *value)
{
	const struct policy *p = r->policy;
	struct policy_assertion *a;
	char why[ASSERTION_WHY];
	size_t i;

	/* "total.p99 <= 5ms" without a name is a key "total.p99 <" to the parser. */
	if (key[strcspn(key, "<>!")])
		return fail(r, "an assertion needs a name, as in: fast = total.p99 < 5ms");
	for (i = 0; i < p->nr_assertions; i++)
		if (strcmp(p->assertion[i].name, key) == 0)
			return fail_twice(r, key);
	a = add_assertion(r, key, value);
	if (!a)
		return 0;
	if (assertion_parse(&a->expr, a->text, why))
		return fail(r, "'%s': %s", value, why);
	return 1;
}

/* [verdict] on-loss */
static int take_on_loss(struct reader *r, const char *value)
{
	struct option_on_loss *on_loss = &r->policy->on_loss;
	unsigned int i;

	if (on_loss->given)
		return fail_twice(r, "on-loss");
	for (i = 0; i < OPTIONS_ON_LOSS; i++) {
		if (strcmp(value, options_on_loss[i]))
			continue;
		*on_loss = (struct option_on_loss){ true, (enum iopf_on_loss)i };
		return 1;
	}
	return fail(r, "'%s' is not inconclusive, fail or ignore", value);
}

/* [verdict]: min-groups = N, on-loss = WHAT */
static int take_verdict(struct reader *r, const char *key, const char *value)
{
	struct option_count *min = &r->policy->min_groups;
	struct nearest nearest;
	const char *why;

	if (strcmp(key, "on-loss") == 0)
		return take_on_loss(r, value);
	if (strcmp(key, "min-groups")) {
		nearest_begin(&nearest, key);
		nearest_try(&nearest, "min-groups");
		nearest_try(&nearest, "on-loss");
		return fail_name(r, "key", &nearest);
	}
	if (min->given)
		return fail_twice(r, key);
	min->given = true;
	if (units_parse_number(value, 0, UINT64_MAX, &min->value, &why))
		return fail(r, "'%s' %s", value, why);
	return 1;
}

static const struct section {
	const char *name;
	int (*take)(struct reader *r, const char *key, const char *value);
} sections[] = {
	{ "severity", take_severity },
	{ "deadlines", take_deadline },
	{ "assertions", take_assertion },
	{ "verdict", take_verdict },
};

/* The section of this name; NULL with an error. */
static const struct section *find_section(struct reader *r, const char *name)
{
	struct nearest nearest;
	size_t i;

	nearest_begin(&nearest, name);
	for (i = 0; i < ARRAY_SIZE(sections); i++) {
		if (strcmp(name, sections[i].name) == 0)
			return &sections[i];
		nearest_try(&nearest, sections[i].name);
	}
	if (*name)
		fail_name(r, "section", &nearest);
	else
		fail(r, "this must be in a section: [severity], [deadlines], [assertions] or "
			"[verdict]");
	return NULL;
}

/* One key; as the parser calls it: 0 is an error. */
static int take(void *arg, const char *name, const char *key, const char *value)
{
	struct reader *r = arg;
	const struct section *section = r->failed ? NULL : find_section(r, name);

	return section ? section->take(r, key, value) : 0;
}

/* The parser does not tell of sections without keys: these are looked at here. */
static void check_section(struct reader *r, const char *line)
{
	char name[64];

	if (*line != '[' || !strchr(line, ']'))
		return;
	snprintf(name, sizeof(name), "%.*s", (int)(strchr(line, ']') - line - 1), line + 1);
	find_section(r, *name ? name : "[]");
}

/*
 * One line for the parser, as fgets() would give it, but without what is in front of it: indented
 * lines would be taken for more of the value before them.
 */
static char *read_line(char *line, int size, void *arg)
{
	struct reader *r = arg;
	static const char mark[] = "\xef\xbb\xbf";
	int used = 0, c = 0, skipped = 0;

	r->line++;
	/* Editors of Windows begin a text so. */
	while (r->line == 1 && mark[skipped]) {
		c = getc(r->stream);
		if (c != (unsigned char)mark[skipped]) {
			ungetc(c, r->stream);
			break;
		}
		skipped++;
	}
	while (!r->failed && (c = getc(r->stream)) != EOF && c != '\n') {
		if (!c || r->line > LINES_MAX)
			fail(r, "this is no policy file");
		else if (used < size - 1 && (used || (c != ' ' && c != '\t')))
			line[used++] = (char)c;
		else if (used && *line != ';' && *line != '#')
			fail(r, "the line is too long: at most %d characters", size - 1);
	}
	line[used] = '\0';
	if (r->failed || (c == EOF && !used))
		return NULL;
	check_section(r, line);
	return line;
}

/* Notes why it cannot be read; returns what policy_read() does. */
static int cannot_read(const char *file, int err, struct options_error *error)
{
	options_fail(error, "%.200s: %s", file, strerror(-err));
	return exit_code_of_input(err) == EXIT_USAGE ? -EINVAL : err;
}

int policy_read(struct policy *policy, const char *file, struct options_error *error)
{
	struct reader r = { .file = file, .policy = policy, .error = error };
	int line, err = -EINVAL;

	*policy = (struct policy){ 0 };
	r.stream = fopen(file, "re");
	if (!r.stream)
		return cannot_read(file, -errno, error);
	errno = 0;
	line = ini_parse_stream(read_line, &r, take, &r);
	if (!r.failed && ferror(r.stream))
		err = cannot_read(file, errno ? -errno : -EIO, error);
	else if (line > 0 && (!r.failed || (unsigned int)line < r.failed))
		options_fail(error, "%.100s:%d: this is neither [section] nor KEY = VALUE", file,
			     line);
	else if (!r.failed && !line)
		err = 0; /* nothing is wrong with it */
	fclose(r.stream);
	return err;
}

void policy_free(struct policy *policy)
{
	size_t i;

	for (i = 0; i < policy->nr_assertions; i++) {
		free(policy->assertion[i].name);
		free(policy->assertion[i].text);
	}
	free(policy->assertion);
	*policy = (struct policy){ 0 };
}
