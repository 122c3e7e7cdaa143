// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Which processes the run is about. */
#define IOPF_CORE_PRIVATE
#include "scope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Makes it. */
int scope_init(struct scope *s, const uint32_t *roots, size_t nr_roots, bool descendants)
{
	int err = 0;

	s->everything = !nr_roots;
	s->descendants = descendants;
	s->root = malloc((nr_roots + 1) * sizeof(*s->root));
	if (!s->root)
		return -ENOMEM;
	if (nr_roots)
		memcpy(s->root, roots, nr_roots * sizeof(*roots));
	s->nr_roots = nr_roots;
	for (size_t i = 0; i < nr_roots && !err; i++)
		err = map_set(&s->tgids, roots[i], 1);
	return err;
}

/* Frees it. */
void scope_free(struct scope *s)
{
	map_free(&s->tgids);
	free(s->root);
}

/* Whether a process was given as a root. */
bool scope_is_root(const struct scope *s, uint32_t tgid)
{
	for (size_t i = 0; i < s->nr_roots; i++) {
		if (s->root[i] == tgid)
			return true;
	}
	return false;
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
