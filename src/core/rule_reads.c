// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Rules about what reads return. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include "judge.h"
#include "life.h"
#include "match.h"
#include "rule_files.h"

/* The flags that are the device's; the kernel's own may show. */
#define FLAGS (IOPF_PRQ_PASID_VALID | IOPF_PRQ_LAST_PAGE)
#define FLAG_INTERNAL (1U << 2)

/* A step for the read that delivered something. */
static void read_step(struct iopf_engine *e, struct iopf_case *c, const struct delivery *d,
		      const char *words)
{
	findings_step(e, c,
		      (struct iopf_step){ .kind = IOPF_STEP_READ,
					  .offending = true,
					  .has_seq = true,
					  .seq = d->seq,
					  .time_ns = d->deliver_ns,
					  .enter_ns = d->enter_ns },
		      d->reader, "%s, with cookie %u", words, d->cookie);
}

/* Counts what is queued on an object, so that what is read can be compared. */
void rule_count_queued(struct iopf_engine *e, const struct rules_step *step)
{
	struct judged *j = judge_object(e, step->object);

	if (j)
		j->pages_queued += ((const struct iopf_rec_enqueue *)step->rec)->pages;
}

/* Adds the pages of a group up. */
void rule_sum_pages(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_pages *r = (const void *)step->rec;
	struct group *g = life_latest(e, r->group);
	uint32_t sum;

	if (!g || !judge_certain(e->epoch, g) || g->marks & MARK_PAGES || g->pages < 2)
		return;
	sum = r->first ? map_get(&e->judge.pages, g->id) : 0;
	if (r->first && !sum)
		return; /* what came before was lost */
	for (uint32_t i = 0; i < r->nr; i++) {
		sum = judge_page(sum, r->page[i].addr, r->page[i].perm, r->page[i].flags);
		if (r->page[i].flags & IOPF_PRQ_LAST_PAGE && r->first + i + 1 < g->pages)
			rule_torn_pages(e, g, step->rec, r->first + i);
	}
	core_check(e, map_set(&e->judge.pages, g->id, sum ? sum : 1));
	if (r->first + r->nr == g->pages)
		g->marks |= MARK_PAGES;
}

/* Forgets what the pages of a group add up to. */
void rule_forget_pages(struct iopf_engine *e, const struct rules_step *step)
{
	if (step->group->pages > 1)
		map_remove(&e->judge.pages, step->group->id);
}

/* IOPF009: a page that is not the last one says it is. */
void rule_torn_pages(struct iopf_engine *e, struct group *g, const struct iopf_rec *rec,
		     uint32_t page)
{
	struct object *o = core_object_of(e, g);
	struct iopf_case *c;

	if (e->judge.severity[9] == IOPF_SEVERITY_OFF)
		return;
	c = findings_begin(e, 9, IOPF_SEVERITY_ERROR, o);
	if (!c)
		return;
	findings_group(e, c, g, NULL);
	findings_step(e, c,
		      (struct iopf_step){ .kind = IOPF_STEP_QUEUE,
					  .offending = true,
					  .has_seq = true,
					  .seq = rec->seq,
					  .time_ns = rec->time_ns },
		      0, "page %u of %u says that it is the last", page + 1, g->pages);
	findings_end(e, c, IOPF_BLAME_KERNEL, "the last page is last, and only there",
		     "a group has a last page that is not its last");
}

/* IOPF012: one difference between what was queued and what was delivered. */
static void echo(struct iopf_engine *e, const struct rules_step *step, enum iopf_severity severity,
		 const char *field, uint64_t got, uint64_t wanted)
{
	struct iopf_case *c = findings_begin(e, 12, severity, step->object);

	if (!c)
		return;
	findings_group(e, c, step->group, step->answer);
	read_step(e, c, step->delivery, "delivered otherwise");
	findings_end(e, c, IOPF_BLAME_KERNEL, "a delivered record equals what was reported",
		     "%s was delivered as 0x%llx, and queued as 0x%llx", field,
		     (unsigned long long)got, (unsigned long long)wanted);
}

/* Whether another group that is held looks the same: then it may have been that one. */
static bool has_twin(struct iopf_engine *e, const struct group *g)
{
	struct group *h = NULL;

	while ((h = groups_by_request(&e->groups, g->grpid, h))) {
		if (h != g && h->object == g->object && match_alike(e, g, h))
			return true;
	}
	return false;
}

/* What the delivered pages of a group should add up to. */
static bool pages_differ(struct iopf_engine *e, const struct group *g, const struct delivery *d)
{
	uint32_t sum = g->pages > 1 && g->marks & MARK_PAGES ? map_get(&e->judge.pages, g->id) : 0;

	return sum && d->pages == g->pages && sum != (d->sum ? d->sum : 1);
}

