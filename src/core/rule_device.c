// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Rules about what devices report, and what becomes of it. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "judge.h"
#include "life.h"
#include "rule_files.h"

/* The offending step of a report. */
static void report_step(struct iopf_engine *e, const struct iopf_rec_report *r, const char *words)
{
	findings_record(e, IOPF_STEP_REPORT, &r->h, r->report_ns, "%s", words);
}

/* A case about a report that has no group. */
static struct iopf_case *report_case(struct iopf_engine *e, const struct iopf_rec_report *r,
				     unsigned int rule)
{
	uint32_t device = core_device(e, r->dev);
	struct iopf_case *c = findings_begin_device(e, rule, iopf_rule(rule)->severity, device);

	if (!c)
		return NULL;
	c->has_group = true;
	c->group.seq = r->h.seq;
	c->group.at_ns[IOPF_AT_REPORT] = r->report_ns;
	c->group.addr = r->addr;
	c->group.pasid = r->pasid;
	c->group.grpid = r->grpid;
	c->group.perm = r->perm;
	c->group.flags = r->flags;
	c->group.pages = 1;
	c->group.dev_id = devices_at(&e->devices, device)->dev_id;
	c->group.device = findings_device(e, device);
	c->group.reader = c->group.writer = "";
	return c;
}

/* IOPF014: a last page that ended in nothing. */
void rule_report_lost(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_report *r = (const void *)step->rec;
	struct iopf_case *c;

	if (!(r->flags & IOPF_PRQ_LAST_PAGE) || !(r->seen & IOPF_REPORT_UNTOLD) || !r->report_ns)
		return;
	c = report_case(e, r, 14);
	if (!c)
		return;
	report_step(e, r, "reported, and nobody takes it or answers");
	findings_end(e, c, IOPF_BLAME_KERNEL,
		     "a last page becomes a group, or its device is answered",
		     "a report of a last page made no group, and its device was never answered");
}

/* IOPF022: a request that is not the last was taken for one. */
void rule_not_last_report(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_report *r = (const void *)step->rec;
	struct iopf_case *c;

	if (r->flags & IOPF_PRQ_LAST_PAGE ||
	    !(r->seen & (IOPF_REPORT_QUEUED | IOPF_REPORT_ANSWERED)) || r->seen & IOPF_REPORT_SVA)
		return;
	c = report_case(e, r, 22);
	if (!c)
		return;
	report_step(e, r,
		    r->seen & IOPF_REPORT_QUEUED ? "reported, and made a group" :
						   "reported, and answered");
	findings_end(e, c, IOPF_BLAME_KERNEL, "it waits for its last page",
		     "a request that is not the last page %s",
		     r->seen & IOPF_REPORT_QUEUED ? "made a group" : "was answered");
}

/* IOPF022, and IOPF009 with it: a group without a last page. */
void rule_not_last_group(struct iopf_engine *e, const struct rules_step *step)
{
	const struct group *g = step->group;
	struct iopf_case *c;

	if (g->flags & IOPF_PRQ_LAST_PAGE)
		return;
	c = findings_begin(e, 22, IOPF_SEVERITY_ERROR, step->object);
	if (!c)
		return;
	findings_group(e, c, g, NULL);
	findings_mark_last(e);
	findings_end(e, c, IOPF_BLAME_KERNEL, "it waits for its last page",
		     "a request that is not the last page made a group");
}

/* IOPF009: delivered without a last page, which the kernel's group has not either. */
void rule_no_last_page(struct iopf_engine *e, const struct rules_step *step)
{
	const struct group *g = step->group;
	struct iopf_case *c;

	if (g->flags & IOPF_PRQ_LAST_PAGE)
		return;
	c = findings_begin(e, 9, IOPF_SEVERITY_ERROR, step->object);
	if (!c)
		return;
	findings_group(e, c, g, NULL);
	findings_mark_last(e);
	findings_end(e, c, IOPF_BLAME_KERNEL, "the last page says that it is the last",
		     "a group was queued that has no last page");
}

/* IOPF018: queue removal answers a group that iommufd holds. */
void rule_stolen(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_driver *r = (const void *)step->rec;
	const struct group *g = life_latest(e, r->group);
	struct iopf_case *c;

	if (!(r->h.context & IOPF_CTX_QREMOVE) || !g || !judge_certain(e->epoch, g) ||
	    g->state & (GROUP_ANSWERED | GROUP_REPLACED) || g->grpid != r->grpid ||
	    devices_at(&e->devices, core_device_of(e, g))->address != r->dev)
		return;
	c = findings_begin(e, 18, IOPF_SEVERITY_ERROR, core_object_of(e, g));
	if (!c)
		return;
	findings_group(e, c, g, NULL);
	findings_record(e, IOPF_STEP_QREMOVE, &r->h, 0, "queue removal answers it with status %u",
			r->code);
	findings_end(e, c, IOPF_BLAME_KERNEL, "only iommufd answers what iommufd has taken",
		     "queue removal answered a group that iommufd still %s",
		     g->state & GROUP_DELIVERED ? "waits for an answer to" : "has in its queue");
}

