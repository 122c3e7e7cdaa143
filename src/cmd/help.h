/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* --help and --version: 80 columns, made from the tables of verbs, options and exit codes. */
#ifndef CMD_HELP_H
#define CMD_HELP_H

#include <stdio.h>

#include "options.h"
#include "verbs.h"

/* What there is: verbs, examples, the commonest options. */
void help_overview(FILE *out);

/* One verb: its options, examples, the exit codes. */
void help_verb(enum verb_id id, FILE *out);

/* Writes words from column @column on, and goes on there in further lines of at most 80 columns. */
void help_words(const char *text, unsigned int column, FILE *out);

/* What a group of options is called: "Scope". */
const char *help_group_title(enum option_group group);

/* "iopftrace 1.2.3" */
void help_version(FILE *out);

#endif /* CMD_HELP_H */
