// SPDX-License-Identifier: GPL-2.0-only
/* Assertions and conditions: read, evaluated on a report, shown. */
#include <math.h>
#include <string.h>

#include "cmd/assertion.h"
#include "output/output.h"
#include "sample.h"

static struct iopf_report *report;
static struct iopf_comparison *comparison;

static void setup(void)
{
	static const double percentiles[] = { 50, 99 };
	char name[64];

	sample_make(1, name, sizeof(name));
	report = sample_report(name);
	comparison = iopf_compare(report, report, percentiles, 2);
	if (!comparison)
		abort();
}

/* Whatever it says, one report holds it or does not, and its opposite the other way round. */
static void check_assertion(const struct iopf_expr *expr)
{
	struct iopf_expr both[2] = { *expr, *expr };
	static const enum iopf_op opposite[] = {
		[IOPF_LT] = IOPF_GE, [IOPF_LE] = IOPF_GT, [IOPF_GT] = IOPF_LE,
		[IOPF_GE] = IOPF_LT, [IOPF_EQ] = IOPF_NE, [IOPF_NE] = IOPF_EQ,
	};

	both[1].op = opposite[expr->op];
	free(report->assertions); /* of the last time */
	if (!isfinite(expr->value) || iopf_report_assert(report, both, 2))
		fuzz_fail("'%s' is %g", expr->text, expr->value);
	output_value(&report->assertions[0], UNITS_AUTO);
	if (report->assertions[0].holds && report->assertions[1].holds)
		fuzz_fail("'%s' holds, and so does its opposite", expr->text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct iopf_condition condition;
	char why[ASSERTION_WHY], text[4096];
	struct iopf_expr expr;

	if (!report)
		setup();
	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	fuzz_begin();
	if (!assertion_parse(&expr, text, why))
		check_assertion(&expr);
	else
		fuzz_is_printable(why, strlen(why));
	if (condition_parse(&condition, text, why))
		fuzz_is_printable(why, strlen(why));
	else
		iopf_condition_evaluate(&condition, comparison);
	fuzz_end(1 << 20, 500000000);
	return 0;
}
