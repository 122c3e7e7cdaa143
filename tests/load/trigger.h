/* SPDX-License-Identifier: GPL-2.0-only */
/* Reporting page requests from the mock devices. */
#ifndef LOAD_TRIGGER_H
#define LOAD_TRIGGER_H

#include "load.h"

#define ANY (-1)

struct report {
	uint32_t dev; /* index of the device */
	enum group_role role;
	int64_t pasid; /* or ANY: the next in turn */
	int64_t grpid; /* or ANY: the next of the device */
	uint32_t pages; /* 0 = one */
	int odd; /* enum iopf_test_odd: how the group is to be made wrong */
};

/* Report a group; its number or -errno */
int64_t trigger_group(struct load *l, const struct report *r);

/* The same step by step: begin it, report its pages but the last, report the last. -errno */
int64_t trigger_begin(struct load *l, const struct report *r);
int trigger_parts(struct load *l, int64_t seq, unsigned int n);
int trigger_last(struct load *l, int64_t seq, int odd);

/* The next group index of a device */
uint32_t trigger_grpid(struct load *l, uint32_t dev);

/* Report a request that no last page will follow. -errno */
int trigger_parked(struct load *l, uint32_t dev, uint32_t grpid);

/* Report from a device that takes no faults: no group comes of it. -errno */
int trigger_refused(struct load *l, uint32_t dev);

/* A thread that reports the load, and performs the acts when their time comes */
void trigger_run(struct load *l, struct worker *w);

#endif
