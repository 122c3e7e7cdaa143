// SPDX-License-Identifier: GPL-2.0-only
/* Acts about reading and reporting: buffers, memory, group indexes. */
#include <errno.h>
#include <string.h>

#include "acts.h"
#include "clock.h"

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
