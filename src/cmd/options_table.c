// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "options_values.h"

#define MEMBER(name) offsetof(struct options, name)
#define WHOLE 0 /* struct options itself */
#define RUN VERB_BIT(VERB_RUN)
#define CHECK VERB_BIT(VERB_CHECK)
#define JUDGE (RUN | CHECK) /* the verbs that end in a verdict */
#define REPORT VERB_BIT(VERB_REPORT)
#define SHOW (JUDGE | REPORT) /* the verbs that show a report */
#define TRACE VERB_BIT(VERB_TRACE)
#define RECORD VERB_BIT(VERB_RECORD)
#define LIVE (JUDGE | TRACE | RECORD)
#define EXPLAIN VERB_BIT(VERB_EXPLAIN)
#define LIST VERB_BIT(VERB_LIST)
#define DIFF VERB_BIT(VERB_DIFF)

static const struct option_def table[] = {
	{ "pid", 'p', "PID", option_pids, WHOLE, LIVE, OPTION_SCOPE,
	  "trace this process, threads included; may be repeated, or a comma list" },
	{ "system-wide", 0, NULL, option_flag, MEMBER(system_wide), LIVE, OPTION_SCOPE,
	  "trace the whole machine, also beside CMD" },
	{ "device", 'D', "NAME", option_string, MEMBER(device), REPORT, OPTION_SCOPE,
	  "tables only of groups of this device: its name, its PCI address, or 'dev 3' as one without "
	  "a name is called" },
	{ "dev-id", 0, "N", option_id, MEMBER(dev_id), REPORT, OPTION_SCOPE,
	  "the same, of the device with this iommufd id" },
	{ "fault-id", 0, "N", option_id, MEMBER(fault_id), REPORT, OPTION_SCOPE,
	  "the same, of the fault objects with this iommufd id" },
	{ "pasid", 0, "N", option_id, MEMBER(pasid), REPORT, OPTION_SCOPE,
	  "the same, of this PASID" },
	{ "code", 0, "CODE", option_code, MEMBER(code), REPORT, OPTION_SCOPE,
	  "the same, answered so: success, invalid, failure" },
	{ "comm", 0, "NAME", option_string, MEMBER(comm), REPORT, OPTION_SCOPE,
	  "the same, read or answered by threads of this name" },
	{ "from", 0, "TIME", option_moment, MEMBER(from), REPORT, OPTION_SCOPE,
	  "the same, answered at TIME or later: 2s after the beginning, -2s before the end" },
	{ "to", 0, "TIME", option_moment, MEMBER(to), REPORT, OPTION_SCOPE,
	  "the same, answered before TIME; what is not answered counts when it was queued" },

	{ "duration", 'd', "TIME", option_time, MEMBER(duration_ns), LIVE, OPTION_COURSE,
	  "stop after TIME: 10 (seconds), 500ms, 1.5s, 2m" },
	{ "interval", 'i', "TIME", option_time, MEMBER(interval_ns), SHOW, OPTION_COURSE,
	  "report: figures for each TIME of the recording; live, with -f prometheus or openmetrics "
	  "and -o FILE: write FILE this often while tracing goes on" },
	{ "kill", 0, NULL, option_flag, MEMBER(kill), LIVE, OPTION_COURSE,
	  "when tracing ends before CMD does, send CMD a SIGTERM" },
	{ "buffer", 0, "SIZE", option_buffer, MEMBER(buffer_bytes), LIVE, OPTION_COURSE,
	  "size of the ring buffer, as 512K or 64M, rounded up to a power of two of pages; "
	  "larger when events are lost; default 16M" },

	{ "rotate", 0, "SIZE|TIME", option_rotate, MEMBER(rotate), RECORD, OPTION_COURSE,
	  "go on in FILE.1, FILE.2, ... whenever the file has 64M, or each 10s; each is a whole "
	  "recording by itself" },
	{ "flight-recorder", 0, "TIME", option_time, MEMBER(flight_ns), RECORD, OPTION_COURSE,
	  "keep the last TIME in memory; write it to FILE, FILE.1, ... when a rule is seen broken, on "
	  "SIGUSR1, and at the end" },
	{ "keep", 0, "N", option_keep, MEMBER(keep), RECORD, OPTION_COURSE,
	  "with --rotate or --flight-recorder, keep only the last N files, 2 at least" },

	{ "assert", 'a', "EXPRESSION", option_assertion, WHOLE, JUDGE, OPTION_JUDGING,
	  "exit code 2 unless it holds: 'total.p99 < 5ms', 'kernel_answered == 0'; may be "
	  "repeated; 'iopftrace list metrics' tells what there is" },
	{ "fail-on", 0, "EXPRESSION", option_fail_on, WHOLE, DIFF, OPTION_JUDGING,
	  "exit code 2 if it holds: 'total.p99 > +10%', 'wait.mean > +50us', 'verdict' (it is "
	  "worse), 'findings' (there are new ones); may be repeated" },
	{ "policy", 0, "FILE", option_string, MEMBER(policy), SHOW | EXPLAIN | RECORD | DIFF,
	  OPTION_JUDGING,
	  "severities, deadlines and assertions from an INI file; options here come before it" },
	{ "deadline", 0, "TIME", option_time, MEMBER(deadline_ns), SHOW | EXPLAIN | RECORD | DIFF,
	  OPTION_JUDGING,
	  "every group is answered, and every call returns, within TIME of its beginning" },
	{ "min-groups", 0, "N", option_count, MEMBER(min_groups), SHOW | DIFF, OPTION_JUDGING,
	  "inconclusive (exit code 5) with fewer groups than this; default 1; 0 where none is to be "
	  "expected" },
	{ "on-loss", 0, "WHAT", option_on_loss, MEMBER(on_loss), SHOW | DIFF, OPTION_JUDGING,
	  "when events were lost and nothing is proven wrong: inconclusive (the default), fail "
	  "(exit code 1) or ignore (pass, of what was seen; not where an error is found that what was "
	  "lost may explain)" },
	{ "verdict-only", 0, NULL, option_flag, MEMBER(verdict_only), SHOW, OPTION_JUDGING,
	  "exit by the verdict and the assertions alone, with 0, 1, 2 or 5, whatever CMD's own status "
	  "is" },
	{ "memory-limit", 0, "SIZE", option_memory, MEMBER(memory_limit),
	  SHOW | TRACE | EXPLAIN | DIFF, OPTION_JUDGING,
	  "memory for what is followed, as 64M or 4G; default 1G, enough for 8 million groups "
	  "outstanding at one time; when it is full, nothing new is followed, and the verdict is "
	  "inconclusive (exit code 5)" },
	{ "on-violation", 0, "CMD", option_string, MEMBER(on_violation), JUDGE, OPTION_JUDGING,
	  "when a rule is seen broken, run this shell command, once, with IOPFTRACE_RULE, "
	  "IOPFTRACE_TEXT, IOPFTRACE_GROUP, ... in its environment; 'snapshot' instead writes "
	  "what led to it to iopf-violation-N.json beside the output file" },

	{ "format", 'f', "FORMAT", option_format, MEMBER(format), SHOW | TRACE | LIST | DIFF,
	  OPTION_OUTPUT, "how it is shown; text is the default" },
	{ "output", 'o', "FILE", option_string, MEMBER(output),
	  LIVE | REPORT | EXPLAIN | LIST | DIFF, OPTION_OUTPUT,
	  "write to FILE, whole or not at all (but record: as it goes); - is standard output" },
	{ "record", 0, "FILE", option_string, MEMBER(record), JUDGE, OPTION_OUTPUT,
	  "also write every event to FILE, as 'record' does: 'check FILE' gives the same verdict "
	  "and report, 'explain FILE' the story" },
	{ "junit", 0, "FILE", option_string, MEMBER(junit), CHECK, OPTION_OUTPUT,
	  "also write the rules and assertions as JUnit XML to FILE" },
	{ "ktap", 0, "FILE", option_string, MEMBER(ktap), CHECK, OPTION_OUTPUT,
	  "also write them as KTAP to FILE" },
	{ "annotate", 0, NULL, option_flag, MEMBER(annotate), CHECK, OPTION_OUTPUT,
	  "also write findings as GitHub annotations: on standard output, or on standard error "
	  "when standard output carries a machine format; ten of a kind, as many as are shown, "
	  "and all in the summary of the step" },
	{ "journey", 0, NULL, option_flag, MEMBER(journey), TRACE, OPTION_OUTPUT,
	  "not a line for each event but a block for each group, with its way and its stages, once "
	  "it has ended; groups that are outstanding come at the end" },
	{ "percentiles", 0, "LIST", option_percentiles, MEMBER(show), SHOW | DIFF, OPTION_OUTPUT,
	  "the percentiles to show; default 50,90,99,99.9" },
	{ "unit", 0, "UNIT", option_unit, MEMBER(show.unit), SHOW | EXPLAIN | DIFF, OPTION_OUTPUT,
	  "show times of text in this unit: auto, ns, us, ms or s; default auto" },
	{ "slowest", 0, "N", option_rows, MEMBER(show.slowest), SHOW, OPTION_OUTPUT,
	  "show the N slowest groups; default 5" },
	{ "by", 0, "KEYS", option_by, WHOLE, SHOW, OPTION_OUTPUT,
	  "figures for each device, pasid, process (that reads), code (of the answer) or "
	  "fault-id; several: device,pasid" },
	{ "color", 0, "WHEN", option_color, MEMBER(color), SHOW | TRACE | EXPLAIN | DIFF,
	  OPTION_OUTPUT,
	  "colour text always, never or, with auto, on a terminal unless NO_COLOR is set; default auto" },
	{ "quiet", 'q', NULL, option_flag, MEMBER(show.quiet), SHOW | RECORD | DIFF, OPTION_OUTPUT,
	  "only the verdict; record: only what went wrong" },
	{ "deterministic", 0, NULL, option_flag, MEMBER(show.deterministic), SHOW, OPTION_OUTPUT,
	  "tell nothing of this host, no wall time and no version: for files to compare with" },
	{ "verbose", 'v', NULL, option_flag, MEMBER(show.verbose), SHOW | TRACE, OPTION_OUTPUT,
	  "more: whole journeys, all waiting groups, a histogram of each stage; trace: events of "
	  "bookkeeping too" },

	{ "help", 'h', NULL, option_help, MEMBER(action), VERB_ALL, OPTION_GENERAL,
	  "tell about the verb, or about all, and end" },
	{ "version", 'V', NULL, option_version, MEMBER(action), VERB_ALL, OPTION_GENERAL,
	  "print the version, and end" },
};

const struct option_def *options_table(size_t *nr)
{
	*nr = sizeof(table) / sizeof(table[0]);
	return table;
}
