// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The command line: what is accepted, what is refused and in which words; help. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "cmd/help.h"
#include "cmd/nearest.h"
#include "cmd/options.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define WORDS_MAX 32

static struct options options;
static struct options_error error;

/* Parses "iopftrace" and the words of @line, which are separated by single spaces. */
static int parse(const char *line)
{
	static char copy[4096];
	static char *argv[WORDS_MAX + 2];
	char *rest = copy;
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	argv[argc++] = (char *)"iopftrace";
	while (rest && *rest && argc <= WORDS_MAX)
		argv[argc++] = strsep(&rest, " ");
	argv[argc] = NULL;
	return options_parse(&options, argc, argv, &error);
}

/* The same, for a line that is right. */
static void good(const char *line)
{
	if (parse(line))
		fail_msg("'%s': %s", line, error.text);
}

/* The same, for a line that is wrong. */
static void bad(const char *line, const char *text)
{
	assert_int_equal(parse(line), -EINVAL);
	if (strcmp(error.text, text))
		fail_msg("'%s' gives '%s', not '%s'", line, error.text, text);
}

static void defaults(void **state)
{
	(void)state;
	good("");
	assert_int_equal(options.action, OPTIONS_RUN);
	assert_int_equal(options.verb, VERB_RUN);
	assert_false(options.verb_given);
	assert_null(options.command);
	assert_int_equal(options.nr_pids, 0);
	assert_true(options.duration_ns == 0);
	assert_true(options.buffer_bytes == 0);
	assert_false(options.min_groups.given);
	assert_false(options.on_loss.given);
	assert_int_equal(options.nr_assertions, 0);
	assert_int_equal(options.nr_operands, 0);
	assert_null(options.policy);
	assert_null(options.junit);
	assert_null(options.on_violation);
	assert_string_equal(options.format->name, "text");
	assert_null(options.output);
	assert_int_equal(options.show.nr_percentiles, 4);
	assert_int_equal(options.show.width, 80);
	assert_int_equal(options.show.slowest, 5);
	assert_int_equal(options.show.unit, UNITS_AUTO);
}

static void the_command_is_what_follows_the_dashes(void **state)
{
	(void)state;
	good("-- ./vmm -d 5 --help -- x");
	assert_string_equal(options.command[0], "./vmm");
	assert_string_equal(options.command[3], "--help");
	assert_string_equal(options.command[4], "--");
	assert_null(options.command[6]);
	assert_true(options.duration_ns == 0);
	assert_int_equal(options.action, OPTIONS_RUN);
	good("run -d 5 -- trace");
	assert_int_equal(options.verb, VERB_RUN);
	assert_string_equal(options.command[0], "trace");
	good("-o -- -- ls"); /* the first is the name of a file */
	assert_string_equal(options.output, "--");
	assert_string_equal(options.command[0], "ls");
	bad("--", "no command after --");
	bad("run -d 5 --", "no command after --");
	bad("./vmm --guest x",
	    "'./vmm': a command comes after --, as in: iopftrace -- ./vmm --guest x");
	bad("-d 5 ./vmm -x",
	    "'./vmm': a command comes after --, as in: iopftrace -d 5 -- ./vmm -x");
	bad("run ls", "'ls': a command comes after --, as in: iopftrace run -- ls");
	bad("ls a;b", "'ls': a command comes after --, as in: iopftrace -- ls 'a;b'");
	bad("run x -- ls", "unexpected word 'x'");
}

static void verbs_are_found(void **state)
{
	(void)state;
	good("run");
	assert_true(options.verb_given);
	good("trace -p 12");
	assert_int_equal(options.verb, VERB_TRACE);
	good("-p 12 trace"); /* options may come first; 12 is not a word but a value */
	assert_int_equal(options.verb, VERB_TRACE);
	good("-o run -d 5");
	assert_false(options.verb_given);
	bad("tarce", "unknown verb 'tarce'; did you mean 'trace'? To trace a command: "
		     "iopftrace -- tarce");
	assert_string_equal(error.help, "iopftrace --help");
	bad("rnu -- ls", "unknown verb 'rnu'; did you mean 'run'?");
	bad("convert -- ls", "unknown verb 'convert'");
	bad("trace --bogus", "unknown option --bogus");
	assert_string_equal(error.help, "iopftrace trace --help");
}

