/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The probes by name: what rules need, and what a kernel may not have. */
#ifndef CMD_PROBES_H
#define CMD_PROBES_H

#include "iopftrace/event.h"

/* "read-entry", "driver", ... */
const char *probe_name(enum iopf_probe probe);

/* Where it is, and what it is for. */
const char *probe_place(enum iopf_probe probe);

#endif /* CMD_PROBES_H */
