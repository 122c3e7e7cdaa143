// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "cmd/options_values.h"
#include "complete.h"

/* What does not depend on the tables. */
static const char functions[] =
	"# Takes the words that begin like what is being typed.\n"
	"_iopftrace_words()\n"
	"{\n"
	"	mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n"
	"}\n"
	"\n"
	"_iopftrace_files()\n"
	"{\n"
	"	compopt -o filenames 2>/dev/null\n"
	"	mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"}\n"
	"\n"
	"# Process ids, also behind others and a comma.\n"
	"_iopftrace_pids()\n"
	"{\n"
	"	local before=${cur%\"${cur##*,}\"}\n"
	"\n"
	"	mapfile -t COMPREPLY < <(compgen -P \"$before\" -W \"$(ps -eo pid= 2>/dev/null)\" -- \"${cur##*,}\")\n"
	"}\n"
	"\n"
	"# What follows --: a command, which completes itself.\n"
	"_iopftrace_command()\n"
	"{\n"
	"	if declare -F _command_offset >/dev/null; then\n"
	"		_command_offset \"$1\"\n"
	"	elif ((COMP_CWORD == $1)); then\n"
	"		compopt -o filenames 2>/dev/null\n"
	"		mapfile -t COMPREPLY < <(compgen -c -- \"$cur\"; compgen -d -- \"$cur\")\n"
	"	else\n"
	"		_iopftrace_files\n"
	"	fi\n"
	"}\n"
	"\n"
	"_iopftrace()\n"
	"{\n"
	"	local cur=${COMP_WORDS[COMP_CWORD]} verb='' option='' operand=0 word i\n"
	"\n"
	"	COMPREPLY=()\n"
	"	for ((i = 1; i < COMP_CWORD; i++)); do\n"
	"		word=${COMP_WORDS[i]}\n"
	"		if [[ -n $option ]]; then\n"
	"			[[ $word == '=' ]] || option='' # bash divides --option=value there\n"
	"			continue\n"
	"		fi\n"
	"		case $word in\n"
	"		--) _iopftrace_command $((i + 1)); return ;;\n"
	"		-*) ! _iopftrace_takes \"$word\" || option=$word ;;\n"
	"		*)\n"
	"			if [[ -z $verb && \" $_iopftrace_verbs \" == *\" $word \"* ]]; then\n"
	"				verb=$word\n"
	"			else\n"
	"				operand=$((operand + 1))\n"
	"			fi\n"
	"			;;\n"
	"		esac\n"
	"	done\n"
	"	if [[ -n $option ]]; then\n"
	"		[[ $cur != '=' ]] || cur=''\n"
	"		_iopftrace_value \"${verb:-run}\" \"$option\"\n"
	"	elif [[ $cur == -* ]]; then\n"
	"		_iopftrace_options \"${verb:-run}\"\n"
	"	elif [[ -z $verb ]]; then\n"
	"		((operand)) || _iopftrace_words \"$_iopftrace_verbs\"\n"
	"	else\n"
	"		_iopftrace_operand \"$verb\" \"$operand\"\n"
	"	fi\n"
	"}\n"
	"\n"
	"complete -F _iopftrace iopftrace\n";

/* The name of a verb, or of "help". */
static const char *name(unsigned int id)
{
	return id == VERBS ? "help" : verb_get((enum verb_id)id)->name;
}

/* An option as a pattern: "-d | --duration". */
static void put_pattern(FILE *out, const struct option_def *def)
{
	if (def->letter)
		fprintf(out, "-%c | ", def->letter);
	fprintf(out, "--%s", def->name);
}

