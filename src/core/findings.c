// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Findings. */
#define IOPF_CORE_PRIVATE
#include "core.h"

#include <stdlib.h>
#include <string.h>

#include "breakdown.h"
#include "findings.h"
#include "judge.h"
#include "stages.h"

#define DEFAULT_CASES 8

/* Frees a case that waits. */
void findings_forget(struct found_pending *p)
{
	free(p->c.step);
	strings_free(&p->strings);
}

/* Frees it. */
void findings_free(struct findings *f)
{
	for (int rule = 1; rule <= IOPF_RULES; rule++) {
		for (int severity = 0; severity <= IOPF_SEVERITY_ERROR; severity++) {
			struct found *found = &f->found[rule][severity];

			for (size_t i = 0; i < found->nr; i++)
				free(found->kept[i].step);
			free(found->kept);
		}
	}
	for (size_t i = 0; i < f->nr_pending; i++)
		findings_forget(&f->pending[i]);
	strings_free(&f->making_strings);
	strings_free(&f->strings);
}

/* What the policy makes of a rule's severity: a lesser case of a rule stays a lesser one. */
static enum iopf_severity effective(const struct iopf_engine *e, unsigned int rule,
				    enum iopf_severity severity)
{
	enum iopf_severity policy = e->judge.severity[rule];

	if (policy == IOPF_SEVERITY_DEFAULT || policy == iopf_rule(rule)->severity)
		return severity;
	if (policy == IOPF_SEVERITY_OFF || severity == iopf_rule(rule)->severity)
		return policy;
	return severity < policy ? severity : policy;
}

/* Whether a case of a rule, with the rule's own severity, is an error. */
bool findings_is_error(const struct iopf_engine *e, unsigned int rule)
{
	return effective(e, rule, iopf_rule(rule)->severity) == IOPF_SEVERITY_ERROR;
}

/* Makes room for one more case; false when it is only to be counted. */
bool findings_room(struct iopf_engine *e, struct found *found)
{
	size_t limit = e->judge.max_cases ? e->judge.max_cases : DEFAULT_CASES;
	struct iopf_case *kept;
	size_t max;

	if (found->nr >= limit)
		return false;
	if (found->nr < found->max)
		return true;
	max = found->max ? found->max * 2 : 2;
	kept = realloc(found->kept, max * sizeof(*kept));
	if (!kept) {
		core_out_of_memory(e);
		return false;
	}
	found->kept = kept;
	found->max = max;
	return true;
}

/* Begins the one case that is being made. */
static struct iopf_case *begin(struct iopf_engine *e, unsigned int rule,
			       enum iopf_severity severity, uint32_t device)
{
	struct findings *f = &e->judge.findings;

	f->rule = rule;
	f->severity = severity;
	f->device = device;
	f->object = 0;
	f->sum = false;
	f->nr_steps = 0;
	strings_free(&f->making_strings);
	memset(&f->making, 0, sizeof(f->making));
	f->making.severity = severity;
	f->making.seq = e->next_seq ? e->next_seq - 1 : 0;
	f->making.time_ns = e->last_ns;
	return &f->making;
}

/* Begins a case about an object. */
struct iopf_case *findings_begin(struct iopf_engine *e, unsigned int rule,
				 enum iopf_severity severity, const struct object *o)
{
	struct findings *f = &e->judge.findings;
	struct iopf_case *c;

	severity = effective(e, rule, severity);
	if (severity <= IOPF_SEVERITY_OFF || severity > IOPF_SEVERITY_ERROR ||
	    (o && !o->in_scope) || core_is_blind(e))
		return NULL;
	if (!findings_room(e, &f->found[rule][severity])) {
		f->found[rule][severity].count++;
		breakdown_finding(e, e->last_ns, 1);
		return NULL;
	}
	c = begin(e, rule, severity, 0);
	if (o) {
		c->object = o->address;
		c->object_id = o->id;
	}
	return c;
}

/* Whether a device is of the scope: it has groups there. */
bool findings_device_in_scope(const struct iopf_engine *e, uint32_t device)
{
	return e->scope.everything ||
	       (device < e->total.nr_devices && e->total.device_groups[device]);
}

