// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <stdarg.h>
#include <stdio.h>

#include "empty.h"
#include "units.h"

/* "s" unless @n is 1. */
static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

bool empty_is(const struct iopf_report *r)
{
	return r->groups.enqueued == 0 && r->groups.adopted == 0 && r->nr_waiting == 0 &&
	       r->stage[IOPF_STAGE_TOTAL].hist.count == 0;
}

const char *empty_heading(const struct iopf_report *r)
{
	if (r->input != IOPF_INPUT_WHOLE)
		return "No I/O page fault is in what could be read of the recording.";
	return "No I/O page fault entered a fault object. Some questions that may help:";
}

/* One question to ask, with what to do about it. */
__attribute__((format(printf, 2, 3))) static void ask(struct sentence_list *list, const char *fmt,
						      ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	sentence_next(list);
	sentence_add(list->s, "%s", text);
}

void empty_ask(struct sentence *s, const struct iopf_report *r)
{
	struct sentence_list list = { s, "\n", 0 };

	if (r->input != IOPF_INPUT_WHOLE)
		return;
	if (r->out_of_scope.groups)
		ask(&list,
		    "Is this the right process? %s group%s went to fault objects of others: trace "
		    "the one that reads them with -p PID, or everything with --system-wide.",
		    units_count(r->out_of_scope.groups).s, plural(r->out_of_scope.groups));
	else if (r->nr_objects == 0)
		ask(&list,
		    "Is this the right process? No fault object was created, read or written "
		    "by what was traced: is the fault FD handled in a process that was running "
		    "before? Then use -p PID.");
	if (r->groups.reported || r->groups.refused)
		ask(&list,
		    "Who takes the faults? %s request%s reached the IOMMU core, but iommufd queued "
		    "none: the domain may be one without a fault object, or the kernel's own (SVA).",
		    units_count(r->groups.reported).s, plural(r->groups.reported));
	else
		ask(&list,
		    "Does the device fault at all? No page request reached the IOMMU core: are "
		    "PRI and ATS enabled for it, and does it touch memory that is not mapped?");
	ask(&list, "Is an IOPF-capable HWPT attached to the device (or to its PASID), one that was "
		   "allocated with IOMMU_HWPT_FAULT_ID_VALID?");
}