static void put_options(FILE *out)
{
	const struct option_def *table;
	unsigned int id;
	size_t nr, i;

	table = options_table(&nr);
	fputs("_iopftrace_options()\n{\n\tcase $1 in\n", out);
	for (id = 0; id <= VERBS; id++) {
		fprintf(out, "\t%s) _iopftrace_words '", name(id));
		for (i = 0; i < nr; i++) {
			if (!complete_accepts((enum verb_id)id, &table[i]))
				continue;
			if (table[i].letter)
				fprintf(out, "-%c ", table[i].letter);
			fprintf(out, "--%s ", table[i].name);
		}
		fputs("' ;;\n", out);
	}
	fputs("\tesac\n}\n\n# Whether an option takes a value, which is the next word.\n"
	      "_iopftrace_takes()\n{\n\tcase $1 in\n",
	      out);
	for (i = 0; i < nr; i++) {
		if (!table[i].arg || !table[i].verbs)
			continue;
		putc('\t', out);
		put_pattern(out, &table[i]);
		fputs(") return 0 ;;\n", out);
	}
	fputs("\tesac\n\treturn 1\n}\n\n", out);
}

/* What completes something of this kind, but for words. */
static const char *completer(enum complete_kind kind)
{
	switch (kind) {
	case COMPLETE_FILE:
		return "_iopftrace_files";
	case COMPLETE_PID:
		return "_iopftrace_pids";
	case COMPLETE_HOOK:
		return "_iopftrace_words \"snapshot $(compgen -c -- \"$cur\")\"";
	case COMPLETE_VERB:
		return "_iopftrace_words \"$_iopftrace_verbs\"";
	case COMPLETE_WORDS:
	case COMPLETE_FREE:
	case COMPLETE_NOTHING:
		break;
	}
	return NULL;
}

/* The value of one option; formats depend on the verb. */
static void put_value(FILE *out, const struct option_def *def)
{
	enum complete_kind kind = complete_value(def);
	unsigned int id;

	if (kind == COMPLETE_FREE)
		return;
	fputs("\t", out);
	put_pattern(out, def);
	if (completer(kind)) {
		fprintf(out, ") %s ;;\n", completer(kind));
	} else if (def->parse != option_format) {
		fputs(") _iopftrace_words '", out);
		complete_words(out, def, VERB_RUN);
		fputs("' ;;\n", out);
	} else {
		fputs(")\n\t\tcase $1 in\n", out);
		for (id = 0; id < VERBS; id++) {
			if (!(def->verbs & VERB_BIT(id)))
				continue;
			fprintf(out, "\t\t%s) _iopftrace_words '", name(id));
			complete_words(out, def, (enum verb_id)id);
			fputs("' ;;\n", out);
		}
		fputs("\t\tesac\n\t\t;;\n", out);
	}
}

static void put_operands(FILE *out)
{
	unsigned int id, nr;

	fputs("_iopftrace_operand()\n{\n\tcase $1:$2 in\n", out);
	for (id = 0; id <= VERBS; id++) {
		for (nr = 0;; nr++) {
			enum complete_kind kind = complete_operand((enum verb_id)id, nr);

			if (kind == COMPLETE_NOTHING)
				break;
			fprintf(out, "\t%s:%u) ", name(id), nr);
			if (completer(kind)) {
				fputs(completer(kind), out);
			} else {
				fputs("_iopftrace_words '", out);
				complete_operand_words(out, (enum verb_id)id, nr);
				putc('\'', out);
			}
			fputs(" ;;\n", out);
		}
	}
	fputs("\tesac\n}\n\n", out);
}

void complete_bash(const struct source *s)
{
	FILE *out = source_create(s, "completions", "iopftrace");
	const struct option_def *table;
	size_t nr, i;

	fputs("# SPDX-License-Identifier: GPL-2.0-only OR MIT\n"
	      "# Completion of iopftrace for bash. Generated: see src/doc in the source.\n"
	      "# shellcheck shell=bash\n\n_iopftrace_verbs='",
	      out);
	complete_verbs(out);
	fputs("'\n\n", out);
	put_options(out);
	table = options_table(&nr);
	fputs("_iopftrace_value()\n{\n\tcase $2 in\n", out);
	for (i = 0; i < nr; i++)
		if (table[i].arg && table[i].verbs)
			put_value(out, &table[i]);
	fputs("\tesac\n}\n\n", out);
	put_operands(out);
	fputs(functions, out);
	source_close(out);
}
