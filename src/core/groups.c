// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The groups that are being followed. */
#define IOPF_CORE_PRIVATE
#include "groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "map.h"

#define FIRST_HEADS 64
#define MAX_LIMIT (UINT32_MAX / 2)

/* Where the chain of a pointer begins. */
static uint32_t *pointer_head(const struct groups *gs, uint64_t pointer)
{
	return &gs->by_pointer.head[map_hash(pointer) & (gs->by_pointer.size - 1)];
}

/* Where the chain of a cookie begins. */
static uint32_t *cookie_head(const struct groups *gs, uint32_t object, uint32_t cookie)
{
	uint64_t key = (uint64_t)object << 32 | cookie;

	return &gs->by_cookie.head[map_hash(key) & (gs->by_cookie.size - 1)];
}

/* Where the chain of a group index begins. */
static uint32_t *request_head(const struct groups *gs, uint32_t grpid)
{
	return &gs->by_request.head[map_hash(grpid) & (gs->by_request.size - 1)];
}

/* Makes an index. */
static int index_init(struct group_index *index)
{
	index->head = calloc(FIRST_HEADS, sizeof(*index->head));
	if (!index->head)
		return -ENOMEM;
	index->size = FIRST_HEADS;
	return 0;
}

/*
 * Doubles the heads when there are twice as many groups; true when the caller has to hash all
 * again. Without memory the chains only become longer.
 */
static bool index_grow(struct group_index *index)
{
	uint32_t *head;

	if (index->used < 2 * index->size)
		return false;
	head = calloc(index->size * 2, sizeof(*head));
	if (!head)
		return false;
	free(index->head);
	index->head = head;
	index->size *= 2;
	return true;
}

/* Puts a group at the head of its chain. */
static void link_pointer(struct groups *gs, struct group *g)
{
	uint32_t *head = pointer_head(gs, g->pointer);

	g->next_by_pointer = *head;
	*head = g->id;
}

/* Puts a group at the head of its chain. */
static void link_cookie(struct groups *gs, struct group *g)
{
	uint32_t *head = cookie_head(gs, g->object, g->cookie);

	g->next_by_cookie = *head;
	*head = g->id;
}

/* Puts a group at the head of its chain. */
static void link_request(struct groups *gs, struct group *g)
{
	uint32_t *head = request_head(gs, g->grpid);

	g->next_by_request = *head;
	*head = g->id;
}

/* Makes a table. */
int groups_init(struct groups *gs, size_t limit)
{
	gs->limit = limit < MAX_LIMIT ? (uint32_t)limit : MAX_LIMIT;
	if (index_init(&gs->by_pointer))
		return -ENOMEM;
	return index_init(&gs->by_cookie) || index_init(&gs->by_request) ? -ENOMEM : 0;
}

/* Frees the table. */
void groups_free(struct groups *gs)
{
	for (uint32_t id = 1; id <= gs->nr_ever; id++) {
		if (groups_at(gs, id)->state & GROUP_ANSWERED)
			free(groups_at(gs, id)->answer);
	}
	for (size_t i = 0; i < gs->nr_chunks; i++)
		free(gs->chunk[i]);
	free(gs->chunk);
	free(gs->by_pointer.head);
	free(gs->by_cookie.head);
	free(gs->by_request.head);
	memset(gs, 0, sizeof(*gs));
}

/* Adds a chunk to the pool. */
static int add_chunk(struct groups *gs)
{
	if (gs->nr_chunks == gs->max_chunks) {
		size_t max = gs->max_chunks ? gs->max_chunks * 2 : 16;
		struct group **chunk = realloc(gs->chunk, max * sizeof(struct group *));

		if (!chunk)
			return -ENOMEM;
		gs->chunk = chunk;
		gs->max_chunks = max;
	}
	gs->chunk[gs->nr_chunks] = malloc(GROUPS_PER_CHUNK * sizeof(struct group));
	if (!gs->chunk[gs->nr_chunks])
		return -ENOMEM;
	gs->nr_chunks++;
	return 0;
}

/* A new group. */
struct group *groups_new(struct groups *gs, bool *full)
{
	struct group *g;
	uint32_t id = gs->free;

	*full = gs->nr_used == gs->limit;
	if (*full)
		return NULL;
	if (!id) {
		if (gs->nr_ever == gs->nr_chunks * GROUPS_PER_CHUNK && add_chunk(gs))
			return NULL;
		id = ++gs->nr_ever;
		g = groups_at(gs, id);
	} else {
		g = groups_at(gs, id);
		gs->free = g->next;
	}
	memset(g, 0, sizeof(*g));
	g->id = id;
	g->state = GROUP_USED;
	gs->nr_used++;
	return g;
}

/* Makes a group unknown by its request. */
static void unindex_request(struct groups *gs, struct group *g)
{
	uint32_t *link;

	if (!(g->state & GROUP_BY_REQUEST))
		return;
	link = request_head(gs, g->grpid);
	while (*link != g->id)
		link = &groups_at(gs, *link)->next_by_request;
	*link = g->next_by_request;
	g->state &= ~GROUP_BY_REQUEST;
	gs->by_request.used--;
}