/* IOPF021: the index is in use; the earlier group's end tells if it still was when this was asked. */
void rule_index_reuse(struct iopf_engine *e, const struct rules_step *step)
{
	const struct group *g = step->group;
	struct group *h = NULL;

	if (!core_device_of(e, g) || !g->report_ns)
		return;
	while ((h = groups_by_request(&e->groups, core_device_of(e, g), g->grpid, h))) {
		if (h == g || core_dev_id(e, h) != core_dev_id(e, g) ||
		    h->state & (GROUP_ANSWERED | GROUP_REPLACED) || !judge_certain(e->epoch, h))
			continue;
		suspicions_add(e, h,
			       &(struct suspicion){ .rule = 21,
						    .since_ns = g->report_ns,
						    .seq = g->seq,
						    .task = tasks_get(&e->tasks, step->rec->tgid,
								      step->rec->tid),
						    .detail = g->grpid });
		return;
	}
}

/* Parks a request that is not the last. */
void rule_park(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_report *r = (const void *)step->rec;
	uint32_t device = core_device(e, r->dev);

	if (r->flags & IOPF_PRQ_LAST_PAGE || r->ret ||
	    r->seen & (IOPF_REPORT_QUEUED | IOPF_REPORT_SVA))
		return;
	parked_add(&e->judge.parked,
		   &(struct parked_page){ .addr = r->addr,
					  .report_ns = r->report_ns,
					  .time_ns = r->h.time_ns,
					  .seq = r->h.seq,
					  .device = device,
					  .grpid = r->grpid,
					  .task = tasks_get(&e->tasks, r->h.tgid, r->h.tid),
					  .epoch = e->epoch });
}

/* What is known of a group's parked requests. */
struct parked_view {
	uint32_t nr;
	bool sure; /* all of them were reported before the last page, with nothing lost since */
	uint32_t sum; /* what their addresses add up to */
	struct parked_page first, late; /* the first, and one that was parked for too long */
};

/* Whether a request has been parked for too long at a moment, and that was not said yet. */
static bool is_late(const struct iopf_engine *e, const struct parked_page *page, uint64_t now_ns)
{
	uint64_t deadline = e->judge.deadline_ns[IOPF_DEADLINE_PARTIAL];

	return deadline && !page->late && page->epoch == e->epoch && now_ns > page->time_ns &&
	       now_ns - page->time_ns > deadline;
}

static struct parked_view view_parked(const struct iopf_engine *e, const struct group *g)
{
	const struct parked *p = &e->judge.parked;
	struct parked_view v = { .sure = true };
	uint32_t number = parked_find(p, core_device_of(e, g), g->grpid);

	for (; number; number = parked_at(p, number)->next) {
		const struct parked_page *page = parked_at(p, number);

		if (!v.nr++)
			v.first = *page;
		v.sum = judge_page(v.sum, page->addr, 0, 0);
		if (page->epoch != e->epoch || !page->report_ns || page->time_ns > g->report_ns)
			v.sure = false;
		if (is_late(e, page, g->queue_ns))
			v.late = *page;
	}
	v.sum = judge_page(v.sum, g->addr, 0, 0);
	return v;
}

/* IOPF020: a group has not the pages that were reported for it. */
static void wrong_pages(struct iopf_engine *e, struct object *o, const struct group *g,
			const struct parked_page *first, uint32_t parked)
{
	struct iopf_case *c = findings_begin(e, 20, IOPF_SEVERITY_WARN, o);

	if (!c)
		return;
	findings_group(e, c, g, NULL);
	findings_mark_last(e);
	if (first && first->time_ns)
		findings_step(e,
			      (struct iopf_step){ .kind = IOPF_STEP_REPORT,
						  .has_seq = true,
						  .seq = first->seq,
						  .time_ns = first->time_ns,
						  .enter_ns = first->report_ns },
			      first->task, "the first of %u requests is parked", parked);
	findings_end(e, c, IOPF_BLAME_KERNEL,
		     "a group has the pages that were reported for it, no other",
		     first ? "a group has %u page%s, after %u parked request%s" :
			     "a group of %u page%s has others than the %u request%s parked for it",
		     g->pages, g->pages == 1 ? "" : "s", parked, parked == 1 ? "" : "s");
}