/* IOPF012: a delivered group against the one that was queued. */
void rule_echo(struct iopf_engine *e, const struct rules_step *step)
{
	const struct delivery *d = step->delivery;
	const struct group *g = step->group;

	if (!objects_whole(e, step->object) || !judge_certain(e->epoch, g) || !d->pages)
		return;
	if (d->odd)
		echo(e, step, IOPF_SEVERITY_ERROR, "a reserved field or the length", d->odd, 0);
	if (!d->cookie)
		echo(e, step, IOPF_SEVERITY_ERROR, "the cookie", 0, 1);
	if (((d->flags ^ g->flags) & FLAGS) == 0 && d->perm == g->perm && !pages_differ(e, g, d)) {
		if ((d->flags & ~FLAGS & 0xff) & FLAG_INTERNAL)
			echo(e, step, IOPF_SEVERITY_NOTE, "an internal flag", d->flags, g->flags);
		return;
	}
	if (has_twin(e, g))
		return;
	if ((d->flags ^ g->flags) & FLAGS)
		echo(e, step, IOPF_SEVERITY_ERROR, "flags", d->flags, g->flags);
	else if (d->perm != g->perm)
		echo(e, step, IOPF_SEVERITY_ERROR, "perm", d->perm, g->perm);
	else
		echo(e, step, IOPF_SEVERITY_ERROR, "a page before the last", d->sum,
		     map_get(&e->judge.pages, g->id));
}

/* IOPF012: its cookie is held by another group, as that one's end will tell. */
void rule_same_cookie(struct iopf_engine *e, const struct rules_step *step)
{
	const struct delivery *d = step->delivery;
	struct group *h = NULL;

	if (!objects_whole(e, step->object) || !d->cookie || !d->deliver_ns)
		return;
	while ((h = groups_by_cookie(&e->groups, step->object->number, d->cookie, h))) {
		if (h == step->group || h->state & (GROUP_ANSWERED | GROUP_REPLACED) ||
		    !judge_certain(e->epoch, h))
			continue;
		suspicions_add(e, h,
			       &(struct suspicion){ .rule = 12,
						    .since_ns = d->deliver_ns,
						    .enter_ns = d->enter_ns,
						    .seq = d->seq,
						    .task = d->reader,
						    .detail = d->cookie });
	}
}

/* IOPF011: a group that was queued before one that has been delivered before it. */
void rule_fifo(struct iopf_engine *e, const struct rules_step *step)
{
	const struct delivery *d = step->delivery;
	struct judged *j = step->object->judged;
	struct group *g = step->group;
	struct iopf_case *c;

	if (!j || !objects_whole(e, step->object) || !judge_certain(e->epoch, g) || !d->enter_ns)
		return;
	if (g->seq > j->newest.seq) {
		if (g->marks & MARK_ALONE) {
			j->newest.seq = g->seq;
			j->newest.read_seq = d->seq;
			j->newest.deliver_ns = d->deliver_ns;
			j->newest.device = core_device_of(e, g);
			j->newest.grpid = g->grpid;
			j->newest.reader = d->reader;
		}
		return;
	}
	if ((j->newest.read_seq != d->seq && d->enter_ns <= j->newest.deliver_ns) ||
	    (j->newest.grpid == g->grpid && j->newest.device == core_device_of(e, g)) ||
	    has_twin(e, g))
		return;
	c = findings_begin(e, 11, IOPF_SEVERITY_ERROR, step->object);
	if (!c)
		return;
	findings_group(e, c, g, NULL);
	findings_step(e, c,
		      (struct iopf_step){ .kind = IOPF_STEP_READ,
					  .has_seq = true,
					  .seq = j->newest.read_seq,
					  .time_ns = j->newest.deliver_ns },
		      j->newest.reader, "group %llu, queued later, is delivered first",
		      (unsigned long long)j->newest.seq);
	read_step(e, c, d, "delivered only now");
	findings_end(e, c, IOPF_BLAME_KERNEL, "the queue's head is delivered first",
		     "a group was delivered after one that had been queued later");
}

/* Keeps a delivery that fits no group. */
static void keep_strange(struct iopf_engine *e, const struct rules_step *step, bool again)
{
	struct judged *j = judge_object(e, step->object);

	if (!j)
		return;
	if (j->nr_strange == STRANGE_MAX) {
		for (unsigned int i = 1; i < STRANGE_MAX; i++)
			j->strange[i - 1] = j->strange[i];
		j->nr_strange--;
	}
	j->strange[j->nr_strange++] = (struct strange){
		.d = *step->delivery,
		.record_seq = step->rec->seq,
		.again = again,
	};
}

