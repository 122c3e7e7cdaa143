// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What the rules remember, who is called for what, and what cannot be judged. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "remember.h"

/* Whether a handler wants a step of this kind, or a record of this type. */
static bool wants(const struct rules_handler *h, unsigned int kind, unsigned int type)
{
	return h->kinds >> kind & 1 && (kind != RULES_RECORD || h->types >> type & 1);
}

/* The handlers for one kind of step, or one type of record, that are not switched off. */
static rules_fn *list_handlers(const struct judge *j, unsigned int kind, unsigned int type)
{
	size_t nr = 0;
	rules_fn *list;

	for (const struct rules_handler *h = rules_handlers; h->fn; h++)
		nr += wants(h, kind, type);
	list = calloc(nr + 1, sizeof(*list));
	if (!list)
		return NULL;
	nr = 0;
	for (const struct rules_handler *h = rules_handlers; h->fn; h++) {
		if (wants(h, kind, type) && j->severity[h->rule] != IOPF_SEVERITY_OFF)
			list[nr++] = h->fn;
	}
	return list;
}

/* Makes it. */
int judge_init(struct judge *j, const struct iopf_engine_opts *opts)
{
	if (!opts->judge)
		return 0;
	memcpy(j->severity, opts->severity, sizeof(j->severity));
	j->severity[0] = IOPF_SEVERITY_DEFAULT;
	memcpy(j->deadline_ns, opts->deadline_ns, sizeof(j->deadline_ns));
	j->max_cases = opts->max_cases;
	j->on_finding = opts->on_finding;
	j->on_finding_arg = opts->on_finding_arg;
	j->on_suspected = opts->on_suspected;
	j->misses = opts->misses;
	j->misses_arg = opts->misses_arg;
	j->ghost = memory_calloc(j->fates.by_key.memory, GHOSTS, sizeof(*j->ghost));
	j->seen = memory_calloc(j->fates.by_key.memory, SEEN_MAX, sizeof(*j->seen));
	j->detaching = memory_calloc(j->fates.by_key.memory, DETACHINGS, sizeof(*j->detaching));
	if (!j->ghost || !j->seen || !j->detaching)
		return -ENOMEM;
	for (int kind = 0; kind < RULES_KINDS; kind++) {
		j->handlers[kind] = list_handlers(j, kind, IOPF_REC_TYPES);
		if (!j->handlers[kind])
			return -ENOMEM;
	}
	for (int type = 0; type < IOPF_REC_TYPES; type++) {
		j->takers[type] = list_handlers(j, RULES_RECORD, type);
		if (!j->takers[type])
			return -ENOMEM;
	}
	j->on = true;
	return 0;
}

/* Frees it. */
void judge_free(struct judge *j)
{
	findings_free(&j->findings);
	suspicions_free(&j->suspicions);
	parked_free(&j->parked);
	map_free(&j->pages);
	map_free(&j->addresses);
	map_free(&j->expected);
	for (uint32_t i = 1; i <= j->fates.nr; i++)
		memory_free(j->fates.by_key.memory, j->fates.page[i]);
	memory_free(j->fates.by_key.memory, j->fates.page);
	memory_free(j->fates.by_key.memory, j->fates.spare);
	memory_free(j->fates.by_key.memory, j->fates.detail);
	map_free(&j->fates.by_key);
	memory_free(j->fates.by_key.memory, j->ghost);
	memory_free(j->fates.by_key.memory, j->seen);
	memory_free(j->fates.by_key.memory, j->detaching);
	for (int kind = 0; kind < RULES_KINDS; kind++)
		free(j->handlers[kind]);
	for (int type = 0; type < IOPF_REC_TYPES; type++)
		free(j->takers[type]);
}

/* What rules remember of an object. */
struct judged *judge_object(struct iopf_engine *e, struct object *o)
{
	if (o->judged || !o->address || !e->judge.on)
		return o->judged;
	o->judged = memory_calloc(&e->memory, 1, sizeof(*o->judged));
	if (!o->judged)
		core_out_of_memory(e);
	return o->judged;
}

/* Whether an object gives out a cookie of 0, as far as was seen. */
bool judge_gives_zero(const struct object *o)
{
	return o && o->judged && (o->judged->zero || o->judged->zero_free);
}

/* Forgets what the pages of a group add up to. */
void judge_forget_pages(struct judge *j, const struct group *g)
{
	map_remove(&j->pages, g->id);
	map_remove(&j->addresses, g->id);
	map_remove(&j->expected, g->id);
}