/* Begins a case about a device. */
struct iopf_case *findings_begin_device(struct iopf_engine *e, unsigned int rule,
					enum iopf_severity severity, uint32_t device)
{
	if (findings_device_in_scope(e, device))
		return findings_begin(e, rule, severity, NULL);
	severity = effective(e, rule, severity);
	if (severity <= IOPF_SEVERITY_OFF || !device || core_is_blind(e))
		return NULL;
	return begin(e, rule, severity, device);
}

/* A copy of a string in what will be the report. */
static const char *keep(struct iopf_engine *e, const char *text)
{
	const char *copy = strings_copy(&e->judge.findings.making_strings, text);

	if (!copy)
		core_out_of_memory(e);
	return copy ? copy : "";
}

/* Whether two steps are the same event. */
static bool is_same_step(const struct iopf_step *a, const struct iopf_step *b)
{
	return a->kind == b->kind && a->time_ns && a->time_ns == b->time_ns &&
	       a->enter_ns == b->enter_ns && a->tid == b->tid && !a->offending;
}

/* Where a step goes: what is said of an event last says most. */
static struct iopf_step *place_of(struct findings *f, const struct iopf_step *step)
{
	for (size_t i = 0; i < f->nr_steps; i++) {
		if (is_same_step(&f->step[i], step))
			return &f->step[i];
	}
	return &f->step[f->nr_steps++];
}

/* Adds a step. */
static void add_step(struct iopf_engine *e, struct iopf_step step, uint32_t task,
		     const char *format, va_list args)
{
	struct findings *f = &e->judge.findings;
	const struct task *t = tasks_at(&e->tasks, task);
	const char *text;

	if (f->nr_steps == FINDINGS_STEPS)
		return;
	text = strings_format(&f->making_strings, format, args);
	if (!text)
		core_out_of_memory(e);
	step.text = text ? text : "";
	step.tgid = t->tgid;
	step.tid = t->tid;
	step.comm = keep(e, t->comm);
	*place_of(f, &step) = step;
}

/* Adds a step. */
void findings_step(struct iopf_engine *e, struct iopf_step step, uint32_t task, const char *format,
		   ...)
{
	va_list args;

	va_start(args, format);
	add_step(e, step, task, format, args);
	va_end(args);
}

/* Adds the moment that offends. */
void findings_record(struct iopf_engine *e, enum iopf_step_kind kind, const struct iopf_rec *rec,
		     uint64_t enter_ns, const char *format, ...)
{
	struct iopf_step step = {
		.kind = kind,
		.offending = true,
		.has_seq = true,
		.seq = rec->seq,
		.time_ns = rec->time_ns,
		.enter_ns = enter_ns,
	};
	va_list args;

	va_start(args, format);
	add_step(e, step, tasks_get(&e->tasks, rec->tgid, rec->tid), format, args);
	va_end(args);
}

/* The words for a status. */
static const char *code_words(uint32_t code)
{
	static const char *const words[] = { "SUCCESS", "INVALID", "FAILURE" };

	return code <= IOPF_CODE_FAILURE ? words[code] : "an undefined code";
}

/* The words for who answered. */
static const char *by_words(enum iopf_responder by)
{
	static const char *const words[IOPF_RESPONDERS] = {
		[IOPF_BY_NOBODY] = "nobody",
		[IOPF_BY_USER] = "user space",
		[IOPF_BY_DETACH] = "the kernel, at detach",
		[IOPF_BY_DESTROY] = "the kernel, at the object's destruction",
		[IOPF_BY_QREMOVE] = "the kernel, at queue removal",
		[IOPF_BY_ABORT] = "the kernel, which aborted it",
		[IOPF_BY_UNKNOWN] = "a caller that was not seen",
	};

	return words[by];
}

/* The steps of a group as far as they are known. */
static void add_journey(struct iopf_engine *e, const struct group *g, const struct answer *a)
{
	if (g->report_ns)
		findings_step(
			e, (struct iopf_step){ .kind = IOPF_STEP_REPORT, .time_ns = g->report_ns },
			0, "the device asks for %u page%s", g->pages, g->pages == 1 ? "" : "s");
	if (!(g->state & GROUP_ADOPTED))
		findings_step(e,
			      (struct iopf_step){ .kind = IOPF_STEP_QUEUE,
						  .has_seq = true,
						  .seq = g->seq,
						  .time_ns = g->queue_ns },
			      0, "queued");
	if (g->state & GROUP_DELIVERED && g->deliver_ns)
		findings_step(e,
			      (struct iopf_step){ .kind = IOPF_STEP_READ,
						  .time_ns = g->deliver_ns,
						  .enter_ns = g->enter_ns },
			      g->reader, "read, with cookie %u", g->cookie);
	if (a)
		findings_step(e,
			      (struct iopf_step){ .kind = IOPF_STEP_ANSWER,
						  .has_seq = true,
						  .seq = a->seq,
						  .time_ns = a->write_ns ? a->write_ns : a->ack_ns,
						  .enter_ns = a->caller_ns },
			      tasks_get(&e->tasks, a->tgid, a->tid), "answered %s by %s",
			      code_words(a->code), by_words(a->by));
}

