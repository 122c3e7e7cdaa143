/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Reads of fault FDs: what a read returned, put together from its records and cut into groups.
 *
 * The contents come from the user's buffer and are believed only as far as they match what the
 * kernel is known to have queued; how many records there were is the kernel's word.
 */
#ifndef IOPF_CORE_READS_H
#define IOPF_CORE_READS_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/event.h"

/* One group as a read returned it. */
struct delivery {
	uint64_t seq; /* of the read's record */
	uint64_t enter_ns, deliver_ns; /* of the read; 0 = not known */
	uint64_t addr; /* of its last page so far */
	uint32_t flags, dev_id, pasid, grpid, perm, cookie;
	uint32_t pages; /* so far; 0 = nothing yet */
	uint32_t sum; /* what the pages so far add up to: judge_page() */
	uint32_t odd; /* what was in reserved fields and the length */
	bool mixed; /* its records name several devices or PASIDs */
	uint32_t reader; /* task number */
};

/* A read of which not all records have come. */
struct reading {
	uint64_t total, next; /* records it returned, and the index of the one to come next */
	uint64_t matched; /* pages of the groups that it was found to deliver */
	bool strange; /* some of its groups fit nothing */
	bool unknown; /* records of it are missing, cannot be read, or make no groups */
	struct delivery part; /* the group that is being put together */
};

/* As many reads can be unfinished; the one that began first is given up for another. */
#define READS_MAX 256

struct reads {
	struct reading *reading; /* the latest last */
	size_t nr;
};

struct iopf_engine;

/* Makes it. 0 or -ENOMEM. */
int reads_init(struct reads *rs);

/* Frees it. */
void reads_free(struct reads *rs);

/* Takes a READ record. */
void reads_read(struct iopf_engine *e, const struct iopf_rec *rec);

/* Takes a READ_MORE record. */
void reads_more(struct iopf_engine *e, const struct iopf_rec *rec);

#endif /* IOPF_CORE_READS_H */
