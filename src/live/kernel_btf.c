// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "kernel_btf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

/* Modules that hold functions of the path where they are not built in. */
static const char *const modules[] = { "iommufd", "arm_smmu_v3" };

#define MODULES (sizeof(modules) / sizeof(modules[0]))

/* How the names of functions on the path begin. */
static const char *const prefixes[] = { "iommu",     "iopf",	 "intel_iommu",
					"amd_iommu", "arm_smmu", "mock_domain" };

struct kernel_btf {
	struct btf *vmlinux;
	struct btf *module[MODULES];
	/* The functions that may be on the path: asked for by the dozen, and BTF has no index. */
	const char **function;
	size_t functions;
};

static bool is_on_path(const char *name)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

/* Collects what @btf has beyond its base; false when out of memory. */
static bool collect(struct kernel_btf *k, const struct btf *btf, const struct btf *base)
{
	for (__u32 id = base ? btf__type_cnt(base) : 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		const char *name =
			btf_is_func(type) ? btf__name_by_offset(btf, type->name_off) : "";
		const char **grown = k->function;

		if (!is_on_path(name))
			continue;
		if (!(k->functions & (k->functions - 1)))
			grown = realloc(k->function,
					(k->functions ? 2 * k->functions : 1) * sizeof(*grown));
		if (!grown)
			return false;
		k->function = grown;
		k->function[k->functions++] = name;
	}
	return true;
}

/* Silences libbpf about modules that are not there. */
static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

/* Reads all of it. */
static int read_all(struct kernel_btf *k)
{
	char path[64];

	k->vmlinux = btf__parse("/sys/kernel/btf/vmlinux", NULL);
	if (!k->vmlinux)
		return -errno;
	if (!collect(k, k->vmlinux, NULL))
		return -ENOMEM;
	for (size_t i = 0; i < MODULES; i++) {
		snprintf(path, sizeof(path), "/sys/kernel/btf/%s", modules[i]);
		k->module[i] = btf__parse_split(path, k->vmlinux);
		if (!k->module[i] && errno != ENOENT)
			return -errno; /* built in, or not loaded, is no error */
		if (k->module[i] && !collect(k, k->module[i], k->vmlinux))
			return -ENOMEM;
	}
	return 0;
}

int kernel_btf_new(struct kernel_btf **out)
{
	libbpf_print_fn_t print = libbpf_set_print(quiet);
	struct kernel_btf *k = calloc(1, sizeof(*k));
	int err = k ? read_all(k) : -ENOMEM;

	if (err) {
		kernel_btf_free(k);
		k = NULL;
	}
	libbpf_set_print(print);
	*out = k;
	return err;
}

void kernel_btf_free(struct kernel_btf *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < MODULES; i++)
		btf__free(k->module[i]);
	btf__free(k->vmlinux);
	free(k->function);
	free(k);
}

bool kernel_btf_function(const struct kernel_btf *k, const char *name)
{
	for (size_t i = 0; i < k->functions; i++)
		if (!strcmp(k->function[i], name))
			return true;
	return false;
}
