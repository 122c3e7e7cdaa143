/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The groups that are being followed: where they are kept and how they are found.
 *
 * A group is found by its kernel pointer while its answer was not seen, and by (object, cookie) once
 * it was handed out. Neither names it for ever: the kernel uses both again, and the record of an
 * answer can come after that of the group that uses them next. So several may have the same. It is
 * also found by its request: its device's number and its group index.
 *
 * Of those that have the same key no more than GROUPS_SAME are found by it: a kernel makes a few such at
 * most, and a chain of all groups would be walked again and again.
 *
 * Memory: a group of 112 bytes, and in each of the three indexes at most 4 bytes a group, since an
 * index has at most as many heads as groups: 124 bytes for an outstanding group.
 */
#ifndef IOPF_CORE_GROUPS_H
#define IOPF_CORE_GROUPS_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/event.h"
#include "iopftrace/report.h"
#include "map.h"

/* What is known of a group: a set. */
enum group_state {
	GROUP_USED = 1 << 0, /* not a free place of the pool */
	GROUP_ADOPTED = 1 << 1, /* its beginning was not seen */
	GROUP_VAGUE = 1 << 2, /* adopted from an answer: device and address are not known */
	GROUP_DELIVERED = 1 << 3, /* it has left the queue for user space */
	GROUP_TIMED = 1 << 4, /* deliver_ns can be used: no gap between its beginning and that */
	GROUP_ANSWERED = 1 << 5, /* but the record of its read has still to come */
	GROUP_QUEUED = 1 << 6, /* in its object's queue */
	GROUP_BY_POINTER = 1 << 7, /* in the index */
	GROUP_BY_COOKIE = 1 << 8, /* in the index */
	GROUP_PASSED = 1 << 9, /* delivered, because later groups were; not counted as delivered */
	GROUP_REPLACED = 1 << 10, /* its memory is another group's */
	GROUP_SURE = 1 << 11, /* when it was delivered, no group that may look alike was unknown */
	GROUP_ORPHAN = 1 << 12, /* adopted when it was delivered: in its object's list of these */
	GROUP_BY_REQUEST = 1 << 13, /* in the index */
	GROUP_HANDED_OUT =
		1 << 14, /* the walk at the end found it among those that have been read */
	GROUP_MISNAMED = 1 << 15, /* a read showed another cookie of it than the kernel's */
};

#define GROUPS_SAME 64

/* What rules remember about a group: a set. */
enum group_mark {
	MARK_ALONE = 1 << 0, /* when it was queued, all earlier ones were: IOPF_ENQUEUE_ALONE */
	MARK_SUSPECT = 1 << 1, /* there are suspicions about it */
	MARK_LATE = 1 << 2, /* said to be unanswered for too long */
	MARK_UNREAD = 1 << 3, /* said to be unread for too long */
	MARK_FOUND = 1 << 4, /* adopted from a walk of its object */
	MARK_HELD = 1 << 5, /* seen by the walk at the end */
	MARK_PAGES = 1 << 6, /* its pages are known */
	MARK_UNWRITTEN = 1 << 7, /* given an answer that was written for another cookie */
	MARK_ANSWERING = 1 << 8, /* at the end its driver was being told */
	MARK_FOREIGN = 1 << 9, /* a read of another object's delivered it, and has counted it */
	MARK_REFUSED = 1 << 10, /* an answer to it was written, and not taken */
	MARK_NO_COOKIE = 1 << 11, /* said to have been answered without ever having had a cookie */
};

/* How a group was answered. */
struct answer {
	uint64_t write_ns; /* 0 = not known */
	uint64_t ack_ns;
	uint64_t caller_ns; /* when the call that gave it was entered; 0 = not known */
	uint64_t seq; /* of its record */
	uint32_t cookie; /* see groups_answer_named() */
	uint32_t code;
	uint32_t tgid, tid; /* of the task that answered */
	enum iopf_responder by;
	bool certain; /* no gap between the group's beginning and this */
	bool fetched; /* the kernel had given it a cookie, or may have */
};

