/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The verbs: what they are called and what they are for. Adding one is an entry in verbs.c, a bit
 * in the option table for each option it takes, and its function in main.c's table.
 */
#ifndef CMD_VERBS_H
#define CMD_VERBS_H

#include <stdbool.h>

enum verb_id {
	VERB_RUN,
	VERB_RECORD,
	VERB_CHECK,
	VERB_REPORT,
	VERB_TRACE,
	VERB_EXPLAIN,
	VERB_DIFF,
	VERB_LIST,
	VERBS
};

/* Sets of verbs, for the option table. */
#define VERB_BIT(id) (1U << (id))
#define VERB_ALL (VERB_BIT(VERBS) - 1)

struct verb {
	const char *name;
	const char *summary; /* one line, no full stop */
	const char *usage; /* what follows "iopftrace " */
	const char *about; /* paragraphs for its --help */
	const char *examples; /* lines for its --help */
	bool takes_command; /* -- CMD... */
	unsigned int most_operands; /* words that it takes: FILEs */
};

struct options;

/* What they do, in the files named after them. They return the exit code. */
int cmd_run(const struct options *options);
int cmd_record(const struct options *options);
int cmd_check(const struct options *options);
int cmd_report(const struct options *options);
int cmd_trace(const struct options *options);
int cmd_explain(const struct options *options);
int cmd_diff(const struct options *options);
int cmd_list(const struct options *options);

/* The verb with this number. */
const struct verb *verb_get(enum verb_id id);

/* Its number, or VERBS when there is none of this name. */
enum verb_id verb_find(const char *name);

/* The name of a verb that @word may be a misspelling of, or NULL. */
const char *verb_nearest(const char *word);

#endif /* CMD_VERBS_H */
