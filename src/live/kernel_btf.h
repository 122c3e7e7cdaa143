/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What the running kernel has, told from its BTF. Needs no privilege. */
#ifndef LIVE_KERNEL_BTF_H
#define LIVE_KERNEL_BTF_H

#include <stdbool.h>

struct kernel_btf;

/*
 * Reads the BTF of the kernel and of the modules on the path. 0, -ENOENT when the kernel has none, or
 * why it cannot be read.
 */
int kernel_btf_new(struct kernel_btf **out);
void kernel_btf_free(struct kernel_btf *k);

/* Whether there is a function of this name; for functions of IOMMUs only. */
bool kernel_btf_function(const struct kernel_btf *k, const char *name);

#endif /* LIVE_KERNEL_BTF_H */
