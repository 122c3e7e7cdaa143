// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "options_values.h"

#define MEMBER(name) offsetof(struct options, name)
#define WHOLE 0 /* struct options itself */
#define RUN VERB_BIT(VERB_RUN)
#define TRACE VERB_BIT(VERB_TRACE)

/* For options that are known but that no verb has implemented. */
#define NOBODY 0

static const struct option_def table[] = {
	{ "pid", 'p', "PID", option_pids, WHOLE, RUN | TRACE, OPTION_SCOPE,
	  "trace this process, threads included; may be repeated, or a comma list" },
	{ "system-wide", 0, NULL, option_flag, MEMBER(system_wide), RUN | TRACE, OPTION_SCOPE,
	  "trace the whole machine, also beside CMD" },
	{ "comm", 0, "NAME", option_string, MEMBER(comm), NOBODY, OPTION_SCOPE,
	  "only groups handled by tasks of this name" },
	{ "device", 'D', "NAME", option_string, MEMBER(device), NOBODY, OPTION_SCOPE,
	  "only groups of this device, by name or PCI address" },
	{ "dev-id", 0, "N", option_id, MEMBER(dev_id), NOBODY, OPTION_SCOPE,
	  "only groups of the device with this iommufd id" },
	{ "fault-id", 0, "N", option_id, MEMBER(fault_id), NOBODY, OPTION_SCOPE,
	  "only groups on the fault object with this iommufd id" },
	{ "pasid", 0, "N", option_id, MEMBER(pasid), NOBODY, OPTION_SCOPE,
	  "only groups of this PASID" },
	{ "code", 0, "CODE", option_code, MEMBER(code), NOBODY, OPTION_SCOPE,
	  "only groups answered so: success, invalid, failure" },

	{ "duration", 'd', "TIME", option_time, MEMBER(duration_ns), RUN | TRACE, OPTION_COURSE,
	  "stop after TIME: 10 (seconds), 500ms, 1.5s, 2m" },
	{ "interval", 'i', "TIME", option_time, MEMBER(interval_ns), NOBODY, OPTION_COURSE,
	  "time between two updates" },
	{ "kill", 0, NULL, option_flag, MEMBER(kill), RUN | TRACE, OPTION_COURSE,
	  "when tracing ends before CMD does, send CMD a SIGTERM" },
	{ "min-groups", 0, "N", option_count, MEMBER(min_groups), RUN, OPTION_COURSE,
	  "inconclusive (exit code 5) with fewer groups than this; default 1" },
	{ "buffer", 0, "SIZE", option_buffer, MEMBER(buffer_bytes), RUN | TRACE, OPTION_COURSE,
	  "size of the ring buffer, as 512K or 64M, rounded up to a power of two of pages; "
	  "larger when events are lost; default 16M" },

	{ "format", 'f', "FORMAT", option_format, MEMBER(format), RUN | TRACE, OPTION_OUTPUT,
	  "text or json; default text" },
	{ "output", 'o', "FILE", option_string, MEMBER(output), RUN | TRACE, OPTION_OUTPUT,
	  "write to FILE, whole or not at all; - is standard output" },
	{ "percentiles", 0, "LIST", option_percentiles, MEMBER(show), RUN, OPTION_OUTPUT,
	  "default 50,90,99,99.9" },
	{ "unit", 0, "UNIT", option_unit, MEMBER(show.unit), RUN, OPTION_OUTPUT,
	  "of times in text: auto, ns, us, ms or s; default auto" },
	{ "slowest", 0, "N", option_rows, MEMBER(show.slowest), RUN, OPTION_OUTPUT,
	  "show the N slowest groups; default 5" },
	{ "color", 0, "WHEN", option_color, MEMBER(color), RUN | TRACE, OPTION_OUTPUT,
	  "auto, always or never; default auto, and NO_COLOR is respected" },
	{ "quiet", 'q', NULL, option_flag, MEMBER(show.quiet), RUN, OPTION_OUTPUT,
	  "only the verdict" },
	{ "verbose", 'v', NULL, option_flag, MEMBER(show.verbose), RUN | TRACE, OPTION_OUTPUT,
	  "more detail" },

	{ "help", 'h', NULL, option_help, MEMBER(action), VERB_ALL, OPTION_GENERAL, "this text" },
	{ "version", 'V', NULL, option_version, MEMBER(action), VERB_ALL, OPTION_GENERAL,
	  "the version" },
};

const struct option_def *options_table(size_t *nr)
{
	*nr = sizeof(table) / sizeof(table[0]);
	return table;
}
