/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Whether records are well formed: they may come from a file that nobody vouches for. */
#ifndef IOPF_CORE_RECORDS_H
#define IOPF_CORE_RECORDS_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stdint.h>

#include "iopftrace/event.h"

/* The bytes that a record of each type has at least. */
extern const uint16_t records_least_size[IOPF_REC_TYPES];

/* Types that have an array. */
#define RECORDS_WITH_ARRAY (1U << IOPF_REC_PAGES | 1U << IOPF_REC_READ_MORE | 1U << IOPF_REC_WRITE)

/* Whether a record that is long enough says that more of its array is used than there is. */
bool records_overflow(const struct iopf_rec *rec);

/*
 * Whether a record's size fits its type, and its counts its arrays. A record may be longer than we
 * know it; types that are not known are fine.
 */
static inline bool records_are_well(const struct iopf_rec *rec)
{
	if (rec->size < sizeof(*rec) || rec->seq == UINT64_MAX)
		return false;
	if (rec->type >= IOPF_REC_TYPES)
		return true;
	return rec->size >= records_least_size[rec->type] &&
	       !(RECORDS_WITH_ARRAY >> rec->type & 1 && records_overflow(rec));
}

#endif /* IOPF_CORE_RECORDS_H */
