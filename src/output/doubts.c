// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "doubts.h"
#include "names.h"
#include "units.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* A larger ring buffer than this is not what is missing. */
#define RING_MAX (1ULL << 30)

/* What the ring buffer is without --buffer. */
#define RING_DEFAULT (16ULL << 20)

/* "s" unless @n is 1. */
static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
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
		sentence_add(s, "%s", separator);
		if (nr > 1)
			sentence_add(s, "%s ", units_count(r->lost.reason[reason]).s);
		sentence_add(s, "%s", names_lost_words((enum iopf_lost)reason));
		separator = ", ";
	}
	if (nr)
		sentence_add(s, ")");
}

/* How many events were lost, why, where, and what to do. */
static void say_lost(struct sentence *s, const struct iopf_report *r)
{
	uint64_t ring = r->overhead.ring_bytes;

	if (r->lost.events)
		sentence_add(s, "%s event%s lost", units_count(r->lost.events).s,
			     plural(r->lost.events));
	else
		sentence_add(s, "events are missing");
	say_reasons(s, r);
	if (r->lost.gaps)
		sentence_add(s, " at %s place%s", units_count(r->lost.gaps).s,
			     plural(r->lost.gaps));
	if (r->lost.gaps && r->lost.first_gap_ns && r->lost.first_gap_ns >= r->start_ns)
		sentence_add(s, ", %s %s", r->lost.gaps > 1 ? "first after" : "after",
			     units_seconds(r->lost.first_gap_ns - r->start_ns).s);
	if (r->lost.reason[IOPF_LOST_RING_FULL] && ring && ring < RING_DEFAULT)
		sentence_add(s, ": leave out --buffer, %s is the default",
			     units_size(RING_DEFAULT).s);
	else if (r->lost.reason[IOPF_LOST_RING_FULL] && ring && ring <= RING_MAX / 4)
		sentence_add(s, ": use --buffer %s", units_size(ring * 4).s);
	else if (r->lost.reason[IOPF_LOST_RING_FULL] && ring >= RING_MAX / 4)
		sentence_add(s, ": iopftrace did not keep up, give it a CPU of its own");
	else if (r->lost.reason[IOPF_LOST_RING_FULL])
		sentence_add(s, ": use a larger --buffer");
	else if (r->lost.reason[IOPF_LOST_CONTEXT])
		sentence_add(s, ": trace fewer tasks at a time, with -p PID");
}

/* Programs that are named; the others are counted. */
#define SKIPPED_MAX 3

/*
 * Names the programs of a set that were skipped and not made good: " (2 of read-exit, 1 of response)". Returns
 * whether there are any.
 */
static bool say_skipped(struct sentence *s, const struct iopf_report *r, uint32_t probes)
{
	struct sentence_list list = { s, ", ", 0 };
	unsigned int more = 0;

	for (unsigned int i = 0; i < IOPF_PROBES; i++) {
		if (!(probes >> i & 1) || !r->misses.left[i])
			continue;
		if (list.nr == SKIPPED_MAX) {
			more++;
			continue;
		}
		if (!list.nr)
			sentence_add(s, " (");
		sentence_next(&list);
		sentence_add(s, "%s of %s", units_count(r->misses.left[i]).s,
			     iopf_probe_name((enum iopf_probe)i));
	}
	if (more)
		sentence_add(s, ", and %u program%s more", more, plural(more));
	if (list.nr)
		sentence_add(s, ")");
	return list.nr;
}

void doubt_say_unproven(struct sentence *s, const struct iopf_report *r,
			const struct iopf_finding *f)
{
	struct sentence skipped = { "", 0 };

	if (say_skipped(&skipped, r, f->rule->relies))
		sentence_add(
			s,
			"the kernel skipped runs of iopftrace's programs%s, which may explain it",
			skipped.s);
	else if (r->lost.reason[IOPF_LOST_CONTEXT])
		sentence_add(
			s, "the calls of tasks without a slot were not seen, which may explain it");
	else if (r->input == IOPF_INPUT_MIXED)
		sentence_add(s, "records of another recording may be among those of this one");
	else if (r->doubt[IOPF_DOUBT_MISSED])
		sentence_add(
			s,
			"the recording does not tell what the kernel skipped, which may explain it");
	else
		sentence_add(s, "what was not seen may refute it");
}

