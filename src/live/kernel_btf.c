// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "kernel_btf.h"

#include <stdio.h>
#include <stdlib.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

/* Modules that hold functions of the path where they are not built in. */
static const char *const modules[] = { "iommufd", "arm_smmu_v3" };

#define MODULES (sizeof(modules) / sizeof(modules[0]))

struct kernel_btf {
	struct btf *vmlinux;
	struct btf *module[MODULES];
};

/* Silences libbpf about modules that are not there. */
static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

struct kernel_btf *kernel_btf_new(void)
{
	libbpf_print_fn_t print = libbpf_set_print(quiet);
	struct kernel_btf *k = calloc(1, sizeof(*k));
	char path[64];

	if (k)
		k->vmlinux = btf__parse("/sys/kernel/btf/vmlinux", NULL);
	if (!k || !k->vmlinux) {
		free(k);
		k = NULL;
		goto out;
	}
	for (size_t i = 0; i < MODULES; i++) {
		snprintf(path, sizeof(path), "/sys/kernel/btf/%s", modules[i]);
		k->module[i] = btf__parse_split(path, k->vmlinux);
	}
out:
	libbpf_set_print(print);
	return k;
}

void kernel_btf_free(struct kernel_btf *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < MODULES; i++)
		btf__free(k->module[i]);
	btf__free(k->vmlinux);
	free(k);
}

bool kernel_btf_function(const struct kernel_btf *k, const char *name)
{
	if (btf__find_by_name_kind(k->vmlinux, name, BTF_KIND_FUNC) > 0)
		return true;
	for (size_t i = 0; i < MODULES; i++)
		if (k->module[i] && btf__find_by_name_kind(k->module[i], name, BTF_KIND_FUNC) > 0)
			return true;
	return false;
}
