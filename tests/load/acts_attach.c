// SPDX-License-Identifier: GPL-2.0-only
/* Acts that change what a device is attached to while groups wait. */
#define _GNU_SOURCE 1
#include <errno.h>

#include "acts.h"
#include "setup.h"

/*
 * Report @n groups and read all but @queued of them, so that some wait in the
 * queue and some with user space. When the others run, they read what they can.
 */
static int make_waiting(struct scene *s, int64_t pasid, struct answer *a, unsigned int n,
			unsigned int queued)
{
	for (unsigned int i = 0; i < n; i++)
		if (scene_report_as(s, pasid, ANY) < 0)
			return -EIO;
	return s->busy ? 0 : scene_read_groups(s, a, n - queued);
}

/* With the others kept from answering, mark the groups that the kernel will answer */
static void begin_detach(struct scene *s, int64_t pasid)
{
	if (s->busy)
		pthread_rwlock_wrlock(&s->l->sh->answer_gate);
	scene_retire(s, s->dev, pasid);
}

static void end_detach(struct scene *s, int64_t pasid)
{
	scene_retired(s, s->dev, pasid);
	if (s->busy)
		pthread_rwlock_unlock(&s->l->sh->answer_gate);
}

/* Nothing may be left to read, as far as we alone read */
static void expect_empty(struct scene *s)
{
	struct uapi_pgfault buf;

	if (!s->busy)
		scene_expect(s, "read", scene_read(s, "read", &buf, sizeof(buf)), 0);
}

static void check(struct scene *s, const char *call, int ret, int want)
{
	load_outcome(s->l, s->kind, call, ret);
	scene_expect(s, call, ret, want);
}

/* A new device takes the place of the one that went */
static int new_device(struct scene *s)
{
	int ret = setup_device(s->l, s->obj);

	if (ret < 0)
		return ret;
	s->l->slots[s->slot] = (uint32_t)ret;
	return 0;
}

/* Too late: the kernel has answered this group */
static void answer_late(struct scene *s, const struct answer *a)
{
	struct uapi_response resp = { a->cookie, a->code };

	atomic_fetch_add(&s->l->sh->late, 1);
	scene_expect(s, "write", scene_write(s, "write-late", &resp, sizeof(resp)), -EINVAL);
	if (s->kind == KIND_LATE_TWICE)
		scene_expect(s, "write", scene_write(s, "write-again", &resp, sizeof(resp)),
			     -EINVAL);
}

int act_detach(struct scene *s)
{
	bool late = s->kind == KIND_DETACH_LATE || s->kind == KIND_LATE_TWICE;
	struct dev *dev = &s->l->devs[s->dev];
	struct answer a[4];

	if (make_waiting(s, ANY, a, late ? 2 : 4, late ? 0 : 2))
		return -EIO;
	begin_detach(s, PASID_ANY);
	check(s, "detach", setup_detach(s->l, dev), 0);
	end_detach(s, PASID_ANY);
	for (int i = 0; late && i < 2; i++)
		answer_late(s, &a[i]);
	expect_empty(s);
	check(s, "destroy", setup_free_domains(s->l, dev), 0);
	return new_device(s);
}

/*
 * Writers go on while the device goes, and some of their answers come late. The
 * device is alone on its object and reports nothing, so no cookie is given again
 * before all writers have seen that the groups are gone.
 */
int act_detach_race(struct scene *s)
{
	struct dev *dev = &s->l->devs[s->dev];
	struct answer a[4];

	if (make_waiting(s, ANY, a, 4, 2))
		return -EIO;
	atomic_store(&dev->racing, 1);
	check(s, "detach", setup_detach(s->l, dev), 0);
	pthread_rwlock_wrlock(&s->l->sh->answer_gate);
	scene_retire(s, s->dev, PASID_ANY);
	end_detach(s, PASID_ANY);
	check(s, "destroy", setup_free_domains(s->l, dev), 0);
	return new_device(s);
}

int act_detach_pasid(struct scene *s)
{
	struct dev *dev = &s->l->devs[s->dev];
	uint32_t pasid = 1 + (uint32_t)(s->number % s->l->o.pasids);
	struct answer a[2];
	int ret;

	if (make_waiting(s, pasid, a, 2, 1))
		return -EIO;
	begin_detach(s, pasid);
	check(s, "detach", mock_pasid_detach(&s->l->mock, &dev->mock, pasid), 0);
	end_detach(s, pasid);
	expect_empty(s);
	ret = mock_pasid_attach(&s->l->mock, &dev->mock, pasid, dev->mock.pasid_hwpt_id);
	check(s, "attach", ret, 0);
	return 0;
}

/* PASIDs with domains of their own stay attached when the device's domain goes */
static int64_t replaced_pasid(const struct scene *s)
{
	return s->l->o.own_pasids ? 0 : PASID_ANY;
}

/* Attach @pt_id in place of the device's domain, groups waiting */
static void replace_by(struct scene *s, uint32_t pt_id)
{
	int64_t pasid = replaced_pasid(s);

	begin_detach(s, pasid);
	check(s, "replace", mock_replace(&s->l->mock, &s->l->devs[s->dev].mock, pt_id), 0);
	end_detach(s, pasid);
}

int act_replace(struct scene *s)
{
	struct mock_dev *dev = &s->l->devs[s->dev].mock;
	uint32_t old = dev->hwpt_id;
	bool late = s->kind == KIND_REPLACE_LATE;
	struct answer a[4];
	int err;

	if (make_waiting(s, replaced_pasid(s), a, late ? 2 : 4, late ? 0 : 2))
		return -EIO;
	err = mock_hwpt_alloc(&s->l->mock, dev, s->l->objs[s->obj].fault_id, &dev->hwpt_id);
	if (err)
		return err;
	replace_by(s, dev->hwpt_id);
	for (int i = 0; late && i < 2; i++)
		answer_late(s, &a[i]);
	expect_empty(s);
	check(s, "destroy", mock_destroy(&s->l->mock, old), 0);
	return 0;
}

int act_replace_plain(struct scene *s)
{
	struct mock_dev *dev = &s->l->devs[s->dev].mock;
	struct answer a[4];

	if (make_waiting(s, ANY, a, 4, 2))
		return -EIO;
	replace_by(s, s->l->mock.ioas_id);
	for (int i = 0; i < 2; i++)
		check(s, "report", trigger_refused(s->l, s->dev), 0);
	expect_empty(s);
	check(s, "replace-back", mock_replace(&s->l->mock, dev, dev->hwpt_id), 0);
	return 0;
}
