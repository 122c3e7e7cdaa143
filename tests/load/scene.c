// SPDX-License-Identifier: GPL-2.0-only
/* What acts are made of. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "acts.h"
#include "clock.h"

static struct report a_report(const struct scene *s)
{
	return (struct report){ .dev = s->dev, .role = ROLE_ACT, .pasid = ANY, .grpid = ANY };
}

int64_t scene_report_as(struct scene *s, int64_t pasid, int64_t grpid)
{
	struct report r = a_report(s);

	r.pasid = pasid;
	r.grpid = grpid;
	return trigger_group(s->l, &r);
}

int64_t scene_report_pages(struct scene *s, unsigned int pages, int64_t grpid, int odd)
{
	struct report r = a_report(s);

	r.pages = pages;
	r.grpid = grpid;
	r.odd = odd;
	return trigger_group(s->l, &r);
}

int64_t scene_begin(struct scene *s, unsigned int pages)
{
	struct report r = a_report(s);

	r.pages = pages;
	return trigger_begin(s->l, &r);
}

int64_t scene_report(struct scene *s)
{
	return scene_report_as(s, ANY, ANY);
}

ssize_t scene_read(struct scene *s, const char *call, void *buf, size_t size)
{
	ssize_t ret = io_read(s->io, s->l->fds[s->obj], buf, size, NULL);

	count_read(s->w, ret);
	load_outcome(s->l, s->kind, call, ret);
	return ret;
}

ssize_t scene_write(struct scene *s, const char *call, const void *buf, size_t size)
{
	const size_t record = sizeof(struct uapi_response);
	unsigned int n = size % record ? 0 : (unsigned int)(size / record);
	ssize_t ret = io_write(s->io, s->l->fds[s->obj], buf, size);

	count_write(s->w, n, ret);
	load_outcome(s->l, s->kind, call, ret);
	return ret;
}

int scene_read_pages(struct scene *s, struct answer *a, unsigned int n, unsigned int pages)
{
	struct uapi_pgfault *buf = calloc(pages, sizeof(*buf));
	unsigned int have = 0;
	int err = buf ? 0 : -EIO;

	while (have < n && !err) {
		ssize_t ret = io_read(s->io, s->l->fds[s->obj], buf, pages * sizeof(*buf), NULL);
		struct delivered d = { .rec = buf, .obj = s->obj, .now = clock_now() };

		count_read(s->w, ret);
		if (ret <= 0 || (size_t)ret % sizeof(*buf)) {
			load_unexpected(s->l, "%s: read of waiting groups: %s",
					kind_table[s->kind].name,
					ret < 0 ? strerrorname_np((int)-ret) :
					ret	? "torn record" :
						  "empty");
			err = -EIO;
			break;
		}
		d.records = (unsigned int)((size_t)ret / sizeof(*buf));
		pages -= d.records;
		while (have < n && deliver_next(s->l, &d, &a[have]))
			have++;
		/* More groups than are wanted, or records that are not ours */
		if (d.records || (have < n && !pages))
			err = -EIO;
	}
	free(buf);
	return err;
}

int scene_read_groups(struct scene *s, struct answer *a, unsigned int n)
{
	return scene_read_pages(s, a, n, n);
}

int scene_take(struct scene *s, struct answer *a, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (scene_report(s) < 0)
			return -EIO;
	return scene_read_groups(s, a, n);
}

void scene_answer(struct scene *s, struct answer *a, unsigned int n)
{
	answer_write(s->l, s->w, s->io, a, n);
}

void scene_keep(struct scene *s, const struct answer *a, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		load_group_done(s->l, &s->l->groups[a[i].seq], GROUP_KEPT);
}

void scene_expect(struct scene *s, const char *call, int64_t result, int64_t want)
{
	const char *name = kind_table[s->kind].name;

	if (result == want)
		return;
	if (result < 0)
		load_unexpected(s->l, "%s: %s failed with %s, expected %lld", name, call,
				strerrorname_np((int)-result), (long long)want);
	else
		load_unexpected(s->l, "%s: %s returned %lld, expected %lld", name, call,
				(long long)result, (long long)want);
}

/* May the attachment of @dev (and of @pasid alone, unless PASID_ANY) own @g? */
static bool belongs(const struct group *g, uint32_t dev, int64_t pasid)
{
	return g->dev == dev && (pasid == PASID_ANY || g->pasid == (uint64_t)pasid);
}

/* Skip what is settled for good at the front of the list of groups */
static uint64_t first_open(struct load *l)
{
	const uint32_t settled = GROUP_ANSWERED | GROUP_KERNEL | GROUP_FAILED;
	uint64_t end = atomic_load(&l->sh->next_seq);

	while (l->oldest < end && (atomic_load(&l->groups[l->oldest].flags) & settled))
		l->oldest++;
	return l->oldest;
}

void scene_retire(struct scene *s, uint32_t dev, int64_t pasid)
{
	struct load *l = s->l;
	uint64_t end = atomic_load(&l->sh->next_seq);

	for (uint64_t i = first_open(l); i < end; i++) {
		struct group *g = &l->groups[i];
		uint32_t flags = atomic_load(&g->flags);

		if ((flags & GROUP_TRIGGERED) && !(flags & GROUP_ANSWERED) &&
		    belongs(g, dev, pasid))
			atomic_fetch_or(&g->flags, GROUP_RETIRING);
	}
}

void scene_retired(struct scene *s, uint32_t dev, int64_t pasid)
{
	struct load *l = s->l;
	uint64_t end = atomic_load(&l->sh->next_seq);

	for (uint64_t i = first_open(l); i < end; i++) {
		struct group *g = &l->groups[i];
		uint32_t flags = atomic_load(&g->flags);

		if ((flags & GROUP_RETIRING) && !(flags & (GROUP_ANSWERED | GROUP_KERNEL)) &&
		    belongs(g, dev, pasid))
			load_group_done(l, g, GROUP_KERNEL);
	}
}
