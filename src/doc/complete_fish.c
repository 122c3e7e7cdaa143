// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "cmd/options_values.h"
#include "complete.h"

/* What does not depend on the tables. */
static const char functions[] =
	"# Fills in verb, operands and rest, the command behind --, from what stands before the cursor.\n"
	"function __iopftrace_parse --no-scope-shadowing\n"
	"	set verb\n"
	"	set operands 0\n"
	"	set rest\n"
	"	set command no\n"
	"	set -l skip no\n"
	"	set -l words (commandline -opc)\n"
	"	for word in $words[2..]\n"
	"		if test $command = yes\n"
	"			set -a rest $word\n"
	"		else if test $skip = yes\n"
	"			set skip no\n"
	"		else if test \"$word\" = --\n"
	"			set command yes\n"
	"		else if string match -q -- '-*' $word\n"
	"			contains -- $word $__iopftrace_takes; and set skip yes\n"
	"		else if test -z \"$verb\"; and contains -- $word $__iopftrace_verbs\n"
	"			set verb $word\n"
	"		else\n"
	"			set operands (math $operands + 1)\n"
	"		end\n"
	"	end\n"
	"end\n"
	"\n"
	"# Whether options of one of these verbs may stand here; without a verb it is run.\n"
	"function __iopftrace_is\n"
	"	__iopftrace_parse\n"
	"	test -n \"$verb\"; or set verb run\n"
	"	test $command = no; and contains -- $verb $argv\n"
	"end\n"
	"\n"
	"# Whether operand N of a verb stands here.\n"
	"function __iopftrace_at\n"
	"	__iopftrace_parse\n"
	"	test $command = no -a \"$verb\" = $argv[1] -a $operands = $argv[2]\n"
	"end\n"
	"\n"
	"function __iopftrace_no_verb\n"
	"	__iopftrace_parse\n"
	"	test $command = no -a -z \"$verb\" -a $operands = 0\n"
	"end\n"
	"\n"
	"function __iopftrace_after_dashes\n"
	"	__iopftrace_parse\n"
	"	test $command = yes\n"
	"end\n"
	"\n"
	"# A command completes itself.\n"
	"function __iopftrace_command\n"
	"	__iopftrace_parse\n"
	"	set -l line (string escape -- $rest) (commandline -ct)\n"
	"	complete \"-C\"(string join ' ' -- $line)\n"
	"end\n"
	"\n"
	"complete -c iopftrace -f\n"
	"complete -c iopftrace -n __iopftrace_after_dashes -a '(__iopftrace_command)'\n";

/* What completes something of this kind, but for words. */
static const char *completer(enum complete_kind kind)
{
	switch (kind) {
	case COMPLETE_FILE:
		return " -F";
	case COMPLETE_PID:
		return " -x -a '(__fish_append , (__fish_complete_pids))'";
	case COMPLETE_HOOK:
		return " -x -a 'snapshot (__fish_complete_command)'";
	case COMPLETE_VERB:
		return " -a \"$__iopftrace_verbs\"";
	case COMPLETE_WORDS:
	case COMPLETE_FREE:
	case COMPLETE_NOTHING:
		break;
	}
	return "";
}

/* An option for the verbs of a set. */
static void put_option(FILE *out, const struct option_def *def, unsigned int verbs)
{
	enum complete_kind kind = def->arg ? complete_value(def) : COMPLETE_NOTHING;
	unsigned int id, some = VERB_RUN;

	fputs("complete -c iopftrace -n '__iopftrace_is", out);
	for (id = 0; id < VERBS; id++) {
		if (!(verbs & VERB_BIT(id)))
			continue;
		fprintf(out, " %s", verb_get((enum verb_id)id)->name);
		some = id;
	}
	putc('\'', out);
	if (def->letter)
		fprintf(out, " -s %c", def->letter);
	fprintf(out, " -l %s", def->name);
	if (kind == COMPLETE_WORDS) {
		fputs(" -x -a '", out);
		complete_words(out, def, (enum verb_id)some);
		putc('\'', out);
	} else if (def->arg) {
		fprintf(out, "%s%s", kind == COMPLETE_FREE ? " -x" : " -r", completer(kind));
	}
	fputs(" -d '", out);
	complete_brief(out, def->help, "'\\");
	fputs("'\n", out);
}

static void put_options(FILE *out)
{
	const struct option_def *table;
	unsigned int id;
	size_t nr, i;

	table = options_table(&nr);
	for (i = 0; i < nr; i++) {
		if (!table[i].verbs)
			continue;
		if (table[i].parse != option_format) {
			put_option(out, &table[i], table[i].verbs);
			continue;
		}
		for (id = 0; id < VERBS; id++)
			if (table[i].verbs & VERB_BIT(id))
				put_option(out, &table[i], VERB_BIT(id));
	}
}

static void put_operands(FILE *out)
{
	unsigned int id, nr;

	for (id = 0; id <= VERBS; id++) {
		for (nr = 0;; nr++) {
			enum complete_kind kind = complete_operand((enum verb_id)id, nr);

			if (kind == COMPLETE_NOTHING)
				break;
			fprintf(out, "complete -c iopftrace -n '__iopftrace_at %s %u'",
				id == VERBS ? "help" : verb_get((enum verb_id)id)->name, nr);
			if (kind == COMPLETE_WORDS) {
				fputs(" -a '", out);
				complete_operand_words(out, (enum verb_id)id, nr);
				putc('\'', out);
			}
			fprintf(out, "%s\n", completer(kind));
		}
	}
}

static void put_verbs(FILE *out)
{
	unsigned int id;

	for (id = 0; id < VERBS; id++) {
		fprintf(out, "complete -c iopftrace -n __iopftrace_no_verb -a %s -d '",
			verb_get((enum verb_id)id)->name);
		complete_brief(out, verb_get((enum verb_id)id)->summary, "'\\");
		fputs("'\n", out);
	}
	fputs("complete -c iopftrace -n __iopftrace_no_verb -a help -d 'tell about a verb'\n", out);
}

void complete_fish(const struct source *s)
{
	FILE *out = source_create(s, "completions", "iopftrace.fish");
	const struct option_def *table;
	size_t nr, i;

	fputs("# SPDX-License-Identifier: GPL-2.0-only OR MIT\n"
	      "# Completion of iopftrace for fish. Generated: see src/doc in the source.\n\n"
	      "set -g __iopftrace_verbs ",
	      out);
	complete_verbs(out);
	fputs("\nset -g __iopftrace_takes", out);
	table = options_table(&nr);
	for (i = 0; i < nr; i++) {
		if (!table[i].arg || !table[i].verbs)
			continue;
		if (table[i].letter)
			fprintf(out, " -%c", table[i].letter);
		fprintf(out, " --%s", table[i].name);
	}
	fprintf(out, "\n\n%s", functions);
	put_verbs(out);
	put_options(out);
	put_operands(out);
	source_close(out);
}
