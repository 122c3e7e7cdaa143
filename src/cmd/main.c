// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "exit_codes.h"
#include "help.h"
#include "live/privilege.h"
#include "live/process.h"
#include "options.h"
#include "out_of_memory.h"
#include "place.h"
#include "progress.h"
#include "say.h"
#include "verbs.h"

#define STACK_BYTES ((size_t)8 << 20) /* as is usual; what is not used takes no memory */
#define GUARD_BYTES ((size_t)64 << 10) /* a page, of any size */

/* What each verb does. */
static int (*const verbs[])(const struct options *options) = {
	[VERB_RUN] = cmd_run,	  [VERB_RECORD] = cmd_record, [VERB_REPORT] = cmd_report,
	[VERB_CHECK] = cmd_check, [VERB_TRACE] = cmd_trace,   [VERB_EXPLAIN] = cmd_explain,
	[VERB_DIFF] = cmd_diff,	  [VERB_LIST] = cmd_list,
};

_Static_assert(sizeof(verbs) / sizeof(verbs[0]) == VERBS, "a verb has no function");

/* Ends a text that was asked for: an error when it could not be written. */
static int finish_text(void)
{
	int err = output_flush(stdout);

	if (!err)
		return EXIT_PASS;
	say("cannot write standard output: %s", strerror(-err));
	return EXIT_RUNTIME;
}

/* Whether it has to do with files only. */
static bool is_for_files(const struct options *o)
{
	bool traces = o->verb == VERB_RUN || o->verb == VERB_RECORD ||
		      ((o->verb == VERB_CHECK || o->verb == VERB_TRACE) && !o->nr_operands);

	return o->action != OPTIONS_RUN || !traces;
}

/* Says what went wrong before anything was done. */
static int fail(int err)
{
	say("cannot give up privileges: %s", strerror(-err));
	return EXIT_RUNTIME;
}

/* Does what was asked for. */
static int run(const struct options *options)
{
	bool lines = options->verb == VERB_TRACE && place_is_stdout(options->output) &&
		     isatty(STDOUT_FILENO);
	int code;

	progress_enable(!options->show.quiet && !lines && is_for_files(options));
	switch (options->action) {
	case OPTIONS_HELP:
		if (options->verb_given)
			help_verb(options->verb, stdout);
		else
			help_overview(stdout);
		return finish_text();
	case OPTIONS_VERSION:
		help_version(stdout);
		return finish_text();
	case OPTIONS_RUN:
		break;
	}
	code = place_check(options);
	return code ? code : verbs[options->verb](options);
}

/* The program, on a stack of its own. */
static struct {
	int argc;
	char **argv;
	int code;
	ucontext_t before, on_stack;
} program;

static void run_program(void)
{
	struct options_error error;
	struct options options;
	int err = privilege_lower();

	if (err) {
		program.code = fail(err);
		return;
	}
	if (options_parse(&options, program.argc, program.argv, &error)) {
		say("%s", error.text);
		fprintf(stderr, "try '%s'\n", error.help);
		program.code = EXIT_USAGE;
		return;
	}
	if (is_for_files(&options))
		err = privilege_drop_all();
	program.code = err ? fail(err) : run(&options);
}

int main(int argc, char **argv)
{
	void *stack;

	/* Without a place for messages there is only the exit code. */
	if (process_begin())
		return EXIT_RUNTIME;
	program.argc = argc;
	program.argv = argv;
	/* What it needs does not depend on what the caller allows for a stack. Below it is nothing. */
	stack = mmap(NULL, STACK_BYTES + GUARD_BYTES, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
	if (stack == MAP_FAILED || mprotect(stack, GUARD_BYTES, PROT_NONE) ||
	    getcontext(&program.on_stack)) {
		out_of_memory();
		return EXIT_RUNTIME;
	}
	program.on_stack.uc_stack.ss_sp = stack;
	program.on_stack.uc_stack.ss_size = STACK_BYTES + GUARD_BYTES;
	program.on_stack.uc_link = &program.before;
#ifdef SANITIZED /* sanitizers know one stack only */
	run_program();
#else
	makecontext(&program.on_stack, run_program, 0);
	swapcontext(&program.before, &program.on_stack);
#endif
	return program.code;
}