static void values_are_taken(void **state)
{
	(void)state;
	good("-d 1.5 --kill --min-groups 100 --buffer 5M -f json -o out.json -v --slowest 9 "
	     "--unit us --color always -- ls");
	assert_true(options.duration_ns == 1500000000);
	assert_true(options.kill);
	assert_true(options.min_groups.given && options.min_groups.value == 100);
	assert_true(options.buffer_bytes == 8 << 20); /* a power of two */
	assert_string_equal(options.format->name, "json");
	assert_string_equal(options.output, "out.json");
	assert_true(options.show.verbose);
	assert_int_equal(options.show.slowest, 9);
	assert_int_equal(options.show.unit, UNITS_US);
	assert_int_equal(options.color, OPTIONS_COLOR_ALWAYS);
	good("--duration=100ms --buffer=1 -qp7 -d 3");
	assert_true(options.duration_ns == 3000000000); /* the last one holds */
	assert_true(options.buffer_bytes == (uint64_t)sysconf(_SC_PAGESIZE));
	assert_true(options.show.quiet);
	assert_int_equal(options.pids[0], 7);
	good("--system-wid"); /* what is not ambiguous may be short */
	assert_true(options.system_wide);
}

static void lists_are_taken(void **state)
{
	(void)state;
	good("-p 12,13 --pid=14 -p 4194304");
	assert_int_equal(options.nr_pids, 4);
	assert_int_equal(options.pids[0], 12);
	assert_int_equal(options.pids[2], 14);
	assert_int_equal(options.pids[3], 4194304);
	good("--percentiles 99.99,50,50.0,0");
	assert_int_equal(options.show.nr_percentiles, 3);
	assert_true(options.show.percentile[0] > 99.98);
	assert_true(options.show.percentile[1] >= 50 && options.show.percentile[1] <= 50);
	bad("-p 12,", "--pid '' is not a number");
	bad("-p 12,x", "--pid 'x' is not a whole number");
	bad("-p 0", "--pid '0' is too small");
	bad("-p 4194305", "--pid '4194305' is too large");
	bad("-p -1", "--pid '-1' is not a whole number");
	bad("--percentiles 50,101", "--percentiles '101' is more than 100");
	bad("--percentiles=", "--percentiles '' is not a number");
	bad("--percentiles 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17",
	    "--percentiles: at most 16 of them");
	bad("-p 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,"
	    "31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,"
	    "59,60,61,62,63,64,65",
	    "--pid: at most 64 processes");
}

static void values_are_checked(void **state)
{
	(void)state;
	bad("-d 5x", "--duration '5x' has an unknown unit: use ns, us, ms, s, m, h or d");
	bad("-d 0", "--duration '0' is too short");
	bad("-d", "--duration needs a TIME");
	bad("check -a", "--assert needs an EXPRESSION");
	bad("list -f xml rules", "--format 'xml' is none of: text, json");
	bad("trace --format=xml", "--format 'xml' is none of: text, json, csv, perfetto");
	bad("--pid", "--pid needs a PID");
	bad("--quiet=3", "--quiet takes no value");
	bad("--buffer 3G", "--buffer '3G' is too large: at most 2G");
	bad("--buffer 0", "--buffer '0' is too small");
	bad("--buffer 1Q", "--buffer '1Q' has an unknown unit: use K, M, G or T");
	bad("--min-groups few", "--min-groups 'few' is not a whole number");
	bad("--slowest 1001", "--slowest '1001' is too large");
	bad("--unit m", "--unit 'm' is not auto, ns, us, ms or s");
	bad("--color blue", "--color 'blue' is not auto, always or never");
	good("report -f prom");
	assert_string_equal(options.format->name, "prometheus");
	bad("-f yaml",
	    "--format 'yaml' is none of: text, json, html, csv, openmetrics, prometheus, hdr, "
	    "junit, ktap");
	bad("--output=", "--output needs a FILE, not nothing");
	/* Nothing that a terminal would obey: C0, C1, a change of direction. */
	bad("-f a\nb\033",
	    "--format 'a\\x0ab\\x1b' is none of: text, json, html, csv, openmetrics, prometheus, hdr, "
	    "junit, ktap");
	bad("-f \xc2\x9b\xe2\x80\xae",
	    "--format '\\xc2\\x9b\\xe2\\x80\\xae' is none of: text, json, html, csv, openmetrics, "
	    "prometheus, hdr, junit, ktap");
}