/* Probes that the kernel skipped, but for those that nothing is missing from. */
static void say_missed(struct sentence *s, const struct iopf_report *r)
{
	uint64_t missed = r->lost.probe_misses - r->lost.made_good;
	struct sentence by = { "", 0 };

	say_skipped(&by, r, UINT32_MAX);
	if (!missed) {
		sentence_add(s,
			     "the recording does not tell whether the kernel skipped probe runs: "
			     "it ended before that was written; record again, to the end");
		return;
	}
	sentence_add(
		s,
		"the kernel skipped %s probe run%s%s, so calls are missing: stop other tracers of the "
		"same functions and try again",
		units_count(missed).s, plural(missed), by.s);
}

/* Answers whose giver was not inside any function that is watched. */
static void say_responder(struct sentence *s, const struct iopf_report *r)
{
	uint64_t answers = r->groups.answered_by[IOPF_BY_UNKNOWN];

	sentence_add(s, "%s group%s answered by a caller that is not known", units_count(answers).s,
		     answers == 1 ? " was" : "s were");
	if (r->doubt[IOPF_DOUBT_MISSED])
		sentence_add(s, ": the probe that would have seen it may be one that was skipped");
	else if (r->lost.reason[IOPF_LOST_CONTEXT])
		sentence_add(s, ": its task had no slot, so that its call was not seen");
	else
		sentence_add(s,
			     ": a function of this kernel answers groups that iopftrace does not "
			     "watch; please report it with the kernel's version");
}

/* What a call at the end would decide. */
static const char *words_of_inside(const struct iopf_report *r)
{
	if (!r->unlooked)
		return "a read or a write that had not returned when tracing ended: trace until it "
		       "has returned";
	if (r->continued)
		return "what comes in the next file, which continues this one: check that, too";
	return "whether a read or a write had returned when tracing ended, which this kernel does "
	       "not let iopftrace look for: end what reads before tracing ends";
}

/* Suspicions that stay some. */
static void say_undecided(struct sentence *s, const struct iopf_report *r)
{
	const char *const words[IOPF_UNDECIDEDS] = {
		[IOPF_UNDECIDED_INSIDE] = words_of_inside(r),
		[IOPF_UNDECIDED_BUSY] =
			"what a fault object held when tracing ended, and it was in use just then: "
			"trace until it is not",
		[IOPF_UNDECIDED_SHORT] =
			"why a write stopped short, which its result does not tell: write what is "
			"left again, so that the kernel says why",
		[IOPF_UNDECIDED_ANSWER] = "when a group was answered, and that was not seen",
		[IOPF_UNDECIDED_READS] =
			"what reads returned, and what buffers showed of that does not add up: give "
			"each read a buffer of its own until it has returned",
	};
	struct sentence_list list = { s, "; ", 0 };

	for (int i = 0; i < IOPF_UNDECIDEDS; i++) {
		if (!(r->undecided >> i & 1))
			continue;
		sentence_next(&list);
		sentence_add(s, "what a rule suspects depends on %s", words[i]);
	}
}

/* The probes of a set, by what is missing without them. */
static void say_probes(struct sentence *s, uint32_t probes, const char *what)
{
	struct sentence_list list = { s, ", ", 0 };

	for (unsigned int i = 0; i < IOPF_PROBES; i++) {
		if (!(probes >> i & 1))
			continue;
		sentence_next(&list);
		sentence_add(s, "%s%s", iopf_probe_words((enum iopf_probe)i), what);
	}
}

/*
 * Probes that are not there: since tracing began, which told then what is in their way; since some driver
 * is told by no function that is watched; or because they did not see what others on the same function saw.
 */
static void say_probe(struct sentence *s, const struct iopf_report *r)
{
	const uint32_t driver = 1U << IOPF_PROBE_DRIVER;
	uint32_t first = r->absent_first, later = r->absent & ~first;
	const char *separator = "";

	if (!r->absent)
		sentence_add(s, "a probe that the figures need is not attached");
	if (first) {
		say_probes(s, first, "");
		sentence_add(s, ": standard error told why when tracing began");
		separator = "; ";
	}
	if (later & driver) {
		sentence_add(s,
			     "%sthe driver of a device is told its answers by a function that "
			     "iopftrace does not watch: please report it with the driver's name",
			     separator);
		separator = "; ";
	}
	if (later & ~driver) {
		sentence_add(s, "%s", separator);
		say_probes(s, later & ~driver, " any more, or not always");
		sentence_add(s,
			     ": something took the probe off while tracing (unloading a module, a "
			     "live patch): trace again without that");
	}
}

