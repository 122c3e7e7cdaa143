// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Expressions on the figures of a report: METRIC OP VALUE. */
#define IOPF_CORE_PRIVATE
#include "iopftrace/expression.h"

#include <errno.h>
#include <string.h>

#include "iopftrace/rules.h"

#include "expression_parser.h"
#include "metrics.h"

/* A double holds every whole number up to here; as a time it is 104 days. */
#define VALUE_MAX ((double)(1ULL << 53))

#define NAME_MAX_BYTES 40 /* longer words are no names */

/* Notes what was expected where the parser is. */
int expr_fail(struct expr_parser *p, const char *words)
{
	size_t len = strlen(words), most = sizeof(p->error->text) - 1;

	p->error->position = (size_t)(p->at - p->text);
	len = len < most ? len : most;
	memcpy(p->error->text, words, len);
	p->error->text[len] = '\0';
	return -EINVAL;
}

/* Character classes of our own: those of the C library depend on the locale. */
static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '.' ||
	       c == '_' || c == '-';
}

/* Goes on behind white space. */
void expr_skip_space(struct expr_parser *p)
{
	p->at += strspn(p->at, " \t\r\n");
}

/* Reads digits with at most one point among them; where they end, or NULL when there are none. */
const char *expr_read_number(const char *text, double *value, bool *whole)
{
	const char *digits = text;
	double scale = 1;

	*value = 0;
	*whole = true;
	for (; is_digit(*text); text++)
		*value = *value * 10 + (*text - '0');
	if (text == digits)
		return NULL;
	if (*text != '.')
		return text;
	*whole = false;
	if (!is_digit(*++text))
		return NULL;
	for (; is_digit(*text); text++) {
		scale *= 10;
		*value = *value * 10 + (*text - '0');
	}
	*value /= scale;
	return text;
}

/* Whether @len bytes at @text are @name. */
static bool same(const char *text, size_t len, const char *name)
{
	return strlen(name) == len && !memcmp(text, name, len);
}

/* What follows "STAGE.": a statistic. */
static int parse_stat(struct expr_parser *p, size_t len)
{
	static const char *const names[] = {
		[IOPF_STAT_COUNT] = "count", [IOPF_STAT_NEGATIVE] = "negative",
		[IOPF_STAT_MIN] = "min",     [IOPF_STAT_MEAN] = "mean",
		[IOPF_STAT_MAX] = "max",
	};
	const char *end;
	bool whole;

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!same(p->at, len, names[i]))
			continue;
		p->expr->stat = i;
		p->expr->is_time = i != IOPF_STAT_COUNT && i != IOPF_STAT_NEGATIVE;
		p->at += len;
		return 0;
	}
	end = *p->at == 'p' ? expr_read_number(p->at + 1, &p->expr->percentile, &whole) : NULL;
	if (!end || end != p->at + len || !(p->expr->percentile <= 100))
		return expr_fail(p,
				 "expected count, negative, min, mean, max or a percentile from p0 "
				 "to p100, as p99.9");
	p->expr->stat = IOPF_STAT_PERCENTILE;
	p->expr->is_time = true;
	p->at = end;
	return 0;
}

/* "STAGE." at the parser; 0 = there is none, else its length with the dot. */
static size_t find_stage(const struct expr_parser *p, size_t len)
{
	for (unsigned int i = 0; i < IOPF_STAGES; i++) {
		const char *name = iopf_stage_name((enum iopf_stage)i);
		size_t stage = strlen(name);

		if (len < stage || memcmp(p->at, name, stage) ||
		    (len > stage && p->at[stage] != '.'))
			continue;
		p->expr->is_stage = true;
		p->expr->stage = (enum iopf_stage)i;
		return stage + (len > stage);
	}
	return 0;
}

/* The rule that is named by @len bytes, or 0. */
static unsigned int find_rule(const char *text, size_t len)
{
	const struct iopf_rule *rule;
	char name[NAME_MAX_BYTES + 1];

	if (len > NAME_MAX_BYTES)
		return 0;
	memcpy(name, text, len);
	name[len] = '\0';
	rule = iopf_rule_find(name);
	return rule ? rule->number : 0;
}

/* The metric: a stage's figure, a count, or a rule. */
int expr_parse_metric(struct expr_parser *p)
{
	size_t len = 0, stage;
	int count;

	while (is_word(p->at[len]))
		len++;
	stage = find_stage(p, len);
	if (stage) {
		p->at += stage;
		return parse_stat(p, len - stage);
	}
	count = metrics_find(p->at, len);
	if (count < 0)
		p->expr->rule = find_rule(p->at, len);
	else
		p->expr->count = (unsigned int)count;
	if (count < 0 && !p->expr->rule)
		return expr_fail(p, "expected a metric, as total.p99, groups or IOPF003");
	p->at += len;
	return 0;
}