struct group {
	union {
		uint64_t pointer; /* struct iopf_group; 0 = not known */
		struct answer *answer; /* with GROUP_ANSWERED; owned */
	};
	uint64_t seq; /* of the record that showed it first */
	uint64_t report_ns, queue_ns; /* 0 = not known */
	uint64_t enter_ns, deliver_ns; /* of the read that delivered it; 0 = not known */
	uint64_t addr; /* of the last page */
	uint32_t id; /* its number in the pool, from 1 */
	uint32_t prev, next; /* in the list it is in */
	uint32_t next_by_pointer, next_by_cookie, next_by_request;
	uint32_t object : 17;
	uint32_t flags : 8; /* IOPF_PRQ_*, and what else the kernel had there */
	uint32_t perm : 4;
	uint32_t shown_before : 1; /* what its read showed, cookie included, was shown for one like it before */
	uint32_t handle; /* number: its device, and how it is attached; not changed while it is in by_request */
	uint32_t pasid, grpid;
	uint32_t cookie; /* 0 = not known, but with GROUP_BY_COOKIE */
	uint32_t epoch; /* in which it began */
	uint32_t reader : 20; /* task number */
	uint32_t marks : 12; /* set of enum group_mark */
	uint16_t state;
	uint16_t pages; /* UINT16_MAX = as many or more */
};

_Static_assert(sizeof(struct group) == 112, "128 bytes an outstanding group, indexes included");

/*
 * Whether the cookie of an answer is known: the record of one by user space has it, also if it is 0, since
 * that is how the group was found; in others 0 may mean that there was none, or that it is not told.
 */
static inline bool groups_answer_named(const struct answer *a)
{
	return a->cookie || a->by == IOPF_BY_USER;
}

/* The same of what is believed to be a group's delivery. */
static inline bool groups_named(const struct group *g)
{
	return g->cookie || g->state & GROUP_BY_COOKIE;
}

/* A number of pages as a group keeps it. */
static inline uint16_t groups_pages(uint32_t pages)
{
	return pages < UINT16_MAX ? (uint16_t)pages : UINT16_MAX;
}

/* A list of groups; a group is in one at most. */
struct group_list {
	uint32_t head, tail;
};

#define GROUPS_PER_CHUNK 1024U

struct group_index {
	uint32_t *head;
	size_t size; /* a power of two */
	size_t used;
};

struct handles;

struct groups {
	const struct handles *handles; /* that groups name */
	struct group **chunk;
	size_t nr_chunks, max_chunks;
	uint32_t nr_used, nr_ever; /* groups held, and numbers ever given */
	uint32_t limit;
	uint32_t free; /* list of free places, through next */
	struct group_index by_pointer, by_cookie, by_request;
	struct map_seed seed; /* of the indexes */
	struct memory *memory; /* the account */
	bool crowded; /* some group is not found by its cookie, since too many have the same */
};

/* Makes a table for at most @limit groups. 0 or -ENOMEM. */
int groups_init(struct groups *gs, const struct handles *handles, size_t limit,
		struct map_seed seed, struct memory *memory);

/* Frees the table, and the answers in it. */
void groups_free(struct groups *gs);

/* A new group, zeroed but for its number. NULL at the limit (@full) or out of memory. */
struct group *groups_new(struct groups *gs, bool *full);

/* The group with this number, which must have been given. */
static inline struct group *groups_at(const struct groups *gs, uint32_t id)
{
	return &gs->chunk[(id - 1) / GROUPS_PER_CHUNK][(id - 1) % GROUPS_PER_CHUNK];
}

/* Makes a group known by its pointer, if it has one. */
void groups_index_pointer(struct groups *gs, struct group *g);

/* Sets a group's cookie and makes it known by that, unless too many are. */
void groups_index_cookie(struct groups *gs, struct group *g, uint32_t cookie);

/* Makes a group known by its request, unless too many are. */
void groups_index_request(struct groups *gs, struct group *g);

/* Puts a group into a list that is in order of seq, where it belongs. */
void groups_insert(struct groups *gs, struct group_list *list, struct group *g);

#endif /* IOPF_CORE_GROUPS_H */
