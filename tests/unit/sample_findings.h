/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Findings made by hand, for the tests of the output formats; they are added to a sample report. */
#ifndef TESTS_SAMPLE_FINDINGS_H
#define TESTS_SAMPLE_FINDINGS_H

#include "sample_report.h"

#define SAMPLE_FINDINGS 256
#define SAMPLE_CASES 256
#define SAMPLE_STEPS 2048
#define SAMPLE_ASSERTIONS 16

/* Where the findings of a report live; what is added first to one stays in order. */
struct sample_findings {
	struct iopf_report *report;
	struct iopf_finding finding[SAMPLE_FINDINGS];
	struct iopf_case cases[SAMPLE_CASES];
	struct iopf_step step[SAMPLE_STEPS];
	struct iopf_not_checked not_checked[IOPF_RULES];
	struct iopf_assertion assertion[SAMPLE_ASSERTIONS];
	size_t nr_cases, nr_steps;
};

/* Makes a report one that was judged: by all rules, without a finding. */
static inline void findings_begin(struct sample_findings *s, struct iopf_report *r)
{
	memset(s, 0, sizeof(*s));
	s->report = r;
	r->judged = true;
	r->rules_checked = IOPF_RULES;
	r->findings = s->finding;
	r->not_checked = s->not_checked;
	r->assertions = s->assertion;
}

/* Adds a finding; its cases are to follow. */
static inline struct iopf_finding *add_finding(struct sample_findings *s, const char *rule,
					       enum iopf_severity severity, uint64_t count)
{
	struct iopf_finding *f = &s->finding[s->report->nr_findings++];

	*f = (struct iopf_finding){
		.rule = iopf_rule_find(rule),
		.severity = severity,
		.count = count,
		.cases = &s->cases[s->nr_cases],
	};
	if (severity == IOPF_SEVERITY_ERROR) {
		s->report->verdict = IOPF_VIOLATION;
		s->report->exit_code = 1;
		s->report->exit_because = IOPF_BECAUSE_VIOLATION;
	}
	return f;
}

/* Adds a case to the last finding; its steps are to follow. */
static inline struct iopf_case *add_case(struct sample_findings *s, enum iopf_blame blame,
					 uint32_t grpid, const char *text, const char *expected)
{
	struct iopf_finding *f = &s->finding[s->report->nr_findings - 1];
	struct iopf_case *c = &s->cases[s->nr_cases++];

	f->nr_cases++;
	*c = (struct iopf_case){
		.has_group = grpid != 0,
		.group = sample_group(grpid, 41000),
		.object = 0xffff888100000000,
		.object_id = 7,
		.blame = blame,
		.severity = f->severity,
		.seq = 500 + s->nr_cases,
		.time_ns = s->report->start_ns + 3214000000,
		.text = text,
		.expected = expected,
		.step = &s->step[s->nr_steps],
	};
	return c;
}

/* Adds a step to the last case, @at after the beginning of its journey, @took inside a call. */
static inline struct iopf_step *add_step(struct sample_findings *s, enum iopf_step_kind kind,
					 uint64_t at, uint64_t took, uint32_t tid, const char *comm,
					 const char *text)
{
	struct iopf_case *c = &s->cases[s->nr_cases - 1];
	struct iopf_step *step = &s->step[s->nr_steps++];
	uint64_t begin = s->report->start_ns + 3200000000;

	c->nr_steps++;
	*step = (struct iopf_step){
		.kind = kind,
		.has_seq = true,
		.seq = 490 + s->nr_steps,
		.time_ns = begin + at,
		.enter_ns = took ? begin + at - took : 0,
		.tgid = tid ? 2200 : 0,
		.tid = tid,
		.comm = comm,
		.text = text,
	};
	return step;
}

static inline struct iopf_not_checked *add_not_checked(struct sample_findings *s, const char *rule,
						       bool in_part, const char *why)
{
	struct iopf_not_checked *n = &s->not_checked[s->report->nr_not_checked++];

	*n = (struct iopf_not_checked){ iopf_rule_find(rule), in_part, why };
	if (!in_part)
		s->report->rules_checked--;
	return n;
}

