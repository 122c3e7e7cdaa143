// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The journey of a group: one step a line, times since the first. Times are shown in one unit, so
 * that they can be compared; what lies between two steps in the unit that fits it. Before the time
 * of a call, which is when it returned, stands when it was entered; so it does for what happened
 * inside a call.
 */
#include <inttypes.h>

#define OUTPUT_TEXT_PRIVATE
#include "text_private.h"

/* Without --verbose, a journey that is longer is shortened around what matters. */
#define STEPS_BRIEF 20
#define STEPS_NEAR 3

/* More of a unit than this is too long for a column. */
#define LONGEST 1000000000

/* Columns that the words need at least. */
#define WORDS_MIN 14

static const uint64_t unit_ns[] = {
	[UNITS_AUTO] = 1,     [UNITS_NS] = 1,	      [UNITS_US] = 1000,
	[UNITS_MS] = 1000000, [UNITS_S] = 1000000000,
};

struct journey {
	const struct text *t;
	const struct iopf_case *c;
	enum text_style style; /* of the moment that breaks the rule */
	uint64_t base; /* the first moment that is known; 0 = none */
	enum units_time unit;
	unsigned int entered, time, after, task; /* widths of the columns; 0 = there is none */
	size_t first, last; /* of the offending steps */
};

/*
 * A moment as the time since the first: "310.900us", "?". What matters is read in microseconds, but
 * for short journeys. The unit goes with the last of a line.
 */
static struct units_text moment(const struct journey *j, uint64_t ns, bool with_unit)
{
	static const char *const name[] = {
		[UNITS_NS] = "ns",
		[UNITS_US] = "us",
		[UNITS_MS] = "ms",
		[UNITS_S] = "s",
	};
	uint64_t since = ns < j->base ? j->base - ns : ns - j->base, unit = unit_ns[j->unit];
	unsigned int fraction = (unsigned int)(since % unit);
	const char *sign = ns < j->base ? "-" : "";
	struct units_text text = { "?" };
	char digits[16] = "";

	if (!ns || !j->base)
		return text;
	if (j->unit == UNITS_US)
		snprintf(digits, sizeof(digits), ".%03u", fraction);
	else if (j->unit == UNITS_MS)
		snprintf(digits, sizeof(digits), ".%03u", fraction / 1000);
	else if (j->unit == UNITS_S)
		snprintf(digits, sizeof(digits), ".%06u", fraction / 1000);
	snprintf(text.s, sizeof(text.s), "%s%" PRIu64 "%s%s", sign, since / unit, digits,
		 with_unit ? name[j->unit] : "");
	return text;
}

/* The time from the last step before @i of which it is known; "" when there is none. */
static struct units_text after(const struct journey *j, size_t i)
{
	uint64_t now = j->c->step[i].time_ns, then = 0;
	struct units_text text = { "" };
	size_t k;

	for (k = i; k > 0 && !then; k--)
		then = j->c->step[k - 1].time_ns;
	if (now && then && now >= then)
		text = units_duration(now - then, UNITS_AUTO);
	return text;
}

/* Who did it; "" when that is not known. */
static struct task_text task_of(const struct iopf_step *s)
{
	struct task_text text = { "" };

	return s->tid || (s->comm && *s->comm) ? text_task(s->comm, s->tid) : text;
}

/* When a call was entered: "0.304 .. "; "" when it is none, or nobody saw it. */
static struct units_text entered(const struct journey *j, const struct iopf_step *s)
{
	struct units_text text = { "" };

	if (s->enter_ns)
		snprintf(text.s, sizeof(text.s), "%.24s ..", moment(j, s->enter_ns, false).s);
	return text;
}

/* When it happened, or the call returned. */
static struct units_text happened(const struct journey *j, const struct iopf_step *s)
{
	struct units_text text = { "inside" };

	return s->kind == IOPF_STEP_CALL ? text : moment(j, s->time_ns, true);
}

/* The distance of a moment from the first. */
static uint64_t distance(const struct journey *j, uint64_t ns)
{
	if (!ns)
		return 0;
	return ns < j->base ? j->base - ns : ns - j->base;
}

/* Where time begins, and the unit in which the whole journey can be read. */
static void choose_unit(struct journey *j)
{
	uint64_t span = 0;
	size_t i;

	for (i = 0; i < j->c->nr_steps && !j->base; i++) {
		const struct iopf_step *s = &j->c->step[i];

		j->base = s->enter_ns && s->enter_ns < s->time_ns ? s->enter_ns : s->time_ns;
	}
	for (i = 0; i < j->c->nr_steps; i++) {
		uint64_t at = distance(j, j->c->step[i].time_ns);
		uint64_t entered = distance(j, j->c->step[i].enter_ns);

		span = at > span ? at : span;
		span = entered > span ? entered : span;
	}
	j->unit = j->t->opts->unit;
	if (j->unit == UNITS_AUTO || span / unit_ns[j->unit] >= LONGEST)
		j->unit = span < 1000000 ? UNITS_US : span < 1000000000 ? UNITS_MS : UNITS_S;
}

/* Makes a column wide enough. */
static void widen(unsigned int *width, const char *s)
{
	unsigned int columns = utf8_columns(s);

	*width = columns > *width ? columns : *width;
}

/* Whether a step is shown: all of a short journey, of a long one the ends and what matters. */
static bool is_shown(const struct journey *j, size_t i)
{
	size_t nr = j->c->nr_steps;

	if (nr <= STEPS_BRIEF || j->t->opts->verbose)
		return true;
	return i < STEPS_NEAR || i + STEPS_NEAR >= nr ||
	       (i + STEPS_NEAR > j->first && i <= j->first) ||
	       (i + STEPS_NEAR > j->last && i <= j->last);
}

/* Finds what matters, and the widths. */
static void measure(struct journey *j)
{
	size_t i;

	j->first = j->c->nr_steps;
	for (i = 0; i < j->c->nr_steps; i++) {
		if (!j->c->step[i].offending)
			continue;
		j->first = i < j->first ? i : j->first;
		j->last = i;
	}
	for (i = 0; i < j->c->nr_steps; i++) {
		if (!is_shown(j, i))
			continue;
		widen(&j->entered, entered(j, &j->c->step[i]).s);
		widen(&j->time, happened(j, &j->c->step[i]).s);
		widen(&j->after, after(j, i).s);
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
static unsigned int put_columns(const struct journey *j, const char *begun, const char *at,
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
static void put_step(const struct journey *j, size_t i)
{
	const struct iopf_step *s = &j->c->step[i];
	struct sentence words = { "", 0 };
	const struct text *t = j->t;
	unsigned int column;
	struct text_flow f;

	if (s->offending)
		text_style(t, j->style);
	fputs(s->offending ? " >> " : "    ", t->out);
	column = put_columns(j, entered(j, s).s, happened(j, s).s, after(j, i).s, task_of(s).s);
	text_flow_begin(&f, t, " ", column, column);
	sentence_add_text(&words, s->text && *s->text ? s->text : iopf_step_name(s->kind));
	text_flow_words(&f, "%s", words.s);
	if (s->offending)
		text_style(t, TEXT_PLAIN);
	text_flow_end(&f);
}

/* The heads of the columns. */
static void put_heads(struct journey *j)
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
	struct journey j = { .t = t, .c = c, .style = style };
	size_t i, hidden = 0;

	if (!c->nr_steps)
		return;
	putc('\n', t->out);
	choose_unit(&j);
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
