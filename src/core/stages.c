// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The stages of a group. */
#define IOPF_CORE_PRIVATE
#include "stages.h"

#include <stdbool.h>
#include <string.h>

/* Sets one stage, if both moments are known. */
static void set_stage(struct stages *s, enum iopf_stage stage, uint64_t from, uint64_t to)
{
	if (!from || !to)
		return;
	s->ns[stage] = to > from ? to - from : 0;
	if (to < from)
		s->negative |= 1U << stage;
}

/* When a group was delivered, if that is certain: by itself, or because its answer had the cookie. */
static uint64_t deliver_time(const struct group *g, const struct answer *a)
{
	bool confirmed = a && groups_answer_named(a) && groups_named(g) && a->cookie == g->cookie;

	return g->state & GROUP_TIMED && (g->state & GROUP_SURE || confirmed) ? g->deliver_ns : 0;
}

/* The stages of a group. */
struct stages stages_of(const struct group *g, const struct answer *a)
{
	uint64_t deliver_ns = deliver_time(g, a);
	struct stages s = { .negative = 0 };

	for (int i = 0; i < IOPF_STAGES; i++)
		s.ns[i] = STAGES_UNKNOWN;
	set_stage(&s, IOPF_STAGE_ROUTE, g->report_ns, g->queue_ns);
	set_stage(&s, IOPF_STAGE_WAIT, g->queue_ns, deliver_ns);
	if (!a || !a->certain || a->by != IOPF_BY_USER)
		return s;
	set_stage(&s, IOPF_STAGE_SERVICE, deliver_ns, a->write_ns);
	set_stage(&s, IOPF_STAGE_ACK, a->write_ns, a->ack_ns);
	set_stage(&s, IOPF_STAGE_TOTAL, g->report_ns, a->ack_ns);
	return s;
}

/* Fills in a view of a group. */
void stages_view(struct iopf_group_view *view, const struct group *g, const struct answer *a,
		 const struct stages *stages)
{
	memset(view, 0, sizeof(*view));
	view->seq = g->seq;
	view->at_ns[IOPF_AT_REPORT] = g->report_ns;
	view->at_ns[IOPF_AT_QUEUE] = g->queue_ns;
	view->at_ns[IOPF_AT_DELIVER] = deliver_time(g, a);
	memcpy(view->stage_ns, stages->ns, sizeof(view->stage_ns));
	view->addr = g->addr;
	view->pasid = g->pasid;
	view->grpid = g->grpid;
	view->perm = g->perm;
	view->flags = g->flags;
	view->pages = g->pages;
	view->cookie = g->state & GROUP_DELIVERED ? g->cookie : 0;
	view->cookie_zero =
		!view->cookie && g->state & GROUP_DELIVERED && g->state & GROUP_BY_COOKIE;
	if (!a)
		return;
	view->at_ns[IOPF_AT_WRITE] = a->write_ns;
	view->at_ns[IOPF_AT_ACK] = a->ack_ns;
	view->code = a->code;
	view->by = a->by;
	if (groups_answer_named(a)) {
		view->cookie = a->cookie;
		view->cookie_zero = !a->cookie;
	}
	if (a->by == IOPF_BY_USER) {
		view->writer_tgid = a->tgid;
		view->writer_tid = a->tid;
	}
}
