/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /dev/iopf_test: what the mock device of iommufd's selftest shall do that its own ioctl cannot
 * make it do. An open file is bound to one device and serves that one only.
 *
 * Nothing here excludes a detach or a replacement of the device's domain, nor a read while an odd
 * group is reported: the caller must.
 */
#ifndef IOPF_TEST_H
#define IOPF_TEST_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define IOPF_TEST_DEVICE "/dev/iopf_test"

/* The device that an open /dev/iommu knows by this id: attached, with a fault handler. */
struct iopf_test_bind {
	__s32 iommu_fd;
	__u32 dev_id;
};

/* How a group is made odd, mostly on its way from the core to iommufd; FIRST is its first page. */
enum iopf_test_odd {
	IOPF_TEST_NOT_ODD = 0,
	IOPF_TEST_LOST = 1, /* FIRST is lost once it is queued; it counts as before */
	IOPF_TEST_NOT_LAST = 2, /* nothing in it is the last page, neither was the report */
	IOPF_TEST_FIRST_LAST = 3, /* FIRST says that it is the last one, too */
	IOPF_TEST_EXTRA = 4, /* a page before FIRST, at odd_addr, that was not reported */
	IOPF_TEST_MISSING = 5, /* FIRST is not there */
};

/* One page request, as the core knows it. The ioctl returns what the core returned. */
struct iopf_test_report {
	__u64 addr;
	__u64 odd_addr;
	__u32 pasid;
	__u32 grpid;
	__u32 perm;
	__u32 flags; /* PASID_VALID 1, LAST_PAGE 2 */
	__u32 odd; /* enum iopf_test_odd; with LAST_PAGE only */
	__u32 reserved;
};

/* What the driver does with the next answers that it is to give to the device. */
enum iopf_test_driver_mode {
	IOPF_TEST_DRIVER_RIGHT = 0,
	IOPF_TEST_DRIVER_SLOW = 1, /* takes its time */
	IOPF_TEST_DRIVER_TWICE = 2, /* is told twice */
	IOPF_TEST_DRIVER_SILENT = 3, /* is not told */
	IOPF_TEST_DRIVER_CODE = 4, /* is told another code */
};

struct iopf_test_driver {
	__u64 delay_ns;
	__u32 mode; /* enum iopf_test_driver_mode */
	__u32 code;
	__u32 answers; /* how many are treated so */
	__u32 reserved;
};

#define IOPF_TEST_BIND _IOW('p', 0xa0, struct iopf_test_bind)
#define IOPF_TEST_REPORT _IOW('p', 0xa1, struct iopf_test_report)
#define IOPF_TEST_DISCARD _IO('p', 0xa2) /* all partial requests of the mock devices' queue */
/* While a mode is on, or an odd group is outstanding, the device can be given no other domain. */
#define IOPF_TEST_DRIVER _IOW('p', 0xa3, struct iopf_test_driver)
/* The driver is as it was, odd groups are made whole. Returns how many answers the mode changed. */
#define IOPF_TEST_OFF _IO('p', 0xa4)

#endif
