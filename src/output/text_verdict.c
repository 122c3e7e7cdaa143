// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define OUTPUT_TEXT_PRIVATE
#include "text_private.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* A larger ring buffer than this is not what is missing. */
#define RING_MAX (1ULL << 30)

/* A sentence in the making; what is too long is cut. */
struct sentence {
	char s[512];
	size_t len;
};

/* Goes on with the sentence. */
__attribute__((format(printf, 2, 3))) static void say(struct sentence *s, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(s->s + s->len, sizeof(s->s) - s->len, fmt, args);
	va_end(args);
	if (n > 0)
		s->len += (size_t)n;
	if (s->len >= sizeof(s->s))
		s->len = sizeof(s->s) - 1;
}

/* Why events were lost: with their counts when there are several reasons. */
static void say_reasons(struct sentence *s, const struct iopf_report *r)
{
	unsigned int reason, nr = 0;
	const char *separator = " (";

	for (reason = 0; reason < IOPF_LOST_REASONS; reason++)
		nr += r->lost.reason[reason] > 0;
	for (reason = 0; reason < IOPF_LOST_REASONS; reason++) {
		if (!r->lost.reason[reason])
			continue;
		say(s, "%s", separator);
		if (nr > 1)
			say(s, "%s ", units_count(r->lost.reason[reason]).s);
		say(s, "%s", names_lost_words((enum iopf_lost)reason));
		separator = ", ";
	}
	if (nr)
		say(s, ")");
}

/* How many events were lost, why, where, and what to do. */
static void say_lost(struct sentence *s, const struct iopf_report *r)
{
	uint64_t ring = r->overhead.ring_bytes;

	if (r->lost.events)
		say(s, "%s event%s lost", units_count(r->lost.events).s,
		    text_plural(r->lost.events));
	else
		say(s, "events are missing");
	say_reasons(s, r);
	if (r->lost.gaps)
		say(s, " at %s place%s", units_count(r->lost.gaps).s, text_plural(r->lost.gaps));
	if (r->lost.gaps && r->lost.first_gap_ns && r->lost.first_gap_ns >= r->start_ns)
		say(s, ", %s %s", r->lost.gaps > 1 ? "first after" : "after",
		    units_seconds(r->lost.first_gap_ns - r->start_ns).s);
	if (r->lost.reason[IOPF_LOST_RING_FULL] && ring && ring <= RING_MAX / 4)
		say(s, ": use --buffer %s", units_size(ring * 4).s);
	else if (r->lost.reason[IOPF_LOST_RING_FULL] && ring >= RING_MAX / 4)
		say(s, ": iopftrace did not keep up, give it a CPU of its own");
	else if (r->lost.reason[IOPF_LOST_RING_FULL])
		say(s, ": use a larger --buffer");
	else if (r->lost.reason[IOPF_LOST_CONTEXT])
		say(s, ": trace fewer tasks at a time, with -p PID");
}

/* Probes that the kernel skipped, but for those that nothing is missing from. */
static void say_missed(struct sentence *s, const struct iopf_report *r)
{
	uint64_t missed = r->lost.probe_misses - r->lost.made_good;

	say(s,
	    "the kernel skipped %s probe run%s, so calls are missing: stop other tracers of the "
	    "same functions and try again",
	    units_count(missed).s, text_plural(missed));
}

/* A probe that is not there. */
static void say_probe(struct sentence *s, const struct iopf_report *r)
{
	(void)r;
	say(s, "a probe that the figures need is not attached: standard error says which one, -v "
	       "why");
}

/* Too little was seen to mean anything. */
static void say_few_groups(struct sentence *s, const struct iopf_report *r)
{
	uint64_t seen = r->groups.enqueued + r->groups.adopted;

	if (seen == 0)
		say(s, "no group was seen, ");
	else
		say(s, "only %s group%s seen, ", units_count(seen).s,
		    seen == 1 ? " was" : "s were");
	say(s, "at least %s wanted: trace longer or change --min-groups",
	    units_count(r->min_groups).s);
}

/* The end is missing. */
static void say_cut(struct sentence *s, const struct iopf_report *r)
{
	(void)r;
	say(s, "the end was not seen (stopped a second time, or cut off): the figures are lower "
	       "bounds; wait after the first Ctrl-C");
}

/* The checker gave up on some groups. */
static void say_limit(struct sentence *s, const struct iopf_report *r)
{
	say(s,
	    "memory for groups ran out with %s of them outstanding, later ones were not followed: "
	    "narrow the scope with -p PID",
	    units_count(r->groups.outstanding_max).s);
}

/* Our own error, or the kernel's. */
static void say_balance(struct sentence *s, const struct iopf_report *r)
{
	(void)r;
	say(s, "the counts do not add up though nothing was lost: please report this with the "
	       "output of -f json, it is a bug of iopftrace or of the kernel");
}

