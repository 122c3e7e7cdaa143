// SPDX-License-Identifier: GPL-2.0-only
/* Fault objects and devices of a run: made before it, destroyed after it. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "setup.h"
#include "testmod.h"

int setup_object(struct load *l)
{
	uint32_t i = atomic_load(&l->sh->nr_objs);
	int err;

	if (i >= l->max_objs)
		return -ENOSPC;
	err = mock_fault_alloc(&l->mock, &l->objs[i].fault_id, &l->fds[i]);
	if (err)
		return err;
	atomic_store(&l->sh->nr_objs, i + 1);
	return (int)i;
}

int setup_pasids(struct load *l, struct dev *dev, bool attach)
{
	int err = 0;

	if (!l->o.own_pasids)
		return 0;
	for (uint32_t p = 1; p <= l->o.pasids && !err; p++)
		err = attach ? mock_pasid_attach(&l->mock, &dev->mock, p, dev->mock.pasid_hwpt_id) :
			       mock_pasid_detach(&l->mock, &dev->mock, p);
	return err;
}

/* Give a new device the domains that deliver its faults */
static int attach_device(struct load *l, struct dev *dev)
{
	uint32_t fault_id = l->objs[dev->obj].fault_id;
	int err;

	err = mock_hwpt_alloc(&l->mock, &dev->mock, fault_id, &dev->mock.hwpt_id);
	if (!err)
		err = mock_replace(&l->mock, &dev->mock, dev->mock.hwpt_id);
	if (!err && l->o.own_pasids)
		err = mock_hwpt_alloc(&l->mock, &dev->mock, fault_id, &dev->mock.pasid_hwpt_id);
	return err ? err : setup_pasids(l, dev, true);
}

int setup_device(struct load *l, uint32_t obj)
{
	uint32_t i = atomic_load(&l->sh->nr_devs);
	struct dev *dev = &l->devs[i];
	int err;

	if (i >= l->max_devs)
		return -ENOSPC;
	*dev = (struct dev){ .obj = obj, .module = -1 };
	err = mock_dev_create(&l->mock, &dev->mock);
	if (!err)
		err = attach_device(l, dev);
	if (err)
		return err;
	if (opts_need_module(&l->o)) {
		dev->module = testmod_bind(&l->mock, &dev->mock);
		if (dev->module < 0)
			return dev->module;
	}
	atomic_store(&l->sh->nr_devs, i + 1);
	return (int)i;
}

int setup_detach(struct load *l, struct dev *dev)
{
	int err = setup_pasids(l, dev, false);

	if (dev->module >= 0)
		close(dev->module);
	dev->module = -1;
	return err ? err : mock_destroy(&l->mock, dev->mock.stdev_id);
}

int setup_free_domains(struct load *l, struct dev *dev)
{
	int err = mock_destroy(&l->mock, dev->mock.hwpt_id);

	if (!err && dev->mock.pasid_hwpt_id)
		err = mock_destroy(&l->mock, dev->mock.pasid_hwpt_id);
	return err;
}

/* Say what failed, and what would help */
static int cannot(const char *what, int err)
{
	const char *hint = "";

	if (err == -ENOENT || err == -ENXIO || err == -ENODEV)
		hint = ": needs a kernel with CONFIG_IOMMUFD and CONFIG_IOMMUFD_TEST, and the "
		       "module iommufd loaded";
	else if (err == -EACCES || err == -EPERM)
		hint = ": must be root";
	else if (err == -ENOTTY || err == -EOPNOTSUPP || err == -EINVAL)
		hint = ": needs Linux 6.11 or later with CONFIG_IOMMUFD_TEST";
	fprintf(stderr, "load: %s: %s%s\n", what, strerror(-err), hint);
	return err;
}

static int cannot_module(int err)
{
	fprintf(stderr, "load: " IOPF_TEST_DEVICE ": %s: %s\n", strerror(-err),
		err == -ENOENT ?
			"--pages and some kinds of --misbehave need the test module: insmod "
			"build/module/VERSION/iopf_test.ko (tests/load/module/build.sh)" :
			"must be root");
	return err;
}

static int cannot_device(const struct load *l, int err)
{
	if (err == -ENODEV)
		fprintf(stderr,
			"load: mock device: %s: the kernel lacks CONFIG_IOMMU_IOPF, which "
			"comes with CONFIG_INTEL_IOMMU (and CONFIG_INTEL_IOMMU_SVM before 6.13)\n",
			strerror(-err));
	else if (l->o.own_pasids && (err == -EOPNOTSUPP || err == -EINVAL))
		fprintf(stderr, "load: mock device: %s: --own-pasids needs Linux 6.15 or later\n",
			strerror(-err));
	else
		cannot("mock device", err);
	return err;
}

int setup_all(struct load *l)
{
	const struct opts *o = &l->o;
	int ret = mock_open(&l->mock, o->own_pasids);

	if (ret)
		return cannot(IOMMUFD_DEVICE, ret);
	ret = opts_need_module(o) ? testmod_check() : 0;
	if (ret)
		return cannot_module(ret);
	for (uint32_t i = 0; i < o->objects; i++) {
		ret = setup_object(l);
		if (ret < 0)
			return cannot("fault object", ret);
	}
	for (uint32_t i = 0; i < o->devices; i++) {
		ret = setup_device(l, i % (uint32_t)o->objects);
		if (ret < 0)
			return cannot_device(l, ret);
		l->slots[i] = (uint32_t)ret;
	}
	return 0;
}

static void must(struct load *l, const char *what, int err)
{
	if (err)
		load_unexpected(l, "%s at the end: %s", what, strerrorname_np(-err));
}

void setup_undo(struct load *l)
{
	for (uint32_t i = 0; i < l->o.devices; i++) {
		struct dev *dev = &l->devs[l->slots[i]];

		must(l, "detach", setup_detach(l, dev));
		must(l, "destroy of a domain", setup_free_domains(l, dev));
	}
	for (uint32_t i = 0; i < l->o.objects; i++) {
		close(l->fds[i]);
		must(l, "destroy of a fault object", mock_destroy(&l->mock, l->objs[i].fault_id));
	}
	mock_close(&l->mock);
}
