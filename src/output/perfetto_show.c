// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What is written of groups and objects. */
#define OUTPUT_PERFETTO_PRIVATE
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "names.h"
#include "perfetto_private.h"
#include "utf8.h"

#define MAX_NOTES 16

/* Says which of iommufd's ids a device has. */
static void set_dev_id(struct perfetto *p, struct pf_device *d, uint32_t dev_id)
{
	if (d->dev_id == dev_id)
		return;
	if (d->dev_id)
		pf_table_remove(&p->device_ids, &d->by_id);
	d->dev_id = dev_id;
	if (dev_id)
		pf_table_add(&p->device_ids, &d->by_id, dev_id);
}

/* A device; the key of one of which only iommufd's id is known is that. NULL when out of memory. */
static struct pf_device *device_get(struct perfetto *p, uint64_t dev, uint32_t dev_id)
{
	uint64_t key = dev ? dev : dev_id;
	struct pf_link *link = pf_table_find(&p->devices, key, NULL);
	struct pf_device *d;

	if (link)
		return PF_OF(link, struct pf_device, link);
	d = calloc(1, sizeof(*d));
	if (!d) {
		p->failed = true;
		return NULL;
	}
	pf_table_add(&p->devices, &d->link, key);
	set_dev_id(p, d, dev_id);
	return d;
}

void pf_note_device(struct perfetto *p, uint64_t dev, uint32_t dev_id)
{
	struct pf_device *d;

	if (!dev)
		return;
	d = device_get(p, dev, dev_id);
	if (d && dev_id)
		set_dev_id(p, d, dev_id);
}

/* The device that has one of iommufd's ids, if one is known to. */
static struct pf_device *device_by_id(const struct perfetto *p, uint32_t dev_id)
{
	struct pf_link *link = dev_id ? pf_table_find(&p->device_ids, dev_id, NULL) : NULL;

	return link ? PF_OF(link, struct pf_device, by_id) : NULL;
}

/* The track of a group's device; 0 when out of memory. */
static uint64_t device_track(struct perfetto *p, const struct pf_group *g)
{
	struct pf_device *d = g->dev ? NULL : device_by_id(p, g->dev_id);
	const struct event_names *names = &p->opts.names;
	const char *name = "";
	char text[4 * UTF8_NAME_MAX + 16];

	if (!d)
		d = device_get(p, g->dev, g->dev_id);
	if (!d || d->track)
		return d ? d->track : 0;
	if (names->device && d->link.key > UINT32_MAX)
		name = names->device(names->arg, d->link.key);
	snprintf(text, sizeof(text), "device %s", names_device(name, d->dev_id, UTF8_NAME_MAX).s);
	d->track = pf_describe(&p->w, &(struct pf_track){ .name = text });
	return d->track;
}

/* What is said about a group, and where the texts of it are. */
struct notes {
	struct pf_note note[MAX_NOTES];
	size_t nr;
	char reader[4 * UTF8_NAME_MAX + 16], writer[4 * UTF8_NAME_MAX + 16];
	struct units_text code;
};

static void note_number(struct notes *n, const char *name, uint64_t number)
{
	n->note[n->nr++] = (struct pf_note){ .name = name, .number = (int64_t)number };
}

static void note_text(struct notes *n, const char *name, const char *text)
{
	n->note[n->nr++] = (struct pf_note){ .name = name, .text = text };
}

/* "comm/tid" */
static const char *task(const struct perfetto *p, uint32_t tid, char *text, size_t size)
{
	const struct event_names *names = &p->opts.names;
	const char *comm = names->comm ? names->comm(names->arg, tid) : "";

	snprintf(text, size, "%s/%" PRIu32, utf8_name(comm, UTF8_NAME_MAX).s, tid);
	return text;
}

/* Which group it is, and what it asked for. */
static void note_request(struct notes *n, const struct pf_group *g)
{
	note_number(n, "group", g->seq);
	if (g->object->id)
		note_number(n, "object", g->object->id);
	if (g->flags & IOPF_PRQ_PASID_VALID || (g->state & PF_VAGUE && g->pasid))
		note_number(n, "pasid", g->pasid);
	note_number(n, "grpid", g->grpid);
	if (g->pages)
		note_number(n, "pages", g->pages);
	if (g->state & PF_ADOPTED)
		note_text(n, "beginning", "not seen");
	if (g->state & PF_STALE)
		note_text(n, "events", "lost in between");
}

