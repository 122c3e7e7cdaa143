// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* A group as a line of JSON: docs/schema/journey.json. */
#define OUTPUT_JSON_PRIVATE
#include "journeys.h"
#include "json_private.h"
#include "perfetto.h"

static const char *const outcomes[] = {
	[PERFETTO_ANSWERED] = "answered",
	[PERFETTO_OUTSTANDING] = "outstanding",
	[PERFETTO_UNKNOWN] = "unknown",
};

void journeys_json(const struct perfetto_group *g, FILE *out)
{
	/* Times are as those of events: not since the start of a run. */
	static const struct iopf_report none = { .start_ns = 0 };
	struct jw j;

	jw_begin(&j, out);
	jw_object(&j, NULL);
	jw_string(&j, "outcome", outcomes[g->outcome]);
	jw_bool(&j, "beginning_seen", !g->adopted);
	jw_bool(&j, "events_lost", g->stale);
	jw_u64(&j, "refused", g->refused.count);
	json_group(&j, &none, &g->view);
	jw_close(&j);
	putc('\n', out);
}