static void recordings_are_named(void **state)
{
	(void)state;
	good("record -o x.data -d 5 -q -- ls");
	assert_int_equal(options.verb, VERB_RECORD);
	assert_string_equal(options.output, "x.data");
	assert_string_equal(options.command[0], "ls");
	good("report x.data -f json --percentiles 50");
	assert_int_equal(options.verb, VERB_REPORT);
	assert_string_equal(options.operand[0], "x.data");
	good("report");
	assert_int_equal(options.nr_operands, 0);
	good("report -f junit -");
	good("trace x.data -f json");
	assert_string_equal(options.operand[0], "x.data");
	bad("record -f json -- ls", "--format is not an option of 'record'");
	bad("report -p 1", "--pid is not an option of 'report'");
	bad("trace x.data -p 1", "either a file or --pid, not both");
	bad("trace x.data -- ls", "either a file or a command, not both");
}

static void judging_is_told(void **state)
{
	(void)state;
	good("check -a total.p99<5ms --assert lost==0 --policy p.ini --deadline 2s --on-loss fail "
	     "--on-violation snapshot --junit j.xml --ktap - --annotate -o r.json -- ls");
	assert_int_equal(options.verb, VERB_CHECK);
	assert_int_equal(options.nr_assertions, 2);
	assert_string_equal(options.assertion[1].text, "lost==0");
	assert_string_equal(options.policy, "p.ini");
	assert_true(options.deadline_ns == 2000000000);
	assert_true(options.on_loss.given);
	assert_int_equal(options.on_loss.value, IOPF_LOSS_FAIL);
	assert_string_equal(options.on_violation, "snapshot");
	assert_string_equal(options.junit, "j.xml");
	assert_string_equal(options.ktap, "-");
	assert_true(options.annotate);
	assert_false(options.verdict_only);
	good("-a groups>5 --deadline 1 --min-groups 0 -d 1 --verdict-only");
	assert_true(options.verdict_only);
	good("check --verdict-only -- ls");
	good("report x.data --verdict-only");
	bad("trace --verdict-only -- ls", "--verdict-only is not an option of 'trace'");
	bad("-a total.p99<5 -- ls",
	    "--assert 'total.p99<5': at column 12: expected the unit of the "
	    "time: ns, us, ms, s, m or h");
	bad("-a totl.p99<5s -- ls",
	    "--assert 'totl.p99<5s': at column 1: expected a metric, as total.p99, groups or "
	    "IOPF003; did you mean total.p99?");
	bad("check --on-loss explode -d 1",
	    "--on-loss 'explode' is not inconclusive, fail or ignore");
	bad("check --deadline 0 -d 1", "--deadline '0' is too short");
	bad("trace -a groups>5", "--assert is not an option of 'trace'");
	bad("--junit x.xml -- ls", "--junit is not an option of 'run'");
}

