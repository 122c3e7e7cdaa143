// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* CMD: how it is found and run, and what is said when it cannot be. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "live/child.h"

static char dir[] = "/tmp/iopftrace-child-XXXXXX";

/* Goes to a directory of its own, and makes a file in it. */
static int enter(void **state)
{
	(void)state;
	return !mkdtemp(dir) || chdir(dir);
}

static int leave(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return chdir("/") || system(command);
}

static void make(const char *name, const char *text, size_t size, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, size), (ssize_t)size);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

#define MAKE(name, text, mode) make(name, text, sizeof(text) - 1, mode)

/* CMD does not start: the exit code, and what is said behind its name. */
static void expect(const char *name, int code, const char *said)
{
	char *const argv[] = { (char *)name, (char *)"a", NULL };
	char why[CHILD_WHY] = "";
	struct child child;

	assert_int_equal(child_start(&child, argv, false, why), code);
	assert_string_equal(why, said);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nothing is left behind */
}

/* CMD starts; its exit status. */
static int status_of(const char *name, const char *arg)
{
	char *const argv[] = { (char *)name, (char *)arg, NULL };
	char why[CHILD_WHY] = "";
	struct child child;

	if (child_start(&child, argv, false, why))
		fail_msg("%s: %s", name, why);
	while (!child.ended)
		child_poll(&child);
	close(child.pidfd);
	return child.status;
}

/* The words name what is missing; the codes are those of shells. */
static void what_is_missing_is_named(void **state)
{
	(void)state;
	expect("no-such-command", 127, "command not found");
	expect("./none", 127, "no such file");
	MAKE("file", "", 0600);
	expect("file/none", 127, "no such file: what should be a directory is none");
	MAKE("bad", "#! /nonexistent/python -u\nprint()\n", 0700);
	expect("./bad", 127, "needs the interpreter /nonexistent/python, which is not there");
	MAKE("crlf", "#!/bin/sh\r\nexit 0\r\n", 0700);
	expect("./crlf", 127,
	       "has lines that end in CR LF, so that the interpreter /bin/sh is not found: remove "
	       "the CR (dos2unix)");
}

/* A program of this machine, whose loader is changed into one that is not there. */
static void a_missing_loader_is_named(void **state)
{
	char command[] = "sed 's,/ld-linux,/zz-linux,' /bin/true >other && chmod +x other";
	char *const argv[] = { (char *)"./other", NULL };
	char why[CHILD_WHY];
	struct child child;

	(void)state;
	assert_int_equal(system(command), 0);
	assert_int_equal(child_start(&child, argv, false, why), 127);
	assert_non_null(strstr(why, "needs the loader /"));
	assert_non_null(strstr(why, "/zz-linux"));
	assert_non_null(strstr(why, "which is not there: it was built for another system"));
}

static void what_is_not_executable_is_told_apart(void **state)
{
	static const char other[64] = "\x7f"
				      "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x16"; /* s390 */
	static const char unknown[64] = "\x7f"
					"ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x99\x99";

	(void)state;
	assert_int_equal(mkdir("dir", 0700), 0);
	expect("./dir", 126, "is a directory");
	MAKE("data", "echo\n", 0600);
	expect("./data", 126, "is not executable: chmod +x");
	make("other", other, sizeof(other), 0700);
	expect("./other", 126, "is a program for s390, which this machine does not run");
	make("unknown", unknown, sizeof(unknown), 0700);
	expect("./unknown", 126, "is a program for another machine (ELF number 39321)");
	make("binary", "\1\0\2\0echo\n", 9, 0700);
	expect("./binary", 126, "is neither a program nor a script: its format is not known");
	MAKE("inner", "#!./dir\n", 0700);
	expect("./inner", 126,
	       "may be executed, but its interpreter may not, or a security module forbids it");
}

/* As shells do. */
static void a_script_without_an_interpreter_is_for_the_shell(void **state)
{
	(void)state;
	MAKE("plain", "test \"$0\" = ./plain && exit $1\n", 0700);
	assert_int_equal(status_of("./plain", "42"), 42);
	MAKE("empty", "", 0700);
	assert_int_equal(status_of("./empty", NULL), 0);
}

/* A directory of PATH that has it, but not for us, hides none that comes after it. */
static void path_is_searched_to_its_end(void **state)
{
	char *before = strdup(getenv("PATH"));

	(void)state;
	assert_int_equal(mkdir("p1", 0700) | mkdir("p2", 0700), 0);
	MAKE("p1/tool", "#!/nonexistent/sh\n", 0700);
	setenv("PATH", "none:p1:p2", 1);
	expect("tool", 127, "needs the interpreter /nonexistent/sh, which is not there");
	MAKE("p2/tool", "exit 7\n", 0700);
	assert_int_equal(status_of("tool", NULL), 7);
	MAKE("p1/tool", "exit 8\n", 0600);
	assert_int_equal(status_of("tool", NULL), 7);
	unlink("p2/tool");
	expect("tool", 126, "is not executable: chmod +x");
	setenv("PATH", before, 1);
	free(before);
}

/* Our own limits are not CMD's fault: they say which to raise. */
static void own_limits_are_told(void **state)
{
	struct rlimit before, none;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ .rlim_cur = 3, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	expect("true", 125, "cannot make a pipe: Too many open files: raise 'ulimit -n'");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(a_missing_loader_is_named),
		cmocka_unit_test(what_is_not_executable_is_told_apart),
		cmocka_unit_test(a_script_without_an_interpreter_is_for_the_shell),
		cmocka_unit_test(path_is_searched_to_its_end),
		cmocka_unit_test(own_limits_are_told),
	};

	return cmocka_run_group_tests_name("child", tests, enter, leave);
}