/* IOPF010, IOPF012, IOPF027: what was delivered fits none of the object's groups. */
void rule_strange(struct iopf_engine *e, const struct rules_step *step)
{
	keep_strange(e, step, false);
}

/* IOPF010: what was delivered fits one that has been delivered. */
void rule_again(struct iopf_engine *e, const struct rules_step *step)
{
	keep_strange(e, step, true);
}

/* The strange delivery with the cookie that a group was answered by, or NULL. */
static struct strange *find_strange(struct judged *j, uint32_t cookie)
{
	for (unsigned int i = j->nr_strange; cookie && i--;) {
		if (j->strange[i].d.cookie == cookie)
			return &j->strange[i];
	}
	return NULL;
}

/* It is explained. */
static void drop_strange(struct judged *j, struct strange *s)
{
	*s = j->strange[--j->nr_strange];
}

/* IOPF010: delivered before, with another cookie than that of its answer. */
static void twice(struct iopf_engine *e, const struct rules_step *step, const struct delivery *d)
{
	struct iopf_case *c = findings_begin(e, 10, IOPF_SEVERITY_ERROR, step->object);

	if (!c)
		return;
	if (step->group)
		findings_group(e, c, step->group, step->answer);
	read_step(e, c, d, "delivered again");
	findings_end(e, c, IOPF_BLAME_KERNEL, "a group is counted in one read's result at most",
		     "a group was delivered twice");
}

/* The first field in which a delivery differs from the group that it was of. */
static const char *difference(const struct iopf_engine *e, const struct group *g,
			      const struct delivery *d, uint64_t *got, uint64_t *wanted)
{
	const struct {
		const char *name;
		uint64_t got, wanted;
	} field[] = {
		{ "dev_id", d->dev_id, core_dev_id(e, g) },
		{ "the PASID", d->pasid, g->flags & IOPF_PRQ_PASID_VALID ? g->pasid : d->pasid },
		{ "grpid", d->grpid, g->grpid },
		{ "the address", d->addr, g->addr },
	};

	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++) {
		*got = field[i].got;
		*wanted = field[i].wanted;
		if (*got != *wanted)
			return field[i].name;
	}
	return NULL;
}

/* IOPF010, IOPF012: the group's answer tells that it was what a strange delivery was of. */
void rule_explain_strange(struct iopf_engine *e, const struct rules_step *step)
{
	struct judged *j = step->object->judged;
	const struct group *g = step->group;
	struct strange *s = j && j->nr_strange ? find_strange(j, step->answer->cookie) : NULL;
	struct rules_step told = *step;
	const char *field;
	uint64_t got, wanted;
	struct delivery d;

	if (!s || !judge_certain(e->epoch, g) || !objects_whole(e, step->object) || s->again ||
	    !s->d.enter_ns || (step->answer->write_ns && s->d.enter_ns > step->answer->write_ns))
		return;
	d = s->d;
	told.delivery = &d;
	field = difference(e, g, &d, &got, &wanted);
	if (step->before & GROUP_DELIVERED && g->cookie != step->answer->cookie && !field) {
		drop_strange(j, s);
		if (e->judge.severity[10] != IOPF_SEVERITY_OFF)
			twice(e, &told, &d);
	} else if (!(step->before & GROUP_DELIVERED) && field) {
		drop_strange(j, s);
		if (e->judge.severity[12] != IOPF_SEVERITY_OFF)
			echo(e, &told, IOPF_SEVERITY_ERROR, field, got, wanted);
	}
}

/* Remembers a read that may have delivered what is not known. */
static void note_trouble(struct judged *j, uint64_t enter_ns, uint64_t time_ns)
{
	if (j->nr_trouble == TROUBLE_MAX || !enter_ns) {
		j->all_trouble = true;
		return;
	}
	j->trouble[j->nr_trouble].enter_ns = enter_ns;
	j->trouble[j->nr_trouble++].time_ns = time_ns;
}

/* IOPF008 must not judge by reads that failed after they had given a cookie. */
void rule_failed_read(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_read *r = (const void *)step->rec;
	struct object *o = objects_find(&e->objects, r->object);
	struct judged *j;

	if (!o || (r->ret > 0 && !(r->flags & IOPF_READ_UNREADABLE)))
		return;
	j = judge_object(e, o);
	if (j)
		note_trouble(j, r->enter_ns, r->h.time_ns);
}