/* Puts a group into a case. */
void findings_group(struct iopf_engine *e, struct iopf_case *c, const struct group *g,
		    const struct answer *a)
{
	struct stages stages = stages_of(g, a);
	const struct task *reader = tasks_at(&e->tasks, g->reader);

	c->has_group = true;
	stages_view(&c->group, g, a, &stages);
	c->group.object_id = core_object_of(e, g)->id;
	c->group.dev_id = core_dev_id(e, g);
	c->group.device = keep(e, devices_at(&e->devices, core_device_of(e, g))->name);
	c->group.reader_tgid = reader->tgid;
	c->group.reader_tid = reader->tid;
	c->group.reader = keep(e, reader->comm);
	c->group.writer = "";
	if (a && a->by == IOPF_BY_USER)
		c->group.writer =
			keep(e, tasks_at(&e->tasks, tasks_get(&e->tasks, a->tgid, a->tid))->comm);
	add_journey(e, g, a);
}

/* Whether one step comes after another in the story; what has no time stays where it is. */
static bool comes_after(const struct iopf_step *a, const struct iopf_step *b)
{
	return a->time_ns && b->time_ns && a->time_ns > b->time_ns;
}

/* Marks the last step that was added. */
void findings_mark_last(struct iopf_engine *e)
{
	struct findings *f = &e->judge.findings;

	if (f->nr_steps)
		f->step[f->nr_steps - 1].offending = true;
}

/* The name of a device. */
const char *findings_device(struct iopf_engine *e, uint32_t device)
{
	return keep(e, devices_at(&e->devices, device)->name);
}

/* Counts more cases. */
void findings_count(struct iopf_engine *e, unsigned int rule, enum iopf_severity severity,
		    uint64_t cases)
{
	struct found *found = e->judge.findings.found[rule];
	enum iopf_severity as = effective(e, rule, severity);

	if (cases && as > IOPF_SEVERITY_OFF && !core_is_blind(e)) {
		found[as].count += cases;
		breakdown_finding(e, e->last_ns, cases);
	}
}

/* Puts the steps in order of time, equal ones in the order they were added. */
static void sort_steps(struct iopf_step *step, size_t nr)
{
	for (size_t i = 1; i < nr; i++) {
		struct iopf_step s = step[i];
		size_t at = i;

		for (; at && comes_after(&step[at - 1], &s); at--)
			step[at] = step[at - 1];
		step[at] = s;
	}
}

/* The last of those that wait with the case that was made, if there are as many as are kept. */
static struct found_pending *find_pending(struct iopf_engine *e)
{
	size_t nr = 0, limit = e->judge.max_cases ? e->judge.max_cases : DEFAULT_CASES;
	struct findings *f = &e->judge.findings;
	struct found_pending *last = NULL;

	for (size_t i = 0; i < f->nr_pending; i++) {
		struct found_pending *p = &f->pending[i];

		if (p->rule != f->rule || p->severity != f->severity || p->device != f->device ||
		    p->object != f->object)
			continue;
		last = p;
		nr++;
	}
	return nr >= limit ? last : NULL;
}

/* Has the case that was made wait; beyond as many as are kept it is only counted. */
static void wait_case(struct iopf_engine *e)
{
	struct findings *f = &e->judge.findings;
	struct found_pending *last = find_pending(e);

	if (last || f->nr_pending == FINDINGS_PENDING) {
		if (last)
			last->more++;
		else
			core_limit(e, IOPF_LIMIT_FINDINGS);
		free(f->making.step);
		strings_free(&f->making_strings);
		return;
	}
	f->pending[f->nr_pending++] = (struct found_pending){
		.c = f->making,
		.device = f->device,
		.object = f->object,
		.sum = f->sum,
		.rule = (uint8_t)f->rule,
		.severity = (uint8_t)f->severity,
		.strings = f->making_strings,
	};
	f->making_strings.first = NULL;
}