static inline struct iopf_assertion *add_assertion(struct sample_findings *s, const char *expr,
						   bool is_time, bool holds, double value)
{
	struct iopf_assertion *a = &s->assertion[s->report->nr_assertions++];

	*a = (struct iopf_assertion){
		.expr = expr, .known = true, .is_time = is_time, .holds = holds, .value = value
	};
	if (!holds && s->report->exit_code != 1) {
		s->report->exit_code = 2;
		s->report->exit_because = IOPF_BECAUSE_ASSERTION;
	}
	return a;
}

/* How a group began that was answered by a vCPU thread. */
static inline void add_beginning(struct sample_findings *s)
{
	add_step(s, IOPF_STEP_REPORT, 0, 0, 312, "irq/66-dmar0", "reported by the driver");
	add_step(s, IOPF_STEP_QUEUE, 900, 0, 312, "irq/66-dmar0", "queued on fault object 7");
	add_step(s, IOPF_STEP_READ, 311000, 6900, 2201, "iopf-reader", "delivered with cookie 12");
}

/* User space writes a cookie that it has answered before. */
static inline void add_stray(struct sample_findings *s)
{
	add_finding(s, "IOPF003", IOPF_SEVERITY_ERROR, 3);
	add_case(s, IOPF_BLAME_USER, 311, "cookie 12 was written while no group had it",
		 "a cookie that a read gave and that has not been answered yet");
	add_beginning(s);
	add_step(s, IOPF_STEP_ANSWER, 9701000, 3100, 2203, "vcpu3", "answered: success");
	add_step(s, IOPF_STEP_DRIVER, 9702200, 0, 2203, "vcpu3", "the driver is told: success");
	add_step(s, IOPF_STEP_WRITE, 14020000, 2000, 2204, "vcpu4",
		 "cookie 12 written with success: refused, EINVAL")
		->offending = true;
	add_case(s, IOPF_BLAME_USER, 318, "cookie 3 was written while no group had it", "");
	add_case(s, IOPF_BLAME_USER, 325, "cookie 4 was written while no group had it", "");
}

/* A group whose object is destroyed under it, by a kernel that forgets it. */
static inline void add_unanswered(struct sample_findings *s)
{
	add_finding(s, "IOPF001", IOPF_SEVERITY_ERROR, 1);
	add_case(s, IOPF_BLAME_KERNEL, 402,
		 "the fault object was destroyed, and the group had no answer",
		 "an answer before the object goes")
		->group.pages = 8;
	add_beginning(s);
	add_step(s, IOPF_STEP_DESTROY, 2411000000, 48000, 2200, "vmm",
		 "the fault object is destroyed, 0 groups answered")
		->offending = true;
}

/* Somebody may have answered for an earlier delivery of the same cookie. */
static inline void add_stale(struct sample_findings *s)
{
	add_finding(s, "IOPF005", IOPF_SEVERITY_WARN, 2);
	add_case(s, IOPF_BLAME_USER, 511,
		 "the write that answered it was entered before the read that delivered it",
		 "a write entered after the read");
	add_step(s, IOPF_STEP_QUEUE, 900, 0, 312, "irq/66-dmar0", "queued on fault object 7");
	add_step(s, IOPF_STEP_READ, 52000, 9000, 2201, "iopf-reader", "delivered with cookie 12");
	add_step(s, IOPF_STEP_ANSWER, 52900, 31000, 2203, "vcpu3", "answered: success")->offending =
		true;
	add_case(s, IOPF_BLAME_USER, 518, "the write was entered before the read", "");
}

static inline void add_note(struct sample_findings *s)
{
	add_finding(s, "IOPF029", IOPF_SEVERITY_NOTE, 6);
	add_case(s, IOPF_BLAME_UNKNOWN, 77,
		 "the kernel answered 6 groups: 6 at detach, 0 at destruction, 0 at queue removal",
		 "");
}

