/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel as the programs see it: CO-RE declarations of the types on the I/O page fault path,
 * just the fields that are used, and one accessor for each thing that differs between versions.
 *
 * A name with ___ is a flavour: CO-RE drops what follows and looks for the type as that version
 * had it. iommufd's types are private to it; where it is a module they are in the module's BTF.
 */
#ifndef IOPFTRACE_KERNEL_H
#define IOPFTRACE_KERNEL_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/linux/iommu.h, unchanged since 6.11 */
struct iommu_fault_page_request {
	__u32 flags;
	__u32 pasid;
	__u32 grpid;
	__u32 perm;
	__u64 addr;
};

struct iommu_fault {
	__u32 type;
	struct iommu_fault_page_request prm;
};

struct iopf_fault {
	struct iommu_fault fault;
	struct list_head list;
};

struct iommu_page_response {
	__u32 pasid;
	__u32 grpid;
	__u32 code;
};

struct iommufd_hw_pagetable;

struct iommu_domain {
	unsigned int type;
	struct iommufd_hw_pagetable *iommufd_hwpt; /* since 6.15 (e3a682eaf2af) */
};

struct iommu_domain___v6_11 {
	void *fault_data; /* until 6.14 */
};

struct iommu_attach_handle {
	struct iommu_domain *domain;
};

struct iommu_fault_param {
	struct device *dev;
};

struct iopf_group {
	struct iopf_fault last_fault;
	struct list_head faults;
	__u64 fault_count;
	struct iommu_attach_handle *attach_handle;
	struct iommu_fault_param *fault_param;
	struct list_head node;
	__u32 cookie;
};

struct iopf_queue;

/* Which function of a driver a device's answers go to: dev_iommu_ops(). */
struct iommu_ops {
	void *page_response;
};

struct iommu_device {
	const struct iommu_ops *ops;
};

struct dev_iommu {
	struct iommu_device *iommu_dev;
};

struct device___iommu {
	struct dev_iommu *iommu;
};

/* drivers/iommu/iommufd/iommufd_private.h */
struct iommufd_object {
	unsigned int id;
};

enum iommufd_object_type {
	IOMMUFD_OBJ_FAULT = 0, /* the value is the kernel's: bpf_core_enum_value() */
};

struct iommufd_object___type {
	enum iommufd_object_type type;
};

struct iommufd_eventq { /* since 6.15: common to fault objects and virtual event queues */
	struct iommufd_object obj;
	struct list_head deliver;
};

struct xarray___iopf {
	void *xa_head;
};

struct xa_node___iopf {
	unsigned char shift;
	void *slots[64];
};

struct iommufd_fault {
	struct iommufd_eventq common;
	struct xarray___iopf response;
};

struct iommufd_fault___v6_11 { /* until 6.14 */
	struct iommufd_object obj;
	struct list_head deliver;
};

/* What a walk of all open files is given. */
struct file_operations___iopf {
	void *read;
};

struct file___iopf {
	const struct file_operations___iopf *f_op;
	void *private_data;
};

struct bpf_iter__task_file___iopf {
	struct task_struct *task;
	struct file___iopf *file;
};

struct iommufd_hw_pagetable {
	struct iommufd_fault *fault;
};

struct iommufd_device {
	struct iommufd_object obj;
};

struct iommufd_attach_handle {
	struct iommu_attach_handle handle;
	struct iommufd_device *idev;
};

struct iommufd_ucmd {
	void *cmd;
};

#pragma clang attribute pop

/* uAPI, <linux/iommufd.h> since 6.11; fixed for ever. */
struct iommu_fault_alloc {
	__u32 size;
	__u32 flags;
	__u32 out_fault_id;
	__u32 out_fault_fd;
};

/* Since 6.3. Costs nothing: the verifier replaces the call by a move. */
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym;

/* A pointer of a known type from an address that is a mere number to the verifier. */
#define CAST(type, address) \
	((type *)bpf_rdonly_cast((void *)(address), bpf_core_type_id_kernel(type)))

/*
 * Read kernel memory through a pointer that the verifier does not know: a private type of a module,
 * or void *. The load is the plain instruction of a BTF pointer, with a fault giving 0, at a tenth
 * of the cost of bpf_probe_read_kernel(). bpf_rdonly_cast() takes types of vmlinux only, so one of
 * those that begins with an integer of the wanted width stands in. What comes back is a number:
 * it may be computed with, as a pointer may not.
 */