static const struct {
	const char *brief;
	void (*say)(struct sentence *s, const struct iopf_report *r);
} doubts[] = {
	[IOPF_DOUBT_LOST] = { "events were lost", say_lost },
	[IOPF_DOUBT_MISSED] = { "probes were skipped", say_missed },
	[IOPF_DOUBT_PROBE] = { "a probe is missing", say_probe },
	[IOPF_DOUBT_FEW_GROUPS] = { "too few groups", say_few_groups },
	[IOPF_DOUBT_CUT] = { "the end was not seen", say_cut },
	[IOPF_DOUBT_LIMIT] = { "out of memory for groups", say_limit },
	[IOPF_DOUBT_BALANCE] = { "the counts do not add up", say_balance },
};

_Static_assert(ARRAY_SIZE(doubts) == IOPF_DOUBTS, "a doubt has no sentence");

/* The verdict's word in its colour, and a flow beside it. */
static void begin_verdict(struct text_flow *f, const struct text *t)
{
	const enum iopf_verdict verdict = t->r->verdict;
	const char *word = verdict == IOPF_VIOLATION	? "VIOLATION" :
			   verdict == IOPF_INCONCLUSIVE ? "INCONCLUSIVE" :
							  "PASS";
	unsigned int columns = (unsigned int)strlen(word) + 3;

	putc(' ', t->out);
	text_style(t, verdict == IOPF_VIOLATION	   ? TEXT_RED :
		      verdict == IOPF_INCONCLUSIVE ? TEXT_YELLOW :
						     TEXT_GREEN);
	fputs(word, t->out);
	text_style(t, TEXT_PLAIN);
	fputs("  ", t->out);
	text_flow_begin(f, t, " ", columns, columns);
}

void text_reason(const struct text *t)
{
	unsigned int doubt;
	struct text_flow f;
	bool any = false;

	if (t->r->verdict == IOPF_PASS)
		return;
	begin_verdict(&f, t);
	if (t->r->verdict == IOPF_VIOLATION) {
		text_flow_words(&f, "a rule of the protocol was broken");
		any = true;
	}
	for (doubt = 0; doubt < IOPF_DOUBTS; doubt++) {
		struct sentence s = { "", 0 };

		if (!t->r->doubt[doubt])
			continue;
		if (any)
			text_flow_break(&f);
		doubts[doubt].say(&s, t->r);
		text_flow_words(&f, "%s", s.s);
		any = true;
	}
	if (!any)
		text_flow_words(&f, "the reason was not recorded");
	text_flow_end(&f);
	if (!t->opts->quiet)
		putc('\n', t->out);
}

/* What became of the groups: no more than is known. */
static void say_groups(struct sentence *s, const struct iopf_report *r)
{
	uint64_t n = r->groups.enqueued, left = r->groups.outstanding;
	uint64_t answered = r->groups.answered_user + r->groups.answered_kernel;

	say(s, "%s group%s", units_count(n).s, text_plural(n));
	if (left)
		say(s, ", %s still waiting for an answer", units_count(left).s);
	else if (n && answered == n && !r->groups.adopted && !r->groups.unknown)
		say(s, n == 1 ? ", answered once" : ", all answered once");
	else
		say(s, ", none left waiting");
}

/* What the command itself did, when that was not success. */
static void say_child(struct sentence *s, const struct iopf_report *r)
{
	if (!r->has_child || r->child_status == 0)
		return;
	if (r->child_status > 128 && sigabbrev_np(r->child_status - 128))
		say(s, "; the command was killed by SIG%s", sigabbrev_np(r->child_status - 128));
	else
		say(s, "; the command exited with %d", r->child_status);
}

/* The doubts in a few words, as a reminder of what stands at the top. */
static void say_brief(struct sentence *s, const struct iopf_report *r)
{
	const char *separator = "";
	unsigned int doubt;

	for (doubt = 0; doubt < IOPF_DOUBTS; doubt++) {
		if (!r->doubt[doubt])
			continue;
		say(s, "%s%s", separator, doubts[doubt].brief);
		separator = ", ";
	}
	say(s, "%s", *separator ? ": see the top" : "see the top");
}

void text_verdict(const struct text *t)
{
	const struct iopf_report *r = t->r;
	struct sentence s = { "", 0 };
	struct text_flow f;

	begin_verdict(&f, t);
	if (r->verdict == IOPF_PASS) {
		if (r->complete)
			say(&s, "every event was seen; ");
		say_groups(&s, r);
	} else {
		say_brief(&s, r);
	}
	say_child(&s, r);
	text_flow_words(&f, "%s", s.s);
	text_flow_end(&f);
}
