// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <math.h>

#define OUTPUT_TEXT_PRIVATE
#include "text_diff.h"

/* The widest a condition may be beside what is said of it; a longer one is cut. */
#define CONDITION_COLUMNS 24

static const char *const sides[IOPF_SIDES] = { "BASE", "NEW" };

/* A value that is a whole number, as a metric's is. */
static uint64_t whole(double value)
{
	return value < 0x1p63 ? (uint64_t)value : 1ULL << 63;
}

/* From what to what the metric changed. */
static void say_values(struct text_flow *f, const struct text *t,
		       const struct iopf_condition_result *r)
{
	uint64_t from = whole(r->value[IOPF_BASE]), to = whole(r->value[IOPF_NEW]);
	bool is_time = r->condition->metric.is_time;
	enum units_time unit = t->opts->unit;

	text_flow_words(f,
			"%s -> %s:", is_time ? units_duration(from, unit).s : units_count(from).s,
			is_time ? units_duration(to, unit).s : units_count(to).s);
	if (from)
		text_flow_words(f, "%s (%s)", diff_percent(from, to).s,
				is_time ? diff_duration((double)to - (double)from, unit).s :
					  diff_count(from, to).s);
	else
		text_flow_words(f, "%s",
				is_time ? diff_duration((double)to, unit).s :
					  diff_count(from, to).s);
}

/* What became of a time, after its values. */
static void say_time(struct text_flow *f, const struct iopf_condition_result *r)
{
	switch (r->change.outcome) {
	case IOPF_CHANGED:
		text_flow_words(f, "more than noise");
		break;
	case IOPF_WITHIN_NOISE:
		text_flow_words(f, "within noise");
		break;
	case IOPF_WITHIN_RESOLUTION:
		text_flow_words(f, "too small for the histograms to tell");
		break;
	default:
		break;
	}
}

/* Why it cannot be told, or what it was, of a metric. */
static void say_metric(struct text_flow *f, const struct text *t,
		       const struct iopf_condition_result *r)
{
	bool both = r->known[IOPF_BASE] && r->known[IOPF_NEW];

	if (both)
		say_values(f, t, r);
	else
		text_flow_words(f, "no value in %s",
				!r->known[IOPF_BASE] && !r->known[IOPF_NEW] ?
					"either" :
					sides[r->known[IOPF_BASE] ? IOPF_NEW : IOPF_BASE]);
	if (!both)
		return;
	if (r->state == IOPF_CONDITION_FEW && r->change.needed)
		text_flow_words(f, "too few groups, it takes %s on each side",
				units_count(r->change.needed).s);
	else if (r->state == IOPF_CONDITION_FEW)
		text_flow_words(f, "too few groups");
	else if (r->state == IOPF_CONDITION_EXTREME)
		text_flow_words(f, "of a minimum or maximum the noise is not known; "
				   "take a percentile");
	else if (r->condition->metric.is_time && r->state != IOPF_CONDITION_DOUBT)
		say_time(f, r);
}

/* Which sides cannot be relied on. */
static void say_doubt(struct text_flow *f, const struct diff_view *view,
		      const struct iopf_condition_result *r)
{
	for (unsigned int side = 0; side < IOPF_SIDES; side++) {
		const struct iopf_report *of = view->c->side[side];

		if (r->doubt[side])
			text_flow_words(f, "%s %s", sides[side],
					of->verdict == IOPF_INCONCLUSIVE ? "is inconclusive" :
					!of->complete			 ? "was not seen whole" :
									   "was not judged");
	}
}

/* The verdicts, or whether there are new findings. */
static void say_judgement(struct text_flow *f, const struct diff_view *view,
			  const struct iopf_condition_result *r)
{
	if (r->condition->on == IOPF_ON_VERDICT)
		text_flow_words(f, "%s -> %s", iopf_verdict_name(view->c->side[IOPF_BASE]->verdict),
				iopf_verdict_name(view->c->side[IOPF_NEW]->verdict));
	else if (r->state == IOPF_CONDITION_HOLDS)
		text_flow_words(f, "there are new ones");
	else if (r->state == IOPF_CONDITION_BELOW)
		text_flow_words(f, "no new ones");
}

/* The word for what became of a condition, and its style. */
static const char *state_word(enum iopf_condition_state state, enum text_style *style)
{
	*style = state == IOPF_CONDITION_HOLDS ? TEXT_RED :
		 iopf_condition_is_open(state) ? TEXT_YELLOW :
						 TEXT_GREEN;
	return *style == TEXT_RED ? "FAILS" : *style == TEXT_YELLOW ? "undecided" : "passes";
}

/* One condition. */
static void put_condition(const struct text *t, const struct diff_view *view,
			  const struct iopf_condition_result *r, unsigned int width)
{
	struct utf8_name expr = utf8_name(r->condition->text, CONDITION_COLUMNS);
	unsigned int at = TEXT_STORY_INDENT + width + 2;
	enum text_style style;
	const char *word = state_word(r->state, &style);
	struct text_flow f;

	putc(' ', t->out);
	text_style(t, style);
	fprintf(t->out, "%-12s", word);
	text_style(t, TEXT_PLAIN);
	fputs(expr.s, t->out);
	text_spaces(t, width - utf8_columns(expr.s) + 2);
	text_flow_begin(&f, t, " ", at, at);
	if (r->condition->on == IOPF_ON_METRIC)
		say_metric(&f, t, r);
	else
		say_judgement(&f, view, r);
	if (r->state == IOPF_CONDITION_DOUBT)
		say_doubt(&f, view, r);
	text_flow_end(&f);
}

void text_diff_conditions(const struct text *t, const struct diff_view *view)
{
	unsigned int width = 0, pass;
	size_t i;

	for (i = 0; i < view->nr_results; i++) {
		const char *text = view->result[i].condition->text;
		unsigned int columns = utf8_columns(utf8_name(text, CONDITION_COLUMNS).s);

		width = columns > width ? columns : width;
	}
	/* Those that hold, then those that cannot be told, then the others. */
	for (pass = 0; pass < 3; pass++)
		for (i = 0; i < view->nr_results; i++) {
			enum iopf_condition_state state = view->result[i].state;

			if (pass == (state == IOPF_CONDITION_HOLDS ? 0 :
				     iopf_condition_is_open(state) ? 1 :
								     2))
				put_condition(t, view, &view->result[i], width);
		}
	if (view->nr_results)
		putc('\n', t->out);
}
