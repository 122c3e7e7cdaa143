/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The command line. One table, options_table.c, says what options there are, what they take, where
 * it goes and which verbs accept them; parsing, --help and shell completion all come from it.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "iopftrace/compare.h"
#include "iopftrace/engine.h"
#include "iopftrace/expression.h"
#include "output/output.h"
#include "verbs.h"

#define OPTIONS_PIDS_MAX 64
#define OPTIONS_OPERANDS_MAX 4
#define OPTIONS_ASSERTIONS_MAX 64
#define OPTIONS_CONDITIONS_MAX 64

enum options_action {
	OPTIONS_RUN, /* the verb */
	OPTIONS_HELP, /* about the verb if it was given, else about everything */
	OPTIONS_VERSION,
};

enum options_color {
	OPTIONS_COLOR_AUTO,
	OPTIONS_COLOR_ALWAYS,
	OPTIONS_COLOR_NEVER,
};

/* A number that may not have been given. */
struct option_number {
	bool given;
	uint32_t value;
};

/* The same of a count. */
struct option_count {
	bool given;
	uint64_t value;
};

/* What --on-loss and policies call an enum iopf_on_loss. */
#define OPTIONS_ON_LOSS (IOPF_LOSS_IGNORE + 1)
extern const char *const options_on_loss[OPTIONS_ON_LOSS];

/* A moment of a recording: so long after its beginning, or before its end. */
struct option_moment {
	bool given;
	bool from_end;
	uint64_t ns;
};

struct option_on_loss {
	bool given;
	enum iopf_on_loss value;
};

/* How long a file may become, in one way or the other; 0 = any. */
struct option_rotate {
	uint64_t bytes, ns;
};

struct options {
	enum options_action action;
	enum verb_id verb;
	bool verb_given;
	char **command; /* after "--", NULL-terminated; NULL = none */
	const char *operand[OPTIONS_OPERANDS_MAX]; /* words that are no options: a FILE */
	size_t nr_operands;

	/* Scope: at most one of command and pids. */
	uint32_t pids[OPTIONS_PIDS_MAX];
	size_t nr_pids;
	bool system_wide;
	const char *comm, *device; /* filters, NULL = any */
	struct option_number dev_id, fault_id, pasid, code;
	struct option_moment from, to;
	enum iopf_key by[IOPF_KEYS]; /* what figures are divided by */
	size_t nr_by;

	uint64_t duration_ns, interval_ns; /* 0 = not given */
	bool kill; /* CMD, when tracing ends first */
	uint64_t buffer_bytes; /* a power of two of pages; 0 = default */
	uint64_t memory_limit; /* bytes; 0 = default */
	struct option_rotate rotate; /* record: go on in another file then */
	uint64_t keep; /* of its files; 0 = all */
	uint64_t flight_ns; /* record: keep the last in memory; 0 = not given */

	/* Judging. What is not given here may be in the policy. */
	struct iopf_expr assertion[OPTIONS_ASSERTIONS_MAX];
	size_t nr_assertions;
	struct iopf_condition fail_on[OPTIONS_CONDITIONS_MAX];
	size_t nr_fail_on;
	const char *policy; /* file, NULL = none */
	uint64_t deadline_ns; /* 0 = not given */
	struct option_count min_groups;
	struct option_on_loss on_loss;
	bool verdict_only;
	const char *on_violation; /* a shell command, or "snapshot"; NULL = nothing */
	const char *record; /* file to record to while judging; NULL = none */
	const char *junit, *ktap; /* files; NULL = none, "-" = standard output */
	bool annotate;
	bool journey; /* trace: groups instead of events */

	const struct output_format *format;
	const char *output; /* file; NULL or "-" = standard output */
	enum options_color color;
	struct output_opts show; /* but for its color: see options_use_color() */
};

/* What is wrong with a command line: one line, without the program's name or a newline. */
struct options_error {
	char text[512];
	char help[64]; /* the command that tells more */
};

/*
 * Parses a command line. Returns 0, or -EINVAL with @error filled in. Strings in @options are those
 * of @argv. Not reentrant, since getopt_long() is not.
 */
int options_parse(struct options *options, int argc, char **argv, struct options_error *error);

/* What figures are divided by, and of which groups they are, for an engine; but for start_ns. */
void options_breakdown(const struct options *options, struct iopf_breakdown_opts *breakdown);

/* Whether @out may get escape sequences: it is a terminal, and one that knows them. */
bool options_may_escape(FILE *out);

/* Whether what is written to @out should have colour: --color, NO_COLOR, TERM, a terminal. */
bool options_use_color(const struct options *options, FILE *out);

/* Whether what a verb shows can be had in a format. */
bool options_format_suits(const struct output_format *format, enum verb_id verb);

/* In which part of --help an option stands. */
enum option_group {
	OPTION_SCOPE,
	OPTION_COURSE,
	OPTION_JUDGING,
	OPTION_OUTPUT,
	OPTION_GENERAL,
	OPTION_GROUPS
};

struct option_def;

/* Takes the value of an option (NULL when it has none) into its member of struct options. */
typedef int (*option_parse_fn)(const struct option_def *def, const char *value, void *member,
			       struct options_error *error);

struct option_def {
	const char *name; /* without the dashes */
	char letter; /* 0 = none */
	const char *arg; /* what --help calls its value; NULL = it takes none */
	option_parse_fn parse;
	size_t member; /* offset in struct options */
	unsigned int verbs; /* set of VERB_BIT(); those that accept it */
	enum option_group group;
	const char *help;
};

/* The table. Options that no verb accepts yet are in it, and unknown to users. */
const struct option_def *options_table(size_t *nr);

/* Fills in an error, of which all can be shown: the rest becomes \xHH. Returns -EINVAL. */
__attribute__((format(printf, 2, 3))) int options_fail(struct options_error *error, const char *fmt,
						       ...);

#endif /* CMD_OPTIONS_H */