static void figures_are_divided(void **state)
{
	struct iopf_breakdown_opts b;

	(void)state;
	good("report x --by device,pasid,device -i 1.5 --from 2s --to -500ms -D 3b:00.0 --code invalid "
	     "--pasid 0x10 --dev-id 3 --fault-id 4 --comm vcpu0 -f csv");
	options_breakdown(&options, &b);
	assert_int_equal(b.nr_by, 2);
	assert_int_equal(b.by[0], IOPF_KEY_DEVICE);
	assert_int_equal(b.by[1], IOPF_KEY_PASID);
	assert_true(b.interval_ns == 1500000000);
	assert_true(b.filter.window && b.filter.from_ns == 2000000000);
	assert_true(options.to.from_end && options.to.ns == 500000000);
	assert_string_equal(b.filter.device, "3b:00.0");
	assert_string_equal(b.filter.comm, "vcpu0");
	assert_true(b.filter.code.given && b.filter.code.value == IOPF_CODE_INVALID);
	assert_true(b.filter.pasid.given && b.filter.pasid.value == 16);
	assert_true(b.filter.dev_id.value == 3 && b.filter.fault_id.value == 4);
	good("report --from 1");
	options_breakdown(&options, &b);
	assert_true(b.filter.to_ns == UINT64_MAX);
	good("report --to 1s");
	options_breakdown(&options, &b);
	assert_true(b.filter.from_ns == 0 && b.filter.to_ns == 1000000000);
	good("report");
	options_breakdown(&options, &b);
	assert_false(b.filter.window || b.nr_by || b.interval_ns);
	options.device = "dev 3"; /* what text calls a device without a name */
	options_breakdown(&options, &b);
	assert_true(!b.filter.device && b.filter.dev_id.given && b.filter.dev_id.value == 3);
	options.device = "dev 3x";
	options_breakdown(&options, &b);
	assert_true(b.filter.device && !b.filter.dev_id.given);
	good("report -i 10ms -f html");
	options_breakdown(&options, &b);
	assert_true(b.interval_ns == 10000000 && b.max_intervals == 1000 && !b.adaptive);
	good("report -f html");
	options_breakdown(&options, &b);
	assert_true(b.adaptive && !b.interval_ns);
	good("run -f html -o x -d 1"); /* how long it will last nobody knows */
	options_breakdown(&options, &b);
	assert_true(b.adaptive && !b.interval_ns);
	good("report -i 10ms -f json");
	options_breakdown(&options, &b);
	assert_true(!b.adaptive && !b.max_intervals);
	good("report"); /* who draws nothing pays nothing */
	options_breakdown(&options, &b);
	assert_false(b.adaptive);
	good("check --by process,code,fault-id -d 1");
	good("--by code,device -f openmetrics -d 1");
	bad("report --by", "--by needs a KEYS");
	bad("report --by=", "--by '' is not device, pasid, process, code or fault-id");
	bad("report --by device,", "--by '' is not device, pasid, process, code or fault-id");
	bad("report --by device,colour",
	    "--by 'colour' is not device, pasid, process, code or fault-id");
	bad("report --by pasid -f prom",
	    "--by pasid is not for --format prometheus: only device and code become labels, "
	    "others would make too many series");
	bad("report --by device -f hdr",
	    "--by is not for --format hdr: use text, json or csv; for device and code also "
	    "openmetrics or prometheus");
	bad("report -i 1 -f hdr",
	    "--interval is not for --format hdr: use text, json, csv or html");
	bad("report --by device -f html",
	    "--by is not for --format html: use text, json or csv; for device and code also "
	    "openmetrics or prometheus");
	bad("report --to 1 -f html", "--to is not for --format html: use text, json or csv");
	bad("report --pasid 1 -f prom",
	    "--pasid is not for --format prometheus: use text, json or csv");
	bad("report --from 1 -f junit", "--from is not for --format junit: use text, json or csv");
	bad("report --from 2s --to 2s", "--from is not before --to");
	bad("report --from -1s --to -2s", "--from is not before --to");
	good("report --from -2s --to -1s");
	good("report --from -2s --to 1s"); /* which may be: the file decides */
	bad("report --from soon", "--from 'soon' is not a number");
	bad("report --from --1s", "--from '--1s' is not a number");
	bad("report --to 99999999999999999999", "--to '99999999999999999999' is too large");
	bad("report -i 0", "--interval '0' is too short");
	bad("report --code maybe", "--code 'maybe' is not success, invalid, failure or a number");
}

