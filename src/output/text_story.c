// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* One finding as a story: the rule, the group, what happened to it, whose side it is on. */
#include <inttypes.h>

#define OUTPUT_TEXT_PRIVATE
#include "doubts.h"
#include "text_private.h"

#define DEVICE_COLUMNS 31

/* Groups of further cases that are named. */
#define MORE_MAX 8

/* The colour of a finding. */
static enum text_style style_of(const struct iopf_finding *f)
{
	if (f->severity == IOPF_SEVERITY_ERROR && !f->unproven)
		return TEXT_RED;
	return f->severity == IOPF_SEVERITY_NOTE ? TEXT_BOLD : TEXT_YELLOW;
}

/* What a finding is, in a word. */
static const char *word_of(const struct iopf_finding *f)
{
	if (f->unproven)
		return "SUSPECTED";
	return f->severity == IOPF_SEVERITY_ERROR ? "ERROR" :
	       f->severity == IOPF_SEVERITY_WARN  ? "WARNING" :
						    "NOTE";
}

/* " ERROR  IOPF003 stray-response · 3 times · blame: user space" */
static void put_head(const struct text *t, const struct iopf_finding *f, const struct iopf_case *c)
{
	const char *word = word_of(f);
	unsigned int used = utf8_columns(word) + 3;
	struct text_flow flow;

	putc(' ', t->out);
	text_style(t, style_of(f));
	fprintf(t->out, "%s  ", word);
	text_flow_begin(&flow, t, " \xc2\xb7 ", used, used);
	text_flow_item(&flow, "%s %s", f->rule->id, f->rule->name);
	text_style(t, TEXT_PLAIN);
	if (names_case_is_all(f->rule))
		text_flow_item(&flow, "%s group%s", units_count(f->count).s, text_plural(f->count));
	else if (f->count == 1)
		text_flow_item(&flow, "once");
	else
		text_flow_item(&flow, "%s times", units_count(f->count).s);
	text_flow_item(&flow, "blame: %s", iopf_blame_name(c ? c->blame : IOPF_BLAME_UNKNOWN));
	text_flow_end(&flow);
}

/* A line of words beside a label. */
static void put_words(const struct text *t, const char *label, const char *words)
{
	struct sentence s = { "", 0 };
	struct text_flow f;

	sentence_add_text(&s, words);
	if (!s.len)
		return;
	text_flow_story(&f, t, label);
	f.separator = " ";
	text_flow_words(&f, "%s", s.s);
	text_flow_end(&f);
}

/* The device by name, else by iommufd's id, if that is known. */
static void put_device(struct text_flow *f, const struct iopf_group_view *g)
{
	if ((g->device && *g->device) || g->dev_id)
		text_flow_item(f, "%s", names_device(g->device, g->dev_id, DEVICE_COLUMNS).s);
}

/* Which group it is: its number within the run, then what others call it. */
static void put_group(const struct text *t, const struct iopf_case *c)
{
	const struct iopf_group_view *g = &c->group;
	struct text_flow f;

	text_flow_story(&f, t, "group:");
	text_flow_item(&f, "%" PRIu64, g->seq);
	put_device(&f, g);
	if (g->flags & IOPF_PRQ_PASID_VALID)
		text_flow_item(&f, "PASID %" PRIu32, g->pasid);
	text_flow_item(&f, "grpid %" PRIu32, g->grpid);
	if (g->cookie || g->cookie_zero)
		text_flow_item(&f, "cookie %" PRIu32, g->cookie);
	if (g->object_id)
		text_flow_item(&f, "object %" PRIu32, g->object_id);
	/* Nobody asks for nothing: of such a group the request was not seen. */
	if (g->addr || g->perm)
		text_flow_item(&f, "0x%" PRIx64 " %s", g->addr, names_perm(g->perm).s);
	if (g->pages > 1)
		text_flow_item(&f, "%s pages", units_count(g->pages).s);
	text_flow_end(&f);
}

void text_subject(const struct text *t, const struct iopf_case *c)
{
	struct text_flow f;

	if (c->has_group) {
		put_group(t, c);
	} else if (c->object_id) {
		text_flow_story(&f, t, "object:");
		text_flow_item(&f, "%" PRIu32, c->object_id);
		text_flow_end(&f);
	}
}

/* What was seen, and when in the run. */
static void put_seen(const struct text *t, const struct iopf_case *c)
{
	bool has_text = c->text && *c->text;
	struct sentence s = { "", 0 };

	if (c->time_ns && c->time_ns >= t->r->start_ns)
		sentence_add(&s, "%s into the run%s", units_seconds(c->time_ns - t->r->start_ns).s,
			     has_text ? ": " : "");
	if (has_text)
		sentence_add(&s, "%s", c->text);
	put_words(t, "seen:", s.s);
}

/* Whether a further case is named by its group. */
static bool is_named(const struct iopf_finding *f, size_t i, const struct iopf_case *c)
{
	return &f->cases[i] != c && f->cases[i].has_group;
}

/* How often else it happened, and to which groups as far as they were kept. */
static void put_more(const struct text *t, const struct iopf_finding *f, const struct iopf_case *c)
{
	uint64_t more = f->count - (f->count > 0 && c), named = 0, left;
	struct text_flow flow;
	size_t i;

	if (!more || names_case_is_all(f->rule))
		return;
	for (i = 0; i < f->nr_cases; i++)
		named += is_named(f, i, c);
	left = named = named < MORE_MAX ? named : MORE_MAX;
	text_flow_story(&flow, t, "");
	text_flow_item(&flow, "%s more like this%s", units_count(more).s,
		       !named	 ? "" :
		       more == 1 ? ": group" :
				   ": groups");
	flow.separator = " ";
	for (i = 0; i < f->nr_cases && left; i++) {
		if (!is_named(f, i, c))
			continue;
		left--;
		text_flow_item(&flow, "%" PRIu64 "%s", f->cases[i].group.seq, left ? "," : "");
	}
	if (named && named < more)
		text_flow_item(&flow, "and %s more", units_count(more - named).s);
	text_flow_end(&flow);
}

/* The whole of a case. */
static void put_case(const struct text *t, const struct iopf_finding *f, const struct iopf_case *c)
{
	text_subject(t, c);
	put_seen(t, c);
	put_words(t, "expected:", c->expected);
	text_journey(t, c, style_of(f));
}

/* That it is a suspicion, and what may explain it. */
static void put_unproven(const struct text *t, const struct iopf_finding *f)
{
	struct sentence s = { "", 0 };

	sentence_add(&s, "suspected, not proven: ");
	doubt_say_unproven(&s, t->r, f);
	put_words(t, "but:", s.s);
}

void text_story(const struct text *t, const struct iopf_finding *f, const struct iopf_case *c,
		bool brief)
{
	put_head(t, f, c);
	if (f->unproven)
		put_unproven(t, f);
	if (brief) {
		if (c)
			put_seen(t, c);
		if (c)
			text_subject(t, c);
		return;
	}
	put_words(t, "rule:", f->rule->statement);
	if (c)
		put_case(t, f, c);
	put_words(t, f->unproven ? "if proven:" : "likely fix:", f->rule->fix);
	put_more(t, f, c);
}
