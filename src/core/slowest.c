// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The slowest groups. */
#define IOPF_CORE_PRIVATE
#include "slowest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Frees it. */
void slowest_free(struct slowest *s)
{
	memory_free(s->memory, s->group);
	*s = (struct slowest){ .limit = s->limit, .memory = s->memory };
}

/* Whether a group that is kept is less slow than another. */
static bool less_slow_view(const struct slow_group *a, const struct slow_group *b)
{
	return slowest_less(a->view.stage_ns[IOPF_STAGE_TOTAL], a->view.seq,
			    b->view.stage_ns[IOPF_STAGE_TOTAL], b->view.seq);
}

/* Moves the group at @i up to its place. */
static void sift_up(struct slowest *s, size_t i)
{
	struct slow_group group = s->group[i];

	while (i && less_slow_view(&group, &s->group[(i - 1) / 2])) {
		s->group[i] = s->group[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	s->group[i] = group;
}

/* Moves the group on top down to its place. */
static void sift_down(struct slowest *s)
{
	struct slow_group group = s->group[0];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < s->nr) {
		if (child + 1 < s->nr && less_slow_view(&s->group[child + 1], &s->group[child]))
			child++;
		if (!less_slow_view(&s->group[child], &group))
			break;
		s->group[i] = s->group[child];
		i = child;
	}
	s->group[i] = group;
}

/* Keeps a group that is wanted. */
int slowest_add(struct slowest *s, const struct slow_group *group)
{
	if (s->nr == s->limit) {
		s->group[0] = *group;
		sift_down(s);
		return 0;
	}
	if (s->nr == s->max) {
		size_t max = s->max ? s->max * 2 : 8;
		struct slow_group *bigger =
			memory_realloc(s->memory, s->group, max * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		s->group = bigger;
		s->max = max;
	}
	s->group[s->nr] = *group;
	sift_up(s, s->nr++);
	return 0;
}

/* Keeps what is wanted of another's groups. */
int slowest_merge(struct slowest *s, const struct slowest *from)
{
	for (size_t i = 0; i < from->nr; i++) {
		const struct slow_group *g = &from->group[i];
		int err;

		if (!slowest_wants(s, g->view.stage_ns[IOPF_STAGE_TOTAL], g->view.seq))
			continue;
		err = slowest_add(s, g);
		if (err)
			return err;
	}
	return 0;
}

/* For qsort(): the less slow one first. */
static int compare(const void *a, const void *b)
{
	return less_slow_view(a, b) ? -1 : 1;
}

/* Sorts them. */
void slowest_sort(struct slowest *s)
{
	if (s->nr)
		qsort(s->group, s->nr, sizeof(*s->group), compare);
}
