/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Completion for shells: what the tables say, and what is known of values by their type. */
#ifndef DOC_COMPLETE_H
#define DOC_COMPLETE_H

#include "cmd/options.h"
#include "source.h"

/* Write OUT/completions/iopftrace, _iopftrace and iopftrace.fish. */
void complete_bash(const struct source *s);
void complete_zsh(const struct source *s);
void complete_fish(const struct source *s);

/* What the value of an option, or an operand of a verb, is. */
enum complete_kind {
	COMPLETE_NOTHING, /* there is no such operand */
	COMPLETE_FREE, /* nobody can guess */
	COMPLETE_WORDS, /* one of complete_words() */
	COMPLETE_FILE,
	COMPLETE_PID,
	COMPLETE_HOOK, /* "snapshot", or a command */
	COMPLETE_VERB,
};

/* Of the value of an option, which takes one. */
enum complete_kind complete_value(const struct option_def *def);

/* Of operand @nr, from 0, of a verb; VERBS is "help". */
enum complete_kind complete_operand(enum verb_id id, unsigned int nr);

/* Writes the words that a value or an operand is one of, with spaces between. */
void complete_words(FILE *out, const struct option_def *def, enum verb_id id);
void complete_operand_words(FILE *out, enum verb_id id, unsigned int nr);

/* Writes the verbs and "help". */
void complete_verbs(FILE *out);

/* Whether a verb accepts an option; that of "help" is -h. */
bool complete_accepts(enum verb_id id, const struct option_def *def);

/* Writes the first clause of a help text, with \ before each of @special. */
void complete_brief(FILE *out, const char *help, const char *special);

#endif /* DOC_COMPLETE_H */