/* Whether a rule's findings cannot be relied on: a probe whose silence they rest on was missed. */
bool findings_unproven(const struct iopf_rule *rule, const struct iopf_run *run)
{
	for (unsigned int i = 0; i < IOPF_PROBES; i++) {
		if (rule->relies >> i & 1 && run->missed[i])
			return true;
	}
	return rule->relies && (run->lost[IOPF_LOST_CONTEXT] || run->misses_unknown);
}

/* Whether what breaks a rule is told of when so much has been missed. */
bool findings_stand(const struct iopf_rule *rule, const struct iopf_run *so_far)
{
	return !(rule->needs & so_far->absent) && !findings_unproven(rule, so_far);
}

/* Shows a case to the user, if it stands by what is known now. */
void findings_tell(struct iopf_engine *e, unsigned int number, enum iopf_severity severity,
		   const struct iopf_case *c)
{
	const struct iopf_rule *rule = iopf_rule(number);
	struct iopf_run so_far = { 0 };

	if (!e->judge.on_finding)
		return;
	if (e->judge.misses)
		e->judge.misses(e->judge.misses_arg, &so_far);
	if (findings_stand(rule, &so_far))
		e->judge.on_finding(e->judge.on_finding_arg, rule, severity, c);
}

/* Keeps the case that was made. */
static void keep_case(struct iopf_engine *e)
{
	struct findings *f = &e->judge.findings;
	struct found *found = &f->found[f->rule][f->severity];

	if (f->device || f->object) {
		if (f->object && e->judge.on_suspected)
			e->judge.on_suspected(e->judge.on_finding_arg, iopf_rule(f->rule),
					      f->severity, &f->making);
		wait_case(e);
		return;
	}
	found->count++;
	breakdown_finding(e, e->last_ns, 1);
	found->kept[found->nr++] = f->making;
	strings_move(&f->strings, &f->making_strings);
	findings_tell(e, f->rule, f->severity, &f->making);
}

/* Has the case that is being made wait. */
void findings_hold(struct iopf_engine *e, const struct object *o, bool sum)
{
	e->judge.findings.object = o->number;
	e->judge.findings.sum |= sum;
}

/* Drops those that turned out to be none. */
void findings_drop(struct iopf_engine *e, unsigned int rule, const struct object *o,
		   uint32_t cookie, uint64_t since_ns)
{
	struct findings *f = &e->judge.findings;
	size_t kept = 0;

	for (size_t i = 0; i < f->nr_pending; i++) {
		struct found_pending *p = &f->pending[i];

		if (p->rule == rule && p->object == o->number && p->c.group.cookie == cookie &&
		    p->c.time_ns > since_ns && !p->more)
			findings_forget(p);
		else if (&f->pending[kept++] != p)
			f->pending[kept - 1] = *p;
	}
	f->nr_pending = kept;
}

/* Ends a case. */
void findings_end(struct iopf_engine *e, struct iopf_case *c, enum iopf_blame blame,
		  const char *expected, const char *format, ...)
{
	struct findings *f = &e->judge.findings;
	va_list args;

	va_start(args, format);
	c->text = strings_format(&f->making_strings, format, args);
	va_end(args);
	if (!c->text) {
		core_out_of_memory(e);
		c->text = "";
	}
	c->expected = expected; /* a literal */
	c->blame = blame;
	if (!c->has_group)
		c->group.device = c->group.reader = c->group.writer = "";
	c->step = malloc((f->nr_steps + 1) * sizeof(*c->step));
	if (!c->step) {
		core_out_of_memory(e);
		f->nr_steps = 0;
	} else {
		sort_steps(f->step, f->nr_steps);
		memcpy(c->step, f->step, f->nr_steps * sizeof(*c->step));
	}
	c->nr_steps = f->nr_steps;
	keep_case(e);
}

/* Changes the text of a case that has been kept. */
void findings_retell(struct iopf_engine *e, unsigned int rule, enum iopf_severity severity,
		     size_t place, const char *text)
{
	struct findings *f = &e->judge.findings;
	const char *copy = strings_copy(&f->strings, text);

	if (copy)
		f->found[rule][severity].kept[place].text = copy;
	else
		core_out_of_memory(e);
}
