// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver that answers late, twice, wrongly or not at all: the device gets operations of its own,
 * which are the driver's but for page_response.
 */
#include <linux/delay.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "module.h"

#define ODD_MAX 64

/*
 * A device whose driver answers by way of us. It stays until the module goes, as one who is about
 * to answer may have looked at @iommu just before the device got its own one back.
 */
struct patch {
	struct patch *next;
	struct device *dev; /* a name only: who has the patch on holds a reference */
	bool on;
	struct iommu_device *original;
	struct iommu_device iommu; /* the same, but for its operations */
	struct iommu_ops ops;
	struct iopf_test_driver driver;
	u32 changed; /* answers */
	struct iopf_group *odd[ODD_MAX]; /* groups that cannot be freed as they are */
};

static struct patch *patches;
static DEFINE_SPINLOCK(patches_lock); /* and what is in them */

/* The driver's own function: there is one driver, so it is the same for all. */
static void (*driver_response)(struct device *dev, struct iopf_fault *evt,
			       struct iommu_page_response *resp);

/* Makes a group such that it can be freed: the core frees all its pages but the last. */
static void mend(struct iopf_group *group)
{
	struct list_head *at;

	for (at = group->faults.next; at != &group->faults; at = at->next)
		list_entry(at, struct iopf_fault, list)->fault.prm.flags &= ~LAST_PAGE;
	group->last_fault.fault.prm.flags |= LAST_PAGE;
}

/* Called locked. Takes a group from those that are odd; false = it is none of them. */
static bool take_odd(struct patch *p, const struct iopf_group *group)
{
	for (int i = 0; i < ODD_MAX; i++) {
		if (p->odd[i] != group)
			continue;
		p->odd[i] = NULL;
		return true;
	}
	return false;
}

int patch_keep_odd(struct patch *p, struct iopf_group *group)
{
	int i;

	spin_lock(&patches_lock);
	for (i = 0; i < ODD_MAX && p->odd[i];)
		i++;
	if (i < ODD_MAX)
		p->odd[i] = group;
	spin_unlock(&patches_lock);
	return i < ODD_MAX ? 0 : -ENOSPC;
}

/* The patch of a device. Called locked. */
static struct patch *find_patch(const struct device *dev)
{
	struct patch *p = patches;

	while (p && p->dev != dev)
		p = p->next;
	return p;
}

/* What the driver is to do with this answer. */
static struct iopf_test_driver next_answer(struct device *dev, struct iopf_fault *evt)
{
	/* In a response to a group the event is the first thing in it */
	struct iopf_group *group = container_of(evt, struct iopf_group, last_fault);
	struct iopf_test_driver todo = { .mode = IOPF_TEST_DRIVER_RIGHT };
	bool odd = false;
	struct patch *p;

	spin_lock(&patches_lock);
	p = find_patch(dev);
	if (p)
		odd = take_odd(p, group);
	if (p && p->on && p->driver.answers) {
		todo = p->driver;
		p->driver.answers--;
		p->changed++;
	}
	spin_unlock(&patches_lock);
	if (odd)
		mend(group);
	return todo;
}

/* In the place of the driver's page_response. */
static void patched_response(struct device *dev, struct iopf_fault *evt,
			     struct iommu_page_response *resp)
{
	struct iopf_test_driver todo = next_answer(dev, evt);
	struct iommu_page_response other = *resp;

	switch (todo.mode) {
	case IOPF_TEST_DRIVER_SILENT:
		return;
	case IOPF_TEST_DRIVER_SLOW:
		fsleep(div_u64(todo.delay_ns, NSEC_PER_USEC));
		break;
	case IOPF_TEST_DRIVER_TWICE:
		driver_response(dev, evt, resp);
		break;
	case IOPF_TEST_DRIVER_CODE:
		other.code = todo.code;
		break;
	}
	driver_response(dev, evt, &other);
}

/* The patch of a device, new if it has none; NULL = no memory. */
static struct patch *get_patch(struct device *dev)
{
	struct patch *new = kzalloc(sizeof(*new), GFP_KERNEL), *p;

	spin_lock(&patches_lock);
	p = find_patch(dev);
	if (!p && new) {
		p = new;
		p->dev = dev;
		p->next = patches;
		patches = p;
		new = NULL;
	}
	spin_unlock(&patches_lock);
	kfree(new);
	return p;
}

int patch_on(struct opened *o)
{
	struct iommu_device *iommu = o->dev->iommu->iommu_dev;
	struct patch *p;

	if (o->patch)
		return 0;
	if (iommu->ops->page_response == patched_response)
		return -EBUSY;
	p = get_patch(o->dev);
	if (!p)
		return -ENOMEM;
	driver_response = iommu->ops->page_response;
	p->original = iommu;
	p->iommu = *iommu;
	p->ops = *iommu->ops;
	p->ops.page_response = patched_response;
	p->iommu.ops = &p->ops;
	memset(&p->driver, 0, sizeof(p->driver));
	memset(p->odd, 0, sizeof(p->odd));
	p->changed = 0;
	p->on = true;
	/* Its operations are seen before it is */
	smp_store_release(&o->dev->iommu->iommu_dev, &p->iommu);
	o->patch = p;
	return 0;
}

u32 patch_off(struct opened *o)
{
	struct patch *p = o->patch;
	u32 changed;

	if (!p)
		return 0;
	o->patch = NULL;
	/* A device that has been removed has none any more */
	if (o->dev->iommu && o->dev->iommu->iommu_dev == &p->iommu)
		smp_store_release(&o->dev->iommu->iommu_dev, p->original);
	spin_lock(&patches_lock);
	p->on = false;
	changed = p->changed;
	for (int i = 0; i < ODD_MAX; i++) {
		if (p->odd[i])
			mend(p->odd[i]);
		p->odd[i] = NULL;
	}
	spin_unlock(&patches_lock);
	return changed;
}

long patch_driver(struct opened *o, const void __user *arg)
{
	struct iopf_test_driver d;
	int err;

	if (copy_from_user(&d, arg, sizeof(d)))
		return -EFAULT;
	if (d.mode > IOPF_TEST_DRIVER_CODE)
		return -EINVAL;
	err = patch_on(o);
	if (err)
		return err;
	spin_lock(&patches_lock);
	o->patch->driver = d;
	spin_unlock(&patches_lock);
	return 0;
}

void patch_exit(void)
{
	struct patch *p = patches, *next;

	/* All that is left are answers that are about to leave patched_response() */
	synchronize_rcu_tasks();
	for (; p; p = next) {
		next = p->next;
		kfree(p);
	}
}
