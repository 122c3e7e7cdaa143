// SPDX-License-Identifier: GPL-2.0-only
/* Acts with groups of several pages, and with requests that wait for their last page. */
#include <errno.h>

#include "acts.h"
#include "clock.h"
#include "testmod.h"

#define RECORD sizeof(struct uapi_pgfault)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int act_multi_page(struct scene *s)
{
	static const unsigned int sizes[] = { 2, 17, 600, 3, 16, 33, 64, 255 };
	unsigned int pages = 0, n;
	struct answer a[3];

	for (unsigned int i = 0; i < COUNT(a); i++) {
		n = sizes[(3 * s->number + i) % COUNT(sizes)];
		pages += n;
		if (scene_report_pages(s, n, ANY, IOPF_TEST_NOT_ODD) < 0)
			return -EIO;
	}
	if (scene_read_pages(s, a, COUNT(a), pages))
		return -EIO;
	scene_answer(s, a, COUNT(a));
	return 0;
}

/*
 * Too small for the first group: an error, and the group stays (before Linux 7.2
 * 0, as if there were none). Too small for both: the first one alone.
 */
int act_short_group(struct scene *s)
{
	struct uapi_pgfault buf[8];
	struct delivered d = { .rec = buf, .obj = s->obj };
	struct answer a[2];
	ssize_t ret;

	if (scene_report_pages(s, 3, ANY, IOPF_TEST_NOT_ODD) < 0 ||
	    scene_report_pages(s, 4, ANY, IOPF_TEST_NOT_ODD) < 0)
		return -EIO;
	ret = scene_read(s, "read-short", buf, 2 * RECORD);
	scene_expect(s, "read", ret, -EINVAL);
	ret = scene_read(s, "read", buf, 6 * RECORD);
	scene_expect(s, "read", ret, 3 * RECORD);
	d.now = clock_now();
	d.records = ret > 0 ? (unsigned int)((size_t)ret / RECORD) : 0;
	if (!deliver_next(s->l, &d, &a[0]) || d.records || scene_read_pages(s, &a[1], 1, 4))
		return -EIO;
	scene_answer(s, a, 2);
	return 0;
}

/* partial-late: one group. partial-then-last: two, interleaved, and one between them */
int act_partial_then_last(struct scene *s)
{
	bool late = s->kind == KIND_PARTIAL_LATE;
	unsigned int groups = late ? 1 : 3;
	struct load *l = s->l;
	int64_t first = scene_begin(s, 4), second;
	struct answer a[3];

	if (trigger_parts(l, first, 3))
		return -EIO;
	if (late) {
		clock_sleep_until(clock_now() + l->o.slow);
	} else {
		second = scene_begin(s, 3);
		if (trigger_parts(l, second, 2) || scene_report(s) < 0 ||
		    trigger_last(l, second, IOPF_TEST_NOT_ODD))
			return -EIO;
	}
	if (trigger_last(l, first, IOPF_TEST_NOT_ODD) ||
	    scene_read_pages(s, a, groups, late ? 4 : 8))
		return -EIO;
	scene_answer(s, a, groups);
	return 0;
}

static int park(struct scene *s, uint32_t grpid, unsigned int n)
{
	int err = 0;

	for (unsigned int i = 0; i < n && !err; i++)
		err = trigger_parked(s->l, s->dev, grpid);
	scene_expect(s, "report", err, 0);
	return err ? -EIO : 0;
}

int act_partial_never_last(struct scene *s)
{
	return park(s, trigger_grpid(s->l, s->dev), 2);
}

/* After the discard the index is free: its next group has none of the old pages */
int act_partial_discard(struct scene *s)
{
	uint32_t grpid = trigger_grpid(s->l, s->dev);
	struct answer a;
	int ret;

	if (park(s, grpid, 3))
		return -EIO;
	ret = testmod_discard(&s->l->devs[s->dev]);
	load_outcome(s->l, s->kind, "discard", ret);
	scene_expect(s, "discard", ret, 0);
	atomic_fetch_add(&s->l->sh->discarded, 3);
	if (scene_report_pages(s, 2, grpid, IOPF_TEST_NOT_ODD) < 0 || scene_read_pages(s, &a, 1, 2))
		return -EIO;
	scene_answer(s, &a, 1);
	return 0;
}

int act_partial_reuse(struct scene *s)
{
	int64_t first = scene_report(s);
	struct answer a[2];

	if (first < 0 || scene_read_groups(s, &a[0], 1) ||
	    scene_report_pages(s, 2, s->l->groups[first].grpid, IOPF_TEST_NOT_ODD) < 0 ||
	    scene_read_pages(s, &a[1], 1, 2))
		return -EIO;
	scene_answer(s, a, 2);
	return 0;
}

/* A device whose domain takes no faults: the core answers INVALID, though nobody waits for it */
int act_partial_refused(struct scene *s)
{
	struct load *l = s->l;
	struct dev *dev = &l->devs[s->dev];
	uint64_t n = atomic_fetch_add(&l->sh->refused, 1);
	int err;

	err = mock_replace(&l->mock, &dev->mock, l->mock.ioas_id);
	scene_expect(s, "replace", err, 0);
	err = testmod_report_alone(dev, trigger_grpid(l, s->dev),
				   REFUSED_ADDR_BASE + n * GROUP_PAGE);
	load_outcome(l, s->kind, "report", err);
	scene_expect(s, "report", err, -EINVAL);
	err = mock_replace(&l->mock, &dev->mock, dev->mock.hwpt_id);
	scene_expect(s, "replace-back", err, 0);
	return 0;
}
