/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What expressions and conditions are parsed with. */
#ifndef IOPF_CORE_EXPRESSION_PARSER_H
#define IOPF_CORE_EXPRESSION_PARSER_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "iopftrace/expression.h"

struct expr_parser {
	const char *text; /* all of it */
	const char *at; /* what comes next */
	struct iopf_expr *expr; /* to be filled in */
	struct iopf_expr_error *error;
};

/* Notes what was expected where the parser is. Returns -EINVAL. */
int expr_fail(struct expr_parser *p, const char *words);

/* Goes on behind white space. */
void expr_skip_space(struct expr_parser *p);

/* The metric: a stage's figure, a count, or a rule. 0 or -EINVAL. */
int expr_parse_metric(struct expr_parser *p);

/* Reads digits with at most one point among them; where they end, or NULL when there are none. */
const char *expr_read_number(const char *text, double *value, bool *whole);

/* The unit, at @end, of the time whose number is where the parser is. 0 or -EINVAL. */
int expr_parse_unit(struct expr_parser *p, const char *end);

/* That the number where the parser is, which ends at @end, is a count. 0 or -EINVAL. */
int expr_check_count(struct expr_parser *p, const char *end, bool whole);

#endif /* IOPF_CORE_EXPRESSION_PARSER_H */
