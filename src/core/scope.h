/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Which processes the run is about. */
#ifndef IOPF_CORE_SCOPE_H
#define IOPF_CORE_SCOPE_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "map.h"

struct scope {
	bool everything; /* the whole machine */
	bool descendants;
	struct map tgids;
	uint32_t *root; /* those that were given */
	size_t nr_roots;
};

/* Makes it. 0 or -ENOMEM. */
int scope_init(struct scope *s, const uint32_t *roots, size_t nr_roots, bool descendants);

/* Frees it. */
void scope_free(struct scope *s);

/* A process was created by another. 0 or -ENOMEM. */
int scope_fork(struct scope *s, uint32_t parent_tgid, uint32_t child_tgid);

/* A process is gone: its number may become another's. */
void scope_exit(struct scope *s, uint32_t tgid);

/* Whether a process was given as a root. */
bool scope_is_root(const struct scope *s, uint32_t tgid);

/* Whether the run is about this process. */
static inline bool scope_has(const struct scope *s, uint32_t tgid)
{
	return s->everything || map_get(&s->tgids, tgid);
}

#endif /* IOPF_CORE_SCOPE_H */
