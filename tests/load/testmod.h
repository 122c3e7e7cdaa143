/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The test module: requests of any flags, odd groups, a driver that does not do
 * what it should. All functions return 0 or a negative errno, or what they say.
 * They must not race with a detach of the device.
 */
#ifndef LOAD_TESTMOD_H
#define LOAD_TESTMOD_H

#include "load.h"
#include "module/iopf_test.h"

/* Is it loaded? -errno */
int testmod_check(void);

/* Bind it to a device that is attached; a descriptor or -errno */
int testmod_bind(const struct mock *m, const struct mock_dev *d);

/* Report a request of a group: page 0 is the last one. What the core returned */
int testmod_report(const struct dev *dev, const struct group *g, uint64_t seq, uint32_t page,
		   enum iopf_test_odd odd);

/* Report a request that belongs to no group of ours */
int testmod_report_alone(const struct dev *dev, uint32_t grpid, uint64_t addr);

/* Discard all requests that wait for their last page */
int testmod_discard(const struct dev *dev);

/* What the driver does with the next answer */
int testmod_driver(const struct dev *dev, enum iopf_test_driver_mode mode, uint64_t delay,
		   uint32_t code);

/* Everything is as it was; how many answers the driver treated so */
int testmod_off(const struct dev *dev);

#endif