/* The length that a read returned, in a finding about it. */
static void bad_length(struct iopf_engine *e, struct object *o, const struct iopf_rec_read *r,
		       unsigned int rule)
{
	struct iopf_case *c;

	if (e->judge.severity[rule] == IOPF_SEVERITY_OFF)
		return;
	c = findings_begin(e, rule, IOPF_SEVERITY_ERROR, o);
	if (!c)
		return;
	findings_step(e, c,
		      (struct iopf_step){ .kind = IOPF_STEP_READ,
					  .offending = true,
					  .has_seq = true,
					  .seq = r->h.seq,
					  .time_ns = r->h.time_ns,
					  .enter_ns = r->enter_ns },
		      tasks_get(&e->tasks, r->h.tgid, r->h.tid), "returned %lld bytes",
		      (long long)r->ret);
	findings_end(e, c, IOPF_BLAME_KERNEL, "a read returns a multiple of 40 bytes, or an error",
		     "a read returned %lld bytes, which are no whole records", (long long)r->ret);
}

/* IOPF009 and IOPF023: the length itself. */
void rule_read_length(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_read *r = (const void *)step->rec;
	struct object *o = objects_find(&e->objects, r->object);

	if (!o || r->ret <= 0 || (uint64_t)r->ret % sizeof(struct iopf_pgfault) == 0)
		return;
	bad_length(e, o, r, 9);
	bad_length(e, o, r, 23);
}

/* Whether some group of the queue has as many pages. */
static bool queue_has(const struct iopf_engine *e, const struct object *o, uint64_t pages)
{
	uint32_t id = o->queue.head;

	for (int depth = 0; id && depth < 512; depth++) {
		const struct group *g = groups_at(&e->groups, id);

		if (g->pages == pages)
			return true;
		id = g->next;
	}
	return o->nr_early > 0;
}

/* IOPF009: a read that ended inside a group, or delivered too few or too many records of one. */
static void torn(struct iopf_engine *e, const struct rules_step *step)
{
	const struct reading *r = step->reading;
	uint64_t rest = r->total - r->matched;
	struct iopf_case *c;

	if (r->unknown || r->matched == r->total ||
	    (r->total > r->matched && queue_has(e, step->object, rest)))
		return;
	c = findings_begin(e, 9, IOPF_SEVERITY_ERROR, step->object);
	if (!c)
		return;
	read_step(e, c, &r->part, "returned a part of a group");
	findings_end(e, c, IOPF_BLAME_KERNEL, "a read returns whole groups",
		     "a read returned %llu records, and the groups in them have %llu pages",
		     (unsigned long long)r->total, (unsigned long long)r->matched);
}

/* IOPF009 and IOPF010: what a read returned altogether. */
void rule_read_done(struct iopf_engine *e, const struct rules_step *step)
{
	const struct reading *r = step->reading;
	struct judged *j = judge_object(e, step->object);

	if (!j || r->total == UINT64_MAX)
		return;
	j->records_read += r->total;
	if (r->unknown)
		note_trouble(j, r->part.enter_ns, r->part.deliver_ns);
	if (!objects_whole(e, step->object))
		return;
	if (e->judge.severity[9] != IOPF_SEVERITY_OFF)
		torn(e, step);
	if (j->records_read <= j->pages_queued || j->read_more ||
	    e->judge.severity[10] == IOPF_SEVERITY_OFF)
		return;
	j->read_more = true;
	twice(e, step, &r->part);
}

/* IOPF025: a read that says that nothing is queued, though something was all the time. */
void rule_false_empty(struct iopf_engine *e, const struct rules_step *step)
{
	const uint32_t held = IOPF_READ_NOT_EMPTY | IOPF_READ_STILL_HELD;
	const struct iopf_rec_read *r = (const void *)step->rec;
	struct object *o = objects_find(&e->objects, r->object);
	struct group *g;
	uint32_t id;

	if (r->ret || !o || !objects_whole(e, o) || !r->enter_ns ||
	    r->count < sizeof(struct iopf_pgfault) || (r->flags & held) != held)
		return;
	for (id = o->queue.head; id; id = g->next) {
		g = groups_at(&e->groups, id);
		if (judge_certain(e->epoch, g) && g->queue_ns && g->queue_ns < r->enter_ns) {
			suspicions_add(e, g,
				       &(struct suspicion){
					       .rule = 25,
					       .since_ns = r->h.time_ns,
					       .enter_ns = r->enter_ns,
					       .seq = r->h.seq,
					       .task = tasks_get(&e->tasks, r->h.tgid, r->h.tid) });
			return;
		}
	}
}

/* Notices objects of the scope that are not known from their beginning. */
void rule_partly(struct iopf_engine *e, const struct rules_step *step)
{
	if (step->object->in_scope && !objects_whole(e, step->object))
		e->judge.partly = true;
}