/* Forgets what became of an object's cookies. */
static void forget_fates(struct judge *j, struct judged *judged)
{
	struct fates *f = &j->fates;
	uint32_t number, next;

	for (number = judged->fates; number; number = next) {
		next = f->page[number]->next;
		map_remove(&f->by_key, f->page[number]->key);
		memory_free(f->by_key.memory, f->page[number]);
		f->page[number] = NULL;
		f->spare[number] = f->free;
		f->free = number;
	}
	judged->fates = 0;
	judged->fates_last = NULL;
}

/* Makes room for one more page of cookies; returns its number, or 0. */
static uint32_t new_fates_number(struct fates *f)
{
	uint32_t number = f->free, max = f->max ? 2 * f->max : 16;
	struct fate_page **page;
	uint32_t *spare;

	if (number) {
		f->free = f->spare[number];
		return number;
	}
	if (f->nr + 1 >= f->max) {
		page = memory_realloc(f->by_key.memory, f->page, max * sizeof(struct fate_page *));
		if (!page)
			return 0;
		f->page = page;
		spare = memory_realloc(f->by_key.memory, f->spare, max * sizeof(*spare));
		if (!spare)
			return 0;
		f->spare = spare;
		f->max = max;
	}
	return ++f->nr;
}

/* Makes the page that a cookie is on. */
static struct fate_page *make_fates(struct iopf_engine *e, struct judged *judged, uint64_t key)
{
	struct fates *f = &e->judge.fates;
	struct fate_page *page;
	uint32_t number;

	if (!f->detail) /* a megabyte that a file of a few groups does without */
		f->detail = memory_calloc(&e->memory, FATE_DETAILS, sizeof(*f->detail));
	page = f->detail ? memory_calloc(&e->memory, 1, sizeof(*page)) : NULL;
	number = page ? new_fates_number(f) : 0;

	if (number && map_set(&f->by_key, key, number)) {
		f->page[number] = NULL;
		f->spare[number] = f->free;
		f->free = number;
		number = 0;
	}
	if (!number) {
		memory_free(&e->memory, page);
		core_out_of_memory(e);
		return NULL;
	}
	page->key = key;
	page->next = judged->fates;
	judged->fates = number;
	f->page[number] = page;
	return page;
}

/* Where it is remembered what became of a cookie. */
struct cookie_fate *judge_fate(struct iopf_engine *e, struct object *o, uint32_t cookie)
{
	struct judged *judged = judge_object(e, o);
	struct fate_page *page;

	if (!judged)
		return NULL;
	if (judged->fates_epoch != e->epoch)
		forget_fates(&e->judge, judged);
	judged->fates_epoch = e->epoch;
	page = remember_fates(&e->judge, o, cookie);
	if (!page)
		page = make_fates(e, judged, remember_fates_key(o, cookie));
	if (!page)
		return NULL;
	judged->fates_last = page;
	return &page->fate[cookie % FATES_PER_PAGE];
}

/* Frees what rules remember of an object. */
void judge_forget(struct judge *j, struct judged *judged)
{
	if (!judged)
		return;
	forget_fates(j, judged);
	memory_free(j->fates.by_key.memory, judged->repeats);
	memory_free(j->fates.by_key.memory, judged->masked);
	memory_free(j->fates.by_key.memory, judged->strange);
	memory_free(j->fates.by_key.memory, judged->newest);
	memory_free(j->fates.by_key.memory, judged);
}

/* The same of a dead one. */
void judge_bury(struct iopf_engine *e, struct object *o)
{
	struct judged *j = o->judged;

	if (!j || j->repeats)
		return;
	o->added_up = !j->odd && !j->nr_strange;
	o->judged = NULL;
	judge_forget(&e->judge, j);
}

/* Notes that a rule may be broken, which something decides that was not seen. */
void judge_drop(struct iopf_engine *e, const struct object *o, unsigned int rule,
		enum iopf_undecided by)
{
	if (o->in_scope && findings_is_error(e, rule))
		e->judge.dropped[by] |= 1ULL << rule;
}

/* Tells those that want to know. */
void rules_step(struct iopf_engine *e, const struct rules_step *step)
{
	const struct judge *j = &e->judge;
	const rules_fn *fn;

	if (!j->on)
		return;
	fn = step->kind == RULES_RECORD ? j->takers[step->rec->type] : j->handlers[step->kind];
	for (; *fn; fn++)
		(*fn)(e, step);
}

