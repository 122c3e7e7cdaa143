/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The pool, the indexes and the lists of the groups. Each index is a table of chains, through a field of the groups
 * themselves. Inline, since every record needs them, and nearly always finds what it looks for at the
 * first place.
 */
#ifndef IOPF_CORE_GROUPS_INDEX_H
#define IOPF_CORE_GROUPS_INDEX_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "groups.h"
#include "handles.h"

/* Whether one more group goes into an index without making it larger. */
static inline bool groups_index_has_room(const struct group_index *index)
{
	return index->used < 2 * index->size;
}

/* Whether the pool has a free place. */
static inline bool groups_has_place(const struct groups *gs)
{
	return gs->free || gs->nr_ever < gs->nr_chunks * GROUPS_PER_CHUNK;
}

/* Takes a free place, of which there must be one. Nothing in it is set but its number. */
static inline struct group *groups_take(struct groups *gs)
{
	uint32_t id = gs->free ? gs->free : ++gs->nr_ever;
	struct group *g = groups_at(gs, id);

	if (gs->free)
		gs->free = g->next;
	g->id = id;
	gs->nr_used++;
	return g;
}

/* Where the chain of a pointer begins. */
static inline uint32_t *groups_pointer_head(const struct groups *gs, uint64_t pointer)
{
	return &gs->by_pointer.head[map_mix(gs->seed, pointer) & (gs->by_pointer.size - 1)];
}

/* Where the chain of a cookie begins. */
static inline uint32_t *groups_cookie_head(const struct groups *gs, uint32_t object,
					   uint32_t cookie)
{
	uint64_t key = (uint64_t)object << 32 | cookie;

	return &gs->by_cookie.head[map_mix(gs->seed, key) & (gs->by_cookie.size - 1)];
}

/* The number of the device of a group. */
static inline uint32_t groups_device(const struct groups *gs, const struct group *g)
{
	return handles_at(gs->handles, g->handle)->device;
}

/* Where the chain of a group index of a device begins. */
static inline uint32_t *groups_request_head(const struct groups *gs, uint32_t device,
					    uint32_t grpid)
{
	uint64_t key = (uint64_t)device << 32 | grpid;

	return &gs->by_request.head[map_mix(gs->seed, key) & (gs->by_request.size - 1)];
}

/* Makes a group known by its pointer, whose chain begins at @head; the index must have room. */
static inline void groups_link_pointer(struct groups *gs, uint32_t *head, struct group *g)
{
	g->next_by_pointer = *head;
	*head = g->id;
	g->state |= GROUP_BY_POINTER;
	gs->by_pointer.used++;
}

/* The same of its cookie. */
static inline void groups_link_cookie(struct groups *gs, uint32_t *head, struct group *g)
{
	g->next_by_cookie = *head;
	*head = g->id;
	g->state |= GROUP_BY_COOKIE;
	gs->by_cookie.used++;
}

/* The same of its request. */
static inline void groups_link_request(struct groups *gs, uint32_t *head, struct group *g)
{
	g->next_by_request = *head;
	*head = g->id;
	g->state |= GROUP_BY_REQUEST;
	gs->by_request.used++;
}

/* Makes a group unknown by its pointer; @link is the one to it. */
static inline void groups_unlink_pointer(struct groups *gs, uint32_t *link, struct group *g)
{
	*link = g->next_by_pointer;
	g->state &= ~GROUP_BY_POINTER;
	gs->by_pointer.used--;
}

/* The same of its cookie, which it keeps. */
static inline void groups_unlink_cookie(struct groups *gs, uint32_t *link, struct group *g)
{
	*link = g->next_by_cookie;
	g->state &= ~GROUP_BY_COOKIE;
	gs->by_cookie.used--;
}

/* Makes a group unknown by its pointer. */
static inline void groups_unindex_pointer(struct groups *gs, struct group *g)
{
	uint32_t *link;

	if (!(g->state & GROUP_BY_POINTER))
		return;
	link = groups_pointer_head(gs, g->pointer);
	while (*link != g->id)
		link = &groups_at(gs, *link)->next_by_pointer;
	groups_unlink_pointer(gs, link, g);
}