static void operands_are_taken(void **state)
{
	(void)state;
	good("check iopf.data");
	assert_int_equal(options.nr_operands, 1);
	assert_string_equal(options.operand[0], "iopf.data");
	good("check -a lost==0 check --policy x"); /* the second is a file */
	assert_string_equal(options.operand[0], "check");
	good("list rules");
	assert_int_equal(options.verb, VERB_LIST);
	assert_string_equal(options.operand[0], "rules");
	bad("check a b", "unexpected word 'b'");
	bad("list rules metrics", "unexpected word 'metrics'");
	bad("list -- ls", "'list' takes no command");
	bad("trace --journey -f csv", "--journey has --format text or json, not csv");
	bad("trace --journey -f perfetto", "--journey has --format text or json, not perfetto");
	bad("report --journey", "--journey is not an option of 'report'");
	bad("list rules -f junit", "--format junit is not for 'list', which has: text, json");
	bad("list rules -f csv", "--format csv is not for 'list', which has: text, json");
	bad("trace -f ktap",
	    "--format ktap is not for 'trace', which has: text, json, csv, perfetto");
	good("trace -f csv");
	good("report -f hdr");
	good("trace -f perfetto");
	bad("list rules -f perfetto", "--format perfetto is not for 'list', which has: text, json");
	bad("iopf.data", "'iopf.data': a command comes after --, as in: iopftrace -- iopf.data");
}

static void a_check_has_one_subject(void **state)
{
	(void)state;
	bad("check", "nothing to check: give a FILE, -- CMD, --pid, --duration or --system-wide");
	bad("check --buffer 4M",
	    "nothing to check: give a FILE, -- CMD, --pid, --duration or --system-wide");
	bad("check x.data -- ls", "either a file or a command, not both");
	bad("check x.data -p 5", "either a file or --pid, not both");
	bad("check x.data -d 5", "either a file or --duration, not both");
	bad("check x.data --system-wide", "either a file or --system-wide, not both");
	bad("check x.data --buffer 4M", "either a file or --buffer, not both");
	good("check --help");
	good("check -p 5");
	good("check --system-wide");
}

static void every_output_has_its_place(void **state)
{
	(void)state;
	bad("check x --record r", "either a file or --record, not both");
	bad("check --record - -- ls", "--record needs a file, not standard output");
	bad("record --record r -- ls", "--record is not an option of 'record'");
	good("check x -o r --junit -");
	good("check x --junit j --ktap k");
}

static void options_are_known_or_not(void **state)
{
	(void)state;
	bad("--durtion 5", "unknown option --durtion; did you mean --duration?");
	bad("--durtion=5", "unknown option --durtion; did you mean --duration?");
	bad("--frobnicate", "unknown option --frobnicate");
	bad("-x", "unknown option -x");
	bad("-qx", "unknown option -x");
	bad("--p 5", "--p may be short for --pid, --pasid, --policy, --percentiles");
	bad("trace --unit us", "--unit is not an option of 'trace'");
	bad("trace -q", "--quiet is not an option of 'trace'");
	bad("--comm x", "--comm is not an option of 'run'"); /* a scope is one of processes */
	bad("check -D x y", "--device is not an option of 'check'");
	bad("check x --from 1", "--from is not an option of 'check'"); /* a verdict is of all */
}

