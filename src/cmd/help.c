// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <string.h>

#include "exit_codes.h"
#include "help.h"
#include "options_values.h"

#define WIDTH 80
#define HELP_COLUMN 27 /* where the text about an option begins */

#ifndef IOPFTRACE_VERSION
#define IOPFTRACE_VERSION "unknown"
#endif

void help_words(const char *text, unsigned int column, FILE *out)
{
	unsigned int at = column;

	while (*text) {
		unsigned int len = (unsigned int)strcspn(text, " ");

		if (at > column && at + 1 + len > WIDTH) {
			fprintf(out, "\n%*s", (int)column, "");
			at = column;
		} else if (at > column) {
			putc(' ', out);
			at++;
		}
		fprintf(out, "%.*s", (int)len, text);
		at += len;
		text += len + strspn(text + len, " ");
	}
	putc('\n', out);
}

/* The formats that a verb has, below the option that chooses one. */
static void put_formats(enum verb_id id, FILE *out)
{
	const struct output_format *formats;
	size_t nr, i;

	formats = output_formats(&nr);
	for (i = 0; i < nr; i++) {
		if (!options_format_suits(&formats[i], id))
			continue;
		fprintf(out, "%*s%-13s", HELP_COLUMN, "", formats[i].name);
		help_words(formats[i].description, HELP_COLUMN + 13, out);
	}
}

/* One option: "  -d, --duration TIME    stop after TIME". */
static void put_option(const struct option_def *def, enum verb_id id, FILE *out)
{
	char letter[8] = "    ";
	int used;

	if (def->letter)
		snprintf(letter, sizeof(letter), "-%c, ", def->letter);
	used = fprintf(out, "  %s--%s%s%s", letter, def->name, def->arg ? " " : "",
		       def->arg ? def->arg : "");
	fprintf(out, "%*s", used < HELP_COLUMN ? HELP_COLUMN - used : 1, "");
	help_words(def->help, HELP_COLUMN, out);
	if (def->parse == option_format)
		put_formats(id, out);
}

const char *help_group_title(enum option_group group)
{
	static const char *const titles[] = {
		[OPTION_SCOPE] = "Scope",     [OPTION_COURSE] = "Course",
		[OPTION_JUDGING] = "Judging", [OPTION_OUTPUT] = "Output",
		[OPTION_GENERAL] = "General",
	};

	_Static_assert(sizeof(titles) / sizeof(titles[0]) == OPTION_GROUPS, "a group has no title");
	return titles[group];
}

/* The options of a verb, by group. */
static void put_options(enum verb_id id, FILE *out)
{
	const struct option_def *table;
	unsigned int group;
	size_t nr, i;

	table = options_table(&nr);
	for (group = 0; group < OPTION_GROUPS; group++) {
		bool any = false;

		for (i = 0; i < nr; i++) {
			if (table[i].group != group || !(table[i].verbs & VERB_BIT(id)))
				continue;
			if (!any)
				fprintf(out, "\n%s:\n", help_group_title((enum option_group)group));
			any = true;
			put_option(&table[i], id, out);
		}
	}
}

/* The table of exit codes. */
static void put_exit_codes(enum verb_id id, FILE *out)
{
	const struct exit_code_help *table;
	size_t nr, i;

	table = exit_codes_table(&nr);
	fputs("\nExit codes:\n", out);
	for (i = 0; i < nr; i++) {
		if (!(table[i].verbs & VERB_BIT(id)))
			continue;
		fprintf(out, "  %5s  ", table[i].codes);
		help_words(table[i].meaning, 9, out);
	}
}

void help_overview(FILE *out)
{
	unsigned int id;

	fputs("iopftrace - follows I/O page faults through iommufd: where the time goes, and\n"
	      "whether every page request group is answered\n"
	      "\n"
	      "Usage: iopftrace [VERB] [OPTIONS] [-- CMD...]\n"
	      "\n"
	      "Verbs:\n",
	      out);
	for (id = 0; id < VERBS; id++)
		fprintf(out, "  %-8s %s\n", verb_get((enum verb_id)id)->name,
			verb_get((enum verb_id)id)->summary);
	fputs("  help     tell about a verb: iopftrace help run\n"
	      "Without a verb it is 'run'.\n"
	      "\n"
	      "Examples:\n"
	      "  iopftrace -- ./vmm --guest disk.img     trace a VMM from its start to its end\n"
	      "  iopftrace -p 1234 -d 10                 a running process, for 10 seconds\n"
	      "  iopftrace -d 10                         the whole machine\n"
	      "  iopftrace -f json -- ./test | jq .stages.total\n"
	      "  iopftrace trace -p 1234                 every event, one line each\n"
	      "\n"
	      "Common options:\n"
	      "  -p PID     trace this process          -d TIME    stop after TIME\n"
	      "  -f json    for programs                -o FILE    write to FILE\n"
	      "  -v         more                        -q         only the verdict\n"
	      "\n"
	      "Stages of a group: route (driver to iommufd), wait (for a read), service (user\n"
	      "space repairs the mapping), ack (the driver is told), total.\n"
	      "\n"
	      "It needs CAP_BPF and CAP_PERFMON; CMD runs as the user who calls it.\n"
	      "All options and the exit codes: iopftrace run --help, man iopftrace\n",
	      out);
}

void help_verb(enum verb_id id, FILE *out)
{
	const struct verb *verb = verb_get(id);

	fprintf(out, "iopftrace %s - %s\n\nUsage: iopftrace %s\n\n%s", verb->name, verb->summary,
		verb->usage, verb->about);
	put_options(id, out);
	fprintf(out, "\nExamples:\n%s", verb->examples);
	put_exit_codes(id, out);
	fprintf(out, "\nMore: man iopftrace-%s\n", verb->name);
}

void help_version(FILE *out)
{
	fputs("iopftrace " IOPFTRACE_VERSION "\n", out);
}