/* Processes that could not be followed. */
static void say_unfollowed(struct sentence *s, const struct iopf_report *r)
{
	static const char *const words[IOPF_UNFOLLOWED_REASONS + 1] = {
		[IOPF_UNFOLLOWED_FULL] = "since there were as many as the kernel side follows: use "
					 "--system-wide, which follows none",
		[IOPF_UNFOLLOWED_MEMORY] =
			"since the kernel had no memory to note it: free some, raise the limit of "
			"the cgroup (memory.max), or use --system-wide",
		[IOPF_UNFOLLOWED_BUSY] = "since the kernel's table of them was in use just then: "
					 "trace again, or use --system-wide",
		[IOPF_UNFOLLOWED_REASONS] = "for a reason that the recording does not tell: use "
					    "--system-wide",
	};
	struct sentence_list list = { s, "; ", 0 };
	uint64_t untold = r->unfollowed;

	for (int i = 0; i <= IOPF_UNFOLLOWED_REASONS; i++) {
		uint64_t n = i < IOPF_UNFOLLOWED_REASONS ? r->unfollowed_by[i] : untold;

		if (!n)
			continue;
		untold -= n < untold ? n : untold;
		sentence_next(&list);
		sentence_add(
			s,
			"%s process%s of the scope %s not followed, so that what only %s did is "
			"not in the figures, %s",
			units_count(n).s, n == 1 ? "" : "es", n == 1 ? "was" : "were",
			n == 1 ? "it" : "they", words[i]);
	}
}

/* Too little was seen to mean anything. */
static void say_few_groups(struct sentence *s, const struct iopf_report *r)
{
	uint64_t seen = r->groups.enqueued + r->groups.adopted;

	if (seen == 0)
		sentence_add(s, "no group was seen, ");
	else
		sentence_add(s, "only %s group%s seen, ", units_count(seen).s,
			     seen == 1 ? " was" : "s were");
	sentence_add(s, "at least %s wanted", units_count(r->min_groups).s);
	/* Those that are missing may be in the rest of the file. */
	if (r->input != IOPF_INPUT_WHOLE)
		return;
	sentence_add(s, seen ? ": trace longer, or ask for fewer with --min-groups" :
			       ": trace longer, or say --min-groups 0 if none is to be expected");
}

/* What is wrong with a recording. What is missing from it is told with its number. */
static const char *const inputs[IOPF_INPUTS] = {
	[IOPF_INPUT_EARLY] =
		"ends early, behind a whole block: recording was killed, or the rest was "
		"cut off, which the file does not tell: take it from where it was "
		"recorded, or record again, and let it end",
	[IOPF_INPUT_HALF] =
		"ends early, within a block: it was cut off later, or the disk was full "
		"or recording was killed in the middle of writing: take it from where it "
		"was recorded, or record again",
	[IOPF_INPUT_WRITTEN] = "ends early, because it was still being written when it was read: "
			       "wait until it has ended",
	[IOPF_INPUT_DAMAGED] = "is damaged, and was read up to the damage",
	[IOPF_INPUT_NEWER] = "goes on in a way that takes a newer iopftrace to read",
	[IOPF_INPUT_LONGER] = "is followed by something that was not read: give one recording at "
			      "a time",
	[IOPF_INPUT_MALFORMED] = "has records that make no sense, which were left out: it was "
				 "changed since it was recorded; take it from where it was "
				 "recorded, or record again",
	[IOPF_INPUT_MIXED] =
		"goes on with what is of another recording, or not in its place, and was read up "
		"to there; it does not tell which: give one recording at a time, as it was "
		"written",
	[IOPF_INPUT_FOREIGN] =
		"goes on with what is of another recording, and was read up to there: "
		"give one recording at a time",
	[IOPF_INPUT_MISPLACED] =
		"goes on with a part of its own that is not in its place, and was read up to there: "
		"it was changed since it was recorded; take it from where it was recorded, or "
		"record again",
};

