// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nearest.h"
#include "options_values.h"
#include "output/utf8.h"

/* getopt_long() gives this plus the place in the table, so that letters cannot be taken for it. */
#define LONG_BASE 256
#define TABLE_MAX 64

/* What parsing has to know beside the result. */
struct parser {
	int argc;
	char **argv;
	struct options *o;
	struct options_error *error;
	const struct option_def *table;
	size_t nr;
	char letters[2 * TABLE_MAX + 4];
	struct option longs[TABLE_MAX + 1];
	int verb_at; /* where in argv the verb stands; 0 = nowhere */
};

int options_fail(struct options_error *error, const char *fmt, ...)
{
	char text[sizeof(error->text)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	utf8_text(error->text, sizeof(error->text), text);
	return -EINVAL;
}

/* Makes of the table what getopt_long() wants. Options that no verb accepts are left out. */
static void prepare(struct parser *p)
{
	size_t used = 0, nr = 0, i;

	p->table = options_table(&p->nr);
	p->letters[used++] = '-'; /* words that are no options come in their place */
	p->letters[used++] = ':'; /* a missing value is not an unknown option */
	for (i = 0; i < p->nr && nr < TABLE_MAX; i++) {
		const struct option_def *def = &p->table[i];

		if (!def->verbs)
			continue;
		p->longs[nr++] = (struct option){
			.name = def->name,
			.has_arg = def->arg ? required_argument : no_argument,
			.val = LONG_BASE + (int)i,
		};
		if (def->letter)
			p->letters[used++] = def->letter;
		if (def->letter && def->arg)
			p->letters[used++] = ':';
	}
}

/* The option that getopt_long() means by @val, or NULL. */
static const struct option_def *find(const struct parser *p, int val)
{
	size_t i;

	if (val >= LONG_BASE)
		return &p->table[val - LONG_BASE];
	for (i = 0; i < p->nr; i++)
		if (val && p->table[i].letter == val && p->table[i].verbs)
			return &p->table[i];
	return NULL;
}

/* The next thing of the command line; @first begins anew. */
static int next(struct parser *p, bool first)
{
	if (first)
		optind = 0; /* how glibc is told to forget everything */
	opterr = 0;
	return getopt_long(p->argc, p->argv, p->letters, p->longs, NULL);
}

/* Finds the verb: the first word that is neither an option nor the value of one. */
static void find_verb(struct parser *p)
{
	enum verb_id verb;
	int got = next(p, true);

	while (got != -1 && got != 1)
		got = next(p, false);
	if (got != 1)
		return;
	if (strcmp(optarg, "help") == 0) {
		p->o->action = OPTIONS_HELP;
		p->verb_at = optind - 1;
		return;
	}
	verb = verb_find(optarg);
	if (verb == VERBS)
		return;
	p->o->verb = verb;
	p->o->verb_given = true;
	p->verb_at = optind - 1;
}

/* Lists in an error the options that an abbreviation may mean. */
static int fail_ambiguous(struct parser *p, const char *name, size_t len)
{
	const char *separator = "";
	char list[256] = "";
	size_t i, used = 0;

	for (i = 0; p->longs[i].name && used < sizeof(list); i++) {
		if (strncmp(p->longs[i].name, name, len))
			continue;
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s--%s", separator,
					 p->longs[i].name);
		separator = ", ";
	}
	return options_fail(p->error, "--%.*s may be short for %s", (int)len, name, list);
}

/* An option that is not in the table. */
static int fail_unknown(struct parser *p, const char *word)
{
	size_t len = strcspn(word + 2, "="), i;
	struct nearest nearest;
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)(len < 60 ? len : 60), word + 2);
	nearest_begin(&nearest, name);
	for (i = 0; p->longs[i].name; i++) {
		if (len > 0 && strncmp(p->longs[i].name, name, len) == 0)
			return fail_ambiguous(p, name, len);
		nearest_try(&nearest, p->longs[i].name);
	}
	return options_fail(p->error, "unknown option --%s%s%s%s", name,
			    nearest.name ? "; did you mean --" : "",
			    nearest.name ? nearest.name : "", nearest.name ? "?" : "");
}