/* IOPF020: a request is parked for too long. */
static void parked_late(struct iopf_engine *e, const struct parked_page *p)
{
	struct iopf_case *c = findings_begin_device(e, 20, IOPF_SEVERITY_WARN, p->device);

	if (!c)
		return;
	c->has_group = true;
	c->group.seq = p->seq;
	c->group.addr = p->addr;
	c->group.grpid = p->grpid;
	c->group.pages = 1;
	c->group.device = findings_device(e, p->device);
	c->group.reader = c->group.writer = "";
	findings_step(e,
		      (struct iopf_step){ .kind = IOPF_STEP_REPORT,
					  .offending = true,
					  .has_seq = true,
					  .seq = p->seq,
					  .time_ns = p->time_ns,
					  .enter_ns = p->report_ns },
		      p->task, "reported, and parked until its last page comes");
	findings_end(e, c, IOPF_BLAME_DEVICE, "its last page within the deadline",
		     "a parked request's last page did not come in time");
}

/* IOPF020: a group's pages are those that were parked for it, and the last. */
void rule_partial(struct iopf_engine *e, const struct rules_step *step)
{
	const struct group *g = step->group;
	struct device *d = devices_at(&e->devices, core_device_of(e, g));
	bool seen = devices_seen_index(d, g->grpid, e->epoch);
	struct parked_view v;

	devices_note_index(&e->devices, core_device_of(e, g), g->grpid, e->epoch);
	if (g->pages == 1 && !e->judge.parked.nr)
		return;
	v = view_parked(e, g);
	if (v.nr)
		parked_take(&e->judge.parked, core_device_of(e, g), g->grpid);
	if (v.late.time_ns)
		parked_late(e, &v.late);
	if (!g->report_ns || !v.sure || g->pages == UINT16_MAX)
		return;
	if (g->pages < v.nr + 1 || (seen && g->pages > v.nr + 1))
		wrong_pages(e, step->object, g, &v.first, v.nr);
	else if (g->pages > 1 && g->pages == v.nr + 1) /* which they are, PAGES will tell */
		core_check(e, map_set(&e->judge.expected, g->id, v.sum ? v.sum : 1));
}

/* IOPF020: all pages of a group are known. */
void rule_partial_pages(struct iopf_engine *e, struct group *g)
{
	uint32_t expected = map_get(&e->judge.expected, g->id);

	if (expected && expected != map_get(&e->judge.addresses, g->id) &&
	    e->judge.severity[20] != IOPF_SEVERITY_OFF)
		wrong_pages(e, core_object_of(e, g), g, NULL, g->pages - 1U);
}

/* IOPF020: what is parked at a moment, for too long. Looked for only when something can be. */
static void judge_parked(struct iopf_engine *e, uint64_t now_ns)
{
	uint64_t deadline = e->judge.deadline_ns[IOPF_DEADLINE_PARTIAL];
	struct parked *p = &e->judge.parked;
	uint64_t earliest_ns = UINT64_MAX;

	if (e->judge.severity[20] == IOPF_SEVERITY_OFF || !deadline || !p->nr ||
	    now_ns <= p->earliest_ns || now_ns - p->earliest_ns <= deadline)
		return;
	for (uint32_t number = p->head; number; number = parked_at(p, number)->behind) {
		struct parked_page *page = parked_at(p, number);

		if (is_late(e, page, now_ns)) {
			page->late = true;
			parked_late(e, page);
		} else if (!page->late && page->epoch == e->epoch && page->time_ns < earliest_ns) {
			earliest_ns = page->time_ns;
		}
	}
	p->earliest_ns = earliest_ns;
}

/* The core answers a last page itself: what was parked for it goes with it. */
void rule_unpark_aborted(struct iopf_engine *e, const struct rules_step *step)
{
	const struct reply *r = step->reply;

	if (r->answer.by != IOPF_BY_ABORT || !e->judge.parked.nr)
		return;
	judge_parked(e, r->answer.write_ns);
	parked_take(&e->judge.parked, core_device(e, r->dev), r->grpid);
}

/* IOPF020: time passes, and ends. */
void rule_parked_late(struct iopf_engine *e, const struct rules_step *step)
{
	judge_parked(e, step->now_ns);
}

/* Parked requests are discarded: what had waited for too long is told. */
void rule_discard(struct iopf_engine *e, const struct rules_step *step)
{
	judge_parked(e, step->rec->time_ns);
	if (step->rec->type == IOPF_REC_DISCARD)
		parked_discard(&e->judge.parked, 0);
	else
		parked_discard(&e->judge.parked,
			       core_device(e, ((const struct iopf_rec_qremove *)step->rec)->dev));
}

/* The last page of a group that the kernel handles itself takes what was parked for it. */
void rule_unpark_sva(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_report *r = (const void *)step->rec;

	if (!(r->seen & IOPF_REPORT_SVA) || !(r->flags & IOPF_PRQ_LAST_PAGE))
		return;
	judge_parked(e, r->report_ns ? r->report_ns : r->h.time_ns);
	parked_take(&e->judge.parked, core_device(e, r->dev), r->grpid);
}