/* What was in the file once. */
static void say_missing(struct sentence *s, const struct iopf_report *r)
{
	if (r->lost.missing)
		sentence_add(s, "%s event%s missing from the file", units_count(r->lost.missing).s,
			     r->lost.missing == 1 ? " is" : "s are");
	else if (r->lost.missing_parts)
		sentence_add(s, "parts are missing from the file");
	else
		sentence_add(s, "the file has more events than its end tells of");
	sentence_add(s,
		     ": it was damaged or changed since it was recorded; take it from where it was "
		     "recorded, or record again");
}

/* Why a run that has an end was not seen to it. */
static const char *const ends[] = {
	[IOPF_CUT_UNTOLD] =
		"the end was not seen: the figures are lower bounds; the recording is too "
		"old to tell why",
	[IOPF_CUT_SIGNAL] = "the end was not seen, because tracing was stopped a second time: the "
			    "figures are lower bounds; wait after the first Ctrl-C",
	[IOPF_CUT_LATE] =
		"the end was not seen, because a record that had been begun was not finished "
		"within a second: the figures are lower bounds; the machine was too busy, or "
		"was stopped: trace again",
	[IOPF_CUT_LOSSES] =
		"something was lost for a reason that takes a newer iopftrace to name: the "
		"figures are lower bounds",
};

/* The end is missing, or something before it. */
static void say_cut(struct sentence *s, const struct iopf_report *r)
{
	bool missing = r->lost.missing || r->lost.missing_parts || r->input == IOPF_INPUT_MISSING;

	if (r->input != IOPF_INPUT_WHOLE) {
		if (missing)
			say_missing(s, r);
		if (inputs[r->input])
			sentence_add(s, "%sthe recording %s", missing ? "; and " : "",
				     inputs[r->input]);
		sentence_add(s, "; the figures are of what could be read");
		return;
	}
	sentence_add(s, "%s", ends[r->why_cut]);
}

/* There was no memory for some of it. */
static void say_memory(struct sentence *s, const struct iopf_report *r)
{
	sentence_add(s, "not all that happened ");
	if (r->blind_ns && r->blind_ns >= r->start_ns)
		sentence_add(s, "from %s on ", units_seconds(r->blind_ns - r->start_ns).s);
	sentence_add(s, "was followed, and nothing judged, since ");
	if (r->limits & 1U << IOPF_LIMIT_MEMORY)
		sentence_add(
			s,
			"that took more than %s, the limit of memory: raise --memory-limit, or "
			"trace less at a time, with -p PID",
			units_size(r->memory_limit).s);
	else
		sentence_add(s, "the system had no memory left: free some, or trace less at a "
				"time, with -p PID");
	sentence_add(s, " (%s group%s outstanding at one time)",
		     units_count(r->groups.outstanding_max).s,
		     r->groups.outstanding_max == 1 ? " was" : "s were");
}

/* What there was too much of, what was left out then, and what to do. */
static const struct {
	const char *much, *left_out, *remedy;
} limits[IOPF_LIMITS] = {
	[IOPF_LIMIT_GROUPS] = { "more groups were outstanding at one time than are followed",
				"those above were not", "trace less at a time, with -p PID" },
	[IOPF_LIMIT_OBJECTS] = { "there were more than 131,071 fault objects",
				 "what was done with later ones was not followed, and nothing judged "
				 "from then on",
				 "trace for a shorter time, or less at a time, with -p PID" },
	[IOPF_LIMIT_DEVICES] = { "there were more than 65,535 devices",
				 "later ones were not told apart",
				 "trace for a shorter time, or less at a time, with -p PID" },
	[IOPF_LIMIT_TASKS] = { "more than 1,048,576 tasks read or wrote",
			       "later ones were not told apart",
			       "trace for a shorter time, or less at a time, with -p PID" },
	[IOPF_LIMIT_HANDLES] = { "one attach handle was of more than 64 devices, or detached more than "
				 "64 times with groups outstanding",
				 "what came later of it was not followed",
				 "no kernel does that: see whether the recording was changed" },
	[IOPF_LIMIT_COOKIES] = { "more than 64 groups of one fault object had the same cookie at one "
				 "time",
				 "those above were not found by it",
				 "no kernel does that: see whether the reader's buffer was changed" },
	[IOPF_LIMIT_SUSPICIONS] = { "there were more than 65,535 suspicions that only the end of "
				    "their group decides",
				    "later ones were dropped", "trace for a shorter time" },
	[IOPF_LIMIT_FINDINGS] = { "there were more than 512 findings that only the end of the trace "
				  "decides",
				  "later ones were dropped", "trace for a shorter time" },
	[IOPF_LIMIT_PARKED] = { "more than 65,536 requests waited for the last one of their group",
				"IOPF020 does not know of later ones", "trace for a shorter time" },
	[IOPF_LIMIT_QUEUE] = { "a read returned 0 while many groups were queued whose beginning was "
			       "not seen",
			       "what the kernel saw at the head was not found",
			       "trace from the beginning, or trace longer" },
	[IOPF_LIMIT_HISTOGRAMS] = { "there were many fault objects that CMD did not use at first",
				    "some of their times are in no histogram",
				    "use --system-wide, and filter the report" },
	[IOPF_LIMIT_WRITES] = { "more than 1,024 writes to one fault object were short, and nobody "
				"came back to the rest",
				"IOPF006 does not know of later ones", "trace for a shorter time" },
};

