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

/* Where an exit code comes from. */
const char *iopf_because_name(enum iopf_because because)
{
	static const char *const name[] = {
		[IOPF_BECAUSE_PASS] = "pass",
		[IOPF_BECAUSE_VIOLATION] = "violation",
		[IOPF_BECAUSE_ASSERTION] = "assertion",
		[IOPF_BECAUSE_INCONCLUSIVE] = "inconclusive",
		[IOPF_BECAUSE_COMMAND] = "command",
	};

	return (unsigned int)because < IOPF_BECAUSE_ERROR ? name[because] : NULL;
}

/* A probe's name. */
const char *iopf_probe_name(enum iopf_probe probe)
{
	static const char *const name[IOPF_PROBES] = {
		[IOPF_PROBE_REPORT_ENTRY] = "report-entry",
		[IOPF_PROBE_REPORT_EXIT] = "report-exit",
		[IOPF_PROBE_ENQUEUE] = "enqueue",
		[IOPF_PROBE_READ_ENTRY] = "read-entry",
		[IOPF_PROBE_READ_EXIT] = "read-exit",
		[IOPF_PROBE_WRITE_ENTRY] = "write-entry",
		[IOPF_PROBE_WRITE_EXIT] = "write-exit",
		[IOPF_PROBE_RESPONSE] = "response",
		[IOPF_PROBE_DRIVER] = "driver",
		[IOPF_PROBE_AUTO_ENTRY] = "auto-entry",
		[IOPF_PROBE_AUTO_EXIT] = "auto-exit",
		[IOPF_PROBE_DESTROY_ENTRY] = "destroy-entry",
		[IOPF_PROBE_DESTROY_EXIT] = "destroy-exit",
		[IOPF_PROBE_QREMOVE_ENTRY] = "qremove-entry",
		[IOPF_PROBE_QREMOVE_EXIT] = "qremove-exit",
		[IOPF_PROBE_DISCARD] = "discard",
		[IOPF_PROBE_ALLOC] = "alloc",
		[IOPF_PROBE_RELEASE] = "release",
		[IOPF_PROBE_ATTACH] = "attach",
		[IOPF_PROBE_SVA] = "sva",
		[IOPF_PROBE_PROCESS] = "process",
		[IOPF_PROBE_WALK] = "walk",
		[IOPF_PROBE_INSIDE] = "inside",
	};

	return (unsigned int)probe < IOPF_PROBES ? name[probe] : "";
}

/* What is missing without a probe. */
const char *iopf_probe_words(enum iopf_probe probe)
{
	static const char *const words[IOPF_PROBES] = {
		[IOPF_PROBE_REPORT_ENTRY] = "iommu_report_device_fault() is not probed",
		[IOPF_PROBE_REPORT_EXIT] =
			"the return of iommu_report_device_fault() is not probed",
		[IOPF_PROBE_ENQUEUE] = "iommufd_fault_iopf_handler() is not probed",
		[IOPF_PROBE_READ_ENTRY] = "iommufd_fault_fops_read() is not probed",
		[IOPF_PROBE_READ_EXIT] = "the return of iommufd_fault_fops_read() is not probed",
		[IOPF_PROBE_WRITE_ENTRY] = "iommufd_fault_fops_write() is not probed",
		[IOPF_PROBE_WRITE_EXIT] = "the return of iommufd_fault_fops_write() is not probed",
		[IOPF_PROBE_RESPONSE] = "iopf_group_response() is not probed",
		[IOPF_PROBE_DRIVER] = "the page_response() of a driver is not probed",
		[IOPF_PROBE_AUTO_ENTRY] = "iommufd_auto_response_faults() is not probed",
		[IOPF_PROBE_AUTO_EXIT] =
			"the return of iommufd_auto_response_faults() is not probed",
		[IOPF_PROBE_DESTROY_ENTRY] = "iommufd_fault_destroy() is not probed",
		[IOPF_PROBE_DESTROY_EXIT] = "the return of iommufd_fault_destroy() is not probed",
		[IOPF_PROBE_QREMOVE_ENTRY] = "iopf_queue_remove_device() is not probed",
		[IOPF_PROBE_QREMOVE_EXIT] =
			"the return of iopf_queue_remove_device() is not probed",
		[IOPF_PROBE_DISCARD] = "iopf_queue_discard_partial() is not probed",
		[IOPF_PROBE_ALLOC] = "iommufd_fault_alloc() is not probed",
		[IOPF_PROBE_RELEASE] = "the release of the fault descriptor is not probed",
		[IOPF_PROBE_ATTACH] = "the attaching of domains is not probed",
		[IOPF_PROBE_SVA] = "iommu_sva_iopf_handler() is not probed",
		[IOPF_PROBE_PROCESS] = "fork, exec and exit are not probed",
		[IOPF_PROBE_WALK] = "the kernel's lists were not walked at the end",
		[IOPF_PROBE_INSIDE] = "calls that have not returned were not looked for",
	};

	return (unsigned int)probe < IOPF_PROBES && words[probe] ? words[probe] : "";
}
