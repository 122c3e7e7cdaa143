// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's mock IOMMU device: set-up and changes of attachment. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "mock.h"

/* The test device's own default, any number would do */
#define IOTLB_DEFAULT 0xbadbeef

static int mock_ioctl(struct mock *m, unsigned long request, void *arg)
{
	return ioctl(m->fd, request, arg) < 0 ? -errno : 0;
}

int mock_open(struct mock *m, bool pasid)
{
	struct uapi_ioas_alloc ioas = { .size = sizeof(ioas) };
	int err;

	*m = (struct mock){ .pasid = pasid };
	m->fd = open(IOMMUFD_DEVICE, O_RDWR | O_CLOEXEC);
	if (m->fd < 0)
		return -errno;
	err = mock_ioctl(m, IOMMUFD_IOAS_ALLOC, &ioas);
	m->ioas_id = ioas.out_ioas_id;
	return err;
}

void mock_close(struct mock *m)
{
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
}

int mock_fault_alloc(struct mock *m, uint32_t *fault_id, int *fault_fd)
{
	struct uapi_fault_alloc cmd = { .size = sizeof(cmd) };
	int err = mock_ioctl(m, IOMMUFD_FAULT_QUEUE_ALLOC, &cmd);

	*fault_id = cmd.out_fault_id;
	*fault_fd = (int)cmd.out_fault_fd;
	return err;
}

/* The parent belongs to no device, but its allocation wants one */
static int alloc_parent(struct mock *m, const struct mock_dev *d)
{
	struct uapi_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = HWPT_NEST_PARENT,
		.dev_id = d->dev_id,
		.pt_id = m->ioas_id,
		.data_type = HWPT_DATA_NONE,
	};
	int err = mock_ioctl(m, IOMMUFD_HWPT_ALLOC, &cmd);

	m->parent_id = cmd.out_hwpt_id;
	return err;
}

int mock_dev_create(struct mock *m, struct mock_dev *d)
{
	struct uapi_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = m->pasid ? TEST_MOCK_DOMAIN_FLAGS : TEST_MOCK_DOMAIN,
		.id = m->ioas_id,
	};
	int err;

	if (m->pasid)
		cmd.mock_domain.dev_flags = MOCK_DEVICE_PASID;
	err = mock_ioctl(m, IOMMUFD_TEST_CMD, &cmd);
	if (err)
		return err;
	*d = (struct mock_dev){
		.stdev_id = cmd.mock_domain.out_stdev_id,
		.dev_id = cmd.mock_domain.out_dev_id,
	};
	return m->parent_id ? 0 : alloc_parent(m, d);
}

int mock_hwpt_alloc(struct mock *m, const struct mock_dev *d, uint32_t fault_id, uint32_t *id)
{
	struct uapi_hwpt_selftest data = { .iotlb = IOTLB_DEFAULT };
	struct uapi_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = HWPT_FAULT_ID_VALID | (m->pasid ? HWPT_PASID : 0),
		.dev_id = d->dev_id,
		.pt_id = m->parent_id,
		.data_type = HWPT_DATA_SELFTEST,
		.data_len = sizeof(data),
		.data_uptr = (uintptr_t)&data,
		.fault_id = fault_id,
	};
	int err = mock_ioctl(m, IOMMUFD_HWPT_ALLOC, &cmd);

	*id = cmd.out_hwpt_id;
	return err;
}

int mock_replace(struct mock *m, const struct mock_dev *d, uint32_t pt_id)
{
	struct uapi_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = TEST_MOCK_DOMAIN_REPLACE,
		.id = d->stdev_id,
		.replace.pt_id = pt_id,
	};

	return mock_ioctl(m, IOMMUFD_TEST_CMD, &cmd);
}

int mock_pasid_attach(struct mock *m, const struct mock_dev *d, uint32_t pasid, uint32_t pt_id)
{
	struct uapi_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = TEST_PASID_ATTACH,
		.id = d->stdev_id,
		.pasid = { .pasid = pasid, .pt_id = pt_id },
	};

	return mock_ioctl(m, IOMMUFD_TEST_CMD, &cmd);
}

int mock_pasid_detach(struct mock *m, const struct mock_dev *d, uint32_t pasid)
{
	struct uapi_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = TEST_PASID_DETACH,
		.id = d->stdev_id,
		.pasid.pasid = pasid,
	};

	return mock_ioctl(m, IOMMUFD_TEST_CMD, &cmd);
}

int mock_destroy(struct mock *m, uint32_t id)
{
	struct uapi_destroy cmd = { .size = sizeof(cmd), .id = id };

	return mock_ioctl(m, IOMMUFD_DESTROY, &cmd);
}