/* What became of it. */
static void note_ending(const struct perfetto *p, struct notes *n, const struct pf_group *g,
			enum pf_ending ending)
{
	if (g->answer_named || g->h.named)
		note_number(n, "cookie", g->answer_named ? g->answer_cookie : g->h.cookie);
	if (g->h.tid)
		note_text(n, "reader", task(p, g->h.tid, n->reader, sizeof(n->reader)));
	if (ending != PF_ENDS_ANSWERED) {
		note_text(n, "end", ending == PF_ENDS_UNKNOWN ? "unknown" : "not answered");
		return;
	}
	n->code = names_code(g->code);
	note_text(n, "code", n->code.s);
	note_text(n, "responder", iopf_responder_name(g->by));
	note_text(n, "answered_by", task(p, g->answer_tid, n->writer, sizeof(n->writer)));
}

/* A group being written: its track, and how far that has got. */
struct drawing {
	struct perfetto *p;
	uint64_t track, at_ns;
};

static void put_end(struct drawing *d)
{
	pf_put(&d->p->w,
	       &(struct pf_event){ .type = PF_END, .track = d->track, .time_ns = d->at_ns });
}

/* A stage from one moment to another, if both are known; none begins before the last one's end. */
static void put_stage(struct drawing *d, const char *name, uint64_t from_ns, uint64_t to_ns)
{
	if (!from_ns || !to_ns)
		return;
	if (d->at_ns < from_ns)
		d->at_ns = from_ns;
	pf_put(&d->p->w,
	       &(struct pf_event){
		       .type = PF_BEGIN, .track = d->track, .time_ns = d->at_ns, .name = name });
	if (d->at_ns < to_ns)
		d->at_ns = to_ns;
	put_end(d);
}

/* The stages that reports count, and by other names what went on else. */
static void put_stages(struct drawing *d, const struct pf_group *g, enum pf_ending ending,
		       uint64_t end_ns)
{
	bool by_user = ending == PF_ENDS_ANSWERED && g->by == IOPF_BY_USER;
	bool stale = g->state & PF_STALE;
	uint64_t deliver_ns = g->h.deliver_ns;
	uint64_t answer_ns = g->write_ns ? g->write_ns : end_ns;

	/* A read may return after another thread has answered what it copied: the answer is sure. */
	if (ending == PF_ENDS_ANSWERED && g->write_ns && deliver_ns > g->write_ns)
		deliver_ns = g->write_ns;
	put_stage(d, "route", g->report_ns, g->queue_ns);
	put_stage(d, "wait", g->queue_ns, deliver_ns);
	if (stale)
		return;
	if (by_user) {
		put_stage(d, "service", deliver_ns, g->write_ns);
		put_stage(d, "ack", g->write_ns, g->ack_ns);
	} else if (deliver_ns) {
		put_stage(d, "service, not answered", deliver_ns, answer_ns);
	} else if (!(g->state & PF_DELIVERED)) {
		put_stage(d, "wait, not read", g->queue_ns ? g->queue_ns : g->seen_ns, answer_ns);
	}
	if (ending == PF_ENDS_ANSWERED && !by_user)
		put_stage(d, "ack, by the kernel", g->write_ns, g->ack_ns);
}

/* "fault 0x7f12a4000000 w" */
static void name_group(char *text, size_t size, const struct pf_group *g)
{
	if (g->state & PF_VAGUE)
		snprintf(text, size, "fault");
	else
		snprintf(text, size, "fault 0x%" PRIx64 " %s", g->addr, names_perm(g->perm).s);
}

static void put_group(struct drawing *d, const struct pf_group *g, enum pf_ending ending)
{
	struct notes notes = { .nr = 0 };
	uint64_t flow[3];
	size_t nr_flows = 0;
	char name[64];

	name_group(name, sizeof(name), g);
	note_request(&notes, g);
	note_ending(d->p, &notes, g, ending);
	if (g->h.flow)
		flow[nr_flows++] = g->h.flow;
	if (g->answer_flow)
		flow[nr_flows++] = g->answer_flow;
	if (g->lost_flow)
		flow[nr_flows++] = g->lost_flow;
	pf_put(&d->p->w, &(struct pf_event){ .type = PF_BEGIN,
					     .track = d->track,
					     .time_ns = d->at_ns,
					     .name = name,
					     .note = notes.note,
					     .nr_notes = notes.nr,
					     .flow = flow,
					     .nr_flows = nr_flows,
					     .correlation = g->number });
}

