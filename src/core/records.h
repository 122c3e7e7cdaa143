/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Whether records are well formed: they may come from a file that nobody vouches for. */
#ifndef IOPF_CORE_RECORDS_H
#define IOPF_CORE_RECORDS_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "iopftrace/event.h"

/*
 * Whether a record's size fits its type, and its counts its arrays. A record may be longer than we
 * know it. 0 or -EINVAL; types that are not known are fine.
 */
int records_check(const struct iopf_rec *rec);

#endif /* IOPF_CORE_RECORDS_H */
