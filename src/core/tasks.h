/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The tasks that records speak of: a small number for each, and its name. A thread id that comes
 * back in another process is another task; its old entry stays for those who hold its number.
 */
#ifndef IOPF_CORE_TASKS_H
#define IOPF_CORE_TASKS_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stdint.h>

#include "iopftrace/event.h"
#include "map.h"

/* As many are told apart; further ones are nobody. */
#define TASKS_MAX (1U << 20)

#define TASKS_RECENT 64U

struct task {
	uint32_t tid, tgid;
	char comm[IOPF_COMM_LEN]; /* "" = not known */
	uint64_t write_ns; /* when its last write that was seen to answer was entered */
	uint64_t stuck_ns; /* when its last write that was said to take too long was entered */
};

/* A zeroed struct is empty. Number 0 is nobody. */
struct tasks {
	struct task *task;
	uint32_t nr, max;
	struct map by_tid; /* its account is that of all */
	bool full; /* some are nobody, since there are too many */
	uint32_t recent[TASKS_RECENT]; /* found last, by the lowest bits of their thread ids */
};

/* Frees it. */
void tasks_free(struct tasks *t);

/* Whether a task with this number is this one. */
static inline bool tasks_is(const struct tasks *t, uint32_t number, uint32_t tgid, uint32_t tid)
{
	return number && t->task[number - 1].tid == tid && t->task[number - 1].tgid == tgid;
}

/* The same as tasks_get(), of one that was not found a short time ago. */
uint32_t tasks_search(struct tasks *t, uint32_t tgid, uint32_t tid);

/* The number of a task; 0 for tid 0 and when there is no room. */
static inline uint32_t tasks_get(struct tasks *t, uint32_t tgid, uint32_t tid)
{
	uint32_t number = t->recent[tid % TASKS_RECENT];

	return tasks_is(t, number, tgid, tid) ? number : tasks_search(t, tgid, tid);
}

/* Names a task. 0 or -ENOMEM. */
int tasks_name(struct tasks *t, uint32_t tgid, uint32_t tid, const char *comm);

/* The task with this number. Valid until the next tasks_get() or tasks_name(). */
const struct task *tasks_at(const struct tasks *t, uint32_t number);

/*
 * Whether the write that a task, by its number, entered at @enter_ns is another one than its last; it is
 * its last then. True when that is not known.
 */
static inline bool tasks_new_write(struct tasks *t, uint32_t number, uint64_t enter_ns)
{
	if (!number || !enter_ns)
		return true;
	if (t->task[number - 1].write_ns == enter_ns)
		return false;
	t->task[number - 1].write_ns = enter_ns;
	return true;
}

/* Whether the write that a task entered at @enter_ns has not been said to take too long; it has then. */
bool tasks_stuck(struct tasks *t, uint32_t tgid, uint32_t tid, uint64_t enter_ns);

/* The number of the task that has this thread id now, or 0. */
uint32_t tasks_find(const struct tasks *t, uint32_t tid);

#endif /* IOPF_CORE_TASKS_H */