static __always_inline __u64 peek64(__u64 address)
{
	return CAST(struct timespec64, address)->tv_sec;
}

static __always_inline __u32 peek32(__u64 address)
{
	return CAST(struct iommu_page_response, address)->pasid;
}

#define PEEK64(address, type, field) peek64((address) + bpf_core_field_offset(type, field))
#define PEEK32(address, type, field) peek32((address) + bpf_core_field_offset(type, field))

/* __IOMMU_DOMAIN_SVA: set in the type of domains whose faults the kernel handles itself. */
#define DOMAIN_TYPE_SVA (1U << 4)

/* Whether a group belongs to a process' own page table, so that iommufd has no part in it. */
static __always_inline int group_is_sva(struct iopf_group *group)
{
	return group->attach_handle->domain->type & DOMAIN_TYPE_SVA;
}

/* A domain's struct iommufd_hw_pagetable. */
static __always_inline __u64 domain_hwpt(struct iommu_domain *domain)
{
	if (bpf_core_field_exists(struct iommu_domain, iommufd_hwpt))
		return (__u64)domain->iommufd_hwpt;
	return (__u64)((struct iommu_domain___v6_11 *)domain)->fault_data;
}

/* The fault object of a struct iommufd_hw_pagetable. */
static __always_inline __u64 hwpt_fault(__u64 hwpt)
{
	return PEEK64(hwpt, struct iommufd_hw_pagetable, fault);
}

/* The fault object whose struct iommufd_object this is, as iommufd_fault_destroy() gets it. */
static __always_inline __u64 fault_of_object(__u64 obj)
{
	if (bpf_core_type_exists(struct iommufd_eventq))
		return obj - bpf_core_field_offset(struct iommufd_eventq, obj);
	return obj - bpf_core_field_offset(struct iommufd_fault___v6_11, obj);
}

/* iommufd's id of a fault object. */
static __always_inline __u32 fault_id(__u64 fault)
{
	if (bpf_core_type_exists(struct iommufd_eventq))
		return PEEK32(fault, struct iommufd_eventq, obj.id);
	return PEEK32(fault, struct iommufd_fault___v6_11, obj.id);
}

/* A fault object's deliver list. */
static __always_inline __u64 fault_list(__u64 fault)
{
	if (bpf_core_type_exists(struct iommufd_eventq))
		return fault + bpf_core_field_offset(struct iommufd_eventq, deliver);
	return fault + bpf_core_field_offset(struct iommufd_fault___v6_11, deliver);
}

/* The first node of a fault object's deliver list, 0 when it is empty. */
static __always_inline __u64 fault_first(__u64 fault)
{
	__u64 list = fault_list(fault), first = peek64(list);

	return first == list ? 0 : first;
}

/* The head of the tree of a fault object's delivered groups, by cookie. */
static __always_inline __u64 fault_response(__u64 fault)
{
	return peek64(fault + bpf_core_field_offset(struct iommufd_fault, response) +
		      bpf_core_field_offset(struct xarray___iopf, xa_head));
}

/* The function of a driver that a device's answers go to. */
static __always_inline __u64 device_response(__u64 dev)
{
	__u64 iommu = PEEK64(dev, struct device___iommu, iommu);
	__u64 iommu_dev = PEEK64(iommu, struct dev_iommu, iommu_dev);
	__u64 ops = PEEK64(iommu_dev, struct iommu_device, ops);

	return PEEK64(ops, struct iommu_ops, page_response);
}

/* Whether what a shared event queue file belongs to is a fault object. */
static __always_inline int eventq_is_fault(__u64 eventq)
{
	__u32 type;

	if (!bpf_core_type_exists(struct iommufd_eventq))
		return 1;
	type = peek32(eventq + bpf_core_field_offset(struct iommufd_eventq, obj) +
		      bpf_core_field_offset(struct iommufd_object___type, type));
	return type == bpf_core_enum_value(enum iommufd_object_type, IOMMUFD_OBJ_FAULT);
}

/* iommufd's id of the device that an attach handle belongs to. */
static __always_inline __u32 handle_dev_id(__u64 handle)
{
	__u64 idev = PEEK64(handle, struct iommufd_attach_handle, idev);

	return PEEK32(idev, struct iommufd_device, obj.id);
}

#endif /* IOPFTRACE_KERNEL_H */