/* Two rules broken, a warning, a note, and some rules not checked. */
static inline void sample_violation(struct sample *r, struct sample_findings *s)
{
	sample_pass(r);
	findings_begin(s, &r->report);
	add_stray(s);
	add_unanswered(s);
	add_stale(s);
	add_note(s);
	add_not_checked(s, "IOPF018", false, "probe iopf_queue_remove_device is not attached");
	add_not_checked(s, "IOPF020", true, "no deadline for partial requests");
	add_not_checked(s, "IOPF024", false, "no deadline was given");
	add_not_checked(s, "IOPF026", false, "no deadline was given");
	add_assertion(s, "total.p99<5ms", true, true, 494000);
	add_assertion(s, "groups>=1000", false, true, 16384);
}

/* A text of any bytes, often long. */
static inline const char *sample_text(uint64_t *random)
{
	static char texts[64][1500];
	static unsigned int next;
	char *s = texts[next++ % 64];
	size_t len, i;

	if (sample_random(random) % 8 == 0)
		return NULL;
	len = sample_random(random) % (sample_random(random) % 8 ? 90 : sizeof(texts[0]));
	for (i = 0; i < len; i++)
		s[i] = sample_random(random) % 4 ? (char)('a' + sample_random(random) % 8) :
		       sample_random(random) % 2 ? ' ' :
						   (char)(1 + sample_random(random) % 255);
	s[len] = '\0';
	return s;
}

/* A step of any kind at any time. */
static inline void sample_any_step(struct sample_findings *s, uint64_t *random)
{
	enum iopf_step_kind kind = (enum iopf_step_kind)(sample_random(random) % IOPF_STEP_KINDS);
	struct iopf_step *step = add_step(s, kind, 0, 0, (uint32_t)sample_any(random),
					  sample_name(random, 15), sample_text(random));

	step->time_ns = sample_any(random);
	step->enter_ns = sample_any(random);
	step->offending = sample_random(random) % 4 == 0;
}

/* A case of any kind. */
static inline void sample_any_case(struct sample_findings *s, uint64_t *random)
{
	enum iopf_blame blame = (enum iopf_blame)(sample_random(random) % 4);
	struct iopf_case *c = add_case(s, blame, sample_random(random) % 2, sample_text(random),
				       sample_text(random));
	unsigned int steps;

	c->group = sample_any_group(random);
	c->time_ns = sample_any(random);
	c->object_id = (uint32_t)sample_any(random);
	for (steps = (unsigned int)(sample_random(random) % 30); steps; steps--)
		sample_any_step(s, random);
}

/* Findings of any kind in a report of any kind. */
static inline void sample_any_findings(struct sample_findings *s, struct iopf_report *r,
				       uint64_t *random)
{
	unsigned int nr, cases;

	findings_begin(s, r);
	for (nr = (unsigned int)(sample_random(random) % 6); nr; nr--) {
		const struct iopf_rule *rule =
			iopf_rule(1 + (unsigned int)(sample_random(random) % IOPF_RULES));
		enum iopf_severity severity = IOPF_SEVERITY_NOTE + (sample_random(random) % 3);
		struct iopf_finding *f = add_finding(s, rule->id, severity, sample_any(random));

		f->unproven = sample_random(random) % 2;
		for (cases = (unsigned int)(sample_random(random) % 4); cases; cases--)
			sample_any_case(s, random);
	}
	for (nr = (unsigned int)(sample_random(random) % 5); nr; nr--)
		add_not_checked(s, iopf_rule(nr)->id, sample_random(random) % 2,
				sample_text(random));
	for (nr = (unsigned int)(sample_random(random) % 5); nr; nr--) {
		const char *expr = sample_text(random);
		struct iopf_assertion *a =
			add_assertion(s, expr ? expr : "", sample_random(random) % 2,
				      sample_random(random) % 2, (double)sample_any(random));

		a->known = sample_random(random) % 2;
		a->holds &= a->known;
	}
	r->judged = sample_random(random) % 8;
	r->verdict = (enum iopf_verdict)(sample_random(random) % 3);
}

#endif /* TESTS_SAMPLE_FINDINGS_H */
