// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The table of protocol rules. */
#define IOPF_CORE_PRIVATE
#include "rules.h"

const rules_fn rules_all[] = {
	NULL,
};
