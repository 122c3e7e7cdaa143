// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page requests, and groups that are made odd between the core, which has just built them, and
 * iommufd: for the time of the report the domain has another handler.
 */
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "iommu-priv.h"
#include "module.h"

/* The report that is to make an odd group; one at a time. */
static struct {
	struct task_struct *task;
	const struct iopf_test_report *how;
	struct iopf_fault *evt;
	struct patch *patch;
	int (*handler)(struct iopf_group *group); /* the domain's own: iommufd's for all */
	int err;
} odd;

static DEFINE_MUTEX(odd_lock);

/* A page that nobody reported. */
static int add_page(struct iopf_group *group, u64 addr)
{
	struct iopf_fault *page = kzalloc(sizeof(*page), GFP_KERNEL);

	if (!page)
		return -ENOMEM;
	page->fault = group->last_fault.fault;
	page->fault.prm.flags &= ~LAST_PAGE;
	page->fault.prm.addr = addr;
	list_add(&page->list, &group->faults);
	group->fault_count++;
	return 0;
}

/* The first page, unless it is the last, too. */
static struct iopf_fault *first_page(struct iopf_group *group)
{
	struct iopf_fault *first = list_first_entry(&group->faults, struct iopf_fault, list);

	return first == &group->last_fault ? NULL : first;
}

/* Takes a page away. */
static void drop_page(struct iopf_fault *page)
{
	list_del(&page->list);
	kfree(page);
}

/* Before iommufd has it. */
static int make_odd(struct iopf_group *group, u32 how)
{
	struct iopf_fault *first = first_page(group);

	switch (how) {
	case IOPF_TEST_LOST:
		return first ? 0 : -EINVAL;
	case IOPF_TEST_NOT_LAST:
		if (patch_keep_odd(odd.patch, group))
			return -ENOSPC;
		group->last_fault.fault.prm.flags &= ~LAST_PAGE;
		odd.evt->fault.prm.flags &= ~LAST_PAGE;
		return 0;
	case IOPF_TEST_FIRST_LAST:
		if (!first || patch_keep_odd(odd.patch, group))
			return -EINVAL;
		first->fault.prm.flags |= LAST_PAGE;
		return 0;
	case IOPF_TEST_EXTRA:
		return add_page(group, odd.how->odd_addr);
	case IOPF_TEST_MISSING:
		if (!first)
			return -EINVAL;
		drop_page(first);
		group->fault_count--;
		return 0;
	}
	return -EINVAL;
}

/* In the place of the domain's handler. An error from here makes the core abort the group. */
static int odd_handler(struct iopf_group *group)
{
	bool ours = current == odd.task;
	int ret;

	if (ours) {
		odd.err = make_odd(group, odd.how->odd);
		if (odd.err)
			return odd.err;
	}
	ret = odd.handler(group);
	/* Nobody reads yet: that is for the caller to see to */
	if (ours && !ret && odd.how->odd == IOPF_TEST_LOST)
		drop_page(first_page(group));
	return ret;
}

/* The domain that the core will find for a report, as in find_fault_handler(). */
static struct iommu_domain *find_domain(struct device *dev, const struct iopf_fault *evt)
{
	const struct iommu_fault_page_request *prm = &evt->fault.prm;
	struct iommu_attach_handle *handle = ERR_PTR(-ENOENT);

	if (prm->flags & PASID_VALID)
		handle = iommu_attach_handle_get(dev->iommu_group, prm->pasid, 0);
	if (IS_ERR(handle))
		handle = iommu_attach_handle_get(dev->iommu_group, IOMMU_NO_PASID, 0);
	return IS_ERR(handle) || !handle->domain->iopf_handler ? NULL : handle->domain;
}

static int report_odd(struct opened *o, const struct iopf_test_report *r, struct iopf_fault *evt)
{
	struct iommu_domain *domain = find_domain(o->dev, evt);
	int err;

	if (!domain || !(r->flags & LAST_PAGE))
		return -EINVAL;
	err = patch_on(o);
	if (err)
		return err;
	mutex_lock(&odd_lock);
	odd.handler = domain->iopf_handler;
	odd.how = r;
	odd.evt = evt;
	odd.patch = o->patch;
	odd.err = 0;
	odd.task = current;
	WRITE_ONCE(domain->iopf_handler, odd_handler);
	err = iommu_report_device_fault(o->dev, evt);
	WRITE_ONCE(domain->iopf_handler, odd.handler);
	odd.task = NULL;
	if (!err)
		err = odd.err;
	mutex_unlock(&odd_lock);
	return err;
}

long report(struct opened *o, const void __user *arg)
{
	struct iopf_fault evt = { .fault.type = IOMMU_FAULT_PAGE_REQ };
	struct iopf_test_report r;
	long ret;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	evt.fault.prm = (struct iommu_fault_page_request){
		.flags = r.flags,
		.pasid = r.pasid,
		.grpid = r.grpid,
		.perm = r.perm,
		.addr = r.addr,
	};
	/* Several threads may report at once, as several interrupts may */
	if (!r.odd)
		return iommu_report_device_fault(o->dev, &evt);
	mutex_lock(&o->lock);
	ret = report_odd(o, &r, &evt);
	mutex_unlock(&o->lock);
	return ret;
}

long report_discard(struct opened *o)
{
	struct iommu_fault_param *param;
	struct iopf_queue *queue = NULL;

	/* The queue is the driver's: it stays as long as iommufd, which this module holds */
	rcu_read_lock();
	param = rcu_dereference(o->dev->iommu->fault_param);
	if (param)
		queue = param->queue;
	rcu_read_unlock();
	return iopf_queue_discard_partial(queue);
}
