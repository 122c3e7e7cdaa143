// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <stdarg.h>

#define OUTPUT_TEXT_PRIVATE
#include "text_private.h"

bool text_is_empty(const struct iopf_report *r)
{
	return r->groups.enqueued == 0 && r->groups.adopted == 0 && r->nr_waiting == 0 &&
	       r->stage[IOPF_STAGE_TOTAL].hist.count == 0;
}

/* One question to ask, with what to do about it. */
__attribute__((format(printf, 2, 3))) static void ask(const struct text *t, const char *fmt, ...)
{
	struct text_flow f;
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fputs("  - ", t->out);
	text_flow_begin(&f, t, " ", 4, 4);
	text_flow_words(&f, "%s", text);
	text_flow_end(&f);
}

void text_empty(const struct text *t)
{
	const struct iopf_report *r = t->r;

	if (r->input != IOPF_INPUT_WHOLE) {
		fputs("\n No I/O page fault is in what could be read of the recording.\n", t->out);
		return;
	}
	fputs("\n No I/O page fault entered a fault object. Some questions that may help:\n",
	      t->out);
	if (r->out_of_scope.groups)
		ask(t,
		    "Is this the right process? %s group%s went to fault objects of others: trace "
		    "the one that reads them with -p PID, or everything with --system-wide.",
		    units_count(r->out_of_scope.groups).s, text_plural(r->out_of_scope.groups));
	else if (r->nr_objects == 0)
		ask(t, "Is this the right process? No fault object was created, read or written "
		       "by what was traced: is the fault FD handled in a process that was running "
		       "before? Then use -p PID.");
	if (r->groups.reported || r->groups.refused)
		ask(t,
		    "Who takes the faults? %s request%s reached the IOMMU core, but iommufd queued "
		    "none: the domain may be one without a fault object, or the kernel's own (SVA).",
		    units_count(r->groups.reported).s, text_plural(r->groups.reported));
	else
		ask(t, "Does the device fault at all? No page request reached the IOMMU core: are "
		       "PRI and ATS enabled for it, and does it touch memory that is not mapped?");
	ask(t, "Is an IOPF-capable HWPT attached to the device (or to its PASID), one that was "
	       "allocated with IOMMU_HWPT_FAULT_ID_VALID?");
}
