/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of the iommufd user interface that the load generator needs: fault
 * objects (Linux 6.11 and later) and the mock device (CONFIG_IOMMUFD_TEST).
 *
 * Declared here because the headers of many distributions are older than the
 * interface. Operation numbers of the mock device were only ever appended to;
 * an operation that the running kernel lacks fails with EOPNOTSUPP.
 */
#ifndef LOAD_UAPI_H
#define LOAD_UAPI_H

#include <stdint.h>
#include <sys/ioctl.h>

#define IOMMUFD_DEVICE "/dev/iommu"
#define IOMMUFD_IOCTL(nr) _IO(';', 0x80 + (nr))
#define IOMMUFD_DESTROY IOMMUFD_IOCTL(0x00)
#define IOMMUFD_IOAS_ALLOC IOMMUFD_IOCTL(0x01)
#define IOMMUFD_HWPT_ALLOC IOMMUFD_IOCTL(0x09)
#define IOMMUFD_FAULT_QUEUE_ALLOC IOMMUFD_IOCTL(0x0e)
#define IOMMUFD_TEST_CMD IOMMUFD_IOCTL(0x20)

struct uapi_destroy {
	uint32_t size;
	uint32_t id;
};

struct uapi_ioas_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t out_ioas_id;
};

#define HWPT_NEST_PARENT (1U << 0)
#define HWPT_FAULT_ID_VALID (1U << 2)
#define HWPT_PASID (1U << 3) /* Linux 6.14 */

#define HWPT_DATA_NONE 0
#define HWPT_DATA_SELFTEST 0xdead

struct uapi_hwpt_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t dev_id;
	uint32_t pt_id;
	uint32_t out_hwpt_id;
	uint32_t reserved;
	uint32_t data_type;
	uint32_t data_len;
	uint64_t data_uptr;
	uint32_t fault_id;
	uint32_t reserved2;
};

/* Data of a nested HWPT of the mock device: only the first member is needed */
struct uapi_hwpt_selftest {
	uint32_t iotlb;
};

struct uapi_fault_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t out_fault_id;
	uint32_t out_fault_fd;
};

#define PGFAULT_PASID_VALID (1U << 0)
#define PGFAULT_LAST_PAGE (1U << 1)

/* One record of a read: one page of a page request group */
struct uapi_pgfault {
	uint32_t flags;
	uint32_t dev_id;
	uint32_t pasid;
	uint32_t grpid;
	uint32_t perm;
	uint32_t reserved;
	uint64_t addr;
	uint32_t length;
	uint32_t cookie;
};

_Static_assert(sizeof(struct uapi_pgfault) == 40, "fault record");

#define RESP_SUCCESS 0
#define RESP_INVALID 1

/* One record of a write: the answer to one group */
struct uapi_response {
	uint32_t cookie;
	uint32_t code;
};

_Static_assert(sizeof(struct uapi_response) == 8, "response record");

enum uapi_test_op {
	TEST_MOCK_DOMAIN = 2,
	TEST_MOCK_DOMAIN_REPLACE = 10,
	TEST_MOCK_DOMAIN_FLAGS = 12,
	TEST_TRIGGER_IOPF = 15, /* Linux 6.11 */
	TEST_PASID_ATTACH = 18, /* Linux 6.15 */
	TEST_PASID_DETACH = 20,
};

#define MOCK_DEVICE_PASID (1U << 2)

struct uapi_test_cmd {
	uint32_t size;
	uint32_t op;
	uint32_t id;
	uint32_t reserved;
	union {
		struct {
			uint32_t out_stdev_id;
			uint32_t out_hwpt_id;
			uint32_t out_dev_id;
			uint32_t dev_flags;
		} mock_domain;
		struct {
			uint32_t pt_id;
		} replace;
		struct {
			uint32_t pasid;
			uint32_t pt_id;
		} pasid;
		struct {
			uint32_t dev_id;
			uint32_t pasid;
			uint32_t grpid;
			uint32_t perm;
			uint64_t addr;
		} iopf;
		uint64_t space[6];
	};
	uint32_t last;
};

_Static_assert(sizeof(struct uapi_test_cmd) == 72, "test command");

#endif
