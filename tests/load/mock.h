/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's mock IOMMU device: iommufd objects by id. All functions return
 * 0 or a negative errno; ids and file descriptors come back through pointers.
 */
#ifndef LOAD_MOCK_H
#define LOAD_MOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "uapi.h"

/* One open /dev/iommu with an address space that all devices share */
struct mock {
	int fd;
	uint32_t ioas_id;
	uint32_t parent_id; /* nesting parent HWPT, made with the first device */
	bool pasid; /* devices and domains that take PASID domains */
};

struct mock_dev {
	uint32_t stdev_id; /* the mock device: replaced, destroyed by this id */
	uint32_t dev_id; /* the iommufd device: faults carry this id */
	uint32_t hwpt_id; /* nested HWPT now attached */
	uint32_t pasid_hwpt_id; /* nested HWPT of the PASIDs, 0 = none */
};

int mock_open(struct mock *m, bool pasid);
void mock_close(struct mock *m);

int mock_fault_alloc(struct mock *m, uint32_t *fault_id, int *fault_fd);

/* A new mock device, attached to the address space: it has no fault handler */
int mock_dev_create(struct mock *m, struct mock_dev *d);

/* A nested HWPT of @d that delivers faults to @fault_id */
int mock_hwpt_alloc(struct mock *m, const struct mock_dev *d, uint32_t fault_id, uint32_t *id);

/* Attach @pt_id (an HWPT, or the address space) in place of what is attached */
int mock_replace(struct mock *m, const struct mock_dev *d, uint32_t pt_id);

int mock_pasid_attach(struct mock *m, const struct mock_dev *d, uint32_t pasid, uint32_t pt_id);
int mock_pasid_detach(struct mock *m, const struct mock_dev *d, uint32_t pasid);

int mock_destroy(struct mock *m, uint32_t id);

#endif
