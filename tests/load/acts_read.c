// SPDX-License-Identifier: GPL-2.0-only
/* Acts about reading and reporting: buffers, memory, group indexes. */
#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <string.h>

#include "acts.h"
#include "clock.h"
#include "testmod.h"

#define RECORD sizeof(struct uapi_pgfault)

/* One group waits: read and answer it */
static int finish_one(struct scene *s)
{
	struct answer a;

	if (scene_read_groups(s, &a, 1))
		return -EIO;
	scene_answer(s, &a, 1);
	return 0;
}

int act_short_buffer(struct scene *s)
{
	char buf[RECORD + 1];

	if (scene_report(s) < 0)
		return -EIO;
	scene_expect(s, "read of 0 bytes", scene_read(s, "read-0", buf, 0), -EINVAL);
	scene_expect(s, "read of 41 bytes", scene_read(s, "read-41", buf, sizeof(buf)), -ESPIPE);
	return finish_one(s);
}

int act_efault_read(struct scene *s)
{
	if (scene_report(s) < 0)
		return -EIO;
	scene_expect(s, "read", scene_read(s, "read", scene_edge(s, 0), RECORD), -EFAULT);
	return finish_one(s);
}

int act_efault_read_part(struct scene *s)
{
	/* The third record finds no room at all, or half of what it needs */
	size_t room = 2 * RECORD + (s->number % 2 ? RECORD / 2 : 0);
	struct uapi_pgfault buf[2];
	struct answer a[3];
	uint64_t now;
	ssize_t ret;

	for (int i = 0; i < 3; i++)
		if (scene_report(s) < 0)
			return -EIO;
	ret = scene_read(s, "read", scene_edge(s, room), 3 * RECORD);
	now = clock_now();
	scene_expect(s, "read", ret, 2 * RECORD);
	if (ret != 2 * (ssize_t)RECORD)
		return -EIO;
	memcpy(buf, scene_edge(s, room), sizeof(buf));
	for (int i = 0; i < 2; i++)
		if (deliver_record(s->l, s->obj, &buf[i], now, &a[i]))
			return -EIO;
	if (scene_read_groups(s, &a[2], 1))
		return -EIO;
	scene_answer(s, a, 3);
	return 0;
}

int act_grpid_reuse(struct scene *s)
{
	int64_t first = scene_report(s);
	struct answer a[2];

	if (first < 0 || scene_report_as(s, ANY, s->l->groups[first].grpid) < 0)
		return -EIO;
	if (scene_read_groups(s, a, 2))
		return -EIO;
	scene_answer(s, a, 2);
	return 0;
}

/* Once more, and once more: so often, so far apart */
#define AGAIN 12
#define AGAIN_NS (15 * NSEC_PER_MSEC)

/* The same read, which cannot go well. The last result */
static ssize_t read_again(struct scene *s, void *buf, size_t size, ssize_t want)
{
	ssize_t ret = 0;

	for (int i = 0; i < AGAIN; i++) {
		clock_sleep_until(clock_now() + AGAIN_NS);
		ret = scene_read(s, "read-again", buf, size);
		if (ret != want)
			break;
	}
	return ret;
}

int act_small_reads(struct scene *s)
{
	struct uapi_pgfault buf[2];
	struct answer a;
	ssize_t ret;

	if (scene_report_pages(s, 3, ANY, IOPF_TEST_NOT_ODD) < 0)
		return -EIO;
	ret = read_again(s, buf, sizeof(buf), -EINVAL);
	if (ret) /* before Linux 7.2 it is 0, as if there were none */
		scene_expect(s, "read", ret, -EINVAL);
	if (scene_read_pages(s, &a, 1, 3))
		return -EIO;
	scene_answer(s, &a, 1);
	return ret ? 0 : -EOPNOTSUPP;
}

int act_efault_loop(struct scene *s)
{
	if (scene_report(s) < 0)
		return -EIO;
	scene_expect(s, "read", read_again(s, scene_edge(s, 0), RECORD, -EFAULT), -EFAULT);
	return finish_one(s);
}

int act_rename(struct scene *s)
{
	char name[16];

	snprintf(name, sizeof(name), "scene-%u", (unsigned int)s->number % 1000);
	prctl(PR_SET_NAME, name);
	return scene_report(s) < 0 ? -EIO : finish_one(s);
}

int act_busy_poll(struct scene *s)
{
	struct uapi_pgfault buf;
	ssize_t ret = 0;

	for (int i = 0; i < 20000 && !ret; i++)
		ret = io_read(s->io, s->l->fds[s->obj], &buf, sizeof(buf), NULL);
	load_outcome(s->l, s->kind, "read-empty", ret);
	scene_expect(s, "read of an empty queue", ret, 0);
	return 0;
}
