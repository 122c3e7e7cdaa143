// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The journey of a group: one step a line, times since the first. Times are shown in one unit, so
 * that they can be compared; what lies between two steps in the unit that fits it. Before the time
 * of a call, which is when it returned, stands when it was entered; so it does for what happened
 * inside a call.
 */
#include <inttypes.h>

#define OUTPUT_TEXT_PRIVATE
#include "journey.h"
#include "text_private.h"

/* Columns that the words need at least. */
#define WORDS_MIN 14

struct columns {
	const struct text *t;
	const struct iopf_case *c;
	struct journey journey;
	enum text_style style; /* of the moment that breaks the rule */
	unsigned int entered, time, after, task; /* widths; 0 = there is none */
};

/* Who did it; "" when that is not known. */
static struct task_text task_of(const struct iopf_step *s)
{
	struct task_text text = { "" };

	return s->tid || (s->comm && *s->comm) ? text_task(s->comm, s->tid) : text;
}

/* Makes a column wide enough. */
static void widen(unsigned int *width, const char *s)
{
	unsigned int columns = utf8_columns(s);

	*width = columns > *width ? columns : *width;
}

/* Whether a step is shown. */
static bool is_shown(const struct columns *j, size_t i)
{
	return j->t->opts->verbose || journey_is_shown(&j->journey, i);
}

/* Finds the widths. */
static void measure(struct columns *j)
{
	size_t i;

	for (i = 0; i < j->c->nr_steps; i++) {
		if (!is_shown(j, i))
			continue;
		widen(&j->entered, journey_entered(&j->journey, &j->c->step[i]).s);
		widen(&j->time, journey_happened(&j->journey, &j->c->step[i]).s);
		widen(&j->after, journey_after(&j->journey, i).s);
		widen(&j->task, task_of(&j->c->step[i]).s);
	}
}

/* @s to the right, or to the left, of a column. */
static void put_right(const struct text *t, unsigned int width, const char *s)
{
	text_spaces(t, width - utf8_columns(s));
	fputs(s, t->out);
}

static void put_left(const struct text *t, unsigned int width, const char *s)
{
	fputs(s, t->out);
	text_spaces(t, width - utf8_columns(s));
}

/* The columns before the words; gives how many they take. */
static unsigned int put_columns(const struct columns *j, const char *begun, const char *at,
				const char *later, const char *task)
{
	const struct text *t = j->t;
	unsigned int used = 4;

	if (j->entered) {
		put_right(t, j->entered, begun);
		text_spaces(t, 1);
		used += j->entered + 1;
	}
	put_right(t, j->time, at);
	put_right(t, j->after + 2, later);
	used += j->time + j->after + 2;
	if (j->task) {
		text_spaces(t, 2);
		put_left(t, j->task, task);
		used += j->task + 2;
	}
	text_spaces(t, 2);
	return used + 2;
}

/* One step. */
static void put_step(const struct columns *j, size_t i)
{
	const struct iopf_step *s = &j->c->step[i];
	struct sentence words = { "", 0 };
	const struct text *t = j->t;
	unsigned int column;
	struct text_flow f;

	if (s->offending)
		text_style(t, j->style);
	fputs(s->offending ? " >> " : "    ", t->out);
	column = put_columns(j, journey_entered(&j->journey, s).s,
			     journey_happened(&j->journey, s).s, journey_after(&j->journey, i).s,
			     task_of(s).s);
	text_flow_begin(&f, t, " ", column, column);
	sentence_add_text(&words, s->text && *s->text ? s->text : iopf_step_name(s->kind));
	text_flow_words(&f, "%s", words.s);
	if (s->offending)
		text_style(t, TEXT_PLAIN);
	text_flow_end(&f);
}

/* The heads of the columns. */
static void put_heads(struct columns *j)
{
	const struct text *t = j->t;

	if (j->entered)
		widen(&j->entered, "entered ..");
	widen(&j->time, "time");
	widen(&j->after, "after");
	if (j->task)
		widen(&j->task, "task");
	/* Times that long are no times; the words matter more. */
	if (4 + j->entered + 1 + j->time + 2 + j->after + 2 + j->task + 2 + WORDS_MIN >
	    t->opts->width)
		j->entered = 0;
	text_style(t, TEXT_DIM);
	text_spaces(t, 4);
	put_columns(j, "entered ..", "time", "after", "task");
	fputs("what happened", t->out);
	text_style(t, TEXT_PLAIN);
	putc('\n', t->out);
}

void text_journey(const struct text *t, const struct iopf_case *c, enum text_style style)
{
	struct columns j = { .t = t, .c = c, .style = style };
	size_t i, hidden = 0;

	if (!c->nr_steps)
		return;
	putc('\n', t->out);
	j.journey = journey_of(c, t->opts->unit);
	measure(&j);
	put_heads(&j);
	for (i = 0; i < c->nr_steps; i++) {
		if (!is_shown(&j, i)) {
			hidden++;
			continue;
		}
		if (hidden)
			fprintf(t->out, "    ... %s more step%s, shown with -v\n",
				units_count(hidden).s, text_plural(hidden));
		hidden = 0;
		put_step(&j, i);
	}
	putc('\n', t->out);
}
