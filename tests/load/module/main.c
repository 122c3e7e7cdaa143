// SPDX-License-Identifier: GPL-2.0-only
/*
 * A test module for a kernel with iommufd's selftest (CONFIG_IOMMUFD_TEST): page requests of any
 * flags from the mock devices, groups that are not what they should be, and a driver that answers
 * late, twice, wrongly or not at all. For machines that run tests and nothing else.
 *
 * What is changed is changed in passing and put back: the fault handler of a domain for the time of
 * one report, and the driver's operations of one device until IOPF_TEST_OFF or the file is closed.
 */
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/iommufd.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#include "iommu-priv.h"
#include "iommufd_private.h"
#include "module.h"

#define MOCK_BUS "iommufd_mock"
#define MOCK_NAME "iommufd_mock%u"
#define MOCK_MAX 4096

static struct miscdevice misc;

/* The mock device of a number, with a reference; NULL = there is none. */
static struct device *find_mock(unsigned int number)
{
	struct kobject *kobj;
	struct device *dev;
	char name[32];

	snprintf(name, sizeof(name), MOCK_NAME, number);
	/* All devices of the system are in one set: ours, too */
	kobj = kset_find_obj(misc.this_device->kobj.kset, name);
	if (!kobj)
		return NULL;
	dev = kobj_to_dev(kobj);
	if (dev->bus && !strcmp(dev->bus->name, MOCK_BUS))
		return dev;
	put_device(dev);
	return NULL;
}

/* What a context of iommufd calls a device. */
struct wanted {
	const struct iommufd_ctx *ictx;
	u32 dev_id;
};

/* Is it this one? The lock of its group is held, so the handle stays. */
static int is_wanted(struct device *dev, void *arg)
{
	const struct wanted *w = arg;
	const struct iommufd_device *idev;
	struct iommu_attach_handle *handle;

	handle = iommu_attach_handle_get(dev->iommu_group, IOMMU_NO_PASID, 0);
	if (IS_ERR_OR_NULL(handle) || !handle->domain->iopf_handler)
		return 0;
	idev = to_iommufd_handle(handle)->idev;
	return idev->ictx == w->ictx && idev->obj.id == w->dev_id;
}

static bool is_bound(struct device *dev, struct wanted *w)
{
	struct iommu_group *group = iommu_group_get(dev);
	bool found;

	/* A mock device is alone in its group */
	found = group && iommu_group_for_each_dev(group, w, is_wanted);
	iommu_group_put(group);
	return found;
}

static long bind(struct opened *o, const void __user *arg)
{
	struct iopf_test_bind b;
	struct iommufd_ctx *ictx;
	struct wanted wanted;
	struct device *dev;

	if (copy_from_user(&b, arg, sizeof(b)))
		return -EFAULT;
	if (o->dev)
		return -EBUSY;
	ictx = iommufd_ctx_from_fd(b.iommu_fd);
	if (IS_ERR(ictx))
		return PTR_ERR(ictx);
	wanted = (struct wanted){ ictx, b.dev_id };
	for (unsigned int i = 0; i < MOCK_MAX && !o->dev; i++) {
		dev = find_mock(i);
		if (dev && is_bound(dev, &wanted))
			o->dev = dev;
		else
			put_device(dev);
	}
	iommufd_ctx_put(ictx);
	return o->dev ? 0 : -ENODEV;
}

static long iopf_test_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct opened *o = file->private_data;
	void __user *user = (void __user *)arg;
	long ret = -ENOTTY;

	/* Not bound, or removed since; a removal right now is for the caller to exclude */
	if (cmd != IOPF_TEST_BIND && (!READ_ONCE(o->dev) || !o->dev->iommu))
		return -ENODEV;
	if (cmd == IOPF_TEST_REPORT)
		return report(o, user);
	mutex_lock(&o->lock);
	switch (cmd) {
	case IOPF_TEST_BIND:
		ret = bind(o, user);
		break;
	case IOPF_TEST_DISCARD:
		ret = report_discard(o);
		break;
	case IOPF_TEST_DRIVER:
		ret = patch_driver(o, user);
		break;
	case IOPF_TEST_OFF:
		ret = patch_off(o);
		break;
	}
	mutex_unlock(&o->lock);
	return ret;
}

static int iopf_test_open(struct inode *inode, struct file *file)
{
	struct opened *o = kzalloc(sizeof(*o), GFP_KERNEL);

	if (!o)
		return -ENOMEM;
	mutex_init(&o->lock);
	file->private_data = o;
	return 0;
}

static int iopf_test_release(struct inode *inode, struct file *file)
{
	struct opened *o = file->private_data;

	patch_off(o);
	put_device(o->dev);
	kfree(o);
	return 0;
}

static const struct file_operations iopf_test_fops = {
	.owner = THIS_MODULE,
	.open = iopf_test_open,
	.release = iopf_test_release,
	.unlocked_ioctl = iopf_test_ioctl,
};

static struct miscdevice misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "iopf_test",
	.mode = 0600,
	.fops = &iopf_test_fops,
};

static int __init iopf_test_init(void)
{
	return misc_register(&misc);
}

/* No file is open, so no device is patched. */
static void __exit iopf_test_exit(void)
{
	misc_deregister(&misc);
	patch_exit();
}

module_init(iopf_test_init);
module_exit(iopf_test_exit);
MODULE_DESCRIPTION("Odd page requests of iommufd's mock devices, for tests");
MODULE_LICENSE("GPL");
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
MODULE_IMPORT_NS("IOMMUFD");
MODULE_IMPORT_NS("IOMMUFD_INTERNAL");
#else
MODULE_IMPORT_NS(IOMMUFD);
MODULE_IMPORT_NS(IOMMUFD_INTERNAL);
#endif
