// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The groups that are being followed. */
#define IOPF_CORE_PRIVATE
#include "groups.h"

#include <errno.h>
#include <string.h>

#include "groups_index.h"

#define FIRST_HEADS 1024
#define MAX_LIMIT (UINT32_MAX / 2)

/* Makes an index. */
static int index_init(struct groups *gs, struct group_index *index)
{
	index->head = memory_calloc(gs->memory, FIRST_HEADS, sizeof(*index->head));
	if (!index->head)
		return -ENOMEM;
	index->size = FIRST_HEADS;
	return 0;
}

/*
 * Doubles the heads when there are twice as many groups; true when the caller has to hash all
 * again. Without memory the chains only become longer.
 */
static bool index_grow(struct groups *gs, struct group_index *index)
{
	uint32_t *head;

	if (groups_index_has_room(index))
		return false;
	head = memory_calloc(gs->memory, index->size * 2, sizeof(*head));
	if (!head)
		return false;
	memory_free(gs->memory, index->head);
	index->head = head;
	index->size *= 2;
	index->used = 0;
	return true;
}

/* Makes a table. */
int groups_init(struct groups *gs, const struct handles *handles, size_t limit,
		struct map_seed seed, struct memory *memory)
{
	gs->handles = handles;
	gs->seed = seed;
	gs->memory = memory;
	gs->limit = limit < MAX_LIMIT ? (uint32_t)limit : MAX_LIMIT;
	if (index_init(gs, &gs->by_pointer))
		return -ENOMEM;
	return index_init(gs, &gs->by_cookie) || index_init(gs, &gs->by_request) ? -ENOMEM : 0;
}

/* Frees the table. */
void groups_free(struct groups *gs)
{
	for (uint32_t id = 1; id <= gs->nr_ever; id++) {
		if (groups_at(gs, id)->state & GROUP_ANSWERED)
			memory_free(gs->memory, groups_at(gs, id)->answer);
	}
	for (size_t i = 0; i < gs->nr_chunks; i++)
		memory_free(gs->memory, gs->chunk[i]);
	memory_free(gs->memory, gs->chunk);
	memory_free(gs->memory, gs->by_pointer.head);
	memory_free(gs->memory, gs->by_cookie.head);
	memory_free(gs->memory, gs->by_request.head);
	memset(gs, 0, sizeof(*gs));
}

/* Adds a chunk to the pool. */
static int add_chunk(struct groups *gs)
{
	if (gs->nr_chunks == gs->max_chunks) {
		size_t max = gs->max_chunks ? gs->max_chunks * 2 : 16;
		struct group **chunk =
			memory_realloc(gs->memory, gs->chunk, max * sizeof(struct group *));

		if (!chunk)
			return -ENOMEM;
		gs->chunk = chunk;
		gs->max_chunks = max;
	}
	gs->chunk[gs->nr_chunks] =
		memory_calloc(gs->memory, GROUPS_PER_CHUNK, sizeof(struct group));
	if (!gs->chunk[gs->nr_chunks])
		return -ENOMEM;
	gs->nr_chunks++;
	return 0;
}

/* A new group. */
struct group *groups_new(struct groups *gs, bool *full)
{
	struct group *g;

	*full = gs->nr_used == gs->limit;
	if (*full || (!groups_has_place(gs) && add_chunk(gs)))
		return NULL;
	g = groups_take(gs);
	*g = (struct group){ .id = g->id, .state = GROUP_USED };
	return g;
}

/* Puts a group into an index, which must have room. */
static void link_pointer(struct groups *gs, struct group *g)
{
	groups_link_pointer(gs, groups_pointer_head(gs, g->pointer), g);
}

/* The same of its cookie. */
static void link_cookie(struct groups *gs, struct group *g)
{
	groups_link_cookie(gs, groups_cookie_head(gs, g->object, g->cookie), g);
}

/* The same of its request. */
static void link_request(struct groups *gs, struct group *g)
{
	groups_link_request(gs, groups_request_head(gs, groups_device(gs, g), g->grpid), g);
}

/* Makes a group known by its pointer. */
void groups_index_pointer(struct groups *gs, struct group *g)
{
	if (!g->pointer)
		return;
	if (index_grow(gs, &gs->by_pointer)) {
		for (uint32_t id = 1; id <= gs->nr_ever; id++) {
			if (groups_at(gs, id)->state & GROUP_BY_POINTER)
				link_pointer(gs, groups_at(gs, id));
		}
	}
	link_pointer(gs, g);
}

/* Sets a group's cookie and makes it known by that. */
void groups_index_cookie(struct groups *gs, struct group *g, uint32_t cookie)
{
	struct group *same = NULL;
	int nr = 0;

	groups_unindex_cookie(gs, g);
	g->cookie = cookie;
	while ((same = groups_by_cookie(gs, g->object, cookie, same))) {
		if (++nr == GROUPS_SAME) {
			gs->crowded = true;
			return;
		}
	}
	if (index_grow(gs, &gs->by_cookie)) {
		for (uint32_t id = 1; id <= gs->nr_ever; id++) {
			if (groups_at(gs, id)->state & GROUP_BY_COOKIE)
				link_cookie(gs, groups_at(gs, id));
		}
	}
	link_cookie(gs, g);
}

/* Makes a group known by its request. */
void groups_index_request(struct groups *gs, struct group *g)
{
	uint32_t device = groups_device(gs, g);
	struct group *same = NULL;
	int nr = 0;

	while ((same = groups_by_request(gs, device, g->grpid, same))) {
		if (++nr == GROUPS_SAME)
			return;
	}
	if (index_grow(gs, &gs->by_request)) {
		for (uint32_t id = 1; id <= gs->nr_ever; id++) {
			if (groups_at(gs, id)->state & GROUP_BY_REQUEST)
				link_request(gs, groups_at(gs, id));
		}
	}
	link_request(gs, g);
}

/* Puts a group into a list that is in order of seq: looked for from both ends. */
void groups_insert(struct groups *gs, struct group_list *list, struct group *g)
{
	uint32_t next = list->head, last = list->tail;

	while (next && groups_at(gs, next)->seq < g->seq) {
		if (groups_at(gs, last)->seq < g->seq) {
			next = groups_at(gs, last)->next;
			break;
		}
		next = groups_at(gs, next)->next;
		last = groups_at(gs, last)->prev;
	}
	groups_link_before(gs, list, g, next);
}
