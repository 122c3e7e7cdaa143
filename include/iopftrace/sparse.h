/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A histogram of the same buckets as struct iopf_hist that holds only those in use, for when there
 * are thousands of them: 16 bytes a bucket, and times that belong together fill some tens or hundreds.
 */
#ifndef IOPFTRACE_SPARSE_H
#define IOPFTRACE_SPARSE_H

#include <stddef.h>
#include <stdint.h>

#include "iopftrace/histogram.h"

struct iopf_sparse_bucket {
	uint64_t count;
	uint32_t index; /* of the bucket of struct iopf_hist */
};

/* A zeroed struct is empty. */
struct iopf_sparse {
	uint64_t count;
	uint64_t min, max; /* valid when count > 0 */
	unsigned __int128 sum;
	uint64_t negative; /* of the values counted, how many were below 0 (taken as 0) */
	struct iopf_sparse_bucket *bucket; /* in order of their indexes; owned */
	uint32_t nr, room;
};

/* Frees what is in it; it is empty then. Buckets are given back to @left, which may be NULL. */
void iopf_sparse_free(struct iopf_sparse *s, size_t *left);

/*
 * Counts one value. @left: how many more buckets may be made, which is counted down. 0, -ENOSPC when
 * there are none left, or -ENOMEM: then the value is not counted.
 */
int iopf_sparse_add(struct iopf_sparse *s, uint64_t value, size_t *left);

/* Adds all that is in @from. As above; nothing is added when there is no room. */
int iopf_sparse_merge(struct iopf_sparse *s, const struct iopf_sparse *from, size_t *left);

/* Adds all that is in @from to a whole histogram. */
void iopf_sparse_expand(const struct iopf_sparse *from, struct iopf_hist *h);

#endif /* IOPFTRACE_SPARSE_H */
