/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A finished comparison, shown: as text for a person, as JSON for programs. */
#ifndef OUTPUT_DIFF_H
#define OUTPUT_DIFF_H

#include "iopftrace/compare.h"
#include "output.h"

struct diff_view {
	const struct iopf_comparison *c;
	const char *file[IOPF_SIDES]; /* its name; "-" = standard input */
	bool recording[IOPF_SIDES]; /* else it was a JSON report */
	const struct iopf_condition_result *result; /* in the order in which they were given */
	size_t nr_results;
	int exit_code;
};

/* They return 0, or a negative errno when @out could not be written. */
int output_diff_text(const struct diff_view *view, const struct output_opts *opts, FILE *out);
int output_diff_json(const struct diff_view *view, const struct output_opts *opts, FILE *out);

#endif /* OUTPUT_DIFF_H */