static void comparisons_are_of_two(void **state)
{
	(void)state;
	good("diff a.json - --fail-on total.p99>+10% --fail-on verdict --fail-on=findings -f json "
	     "--policy p.ini --percentiles 50 -o out.json");
	assert_int_equal(options.verb, VERB_DIFF);
	assert_string_equal(options.operand[1], "-");
	assert_int_equal(options.nr_fail_on, 3);
	assert_int_equal(options.fail_on[0].on, IOPF_ON_METRIC);
	assert_true(options.fail_on[0].relative);
	assert_int_equal(options.fail_on[2].on, IOPF_ON_FINDINGS);
	bad("diff", "nothing to compare: give BASE and NEW, recordings or JSON reports");
	bad("diff a", "nothing to compare with: give BASE and NEW, recordings or JSON reports");
	bad("diff - -", "only one of BASE and NEW can be standard input");
	bad("diff a b c", "unexpected word 'c'");
	bad("diff a b -- ls", "'diff' takes no command");
	bad("diff a b --fail-on total.p99>10%",
	    "--fail-on 'total.p99>10%': at column 11: expected a change with its sign, as +10% or "
	    "+5ms");
	bad("diff a b --fail-on totl.p99>+1%",
	    "--fail-on 'totl.p99>+1%': at column 1: expected a metric, as total.p99, groups or "
	    "IOPF003; did you mean total.p99?");
	bad("diff a b --fail-on verdct",
	    "--fail-on 'verdct': at column 1: expected a metric, as total.p99, groups or IOPF003; "
	    "did you mean verdict?");
	bad("diff a b -f csv", "--format csv is not for 'diff', which has: text, json");
	bad("diff a b -a groups>5", "--assert is not an option of 'diff'");
	bad("report a --fail-on verdict", "--fail-on is not an option of 'report'");
}

static void what_does_not_go_together(void **state)
{
	(void)state;
	bad("-p 3 -- ls", "either --pid or a command, not both");
	bad("-p 3 --system-wide", "either --pid or --system-wide, not both");
	bad("--kill -d 1", "--kill needs a command to kill");
	bad("-q -v", "either --quiet or --verbose, not both");
	good("--system-wide -- ls");
	bad("-i 1", "--interval needs --format prometheus or openmetrics");
	bad("-i 1 -f json -o x", "--interval needs --format prometheus or openmetrics");
	bad("-i 1 -f prom", "--interval needs --output FILE");
	bad("-i 1 -f prom -o -", "--interval needs --output FILE");
	bad("check iopf.data -i 1 -f prom -o x", "either a file or --interval, not both");
	good("-i 1 -f prom -o x");
	good("check -d 60 -i 15s -f openmetrics -o x");
}

static void help_is_given(void **state)
{
	(void)state;
	good("--help");
	assert_int_equal(options.action, OPTIONS_HELP);
	assert_false(options.verb_given);
	good("help");
	assert_int_equal(options.action, OPTIONS_HELP);
	assert_false(options.verb_given);
	good("-h run");
	assert_true(options.verb_given);
	good("trace -h --bogus");
	assert_int_equal(options.action, OPTIONS_HELP);
	assert_int_equal(options.verb, VERB_TRACE);
	good("help trace");
	assert_int_equal(options.action, OPTIONS_HELP);
	assert_int_equal(options.verb, VERB_TRACE);
	bad("help trice", "unknown verb 'trice'; did you mean 'trace'?");
	bad("help me", "unknown verb 'me'");
	good("help help");
	assert_int_equal(options.action, OPTIONS_HELP);
	assert_false(options.verb_given);
	bad("help run check", "unexpected word 'check'");
	good("-V");
	assert_int_equal(options.action, OPTIONS_VERSION);
	good("run --version");
	assert_int_equal(options.action, OPTIONS_VERSION);
}

/* What help_verb() or, for VERBS, help_overview() writes; to be freed. */
static char *help_text(enum verb_id id)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	if (id == VERBS)
		help_overview(f);
	else
		help_verb(id, f);
	fclose(f);
	return text;
}

/* The exit codes of a verb, and none that it never gives. */
static void help_has_exit_codes(enum verb_id id, const char *text)
{
	bool judges = id == VERB_RUN || id == VERB_CHECK || id == VERB_REPORT;
	bool shows = id == VERB_EXPLAIN || id == VERB_LIST;
	bool compares = id == VERB_DIFF;

	assert_true(strstr(text, "0  pass, or done\n") != NULL);
	assert_true(strstr(text, "6  runtime error\n") != NULL);
	assert_int_equal(strstr(text, "1  protocol violation") != NULL, judges);
	assert_int_equal(strstr(text, "2  an assertion") != NULL, judges);
	assert_int_equal(strstr(text, "5  inconclusive") != NULL, !shows && !compares);
	/* The formats that it has, and no others. */
	if (strstr(text, "--format "))
		assert_int_equal(strstr(text, " junit ") != NULL, judges);
	assert_int_equal(strstr(text, "126  CMD is not executable\n") != NULL,
			 !shows && !compares && id != VERB_REPORT);
	assert_int_equal(strstr(text, "other  ") != NULL, !shows && !compares);
	assert_int_equal(strstr(text, "2  a --fail-on holds\n") != NULL, compares);
	assert_int_equal(strstr(text, "5  it cannot be told") != NULL, compares);
}

