// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The names that every output uses. */
#include "iopftrace/report.h"

/* A stage's name. */
const char *iopf_stage_name(enum iopf_stage stage)
{
	static const char *const name[IOPF_STAGES] = {
		[IOPF_STAGE_ROUTE] = "route",	  [IOPF_STAGE_WAIT] = "wait",
		[IOPF_STAGE_SERVICE] = "service", [IOPF_STAGE_ACK] = "ack",
		[IOPF_STAGE_TOTAL] = "total",
	};

	return (unsigned int)stage < IOPF_STAGES ? name[stage] : "";
}

/* A responder's name. */
const char *iopf_responder_name(enum iopf_responder by)
{
	static const char *const name[IOPF_RESPONDERS] = {
		[IOPF_BY_NOBODY] = "nobody",   [IOPF_BY_USER] = "user",
		[IOPF_BY_DETACH] = "detach",   [IOPF_BY_DESTROY] = "destroy",
		[IOPF_BY_QREMOVE] = "qremove", [IOPF_BY_ABORT] = "abort",
		[IOPF_BY_UNKNOWN] = "unknown",
	};

	return (unsigned int)by < IOPF_RESPONDERS ? name[by] : "";
}

/* A verdict's name. */
const char *iopf_verdict_name(enum iopf_verdict verdict)
{
	static const char *const name[] = {
		[IOPF_PASS] = "pass",
		[IOPF_VIOLATION] = "violation",
		[IOPF_INCONCLUSIVE] = "inconclusive",
	};

	return (unsigned int)verdict <= IOPF_INCONCLUSIVE ? name[verdict] : "";
}
