// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The tasks that records speak of. */
#define IOPF_CORE_PRIVATE
#include "tasks.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const struct task nobody;

/* Frees it. */
void tasks_free(struct tasks *t)
{
	memory_free(t->by_tid.memory, t->task);
	map_free(&t->by_tid);
}

/* The task with this number. */
const struct task *tasks_at(const struct tasks *t, uint32_t number)
{
	return number && number <= t->nr ? &t->task[number - 1] : &nobody;
}

/* The number of the task that has this thread id now. */
uint32_t tasks_find(const struct tasks *t, uint32_t tid)
{
	return map_get(&t->by_tid, tid);
}

/* Makes room for one more task. */
static int grow(struct tasks *t)
{
	uint32_t max = t->max ? t->max * 2 : 64;
	struct task *task;

	if (t->nr < t->max)
		return 0;
	task = memory_realloc(t->by_tid.memory, t->task, max * sizeof(*task));
	if (!task)
		return -ENOMEM;
	t->task = task;
	t->max = max;
	return 0;
}

/* Looks a task up, and makes it known if it was not. */
uint32_t tasks_search(struct tasks *t, uint32_t tgid, uint32_t tid)
{
	uint32_t number = map_get(&t->by_tid, tid);

	if (!tasks_is(t, number, tgid, tid)) {
		t->full |= t->nr == TASKS_MAX;
		if (!tid || t->nr == TASKS_MAX || grow(t) || map_set(&t->by_tid, tid, t->nr + 1))
			return 0;
		t->task[t->nr] = (struct task){ .tid = tid, .tgid = tgid };
		number = ++t->nr;
	}
	t->recent[tid % TASKS_RECENT] = number;
	return number;
}

/* Names a task. */
int tasks_name(struct tasks *t, uint32_t tgid, uint32_t tid, const char *comm)
{
	uint32_t number = tasks_get(t, tgid, tid);

	if (!number)
		return tid && t->nr < TASKS_MAX ? -ENOMEM : 0;
	memcpy(t->task[number - 1].comm, comm, IOPF_COMM_LEN);
	t->task[number - 1].comm[IOPF_COMM_LEN - 1] = 0;
	return 0;
}

/* Whether this write has not been said to take too long. */
bool tasks_stuck(struct tasks *t, uint32_t tgid, uint32_t tid, uint64_t enter_ns)
{
	uint32_t number = tasks_get(t, tgid, tid);

	if (number && t->task[number - 1].stuck_ns == enter_ns)
		return false;
	if (number)
		t->task[number - 1].stuck_ns = enter_ns;
	return true;
}
