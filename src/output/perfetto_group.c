// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* A group that has ended, as it is told to who wants the groups and not the trace. */
#define OUTPUT_PERFETTO_PRIVATE
#include "perfetto_private.h"

#define UNKNOWN UINT64_MAX

/* The name of a task; "" when there is none. */
static const char *comm_of(const struct perfetto *p, uint32_t tid)
{
	const struct event_names *names = &p->opts.names;

	return tid && names->comm ? names->comm(names->arg, tid) : "";
}

/* How long it was from one moment to another; 0 for less than that. */
static uint64_t between(uint64_t from_ns, uint64_t to_ns)
{
	if (!from_ns || !to_ns)
		return UNKNOWN;
	return to_ns > from_ns ? to_ns - from_ns : 0;
}

/* The stages as reports count them: of what a gap makes doubtful there are none. */
static void set_stages(struct iopf_group_view *v, const struct pf_group *g)
{
	const uint64_t *at = v->at_ns;

	for (int i = 0; i < IOPF_STAGES; i++)
		v->stage_ns[i] = UNKNOWN;
	v->stage_ns[IOPF_STAGE_ROUTE] = between(at[IOPF_AT_REPORT], at[IOPF_AT_QUEUE]);
	v->stage_ns[IOPF_STAGE_WAIT] = between(at[IOPF_AT_QUEUE], at[IOPF_AT_DELIVER]);
	if (v->by != IOPF_BY_USER || g->state & PF_STALE)
		return;
	v->stage_ns[IOPF_STAGE_SERVICE] = between(at[IOPF_AT_DELIVER], at[IOPF_AT_WRITE]);
	v->stage_ns[IOPF_STAGE_ACK] = between(at[IOPF_AT_WRITE], at[IOPF_AT_ACK]);
	v->stage_ns[IOPF_STAGE_TOTAL] = between(at[IOPF_AT_REPORT], at[IOPF_AT_ACK]);
}

/* What it asked for, and its way to a reader. */
static struct iopf_group_view view_of(const struct perfetto *p, const struct pf_group *g)
{
	const struct event_names *names = &p->opts.names;
	uint32_t pasid_valid = g->state & PF_VAGUE && g->pasid ? IOPF_PRQ_PASID_VALID : 0;

	return (struct iopf_group_view){
		.seq = g->seq,
		.at_ns = { [IOPF_AT_REPORT] = g->report_ns,
			   [IOPF_AT_QUEUE] = g->queue_ns,
			   [IOPF_AT_DELIVER] = g->h.deliver_ns },
		.addr = g->addr,
		.object_id = g->object->id,
		.dev_id = g->dev_id,
		.pasid = g->pasid,
		.grpid = g->grpid,
		.perm = g->perm,
		.flags = g->flags | pasid_valid,
		.pages = g->pages,
		.cookie = g->h.cookie,
		.cookie_zero = g->h.named && !g->h.cookie,
		.device = g->dev && names->device ? names->device(names->arg, g->dev) : "",
		.reader_tgid = g->h.tgid,
		.reader_tid = g->h.tid,
		.reader = comm_of(p, g->h.tid),
		.writer = "",
	};
}

/* Adds its answer. */
static void set_answer(const struct perfetto *p, const struct pf_group *g,
		       struct perfetto_group *told)
{
	struct iopf_group_view *v = &told->view;

	v->at_ns[IOPF_AT_WRITE] = g->write_ns;
	v->at_ns[IOPF_AT_ACK] = g->ack_ns;
	v->code = g->code;
	v->by = g->by;
	if (g->answer_named) {
		v->cookie = g->answer_cookie;
		v->cookie_zero = !v->cookie;
	}
	told->answer_enter_ns = g->caller_ns;
	told->answerer.tgid = g->answer_tgid;
	told->answerer.tid = g->answer_tid;
	told->answerer.comm = comm_of(p, g->answer_tid);
	if (g->by != IOPF_BY_USER)
		return;
	v->writer_tgid = g->answer_tgid;
	v->writer_tid = g->answer_tid;
	v->writer = told->answerer.comm;
}

void pf_tell_group(const struct perfetto *p, const struct pf_group *g, enum pf_ending ending,
		   uint64_t end_ns)
{
	struct perfetto_group told = {
		.view = view_of(p, g),
		.outcome = ending == PF_ENDS_ANSWERED	  ? PERFETTO_ANSWERED :
			   ending == PF_ENDS_NOT_ANSWERED ? PERFETTO_OUTSTANDING :
							    PERFETTO_UNKNOWN,
		.adopted = g->state & PF_ADOPTED,
		.stale = g->state & PF_STALE,
		.vague = g->state & PF_VAGUE,
		.seen_ns = g->seen_ns,
		.read_enter_ns = g->h.enter_ns,
		.end_ns = end_ns,
		.refused = { .count = g->refusal.count,
			     .code = g->refusal.code,
			     .enter_ns = g->refusal.enter_ns,
			     .time_ns = g->refusal.time_ns,
			     .tgid = g->refusal.tgid,
			     .tid = g->refusal.tid,
			     .comm = comm_of(p, g->refusal.tid) },
	};

	if (ending == PF_ENDS_ANSWERED)
		set_answer(p, g, &told);
	set_stages(&told.view, g);
	p->opts.on_group(p->opts.on_group_arg, &told);
}