/* The comparison. Longer ones first, since they begin like shorter ones. */
static int parse_op(struct expr_parser *p)
{
	static const struct {
		const char *name;
		enum iopf_op op;
	} ops[] = {
		{ "<=", IOPF_LE }, { ">=", IOPF_GE }, { "==", IOPF_EQ },
		{ "!=", IOPF_NE }, { "<", IOPF_LT },  { ">", IOPF_GT },
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		size_t len = strlen(ops[i].name);

		if (strncmp(p->at, ops[i].name, len))
			continue;
		p->expr->op = ops[i].op;
		p->at += len;
		return 0;
	}
	return expr_fail(p, "expected one of < <= > >= == !=");
}

/* The unit of a time, which has to be there: 5 could be anything. */
int expr_parse_unit(struct expr_parser *p, const char *end)
{
	static const struct {
		const char *name;
		double factor;
	} units[] = {
		{ "ns", 1 },	      { "us", 1e3 }, { "\xc2\xb5s", 1e3 }, /* U+00B5 micro sign */
		{ "\xce\xbcs", 1e3 }, /* U+03BC small letter mu */
		{ "ms", 1e6 },	      { "s", 1e9 },  { "m", 60e9 },	   { "h", 3600e9 },
	};
	const char *number = p->at;
	size_t len;

	p->at = end;
	expr_skip_space(p);
	len = strcspn(p->at, " \t\r\n");
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!same(p->at, len, units[i].name))
			continue;
		p->expr->value *= units[i].factor;
		end = p->at + len;
		p->at = number;
		if (!(p->expr->value <= VALUE_MAX))
			return expr_fail(p, "expected a time of at most 104 days");
		p->at = end;
		return 0;
	}
	return expr_fail(p, "expected the unit of the time: ns, us, ms, s, m or h");
}

/* A count: whole, without a unit. */
int expr_check_count(struct expr_parser *p, const char *end, bool whole)
{
	if (!whole)
		return expr_fail(p, "expected a whole number, as 512: this is a count");
	if (!(p->expr->value <= VALUE_MAX))
		return expr_fail(p, "expected a whole number of at most 9007199254740992");
	p->at = end;
	expr_skip_space(p);
	if (*p->at)
		return expr_fail(p, "expected a number without a unit, as 512: this is a count");
	return 0;
}

/* The value that the metric is compared with. */
static int parse_value(struct expr_parser *p)
{
	const char *end;
	bool whole;

	end = expr_read_number(p->at, &p->expr->value, &whole);
	if (!end)
		return expr_fail(p, p->expr->is_time ? "expected a time with its unit, as 5ms" :
						       "expected a whole number, as 512");
	return p->expr->is_time ? expr_parse_unit(p, end) : expr_check_count(p, end, whole);
}

/* Parses an expression. */
int iopf_expr_parse(struct iopf_expr *expr, const char *text, struct iopf_expr_error *error)
{
	struct expr_parser p = { .text = text, .at = text, .expr = expr, .error = error };
	int (*const parts[])(struct expr_parser *) = { expr_parse_metric, parse_op, parse_value };

	*expr = (struct iopf_expr){ .text = text };
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		int err;

		expr_skip_space(&p);
		err = parts[i](&p);
		if (err)
			return err;
	}
	expr_skip_space(&p);
	return *p.at ? expr_fail(&p, "expected nothing more") : 0;
}

/* A figure of a stage; only its counts are there when nothing was counted. */
static bool stage_value(const struct iopf_expr *expr, const struct iopf_stage_stats *stats,
			double *value)
{
	const struct iopf_hist *h = &stats->hist;

	switch (expr->stat) {
	case IOPF_STAT_COUNT:
		*value = (double)h->count;
		return true;
	case IOPF_STAT_NEGATIVE:
		*value = (double)stats->negative;
		return true;
	case IOPF_STAT_MIN:
		*value = (double)h->min;
		break;
	case IOPF_STAT_MEAN:
		*value = (double)iopf_hist_mean(h);
		break;
	case IOPF_STAT_MAX:
		*value = (double)h->max;
		break;
	case IOPF_STAT_PERCENTILE:
		*value = (double)iopf_hist_percentile(h, expr->percentile);
		break;
	}
	return h->count > 0;
}

/* The value of an expression's metric. */
bool iopf_expr_value(const struct iopf_expr *expr, const struct iopf_report *report, double *value)
{
	uint64_t n = 0;
	bool known;

	if (expr->is_stage)
		return stage_value(expr, &report->stage[expr->stage], value);
	known = expr->rule ? metrics_rule(report, expr->rule, &n) :
			     metrics_count(report, expr->count, &n);
	*value = (double)n;
	return known;
}
