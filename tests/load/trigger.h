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
};

/* Report a group; its number or -errno */
int64_t trigger_group(struct load *l, const struct report *r);

/* Report from a device that takes no faults: no group comes of it. -errno */
int trigger_refused(struct load *l, uint32_t dev);

/* A thread that reports the load, and performs the acts when their time comes */
void trigger_run(struct load *l, struct worker *w);

#endif
