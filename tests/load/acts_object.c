// SPDX-License-Identifier: GPL-2.0-only
/* Acts with a fault object of their own, and the exit. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <unistd.h>

#include "acts.h"
#include "setup.h"

static void check(struct scene *s, const char *call, int ret, int want)
{
	load_outcome(s->l, s->kind, call, ret);
	scene_expect(s, call, ret, want);
}

static int report(struct scene *s, unsigned int n)
{
	int64_t pasid = s->l->o.own_pasids ? 0 : ANY;

	for (unsigned int i = 0; i < n; i++)
		if (scene_report_as(s, pasid, ANY) < 0)
			return -EIO;
	return 0;
}

static int new_object(struct scene *s)
{
	int obj = setup_object(s->l);

	if (obj >= 0)
		s->l->objs[obj].temporary = true;
	return obj;
}

/* Attach a new domain that delivers to object @obj; the old one is destroyed */
static int move_to(struct scene *s, uint32_t obj)
{
	int64_t pasid = s->l->o.own_pasids ? 0 : PASID_ANY;
	struct load *l = s->l;
	struct dev *dev = &l->devs[s->dev];
	uint32_t old = dev->mock.hwpt_id;
	int err;

	err = mock_hwpt_alloc(&l->mock, &dev->mock, l->objs[obj].fault_id, &dev->mock.hwpt_id);
	if (err)
		return err;
	scene_retire(s, s->dev, pasid);
	check(s, "replace", mock_replace(&l->mock, &dev->mock, dev->mock.hwpt_id), 0);
	scene_retired(s, s->dev, pasid);
	check(s, "destroy", mock_destroy(&l->mock, old), 0);
	dev->obj = obj;
	s->obj = obj;
	return 0;
}

int act_replace_object(struct scene *s)
{
	uint32_t home = s->obj;
	struct answer a[2];
	int obj = new_object(s), err;

	if (obj < 0)
		return obj;
	if (report(s, 2) || scene_read_groups(s, a, 1))
		return -EIO;
	err = move_to(s, (uint32_t)obj);
	if (err)
		return err;
	if (report(s, 3) || scene_read_groups(s, a, 2))
		return -EIO;
	scene_answer(s, a, 1);
	err = move_to(s, home);
	if (err)
		return err;
	close(s->l->fds[obj]);
	check(s, "destroy", mock_destroy(&s->l->mock, s->l->objs[obj].fault_id), 0);
	return 0;
}

int act_destroy(struct scene *s)
{
	struct load *l = s->l;
	struct answer a[2];
	struct dev *dev;
	uint32_t fault_id;
	int obj = new_object(s), ret;

	ret = obj < 0 ? obj : setup_device(l, (uint32_t)obj);
	if (ret < 0)
		return ret;
	s->obj = (uint32_t)obj;
	s->dev = (uint32_t)ret;
	dev = &l->devs[s->dev];
	fault_id = l->objs[obj].fault_id;
	for (int i = 0; i < 4; i++)
		if (scene_report(s) < 0)
			return -EIO;
	if (scene_read_groups(s, a, 2))
		return -EIO;
	check(s, "destroy-busy-object", mock_destroy(&l->mock, fault_id), -EBUSY);
	check(s, "destroy-busy-domain", mock_destroy(&l->mock, dev->mock.hwpt_id), -EBUSY);
	scene_retire(s, s->dev, PASID_ANY);
	check(s, "destroy-device", setup_detach(l, dev), 0);
	scene_retired(s, s->dev, PASID_ANY);
	check(s, "destroy-domain", setup_free_domains(l, dev), 0);
	check(s, "destroy-open-object", mock_destroy(&l->mock, fault_id), -EBUSY);
	close(l->fds[obj]);
	check(s, "destroy-object", mock_destroy(&l->mock, fault_id), 0);
	return 0;
}

int act_exit(struct scene *s)
{
	struct answer a[2];

	for (int i = 0; i < 4; i++)
		if (scene_report(s) < 0)
			return -EIO;
	if (scene_read_groups(s, a, 2))
		return -EIO;
	s->l->left = true;
	return 0;
}
