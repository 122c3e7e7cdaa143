// SPDX-License-Identifier: GPL-2.0-only
/* Acts in which the kernel does wrong, by the test module: odd groups, and a bad driver. */
#include <errno.h>

#include "acts.h"
#include "clock.h"
#include "testmod.h"

#define RECORD sizeof(struct uapi_pgfault)
#define PAGES_MAX 8

/* A group that is made odd, and what a read of it returns */
struct odd {
	enum iopf_test_odd how;
	unsigned int pages; /* reported */
	unsigned int records; /* read */
};

/* Report, read and answer it; what the records look like is not looked at */
static int perform(struct scene *s, const struct odd *odd, int64_t grpid)
{
	struct uapi_pgfault buf[PAGES_MAX];
	int64_t seq = scene_report_pages(s, odd->pages, grpid, odd->how);
	struct answer a;
	ssize_t ret;
	int off;

	if (seq < 0)
		return -EIO;
	ret = scene_read(s, "read", buf, sizeof(buf));
	scene_expect(s, "read", ret, odd->records * RECORD);
	if (ret > 0) {
		s->l->groups[seq].pages = odd->records;
		deliver_as(s->l, s->obj, (uint64_t)seq, buf, clock_now(), &a);
		scene_answer(s, &a, 1);
	}
	off = testmod_off(&s->l->devs[s->dev]);
	scene_expect(s, "off", off, 0);
	return ret > 0 ? 0 : -EIO;
}

int act_torn(struct scene *s)
{
	static const struct odd odd[] = {
		{ IOPF_TEST_LOST, 3, 2 },
		{ IOPF_TEST_FIRST_LAST, 3, 3 },
	};

	return perform(s, &odd[s->number % 2], ANY);
}

/* Who has just begun to look cannot know what waited before: the index is one used since */
int act_partial_extra(struct scene *s)
{
	static const struct odd odd[] = {
		{ IOPF_TEST_EXTRA, 2, 3 },
		{ IOPF_TEST_MISSING, 3, 2 },
	};
	struct answer a;

	if (scene_take(s, &a, 1))
		return -EIO;
	scene_answer(s, &a, 1);
	return perform(s, &odd[s->number % 2], s->l->groups[a.seq].grpid);
}

int act_last_page_only(struct scene *s)
{
	static const struct odd odd = { IOPF_TEST_NOT_LAST, 1, 1 };

	return perform(s, &odd, ANY);
}

static enum iopf_test_driver_mode driver_mode(enum kind kind)
{
	switch (kind) {
	case KIND_DRIVER_SLOW:
		return IOPF_TEST_DRIVER_SLOW;
	case KIND_DRIVER_TWICE:
		return IOPF_TEST_DRIVER_TWICE;
	case KIND_DRIVER_SILENT:
		return IOPF_TEST_DRIVER_SILENT;
	default:
		return IOPF_TEST_DRIVER_CODE;
	}
}

int act_driver(struct scene *s)
{
	const struct dev *dev = &s->l->devs[s->dev];
	struct answer a;
	int ret;

	if (scene_take(s, &a, 1))
		return -EIO;
	ret = testmod_driver(dev, driver_mode(s->kind), s->l->o.slow, RESP_INVALID);
	scene_expect(s, "driver", ret, 0);
	scene_answer(s, &a, 1);
	ret = testmod_off(dev);
	load_outcome(s->l, s->kind, "changed-answers", ret);
	scene_expect(s, "off", ret, 1);
	return 0;
}