/* Groups overlap, and slices of one track must not: each has a track, which the UI merges by name. */
void pf_show_group(struct perfetto *p, const struct pf_group *g, enum pf_ending ending,
		   uint64_t end_ns)
{
	struct drawing d = { .p = p };
	uint64_t parent;

	if (!g->object->in_scope)
		return;
	if (p->opts.on_group) {
		pf_tell_group(p, g, ending, end_ns);
		return;
	}
	parent = device_track(p, g);
	if (!parent)
		return;
	d.track = pf_describe(&p->w, &(struct pf_track){ .parent = parent, .name = "faults" });
	d.at_ns = g->report_ns ? g->report_ns : g->queue_ns ? g->queue_ns : g->seen_ns;
	if (ending == PF_ENDS_ANSWERED)
		end_ns = g->ack_ns ? g->ack_ns : g->write_ns;
	put_group(&d, g, ending);
	put_stages(&d, g, ending, end_ns);
	if (d.at_ns < end_ns)
		d.at_ns = end_ns;
	put_end(&d);
}

/* Describes an object, when there is something to count. */
static void describe_object(struct perfetto *p, struct pf_object *o)
{
	char name[2 * 4 * UTF8_NAME_MAX], owner[4 * UTF8_NAME_MAX + 16], number[16];
	uint64_t track;

	if (o->id)
		snprintf(number, sizeof(number), " %" PRIu32, o->id);
	snprintf(name, sizeof(name), "fault object%s%s%s", o->id ? number : "",
		 o->owner_tgid ? " of " : "",
		 o->owner_tgid ? task(p, o->owner_tgid, owner, sizeof(owner)) : "");
	track = pf_describe(&p->w, &(struct pf_track){ .name = name });
	o->queued_track = pf_describe(&p->w, &(struct pf_track){ .kind = PF_TRACK_COUNTER,
								 .parent = track,
								 .name = "queue depth" });
	o->outstanding_track = pf_describe(&p->w, &(struct pf_track){ .kind = PF_TRACK_COUNTER,
								      .parent = track,
								      .name = "outstanding" });
}

static void put_counter(struct perfetto *p, uint64_t track, uint64_t time_ns, int64_t value)
{
	pf_put(&p->w,
	       &(struct pf_event){
		       .type = PF_COUNTER, .track = track, .time_ns = time_ns, .value = value });
}

void pf_show_counters(struct perfetto *p, struct pf_object *o, uint64_t time_ns)
{
	bool queued = o->queued != o->shown_queued;
	bool outstanding = o->outstanding != o->shown_outstanding;

	if (!o->in_scope || !(queued || outstanding))
		return;
	if (o->last_ns < time_ns)
		o->last_ns = time_ns;
	if (!o->queued_track)
		describe_object(p, o);
	if (queued)
		put_counter(p, o->queued_track, o->last_ns, o->queued);
	if (outstanding)
		put_counter(p, o->outstanding_track, o->last_ns, o->outstanding);
	o->shown_queued = o->queued;
	o->shown_outstanding = o->outstanding;
}

void pf_show_lost(struct perfetto *p, uint64_t events, uint64_t time_ns)
{
	struct pf_note notes[] = { { .name = "events", .number = (int64_t)events } };
	char name[48];

	if (p->lost_ns < time_ns)
		p->lost_ns = time_ns;
	if (!p->lost_track)
		p->lost_track = pf_describe(&p->w, &(struct pf_track){ .name = "lost" });
	snprintf(name, sizeof(name), "%" PRIu64 " events lost", events);
	pf_put(&p->w, &(struct pf_event){ .type = PF_INSTANT,
					  .track = p->lost_track,
					  .time_ns = p->lost_ns,
					  .name = name,
					  .note = notes,
					  .nr_notes = events ? 1 : 0 });
}
