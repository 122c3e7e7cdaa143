/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What 'list' says that manual pages say too. */
#ifndef CMD_LIST_H
#define CMD_LIST_H

#include "iopftrace/report.h"

/* What a stage is: "from there until ...". */
const char *list_stage_meaning(enum iopf_stage stage);

#endif /* CMD_LIST_H */