/* Gives a group back. */
void groups_put(struct groups *gs, struct group *g)
{
	groups_unindex_pointer(gs, g);
	groups_unindex_cookie(gs, g);
	unindex_request(gs, g);
	if (g->state & GROUP_ANSWERED)
		free(g->answer);
	g->state = 0;
	g->next = gs->free;
	gs->free = g->id;
	gs->nr_used--;
}

/* Makes a group known by its pointer. */
void groups_index_pointer(struct groups *gs, struct group *g)
{
	if (!g->pointer)
		return;
	if (index_grow(&gs->by_pointer)) {
		for (uint32_t id = 1; id <= gs->nr_ever; id++) {
			if (groups_at(gs, id)->state & GROUP_BY_POINTER)
				link_pointer(gs, groups_at(gs, id));
		}
	}
	link_pointer(gs, g);
	g->state |= GROUP_BY_POINTER;
	gs->by_pointer.used++;
}

/* Makes a group unknown by its pointer. */
void groups_unindex_pointer(struct groups *gs, struct group *g)
{
	uint32_t *link;

	if (!(g->state & GROUP_BY_POINTER))
		return;
	link = pointer_head(gs, g->pointer);
	while (*link != g->id)
		link = &groups_at(gs, *link)->next_by_pointer;
	*link = g->next_by_pointer;
	g->state &= ~GROUP_BY_POINTER;
	gs->by_pointer.used--;
}

/* The groups with a pointer. */
struct group *groups_by_pointer(const struct groups *gs, uint64_t pointer,
				const struct group *after)
{
	uint32_t id = after ? after->next_by_pointer : *pointer_head(gs, pointer);

	while (id) {
		struct group *g = groups_at(gs, id);

		if (g->pointer == pointer)
			return g;
		id = g->next_by_pointer;
	}
	return NULL;
}

/* Sets a group's cookie and makes it known by that. */
void groups_index_cookie(struct groups *gs, struct group *g, uint32_t cookie)
{
	groups_unindex_cookie(gs, g);
	g->cookie = cookie;
	if (index_grow(&gs->by_cookie)) {
		for (uint32_t id = 1; id <= gs->nr_ever; id++) {
			if (groups_at(gs, id)->state & GROUP_BY_COOKIE)
				link_cookie(gs, groups_at(gs, id));
		}
	}
	link_cookie(gs, g);
	g->state |= GROUP_BY_COOKIE;
	gs->by_cookie.used++;
}

/* Makes a group unknown by its cookie. */
void groups_unindex_cookie(struct groups *gs, struct group *g)
{
	uint32_t *link;

	if (!(g->state & GROUP_BY_COOKIE))
		return;
	link = cookie_head(gs, g->object, g->cookie);
	while (*link != g->id)
		link = &groups_at(gs, *link)->next_by_cookie;
	*link = g->next_by_cookie;
	g->state &= ~GROUP_BY_COOKIE;
	gs->by_cookie.used--;
}

/* The groups of an object with a cookie. */
struct group *groups_by_cookie(const struct groups *gs, uint32_t object, uint32_t cookie,
			       const struct group *after)
{
	uint32_t id = after ? after->next_by_cookie : *cookie_head(gs, object, cookie);

	while (id) {
		struct group *g = groups_at(gs, id);

		if (g->cookie == cookie && g->object == object)
			return g;
		id = g->next_by_cookie;
	}
	return NULL;
}

/* Makes a group known by its request. */
void groups_index_request(struct groups *gs, struct group *g)
{
	if (index_grow(&gs->by_request)) {
		for (uint32_t id = 1; id <= gs->nr_ever; id++) {
			if (groups_at(gs, id)->state & GROUP_BY_REQUEST)
				link_request(gs, groups_at(gs, id));
		}
	}
	link_request(gs, g);
	g->state |= GROUP_BY_REQUEST;
	gs->by_request.used++;
}

/* Groups that may have this request. */
struct group *groups_by_request(const struct groups *gs, uint32_t grpid, const struct group *after)
{
	uint32_t id = after ? after->next_by_request : *request_head(gs, grpid);

	while (id) {
		struct group *g = groups_at(gs, id);

		if (g->grpid == grpid)
			return g;
		id = g->next_by_request;
	}
	return NULL;
}

/* Puts a group into a list before another, or at its end when that is 0. */
static void link_before(struct groups *gs, struct group_list *list, struct group *g, uint32_t next)
{
	g->next = next;
	g->prev = next ? groups_at(gs, next)->prev : list->tail;
	if (g->prev)
		groups_at(gs, g->prev)->next = g->id;
	else
		list->head = g->id;
	if (next)
		groups_at(gs, next)->prev = g->id;
	else
		list->tail = g->id;
}

/* Appends a group to a list. */
void groups_append(struct groups *gs, struct group_list *list, struct group *g)
{
	link_before(gs, list, g, 0);
}

/* Puts a group into a list that is in order of seq. */
void groups_insert(struct groups *gs, struct group_list *list, struct group *g)
{
	uint32_t next = list->head;

	while (next && groups_at(gs, next)->seq < g->seq)
		next = groups_at(gs, next)->next;
	link_before(gs, list, g, next);
}

/* Takes a group out of a list. */
void groups_unlink(struct groups *gs, struct group_list *list, struct group *g)
{
	if (g->prev)
		groups_at(gs, g->prev)->next = g->next;
	else
		list->head = g->next;
	if (g->next)
		groups_at(gs, g->next)->prev = g->prev;
	else
		list->tail = g->prev;
}
