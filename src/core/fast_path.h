/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The short way: what nearly all records of nearly all runs tell is that a group of one page was
 * queued, was read by its object's owner as the head of the queue, and was answered by user space with
 * its own cookie, while nothing was open about any of it. Of such records no rule has anything to say.
 * They are taken here, in one go: whether one is such a record is asked first, of everything that
 * could make it another one, and nothing is changed if it is not. The long way does the same with
 * them, only slower: life.c, reads.c, answers.c, and all rules.
 */
#ifndef IOPF_CORE_FAST_PATH_H
#define IOPF_CORE_FAST_PATH_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stddef.h>

#include "iopftrace/event.h"

struct delivery;
struct iopf_engine;
struct object;

/*
 * Takes such records from the beginning of @nr that lie one behind the other. Returns how many, and
 * sets *@rec to the first that is another one, of which nothing is known yet.
 */
size_t fast_path_take(struct iopf_engine *e, const struct iopf_rec **rec, size_t nr);

/*
 * Whether a group that a read of several delivered, of the one page @f, is the head of the queue, and
 * nothing is remarkable about that: then it has been delivered.
 */
bool fast_path_deliver(struct iopf_engine *e, struct object *o, const struct delivery *d,
		       const struct iopf_pgfault *f);

#endif /* IOPF_CORE_FAST_PATH_H */
