// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <string.h>

#define OUTPUT_TEXT_PRIVATE
#include "doubts.h"
#include "text_private.h"
#include "verdict.h"

/* The verdict's word, its colour, and a flow beside it, @columns from the left at least. */
static void begin_word(struct text_flow *f, const struct text *t, const char *word,
		       enum text_style style, unsigned int columns)
{
	unsigned int used = (unsigned int)strlen(word) + 1;

	putc(' ', t->out);
	text_style(t, style);
	fputs(word, t->out);
	text_style(t, TEXT_PLAIN);
	columns = columns > used + 2 ? columns : used + 2;
	text_spaces(t, columns - used);
	text_flow_begin(f, t, " ", columns, columns);
}

/* What it comes to, in one word. */
static void begin_verdict(struct text_flow *f, const struct text *t)
{
	const char *word = verdict_word(t->r);
	bool failed = t->r->verdict == IOPF_VIOLATION || verdict_failing(t->r);

	begin_word(f, t, word,
		   failed			      ? TEXT_RED :
		   t->r->verdict == IOPF_INCONCLUSIVE ? TEXT_YELLOW :
							TEXT_GREEN,
		   t->r->judged ? TEXT_INDENT : 0);
}

/* Says each line of a sentence in lines of its own; nothing when it is empty. */
static void put_sentence(struct text_flow *f, const struct sentence *s, bool *any)
{
	const char *line = s->s;

	while (*line) {
		size_t len = strcspn(line, "\n");

		if (*any)
			text_flow_break(f);
		text_flow_words(f, "%.*s", (int)len, line);
		*any = true;
		line += len;
		line += *line == '\n';
	}
}

/* All that makes the run inconclusive, with what to do about it. */
static void put_doubts(struct text_flow *f, const struct iopf_report *r, bool *any)
{
	enum iopf_doubt doubt;
	unsigned int i = 0;

	while ((doubt = doubts_next(r, &i)) != IOPF_DOUBTS) {
		struct sentence s = { "", 0 };

		doubt_say(&s, r, doubt);
		put_sentence(f, &s, any);
	}
}

void text_reason(const struct text *t)
{
	struct text_flow f;
	bool any = false;

	if (t->r->verdict == IOPF_INCONCLUSIVE) {
		begin_word(&f, t, "INCONCLUSIVE", TEXT_YELLOW, 0);
	} else if (t->r->judged) {
		begin_word(&f, t, "IN DOUBT", TEXT_YELLOW, 0);
	} else {
		begin_verdict(&f, t);
		text_flow_words(&f, "a rule of the protocol was broken");
		any = true;
	}
	put_doubts(&f, t->r, &any);
	if (!any)
		text_flow_words(&f, "the reason was not recorded");
	text_flow_end(&f);
}

/* The doubts: in full where they are not at the top. */
static void put_brief(struct text_flow *f, const struct text *t, bool *any)
{
	struct sentence s = { "", 0 };

	if (t->opts->quiet && t->r->judged) {
		put_doubts(f, t->r, any);
		return;
	}
	doubts_say_brief(&s, t->r);
	sentence_add(&s, s.len ? ": see the top" : "see the top");
	if (!t->r->judged)
		verdict_say_child(&s, t->r);
	put_sentence(f, &s, any);
}

/* The verdict of a run that was judged by the rules: what decided it first. */
static void put_judged(struct text_flow *f, const struct text *t, bool *any)
{
	struct sentence rules = { "", 0 }, assertions = { "", 0 }, seen = { "", 0 };
	struct sentence loss = { "", 0 };
	bool inconclusive = t->r->verdict == IOPF_INCONCLUSIVE;

	verdict_say_rules(&rules, t->r);
	verdict_say_assertions(&assertions, t->r);
	verdict_say_seen(&seen, t->r);
	if (t->r->verdict == IOPF_VIOLATION)
		put_sentence(f, &rules, any);
	if (verdict_failing(t->r))
		put_sentence(f, &assertions, any);
	verdict_say_loss(&loss, t->r);
	put_sentence(f, &loss, any);
	if (inconclusive)
		put_brief(f, t, any);
	if (t->r->verdict != IOPF_VIOLATION)
		put_sentence(f, &rules, any);
	if (!verdict_failing(t->r))
		put_sentence(f, &assertions, any);
	if (!inconclusive && verdict_doubtful(t->r))
		put_brief(f, t, any);
	put_sentence(f, &seen, any);
}

void text_verdict(const struct text *t)
{
	struct sentence s = { "", 0 }, exit = { "", 0 };
	struct text_flow f;
	bool any = false;

	begin_verdict(&f, t);
	if (t->r->judged) {
		put_judged(&f, t, &any);
	} else if (t->r->verdict == IOPF_PASS) {
		verdict_say_assertions(&s, t->r);
		put_sentence(&f, &s, &any);
		s.len = 0;
		verdict_say_seen(&s, t->r);
		put_sentence(&f, &s, &any);
	} else {
		put_brief(&f, t, &any);
	}
	verdict_say_exit(&exit, t->r);
	put_sentence(&f, &exit, &any);
	text_flow_end(&f);
}
