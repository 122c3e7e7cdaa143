// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <string.h>

#define OUTPUT_TEXT_PRIVATE
#include "text_diff.h"

/* Times that are named in the conclusion; the others are counted. */
#define NAMED 6

/* A word in its colour, and a flow beside it. */
static void begin(struct text_flow *f, const struct text *t, const char *word,
		  enum text_style style)
{
	unsigned int used = (unsigned int)strlen(word) + 1;
	unsigned int column = used + 2 > TEXT_INDENT ? used + 2 : TEXT_INDENT;

	putc(' ', t->out);
	text_style(t, style);
	fputs(word, t->out);
	text_style(t, TEXT_PLAIN);
	text_spaces(t, column - used);
	text_flow_begin(f, t, " ", column, column);
}

/* How many conditions are in a state: holding, open, or neither. */
static size_t count_results(const struct diff_view *view, bool holds, bool open)
{
	size_t nr = 0;

	for (size_t i = 0; i < view->nr_results; i++) {
		enum iopf_condition_state state = view->result[i].state;

		nr += (state == IOPF_CONDITION_HOLDS) == holds &&
		      iopf_condition_is_open(state) == open;
	}
	return nr;
}

/* "1 of 3 --fail-on holds" */
static void say_conditions(struct text_flow *f, const struct diff_view *view)
{
	size_t holding = count_results(view, true, false);
	size_t open = count_results(view, false, true);

	if (!view->nr_results)
		return;
	text_flow_words(f, "%s of %s --fail-on %s%s", holding ? units_count(holding).s : "none",
			units_count(view->nr_results).s, holding > 1 ? "hold" : "holds",
			open ? "," : "");
	if (open)
		text_flow_words(f, "%s cannot be told", units_count(open).s);
	text_flow_break(f);
}

/* Names a time that changed, if it is among the first of them. */
static void name_time(struct sentence_list *list, enum iopf_stage stage, const char *stat,
		      const struct iopf_time_change *t)
{
	if (t->outcome != IOPF_CHANGED || list->nr == NAMED)
		return;
	sentence_next(list);
	sentence_add(list->s, "%s.%s %s", iopf_stage_name(stage), stat,
		     diff_percent(t->ns[IOPF_BASE], t->ns[IOPF_NEW]).s);
}

/* Names the times of a stage that changed. */
static void name_stage(struct sentence_list *list, const struct iopf_comparison *c,
		       enum iopf_stage stage)
{
	const struct iopf_stage_change *s = &c->stage[stage];

	name_time(list, stage, "mean", &s->mean);
	for (size_t i = 0; i < c->nr_percentiles; i++) {
		char stat[sizeof(struct units_text) + 1];

		snprintf(stat, sizeof(stat), "p%s", units_decimal(c->percentile_of[i]).s);
		name_time(list, stage, stat, &s->percentile[i]);
	}
}

/* The times that changed, the total first. */
static void say_times(struct text_flow *f, const struct iopf_comparison *c)
{
	struct sentence names = { "", 0 };
	struct sentence_list list = { &names, ", ", 0 };

	if (!c->nr_judged) {
		text_flow_words(f, "no time could be judged: too few groups");
		return;
	}
	name_stage(&list, c, IOPF_STAGE_TOTAL);
	for (unsigned int stage = 0; stage < IOPF_STAGE_TOTAL; stage++)
		name_stage(&list, c, (enum iopf_stage)stage);
	text_flow_words(f, "%s of %s time%s changed by more than noise%s %s",
			c->nr_changed ? units_count(c->nr_changed).s : "none",
			units_count(c->nr_judged).s, text_plural(c->nr_judged),
			c->nr_changed ? ":" : "", names.s);
	if (c->nr_changed > NAMED)
		text_flow_words(f, "and %s more", units_count(c->nr_changed - NAMED).s);
}

/* The verdict, where it is not the same. */
static void say_verdict(struct text_flow *f, const struct iopf_comparison *c)
{
	enum iopf_verdict base = c->side[IOPF_BASE]->verdict, now = c->side[IOPF_NEW]->verdict;

	if (base == now)
		return;
	text_flow_words(f, "the verdict was %s and is %s", iopf_verdict_name(base),
			iopf_verdict_name(now));
	text_flow_break(f);
}

/* The findings, where they are not the same. */
static void say_findings(struct text_flow *f, const struct iopf_comparison *c)
{
	size_t appeared = 0, gone = 0;

	for (size_t i = 0; i < c->nr_findings; i++) {
		appeared += !c->finding[i].count[IOPF_BASE];
		gone += !c->finding[i].count[IOPF_NEW];
	}
	if (!appeared && !gone)
		return;
	text_flow_words(f, "%s new finding%s, %s gone", units_count(appeared).s,
			text_plural(appeared), units_count(gone).s);
	text_flow_break(f);
}

/* The counts. */
static void say_counts(struct text_flow *f, const struct iopf_comparison *c)
{
	text_flow_break(f);
	text_flow_words(f, "%s of %s counts differ%s",
			c->nr_counts_changed ? units_count(c->nr_counts_changed).s : "none",
			units_count(c->nr_counts).s, c->nr_counts_changed == 1 ? "s" : "");
}

/* What of it may be otherwise. */
static void say_doubts(struct text_flow *f, const struct iopf_comparison *c)
{
	bool base = c->in_doubt[IOPF_BASE], now = c->in_doubt[IOPF_NEW];

	if (!base && !now)
		return;
	text_flow_break(f);
	text_flow_words(f, "%s inconclusive: figures may be off",
			base && now ? "both sides are" :
			base	    ? "BASE is" :
				      "NEW is");
}

void text_diff_conclusion(const struct text *t, const struct diff_view *view)
{
	const struct iopf_comparison *c = view->c;
	struct text_flow f;

	if (count_results(view, true, false))
		begin(&f, t, "FAIL", TEXT_RED);
	else if (count_results(view, false, true))
		begin(&f, t, "INCONCLUSIVE", TEXT_YELLOW);
	else if (view->nr_results)
		begin(&f, t, "PASS", TEXT_GREEN);
	else
		begin(&f, t, c->differs ? "CHANGED" : "NO CHANGE",
		      c->differs ? TEXT_BOLD : TEXT_GREEN);
	say_conditions(&f, view);
	say_verdict(&f, c);
	say_findings(&f, c);
	say_times(&f, c);
	say_counts(&f, c);
	say_doubts(&f, c);
	text_flow_end(&f);
}
