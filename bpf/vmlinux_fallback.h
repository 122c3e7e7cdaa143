/* SPDX-License-Identifier: GPL-2.0-only */
/* Made by vmlinux.h.gen: the kernel types that the BPF programs use, reduced to their fields. */
#ifndef VMLINUX_H
#define VMLINUX_H

#include <linux/types.h>

typedef __kernel_pid_t pid_t;
typedef __s64 time64_t;
typedef struct {
int counter;
} atomic_t;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next;
	struct list_head *prev;
};

struct timespec64 {
	time64_t tv_sec;
};

struct kobject {
	const char *name;
};

struct device {
	struct kobject kobj;
	const char *init_name;
};

struct file {
	void *private_data;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct signal_struct {
	atomic_t live;
};

struct task_struct {
	pid_t pid;
	pid_t tgid;
	char comm[16];
	struct files_struct *files;
	struct signal_struct *signal;
};

#pragma clang attribute pop

#endif /* VMLINUX_H */
