// SPDX-License-Identifier: GPL-2.0-only
/* Reporting page requests from the mock devices. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <string.h>

#include "acts.h"
#include "clock.h"
#include "testmod.h"
#include "trigger.h"

#define GRPID_MASK 0x1ff /* PCIe: 9 bits of page request group index */

/* How often a thread that waits for room looks whether the run is over */
#define LOOK_NS (50 * NSEC_PER_MSEC)

static int report_ioctl(struct load *l, const struct group *g, uint64_t addr)
{
	struct uapi_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = TEST_TRIGGER_IOPF,
		.iopf = {
			.dev_id = g->dev_id,
			.pasid = g->pasid,
			.grpid = g->grpid,
			.perm = g->perm,
			.addr = addr,
		},
	};

	return ioctl(l->mock.fd, IOMMUFD_TEST_CMD, &cmd) < 0 ? -errno : 0;
}

/* PASIDs in turn; with domains of their own, no PASID has its turn too */
static uint32_t next_pasid(const struct load *l, uint32_t index)
{
	uint32_t pasids = (uint32_t)l->o.pasids;

	if (!pasids)
		return 0;
	return l->o.own_pasids ? index % (pasids + 1) : 1 + index % pasids;
}

/* A number for a group; its index is that, or part of it */
static uint32_t next_index(struct load *l, uint32_t dev)
{
	return atomic_fetch_add(&l->devs[dev].next_grpid, 1);
}

static uint32_t grpid_of(const struct load *l, uint32_t index)
{
	return l->o.grpid_wrap ? index & GRPID_MASK : index;
}

uint32_t trigger_grpid(struct load *l, uint32_t dev)
{
	return grpid_of(l, next_index(l, dev));
}

static void fill_group(struct load *l, const struct report *r, struct group *g)
{
	struct dev *dev = &l->devs[r->dev];
	uint32_t index = next_index(l, r->dev);

	g->dev = r->dev;
	g->dev_id = dev->mock.dev_id;
	g->obj = dev->obj;
	g->pasid = r->pasid == ANY ? next_pasid(l, index) : (uint32_t)r->pasid;
	g->grpid = grpid_of(l, r->grpid == ANY ? index : (uint32_t)r->grpid);
	g->perm = 1 + index % 3; /* read, write, both */
	g->role = r->role;
	g->pages = r->pages ? r->pages : 1;
}

/* There will be no such group */
static int give_up(struct load *l, struct group *g, int err)
{
	atomic_store(&g->flags, GROUP_FAILED);
	atomic_fetch_add(&l->sh->failed, 1);
	load_unexpected(l, "report of device %u failed: %s", g->dev_id, strerrorname_np(-err));
	return err;
}

int64_t trigger_begin(struct load *l, const struct report *r)
{
	uint64_t seq = atomic_fetch_add(&l->sh->next_seq, 1);

	fill_group(l, r, &l->groups[seq]);
	return (int64_t)seq;
}

int trigger_parts(struct load *l, int64_t seq, unsigned int n)
{
	struct group *g = &l->groups[seq];
	int err = 0;

	for (unsigned int i = 1; i <= n && !err; i++)
		err = testmod_report(&l->devs[g->dev], g, (uint64_t)seq, i, IOPF_TEST_NOT_ODD);
	return err ? give_up(l, g, err) : 0;
}

int trigger_last(struct load *l, int64_t seq, int odd)
{
	struct group *g = &l->groups[seq];
	int err;

	atomic_store(&g->flags, GROUP_TRIGGERED);
	atomic_fetch_add(&l->sh->made, 1);
	g->t_trigger = clock_now();
	if (g->pages > 1 || odd)
		err = testmod_report(&l->devs[g->dev], g, (uint64_t)seq, 0, odd);
	else
		err = report_ioctl(l, g, group_addr((uint64_t)seq));
	g->t_queued = clock_now();
	if (!err)
		return 0;
	atomic_fetch_sub(&l->sh->made, 1);
	return give_up(l, g, err);
}

int64_t trigger_group(struct load *l, const struct report *r)
{
	int64_t seq = trigger_begin(l, r);
	int err = trigger_parts(l, seq, l->groups[seq].pages - 1);

	if (!err)
		err = trigger_last(l, seq, r->odd);
	return err ? err : seq;
}

int trigger_parked(struct load *l, uint32_t dev, uint32_t grpid)
{
	uint64_t n = atomic_fetch_add(&l->sh->parked, 1);

	return testmod_report_alone(&l->devs[dev], grpid, PARKED_ADDR_BASE + n * GROUP_PAGE);
}

int trigger_refused(struct load *l, uint32_t dev)
{
	struct group g = {
		.dev_id = l->devs[dev].mock.dev_id,
		.grpid = trigger_grpid(l, dev),
		.perm = 1,
	};
	uint64_t n = atomic_fetch_add(&l->sh->refused, 1);

	return report_ioctl(l, &g, REFUSED_ADDR_BASE + n * GROUP_PAGE);
}

static bool over(const struct load *l)
{
	return load_stopped(l) || atomic_load(&l->sh->quit);
}

/* Wait for room among the groups in flight; false = the run is over */
static bool take_slot(struct load *l)
{
	while (l->o.in_flight && !over(l)) {
		struct timespec look = clock_timespec(clock_now() + LOOK_NS);

		if (!sem_clockwait(&l->sh->slots, CLOCK_MONOTONIC, &look))
			return true;
	}
	return !over(l);
}

/* Sleep until it is the turn of group @index of the load */
static void keep_rate(const struct load *l, uint64_t index)
{
	uint64_t due, now;

	if (l->o.rate <= 0)
		return;
	due = l->t_start + (uint64_t)((double)index * 1e9 / l->o.rate);
	while (!over(l) && (now = clock_now()) < due)
		clock_sleep_until(due - now > LOOK_NS ? now + LOOK_NS : due);
}

static void report_one(struct load *l, uint64_t index)
{
	struct report r = {
		.role = load_role(l, index),
		.pasid = ANY,
		.grpid = ANY,
		.pages = 1 + (uint32_t)(index % l->o.pages),
	};
	int64_t seq;

	load_enter(l, &l->sh->trigger_gate);
	r.dev = l->slots[index % l->o.devices];
	seq = trigger_group(l, &r);
	load_leave(l, &l->sh->trigger_gate);
	if (seq < 0 && l->o.in_flight)
		sem_post(&l->sh->slots);
}

void trigger_run(struct load *l, struct worker *w)
{
	uint64_t act = 0, index;

	while (!over(l)) {
		index = atomic_fetch_add(&l->sh->next_load, 1);
		if (index >= l->load_groups)
			break;
		act = acts_before(l, w, act, index);
		keep_rate(l, index);
		if (!take_slot(l))
			break;
		report_one(l, index);
	}
	/* Acts have no group of the load to wait for when all groups are theirs */
	if (!l->load_groups && !w->index)
		acts_before(l, w, 0, 0);
	atomic_fetch_sub(&l->sh->triggers_live, 1);
	load_check_finished(l);
}
