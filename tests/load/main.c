// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load generator for I/O page faults: drives the kernel's mock IOMMU device and
 * tells, as JSON, what it did.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "opts.h"
#include "random.h"
#include "run.h"
#include "truth.h"

/* What a failure to run at all means to the caller */
static int exit_code(int err)
{
	switch (err) {
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
	case -ENOTTY:
	case -EOPNOTSUPP:
	case -EINVAL:
	case -ENOSYS:
	case -EACCES:
	case -EPERM:
		return LOAD_UNSUPPORTED;
	default:
		return LOAD_ERROR;
	}
}

static const char *needs(enum kind kind)
{
	if (kind_has(kind, KIND_FAILSLAB))
		return " (needs CONFIG_FAILSLAB, CONFIG_FAULT_INJECTION_DEBUG_FS, debugfs)";
	if (kind == KIND_PREDICT_RACE)
		return " (needs CONFIG_USERFAULTFD, or lost its race)";
	return kind_has(kind, KIND_USERFAULTFD) ? " (needs CONFIG_USERFAULTFD)" : "";
}

static void complain(const struct load *l)
{
	const uint64_t max = sizeof(l->sh->notes) / sizeof(l->sh->notes[0]);
	uint64_t n = l->sh->unexpected;

	for (uint64_t i = 0; i < n && i < max; i++)
		fprintf(stderr, "load: unexpected: %s\n", l->sh->notes[i]);
	if (n > max)
		fprintf(stderr, "load: unexpected: and %llu more\n", (unsigned long long)(n - max));
	for (int i = 0; i < KIND_COUNT; i++)
		if (l->sh->unsupported[i])
			fprintf(stderr, "load: %s: not shown%s\n", kind_table[i].name, needs(i));
}

static int run_and_tell(struct load *l)
{
	int err = run(l), code;

	if (err)
		return exit_code(err);
	code = l->sh->unexpected ? LOAD_UNEXPECTED : LOAD_OK;
	complain(l);
	err = truth_write(l, code);
	if (!err)
		return code;
	fprintf(stderr, "load: cannot write the result: %s\n", strerror(-err));
	return LOAD_ERROR;
}

int main(int argc, char **argv)
{
	struct opts o;
	struct load l;
	int err = opts_parse(&o, argc, argv), code;

	if (err)
		return err < 0 ? LOAD_USAGE : LOAD_OK;
	if (o.random_legal)
		random_legal(&o, stderr);
	if (opts_check(&o))
		return LOAD_USAGE;
	err = load_create(&l, &o);
	if (err) {
		fprintf(stderr, "load: %s\n", strerror(-err));
		return LOAD_ERROR;
	}
	code = run_and_tell(&l);
	load_free(&l);
	return code;
}
