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
"machine, until -d TIME is over or Ctrl-C.\n",
		.examples =
"  iopftrace -- ./vmm --guest disk.img     a VMM, from its start to its end\n"
"  iopftrace -p 1234 -d 10                 a running process, for 10 seconds\n"
"  iopftrace -f json -o report.json -- ./vmm\n"
"  iopftrace -d 1m --percentiles 50,99,99.99 --unit us\n",
		.takes_command = true,
	},
	[VERB_TRACE] = {
		.name = "trace",
		.summary = "print every event as it happens, one line each",
		.usage = "trace [OPTIONS] [-- CMD...]",
		.about =
"Prints one line for each event: requests that were queued, reads and what they\n"
"delivered, answers and who gave them, and what went wrong between. The scope is\n"
"that of 'run': CMD and its descendants, -p PID, or the whole machine.\n",
		.examples =
"  iopftrace trace -p 1234\n"
"  iopftrace trace -f json -d 5 | jq -c 'select(.event == \"response\")'\n",
		.takes_command = true,
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
