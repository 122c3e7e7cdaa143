// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "probes.h"

static const char *const places[IOPF_PROBES] = {
	[IOPF_PROBE_REPORT_ENTRY] = "iommu_report_device_fault() is called: a "
				    "driver reports a request",
	[IOPF_PROBE_REPORT_EXIT] = "iommu_report_device_fault() has returned",
	[IOPF_PROBE_ENQUEUE] = "iommufd_fault_iopf_handler(): a group is queued",
	[IOPF_PROBE_READ_ENTRY] = "iommufd_fault_fops_read() is called",
	[IOPF_PROBE_READ_EXIT] = "iommufd_fault_fops_read() has returned: groups are delivered",
	[IOPF_PROBE_WRITE_ENTRY] = "iommufd_fault_fops_write() is called",
	[IOPF_PROBE_WRITE_EXIT] = "iommufd_fault_fops_write() has returned",
	[IOPF_PROBE_RESPONSE] = "iopf_group_response(): a group is answered",
	[IOPF_PROBE_DRIVER] = "the driver's page_response has returned: "
			      "intel_iommu_page_response(), amd_iommu_page_response(), "
			      "arm_smmu_page_response(), mock_domain_page_response(); "
			      "without any, iopf_group_response() has",
	[IOPF_PROBE_AUTO_ENTRY] = "iommufd_auto_response_faults() is called: "
				  "detach or replace answers what is left",
	[IOPF_PROBE_AUTO_EXIT] = "iommufd_auto_response_faults() has returned",
	[IOPF_PROBE_DESTROY_ENTRY] = "iommufd_fault_destroy() is called",
	[IOPF_PROBE_DESTROY_EXIT] = "iommufd_fault_destroy() has returned",
	[IOPF_PROBE_QREMOVE_ENTRY] = "iopf_queue_remove_device() is called: a "
				     "device leaves its page fault queue",
	[IOPF_PROBE_QREMOVE_EXIT] = "iopf_queue_remove_device() has returned",
	[IOPF_PROBE_DISCARD] = "iopf_queue_discard_partial(): parked requests are "
			       "thrown away",
	[IOPF_PROBE_ALLOC] = "iommufd_fault_alloc(): a fault object is created",
	[IOPF_PROBE_RELEASE] = "iommufd_fault_fops_release(), since 6.15 "
			       "iommufd_eventq_fops_release(): the last reference of "
			       "a fault descriptor is closed",
	[IOPF_PROBE_ATTACH] = "an attach handle begins to be used",
	[IOPF_PROBE_SVA] = "iommu_sva_iopf_handler(): a group that is none of iommufd's",
	[IOPF_PROBE_PROCESS] = "the trace points of fork, exec and exit: names, and "
			       "the scope of a command",
	[IOPF_PROBE_WALK] = "the fault objects are looked at when tracing begins and "
			    "ends",
	[IOPF_PROBE_INSIDE] = "calls that have not returned are looked for",
};

const char *probe_place(enum iopf_probe probe)
{
	return (unsigned int)probe < IOPF_PROBES ? places[probe] : "";
}