/* Makes a group unknown by its cookie, which it keeps. */
static inline void groups_unindex_cookie(struct groups *gs, struct group *g)
{
	uint32_t *link;

	if (!(g->state & GROUP_BY_COOKIE))
		return;
	link = groups_cookie_head(gs, g->object, g->cookie);
	while (*link != g->id)
		link = &groups_at(gs, *link)->next_by_cookie;
	groups_unlink_cookie(gs, link, g);
}

/* Makes a group unknown by its request. */
static inline void groups_unindex_request(struct groups *gs, struct group *g)
{
	uint32_t *link;

	if (!(g->state & GROUP_BY_REQUEST))
		return;
	link = groups_request_head(gs, groups_device(gs, g), g->grpid);
	while (*link != g->id)
		link = &groups_at(gs, *link)->next_by_request;
	*link = g->next_by_request;
	g->state &= ~GROUP_BY_REQUEST;
	gs->by_request.used--;
}

/*
 * The first link to a group with this pointer, in a chain that begins at @link: at the head of it, or of
 * a group. 0 is there if there is none.
 */
static inline uint32_t *groups_find_pointer(const struct groups *gs, uint32_t *link,
					    uint64_t pointer)
{
	while (*link && groups_at(gs, *link)->pointer != pointer)
		link = &groups_at(gs, *link)->next_by_pointer;
	return link;
}

/* The same of an object with a cookie. */
static inline uint32_t *groups_find_cookie(const struct groups *gs, uint32_t *link, uint32_t object,
					   uint32_t cookie)
{
	while (*link) {
		struct group *g = groups_at(gs, *link);

		if (g->cookie == cookie && g->object == object)
			break;
		link = &g->next_by_cookie;
	}
	return link;
}

/* The same of a device with a group index. */
static inline uint32_t *groups_find_request(const struct groups *gs, uint32_t *link,
					    uint32_t device, uint32_t grpid)
{
	while (*link) {
		struct group *g = groups_at(gs, *link);

		if (g->grpid == grpid && groups_device(gs, g) == device)
			break;
		link = &g->next_by_request;
	}
	return link;
}

/* The group that a link leads to; NULL = none. */
static inline struct group *groups_linked(const struct groups *gs, const uint32_t *link)
{
	return *link ? groups_at(gs, *link) : NULL;
}

/* A group with this pointer: one when @after is NULL, else another one after that; NULL = no more. */
static inline struct group *groups_by_pointer(const struct groups *gs, uint64_t pointer,
					      struct group *after)
{
	uint32_t *from = after ? &after->next_by_pointer : groups_pointer_head(gs, pointer);

	return groups_linked(gs, groups_find_pointer(gs, from, pointer));
}

/* The same of an object with a cookie. */
static inline struct group *groups_by_cookie(const struct groups *gs, uint32_t object,
					     uint32_t cookie, struct group *after)
{
	uint32_t *from = after ? &after->next_by_cookie : groups_cookie_head(gs, object, cookie);

	return groups_linked(gs, groups_find_cookie(gs, from, object, cookie));
}

/* The same of a device with a group index. */
static inline struct group *groups_by_request(const struct groups *gs, uint32_t device,
					      uint32_t grpid, struct group *after)
{
	uint32_t *from = after ? &after->next_by_request : groups_request_head(gs, device, grpid);

	return groups_linked(gs, groups_find_request(gs, from, device, grpid));
}

/* Gives the place of a group back that is in no list and no index, and has no answer. */
static inline void groups_release(struct groups *gs, struct group *g)
{
	g->state = 0;
	g->next = gs->free;
	gs->free = g->id;
	gs->nr_used--;
}

/* Gives a group back. It must be in no list; the indexes are seen to. */
static inline void groups_put(struct groups *gs, struct group *g)
{
	groups_unindex_pointer(gs, g);
	groups_unindex_cookie(gs, g);
	groups_unindex_request(gs, g);
	if (g->state & GROUP_ANSWERED)
		memory_free(gs->memory, g->answer);
	groups_release(gs, g);
}

/* Puts a group into a list before another, or at its end when that is 0. */
static inline void groups_link_before(struct groups *gs, struct group_list *list, struct group *g,
				      uint32_t next)
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
static inline void groups_append(struct groups *gs, struct group_list *list, struct group *g)
{
	groups_link_before(gs, list, g, 0);
}

/* Takes a group out of a list. */
static inline void groups_unlink(struct groups *gs, struct group_list *list, struct group *g)
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

#endif /* IOPF_CORE_GROUPS_INDEX_H */
