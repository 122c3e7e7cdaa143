/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Groups that were answered before the record of their read came. That is legal: a read's record is
 * made when it returns, and another thread may answer as soon as the copy is there. Such a group is
 * kept until the record comes, or its object goes. The record may also never come: lost, or its
 * buffer overwritten; or the kernel had taken the group back after a failed copy, with a cookie on
 * it, and answered it itself.
 */
#ifndef IOPF_CORE_EARLY_H
#define IOPF_CORE_EARLY_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "core.h"

/* Keeps a group that was answered as @a says; ends it if that is not possible. */
void early_keep(struct iopf_engine *e, struct group *g, const struct answer *a);

/* The group of an object that is kept and fits a delivery, or NULL. */
struct group *early_find(struct iopf_engine *e, struct object *o, const struct delivery *d);

/* The oldest group of an object that a read which was entered at @enter_ns may have delivered. */
struct group *early_oldest(struct iopf_engine *e, struct object *o, uint64_t enter_ns);

/* Ends a group that is kept, with what is known of it now. */
void early_end(struct iopf_engine *e, struct group *g);

/* Ends all that are kept of an object. */
void early_close(struct iopf_engine *e, struct object *o);

#endif /* IOPF_CORE_EARLY_H */
