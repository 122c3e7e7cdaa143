// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The program towards the system that it runs on: descriptors that are closed, one file by two names, signals,
 * limits, privilege. Needs build/iopftrace.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "cmd/outfile.h"
#include "cmd/temporary.h"
#include "cmd/violation.h"
#include "live/process.h"
#include "trace/writer.h"

static char dir[] = "/tmp/iopftrace-process-XXXXXX";
static char program[4096], cases[4096]; /* absolute names */

static int make_directory(void **state)
{
	const char *build = getenv("O");
	char name[256];

	(void)state;
	snprintf(name, sizeof(name), "%s/iopftrace", build ? build : "build");
	if (!realpath(name, program) || !realpath("tests/fixtures/cases", cases) || !mkdtemp(dir))
		return -1;
	return chdir(dir);
}

static int remove_directory(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

/* What a shell line in an empty directory exits with; $iopf is the program, $cases the recordings. */
static int shell(const char *line)
{
	char *command;
	int status;

	assert_true(
		asprintf(&command,
			 "iopf=%s cases=%s; cd %s && rm -rf t && mkdir t && cd t || exit 99; %s",
			 program, cases, dir, line) > 0);
	status = system(command);
	free(command);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define EXPECT(code, line) \
	do { \
		int got = shell(line); \
		if (got != (code)) \
			fail_msg("%d, not %d: %s", got, code, line); \
	} while (0)

/* Messages and results go where they belong, or nowhere; what cannot be written is no success. */
static void closed_descriptors(void **state)
{
	(void)state;
	EXPECT(5, "$iopf check $cases/cut.data -f json -o r 2>/dev/null");
	EXPECT(5,
	       "$iopf check $cases/cut.data -f json -o r 2>&-; c=$?; jq -e .complete==false r && "
	       "exit $c");
	EXPECT(5, "$iopf check $cases/cut.data -f json -o r --junit j 2>&- >&- <&-; c=$?; "
		  "jq -e . r && head -1 j | grep -q '<?xml' && exit $c");
	EXPECT(6,
	       "$iopf check $cases/small-reads.data >&- 2>e; c=$?; grep -q 'write standard output' e && "
	       "exit $c");
	EXPECT(6, "$iopf report $cases/small-reads.data -f json >&- 2>&-");
	EXPECT(6, "$iopf trace $cases/cut.data >&- 2>/dev/null");
	EXPECT(6, "$iopf list rules >&- 2>/dev/null");
	EXPECT(6, "$iopf --help >&- 2>/dev/null");
	EXPECT(6, "$iopf --version >&- 2>/dev/null");
	EXPECT(6, "$iopf report - <&- 2>/dev/null");
	EXPECT(0, "$iopf list rules -o r >&- 2>&- <&- && grep -q IOPF001 r");
}

/* An output that fails takes nothing from the verdict: only what would be a pass is none. */
static void the_verdict_is_told_whatever_fails(void **state)
{
	(void)state;
	EXPECT(1, "$iopf check $cases/../demo.data --junit /dev/full 2>e >r; c=$?; "
		  "grep -q /dev/full e && grep -q VIOLATION r && exit $c");
	EXPECT(1, "$iopf check $cases/../demo.data -o /dev/full --junit j 2>e; c=$?; "
		  "grep -q /dev/full e && grep -q '</testsuite' j && exit $c");
	EXPECT(2,
	       "$iopf check $cases/small-reads.data -a 'groups > 1000000' -f json --junit /dev/full "
	       ">r 2>e; c=$?; jq -e . r >/dev/null && exit $c");
	EXPECT(5, "$iopf check $cases/cut.data --ktap /dev/full >r 2>e");
	EXPECT(6,
	       "$iopf check $cases/small-reads.data --min-groups 0 --junit /dev/full >r 2>e; c=$?; "
	       "grep -q PASS r && exit $c");
}

/* Found by what they are, and nothing is written then. */
static void one_file_by_two_names(void **state)
{
	static const char *const names[] = {
		"-f json -o j --junit j",
		"-f json -o j --junit ./j",
		"-o j --ktap $PWD/j",
		"--junit ../t/j --ktap j",
		"-f json -o there --junit link",
		"-f json -o there --junit hard",
		"-f json -o link --junit link2",
		"-f json --junit /dev/stdout",
		"-f json -o /dev/stdout --junit /proc/self/fd/1",
		"-f json -o /dev/fd/1 --ktap -",
		"-f json -o dirlink/j --ktap j",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char line[512];

		snprintf(line, sizeof(line),
			 "echo before >there; ln -s there link; ln -s link link2; ln there hard; "
			 "ln -s . dirlink; $iopf check $cases/small-reads.data %s >out 2>e; c=$?; "
			 "grep -q 'cannot both go to' e && [ \"$(cat there)\" = before ] && "
			 "[ ! -e j ] && [ ! -s out ] && exit $c",
			 names[i]);
		EXPECT(3, line);
	}
	/* What swallows everything is no one file; nor are files that only look alike. */
	EXPECT(0, "$iopf check $cases/small-reads.data -f json -o /dev/null --junit /dev/null "
		  "--ktap /dev/null; [ $? -lt 3 ]");
	EXPECT(0, "mkdir a b; $iopf check $cases/small-reads.data -f json -o a/j --junit b/j; "
		  "[ $? -lt 3 ] && [ -s a/j ] && [ -s b/j ]");
}

static void what_is_read_is_not_overwritten(void **state)
{
	(void)state;
	EXPECT(0, "cp $cases/small-reads.data in; ln -s in link; ln in hard; "
		  "for o in in ./in link hard; do for v in report check 'trace -f json' "
		  "'explain' 'diff in'; do $iopf $v in -o $o >/dev/null 2>e; [ $? = 3 ] || exit 1; "
		  "grep -q 'would be overwritten' e || exit 2; done; "
		  "$iopf check - --junit $o <in 2>/dev/null; [ $? = 3 ] || exit 3; done; "
		  "$iopf trace in >>in 2>/dev/null; [ $? = 3 ] || exit 4; "
		  "cmp in $cases/small-reads.data");
}

/* Standard output by other names is written to as it is. */
static void standard_output_by_its_names(void **state)
{
	(void)state;
	EXPECT(0,
	       "for o in - /dev/stdout /dev/fd/1 /proc/self/fd/1; do echo '{}' >r; "
	       "$iopf list rules -f json -o $o >>r || exit 1; [ $(jq -s length r) = 2 ] || exit 2; "
	       "$iopf list rules -f json -o $o | jq -e . >/dev/null || exit 3; done");
	EXPECT(0, "$iopf list rules -f json -o /dev/fd/5 5>r && jq -e . r >/dev/null");
	EXPECT(6, "$iopf list rules -f json -o /dev/fd/77 2>/dev/null");
}

/* What a command says would come between; told before anything is attached. */
static void a_command_does_not_write_into_data(void **state)
{
	(void)state;
	EXPECT(3, "$iopf -f json -- true >r 2>&1; c=$?; grep -q 'the command writes' r && exit $c");
	EXPECT(3, "$iopf -f json -o /dev/stderr -- true 2>r");
	EXPECT(3, "$iopf check --junit /dev/fd/2 -- true 2>r");
	EXPECT(3, "$iopf record -o - -- true >r 2>&1");
}

static void limits_are_no_usage_errors(void **state)
{
	(void)state;
	EXPECT(0,
	       "for n in 4 5 6 7 8; do (exec >/dev/null 2>e; ulimit -n $n; "
	       "exec $iopf list rules -f json -o r); c=$?; "
	       "[ $c = 0 ] || { [ $c = 6 ] && grep -q 'Too many' e; } || exit 1; done; [ $c = 0 ]");
	/* Two for the output: none is left to read with. */
	EXPECT(6, "exec >/dev/null 2>&1; ulimit -n 5; exec $iopf report -o r $cases/formula.data");
	EXPECT(6, "exec >/dev/null 2>&1; ulimit -n 5; exec $iopf diff -o r $cases/formula.data "
		  "$cases/formula.data");
	EXPECT(3, "$iopf report nowhere 2>/dev/null");
	EXPECT(3, "$iopf report . 2>/dev/null");
}

#ifndef SANITIZED
/* What it does is the same with as little of a stack as a program can be started with. */
static void a_small_stack(void **state)
{
	(void)state;
	EXPECT(0,
	       "f=$cases/small-reads.data; all() { for o in text json html csv openmetrics prometheus hdr "
	       "junit ktap; do $iopf report $f -f $o; done; $iopf check $f; $iopf trace $f; "
	       "$iopf trace $f --journey; $iopf trace $f -f perfetto; $iopf explain $f; "
	       "$iopf diff $f $f; $iopf diff $f $f -f json; $iopf list rules; $iopf help report; "
	       "$iopf report $f --by device,pasid; $iopf report $f -i 1s -f html; "
	       "$iopf report $f -i 1s -f csv; }; all >large 2>&1; (ulimit -s 64; all >small 2>&1); "
	       "[ $(wc -c <large) -gt 100000 ] && cmp large small");
}
#endif

/* No command ends so; as an exit code it would be another one. */
static void a_status_that_is_none(void **state)
{
	static const int wrong[] = { 256, 512, -1, 0x7fffff00 };
	const struct trace_info info = { .version = "1", .kernel = "7", .start_ns = 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct iopf_run run = {
			.start_ns = 1, .end_ns = 2, .has_child = true, .child_status = wrong[i]
		};
		int fd = open("status.data", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		struct trace_writer *w;

		assert_true(fd >= 0);
		assert_int_equal(trace_writer_open(&w, fd, &info), 0);
		assert_int_equal(trace_writer_finish(w, &run), 0);
		trace_writer_free(w);
		close(fd);
		EXPECT(5, "$iopf report ../status.data >/dev/null 2>&1");
		EXPECT(5, "$iopf check --min-groups 0 ../status.data >/dev/null 2>&1");
	}
}

/* Begins a report of what never ends: $pid. */
#define BEGIN \
	"mkfifo p; $iopf report p -f json -o r & pid=$!; exec 5>p; head -c 2000 $cases/formula.data >&5; "

/* However it ends, nothing is left that is not whole. */
static void signals_leave_nothing(void **state)
{
	static const char *const signals[] = { "KILL", "HUP",  "INT",  "QUIT", "TERM",	"ALRM",
					       "USR1", "USR2", "PROF", "PWR",  "RTMIN", "RTMAX" };

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		char line[512];

		/* In an interactive shell's way, so that SIGINT and SIGQUIT are not ignored. */
		snprintf(
			line, sizeof(line),
			"ulimit -c 0; cat >s <<'E'\nset -m; " BEGIN
			"until [ -e /proc/$pid/fd/4 ]; do sleep 0.01; done; kill -%s $pid; wait $pid; "
			"c=$?; rm p s; [ $c -gt 128 ] && [ -z \"$(ls -A)\" ]\nE\n"
			"iopf=$iopf cases=$cases bash s 2>/dev/null",
			signals[i]);
		EXPECT(0, line);
	}
}

/* The same where files have a name from the beginning, as some file systems want it. */
static void signals_remove_named_files(void **state)
{
	static const int signals[] = { SIGHUP,	SIGINT,	 SIGQUIT, SIGTERM,  SIGALRM, SIGUSR1,
				       SIGUSR2, SIGPROF, SIGPWR,  SIGPIPE,  SIGABRT, SIGSEGV,
				       SIGXCPU, SIGIO,	 SIGSYS,  SIGVTALRM };

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		pid_t pid = fork();
		int status;

		assert_true(pid >= 0);
		if (!pid) {
			for (size_t j = 0; j < sizeof(signals) / sizeof(signals[0]); j++)
				signal(signals[j], SIG_DFL);
			if (temporary_create(AT_FDCWD, "named.tmp", 0600) < 0)
				_exit(9);
			raise(signals[i]);
			_exit(8);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
		assert_int_equal(access("named.tmp", F_OK), -1);
	}
}

/* In a process of its own: signals are taken, some came, and it hangs in writing. */
static void hang(int fd, int before, bool release)
{
	struct outfile file;
	char text[4096] = "";
	int pipes[2];
	bool request;

	signal(SIGTERM, SIG_DFL);
	if (outfile_open(&file, "hung") || fputs("half", file.stream) < 0 || pipe(pipes) ||
	    process_take_signals(false) < 0)
		_exit(9);
	for (int i = 0; i < before; i++) {
		raise(SIGTERM);
		process_unblock_signals();
	}
	if (process_signals(&request) != (unsigned int)before)
		_exit(8);
	if (release)
		process_release_signals();
	if (write(fd, "x", 1) != 1)
		_exit(7);
	while (write(pipes[1], text, sizeof(text)) > 0)
		;
	_exit(6);
}

/* After the run, or when it is asked to end for the third time, a signal ends it, whatever it waits for. */
static void hung_writes_can_be_ended(void **state)
{
	(void)state;
	for (int before = 1; before <= 2; before++) {
		pid_t pid;
		int fds[2], status;
		char byte;

		assert_int_equal(pipe(fds), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (!pid)
			hang(fds[1], before, before == 1);
		assert_int_equal(read(fds[0], &byte, 1), 1);
		assert_int_equal(kill(pid, SIGTERM), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGTERM);
		assert_int_equal(access("hung", F_OK), -1);
		close(fds[0]);
		close(fds[1]);
	}
}

/* The command gets what it is told, and none of the files that are open here. */
static void the_command_of_a_violation_inherits_nothing(void **state)
{
	struct violation v = {
		.action = "exec >told; echo $IOPFTRACE_RULE; "
			  "for i in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$i ] && echo $i; done"
	};
	struct iopf_case c = { .text = "" };
	int fd = open("/dev/null",
		      O_RDONLY); /* as one that was inherited: for all who are executed */
	char text[64] = "";
	FILE *f;

	(void)state;
	assert_true(fd > 2);
	violation_finding(&v, iopf_rule(1), IOPF_SEVERITY_ERROR, &c);
	violation_end(&v, NULL);
	close(fd);
	f = fopen("told", "r");
	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	assert_string_equal(text, "IOPF001\n");
}

/* A verb for files has no right that it does not need. */
static void privilege_is_given_up(void **state)
{
	(void)state;
	/* What root keeps: to open any file. */
	EXPECT(0, BEGIN "until [ -e /proc/$pid/fd/4 ]; do sleep 0.01; done; s=/proc/$pid/status; "
			"eff=$(sed -n 's/^CapEff:\t//p' $s); prm=$(sed -n 's/^CapPrm:\t//p' $s); "
			"new=$(sed -n 's/^NoNewPrivs:\t//p' $s); kill $pid; "
			"[ $new = 1 ] && [ $((0x$eff & ~0x6)) = 0 ] && [ $((0x$prm & ~0x6)) = 0 ]");
}

/*
 * Where another user's privilege is lent, as by a set-user-ID bit or by capabilities of the file, the environment
 * of who runs it does not say where files go. Only root can make such a program.
 */
static void the_environment_does_not_steer_a_privileged_program(void **state)
{
	struct statvfs fs;

	(void)state;
	/* Nor is anything lent on such a file system, or to a user that is none here. */
	if (geteuid() || statvfs(dir, &fs) || fs.f_flag & ST_NOSUID || chown(dir, 65533, 65533) ||
	    chown(dir, 0, 0))
		skip();
	/* Without the bit TMPDIR counts, and there is no such directory. */
	EXPECT(0, "chmod 755 .. .; cp $iopf mine; cp mine lent; chown 65533 lent; chmod 4755 lent; "
		  "cp $cases/small-reads.data in; chmod 644 in; >sum; chmod 666 sum; "
		  "as() { cat in | setpriv --reuid 65534 --regid 65534 --clear-groups env "
		  "TMPDIR=/nonexistent GITHUB_STEP_SUMMARY=$PWD/sum \"$@\" >r 2>e; }; "
		  "as ./mine report - -f html; [ $? = 6 ] && grep -q /nonexistent e || exit 1; "
		  "as ./lent report - -f html; [ $? = 0 ] && grep -q '</html>' r || exit 2; "
		  "as ./lent check - --annotate; [ $? = 0 ] && [ ! -s sum ] || exit 3; "
		  "as ./mine check - --annotate; [ -s sum ] || exit 4");
}

/*
 * The same with capabilities of the file, as README says to set them, and one more that is of use to a thief: no
 * environment, no file that the user may not read, none that he may not write, and none of them is kept.
 */
static void capabilities_of_the_file_are_not_the_users(void **state)
{
	struct statvfs fs;

	(void)state;
	if (geteuid() || statvfs(dir, &fs) || fs.f_flag & ST_NOSUID || chown(dir, 65533, 65533) ||
	    chown(dir, 0, 0))
		skip();
	EXPECT(0,
	       "chmod 755 .. .; cp $iopf mine; cp mine lent; "
	       "setcap cap_bpf,cap_perfmon,cap_sys_admin,cap_dac_override=ep lent || exit 9; "
	       "cp $cases/small-reads.data in; cp in secret; chmod 644 in; chmod 600 secret; >sum; "
	       "chmod 666 sum; mkdir -m 777 out; mkdir -m 755 closed; echo before >kept; chmod 644 kept; "
	       "as() { cat in | setpriv --reuid 65534 --regid 65534 --clear-groups env "
	       "TMPDIR=/nonexistent GITHUB_STEP_SUMMARY=$PWD/sum \"$@\" >r 2>e; }; "
	       "as ./mine report - -f html; [ $? = 6 ] && grep -q /nonexistent e || exit 1; "
	       "as ./lent report - -f html; [ $? = 0 ] && grep -q '</html>' r || exit 2; "
	       "as ./lent check - --annotate; [ $? = 0 ] && [ ! -s sum ] || exit 3; "
	       "as ./lent report secret; [ $? = 3 ] && grep -q Permission e || exit 4; "
	       "as ./lent report - -o closed/r; [ $? = 6 ] && [ ! -e closed/r ] || exit 5; "
	       "as ./lent report - -o kept; [ $? = 6 ] && [ \"$(cat kept)\" = before ] || exit 6; "
	       "as ./lent report - -o out/r; [ $? = 0 ] && [ $(stat -c %u out/r) = 65534 ] || exit 7");
	/* Tracing, too, ends before anything is written, where this kernel has no fault handler. */
	EXPECT(0,
	       "chmod 755 .. .; cp $iopf lent; setcap cap_bpf,cap_perfmon,cap_dac_override=ep lent || exit 9; "
	       "mkdir -m 755 closed; as() { setpriv --reuid 65534 --regid 65534 --clear-groups \"$@\" "
	       ">r 2>e </dev/null; }; "
	       "as ./lent check --duration 1ms -o closed/r --record closed/d "
	       "--on-violation 'id >closed/id'; [ $? != 0 ] && [ -z \"$(ls closed)\" ] || exit 1");
	EXPECT(0,
	       "chmod 755 .. .; cp $iopf lent; "
	       "setcap cap_bpf,cap_perfmon,cap_sys_admin,cap_dac_override=ep lent || exit 9; "
	       "mkfifo -m 666 in; setpriv --reuid 65534 --regid 65534 --clear-groups "
	       "./lent report - <in >/dev/null 2>&1 & exec 8>in; "
	       "for n in $(seq 500); do for p in $(pgrep -u 65534 -x lent); do s=/proc/$p/status; "
	       "grep -q 'NoNewPrivs:.1' $s && grep -q 'CapPrm:.0*$' $s && grep -q 'CapEff:.0*$' $s && "
	       "{ exec 8>&-; wait; exit 0; }; done; sleep 0.01; done; exec 8>&-; wait; exit 1");
}

#ifndef SANITIZED /* whose library must be the first that is loaded */
/* The machine's table of open files is full: no usage error, and not the limit of this process. */
static void the_table_of_files_is_full(void **state)
{
	(void)state;
	/* As the kernel says it, to each open() of a recording. */
	EXPECT(0,
	       "cat >full.c <<'END'\n"
	       "#define _GNU_SOURCE\n#include <dlfcn.h>\n#include <errno.h>\n#include <fcntl.h>\n"
	       "#include <stdarg.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
	       "#define NEXT(type, name) ((type)dlsym(RTLD_NEXT, name))\n"
	       "#define FULL(n) if (strstr(n, getenv(\"FULL\"))) return errno = ENFILE,\n"
	       "int open(const char *n, int f, ...) { FULL(n) -1;\n"
	       "return NEXT(int (*)(const char *, int, ...), \"open\")(n, f, 0600); }\n"
	       "int open64(const char *n, int f, ...) { return open(n, f); }\n"
	       "FILE *fopen(const char *n, const char *m) { FULL(n) NULL;\n"
	       "return NEXT(FILE *(*)(const char *, const char *), \"fopen\")(n, m); }\n"
	       "FILE *fopen64(const char *n, const char *m) { return fopen(n, m); }\nEND\n"

	       "${CC:-cc} -w -shared -fPIC -o full.so full.c -ldl || exit 9; "
	       "FULL=.data LD_PRELOAD=$PWD/full.so $iopf check $cases/small-reads.data >r 2>e; "
	       "[ $? = 6 ] && grep -q 'Too many open files in system' e && [ ! -s r ] || exit 1; "
	       "FULL=/sys/kernel/btf LD_PRELOAD=$PWD/full.so $iopf check --duration 1ms >r 2>e; "
	       "[ $? = 6 ] && grep -q 'on the whole machine' e || exit 2");
}
#endif

/*
 * As few descriptors as there may be, while the kernel is asked what it has: that is told as it is, or does no
 * harm. Nothing is said of the kernel then that is not so.
 */
static void few_descriptors_before_tracing(void **state)
{
	(void)state;
	EXPECT(0,
	       "for o in '' '-p 1'; do $iopf check --duration 1ms $o >/dev/null 2>all; a=$?; "
	       "for n in 4 5 6 7 8 9 10 11 12; do "
	       "(exec >/dev/null 2>e; ulimit -n $n; exec $iopf check --duration 1ms $o); c=$?; "
	       "if grep -q 'too many open files: this process may have' e; then "
	       "[ $c = 6 ] || exit 1; seen=1; "
	       "else [ $c = $a ] && cmp -s e all || { [ $c = 6 ] && grep -q 'Too many' e; } || exit 2; "
	       "fi; done; done; [ $seen ]");
}

/* Only root can make links of others. */
static void root_follows_nobodys_links(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	EXPECT(0, "echo before >f; ln -s f l; chown -h 12345 l; mkdir -m 1777 s; ln -s ../f s/l; "
		  "chown -h 12345 s/l; ln -s f own; "
		  "$iopf list rules -f json -o l || exit 1; "
		  "[ ! -L l ] && jq -e . l >/dev/null && [ \"$(cat f)\" = before ] || exit 2; "
		  "$iopf list rules -f json -o s/l 2>/dev/null; [ $? = 6 ] || exit 3; "
		  "[ -L s/l ] && [ \"$(cat f)\" = before ] || exit 4; "
		  "$iopf list rules -f json -o own || exit 5; "
		  "[ -L own ] && jq -e . f >/dev/null || exit 6; "
		  "mkfifo s/p; chown 12345 s/p; "
		  "$iopf list rules -f json -o s/p 2>/dev/null; [ $? = 6 ]");
}

/* Runs a report of a pipe at a terminal, fed until it tells how far it is, or to its end; all it said. */
static size_t at_a_terminal(const char *term, const char *quiet, char *said, size_t size)
{
	struct winsize columns = { 25, 80, 0, 0 };
	char name[4200];
	size_t nr = 0, fed = 0;
	int terminal, status, pipes[2];
	FILE *recording;
	ssize_t got;
	pid_t pid;

	snprintf(name, sizeof(name), "%s/no-match-17000.data", cases);
	recording = fopen(name, "r");
	assert_non_null(recording);
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	pid = forkpty(&terminal, NULL, NULL, &columns);
	assert_true(pid >= 0);
	if (!pid) {
		setenv("TERM", term, 1);
		dup2(pipes[0], STDIN_FILENO);
		execl(program, "iopftrace", "check", "-", "-o", "progress.txt", quiet, NULL);
		_exit(9);
	}
	close(pipes[0]);
	for (;;) {
		struct pollfd end = { .fd = terminal, .events = POLLIN };
		char bytes[512];

		said[nr] = '\0';
		if (poll(&end, 1, strstr(said, "MB") || fed > 40 ? 0 : 50) > 0) {
			got = read(terminal, said + nr, size - nr - 1);
			if (got <= 0)
				break;
			nr += (size_t)got;
			continue;
		}
		got = (ssize_t)fread(bytes, 1, sizeof(bytes), recording);
		if (got > 0)
			assert_int_equal(write(pipes[1], bytes, (size_t)got), got);
		else if (pipes[1] >= 0) {
			close(pipes[1]);
			pipes[1] = -1;
		}
		fed++;
	}
	fclose(recording);
	close(terminal);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) < 3 || WEXITSTATUS(status) == 5);
	return nr;
}

/* What takes long says how far it is, and leaves no trace of that. */
static void progress_is_shown_and_gone(void **state)
{
	static const char erase[] = "\r\033[K";
	char said[65536];
	const char *shown, *last, *line;

	(void)state;
	at_a_terminal("xterm", "-v", said, sizeof(said));
	shown = strstr(said, "\r\033[Kiopftrace: reading standard input: ");
	assert_non_null(shown);
	for (line = shown; (line = strstr(line, "iopftrace: reading")); line++)
		shown = line;
	last = strstr(shown, erase);
	assert_non_null(last);
	assert_null(strstr(last, "MB"));

	at_a_terminal("dumb", "-v", said, sizeof(said));
	assert_null(strstr(said, "reading"));
	assert_null(strchr(said, '\033'));
	at_a_terminal("xterm", "-q", said, sizeof(said));
	assert_null(strstr(said, "reading"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closed_descriptors),
		cmocka_unit_test(the_verdict_is_told_whatever_fails),
		cmocka_unit_test(one_file_by_two_names),
		cmocka_unit_test(what_is_read_is_not_overwritten),
		cmocka_unit_test(standard_output_by_its_names),
		cmocka_unit_test(a_command_does_not_write_into_data),
		cmocka_unit_test(limits_are_no_usage_errors),
#ifndef SANITIZED /* which know one stack only */
		cmocka_unit_test(a_small_stack),
#endif
		cmocka_unit_test(a_status_that_is_none),
		cmocka_unit_test(signals_leave_nothing),
		cmocka_unit_test(signals_remove_named_files),
		cmocka_unit_test(hung_writes_can_be_ended),
		cmocka_unit_test(the_command_of_a_violation_inherits_nothing),
		cmocka_unit_test(privilege_is_given_up),
		cmocka_unit_test(the_environment_does_not_steer_a_privileged_program),
		cmocka_unit_test(capabilities_of_the_file_are_not_the_users),
#ifndef SANITIZED
		cmocka_unit_test(the_table_of_files_is_full),
#endif
		cmocka_unit_test(few_descriptors_before_tracing),
		cmocka_unit_test(root_follows_nobodys_links),
		cmocka_unit_test(progress_is_shown_and_gone),
	};

	return cmocka_run_group_tests_name("process", tests, make_directory, remove_directory);
}