/* Rules whose verdict on an object needs its whole history. */
#define WHOLE_RULES \
	(1ULL << 32 | 1U << 3 | 1U << 8 | 1U << 9 | 1U << 10 | 1U << 11 | 1U << 12 | 1U << 25)

/* Why a rule was not judged at all; NULL if it was. */
static const char *not_judged(const struct iopf_engine *e, const struct iopf_rule *rule,
			      const struct iopf_run *run)
{
	const struct judge *j = &e->judge;

	if (j->severity[rule->number] == IOPF_SEVERITY_OFF)
		return "off by policy";
	for (unsigned int i = 0; i < IOPF_PROBES; i++) {
		if (rule->needs & run->absent & 1U << i)
			return iopf_probe_words((enum iopf_probe)i);
	}
	if (rule->number == 26 && !j->deadline_ns[IOPF_DEADLINE_READ])
		return "no deadline for reads is set";
	if (rule->number == 24 && !j->deadline_ns[IOPF_DEADLINE_CALL])
		return "no deadline for calls is set";
	if (rule->number == 33 && !e->judge.compared[1] && e->judge.compared[0])
		return "what was written for the answers is not known";
	return NULL;
}

/* Rules that need to have seen since when a group waits, or for what handle or object. */
static bool needs_birth(const struct judge *j, unsigned int number)
{
	return number == 16 || number == 19 ||
	       (number == 1 && j->deadline_ns[IOPF_DEADLINE_ANSWER]) ||
	       (number == 26 && j->deadline_ns[IOPF_DEADLINE_READ]);
}

/* Why a suspicion was not decided. */
static const char *const undecided[IOPF_UNDECIDEDS] = {
	[IOPF_UNDECIDED_INSIDE] =
		"a call that had not returned may have answered, or returned, what is missing",
	[IOPF_UNDECIDED_BUSY] = "a fault object was in use while it was looked at in the end",
	[IOPF_UNDECIDED_SHORT] = "a write that stopped short does not tell why",
	[IOPF_UNDECIDED_ANSWER] = "when a group was answered was not seen",
	[IOPF_UNDECIDED_READS] = "what buffers showed of the groups that were read does not add up",
};

/* Why a rule was judged for a part only; NULL if for all. */
static const char *in_part(const struct iopf_engine *e, const struct iopf_rule *rule,
			   const struct iopf_report *r)
{
	if (core_is_blind(e))
		return "there was no room for all that rules rely on: nothing was judged from then on";
	for (int i = 0; i < IOPF_UNDECIDEDS; i++) {
		if (e->judge.dropped[i] >> rule->number & 1)
			return undecided[i];
	}
	if (r->lost.events || r->lost.gaps)
		return "events were lost: groups whose life overlaps a gap are not judged";
	if (e->judge.partly && WHOLE_RULES >> rule->number & 1)
		return "fault objects that are older than the trace are not judged";
	if (rule->number == 33 && e->judge.compared[0])
		return "what was written for some answers is not known";
	if (r->groups.adopted && needs_birth(&e->judge, rule->number))
		return "groups that are older than the trace are judged by what came since";
	return NULL;
}

/* Lists what was not judged. */
static void list_unchecked(const struct iopf_engine *e, const struct iopf_run *run,
			   struct iopf_report *r)
{
	for (unsigned int number = 1; number <= IOPF_RULES; number++) {
		const struct iopf_rule *rule = iopf_rule(number);
		const char *why = not_judged(e, rule, run);
		bool whole = why != NULL;

		r->rules_checked += !whole;
		if (!why)
			why = in_part(e, rule, r);
		if (why)
			r->not_checked[r->nr_not_checked++] = (struct iopf_not_checked){
				.rule = rule, .in_part = !whole, .why = why
			};
	}
}

/* The rules' part of a report. */
int judge_report(struct iopf_engine *e, const struct iopf_run *run, struct iopf_report *r)
{
	int err;

	if (!e->judge.on)
		return 0;
	r->judged = true;
	r->not_checked = calloc(IOPF_RULES, sizeof(*r->not_checked));
	if (!r->not_checked)
		return -ENOMEM;
	err = findings_report(e, run, r);
	list_unchecked(e, run, r);
	return err;
}
