// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Which processes the run is about. */
#define IOPF_CORE_PRIVATE
#include "scope.h"

/* Makes it. */
int scope_init(struct scope *s, const uint32_t *roots, size_t nr_roots, bool descendants)
{
	int err = 0;

	s->everything = !nr_roots;
	s->descendants = descendants;
	for (size_t i = 0; i < nr_roots && !err; i++)
		err = map_set(&s->tgids, roots[i], 1);
	return err;
}

/* Frees it. */
void scope_free(struct scope *s)
{
	map_free(&s->tgids);
}

/* A process was created by another. */
int scope_fork(struct scope *s, uint32_t parent_tgid, uint32_t child_tgid)
{
	if (!s->descendants || !map_get(&s->tgids, parent_tgid))
		return 0;
	return map_set(&s->tgids, child_tgid, 1);
}

/* A process is gone. */
void scope_exit(struct scope *s, uint32_t tgid)
{
	map_remove(&s->tgids, tgid);
}
