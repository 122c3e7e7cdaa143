/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Where the probes are: what rules need, and what a kernel may not have. */
#ifndef CMD_PROBES_H
#define CMD_PROBES_H

#include "iopftrace/event.h"

/* Where it is, and what it is for. */
const char *probe_place(enum iopf_probe probe);

#endif /* CMD_PROBES_H */
