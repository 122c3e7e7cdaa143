// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <string.h>

#include "nearest.h"
#include "verbs.h"

static const struct verb verbs[] = {
	[VERB_RUN] = {
		.name = "run",
		.summary = "trace a command's page faults and show where the time went",
		.usage = "[run] [OPTIONS] -- CMD...",
		.about =
"Starts CMD once everything is attached, follows every group of page requests on\n"
"the fault objects that CMD or a descendant of it creates, reads or writes, and\n"
"at its end shows how long each stage took, what waited and who answered.\n"
"With -p PID instead of CMD it follows that process; with neither, the whole\n"
"machine, until -d TIME is over or Ctrl-C. What it saw is judged by the rules of\n"
"the protocol: 'iopftrace check --help' tells more about verdicts.\n",
		.examples =
"  iopftrace -- ./vmm --guest disk.img     a VMM, from its start to its end\n"
"  iopftrace -p 1234 -d 10                 a running process, for 10 seconds\n"
"  iopftrace -f json -o report.json -- ./vmm\n"
"  iopftrace -d 1m --percentiles 50,99,99.99 --unit us\n",
		.takes_command = true,
	},
	[VERB_RECORD] = {
		.name = "record",
		.summary = "write every event to a file, to be looked at later",
		.usage = "record [-o FILE] [OPTIONS] [-- CMD...]",
		.about =
"Writes every event to FILE, some 20 bytes for each group, as they happen: what\n"
"was recorded before a crash or a full disk can be read. The scope is that of\n"
"'run': CMD and its descendants, -p PID, or the whole machine, until -d TIME is\n"
"over or Ctrl-C. FILE can be read without privilege, and on any machine, by\n"
"'report', 'check', 'trace' and 'explain'; iopftrace-trace-file(5) describes it.\n"
"It has kernel addresses in it, so nobody but its owner may read it.\n"
"\n"
"With --rotate the recording goes on in FILE.1, FILE.2 and so on. Each of them is\n"
"a whole recording: it begins with the names, the objects and the outstanding\n"
"groups that were known then. Rules that need to have seen a fault object from\n"
"its creation are not judged in files that begin later, and deadlines of groups\n"
"that are older count from the beginning of the file.\n"
"\n"
"With --flight-recorder the last TIME is kept in memory, at most 256 MiB, and\n"
"written to a file of its own when a rule is seen broken (again when TIME has\n"
"passed), on SIGUSR1, and at the end. The exit code is that of the verdict then.\n",
		.examples =
"  iopftrace record -- ./vmm --guest disk.img      to iopf.data\n"
"  iopftrace record -o vmm.data -p 1234 -d 10\n"
"  iopftrace record -d 1m -o - | zstd > all.data.zst\n"
"  iopftrace record --rotate 64M --keep 10 --system-wide\n"
"  iopftrace record --flight-recorder 30s --deadline 2s -o crash.data\n",
		.takes_command = true,
	},
	[VERB_CHECK] = {
		.name = "check",
		.summary = "judge by the rules of the protocol: the verb for CI",
		.usage = "check [OPTIONS] FILE | -d TIME | -- CMD...",
		.about =
"Judges what CMD and its descendants do, or what happens for TIME, or what was\n"
"recorded in FILE, by the rules of the page fault protocol and by assertions. A\n"
"FILE needs no privilege, and is judged as the recorded run would have been.\n"
"\n"
"The verdict is one of three. PASS: every rule held that could be judged, and\n"
"enough groups were seen. VIOLATION: a rule of severity error is proven broken.\n"
"INCONCLUSIVE: nothing is proven wrong, but events were lost, a probe is missing,\n"
"an assertion has no value, or there were too few groups: never a pass.\n"
"\n"
"Assertions are METRIC OP VALUE. METRIC is STAGE.STAT (total.p99, wait.max), a\n"
"count (outstanding.max, responses.invalid), or a rule (IOPF012: its cases). OP\n"
"is one of < <= > >= == !=. Times need a unit: ns us ms s m h; counts have none.\n"
"\n"
"A policy file keeps severities, deadlines and assertions in your repository:\n"
"sections [severity], [deadlines], [assertions] and [verdict] of KEY = VALUE. The\n"
"manual page has an example.\n",
		.examples =
"  iopftrace check -- ./vmm-test\n"
"  iopftrace check -a 'total.p99 < 5ms' -a 'kernel_answered == 0' -- ./test\n"
"  iopftrace check --policy iopf.ini --junit iopf.xml --annotate -- ./test\n"
"  iopftrace check --record iopf.data -- ./test     keeps it: see explain\n"
"  iopftrace check -p 1234 -d 60 --deadline 2s --on-violation 'dmesg > log'\n"
"  iopftrace check --on-violation snapshot -f json -o report.json -- ./test\n"
"  iopftrace check iopf.data\n",
		.takes_command = true,
		.most_operands = 1,
	},
	[VERB_REPORT] = {
		.name = "report",
		.summary = "show what was recorded, as 'run' would have at its end",
		.usage = "report [OPTIONS] [FILE]",
		.about =
"Shows how long each stage took, what waited, who answered, and what the rules\n"
"say, of a recorded FILE: iopf.data unless another is given; - is standard input.\n"
"The exit code is that of the verdict. Of a recording that was interrupted it\n"
"shows what there is; the verdict is then INCONCLUSIVE at best.\n"
"\n"
"The figures can be divided by keys (--by) and by time (-i), or be those of some\n"
"of the groups. A group counts when it is answered; one that is not, or of which\n"
"the answer was not seen, when it was queued. Verdict and findings are always\n"
"those of the whole recording.\n",
		.examples =
"  iopftrace report\n"
"  iopftrace report vmm.data --percentiles 50,99,99.99 --unit us\n"
"  iopftrace report vmm.data --by device,pasid\n"
"  iopftrace report vmm.data -i 1s --from 10s --to -5s -D 0000:3b:00.0\n"
"  zstdcat all.data.zst | iopftrace report -f json - | jq .stages.total\n",
		.most_operands = 1,
	},
	[VERB_TRACE] = {
		.name = "trace",
		.summary = "print every event, or the journey of every group",
		.usage = "trace [OPTIONS] [FILE | -- CMD...]",
		.about =
"Prints one line for each event: requests that were queued, reads and what they\n"
"delivered, answers and who gave them, and what went wrong between. x3 behind an\n"
"address: of a group of three pages; of what a read returned, of three records;\n"
"-f json has them all; 'more': a read came back empty, but the queue was not. To\n"
"fit 80 columns names of threads are cut, and what is long goes on below. The\n"
"scope is that of 'run': CMD and its descendants, -p PID, or the whole machine.\n"
"With a FILE it is what was recorded in it; - is standard input.\n"
"--journey prints a block for each group instead, once the group has ended: its\n"
"moments R(eport), Q(ueue), D(eliver), W(rite), A(ck), who read and who answered\n"
"it, and its stages. Groups that are outstanding at the end come last, the oldest\n"
"first.\n"
"-f perfetto makes a file for ui.perfetto.dev instead: groups, threads, counters.\n",
		.examples =
"  iopftrace trace -p 1234\n"
"  iopftrace trace -f json -d 5 | jq -c 'select(.event == \"response\")'\n"
"  iopftrace trace iopf.data\n"
"  iopftrace trace --journey iopf.data | less\n"
"  iopftrace trace -f perfetto -o iopf.pftrace iopf.data\n",
		.takes_command = true,
		.most_operands = 1,
	},
	[VERB_EXPLAIN] = {
		.name = "explain",
		.summary = "the shortest story that shows a finding",
		.usage = "explain [OPTIONS] FILE [RULE|GROUP]",
		.about =
"Tells one finding of a recorded FILE: what was seen and expected, the journey of\n"
"the group with the moment that broke the rule, and its events as they were\n"
"recorded. RULE is an id or a name; GROUP is the number that reports give it.\n"
"With neither, it is the most severe finding. FILE may be -, standard input.\n",
		.examples =
"  iopftrace explain iopf.data\n"
"  iopftrace explain iopf.data IOPF003\n"
"  iopftrace explain iopf.data stray-response\n"
"  iopftrace explain iopf.data 418\n",
		.most_operands = 2,
	},
	[VERB_DIFF] = {
		.name = "diff",
		.summary = "what changed between two runs, and whether beyond noise",
		.usage = "diff [OPTIONS] BASE NEW",
		.about =
"BASE and NEW are recordings, or JSON reports as -f json of 'report' or 'check'\n"
"writes them; - is standard input, for one of them. A recording is judged here,\n"
"by the options below; a report stays as it was judged. It shows what changed of\n"
"the verdict, findings and counts, and all times with an interval that has their\n"
"difference inside with 99.8 %. A time has changed if 0 is not in there, and the\n"
"histograms can tell. Groups are taken for independent; faults come in bursts:\n"
"what is close is worth a second run. docs/formats.md tells more.\n"
"\n"
"--fail-on is METRIC OP CHANGE, verdict, or findings. METRIC is that of check -a,\n"
"OP one of > < >= <=, CHANGE has a sign, and is in %, a time with its unit, or a\n"
"count. A time fails only if it changed by more than noise too. Where a side is\n"
"inconclusive or has too few groups to tell, the exit code is 5, not 0.\n",
		.examples =
"  iopftrace diff before.data after.data\n"
"  iopftrace diff main.json iopf.data --fail-on 'total.p99 > +10%'\n"
"  iopftrace diff main.json iopf.data --fail-on findings --fail-on verdict\n"
"  ssh ci cat main.json | iopftrace diff - iopf.data -f json\n",
		.most_operands = 2,
	},
	[VERB_LIST] = {
		.name = "list",
		.summary = "what there is: rules, metrics, stages, probes",
		.usage = "list [OPTIONS] rules|metrics|stages|probes",
		.about =
"rules    what is judged, how severe it is, and which probes it needs\n"
"metrics  what assertions can be about (check -a)\n"
"stages   the parts of a group's life that are timed\n"
"probes   where in the kernel it looks, and what for\n",
		.examples =
"  iopftrace list rules\n"
"  iopftrace list metrics | grep outstanding\n"
"  iopftrace list rules -f json | jq -r '.rules[].id'\n",
		.most_operands = 1,
	},
};

_Static_assert(sizeof(verbs) / sizeof(verbs[0]) == VERBS, "a verb has no entry");

const struct verb *verb_get(enum verb_id id)
{
	return &verbs[id];
}

enum verb_id verb_find(const char *name)
{
	unsigned int id;

	for (id = 0; id < VERBS; id++)
		if (strcmp(verbs[id].name, name) == 0)
			break;
	return (enum verb_id)id;
}

const char *verb_nearest(const char *word)
{
	struct nearest nearest;
	unsigned int id;

	nearest_begin(&nearest, word);
	for (id = 0; id < VERBS; id++)
		nearest_try(&nearest, verbs[id].name);
	nearest_try(&nearest, "help");
	return nearest.name;
}
