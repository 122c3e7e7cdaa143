/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* How the values of options are read: the parse functions of the option table. */
#ifndef CMD_OPTIONS_VALUES_H
#define CMD_OPTIONS_VALUES_H

#include "options.h"

/* The type in the comment is that of the member. */
int option_flag(const struct option_def *def, const char *value, void *member,
		struct options_error *error); /* bool */
int option_help(const struct option_def *def, const char *value, void *member,
		struct options_error *error); /* enum options_action */
int option_version(const struct option_def *def, const char *value, void *member,
		   struct options_error *error); /* enum options_action */
int option_string(const struct option_def *def, const char *value, void *member,
		  struct options_error *error); /* const char *; not empty */
int option_time(const struct option_def *def, const char *value, void *member,
		struct options_error *error); /* uint64_t, ns; more than 0 */
int option_memory(const struct option_def *def, const char *value, void *member,
		  struct options_error *error);
int option_buffer(const struct option_def *def, const char *value, void *member,
		  struct options_error *error); /* uint64_t; rounded up to 2^n pages */
int option_rotate(const struct option_def *def, const char *value, void *member,
		  struct options_error *error); /* struct option_rotate */
int option_keep(const struct option_def *def, const char *value, void *member,
		struct options_error *error); /* uint64_t; 2 at least */
int option_count(const struct option_def *def, const char *value, void *member,
		 struct options_error *error); /* struct option_count */
int option_assertion(const struct option_def *def, const char *value, void *member,
		     struct options_error *error); /* struct options */
int option_fail_on(const struct option_def *def, const char *value, void *member,
		   struct options_error *error); /* struct options */
int option_on_loss(const struct option_def *def, const char *value, void *member,
		   struct options_error *error); /* struct option_on_loss */
int option_rows(const struct option_def *def, const char *value, void *member,
		struct options_error *error); /* size_t, at most OPTION_ROWS_MAX */
int option_id(const struct option_def *def, const char *value, void *member,
	      struct options_error *error); /* struct option_number */
int option_code(const struct option_def *def, const char *value, void *member,
		struct options_error *error); /* struct option_number */
int option_pids(const struct option_def *def, const char *value, void *member,
		struct options_error *error); /* struct options */
int option_percentiles(const struct option_def *def, const char *value, void *member,
		       struct options_error *error); /* struct output_opts */
int option_unit(const struct option_def *def, const char *value, void *member,
		struct options_error *error); /* enum units_time */
int option_color(const struct option_def *def, const char *value, void *member,
		 struct options_error *error); /* enum options_color */
int option_format(const struct option_def *def, const char *value, void *member,
		  struct options_error *error); /* const struct output_format * */

/* options_breakdown.c */
int option_by(const struct option_def *def, const char *value, void *member,
	      struct options_error *error); /* struct options */
int option_moment(const struct option_def *def, const char *value, void *member,
		  struct options_error *error); /* struct option_moment */

/* Whether what divides the figures goes together, and with the format. 0 or -EINVAL. */
int options_check_breakdown(const struct options *o, struct options_error *error);

/* The words that the value of an option is one of, for completion; NULL when it is free or a format. */
const char *const *option_words(const struct option_def *def, size_t *nr);

#define OPTION_ROWS_MAX 1000
#define OPTION_BUFFER_MAX (1ULL << 31)

#endif /* CMD_OPTIONS_VALUES_H */
