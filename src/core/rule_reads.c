// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Rules about what reads return. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include <stdarg.h>
#include <stdio.h>

#include "early.h"
#include "judge.h"
#include "life.h"
#include "match.h"
#include "remember.h"
#include "rule_files.h"
#include "settle.h"

/* A step for the read that delivered something. */
static void read_step(struct iopf_engine *e, const struct delivery *d, const char *words)
{
	findings_step(e,
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
		remember_queued(j, ((const struct iopf_rec_enqueue *)step->rec)->pages,
				step->group->pages);
	if (step->group->marks & MARK_ALONE)
		remember_alone(&e->judge, step->group);
}

/* Adds the pages of a group up. */
void rule_sum_pages(struct iopf_engine *e, const struct rules_step *step)
{
	const struct iopf_rec_pages *r = (const void *)step->rec;
	struct group *g = life_latest(e, r->group);
	uint32_t sum, addresses;

	if (!g || !judge_certain(e->epoch, g) || g->marks & MARK_PAGES || g->pages < 2)
		return;
	sum = r->first ? map_get(&e->judge.pages, g->id) : 0;
	addresses = r->first ? map_get(&e->judge.addresses, g->id) : 0;
	if (r->first && !sum)
		return; /* what came before was lost */
	for (uint32_t i = 0; i < r->nr; i++) {
		sum = judge_page(sum, r->page[i].addr, r->page[i].perm, r->page[i].flags);
		addresses = judge_page(addresses, r->page[i].addr, 0, 0);
		if (r->page[i].flags & IOPF_PRQ_LAST_PAGE && r->first + i + 1 < g->pages)
			rule_torn_pages(e, g, step->rec, r->first + i);
	}
	core_check(e, map_set(&e->judge.pages, g->id, sum ? sum : 1));
	core_check(e, map_set(&e->judge.addresses, g->id, addresses ? addresses : 1));
	if (r->first + r->nr == g->pages) {
		g->marks |= MARK_PAGES;
		rule_partial_pages(e, g);
	}
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
	findings_step(e,
		      (struct iopf_step){ .kind = IOPF_STEP_QUEUE,
					  .offending = true,
					  .has_seq = true,
					  .seq = rec->seq,
					  .time_ns = rec->time_ns },
		      0, "page %u of %u says that it is the last", page + 1, g->pages);
	findings_end(e, c, IOPF_BLAME_KERNEL, "the last page is last, and only there",
		     "a group has a last page that is not its last");
}

/* IOPF012: one thing about what was delivered that is not as it should be. */
__attribute__((format(printf, 5, 6))) static void
echo(struct iopf_engine *e, const struct rules_step *step, enum iopf_severity severity,
     const char *expected, const char *format, ...)
{
	struct iopf_case *c = findings_begin(e, 12, severity, step->object);
	char text[160];
	va_list args;

	if (!c)
		return;
	findings_group(e, c, step->group, step->answer);
	read_step(e, step->delivery, "delivered otherwise");
	if (severity == IOPF_SEVERITY_ERROR)
		findings_hold(e, step->object, true);
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	findings_end(e, c, IOPF_BLAME_KERNEL, expected, "%s", text);
}

#define ECHO "a delivered record equals what was reported"

/* The same of a field that both sides have. */
static void echo_field(struct iopf_engine *e, const struct rules_step *step,
		       enum iopf_severity severity, const char *field, uint64_t got,
		       uint64_t wanted)
{
	echo(e, step, severity, ECHO, "%s was delivered as 0x%llx, and queued as 0x%llx", field,
	     (unsigned long long)got, (unsigned long long)wanted);
}

/* IOPF012: a cookie of 0. */
static void echo_zero(struct iopf_engine *e, const struct rules_step *step)
{
	const struct judged *j = step->object->judged;

	echo(e, step, IOPF_SEVERITY_ERROR, "cookies begin at 1", "a group was given the cookie 0%s",
	     j && j->zero_free ? ", which user space had written before: the kernel took that for "
				 "an answer and marked it as free" :
				 "");
}

/* Which flags two sides differ in: of the eight that are kept, without the kernel's own. */
static uint32_t flags_differ(const struct group *g, const struct delivery *d)
{
	return (d->flags ^ g->flags) & 0xff & ~JUDGE_FLAG_INTERNAL;
}

/*
 * Whether another group that is held looks the same: then it may have been that one. With a delivery, that
 * one must also have its flags and permissions, by which nothing is matched.
 */
static bool has_twin(struct iopf_engine *e, const struct group *g, const struct delivery *d)
{
	const uint32_t devices[] = { core_device_of(e, g), 0 };

	for (int i = 0; i < (devices[0] ? 2 : 1); i++) {
		struct group *h = NULL;
		int nr = 0;

		while ((h = groups_by_request(&e->groups, devices[i], g->grpid, h))) {
			if (h != g && h->object == g->object && match_alike(e, g, h) &&
			    (!d || (!flags_differ(h, d) && h->perm == d->perm)))
				return true;
			nr++;
		}
		if (nr == GROUPS_SAME) /* there may be more, which are not found */
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

/* Whether just this has been delivered before. Remembers it. */
static bool was_seen(struct iopf_engine *e, const struct delivery *d)
{
	struct iopf_pgfault last = {
		.flags = d->flags,
		.dev_id = d->dev_id,
		.pasid = d->pasid,
		.grpid = d->grpid,
		.perm = d->perm,
		.addr = d->addr,
		.cookie = d->cookie,
	};

	return remember_seen(&e->judge, &last);
}

/* Whether another group, one that looks the same if @alike, is outstanding with the cookie that was read for one. */
static bool has_other_holder(struct iopf_engine *e, const struct object *o, const struct group *g,
			     bool alike)
{
	struct group *h = NULL;

	while ((h = groups_by_cookie(&e->groups, o->number, g->cookie, h))) {
		if (h != g && (!alike || match_alike(e, g, h)))
			return true;
	}
	return false;
}

/* IOPF012: a delivered group against the one that was queued. */
void rule_echo(struct iopf_engine *e, const struct rules_step *step)
{
	const struct delivery *d = step->delivery;
	struct group *g = step->group;
	bool seen = d->pages && was_seen(e, d);
	uint32_t flags = flags_differ(g, d);

	/* One cookie for two: by the kernel, or a buffer that was used for two reads shows what it did before. */
	if (seen && has_other_holder(e, step->object, g, true))
		g->shown_before = true;
	if (!objects_whole(e, step->object) || !judge_certain(e->epoch, g) || !d->pages ||
	    e->judge.severity[12] == IOPF_SEVERITY_OFF)
		return;
	if (flags || d->perm != g->perm || d->odd || d->mixed || !d->cookie ||
	    pages_differ(e, g, d)) {
		/* Where only these differ, one with just these is looked for. */
		bool fields = (flags || d->perm != g->perm) && !d->odd && !d->mixed && d->cookie;

		if (seen || has_twin(e, g, fields ? d : NULL))
			return;
		if (d->odd)
			echo(e, step, IOPF_SEVERITY_ERROR, "reserved fields and the length are 0",
			     "a reserved field or the length was delivered as 0x%x", d->odd);
		else if (!d->cookie)
			echo_zero(e, step);
		else if (d->mixed)
			echo(e, step, IOPF_SEVERITY_ERROR, ECHO,
			     "the pages of a group were delivered with several devices or PASIDs");
		else if (flags)
			echo_field(e, step, IOPF_SEVERITY_ERROR, "flags", d->flags, g->flags);
		else if (d->perm != g->perm)
			echo_field(e, step, IOPF_SEVERITY_ERROR, "perm", d->perm, g->perm);
		else
			echo(e, step, IOPF_SEVERITY_ERROR, ECHO,
			     "a page before the last was delivered otherwise than it was queued");
	} else if (d->flags & JUDGE_FLAG_INTERNAL) {
		echo_field(e, step, IOPF_SEVERITY_NOTE, "an internal flag", d->flags, g->flags);
	}
}

/*
 * IOPF012: a group was answered by a cookie that another group has been delivered with, and has not
 * been answered for. The kernel's own word for both is needed: the other's end will give it.
 */
void rule_same_cookie(struct iopf_engine *e, const struct rules_step *step)
{
	const struct answer *a = step->answer;
	struct group *h = NULL;

	if (!objects_whole(e, step->object) || !groups_answer_named(a) || !a->write_ns ||
	    !judge_certain(e->epoch, step->group) || life_is_elsewhere(step->reply, step->object) ||
	    (a->by != IOPF_BY_USER && !(step->group->state & GROUP_DELIVERED)))
		return;
	while ((h = groups_by_cookie(&e->groups, step->object->number, a->cookie, h))) {
		if (h == step->group || h->state & (GROUP_ANSWERED | GROUP_REPLACED) ||
		    !judge_certain(e->epoch, h) || h->deliver_ns > a->write_ns)
			continue;
		suspicions_add(e, h,
			       &(struct suspicion){ .rule = 12,
						    .since_ns = a->write_ns,
						    .seq = a->seq,
						    .task = tasks_get(&e->tasks, a->tgid, a->tid),
						    .detail = a->cookie });
	}
}

/*
 * IOPF012: by the kernel's own word, as its answer at detach or destruction has it, the group's cookie is
 * another than its read showed, and no other group can be what was read. (Where user space has answered it, it
 * knew the right one: then the buffer was written over before it was looked at here.)
 */
void rule_misnamed(struct iopf_engine *e, const struct rules_step *step)
{
	const struct answer *a = step->answer;
	const struct group *g = step->group;
	struct iopf_case *c;

	if (!(g->state & GROUP_MISNAMED) || !objects_whole(e, step->object) ||
	    !judge_certain(e->epoch, g) || (a->by != IOPF_BY_DETACH && a->by != IOPF_BY_DESTROY) ||
	    life_is_elsewhere(step->reply, step->object))
		return;
	if (g->shown_before || has_twin(e, g, NULL) ||
	    has_other_holder(e, step->object, g, false)) {
		/* Unless another has this cookie, and each was taken for the other, it fits none. */
		if (!match_holder(e, step->object, a->cookie))
			judge_drop(e, step->object, 12, IOPF_UNDECIDED_READS);
		return;
	}
	c = findings_begin(e, 12, IOPF_SEVERITY_ERROR, step->object);
	if (!c)
		return;
	findings_group(e, c, g, a);
	findings_mark_last(e);
	findings_hold(e, step->object, true);
	findings_end(e, c, IOPF_BLAME_KERNEL, "the cookie that a read returns is the group's",
		     "a read returned cookie %u for a group, and the kernel's own is %u", g->cookie,
		     a->cookie);
}

/* Whether one group was certainly in the queue before another: between them one was queued alone. */
static bool surely_before(const struct iopf_engine *e, uint64_t first, uint64_t second)
{
	unsigned int nr = e->judge.nr_alone < ALONE_MAX ? e->judge.nr_alone : ALONE_MAX;

	for (unsigned int i = 0; i < nr; i++)
		if (e->judge.alone[i] > first && e->judge.alone[i] <= second)
			return true;
	return false;
}

/* Whether a group that was delivered before, number @i of the newest, was queued after @g. */
static bool overtook(const struct iopf_engine *e, const struct judged *j, unsigned int i,
		     const struct group *g, const struct delivery *d)
{
	if (j->newest[i].seq <= g->seq ||
	    (j->newest[i].read_seq != d->seq && d->enter_ns <= j->newest[i].deliver_ns))
		return false;
	return (j->newest[i].grpid != g->grpid || j->newest[i].device != core_device_of(e, g)) &&
	       surely_before(e, g->seq, j->newest[i].seq);
}

/* IOPF011: the finding. */
static void overtaken(struct iopf_engine *e, const struct rules_step *step, unsigned int i)
{
	const struct judged *j = step->object->judged;
	struct iopf_case *c = findings_begin(e, 11, IOPF_SEVERITY_ERROR, step->object);

	if (!c)
		return;
	findings_group(e, c, step->group, NULL);
	findings_step(e,
		      (struct iopf_step){ .kind = IOPF_STEP_READ,
					  .has_seq = true,
					  .seq = j->newest[i].read_seq,
					  .time_ns = j->newest[i].deliver_ns },
		      j->newest[i].reader, "group %llu, queued later, is delivered first",
		      (unsigned long long)j->newest[i].seq);
	read_step(e, step->delivery, "delivered only now");
	findings_hold(e, step->object, true);
	findings_end(e, c, IOPF_BLAME_KERNEL, "the queue's head is delivered first",
		     "a group was delivered after one that had been queued later");
}

/* IOPF011: a group that was queued before one that has been delivered before it. */
void rule_fifo(struct iopf_engine *e, const struct rules_step *step)
{
	const struct delivery *d = step->delivery;
	struct judged *j = step->object->judged;
	struct group *g = step->group;

	if (!j || !objects_whole(e, step->object) || !judge_certain(e->epoch, g) || !d->enter_ns)
		return;
	if (g->seq > j->newest_seq) {
		remember_newest(e, j, g, d->seq, d->deliver_ns, d->reader);
		return;
	}
	for (unsigned int i = 0; i < NEWEST_MAX && i < j->nr_newest; i++) {
		if (!overtook(e, j, i, g, d))
			continue;
		if (!has_twin(e, g, NULL))
			overtaken(e, step, i);
		return;
	}
}

/*
 * The place among those delivered last of one that was queued after @g for certain and delivered before
 * @until_ns; NEWEST_MAX if there is none.
 */
static unsigned int find_overtaker(const struct iopf_engine *e, const struct judged *j,
				   const struct group *g, uint64_t until_ns)
{
	unsigned int i;

	for (i = 0; i < NEWEST_MAX && i < j->nr_newest; i++) {
		if (j->newest[i].seq > g->seq && j->newest[i].deliver_ns &&
		    j->newest[i].deliver_ns < until_ns &&
		    (j->newest[i].grpid != g->grpid ||
		     j->newest[i].device != core_device_of(e, g)) &&
		    surely_before(e, g->seq, j->newest[i].seq))
			return i;
	}
	return NEWEST_MAX;
}

/* Whether a read that has not returned was entered before a moment. */
static bool is_before(uint64_t reading_ns, uint64_t time_ns)
{
	return reading_ns && reading_ns < time_ns;
}

/*
 * IOPF011: no read has returned a group, while one that was queued later was delivered. Reads are one after
 * the other, and what one of them cannot deliver goes back to the head of the queue; so it was handed out and
 * not told, or the queue was out of order.
 */
void rule_passed_over(struct iopf_engine *e, const struct rules_step *step)
{
	const struct answer *a = step->answer;
	const struct judged *j = step->object->judged;
	struct group *g = step->group;
	struct iopf_case *c;
	unsigned int i;

	if (!j || !objects_whole(e, step->object) || !judge_certain(e->epoch, g) ||
	    g->state & (GROUP_DELIVERED | GROUP_REPLACED) ||
	    g->marks & (MARK_LATE | MARK_FOREIGN) ||
	    (a && (a->by == IOPF_BY_USER || !a->write_ns)) ||
	    (rule_is_missing(e, j, g) && rule_tells_missing(e, j)))
		return;
	i = find_overtaker(e, j, g, a ? a->write_ns : UINT64_MAX);
	if (i == NEWEST_MAX || has_twin(e, g, NULL))
		return;
	if (e->ending &&
	    (e->judge.unlooked || is_before(e->judge.reading_ns, j->newest[i].deliver_ns) ||
	     is_before(j->reading_ns, j->newest[i].deliver_ns))) {
		judge_drop(e, step->object, 11,
			   IOPF_UNDECIDED_INSIDE); /* it may be what that read will return */
		return;
	}
	c = findings_begin(e, 11, IOPF_SEVERITY_ERROR, step->object);
	if (!c)
		return;
	findings_group(e, c, g, a);
	findings_step(e,
		      (struct iopf_step){ .kind = IOPF_STEP_READ,
					  .offending = true,
					  .has_seq = true,
					  .seq = j->newest[i].read_seq,
					  .time_ns = j->newest[i].deliver_ns },
		      j->newest[i].reader, "group %llu, queued later, is delivered",
		      (unsigned long long)j->newest[i].seq);
	findings_hold(e, step->object, true);
	findings_end(
		e, c, IOPF_BLAME_KERNEL, "the queue's head is delivered first, and told",
		"no read returned a group, though one that had been queued later was delivered%s",
		g->state & GROUP_HANDED_OUT || (a && a->cookie) ?
			": it was handed out, as its cookie shows" :
			"");
}

/* A group that is queued, or waits for its answer, and looks like what was delivered; or NULL. */
static struct group *find_like(struct iopf_engine *e, const struct object *not_on,
			       const struct delivery *d)
{
	struct group *g = NULL;
	uint32_t device = 0;

	while ((g = match_look_alike(e, d, g, &device))) {
		if (g->object != not_on->number && judge_certain(e->epoch, g) &&
		    !(g->state & (GROUP_ANSWERED | GROUP_REPLACED)))
			return g;
	}
	return NULL;
}

/* Keeps a delivery that fits no group. */
static void keep_strange(struct iopf_engine *e, const struct rules_step *step, bool again)
{
	struct judged *j = judge_object(e, step->object);
	struct group *like;
	struct strange *s;

	if (!j)
		return;
	if (!j->strange)
		j->strange = memory_calloc(&e->memory, STRANGE_MAX, sizeof(*j->strange));
	if (!j->strange) { /* what is not known of the object must not be taken for known */
		core_out_of_memory(e);
		j->odd = true;
		return;
	}
	if (j->nr_strange == STRANGE_MAX) {
		for (unsigned int i = 1; i < STRANGE_MAX; i++)
			j->strange[i - 1] = j->strange[i];
		j->nr_strange--;
	}
	s = &j->strange[j->nr_strange++];
	*s = (struct strange){
		.d = *step->delivery,
		.again = again,
		.known = was_seen(e, step->delivery),
	};
	like = find_like(e, step->object, step->delivery);
	if (like) { /* the other object's, which its answer will tell of */
		s->known = true;
		like->marks |= MARK_FOREIGN;
		j->foreign += step->delivery->pages;
	}
}

/* IOPF010: a group was answered through another object, so a read of that has delivered it, or will. */
void rule_foreign(struct iopf_engine *e, const struct rules_step *step)
{
	const struct reply *r = step->reply;
	struct group *g = step->group;
	struct object *o;
	struct judged *j;

	if (!life_is_elsewhere(step->reply, step->object) || !step->answer->fetched ||
	    g->marks & MARK_FOREIGN)
		return;
	o = objects_find(&e->objects, r->object);
	j = o ? judge_object(e, o) : NULL;
	if (j)
		j->foreign += g->pages;
	g->marks |= MARK_FOREIGN;
}

/* IOPF010: what was delivered fits one that has been delivered. */
void rule_again(struct iopf_engine *e, const struct rules_step *step)
{
	struct judged *j = judge_object(e, step->object);

	keep_strange(e, step, true);
	if (j)
		j->odd = true;
}

/* The strange delivery with the cookie that a group was answered by, or NULL. */
static struct strange *find_strange(struct judged *j, const struct answer *a)
{
	for (unsigned int i = j->nr_strange; groups_answer_named(a) && i--;) {
		if (j->strange[i].d.cookie == a->cookie)
			return &j->strange[i];
	}
	return NULL;
}

/* The only field in which a delivery differs from the group that it was of; NULL if not just one. */
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
	const char *name = NULL;

	if (flags_differ(g, d) || d->perm != g->perm || d->pages != g->pages)
		return NULL;
	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++) {
		if (field[i].got == field[i].wanted)
			continue;
		if (name)
			return NULL;
		name = field[i].name;
		*got = field[i].got;
		*wanted = field[i].wanted;
	}
	return name;
}

/* Whether a delivery that fits no group can have been of one that is answered with its cookie. */
static bool can_be_of(struct iopf_engine *e, const struct strange *s, const struct object *o,
		      const struct group *g, const struct answer *a)
{
	return !s->again && !s->known && judge_certain(e->epoch, g) && objects_whole(e, o) &&
	       s->d.enter_ns && s->d.deliver_ns >= g->queue_ns &&
	       (!a->write_ns || s->d.enter_ns <= a->write_ns);
}

/*
 * IOPF012: a group's answer tells that it was what a strange delivery was of. Cookies are small
 * numbers, and a buffer may show anything; so all but one field must be right, and it must be new.
 */
static bool explain(struct iopf_engine *e, const struct rules_step *step, struct group *g,
		    struct strange *s)
{
	struct judged *j = step->object->judged;
	struct rules_step told = *step;
	const char *field;
	uint64_t got, wanted;
	struct delivery d = s->d;

	field = difference(e, g, &d, &got, &wanted);
	if (!field)
		return false;
	told.group = g;
	told.delivery = &d;
	*s = j->strange[--j->nr_strange];
	/* It is no longer a delivery of nobody knows what. */
	step->object->tally->n[TALLY_UNCLEAR]--;
	settle_set(e, g, &(struct handover){ d.enter_ns, d.deliver_ns, d.cookie, d.reader, true });
	if (e->judge.severity[12] != IOPF_SEVERITY_OFF)
		echo_field(e, &told, IOPF_SEVERITY_ERROR, field, got, wanted);
	return true;
}

/* IOPF012: the answer of what had been delivered strangely. */
void rule_explain_strange(struct iopf_engine *e, const struct rules_step *step)
{
	struct judged *j = step->object->judged;
	struct strange *s = j && j->nr_strange ? find_strange(j, step->answer) : NULL;

	if (s && !(step->before & GROUP_DELIVERED) &&
	    can_be_of(e, s, step->object, step->group, step->answer))
		explain(e, step, step->group, s);
}

/* IOPF010, IOPF012, IOPF027: what was delivered fits none of the object's groups. */
void rule_strange(struct iopf_engine *e, const struct rules_step *step)
{
	struct object *o = step->object;
	struct judged *j;
	struct group *g = NULL;

	keep_strange(e, step, false);
	j = o->judged;
	if (!j || !j->nr_strange)
		return;
	while ((g = groups_by_cookie(&e->groups, o->number, step->delivery->cookie, g))) {
		struct strange *s = &j->strange[j->nr_strange - 1];
		struct rules_step told = *step;

		told.answer = g->answer;
		if (g->state & GROUP_ANSWERED && groups_answer_named(g->answer) &&
		    can_be_of(e, s, o, g, g->answer) && explain(e, &told, g, s)) {
			early_end(e, g); /* it was answered before */
			return;
		}
	}
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
	findings_record(e, IOPF_STEP_READ, &r->h, r->enter_ns, "returned %lld bytes",
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
	if (judge_object(e, o))
		o->judged->bad_length = o->judged->odd = true;
	bad_length(e, o, r, 9);
	bad_length(e, o, r, 23);
}

/* Records of one read that are looked at for what they may have been; beyond, nothing is said. */
#define SUM_MAX 4096U

/*
 * Whether a number of records can be whole groups, going by what sizes groups of the object have had.
 * What the buffer says does not count.
 */
static bool may_be_whole(const struct judged *j, uint64_t total)
{
	uint64_t possible[SUM_MAX / 64 + 1] = { 1 }; /* a set of sums */

	if (total > SUM_MAX || j->nr_sizes > SIZES_MAX)
		return true;
	for (uint32_t i = 0; i < j->nr_sizes; i++) {
		/* Up to one more of this size, then up to two more, four more ... */
		for (uint32_t by = j->size[i]; by && by <= SUM_MAX; by *= 2) {
			for (uint32_t to = SUM_MAX / 64, words = by / 64, bits = by % 64;
			     to >= words; to--) {
				possible[to] |= possible[to - words] << bits;
				if (bits && to > words)
					possible[to] |= possible[to - words - 1] >> (64 - bits);
				if (!to)
					break;
			}
		}
	}
	return possible[total / 64] >> total % 64 & 1;
}

/* Whether a delivery without a last page can be the beginning of a group of its object. */
static bool is_beginning(const struct iopf_engine *e, const struct group *g,
			 const struct delivery *d)
{
	bool less = g->pages > d->pages;
	bool endless = g->pages == d->pages && !(g->flags & IOPF_PRQ_LAST_PAGE);

	return g->grpid == d->grpid && judge_certain(e->epoch, g) &&
	       !(g->state & GROUP_DELIVERED) && (less || endless) &&
	       core_dev_id(e, g) == d->dev_id &&
	       (!(g->flags & IOPF_PRQ_PASID_VALID) || g->pasid == d->pasid);
}

/*
 * Whether what is left of a read, without a last page, is the beginning of a group of the object: one at
 * the head of its queue, or that was answered before this record came.
 */
static bool is_a_part(struct iopf_engine *e, const struct object *o, const struct delivery *d)
{
	const uint32_t heads[] = { o->queue.head, o->early.head };

	for (int i = 0; i < 2; i++) {
		uint32_t id = heads[i];

		for (int depth = 0; id && depth < MATCH_DEPTH; depth++) {
			const struct group *g = groups_at(&e->groups, id);

			if (is_beginning(e, g, d))
				return true;
			id = g->next;
		}
	}
	return false;
}

/*
 * IOPF009: a read that returned no whole groups: by the number of its records, whatever they say; or by
 * what they say, if in the end all that was read of the object adds up.
 */
static void torn(struct iopf_engine *e, const struct rules_step *step)
{
	const struct judged *j = step->object->judged;
	const struct reading *r = step->reading;
	bool by_number, by_contents;
	struct iopf_case *c;

	if (r->matched == r->total || j->foreign)
		return;
	by_number = !may_be_whole(j, r->total);
	by_contents = !r->strange && !j->odd;
	if (!by_number && !by_contents)
		return;
	c = findings_begin(e, 9, IOPF_SEVERITY_ERROR, step->object);
	if (!c)
		return;
	read_step(e, &r->part, "returned a part of a group");
	if (!by_number)
		findings_hold(e, step->object, true);
	findings_end(e, c, IOPF_BLAME_KERNEL, "a read returns whole groups",
		     "a read returned %llu records, %llu of them of whole groups",
		     (unsigned long long)r->total, (unsigned long long)r->matched);
}

/* The strange delivery that shows best how more was read than was queued: a group, once more. */
static const struct strange *best_strange(struct iopf_engine *e, const struct judged *j,
					  const struct object *o, struct group **g)
{
	for (unsigned int i = j->nr_strange; i--;) {
		const struct delivery *d = &j->strange[i].d;
		uint32_t device = 0;

		*g = NULL;
		while ((*g = match_look_alike(e, d, *g, &device))) {
			if ((*g)->object == o->number && (*g)->state & GROUP_DELIVERED)
				return &j->strange[i];
		}
	}
	*g = NULL;
	return NULL;
}

/* IOPF010: more records have been read than all groups have that can have been delivered. */
static void read_too_many(struct iopf_engine *e, struct object *o, const struct delivery *last)
{
	struct judged *j = o->judged;
	const struct strange *s;
	uint64_t more, queued;
	struct iopf_case *c;
	struct group *g;

	if (!objects_whole(e, o) || e->judge.severity[10] == IOPF_SEVERITY_OFF ||
	    j->records_read <= j->pages_queued + j->foreign)
		return;
	more = j->records_read - j->pages_queued - j->foreign;
	queued = j->pages_queued;
	j->foreign += more;
	c = findings_begin(e, 10, IOPF_SEVERITY_ERROR, o);
	if (!c)
		return;
	s = best_strange(e, j, o, &g);
	if (g)
		findings_group(e, c, g, NULL);
	if (s)
		read_step(e, &s->d, "delivered again");
	else if (last)
		read_step(e, last, "delivered more than was queued");
	findings_mark_last(e);
	findings_end(e, c, IOPF_BLAME_KERNEL, "a group is counted in one read's result at most",
		     "reads have returned %llu records, %llu more than were queued for them (%llu)",
		     (unsigned long long)j->records_read, (unsigned long long)more,
		     (unsigned long long)queued);
}

/* IOPF010: a group ended without ever having had a cookie, so no read can have delivered it. */
void rule_never_fetched(struct iopf_engine *e, const struct rules_step *step)
{
	struct judged *j = step->object->judged;

	if (!j || step->answer->fetched || !judge_certain(e->epoch, step->group) ||
	    step->group->state & GROUP_DELIVERED)
		return;
	j->pages_queued -= step->group->pages;
	read_too_many(e, step->object, NULL);
}

/* IOPF009 and IOPF010: what a read returned altogether. */
void rule_read_done(struct iopf_engine *e, const struct rules_step *step)
{
	const struct reading *r = step->reading;
	struct judged *j = judge_object(e, step->object);

	if (!j || r->total == UINT64_MAX)
		return;
	j->records_read += r->total;
	j->odd |= r->unknown || (r->part.pages && !is_a_part(e, step->object, &r->part));
	if (!objects_whole(e, step->object))
		return;
	if (e->judge.severity[9] != IOPF_SEVERITY_OFF)
		torn(e, step);
	read_too_many(e, step->object, &r->part);
}

/* How many groups are waited for: enough, since one that stays is proof. */
#define FALSE_EMPTY_SUSPECTS 16

/* IOPF025: a read that says that nothing is queued, though something was all the time. */
void rule_false_empty(struct iopf_engine *e, const struct rules_step *step)
{
	const uint32_t held = IOPF_READ_NOT_EMPTY | IOPF_READ_STILL_HELD;
	const struct iopf_rec_read *r = (const void *)step->rec;
	struct object *o = objects_find(&e->objects, r->object);
	int suspects = FALSE_EMPTY_SUSPECTS, depth = MATCH_DEPTH;
	struct group *g;
	uint32_t id;

	/* What was at the head may have been answered, and queued again with another group's name. */
	if (r->ret || !o || !objects_whole(e, o) || !r->enter_ns ||
	    (o->judged && o->judged->reused_ns >= r->enter_ns) ||
	    r->count < sizeof(struct iopf_pgfault) || (r->flags & held) != held)
		return;
	for (id = o->queue.head; id && suspects && depth; id = g->next, depth--) {
		g = groups_at(&e->groups, id);
		if (!judge_certain(e->epoch, g) || !g->queue_ns || g->queue_ns >= r->enter_ns)
			continue;
		suspects--;
		suspicions_add(
			e, g,
			&(struct suspicion){ .rule = 25,
					     .since_ns = r->h.time_ns,
					     .enter_ns = r->enter_ns,
					     .seq = r->h.seq,
					     .task = tasks_get(&e->tasks, r->h.tgid, r->h.tid) });
	}
	/* What the kernel saw at the head is further behind than was looked. */
	if (id && !depth && suspects == FALSE_EMPTY_SUSPECTS)
		core_limit(e, IOPF_LIMIT_QUEUE);
}

/* Notices objects of the scope that are not known from their beginning. */
void rule_partly(struct iopf_engine *e, const struct rules_step *step)
{
	if (step->object->in_scope && !objects_whole(e, step->object))
		e->judge.partly = true;
}
