/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the module have in common. */
#ifndef IOPF_TEST_MODULE_H
#define IOPF_TEST_MODULE_H

#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include "iopf_test.h"

#define PASID_VALID IOMMU_FAULT_PAGE_REQUEST_PASID_VALID
#define LAST_PAGE IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE

struct patch;

/* An open file. */
struct opened {
	struct mutex lock;
	struct device *dev; /* with a reference; NULL = not bound */
	struct patch *patch; /* of the device, when its driver answers by way of us; else NULL */
};

/* All but report() are called with the file locked. */

/* From now on, the driver of the device answers by way of us, rightly at first. -errno */
int patch_on(struct opened *o);

/* The driver is as it was, and odd groups are whole. How many answers were changed. */
u32 patch_off(struct opened *o);

/* How the driver treats the next answers. -errno */
long patch_driver(struct opened *o, const void __user *arg);

/*
 * Remembers a group that the core could not free as it is: it is made whole when it is answered, or
 * when the patch goes. -ENOSPC
 */
int patch_keep_odd(struct patch *p, struct iopf_group *group);

/* When no file is open any more. */
void patch_exit(void);

/* Reports a page request; what the core returned. */
long report(struct opened *o, const void __user *arg);

/* Discards the partial requests of the device's queue. */
long report_discard(struct opened *o);

#endif
