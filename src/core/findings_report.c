// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What becomes of findings at the end: which of them count, and which of these are proven. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include <stdlib.h>
#include <string.h>

#include "breakdown.h"
#include "findings.h"
#include "judge.h"

/* Longer than any read takes: it returns what there is, and waits for nothing. */
#define READ_NS 500000000ULL

/* Whether what reads showed of an object adds up. */
static bool adds_up(const struct iopf_engine *e, uint32_t object)
{
	const struct object *o = objects_held(&e->objects, object);

	return o && (o->judged ? !o->judged->odd && !o->judged->nr_strange : o->added_up);
}

/* Keeps a case that has waited; those that are proven come first. False when there is no room. */
static bool insert_case(struct iopf_engine *e, struct found *found, const struct found_pending *p)
{
	bool before = p->proven && found->proven < found->nr;
	size_t at = before ? (size_t)found->proven : found->nr;

	if (!findings_room(e, found)) {
		if (!before)
			return false;
		free(found->kept[--found->nr].step);
	}
	memmove(&found->kept[at + 1], &found->kept[at], (found->nr - at) * sizeof(*found->kept));
	found->kept[at] = p->c;
	found->nr++;
	return true;
}

/* Whether a read has not returned that may give what a case says was never given. */
static bool may_be_read(const struct iopf_engine *e, const struct found_pending *p)
{
	const struct object *o = p->object ? objects_held(&e->objects, p->object) : NULL;

	return p->rule == 3 && !p->proven && o && o->judged &&
	       ((o->judged->reading_ns && o->judged->reading_ns < p->c.time_ns) ||
		(e->judge.reading_ns && e->judge.reading_ns < p->c.time_ns));
}

/*
 * Whether a call has not returned that may have answered a group which a case says ended without an answer:
 * one that was entered before the group's memory was used again.
 */
static bool may_be_answered(const struct iopf_engine *e, const struct found_pending *p)
{
	const struct object *o = p->object ? objects_held(&e->objects, p->object) : NULL;
	const struct judged *j = o ? o->judged : NULL;

	return p->rule == 1 && !p->proven &&
	       (e->judge.unlooked ||
		(e->judge.answering && e->judge.answering_ns <= p->c.time_ns) ||
		(j && j->answering && j->answering_ns <= p->c.time_ns));
}

/* What would decide whether a case counts, and was not seen; IOPF_UNDECIDEDS if there is nothing. */
static enum iopf_undecided undecided_by(const struct iopf_engine *e, const struct found_pending *p)
{
	if (p->object && p->sum && !adds_up(e, p->object))
		return IOPF_UNDECIDED_READS;
	if (may_be_read(e, p) || may_be_answered(e, p))
		return IOPF_UNDECIDED_INSIDE;
	return IOPF_UNDECIDEDS;
}

/* Counts those cases of which it turned out that they count. */
static void settle_pending(struct iopf_engine *e, const struct iopf_run *run)
{
	/* Queue removal answers without iopf_group_response(). */
	const uint32_t removal = 1U << IOPF_PROBE_DRIVER | 1U << IOPF_PROBE_QREMOVE_ENTRY |
				 1U << IOPF_PROBE_QREMOVE_EXIT;

	struct findings *f = &e->judge.findings;

	for (size_t i = 0; i < f->nr_pending; i++) {
		struct found_pending *p = &f->pending[i];
		struct found *found = &f->found[p->rule][p->severity];
		enum iopf_undecided by = undecided_by(e, p);

		if (core_is_blind(e) || (!p->object && !findings_device_in_scope(e, p->device)) ||
		    (p->rule == 1 && run->absent & removal)) {
			findings_forget(p);
			continue;
		}
		if (by != IOPF_UNDECIDEDS) {
			if (p->object && p->severity == IOPF_SEVERITY_ERROR)
				judge_drop(e, objects_held(&e->objects, p->object), p->rule, by);
			findings_forget(p);
			continue;
		}
		found->count += 1 + p->more;
		breakdown_finding(e, p->c.time_ns, 1 + p->more);
		if (insert_case(e, found, p)) {
			strings_move(&f->strings, &p->strings);
			findings_tell(e, p->rule, p->severity, &p->c);
		} else {
			findings_forget(p);
		}
		found->proven += p->proven;
	}
	f->nr_pending = 0;
}

