// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* A group that has ended as a block of text: which it is, how long its stages took, its journey. */
#include <inttypes.h>
#include <stdarg.h>

#define OUTPUT_TEXT_PRIVATE
#include "journeys.h"
#include "perfetto.h"
#include "text_private.h"

#define UNKNOWN UINT64_MAX
#define STEPS_MAX 8
#define MOMENT_NS 1000 /* as precise as the lines of events */
#define STEP_TEXT 96

/* The steps of a group, as long as it is shown. */
struct steps {
	struct iopf_step step[STEPS_MAX];
	char text[STEPS_MAX][STEP_TEXT];
	size_t nr;
};

/* Adds a step, before those that came later: reads may return after the answer to what they read. */
__attribute__((format(printf, 3, 4))) static void add(struct steps *s, struct iopf_step step,
						      const char *fmt, ...)
{
	size_t at = s->nr;
	va_list args;

	va_start(args, fmt);
	vsnprintf(s->text[s->nr], STEP_TEXT, fmt, args);
	va_end(args);
	step.text = s->text[s->nr++];
	for (; step.time_ns && at > 0 && s->step[at - 1].time_ns > step.time_ns; at--)
		s->step[at] = s->step[at - 1];
	s->step[at] = step;
}

/* How it began: R and Q, or as much as is known. */
static void add_beginning(struct steps *s, const struct perfetto_group *g)
{
	const uint64_t *at = g->view.at_ns;
	bool queued = !(g->view.cookie || g->view.cookie_zero) || at[IOPF_AT_DELIVER];

	if (at[IOPF_AT_REPORT])
		add(s,
		    (struct iopf_step){ .kind = IOPF_STEP_REPORT, .time_ns = at[IOPF_AT_REPORT] },
		    "R the device asks for %" PRIu32 " page%s", g->view.pages,
		    text_plural(g->view.pages));
	if (at[IOPF_AT_QUEUE])
		add(s, (struct iopf_step){ .kind = IOPF_STEP_QUEUE, .time_ns = at[IOPF_AT_QUEUE] },
		    "Q queued");
	else if (!g->vague)
		add(s, (struct iopf_step){ .kind = IOPF_STEP_QUEUE, .time_ns = g->seen_ns },
		    "- its beginning was not seen; %s by then", queued ? "queued" : "read");
}

/* D, as far as it is known. */
static void add_read(struct steps *s, const struct perfetto_group *g)
{
	const struct iopf_group_view *v = &g->view;

	if (!v->at_ns[IOPF_AT_DELIVER] && !v->reader_tid)
		return;
	add(s,
	    (struct iopf_step){ .kind = IOPF_STEP_READ,
				.time_ns = v->at_ns[IOPF_AT_DELIVER],
				.enter_ns = g->read_enter_ns,
				.tgid = v->reader_tgid,
				.tid = v->reader_tid,
				.comm = v->reader },
	    v->cookie || v->cookie_zero ? "D read, with cookie %" PRIu32 : "D read", v->cookie);
}

/* The last answer of user space that the kernel refused. */
static void add_refused(struct steps *s, const struct perfetto_group *g)
{
	char others[32] = "";

	if (!g->refused.count)
		return;
	if (g->refused.count > 1)
		snprintf(others, sizeof(others), ", the last of %" PRIu32, g->refused.count);
	add(s,
	    (struct iopf_step){ .kind = IOPF_STEP_WRITE,
				.time_ns = g->refused.time_ns,
				.enter_ns = g->refused.enter_ns,
				.tgid = g->refused.tgid,
				.tid = g->refused.tid,
				.comm = g->refused.comm },
	    "- writes code %" PRIu32 ": refused%s", g->refused.code, others);
}

/* W and A, or that there are none. */
static void add_end(struct steps *s, const struct perfetto_group *g)
{
	const struct iopf_group_view *v = &g->view;
	struct iopf_step end = { .kind = IOPF_STEP_END, .time_ns = g->end_ns };
	struct iopf_step answer = { .kind = IOPF_STEP_ANSWER,
				    .time_ns = v->at_ns[IOPF_AT_WRITE],
				    .enter_ns = g->answer_enter_ns,
				    .tgid = g->answerer.tgid,
				    .tid = g->answerer.tid,
				    .comm = g->answerer.comm };

	if (g->outcome != PERFETTO_ANSWERED) {
		add(s, end,
		    g->outcome == PERFETTO_OUTSTANDING ? "- outstanding at the end" :
							 "- its end was not seen");
		return;
	}
	if (answer.time_ns)
		add(s, answer, "W answered %s by %s", names_code(v->code).s,
		    iopf_responder_name(v->by));
	if (v->at_ns[IOPF_AT_ACK])
		add(s,
		    (struct iopf_step){ .kind = IOPF_STEP_DRIVER,
					.time_ns = v->at_ns[IOPF_AT_ACK] },
		    "A the driver has been told%s%s%s%s", answer.time_ns ? "" : " ",
		    answer.time_ns ? "" : names_code(v->code).s, answer.time_ns ? "" : " by ",
		    answer.time_ns ? "" : iopf_responder_name(v->by));
}

/* When it began, since the beginning of the run, and how it stands. */
static void put_when(const struct text *t, const struct perfetto_group *g, const struct steps *s)
{
	uint64_t at_ns = s->nr ? s->step[0].time_ns : 0, from_ns = t->r->start_ns;
	uint64_t since_ns = at_ns < from_ns ? from_ns - at_ns : at_ns - from_ns;
	struct text_flow f;

	text_flow_story(&f, t, "began:");
	if (g->adopted)
		text_flow_item(&f, "before it was seen");
	else
		text_flow_item(&f, "%s%s s into the run", at_ns < from_ns ? "-" : "",
			       units_moment(since_ns, MOMENT_NS).s);
	if (g->outcome == PERFETTO_OUTSTANDING) {
		text_style(t, TEXT_YELLOW);
		text_flow_item(&f, "outstanding");
		text_style(t, TEXT_PLAIN);
	}
	if (g->stale)
		text_flow_item(&f, "events were lost while it lived");
	text_flow_end(&f);
}

/* The stages as far as they are known; all of them would not tell of most groups more than this. */
static void put_stages(const struct text *t, const struct iopf_group_view *v)
{
	struct text_flow f;
	bool any = false;

	for (int i = 0; i < IOPF_STAGES; i++) {
		if (v->stage_ns[i] == UNKNOWN)
			continue;
		if (!any)
			text_flow_story(&f, t, "stages:");
		any = true;
		text_flow_item(&f, "%s %s", iopf_stage_name((enum iopf_stage)i),
			       units_duration(v->stage_ns[i], t->opts->unit).s);
	}
	if (any)
		text_flow_end(&f);
}

void journeys_text(const struct perfetto_group *g, const struct journeys_opts *opts, FILE *out)
{
	const struct iopf_report run = { .start_ns = *opts->start_ns };
	const struct text t = { .out = out, .r = &run, .opts = &opts->show };
	struct steps s = { .nr = 0 };
	struct iopf_case c = { .has_group = true, .group = g->view, .step = s.step };

	add_beginning(&s, g);
	add_read(&s, g);
	add_refused(&s, g);
	add_end(&s, g);
	c.nr_steps = s.nr;
	text_subject(&t, &c);
	put_when(&t, g, &s);
	put_stages(&t, &g->view);
	text_journey(&t, &c, TEXT_PLAIN);
}
