/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What --misbehave knows: a table of kinds, each with the protocol rules that
 * it breaks. A kind without a rule is legal, however odd it looks.
 */
#ifndef LOAD_KINDS_H
#define LOAD_KINDS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum kind {
	KIND_STRAY,
	KIND_DUPLICATE,
	KIND_LATE_DUPLICATE,
	KIND_BAD_CODE,
	KIND_PREDICT,
	KIND_PREDICT_RACE,
	KIND_SLOW_READ,
	KIND_MASKED,
	KIND_MASKED_RETRY,
	KIND_MASKED_EFAULT,
	KIND_GRPID_REUSE,
	KIND_ABORT,
	KIND_SHORT_BUFFER,
	KIND_SHORT_WRITE,
	KIND_EFAULT_READ,
	KIND_EFAULT_READ_PART,
	KIND_EFAULT_WRITE,
	KIND_EFAULT_WRITE_PART,
	KIND_ENOMEM_READ,
	KIND_SMALL_READS,
	KIND_EFAULT_LOOP,
	KIND_STRAY_LOOP,
	KIND_BUSY_POLL,
	KIND_RENAME,
	KIND_COOKIE_ZERO,
	KIND_MULTI_PAGE,
	KIND_SHORT_GROUP,
	KIND_PARTIAL_THEN_LAST,
	KIND_PARTIAL_DISCARD,
	KIND_PARTIAL_LATE,
	KIND_PARTIAL_NEVER_LAST,
	KIND_PARTIAL_REUSE,
	KIND_PARTIAL_EXTRA,
	KIND_PARTIAL_REFUSED,
	KIND_LAST_PAGE_ONLY,
	KIND_TORN,
	KIND_DRIVER_SLOW,
	KIND_DRIVER_TWICE,
	KIND_DRIVER_WRONG_CODE,
	KIND_DRIVER_SILENT,
	KIND_DETACH,
	KIND_DETACH_LATE,
	KIND_LATE_TWICE,
	KIND_DETACH_RACE,
	KIND_DETACH_PASID,
	KIND_REPLACE,
	KIND_REPLACE_LATE,
	KIND_REPLACE_OBJECT,
	KIND_REPLACE_PLAIN,
	KIND_DESTROY,
	KIND_EXIT,
	KIND_FORK,
	KIND_FORK_SCM,
	KIND_FORK_READERS,
	KIND_COUNT,
};

#define KIND_BUSY (1U << 0) /* can run while the others keep running (--busy) */
#define KIND_ATTACH (1U << 1) /* changes what a device is attached to */
#define KIND_MODE (1U << 2) /* shapes the whole run, no acts of its own */
#define KIND_KEEPS (1U << 3) /* leaves groups unanswered for the kernel */
#define KIND_PASID (1U << 4) /* needs --own-pasids (Linux 6.15) */
#define KIND_FAILSLAB (1U << 5) /* needs CONFIG_FAILSLAB and debugfs */
#define KIND_USERFAULTFD (1U << 6) /* needs CONFIG_USERFAULTFD */
#define KIND_MODULE (1U << 7) /* needs the test module iopf_test */

struct kind_info {
	const char *name;
	const char *rules; /* comma-separated ids, NULL = legal */
	unsigned int flags; /* KIND_* */
	unsigned int groups; /* groups that one act triggers */
	const char *text;
};

extern const struct kind_info kind_table[KIND_COUNT];

/* The kind of a name, or -EINVAL */
int kind_find(const char *name, size_t len);

static inline bool kind_has(enum kind kind, unsigned int flag)
{
	return kind_table[kind].flags & flag;
}

/* One line per kind: name, legal or rule ids, what it does; tabs between */
void kind_list(FILE *f);

/* The same for --help */
void kind_help(FILE *f);

#endif