/* What has been found until now is proven, as far as the counters go. */
void findings_counted(struct findings *f, const struct iopf_run *so_far)
{
	for (unsigned int number = 1; number <= IOPF_RULES; number++) {
		const struct iopf_rule *rule = iopf_rule(number);

		if (!findings_stand(rule, so_far))
			continue;
		for (int s = IOPF_SEVERITY_NOTE; s <= IOPF_SEVERITY_ERROR; s++)
			f->found[number][s].proven = f->found[number][s].count;
	}
	for (size_t i = 0; i < f->nr_pending; i++) {
		struct found_pending *p = &f->pending[i];

		/* A read that is under way may hand a stray cookie out yet: reads do not wait. */
		if (findings_stand(iopf_rule(p->rule), so_far) &&
		    (p->rule != 3 || so_far->end_ns > p->c.time_ns + READ_NS))
			p->proven = 1 + p->more;
	}
}

/*
 * What was counted before the end is of no use when the end tells all: the report is then that of who was
 * told the end only.
 */
static void forget_counted(struct findings *f)
{
	for (unsigned int number = 1; number <= IOPF_RULES; number++)
		for (int s = IOPF_SEVERITY_NOTE; s <= IOPF_SEVERITY_ERROR; s++)
			f->found[number][s].proven = 0;
	for (size_t i = 0; i < f->nr_pending; i++)
		f->pending[i].proven = 0;
}

/* How many of the cases are proven: the first ones. When the end is missing, by what was counted. */
static uint64_t nr_proven(const struct iopf_rule *rule, const struct iopf_run *run,
			  const struct found *found)
{
	if (run->doubtful)
		return 0;
	if (!findings_unproven(rule, run))
		return found->count;
	return run->misses_unknown ? found->proven : 0;
}

/* Takes the first cases, so many of which have been counted, out of those found. */
static int take_cases(struct found *found, uint64_t count, struct iopf_finding *f)
{
	size_t nr = count < found->nr ? (size_t)count : found->nr;
	struct found rest = { .count = found->count - count, .nr = found->nr - nr };

	if (rest.nr) {
		rest.kept = malloc(rest.nr * sizeof(*rest.kept));
		if (!rest.kept)
			return -ENOMEM;
		memcpy(rest.kept, found->kept + nr, rest.nr * sizeof(*rest.kept));
	}
	f->count = count;
	f->cases = found->kept;
	f->nr_cases = nr;
	*found = rest;
	return 0;
}

/* What is not proven is nobody's fault: what was not seen may explain it. */
static void accuse_nobody(struct iopf_finding *f)
{
	for (size_t i = 0; i < f->nr_cases; i++)
		f->cases[i].blame = IOPF_BLAME_UNKNOWN;
}

/* Moves the findings of one severity into the report: those that are proven, or the others. */
static int move_findings(struct iopf_engine *e, const struct iopf_run *run, struct iopf_report *r,
			 enum iopf_severity severity, bool unproven)
{
	for (unsigned int number = 1; number <= IOPF_RULES; number++) {
		const struct iopf_rule *rule = iopf_rule(number);
		struct found *found = &e->judge.findings.found[number][severity];
		struct iopf_finding *f = &r->findings[r->nr_findings];
		uint64_t count = unproven ? found->count : nr_proven(rule, run, found);

		if (!count || rule->needs & run->absent)
			continue;
		if (take_cases(found, count, f))
			return -ENOMEM;
		f->rule = rule;
		f->severity = severity;
		f->unproven = unproven;
		if (unproven)
			accuse_nobody(f);
		r->nr_findings++;
	}
	return 0;
}

/* Moves all into a report: what is proven first, and the worst of that. */
int findings_report(struct iopf_engine *e, const struct iopf_run *run, struct iopf_report *r)
{
	struct strings all = { .first = r->priv };
	int err = 0;

	r->findings =
		calloc(2 * (size_t)IOPF_RULES * (IOPF_SEVERITY_ERROR + 1), sizeof(*r->findings));
	if (!r->findings)
		return -ENOMEM;
	if (!run->misses_unknown)
		forget_counted(&e->judge.findings);
	settle_pending(e, run);
	for (int unproven = 0; unproven < 2; unproven++) {
		for (int s = IOPF_SEVERITY_ERROR; s >= IOPF_SEVERITY_NOTE && !err; s--)
			err = move_findings(e, run, r, s, unproven);
	}
	strings_move(&all, &e->judge.findings.strings);
	r->priv = all.first;
	return err;
}