/* The checker left something out. */
static void say_limit(struct sentence *s, const struct iopf_report *r)
{
	struct sentence_list list = { s, "; ", 0 };

	for (unsigned int i = 0; i < IOPF_LIMITS; i++) {
		if (!(r->limits >> i & 1) || !limits[i].much)
			continue;
		sentence_next(&list);
		sentence_add(s, "%s, so that %s: %s", limits[i].much, limits[i].left_out,
			     limits[i].remedy);
	}
	if (!list.nr)
		sentence_add(s, "something was left out, for want of room");
}

/* Our own error, or the kernel's. */
static void say_balance(struct sentence *s, const struct iopf_report *r)
{
	(void)r;
	sentence_add(
		s, "the counts do not add up though nothing was lost: please report this with the "
		   "output of -f json, it is a bug of iopftrace or of the kernel");
}

/* A question of the user's that what was seen does not answer. */
static void say_assertion(struct sentence *s, const struct iopf_report *r)
{
	struct sentence_list list = { s, ", ", 0 };

	sentence_add(s, "nothing was counted that tells whether ");
	for (size_t i = 0; i < r->nr_assertions; i++) {
		if (r->assertions[i].known)
			continue;
		sentence_next(&list);
		sentence_add_text(s, r->assertions[i].expr);
	}
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
	[IOPF_DOUBT_LIMIT] = { "a limit was reached", say_limit },
	[IOPF_DOUBT_BALANCE] = { "the counts do not add up", say_balance },
	[IOPF_DOUBT_ASSERTION] = { "an assertion is open", say_assertion },
	[IOPF_DOUBT_RESPONDER] = { "a responder is not known", say_responder },
	[IOPF_DOUBT_UNDECIDED] = { "a suspicion is undecided", say_undecided },
	[IOPF_DOUBT_UNFOLLOWED] = { "processes were not followed", say_unfollowed },
	[IOPF_DOUBT_MEMORY] = { "memory was short", say_memory },
};

_Static_assert(ARRAY_SIZE(doubts) == IOPF_DOUBTS, "a doubt has no sentence");

enum iopf_doubt doubts_next(const struct iopf_report *r, unsigned int *i)
{
	bool first = r->input != IOPF_INPUT_WHOLE && r->doubt[IOPF_DOUBT_CUT];

	for (; *i <= IOPF_DOUBTS; (*i)++) {
		enum iopf_doubt doubt = *i ? (enum iopf_doubt)(*i - 1) : IOPF_DOUBT_CUT;
		bool again = doubt == IOPF_DOUBT_CUT && first == (*i != 0);

		if (!r->doubt[doubt] || again)
			continue;
		(*i)++;
		return doubt;
	}
	return IOPF_DOUBTS;
}

void doubt_say(struct sentence *s, const struct iopf_report *r, enum iopf_doubt doubt)
{
	doubts[doubt].say(s, r);
}

void doubts_say_brief(struct sentence *s, const struct iopf_report *r)
{
	struct sentence_list list = { s, ", ", 0 };
	enum iopf_doubt doubt;
	unsigned int i = 0;

	while ((doubt = doubts_next(r, &i)) != IOPF_DOUBTS) {
		sentence_next(&list);
		sentence_add(s, "%s",
			     doubt != IOPF_DOUBT_CUT || r->input == IOPF_INPUT_WHOLE ?
				     doubts[doubt].brief :
			     r->lost.missing ? "events are missing from the file" :
					       "the recording is incomplete");
	}
}
