// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "complete.h"

#include <ctype.h>
#include <string.h>

#include "cmd/options_values.h"
#include "iopftrace/expression.h"
#include "iopftrace/rules.h"

/* Whether its values begin with a metric. */
static bool is_about_metrics(const struct option_def *def)
{
	return def->parse == option_assertion || def->parse == option_fail_on;
}

enum complete_kind complete_value(const struct option_def *def)
{
	size_t nr;

	if (def->parse == option_format || is_about_metrics(def) || option_words(def, &nr))
		return COMPLETE_WORDS;
	if (def->parse == option_pids)
		return COMPLETE_PID;
	if (!strcmp(def->arg, "FILE"))
		return COMPLETE_FILE;
	return strcmp(def->arg, "CMD") ? COMPLETE_FREE : COMPLETE_HOOK;
}

/* The word of a verb's usage that lists what it is to be given: "rules|metrics", "[RULE|GROUP]". */
static const char *alternatives(enum verb_id id, size_t *len)
{
	const char *usage = verb_get(id)->usage;
	const char *last = strrchr(usage, ' ');

	if (!last)
		return NULL;
	last += 1 + strspn(last + 1, "[");
	*len = strcspn(last, "]");
	return memchr(last, '|', *len) ? last : NULL;
}

enum complete_kind complete_operand(enum verb_id id, unsigned int nr)
{
	const char *words;
	size_t len;

	if (id == VERBS)
		return nr ? COMPLETE_NOTHING : COMPLETE_VERB;
	if (nr >= verb_get(id)->most_operands)
		return COMPLETE_NOTHING;
	words = alternatives(id, &len);
	return words && nr + 1 == verb_get(id)->most_operands ? COMPLETE_WORDS : COMPLETE_FILE;
}

/* Names of metrics that can be typed as they are. */
static void put_metrics(FILE *out)
{
	const char *name, *what;
	size_t i;

	for (i = 0; iopf_metric(i, &name, &what); i++) {
		size_t stem = strcspn(name, "N");

		if (!strcmp(name + stem, "NN"))
			fprintf(out, "%s%.*s50 %.*s99", i ? " " : "", (int)stem, name, (int)stem,
				name);
		else
			fprintf(out, "%s%s", i ? " " : "", name);
	}
}

void complete_words(FILE *out, const struct option_def *def, enum verb_id id)
{
	const struct output_format *formats = NULL;
	const char *const *words = NULL;
	const char *separator = "";
	size_t nr = 0, i;

	if (is_about_metrics(def)) {
		put_metrics(out);
		/* 'findings', the other condition that is no change, is a metric too. */
		fputs(def->parse == option_fail_on ? " verdict" : "", out);
		return;
	}
	if (def->parse == option_format)
		formats = output_formats(&nr);
	else
		words = option_words(def, &nr);
	for (i = 0; i < nr; i++) {
		if (formats && !options_format_suits(&formats[i], id))
			continue;
		fprintf(out, "%s%s", separator, formats ? formats[i].name : words[i]);
		separator = " ";
	}
}

void complete_operand_words(FILE *out, enum verb_id id, unsigned int nr)
{
	const char *words;
	unsigned int i;
	size_t len;

	words = alternatives(id, &len);
	if (!words || complete_operand(id, nr) != COMPLETE_WORDS)
		return;
	if (islower((unsigned char)*words)) {
		for (; len; words++, len--)
			putc(*words == '|' ? ' ' : *words, out);
		return;
	}
	for (i = 1; i <= IOPF_RULES; i++)
		fprintf(out, "%s%s %s", i > 1 ? " " : "", iopf_rule(i)->id, iopf_rule(i)->name);
}

void complete_verbs(FILE *out)
{
	unsigned int id;

	for (id = 0; id < VERBS; id++)
		fprintf(out, "%s ", verb_get((enum verb_id)id)->name);
	fputs("help", out);
}

bool complete_accepts(enum verb_id id, const struct option_def *def)
{
	return id == VERBS ? def->parse == option_help : def->verbs & VERB_BIT(id);
}

void complete_brief(FILE *out, const char *help, const char *special)
{
	size_t len = strcspn(help, ";:");

	for (; len; help++, len--) {
		if (strchr(special, *help))
			putc('\\', out);
		putc(*help, out);
	}
}