/* An option without the value that it needs. */
static int fail_value(struct parser *p, const struct option_def *def)
{
	return options_fail(p->error, "--%s needs %s %s", def->name,
			    strchr("AEIOU", def->arg[0]) ? "an" : "a", def->arg);
}

/* What getopt_long() answered '?' to. */
static int fail_option(struct parser *p)
{
	const struct option_def *def = find(p, optopt);

	if (def)
		return options_fail(p->error, "--%s takes no value", def->name);
	if (optopt)
		return options_fail(p->error, "unknown option -%c", optopt);
	return fail_unknown(p, p->argv[optind - 1]);
}

/* The words of a command line from @from to before @to, with quotes where a shell needs them. */
static void join(const struct parser *p, int from, int to, char *text, size_t size)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_=+./,:@%";
	size_t used = strlen(text);
	int i;

	for (i = from; i < to && used < size; i++) {
		const char *word = p->argv[i];
		const char *quote = *word && word[strspn(word, plain)] == '\0' ? "" : "'";

		used += (size_t)snprintf(text + used, size - used, " %s%s%s", quote, word, quote);
	}
}

/* Whether there is a "--" after @at. */
static bool dashes_after(const struct parser *p, int at)
{
	for (; at < p->argc; at++)
		if (strcmp(p->argv[at], "--") == 0)
			return true;
	return false;
}

/* A word that is neither an option nor after "--": perhaps a verb, perhaps a command. */
static int fail_word(struct parser *p, int at)
{
	const char *word = p->argv[at];
	const char *verb = p->o->verb_given ? NULL : verb_nearest(word);
	char line[256] = "iopftrace";

	if (dashes_after(p, at))
		return options_fail(p->error, "%s '%s'%s%s%s",
				    p->o->verb_given ? "unexpected word" : "unknown verb", word,
				    verb ? "; did you mean '" : "", verb ? verb : "",
				    verb ? "'?" : "");
	if (p->o->nr_operands || (p->o->verb_given && !verb_get(p->o->verb)->takes_command))
		return options_fail(p->error, "unexpected word '%s'", word);
	join(p, 1, at, line, sizeof(line));
	strncat(line, " --", sizeof(line) - strlen(line) - 1);
	join(p, at, p->argc, line, sizeof(line));
	if (strlen(line) == sizeof(line) - 1)
		memcpy(line + sizeof(line) - 4, "...", 4);
	if (verb)
		return options_fail(p->error,
				    "unknown verb '%s'; did you mean '%s'? To trace a command: %s",
				    word, verb, line);
	return options_fail(p->error, "'%s': a command comes after --, as in: %s", word, line);
}

/* A word that is neither an option nor the verb: an operand, if the verb takes one more. */
static int take_word(struct parser *p)
{
	struct options *o = p->o;

	if (!o->verb_given || o->nr_operands >= verb_get(o->verb)->most_operands)
		return fail_word(p, optind - 1);
	o->operand[o->nr_operands++] = optarg;
	return 0;
}

bool options_format_suits(const struct output_format *format, enum verb_id verb)
{
	enum output_what what = verb == VERB_TRACE ? OUTPUT_EVENTS :
				verb == VERB_LIST  ? OUTPUT_LISTS :
				verb == VERB_DIFF  ? OUTPUT_DIFF :
						     OUTPUT_REPORT;

	return format->what & what;
}

/* The formats of a verb, for messages. */
static void list_formats(enum verb_id verb, char *list, size_t size)
{
	const struct output_format *formats;
	size_t nr, i;

	formats = output_formats(&nr);
	list[0] = '\0';
	for (i = 0; i < nr; i++) {
		size_t used = strlen(list);

		if (options_format_suits(&formats[i], verb))
			snprintf(list + used, size - used, "%s%s", used ? ", " : "",
				 formats[i].name);
	}
}

/* What is no format of any verb is not told of formats that this one does not have. */
static int fail_format(const struct parser *p)
{
	char list[256];

	list_formats(p->o->verb, list, sizeof(list));
	return options_fail(p->error, "--format '%s' is none of: %s", optarg, list);
}