static void help_tells_what_there_is(void **state)
{
	const struct option_def *table;
	unsigned int id;
	size_t nr, i;

	(void)state;
	table = options_table(&nr);
	for (id = 0; id <= VERBS; id++) {
		char *text = help_text((enum verb_id)id), *line, *rest = text;

		for (i = 0; i < nr && id < VERBS; i++) {
			char name[64];

			snprintf(name, sizeof(name), "--%s ", table[i].name);
			assert_int_equal(strstr(text, name) != NULL,
					 (table[i].verbs & VERB_BIT(id)) != 0);
		}
		assert_int_equal(strstr(text, " openmetrics  ") != NULL,
				 id == VERB_RUN || id == VERB_CHECK || id == VERB_REPORT);
		if (id < VERBS)
			help_has_exit_codes((enum verb_id)id, text);
		else
			assert_non_null(strstr(text, "\n  trace "));
		while ((line = strsep(&rest, "\n")))
			if (strlen(line) > 80)
				fail_msg("wider than 80: %s", line);
		free(text);
	}
}

/* Every entry of the table: names and letters are unique, and all that takes a value says so. */
static void the_table_is_sound(void **state)
{
	const struct option_def *table;
	size_t nr, i, j;

	(void)state;
	table = options_table(&nr);
	for (i = 0; i < nr; i++) {
		assert_non_null(table[i].parse);
		assert_non_null(table[i].help);
		assert_true(table[i].member < sizeof(struct options));
		assert_true(table[i].group < OPTION_GROUPS);
		for (j = 0; j < i; j++) {
			assert_string_not_equal(table[i].name, table[j].name);
			assert_true(!table[i].letter || table[i].letter != table[j].letter);
		}
	}
}

/* The option of this name in the table; those that no verb accepts yet work, too. */
static int take(const char *name, const char *value)
{
	const struct option_def *table;
	size_t nr, i;

	table = options_table(&nr);
	for (i = 0; i < nr; i++)
		if (strcmp(table[i].name, name) == 0)
			return table[i].parse(&table[i], value, (char *)&options + table[i].member,
					      &error);
	return -ENOENT;
}

static void filters_are_ready(void **state)
{
	(void)state;
	good("");
	assert_int_equal(take("comm", "vcpu3"), 0);
	assert_string_equal(options.comm, "vcpu3");
	assert_int_equal(take("device", "0000:3b:00.0"), 0);
	assert_string_equal(options.device, "0000:3b:00.0");
	assert_int_equal(take("dev-id", "0"), 0);
	assert_true(options.dev_id.given && options.dev_id.value == 0);
	assert_int_equal(take("pasid", "0xfffff"), 0);
	assert_int_equal(options.pasid.value, 0xfffff);
	assert_int_equal(take("fault-id", "4294967296"), -EINVAL);
	assert_false(options.fault_id.given);
	assert_int_equal(take("code", "invalid"), 0);
	assert_int_equal(options.code.value, 1);
	assert_int_equal(take("code", "7"), 0);
	assert_int_equal(options.code.value, 7);
	assert_int_equal(take("code", "bad"), -EINVAL);
	assert_string_equal(error.text,
			    "--code 'bad' is not success, invalid, failure or a number");
	assert_int_equal(take("interval", "2"), 0);
	assert_true(options.interval_ns == 2000000000);
}

static void colour_is_decided(void **state)
{
	FILE *f = tmpfile();

	(void)state;
	setenv("TERM", "xterm", 1);
	setenv("NO_COLOR", "1", 1);
	good("");
	assert_false(options_use_color(&options, f));
	good("--color always");
	assert_true(options_use_color(&options, f)); /* asked for by name */
	unsetenv("NO_COLOR");
	good("--color auto");
	assert_false(options_use_color(&options, f)); /* no terminal */
	good("--color never");
	assert_false(options_use_color(&options, stderr));
	fclose(f);
}

