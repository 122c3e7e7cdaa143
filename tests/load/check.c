// SPDX-License-Identifier: GPL-2.0-only
/* Options that do not fit together. */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "opts.h"

#define DEFAULT_BATCH 16

/* The mock device reserves PASID 1024 for itself */
#define OWN_PASIDS_MAX 1000

uint64_t opts_act_groups(const struct opts *o)
{
	uint64_t sum = 0;

	for (int i = 0; i < KIND_COUNT; i++)
		sum += o->acts[i] * kind_table[i].groups;
	return sum;
}

bool opts_any(const struct opts *o, unsigned int flags)
{
	for (int i = 0; i < KIND_COUNT; i++)
		if (o->acts[i] && (kind_table[i].flags & flags))
			return true;
	return false;
}

bool opts_need_module(const struct opts *o)
{
	return o->pages > 1 || opts_any(o, KIND_MODULE);
}

static int refuse(bool bad, const char *message)
{
	if (bad)
		fprintf(stderr, "load: %s\n", message);
	return bad ? -EINVAL : 0;
}

static int check_sync(const struct opts *o)
{
	if (!o->sync)
		return refuse(o->no_truth, "--no-truth needs --sync");
	if (refuse(o->readers != 1 || o->writers || o->triggers != 1,
		   "--sync is one thread: no --readers, --writers, --triggers") ||
	    refuse(o->io == IO_URING, "--sync does not go with --io uring") ||
	    refuse(opts_any(o, KIND_MODE), "--sync does not go with a second process") ||
	    refuse(o->busy || o->acts[KIND_DETACH_RACE],
		   "--sync has no other threads: no --busy, no detach-race"))
		return -EINVAL;
	if (!o->no_truth)
		return 0;
	return refuse(opts_any(o, ~0U) || opts_act_groups(o) || o->acts[KIND_STRAY] ||
			      o->pages > 1 || o->unanswered || o->invalid || o->samples ||
			      o->rate > 0 || o->delay.kind != DELAY_NONE ||
			      o->wait_delay.kind != DELAY_NONE,
		      "--no-truth goes with -n, -k, --objects, --pasids, --batch only");
}

static int check_kinds(const struct opts *o)
{
	bool own = o->own_pasids;

	if (refuse(opts_any(o, KIND_PASID) && !own, "detach-pasid needs --own-pasids") ||
	    refuse(own && (!o->pasids || o->pasids > OWN_PASIDS_MAX),
		   "--own-pasids needs --pasids 1 to 1000") ||
	    refuse(own && o->acts[KIND_REPLACE_PLAIN],
		   "replace-plain does not go with --own-pasids: PASIDs must be detached first") ||
	    refuse(own && o->acts[KIND_EXIT],
		   "exit does not go with --own-pasids: PASIDs must be detached first") ||
	    refuse(o->acts[KIND_DETACH_RACE] && o->devices != o->objects,
		   "detach-race needs a fault object for each device: --objects = --devices") ||
	    refuse(o->acts[KIND_PREDICT_RACE] && (o->unanswered || opts_any(o, KIND_KEEPS)),
		   "predict-race might answer the groups that are to stay unanswered") ||
	    refuse(own && o->acts[KIND_PARTIAL_REFUSED],
		   "partial-refused does not go with --own-pasids: PASIDs must be detached first") ||
	    refuse(o->grpid_wrap && o->acts[KIND_PARTIAL_NEVER_LAST],
		   "with --grpid-wrap the requests of partial-never-last would get a last page") ||
	    refuse(o->busy && o->pages > 1,
		   "--busy acts read groups of one page: --pages does not go with it") ||
	    refuse(!!o->acts[KIND_FORK] + !!o->acts[KIND_FORK_SCM] + !!o->acts[KIND_FORK_READERS] >
			   1,
		   "one of fork, fork-scm and fork-readers at a time"))
		return -EINVAL;
	return 0;
}

int opts_check(struct opts *o)
{
	uint64_t left, acts = opts_act_groups(o);

	if (!o->batch)
		o->batch = o->sync ? 1 : DEFAULT_BATCH;
	if (!o->write_batch)
		o->write_batch = o->sync ? o->batch : 1;
	if (refuse(acts > o->groups, "too few groups (-n) for what --misbehave wants"))
		return -EINVAL;
	/* The second process is there to answer */
	if (!o->writers && (o->acts[KIND_FORK] || o->acts[KIND_FORK_SCM]))
		o->writers = 1;
	left = o->groups - acts;
	if (o->invalid_percent > 0)
		o->invalid = (uint64_t)((double)left * o->invalid_percent / 100 + 0.5);
	if (refuse(o->invalid > left || o->unanswered > left - o->invalid,
		   "more groups to answer INVALID or to leave unanswered than there are") ||
	    refuse(o->objects > o->devices, "more fault objects than devices") ||
	    refuse((o->uring_async || o->sqpoll) && o->io != IO_URING,
		   "--uring-async and --sqpoll need --io uring") ||
	    refuse(o->io == IO_URING && o->objects > o->readers,
		   "--io uring needs a reader for each fault object") ||
	    check_sync(o) || check_kinds(o))
		return -EINVAL;
	return 0;
}