/* One option with its value. */
static int take_option(struct parser *p, int val)
{
	const struct option_def *def = find(p, val);

	if (!(def->verbs & VERB_BIT(p->o->verb)))
		return options_fail(p->error, "--%s is not an option of '%s'", def->name,
				    verb_get(p->o->verb)->name);
	if (def->parse == option_format && !output_format_find(optarg))
		return fail_format(p);
	return def->parse(def, def->arg ? optarg : NULL, (char *)p->o + def->member, p->error);
}

/* One word of "help VERB". */
static int take_help(struct parser *p, const char *word)
{
	const char *nearest = verb_nearest(word);

	if (p->o->verb_given)
		return options_fail(p->error, "unexpected word '%s'", word);
	if (strcmp(word, "help") == 0)
		return 0; /* 'help' alone tells about help too */
	p->o->verb = verb_find(word);
	p->o->verb_given = p->o->verb != VERBS;
	if (p->o->verb_given)
		return 0;
	p->o->verb = VERB_RUN;
	return options_fail(p->error, "unknown verb '%s'%s%s%s", word,
			    nearest ? "; did you mean '" : "", nearest ? nearest : "",
			    nearest ? "'?" : "");
}

/* What is left after the options: the command, if there was a "--" before it. */
static int take_command(struct parser *p, bool dashes)
{
	if (!dashes)
		return 0;
	if (!verb_get(p->o->verb)->takes_command)
		return options_fail(p->error, "'%s' takes no command", verb_get(p->o->verb)->name);
	if (optind >= p->argc)
		return options_fail(p->error, "no command after --");
	p->o->command = p->argv + optind;
	return 0;
}

/* Goes through the command line, now that the verb is known. */
static int parse(struct parser *p)
{
	bool asked = p->o->action == OPTIONS_HELP; /* by the word "help" */
	int before = 1, got, err = 0;

	for (got = next(p, true); got != -1 && !err; got = next(p, false)) {
		if (got == ':')
			err = fail_value(p, find(p, optopt));
		else if (got == '?')
			err = fail_option(p);
		else if (got == 1 && optind - 1 == p->verb_at)
			err = 0;
		else if (got == 1 && asked)
			err = take_help(p, optarg);
		else if (got == 1)
			err = take_word(p);
		else
			err = take_option(p, got);
		if (!err && !asked && p->o->action != OPTIONS_RUN)
			return 0; /* help or the version is all there will be */
		before = optind;
	}
	if (err || asked)
		return err;
	return take_command(p, optind > before);
}

/* What it is about: either a file or something live; 'check' has no default. */
static int check_subject(const struct options *o, struct options_error *error)
{
	const char *live = o->command	  ? "a command" :
			   o->nr_pids	  ? "--pid" :
			   o->system_wide ? "--system-wide" :
			   o->duration_ns ? "--duration" :
					    NULL;

	if (o->verb != VERB_CHECK && o->verb != VERB_TRACE)
		return 0;
	if (o->nr_operands && (live || o->buffer_bytes))
		return options_fail(error, "either a file or %s, not both",
				    live ? live : "--buffer");
	if (o->verb == VERB_CHECK && !o->nr_operands && !live)
		return options_fail(error, "nothing to check: give a FILE, -- CMD, --pid, "
					   "--duration or --system-wide");
	return 0;
}

/* A recording is made of what is judged live, and of a file there is one. */
static int check_record(const struct options *o, struct options_error *error)
{
	if (!o->record)
		return 0;
	if (o->nr_operands)
		return options_fail(error, "either a file or --record, not both");
	if (strcmp(o->record, "-") == 0)
		return options_fail(error, "--record needs a file, not standard output");
	return 0;
}

/* Live, only metrics can be told before the end, to a file that can be replaced. */
static int check_interval(const struct options *o, struct options_error *error)
{
	if (!o->interval_ns || o->verb == VERB_REPORT)
		return 0;
	if (o->nr_operands)
		return options_fail(error, "either a file or --interval, not both");
	if (o->format->write != output_prometheus && o->format->write != output_openmetrics)
		return options_fail(error, "--interval needs --format prometheus or openmetrics");
	if (!o->output || strcmp(o->output, "-") == 0)
		return options_fail(error, "--interval needs --output FILE");
	return 0;
}