/* A terminal that says nothing of itself, or that it can nothing, gets no escape sequences. */
static void a_terminal_without_a_name_has_no_colour(void **state)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	FILE *f = fdopen(fd, "w");

	(void)state;
	assert_non_null(f);
	assert_int_equal(grantpt(fd) | unlockpt(fd), 0);
	assert_int_equal(isatty(fd), 1);
	unsetenv("NO_COLOR");
	good("--color auto");
	setenv("TERM", "xterm", 1);
	assert_true(options_use_color(&options, f));
	setenv("TERM", "dumb", 1);
	assert_false(options_use_color(&options, f));
	setenv("TERM", "", 1);
	assert_false(options_use_color(&options, f));
	unsetenv("TERM");
	assert_false(options_use_color(&options, f));
	fclose(f);
}

static void near_names_are_found(void **state)
{
	(void)state;
	assert_int_equal(nearest_distance("trace", "trace"), 0);
	assert_int_equal(nearest_distance("tarce", "trace"), 1);
	assert_int_equal(nearest_distance("trce", "trace"), 1);
	assert_int_equal(nearest_distance("traces", "trace"), 1);
	assert_int_equal(nearest_distance("", "run"), 3);
	assert_true(nearest_distance("a-word-that-is-longer-than-any-name", "run") > 100);
	assert_string_equal(verb_nearest("rum"), "run");
	assert_null(verb_nearest("ls"));
	assert_null(verb_nearest(""));
}

static void recordings_are_divided(void **state)
{
	(void)state;
	good("record --rotate 64M --keep 4");
	assert_true(options.rotate.bytes == 64 << 20 && !options.rotate.ns);
	assert_int_equal(options.keep, 4);
	good("record --rotate 2m");
	assert_true(options.rotate.ns == 120000000000ULL && !options.rotate.bytes);
	good("record --flight-recorder 30 --deadline 1s --policy p.ini --keep 2 -o a");
	assert_true(options.flight_ns == 30000000000ULL);
	bad("record --rotate 5", "--rotate '5' needs a unit: 64M, or 10s");
	bad("record --rotate 0M", "--rotate '0M' is too short: at least 100ms");
	bad("record --rotate 50ms", "--rotate '50ms' is too short: at least 100ms");
	bad("record --keep 2", "--keep needs --rotate or --flight-recorder");
	bad("record --rotate 1s --keep 1", "--keep '1' is too small");
	bad("record --rotate 1s -o -", "--rotate needs files to write, not standard output");
	bad("record --rotate 1s --flight-recorder 1s",
	    "either --rotate or --flight-recorder, not both");
	bad("record --deadline 1s", "record judges only with --flight-recorder; give --deadline to "
				    "'report' or 'check'");
	bad("check --rotate 1s x", "--rotate is not an option of 'check'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(the_command_is_what_follows_the_dashes),
		cmocka_unit_test(verbs_are_found),
		cmocka_unit_test(values_are_taken),
		cmocka_unit_test(lists_are_taken),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(recordings_are_named),
		cmocka_unit_test(recordings_are_divided),
		cmocka_unit_test(judging_is_told),
		cmocka_unit_test(figures_are_divided),
		cmocka_unit_test(operands_are_taken),
		cmocka_unit_test(a_check_has_one_subject),
		cmocka_unit_test(every_output_has_its_place),
		cmocka_unit_test(options_are_known_or_not),
		cmocka_unit_test(comparisons_are_of_two),
		cmocka_unit_test(what_does_not_go_together),
		cmocka_unit_test(help_is_given),
		cmocka_unit_test(help_tells_what_there_is),
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(filters_are_ready),
		cmocka_unit_test(colour_is_decided),
		cmocka_unit_test(a_terminal_without_a_name_has_no_colour),
		cmocka_unit_test(near_names_are_found),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
