// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <stdlib.h>
#include <string.h>

#include "complete.h"

/* What does not depend on the tables. */
static const char functions[] =
	"_iopftrace_hook()\n"
	"{\n"
	"	_alternative 'hooks:hook:(snapshot)' 'commands:command:_command_names -e'\n"
	"}\n"
	"\n"
	"# Any process may be traced, not only those of this terminal.\n"
	"_iopftrace_pid()\n"
	"{\n"
	"	local -a pids=( ${=$(ps -eo pid= 2>/dev/null)} )\n"
	"\n"
	"	compadd \"$@\" -a pids\n"
	"}\n"
	"\n"
	"_iopftrace_pids()\n"
	"{\n"
	"	_sequence _iopftrace_pid\n"
	"}\n"
	"\n"
	"_iopftrace()\n"
	"{\n"
	"	local word verb='' skip=0 dash=${words[(ie)--]}\n"
	"\n"
	"	# What follows -- is a command, which completes itself.\n"
	"	if (( dash < CURRENT )); then\n"
	"		shift $dash words\n"
	"		(( CURRENT -= dash ))\n"
	"		_normal\n"
	"		return\n"
	"	fi\n"
	"	for word in ${words[2,CURRENT-1]}; do\n"
	"		if (( skip )); then\n"
	"			skip=0\n"
	"		elif [[ $word == -* ]]; then\n"
	"			(( ${_iopftrace_takes[(Ie)$word]} )) && skip=1\n"
	"		elif (( ${_iopftrace_verbs[(I)$word:*]} )); then\n"
	"			verb=$word\n"
	"			break\n"
	"		fi\n"
	"	done\n"
	"	_iopftrace_of ${verb:-run}\n"
	"}\n"
	"\n"
	"_iopftrace \"$@\"\n";

/* Within '...' of the shell and [...] of a specification. */
static void put_brief(FILE *out, const char *text)
{
	char clause[512];
	FILE *buffer = fmemopen(clause, sizeof(clause), "w");
	const char *c;

	if (!buffer)
		abort();
	complete_brief(buffer, text, "[]:\\");
	fclose(buffer);
	for (c = clause; *c; c++) {
		if (*c == '\'')
			fputs("'\\''", out);
		else
			putc(*c, out);
	}
}

/* What completes a value: the action of a specification. */
static void put_action(FILE *out, enum complete_kind kind, const struct option_def *def,
		       enum verb_id id, unsigned int operand)
{
	switch (kind) {
	case COMPLETE_WORDS:
		putc('(', out);
		if (def)
			complete_words(out, def, id);
		else
			complete_operand_words(out, id, operand);
		putc(')', out);
		break;
	case COMPLETE_FILE:
		fputs("_files", out);
		break;
	case COMPLETE_PID:
		fputs("_iopftrace_pids", out);
		break;
	case COMPLETE_HOOK:
		fputs("_iopftrace_hook", out);
		break;
	case COMPLETE_VERB:
		fputs("_iopftrace_verb", out);
		break;
	case COMPLETE_FREE:
	case COMPLETE_NOTHING:
		putc(' ', out);
	}
}

/* One option, as _arguments takes it. */
static void put_option(FILE *out, const struct option_def *def, enum verb_id id)
{
	const char *value = def->arg ? "=" : "";

	fputs("\t\t\t", out);
	if (strstr(def->help, "may be repeated"))
		fputs("'*'", out);
	else if (def->letter)
		fprintf(out, "'(-%c --%s)'", def->letter, def->name);
	if (def->letter)
		fprintf(out, "{-%c%s,--%s%s}'[", def->letter, def->arg ? "+" : "", def->name,
			value);
	else
		fprintf(out, "'--%s%s[", def->name, value);
	put_brief(out, def->help);
	putc(']', out);
	if (def->arg) {
		fprintf(out, ":%s:", def->arg);
		put_action(out, complete_value(def), def, id, 0);
	}
	fputs("' \\\n", out);
}

/* The specifications of a verb. */
static void put_verb(FILE *out, enum verb_id id)
{
	const struct option_def *table;
	unsigned int operand;
	size_t nr, i;

	table = options_table(&nr);
	fprintf(out, "\t%s)\n\t\t_arguments -s \\\n", id == VERBS ? "help" : verb_get(id)->name);
	for (i = 0; i < nr; i++)
		if (complete_accepts(id, &table[i]))
			put_option(out, &table[i], id);
	for (operand = 0; complete_operand(id, operand) != COMPLETE_NOTHING; operand++) {
		fprintf(out, "\t\t\t'%u: :", operand + 2);
		put_action(out, complete_operand(id, operand), NULL, id, operand);
		fputs("' \\\n", out);
	}
	fputs("\t\t\t'1: :_iopftrace_verb'\n\t\t;;\n", out);
}

/* The verbs, with what they are for; and the options that take a value. */
static void put_lists(FILE *out)
{
	const struct option_def *table;
	unsigned int id;
	size_t nr, i;

	fputs("_iopftrace_verbs=(\n", out);
	for (id = 0; id < VERBS; id++) {
		fprintf(out, "\t'%s:", verb_get((enum verb_id)id)->name);
		put_brief(out, verb_get((enum verb_id)id)->summary);
		fputs("'\n", out);
	}
	fputs("\t'help:tell about a verb'\n)\n\n# Options that take a value, which is the next word.\n"
	      "_iopftrace_takes=(",
	      out);
	table = options_table(&nr);
	for (i = 0; i < nr; i++) {
		if (!table[i].arg || !table[i].verbs)
			continue;
		if (table[i].letter)
			fprintf(out, " -%c", table[i].letter);
		fprintf(out, " --%s", table[i].name);
	}
	fputs(" )\n\n_iopftrace_verb()\n{\n\t_describe verb _iopftrace_verbs\n}\n\n", out);
}

void complete_zsh(const struct source *s)
{
	FILE *out = source_create(s, "completions", "_iopftrace");
	unsigned int id;

	fputs("#compdef iopftrace\n"
	      "# SPDX-License-Identifier: GPL-2.0-only OR MIT\n"
	      "# Completion of iopftrace for zsh. Generated: see src/doc in the source.\n\n"
	      "typeset -ga _iopftrace_verbs _iopftrace_takes\n\n",
	      out);
	put_lists(out);
	fputs("_iopftrace_of()\n{\n\tcase $1 in\n", out);
	for (id = 0; id <= VERBS; id++)
		put_verb(out, (enum verb_id)id);
	fputs("\tesac\n}\n\n", out);
	fputs(functions, out);
	source_close(out);
}
