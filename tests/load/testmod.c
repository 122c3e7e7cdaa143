// SPDX-License-Identifier: GPL-2.0-only
/* The test module, as seen from here. */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "testmod.h"

static int open_module(void)
{
	int fd = open(IOPF_TEST_DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int module_ioctl(const struct dev *dev, unsigned long request, const void *arg)
{
	int ret = ioctl(dev->module, request, arg);

	return ret < 0 ? -errno : ret;
}

int testmod_check(void)
{
	int fd = open_module();

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int testmod_bind(const struct mock *m, const struct mock_dev *d)
{
	struct iopf_test_bind bind = { .iommu_fd = m->fd, .dev_id = d->dev_id };
	int fd = open_module(), err;

	if (fd < 0)
		return fd;
	if (!ioctl(fd, IOPF_TEST_BIND, &bind))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int testmod_report(const struct dev *dev, const struct group *g, uint64_t seq, uint32_t page,
		   enum iopf_test_odd odd)
{
	struct iopf_test_report r = {
		.addr = group_page_addr(seq, page),
		.odd_addr = group_page_addr(seq, g->pages),
		.pasid = g->pasid,
		.grpid = g->grpid,
		.perm = group_page_perm(g, page),
		.flags = (page ? 0 : PGFAULT_LAST_PAGE) | (g->pasid ? PGFAULT_PASID_VALID : 0),
		.odd = odd,
	};

	return module_ioctl(dev, IOPF_TEST_REPORT, &r);
}

int testmod_report_alone(const struct dev *dev, uint32_t grpid, uint64_t addr)
{
	struct iopf_test_report r = { .addr = addr, .grpid = grpid, .perm = 1 };

	return module_ioctl(dev, IOPF_TEST_REPORT, &r);
}

int testmod_discard(const struct dev *dev)
{
	return module_ioctl(dev, IOPF_TEST_DISCARD, NULL);
}

int testmod_driver(const struct dev *dev, enum iopf_test_driver_mode mode, uint64_t delay,
		   uint32_t code)
{
	struct iopf_test_driver d = {
		.delay_ns = delay,
		.mode = mode,
		.code = code,
		.answers = 1,
	};

	return module_ioctl(dev, IOPF_TEST_DRIVER, &d);
}

int testmod_off(const struct dev *dev)
{
	return module_ioctl(dev, IOPF_TEST_OFF, NULL);
}