/* A comparison is of two, and standard input can be one of them. */
static int check_sides(const struct options *o, struct options_error *error)
{
	if (o->verb != VERB_DIFF)
		return 0;
	if (o->nr_operands < 2)
		return options_fail(error,
				    "nothing to compare%s: give BASE and NEW, recordings or "
				    "JSON reports",
				    o->nr_operands ? " with" : "");
	if (!strcmp(o->operand[0], "-") && !strcmp(o->operand[1], "-"))
		return options_fail(error, "only one of BASE and NEW can be standard input");
	return 0;
}

/* Not every format can show everything. */
static int check_format(const struct options *o, struct options_error *error)
{
	char list[256];

	if (o->journey && strcmp(o->format->name, "text") && strcmp(o->format->name, "json"))
		return options_fail(error, "--journey has --format text or json, not %s",
				    o->format->name);
	if (options_format_suits(o->format, o->verb))
		return 0;
	list_formats(o->verb, list, sizeof(list));
	return options_fail(error, "--format %s is not for '%s', which has: %s", o->format->name,
			    verb_get(o->verb)->name, list);
}

/* How a recording is divided, and what of it is kept. */
static int check_recording(const struct options *o, struct options_error *error)
{
	bool rotates = o->rotate.bytes || o->rotate.ns;
	bool pipe = o->output && strcmp(o->output, "-") == 0;

	if (o->verb != VERB_RECORD)
		return 0;
	if (rotates && o->flight_ns)
		return options_fail(error, "either --rotate or --flight-recorder, not both");
	if (o->keep && !rotates && !o->flight_ns)
		return options_fail(error, "--keep needs --rotate or --flight-recorder");
	if ((o->policy || o->deadline_ns) && !o->flight_ns)
		return options_fail(error,
				    "record judges only with --flight-recorder; give %s to "
				    "'report' or 'check'",
				    o->policy ? "--policy" : "--deadline");
	if (pipe && (rotates || o->flight_ns))
		return options_fail(error, "--%s needs files to write, not standard output",
				    rotates ? "rotate" : "flight-recorder");
	return 0;
}

/* What does not go together. */
static int check(const struct options *o, struct options_error *error)
{
	int err;

	if (o->command && o->nr_pids)
		return options_fail(error, "either --pid or a command, not both");
	if (o->system_wide && o->nr_pids)
		return options_fail(error, "either --pid or --system-wide, not both");
	err = check_recording(o, error);
	if (err)
		return err;
	if (o->kill && !o->command)
		return options_fail(error, "--kill needs a command to kill");
	if (o->show.quiet && o->show.verbose)
		return options_fail(error, "either --quiet or --verbose, not both");
	err = check_subject(o, error);
	if (!err)
		err = check_record(o, error);
	if (!err)
		err = check_interval(o, error);
	if (!err)
		err = check_sides(o, error);
	if (!err)
		err = check_format(o, error);
	return err ? err : options_check_breakdown(o, error);
}

int options_parse(struct options *options, int argc, char **argv, struct options_error *error)
{
	struct parser p = { .argc = argc, .argv = argv, .o = options, .error = error };
	size_t nr;
	int err;

	*options = (struct options){ .verb = VERB_RUN };
	options->format = output_formats(&nr);
	output_opts_init(&options->show);
	error->text[0] = '\0';
	prepare(&p);
	find_verb(&p);
	err = parse(&p);
	if (!err && options->action == OPTIONS_RUN)
		err = check(options, error);
	snprintf(error->help, sizeof(error->help), "iopftrace%s%s --help",
		 options->verb_given ? " " : "",
		 options->verb_given ? verb_get(options->verb)->name : "");
	return err;
}

bool options_may_escape(FILE *out)
{
	const char *term = getenv("TERM");

	return term && *term && strcmp(term, "dumb") != 0 && isatty(fileno(out)) == 1;
}

bool options_use_color(const struct options *options, FILE *out)
{
	const char *no_color = getenv("NO_COLOR");

	if (options->color != OPTIONS_COLOR_AUTO)
		return options->color == OPTIONS_COLOR_ALWAYS;
	if (no_color && *no_color)
		return false;
	return options_may_escape(out);
}
